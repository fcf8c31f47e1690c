/* solvers/walls/sides.c - what the four sides of the box do to the flow.

   A ghost beyond a wall holds 2 U - u, so that the mean of both is the wall's velocity U; beyond a slip side u itself.
   Through an outflow side velocities are carried by the mean velocity C through it,

     du/dt + C du/dn = 0,

   and then all of them get the same small amount, so that as much flows out as flows in. */
#include "solvers/walls/walls2d.h"

#include <stdio.h>

static const walls_axis *along(const walls2d *s, int side) { return side < BOTTOM ? &s->y : &s->x; }

/* ---- what fits together ------------------------------------------------------------------- */

static const char *const names[] = {"left", "right", "bottom", "top"};

static leray_status check_pair(const walls2d *s, int side, const leray_config *cfg,
                               const char *section)
{
    bool a = walls2d_is(s, side, WALLS_PERIODIC), b = walls2d_is(s, side + 1, WALLS_PERIODIC);
    char key[32];

    snprintf(key, sizeof key, "%s.type", names[a ? side : side + 1]);
    LERAY_CHECK(a == b, LERAY_ERR_CONFIG,
                "%s.%s = periodic%s: then %s.%s.type must be periodic, too", section, key,
                leray_config_where(cfg, section, key), section, names[a ? side + 1 : side]);
    return LERAY_OK;
}

/* `where` is put behind the value. */
static leray_status check_velocity(const walls2d *s, int side, const char *where)
{
    const walls_side_settings *set = &walls2d_settings_of(s)->side[side];

    LERAY_CHECK(set->velocity == 0 || set->type == WALLS_WALL || set->type == WALLS_INLET,
                LERAY_ERR_CONFIG, "%s.velocity = %g%s: only a wall and an inlet have a velocity",
                names[side], set->velocity, where);
    LERAY_CHECK(set->type != WALLS_INLET || set->velocity >= 0, LERAY_ERR_CONFIG,
                "%s.velocity = %g%s: an inlet's velocity is into the box, at least 0", names[side],
                set->velocity, where);
    return LERAY_OK;
}

leray_status walls2d_check_velocities(const walls2d *s)
{
    for (int side = 0; side < SIDES; side++) LERAY_TRY(check_velocity(s, side, ""));
    return LERAY_OK;
}

/* Keys that would have no effect, and an inlet that does not say what it brings. */
static leray_status check_scalar(const walls2d *s, int side, const leray_config *cfg,
                                 const char *section)
{
    const walls_side_settings *set = &walls2d_settings_of(s)->side[side];
    bool on = walls2d_settings_of(s)->scalar.on;
    char key[32];

    snprintf(key, sizeof key, "%s.profile", names[side]);
    LERAY_CHECK(set->profile == 0 || set->type == WALLS_INLET, LERAY_ERR_CONFIG,
                "%s.%s = parabolic%s: only an inlet has a profile", section, key,
                leray_config_where(cfg, section, key));
    snprintf(key, sizeof key, "%s.scalar.type", names[side]);
    LERAY_CHECK(!set->scalar.type || (on && set->type != WALLS_PERIODIC), LERAY_ERR_CONFIG,
                "%s.%s = fixed%s: %s", section, key, leray_config_where(cfg, section, key),
                on ? "a periodic side has no value of its own"
                   : "there is no scalar: scalar.on = true");
    LERAY_CHECK(
        !on || set->type != WALLS_INLET || set->scalar.type, LERAY_ERR_CONFIG,
        "%s.%s = insulated%s: an inlet brings the scalar in: give it the type fixed and a value",
        section, key, leray_config_where(cfg, section, key));
    return LERAY_OK;
}

static leray_status check_flow(const walls2d *s, const leray_config *cfg, const char *section)
{
    int in = -1, out = -1;
    char key[32];

    for (int side = 0; side < SIDES; side++) {
        if (walls2d_is(s, side, WALLS_INLET)) in = side;
        if (walls2d_is(s, side, WALLS_OUTFLOW)) out = side;
    }
    snprintf(key, sizeof key, "%s.type", names[in >= 0 ? in : 0]);
    LERAY_CHECK(in < 0 || out >= 0, LERAY_ERR_CONFIG,
                "%s.%s = inlet%s: what flows in cannot get out; give another side the type outflow",
                section, key, leray_config_where(cfg, section, key));
    snprintf(key, sizeof key, "%s.type", names[out >= 0 ? out : 0]);
    LERAY_CHECK(out < 0 || in >= 0, LERAY_ERR_CONFIG,
                "%s.%s = outflow%s: nothing flows in; give another side the type inlet", section,
                key, leray_config_where(cfg, section, key));
    return LERAY_OK;
}

