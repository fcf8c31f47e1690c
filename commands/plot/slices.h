/* commands/plot/slices.h - planes through a periodic velocity field, with what its derivatives make. Private. */
#ifndef LERAY_COMMANDS_PLOT_SLICES_H
#define LERAY_COMMANDS_PLOT_SLICES_H

#include "core/error.h"
#include <leray/grid.h>

/* Of a velocity [ndim components, points..] on a periodic grid of even points, components
   in the order of the axes (z, y, x), in the plane `plane` of the slowest axis; in two dimensions in
   the whole field, plane = 0. vorticity: its magnitude, in two dimensions dv/dx - du/dy. q: (|W|^2 -
   |S|^2)/2 of the rotation and strain rate (J. C. R. Hunt, A. A. Wray, P. Moin, CTR-S88 (1988) 193),
   positive in vortices. Derivatives are the spectral ones. Errors: ARG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_velocity_slices(const leray_grid *grid, const double *velocity,
                                                   int plane, float *vorticity, float *q);

#endif
