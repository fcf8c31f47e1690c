/* solvers/walls/poisson.h - the pressure of a box, solved directly. Private to solvers/walls/.

   Finds p with  div grad p = f  in cells, where grad p is 0 through every side that is not periodic:

     (p_e - p) / (g_e w) - (p - p_w) / (g_w w) + the same along y = f,

   w being the width of the cell and g the distance to the neighbour's centre. Along x p is written in the
   eigenvectors of its part of the operator, which for an even axis are cosines, cos(pi k (i + 1/2) / n), or, where it is
   periodic, exp(2 pi i k j / n). What is left is one tridiagonal system along y for each of them, solved by
   elimination (Hockney 1965; Schumann and Sweet 1976). For cosines, two rows are the real and the imaginary part of
   one complex transform of length n (poisson.c). An uneven x axis has eigenvectors without a fast transform: two
   products with a dense matrix.

   f must have the mean 0 over the box (weighted by the area of cells); p then has the mean 0 along the first row. */
#ifndef LERAY_SOLVERS_WALLS_POISSON_H
#define LERAY_SOLVERS_WALLS_POISSON_H

#include "solvers/walls/axis.h"

typedef struct walls_poisson walls_poisson;

/* The axes must outlive it. Errors: MEMORY, EXTERNAL (no plan; eigenvectors not found). */
LERAY_NODISCARD leray_status walls_poisson_create(const walls_axis *x, const walls_axis *y,
                                                  walls_poisson **out);
void walls_poisson_destroy(walls_poisson **poisson); /* accepts a pointer to NULL */

/* f [ny, nx], replaced by p. Uses the threads of leray_threads; their number changes no bit. */
void walls_poisson_solve(walls_poisson *poisson, double *f);

#endif
