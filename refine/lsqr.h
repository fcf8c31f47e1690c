/* refine/lsqr.h - the linear least squares problem of a Gauss-Newton step. Private.

     min over d of |W (J d - b)|,   W: the weights of H^-1

   by LSQR (C. C. Paige, M. A. Saunders, ACM TOMS 8 (1982) 43; PETSc's KSPLSQR) in the variable x of
   d = P W^-1 x, so that the operator W J P W^-1 is the identity plus what advection adds. */
#ifndef LERAY_REFINE_LSQR_H
#define LERAY_REFINE_LSQR_H

#include "refine/residual.h"

typedef struct leray_lsqr leray_lsqr;

/* `residual` is borrowed. Errors: UNSUPPORTED (more unknowns than PETSc's integers count), EXTERNAL. */
LERAY_NODISCARD leray_status leray_lsqr_create(const leray_residual *residual, leray_lsqr **out);
void leray_lsqr_destroy(leray_lsqr **lsqr); /* accepts a pointer to NULL */

/* b and d [frames, modes]. At most `iterations`, fewer once the norm has fallen by `tolerance`.
   *left is the norm that is left by that of the beginning. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_lsqr_solve(leray_lsqr *lsqr, const double complex *b,
                                              int iterations, double tolerance, double complex *d,
                                              int *taken, double *left);

#endif
