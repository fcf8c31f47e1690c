/* tensor/ops/pointwise.c - ops that act on each element alone. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

/* One piece of an op: input i is the one whose gradient is asked for. */
typedef struct piece {
    leray_node *node;
    int i;
    bool adds;
    double factor;
} piece;

static leray_status same_shapes(leray_node *n, leray_shape *out)
{
    for (int i = 1; i < n->n_inputs; i++)
        LERAY_CHECK(leray_same_shape(n->in[0], n->in[i]), LERAY_ERR_ARG,
                    "%s: the inputs have different shapes", n->op->name);
    *out = leray_shape_of(n->in[0]);
    return LERAY_OK;
}

static void *value(leray_node *n, int i, size_t first)
{
    return leray_at(n->in[i]->dtype, n->in[i]->value, first);
}

static void *grad(leray_node *n, int i, size_t first)
{
    return leray_at(n->in[i]->dtype, n->in[i]->grad, first);
}

static void *out_value(leray_node *n, size_t first)
{
    return leray_at(n->out->dtype, n->out->value, first);
}

static void *out_grad(leray_node *n, size_t first)
{
    return leray_at(n->out->dtype, n->out->grad, first);
}

static void each_input(leray_node *n, double factor, void (*body)(void *, size_t, size_t))
{
    for (int i = 0; i < n->n_inputs; i++) {
        piece p = {n, i, false, factor};

        if (!n->in[i]->grad) continue;
        p.adds = leray_node_adds(n, i);
        leray_over_pieces(n->out->count, body, &p);
    }
}

static void pass_back(void *data, size_t first, size_t count)
{
    piece *p = data;

    p->node->kernels->scale(count, p->factor, out_grad(p->node, first), grad(p->node, p->i, first),
                            p->adds);
}

static void add_piece(void *data, size_t first, size_t count)
{
    leray_node *n = data;

    n->kernels->scale(count, 1, value(n, 0, first), out_value(n, first), false);
    n->kernels->scale(count, 1, value(n, 1, first), out_value(n, first), true);
}

static leray_status add_forward(leray_node *n)
{
    leray_over_pieces(n->out->count, add_piece, n);
    return LERAY_OK;
}

static leray_status add_backward(leray_node *n)
{
    each_input(n, 1, pass_back);
    return LERAY_OK;
}

static void sub_piece(void *data, size_t first, size_t count)
{
    leray_node *n = data;

    n->kernels->difference(count, 1, value(n, 0, first), value(n, 1, first), out_value(n, first),
                           false);
}

static leray_status sub_forward(leray_node *n)
{
    leray_over_pieces(n->out->count, sub_piece, n);
    return LERAY_OK;
}

static void sub_back_piece(void *data, size_t first, size_t count)
{
    piece *p = data;

    p->node->kernels->scale(count, p->i ? -1 : 1, out_grad(p->node, first),
                            grad(p->node, p->i, first), p->adds);
}

static leray_status sub_backward(leray_node *n)
{
    each_input(n, 1, sub_back_piece);
    return LERAY_OK;
}

static void mul_piece(void *data, size_t first, size_t count)
{
    leray_node *n = data;

    n->kernels->multiply(count, value(n, 0, first), value(n, 1, first), out_value(n, first), false);
}

static leray_status mul_forward(leray_node *n)
{
    leray_over_pieces(n->out->count, mul_piece, n);
    return LERAY_OK;
}

static void mul_back_piece(void *data, size_t first, size_t count)
{
    piece *p = data;

    p->node->kernels->multiply(count, out_grad(p->node, first), value(p->node, 1 - p->i, first),
                               grad(p->node, p->i, first), p->adds);
}

static leray_status mul_backward(leray_node *n)
{
    each_input(n, 1, mul_back_piece);
    return LERAY_OK;
}

static void scale_piece(void *data, size_t first, size_t count)
{
    leray_node *n = data;

    n->kernels->scale(count, n->settings.real[0], value(n, 0, first), out_value(n, first), false);
}

static leray_status scale_forward(leray_node *n)
{
    leray_over_pieces(n->out->count, scale_piece, n);
    return LERAY_OK;
}

static leray_status scale_backward(leray_node *n)
{
    each_input(n, n->settings.real[0], pass_back);
    return LERAY_OK;
}

/* The unary functions; settings.integer[0] is the leray_unary. */
static void unary_piece(void *data, size_t first, size_t count)
{
    leray_node *n = data;

    n->kernels->unary((leray_unary)n->settings.integer[0], count, value(n, 0, first),
                      out_value(n, first));
}

