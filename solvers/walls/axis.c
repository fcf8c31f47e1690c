/* solvers/walls/axis.c - see solvers/walls/axis.h. */
#include "solvers/walls/axis.h"

#include <math.h>

static leray_status allocate(walls_axis *a)
{
    size_t n = (size_t)a->n;

    LERAY_TRY(LERAY_ALLOC(&a->face, n + 1));
    LERAY_TRY(LERAY_ALLOC(&a->centre, n));
    LERAY_TRY(LERAY_ALLOC(&a->width, n + 2));
    LERAY_TRY(LERAY_ALLOC(&a->inverse_width, n + 2));
    LERAY_TRY(LERAY_ALLOC(&a->gap, n + 1));
    return LERAY_ALLOC(&a->inverse_gap, n + 1);
}

leray_status walls_axis_init(walls_axis *a, int n, double length, double stretch, bool periodic)
{
    a->n = n, a->length = length, a->periodic = periodic, a->even = stretch == 0;
    LERAY_TRY(allocate(a));
    for (int i = 0; i <= n; i++) {
        double s = 2.0 * i / n - 1;

        a->face[i] = length / 2 * (1 + (a->even ? s : tanh(stretch * s) / tanh(stretch)));
    }
    for (int i = 0; i < n; i++) {
        a->centre[i] = (a->face[i] + a->face[i + 1]) / 2;
        a->width[i + 1] = a->even ? length / n : a->face[i + 1] - a->face[i];
    }
    a->width[0] = a->width[periodic ? n : 1];
    a->width[n + 1] = a->width[periodic ? 1 : n];
    for (int i = 0; i < n + 2; i++) a->inverse_width[i] = 1 / a->width[i];
    for (int i = 0; i <= n; i++) {
        a->gap[i] = (a->width[i] + a->width[i + 1]) / 2;
        a->inverse_gap[i] = 1 / a->gap[i];
    }
    return LERAY_OK;
}

void walls_axis_fini(walls_axis *a)
{
    leray_mem_free(a->inverse_gap);
    leray_mem_free(a->gap);
    leray_mem_free(a->inverse_width);
    leray_mem_free(a->width);
    leray_mem_free(a->centre);
    leray_mem_free(a->face);
}
