/* training/trainer.c - the training loop of training/trainer.h: what a step does, then what comes between steps.
   Saving and resuming are in training/trainer_state.c, the need of memory in training/trainer_memory.c. */
#include "training/trainer.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/number.h"
#include "operators/finite.h"
#include "tensor/op.h"
#include "training/trainer_state.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const windows[] = {"all", "one", NULL};

static const leray_key rows[] = {
    LERAY_KEY_INT(leray_train_settings, batch, "batch", "16", 1, 1e6, "samples",
                  "samples per step"),
    LERAY_KEY_INT(leray_train_settings, epochs, "epochs", "10", 1, 1e7, "1",
                  "passes over a file (leray train)"),
    LERAY_KEY_REAL(leray_train_settings, ratio, "ratio", "1", 1e-3, 1e4, "1",
                   "samples drawn per sample received (leray online)"),
    LERAY_KEY_REAL(leray_train_settings, checkpoint, "checkpoint", "60", 0, 1e9, "s",
                   "time between checkpoints"),
    LERAY_KEY_INT(leray_train_settings, accumulate, "accumulate", "1", 1, 1e6, "batches",
                  "batches per step, which takes the mean of their gradients"),
    LERAY_KEY_BOOL(leray_train_settings, recompute, "recompute", "false",
                   "compute layers again in the backward pass instead of keeping their values: "
                   "less memory, more time, the same bits"),
    LERAY_KEY_REAL(leray_train_settings, memory, "memory", "8", 0, 1e6, "GiB",
                   "samples of a file are held in memory if they need at most this, otherwise read "
                   "when they are drawn; the batches are the same"),
    {"windows", LERAY_KIND_CHOICE, offsetof(leray_train_settings, windows), "all", 0, 0, "",
       "samples of an epoch: all, or one of each trajectory, chosen at random in each epoch", windows,
       false},
    LERAY_KEY_INT(leray_train_settings, log, "log", "10", 1, 1e9, "steps",
                  "steps per line of metrics.jsonl"),
};
const leray_keys leray_train_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

int64_t leray_trainer_steps(const leray_trainer *t)
{
    return (t->source->batches + t->settings.accumulate - 1) / t->settings.accumulate;
}

/* ---- a step ------------------------------------------------------------------------------ */

/* The first of the tensors behind a loss, in the order of the computation, that is not finite. */
static const char *culprit(leray_trainer *t, const leray_tensor *input, const leray_tensor *truth,
                           const leray_tensor *prediction)
{
    const leray_parameters *p = leray_model_parameters(t->model);
    const char *weight;

    if (!leray_all_finite(input->dtype, input->count, input->value)) return "input";
    if (!leray_all_finite(truth->dtype, truth->count, truth->value)) return "target";
    if ((weight = leray_first_not_finite(p, p->value))) return weight;
    if (!leray_all_finite(prediction->dtype, prediction->count, prediction->value))
        return "prediction";
    return "the loss itself (task.loss_space: normalised compares fields of about 1)";
}

/* Forward, loss, backward on this rank's samples of one batch, the loss weighted by their share
   of it: adds to the gradients. */
static leray_status add_own_gradients(leray_trainer *t, const leray_batch *batch, double *loss)
{
    const leray_sample_info *info = &t->task->info;
    size_t points = leray_sample_points(info);
    leray_extents grid = leray_grid_extents(&info->grid);
    leray_tensor *input, *prediction, *truth, *scalar;

    *loss = 0;
    if (batch->n == 0) return LERAY_OK; /* more ranks than samples */
    leray_task_input(t->task, batch, points, t->input);
    leray_task_last_frame(t->task, batch, points, t->last);
    if (t->mask) leray_task_mask(t->task, batch, points, t->mask);
    leray_tape_reset(t->tape);
    LERAY_TRY(leray_task_tensor(t->tape, batch->n, leray_task_channels_in(t->task), &grid, t->input,
                                &input));
    LERAY_TRY(leray_task_forward(t->task, t->model, t->tape, input, t->last, &prediction));
    LERAY_TRY(leray_task_truth(t->task, t->model, t->tape, batch->n, batch->y, &truth));
    LERAY_TRY(leray_task_loss(t->task, t->loss, t->tape, t->mask, prediction, truth, &scalar));
    if (batch->n < batch->total)
        LERAY_TRY(leray_op_scale(t->tape, scalar, (double)batch->n / batch->total, &scalar));
    *loss = leray_tensor_scalar(scalar);
    if (!isfinite(*loss))
        LERAY_FAIL(LERAY_ERR_DIVERGED,
                   "the loss is not finite in step %lld; the first tensor that is not finite is "
                   "%s: lower optimizer.lr or "
                   "set optimizer.clip",
                   (long long)t->step + 1, culprit(t, input, truth, prediction));
    LERAY_TRY(leray_tape_backward(t->tape, scalar));
    return LERAY_OK;
}

