/* refine/layer_levels.c - a layer for a set of trajectories, level by level; its normal equations without
   advection. See refine/layer.h. */
#include "refine/layer_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "refine/newton.h"

#include <math.h>
#include <string.h>

#define PI 3.141592653589793238463
#define RIDGE 1e-8 /* of normal equations: half a period of time is all that frames see */
#define FLOOR \
    1e-5 /* share of the largest v^ below which one counts as rounding, not to be amplified */

/* ---- life --------------------------------------------------------------------------------- */

static void make_waves(leray_layer *s)
{
    const leray_residual *r = s->band[0];

    for (int m = 0; m < r->frames; m++)
        for (int a = 0; a < s->times; a++) {
            double phase = PI * leray_layer_time(s, a) * (m + 1.) / r->frames;

            s->wave[m * s->times + a] = cos(phase) + I * sin(phase);
        }
    for (int m = 0; m < r->frames; m++)
        for (int i = 0; i <= r->order; i++) {
            double c = r->stencil[(size_t)m * (size_t)(r->order + 1) + (size_t)i];
            int frame = r->first[m] + i - r->given;

            for (int a = 0; a < s->times && frame >= 0; a++)
                s->wave_derivative[m * s->times + a] += c * s->wave[frame * s->times + a];
        }
}

static leray_status make(leray_layer *s)
{
    const leray_refiner *r = s->refiner[0];
    size_t frames = (size_t)r->shape.frames, times = (size_t)s->times;

    memcpy(s->widest, r->widest, sizeof s->widest);
    s->modes = r->modes;
    LERAY_TRY(LERAY_ALLOC(&s->entering, (size_t)s->n * s->modes * times));
    LERAY_TRY(LERAY_ALLOC(&s->added, s->modes * 2 * times));
    LERAY_TRY(LERAY_ALLOC(&s->mode, s->modes));
    LERAY_TRY(LERAY_ALLOC(&s->wave, frames * times));
    LERAY_TRY(LERAY_ALLOC(&s->wave_derivative, frames * times));
    LERAY_TRY(LERAY_ALLOC(&s->band, (size_t)s->n));
    LERAY_TRY(leray_refiner_band(s->refiner[0], 1, &s->band[0]));
    make_waves(s);
    return LERAY_OK;
}

leray_status leray_layer_create(int n, leray_refiner *const *refiner, int steps, leray_layer **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(n > 0 && steps > 0, LERAY_ERR_ARG, "a layer of %d steps for %d trajectories", steps,
                n);
    LERAY_TRY(LERAY_ALLOC(out, 1));
    **out = (leray_layer){.n = n, .steps = steps, .times = 2 * steps, .refiner = refiner};
    status = make(*out);
    if (!status) return LERAY_OK;
    leray_layer_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_layer_destroy(leray_layer **layer)
{
    leray_layer *s = *layer;

    if (!s) return;
    leray_mem_free(s->band);
    leray_mem_free(s->wave_derivative);
    leray_mem_free(s->wave);
    leray_mem_free(s->mode);
    leray_mem_free(s->added);
    leray_mem_free(s->entering);
    leray_mem_free(s);
    *layer = NULL;
}

/* ---- normal equations --------------------------------------------------------------------- */

/* Products over the frames of columns a and b: of D T with D T, of D T with T, of T with T. */
typedef struct grams {
    double complex *dd, *dt, *tt; /* [times, times] */
    double floor;                 /* square of the v^ that are rounding */
} grams;

static void make_grams(const leray_layer *s, grams *g)
{
    size_t n = (size_t)s->times;

    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            for (size_t m = 0; m < (size_t)s->band[0]->frames; m++) {
                const double complex *d = s->wave_derivative + m * n, *t = s->wave + m * n;

                g->dd[a * n + b] += conj(d[a]) * d[b];
                g->dt[a * n + b] += conj(d[a]) * t[b];
                g->tt[a * n + b] += conj(t[a]) * t[b];
            }
}

/* Adds those of trajectory k in mode q to matrix [2 times, 2 times]: A has the columns
   W (D T - L T)_a v^_a of V, and the same without v^ of c. */
static void add_trajectory(const leray_layer *s, const grams *g, int k, size_t q,
                           double complex *matrix)
{
    const leray_band *band = &s->band[k]->band;
    const double complex *v = leray_layer_entering(s, k, q);
    double complex linear = band->linear[q];
    double w = band->weight[q] * band->weight[q];
    size_t n = (size_t)s->times;

    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double complex sum =
                w * (g->dd[a * n + b] - linear * g->dt[a * n + b] -
                     conj(linear * g->dt[b * n + a]) + linear * conj(linear) * g->tt[a * n + b]);
            double complex *row = matrix + a * 2 * n, *below = matrix + (n + a) * 2 * n;

            row[b] += (conj(v[a]) * v[b] + (a == b ? g->floor : 0)) * sum;
            row[n + b] += conj(v[a]) * sum;
            below[b] += v[b] * sum;
            below[n + b] += sum;
        }
}

