/* solvers/pseudospectral/diagnostics/pdf.c - probability densities of the components of the velocity, of the
   vorticity and of velocity increments: rows are bins, in order.

   Of a variable x with standard deviation s, over all points of the grid,
       p_<x> = (fraction of the points whose x/s is in the bin)/(width of a bin),
   beside <x>, the value in the middle of the bin, and `centre`, the same over s. Bins cut
   [-range, range] evenly; what lies outside counts in the fraction, so that the integral is 1 less
   the probability of the outside. Means are 0: the uniform flow is left out.

       velocity_x, .., vorticity (2-D) or vorticity_x, .. (3-D)
       longitudinal_<r>   u(x + r dx, ..) - u(x, ..), for each r of `separations`
       transverse_<r>     the same of the components across x, all in one

   Deviations come from the coefficients (Parseval); points are counted in integers, so that neither
   threads nor ranks change a bit of the counts. */
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/pseudospectral/diagnostics/grid_vector.h"
#include "solvers/pseudospectral/diagnostics/mode_sums.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    double every, range;
    int64_t bins;
    leray_ints separations;
} settings;

static const leray_key rows[] = {
    LERAY_DIAGNOSTIC_EVERY(settings),
    LERAY_KEY_INT(settings, bins, "bins", "101", 1, 100000, "1",
                  "number of bins; odd: zero is in the middle of one"),
    LERAY_KEY_REAL(settings, range, "range", "10", 0.1, 1000, "1",
                   "the bins cover this many standard deviations on either side of 0"),
    LERAY_KEY_INTS(settings, separations, "separations", "[1, 2, 4]", 1, 16384, "points",
                   "distances of the velocity increments along x, up to half the box"),
};

#define NAME_MAX_BYTES 40

typedef struct pdf {
    leray_diagnostic base;
    leray_grid_vector vector;
    leray_mode_sums sums;
    const leray_box *box;
    int ndim, curls, separations, threads, bins;
    int variables;    /* velocity, vorticity, then longitudinal and transverse of each separation */
    uint64_t *counts; /* [threads, variables, bins] */
    double *fraction; /* [variables, bins] */
    double *deviation; /* [variables] */
    double *scale;     /* [variables]: bins per unit */
    int columns;       /* centre, then value and density of each variable */
    char (*names)[NAME_MAX_BYTES];
    const char **name, **unit; /* [columns] */
    double *value;             /* [bins, columns] */
} pdf;

static int first_increment(const pdf *s) { return s->ndim + s->curls; }

static int separation_of(const pdf *s, int i)
{
    return (int)((const settings *)s->base.settings)->separations.value[i];
}

/* Samples of a variable at each point. */
static int samples_of(const pdf *s, int variable)
{
    int increment = variable - first_increment(s);

    return increment >= 0 && increment % 2 == 1 ? s->ndim - 1 : 1;
}

/* ---- deviations -------------------------------------------------------------------------- */

/* |exp(i kx r) - 1|^2 of each separation times |u|^2. */
static void add_increments(const pdf *s, const leray_mode_lines *l, int r, double *sums)
{
    double dx = s->box->length[LERAY_BOX_X] / s->box->n[LERAY_BOX_X];
    double along = leray_mode_product(1, l->vector, l->vector, r);
    double across = leray_mode_product(s->ndim - 1, l->vector + 1, l->vector + 1, r);

    for (int i = 0; i < s->separations; i++) {
        double wave = 2 * sin(l->column->kx * dx * separation_of(s, i) / 2);

        sums[2 * i] += l->column->weight * wave * wave * along;
        sums[2 * i + 1] += l->column->weight * wave * wave * across / (s->ndim - 1);
    }
}

static void add_squares(void *self, const leray_mode_lines *l, double *sums)
{
    const pdf *s = self;
    double complex curl[3];

    for (int r = 0; r < l->column->n; r++) {
        if (!leray_mode_kept(l->column, r)) continue;
        for (int a = 0; a < s->ndim; a++)
            sums[a] += l->column->weight * leray_mode_product(1, l->vector + a, l->vector + a, r);
        leray_mode_curl(s->ndim, l->column, l->vector, r, curl);
        for (int a = 0; a < s->curls; a++)
            sums[s->ndim + a] += l->column->weight * creal(conj(curl[a]) * curl[a]);
        add_increments(s, l, r, sums + first_increment(s));
    }
}

/* ---- counts ------------------------------------------------------------------------------ */

