/* api/trained_predict.c - predictions and roll-outs of include/leray/model.h. */
#include "api/trained.h"

#include "core/mem.h"
#include "training/match.h"

#include <math.h>
#include <string.h>

/* What a caller gives. */
typedef struct request {
    leray_trained *model;
    const leray_grid *grid; /* never NULL */
    size_t points;
    int n, steps;
    const float *x, *parameters, *forcings;
    float *y;
} request;

/* ---- is it good? ------------------------------------------------------------------------- */

/* values [n, channels, points] */
static leray_status check_finite(const char *what, const float *values, size_t n, size_t channels,
                                 size_t points)
{
    size_t all = n * channels * points, bad = 0;

    for (size_t i = 0; i < all; i++) bad += !isfinite(values[i]);
    if (!bad) return LERAY_OK;
    for (size_t i = 0; i < all; i++)
        LERAY_CHECK(isfinite(values[i]), LERAY_ERR_DATA,
                    "%s: channel %zu of sample %zu is %g at point %zu; every number must be finite",
                    what, i / points % channels, i / points / channels, (double)values[i],
                    i % points);
    return LERAY_OK;
}

static leray_status check_parameters(const request *r)
{
    const leray_trained_info *info = &r->model->info;
    size_t count = (size_t)info->n_parameters;

    LERAY_CHECK(count == 0 || r->parameters, LERAY_ERR_ARG,
                "parameters: NULL; the model wants %zu, the first is '%s'", count,
                info->parameter[0].name);
    for (size_t i = 0; i < (size_t)r->n * count; i++) {
        const leray_trained_parameter *p = &info->parameter[i % count];

        LERAY_CHECK(isfinite(r->parameters[i]) && (!p->log || r->parameters[i] > 0), LERAY_ERR_DATA,
                    "parameter %s = %g of sample %zu, allowed: %s", p->name,
                    (double)r->parameters[i], i / count,
                    p->log ? "positive numbers" : "finite numbers");
    }
    return LERAY_OK;
}

static leray_status check_grid(const request *r)
{
    if (r->grid == r->model->info.grid) return LERAY_OK;
    LERAY_TRY(leray_grid_check(r->grid));
    LERAY_TRY(leray_match_domain("the grid of a prediction", r->grid, r->model->info.grid));
    return leray_model_accepts(r->model->opened.model, r->grid);
}

static leray_status check(request *r)
{
    if (!r->grid) r->grid = r->model->info.grid;
    LERAY_CHECK(r->n >= 1, LERAY_ERR_ARG, "n = %d samples, allowed: 1 and more", r->n);
    LERAY_CHECK(r->steps >= 1, LERAY_ERR_ARG, "steps = %d, allowed: 1 and more", r->steps);
    LERAY_CHECK(r->x && r->y, LERAY_ERR_ARG, "%s: NULL, an array is needed", r->x ? "y" : "x");
    LERAY_TRY(check_grid(r));
    r->points = leray_grid_points(r->grid);
    LERAY_TRY(check_finite("x", r->x, (size_t)r->n, (size_t)r->model->info.inputs, r->points));
    return check_parameters(r);
}

/* Forcings of the steps after the first. */
static size_t later_forcings(const request *r)
{
    const leray_trained_info *info = &r->model->info;

    return (size_t)(r->steps - 1) * (size_t)info->window * (size_t)info->forcings;
}

static leray_status check_roll_out(request *r)
{
    const leray_trained_info *info = &r->model->info;

    LERAY_CHECK(info->autoregressive, LERAY_ERR_UNSUPPORTED,
                "%s does not continue its input in time: it cannot be rolled out", r->model->path);
    LERAY_CHECK(info->history == 1 || !(info->spacing > 0 && info->interval > 0) ||
                    fabs(info->spacing - info->interval) <= 1e-3 * info->interval,
                LERAY_ERR_UNSUPPORTED,
                "%s takes frames %g apart and gives frames %g apart: it cannot be rolled out",
                r->model->path, info->spacing, info->interval);
    LERAY_TRY(check(r));
    if (later_forcings(r) == 0) return LERAY_OK;
    LERAY_CHECK(r->forcings, LERAY_ERR_ARG,
                "forcings: NULL; %d steps want %zu frames of %d forcings after those in x",
                r->steps, later_forcings(r) / (size_t)info->forcings, info->forcings);
    return check_finite("forcings", r->forcings, (size_t)r->n, later_forcings(r), r->points);
}

/* ---- one prediction ---------------------------------------------------------------------- */

