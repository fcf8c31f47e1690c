/* commands/evaluate.c - leray_evaluate: a model file against a dataset. */
#include "api/model_open.h"
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/provenance.h"
#include "core/ranks.h"
#include "core/text.h"
#include "core/threads.h"
#include "training/evaluation.h"
#include <leray/run.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH 20

typedef struct evaluation {
    const char *model_path, *data_path;
    leray_opened opened;
    leray_config *data_deck; /* section "data" */
    leray_experiment wanted;
    leray_dataset *dataset;
} evaluation;

/* The deck of --data: what the path is decides the type; the model decides history and window. */
static leray_status open_data(evaluation *v, int n, const char *const *overrides)
{
    char text[LERAY_PATH_MAX + 128];
    struct stat info;
    bool folder = stat(v->data_path, &info) == 0 && S_ISDIR(info.st_mode);

    LERAY_CHECK(!strpbrk(v->data_path, "\"\\\n"), LERAY_ERR_ARG,
                "--data %s: quotes and backslashes are not allowed", v->data_path);
    if (folder) snprintf(text, sizeof text, "data: {type: npy-pairs, path: \"%s\"}", v->data_path);
    else
        snprintf(text, sizeof text, "data: {type: well, path: \"%s\", history: %d, window: %d}",
                 v->data_path, v->opened.task.info.history, v->opened.task.info.window);
    LERAY_TRY(leray_config_open_text("--data", text, n, overrides, &v->data_deck));
    LERAY_TRY(leray_experiment_init(v->data_deck, &v->wanted));
    return leray_dataset_create_type(v->wanted.type[LERAY_KIND_OF_DATASET], v->data_deck, "data",
                                     &v->dataset);
}

static leray_status put_metrics(const leray_metrics_result *m, leray_json *metrics)
{
    LERAY_TRY(leray_json_set_real(metrics, "rel_l2", m->rel_l2));
    LERAY_TRY(leray_json_set_real(metrics, "rel_l2_ratio_of_sums", m->rel_l2_ratio_of_sums));
    LERAY_TRY(leray_json_set_real(metrics, "rel_h1", m->rel_h1));
    LERAY_TRY(leray_json_set_real(metrics, "rmse", m->rmse));
    LERAY_TRY(leray_json_set_real(metrics, "max_error", m->max_error));
    return leray_json_set_real(metrics, "identity_rel_l2", m->baseline_rel_l2);
}

static leray_status put_grid(const evaluation *v, leray_json *json)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    status = LERAY_OK;
    for (int a = 0; a < v->dataset->ndim && !status; a++)
        status = leray_json_set_int(list, NULL, v->dataset->shape[a]);
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, "grid", &list);
}

static leray_status fill(const evaluation *v, const leray_dataset_score *score, leray_json *json)
{
    leray_json *metrics, *provenance;
    leray_status status;

    LERAY_TRY(leray_json_object(&metrics));
    status = put_metrics(&score->metrics, metrics);
    if (status) leray_json_destroy(&metrics);
    if (status) return status;
    LERAY_TRY(leray_json_set(json, "metrics", &metrics));
    LERAY_TRY(leray_json_set_int(json, "samples", score->metrics.n));
    LERAY_TRY(leray_json_set_int(json, "samples_of_norm_zero", score->metrics.n_zero));
    LERAY_TRY(leray_json_set_real(json, "seconds", score->seconds));
    LERAY_TRY(put_grid(v, json));
    LERAY_TRY(leray_json_set_text(json, "model", v->model_path));
    LERAY_TRY(leray_json_set_text(json, "data", v->data_path));
    LERAY_TRY(leray_json_set_text(json, "aggregation",
                                  "relative errors per sample, then their mean over samples"));
    LERAY_TRY(leray_provenance_json(v->data_deck, 0, 1, &v->model_path, &provenance));
    return leray_json_set(json, "provenance", &provenance);
}

static leray_status print(const evaluation *v, const leray_dataset_score *score, char **out)
{
    const leray_metrics_result *m = &score->metrics;
    leray_grid grid = leray_grid_make(v->dataset->ndim, v->dataset->shape);
    char size[LERAY_GRID_TEXT], x[LERAY_DIGITS];
    leray_text text = {0};

    leray_text_add(&text, "%s on %s: %ld samples of %s in %s s\n\n", v->model_path, v->data_path,
                   m->n, leray_grid_text(&grid, size), leray_digits(score->seconds, 3, x));
    leray_text_add(&text, "  relative L2              %.6g\n", m->rel_l2);
    leray_text_add(&text, "  relative L2, of sums     %.6g\n", m->rel_l2_ratio_of_sums);
    leray_text_add(&text, "  relative H1              %.6g\n", m->rel_h1);
    leray_text_add(&text, "  rmse                     %.6g\n", m->rmse);
    leray_text_add(&text, "  max error                %.6g\n", m->max_error);
    if (v->dataset->autoregressive)
        leray_text_add(&text, "  relative L2 of identity  %.6g\n", m->baseline_rel_l2);
    return leray_text_finish(&text, out);
}

static leray_status evaluate(evaluation *v, int n, const char *const *overrides,
                             leray_report *report)
{
    leray_dataset_score score;
    leray_json *json;
    leray_status status;

    LERAY_CHECK(v->data_path, LERAY_ERR_ARG, "leray eval needs --data FILE.h5 or --data FOLDER");
    leray_threads_set(leray_threads_available());
    LERAY_TRY(leray_model_open(v->model_path, &v->opened));
    LERAY_TRY(open_data(v, n, overrides));
    LERAY_TRY(leray_evaluate_dataset(&v->opened.task, v->opened.model, v->dataset, BATCH, &score));
    LERAY_TRY(leray_json_object(&json));
    status = fill(v, &score, json);
    if (!status) status = leray_json_text(json, 2, &report->json);
    leray_json_destroy(&json);
    return status ? status : print(v, &score, &report->text);
}

leray_status leray_evaluate(const char *model, const char *data, int n,
                            const char *const *overrides, leray_report *report)
{
    evaluation *v;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(leray_ranks_only_one("leray eval"));
    LERAY_TRY(LERAY_ALLOC(&v, 1));
    v->model_path = model;
    v->data_path = data;
    status = evaluate(v, n, overrides, report);
    leray_dataset_destroy(&v->dataset);
    leray_config_destroy(&v->data_deck);
    leray_model_close(&v->opened);
    leray_mem_free(v);
    if (status) leray_report_free(report);
    return status;
}
