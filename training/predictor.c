/* training/predictor.c - see training/predictor.h. */
#include "training/predictor.h"

#include "core/log.h"
#include "core/mem.h"
#include "training/match.h"

#include <string.h>

/* Reals of one sample. */
static size_t size_of_x(const leray_predictor *p)
{
    return (size_t)leray_sample_inputs(&p->task->info) * leray_extents_points(&p->grid);
}

static size_t size_of_y(const leray_predictor *p)
{
    return (size_t)leray_sample_outputs(&p->task->info) * leray_extents_points(&p->grid);
}

leray_status leray_predictor_init(leray_predictor *p, leray_task *task, leray_model *model,
                                  const leray_grid *grid, int room)
{
    size_t points = leray_grid_points(grid), n = (size_t)room;

    *p = (leray_predictor){
        .task = task,
        .model = model,
        .grid = leray_grid_extents(grid),
        .room = room,
        .batch = {.n = room, .total = room}
    };
    LERAY_TRY(leray_model_accepts(model, grid));
    LERAY_TRY(leray_tape_create(LERAY_F32, &p->tape));
    leray_tape_set_gradients(p->tape, false);
    LERAY_TRY(LERAY_ALLOC(&p->batch.x, n * size_of_x(p)));
    LERAY_TRY(LERAY_ALLOC(&p->batch.parameters, n * (size_t)task->info.n_parameters));
    LERAY_TRY(LERAY_ALLOC(&p->input, n * (size_t)leray_task_channels_in(task) * points));
    return LERAY_ALLOC(&p->last, n * size_of_y(p));
}

void leray_predictor_fini(leray_predictor *p)
{
    leray_tape_destroy(&p->tape);
    leray_mem_free(p->last);
    leray_mem_free(p->input);
    leray_mem_free(p->batch.parameters);
    leray_mem_free(p->batch.x);
}

leray_status leray_predictor_load(leray_predictor *p, leray_windows *windows, int sample, int k,
                                  float *y, float *mask)
{
    int trajectory, step;

    leray_windows_locate(windows, sample, &trajectory, &step);
    LERAY_TRY(
        leray_windows_read(windows, sample, p->batch.x + (size_t)k * size_of_x(p), y, NULL, mask));
    return leray_match_parameters(p->task, windows->trajectories, trajectory,
                                  p->batch.parameters +
                                      (size_t)k * (size_t)p->task->info.n_parameters);
}

/* On a fresh tape. */
static leray_status make_input(leray_predictor *p, leray_tensor **input)
{
    leray_task_input(p->task, &p->batch, leray_extents_points(&p->grid), p->input);
    leray_tape_reset(p->tape);
    return leray_task_tensor(p->tape, p->batch.n, leray_task_channels_in(p->task), &p->grid,
                             p->input, input);
}

leray_status leray_predictor_latent(leray_predictor *p, float *latent)
{
    leray_tensor *input, *out;

    LERAY_TRY(make_input(p, &input));
    LERAY_TRY(p->model->type->latent(p->model, p->tape, input, &out));
    memcpy(latent, out->value, out->count * sizeof *latent);
    return LERAY_OK;
}

leray_status leray_predictor_step(leray_predictor *p, const float **y)
{
    double began = leray_clock();
    leray_tensor *input, *prediction;

    leray_task_last_frame(p->task, &p->batch, leray_extents_points(&p->grid), p->last);
    LERAY_TRY(make_input(p, &input));
    LERAY_TRY(leray_task_predict(p->task, p->model, p->tape, input, p->last, &prediction));
    *y = prediction->value;
    p->seconds += leray_clock() - began;
    return LERAY_OK;
}

/* ---- roll-outs -------------------------------------------------------------------------- */

/* x [kept + fresh frames of `size`]: the oldest `fresh` leave, and room is made for as many at the end. */
static float *shift(float *x, int kept, int fresh, size_t size)
{
    memmove(x, x + (size_t)fresh * size, (size_t)kept * size * sizeof *x);
    return x + (size_t)kept * size;
}

void leray_predictor_feed(leray_predictor *p, int k, const float *y, const float *forcings)
{
    double began = leray_clock();
    const leray_sample_info *info = &p->task->info;
    size_t points = leray_extents_points(&p->grid), states = (size_t)info->n_state * points;
    size_t frame = (size_t)leray_sample_fields(info) * points;
    size_t forcing = (size_t)info->n_forcing * points;
    int window = info->window, fresh = window < info->history ? window : info->history;
    float *x = p->batch.x + (size_t)k * size_of_x(p);
    float *end = shift(x, info->history - fresh, fresh, states);

    y += (size_t)(window - fresh) * frame;
    for (int i = 0; i < fresh; i++, y += frame, end += states) memcpy(end, y, states * sizeof *end);
    if (forcings && forcing > 0) {
        x += (size_t)info->history * states + (size_t)info->n_static * points;
        memcpy(shift(x, info->history, window, forcing), forcings,
               (size_t)window * forcing * sizeof *x);
    }
    p->seconds += leray_clock() - began;
}

leray_status leray_predictor_roll_out(leray_predictor *p, int steps, const float *forcings,
                                      float *y)
{
    const leray_sample_info *info = &p->task->info;
    size_t size = size_of_y(p),
           fresh = (size_t)(info->window * info->n_forcing) * leray_extents_points(&p->grid);

    for (int s = 0; s < steps; s++) {
        const float *from;

        LERAY_TRY(leray_predictor_step(p, &from));
        for (int k = 0; k < p->batch.n; k++, from += size) {
            size_t later = (size_t)k * (size_t)(steps - 1) + (size_t)s;

            memcpy(y + ((size_t)k * (size_t)steps + (size_t)s) * size, from, size * sizeof *y);
            if (s + 1 < steps)
                leray_predictor_feed(p, k, from, forcings ? forcings + later * fresh : NULL);
        }
    }
    return LERAY_OK;
}
