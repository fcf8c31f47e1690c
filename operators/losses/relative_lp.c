/* operators/losses/relative_lp.c - mean over samples of |p - t|_p / |t|_p, p-norms
   (sum w |x|^p)^(1/p). */
#include "operators/loss.h"

#include <leray/impl/ops.h>

typedef struct relative_lp {
    leray_loss base;
    double p;
} relative_lp;

static const leray_key rows[] = {
    LERAY_KEY_REAL(relative_lp, p, "p", "1", 1, 64, "1", "exponent of the norm"),
};

static leray_status init(leray_loss *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    return LERAY_OK;
}

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    double p = ((const relative_lp *)self)->p;

    LERAY_TRY(leray_op_relative_power(tape, prediction, target, weight, p, 1 / p, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_relative_lp = {
    .summary = "relative Lp error of each sample, averaged, for any p >= 1",
    .size = sizeof(relative_lp),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .relative = true,
    .apply = apply,
    .init = init,
};
