/* commands/training.c - making a training run out of a deck. */
#include "commands/training.h"

#include "online/source_stream.h"

#include "core/fft.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/threads.h"

#include <string.h>

/* The plans of the run: those of its folder where it goes on, else the machine's, kept there. */
static leray_status with_wisdom(leray_training *s, leray_status (*make)(leray_training *))
{
    char path[LERAY_PATH_MAX];
    bool known;

    if (!s->folder.path[0]) return make(s);
    LERAY_TRY(leray_path_join(s->folder.path, "fftw.wisdom", path));
    known = leray_file_exists(path);
    if (known) LERAY_TRY(leray_fft_use_wisdom(path));
    LERAY_TRY(make(s));
    return known ? LERAY_OK : leray_fft_keep_wisdom(path);
}

static leray_status make_stream(leray_training *s)
{
    leray_experiment *e = &s->experiment;
    leray_stream_settings settings = {.seed = (uint64_t)e->run.seed,
                                      .batch = (int)e->train.batch,
                                      .history = e->history,
                                      .ratio = e->train.ratio};

    LERAY_CHECK(e->has_solver, LERAY_ERR_CONFIG,
                "leray online needs a section 'solver'; this deck has 'data': use leray train");
    LERAY_TRY(leray_ensemble_init(&s->ensemble, e->cfg, e->type[LERAY_KIND_OF_SOLVER],
                                  e->type[LERAY_KIND_OF_SAMPLER], settings.seed, 0, 0));
    LERAY_CHECK(s->ensemble.settings.ranks == 1, LERAY_ERR_CONFIG,
                "ensemble.ranks = %d%s: leray online works on one rank, leave it at 1",
                (int)s->ensemble.settings.ranks, leray_config_where(e->cfg, "ensemble", "ranks"));
    LERAY_TRY(leray_reservoir_create_type(e->type[LERAY_KIND_OF_RESERVOIR], e->cfg, "reservoir",
                                          &s->reservoir));
    settings.clients = (int)s->ensemble.settings.clients;
    if (settings.clients == 0) settings.clients = leray_threads();
    return leray_source_from_ensemble(&s->ensemble, s->reservoir, &settings, &s->source);
}

static leray_status make_file_source(leray_training *s)
{
    leray_experiment *e = &s->experiment;
    leray_file_settings settings = {.seed = (uint64_t)e->run.seed,
                                    .batch = (int)e->train.batch,
                                    .epochs = (int)e->train.epochs,
                                    .memory = e->train.memory * 1024 * 1024 * 1024,
                                    .windows = (leray_file_windows)e->train.windows,
                                    .comm = s->group.comm};
    leray_dataset *dataset;

    LERAY_CHECK(e->has_data, LERAY_ERR_CONFIG,
                "leray train needs a section 'data'; this deck has a solver: use leray online, or "
                "leray gen and then train on its file");
    LERAY_TRY(leray_dataset_create_type(e->type[LERAY_KIND_OF_DATASET], e->cfg, "data", &dataset));
    return leray_source_from_dataset(&dataset, &settings, &s->source);
}

/* The terms of loss.plus in their order. */
static leray_status add_terms(leray_training *s)
{
    const leray_experiment *e = &s->experiment;
    leray_component *terms;
    leray_status status;
    int n;

    LERAY_TRY(leray_experiment_list(e, LERAY_KIND_OF_LOSS, "loss.plus", &n, &terms));
    status = LERAY_OK;
    for (int i = 0; i < n && !status; i++) {
        leray_loss *term;

        status = leray_loss_create_type(terms[i].type, e->cfg, terms[i].section, &term);
        if (!status) leray_loss_append(s->loss, &term);
    }
    leray_mem_free(terms);
    return status;
}

static leray_status make_loss(leray_training *s)
{
    leray_experiment *e = &s->experiment;

    LERAY_TRY(leray_loss_create_type(e->type[LERAY_KIND_OF_LOSS], e->cfg, "loss", &s->loss));
    LERAY_TRY(add_terms(s));
    LERAY_TRY(
        leray_loss_prepare(s->loss, leray_sample_outputs(&s->task.info), &s->source->info.grid));
    LERAY_CHECK(!s->model->type->to || leray_loss_in_any_basis(s->loss), LERAY_ERR_CONFIG,
                "model.type: %s gives coefficients, which a loss compares as it would values at "
                "points only if it is made of squares, without a latitude or a mask: relative-l2, "
                "nmse or mse",
                e->model_name);
    LERAY_CHECK(!s->task.info.masked || !s->model->type->to, LERAY_ERR_CONFIG,
                "model.type: %s gives coefficients, which know no masks", e->model_name);
    return LERAY_OK;
}

