/* operators/losses/mse.c - mean of w (p - t)^2 over everything. */
#include "operators/loss.h"

#include <leray/impl/ops.h>

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    (void)self;
    if (!weight) return leray_op_mean_square(tape, prediction, target, scalar);
    return leray_op_mean_power(tape, prediction, target, weight, 2, scalar);
}

const leray_loss_type leray_loss_mse = {
    .summary = "mean squared error",
    .size = sizeof(leray_loss),
    .any_basis = true,
    .apply = apply,
};
