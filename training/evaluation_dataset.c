/* training/evaluation_dataset.c - one-step metrics over the samples of a file. */
#include "training/evaluation.h"

#include "core/log.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

#define SPAN_TOLERANCE 1e-4 /* times in files may be of single precision */

/* Windows of the data last as long as those of the training; they may have other frames if the model
   can give them. */
static leray_status match_window(leray_task *task, leray_model *model,
                                 const leray_sample_info *data)
{
    const leray_sample_info *info = &task->info;
    double span = info->window * info->interval, other = data->window * data->interval;

    if (info->window == 1 && data->window == 1) return LERAY_OK;
    LERAY_CHECK(data->window == info->window || leray_model_head(model), LERAY_ERR_DATA,
                "the data have windows of %d frames; the model was trained on %d and can give no "
                "other number",
                data->window, info->window);
    LERAY_CHECK(!(span > 0 && other > 0) || fabs(other - span) <= SPAN_TOLERANCE * span,
                LERAY_ERR_DATA,
                "the windows of the data last %.9g (%d frames %.9g apart); those of the training "
                "lasted %.9g (%d frames %.9g apart)",
                other, data->window, data->interval, span, info->window, info->interval);
    return leray_task_set_window(task, model, data->window);
}

/* The dataset's parameter for each of the task's, by name. */
static leray_status match(leray_task *task, leray_model *model, const leray_sample_info *data,
                          int *from)
{
    const leray_sample_info *info = &task->info;

    LERAY_CHECK(data->n_inputs == info->n_inputs &&
                    leray_sample_fields(data) == leray_sample_fields(info) &&
                    data->history == info->history,
                LERAY_ERR_DATA,
                "the data have %d input channels (%d frames) and %d outputs; the model was trained "
                "on %d (%d) and %d",
                data->n_inputs, data->history, leray_sample_fields(data), info->n_inputs,
                info->history, leray_sample_fields(info));
    LERAY_TRY(match_window(task, model, data));
    for (int p = 0; p < info->n_parameters; p++) {
        from[p] = -1;
        for (int q = 0; q < data->n_parameters; q++)
            if (strcmp(info->parameter_name[p], data->parameter_name[q]) == 0) from[p] = q;
        LERAY_CHECK(from[p] >= 0, LERAY_ERR_DATA,
                    "the model wants the parameter '%s', which the data do not have",
                    info->parameter_name[p]);
    }
    return LERAY_OK;
}

typedef struct work {
    const leray_comm *comm;
    leray_task *task;
    leray_dataset *dataset;
    leray_sample_info info; /* of the data */
    int from[LERAY_ENSEMBLE_PARAMETERS];
    leray_predictor predictor;
    leray_batch batch;
    leray_metrics *metrics;
    float *y, *parameters; /* [batch, outputs, grid..]; [parameters of the data] */
} work;

static leray_status read_batch(work *w, int first, int n)
{
    size_t points = leray_sample_points(&w->info), np = (size_t)w->task->info.n_parameters;
    size_t nx = (size_t)w->info.n_inputs * points, ny = (size_t)w->info.n_outputs * points;

    w->batch.n = n;
    for (int i = 0; i < n; i++) {
        size_t k = (size_t)i;

        LERAY_TRY(leray_dataset_read(w->dataset, first + i, w->batch.x + k * nx,
                                     w->batch.y + k * ny, w->parameters));
        for (size_t p = 0; p < np; p++) w->batch.parameters[k * np + p] = w->parameters[w->from[p]];
    }
    return LERAY_OK;
}

static void score_batch(work *w)
{
    size_t points = leray_sample_points(&w->info), ny = (size_t)w->info.n_outputs * points;

    for (size_t i = 0; i < (size_t)w->batch.n; i++) {
        const float *last = w->predictor.last + i * ny;

        leray_metrics_add(w->metrics, w->y + i * ny, w->batch.y + i * ny,
                          w->info.autoregressive ? last : NULL);
    }
}

static leray_status run(work *w, int batch, leray_dataset_score *out)
{
    int64_t n = w->dataset->n_samples;
    int first = (int)(n * leray_comm_rank(w->comm) / leray_comm_size(w->comm));
    int end = (int)(n * (leray_comm_rank(w->comm) + 1) / leray_comm_size(w->comm));

    for (; first < end; first += batch) {
        double began;

        LERAY_TRY(read_batch(w, first, end - first < batch ? end - first : batch));
        began = leray_clock();
        LERAY_TRY(leray_predictor_step(&w->predictor, &w->batch, w->y));
        out->seconds += leray_clock() - began;
        score_batch(w);
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
    return LERAY_OK;
}

static leray_status prepare(work *w, leray_model *model, int batch)
{
    leray_metrics_settings settings = {0};

    LERAY_TRY(leray_sample_info_of_dataset(w->dataset, &w->info));
    LERAY_TRY(match(w->task, model, &w->info, w->from));
    LERAY_TRY(leray_predictor_init(&w->predictor, w->task, model, &w->info.grid, batch));
    /* The batch holds the task's parameters, on the data's grid. */
    settings.channels = w->info.n_outputs;
    settings.ndim = w->info.grid.ndim;
    for (int a = 0; a < settings.ndim; a++) {
        settings.shape[a] = w->info.grid.n[a];
        settings.length[a] = w->info.length[a];
        settings.periodic[a] = w->info.periodic[a];
    }
    LERAY_TRY(leray_metrics_create(&settings, &w->metrics));
    LERAY_TRY(LERAY_ALLOC(&w->parameters, (size_t)w->info.n_parameters));
    LERAY_TRY(LERAY_ALLOC(&w->y, (size_t)batch * (size_t)w->info.n_outputs *
                                     leray_sample_points(&w->info)));
    w->info.n_parameters = w->task->info.n_parameters;
    return leray_batch_create(&w->info, batch, &w->batch);
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
    leray_mem_free(w.parameters);
    leray_metrics_destroy(&w.metrics);
    leray_predictor_fini(&w.predictor);
    return status;
}