static void clear_counts(pdf *s)
{
    memset(s->counts, 0,
           (size_t)s->threads * (size_t)s->variables * (size_t)s->bins * sizeof *s->counts);
}

/* Counts b - a over n points, or b where a is NULL. */
static void count(const pdf *s, int thread, int variable, int n, const double *a, const double *b)
{
    uint64_t *counts =
        s->counts + ((size_t)thread * (size_t)s->variables + (size_t)variable) * (size_t)s->bins;
    double scale = s->scale[variable], middle = s->bins / 2.0, bins = s->bins;

    for (int j = 0; j < n; j++) {
        double bin = (a ? b[j] - a[j] : b[j]) * scale + middle;

        if (bin >= 0 && bin < bins) counts[(int)bin]++;
    }
}

static void velocity_pair(void *self, const leray_rows *pair, double *const *in, double *const *out)
{
    const pdf *s = self;

    (void)out;
    for (int a = 0; a < s->ndim; a++) {
        count(s, pair->thread, a, pair->points, NULL, in[a]);
        for (int i = 0; i < s->separations; i++) {
            int variable = first_increment(s) + 2 * i + (a > 0), shift, rest;

            shift = pair->rows * separation_of(s, i), rest = pair->points - shift;
            count(s, pair->thread, variable, rest, in[a], in[a] + shift);
            count(s, pair->thread, variable, shift, in[a] + rest, in[a]);
        }
    }
}

static void vorticity_pair(void *self, const leray_rows *pair, double *const *in,
                           double *const *out)
{
    const pdf *s = self;

    (void)out;
    for (int a = 0; a < s->curls; a++)
        count(s, pair->thread, s->ndim + a, pair->points, NULL, in[a]);
}

/* ---- measuring --------------------------------------------------------------------------- */

static leray_status measure_deviations(pdf *s)
{
    const leray_spectral_view *view = s->base.view;
    const leray_mode_vector velocity = {leray_integrator_state(view->integrator), view->velocity};
    double per_range = s->bins / 2.0 / ((const settings *)s->base.settings)->range;

    LERAY_TRY(leray_mode_sums_run(&s->sums, &velocity, add_squares, s, s->deviation));
    for (int v = 0; v < s->variables; v++) {
        s->deviation[v] = sqrt(s->deviation[v]);
        s->scale[v] = s->deviation[v] > 0 ? per_range / s->deviation[v] : 0;
    }
    return LERAY_OK;
}

static leray_status add_counts(pdf *s)
{
    size_t n = (size_t)s->variables * (size_t)s->bins;

    for (size_t i = 0; i < n; i++) {
        uint64_t sum = 0;

        for (size_t t = 0; t < (size_t)s->threads; t++) sum += s->counts[t * n + i];
        s->fraction[i] = (double)sum;
    }
    LERAY_TRY(leray_comm_sum(s->box->comm, s->fraction, n));
    return LERAY_OK;
}

static void fill_row(const pdf *s, int bin)
{
    double width = 2 * ((const settings *)s->base.settings)->range / s->bins;
    double *row = s->value + (size_t)bin * (size_t)s->columns;
    double points = (double)leray_box_points(s->box);

    row[0] = (bin + 0.5 - s->bins / 2.0) * width;
    for (int v = 0; v < s->variables; v++) {
        double samples = points * samples_of(s, v);

        row[1 + 2 * v] = row[0] * s->deviation[v];
        row[2 + 2 * v] = s->fraction[(size_t)v * (size_t)s->bins + (size_t)bin] / samples / width;
    }
}

static leray_status measure(leray_diagnostic *base)
{
    pdf *s = (pdf *)base;

    LERAY_TRY(measure_deviations(s));
    clear_counts(s);
    LERAY_TRY(leray_grid_vector_velocity(&s->vector, velocity_pair, s));
    LERAY_TRY(leray_grid_vector_curl(&s->vector, vorticity_pair, s));
    LERAY_TRY(add_counts(s));
    for (int b = 0; b < s->bins; b++) fill_row(s, b);
    return LERAY_OK;
}

/* ---- making ------------------------------------------------------------------------------ */

/* Names a variable's two columns. */
static void name_columns(pdf *s, int variable, const char *unit, const char *name)
{
    int c = 1 + 2 * variable;

    snprintf(s->names[c], NAME_MAX_BYTES, "%s", name);
    snprintf(s->names[c + 1], NAME_MAX_BYTES, "p_%s", name);
    s->unit[c] = unit, s->unit[c + 1] = "1";
}

