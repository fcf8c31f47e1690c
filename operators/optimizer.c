/* operators/optimizer.c - see operators/optimizer.h. The norm is summed in double over blocks
   of a fixed size, in order: the same for any number of threads. */
#include "operators/optimizer.h"

#include "core/mem.h"
#include "tensor/op.h"

#include <math.h>

#define BLOCK 16384

static const leray_key rows[] = {
    LERAY_KEY_REAL(leray_optimizer, clip, "clip", "0", 0, 1e30, "1",
                   "largest 2-norm of the gradient over all parameters; 0: no clipping"),
};

const leray_keys leray_optimizer_keys = {rows, sizeof rows / sizeof rows[0]};

static size_t blocks_of(const leray_optimizer *self)
{
    return (self->parameters->count + BLOCK - 1) / BLOCK;
}

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
    LERAY_TRY(LERAY_ALLOC(&self->partial, blocks_of(self)));
    LERAY_TRY(self->type->init(self, cfg, section));
    return LERAY_OK;
}

leray_status leray_optimizer_create_type(const leray_optimizer_type *type, const leray_config *cfg,
                                         const char *section, leray_parameters *parameters,
                                         leray_optimizer **out)
{
    leray_optimizer *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_optimizer *)(void *)block;
    self->type = type;
    self->parameters = parameters;
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
    long blocks = (long)blocks_of(self);
    double total = 0;

#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        size_t first = (size_t)i * BLOCK,
               size = p->count - first < BLOCK ? p->count - first : BLOCK;
        const void *g = leray_at(p->dtype, p->grad, first);

        self->partial[i] = k->dot(size, g, g);
    }
    for (long i = 0; i < blocks; i++) total += self->partial[i];
    return sqrt(total);
}

leray_status leray_optimizer_step(leray_optimizer *optimizer, double learning_rate_factor,
                                  double *gradient_norm)
{
    double norm = norm_of(optimizer), factor = 1;

    if (gradient_norm) *gradient_norm = norm;
    LERAY_CHECK(isfinite(norm), LERAY_ERR_DIVERGED, "the gradient is not finite after %lld steps",
                (long long)optimizer->steps);
    if (optimizer->clip > 0 && norm > optimizer->clip) factor = optimizer->clip / norm;
    optimizer->steps++;
    optimizer->type->step(optimizer, learning_rate_factor, factor);
    return LERAY_OK;
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
