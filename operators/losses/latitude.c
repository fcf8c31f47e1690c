/* operators/losses/latitude.c - see operators/losses/latitude.h. The means of the cosines in closed form: with
   h = pi / (2 n) the cells have 1 / (n sin h), with h = pi / (2 (n - 1)) the nodes have
   cot(h) / n. */
#include "operators/losses/latitude.h"

#include <math.h>
#include <stddef.h>

#define HALF_PI 1.57079632679489661923

const char *const leray_latitudes[] = {"none", "cells", "nodes", NULL};

leray_status leray_latitude_accepts(leray_latitude kind, const leray_extents *grid)
{
    int n = grid->ndim > 1 ? grid->n[grid->ndim - 2] : 0,
        least = kind == LERAY_LATITUDE_NODES ? 3 : 1;

    LERAY_CHECK(n >= least, LERAY_ERR_CONFIG,
                "latitude: %s needs a y axis of at least %d points, the grid has %d",
                leray_latitudes[kind], least, n);
    return LERAY_OK;
}

double leray_latitude_weight(leray_latitude kind, int n, int j)
{
    double h = HALF_PI / (kind == LERAY_LATITUDE_CELLS ? n : n - 1);

    if (kind == LERAY_LATITUDE_NONE) return 1;
    if (kind == LERAY_LATITUDE_CELLS) return sin((2 * j + 1) * h) * n * sin(h);
    return sin(2 * j * h) * n * tan(h);
}
