/* solvers/walls/walls2d.c - incompressible flow in a box with walls, inlets and outflows:

     du/dt + div(u u) = -grad p + nu lap u,   div u = 0.

   Finite volumes on a staggered grid (MAC; Harlow and Welch 1965), of second order, on even or stretched axes
   (momentum.c). In time the low-storage Runge-Kutta scheme of third order of Wray (Spalart, Moser and Rogers 1991): with
   u_0 = u(t), N_k = N(u_{k-1}),

     u_k = P [ u_{k-1} + dt (gamma_k N_k + zeta_k N_{k-1}) ],   k = 1, 2, 3,
     gamma = 8/15, 5/12, 3/4,   zeta = 0, -17/60, -5/12,

   P taking away the gradient that leaves no divergence: lap phi = div u, u <- u - grad phi, solved directly
   (poisson.h), so that div u is 0 to round-off after every stage. The pressure of a frame is that of its instant:
   lap p = div N(u). */
#include "solvers/walls/walls2d.h"

#include "core/log.h"
#include <leray/impl/rng.h>

#include <math.h>
#include <stdatomic.h>
#include <string.h>

static const char *const types[] = {"wall", "slip", "periodic", "inlet", "outflow", NULL};
static const char *const profiles[] = {"uniform", "parabolic", NULL};
static const char *const scalars[] = {"insulated", "fixed", NULL};
static const char *const initials[] = {"rest", "uniform", "noise", NULL};
typedef enum initial { REST, UNIFORM, NOISE } initial;

#define S walls2d_settings
#define SIDE(index, name)                                                                        \
    LERAY_KEY_CHOICE(S, side[index].type, name ".type", "wall", types,                           \
                     "no slip, free slip, the same as the opposite side, flow in, or flow out"), \
        LERAY_KEY_PARAMETER(S, side[index].velocity, name ".velocity", "0", -1e6, 1e6,           \
                            "length/time",                                                       \
                            "of a wall along itself, +x or +y; of an inlet into the box, mean"), \
        LERAY_KEY_CHOICE(S, side[index].profile, name ".profile", "uniform", profiles,           \
                         "of an inlet's velocity"),                                              \
        LERAY_KEY_CHOICE(S, side[index].scalar.type, name ".scalar.type", "insulated", scalars,  \
                         "nothing is conducted through it, or the scalar has a value there"),    \
        LERAY_KEY_PARAMETER(S, side[index].scalar.value, name ".scalar.value", "0", -1e6, 1e6,   \
                            "1", "fixed: the value")
static const leray_key rows[] = {
    LERAY_KEY_INTS(S, n, "n", "64", 4, 16384, "1", "cells: n, or [ny, nx]"),
    LERAY_KEY_REALS(S, length, "length", "1", 1e-6, 1e6, "length", "box: L, or [Ly, Lx]"),
    LERAY_KEY_REALS(
        S, stretch, "stretch", "0", 0, 5, "1",
        "s, or [sy, sx]: cells at both ends are smaller by 1 / cosh(s)^2; 0: all the same"),
    LERAY_KEY_PARAMETER(S, nu, "nu", "1e-2", 0, 1e6, "length^2/time", "kinematic viscosity"),
    LERAY_KEY_REAL(S, dt, "dt", "1e-2", 1e-12, 1e6, "time",
                   "upper bound of the step; viscosity and cfl may ask for less"),
    LERAY_KEY_REAL(S, cfl, "cfl", "0.8", 0, 1.7, "1",
                   "the step is at most cfl / max(|u| / dx + |v| / dy); 0: no such bound"),
    SIDE(LEFT, "left"),
    SIDE(RIGHT, "right"),
    SIDE(BOTTOM, "bottom"),
    SIDE(TOP, "top"),
    LERAY_KEY_CHOICE(S, initial, "initial.type", "rest", initials, "the flow at time 0"),
    LERAY_KEY_PARAMETER(S, initial_velocity[0], "initial.velocity_x", "0", -1e6, 1e6, "length/time",
                        "uniform: u"),
    LERAY_KEY_PARAMETER(S, initial_velocity[1], "initial.velocity_y", "0", -1e6, 1e6, "length/time",
                        "uniform: v"),
    LERAY_KEY_PARAMETER(
        S, noise, "initial.amplitude", "0.1", 0, 1e6, "length/time",
        "noise: root mean square of the velocity, the same power at every wavelength"),
    LERAY_KEY_BOOL(S, scalar.on, "scalar.on", "false", "the flow carries a scalar"),
    LERAY_KEY_PARAMETER(S, scalar.kappa, "scalar.kappa", "1e-2", 0, 1e6, "length^2/time",
                        "its diffusivity"),
    LERAY_KEY_PARAMETER(S, scalar.buoyancy, "scalar.buoyancy", "0", -1e6, 1e6, "length/time^2",
                        "acceleration along +y for a scalar of 1 (Boussinesq)"),
    LERAY_KEY_PARAMETER(S, scalar.initial, "scalar.initial", "0", -1e6, 1e6, "1",
                        "the scalar at time 0"),
    LERAY_KEY_BOOL(S, frame.pressure, "frame.pressure", "true",
                   "frames hold the pressure, of mean 0"),
    LERAY_KEY_BOOL(S, frame.vorticity, "frame.vorticity", "false", "frames hold the vorticity"),
};
#undef SIDE
#undef S

