/* solvers/walls/axis.h - an axis divided into cells, even or finer towards its ends. Private to solvers/walls/.

   Cell i lies between face i and face i + 1. With stretching s > 0 faces are

     x_i = L/2 (1 + tanh(s (2 i/n - 1)) / tanh(s)),

   so that cells at both ends are smaller than those in the middle by 1 / cosh(s)^2, about. Beyond each end lies
   a ghost cell: of a periodic axis the cell at the other end, else the mirror image of the first one. */
#ifndef LERAY_SOLVERS_WALLS_AXIS_H
#define LERAY_SOLVERS_WALLS_AXIS_H

#include "core/mem.h"

#include <stdbool.h>

typedef struct walls_axis {
    int n;
    double length;
    bool periodic, even;
    double *face;   /* [n + 1] */
    double *centre; /* [n] */
    double *width;  /* [n + 2] of cells; cell i at i + 1, ghosts at 0 and n + 1 */
    double *gap;    /* [n + 1] between the centres on either side of face i */
    double *inverse_width, *inverse_gap;
} walls_axis;

/* Errors: MEMORY. Call fini whatever comes back; accepts a zeroed one. */
LERAY_NODISCARD leray_status walls_axis_init(walls_axis *axis, int n, double length, double stretch,
                                             bool periodic);
void walls_axis_fini(walls_axis *axis);

#endif
