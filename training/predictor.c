/* training/predictor.c - see training/predictor.h. */
#include "training/predictor.h"

#include "core/mem.h"

#include <string.h>

leray_status leray_predictor_init(leray_predictor *p, leray_task *task, leray_model *model,
                                  const leray_grid *grid, int batch)
{
    size_t points = leray_grid_points(grid), n = (size_t)batch;

    *p = (leray_predictor){
        .task = task, .model = model, .grid = leray_grid_extents(grid), .batch = batch};
    LERAY_TRY(leray_model_accepts(model, grid));
    LERAY_TRY(leray_tape_create(LERAY_F32, &p->tape));
    leray_tape_set_gradients(p->tape, false);
    LERAY_TRY(LERAY_ALLOC(&p->input, n * (size_t)leray_task_channels_in(task) * points));
    return LERAY_ALLOC(&p->last, n * (size_t)leray_sample_outputs(&task->info) * points);
}

void leray_predictor_fini(leray_predictor *p)
{
    leray_tape_destroy(&p->tape);
    leray_mem_free(p->last);
    leray_mem_free(p->input);
}

/* On a fresh tape. */
static leray_status make_input(leray_predictor *p, const leray_batch *batch, leray_tensor **input)
{
    leray_task_input(p->task, batch, leray_extents_points(&p->grid), p->input);
    leray_tape_reset(p->tape);
    return leray_task_tensor(p->tape, batch->n, leray_task_channels_in(p->task), &p->grid, p->input,
                             input);
}

leray_status leray_predictor_latent(leray_predictor *p, const leray_batch *batch, float *latent)
{
    leray_tensor *input, *out;

    LERAY_TRY(make_input(p, batch, &input));
    LERAY_TRY(p->model->type->latent(p->model, p->tape, input, &out));
    memcpy(latent, out->value, out->count * sizeof *latent);
    return LERAY_OK;
}

leray_status leray_predictor_step(leray_predictor *p, const leray_batch *batch, float *y)
{
    leray_tensor *input, *prediction;

    leray_task_last_frame(p->task, batch, leray_extents_points(&p->grid), p->last);
    LERAY_TRY(make_input(p, batch, &input));
    LERAY_TRY(leray_task_predict(p->task, p->model, p->tape, input, p->last, &prediction));
    memcpy(y, prediction->value, prediction->count * sizeof *y);
    return LERAY_OK;
}

void leray_predictor_feed(const leray_predictor *p, const float *y, leray_batch *batch)
{
    const leray_sample_info *info = &p->task->info;
    size_t points = leray_extents_points(&p->grid), states = (size_t)info->n_state * points;
    size_t frame = (size_t)leray_sample_fields(info) * points;
    size_t sample = (size_t)leray_sample_inputs(info) * points;
    int fresh = info->window < info->history ? info->window : info->history;

    for (size_t b = 0; b < (size_t)batch->n; b++) {
        float *x = batch->x + b * sample;
        const float *from = y + ((b + 1) * (size_t)info->window - (size_t)fresh) * frame;
        size_t kept = (size_t)(info->history - fresh) * states;

        memmove(x, x + (size_t)fresh * states, kept * sizeof *x);
        for (int k = 0; k < fresh; k++)
            memcpy(x + kept + (size_t)k * states, from + (size_t)k * frame, states * sizeof *x);
    }
}