/* Of the explicit viscous term: the scheme is stable for -lambda dt < 2.51. */
#define VISCOUS_LIMIT 2.4

/* A cavity has vortices as small as length / sqrt(Re), which want about four cells. */
static void warn_of_coarse_grids(const walls2d *s)
{
    const walls2d_settings *set = walls2d_settings_of(s);
    double fastest = fmax(fabs(set->initial_velocity[0]), fabs(set->initial_velocity[1]));
    double length = fmin(s->x.length, s->y.length);
    int n = s->x.length <= s->y.length ? s->nx : s->ny;
    double re;
    static _Atomic double said; /* an ensemble makes many solvers of one deck */

    for (int side = 0; side < SIDES; side++)
        fastest = fmax(fastest, fabs(set->side[side].velocity));
    re = set->nu > 0 ? fastest * length / set->nu : 0;
    if (n < 4 * sqrt(re) && atomic_exchange(&said, n + re) != n + re)
        leray_warn("walls2d: %d cells across the box at Re = %.3g; small vortices want about "
                   "4 sqrt(Re) = %.0f: the flow stays bounded but is not resolved",
                   n, re, 4 * sqrt(re));
}

/* ---- making ------------------------------------------------------------------------------- */

static leray_status check_count(int count, const char *name, const leray_config *cfg,
                                const char *section)
{
    LERAY_CHECK(count == 1 || count == 2, LERAY_ERR_CONFIG,
                "%s.%s has %d entries%s: one for both axes, or two, y first", section, name, count,
                leray_config_where(cfg, section, name));
    return LERAY_OK;
}

static leray_boundary boundary_of(const walls2d *s, int side)
{
    if (walls2d_is(s, side, WALLS_PERIODIC)) return LERAY_PERIODIC;
    return walls2d_is(s, side, WALLS_INLET) || walls2d_is(s, side, WALLS_OUTFLOW) ? LERAY_OPEN
                                                                                  : LERAY_WALL;
}

static leray_axis describe_axis(const walls2d *s, const walls_axis *a, int side)
{
    leray_axis axis = {.n = a->n, .start = 0, .length = a->length};

    axis.points = a->periodic ? LERAY_AT_VERTICES
                  : a->even   ? LERAY_AT_CENTRES
                              : LERAY_AT_COORDINATES;
    if (a->periodic) axis.start = a->centre[0];
    if (!a->periodic && !a->even) axis.coordinates = a->centre;
    axis.boundary[0] = boundary_of(s, side), axis.boundary[1] = boundary_of(s, side + 1);
    return axis;
}

static leray_status make_axes(walls2d *s, const leray_config *cfg, const char *section)
{
    const walls2d_settings *set = walls2d_settings_of(s);
    bool periodic_x = walls2d_is(s, LEFT, WALLS_PERIODIC);
    bool periodic_y = walls2d_is(s, BOTTOM, WALLS_PERIODIC);
    double sy = set->stretch.value[0], sx = set->stretch.value[set->stretch.count - 1];

    LERAY_TRY(check_count(set->n.count, "n", cfg, section));
    LERAY_TRY(check_count(set->length.count, "length", cfg, section));
    LERAY_TRY(check_count(set->stretch.count, "stretch", cfg, section));
    LERAY_CHECK(!(periodic_x && sx > 0) && !(periodic_y && sy > 0), LERAY_ERR_CONFIG,
                "%s.stretch%s: a periodic axis has cells of one size", section,
                leray_config_where(cfg, section, "stretch"));
    s->ny = (int)set->n.value[0], s->nx = (int)set->n.value[set->n.count - 1];
    LERAY_TRY(
        walls_axis_init(&s->x, s->nx, set->length.value[set->length.count - 1], sx, periodic_x));
    LERAY_TRY(walls_axis_init(&s->y, s->ny, set->length.value[0], sy, periodic_y));
    s->grid = (leray_grid){.kind = LERAY_BOX, .ndim = 2};
    s->grid.axis[0] = describe_axis(s, &s->y, BOTTOM);
    s->grid.axis[1] = describe_axis(s, &s->x, LEFT);
    return LERAY_OK;
}

