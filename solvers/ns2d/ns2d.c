/* solvers/ns2d/ns2d.c - incompressible Navier-Stokes on a periodic rectangle, vorticity form:

       w_t + (u + U) . grad w = nu Laplace w - drag w + f,   u = psi_y, v = -psi_x, -Laplace psi = w.

   Fourier pseudo-spectral. The nonlinear term in Basdevant's form (C. Basdevant, J. Comput. Phys. 50
   (1983) 209-214),
       div(w u) = (d_xx - d_yy)(u v) + d_xy (v^2 - u^2),
   takes two fields to physical space and two back. Truncated at 3 |k| < n on each axis, so
   that quadratic terms are free of aliasing and, without nu, drag and f, energy and enstrophy are
   conserved. In time: classical Runge-Kutta of fourth order with the linear part integrated
   exactly. U is a uniform mean flow, constant in time.

   A right-hand side is two sweeps over memory: rows.c along x with all of physical space,
   columns.c along y with all of wavenumber space. */
#include "solvers/ns2d/ns2d.h"

#include "core/threads.h"

#include <string.h>

#define TWO_PI 6.283185307179586477

static const char *const forcings[] = {"none", "fno", "kolmogorov", NULL};
static const char *const initials[] = {"random", "taylor-green", "file", NULL};

#define S ns2d_settings
static const leray_key rows[] = {
    LERAY_KEY_INTS(S, n, "n", "64", 4, 16384, "1", "grid points: n, or [ny, nx]"),
    LERAY_KEY_REALS(S, length, "length", "1", 1e-6, 1e6, "length", "box: L, or [Ly, Lx]"),
    LERAY_KEY_PARAMETER(S, nu, "nu", "1e-3", 0, 1e6, "length^2/time", "kinematic viscosity"),
    LERAY_KEY_PARAMETER(S, drag, "drag", "0", 0, 1e6, "1/time", "linear drag on the vorticity"),
    LERAY_KEY_REALS(S, mean_flow, "mean_flow", "[0, 0]", -1e6, 1e6, "length/time",
                    "uniform velocity [U, V] along x and y, added to the flow's own"),
    LERAY_KEY_REAL(S, dt, "dt", "1e-3", 1e-12, 1e6, "time", "step, or its upper bound with cfl"),
    LERAY_KEY_REAL(S, cfl, "cfl", "0", 0, 10, "1",
                   "0, or the step is at most cfl / max(|u|/dx + |v|/dy)"),
    LERAY_KEY_CHOICE(S, forcing.type, "forcing.type", "none", forcings, "steady forcing"),
    LERAY_KEY_PARAMETER(S, forcing.amplitude, "forcing.amplitude", "0.1", -1e6, 1e6,
                        "1/time^2 (fno) or length/time^2 (kolmogorov)", "strength of the forcing"),
    LERAY_KEY_INT(S, forcing.wavenumber, "forcing.wavenumber", "1", 1, 16384, "1",
                  "its periods over the box"),
    LERAY_KEY_CHOICE(S, initial.type, "initial.type", "random", initials, "initial vorticity"),
    LERAY_KEY_PARAMETER(S, initial.alpha, "initial.alpha", "2.5", 0, 100, "1",
                        "random: exponent of the covariance, 2 sigma^2 (tau^2 - Laplace)^-alpha"),
    LERAY_KEY_PARAMETER(S, initial.tau, "initial.tau", "7", 0, 1e6, "1/length",
                        "random: inverse length in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.sigma, "initial.sigma", "18.520259177452136", 0, 1e12,
                        "length^-alpha/time", "random: amplitude in the covariance"),
    LERAY_KEY_PARAMETER(S, initial.amplitude, "initial.amplitude", "1", -1e6, 1e6, "length/time",
                        "taylor-green: largest velocity"),
    LERAY_KEY_INT(S, initial.wavenumber, "initial.wavenumber", "1", 1, 16384, "1",
                  "taylor-green: periods over the box"),
    LERAY_KEY_TEXT(S, initial.path, "initial.path", "\"\"",
                   "file: a .npy array [ny, nx] or [simulations, ny, nx]"),
};
#undef S

static int padded(int n) { return (n + 3) / 4 * 4; }

