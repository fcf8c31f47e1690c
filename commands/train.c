/* commands/train.c - leray_run_train and leray_run_online: one loop, two sources. */
#include "commands/training.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/threads.h"

#include <string.h>

static size_t parameters_of(const leray_training *s)
{
    return leray_model_parameters(s->model)->count;
}

static leray_status add_training(leray_training *s, leray_json *result)
{
    const leray_trainer *t = &s->trainer;
    leray_json *training;
    leray_status status;

    LERAY_TRY(leray_json_object(&training));
    status = s->source->type->report(s->source, training);
    if (!status) status = leray_json_set_int(training, "steps", t->step);
    if (!status) status = leray_json_set_int(training, "batch", t->settings.batch);
    if (!status) status = leray_json_set_int(training, "short_batches", t->short_batches);
    if (!status) status = leray_json_set_int(training, "attempts", t->attempts);
    if (!status) status = leray_json_set_real(training, "seconds", t->seconds);
    if (!status) status = leray_json_set_real(training, "final_loss", t->final_loss);
    if (!status) status = leray_json_set_int(training, "parameters", (int64_t)parameters_of(s));
    if (!status) status = leray_json_set_int(training, "memory_predicted", (int64_t)t->memory);
    if (!status) status = leray_json_set_int(training, "memory_peak", (int64_t)leray_mem_peak());
    if (!status && t->exchange)
        status =
            leray_json_set_real(training, "gradient_overlap", leray_exchange_overlap(t->exchange));
    if (status) leray_json_destroy(&training);
    else status = leray_json_set(result, "training", &training);
    return status;
}

static leray_status write_model(leray_training *s)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(s->folder.path, "model.safetensors", path));
    return leray_model_file_write(path,
                                  &(leray_model_record){.type = s->experiment.model_name,
                                                        .model = s->model,
                                                        .task = &s->task,
                                                        .cfg = s->experiment.cfg,
                                                        .comm = s->group.comm,
                                                        .seed = (uint64_t)s->experiment.run.seed});
}

static leray_status report_dry_run(const leray_training *s, leray_report *report)
{
    const leray_sample_info *i = &s->source->info;
    leray_extents extents = leray_grid_extents(&i->grid);
    char grid[LERAY_EXTENTS_TEXT];
    leray_text text = {0};

    leray_text_add(&text, "dry run: the deck is valid; nothing was written\n");
    leray_extents_text(&extents, grid);
    leray_text_add(&text, "  samples   %d x [%s] -> %d x [%s], %d parameter%s\n",
                   leray_sample_inputs(i), grid, leray_sample_outputs(i), grid, i->n_parameters,
                   i->n_parameters == 1 ? "" : "s");
    leray_text_add(&text, "  model     %s, %zu parameters\n", s->experiment.model_name,
                   parameters_of(s));
    leray_text_add(&text, "  steps     %lld of %d samples\n",
                   (long long)leray_trainer_steps(&s->trainer), s->source->batch);
    LERAY_TRY(leray_text_finish(&text, &report->text));
    return leray_mem_text("{\"dry_run\": true}", &report->json);
}

static leray_status finish(leray_training *s, bool online, leray_json *result, leray_report *report)
{
    LERAY_TRY(add_training(s, result));
    LERAY_TRY(LERAY_FOLDER_FIRST(&s->folder, write_model(s)));
    return online ? leray_training_scores_online(s, result, report)
                  : leray_training_scores_file(s, result, report);
}

static leray_status run(leray_training *s, bool online, const leray_run_options *options,
                        leray_report *report)
{
    leray_json *result;
    leray_status status;

    if (options->dry_run) return report_dry_run(s, report);
    leray_info("%s: %lld steps, %zu parameters, %d threads, output in %s", s->experiment.run.name,
               (long long)leray_trainer_steps(&s->trainer), parameters_of(s), leray_threads(),
               s->folder.path);
    LERAY_TRY(leray_trainer_run(&s->trainer));
    LERAY_TRY(leray_json_object(&result));
    status = finish(s, online, result, report);
    leray_json_destroy(&result);
    return status;
}

static leray_status train(const leray_config *cfg, bool online, const leray_run_options *options,
                          leray_report *report)
{
    leray_training *s;
    leray_status status;
    bool first;

    memset(report, 0, sizeof *report);
    LERAY_TRY(LERAY_ALLOC(&s, 1));
    status = leray_training_init(s, cfg, options, online);
    if (!status) status = run(s, online, options, report);
    first = leray_comm_rank(s->group.comm) == 0;
    leray_training_fini(s);
    leray_mem_free(s);
    if (status || !first) leray_report_free(report); /* rank 0 speaks for all */
    return status;
}

leray_status leray_run_train(const leray_config *cfg, const leray_run_options *options,
                             leray_report *report)
{
    return train(cfg, false, options, report);
}

leray_status leray_run_online(const leray_config *cfg, const leray_run_options *options,
                              leray_report *report)
{
    return train(cfg, true, options, report);
}
