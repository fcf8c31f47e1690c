/* tensor/ops/grid_sum.c - sum and mean over the grid, channel by channel:

     y[b, c] = sum over p of x[b, c, p], or that over the number of points. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_CHECK(x->ndim >= 3, LERAY_ERR_ARG, "%s: needs [batch, channels, grid..]", n->op->name);
    *out = (leray_shape){
        2, {x->shape[0], x->shape[1]}
    };
    return LERAY_OK;
}

static leray_status forward_of(leray_node *n, bool mean)
{
    const leray_tensor *x = n->in[0], *y = n->out;
    size_t points = x->count / y->count;

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < y->count; i++) {
        double sum = n->kernels->sum(points, leray_at(x->dtype, x->value, i * points));

        n->kernels->fill(1, mean ? sum / (double)points : sum, leray_at(y->dtype, y->value, i),
                         false);
    }
    return LERAY_OK;
}

static leray_status backward_of(leray_node *n, bool mean)
{
    const leray_tensor *x = n->in[0], *y = n->out;
    size_t points = x->count / y->count;
    bool adds;

    if (!x->grad) return LERAY_OK;
    adds = leray_node_adds(n, 0);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < y->count; i++) {
        double g = leray_number(y->dtype, y->grad, i);

        n->kernels->fill(points, mean ? g / (double)points : g,
                         leray_at(x->dtype, x->grad, i * points), adds);
    }
    return LERAY_OK;
}

static leray_status sum_forward(leray_node *n) { return forward_of(n, false); }
static leray_status sum_backward(leray_node *n) { return backward_of(n, false); }
static leray_status mean_forward(leray_node *n) { return forward_of(n, true); }
static leray_status mean_backward(leray_node *n) { return backward_of(n, true); }

static void sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_grid_sum = {"grid_sum",   1, 1,     shapes, sum_forward,
                                        sum_backward, 1, sample};
const leray_op leray_op_row_grid_mean = {"grid_mean",   1, 1,     shapes, mean_forward,
                                         mean_backward, 1, sample};

leray_status leray_op_grid_sum(leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_grid_sum, 1, &x, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_grid_mean(leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_grid_mean, 1, &x, NULL, out));
    return LERAY_OK;
}
