/* solvers/pseudospectral/burgers/burgers.c - the viscous Burgers equation on a periodic interval [0, L):

       u_t + (u^2/2)_x = nu u_xx.

   Fourier pseudo-spectral in conservation form, so that the mean of u stays to the last bit.
   Truncated at 3 |k| < n: the square is free of aliasing and, without nu, <u^2> is conserved.
   In time: classical Runge-Kutta of fourth order with the viscous part integrated exactly,

       k1 = N(u)               a = e (u + dt/2 k1)      u' = e^2 (u + dt/6 k1) + e dt/3 (k2 + k3)
       k2 = N(a)               a = e u + dt/2 k2             + dt/6 k4
       k3 = N(a)               a = e^2 u + e dt k3
       k4 = N(a)               e = exp(-nu k^2 dt/2),   N(u)_k = -(i k/2) (u^2)_k.

   The energy budget,  d<u^2/2>/dt = -nu <u_x^2>,  is integrated with the same stages and weights, as
   if the energy were one more unknown; its residual falls with dt^4 as the error of u does. */
#include "solvers/pseudospectral/burgers/burgers.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

static const char *const initials[] = {"random", "sine", "file", NULL};

#define S burgers_settings
static const leray_key rows[] = {
    LERAY_KEY_INT(S, n, "n", "1024", 4, 1000000, "1", "grid points"),
    LERAY_KEY_REAL(S, length, "length", "1", 1e-6, 1e6, "length", "length of the interval"),
    LERAY_KEY_PARAMETER(S, nu, "nu", "0.1", 0, 1e6, "length^2/time", "viscosity"),
    LERAY_KEY_REAL(S, dt, "dt", "1e-3", 1e-12, 1e6, "time",
                   "time step; with cfl > 0 its upper bound"),
    LERAY_KEY_REAL(S, cfl, "cfl", "0", 0, 10, "1",
                   "the step is at most cfl dx / max |u|; 0: the step is dt"),
    LERAY_KEY_CHOICE(S, initial.type, "initial.type", "random", initials, "initial velocity"),
    LERAY_KEY_PARAMETER(S, initial.gamma, "initial.gamma", "2", 0, 100, "1",
                        "random: exponent of the covariance, sigma^2 (tau^2 - Laplace)^-gamma"),
    LERAY_KEY_PARAMETER(S, initial.tau, "initial.tau", "5", 0, 1e6, "1/length",
                        "random: inverse length in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.sigma, "initial.sigma", "25", 0, 1e12, "length^(1-gamma)/time",
                        "random: amplitude in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.amplitude, "initial.amplitude", "1", -1e6, 1e6, "length/time",
                        "sine: amplitude of the velocity about its mean"),
    LERAY_KEY_INT(S, initial.wavenumber, "initial.wavenumber", "1", 1, 1000000, "1",
                  "sine: periods over the interval"),
    LERAY_KEY_PARAMETER(S, initial.mean, "initial.mean", "0", -1e6, 1e6, "length/time",
                        "random and sine: mean velocity"),
    LERAY_KEY_TEXT(S, initial.path, "initial.path", "\"\"",
                   "file: a .npy array [points] or [simulations, points]"),
};
#undef S

static leray_status allocate(burgers *s)
{
    size_t modes = (size_t)s->top + 1;

    LERAY_TRY(LERAY_ALLOC(&s->wave, modes));
    LERAY_TRY(LERAY_ALLOC(&s->decay, modes));
    LERAY_TRY(LERAY_ALLOC(&s->u_hat, modes));
    LERAY_TRY(LERAY_ALLOC(&s->stage, modes));
    LERAY_TRY(LERAY_ALLOC(&s->sum, modes));
    LERAY_TRY(LERAY_ALLOC(&s->line, (size_t)s->n / 2 + 1));
    LERAY_TRY(LERAY_ALLOC(&s->product, (size_t)s->n));
    LERAY_TRY(LERAY_ALLOC(&s->velocity, (size_t)s->n));
    LERAY_TRY(leray_fft_create(1, &s->n, 1, &s->fft));
    return LERAY_OK;
}

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    burgers *s = (burgers *)base;
    const burgers_settings *set = base->settings;

    s->n = (int)set->n;
    s->grid = leray_grid_periodic(1, &s->n, &set->length);
    s->top = (s->n - 1) / 3;
    LERAY_TRY(burgers_open_initial(s, cfg, section));
    LERAY_TRY(allocate(s));
    for (int k = 0; k <= s->top; k++) s->wave[k] = TWO_PI * k / set->length;
    return LERAY_OK;
}

