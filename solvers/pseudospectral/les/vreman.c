/* solvers/pseudospectral/les/vreman.c - A. W. Vreman, Phys. Fluids 16 (2004) 3670, eqs. 5 to 8. With a_ij = d_i u_j and
   b_ij = Delta^2 a_mi a_mj,

       nu_t = c sqrt(B/(a_ij a_ij)),
       B = b_11 b_22 - b_12^2 + b_11 b_33 - b_13^2 + b_22 b_33 - b_23^2,

   with one Delta for all directions. c = 0.07 is 2.5 C_s^2 for C_s = 0.17; it is not squared. B is the
   sum of the squares of all 2 x 2 minors of a times Delta^4: never negative but for rounding, and zero
   where a has rank one, as in a plane shear. nu_t is taken as zero where there is no gradient. */
#include "solvers/pseudospectral/les/eddy.h"

#include <float.h>
#include <math.h>

/* nu_t/(c Delta^2) of point i. b_ij without Delta^2 is the product of columns i and j of a, which are
   the gradients of u_i and of u_j. */
static inline double scale_at(leray_gradient_rows g, int i)
{
    double g11 = g.g11[i], g22 = g.g22[i], g33 = -(g11 + g22);
    double g12 = g.g12[i], g21 = g.g21[i], g13 = g.g13[i], g31 = g.g31[i], g23 = g.g23[i],
           g32 = g.g32[i];
    double b11 = g11 * g11 + g12 * g12 + g13 * g13, b22 = g21 * g21 + g22 * g22 + g23 * g23,
           b33 = g31 * g31 + g32 * g32 + g33 * g33;
    double b12 = g11 * g21 + g12 * g22 + g13 * g23, b13 = g11 * g31 + g12 * g32 + g13 * g33,
           b23 = g21 * g31 + g22 * g32 + g23 * g33;
    double b = b11 * b22 - b12 * b12 + b11 * b33 - b13 * b13 + b22 * b33 - b23 * b23;

    b = b > 0 ? b : 0;
    return sqrt(b / (b11 + b22 + b33 + DBL_MIN));
}

static double stress(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product)
{
    leray_gradient_rows g = leray_gradient_rows_of(gradient);
    leray_stress_rows p = leray_stress_rows_of(product);
    double factor = self->constant * self->width * self->width, sum = 0;

    (void)u, (void)input;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < points; i++) {
        leray_strain s = leray_strain_of(g, i);
        double nu_t = factor * scale_at(g, i);

        leray_stress_add(p, i, nu_t, s);
        sum += nu_t * leray_strain_square(s);
    }
    return sum;
}

const leray_les_type leray_les_vreman = {
    .name = "vreman",
    .summary = "eddy viscosity of Vreman: none where the gradient has rank one",
    .size = sizeof(leray_les),
    .uses = LERAY_LES_USES_CONSTANT | LERAY_LES_USES_WIDTH,
    .constant = 0.07,
    .gradients = LERAY_LES_ALL_GRADIENTS,
    .stress = stress,
};
