/* solvers/pseudospectral/ns3d/ns3d.c - incompressible Navier-Stokes and large-eddy equations on a periodic box:

       u_t + div((u + U)(u + U) + tau) + grad p = nu Laplace u - nu_h (-Laplace)^order u - drag u
                                                  - 2 W e_z x u + f,      div u = 0.

   Fourier pseudo-spectral, the state being the velocity's coefficients. With the projection
   P = I - kk/k^2, which is what the pressure does,

       d u_k/dt = -i P(k) k_j (u_i u_j + tau_ij)_k + P(k) (f - 2 W e_z x u)_k + L(k) u_k.

   The trace of u_i u_j is the pressure's too, so five products are enough, and three fields to make them
   of: 8 real transforms (C. Basdevant, J. Comput. Phys. 50 (1983) 209). tau is a sub-grid model's of
   solvers/pseudospectral/les/; U a constant mean flow, not part of energies; W a rotation about z. A passive scalar
   with a mean gradient G costs 4 transforms more:

       c_t + div((u + U) c) = kappa Laplace c - G.u

   Axes are listed [z, y, x] where they are grids, as everywhere, and vectors have the order x, y, z. */
#include "solvers/pseudospectral/ns3d/ns3d.h"
#include "core/threads.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

static const char *const forcings[] = {"none", "shell", "kolmogorov", NULL};
static const char *const initials[] = {"random",       "taylor-green", "kida", "spectrum",
                                       "mixing-layer", "file",         NULL};
static const char *const scalars[] = {"zero", "random", NULL};
static const char *const filters[] = {"none", "sharp", "gaussian", "box", NULL};

