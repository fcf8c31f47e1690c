/* commands/evaluate.c - leray_evaluate: a model file against a dataset. */
#include "api/model_open.h"
#include "core/file.h"
#include "core/json.h"
#include "core/launch.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/provenance.h"
#include "core/text.h"
#include "core/threads.h"
#include "training/evaluation.h"
#include "training/match.h"
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

/* The deck of --data: what the path is decides the type, unless an override gives it; what else the deck does
   not say is as in the training. */
static leray_status open_data(evaluation *v, int n, const char *const *overrides)
{
    leray_config *deck;
    struct stat info;
    bool folder = v->data_path && stat(v->data_path, &info) == 0 && S_ISDIR(info.st_mode);

    LERAY_TRY(leray_config_parse_text("--data", "{}", &v->data_deck));
    deck = v->data_deck;
    LERAY_TRY(leray_config_put_text(deck, "data.type", folder ? "npy-pairs" : "well"));
    if (v->data_path) LERAY_TRY(leray_config_put_text(deck, "data.path", v->data_path));
    for (int i = 0; i < n; i++) LERAY_TRY(leray_config_override(deck, overrides[i]));
    LERAY_TRY(leray_schema_resolve(deck));
    for (int i = 0; i < n; i++)
        LERAY_CHECK(strncmp(overrides[i], "data.", 5) == 0, LERAY_ERR_CONFIG,
                    "leray eval: '%s' has no effect: the model is as its file says, only keys of "
                    "section data can be set",
                    overrides[i]);
    LERAY_TRY(leray_experiment_init(v->data_deck, &v->wanted));
    return leray_match_open(&v->opened.task, v->wanted.type[LERAY_KIND_OF_DATASET], v->data_deck,
                            "data", &v->dataset);
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

static const char *data_name(const evaluation *v)
{
    return v->data_path ? v->data_path : v->dataset->trajectories->source;
}

static leray_status put_grid(const evaluation *v, leray_json *json)
{
    const leray_grid *grid = &v->dataset->windows.info.grid;
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    status = LERAY_OK;
    for (int a = 0; a < grid->ndim && !status; a++)
        status = leray_json_set_int(list, NULL, grid->axis[a].n);
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
    LERAY_TRY(leray_json_set_text(json, "data", data_name(v)));
    LERAY_TRY(leray_json_set_text(json, "aggregation",
                                  "relative errors per sample, then their mean over samples"));
    LERAY_TRY(leray_provenance_json(NULL, v->data_deck, 0, 1, &v->model_path, &provenance));
    return leray_json_set(json, "provenance", &provenance);
}

static leray_status print(const evaluation *v, const leray_dataset_score *score, char **out)
{
    const leray_metrics_result *m = &score->metrics;
    leray_extents grid = leray_grid_extents(&v->dataset->windows.info.grid);
    char size[LERAY_EXTENTS_TEXT], x[LERAY_DIGITS];
    leray_text text = {0};

    leray_text_add(&text, "%s on %s: %ld samples of %s in %s s\n\n", v->model_path, data_name(v),
                   m->n, leray_extents_text(&grid, size), leray_digits(score->seconds, 3, x));
    leray_text_add(&text, "  relative L2              %.6g\n", m->rel_l2);
    leray_text_add(&text, "  relative L2, of sums     %.6g\n", m->rel_l2_ratio_of_sums);
    if (score->has_h1) leray_text_add(&text, "  relative H1              %.6g\n", m->rel_h1);
    else leray_text_add(&text, "  relative H1              not defined on this grid\n");
    leray_text_add(&text, "  rmse                     %.6g\n", m->rmse);
    leray_text_add(&text, "  max error                %.6g\n", m->max_error);
    if (v->dataset->windows.info.autoregressive)
        leray_text_add(&text, "  relative L2 of identity  %.6g\n", m->baseline_rel_l2);
    return leray_text_finish(&text, out);
}

/* A reader that needs no path, from a plugin, is named by its type alone. */
static leray_status check_data(const evaluation *v, int n, const char *const *overrides)
{
    for (int i = 0; i < n && !v->data_path; i++)
        if (strncmp(overrides[i], "data.type=", 10) == 0) return LERAY_OK;
    LERAY_CHECK(v->data_path, LERAY_ERR_ARG, "leray eval needs --data FILE.h5 or --data FOLDER");
    return LERAY_OK;
}

static leray_status evaluate(evaluation *v, int n, const char *const *overrides,
                             leray_report *report)
{
    leray_dataset_score score;
    leray_json *json;
    leray_status status;

    LERAY_TRY(check_data(v, n, overrides));
    leray_threads_set(leray_threads_available());
    LERAY_TRY(leray_model_open(v->model_path, &v->opened));
    LERAY_TRY(open_data(v, n, overrides));
    LERAY_TRY(
        leray_evaluate_dataset(NULL, &v->opened.task, v->opened.model, v->dataset, BATCH, &score));
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
    LERAY_TRY(leray_comm_only_one(leray_launch_comm(), "leray eval"));
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
