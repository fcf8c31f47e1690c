/* training/trainer_step.c - one step: forward, loss, backward over its batches, update. */
#include "operators/finite.h"
#include "tensor/op.h"
#include "training/trainer_state.h"
#include <leray/impl/ops.h>

#include <math.h>

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

leray_status leray_trainer_learn(leray_trainer *t, double *loss, int64_t *used, double *factor,
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
