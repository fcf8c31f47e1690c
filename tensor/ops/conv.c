/* tensor/ops/conv.c - convolutions in one to three dimensions, and transposed ones.

   Inputs: x, the weight and perhaps a bias per channel of the result. The products are those of
   tensor/algorithms/conv.h: a convolution goes down from the grid of x to its windows; a transposed one is
   the adjoint of the convolution with the same settings, so that x is what stands on the windows
   and the result is on the grid. */
#include "tensor/algorithms/conv.h"
#include <leray/impl/ops.h>

#include <stdint.h>

/* Places in settings.integer; each of the first five has an entry per axis, slowest first. */
enum { STRIDE = 0, DILATION = 3, BEFORE = 6, AFTER = 9, MORE = 12, GROUPS = 15, EDGE = 16 };

static int at_least_one(int i) { return i ? i : 1; }

static leray_op_settings settings_of(const leray_convolution *c)
{
    leray_op_settings s = {.integer = {0}};

    for (int d = 0; d < 3; d++) {
        s.integer[STRIDE + d] = at_least_one(c->stride[d]);
        s.integer[DILATION + d] = at_least_one(c->dilation[d]);
        s.integer[BEFORE + d] = c->before[d];
        s.integer[AFTER + d] = c->after[d];
        s.integer[MORE + d] = c->output_padding[d];
    }
    s.integer[GROUPS] = at_least_one(c->groups);
    s.integer[EDGE] = (int)c->edge;
    return s;
}

static leray_status check_ranges(const leray_node *n, int dims)
{
    const int *s = n->settings.integer;

    for (int d = 0; d < dims; d++)
        LERAY_CHECK(s[STRIDE + d] >= 1 && s[DILATION + d] >= 1 && s[BEFORE + d] >= 0 &&
                        s[AFTER + d] >= 0 && s[MORE + d] >= 0 &&
                        (!s[MORE + d] || s[MORE + d] < s[STRIDE + d]),
                    LERAY_ERR_ARG,
                    "%s: axis %d: stride %d and dilation %d must be positive, paddings %d and %d "
                    "not negative, and output padding %d below the stride",
                    n->op->name, d, s[STRIDE + d], s[DILATION + d], s[BEFORE + d], s[AFTER + d],
                    s[MORE + d]);
    LERAY_CHECK(s[EDGE] >= LERAY_EDGE_ZERO && s[EDGE] <= LERAY_EDGE_REPLICATE, LERAY_ERR_ARG,
                "%s: edge %d is not one of zero, periodic, replicate", n->op->name, s[EDGE]);
    return LERAY_OK;
}

/* What a convolution and its transpose have in common: x [batch, channels, grid..] and a weight
   whose first extent has `from` channels of x, `per` per group in the second. */
static leray_status check_inputs(const leray_node *n, bool transposed)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    int groups = n->settings.integer[GROUPS];

    LERAY_CHECK(x->ndim >= 3 && x->ndim <= 5 && w->ndim == x->ndim, LERAY_ERR_ARG,
                "%s: needs x [batch, channels, grid..] with one to three extents of the grid and a "
                "weight with as many extents; they have %d and %d",
                n->op->name, x->ndim, w->ndim);
    LERAY_CHECK(groups >= 1 && w->shape[0] % groups == 0 && x->shape[1] % groups == 0,
                LERAY_ERR_ARG, "%s: %d groups do not divide %d channels and a weight of %d",
                n->op->name, groups, x->shape[1], w->shape[0]);
    LERAY_CHECK(x->shape[1] == (transposed ? w->shape[0] : w->shape[1] * groups), LERAY_ERR_ARG,
                "%s: a weight [%d, %d, ..] in %d groups does not take %d channels", n->op->name,
                w->shape[0], w->shape[1], groups, x->shape[1]);
    LERAY_TRY(check_ranges(n, x->ndim - 2));
    return LERAY_OK;
}

/* Extents of the other side along axis d: windows on a grid, or the grid of so many windows. */
static leray_status other_extent(const leray_node *n, int d, bool transposed, int *out)
{
    const int *s = n->settings.integer;
    long extent = n->in[0]->shape[2 + d], kernel = n->in[1]->shape[2 + d];
    long reach = s[DILATION + d] * (kernel - 1) + 1, pads = (long)s[BEFORE + d] + s[AFTER + d];
    long result = transposed ? (extent - 1) * s[STRIDE + d] - pads + reach + s[MORE + d]
                  : extent + pads >= reach ? (extent + pads - reach) / s[STRIDE + d] + 1
                                           : 0;

    LERAY_CHECK(result >= 1 && result <= INT32_MAX, LERAY_ERR_ARG,
                "%s: axis %d: a kernel of %ld points (dilation %d) does not fit %ld points with "
                "padding %ld",
                n->op->name, d, kernel, s[DILATION + d], extent, pads);
    *out = (int)result;
    return LERAY_OK;
}

