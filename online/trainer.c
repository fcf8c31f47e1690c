/* online/trainer.c - see online/trainer.h. Saving and resuming are in online/trainer_state.c. */
#include "online/trainer.h"

#include "core/log.h"
#include "core/mem.h"
#include "online/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const leray_key rows[] = {
    LERAY_KEY_INT(leray_train_settings, batch, "batch", "16", 1, 1e6, "samples",
                  "samples per step"),
    LERAY_KEY_INT(leray_train_settings, epochs, "epochs", "10", 1, 1e7, "1",
                  "passes over a file (leray train)"),
    LERAY_KEY_REAL(leray_train_settings, ratio, "ratio", "1", 1e-3, 1e4, "1",
                   "samples drawn per sample received (leray online)"),
    LERAY_KEY_REAL(leray_train_settings, checkpoint, "checkpoint", "60", 0, 1e9, "s",
                   "time between checkpoints"),
    LERAY_KEY_INT(leray_train_settings, log, "log", "10", 1, 1e9, "steps",
                  "steps per line of metrics.jsonl"),
};
const leray_keys leray_train_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

static leray_status write_log(leray_trainer *t, double factor, double gradient_norm)
{
    char path[LERAY_PATH_MAX], line[512];
    int n;

    t->final_loss = t->log_loss / (double)t->log_count;
    n = snprintf(line, sizeof line,
                 "{\"step\": %lld, \"loss\": %.9g, \"learning_rate_factor\": %.9g, "
                 "\"gradient_norm\": %.9g, \"seconds\": %.3f, \"waited\": %.3f}\n",
                 (long long)t->step, t->final_loss, factor, gradient_norm, t->seconds,
                 t->waited + t->source->waited);
    LERAY_TRY(leray_path_join(t->folder, "metrics.jsonl", path));
    LERAY_TRY(leray_file_append(path, line, (size_t)n));
    t->log_bytes += n;
    t->log_loss = 0;
    t->log_count = 0;
    return LERAY_OK;
}

/* Forward, loss, backward, update on one batch. */
static leray_status learn(leray_trainer *t, const leray_batch *batch, double *loss, double *factor,
                          double *gradient_norm)
{
    const leray_sample_info *info = &t->task->info;
    size_t points = leray_sample_points(info);
    int shape[4] = {batch->n, leray_task_channels_in(t->task), info->ny, info->nx};
    leray_tensor *input, *prediction, *scalar;

    leray_task_input(t->task, batch, points, t->input);
    leray_task_last_frame(t->task, batch, points, t->last);
    leray_tape_reset(t->tape);
    LERAY_TRY(leray_tape_input(t->tape, 4, shape, t->input, &input));
    LERAY_TRY(leray_task_forward(t->task, t->model, t->tape, input, t->last, &prediction));
    LERAY_TRY(leray_task_loss(t->task, t->loss, t->tape, prediction, batch->y, &scalar));
    *loss = leray_tensor_scalar(scalar);
    LERAY_CHECK(isfinite(*loss), LERAY_ERR_DIVERGED,
                "the loss is not finite at step %lld; lower optimizer.lr or set optimizer.clip",
                (long long)t->step);
    leray_parameters_zero_gradients(leray_model_parameters(t->model));
    LERAY_TRY(leray_tape_backward(t->tape, scalar));
    *factor = leray_schedule_factor(t->schedule, t->step, t->source->batches);
    LERAY_TRY(leray_optimizer_step(t->optimizer, *factor, gradient_norm));
    if (leray_tape_bytes(t->tape) > t->tape_bytes) t->tape_bytes = leray_tape_bytes(t->tape);
    return LERAY_OK;
}