/* How many arrays of velocities and of the scalar there are. */
static size_t arrays_of(const walls2d *s) { return walls2d_settings_of(s)->scalar.on ? 9 : 6; }

static leray_status allocate(walls2d *s)
{
    size_t each, cells = (size_t)s->ny * (size_t)s->nx;
    double **array[] = {&s->u,      &s->v, &s->u_next, &s->v_next, &s->u_rate,
                        &s->v_rate, &s->t, &s->t_next, &s->t_rate};
    size_t n = arrays_of(s);

    s->stride = ((size_t)s->nx + 3 + 7) / 8 * 8;
    each = ((size_t)s->ny + 3) * s->stride;
    LERAY_TRY(LERAY_ALLOC(&s->block, n * each));
    for (size_t k = 0; k < n; k++) *array[k] = s->block + k * each;
    LERAY_TRY(LERAY_ALLOC(&s->p, cells));
    LERAY_TRY(LERAY_ALLOC(&s->frame_values, 5 * cells));
    return LERAY_ALLOC(&s->fastest_row, (size_t)s->ny);
}

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    walls2d *s = (walls2d *)base;

    LERAY_TRY(make_axes(s, cfg, section));
    LERAY_TRY(walls2d_open_sides(s, cfg, section));
    LERAY_TRY(allocate(s));
    warn_of_coarse_grids(s);
    return walls_poisson_create(&s->x, &s->y, &s->poisson);
}

static void fini(leray_solver *base)
{
    walls2d *s = (walls2d *)base;

    walls_poisson_destroy(&s->poisson);
    leray_mem_free(s->fastest_row);
    leray_mem_free(s->frame_values);
    leray_mem_free(s->p);
    leray_mem_free(s->block);
    for (int side = 0; side < SIDES; side++) leray_mem_free(s->profile[side]);
    walls_axis_fini(&s->y);
    walls_axis_fini(&s->x);
}

/* ---- stepping ----------------------------------------------------------------------------- */

/* Makes (u, v) free of divergence. */
static void project(walls2d *s, double *u, double *v)
{
    walls2d_balance(s, u, v);
    walls2d_divergence(s, u, v, s->p);
    walls_poisson_solve(s->poisson, s->p);
    walls2d_project(s, s->p, u, v);
    walls2d_apply_sides(s, u, v);
}

/* Random velocities of a given root mean square once they have no divergence. */
static void make_noise(walls2d *s, double amplitude)
{
    leray_rng rng =
        leray_rng_make(s->base.seed, LERAY_PURPOSE_INITIAL_FIELD, s->base.simulation, 0);
    size_t each = ((size_t)s->ny + 3) * s->stride;
    double energy;

    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++) {
            s->u[walls2d_at(s, j, i)] = leray_rng_normal(&rng);
            s->v[walls2d_at(s, j, i)] = leray_rng_normal(&rng);
        }
    walls2d_apply_sides(s, s->u, s->v);
    project(s, s->u, s->v);
    energy = walls2d_measure(s).energy;
    for (size_t k = 0; k < each && energy > 0; k++) {
        s->u[k] *= amplitude / sqrt(2 * energy);
        s->v[k] *= amplitude / sqrt(2 * energy);
    }
}

static leray_status start(leray_solver *base)
{
    walls2d *s = (walls2d *)base;
    const walls2d_settings *set = base->settings;
    size_t each = ((size_t)s->ny + 3) * s->stride;

    memset(s->block, 0, arrays_of(s) * each * sizeof *s->block);
    /* What nothing reads stays 0, so that states are the same bytes. */
    for (int k = 0; k < s->ny * s->nx && s->t; k++)
        s->t[walls2d_at(s, k / s->nx, k % s->nx)] = set->scalar.initial;
    if (s->t) walls2d_apply_scalar(s, s->t);
    for (int y = 0; y <= s->ny && set->initial == UNIFORM; y++)
        for (int x = 0; x <= s->nx; x++) {
            if (y < s->ny) s->u[walls2d_at(s, y, x)] = set->initial_velocity[0];
            if (x < s->nx) s->v[walls2d_at(s, y, x)] = set->initial_velocity[1];
        }
    if (set->initial == NOISE) make_noise(s, set->noise);
    walls2d_apply_sides(s, s->u, s->v);
    project(s, s->u, s->v);
    s->cfl = 0;
    s->fastest_known = false;
    return LERAY_OK;
}

