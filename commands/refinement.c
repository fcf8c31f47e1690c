/* commands/refinement.c - see commands/refinement.h. */
#include "commands/refinement.h"

#include "core/mem.h"
#include "core/provenance.h"
#include "core/threads.h"
#include "solvers/solver.h"

#include <stdio.h>
#include <string.h>

typedef struct top_settings {
    int64_t threads;
} top_settings;
static const leray_key top_rows[] = {
    LERAY_KEY_INT(
        top_settings, threads, "threads", "0", 0, 1024, "1",
        "threads that compute; 0: OMP_NUM_THREADS, or one for each core that the process may use"),
};

static const leray_key tolerance_rows[] = {
    LERAY_KEY_REAL(leray_tolerance_settings, tolerance, "tolerance", "0", 0, 1e6, "1",
                   "forecast: largest estimated relative error at the end; 0: no certificate"),
};
const leray_keys leray_tolerance_keys = {tolerance_rows, 1};

/* ---- the deck --------------------------------------------------------------------------- */

static leray_status apply(leray_refinement *r, const char *override)
{
    if (strncmp(override, "solver.", 7) == 0) {
        r->solver_override[r->n_solver++] = override;
        return LERAY_OK;
    }
    if (strncmp(override, "certify=", 8) != 0) return leray_config_override(r->cfg, override);
    return leray_config_override_key(r->cfg, "certify.tolerance", override + 8);
}

static leray_status find_optimizer(leray_refinement *r)
{
    const leray_registry *kind = leray_registry_of(LERAY_KIND_OF_OPTIMIZER);
    const leray_registry_entry *entry;
    char name[LERAY_TEXT_MAX];

    LERAY_TRY(leray_config_peek(r->cfg, "optimizer.type", kind->fallback, name));
    LERAY_TRY(
        leray_registry_find(kind, name, leray_config_where(r->cfg, "optimizer", "type"), &entry));
    r->optimizer = entry->type;
    return LERAY_OK;
}

static leray_status resolve(leray_refinement *r, const char *section, leray_keys own,
                            bool tolerance)
{
    const leray_registry *kind = leray_registry_of(LERAY_KIND_OF_OPTIMIZER);
    leray_key type = {.name = "type",
                      .kind = LERAY_KIND_TEXT,
                      .fallback = kind->fallback,
                      .unit = "",
                      .help = kind->help};
    leray_section all[10] = {
        {"",          LERAY_KEYS(top_rows), NULL},
        {"refine",    leray_refine_keys,    NULL},
        {"certify",   leray_certify_keys,   NULL},
        {"optimizer", {&type, 1},           NULL},
        {"optimizer", *kind->common,        NULL},
        {"optimizer", r->optimizer->keys,   NULL},
        {section,     own,                  NULL}
    };
    int n = 7;

    LERAY_TRY(leray_reference_keys(all + n));
    n += 2;
    if (tolerance) all[n++] = (leray_section){"certify", leray_tolerance_keys, NULL};
    return leray_config_resolve(r->cfg, n, all);
}

static leray_status open_deck(leray_refinement *r, const char *section, leray_keys own,
                              bool tolerance, int n, const char *const *overrides)
{
    top_settings top;

    LERAY_CHECK(r->data_path, LERAY_ERR_ARG, "%s needs --data FILE.h5", r->command);
    LERAY_TRY(leray_config_parse_text(r->command, "{}", &r->cfg));
    LERAY_TRY(leray_config_put_text(r->cfg, "data.path", r->data_path));
    LERAY_TRY(leray_config_put_int(r->cfg, "data.history", r->opened.task.info.history));
    /* Parameters are looked up by the model's names. */
    LERAY_TRY(leray_config_put_text(r->cfg, "data.parameters", "none"));
    LERAY_TRY(LERAY_ALLOC(&r->solver_override, (size_t)n));
    for (int i = 0; i < n; i++) LERAY_TRY(apply(r, overrides[i]));
    LERAY_TRY(find_optimizer(r));
    LERAY_TRY(resolve(r, section, own, tolerance));
    LERAY_TRY(leray_config_read(r->cfg, "refine", leray_refine_keys, &r->refine));
    LERAY_TRY(leray_config_read(r->cfg, "certify", leray_certify_keys, &r->certify));
    LERAY_TRY(leray_config_read(r->cfg, "", LERAY_KEYS(top_rows), &top));
    leray_threads_set(top.threads > 0 ? (int)top.threads : leray_threads_available());
    return LERAY_OK;
}

