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
    leray_metrics *metrics;
    bool identity; /* y has nothing that x has not */
    float *truth;  /* [batch, outputs, grid..] */
    float *mask;   /* [batch, grid..]; NULL: none */
} work;

static leray_status read_batch(work *w, int first, int n)
{
    size_t points = leray_sample_points(w->info);
    size_t size = (size_t)leray_sample_outputs(w->info) * points;

    w->predictor.batch.n = n;
    for (int k = 0; k < n; k++)
        LERAY_TRY(leray_predictor_load(&w->predictor, &w->dataset->windows, first + k, k,
                                       w->truth + (size_t)k * size,
                                       w->mask ? w->mask + (size_t)k * points : NULL));
    return LERAY_OK;
}

static leray_status score_batch(work *w, int first, const float *y)
{
    size_t points = leray_sample_points(w->info);
    size_t size = (size_t)leray_sample_outputs(w->info) * points;

    for (size_t k = 0; k < (size_t)w->predictor.batch.n; k++, y += size) {
        LERAY_CHECK(leray_all_finite(LERAY_F32, size, y), LERAY_ERR_DIVERGED,
                    "%s: the prediction for sample %d is not finite",
                    w->dataset->trajectories->source, first + (int)k);
        leray_metrics_add(w->metrics, y, w->truth + k * size,
                          w->identity ? w->predictor.last + k * size : NULL,
                          w->mask ? w->mask + k * points : NULL);
    }
    return LERAY_OK;
}

static leray_status run(work *w, int batch)
{
    int64_t n = w->dataset->windows.n_samples;
    int first = (int)(n * leray_comm_rank(w->comm) / leray_comm_size(w->comm));
    int end = (int)(n * (leray_comm_rank(w->comm) + 1) / leray_comm_size(w->comm));

    for (; first < end; first += batch) {
        const float *y;

        LERAY_TRY(read_batch(w, first, end - first < batch ? end - first : batch));
        LERAY_TRY(leray_predictor_step(&w->predictor, &y));
        LERAY_TRY(score_batch(w, first, y));
    }
    return LERAY_OK;
}

/* Each rank measures its share of the samples. */
static leray_status run_all(work *w, int batch, leray_dataset_score *out)
{
    LERAY_TRY(leray_comm_agree(w->comm, run(w, batch)));
    LERAY_TRY(leray_metrics_merge(w->metrics, w->comm));
    out->seconds = w->predictor.seconds;
    LERAY_TRY(leray_comm_max(w->comm, &out->seconds, 1));
    out->metrics = leray_metrics_get(w->metrics, -1);
    out->has_h1 = leray_metrics_has_h1(w->metrics);
    return LERAY_OK;
}

static leray_status prepare(work *w, leray_model *model, int batch)
{
    const leray_sample_info *info = &w->dataset->windows.info;
    leray_metrics_settings settings = {
        .channels = leray_sample_outputs(info), .grid = &info->grid, .masked = info->masked};
    size_t points = leray_sample_points(info);

    w->info = info;
    w->identity = info->autoregressive && leray_sample_fields(info) == info->n_state;
    LERAY_TRY(leray_match(w->task, model, &w->dataset->windows));
    LERAY_TRY(leray_predictor_init(&w->predictor, w->task, model, &info->grid, batch));
    LERAY_TRY(leray_metrics_create(&settings, &w->metrics));
    LERAY_TRY(LERAY_ALLOC(&w->truth, (size_t)batch * (size_t)leray_sample_outputs(info) * points));
    return info->masked ? LERAY_ALLOC(&w->mask, (size_t)batch * points) : LERAY_OK;
}

leray_status leray_evaluate_dataset(const leray_comm *comm, leray_task *task, leray_model *model,
                                    leray_dataset *dataset, int batch, leray_dataset_score *out)
{
    work w = {.comm = comm, .task = task, .dataset = dataset};
    leray_status status;

    memset(out, 0, sizeof *out);
    status = leray_comm_agree(comm, prepare(&w, model, batch));
    if (!status) status = run_all(&w, batch, out);
    leray_mem_free(w.mask);
    leray_mem_free(w.truth);
    leray_metrics_destroy(&w.metrics);
    leray_predictor_fini(&w.predictor);
    return status;
}
