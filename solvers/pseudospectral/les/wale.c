/* solvers/pseudospectral/les/wale.c - wall-adapting local eddy viscosity, F. Nicoud, F. Ducros, Flow Turbul. Combust.
   62 (1999) 183, eq. 13. With g_ij = d_j u_i,

       Sd_ij = (g_ik g_kj + g_jk g_ki)/2 - delta_ij g_kl g_lk/3,
       nu_t = (C_w Delta)^2 (Sd Sd)^(3/2) / ((S S)^(5/2) + (Sd Sd)^(5/4)),

   where S S = S_ij S_ij, without the 2 of |S|^2. nu_t is zero where g g is, as in a plane shear, and is
   taken as zero where there is no gradient at all. C_w = 0.5 is the paper's for isotropic turbulence,
   where C_w^2 is about 10.6 C_s^2; codes for channels have 0.325, which goes with C_s = 0.1. */
#include "solvers/pseudospectral/les/eddy.h"

#include <float.h>
#include <math.h>

/* Sd_ij Sd_ij of point i. */
static inline double square_of_sd(leray_gradient_rows g, int i)
{
    double g11 = g.g11[i], g22 = g.g22[i], g33 = -(g11 + g22);
    double g12 = g.g12[i], g21 = g.g21[i], g13 = g.g13[i], g31 = g.g31[i], g23 = g.g23[i],
           g32 = g.g32[i];
    double d11 = g11 * g11 + g12 * g21 + g13 * g31, d22 = g12 * g21 + g22 * g22 + g23 * g32,
           d33 = g13 * g31 + g23 * g32 + g33 * g33, third = (d11 + d22 + d33) / 3;
    double d12 = 0.5 * ((g11 + g22) * (g12 + g21) + g13 * g32 + g23 * g31),
           d13 = 0.5 * ((g11 + g33) * (g13 + g31) + g12 * g23 + g32 * g21),
           d23 = 0.5 * ((g22 + g33) * (g23 + g32) + g21 * g13 + g31 * g12);

    d11 -= third, d22 -= third, d33 -= third;
    return d11 * d11 + d22 * d22 + d33 * d33 + 2 * (d12 * d12 + d13 * d13 + d23 * d23);
}

static double stress(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product)
{
    leray_gradient_rows g = leray_gradient_rows_of(gradient);
    leray_stress_rows p = leray_stress_rows_of(product);
    double length = self->constant * self->width, factor = length * length, sum = 0;

    (void)u, (void)input;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < points; i++) {
        leray_strain s = leray_strain_of(g, i);
        double square = leray_strain_square(s), ss = 0.5 * square, dd = square_of_sd(g, i);
        double root = sqrt(dd), below = ss * ss * sqrt(ss) + dd * sqrt(root);
        double nu_t = factor * dd * root / (below + DBL_MIN);

        leray_stress_add(p, i, nu_t, s);
        sum += nu_t * square;
    }
    return sum;
}

const leray_les_type leray_les_wale = {
    .name = "wale",
    .summary = "wall-adapting local eddy viscosity: none in a plane shear",
    .size = sizeof(leray_les),
    .uses = LERAY_LES_USES_CONSTANT | LERAY_LES_USES_WIDTH,
    .constant = 0.5,
    .gradients = LERAY_LES_ALL_GRADIENTS,
    .stress = stress,
};
