/* solvers/pseudospectral/ns2d/ring.c - random forcing of a ring of wavenumbers that puts in energy at a fixed rate P.

   White in time: after every step of dt the vorticity is changed by a F', at once. F is a Gaussian
   field on the modes k_min <= |k| <= k_max with the same mean energy in each; its numbers are a
   function of (seed, simulation, step). F' is F without its part along the flow in the ring,

       F' = F - (<psi F>/<psi w>) w,      sums over the ring,

   so that the force does no work by correlation with the flow (the condition of K. Alvelius, Phys.
   Fluids 11 (1999) 1880, here for the ring as a whole), and a >= 0 solves

       a <psi F'> + a^2 <psi_F' F'>/2 = P dt:

   the energy grows by exactly P dt, whatever the flow is. Without the projection a step would be
   governed by <psi F>, of order 1, and not by the square root of dt as white noise must be. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <leray/impl/rng.h>

#include <math.h>

#define TWO_PI 6.283185307179586477

/* One of k and -k, in an order that the grid does not change: with `mode` NULL only counted. */
static int list_modes(const ns2d *s, ns2d_ring_mode *mode)
{
    const ns2d_settings *set = ns2d_set(s);
    double least = set->forcing.k_min * (1 - 1e-12), most = set->forcing.k_max * (1 + 1e-12);
    double y = TWO_PI / s->box.length[LERAY_BOX_SLOW], x = TWO_PI / s->box.length[LERAY_BOX_X];
    int top_y = (int)(most / y), top_x = (int)(most / x), count = 0;

    for (int i = 0; i <= top_x; i++)
        for (int j = i ? -top_y : 1; j <= top_y; j++) {
            double k2 = i * x * i * x + j * y * j * y;

            if (k2 < least * least || k2 > most * most) continue;
            if (mode) mode[count] = (ns2d_ring_mode){j, i, k2};
            count++;
        }
    return count;
}

leray_status ns2d_open_ring(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);
    double resolved = ns2d_resolved(s);
    size_t count;

    LERAY_CHECK(
        set->forcing.k_min > 0 && set->forcing.k_min <= set->forcing.k_max, LERAY_ERR_CONFIG,
        "%s.forcing.k_min = %g%s, k_max = %g: a ring needs 0 < k_min <= k_max", section,
        set->forcing.k_min, leray_config_where(cfg, section, "forcing.k_min"), set->forcing.k_max);
    LERAY_CHECK(set->forcing.k_max <= resolved * (1 + 1e-12), LERAY_ERR_CONFIG,
                "%s.forcing.k_max = %g%s: %d x %d points resolve |k| up to %g after dealiasing",
                section, set->forcing.k_max, leray_config_where(cfg, section, "forcing.k_max"),
                s->box.n[LERAY_BOX_SLOW], s->box.n[LERAY_BOX_X], resolved);
    s->ring.count = list_modes(s, NULL);
    count = (size_t)s->ring.count;
    LERAY_CHECK(count > 0, LERAY_ERR_CONFIG,
                "%s.forcing.k_min = %g%s, k_max = %g: no mode of a box of %g x %g lies between; "
                "wavenumbers are multiples of 2 pi/L",
                section, set->forcing.k_min, leray_config_where(cfg, section, "forcing.k_min"),
                set->forcing.k_max, s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]);
    LERAY_TRY(LERAY_ALLOC(&s->ring.mode, count));
    LERAY_TRY(LERAY_ALLOC(&s->ring.kick, count));
    list_modes(s, s->ring.mode);
    return LERAY_OK;
}

void ns2d_close_ring(ns2d *s)
{
    leray_mem_free(s->ring.kick);
    leray_mem_free(s->ring.mode);
}

