/* operators/losses/mse.c - mean of (p - t)^2 over everything. */
#include "operators/loss.h"

#include "tensor/ops.h"

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor **scalar)
{
    (void)self;
    LERAY_TRY(leray_op_mean_square(tape, prediction, target, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_mse = {
    .summary = "mean squared error",
    .size = sizeof(leray_loss),
    .apply = apply,
};
