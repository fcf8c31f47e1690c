/* gray_scott.c - a solver in a plugin: the reaction of Gray and Scott in a periodic square.

     du/dt = D_u lap u - u v^2 + F (1 - u)
     dv/dt = D_v lap v + u v^2 - (F + k) v

   Five-point differences in space (second order), forward Euler in time (first order), as in J. E. Pearson,
   Complex patterns in a simple system, Science 261 (1993). The flow begins with u = 1, v = 0 and `spots` squares
   of u = 1/2, v = 1/4 at random places. Euler's method wants dt <= (length / n)^2 / (4 D_u). */
#include <leray/impl/rng.h>
#include <leray/impl/solver.h>
#include <math.h>
#include <string.h>

typedef struct settings {
    int64_t n, spots;
    double length, diffusion_u, diffusion_v, feed, kill, dt;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_INT(settings, n, "n", "128", 8, 8192, "1", "points along each side"),
    LERAY_KEY_REAL(settings, length, "length", "2.5", 1e-6, 1e6, "1", "of a side"),
    LERAY_KEY_REAL(settings, diffusion_u, "diffusion.u", "2e-5", 0, 1e6, "1", "D_u"),
    LERAY_KEY_REAL(settings, diffusion_v, "diffusion.v", "1e-5", 0, 1e6, "1", "D_v"),
    LERAY_KEY_PARAMETER(settings, feed, "feed", "0.04", 0, 1, "1", "F: u that flows in"),
    LERAY_KEY_PARAMETER(settings, kill, "kill", "0.06", 0, 1, "1", "k: v that is taken away"),
    LERAY_KEY_INT(settings, spots, "spots", "12", 0, 1e6, "1", "squares at the beginning"),
    LERAY_KEY_REAL(settings, dt, "dt", "1", 1e-9, 1e9, "1", "time step"),
};

typedef struct gray_scott {
    leray_solver base;
    leray_grid grid;
    double *now, *next; /* [2, n, n]: u, v */
    leray_frame_field field[2];
} gray_scott;

static const settings *of(const leray_solver *base) { return base->settings; }
static size_t points(const leray_solver *base) { return (size_t)(of(base)->n * of(base)->n); }

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    gray_scott *s = (gray_scott *)base;
    const settings *set = of(base);
    int n = (int)set->n;
    double dx = set->length / n, limit = dx * dx / (4 * fmax(set->diffusion_u, set->diffusion_v));

    LERAY_CHECK(set->dt <= limit, LERAY_ERR_CONFIG, "%s.dt = %g, at most %g on this grid%s",
                section, set->dt, limit, leray_config_where(cfg, section, "dt"));
    s->grid = leray_grid_periodic(2, (int[]){n, n}, (double[]){set->length, set->length});
    LERAY_TRY(LERAY_ALLOC(&s->now, 2 * points(base)));
    return LERAY_ALLOC(&s->next, 2 * points(base));
}

static void fini(leray_solver *base)
{
    leray_mem_free(((gray_scott *)base)->now);
    leray_mem_free(((gray_scott *)base)->next);
}

static leray_status start(leray_solver *base)
{
    double *u = ((gray_scott *)base)->now, *v = u + points(base);
    int n = (int)of(base)->n, side = n / 16 + 1;
    leray_rng rng = leray_rng_make(base->seed, LERAY_PURPOSE_INITIAL_FIELD, base->simulation, 0);

    for (size_t i = 0; i < points(base); i++) u[i] = 1, v[i] = 0;
    for (int spot = 0; spot < of(base)->spots; spot++) {
        int y = (int)leray_rng_below(&rng, (uint32_t)n),
            x = (int)leray_rng_below(&rng, (uint32_t)n);

        for (int j = 0; j < side * side; j++) {
            int at = (y + j / side) % n * n + (x + j % side) % n;

            u[at] = 0.5, v[at] = 0.25;
        }
    }
    return LERAY_OK;
}

static leray_status step(leray_solver *base, double dt)
{
    gray_scott *s = (gray_scott *)base;
    const settings *set = of(base);
    const double *u = s->now, *v = u + points(base);
    double *u1 = s->next, *v1 = u1 + points(base), sum = 0, dx = set->length / (double)set->n;
    double a = set->diffusion_u / (dx * dx), b = set->diffusion_v / (dx * dx);
    int n = (int)set->n;

    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            int i = y * n + x, north = (y + 1) % n * n + x, south = (y + n - 1) % n * n + x;
            int east = y * n + (x + 1) % n, west = y * n + (x + n - 1) % n;
            double rate = u[i] * v[i] * v[i];

            u1[i] = u[i] + dt * (a * (u[north] + u[south] + u[east] + u[west] - 4 * u[i]) - rate +
                                 set->feed * (1 - u[i]));
            v1[i] = v[i] + dt * (b * (v[north] + v[south] + v[east] + v[west] - 4 * v[i]) + rate -
                                 (set->feed + set->kill) * v[i]);
            sum += u1[i] + v1[i];
        }
    if (!isfinite(sum)) return leray_solver_diverged(base, dt, NAN);
    s->next = s->now, s->now = u1;
    return LERAY_OK;
}

static double max_dt(leray_solver *base) { return of(base)->dt; }

static void frame(leray_solver *base, leray_frame *out)
{
    gray_scott *s = (gray_scott *)base;

    s->field[0] = (leray_frame_field){"u", "1", s->now};
    s->field[1] = (leray_frame_field){"v", "1", s->now + points(base)};
    out->grid = &s->grid, out->nfields = 2, out->field = s->field;
}

static size_t state_size(const leray_solver *base) { return 2 * points(base) * sizeof(double); }

static void save(const leray_solver *base, void *bytes)
{
    memcpy(bytes, ((const gray_scott *)base)->now, state_size(base));
}

static leray_status restore(leray_solver *base, const void *bytes)
{
    memcpy(((gray_scott *)base)->now, bytes, state_size(base));
    return LERAY_OK;
}

extern const leray_solver_type gray_scott_type;
const leray_solver_type gray_scott_type = {
    .name = "gray-scott",
    .summary = "reaction and diffusion of two substances: Gray and Scott, finite differences",
    .size = sizeof(gray_scott),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = step,
    .max_dt = max_dt,
    .frame = frame,
    .state_size = state_size,
    .save = save,
    .restore = restore,
};
