/* solvers/pseudospectral/les/smagorinsky.c - J. Smagorinsky, Mon. Weather Rev. 91 (1963) 99:

       nu_t = (C_s Delta)^2 |S|,   |S| = sqrt(2 S_ij S_ij).

   C_s is squared, once. 0.17 is what a spectrum C_K k^(-5/3) cut off at pi/Delta needs: D. K. Lilly
   (1967) finds C_s = (1/pi) (2/(3 C_K))^(3/4), 0.173 for C_K = 1.5. */
#include "solvers/pseudospectral/les/eddy.h"

#include <math.h>

double leray_strain_stress(double factor, int points, double *const *strain, double *const *product)
{
    leray_strain_rows s_rows = leray_strain_rows_of(strain);
    leray_stress_rows p = leray_stress_rows_of(product);
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < points; i++) {
        leray_strain s = leray_strain_at(s_rows, i);
        double square = leray_strain_square(s), nu_t = factor * sqrt(square);

        leray_stress_add(p, i, nu_t, s);
        sum += nu_t * square;
    }
    return sum;
}

static double stress(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product)
{
    double length = self->constant * self->width;

    (void)u, (void)input;
    return leray_strain_stress(length * length, points, gradient, product);
}

const leray_les_type leray_les_smagorinsky = {
    .name = "smagorinsky",
    .summary = "eddy viscosity (C_s Delta)^2 |S|",
    .size = sizeof(leray_les),
    .uses = LERAY_LES_USES_CONSTANT | LERAY_LES_USES_WIDTH,
    .constant = 0.17,
    .gradients = LERAY_LES_STRAIN,
    .stress = stress,
};
