/* refine/stencil.h - weights of a derivative on evenly spaced points. Private. */
#ifndef LERAY_REFINE_STENCIL_H
#define LERAY_REFINE_STENCIL_H

#define LERAY_STENCIL_ORDER 12 /* largest */

/* d/dt at point `at` of `n` points h apart: sum_i weight[i] f(first + i), i = 0 .. order, exact for
   polynomials of degree `order`, order in [1, LERAY_STENCIL_ORDER] and < n. The points are centred
   around `at` where the ends allow it. */
void leray_stencil(int n, int at, int order, double h, int *first, double *weight);

#endif
