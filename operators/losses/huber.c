/* operators/losses/huber.c - mean of w f(p - t), f(x) = x^2 / 2 up to |x| = delta and
   delta (|x| - delta / 2) beyond (Huber 1964; torch.nn.HuberLoss). */
#include "operators/loss.h"

#include <leray/impl/ops.h>

typedef struct huber {
    leray_loss base;
    double delta;
} huber;

static const leray_key rows[] = {
    LERAY_KEY_REAL(huber, delta, "delta", "1", 1e-30, 1e30, "1",
                   "error, in the units of the loss, beyond which it grows linearly"),
};

static leray_status init(leray_loss *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    return LERAY_OK;
}

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    double delta = ((const huber *)self)->delta;

    LERAY_TRY(leray_op_mean_huber(tape, prediction, target, weight, delta, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_huber = {
    .summary = "mean squared error that grows linearly beyond delta",
    .size = sizeof(huber),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .apply = apply,
    .init = init,
};
