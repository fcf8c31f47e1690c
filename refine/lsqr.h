/* refine/lsqr.h - the linear least squares problem of a Gauss-Newton step. Private.

     min over d of |A d - b|

   by LSQR (C. C. Paige, M. A. Saunders, ACM TOMS 8 (1982) 43; PETSc's KSPLSQR). */
#ifndef LERAY_REFINE_LSQR_H
#define LERAY_REFINE_LSQR_H

#include "refine/problem.h"

typedef struct leray_lsqr leray_lsqr;

/* `problem` is borrowed. Errors: UNSUPPORTED (more unknowns or equations than PETSc's integers count),
   EXTERNAL. */
LERAY_NODISCARD leray_status leray_lsqr_create(const leray_refine_problem *problem,
                                               leray_lsqr **out);
void leray_lsqr_destroy(leray_lsqr **lsqr); /* accepts a pointer to NULL */

/* b [equations], d [unknowns]. At most `iterations`, fewer once the norm has fallen by `tolerance`.
   *left is the norm that is left by that of the beginning. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_lsqr_solve(leray_lsqr *lsqr, const double *b, int iterations,
                                              double tolerance, double *d, int *taken,
                                              double *left);

#endif