#define S ns3d_settings
static const leray_key rows[] = {
    LERAY_KEY_INTS(S, n, "n", "64", 4, 16384, "1", "grid points: n, or [nz, ny, nx]"),
    LERAY_KEY_REALS(S, length, "length", "6.283185307179586", 1e-6, 1e6, "length",
                    "box: L, or [Lz, Ly, Lx]"),
    LERAY_KEY_PARAMETER(S, nu, "nu", "1e-2", 0, 1e6, "length^2/time", "kinematic viscosity"),
    LERAY_KEY_PARAMETER(S, hyperviscosity.coefficient, "hyperviscosity.coefficient", "0", 0, 1e6,
                        "length^(2 order)/time", "nu_h of -nu_h k^(2 order) u"),
    LERAY_KEY_INT(S, hyperviscosity.order, "hyperviscosity.order", "2", 2, 16, "1",
                  "power of the Laplacian"),
    LERAY_KEY_PARAMETER(S, drag, "drag", "0", 0, 1e6, "1/time", "linear drag"),
    LERAY_KEY_REAL(S, rotation, "rotation", "0", -1e6, 1e6, "1/time",
                   "rotation rate W about z, of the Coriolis term -2 W e_z x u"),
    LERAY_KEY_REALS(S, mean_flow, "mean_flow", "[0, 0, 0]", -1e6, 1e6, "length/time",
                    "uniform velocity [U, V, W] along x, y, z, added to the flow's own"),
    LERAY_KEY_REAL(S, dt, "dt", "1e-2", 1e-12, 1e6, "time",
                   "time step; with cfl > 0 its upper bound"),
    LERAY_KEY_REAL(S, cfl, "cfl", "0", 0, 10, "1",
                   "the step is at most cfl / max(|u|/dx + |v|/dy + |w|/dz); 0: the step is dt"),
    LERAY_INTEGRATOR_KEYS(S, integrator),
    LERAY_LES_KEYS(S, les),
    LERAY_KEY_CHOICE(S, forcing.type, "forcing.type", "none", forcings, "what drives the flow"),
    LERAY_KEY_PARAMETER(S, forcing.power, "forcing.power", "0.1", 0, 1e6, "length^2/time^3",
                        "shell: energy input per unit of time"),
    LERAY_KEY_PARAMETER(S, forcing.amplitude, "forcing.amplitude", "0.1", -1e6, 1e6,
                        "length/time^2", "kolmogorov: A of A sin(k y) e_x"),
    LERAY_KEY_INT(
        S, forcing.wavenumber, "forcing.wavenumber", "2", 1, 16384, "1",
        "shell: largest |k|, in periods over the longest side; kolmogorov: periods over Ly"),
    LERAY_KEY_CHOICE(S, initial.type, "initial.type", "random", initials, "initial velocity"),
    LERAY_KEY_PARAMETER(
        S, initial.alpha, "initial.alpha", "1.8333333333333333", 0, 100, "1",
        "random: exponent of the covariance, 2 sigma^2 (tau^2 - Laplace)^-alpha of a "
        "component before the projection; E(k) falls as k^(2 - 2 alpha)"),
    LERAY_KEY_PARAMETER(S, initial.tau, "initial.tau", "2", 0, 1e6, "1/length",
                        "random: inverse length in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.sigma, "initial.sigma", "0.16", 0, 1e12, "length^(1-alpha)/time",
                        "random: amplitude in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.amplitude, "initial.amplitude", "1", -1e6, 1e6, "length/time",
                        "taylor-green, kida: A; mixing-layer: velocity +-A of the streams; "
                        "passot-pouquet: rms of one component"),
    LERAY_KEY_INT(S, initial.wavenumber, "initial.wavenumber", "1", 1, 16384, "1",
                  "taylor-green, kida: periods over the box"),
    LERAY_KEY_CHOICE(S, initial.spectrum, "initial.spectrum", "passot-pouquet", ns3d_spectrum_names,
                     "spectrum: which E(k)"),
    LERAY_KEY_CHOICE(S, initial.station, "initial.station", "\"42\"", ns3d_station_names,
                     "comte-bellot-corrsin: t U0/M of the measurement"),
    LERAY_KEY_PARAMETER(S, initial.peak, "initial.peak", "4", 1e-6, 1e6, "1/length",
                        "passot-pouquet, mixing-layer: wavenumber of the largest E(k)"),
    LERAY_KEY_PARAMETER(S, initial.energy, "initial.energy", "0", 0, 1e12, "length^2/time^2",
                        "spectrum: energy to which the field is scaled; 0: that of E(k)"),
    LERAY_KEY_REAL(S, initial.relaxation, "initial.relaxation", "0", 0, 1e6, "time",
                   "spectrum: time over which the flow is integrated, to get turbulent phases, "
                   "before each shell is scaled back to E(k)"),
    LERAY_KEY_PARAMETER(S, initial.thickness, "initial.thickness", "0.3", 1e-6, 1e6, "length",
                        "mixing-layer: momentum thickness of each layer"),
    LERAY_KEY_PARAMETER(S, initial.perturbation, "initial.perturbation", "0.05", 0, 1e6,
                        "length/time", "mixing-layer: rms of one component of the random part"),
    LERAY_KEY_TEXT(
        S, initial.path, "initial.path", "\"\"",
        "file: a .npy array [3, nz, ny, nx] or [simulations, 3, nz, ny, nx]; spectrum: a "
        "text file with columns k and E"),
    LERAY_KEY_BOOL(S, scalar.on, "scalar.on", "false", "solve for a passive scalar, too"),
    LERAY_KEY_PARAMETER(S, scalar.kappa, "scalar.kappa", "1e-2", 0, 1e6, "length^2/time",
                        "diffusivity of the scalar"),
    LERAY_KEY_REALS(S, scalar.gradient, "scalar.gradient", "[0, 0, 0]", -1e6, 1e6, "1/length",
                    "mean gradient of the scalar along x, y, z"),
    LERAY_KEY_CHOICE(S, scalar.initial.type, "scalar.initial.type", "zero", scalars,
                     "initial fluctuation of the scalar"),
    LERAY_KEY_PARAMETER(S, scalar.initial.alpha, "scalar.initial.alpha", "1.8333333333333333", 0,
                        100, "1", "random: exponent of the covariance"),
    LERAY_KEY_PARAMETER(S, scalar.initial.tau, "scalar.initial.tau", "2", 0, 1e6, "1/length",
                        "random: inverse length in the covariance"),
    LERAY_KEY_PARAMETER(S, scalar.initial.sigma, "scalar.initial.sigma", "0.16", 0, 1e12,
                        "length^-alpha", "random: amplitude in the covariance"),
    LERAY_KEY_INTS(S, frame.n, "frame.n", "0", 0, 16384, "1",
                   "grid of frames: n, or [nz, ny, nx]; 0: the solver's"),
    LERAY_KEY_CHOICE(S, frame.filter, "frame.filter", "none", filters, "filter applied to frames"),
    LERAY_KEY_REAL(S, frame.width, "frame.width", "0", 0, 1e6, "length", "width of frame.filter"),
};
#undef S

static leray_status check_count(int count, int least, const char *key, const char *what,
                                const leray_config *cfg, const char *section)
{
    LERAY_CHECK(count == 3 || count == least, LERAY_ERR_CONFIG,
                "%s.%s%s: %d numbers given; it is %s", section, key,
                leray_config_where(cfg, section, key), count, what);
    return LERAY_OK;
}

static leray_status make_box(ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;
    double length[3], longest = 0;
    int n[3];

    LERAY_TRY(check_count(set->n.count, 1, "n", "n or [nz, ny, nx]", cfg, section));
    LERAY_TRY(check_count(set->length.count, 1, "length", "L or [Lz, Ly, Lx]", cfg, section));
    LERAY_TRY(check_count(set->mean_flow.count, 3, "mean_flow", "[U, V, W]", cfg, section));
    LERAY_TRY(check_count(set->scalar.gradient.count, 3, "scalar.gradient",
                          "the gradient along x, y, z", cfg, section));
    for (int a = 0; a < 3; a++) {
        n[a] = (int)set->n.value[set->n.count == 1 ? 0 : a];
        length[a] = set->length.value[set->length.count == 1 ? 0 : a];
        longest = fmax(longest, length[a]);
        s->mean_flow[a] = set->mean_flow.value[a];
    }
    s->spacing = TWO_PI / longest;
    return leray_box_init(&s->box, 3, n, length, (leray_truncation)set->integrator.truncation,
                          s->base.comm);
}