static leray_status set_parameters(leray_solver *base)
{
    walls2d *s = (walls2d *)base;

    LERAY_TRY(walls2d_check_velocities(s));
    if (base->started) walls2d_apply_sides(s, s->u, s->v);
    if (base->started && s->t) walls2d_apply_scalar(s, s->t);
    s->fastest_known = false;
    return LERAY_OK;
}

static double fastest(walls2d *s)
{
    if (!s->fastest_known) s->fastest = walls2d_fastest(s);
    s->fastest_known = true;
    return s->fastest;
}

static double smallest(const walls_axis *a)
{
    double least = a->width[1];

    for (int i = 1; i <= a->n; i++) least = fmin(least, a->width[i]);
    return least;
}

static double max_dt(leray_solver *base)
{
    walls2d *s = (walls2d *)base;
    const walls2d_settings *set = base->settings;
    double dx = smallest(&s->x), dy = smallest(&s->y), dt = set->dt;
    double diffusivity = fmax(set->nu, s->t ? set->scalar.kappa : 0);
    double viscous = 4 * diffusivity * (1 / (dx * dx) + 1 / (dy * dy));

    if (viscous > 0) dt = fmin(dt, VISCOUS_LIMIT / viscous);
    if (set->cfl > 0 && fastest(s) > 0) dt = fmin(dt, set->cfl / fastest(s));
    return dt;
}

static void swap(double **a, double **b)
{
    double *was = *a;

    *a = *b, *b = was;
}

static leray_status step(leray_solver *base, double dt)
{
    static const double gamma[] = {8.0 / 15, 5.0 / 12, 3.0 / 4};
    static const double zeta[] = {0, -17.0 / 60, -5.0 / 12};
    walls2d *s = (walls2d *)base;

    s->cfl = dt * fastest(s);
    for (int k = 0; k < 3; k++) {
        walls2d_advance(s, dt, gamma[k], zeta[k]);
        if (s->t) walls2d_advance_scalar(s, dt, gamma[k], zeta[k]);
        walls2d_advance_outflow(s, dt, gamma[k], zeta[k]);
        swap(&s->u, &s->u_next), swap(&s->v, &s->v_next);
        if (s->t) swap(&s->t, &s->t_next), walls2d_apply_scalar(s, s->t);
        walls2d_apply_sides(s, s->u, s->v);
        project(s, s->u, s->v);
    }
    s->fastest_known = false;
    if (!isfinite(fastest(s))) return leray_solver_diverged(base, dt, s->cfl);
    return LERAY_OK;
}

/* ---- what is shown ------------------------------------------------------------------------ */

/* lap p = div N(u), from u + N(u): u itself has no divergence. */
static void find_pressure(walls2d *s)
{
    walls2d_advance(s, 1, 1, 0);
    if (s->t) walls2d_advance_scalar(s, 1, 1, 0);
    walls2d_advance_outflow(s, 1, 1, 0);
    walls2d_apply_sides(s, s->u_next, s->v_next);
    walls2d_balance(s, s->u_next, s->v_next);
    walls2d_divergence(s, s->u_next, s->v_next, s->p);
    walls_poisson_solve(s->poisson, s->p);
}

/* Takes the mean away, which the pressure leaves open. */
static void take_mean(const walls2d *s, double *p)
{
    double mean = 0;

    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++)
            mean +=
                p[(size_t)j * (size_t)s->nx + (size_t)i] * s->x.width[i + 1] * s->y.width[j + 1];
    mean /= s->x.length * s->y.length;
    for (size_t k = 0; k < (size_t)s->ny * (size_t)s->nx; k++) p[k] -= mean;
}

