/* data/samplers/certificate.c - the points of a table, e.g. the parameters of those windows of
   roll-outs that a certificate has handed back to the solver (handed_back.csv of leray forecast).

   The table's first line names the columns. Every parameter that varies must be one of them; other
   columns do not count. Point i is line i; past the last line they come again, each coordinate moved
   by up to `jitter` of its range, and reflected where it would leave it. */
#include "core/mem.h"
#include "data/formats/csv.h"
#include "data/sampler.h"
#include <leray/impl/rng.h>

#include <math.h>

/* A stream of LERAY_PURPOSE_SAMPLER that this file alone uses. */
enum { STEP_MOVE = 4 };

typedef struct settings {
    char path[LERAY_TEXT_MAX];
    double jitter;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_TEXT(settings, path, "path", NULL,
                   "table of points (CSV): a line of parameter names, then a line for each point"),
    LERAY_KEY_REAL(settings, jitter, "jitter", "0.05", 0, 1, "1",
                   "largest displacement of a point that is used again, as a share of the range"),
};

typedef struct points {
    double jitter;
    int n;
    double u[]; /* [n, d] */
} points;

/* Inverse of leray_range_map. The table has its numbers to some digits. */
static leray_status place(const settings *set, const char *name, const leray_range *r, int line,
                          double value, double *u)
{
    *u = 0;
    LERAY_CHECK(isfinite(value) && value >= r->min - 1e-6 * fabs(r->min) &&
                    value <= r->max + 1e-6 * fabs(r->max),
                LERAY_ERR_CONFIG,
                "%s: %s = %g in line %d is not in [%g, %g], the range of parameters.%s", set->path,
                name, value, line, r->min, r->max, name);
    if (r->max > r->min)
        *u = r->log ? log(value / r->min) / log(r->max / r->min)
                    : (value - r->min) / (r->max - r->min);
    *u = fmin(fmax(*u, 0), 1 - 0x1p-53);
    return LERAY_OK;
}

static leray_status take_column(const leray_sampler *s, const leray_sampler_deck *deck,
                                const settings *set, const leray_csv *csv, int j, points *p)
{
    int column = leray_csv_find(csv, deck->name[j]);

    LERAY_CHECK(column >= 0, LERAY_ERR_CONFIG,
                "%s has no column '%s', a parameter that the deck varies%s", set->path,
                deck->name[j], leray_config_where(deck->cfg, deck->section, "path"));
    for (int i = 0; i < p->n; i++)
        LERAY_TRY(place(set, deck->name[j], &deck->range[j], i + 2,
                        leray_csv_column(csv, column)[i],
                        &p->u[(size_t)i * (size_t)s->d + (size_t)j]));
    return LERAY_OK;
}

static leray_status take(leray_sampler *s, const leray_sampler_deck *deck, const settings *set,
                         const leray_csv *csv)
{
    size_t n = (size_t)csv->rows * (size_t)s->d;
    points *p;

    LERAY_CHECK(csv->rows > 0, LERAY_ERR_CONFIG, "%s: no points in it", set->path);
    LERAY_TRY(leray_mem_alloc((void *)&p, 1, sizeof *p + n * sizeof p->u[0]));
    s->own = p;
    p->n = csv->rows;
    p->jitter = set->jitter;
    for (int j = 0; j < s->d; j++) LERAY_TRY(take_column(s, deck, set, csv, j, p));
    return LERAY_OK;
}

static leray_status init(leray_sampler *s, const leray_sampler_deck *deck)
{
    settings set;
    leray_csv csv;
    leray_status status;

    LERAY_TRY(leray_config_read(deck->cfg, deck->section, LERAY_KEYS(rows), &set));
    status = leray_csv_read(set.path, &csv);
    if (!status) status = take(s, deck, &set, &csv);
    leray_csv_free(&csv);
    return status;
}

static double reflect(double u)
{
    u = fabs(u);
    return fmin(u < 1 ? u : 2 - u, 1 - 0x1p-53);
}

static void point(const leray_sampler *s, int i, double *x)
{
    const points *p = s->own;
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SAMPLER, (uint32_t)i, STEP_MOVE);

    for (int j = 0; j < s->d; j++) {
        x[j] = p->u[(size_t)(i % p->n) * (size_t)s->d + (size_t)j];
        if (i >= p->n) x[j] = reflect(x[j] + p->jitter * (2 * leray_rng_uniform(&rng) - 1));
    }
}

const leray_sampler_type leray_sampler_certificate = {
    .name = "certificate",
    .summary = "points of a table, such as handed_back.csv of leray forecast",
    .max_dimension = 1 << 16,
    .keys = {rows, (int)(sizeof rows / sizeof rows[0])},
    .init = init,
    .point = point,
};
