/* operators/losses/nmse.c - mean over samples of |p - t|^2 / |t|^2, 2-norms with the weight w. */
#include "operators/loss.h"

#include <leray/impl/ops.h>

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    (void)self;
    LERAY_TRY(leray_op_relative_power(tape, prediction, target, weight, 2, 1, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_nmse = {
    .summary = "squared error of each sample over its square norm, averaged",
    .size = sizeof(leray_loss),
    .any_basis = true,
    .relative = true,
    .apply = apply,
};
