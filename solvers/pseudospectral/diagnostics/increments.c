/* solvers/pseudospectral/diagnostics/increments.c - structure functions: rows are separations r along x, in order.

   du = u(x + r, ..) - u(x, ..), and dv likewise of the components across x, over which means are taken
   too in three dimensions. <.> is the mean over all points of the grid:
       longitudinal_p = <du^p>,  transverse_p = <dv^p>,  p = 2 .. 6
       skewness = <du^3>/<du^2>^(3/2),  flatness = <du^4>/<du^2>^2
   In homogeneous isotropic turbulence <du^3> = -4/5 epsilon r in the inertial range of three
   dimensions (A. N. Kolmogorov, 1941). Rows of points are whole on a rank: no exchange beyond the
   transform of the velocity. */
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/pseudospectral/diagnostics/grid_vector.h"

#include <math.h>
#include <string.h>

enum { POWERS_OF_TWO, ALL };
static const char *const separation_names[] = {"powers", "all", NULL};

typedef struct settings {
    double every;
    int separations;
} settings;

static const leray_key rows[] = {
    LERAY_DIAGNOSTIC_EVERY(settings),
    LERAY_KEY_CHOICE(settings, separations, "separations", "powers", separation_names,
                     "distances in points, up to half the box: 1, 2, 4, 8, .. or all"),
};

#define ORDERS 5                  /* p = 2 .. 6 */
#define MOMENTS (2 * ORDERS)      /* longitudinal, then transverse */
#define COLUMNS (1 + MOMENTS + 3) /* r, the moments, skewness and two flatnesses */

static const char *const names[COLUMNS] = {
    "r",
    "longitudinal_2",
    "longitudinal_3",
    "longitudinal_4",
    "longitudinal_5",
    "longitudinal_6",
    "transverse_2",
    "transverse_3",
    "transverse_4",
    "transverse_5",
    "transverse_6",
    "longitudinal_skewness",
    "longitudinal_flatness",
    "transverse_flatness",
};
static const char *const units[COLUMNS] = {
    "length",
    "length^2/time^2",
    "length^3/time^3",
    "length^4/time^4",
    "length^5/time^5",
    "length^6/time^6",
    "length^2/time^2",
    "length^3/time^3",
    "length^4/time^4",
    "length^5/time^5",
    "length^6/time^6",
    "1",
    "1",
    "1",
};

typedef struct increments {
    leray_diagnostic base;
    leray_grid_vector velocity;
    const leray_box *box;
    int count, pairs;
    int *separation; /* [count], points */
    double *partial; /* [pairs, count, MOMENTS]: each pair of rows adds up its own */
    double *moments; /* [count, MOMENTS] */
    double *value;   /* [count, COLUMNS] */
} increments;

/* Adds the sums of (b - a)^p over n points. */
static void add_powers(int n, const double *a, const double *b, double *sums)
{
    double s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0;

#pragma omp simd reduction(+ : s2, s3, s4, s5, s6)
    for (int j = 0; j < n; j++) {
        double d = b[j] - a[j], d2 = d * d, d4 = d2 * d2;

        s2 += d2;
        s3 += d2 * d;
        s4 += d4;
        s5 += d4 * d;
        s6 += d4 * d2;
    }
    sums[0] += s2, sums[1] += s3, sums[2] += s4, sums[3] += s5, sums[4] += s6;
}

static void pair_work(void *self, const leray_rows *pair, double *const *in, double *const *out)
{
    increments *s = self;
    double *partial = s->partial + (size_t)pair->index * (size_t)s->count * MOMENTS;

    (void)out;
    memset(partial, 0, (size_t)s->count * MOMENTS * sizeof *partial);
    for (int i = 0; i < s->count; i++) {
        int shift = pair->rows * s->separation[i], rest = pair->points - shift;

        for (int a = 0; a < s->box->ndim; a++) {
            double *sums = partial + (size_t)i * MOMENTS + (a > 0 ? ORDERS : 0);

            add_powers(rest, in[a], in[a] + shift, sums);
            add_powers(shift, in[a] + rest, in[a], sums);
        }
    }
}

static void fill_row(const increments *s, int i)
{
    double *m = s->moments + (size_t)i * MOMENTS, *v = s->value + (size_t)i * COLUMNS;
    double points = (double)leray_box_points(s->box);
    const double *l = v + 1, *t = v + 1 + ORDERS;

    v[0] = s->separation[i] * s->box->length[LERAY_BOX_X] / s->box->n[LERAY_BOX_X];
    for (int p = 0; p < MOMENTS; p++)
        v[1 + p] = m[p] / (points * (p < ORDERS ? 1 : s->box->ndim - 1));
    v[1 + MOMENTS] = l[1] / (l[0] * sqrt(l[0]));
    v[2 + MOMENTS] = l[2] / (l[0] * l[0]);
    v[3 + MOMENTS] = t[2] / (t[0] * t[0]);
}

static leray_status measure(leray_diagnostic *base)
{
    increments *s = (increments *)base;
    size_t n = (size_t)s->count * MOMENTS;

    LERAY_TRY(leray_grid_vector_velocity(&s->velocity, pair_work, s));
    memset(s->moments, 0, n * sizeof *s->moments);
    for (size_t p = 0; p < (size_t)s->pairs; p++)
        for (size_t i = 0; i < n; i++) s->moments[i] += s->partial[p * n + i];
    LERAY_TRY(leray_comm_sum(s->box->comm, s->moments, n));
    for (int i = 0; i < s->count; i++) fill_row(s, i);
    return LERAY_OK;
}

static leray_status init(leray_diagnostic *base, const leray_config *cfg, const char *section)
{
    increments *s = (increments *)base;
    const settings *set = base->settings;
    int half;

    (void)cfg, (void)section;
    s->box = leray_integrator_state(base->view->integrator)->box;
    s->pairs = leray_transforms_pairs(leray_integrator_transforms(base->view->integrator));
    half = s->box->n[LERAY_BOX_X] / 2;
    LERAY_TRY(LERAY_ALLOC(&s->separation, (size_t)half));
    for (int r = 1; r <= half; r = set->separations == ALL ? r + 1 : 2 * r)
        s->separation[s->count++] = r;
    LERAY_TRY(LERAY_ALLOC(&s->partial, (size_t)s->pairs * (size_t)s->count * MOMENTS));
    LERAY_TRY(LERAY_ALLOC(&s->moments, (size_t)s->count * MOMENTS));
    LERAY_TRY(LERAY_ALLOC(&s->value, (size_t)s->count * COLUMNS));
    return leray_grid_vector_init(&s->velocity, base->view);
}

static void fini(leray_diagnostic *base)
{
    increments *s = (increments *)base;

    leray_grid_vector_fini(&s->velocity);
    leray_mem_free(s->separation);
    leray_mem_free(s->partial);
    leray_mem_free(s->moments);
    leray_mem_free(s->value);
}

static void table(leray_diagnostic *base, leray_measured *out)
{
    increments *s = (increments *)base;

    *out = (leray_measured){COLUMNS, s->count, names, units, s->value};
}

const leray_diagnostic_type leray_diagnostic_increments = {
    .name = "increments",
    .summary = "structure functions of orders 2 to 6, skewness and flatness over separations",
    .size = sizeof(increments),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .init = init,
    .fini = fini,
    .measure = measure,
    .table = table,
};
