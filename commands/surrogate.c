/* commands/surrogate.c - see commands/surrogate.h. */
#include "commands/surrogate.h"

#include "core/log.h"
#include "core/mem.h"

#include <string.h>

leray_status leray_surrogate_init(leray_surrogate *s, leray_task *task, leray_model *model,
                                  const leray_reference *reference, int window)
{
    leray_sample_info info = *reference->info; /* a view */

    memset(s, 0, sizeof *s);
    s->history = info.history;
    s->size = reference->size;
    s->step = task->info.window;
    s->window = window > 0 ? window : s->step;
    LERAY_CHECK(s->window % s->step == 0, LERAY_ERR_CONFIG,
                "a window of %d frames, allowed: multiples of %d, which the model gives at once",
                s->window, s->step);
    info.n_parameters = task->info.n_parameters;
    LERAY_TRY(leray_predictor_init(&s->predictor, task, model, &info.grid, 1));
    LERAY_TRY(LERAY_ALLOC(&s->y, (size_t)s->step * s->size));
    LERAY_TRY(leray_batch_create(&info, 1, &s->batch));
    s->batch.n = s->batch.total = 1;
    return LERAY_OK;
}

void leray_surrogate_fini(leray_surrogate *s)
{
    leray_batch_fini(&s->batch);
    leray_mem_free(s->y);
    leray_predictor_fini(&s->predictor);
}

leray_status leray_surrogate_begin(leray_surrogate *s, leray_reference *reference, int i)
{
    LERAY_TRY(leray_reference_input(reference, i, s->batch.x));
    return leray_match_parameters(s->predictor.task, reference->file, reference->trajectory[i],
                                  s->batch.parameters);
}

leray_status leray_surrogate_predict(leray_surrogate *s, float *frames)
{
    double began = leray_clock();

    for (int k = 0; k < s->window; k += s->step) {
        float *next = frames + (size_t)(s->history + k) * s->size;

        memcpy(s->batch.x, frames + (size_t)k * s->size,
               (size_t)s->history * s->size * sizeof *frames);
        LERAY_TRY(leray_predictor_step(&s->predictor, &s->batch, s->y));
        memcpy(next, s->y, (size_t)s->step * s->size * sizeof *frames);
    }
    s->seconds += leray_clock() - began;
    return LERAY_OK;
}

leray_status leray_surrogate_latent(leray_surrogate *s, const float *frames, float *latent)
{
    memcpy(s->batch.x, frames, (size_t)s->history * s->size * sizeof *frames);
    return leray_predictor_latent(&s->predictor, &s->batch, latent);
}