/* Of a model that gives coefficients the truth is transformed once, if the source can. */
static leray_status transform_truth(leray_training *s)
{
    size_t size;

    if (!s->model->type->to || !s->source->type->transform) return LERAY_OK;
    LERAY_TRY(leray_task_expect_coefficients(&s->task, s->model, &size));
    return s->source->type->transform(s->source, size, leray_task_transform, &s->task);
}

static leray_status make_model(leray_training *s)
{
    leray_experiment *e = &s->experiment;
    leray_problem problem;

    LERAY_TRY(leray_task_init(&s->task, &e->task, &s->source->info));
    LERAY_TRY(leray_training_fit_settings(s));
    problem = leray_task_problem(&s->task);
    LERAY_TRY(leray_model_create_type(e->type[LERAY_KIND_OF_MODEL], e->cfg, "model", &problem,
                                      (uint64_t)e->run.seed, LERAY_F32, &s->model));
    LERAY_TRY(leray_model_accepts(s->model, &s->source->info.grid));
    LERAY_TRY(make_loss(s));
    LERAY_TRY(transform_truth(s));
    LERAY_TRY(leray_optimizer_create_type(e->type[LERAY_KIND_OF_OPTIMIZER], e->cfg, "optimizer",
                                          (uint64_t)e->run.seed, leray_model_parameters(s->model),
                                          &s->optimizer));
    return leray_schedule_create_type(e->type[LERAY_KIND_OF_SCHEDULE], e->cfg, "schedule",
                                      &s->schedule);
}

/* What the two commands leave beside the trainer's own files: model, results, pictures (those of leray plot too). */
static const char *const outputs[] = {
    "model.safetensors", "result.json", "metrics.jsonl", "curves.png",   "curves.gp", "curves.dat",
    "forecast.png",      "forecast.gp", "forecast.f32",  "forecast.dat", "loss.png",  "loss.gp",
    "loss.dat",          NULL};

leray_status leray_training_init(leray_training *s, const leray_config *cfg,
                                 const leray_run_options *options, bool online)
{
    memset(s, 0, sizeof *s);
    s->folder.lock.fd = -1;
    LERAY_TRY(leray_group_open(&s->group, options->mpi_comm));
    LERAY_TRY(leray_experiment_init(cfg, &s->experiment));
    if (online) LERAY_TRY(leray_comm_only_one(s->group.comm, "leray online"));
    leray_threads_set(leray_group_threads(s->group.comm, (int)s->experiment.run.threads));
    if (!options->dry_run)
        LERAY_TRY(leray_folder_open(&s->experiment, LERAY_FOLDER_TRAIN, options, s->group.comm,
                                    &s->folder));
    LERAY_TRY(online ? with_wisdom(s, make_stream) : make_file_source(s));
    LERAY_TRY(make_model(s));
    s->trainer =
        (leray_trainer){.source = s->source,
                        .task = &s->task,
                        .model = s->model,
                        .loss = s->loss,
                        .optimizer = s->optimizer,
                        .schedule = s->schedule,
                        .cfg = s->experiment.cfg,
                        .folder = s->folder.path,
                        .comm = s->group.comm,
                        .stop = options->stop,
                        .settings = s->experiment.train,
                        .epoch = online ? 0 : s->source->batches / s->experiment.train.epochs,
                        .outputs = outputs,
                        .fresh = options->fresh != 0};
    return LERAY_OK;
}

void leray_training_fini(leray_training *s)
{
    leray_trainer_fini(&s->trainer);
    leray_schedule_destroy(&s->schedule);
    leray_optimizer_destroy(&s->optimizer);
    leray_loss_destroy(&s->loss);
    leray_model_destroy(&s->model);
    leray_task_fini(&s->task);
    leray_source_destroy(&s->source);
    leray_reservoir_destroy(&s->reservoir);
    leray_ensemble_fini(&s->ensemble);
    leray_folder_close(&s->folder);
    leray_config_destroy(&s->fitted);
    leray_group_close(&s->group);
}
