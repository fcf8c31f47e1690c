/* operators/optimizer.c - see operators/optimizer.h. Sweeps go over blocks of a fixed size; the
   norm is summed in double over them, in order, and each has its own stream of random numbers: the
   same for any number of threads. */
#include "operators/optimizer.h"

#include "core/mem.h"
#include "operators/finite.h"
#include "operators/optimizers/sweep.h"
#include "tensor/convert.h"
#include "tensor/op.h"
#include <leray/impl/rng.h>

#include <math.h>
#include <string.h>

static const leray_key rows[] = {
    LERAY_KEY_REAL(leray_optimizer, clip, "clip", "0", 0, 1e30, "1",
                   "largest 2-norm of the gradient over all parameters; 0: no clipping"),
    LERAY_KEY_REAL(leray_optimizer, noise, "noise", "0", 0, 1e30, "1",
                   "variance of Gaussian noise that is added to the clipped gradient in step 0"),
    LERAY_KEY_REAL(leray_optimizer, noise_decay, "noise_decay", "0.55", 0, 10, "1",
                   "the variance in step t is noise / (1 + t)^noise_decay"),
    LERAY_KEY_REAL(leray_optimizer, average, "average", "0", 0, 0.99999999, "1",
                   "decay per step of a running mean of the weights, which is evaluated and "
                   "written at the end; 0: no mean"),
};

const leray_keys leray_optimizer_keys = {rows, sizeof rows / sizeof rows[0]};

leray_status leray_optimizer_array(leray_optimizer *self, const char *name)
{
    leray_named_array *array = &self->arrays[self->n_arrays];
    const leray_parameters *p = self->parameters;

    LERAY_CHECK(self->n_arrays < LERAY_OPTIMIZER_ARRAYS, LERAY_ERR_INTERNAL,
                "an optimizer with more than %d arrays", LERAY_OPTIMIZER_ARRAYS);
    LERAY_TRY(leray_mem_alloc(&array->data, p->count, leray_dtype_size(p->dtype)));
    array->name = name;
    array->dtype = p->dtype;
    array->count = p->count;
    self->n_arrays++;
    return LERAY_OK;
}

static leray_status make(leray_optimizer *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, leray_optimizer_keys, self));
    LERAY_TRY(LERAY_ALLOC(&self->partial, (size_t)leray_sweep_blocks(self->parameters->count)));
    LERAY_TRY(self->type->init(self, cfg, section));
    if (self->average == 0) return LERAY_OK;
    LERAY_TRY(leray_optimizer_array(self, "average"));
    self->averaged = self->arrays[self->n_arrays - 1].data;
    return LERAY_OK;
}

leray_status leray_optimizer_create_type(const leray_optimizer_type *type, const leray_config *cfg,
                                         const char *section, uint64_t seed,
                                         leray_parameters *parameters, leray_optimizer **out)
{
    leray_optimizer *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_optimizer *)(void *)block;
    self->type = type;
    self->parameters = parameters;
    self->seed = seed;
    status = make(self, cfg, section);
    if (status) {
        leray_optimizer_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_optimizer_destroy(leray_optimizer **optimizer)
{
    leray_optimizer *self = *optimizer;

    if (!self) return;
    if (self->type->fini) self->type->fini(self);
    for (int i = 0; i < self->n_arrays; i++) leray_mem_free(self->arrays[i].data);
    leray_mem_free(self->partial);
    leray_mem_free(self);
    *optimizer = NULL;
}

static double norm_of(leray_optimizer *self)
{
    const leray_parameters *p = self->parameters;
    const leray_kernels *k = leray_kernels_cpu(p->dtype);
    long blocks = leray_sweep_blocks(p->count);
    double total = 0;

#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t size, first = leray_sweep_block(p->count, i, &size);
        const void *g = leray_at(p->dtype, p->grad, first);

        self->partial[i] = k->dot(size, g, g);
    }
    for (long i = 0; i < blocks; i++) total += self->partial[i];
    return sqrt(total);
}

