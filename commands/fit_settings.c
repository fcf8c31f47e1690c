/* commands/fit_settings.c - shows a model the targets of its training before it is made, and keeps what it
   chose in the deck of the run. */
#include "commands/training.h"

#include "core/mem.h"

/* Between a source's samples and a model's targets. */
typedef struct bridge {
    leray_training *training;
    leray_target_visitor visit;
    void *context;
    float *target; /* [n_outputs, grid..] */
} bridge;

static leray_status show_sample(void *context, const leray_batch *sample)
{
    bridge *b = context;
    const leray_task *task = &b->training->task;
    size_t points = leray_sample_points(&task->info),
           n = (size_t)leray_sample_outputs(&task->info) * points;
    const float *y = sample->y;

    if (task->settings.target == LERAY_TARGET_STATE) return b->visit(b->context, y, y);
    leray_task_last_frame(task, sample, points, b->target);
    for (size_t i = 0; i < n; i++) b->target[i] = y[i] - b->target[i];
    return b->visit(b->context, b->target, y);
}

static leray_status show(void *source, leray_target_visitor visit, void *context)
{
    leray_training *s = source;
    size_t n = (size_t)leray_sample_outputs(&s->task.info) * leray_sample_points(&s->task.info);
    bridge b = {.training = s, .visit = visit, .context = context};
    leray_status status = LERAY_ALLOC(&b.target, n);

    if (!status) status = s->source->type->fit(s->source, show_sample, &b);
    leray_mem_free(b.target);
    return status;
}

leray_status leray_training_fit_settings(leray_training *s)
{
    const leray_model_type *type = s->experiment.type[LERAY_KIND_OF_MODEL];
    leray_problem problem = leray_task_problem(&s->task);
    leray_targets targets = {s, show};
    bool stream = s->reservoir != NULL; /* its frames are not there before training starts */

    if (!type->fit_settings) return LERAY_OK;
    LERAY_TRY(leray_config_copy(s->experiment.cfg, &s->fitted));
    LERAY_TRY(leray_schema_resolve(s->fitted));
    s->experiment.cfg = s->fitted;
    LERAY_TRY(type->fit_settings(&problem, s->fitted, "model", stream ? NULL : &targets));
    return leray_schema_resolve(s->fitted);
}
