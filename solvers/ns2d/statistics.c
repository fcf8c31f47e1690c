/* solvers/ns2d/statistics.c - energy, enstrophy, palinstrophy and their budgets, by Parseval.

   With <.> the average over the box, E = <|u|^2>/2 = <psi w>/2 without the mean flow, Z = <w^2>/2,
   P = <|grad w|^2>/2:
       dE/dt = -2 nu Z - 2 drag E + <psi f>,   dZ/dt = -2 nu P - 2 drag Z + <w f>.            */
#include "solvers/ns2d/ns2d.h"

#include <math.h>

ns2d_sums ns2d_column_sums(const ns2d *s, int kx, const double *state)
{
    const double *inverse_k2 = s->inverse_k2 + (size_t)kx * (size_t)s->pitch;
    double k = 6.283185307179586477 * kx / s->length_x, e = 0, z = 0, p = 0;
    ns2d_sums sums = {0};

#pragma omp simd reduction(+ : e, z, p)
    for (int j = 0; j < s->rows; j++) {
        double square = state[2 * j] * state[2 * j] + state[2 * j + 1] * state[2 * j + 1];

        e += inverse_k2[j] * square;
        z += square;
        p += (k * k + s->ky[j] * s->ky[j]) * square;
    }
    sums.energy = e / 2, sums.enstrophy = z / 2, sums.palinstrophy = p / 2;
    for (int i = 0; i < s->forcing_modes; i++) {
        const ns2d_mode *f = &s->forcing[i];
        double product = f->re * state[2 * f->row] + f->im * state[2 * f->row + 1];

        if (f->column != kx) continue;
        sums.energy_injection += inverse_k2[f->row] * product;
        sums.enstrophy_injection += product;
    }
    return sums;
}

/* Columns kx > 0 stand for -kx too. */
ns2d_sums ns2d_total(const ns2d *s)
{
    ns2d_sums total = s->columns[0];

    for (int kx = 1; kx <= s->top_x; kx++) {
        total.energy += 2 * s->columns[kx].energy;
        total.enstrophy += 2 * s->columns[kx].enstrophy;
        total.palinstrophy += 2 * s->columns[kx].palinstrophy;
        total.energy_injection += 2 * s->columns[kx].energy_injection;
        total.enstrophy_injection += 2 * s->columns[kx].enstrophy_injection;
    }
    return total;
}

double ns2d_energy_rate(const ns2d *s, const ns2d_sums *x)
{
    const ns2d_settings *set = s->base.settings;

    return x->energy_injection - 2 * set->nu * x->enstrophy - 2 * set->drag * x->energy;
}

double ns2d_enstrophy_rate(const ns2d *s, const ns2d_sums *x)
{
    const ns2d_settings *set = s->base.settings;

    return x->enstrophy_injection - 2 * set->nu * x->palinstrophy - 2 * set->drag * x->enstrophy;
}

int ns2d_statistics(leray_solver *base, const leray_statistic **out)
{
    ns2d *s = (ns2d *)base;
    const ns2d_settings *set = base->settings;
    ns2d_sums now;
    int n = 0;

    for (int kx = 0; kx <= s->top_x; kx++)
        s->columns[kx] = ns2d_column_sums(s, kx, (double *)(s->w + (size_t)kx * (size_t)s->pitch));
    now = ns2d_total(s);
#define ROW(name, unit, value) s->statistic[n++] = (leray_statistic){name, unit, value}
    ROW("energy", "length^2/time^2", now.energy);
    ROW("enstrophy", "1/time^2", now.enstrophy);
    ROW("palinstrophy", "1/(length^2 time^2)", now.palinstrophy);
    ROW("energy_dissipation", "length^2/time^3", 2 * set->nu * now.enstrophy);
    ROW("energy_drag", "length^2/time^3", 2 * set->drag * now.energy);
    ROW("energy_injection", "length^2/time^3", now.energy_injection);
    ROW("energy_residual", "length^2/time^3", s->energy_residual);
    ROW("enstrophy_dissipation", "1/time^3", 2 * set->nu * now.palinstrophy);
    ROW("enstrophy_drag", "1/time^3", 2 * set->drag * now.enstrophy);
    ROW("enstrophy_injection", "1/time^3", now.enstrophy_injection);
    ROW("enstrophy_residual", "1/time^3", s->enstrophy_residual);
    ROW("cfl", "1", s->cfl);
    ROW("dt", "time", base->dt);
#undef ROW
    *out = s->statistic;
    return n;
}