static leray_status read_grid(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = s->base.settings;

    LERAY_CHECK(set->n.count == 1 || set->n.count == 2, LERAY_ERR_CONFIG,
                "%s.n%s: %d numbers given; it is n or [ny, nx]", section,
                leray_config_where(cfg, section, "n"), set->n.count);
    LERAY_CHECK(set->length.count == 1 || set->length.count == 2, LERAY_ERR_CONFIG,
                "%s.length%s: %d numbers given; it is L or [Ly, Lx]", section,
                leray_config_where(cfg, section, "length"), set->length.count);
    LERAY_CHECK(set->mean_flow.count == 2, LERAY_ERR_CONFIG,
                "%s.mean_flow%s: %d numbers given; it is [U, V]", section,
                leray_config_where(cfg, section, "mean_flow"), set->mean_flow.count);
    s->ny = (int)set->n.value[0];
    s->nx = (int)set->n.value[set->n.count - 1];
    s->length_y = set->length.value[0];
    s->length_x = set->length.value[set->length.count - 1];
    s->mean_flow = set->mean_flow.value[0] + set->mean_flow.value[1] * I;
    return LERAY_OK;
}

/* Below this many, waiting for the other threads costs more than they bring. */
#define POINTS_PER_THREAD 16384

/* Distances are whole cache lines, and an odd number of them where a pass strides by them, so that
   a column of z does not fall on a few sets of the cache. */
static void lay_out(ns2d *s)
{
    int half;

    s->top_y = (s->ny - 1) / 3;
    s->top_x = (s->nx - 1) / 3;
    s->rows = 2 * s->top_y + 1;
    s->pitch = padded(s->rows);
    half = padded(s->top_x + 1);
    s->zero = 2 * half + 3;
    s->z_pitch = 2 * half + 4;
    s->line = padded(s->ny) / 4 % 2 ? padded(s->ny) : padded(s->ny) + 4;
    s->threads = 1 + (int)((size_t)s->ny * (size_t)s->nx / POINTS_PER_THREAD);
    if (s->threads > leray_threads()) s->threads = leray_threads();
    s->scratch_size = ns2d_columns_scratch(s) + ns2d_rows_scratch(s);
    s->scratch_size = (s->scratch_size + 7) / 4 * 4;
}

static leray_status allocate(ns2d *s)
{
    size_t columns = (size_t)s->top_x + 1, modes = columns * (size_t)s->pitch;

    LERAY_TRY(LERAY_ALLOC(&s->ky, (size_t)s->pitch));
    LERAY_TRY(LERAY_ALLOC(&s->inverse_k2, modes));
    LERAY_TRY(LERAY_ALLOC(&s->decay_y, 2 * (size_t)s->pitch));
    LERAY_TRY(LERAY_ALLOC(&s->decay_x, columns));
    LERAY_TRY(LERAY_ALLOC(&s->w, modes));
    LERAY_TRY(LERAY_ALLOC(&s->sum, modes));
    LERAY_TRY(LERAY_ALLOC(&s->z, (size_t)s->ny * (size_t)s->z_pitch));
    LERAY_TRY(LERAY_ALLOC(&s->vorticity, (size_t)s->ny * (size_t)s->nx));
    LERAY_TRY(LERAY_ALLOC(&s->speed, (size_t)s->ny));
    LERAY_TRY(LERAY_ALLOC(&s->columns, columns));
    LERAY_TRY(LERAY_ALLOC(&s->scratch, (size_t)s->threads * s->scratch_size));
    return LERAY_OK;
}

static void make_wavenumbers(ns2d *s)
{
    for (int j = 0; j < s->rows; j++)
        s->ky[j] = TWO_PI * (j <= s->top_y ? j : j - s->rows) / s->length_y;
    for (int i = 0; i <= s->top_x; i++)
        for (int j = 0; j < s->rows; j++) {
            double kx = TWO_PI * i / s->length_x, k2 = kx * kx + s->ky[j] * s->ky[j];

            s->inverse_k2[(size_t)i * (size_t)s->pitch + (size_t)j] = k2 > 0 ? 1 / k2 : 0;
        }
}

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    ns2d *s = (ns2d *)base;

    LERAY_TRY(read_grid(s, cfg, section));
    lay_out(s);
    LERAY_TRY(ns2d_check_forcing(s, cfg, section));
    LERAY_TRY(ns2d_open_initial(s, cfg, section));
    LERAY_TRY(allocate(s));
    LERAY_TRY(leray_fft_lines_create(s->ny, 1, &s->fft_y));
    LERAY_TRY(leray_fft_lines_create(s->nx, 1, &s->fft_x));
    make_wavenumbers(s);
    ns2d_make_forcing(s);
    return LERAY_OK;
}

