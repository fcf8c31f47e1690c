/* tensor/ops/repeat.c - one sample, `count` times: x [1, ..] to y [count, ..], y[b] = x[0]. The
   gradient of x is the sum over the samples, in their order. settings.integer[0]: count. */
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

static leray_status shapes(leray_node *n, leray_shape *out)
{
    int count = n->settings.integer[0];

    LERAY_CHECK(n->in[0]->shape[0] == 1 && count >= 1, LERAY_ERR_ARG,
                "repeat: %d times %d samples: needs one sample", count, n->in[0]->shape[0]);
    *out = leray_shape_of(n->in[0]);
    out->extent[0] = count;
    return LERAY_OK;
}

static leray_status forward(leray_node *n)
{
    const leray_tensor *x = n->in[0];

#pragma omp parallel for schedule(static)
    for (int b = 0; b < n->settings.integer[0]; b++)
        n->kernels->scale(x->count, 1, x->value,
                          leray_at(x->dtype, n->out->value, (size_t)b * x->count), false);
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    bool adds = leray_node_adds(n, 0);

    for (int b = 0; b < n->settings.integer[0]; b++)
        n->kernels->scale(x->count, 1, leray_at(x->dtype, n->out->grad, (size_t)b * x->count),
                          x->grad, adds || b > 0);
    return LERAY_OK;
}

static void sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {1, 2, 3, 5}
    };
    s->settings.integer[0] = 3;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_repeat = {
    .name = "repeat",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 1,
    .sample = sample,
};

leray_status leray_op_repeat(leray_tape *tape, leray_tensor *x, int count, leray_tensor **out)
{
    leray_op_settings settings = {.integer = {count}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_repeat, 1, &x, &settings, out));
    return LERAY_OK;
}