static double largest(const leray_layer *s)
{
    double most = 0;

    for (size_t i = 0; i < (size_t)s->n * s->modes * (size_t)s->times; i++)
        most = fmax(most, cabs(s->entering[i]));
    return most;
}

static leray_status scale_with(leray_layer *s, grams *g)
{
    size_t n = (size_t)s->times, block = 4 * n * n;
    double complex *matrix;

    LERAY_TRY(LERAY_ALLOC(&g->dd, n * n));
    LERAY_TRY(LERAY_ALLOC(&g->dt, n * n));
    LERAY_TRY(LERAY_ALLOC(&g->tt, n * n));
    LERAY_TRY(LERAY_ALLOC(&matrix, block));
    make_grams(s, g);
    g->floor = pow(FLOOR * largest(s), 2);
    for (size_t q = 0; q < s->level_modes; q++) {
        memset(matrix, 0, block * sizeof *matrix);
        for (int k = 0; k < s->n; k++) add_trajectory(s, g, k, q, matrix);
        leray_block_scale_set(&s->scale, q, RIDGE, matrix);
    }
    leray_mem_free(matrix);
    return LERAY_OK;
}

static leray_status make_scale(leray_layer *s)
{
    grams g = {0};
    leray_status status = leray_block_scale_init(&s->scale, s->level_modes, 2 * s->times);

    if (!status) status = scale_with(s, &g);
    leray_mem_free(g.tt);
    leray_mem_free(g.dt);
    leray_mem_free(g.dd);
    return status;
}

/* ---- levels ------------------------------------------------------------------------------- */

/* What the level has found becomes part of the layer, and of the frames. */
static void keep(leray_layer *s)
{
    const leray_band *band = &s->band[0]->band;
    size_t each = 2 * (size_t)s->times;

    for (size_t q = 0; q < s->level_modes; q++) {
        size_t at = leray_band_index(s->widest, band->row[q], band->column[q]);

        for (size_t i = 0; i < each; i++) s->added[at * each + i] += s->point[q * each + i];
    }
    for (int k = 0; k < s->n; k++) leray_refiner_take(s->refiner[k], s->band[k]);
}

static leray_status work(leray_layer *s, const leray_optimizer_type *optimizer,
                         const leray_config *cfg, leray_refine_report *report)
{
    size_t layer = s->level_modes * 2 * (size_t)s->times, frames = leray_residual_size(s->band[0]);
    leray_refine_problem problem = leray_layer_problem(s);
    leray_refine_settings settings = s->refiner[0]->settings;

    settings.krylov = LERAY_KRYLOV_LSQR; /* equations are not as many as unknowns */
    LERAY_TRY(LERAY_ALLOC(&s->point, layer));
    LERAY_TRY(LERAY_ALLOC(&s->other, layer));
    LERAY_TRY(LERAY_ALLOC(&s->frames, frames));
    LERAY_TRY(LERAY_ALLOC(&s->pull, frames));
    LERAY_TRY(make_scale(s));
    LERAY_TRY(leray_refine_reduce(&problem, &settings, optimizer, cfg, report));
    keep(s);
    return LERAY_OK;
}

