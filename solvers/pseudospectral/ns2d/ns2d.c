/* solvers/pseudospectral/ns2d/ns2d.c - incompressible Navier-Stokes on a periodic rectangle, vorticity form:

       w_t + (u + U) . grad w = nu Laplace w - drag w - nu_h (-Laplace)^p w - nu_l (-Laplace)^-q w
                                - beta v + f,      u = psi_y, v = -psi_x, -Laplace psi = w,
       theta_t + (u + U) . grad theta = kappa Laplace theta - G v         (passive scalar, optional).

   Fourier pseudo-spectral on the engine of solvers/pseudospectral/engine/. The nonlinear term in Basdevant's form
   (C. Basdevant, J. Comput. Phys. 50 (1983) 209-214),
       div(w u) = (d_xx - d_yy)(u v) + d_xy (v^2 - u^2),
   takes two fields to physical space and two back; a scalar one and two more. Products are free of
   aliases, so without the terms on the right energy and enstrophy are conserved. U is a uniform mean
   flow, constant in time; G a mean gradient of the scalar along y, seen by an observer who moves with U.

   flow.c is the right-hand side, damping.c its linear part, forcing.c and ring.c are f, initial*.c
   where it begins, statistics.c what is measured. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>
#include <string.h>

/* Wavenumbers called k are physical, 2 pi m/L. */
static const char *const forcings[] = {"none", "fno", "kolmogorov", "ring", "file", NULL};
static const char *const initials[] = {"random", "mcwilliams",  "spectrum", "taylor-green",
                                       "dipole", "shear-layer", "file",     NULL};
static const char *const scalars[] = {"zero", "random", "wave", "file", NULL};

