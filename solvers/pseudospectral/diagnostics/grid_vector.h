/* solvers/pseudospectral/diagnostics/grid_vector.h - the velocity of a flow, or its curl, at the points of the grid:
   a pair of rows at a time, through the passes of the integrator. Private. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_GRID_VECTOR_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_GRID_VECTOR_H

#include "solvers/pseudospectral/engine/view.h"

typedef struct leray_grid_vector {
    const leray_spectral_view *view;
    const leray_box *box;
    int lines;              /* of one thread */
    double complex *line;   /* [threads, fields + ndim, pitch] */
    double complex **table; /* [threads, fields + ndim] */
} leray_grid_vector;

/* Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_grid_vector_init(leray_grid_vector *vector,
                                                    const leray_spectral_view *view);
void leray_grid_vector_fini(leray_grid_vector *vector); /* accepts a zeroed one */

/* Components of the curl: 1 in two dimensions, 3 in three. */
int leray_grid_vector_curls(const leray_grid_vector *vector);

/* `work` gets the components of the present velocity, or of its curl, as `in`; out is empty. Does not
   allocate. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_grid_vector_velocity(leray_grid_vector *vector,
                                                        leray_row_work *work, void *self);
LERAY_NODISCARD leray_status leray_grid_vector_curl(leray_grid_vector *vector, leray_row_work *work,
                                                    void *self);

#endif