static leray_status make_lines(ns3d *s)
{
    int pitch = s->box.pitch > s->frame_grid.box->pitch ? s->box.pitch : s->frame_grid.box->pitch;

    s->threads = leray_threads(); /* no pass and no sub-grid model has more */
    s->line = (size_t)pitch;
    return LERAY_ALLOC(&s->lines, (size_t)s->threads * NS3D_LINES * s->line);
}

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    ns3d *s = (ns3d *)base;
    const ns3d_settings *set = base->settings;

    LERAY_TRY(make_box(s, cfg, section));
    LERAY_TRY(leray_les_check(&set->les, cfg, section));
    LERAY_CHECK(!set->scalar.on || set->les.type == 0, LERAY_ERR_CONFIG,
                "%s.scalar.on%s: there is no model of the sub-grid flux of the scalar; take "
                "les.type = none",
                section, leray_config_where(cfg, section, "scalar.on"));
    LERAY_TRY(ns3d_check_forcing(s, cfg, section));
    LERAY_TRY(leray_les_create(&set->les, &s->box, &s->les));
    ns3d_make_flow(s);
    LERAY_TRY(leray_integrator_create(&s->flow, s, &s->box, &set->integrator, &s->integrator));
    if (s->les) s->les->transforms = leray_integrator_transforms(s->integrator);
    LERAY_TRY(ns3d_open_frame(s, cfg, section));
    LERAY_TRY(make_lines(s));
    LERAY_TRY(ns3d_open_initial(s, cfg, section));
    ns3d_make_view(s);
    return LERAY_OK;
}

static void fini(leray_solver *base)
{
    ns3d *s = (ns3d *)base;

    ns3d_close_initial(s);
    leray_mem_free(s->lines);
    ns3d_close_frame(s);
    leray_integrator_destroy(&s->integrator);
    leray_les_destroy(&s->les);
    leray_box_fini(&s->box);
}

/* The state was changed from outside. */
static void touch(ns3d *s, bool rates)
{
    leray_integrator_touch(s->integrator, rates);
    s->ready = false;
}

static leray_status set_parameters(leray_solver *base)
{
    ns3d *s = (ns3d *)base;

    if (s->les) leray_les_update(s->les);
    touch(s, true);
    return LERAY_OK;
}

static double max_dt(leray_solver *base)
{
    const ns3d_settings *set = base->settings;

    return leray_integrator_max_dt(((ns3d *)base)->integrator, set->cfl, set->dt);
}

static leray_status step(leray_solver *base, double dt)
{
    ns3d *s = (ns3d *)base;

    leray_status status = leray_integrator_step(s->integrator, base, dt);

    s->ready = false;
    return status;
}

/* Time stands still meanwhile: the field is not there yet. */
static leray_status relax(ns3d *s, double time)
{
    for (double t = 0; t < time;) {
        double n = ceil((time - t) / max_dt(&s->base) * (1 - 1e-12));

        if (n > 1 && t + (time - t) / n == t) return leray_solver_diverged(&s->base, 0, NAN);
        LERAY_TRY(step(&s->base, n > 1 ? (time - t) / n : time - t));
        t = n > 1 ? t + (time - t) / n : time;
    }
    LERAY_TRY(ns3d_restore_shells(s));
    touch(s, false);
    return LERAY_OK;
}

static leray_status start(leray_solver *base)
{
    ns3d *s = (ns3d *)base;
    const ns3d_settings *set = base->settings;

    LERAY_TRY(ns3d_make_initial(s));
    touch(s, false);
    if (set->initial.type == NS3D_INITIAL_SPECTRUM && set->initial.relaxation > 0)
        LERAY_TRY(relax(s, set->initial.relaxation));
    memset(leray_integrator_last_step(s->integrator), 0,
           sizeof *leray_integrator_last_step(s->integrator));
    return LERAY_OK;
}

static size_t state_size(const leray_solver *base)
{
    return leray_integrator_bytes(((const ns3d *)base)->integrator);
}

static void save(const leray_solver *base, void *bytes)
{
    (void)leray_integrator_save(((const ns3d *)base)->integrator, bytes);
}

static leray_status restore(leray_solver *base, const void *bytes)
{
    ns3d *s = (ns3d *)base;

    (void)leray_integrator_restore(s->integrator, bytes);
    touch(s, false);
    return LERAY_OK;
}

const leray_solver_type leray_solver_ns3d = {
    .name = "ns3d",
    .summary = "3-D Navier-Stokes and LES on a periodic box, pseudo-spectral, Basdevant form",
    .size = sizeof(ns3d),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(ns3d_settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = step,
    .frame = ns3d_frame,
    .max_dt = max_dt,
    .set_parameters = set_parameters,
    .statistics = ns3d_statistics,
    .view = ns3d_view,
    .shared = true,
    .state_size = state_size,
    .save = save,
    .restore = restore,
};