static void fini(leray_solver *base)
{
    burgers *s = (burgers *)base;

    leray_fft_destroy(&s->fft);
    leray_mem_free(s->velocity);
    leray_mem_free(s->product);
    leray_mem_free(s->line);
    leray_mem_free(s->sum);
    leray_mem_free(s->stage);
    leray_mem_free(s->u_hat);
    leray_mem_free(s->decay);
    leray_mem_free(s->wave);
    burgers_close_initial(s);
}

static leray_status start(leray_solver *base)
{
    burgers *s = (burgers *)base;

    s->begun = false;
    s->cfl = s->energy_residual = 0;
    LERAY_TRY(burgers_make_initial(s));
    return LERAY_OK;
}

static leray_status set_parameters(leray_solver *base)
{
    ((burgers *)base)->decay_dt = 0;
    return LERAY_OK;
}

static void to_physical(burgers *s, const double complex *u_hat, double *u)
{
    size_t modes = (size_t)s->top + 1;

    memcpy(s->line, u_hat, modes * sizeof *u_hat);
    memset(s->line + modes, 0, ((size_t)s->n / 2 + 1 - modes) * sizeof *s->line);
    leray_fft_inverse(s->fft, s->line, u);
}

double burgers_square(burgers *s, const double complex *u_hat)
{
    double *u = s->product, fastest = 0;

    to_physical(s, u_hat, u);
    for (int i = 0; i < s->n; i++) {
        double speed = fabs(u[i]);

        fastest = speed > fastest ? speed : fastest;
        u[i] *= u[i];
    }
    leray_fft_forward(s->fft, u, s->line);
    return fastest;
}

static void begin(burgers *s)
{
    if (!s->begun) s->fastest = burgers_square(s, s->u_hat);
    s->begun = true;
}

/* What the step is limited by is at hand before its first stage, so that the CFL condition costs
   no transform. */
static double max_dt(leray_solver *base)
{
    burgers *s = (burgers *)base;
    const burgers_settings *set = base->settings;
    double limit;

    if (set->cfl == 0) return set->dt;
    begin(s);
    limit = set->cfl * set->length / s->n / s->fastest;
    return limit < set->dt ? limit : set->dt;
}

static void make_decay(burgers *s, double dt)
{
    const burgers_settings *set = s->base.settings;

    if (dt == s->decay_dt) return;
    for (int k = 0; k <= s->top; k++)
        s->decay[k] = exp(-set->nu * s->wave[k] * s->wave[k] * dt / 2);
    s->decay_dt = dt;
}

/* By Parseval; coefficients k > 0 stand for -k too. */
static burgers_sums sums_of(const burgers *s, const double complex *u_hat)
{
    burgers_sums sums = {.energy = creal(u_hat[0]) * creal(u_hat[0]) / 2};

    for (int k = 1; k <= s->top; k++) {
        double square = creal(u_hat[k]) * creal(u_hat[k]) + cimag(u_hat[k]) * cimag(u_hat[k]);

        sums.energy += square;
        sums.slope += 2 * s->wave[k] * s->wave[k] * square;
    }
    return sums;
}

