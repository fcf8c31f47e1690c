/* refine/problem.h - min over x of |r(x)|^2, as Gauss-Newton, its linear solvers and optimizers see it.
   Private.

   x and r are reals, and x begins at zero. r is quadratic in x, weighed such that |r| is the norm of H^-1 over
   the frames, and x is scaled such that the derivative A of r by x is near an isometry: few iterations
   of a linear solver suffice. */
#ifndef LERAY_REFINE_PROBLEM_H
#define LERAY_REFINE_PROBLEM_H

#include "refine/residual.h"

typedef struct leray_refine_problem {
    void *self;
    size_t unknowns, equations;
    void (*move)(void *self, const double *x); /* r and A are those at x from now on */
    void (*residual)(void *self, double *r);
    void (*measure)(void *self, leray_residual_norms *out);
    void (*tangent)(void *self, const double *d, double *out); /* A d */
    void (*adjoint)(void *self, const double *l, double *out); /* A* l */
    double (*change)(void *self, const double *d);             /* |frames that d adds| / |frames| */
} leray_refine_problem;

#endif
