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

/* ---- predicting -------------------------------------------------------------------------- */

/* y [n, steps, outputs, points] */
static leray_status check_result(const request *r)
{
    size_t size = (size_t)r->model->info.outputs * r->points, steps = (size_t)r->steps;

    for (size_t s = 0; s < steps; s++) {
        size_t bad = 0;

        for (size_t k = 0; k < (size_t)r->n; k++)
            for (size_t i = 0; i < size; i++) bad += !isfinite(r->y[(k * steps + s) * size + i]);
        LERAY_CHECK(bad == 0, LERAY_ERR_DIVERGED,
                    "%s: %zu of the %zu numbers that step %zu of %d predicts are not finite",
                    r->model->path, bad, (size_t)r->n * size, s + 1, r->steps);
    }
    return LERAY_OK;
}

/* Of a request that was checked. */
static leray_status predict(const request *r)
{
    const leray_trained_info *info = &r->model->info;
    size_t inputs = (size_t)r->n * (size_t)info->inputs * r->points;
    size_t parameters = (size_t)r->n * (size_t)info->n_parameters;
    leray_trained_work *work;
    leray_status status;

    LERAY_TRY(leray_trained_take(r->model, r->grid, r->n, &work));
    memcpy(work->predictor.batch.x, r->x, inputs * sizeof *r->x);
    if (parameters > 0)
        memcpy(work->predictor.batch.parameters, r->parameters, parameters * sizeof *r->x);
    status = leray_predictor_roll_out(&work->predictor, r->steps, r->forcings, r->y);
    leray_trained_give(r->model, work);
    LERAY_TRY(status);
    return check_result(r);
}

leray_status leray_trained_predict(leray_trained *model, const leray_grid *grid, int n,
                                   const float *x, const float *parameters, float *y)
{
    request r = {model, grid, 0, n, 1, x, parameters, NULL, y};

    LERAY_TRY(check(&r));
    return predict(&r);
}

leray_status leray_trained_roll_out(leray_trained *model, const leray_grid *grid, int n, int steps,
                                    const float *x, const float *parameters, const float *forcings,
                                    float *y)
{
    request r = {model, grid, 0, n, steps, x, parameters, forcings, y};

    LERAY_TRY(check_roll_out(&r));
    return predict(&r);
}
