/* solvers/pseudospectral/ns2d/initial_vortices.c - initial fields with a formula, all by their exact coefficients.

   taylor-green  w = A sqrt(2 (kx^2 + ky^2)) cos(kx x) cos(ky y), kx = 2 pi m/Lx, ky = 2 pi m/Ly; on a
                 square box w = 2 k A cos(k x) cos(k y), with velocities up to A
   dipole        the Lamb-Chaplygin dipole of radius R in the middle of the box, which moves along x at
                 speed A: in polar coordinates about it, with l R the first zero of J1,
                     w = -2 A l J1(l r)/J0(l R) sin(phi), r < R,  else 0
                 (H. Lamb, Hydrodynamics (1932), 165; V. V. Meleshko, G. J. F. van Heijst, J. Fluid
                 Mech. 272 (1994) 157-182), and its images in all periods. Its Fourier integral is
                     4 pi i A l^2 R sin(phi_k) J1(k R)/(k^2 - l^2)
   shear-layer   two layers at y = Ly/4 and 3 Ly/4 between the velocities -A and A,
                     u = A tanh((y - Ly/4)/rho), y < Ly/2,  A tanh((3 Ly/4 - y)/rho) above,
                     v = e A sin(2 pi m x/Lx)
                 (J. B. Bell, P. Colella, H. M. Glaz, J. Comput. Phys. 85 (1989) 257-283: rho = 1/30,
                 e = 0.05 on the unit box), and the images of the layers in all periods, so that
                 nothing is cut off at y = 0 and Ly/2. The Fourier integral of sech^2(y/rho) is
                     pi k rho^2/sinh(pi k rho/2)  */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>

#define PI 3.14159265358979323846
#define BESSEL_ZERO 3.8317059702075123 /* of J1 */

void ns2d_taylor_green(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    leray_modes *state = leray_integrator_state(s->integrator);
    int m = (int)set->initial.wavenumber;
    double kx = s->box.k[LERAY_BOX_X][m], ky = s->box.k[LERAY_BOX_SLOW][m];
    double top = set->initial.amplitude * sqrt(2 * (kx * kx + ky * ky));

    leray_modes_set(state, 0, m, 0, m, top / 4);
    leray_modes_set(state, 0, -m, 0, m, top / 4);
}

/* J1(k R)/(k^2 - l^2), which is regular at k = l: there J1(k R) = (k - l) R J0(l R) + .. */
static double bessel_part(double k, double l, double radius)
{
    if (fabs(k - l) > 1e-7 * l) return j1(k * radius) / (k * k - l * l);
    return radius * j0(l * radius) / (k + l);
}

void ns2d_dipole(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    const leray_box *b = &s->box;
    double radius = set->initial.radius, l = BESSEL_ZERO / radius;
    double scale = 4 * PI * set->initial.amplitude * l * l * radius /
                   (b->length[LERAY_BOX_SLOW] * b->length[LERAY_BOX_X]);

    for (int i = b->first_x; i < b->first_x + b->count_x; i++)
        for (int j = i ? -b->top[LERAY_BOX_SLOW] : 1; j <= b->top[LERAY_BOX_SLOW]; j++) {
            double ky = b->k[LERAY_BOX_SLOW][leray_box_row(b, LERAY_BOX_SLOW, j)];
            double k = hypot(b->k[LERAY_BOX_X][i], ky), middle = (i + j) % 2 ? -1 : 1;

            leray_modes_set(leray_integrator_state(s->integrator), 0, j, 0, i,
                            I * (middle * scale * ky / k * bessel_part(k, l, radius)));
        }
}

void ns2d_shear_layer(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    const leray_box *b = &s->box;
    leray_modes *state = leray_integrator_state(s->integrator);
    double rho = set->initial.thickness, amplitude = set->initial.amplitude;
    int m = (int)set->initial.wavenumber;

    /* exp(-i k Ly/4) - exp(-3 i k Ly/4) is 2 (-i)^j for odd j. */
    for (int j = 1; j <= b->top[LERAY_BOX_SLOW]; j += 2) {
        double k = b->k[LERAY_BOX_SLOW][j], x = PI * k * rho / 2;
        double layer = PI * k * rho * rho / sinh(x) * amplitude / rho / b->length[LERAY_BOX_SLOW];

        leray_modes_set(state, 0, j, 0, 0, j % 4 == 1 ? 2 * I * layer : -2 * I * layer);
    }
    leray_modes_set(state, 0, 0, 0, m,
                    set->initial.perturbation * amplitude * b->k[LERAY_BOX_X][m] / 2);
}
