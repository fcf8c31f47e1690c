/* training/evaluation_dataset.c - one-step metrics over the samples of a dataset. */
#include "core/log.h"
#include "core/mem.h"
#include "operators/finite.h"
#include "training/evaluation.h"
#include "training/match.h"

#include <math.h>
#include <string.h>

typedef struct work {
    const leray_comm *comm;
    leray_task *task;
    leray_dataset *dataset;
    const leray_sample_info *info; /* of the data */
    leray_predictor predictor;
    leray_batch batch;
    leray_metrics *metrics;
    bool identity; /* y has nothing that x has not */
    float *y;      /* [batch, outputs, grid..] */
} work;

static leray_status read_batch(work *w, int first, int n)
{
    size_t points = leray_sample_points(w->info), np = (size_t)w->task->info.n_parameters;
    size_t nx = (size_t)leray_sample_inputs(w->info) * points;
    size_t ny = (size_t)leray_sample_outputs(w->info) * points;

    w->batch.n = n;
    for (int i = 0; i < n; i++) {
        size_t k = (size_t)i;
        int trajectory, step;

        leray_windows_locate(&w->dataset->windows, first + i, &trajectory, &step);
        LERAY_TRY(leray_windows_read(&w->dataset->windows, first + i, w->batch.x + k * nx,
                                     w->batch.y + k * ny, NULL,
                                     w->batch.mask ? w->batch.mask + k * points : NULL));
        LERAY_TRY(leray_match_parameters(w->task, w->dataset->trajectories, trajectory,
                                         w->batch.parameters + k * np));
    }
    return LERAY_OK;
}

static leray_status score_batch(work *w, int first)
{
    size_t points = leray_sample_points(w->info);
    size_t ny = (size_t)leray_sample_outputs(w->info) * points;

    for (size_t i = 0; i < (size_t)w->batch.n; i++) {
        const float *last = w->predictor.last + i * ny;

        LERAY_CHECK(leray_all_finite(LERAY_F32, ny, w->y + i * ny), LERAY_ERR_DIVERGED,
                    "%s: the prediction for sample %d is not finite",
                    w->dataset->trajectories->source, first + (int)i);
        leray_metrics_add(w->metrics, w->y + i * ny, w->batch.y + i * ny, w->identity ? last : NULL,
                          w->batch.mask ? w->batch.mask + i * points : NULL);
    }
    return LERAY_OK;
}

static leray_status run(work *w, int batch, leray_dataset_score *out)
{
    int64_t n = w->dataset->windows.n_samples;
    int first = (int)(n * leray_comm_rank(w->comm) / leray_comm_size(w->comm));
    int end = (int)(n * (leray_comm_rank(w->comm) + 1) / leray_comm_size(w->comm));

    for (; first < end; first += batch) {
        double began;

        LERAY_TRY(read_batch(w, first, end - first < batch ? end - first : batch));
        began = leray_clock();
        LERAY_TRY(leray_predictor_step(&w->predictor, &w->batch, w->y));
        out->seconds += leray_clock() - began;
        LERAY_TRY(score_batch(w, first));
    }
    return LERAY_OK;
}

/* Each rank measures its share of the samples. */
static leray_status run_all(work *w, int batch, leray_dataset_score *out)
{
    LERAY_TRY(leray_comm_agree(w->comm, run(w, batch, out)));
    LERAY_TRY(leray_metrics_merge(w->metrics, w->comm));
    LERAY_TRY(leray_comm_max(w->comm, &out->seconds, 1));
    out->metrics = leray_metrics_get(w->metrics, -1);
    out->has_h1 = leray_metrics_has_h1(w->metrics);
    return LERAY_OK;
}

/* The batch holds the task's parameters, on the data's grid. */
static leray_status prepare(work *w, leray_model *model, int batch)
{
    const leray_sample_info *info = &w->dataset->windows.info;
    leray_metrics_settings settings = {
        .channels = leray_sample_outputs(info), .grid = &info->grid, .masked = info->masked};
    leray_sample_info with = *info; /* a view: nothing of it is owned */

    w->info = info;
    w->identity = info->autoregressive && leray_sample_fields(info) == info->n_state;
    LERAY_TRY(leray_match(w->task, model, &w->dataset->windows));
    LERAY_TRY(leray_predictor_init(&w->predictor, w->task, model, &info->grid, batch));
    LERAY_TRY(leray_metrics_create(&settings, &w->metrics));
    LERAY_TRY(LERAY_ALLOC(&w->y, (size_t)batch * (size_t)leray_sample_outputs(info) *
                                     leray_sample_points(info)));
    with.n_parameters = w->task->info.n_parameters;
    return leray_batch_create(&with, batch, &w->batch);
}

leray_status leray_evaluate_dataset(const leray_comm *comm, leray_task *task, leray_model *model,
                                    leray_dataset *dataset, int batch, leray_dataset_score *out)
{
    work w = {.comm = comm, .task = task, .dataset = dataset};
    leray_status status;

    memset(out, 0, sizeof *out);
    status = leray_comm_agree(comm, prepare(&w, model, batch));
    if (!status) status = run_all(&w, batch, out);
    leray_batch_fini(&w.batch);
    leray_mem_free(w.y);
    leray_metrics_destroy(&w.metrics);
    leray_predictor_fini(&w.predictor);
    return status;
}