/* The same over all ranks; in the last batch of a step the gradients, too, are added up. Sums are
   finished also after a failure here or elsewhere: no rank may wait for ever. */
static leray_status add_gradients(leray_trainer *t, const leray_batch *batch, bool last,
                                  double *loss)
{
    leray_status status;

    if (!t->exchange) return add_own_gradients(t, batch, loss);
    if (last) leray_exchange_begin(t->exchange, t->tape);
    status = add_own_gradients(t, batch, loss);
    leray_tape_watch(t->tape, NULL, NULL);
    if (last) {
        leray_status exchanged = leray_exchange_finish(t->exchange);

        status = status ? status : exchanged;
    }
    LERAY_TRY(leray_comm_agree(t->comm, status));
    return leray_comm_sum(t->comm, loss, 1);
}

/* The loss of one batch as an objective. */
typedef struct attempt {
    leray_trainer *trainer;
    const leray_batch *batch;
} attempt;

static leray_status evaluate(void *context, double *loss)
{
    const attempt *a = context;

    leray_parameters_zero_gradients(leray_model_parameters(a->trainer->model));
    LERAY_TRY(add_gradients(a->trainer, a->batch, true, loss));
    return LERAY_OK;
}

/* The batches of one step, `accumulate` or what is left: *loss and the gradient become means over
   the `used` ones that have samples. `batch` is left the last of them. */
static leray_status accumulate(leray_trainer *t, leray_batch *batch, double *loss, int64_t *used)
{
    leray_parameters *p = leray_model_parameters(t->model);
    int64_t first = t->step * t->settings.accumulate, end = first + t->settings.accumulate;

    if (end > t->source->batches) end = t->source->batches;
    *loss = 0;
    *used = 0;
    leray_parameters_zero_gradients(p);
    for (int64_t b = first; b < end; b++) {
        double one = 0;

        LERAY_TRY(t->source->type->next(t->source, b, batch));
        if (batch->total < t->settings.batch) t->short_batches++;
        if (batch->total == 0) continue;
        LERAY_TRY(add_gradients(t, batch, b + 1 == end, &one));
        *loss += one;
        ++*used;
    }
    if (*used < 2) return LERAY_OK;
    *loss /= (double)*used;
    leray_kernels_cpu(p->dtype)->affine(p->count, 1 / (double)*used, 0, p->grad, p->grad);
    return LERAY_OK;
}

/* Forward, loss, backward on the batches of a step, and an update of the weights. *loss is the mean
   over the `used` batches that had samples, all ranks together; 0 of them: nothing is done. */
static leray_status learn(leray_trainer *t, double *loss, int64_t *used, double *factor,
                          double *gradient_norm)
{
    int64_t short_batches = t->short_batches;
    leray_batch batch;
    attempt a = {t, &batch};
    leray_status status = accumulate(t, &batch, loss, used);

    if (status) t->short_batches = short_batches;
    if (status || *used == 0) return status;
    *factor = leray_schedule_factor(t->schedule, t->step, leray_trainer_steps(t));
    return leray_optimizer_step(t->optimizer, &(leray_objective){evaluate, &a}, *factor,
                                gradient_norm);
}

/* ---- the loop ---------------------------------------------------------------------------- */