static leray_status one_step(leray_trainer *t)
{
    double loss = 0, factor = 0, gradient_norm = 0;
    leray_batch batch;

    LERAY_TRY(t->source->type->next(t->source, t->step, &batch));
    if (batch.n < t->settings.batch) t->short_batches++;
    if (batch.n > 0) LERAY_TRY(learn(t, &batch, &loss, &factor, &gradient_norm));
    t->step++;
    if (batch.n > 0) t->log_loss += loss, t->log_count++;
    if (t->log_count > 0 && (t->step % t->settings.log == 0 || t->step == t->source->batches))
        return write_log(t, factor, gradient_norm);
    return LERAY_OK;
}

static void show(leray_trainer *t, leray_progress *progress)
{
    double waited = t->waited + t->source->waited;
    double loss = t->log_count ? t->log_loss / (double)t->log_count : t->final_loss;
    char detail[96];

    snprintf(detail, sizeof detail, "loss %.4g  idle %.0f %%", loss,
             t->seconds > 0 ? 100 * waited / t->seconds : 0);
    leray_progress_update(progress, (long)t->step, detail);
}

/* On a signal the samples taken so far are worth a checkpoint; a wait for them is cut short. */
static leray_status interrupted(leray_trainer *t)
{
    LERAY_TRY(leray_trainer_save(t));
    LERAY_FAIL(LERAY_INTERRUPTED,
               "stopped by a signal after step %lld of %lld; the same command goes on from there",
               (long long)t->step, (long long)t->source->batches);
}

static leray_status loop(leray_trainer *t, leray_progress *progress)
{
    double before = t->seconds, began = leray_clock(), saved = began;
    int64_t saved_step = t->step;

    while (t->step < t->source->batches) {
        leray_status status;

        if (t->stop && *t->stop) return interrupted(t);
        status = one_step(t);
        t->seconds = before + leray_clock() - began;
        if (status == LERAY_INTERRUPTED) return interrupted(t);
        if (status) return status;
        show(t, progress);
        if (leray_clock() - saved < t->settings.checkpoint) continue;
        LERAY_TRY(leray_trainer_save(t));
        saved = leray_clock();
        saved_step = t->step;
    }
    return saved_step < t->step ? leray_trainer_save(t) : LERAY_OK;
}

static leray_status prepare(leray_trainer *t)
{
    const leray_sample_info *info = &t->task->info;
    size_t points = leray_sample_points(info), n = (size_t)t->source->batch;

    LERAY_TRY(leray_tape_create(LERAY_F32, &t->tape));
    LERAY_TRY(LERAY_ALLOC(&t->input, n * (size_t)leray_task_channels_in(t->task) * points));
    return LERAY_ALLOC(&t->last, n * (size_t)info->n_outputs * points);
}

static leray_status fit(leray_trainer *t)
{
    double began = leray_clock();
    leray_status status = t->source->type->fit(t->source, leray_task_observe, t->task);

    if (status == LERAY_INTERRUPTED)
        LERAY_FAIL(LERAY_INTERRUPTED,
                   "stopped by a signal before step 1 of %lld; the same command goes on",
                   (long long)t->source->batches);
    LERAY_TRY(status);
    LERAY_TRY(leray_task_finish(t->task));
    t->seconds += leray_clock() - began;
    return LERAY_OK;
}

leray_status leray_trainer_run(leray_trainer *t)
{
    leray_progress progress;
    leray_status status;

    t->source->stop = t->stop;
    LERAY_TRY(prepare(t));
    LERAY_TRY(leray_trainer_resume(t));
    if (!t->task->fitted) LERAY_TRY(fit(t));
    if (t->step > 0 && t->step == t->source->batches)
        leray_info("training is complete in %s; --fresh starts over", t->folder);
    progress = leray_progress_begin("train", (long)t->step, (long)t->source->batches);
    status = loop(t, &progress);
    leray_progress_end(&progress);
    t->ended = leray_clock();
    return status;
}

void leray_trainer_fini(leray_trainer *t)
{
    leray_tape_destroy(&t->tape);
    leray_mem_free(t->last);
    leray_mem_free(t->input);
}