#define S ns2d_settings
static const leray_key rows[] = {
    LERAY_KEY_INTS(S, n, "n", "64", 4, 16384, "1", "grid points: n, or [ny, nx]"),
    LERAY_KEY_REALS(S, length, "length", "1", 1e-6, 1e6, "length", "box: L, or [Ly, Lx]"),
    LERAY_KEY_PARAMETER(S, nu, "nu", "1e-3", 0, 1e6, "length^2/time", "kinematic viscosity"),
    LERAY_KEY_PARAMETER(S, drag, "drag", "0", 0, 1e6, "1/time", "linear drag on the vorticity"),
    LERAY_KEY_PARAMETER(S, hyper.coefficient, "hyperviscosity.coefficient", "0", 0, 1e6,
                        "length^(2 order)/time", "damps modes by coefficient k^(2 order)"),
    LERAY_KEY_INT(S, hyper.order, "hyperviscosity.order", "4", 2, 16, "1",
                  "power of the Laplacian"),
    LERAY_KEY_PARAMETER(S, hypo.coefficient, "hypoviscosity.coefficient", "0", 0, 1e12,
                        "1/(length^(2 order) time)", "damps modes by coefficient k^(-2 order)"),
    LERAY_KEY_INT(S, hypo.order, "hypoviscosity.order", "1", 1, 8, "1",
                  "power of the inverse Laplacian"),
    LERAY_KEY_REAL(S, beta, "beta", "0", -1e6, 1e6, "1/(length time)",
                   "gradient of the Coriolis parameter along y"),
    LERAY_KEY_REALS(S, mean_flow, "mean_flow", "[0, 0]", -1e6, 1e6, "length/time",
                    "uniform velocity [U, V] along x and y, added to the flow's own"),
    LERAY_KEY_REAL(S, dt, "dt", "1e-3", 1e-12, 1e6, "time",
                   "time step; with cfl > 0 its upper bound"),
    LERAY_KEY_REAL(S, cfl, "cfl", "0", 0, 10, "1",
                   "the step is at most cfl / max(|u|/dx + |v|/dy); 0: the step is dt"),
    LERAY_INTEGRATOR_KEYS(S, integrator),
    LERAY_KEY_CHOICE(S, forcing.type, "forcing.type", "none", forcings,
                     "forcing; ring is random, the others are steady"),
    LERAY_KEY_PARAMETER(S, forcing.amplitude, "forcing.amplitude", "0.1", -1e6, 1e6,
                        "1/time^2 (fno) or length/time^2 (kolmogorov)", "strength of the forcing"),
    LERAY_KEY_INT(S, forcing.wavenumber, "forcing.wavenumber", "1", 1, 16384, "1",
                  "fno, kolmogorov: its periods over the box"),
    LERAY_KEY_PARAMETER(S, forcing.power, "forcing.power", "1", 0, 1e12, "length^2/time^3",
                        "ring: energy input per unit of time"),
    LERAY_KEY_REAL(S, forcing.k_min, "forcing.k_min", "0", 0, 1e12, "1/length",
                   "ring: modes with k_min <= |k| <= k_max are forced"),
    LERAY_KEY_REAL(S, forcing.k_max, "forcing.k_max", "0", 0, 1e12, "1/length", "ring: see k_min"),
    LERAY_KEY_TEXT(S, forcing.path, "forcing.path", "\"\"",
                   "file: a .npy array [ny, nx], the curl of the force"),
    LERAY_KEY_CHOICE(S, initial.type, "initial.type", "random", initials, "initial vorticity"),
    LERAY_KEY_PARAMETER(S, initial.random.alpha, "initial.alpha", "2.5", 0, 100, "1",
                        "random: exponent of the covariance, 2 sigma^2 (tau^2 - Laplace)^-alpha"),
    LERAY_KEY_PARAMETER(S, initial.random.tau, "initial.tau", "7", 0, 1e6, "1/length",
                        "random: inverse length in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.random.sigma, "initial.sigma", "18.520259177452136", 0, 1e12,
                        "length^-alpha/time", "random: amplitude in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.energy, "initial.energy", "0.5", 0, 1e12, "length^2/time^2",
                        "mcwilliams: mean of |u|^2/2"),
    LERAY_KEY_PARAMETER(S, initial.peak, "initial.peak", "6", 1e-9, 1e12, "1/length",
                        "mcwilliams: k0, near the maximum of E(k)"),
    LERAY_KEY_REAL(S, initial.steepness, "initial.steepness", "1", 0.5, 8, "1",
                   "mcwilliams: p of E(k) ~ k/(1 + (k/k0)^4)^p; 2: fields as torch-cfd makes them"),
    LERAY_KEY_REAL(S, initial.cutoff, "initial.cutoff", "0", 0, 1e12, "1/length",
                   "mcwilliams: largest |k| of the field; 0: all that the grid keeps"),
    LERAY_KEY_PARAMETER(S, initial.amplitude, "initial.amplitude", "1", -1e6, 1e6, "length/time",
                        "taylor-green: largest velocity; dipole: its speed; shear-layer: the "
                        "velocity on either side"),
    LERAY_KEY_INT(S, initial.wavenumber, "initial.wavenumber", "1", 1, 16384, "1",
                  "taylor-green, perturbation of the shear-layer: periods over the box"),
    LERAY_KEY_PARAMETER(S, initial.radius, "initial.radius", "0.1", 1e-9, 1e6, "length",
                        "dipole: radius of the circle that contains its vorticity"),
    LERAY_KEY_PARAMETER(S, initial.thickness, "initial.thickness", "0.03333333333333333", 1e-9, 1e6,
                        "length", "shear-layer: rho of u = tanh(y/rho)"),
    LERAY_KEY_PARAMETER(S, initial.perturbation, "initial.perturbation", "0.05", -10, 10, "1",
                        "shear-layer: velocity across the layers, divided by initial.amplitude"),
    LERAY_KEY_TEXT(S, initial.path, "initial.path", "\"\"",
                   "file: a .npy array [ny, nx] or [simulations, ny, nx]; spectrum: a text file of "
                   "two columns, k and E(k)"),
    LERAY_KEY_BOOL(S, scalar.on, "scalar.on", "false", "solve for a passive scalar, too"),
    LERAY_KEY_PARAMETER(S, scalar.kappa, "scalar.kappa", "1e-3", 0, 1e6, "length^2/time",
                        "diffusivity of the scalar"),
    LERAY_KEY_REAL(S, scalar.gradient, "scalar.gradient", "0", -1e6, 1e6, "1/length",
                   "mean gradient G of the scalar along y; -G v is a source of fluctuations"),
    LERAY_KEY_CHOICE(S, scalar.initial.type, "scalar.initial.type", "random", scalars,
                     "initial scalar; wave is amplitude cos(2 pi m x/Lx)"),
    LERAY_KEY_PARAMETER(S, scalar.initial.random.alpha, "scalar.initial.alpha", "2.5", 0, 100, "1",
                        "random: as initial.alpha"),
    LERAY_KEY_PARAMETER(S, scalar.initial.random.tau, "scalar.initial.tau", "7", 0, 1e6, "1/length",
                        "random: as initial.tau"),
    LERAY_KEY_PARAMETER(S, scalar.initial.random.sigma, "scalar.initial.sigma",
                        "18.520259177452136", 0, 1e12, "length^-alpha", "random: as initial.sigma"),
    LERAY_KEY_PARAMETER(S, scalar.initial.amplitude, "scalar.initial.amplitude", "1", -1e6, 1e6,
                        "1", "wave: its amplitude"),
    LERAY_KEY_INT(S, scalar.initial.wavenumber, "scalar.initial.wavenumber", "1", 1, 16384, "1",
                  "wave: m, its periods over the box"),
    LERAY_KEY_TEXT(S, scalar.initial.path, "scalar.initial.path", "\"\"",
                   "file: a .npy array [ny, nx] or [simulations, ny, nx]"),
    LERAY_KEY_INTS(S, frame.n, "frame.n", "0", 0, 16384, "1",
                   "grid of frames: n, or [ny, nx]; 0: the solver's"),
};
#undef S