static leray_status write_log(leray_trainer *t, double factor, double gradient_norm)
{
    char path[LERAY_PATH_MAX], line[512];
    int n;

    t->final_loss = t->log_loss / (double)t->log_count;
    n = leray_print(line, sizeof line,
                    "{\"step\": %lld, \"loss\": %.9g, \"learning_rate_factor\": %.9g, "
                    "\"gradient_norm\": %.9g, \"seconds\": %.3f, \"waited\": %.3f}\n",
                    (long long)t->step, t->final_loss, factor, gradient_norm, t->seconds,
                    t->waited + t->source->waited);
    LERAY_TRY(leray_path_join(t->folder, "metrics.jsonl", path));
    LERAY_TRY(leray_comm_agree(t->comm, leray_comm_rank(t->comm) == 0
                                            ? leray_file_append(path, line, (size_t)n)
                                            : LERAY_OK));
    t->log_bytes += n;
    t->log_loss = 0;
    t->log_count = 0;
    return LERAY_OK;
}

/* Whether an epoch of a file ends in the step before t->step. */
static bool epoch_ends(const leray_trainer *t)
{
    int64_t k = t->settings.accumulate, batches = t->source->batches, end = t->step * k;

    if (t->epoch == 0) return false;
    return (t->step - 1) * k / t->epoch < (end < batches ? end : batches) / t->epoch;
}

static leray_status one_step(leray_trainer *t)
{
    double loss = 0, factor = 0, gradient_norm = 0;
    int64_t used = 0;

    LERAY_TRY(learn(t, &loss, &used, &factor, &gradient_norm));
    t->step++;
    if (used > 0) {
        leray_schedule_observe(t->schedule, loss, epoch_ends(t));
        t->log_loss += loss, t->log_count++;
    }
    if (t->log_count > 0 && (t->step % t->settings.log == 0 || t->step == leray_trainer_steps(t)))
        return write_log(t, factor, gradient_norm);
    return LERAY_OK;
}

static void show(leray_trainer *t, leray_progress *progress)
{
    double waited = t->waited + t->source->waited;
    double loss = t->log_count ? t->log_loss / (double)t->log_count : t->final_loss;
    char detail[96];

    leray_print(detail, sizeof detail, "loss %.4g  idle %.0f %%", loss,
                t->seconds > 0 ? 100 * waited / t->seconds : 0);
    leray_progress_update(progress, (long)t->step, detail);
}

/* Weights that are not finite never reach a checkpoint: the one before stands. */
static leray_status save(leray_trainer *t)
{
    const leray_parameters *p = leray_model_parameters(t->model);
    const char *weight = leray_first_not_finite(p, p->value);

    LERAY_CHECK(!weight, LERAY_ERR_DIVERGED,
                "after step %lld %s is not finite; lower optimizer.lr or set optimizer.clip",
                (long long)t->step, weight);
    return leray_trainer_save(t);
}

/* On a signal the samples taken so far are worth a checkpoint; a wait for them is cut short.
   In the middle of a step of several batches the source has gone on and the weights have not: the
   checkpoint before stands. */
static leray_status interrupted(leray_trainer *t, bool between_steps)
{
    if (between_steps || t->settings.accumulate == 1) LERAY_TRY(save(t));
    LERAY_FAIL(LERAY_INTERRUPTED,
               "stopped by a signal after step %lld of %lld; the same command goes on from there",
               (long long)t->step, (long long)leray_trainer_steps(t));
}

/* What any rank wants done before the next step: all do it, or ranks would wait for each other.
   Whether it is time for a checkpoint is for the clock of rank 0 to say. */
typedef struct wishes {
    double stop, save;
} wishes;

static leray_status ask(const leray_trainer *t, double saved, wishes *w)
{
    w->stop = t->stop && *t->stop;
    w->save = leray_comm_rank(t->comm) == 0 && leray_clock() - saved >= t->settings.checkpoint;
    return leray_comm_max(t->comm, &w->stop, 2);
}

