/* solvers/ns2d/step.c - one step: column passes and row passes in turn, four right-hand sides.

   The budgets are integrated with the stages and weights of the Runge-Kutta step, as if energy and
   enstrophy were two more unknowns; their residuals fall with dt^4 as the error of w does. */
#include "solvers/ns2d/ns2d.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

/* exp(L dt/2), L = -nu |k|^2 - drag, is a product over the axes, so a new dt costs next to nothing
   and no step is ever held back to save it. The drag goes along with x. */
void ns2d_make_decay(ns2d *s, double dt)
{
    const ns2d_settings *set = s->base.settings;

    if (dt == s->decay_dt) return;
    for (int j = 0; j < s->rows; j++)
        s->decay_y[2 * j] = s->decay_y[2 * j + 1] = exp(-set->nu * s->ky[j] * s->ky[j] * dt / 2);
    for (int kx = 0; kx <= s->top_x; kx++) {
        double k = TWO_PI * kx / s->length_x;

        s->decay_x[kx] = exp(-(set->nu * k * k + set->drag) * dt / 2);
    }
    s->decay_dt = dt;
}

void ns2d_begin(ns2d *s)
{
    if (s->begun) return;
    ns2d_column_pass(s, NS2D_BEGIN, 0);
    ns2d_row_pass(s, NS2D_SQUARE_AND_SPEED);
    s->begun = true;
}

double ns2d_fastest(const ns2d *s)
{
    double max = 0;

    for (int y = 0; y < s->ny; y++) max = fmax(max, s->speed[y]);
    return max;
}

leray_status ns2d_step(leray_solver *base, double dt)
{
    static const double weight[] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    ns2d *s = (ns2d *)base;
    double energy_rate = 0, enstrophy_rate = 0;
    ns2d_sums old, now;

    ns2d_make_decay(s, dt);
    ns2d_begin(s);
    s->begun = false;
    s->cfl = dt * ns2d_fastest(s);
    now = old = ns2d_total(s);
    for (int stage = 0; stage < 4; stage++) {
        energy_rate += weight[stage] * ns2d_energy_rate(s, &now);
        enstrophy_rate += weight[stage] * ns2d_enstrophy_rate(s, &now);
        if (stage > 0) ns2d_row_pass(s, NS2D_SQUARE);
        ns2d_column_pass(s, (ns2d_stage)(NS2D_FIRST + stage), dt);
        now = ns2d_total(s);
    }
    if (!isfinite(now.palinstrophy)) return leray_solver_diverged(base, dt, s->cfl);
    s->energy_residual = (now.energy - old.energy) / dt - energy_rate;
    s->enstrophy_residual = (now.enstrophy - old.enstrophy) / dt - enstrophy_rate;
    return LERAY_OK;
}
