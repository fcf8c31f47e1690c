/* operators/losses/relative_l2.c - mean over samples of |p - t|_2 / |t|_2, norms with the weight
   w. */
#include "operators/loss.h"

#include <leray/impl/ops.h>

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    (void)self;
    if (!weight) return leray_op_relative_l2(tape, prediction, target, scalar);
    return leray_op_relative_power(tape, prediction, target, weight, 2, 0.5, scalar);
}

const leray_loss_type leray_loss_relative_l2 = {
    .summary = "relative L2 error of each sample, averaged",
    .size = sizeof(leray_loss),
    .any_basis = true,
    .relative = true,
    .apply = apply,
};
