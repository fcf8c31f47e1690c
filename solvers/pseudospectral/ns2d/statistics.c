/* solvers/pseudospectral/ns2d/statistics.c - energy, enstrophy, palinstrophy, scalar variance and their budgets.

   With <.> the average over the box, E = <|u|^2>/2 = <psi w>/2 without the mean flow, Z = <w^2>/2,
   P = <|grad w|^2>/2:
       dE/dt = -2 nu Z - 2 drag E - (hyper) - (hypo) + <psi f>,
       dZ/dt = -2 nu P - 2 drag Z - (hyper) - (hypo) + <w f>,
       d<theta'^2>/dt = -2 kappa <|grad theta|^2> - 2 G <v theta>,
   theta' = theta - <theta>, and <theta> is constant. beta takes part in none of them. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>

typedef struct list {
    leray_statistic *row;
    int n;
} list;

static void add(list *l, const char *name, const char *unit, double value)
{
    l->row[l->n++] = (leray_statistic){name, unit, value};
}

static void add_energy(list *l, const ns2d *s, const double *sums, const double *residual)
{
    const ns2d_settings *set = ns2d_set(s);
    const char *rate = "length^2/time^3";

    add(l, "energy_dissipation", rate, 2 * set->nu * sums[NS2D_ENSTROPHY]);
    add(l, "energy_drag", rate, 2 * set->drag * sums[NS2D_ENERGY]);
    add(l, "energy_hyperviscosity", rate, sums[NS2D_ENERGY_HYPER]);
    add(l, "energy_hypoviscosity", rate, sums[NS2D_ENERGY_HYPO]);
    add(l, "energy_injection", rate, sums[NS2D_ENERGY_STEADY] + s->number[NS2D_ENERGY_KICKED]);
    add(l, "energy_residual", rate, residual[NS2D_ENERGY]);
}

static void add_enstrophy(list *l, const ns2d *s, const double *sums, const double *residual)
{
    const ns2d_settings *set = ns2d_set(s);
    const char *rate = "1/time^3";

    add(l, "enstrophy_dissipation", rate, 2 * set->nu * sums[NS2D_PALINSTROPHY]);
    add(l, "enstrophy_drag", rate, 2 * set->drag * sums[NS2D_ENSTROPHY]);
    add(l, "enstrophy_hyperviscosity", rate, sums[NS2D_ENSTROPHY_HYPER]);
    add(l, "enstrophy_hypoviscosity", rate, sums[NS2D_ENSTROPHY_HYPO]);
    add(l, "enstrophy_injection", rate,
        sums[NS2D_ENSTROPHY_STEADY] + s->number[NS2D_ENSTROPHY_KICKED]);
    add(l, "enstrophy_residual", rate, residual[NS2D_ENSTROPHY]);
}

static void add_scalar(list *l, const ns2d *s, const double *sums, const double *residual)
{
    add(l, "scalar_mean", "1", sums[NS2D_SCALAR_MEAN]);
    add(l, "scalar_variance", "1", sums[NS2D_VARIANCE]);
    add(l, "scalar_dissipation", "1/time", 2 * ns2d_set(s)->scalar.kappa * sums[NS2D_GRADIENT]);
    add(l, "scalar_injection", "1/time", sums[NS2D_VARIANCE_INJECTION]);
    add(l, "scalar_residual", "1/time", residual[NS2D_VARIANCE]);
}

int ns2d_statistics(leray_solver *base, const leray_statistic **out)
{
    ns2d *s = (ns2d *)base;
    const leray_integrator_last *last = leray_integrator_last_step(s->integrator);
    double sums[LERAY_INTEGRATOR_SUMS] = {0};
    list l = {.row = s->statistic};

    if (leray_integrator_sums(s->integrator, sums))
        for (int k = 0; k < LERAY_INTEGRATOR_SUMS; k++) sums[k] = NAN;
    add(&l, "energy", "length^2/time^2", sums[NS2D_ENERGY]);
    add(&l, "enstrophy", "1/time^2", sums[NS2D_ENSTROPHY]);
    add(&l, "palinstrophy", "1/(length^2 time^2)", sums[NS2D_PALINSTROPHY]);
    add_energy(&l, s, sums, last->residual);
    add_enstrophy(&l, s, sums, last->residual);
    if (ns2d_set(s)->scalar.on) add_scalar(&l, s, sums, last->residual);
    add(&l, "cfl", "1", last->cfl);
    add(&l, "dt", "time", base->dt);
    *out = s->statistic;
    return l.n;
}