/* g <- factor g + deviation * normal numbers. */
static void add_noise(leray_optimizer *self, double factor)
{
    const leray_parameters *p = self->parameters;
    double t = (double)self->steps, deviation = sqrt(self->noise / pow(1 + t, self->noise_decay));
    long blocks = leray_sweep_blocks(p->count);

#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t size, first = leray_sweep_block(p->count, i, &size);
        leray_rng rng =
            leray_rng_make(self->seed, LERAY_PURPOSE_GRADIENT, (uint32_t)i, (uint32_t)self->steps);

        for (size_t j = 0; j < size; j++) {
            double g;

            leray_load(p->dtype, p->grad, first + j, 1, &g);
            g = factor * g + deviation * leray_rng_normal(&rng);
            leray_store(p->dtype, &g, first + j, 1, p->grad, false);
        }
    }
}

static void update_average(leray_optimizer *self)
{
    const leray_parameters *p = self->parameters;
    const leray_kernels *k = leray_kernels_cpu(p->dtype);
    double keep = self->steps == 1 ? 0 : self->average;
    long blocks = leray_sweep_blocks(p->count);

#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t size, first = leray_sweep_block(p->count, i, &size);
        void *a = leray_at(p->dtype, self->averaged, first);

        k->affine(size, keep, 0, a, a);
        k->scale(size, 1 - keep, leray_at(p->dtype, p->value, first), a, true);
    }
}

/* Clipping and noise, then the type's own rule. */
static leray_status update(leray_optimizer *self, const leray_objective *objective,
                           double learning_rate_factor, double norm)
{
    double factor = self->clip > 0 && norm > self->clip ? self->clip / norm : 1;

    if (self->noise > 0) {
        add_noise(self, factor);
        factor = 1;
    }
    return self->type->step(self, objective, learning_rate_factor, factor);
}

leray_status leray_optimizer_step(leray_optimizer *optimizer, const leray_objective *objective,
                                  double learning_rate_factor, double *gradient_norm)
{
    const leray_parameters *p = optimizer->parameters;
    double norm = norm_of(optimizer);
    leray_status status;

    if (gradient_norm) *gradient_norm = norm;
    if (!isfinite(norm)) {
        const char *name = leray_first_not_finite(p, p->grad);

        LERAY_FAIL(LERAY_ERR_DIVERGED, "after %lld steps the gradient of %s is not finite",
                   (long long)optimizer->steps, name ? name : "all parameters together");
    }
    LERAY_CHECK(objective || !optimizer->type->evaluates, LERAY_ERR_ARG,
                "this optimizer evaluates the loss in its steps and was given no objective");
    optimizer->steps++;
    status = update(optimizer, objective, learning_rate_factor, norm);
    if (status) {
        optimizer->steps--;
        return status;
    }
    if (optimizer->averaged) update_average(optimizer);
    return LERAY_OK;
}

bool leray_optimizer_evaluates(const leray_optimizer *optimizer)
{
    return optimizer->type->evaluates;
}

void leray_optimizer_exchange_average(leray_optimizer *optimizer)
{
    const leray_parameters *p = optimizer->parameters;
    size_t bytes = p->count * leray_dtype_size(p->dtype), size;
    char *w = p->value, *a = optimizer->averaged, piece[4096];

    if (!a || optimizer->steps == 0) return;
    for (size_t at = 0; at < bytes; at += size) {
        size = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        memcpy(piece, w + at, size);
        memcpy(w + at, a + at, size);
        memcpy(a + at, piece, size);
    }
}

leray_named_array *leray_optimizer_state(leray_optimizer *optimizer, int *n)
{
    *n = optimizer->n_arrays;
    return optimizer->arrays;
}

int64_t leray_optimizer_steps(const leray_optimizer *optimizer) { return optimizer->steps; }

void leray_optimizer_set_steps(leray_optimizer *optimizer, int64_t steps)
{
    optimizer->steps = steps;
}