static leray_status loop(leray_trainer *t, leray_progress *progress)
{
    double before = t->seconds, began = leray_clock(), saved = began;
    int64_t saved_step = t->step;
    wishes w;

    while (t->step < leray_trainer_steps(t)) {
        leray_status status;

        LERAY_TRY(ask(t, saved, &w));
        if (w.stop > 0) return interrupted(t, true);
        if (w.save > 0 && saved_step < t->step) {
            LERAY_TRY(save(t));
            saved = leray_clock();
            saved_step = t->step;
        }
        status = one_step(t);
        t->seconds = before + leray_clock() - began;
        if (status == LERAY_INTERRUPTED) return interrupted(t, false);
        if (status) return status;
        show(t, progress);
    }
    return saved_step < t->step ? save(t) : LERAY_OK;
}

static leray_status prepare(leray_trainer *t)
{
    const leray_sample_info *info = &t->task->info;
    size_t points = leray_sample_points(info), ranks = (size_t)leray_comm_size(t->comm);
    size_t n = ((size_t)t->source->batch + ranks - 1) / ranks;

    LERAY_TRY(leray_tape_create(LERAY_F32, &t->tape));
    LERAY_TRY(LERAY_ALLOC(&t->input, n * (size_t)leray_task_channels_in(t->task) * points));
    LERAY_TRY(LERAY_ALLOC(&t->last, n * (size_t)leray_sample_outputs(info) * points));
    if (info->masked)
        LERAY_TRY(LERAY_ALLOC(&t->mask, n * (size_t)leray_sample_outputs(info) * points));
    t->model->recompute = t->settings.recompute;
    if (ranks > 1)
        LERAY_TRY(leray_exchange_create(t->comm, leray_model_parameters(t->model), &t->exchange));
    return leray_trainer_measure(t);
}

static leray_status fit(leray_trainer *t)
{
    double began = leray_clock();
    leray_status status = t->source->type->fit(t->source, leray_task_observe, t->task);

    if (status == LERAY_INTERRUPTED)
        LERAY_FAIL(LERAY_INTERRUPTED,
                   "stopped by a signal before step 1 of %lld; the same command goes on",
                   (long long)leray_trainer_steps(t));
    LERAY_TRY(status);
    LERAY_TRY(leray_task_finish(t->task));
    t->seconds += leray_clock() - began;
    return LERAY_OK;
}

/* What deck and source ask of each other. */
static leray_status check(const leray_trainer *t)
{
    LERAY_CHECK(!leray_optimizer_evaluates(t->optimizer) || t->settings.accumulate == 1,
                LERAY_ERR_CONFIG,
                "train.accumulate = %lld: this optimizer evaluates its batch many times and needs "
                "it whole; take 1, and a larger train.batch",
                (long long)t->settings.accumulate);
    LERAY_CHECK(
        !t->schedule->by_epoch || t->epoch > 0, LERAY_ERR_CONFIG,
        "schedule.every = 0 stands for an epoch, which a stream does not have; give a number "
        "of steps");
    return LERAY_OK;
}

leray_status leray_trainer_run(leray_trainer *t)
{
    leray_progress progress;
    leray_status status;

    t->source->stop = t->stop;
    LERAY_TRY(check(t));
    LERAY_TRY(leray_comm_agree(t->comm, prepare(t)));
    LERAY_TRY(leray_trainer_resume(t));
    if (t->attempts > 1)
        leray_info("going on from step %lld of %lld", (long long)t->step,
                   (long long)leray_trainer_steps(t));
    if (!t->task->fitted) LERAY_TRY(leray_comm_agree(t->comm, fit(t)));
    leray_task_choose_unit(t->task, t->loss);
    if (t->step > 0 && t->step == leray_trainer_steps(t))
        leray_info("training is complete in %s; --fresh starts over", t->folder);
    progress = leray_progress_begin("train", (long)t->step, (long)leray_trainer_steps(t));
    status = loop(t, &progress);
    leray_progress_end(&progress);
    t->ended = leray_clock();
    if (!status) leray_optimizer_exchange_average(t->optimizer);
    return status;
}

void leray_trainer_fini(leray_trainer *t)
{
    leray_exchange_destroy(&t->exchange);
    leray_tape_destroy(&t->tape);
    leray_mem_free(t->mask);
    leray_mem_free(t->last);
    leray_mem_free(t->input);
}