leray_status leray_refinement_open(leray_refinement *r, const char *section, leray_keys own,
                                   bool tolerance, int n, const char *const *overrides)
{
    r->folder.lock.fd = -1;
    LERAY_TRY(leray_group_open(&r->group, r->options->mpi_comm));
    LERAY_TRY(leray_comm_only_one(r->group.comm, r->command));
    LERAY_TRY(leray_model_open(r->model_path, &r->opened));
    return open_deck(r, section, own, tolerance, n, overrides);
}

/* ---- what it works on ------------------------------------------------------------------- */

leray_status leray_refinement_open_data(leray_refinement *r, int frames, int window)
{
    leray_task *task = &r->opened.task;

    LERAY_TRY(leray_reference_open(r->cfg, r->data_path, task, task->info.history + frames,
                                   r->n_solver, r->solver_override, &r->reference));
    r->history = task->info.history;
    r->window = window > 0 ? window : task->info.window;
    LERAY_CHECK(r->window % task->info.window == 0, LERAY_ERR_CONFIG,
                "a window of %d frames, allowed: multiples of %d, which the model gives at once",
                r->window, task->info.window);
    return leray_predictor_init(&r->predictor, task, r->opened.model, &r->reference.info->grid, 1);
}

leray_status leray_refinement_make_refiner(leray_refinement *r, int history, leray_refiner **out)
{
    const leray_extents *grid = &r->reference.grid;
    leray_refine_shape shape = {
        .n = {grid->n[0], grid->n[1]},
        .history = history,
        .frames = r->window,
        .interval = r->reference.interval
    };
    leray_vorticity_equation equation;

    LERAY_TRY(leray_solver_equation(r->solver, &equation));
    return leray_refiner_create(&equation, &r->refine, &shape, out);
}

leray_status leray_refinement_open_refiner(leray_refinement *r, int history, const char *what)
{
    const leray_axis *axis = r->reference.info->grid.axis;

    LERAY_TRY(leray_reference_is_vorticity(&r->reference, what));
    LERAY_TRY(leray_reference_solver(&r->reference, r->reference.grid.n, &r->solver));
    LERAY_TRY(leray_reference_set_parameters(&r->reference, 0, r->solver));
    LERAY_TRY(leray_refinement_make_refiner(r, history, &r->refiner));
    return leray_frame_norms_create(r->reference.grid.n, (double[]){axis[0].length, axis[1].length},
                                    &r->norms);
}

leray_status leray_refinement_begin(leray_refinement *r, int i)
{
    leray_vorticity_equation equation;

    LERAY_TRY(leray_predictor_load(&r->predictor, &r->reference.dataset->windows,
                                   leray_reference_sample(&r->reference, i), 0, NULL, NULL));
    if (!r->solver) return LERAY_OK;
    LERAY_TRY(leray_reference_set_parameters(&r->reference, i, r->solver));
    LERAY_TRY(leray_solver_equation(r->solver, &equation));
    return leray_refiner_set_equation(r->refiner, &equation);
}

/* Statics and parameters are those of the trajectory. */
leray_status leray_refinement_predict(leray_refinement *r, float *frames)
{
    size_t given = (size_t)r->history * r->reference.size;

    memcpy(r->predictor.batch.x, frames, given * sizeof *frames);
    return leray_predictor_roll_out(&r->predictor, r->window / r->opened.task.info.window, NULL,
                                    frames + given);
}

void leray_refinement_close(leray_refinement *r)
{
    leray_folder_close(&r->folder);
    leray_frame_norms_destroy(&r->norms);
    leray_refiner_destroy(&r->refiner);
    leray_solver_destroy(&r->solver);
    leray_predictor_fini(&r->predictor);
    leray_reference_close(&r->reference);
    leray_config_destroy(&r->cfg);
    leray_mem_free((void *)r->solver_override);
    leray_model_close(&r->opened);
    leray_group_close(&r->group);
}

leray_status leray_refinement_go_on(const leray_refinement *r)
{
    LERAY_CHECK(!r->options->stop || !*r->options->stop, LERAY_INTERRUPTED,
                "stopped by a signal; nothing is kept");
    return LERAY_OK;
}

/* ---- what it leaves --------------------------------------------------------------------- */