/* At the centres of cells. */
static void frame(leray_solver *base, leray_frame *out)
{
    walls2d *s = (walls2d *)base;
    const walls2d_settings *set = base->settings;
    size_t cells = (size_t)s->ny * (size_t)s->nx;
    double *at = s->frame_values, *extra = at + 2 * cells;
    int n = 2;

    s->field[0] = (leray_frame_field){"velocity_x", "length/time", at};
    s->field[1] = (leray_frame_field){"velocity_y", "length/time", at + cells};
    if (set->frame.pressure) {
        find_pressure(s);
        memcpy(extra, s->p, cells * sizeof *extra);
        take_mean(s, extra);
        s->field[n++] = (leray_frame_field){"pressure", "length^2/time^2", extra};
        extra += cells;
    }
    if (set->frame.vorticity) s->field[n++] = (leray_frame_field){"vorticity", "1/time", extra};
    if (s->t) s->field[n++] = (leray_frame_field){"scalar", "1", s->frame_values + 4 * cells};
    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++, at++, extra++) {
            const double *u = s->u + walls2d_at(s, j, i), *v = s->v + walls2d_at(s, j, i);

            at[0] = (u[0] + u[1]) / 2;
            at[cells] = (v[0] + v[s->stride]) / 2;
            if (set->frame.vorticity) *extra = walls2d_vorticity(s, j, i);
            if (s->t)
                s->frame_values[4 * cells + (size_t)j * (size_t)s->nx + (size_t)i] =
                    s->t[walls2d_at(s, j, i)];
        }
    out->grid = &s->grid, out->nfields = n, out->field = s->field;
}

static int statistics(leray_solver *base, const leray_statistic **out)
{
    walls2d *s = (walls2d *)base;
    static const char *const conducted[] = {"scalar_flux_left", "scalar_flux_right",
                                            "scalar_flux_bottom", "scalar_flux_top"};
    walls2d_budget b = walls2d_measure(s);
    double lift = s->t ? walls2d_lift_power(s) : 0;
    bool open = false;
    int n = 0;

    for (int side = 0; side < SIDES; side++)
        open = open || walls2d_is(s, side, WALLS_INLET) || walls2d_is(s, side, WALLS_OUTFLOW);
    walls2d_advance(s, 1, 1, 0);
#define ROW(name, unit, value) s->statistic[n++] = (leray_statistic){name, unit, value}
    ROW("energy", "length^2/time^2", b.energy);
    ROW("energy_dissipation", "length^2/time^3", b.dissipation);
    if (!open) ROW("energy_work", "length^2/time^3", b.work + lift);
    if (!open) ROW("energy_rate", "length^2/time^3", walls2d_power(s) + lift);
    ROW("divergence", "1/time", b.divergence);
    ROW("cfl", "1", s->cfl);
    ROW("dt", "time", base->dt);
    if (s->t) ROW("scalar_mean", "1", walls2d_scalar_mean(s));
    for (int side = 0; side < SIDES && s->t; side++)
        if (!walls2d_is(s, side, WALLS_PERIODIC))
            ROW(conducted[side], "length/time", walls2d_conduction(s, side));
#undef ROW
    *out = s->statistic;
    return n;
}

/* ---- states ------------------------------------------------------------------------------- */

/* The velocities and the scalar with their ghosts, and the last step's number. */
static size_t each_of(const walls2d *s) { return ((size_t)s->ny + 3) * s->stride; }

static size_t state_size(const leray_solver *base)
{
    const walls2d *s = (const walls2d *)base;

    return ((s->t ? 3 : 2) * each_of(s) + 1) * sizeof(double);
}

static void save(const leray_solver *base, void *bytes)
{
    const walls2d *s = (const walls2d *)base;
    const double *array[] = {s->u, s->v, s->t};
    double *to = bytes;

    for (int k = 0; k < 3 && array[k]; k++, to += each_of(s))
        memcpy(to, array[k], each_of(s) * sizeof *to);
    *to = s->cfl;
}

static leray_status restore(leray_solver *base, const void *bytes)
{
    walls2d *s = (walls2d *)base;
    double *array[] = {s->u, s->v, s->t};
    const double *from = bytes;

    for (int k = 0; k < 3 && array[k]; k++, from += each_of(s))
        memcpy(array[k], from, each_of(s) * sizeof *from);
    s->cfl = *from;
    s->fastest_known = false;
    return LERAY_OK;
}

const leray_solver_type leray_solver_walls2d = {
    .name = "walls2d",
    .summary = "2-D Navier-Stokes between walls, inlets and outflows, finite volumes, RK3",
    .size = sizeof(walls2d),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(walls2d_settings),
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
