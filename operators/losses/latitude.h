/* operators/losses/latitude.h - weights of a latitude-longitude grid. Private.

   Latitudes run along the y axis, the last but one, from pole to pole:

     cells   phi_j = -90 + 180 (j + 1/2) / n        nodes   phi_j = -90 + 180 j / (n - 1)

   in degrees; the weight of a point is cos(phi_j), divided by the mean of that over j. */
#ifndef LERAY_OPERATORS_LATITUDE_H
#define LERAY_OPERATORS_LATITUDE_H

#include "core/error.h"
#include <leray/impl/grid.h>

typedef enum leray_latitude {
    LERAY_LATITUDE_NONE,
    LERAY_LATITUDE_CELLS,
    LERAY_LATITUDE_NODES
} leray_latitude;

/* "none", "cells", "nodes", NULL: the choices of a config key, in the enum's order. */
extern const char *const leray_latitudes[];

/* Errors: CONFIG if the grid has no y axis, or too few points along it. */
LERAY_NODISCARD leray_status leray_latitude_accepts(leray_latitude kind, const leray_extents *grid);

/* Of row j of n; their mean is 1. */
double leray_latitude_weight(leray_latitude kind, int n, int j);

#endif