static leray_status run_level(leray_layer *s, int level, const leray_optimizer_type *optimizer,
                              const leray_config *cfg, leray_refine_report *report)
{
    leray_status status;

    s->wavenumber = leray_refiner_level(s->refiner[0], level);
    for (int k = 0; k < s->n; k++)
        LERAY_TRY(leray_refiner_band(s->refiner[k], s->wavenumber, &s->band[k]));
    s->level_modes = s->band[0]->band.modes;
    status = work(s, optimizer, cfg, report);
    leray_block_scale_fini(&s->scale);
    s->scale = (leray_block_scale){0};
    leray_mem_free(s->pull);
    leray_mem_free(s->frames);
    leray_mem_free(s->other);
    leray_mem_free(s->point);
    s->pull = s->frames = s->other = s->point = NULL;
    return status;
}

static leray_status run(leray_layer *s, const leray_optimizer_type *optimizer,
                        const leray_config *cfg, leray_refine_report *report)
{
    int levels = (int)s->refiner[0]->settings.levels;

    for (int level = 0; level < levels; level++)
        if (level == 0 || leray_refiner_level(s->refiner[0], level) !=
                              leray_refiner_level(s->refiner[0], level - 1))
            LERAY_TRY(run_level(s, level, optimizer, cfg, report));
    return LERAY_OK;
}

leray_status leray_layer_run(leray_layer *s, const leray_optimizer_type *optimizer,
                             const leray_config *cfg, leray_refine_report *report)
{
    leray_refine_report all = {0};
    double began = leray_clock();
    leray_status status;

    for (int k = 0; k < s->n; k++) LERAY_TRY(leray_refiner_begin(s->refiner[k], &report[k]));
    status = run(s, optimizer, cfg, &all);
    for (int k = 0; k < s->n && !status; k++) {
        report[k].steps = all.steps, report[k].iterations = all.iterations;
        report[k].last = all.last;
        status = leray_refiner_finish(s->refiner[k], &report[k]);
    }
    for (int k = 0; k < s->n; k++) {
        if (status) leray_refiner_undo(s->refiner[k]);
        report[k].seconds = (leray_clock() - began) / s->n;
    }
    return status ? leray_error_trace(status, __FILE__, __LINE__) : LERAY_OK;
}

/* ---- weights ------------------------------------------------------------------------------ */

void leray_layer_modes(const leray_layer *s, int modes[3])
{
    modes[0] = s->steps;
    modes[1] = s->widest[0] + 1;
    modes[2] = s->widest[1] + 1;
}

static void add_to(const int modes[3], int kt, int j, int i, double factor, double complex z,
                   double *array)
{
    int t = kt < 0 ? kt + 2 * modes[0] : kt, y = j < 0 ? j + 2 * modes[1] : j;
    double *to =
        array + 2 * (((size_t)t * 2 * (size_t)modes[1] + (size_t)y) * (size_t)modes[2] + (size_t)i);

    to[0] += factor * creal(z);
    to[1] += factor * cimag(z);
}

/* In the plane kx = 0 the layer takes the mean of (kt, j) and the conjugate of (-kt, -j): both are
   set, or where the latter is not kept the former twice. */
static void add_mode(const int modes[3], int kt, int j, int i, double complex z, double *array)
{
    bool alone = -kt >= modes[0];

    add_to(modes, kt, j, i, i == 0 && alone ? 2 : 1, z, array);
    if (i == 0 && !alone) add_to(modes, -kt, -j, i, 1, conj(z), array);
}

void leray_layer_add(const leray_layer *s, const int modes[3], double *weight, double *bias)
{
    for (int i = 0; i <= s->widest[1]; i++)
        for (int j = i == 0 ? 1 : -s->widest[0]; j <= s->widest[0]; j++)
            for (int a = 0; a < s->times; a++) {
                const double complex *z =
                    s->added + leray_band_index(s->widest, j, i) * 2 * (size_t)s->times + a;
                int kt = leray_layer_time(s, a);

                add_mode(modes, kt, j, i, z[0], weight);
                add_mode(modes, kt, j, i, z[s->times], bias);
            }
}
