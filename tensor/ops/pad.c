/* tensor/ops/pad.c - more points around a grid, or fewer:

     y[b, c, o] = x[b, c, o - before],

   where a point outside of the grid is `value` (edge zero), or what leray_edge says; a negative
   amount takes points away. settings: real[0] the value; integer: before [3], after [3] per axis
   of the grid, slowest first, and the edge. The windows of tensor/kernels/kernels.h with one
   element each. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

enum { BEFORE = 0, AFTER = 3, EDGE = 6 };

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    const int *s = n->settings.integer;

    LERAY_CHECK(x->ndim >= 3 && x->ndim <= 5, LERAY_ERR_ARG,
                "pad: needs [batch, channels, grid..] with one to three extents of the grid");
    LERAY_CHECK(s[EDGE] >= LERAY_EDGE_ZERO && s[EDGE] <= LERAY_EDGE_REPLICATE, LERAY_ERR_ARG,
                "pad: edge %d is not one of zero, periodic, replicate", s[EDGE]);
    *out = leray_shape_of(x);
    for (int d = 0; d < x->ndim - 2; d++) {
        out->extent[2 + d] += s[BEFORE + d] + s[AFTER + d];
        LERAY_CHECK(out->extent[2 + d] >= 1, LERAY_ERR_ARG,
                    "pad: %d and %d on axis %d of %d points leave none", s[BEFORE + d],
                    s[AFTER + d], d, x->shape[2 + d]);
    }
    return LERAY_OK;
}

static leray_conv_windows windows_of(const leray_node *n)
{
    const leray_tensor *x = n->in[0];
    const int *s = n->settings.integer;
    int dims = x->ndim - 2;
    leray_conv_windows w = {.edge = (leray_edge)s[EDGE], .outside = n->settings.real[0]};

    for (int d = 0; d < 3; d++) {
        int from = d - (3 - dims);

        w.grid[d] = from < 0 ? 1 : x->shape[2 + from];
        w.windows[d] = from < 0 ? 1 : n->out->shape[2 + from];
        w.before[d] = from < 0 ? 0 : s[BEFORE + from];
        w.kernel[d] = w.stride[d] = w.dilation[d] = 1;
    }
    return w;
}

static leray_status forward(leray_node *n)
{
    const leray_tensor *x = n->in[0], *y = n->out;
    leray_conv_windows w = windows_of(n);
    int planes = x->shape[0] * x->shape[1];
    size_t from = x->count / (size_t)planes, to = y->count / (size_t)planes;

#pragma omp parallel for schedule(static)
    for (int i = 0; i < planes; i++)
        n->kernels->gather(&w, 1, leray_at(x->dtype, x->value, (size_t)i * from), 0, (int)to,
                           leray_at(x->dtype, y->value, (size_t)i * to), 0);
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    const leray_tensor *x = n->in[0], *y = n->out;
    leray_conv_windows w = windows_of(n);
    int planes = x->shape[0] * x->shape[1];
    size_t from = x->count / (size_t)planes, to = y->count / (size_t)planes;
    bool adds;

    if (!x->grad) return LERAY_OK;
    adds = leray_node_adds(n, 0);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < planes; i++) {
        void *gx = leray_at(x->dtype, x->grad, (size_t)i * from);

        if (!adds) n->kernels->fill(from, 0, gx, false);
        n->kernels->scatter(&w, 1, leray_at(x->dtype, y->grad, (size_t)i * to), 0, 0, (int)to, gx);
    }
    return LERAY_OK;
}

/* Every edge; one that wraps around more than once; points taken away. */
static void sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {4, {2, 2, 3, 4}   },
        {3, {2, 1, 3}      },
        {5, {1, 2, 2, 3, 4}},
        {4, {2, 2, 5, 6}   },
    };
    static const leray_op_settings settings[] = {
        {{0.5}, {1, 2, 0, 0, 1, 0, LERAY_EDGE_ZERO}       },
        {{0},   {7, 0, 0, 4, 0, 0, LERAY_EDGE_PERIODIC}   },
        {{0},   {1, 0, 2, 0, 1, 1, LERAY_EDGE_REPLICATE}  },
        {{0},   {-1, 2, 0, -2, -1, 0, LERAY_EDGE_PERIODIC}},
    };

    s->n_inputs = 1;
    s->input[0] = x[i];
    s->settings = settings[i];
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_pad = {"pad", 1, 1, shapes, forward, backward, 4, sample};

leray_status leray_op_pad(leray_tape *tape, leray_tensor *x, const int *before, const int *after,
                          leray_edge edge, double value, leray_tensor **out)
{
    leray_op_settings settings = {.real = {value}};

    for (int d = 0; d < 3 && d < x->ndim - 2; d++) {
        settings.integer[BEFORE + d] = before[d];
        settings.integer[AFTER + d] = after[d];
    }
    settings.integer[EDGE] = (int)edge;
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_pad, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_crop(leray_tape *tape, leray_tensor *x, const int *before, const int *after,
                           leray_tensor **out)
{
    int front[3] = {0}, back[3] = {0};

    for (int d = 0; d < 3 && d < x->ndim - 2; d++) {
        LERAY_CHECK(before[d] >= 0 && after[d] >= 0, LERAY_ERR_ARG,
                    "crop: %d and %d on axis %d, not in [0, %d]", before[d], after[d], d,
                    x->shape[2 + d]);
        front[d] = -before[d];
        back[d] = -after[d];
    }
    return leray_op_pad(tape, x, front, back, LERAY_EDGE_ZERO, 0, out);
}