leray_status leray_refinement_open_folder(leray_refinement *r, leray_folder_kind kind)
{
    leray_run_options options = *r->options;
    char folder[LERAY_TEXT_MAX + 64];

    snprintf(folder, sizeof folder, "runs/%s-%s", r->opened.trained.run.name,
             kind == LERAY_FOLDER_REFINE ? "refine" : "forecast");
    if (!options.folder) options.folder = folder;
    return leray_folder_open(&r->opened.trained, kind, &options, r->group.comm, &r->folder);
}

static leray_status create_file(leray_refinement *r, const char *path, int steps,
                                leray_well_sampled *sampled, leray_well_writer **out)
{
    const leray_trajectories *file = r->reference.file;
    leray_frame example = leray_reference_frame(&r->reference, r->reference.values, 0);
    leray_well_description d = {.dataset_name = r->opened.trained.run.name,
                                .n_trajectories = r->reference.n,
                                .n_steps = steps,
                                .n_sampled = file->n_parameters,
                                .sampled = sampled};
    char *provenance;
    leray_status status;

    for (int p = 0; p < file->n_parameters; p++)
        sampled[p] = (leray_well_sampled){file->parameter[p].name, file->parameter[p].unit};
    LERAY_TRY(leray_provenance_text(NULL, r->cfg, 0, 1, &r->model_path, &provenance));
    d.provenance = provenance;
    status = leray_well_create(path, &d, &example, out);
    leray_mem_free(provenance);
    return status;
}

static leray_status write_parameters(const leray_refinement *r, leray_well_writer *writer,
                                     double *values)
{
    const leray_trajectories *file = r->reference.file;

    for (int i = 0; i < r->reference.n; i++) {
        for (int p = 0; p < file->n_parameters; p++)
            values[p] = *leray_reference_scalar(&r->reference, i, file->parameter[p].name);
        LERAY_TRY(leray_well_write_parameters(writer, i, values));
    }
    return LERAY_OK;
}

leray_status leray_refinement_create_file(leray_refinement *r, const char *name, int steps,
                                          leray_well_writer **out)
{
    size_t n = (size_t)r->reference.file->n_parameters + 1;
    char path[LERAY_PATH_MAX];
    leray_well_sampled *sampled;
    double *values = NULL;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_path_join(r->folder.path, name, path));
    LERAY_TRY(LERAY_ALLOC(&sampled, n));
    status = LERAY_ALLOC(&values, n);
    if (!status) status = create_file(r, path, steps, sampled, out);
    if (!status) status = write_parameters(r, *out, values);
    leray_mem_free(values);
    leray_mem_free(sampled);
    if (status) leray_well_abandon(out);
    return status;
}

leray_status leray_refinement_write_frame(leray_refinement *r, leray_well_writer *writer, int i,
                                          int step, int frame, const float *values)
{
    leray_frame view = leray_reference_frame(&r->reference, r->reference.values,
                                             leray_reference_time(&r->reference, i, frame));

    for (size_t k = 0; k < r->reference.size; k++) r->reference.values[k] = values[k];
    return leray_well_write(writer, i, step, &view);
}

static leray_status describe(const leray_refinement *r, leray_json *result)
{
    leray_json *provenance;

    LERAY_TRY(leray_json_set_int(result, "window", r->window));
    LERAY_TRY(leray_json_set_text(result, "model", r->model_path));
    LERAY_TRY(leray_json_set_text(result, "data", r->data_path));
    LERAY_TRY(leray_provenance_json(NULL, r->cfg, 0, 1, &r->model_path, &provenance));
    return leray_json_set(result, "provenance", &provenance);
}

leray_status leray_refinement_result(leray_refinement *r, leray_refinement_fill fill,
                                     const void *work, const char *aggregation,
                                     leray_report *report)
{
    char path[LERAY_PATH_MAX];
    leray_json *result, *metrics = NULL;
    leray_status status;

    LERAY_TRY(leray_path_join(r->folder.path, "result.json", path));
    LERAY_TRY(leray_json_object(&result));
    status = leray_json_object(&metrics);
    if (!status) status = fill(work, metrics);
    if (!status) status = leray_json_set(result, "metrics", &metrics);
    leray_json_destroy(&metrics);
    if (!status) status = leray_json_set_text(result, "aggregation", aggregation);
    if (!status) status = describe(r, result);
    if (!status) status = leray_json_text(result, 2, &report->json);
    leray_json_destroy(&result);
    if (!status) status = leray_file_write(path, report->json, strlen(report->json));
    return status;
}