static leray_status check_counts(const ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);

    LERAY_CHECK(set->n.count == 1 || set->n.count == 2, LERAY_ERR_CONFIG,
                "%s.n%s: %d numbers given; it is n or [ny, nx]", section,
                leray_config_where(cfg, section, "n"), set->n.count);
    LERAY_CHECK(set->length.count == 1 || set->length.count == 2, LERAY_ERR_CONFIG,
                "%s.length%s: %d numbers given; it is L or [Ly, Lx]", section,
                leray_config_where(cfg, section, "length"), set->length.count);
    LERAY_CHECK(set->mean_flow.count == 2, LERAY_ERR_CONFIG,
                "%s.mean_flow%s: %d numbers given; it is [U, V]", section,
                leray_config_where(cfg, section, "mean_flow"), set->mean_flow.count);
    return LERAY_OK;
}

static leray_status make_box(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    int n[2] = {(int)set->n.value[0], (int)set->n.value[set->n.count - 1]};
    double length[2] = {set->length.value[0], set->length.value[set->length.count - 1]};

    s->mean_flow[0] = set->mean_flow.value[0];
    s->mean_flow[1] = set->mean_flow.value[1];
    return leray_box_init(&s->box, 2, n, length, (leray_truncation)set->integrator.truncation,
                          s->base.comm);
}

static leray_status make_wavenumbers(ns2d *s)
{
    size_t pitch = (size_t)s->box.pitch;

    LERAY_TRY(LERAY_ALLOC(&s->inverse_k2, (size_t)s->box.columns * pitch + 1));
    LERAY_TRY(LERAY_ALLOC(&s->ky_twice, 2 * pitch));
    for (int j = 0; j < s->box.rows[LERAY_BOX_SLOW]; j++)
        s->ky_twice[2 * j] = s->ky_twice[2 * j + 1] = s->box.k[LERAY_BOX_SLOW][j];
    for (int c = 0; c < s->box.columns; c++) {
        leray_column column = leray_box_column(&s->box, c, 0);

        for (int j = 0; j < column.n; j++) {
            double k2 = column.kx * column.kx + column.ks[j] * column.ks[j];

            s->inverse_k2[(size_t)c * pitch + (size_t)j] = k2 > 0 ? 1 / k2 : 0;
        }
    }
    return LERAY_OK;
}

/* What a rank does by itself, and files that may be missing on one. */
static leray_status open_own(ns2d *s, const leray_config *cfg, const char *section)
{
    LERAY_TRY(ns2d_check_damping(s));
    LERAY_TRY(make_wavenumbers(s));
    ns2d_make_flow(s);
    LERAY_TRY(ns2d_open_forcing(s, cfg, section));
    LERAY_TRY(ns2d_open_initial(s, cfg, section));
    return LERAY_OK;
}

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    ns2d *s = (ns2d *)base;

    LERAY_TRY(check_counts(s, cfg, section));
    LERAY_TRY(make_box(s));
    LERAY_TRY(leray_comm_agree(base->comm, open_own(s, cfg, section)));
    LERAY_TRY(
        leray_integrator_create(&s->flow, s, &s->box, &ns2d_set(s)->integrator, &s->integrator));
    LERAY_TRY(ns2d_open_frame(s, cfg, section));
    return LERAY_OK;
}

static void fini(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    ns2d_close_frame(s);
    leray_integrator_destroy(&s->integrator);
    ns2d_close_initial(s);
    ns2d_close_forcing(s);
    leray_mem_free(s->ky_twice);
    leray_mem_free(s->inverse_k2);
    leray_box_fini(&s->box);
}

static leray_status start(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    memset(s->number, 0, sizeof s->number);
    *leray_integrator_last_step(s->integrator) = (leray_integrator_last){0};
    LERAY_TRY(ns2d_make_initial(s));
    leray_integrator_touch(s->integrator, false);
    return LERAY_OK;
}

static leray_status set_parameters(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    LERAY_TRY(ns2d_check_damping(s));
    ns2d_make_forcing(s);
    leray_integrator_touch(s->integrator, true);
    return LERAY_OK;
}

static leray_status step(leray_solver *base, double dt)
{
    return leray_integrator_step(((ns2d *)base)->integrator, base, dt);
}

static double max_dt(leray_solver *base)
{
    const ns2d *s = (ns2d *)base;

    return leray_integrator_max_dt(s->integrator, ns2d_set(s)->cfl, ns2d_set(s)->dt);
}

const leray_solver_type leray_solver_ns2d = {
    .name = "ns2d",
    .summary = "2-D Navier-Stokes on a periodic box, vorticity form, pseudo-spectral",
    .size = sizeof(ns2d),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(ns2d_settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = step,
    .frame = ns2d_frame,
    .max_dt = max_dt,
    .set_parameters = set_parameters,
    .statistics = ns2d_statistics,
    .view = ns2d_view,
    .equation = ns2d_equation,
    .assign = ns2d_assign,
    .shared = true,
    .state_size = ns2d_state_size,
    .save = ns2d_save,
    .restore = ns2d_restore,
};
