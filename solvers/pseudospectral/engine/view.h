/* solvers/pseudospectral/engine/view.h - what a pseudo-spectral solver shows of itself: to diagnostics, to state
   files, to filtered frames. Private.

   The order of vector components is x, y(, z) everywhere here; frames have it too, as fields
   velocity_x, velocity_y, velocity_z. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_VIEW_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_VIEW_H

#include "solvers/pseudospectral/engine/integrator.h"

typedef struct leray_spectral_view {
    leray_integrator *integrator; /* its state, passes and box */
    void *self;
    const char *const *field; /* [fields of the state], C identifiers, e.g. "vorticity" */

    /* Velocity lines [ndim] of a state's column, without a uniform mean flow. */
    void (*velocity)(void *self, const leray_column *column, double complex *const *state,
                     double complex *const *u);
    /* The part of a tendency [fields] that changes the velocity [ndim]. */
    void (*acceleration)(void *self, const leray_column *column, double complex *const *change,
                         double complex *const *a);
    /* Viscous part of the damping: the rate at which |u(k)|^2 falls is 2 viscous(k) |u(k)|^2. */
    void (*viscous)(void *self, const leray_column *column, double *rate);
    /* OPTIONAL. Sub-grid part of the tendency of the present state, into `out` [fields]. */
    leray_status (*subgrid)(void *self, leray_modes *out);
    bool subgrid_is_source; /* it acts mode by mode and is no part of leray_integrator_tendency */
    /* Viscosity for scales and Reynolds numbers; 0 where there is none. */
    double (*viscosity)(void *self);

    /* Numbers besides the modes that a bit-exact restart needs. */
    int numbers;
    double *number;
} leray_spectral_view;

#endif