/* One stage, 0 to 3, of the scheme above; the transform of its square is in `line`. */
static void update(burgers *s, int stage, double dt)
{
    for (int k = 0; k <= s->top; k++) {
        double e = s->decay[k], half = s->wave[k] / 2;
        double complex u = s->u_hat[k];
        double complex change = half * cimag(s->line[k]) - half * creal(s->line[k]) * I;

        if (stage == 0) {
            s->stage[k] = e * (u + dt / 2 * change);
            s->sum[k] = e * e * (u + dt / 6 * change);
        } else if (stage == 1) {
            s->stage[k] = e * u + dt / 2 * change;
            s->sum[k] += e * (dt / 3 * change);
        } else if (stage == 2) {
            s->stage[k] = e * (e * u + dt * change);
            s->sum[k] += e * (dt / 3 * change);
        } else {
            s->u_hat[k] = s->sum[k] + dt / 6 * change;
        }
    }
}

static leray_status step(leray_solver *base, double dt)
{
    static const double weight[] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    burgers *s = (burgers *)base;
    const burgers_settings *set = base->settings;
    burgers_sums old = sums_of(s, s->u_hat), now = old;
    double rate = 0;

    make_decay(s, dt);
    begin(s);
    s->begun = false;
    s->cfl = dt * s->fastest * s->n / set->length;
    for (int stage = 0; stage < 4; stage++) {
        rate -= weight[stage] * set->nu * now.slope;
        if (stage > 0) (void)burgers_square(s, s->stage);
        update(s, stage, dt);
        now = sums_of(s, stage < 3 ? s->stage : s->u_hat);
    }
    if (!isfinite(now.slope)) return leray_solver_diverged(base, dt, s->cfl);
    s->energy_residual = (now.energy - old.energy) / dt - rate;
    return LERAY_OK;
}

static void frame(leray_solver *base, leray_frame *out)
{
    burgers *s = (burgers *)base;

    to_physical(s, s->u_hat, s->velocity);
    s->begun = false;
    s->frame_field = (leray_frame_field){"velocity", "length/time", s->velocity};
    out->grid = &s->grid;
    out->nfields = 1;
    out->field = &s->frame_field;
}

static int statistics(leray_solver *base, const leray_statistic **out)
{
    burgers *s = (burgers *)base;
    const burgers_settings *set = base->settings;
    burgers_sums now = sums_of(s, s->u_hat);
    int n = 0;

#define ROW(name, unit, value) s->statistic[n++] = (leray_statistic){name, unit, value}
    ROW("mean", "length/time", creal(s->u_hat[0]));
    ROW("energy", "length^2/time^2", now.energy);
    ROW("energy_dissipation", "length^2/time^3", set->nu * now.slope);
    ROW("energy_residual", "length^2/time^3", s->energy_residual);
    ROW("cfl", "1", s->cfl);
    ROW("dt", "time", base->dt);
#undef ROW
    *out = s->statistic;
    return n;
}

/* What a state is: the spectrum, then the last step's numbers. */
static size_t state_size(const leray_solver *base)
{
    return ((size_t)((const burgers *)base)->top + 1) * sizeof(double complex) + 2 * sizeof(double);
}

static void save(const leray_solver *base, void *bytes)
{
    const burgers *s = (const burgers *)base;
    double last[2] = {s->cfl, s->energy_residual};
    size_t spectrum = ((size_t)s->top + 1) * sizeof *s->u_hat;

    memcpy(bytes, s->u_hat, spectrum);
    memcpy((char *)bytes + spectrum, last, sizeof last);
}

static leray_status restore(leray_solver *base, const void *bytes)
{
    burgers *s = (burgers *)base;
    double last[2];
    size_t spectrum = ((size_t)s->top + 1) * sizeof *s->u_hat;

    memcpy(s->u_hat, bytes, spectrum);
    memcpy(last, (const char *)bytes + spectrum, sizeof last);
    s->cfl = last[0], s->energy_residual = last[1];
    s->begun = false;
    return LERAY_OK;
}

const leray_solver_type leray_solver_burgers = {
    .name = "burgers",
    .summary = "viscous Burgers equation on a periodic interval, pseudo-spectral, RK4",
    .size = sizeof(burgers),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(burgers_settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = step,
    .frame = frame,
    .max_dt = max_dt,
    .set_parameters = set_parameters,
    .statistics = statistics,
    .state_size = state_size,
    .save = save,
    .restore = restore,
};