static leray_status unary_forward(leray_node *n)
{
    leray_over_pieces(n->out->count, unary_piece, n);
    return LERAY_OK;
}

static void unary_back_piece(void *data, size_t first, size_t count)
{
    piece *p = data;
    leray_node *n = p->node;

    n->kernels->unary_backward((leray_unary)n->settings.integer[0], count, value(n, 0, first),
                               out_grad(n, first), grad(n, 0, first), p->adds);
}

static leray_status unary_backward(leray_node *n)
{
    each_input(n, 1, unary_back_piece);
    return LERAY_OK;
}

static void sample_of(leray_op_sample *s, int inputs, leray_unary f)
{
    s->n_inputs = inputs;
    for (int i = 0; i < inputs; i++)
        s->input[i] = (leray_shape){
            4, {2, 3, 3, 5}
        };
    s->settings = (leray_op_settings){{-1.5}, {(int)f}};
    s->low = -3, s->high = 3;
}

static void binary_sample(int i, leray_op_sample *s) { (void)i, sample_of(s, 2, LERAY_GELU); }
static void scale_sample(int i, leray_op_sample *s) { (void)i, sample_of(s, 1, LERAY_GELU); }

/* Away from the kink. */
static void relu_sample(int i, leray_op_sample *s)
{
    sample_of(s, 1, LERAY_RELU);
    s->low = i ? 0.1 : -2;
    s->high = i ? 2 : -0.1;
}

#define ROW(id, inputs, function, samples, sample_function)                                    \
    const leray_op leray_op_row_##id = {                                                       \
        #id,     inputs,         inputs, same_shapes, function##_forward, function##_backward, \
        samples, sample_function}

ROW(add, 2, add, 1, binary_sample);
ROW(sub, 2, sub, 1, binary_sample);
ROW(mul, 2, mul, 1, binary_sample);
ROW(scale, 1, scale, 1, scale_sample);
ROW(relu, 1, unary, 2, relu_sample);

static leray_status binary(leray_tape *tape, const leray_op *op, leray_tensor *a, leray_tensor *b,
                           leray_tensor **out)
{
    leray_tensor *in[] = {a, b};

    LERAY_TRY(leray_tape_record(tape, op, 2, in, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_add(leray_tape *tape, leray_tensor *a, leray_tensor *b, leray_tensor **out)
{
    return binary(tape, &leray_op_row_add, a, b, out);
}

leray_status leray_op_sub(leray_tape *tape, leray_tensor *a, leray_tensor *b, leray_tensor **out)
{
    return binary(tape, &leray_op_row_sub, a, b, out);
}

leray_status leray_op_mul(leray_tape *tape, leray_tensor *a, leray_tensor *b, leray_tensor **out)
{
    return binary(tape, &leray_op_row_mul, a, b, out);
}

leray_status leray_op_scale(leray_tape *tape, leray_tensor *a, double factor, leray_tensor **out)
{
    leray_op_settings settings = {.real = {factor}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_scale, 1, &a, &settings, out));
    return LERAY_OK;
}

static leray_status unary(leray_tape *tape, const leray_op *op, leray_unary f, leray_tensor *x,
                          leray_tensor **out)
{
    leray_op_settings settings = {.integer = {(int)f}};

    LERAY_TRY(leray_tape_record(tape, op, 1, &x, &settings, out));
    return LERAY_OK;
}

/* The function that records f; for the smooth ones the row too. */
#define RECORD(id, f)                                                                 \
    leray_status leray_op_##id(leray_tape *tape, leray_tensor *x, leray_tensor **out) \
    {                                                                                 \
        return unary(tape, &leray_op_row_##id, f, x, out);                            \
    }
#define SMOOTH(id, f)                                                                   \
    static void id##_sample(int i, leray_op_sample *s) { (void)i, sample_of(s, 1, f); } \
    ROW(id, 1, unary, 1, id##_sample);                                                  \
    RECORD(id, f)

SMOOTH(gelu, LERAY_GELU)
SMOOTH(tanh, LERAY_TANH)
SMOOTH(silu, LERAY_SILU)
SMOOTH(sigmoid, LERAY_SIGMOID)
SMOOTH(sin, LERAY_SIN)
SMOOTH(exp, LERAY_EXP)
RECORD(relu, LERAY_RELU)