/* The same field F on every rank. */
static void draw(ns2d *s)
{
    leray_rng rng = leray_rng_make(s->base.seed, LERAY_PURPOSE_FORCING, s->base.simulation,
                                   (uint32_t)s->base.steps);

    for (int m = 0; m < s->ring.count; m++) {
        double k = sqrt(s->ring.mode[m].k2), re = leray_rng_normal(&rng);

        s->ring.kick[m] = k * re + k * leray_rng_normal(&rng) * I;
    }
}

/* Each mode stands for its mirror image too: 2 Re conj(a) b. */
static double pair(double complex a, double complex b)
{
    return 2 * (creal(a) * creal(b) + cimag(a) * cimag(b));
}

/* Vorticity of a mode; 0 on ranks that do not hold it. */
static double complex vorticity(const leray_modes *state, const ns2d_ring_mode *mode)
{
    return leray_modes_get(state, 0, mode->s, 0, mode->i);
}

static leray_status remove_correlation(ns2d *s, const leray_modes *state)
{
    double product[2] = {0}; /* <psi F>, <psi w> */

    for (int m = 0; m < s->ring.count; m++) {
        const ns2d_ring_mode *mode = &s->ring.mode[m];
        double complex w = vorticity(state, mode);

        product[0] += pair(w, s->ring.kick[m]) / mode->k2;
        product[1] += pair(w, w) / mode->k2;
    }
    LERAY_TRY(leray_comm_sum(s->box.comm, product, 2));
    if (!(product[1] > 0)) return LERAY_OK;
    for (int m = 0; m < s->ring.count; m++)
        s->ring.kick[m] -= product[0] / product[1] * vorticity(state, &s->ring.mode[m]);
    return LERAY_OK;
}

/* <psi F'>, <psi_F' F'>, <w F'>, <F'^2>. A mode is counted where it is held. */
static leray_status measure(const ns2d *s, const leray_modes *state, double product[4])
{
    for (int p = 0; p < 4; p++) product[p] = 0;
    for (int m = 0; m < s->ring.count; m++) {
        const ns2d_ring_mode *mode = &s->ring.mode[m];
        double complex w = vorticity(state, mode), f = s->ring.kick[m];

        if (leray_box_find(&s->box, 0, mode->i) < 0) continue;
        product[0] += pair(w, f) / mode->k2;
        product[1] += pair(f, f) / mode->k2;
        product[2] += pair(w, f);
        product[3] += pair(f, f);
    }
    return leray_comm_sum(s->box.comm, product, 4);
}

leray_status ns2d_kick(void *self, double dt, leray_modes *state, double *gain)
{
    ns2d *s = self;
    double energy = ns2d_set(s)->forcing.power * dt, product[4], a;

    s->number[NS2D_ENERGY_KICKED] = s->number[NS2D_ENSTROPHY_KICKED] = 0;
    if (energy == 0) return LERAY_OK;
    draw(s);
    LERAY_TRY(remove_correlation(s, state));
    LERAY_TRY(measure(s, state, product));
    if (!(product[1] > 0)) return LERAY_OK; /* not finite: the integrator says so */
    a = (sqrt(product[0] * product[0] + 2 * product[1] * energy) - product[0]) / product[1];
    for (int m = 0; m < s->ring.count; m++) {
        const ns2d_ring_mode *mode = &s->ring.mode[m];

        leray_modes_set(state, 0, mode->s, 0, mode->i,
                        vorticity(state, mode) + a * s->ring.kick[m]);
    }
    s->number[NS2D_ENERGY_KICKED] = (a * product[0] + a * a * product[1] / 2) / dt;
    s->number[NS2D_ENSTROPHY_KICKED] = (a * product[2] + a * a * product[3] / 2) / dt;
    if (leray_comm_rank(s->box.comm) > 0) return LERAY_OK;
    gain[NS2D_ENERGY] += s->number[NS2D_ENERGY_KICKED] * dt;
    gain[NS2D_ENSTROPHY] += s->number[NS2D_ENSTROPHY_KICKED] * dt;
    return LERAY_OK;
}
