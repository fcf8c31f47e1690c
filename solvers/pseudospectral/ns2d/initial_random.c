/* solvers/pseudospectral/ns2d/initial_random.c - random initial fields. All take their numbers from the walk over
   wavenumbers of data/random_field.h, which gives a mode the same number on every grid.

   random      the Gaussian law of data/random_field.h
   mcwilliams  Gaussian, |psi|^2 summed over a shell ~ 1/(k (1 + (k/k0)^4)^p), so 1/(k^2 ..) for a mode
               and E(k) ~ k/(1 + (k/k0)^4)^p, scaled to a given energy (p = 1: J. C. McWilliams, J. Fluid
               Mech. 146 (1984) 21-43). With a cutoff, which every grid resolves, the field does not
               depend on the grid; without one the scale does a little. torch-cfd multiplies the
               amplitude of psi, not its square, by 1/(k (1 + (k/k0)^4)): p = 2; and its energy is 1/4
   spectrum    random phases; the modes of shell n, n - 1/2 <= |k|/dk < n + 1/2 with dk = 2 pi/L of the
               longer side, have equal energies whose sum is E(n dk) dk, E from a text file  */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include "data/random_field.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

/* The vorticity of wavevector (kx, ky), |k|^2 = k2, from the number that the walk drew for it. */
typedef double complex shape(const ns2d *s, double k2, double complex number);

static void fill(ns2d *s, int field, const ns2d_random *law, shape *of)
{
    leray_random_field random = {
        .alpha = law->alpha,
        .tau = law->tau,
        .sigma = law->sigma,
        .ndim = 2,
        .length = {s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]},
    };
    leray_random_modes modes = leray_random_modes_begin(&random, s->base.seed, s->base.simulation);
    int top_y = s->box.top[LERAY_BOX_SLOW], top_x = s->box.top[LERAY_BOX_X];

    /* The scalar has numbers of its own. */
    modes.rng = leray_rng_make(s->base.seed, LERAY_PURPOSE_INITIAL_FIELD, s->base.simulation,
                               (uint32_t)field);
    for (long left = leray_random_modes_within(2, top_y > top_x ? top_y : top_x); left > 0;
         left--) {
        int k[2];
        double complex number = leray_random_modes_next(&modes, k);
        double y = TWO_PI * k[0] / random.length[0], x = TWO_PI * k[1] / random.length[1];

        leray_modes_set(leray_integrator_state(s->integrator), field, k[0], 0, k[1],
                        of ? of(s, y * y + x * x, number) : number);
    }
}

void ns2d_random_field(ns2d *s, int field, const ns2d_random *law) { fill(s, field, law, NULL); }

/* Draws standard normal numbers. */
static const ns2d_random white = {.alpha = 0, .tau = 1, .sigma = 1};

static double complex mcwilliams_shape(const ns2d *s, double k2, double complex number)
{
    const ns2d_settings *set = ns2d_set(s);
    double k = sqrt(k2), x = k / set->initial.peak;

    if (set->initial.cutoff > 0 && k > set->initial.cutoff * (1 + 1e-12)) return 0;
    return k / pow(1 + x * x * x * x, 0.5 * set->initial.steepness) * number;
}

static void scale(leray_modes *state, double factor)
{
    for (int i = 0; i < state->box->count_x; i++)
        for (int s = -state->box->top[LERAY_BOX_SLOW]; s <= state->box->top[LERAY_BOX_SLOW]; s++) {
            int x = state->box->first_x + i;

            if (x > 0 || s > 0)
                leray_modes_set(state, 0, s, 0, x, factor * leray_modes_get(state, 0, s, 0, x));
        }
}

leray_status ns2d_mcwilliams(ns2d *s)
{
    double sums[LERAY_INTEGRATOR_SUMS];

    fill(s, 0, &white, mcwilliams_shape);
    leray_integrator_touch(s->integrator, false);
    LERAY_TRY(leray_integrator_sums(s->integrator, sums));
    LERAY_CHECK(sums[NS2D_ENERGY] > 0, LERAY_ERR_CONFIG,
                "initial.peak = %g: the grid resolves no energy of this field",
                ns2d_set(s)->initial.peak);
    scale(leray_integrator_state(s->integrator),
          sqrt(ns2d_set(s)->initial.energy / sums[NS2D_ENERGY]));
    return LERAY_OK;
}

static double shell_width(const ns2d *s)
{
    return TWO_PI / fmax(s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]);
}

static int shell_of(const ns2d *s, double k2) { return (int)(sqrt(k2) / shell_width(s) + 0.5); }

/* All modes of the lattice, those too that this grid does not keep. */
static void count_modes(ns2d *s)
{
    double y = TWO_PI / s->box.length[LERAY_BOX_SLOW], x = TWO_PI / s->box.length[LERAY_BOX_X];
    double most = s->shells * shell_width(s);

    for (int i = 0; i * x <= most; i++)
        for (int j = 0; j * y <= most; j++) {
            int shell = shell_of(s, i * x * i * x + j * y * j * y);

            if (shell < s->shells) s->shell_modes[shell] += (i ? 2 : 1) * (j ? 2 : 1);
        }
}

leray_status ns2d_open_spectrum(ns2d *s)
{
    double top_y = s->box.k[LERAY_BOX_SLOW][s->box.top[LERAY_BOX_SLOW]], dk = shell_width(s);
    double top_x = s->box.k[LERAY_BOX_X][s->box.top[LERAY_BOX_X]], all = 0;
    const char *path = ns2d_set(s)->initial.path;

    LERAY_TRY(leray_spectrum_file_read(path, &s->spectrum));
    s->shells = shell_of(s, top_x * top_x + top_y * top_y) + 1;
    LERAY_TRY(LERAY_ALLOC(&s->shell_modes, (size_t)s->shells));
    count_modes(s);
    for (int n = 1; n < s->shells; n++) all += leray_spectrum_file_at(&s->spectrum, n * dk);
    LERAY_CHECK(all > 0, LERAY_ERR_DATA,
                "%s: E is 0 at all wavenumbers of this grid, multiples of %g up to %g; the rows go "
                "from k = %g to %g",
                path, dk, (s->shells - 1) * dk, s->spectrum.k[0],
                s->spectrum.k[s->spectrum.count - 1]);
    return LERAY_OK;
}

/* A mode and its mirror image hold |w|^2/k^2 together, half of it each. */
static double complex spectrum_shape(const ns2d *s, double k2, double complex number)
{
    double dk = shell_width(s);
    int shell = shell_of(s, k2);
    double energy = leray_spectrum_file_at(&s->spectrum, shell * dk) * dk;

    if (shell == 0 || shell >= s->shells || cabs(number) == 0) return 0;
    return sqrt(2 * energy / s->shell_modes[shell] * k2) / cabs(number) * number;
}

void ns2d_spectrum(ns2d *s) { fill(s, 0, &white, spectrum_shape); }