/* x and the parameters are the caller's, and nobody writes to them. */
static leray_batch batch_of(const request *r, float *x)
{
    leray_batch batch = {.n = r->n, .total = r->n, .x = x};

    memcpy(&batch.parameters, &r->parameters, sizeof batch.parameters);
    if (!x) memcpy(&batch.x, &r->x, sizeof batch.x);
    return batch;
}

static leray_status step(const request *r, leray_trained_work *work, const leray_batch *batch,
                         int number, float *y)
{
    size_t all = (size_t)r->n * (size_t)r->model->info.outputs * r->points, bad = 0;

    LERAY_TRY(leray_predictor_step(&work->predictor, batch, y));
    for (size_t i = 0; i < all; i++) bad += !isfinite(y[i]);
    LERAY_CHECK(bad == 0, LERAY_ERR_DIVERGED,
                "%s: %zu of the %zu numbers that step %d of %d predicts are not finite",
                r->model->path, bad, all, number, r->steps);
    return LERAY_OK;
}

leray_status leray_trained_predict(leray_trained *model, const leray_grid *grid, int n,
                                   const float *x, const float *parameters, float *y)
{
    request r = {model, grid, 0, n, 1, x, parameters, NULL, y};
    leray_trained_work *work;
    leray_batch batch;
    leray_status status;

    LERAY_TRY(check(&r));
    LERAY_TRY(leray_trained_take(model, r.grid, n, &work));
    batch = batch_of(&r, NULL);
    status = step(&r, work, &batch, 1, y);
    leray_trained_give(model, work);
    if (status) return leray_error_trace(status, __FILE__, __LINE__);
    return LERAY_OK;
}

/* ---- roll-outs --------------------------------------------------------------------------- */

static leray_status make_room(const request *r, leray_trained_work *work)
{
    size_t fields = (size_t)r->n * r->points;

    if (!work->x) LERAY_TRY(LERAY_ALLOC(&work->x, fields * (size_t)r->model->info.inputs));
    if (!work->y) LERAY_TRY(LERAY_ALLOC(&work->y, fields * (size_t)r->model->info.outputs));
    return LERAY_OK;
}

/* After `done` steps the forcings of x move on by a window: the oldest leave, the next of the caller's enter. */
static void feed_forcings(const request *r, int done, float *x)
{
    const leray_trained_info *info = &r->model->info;
    size_t sample = (size_t)info->inputs * r->points;
    size_t frame = (size_t)info->forcings * r->points;
    size_t before = sample - (size_t)(info->history + info->window) * frame;
    size_t fresh = (size_t)info->window * frame, kept = (size_t)info->history * frame;
    size_t later = later_forcings(r) * r->points;

    if (frame == 0) return;
    for (size_t b = 0; b < (size_t)r->n; b++) {
        float *at = x + b * sample + before;

        memmove(at, at + fresh, kept * sizeof *at);
        memcpy(at + kept, r->forcings + b * later + (size_t)(done - 1) * fresh, fresh * sizeof *at);
    }
}

static leray_status roll(const request *r, leray_trained_work *work)
{
    leray_batch batch = batch_of(r, work->x);
    size_t size = (size_t)r->model->info.outputs * r->points, steps = (size_t)r->steps;

    memcpy(work->x, r->x, (size_t)r->n * (size_t)r->model->info.inputs * r->points * sizeof *r->x);
    for (int s = 0; s < r->steps; s++) {
        if (s > 0) {
            leray_predictor_feed(&work->predictor, work->y, &batch);
            feed_forcings(r, s, work->x);
        }
        LERAY_TRY(step(r, work, &batch, s + 1, work->y));
        for (size_t b = 0; b < (size_t)r->n; b++)
            memcpy(r->y + (b * steps + (size_t)s) * size, work->y + b * size, size * sizeof *r->y);
    }
    return LERAY_OK;
}

leray_status leray_trained_roll_out(leray_trained *model, const leray_grid *grid, int n, int steps,
                                    const float *x, const float *parameters, const float *forcings,
                                    float *y)
{
    request r = {model, grid, 0, n, steps, x, parameters, forcings, y};
    leray_trained_work *work;
    leray_status status;

    LERAY_TRY(check_roll_out(&r));
    LERAY_TRY(leray_trained_take(model, r.grid, n, &work));
    status = make_room(&r, work);
    if (!status) status = roll(&r, work);
    leray_trained_give(model, work);
    if (status) return leray_error_trace(status, __FILE__, __LINE__);
    return LERAY_OK;
}