/* Uniform, or a parabola of the same mean. */
static leray_status make_profile(walls2d *s, int side)
{
    const walls_side_settings *set = &walls2d_settings_of(s)->side[side];
    const walls_axis *a = along(s, side);

    if (set->type != WALLS_INLET) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&s->profile[side], (size_t)a->n));
    for (int i = 0; i < a->n; i++) {
        double x0 = a->face[i] / a->length, x1 = a->face[i + 1] / a->length;
        /* mean over the cell of 6 x (1 - x) */
        double shape = (x1 * x1 * (3 - 2 * x1) - x0 * x0 * (3 - 2 * x0)) / (x1 - x0);

        s->profile[side][i] = set->profile ? shape : 1;
    }
    return LERAY_OK;
}

leray_status walls2d_open_sides(walls2d *s, const leray_config *cfg, const char *section)
{
    LERAY_TRY(check_pair(s, LEFT, cfg, section));
    LERAY_TRY(check_pair(s, BOTTOM, cfg, section));
    LERAY_TRY(check_flow(s, cfg, section));
    for (int side = 0; side < SIDES; side++) {
        char key[32];

        snprintf(key, sizeof key, "%s.velocity", names[side]);
        LERAY_TRY(check_velocity(s, side, leray_config_where(cfg, section, key)));
        LERAY_TRY(check_scalar(s, side, cfg, section));
        LERAY_TRY(make_profile(s, side));
    }
    return LERAY_OK;
}

/* ---- one side at a time ------------------------------------------------------------------- */

/* Where the normal velocity k of the side lies, k = 0 .. m - 1; `step` leads one face into the box. */
static size_t normal_at(const walls2d *s, int side, int k)
{
    switch (side) {
    case LEFT: return walls2d_at(s, k, 0);
    case RIGHT: return walls2d_at(s, k, s->nx);
    case BOTTOM: return walls2d_at(s, 0, k);
    default: return walls2d_at(s, s->ny, k);
    }
}

static ptrdiff_t inward(const walls2d *s, int side)
{
    switch (side) {
    case LEFT: return 1;
    case RIGHT: return -1;
    case BOTTOM: return (ptrdiff_t)s->stride;
    default: return -(ptrdiff_t)s->stride;
    }
}

/* The ghost of the tangential velocity k of the side, k = 0 .. m. */
static size_t ghost_at(const walls2d *s, int side, int k)
{
    switch (side) {
    case LEFT: return walls2d_at(s, k, -1);
    case RIGHT: return walls2d_at(s, k, s->nx);
    case BOTTOM: return walls2d_at(s, -1, k);
    default: return walls2d_at(s, s->ny, k);
    }
}

/* +1 where a positive normal velocity points into the box. */
static double into(int side) { return side == LEFT || side == BOTTOM ? 1 : -1; }

static void apply_normal(const walls2d *s, int side, double *normal)
{
    const walls_side_settings *set = &walls2d_settings_of(s)->side[side];
    int m = along(s, side)->n;

    if (set->type == WALLS_OUTFLOW || set->type == WALLS_PERIODIC) return;
    for (int k = 0; k < m; k++) {
        double in = set->type == WALLS_INLET ? set->velocity * s->profile[side][k] : 0;

        normal[normal_at(s, side, k)] = into(side) * in;
    }
}

static void apply_ghosts(const walls2d *s, int side, double *tangential)
{
    const walls_side_settings *set = &walls2d_settings_of(s)->side[side];
    int m = along(s, side)->n;
    ptrdiff_t in = inward(s, side);
    double wall = set->type == WALLS_WALL ? 2 * set->velocity : 0;
    double sign = set->type == WALLS_SLIP || set->type == WALLS_OUTFLOW ? 1 : -1;

    for (int k = 0; k <= m; k++) {
        size_t at = ghost_at(s, side, k);

        tangential[at] = wall + sign * tangential[(size_t)((ptrdiff_t)at + in)];
    }
}

