/* tensor/ops/weight_norm.c - weights by direction and length (Salimans & Kingma 2016,
   arXiv:1602.07868, eq. 2 and 3), row by row as torch.nn.utils.weight_norm does:

     w[o] = g[o] v[o] / |v[o]|

   v [rows, ..], g of as many elements as rows. With d = v . gw the gradients are

     gg = d / |v|,   gv = g / |v| (gw - v d / |v|^2). */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *v = n->in[0];

    LERAY_CHECK(n->in[1]->count == (size_t)v->shape[0], LERAY_ERR_ARG,
                "weight_norm: %zu lengths for %d rows", n->in[1]->count, v->shape[0]);
    *out = leray_shape_of(v);
    return LERAY_OK;
}

static leray_status forward(leray_node *n)
{
    const leray_tensor *v = n->in[0], *g = n->in[1];
    size_t columns = v->count / (size_t)v->shape[0];

    for (size_t row = 0; row < (size_t)v->shape[0]; row++) {
        void *at = leray_at(v->dtype, v->value, row * columns);
        double length = sqrt(n->kernels->dot(columns, at, at));

        n->kernels->scale(columns, leray_number(g->dtype, g->value, row) / length, at,
                          leray_at(v->dtype, n->out->value, row * columns), false);
    }
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    const leray_tensor *v = n->in[0], *g = n->in[1];
    size_t columns = v->count / (size_t)v->shape[0];
    bool adds_v = v->grad && leray_node_adds(n, 0), adds_g = g->grad && leray_node_adds(n, 1);

    for (size_t row = 0; row < (size_t)v->shape[0]; row++) {
        const void *at = leray_at(v->dtype, v->value, row * columns);
        const void *gw = leray_at(v->dtype, n->out->grad, row * columns);
        double square = n->kernels->dot(columns, at, at), d = n->kernels->dot(columns, at, gw);
        double factor = leray_number(g->dtype, g->value, row) / sqrt(square);

        if (g->grad)
            n->kernels->fill(1, d / sqrt(square), leray_at(g->dtype, g->grad, row), adds_g);
        if (!v->grad) continue;
        n->kernels->blend(columns, factor, gw, -factor * d / square, at, 0,
                          leray_at(v->dtype, v->grad, row * columns), adds_v);
    }
    return LERAY_OK;
}

/* A matrix, and the weight of a convolution. */
static void sample(int i, leray_op_sample *s)
{
    s->n_inputs = 2;
    s->input[0] = i ? (leray_shape){4, {3, 2, 1, 2}} : (leray_shape){2, {2, 5}};
    s->input[1] = i ? (leray_shape){4, {3, 1, 1, 1}} : (leray_shape){1, {2}};
    s->low = 0.2, s->high = 1;
}

const leray_op leray_op_row_weight_norm = {"weight_norm", 2,        2, shapes,
                                           forward,       backward, 2, sample};

leray_status leray_op_weight_norm(leray_tape *tape, leray_tensor *v, leray_tensor *g,
                                  leray_tensor **out)
{
    leray_tensor *in[] = {v, g};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_weight_norm, 2, in, NULL, out));
    return LERAY_OK;
}