/* The products of a node. Its result may not exist yet: `result` has its extents. */
static leray_conv conv_of(const leray_node *n, bool transposed, const int *result)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    const int *s = n->settings.integer, *grid = transposed ? result : x->shape;
    const int *windows = transposed ? x->shape : result;
    int dims = x->ndim - 2;
    leray_conv c = {.kernels = n->kernels, .dtype = x->dtype, .batch = x->shape[0]};

    c.groups = s[GROUPS];
    c.channels = w->shape[1] * c.groups;
    c.filters = w->shape[0];
    c.windows.edge = (leray_edge)s[EDGE];
    for (int d = 0; d < 3; d++) {
        int from = d - (3 - dims); /* axis of the field; missing ones come first */
        bool real = from >= 0;

        c.windows.grid[d] = real ? grid[2 + from] : 1;
        c.windows.windows[d] = real ? windows[2 + from] : 1;
        c.windows.kernel[d] = real ? w->shape[2 + from] : 1;
        c.windows.stride[d] = real ? s[STRIDE + from] : 1;
        c.windows.dilation[d] = real ? s[DILATION + from] : 1;
        c.windows.before[d] = real ? s[BEFORE + from] : 0;
    }
    leray_conv_prepare(&c);
    return c;
}

static leray_status shapes_of(leray_node *n, bool transposed, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    leray_conv c;

    LERAY_TRY(check_inputs(n, transposed));
    *out = leray_shape_of(x);
    out->extent[1] = transposed ? w->shape[1] * n->settings.integer[GROUPS] : w->shape[0];
    for (int d = 0; d < x->ndim - 2; d++)
        LERAY_TRY(other_extent(n, d, transposed, &out->extent[2 + d]));
    LERAY_CHECK(n->n_inputs == 2 || n->in[2]->count == (size_t)out->extent[1], LERAY_ERR_ARG,
                "%s: %zu biases for %d channels", n->op->name,
                n->n_inputs == 3 ? n->in[2]->count : 0, out->extent[1]);
    c = conv_of(n, transposed, out->extent);
    n->scratch_size = leray_conv_scratch(&c);
    return LERAY_OK;
}

static leray_status forward_of(leray_node *n, bool transposed)
{
    leray_conv c = conv_of(n, transposed, n->out->shape);
    const void *bias = n->n_inputs == 3 ? n->in[2]->value : NULL;
    void *scratch;
    int failed;

    LERAY_TRY(leray_tape_scratch(n->tape, leray_conv_scratch(&c), &scratch));
    failed = (transposed ? leray_conv_up : leray_conv_down)(
        &c, n->in[1]->value, bias, n->in[0]->value, n->out->value, false, scratch);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "%s: a matrix product was refused", n->op->name);
    return LERAY_OK;
}

static void bias_backward(leray_node *n)
{
    const leray_tensor *y = n->out;
    int channels = y->shape[1];
    size_t points = y->count / ((size_t)y->shape[0] * (size_t)channels);
    bool adds = leray_node_adds(n, 2);

#pragma omp parallel for schedule(static)
    for (int c = 0; c < channels; c++) {
        double total = 0;

        for (int b = 0; b < y->shape[0]; b++)
            total += n->kernels->sum(
                points, leray_at(y->dtype, y->grad, (size_t)(b * channels + c) * points));
        n->kernels->fill(1, total, leray_at(y->dtype, n->in[2]->grad, (size_t)c), adds);
    }
}

static leray_status backward_of(leray_node *n, bool transposed)
{
    leray_conv c = conv_of(n, transposed, n->out->shape);
    const leray_tensor *x = n->in[0], *w = n->in[1], *y = n->out;
    void *scratch;
    int failed = 0;

    LERAY_TRY(leray_tape_scratch(n->tape, leray_conv_scratch(&c), &scratch));
    if (x->grad)
        failed |= (transposed ? leray_conv_down : leray_conv_up)(
            &c, w->value, NULL, y->grad, x->grad, leray_node_adds(n, 0), scratch);
    if (w->grad)
        failed |=
            leray_conv_weights(&c, transposed ? y->grad : x->value, transposed ? x->value : y->grad,
                               w->grad, leray_node_adds(n, 1), scratch);
    if (n->n_inputs == 3 && n->in[2]->grad) bias_backward(n);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "%s: a matrix product was refused", n->op->name);
    return LERAY_OK;
}

static leray_status conv_shapes(leray_node *n, leray_shape *out)
{
    return shapes_of(n, false, out);
}
static leray_status conv_forward(leray_node *n) { return forward_of(n, false); }
static leray_status conv_backward(leray_node *n) { return backward_of(n, false); }
static leray_status up_shapes(leray_node *n, leray_shape *out) { return shapes_of(n, true, out); }
static leray_status up_forward(leray_node *n) { return forward_of(n, true); }
static leray_status up_backward(leray_node *n) { return backward_of(n, true); }

#define WITH(...)   \
    {               \
        __VA_ARGS__ \
    }