static void wrap_x(const walls2d *s, double *u, double *v)
{
    for (int j = -1; j <= s->ny; j++) {
        double *row = u + walls2d_at(s, j, 0);

        row[-1] = row[s->nx - 1], row[s->nx] = row[0], row[s->nx + 1] = row[1];
    }
    for (int j = -1; j <= s->ny + 1; j++) {
        double *row = v + walls2d_at(s, j, 0);

        row[-1] = row[s->nx - 1], row[s->nx] = row[0];
    }
}

static void wrap_y(const walls2d *s, double *u, double *v)
{
    for (int i = -1; i <= s->nx + 1; i++) {
        u[walls2d_at(s, -1, i)] = u[walls2d_at(s, s->ny - 1, i)];
        u[walls2d_at(s, s->ny, i)] = u[walls2d_at(s, 0, i)];
    }
    for (int i = -1; i <= s->nx; i++) {
        v[walls2d_at(s, -1, i)] = v[walls2d_at(s, s->ny - 1, i)];
        v[walls2d_at(s, s->ny, i)] = v[walls2d_at(s, 0, i)];
        v[walls2d_at(s, s->ny + 1, i)] = v[walls2d_at(s, 1, i)];
    }
}

void walls2d_apply_sides(const walls2d *s, double *u, double *v)
{
    for (int side = 0; side < SIDES; side++) apply_normal(s, side, side < BOTTOM ? u : v);
    if (s->x.periodic) wrap_x(s, u, v);
    if (s->y.periodic) wrap_y(s, u, v);
    for (int side = 0; side < SIDES; side++)
        if (!walls2d_is(s, side, WALLS_PERIODIC)) apply_ghosts(s, side, side < BOTTOM ? v : u);
}

/* ---- outflow ------------------------------------------------------------------------------ */

/* What flows out through a side, per depth. */
static double flux_out(const walls2d *s, int side, const double *normal)
{
    const walls_axis *a = along(s, side);
    double sum = 0;

    for (int k = 0; k < a->n; k++) sum += a->width[k + 1] * normal[normal_at(s, side, k)];
    return -into(side) * sum;
}

void walls2d_advance_outflow(walls2d *s, double dt, double gamma, double zeta)
{
    for (int side = 0; side < SIDES; side++) {
        const double *normal = side < BOTTOM ? s->u : s->v;
        double *rate = side < BOTTOM ? s->u_rate : s->v_rate;
        double *next = side < BOTTOM ? s->u_next : s->v_next;
        const walls_axis *a = along(s, side), *across = side < BOTTOM ? &s->x : &s->y;
        double mean = flux_out(s, side, normal) / a->length;
        double step = side == LEFT || side == BOTTOM ? across->width[1] : across->width[across->n];
        ptrdiff_t in = inward(s, side);

        if (!walls2d_is(s, side, WALLS_OUTFLOW)) continue;
        for (int k = 0; k < a->n; k++) {
            size_t at = normal_at(s, side, k);

            double now = -mean * (normal[at] - normal[(size_t)((ptrdiff_t)at + in)]) / step;

            next[at] = normal[at] + dt * (gamma * now + zeta * rate[at]);
            rate[at] = now;
        }
    }
}

void walls2d_balance(const walls2d *s, double *u, double *v)
{
    double sum = 0, open = 0;

    for (int side = 0; side < SIDES; side++) {
        if (walls2d_is(s, side, WALLS_PERIODIC)) continue;
        sum += flux_out(s, side, side < BOTTOM ? u : v);
        if (walls2d_is(s, side, WALLS_OUTFLOW)) open += along(s, side)->length;
    }
    for (int side = 0; side < SIDES && open > 0; side++) {
        double *normal = side < BOTTOM ? u : v;

        if (!walls2d_is(s, side, WALLS_OUTFLOW)) continue;
        for (int k = 0; k < along(s, side)->n; k++)
            normal[normal_at(s, side, k)] += into(side) * sum / open;
    }
}
