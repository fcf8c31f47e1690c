/* commands/plot/slices.c - see commands/plot/slices.h. */
#include "commands/plot/slices.h"

#include "core/fft.h"
#include "core/grid.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

typedef struct gradient {
    int ndim, n[3];
    double length[3];
    size_t points, plane_points;
    leray_fft *fft;
    double *field;              /* [points] */
    double complex *hat, *work; /* [coefficients] */
    double *slice;              /* [component, axis, plane_points] */
} gradient;

/* i k along `axis`; the highest wavenumber of an even grid has no derivative. */
static void differentiate(const gradient *g, int axis)
{
    int half = g->n[g->ndim - 1] / 2 + 1, extent[3] = {1, 1, 1}, at[3];
    size_t c = 0;

    for (int i = 0; i < g->ndim; i++) extent[3 - g->ndim + i] = g->n[i];
    extent[2] = half;
    for (at[0] = 0; at[0] < extent[0]; at[0]++)
        for (at[1] = 0; at[1] < extent[1]; at[1]++)
            for (at[2] = 0; at[2] < extent[2]; at[2]++, c++) {
                int j = at[3 - g->ndim + axis], n = g->n[axis];
                int k = 2 * j == n ? 0 : 2 * j > n ? j - n : j;

                g->work[c] = g->hat[c] * (I * (TWO_PI * k / g->length[axis]));
            }
}

static void make_slices(gradient *g, const double *velocity, int plane)
{
    for (int c = 0; c < g->ndim; c++) {
        memcpy(g->field, velocity + (size_t)c * g->points, g->points * sizeof *g->field);
        leray_fft_forward(g->fft, g->field, g->hat);
        for (int axis = 0; axis < g->ndim; axis++) {
            double *to = g->slice + (size_t)(c * g->ndim + axis) * g->plane_points;

            differentiate(g, axis);
            leray_fft_inverse(g->fft, g->work, g->field);
            memcpy(to, g->field + (size_t)plane * g->plane_points, g->plane_points * sizeof *to);
        }
    }
}

/* d u_c / d x_a at a point. */
static double at(const gradient *g, int c, int a, size_t i)
{
    return g->slice[(size_t)(c * g->ndim + a) * g->plane_points + i];
}

static double vorticity_at(const gradient *g, size_t i)
{
    double sum = 0;

    /* Components and axes in the order y, x: dv/dx - du/dy. */
    if (g->ndim == 2) return at(g, 0, 1, i) - at(g, 1, 0, i);
    for (int c = 0; c < 3; c++) {
        double w = at(g, c, (c + 1) % 3, i) - at(g, (c + 1) % 3, c, i);

        sum += w * w;
    }
    return sqrt(sum);
}

/* |W|^2 - |S|^2 = - sum A_ca A_ac. */
static double q_at(const gradient *g, size_t i)
{
    double sum = 0;

    for (int c = 0; c < g->ndim; c++)
        for (int a = 0; a < g->ndim; a++) sum += at(g, c, a, i) * at(g, a, c, i);
    return -sum / 2;
}

static leray_status make(gradient *g, const double *velocity, int plane)
{
    size_t coefficients;

    LERAY_TRY(leray_fft_create(g->ndim, g->n, 1, &g->fft));
    coefficients = leray_fft_coefficients(g->fft);
    LERAY_TRY(LERAY_ALLOC(&g->field, g->points));
    LERAY_TRY(LERAY_ALLOC(&g->hat, coefficients));
    LERAY_TRY(LERAY_ALLOC(&g->work, coefficients));
    LERAY_TRY(LERAY_ALLOC(&g->slice, (size_t)(g->ndim * g->ndim) * g->plane_points));
    make_slices(g, velocity, plane);
    return LERAY_OK;
}

leray_status leray_velocity_slices(const leray_grid *grid, const double *velocity, int plane,
                                   float *vorticity, float *q)
{
    int planes = grid->ndim == 3 ? grid->axis[0].n : 1;
    gradient g = {.ndim = grid->ndim, .points = leray_grid_points(grid)};
    leray_status status;

    LERAY_CHECK(grid->ndim == 2 || grid->ndim == 3, LERAY_ERR_ARG, "%d dimensions, allowed: 2, 3",
                grid->ndim);
    LERAY_CHECK(plane >= 0 && plane < planes, LERAY_ERR_ARG, "plane %d of %d", plane, planes);
    LERAY_TRY(leray_grid_need_periodic(grid, "a spectral derivative"));
    for (int i = 0; i < grid->ndim; i++)
        g.n[i] = grid->axis[i].n, g.length[i] = grid->axis[i].length;
    g.plane_points = g.points / (size_t)planes;
    status = make(&g, velocity, plane);
    for (size_t i = 0; i < g.plane_points && !status; i++) {
        vorticity[i] = (float)vorticity_at(&g, i);
        q[i] = (float)q_at(&g, i);
    }
    leray_mem_free(g.slice);
    leray_mem_free(g.work);
    leray_mem_free(g.hat);
    leray_mem_free(g.field);
    leray_fft_destroy(&g.fft);
    return status;
}
