/* data/frame_norms.c - see data/frame_norms.h. */
#include "data/frame_norms.h"

#include "core/fft.h"
#include "core/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POWERS = 3 }; /* s = 0, 1, -1 */

struct leray_frame_norms {
    int n[2];
    double length[2];
    leray_fft *fft;
    double *values;
    double complex *a, *b; /* modes [n[0], n[1]/2 + 1] */
};

leray_status leray_frame_norms_create(const int n[2], const double length[2],
                                      leray_frame_norms **out)
{
    leray_frame_norms *s;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    s = *out;
    memcpy(s->n, n, sizeof s->n);
    memcpy(s->length, length, sizeof s->length);
    status = leray_fft_create(2, n, 1, &s->fft);
    if (!status) status = LERAY_ALLOC(&s->values, leray_fft_points(s->fft));
    if (!status) status = LERAY_ALLOC(&s->a, leray_fft_coefficients(s->fft));
    if (!status) status = LERAY_ALLOC(&s->b, leray_fft_coefficients(s->fft));
    if (status) leray_frame_norms_destroy(out);
    return status;
}

void leray_frame_norms_destroy(leray_frame_norms **norms)
{
    leray_frame_norms *s = *norms;

    if (!s) return;
    leray_mem_free(s->b);
    leray_mem_free(s->a);
    leray_mem_free(s->values);
    leray_fft_destroy(&s->fft);
    leray_mem_free(s);
    *norms = NULL;
}

static void transform(leray_frame_norms *s, const float *frame, double complex *hat)
{
    for (size_t i = 0; i < leray_fft_points(s->fft); i++) s->values[i] = frame[i];
    leray_fft_forward(s->fft, s->values, hat);
}

static int wavenumber(int n, int row) { return row <= n / 2 ? row : row - n; }

static double square(double complex z) { return creal(z) * creal(z) + cimag(z) * cimag(z); }

/* The mode stands for its conjugate too, except on the planes that are their own. */
static double multiplicity(const leray_frame_norms *s, int i)
{
    return i == 0 || 2 * i == s->n[1] ? 1 : 2;
}

static double k_squared(const leray_frame_norms *s, int j, int i)
{
    double ky = 2 * M_PI * j / s->length[0], kx = 2 * M_PI * i / s->length[1];

    return kx * kx + ky * ky;
}

static void add(double sum[POWERS], double weight, double k2, double square_of_mode)
{
    sum[0] += weight * square_of_mode;
    sum[1] += weight * (1 + k2) * square_of_mode;
    sum[2] += weight / (1 + k2) * square_of_mode;
}

/* The mode (j, i) of the coarser grid; its last ones stand for two and are left out. */
static double complex coarse_mode(const leray_frame_norms *c, int j, int i)
{
    size_t row = (size_t)(j < 0 ? j + c->n[0] : j);

    if (2 * abs(j) >= c->n[0] || 2 * i >= c->n[1]) return 0;
    return c->a[row * (size_t)(c->n[1] / 2 + 1) + (size_t)i];
}

/* Adds one frame, in s->b the truth and in `from` (s itself or a coarser one) what is compared. */
static void add_frame(const leray_frame_norms *s, const leray_frame_norms *from,
                      double error[POWERS], double norm[POWERS])
{
    int columns = s->n[1] / 2 + 1;

    for (int row = 0; row < s->n[0]; row++)
        for (int i = 0; i < columns; i++) {
            int j = wavenumber(s->n[0], row);
            size_t at = (size_t)row * (size_t)columns + (size_t)i;
            double complex mode = from == s ? s->a[at] : coarse_mode(from, j, i);
            double k2 = k_squared(s, j, i), weight = multiplicity(s, i);

            add(error, weight, k2, square(mode - s->b[at]));
            add(norm, weight, k2, square(s->b[at]));
        }
}

void leray_frame_norms_compare_on(leray_frame_norms *s, leray_frame_norms *coarse, int count,
                                  const float *frames, const float *truth, leray_frame_errors *out)
{
    size_t size = leray_fft_points(coarse->fft), whole = leray_fft_points(s->fft);
    double error[POWERS] = {0}, norm[POWERS] = {0};

    out->end = NAN;
    for (int m = 0; m < count; m++) {
        double e[POWERS] = {0}, w[POWERS] = {0};

        transform(s, truth + (size_t)m * whole, s->b);
        transform(coarse, frames + (size_t)m * size, coarse->a);
        add_frame(s, coarse, e, w);
        for (int p = 0; p < POWERS; p++) error[p] += e[p], norm[p] += w[p];
        out->end = sqrt(e[0] / w[0]);
    }
    out->l2 = sqrt(error[0] / norm[0]);
    out->h1 = sqrt(error[1] / norm[1]);
    out->h_minus_1 = sqrt(error[2] / norm[2]);
}

void leray_frame_norms_compare(leray_frame_norms *s, int count, const float *frames,
                               const float *truth, leray_frame_errors *out)
{
    leray_frame_norms_compare_on(s, s, count, frames, truth, out);
}

int leray_frame_norms_shells(const leray_frame_norms *s)
{
    return (s->n[0] < s->n[1] ? s->n[0] : s->n[1]) / 2 + 1;
}

void leray_frame_norms_energy(leray_frame_norms *s, const float *frame, double *shell)
{
    int columns = s->n[1] / 2 + 1, shells = leray_frame_norms_shells(s);

    transform(s, frame, s->a);
    memset(shell, 0, (size_t)shells * sizeof *shell);
    for (int row = 0; row < s->n[0]; row++)
        for (int i = 0; i < columns; i++) {
            int j = wavenumber(s->n[0], row);
            int at = (int)(hypot(j, i) + 0.5);

            if ((j || i) && at < shells)
                shell[at] += multiplicity(s, i) *
                             square(s->a[(size_t)row * (size_t)columns + (size_t)i]) /
                             (2 * k_squared(s, j, i));
        }
}
