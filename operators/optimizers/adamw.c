/* operators/optimizers/adamw.c - Adam with decoupled weight decay (Loshchilov & Hutter 2019),
   in the form of torch.optim.AdamW. In step t, with the gradient g:

     w <- w (1 - lr weight_decay)
     m <- beta1 m + (1 - beta1) g
     v <- beta2 v + (1 - beta2) g^2
     w <- w - lr / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)

   One sweep over all five arrays. Complex weights are pairs of reals. */
#include "operators/optimizer.h"

#include "operators/optimizers/sweep.h"
#include "tensor/op.h"

#include <math.h>

typedef struct adamw {
    leray_optimizer base;
    double lr, beta1, beta2, epsilon, weight_decay;
} adamw;

static const leray_key rows[] = {
    LERAY_KEY_REAL(adamw, lr, "lr", "1e-3", 0, 1e3, "1", "learning rate"),
    LERAY_KEY_REAL(adamw, beta1, "beta1", "0.9", 0, 0.999999, "1",
                   "decay per step of the mean of the gradient"),
    LERAY_KEY_REAL(adamw, beta2, "beta2", "0.999", 0, 0.999999, "1",
                   "decay per step of the mean of its square"),
    LERAY_KEY_REAL(adamw, epsilon, "epsilon", "1e-8", 0, 1, "1",
                   "added to the root of the mean square"),
    LERAY_KEY_REAL(adamw, weight_decay, "weight_decay", "1e-4", 0, 1e3, "1",
                   "decay of the weights per unit of learning rate"),
};

static leray_status init(leray_optimizer *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    LERAY_TRY(leray_optimizer_array(self, "mean"));
    LERAY_TRY(leray_optimizer_array(self, "mean_square"));
    return LERAY_OK;
}

static leray_status step(leray_optimizer *base, const leray_objective *objective,
                         double learning_rate_factor, double gradient_scale)
{
    const adamw *a = (const adamw *)base;
    const leray_parameters *p = base->parameters;
    const leray_kernels *k = leray_kernels_cpu(p->dtype);
    double lr = a->lr * learning_rate_factor, t = (double)base->steps;
    leray_adam factors = {.gain = gradient_scale,
                          .beta1 = a->beta1,
                          .beta2 = a->beta2,
                          .keep = 1 - lr * a->weight_decay,
                          .rate = lr / (1 - pow(a->beta1, t)),
                          .root = 1 / sqrt(1 - pow(a->beta2, t)),
                          .epsilon = a->epsilon};
    long blocks = leray_sweep_blocks(p->count);

    (void)objective;
#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t n, at = leray_sweep_block(p->count, i, &n);

        k->adam(&factors, n, leray_at(p->dtype, p->grad, at), leray_at(p->dtype, p->value, at),
                leray_at(p->dtype, base->arrays[0].data, at),
                leray_at(p->dtype, base->arrays[1].data, at));
    }
    return LERAY_OK;
}

const leray_optimizer_type leray_optimizer_adamw = {
    .summary = "Adam with decoupled weight decay",
    .size = sizeof(adamw),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .step = step,
};
