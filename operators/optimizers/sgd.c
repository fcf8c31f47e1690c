/* operators/optimizers/sgd.c - stochastic gradient descent with momentum, in the form of
   torch.optim.SGD without dampening. With the gradient g, in each step,

     g <- g + weight_decay w
     m <- momentum m + g
     w <- w - lr m                   or, with nesterov,   w - lr (g + momentum m)

   Without momentum there is no m, and w <- w - lr g. */
#include "operators/optimizer.h"

#include "operators/optimizers/sweep.h"
#include "tensor/op.h"

typedef struct sgd {
    leray_optimizer base;
    double lr, momentum, weight_decay;
    bool nesterov;
} sgd;

static const leray_key rows[] = {
    LERAY_KEY_REAL(sgd, lr, "lr", "1e-2", 0, 1e30, "1", "learning rate"),
    LERAY_KEY_REAL(sgd, momentum, "momentum", "0", 0, 0.999999, "1",
                   "decay per step of the sum of the gradients; 0: no momentum"),
    LERAY_KEY_REAL(sgd, weight_decay, "weight_decay", "0", 0, 1e3, "1",
                   "factor of the weights that are added to the gradient"),
    LERAY_KEY_BOOL(sgd, nesterov, "nesterov", "false", "Nesterov momentum"),
};

static leray_status init(leray_optimizer *self, const leray_config *cfg, const char *section)
{
    const sgd *s = (const sgd *)self;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    LERAY_CHECK(s->momentum > 0 || !s->nesterov, LERAY_ERR_CONFIG,
                "%s.nesterov needs a momentum above 0%s", section,
                leray_config_where(cfg, section, "nesterov"));
    if (s->momentum > 0) LERAY_TRY(leray_optimizer_array(self, "momentum"));
    return LERAY_OK;
}

/* w <- w - rate (gain g + decay w). */
static void descend(const leray_kernels *k, size_t n, double rate, double gain, double decay,
                    const void *g, void *w)
{
    if (decay != 0) k->affine(n, 1 - rate * decay, 0, w, w);
    k->scale(n, -rate * gain, g, w, true);
}

static void step_block(const sgd *s, const leray_kernels *k, size_t n, double rate, double gain,
                       const void *g, void *w, void *m)
{
    if (!m) {
        descend(k, n, rate, gain, s->weight_decay, g, w);
        return;
    }
    k->affine(n, s->momentum, 0, m, m);
    k->scale(n, gain, g, m, true);
    if (s->weight_decay != 0) k->scale(n, s->weight_decay, w, m, true);
    if (s->nesterov) descend(k, n, rate, gain, s->weight_decay, g, w);
    k->scale(n, s->nesterov ? -rate * s->momentum : -rate, m, w, true);
}

static leray_status step(leray_optimizer *base, const leray_objective *objective,
                         double learning_rate_factor, double gradient_scale)
{
    const sgd *s = (const sgd *)base;
    const leray_parameters *p = base->parameters;
    const leray_kernels *k = leray_kernels_cpu(p->dtype);
    long blocks = leray_sweep_blocks(p->count);

    (void)objective;
#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t n, at = leray_sweep_block(p->count, i, &n);

        step_block(s, k, n, s->lr * learning_rate_factor, gradient_scale,
                   leray_at(p->dtype, p->grad, at), leray_at(p->dtype, p->value, at),
                   s->momentum > 0 ? leray_at(p->dtype, base->arrays[0].data, at) : NULL);
    }
    return LERAY_OK;
}

const leray_optimizer_type leray_optimizer_sgd = {
    .summary = "gradient descent with momentum",
    .size = sizeof(sgd),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .step = step,
};
