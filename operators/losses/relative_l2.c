/* operators/losses/relative_l2.c - mean over samples of |p - t|_2 / |t|_2. */
#include "operators/loss.h"

#include "tensor/ops.h"

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor **scalar)
{
    (void)self;
    LERAY_TRY(leray_op_relative_l2(tape, prediction, target, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_relative_l2 = {
    .summary = "relative L2 error of each sample, averaged",
    .size = sizeof(leray_loss),
    .apply = apply,
};
