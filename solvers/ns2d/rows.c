/* solvers/ns2d/rows.c - the passes over rows: inverse transform along x, the product in physical
   space, forward transform back, one row at a time so that physical space never leaves the cache.

   z = u + i v carries both velocities through one complex transform, and its square both products:
   z^2 = (u^2 - v^2) + 2 i u v.  Columns with |kx| > top_x are zero on the way in and not wanted on
   the way out. */
#include "solvers/ns2d/ns2d.h"

#include "core/threads.h"

#include <math.h>
#include <omp.h>
#include <string.h>

size_t ns2d_rows_scratch(const ns2d *s) { return 3 * (size_t)((s->nx + 7) / 4 * 4); }

int ns2d_threads(const ns2d *s)
{
    int n = leray_threads();

    return n < s->threads ? n : s->threads;
}

double complex *ns2d_scratch(const ns2d *s, int thread)
{
    return s->scratch + (size_t)thread * s->scratch_size;
}

/* The middle of `line` stays as it is: zero. */
static void spread(const ns2d *s, const double complex *z, double complex *line)
{
    size_t top = (size_t)s->top_x;

    memcpy(line, z, (top + 1) * sizeof *z);
    memcpy(line + s->nx - top, z + s->zero - top, top * sizeof *z);
}

static void gather(const ns2d *s, const double complex *line, double complex *z)
{
    size_t top = (size_t)s->top_x;

    memcpy(z, line, (top + 1) * sizeof *z);
    memcpy(z + s->zero - top, line + s->nx - top, top * sizeof *z);
    z[s->zero] = line[0];
}

static void square(int n, double *z)
{
    for (int i = 0; i < n; i++) {
        double u = z[2 * i], v = z[2 * i + 1];

        z[2 * i] = (u - v) * (u + v);
        z[2 * i + 1] = 2 * u * v;
    }
}

static inline double speed_of(double per_dx, double per_dy, const double *z)
{
    return per_dx * fabs(z[0]) + per_dy * fabs(z[1]);
}

/* Four running maxima, because one would wait for itself. */
static double fastest(const ns2d *s, const double *z)
{
    double per_dx = s->nx / s->length_x, per_dy = s->ny / s->length_y, max[4] = {0};
    int i = 0;

    for (; i + 4 <= s->nx; i += 4)
        for (int j = 0; j < 4; j++) {
            double speed = speed_of(per_dx, per_dy, z + 2 * (i + j));

            max[j] = speed > max[j] ? speed : max[j];
        }
    for (; i < s->nx; i++) max[0] = fmax(max[0], speed_of(per_dx, per_dy, z + 2 * i));
    return fmax(fmax(max[0], max[1]), fmax(max[2], max[3]));
}

static void one_row(ns2d *s, ns2d_product product, int row, double complex *line)
{
    size_t n = (size_t)((s->nx + 7) / 4 * 4);
    double complex *z = s->z + (size_t)row * (size_t)s->z_pitch;
    double complex *physical = line + n, *back = physical + n;

    spread(s, z, line);
    leray_fft_lines_inverse(s->fft_x, line, physical);
    if (product == NS2D_REAL_PART) {
        double *out = s->vorticity + (size_t)row * (size_t)s->nx;

        for (int i = 0; i < s->nx; i++) out[i] = ((double *)physical)[2 * i];
        return;
    }
    if (product == NS2D_SQUARE_AND_SPEED) s->speed[row] = fastest(s, (double *)physical);
    square(s->nx, (double *)physical);
    leray_fft_lines_forward_raw(s->fft_x, physical, back);
    gather(s, back, z);
}

void ns2d_row_pass(ns2d *s, ns2d_product product)
{
#pragma omp parallel for schedule(static) num_threads(ns2d_threads(s))
    for (int row = 0; row < s->ny; row++)
        one_row(s, product, row, ns2d_scratch(s, omp_get_thread_num()) + ns2d_columns_scratch(s));
}
