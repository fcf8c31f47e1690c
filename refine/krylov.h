/* refine/krylov.h - the linear problem of a step: d that makes |A d - b| small, A the derivative of a
   problem. Private.

     bicgstab   BiCGStab(2) (G. L. G. Sleijpen, D. R. Fokkema, ETNA 1 (1993) 11; PETSc's KSPBCGSL), for as
                many equations as unknowns: A alone, a dozen vectors. Where it breaks down, LSQR takes over.
     lsqr       C. C. Paige, M. A. Saunders, ACM TOMS 8 (1982) 43; PETSc's KSPLSQR: A and its adjoint.

   Frames make A = 1 + K, with K advection summed up over the past, and powers of such a K fall faster than
   geometrically: methods that multiply by A alone use that. LSQR works with A* A, in which that is lost:
   iterations of either cost two products, and LSQR wants many times as many for d of the same accuracy. */
#ifndef LERAY_REFINE_KRYLOV_H
#define LERAY_REFINE_KRYLOV_H

#include "refine/problem.h"

typedef struct leray_krylov leray_krylov;

/* `problem` is borrowed. Errors: ARG (bicgstab, and not as many equations as unknowns), UNSUPPORTED (more
   of them than PETSc's integers count), EXTERNAL. */
LERAY_NODISCARD leray_status leray_krylov_create(const leray_refine_problem *problem,
                                                 leray_krylov_method method, leray_krylov **out);
void leray_krylov_destroy(leray_krylov **krylov); /* accepts a pointer to NULL */

/* b [equations], d [unknowns]. At most `iterations`, fewer once the norm has fallen by `tolerance`.
   *left is the norm that is left by that of the beginning; d is 0 and *left 1 where no d makes it smaller.
   Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_krylov_solve(leray_krylov *krylov, const double *b,
                                                int iterations, double tolerance, double *d,
                                                int *taken, double *left);

#endif
