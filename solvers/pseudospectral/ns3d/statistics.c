/* solvers/pseudospectral/ns3d/statistics.c - numbers about the present flow, from its coefficients alone; only the rate at
   which a sub-grid stress takes energy needs its products, which the next step uses.

   <.> is the average over the box, u without the mean flow, w = curl u, u'^2 = <|u|^2>/3:
       energy E = <|u|^2>/2      enstrophy Z = <|w|^2>/2      helicity <u.w>
       viscous dissipation 2 nu Z, hyperviscous 2 nu_h sum of k^(2 order) |u_k|^2/2, drag 2 drag E
       dE/dt = injection - these - subgrid
       Taylor scale    (15 u'^2/<|w|^2>)^(1/2), that of isotropic turbulence;  Re_lambda = u' lambda/nu
       integral scale  pi/(2 u'^2) * integral of E(k)/k dk
       Kolmogorov      (nu^3/eps)^(1/4), eps all that dissipates but the drag
       divergence      the largest |k.u_k|
   A scale is 0 where it has no meaning: at rest or without viscosity. */
#include "core/threads.h"
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <math.h>
#include <omp.h>

static double column_divergence(const ns3d *s, int c, int thread)
{
    const leray_modes *modes = leray_integrator_state(s->integrator);
    leray_column column = leray_box_column(&s->box, c, thread);
    double complex *u[3];
    double worst = 0;

    for (int a = 0; a < 3; a++) u[a] = leray_modes_load(modes, a, c, ns3d_line(s, thread, a));
    for (int j = 0; j < column.n; j++)
        worst =
            fmax(worst, cabs(column.kx * u[0][j] + column.km * u[1][j] + column.ks[j] * u[2][j]));
    return worst;
}

static leray_status divergence(const ns3d *s, double *out)
{
    int threads = s->threads < leray_threads() ? s->threads : leray_threads();
    double worst = 0;

#pragma omp parallel for schedule(static) num_threads(threads) reduction(max : worst)
    for (int c = 0; c < s->box.columns; c++)
        worst = fmax(worst, column_divergence(s, c, omp_get_thread_num()));
    *out = worst;
    return leray_comm_max(s->box.comm, out, 1);
}

/* What a list of statistics is made from. */
typedef struct numbers {
    double sums[LERAY_INTEGRATOR_SUMS], row_sums[LERAY_INTEGRATOR_SUMS], divergence;
} numbers;

static leray_status measure(ns3d *s, numbers *x)
{
    leray_status status;

    LERAY_TRY(ns3d_begin(s));
    s->all_sums = true;
    status = leray_integrator_sums(s->integrator, x->sums);
    s->all_sums = false;
    if (status) return leray_error_trace(status, __FILE__, __LINE__);
    LERAY_TRY(divergence(s, &x->divergence));
    if (s->flow.row_sums == 0) return LERAY_OK;
    return leray_integrator_row_sums(s->integrator, x->row_sums);
}

static void add(ns3d *s, int *n, const char *name, const char *unit, double value)
{
    s->statistic[(*n)++] = (leray_statistic){name, unit, value};
}

static void add_budget(ns3d *s, int *n, const numbers *x)
{
    const ns3d_settings *set = s->base.settings;
    const leray_integrator_last *last = leray_integrator_last_step(s->integrator);
    const char *rate = "length^2/time^3";

    add(s, n, "energy_dissipation", rate, 2 * set->nu * x->sums[NS3D_ENSTROPHY]);
    add(s, n, "energy_hyperviscosity", rate,
        2 * set->hyperviscosity.coefficient * x->sums[NS3D_HYPER]);
    add(s, n, "energy_drag", rate, 2 * set->drag * x->sums[NS3D_ENERGY]);
    add(s, n, "energy_subgrid", rate, x->sums[NS3D_SUBGRID] + x->row_sums[0]);
    add(s, n, "energy_injection", rate, ns3d_injection(s, x->sums));
    add(s, n, "energy_residual", rate, last->residual[0]);
}

static void add_scales(ns3d *s, int *n, const numbers *x)
{
    const ns3d_settings *set = s->base.settings;
    double energy = x->sums[NS3D_ENERGY], enstrophy = x->sums[NS3D_ENSTROPHY];
    double rms = sqrt(2 * energy / 3), taylor = enstrophy > 0 ? sqrt(5 * energy / enstrophy) : 0;
    double eps = 2 * set->nu * enstrophy +
                 2 * set->hyperviscosity.coefficient * x->sums[NS3D_HYPER] + x->sums[NS3D_SUBGRID] +
                 x->row_sums[0];
    double pi = 3.14159265358979323846;

    add(s, n, "rms_velocity", "length/time", rms);
    add(s, n, "taylor_scale", "length", taylor);
    add(s, n, "reynolds_taylor", "1", set->nu > 0 ? rms * taylor / set->nu : 0);
    add(s, n, "integral_scale", "length",
        energy > 0 ? 3 * pi / 4 * x->sums[NS3D_INVERSE_LENGTH] / energy : 0);
    add(s, n, "kolmogorov_scale", "length", eps > 0 ? pow(pow(set->nu, 3) / eps, 0.25) : 0);
}

static void add_scalar(ns3d *s, int *n, const numbers *x)
{
    const ns3d_settings *set = s->base.settings;

    add(s, n, "scalar_variance", "1", x->sums[NS3D_VARIANCE]);
    add(s, n, "scalar_dissipation", "1/time", 2 * set->scalar.kappa * x->sums[NS3D_GRADIENT]);
    add(s, n, "scalar_injection", "1/time", -x->sums[NS3D_FLUX]);
    add(s, n, "scalar_residual", "1/time", leray_integrator_last_step(s->integrator)->residual[1]);
}

int ns3d_statistics(leray_solver *base, const leray_statistic **out)
{
    ns3d *s = (ns3d *)base;
    numbers x = {0};
    int n = 0;

    if (measure(s, &x))
        for (int k = 0; k < LERAY_INTEGRATOR_SUMS; k++) x.sums[k] = x.row_sums[k] = NAN;
    add(s, &n, "energy", "length^2/time^2", x.sums[NS3D_ENERGY]);
    add(s, &n, "enstrophy", "1/time^2", x.sums[NS3D_ENSTROPHY]);
    add(s, &n, "helicity", "length/time^2", x.sums[NS3D_HELICITY]);
    add_budget(s, &n, &x);
    add_scales(s, &n, &x);
    if (s->fields > NS3D_SCALAR) add_scalar(s, &n, &x);
    if (s->les && s->les->type->coefficient)
        add(s, &n, "subgrid_coefficient", "1", s->les->type->coefficient(s->les));
    add(s, &n, "divergence", "1/time", x.divergence);
    add(s, &n, "cfl", "1", leray_integrator_last_step(s->integrator)->cfl);
    add(s, &n, "dt", "time", base->dt);
    *out = s->statistic;
    return n;
}