static void fini(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    leray_fft_lines_destroy(&s->fft_x);
    leray_fft_lines_destroy(&s->fft_y);
    leray_mem_free(s->scratch);
    leray_mem_free(s->columns);
    leray_mem_free(s->speed);
    leray_mem_free(s->vorticity);
    leray_mem_free(s->z);
    leray_mem_free(s->sum);
    leray_mem_free(s->w);
    leray_mem_free(s->decay_x);
    leray_mem_free(s->decay_y);
    leray_mem_free(s->inverse_k2);
    leray_mem_free(s->ky);
    ns2d_close_initial(s);
}

static leray_status start(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    s->begun = false;
    s->cfl = s->energy_residual = s->enstrophy_residual = 0;
    LERAY_TRY(ns2d_make_initial(s));
    return LERAY_OK;
}

static leray_status set_parameters(leray_solver *base)
{
    ns2d *s = (ns2d *)base;

    ns2d_make_forcing(s);
    s->decay_dt = 0;
    s->begun = false;
    return LERAY_OK;
}

/* The velocities of the first stage are at hand before its dt is chosen, so the CFL condition
   costs no transform. */
static double max_dt(leray_solver *base)
{
    ns2d *s = (ns2d *)base;
    const ns2d_settings *set = base->settings;
    double limit;

    if (set->cfl == 0) return set->dt;
    ns2d_begin(s);
    limit = set->cfl / ns2d_fastest(s);
    return limit < set->dt ? limit : set->dt;
}

static void frame(leray_solver *base, leray_frame *out)
{
    ns2d *s = (ns2d *)base;

    ns2d_column_pass(s, NS2D_FIELD, 0);
    ns2d_row_pass(s, NS2D_REAL_PART);
    s->begun = false;
    out->ndim = 2;
    out->shape[0] = s->ny, out->shape[1] = s->nx;
    out->length[0] = s->length_y, out->length[1] = s->length_x;
    out->nfields = 1;
    out->field[0] = (leray_frame_field){"vorticity", "1/time", s->vorticity};
}

/* What a state is: the spectrum, column by column without padding, then the last step's numbers. */
static size_t state_size(const leray_solver *base)
{
    const ns2d *s = (const ns2d *)base;

    return ((size_t)s->top_x + 1) * (size_t)s->rows * sizeof *s->w + 3 * sizeof(double);
}

static void save(const leray_solver *base, void *bytes)
{
    const ns2d *s = (const ns2d *)base;
    double last[3] = {s->cfl, s->energy_residual, s->enstrophy_residual};
    size_t column = (size_t)s->rows * sizeof *s->w;
    char *at = bytes;

    for (int kx = 0; kx <= s->top_x; kx++, at += column)
        memcpy(at, s->w + (size_t)kx * (size_t)s->pitch, column);
    memcpy(at, last, sizeof last);
}

static leray_status restore(leray_solver *base, const void *bytes)
{
    ns2d *s = (ns2d *)base;
    double last[3];
    size_t column = (size_t)s->rows * sizeof *s->w;
    const char *at = bytes;

    for (int kx = 0; kx <= s->top_x; kx++, at += column)
        memcpy(s->w + (size_t)kx * (size_t)s->pitch, at, column);
    memcpy(last, at, sizeof last);
    s->cfl = last[0], s->energy_residual = last[1], s->enstrophy_residual = last[2];
    s->begun = false;
    return LERAY_OK;
}

const leray_solver_type leray_solver_ns2d = {
    .name = "ns2d",
    .summary = "2-D Navier-Stokes on a periodic box, vorticity form, pseudo-spectral, RK4",
    .size = sizeof(ns2d),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(ns2d_settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = ns2d_step,
    .frame = frame,
    .max_dt = max_dt,
    .set_parameters = set_parameters,
    .statistics = ns2d_statistics,
    .state_size = state_size,
    .save = save,
    .restore = restore,
};