static void name_all(pdf *s)
{
    char name[NAME_MAX_BYTES - 2];

    snprintf(s->names[0], NAME_MAX_BYTES, "centre");
    s->unit[0] = "1";
    for (int c = 0; c < s->columns; c++) s->name[c] = s->names[c];
    for (int a = 0; a < s->ndim; a++) {
        snprintf(name, sizeof name, "velocity_%c", "xyz"[a]);
        name_columns(s, a, "length/time", name);
    }
    for (int a = 0; a < s->curls; a++) {
        snprintf(name, sizeof name, s->curls == 1 ? "vorticity" : "vorticity_%c", "xyz"[a]);
        name_columns(s, s->ndim + a, "1/time", name);
    }
    for (int i = 0; i < 2 * s->separations; i++) {
        snprintf(name, sizeof name, "%s_%d", i % 2 == 0 ? "longitudinal" : "transverse",
                 separation_of(s, i / 2));
        name_columns(s, first_increment(s) + i, "length/time", name);
    }
}

static leray_status check_separations(const pdf *s, const leray_config *cfg, const char *section)
{
    int half = s->box->n[LERAY_BOX_X] / 2;

    for (int i = 0; i < s->separations; i++) {
        LERAY_CHECK(separation_of(s, i) <= half, LERAY_ERR_CONFIG,
                    "%s.separations%s: %d points are not in [1, %d], half of those along x",
                    section, leray_config_where(cfg, section, "separations"), separation_of(s, i),
                    half);
        for (int j = 0; j < i; j++)
            LERAY_CHECK(separation_of(s, i) != separation_of(s, j), LERAY_ERR_CONFIG,
                        "%s.separations%s: %d is given twice", section,
                        leray_config_where(cfg, section, "separations"), separation_of(s, i));
    }
    return LERAY_OK;
}

static leray_status allocate(pdf *s)
{
    size_t variables = (size_t)s->variables, bins = (size_t)s->bins, columns = (size_t)s->columns;

    LERAY_TRY(LERAY_ALLOC(&s->counts, (size_t)s->threads * variables * bins));
    LERAY_TRY(LERAY_ALLOC(&s->fraction, variables * bins));
    LERAY_TRY(LERAY_ALLOC(&s->deviation, variables));
    LERAY_TRY(LERAY_ALLOC(&s->scale, variables));
    LERAY_TRY(LERAY_ALLOC(&s->names, columns));
    LERAY_TRY(LERAY_ALLOC(&s->name, columns));
    LERAY_TRY(LERAY_ALLOC(&s->unit, columns));
    LERAY_TRY(LERAY_ALLOC(&s->value, bins * columns));
    return LERAY_OK;
}

static leray_status init(leray_diagnostic *base, const leray_config *cfg, const char *section)
{
    pdf *s = (pdf *)base;
    const settings *set = base->settings;
    const leray_spectral_view *view = base->view;

    s->box = leray_integrator_state(view->integrator)->box;
    s->ndim = s->box->ndim, s->bins = (int)set->bins, s->separations = set->separations.count;
    LERAY_TRY(check_separations(s, cfg, section));
    LERAY_TRY(leray_grid_vector_init(&s->vector, view));
    s->curls = leray_grid_vector_curls(&s->vector);
    s->threads = leray_transforms_threads(leray_integrator_transforms(view->integrator));
    s->variables = first_increment(s) + 2 * s->separations;
    s->columns = 1 + 2 * s->variables;
    LERAY_TRY(allocate(s));
    name_all(s);
    return leray_mode_sums_init(&s->sums, view, 1, s->variables);
}

static void fini(leray_diagnostic *base)
{
    pdf *s = (pdf *)base;

    leray_grid_vector_fini(&s->vector);
    leray_mode_sums_fini(&s->sums);
    leray_mem_free(s->counts);
    leray_mem_free(s->fraction);
    leray_mem_free(s->deviation);
    leray_mem_free(s->scale);
    leray_mem_free(s->names);
    leray_mem_free(s->name);
    leray_mem_free(s->unit);
    leray_mem_free(s->value);
}

static void table(leray_diagnostic *base, leray_measured *out)
{
    pdf *s = (pdf *)base;

    *out = (leray_measured){s->columns, s->bins, s->name, s->unit, s->value};
}

const leray_diagnostic_type leray_diagnostic_pdf = {
    .name = "pdf",
    .summary = "probability densities of velocity, vorticity and velocity increments",
    .size = sizeof(pdf),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .init = init,
    .fini = fini,
    .measure = measure,
    .table = table,
};
