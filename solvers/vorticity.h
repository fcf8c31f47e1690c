/* solvers/vorticity.h - the equation of a two-dimensional flow, mode by mode, for those who measure
   how well given fields satisfy it. Private.

     dw_k/dt + (u . grad w)_k = linear(k) w_k + force_k,   u = (d psi/dy, -d psi/dx), -laplace psi = w

   of the vorticity w on a periodic box, with coefficients divided by the number of points. Advection
   by a uniform mean flow, damping and the beta effect are in linear(k), so that u has no mean; the
   force is steady. Wavenumbers are whole: the mode (j, i) is exp(2 pi i (j y/Ly + i x/Lx)). */
#ifndef LERAY_SOLVERS_VORTICITY_H
#define LERAY_SOLVERS_VORTICITY_H

#include "core/error.h"

#include <complex.h>

typedef struct leray_vorticity_equation {
    double length[2]; /* of y and x */
    int top[2];       /* largest wavenumbers that the solver keeps */
    void *self;       /* the solver */
    /* linear and force of the modes (-top, i) .. (top, i), [2 top + 1] each; top and i are not beyond
       those above. Errors: MEMORY. */
    leray_status (*column)(void *self, int i, int top, double complex *linear,
                           double complex *force);
} leray_vorticity_equation;

#endif
