/* operators/optimizers/lamb.c - LAMB: Adam's direction with a step as long as the weights of each
   array allow (You et al. 2020, algorithm 2, phi the identity). In step t, for each array of
   weights w,

     m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
     r = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weight_decay w
     w <- w - lr |w| / |r| r           the ratio is 1 where |w| or |r| is 0

   A complex array is one array of pairs of reals. */
#include "operators/optimizer.h"

#include "core/mem.h"
#include "operators/optimizers/sweep.h"
#include "tensor/convert.h"
#include "tensor/op.h"

#include <math.h>

#define PIECE 1024 /* elements that are doubles at a time */

typedef struct lamb {
    leray_optimizer base;
    double lr, beta1, beta2, epsilon, weight_decay;
    double *squares; /* [blocks, 2]: |w|^2 and |r|^2 of the blocks of one array */
} lamb;

static const leray_key rows[] = {
    LERAY_KEY_REAL(lamb, lr, "lr", "1e-2", 0, 1e30, "1", "learning rate"),
    LERAY_KEY_REAL(lamb, beta1, "beta1", "0.9", 0, 0.999999, "1",
                   "decay per step of the mean of the gradient"),
    LERAY_KEY_REAL(lamb, beta2, "beta2", "0.999", 0, 0.999999, "1",
                   "decay per step of the mean of its square"),
    LERAY_KEY_REAL(lamb, epsilon, "epsilon", "1e-6", 0, 1, "1",
                   "added to the root of the mean square"),
    LERAY_KEY_REAL(lamb, weight_decay, "weight_decay", "1e-2", 0, 1e3, "1",
                   "factor of the weights that are added to the direction of the step"),
};

static leray_status init(leray_optimizer *self, const leray_config *cfg, const char *section)
{
    lamb *l = (lamb *)self;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    LERAY_TRY(LERAY_ALLOC(&l->squares, 2 * (size_t)leray_sweep_blocks(self->parameters->count)));
    LERAY_TRY(leray_optimizer_array(self, "mean"));
    return leray_optimizer_array(self, "mean_square");
}

static void fini(leray_optimizer *self) { leray_mem_free(((lamb *)self)->squares); }

/* r of n <= PIECE elements from m and v after their update. */
static void direction(const lamb *l, size_t at, size_t n, double *r, double *w)
{
    const leray_parameters *p = l->base.parameters;
    double t = (double)l->base.steps, m_scale = 1 / (1 - pow(l->beta1, t)),
           v_scale = 1 / (1 - pow(l->beta2, t)), v[PIECE];

    leray_load(p->dtype, l->base.arrays[0].data, at, n, r);
    leray_load(p->dtype, l->base.arrays[1].data, at, n, v);
    leray_load(p->dtype, p->value, at, n, w);
    for (size_t i = 0; i < n; i++)
        r[i] = m_scale * r[i] / (sqrt(v_scale * v[i]) + l->epsilon) + l->weight_decay * w[i];
}

/* m and v of n <= PIECE elements. */
static void remember(const lamb *l, size_t at, size_t n, double gain)
{
    const leray_parameters *p = l->base.parameters;
    void *mean = l->base.arrays[0].data, *mean_square = l->base.arrays[1].data;
    double g[PIECE], m[PIECE], v[PIECE];

    leray_load(p->dtype, p->grad, at, n, g);
    leray_load(p->dtype, mean, at, n, m);
    leray_load(p->dtype, mean_square, at, n, v);
    for (size_t i = 0; i < n; i++) {
        m[i] = l->beta1 * m[i] + (1 - l->beta1) * gain * g[i];
        v[i] = l->beta2 * v[i] + (1 - l->beta2) * gain * gain * g[i] * g[i];
    }
    leray_store(p->dtype, m, at, n, mean, false);
    leray_store(p->dtype, v, at, n, mean_square, false);
}

/* Updates m and v of a block; out[0] = |w|^2, out[1] = |r|^2. */
static void first_sweep(const lamb *l, size_t at, size_t n, double gain, double *out)
{
    double r[PIECE], w[PIECE];

    out[0] = out[1] = 0;
    for (size_t size; n > 0; at += size, n -= size) {
        size = n < PIECE ? n : PIECE;
        remember(l, at, size, gain);
        direction(l, at, size, r, w);
        for (size_t i = 0; i < size; i++) out[0] += w[i] * w[i], out[1] += r[i] * r[i];
    }
}

static void second_sweep(const lamb *l, size_t at, size_t n, double rate)
{
    const leray_parameters *p = l->base.parameters;
    double r[PIECE], w[PIECE];

    for (size_t size; n > 0; at += size, n -= size) {
        size = n < PIECE ? n : PIECE;
        direction(l, at, size, r, w);
        for (size_t i = 0; i < size; i++) w[i] -= rate * r[i];
        leray_store(p->dtype, w, at, size, p->value, false);
    }
}

static void step_view(const lamb *l, const leray_parameter_view *view, double lr, double gain)
{
    long blocks = leray_sweep_blocks(view->count);
    double w = 0, r = 0, ratio;

#pragma omp parallel for schedule(static) if (blocks > 1)
    for (long i = 0; i < blocks; i++) {
        size_t n, at = leray_sweep_block(view->count, i, &n);

        first_sweep(l, view->offset + at, n, gain, l->squares + 2 * i);
    }
    for (long i = 0; i < blocks; i++) w += l->squares[2 * i], r += l->squares[2 * i + 1];
    ratio = w > 0 && r > 0 ? sqrt(w / r) : 1;
#pragma omp parallel for schedule(static) if (blocks > 1)
    for (long i = 0; i < blocks; i++) {
        size_t n, at = leray_sweep_block(view->count, i, &n);

        second_sweep(l, view->offset + at, n, lr * ratio);
    }
}

static leray_status step(leray_optimizer *base, const leray_objective *objective,
                         double learning_rate_factor, double gradient_scale)
{
    const lamb *l = (const lamb *)base;

    (void)objective;
    for (int i = 0; i < base->parameters->n_views; i++)
        step_view(l, &base->parameters->views[i], l->lr * learning_rate_factor, gradient_scale);
    return LERAY_OK;
}

const leray_optimizer_type leray_optimizer_lamb = {
    .summary =
        "Adam with a step proportional to the norm of the weights of each array, for large batches",
    .size = sizeof(lamb),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .step = step,
    .fini = fini,
};