static void sample_of(const leray_shape *x, const leray_shape *w, int biases,
                      const leray_convolution *c, leray_op_sample *s)
{
    s->n_inputs = biases ? 3 : 2;
    s->input[0] = *x;
    s->input[1] = *w;
    s->input[2] = (leray_shape){1, {biases}};
    s->settings = settings_of(c);
    s->low = -1, s->high = 1;
}

/* In each dimension and with each edge; with several tiles and runs of them; windows that reach
   around a small periodic grid more than once; enough channels for tensor/algorithms/winograd.h. */
static void conv_sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {4, {2, 3, 5, 6}   },
        {3, {2, 4, 9}      },
        {5, {1, 2, 3, 4, 3}},
        {4, {8, 2, 19, 23} },
        {3, {1, 1, 3}      },
        {4, {2, 16, 5, 6}  },
        {4, {1, 17, 4, 5}  },
        {4, {5, 16, 9, 11} },
        {4, {1, 16, 3, 170}},
        {4, {2, 16, 2, 2}  },
    };
    static const leray_shape w[] = {
        {4, {4, 3, 3, 3}   },
        {3, {6, 2, 3}      },
        {5, {2, 2, 2, 3, 2}},
        {4, {3, 2, 3, 2}   },
        {3, {2, 1, 3}      },
        {4, {17, 16, 3, 3} },
        {4, {16, 17, 3, 3} },
        {4, {16, 16, 3, 3} },
        {4, {16, 16, 3, 3} },
        {4, {257, 16, 3, 3}},
    };
    static const leray_convolution c[] = {
        WITH(.before = {1, 1}, .after = {1, 1}),
        WITH(.stride = {2}, .before = {2}, .after = {1}, .groups = 2, .edge = LERAY_EDGE_PERIODIC),
        WITH(.dilation = {1, 2, 1}, .before = {1, 2}, .after = {0, 2, 1},
             .edge = LERAY_EDGE_REPLICATE),
        WITH(.stride = {1, 2}, .before = {1, 1}, .after = {1, 0}, .edge = LERAY_EDGE_PERIODIC),
        WITH(.dilation = {4}, .before = {4}, .after = {4}, .edge = LERAY_EDGE_PERIODIC),
        WITH(.before = {1, 1}, .after = {1, 1}, .edge = LERAY_EDGE_PERIODIC),
        WITH(.before = {2, 0}, .after = {1, 1}),
        WITH(.before = {1, 0}, .after = {1, 2}, .edge = LERAY_EDGE_REPLICATE),
        WITH(.before = {1, 1}, .after = {1, 1}, .edge = LERAY_EDGE_PERIODIC),
        WITH(.before = {1, 1}, .after = {1, 1}, .edge = LERAY_EDGE_PERIODIC),
    };
    static const int biases[] = {4, 6, 0, 3, 2, 17, 16, 0, 0, 257};

    sample_of(&x[i], &w[i], biases[i], &c[i], s);
}

static void up_sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {4, {2, 3, 4, 3}   },
        {3, {2, 4, 5}      },
        {4, {2, 16, 5, 4}  },
        {5, {1, 2, 2, 3, 2}}
    };
    static const leray_shape w[] = {
        {4, {3, 2, 3, 3}   },
        {3, {4, 3, 4}      },
        {4, {16, 17, 3, 3} },
        {5, {2, 2, 2, 2, 2}}
    };
    static const leray_convolution c[] = {
        WITH(.stride = {2, 2}, .before = {1, 1}, .after = {1, 1}, .output_padding = {1, 0}),
        WITH(.stride = {2}, .before = {1}, .after = {1}, .groups = 2, .edge = LERAY_EDGE_PERIODIC),
        WITH(.before = {1, 1}, .after = {1, 1}),
        WITH(.stride = {2, 1, 2}, .dilation = {1, 2, 1}),
    };
    static const int biases[] = {2, 6, 17, 0};

    sample_of(&x[i], &w[i], biases[i], &c[i], s);
}

const leray_op leray_op_row_conv = {"conv",        2,  3,          conv_shapes, conv_forward,
                                    conv_backward, 10, conv_sample};
const leray_op leray_op_row_conv_transpose = {"conv_transpose", 2,           3, up_shapes,
                                              up_forward,       up_backward, 4, up_sample};

static leray_status record(leray_tape *tape, const leray_op *op, leray_tensor *x, leray_tensor *w,
                           leray_tensor *bias, const leray_convolution *c, leray_tensor **out)
{
    leray_tensor *in[] = {x, w, bias};
    leray_op_settings settings = settings_of(c);

    LERAY_TRY(leray_tape_record(tape, op, bias ? 3 : 2, in, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_conv(leray_tape *tape, leray_tensor *x, leray_tensor *w, leray_tensor *bias,
                           const leray_convolution *c, leray_tensor **out)
{
    return record(tape, &leray_op_row_conv, x, w, bias, c, out);
}

leray_status leray_op_conv_transpose(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                                     leray_tensor *bias, const leray_convolution *c,
                                     leray_tensor **out)
{
    return record(tape, &leray_op_row_conv_transpose, x, w, bias, c, out);
}
