/* tensor/ops/reduce.c - reductions to one number, and the losses among them.

   Sums run over pieces (or samples) of a size that depends on the shape alone, each summed in
   double by one thread, and are then added in order. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

#define PIECE 16384

static leray_status to_scalar(leray_node *n, leray_shape *out)
{
    for (int i = 1; i < n->n_inputs; i++)
        LERAY_CHECK(leray_same_shape(n->in[0], n->in[i]), LERAY_ERR_ARG,
                    "%s: the inputs have different shapes", n->op->name);
    *out = (leray_shape){1, {1}};
    n->scratch_size = (n->in[0]->count + PIECE - 1) / PIECE * sizeof(double);
    return LERAY_OK;
}

static double grad_of(const leray_node *n)
{
    return n->out->dtype == LERAY_F32 ? (double)*(float *)n->out->grad : *(double *)n->out->grad;
}

/* Sum of the input, or of the squared distance of two. */
static leray_status total_of(leray_node *n, double *total)
{
    const leray_tensor *a = n->in[0];
    long pieces = (long)((a->count + PIECE - 1) / PIECE);
    double *part;

    LERAY_TRY(leray_tape_scratch(n->tape, (size_t)pieces * sizeof *part, &part));
#pragma omp parallel for schedule(static) if (pieces > 1)
    for (long i = 0; i < pieces; i++) {
        size_t first = (size_t)i * PIECE,
               size = a->count - first < PIECE ? a->count - first : PIECE;
        const void *x = leray_at(a->dtype, a->value, first);

        part[i] = n->n_inputs == 1
                      ? n->kernels->sum(size, x)
                      : n->kernels->distance2(size, x, leray_at(a->dtype, n->in[1]->value, first));
    }
    *total = 0;
    for (long i = 0; i < pieces; i++) *total += part[i];
    return LERAY_OK;
}

static leray_status sum_forward(leray_node *n)
{
    double total = 0;

    LERAY_TRY(total_of(n, &total));
    n->kernels->fill(1, total, n->out->value, false);
    return LERAY_OK;
}

static leray_status mean_forward(leray_node *n)
{
    double total = 0;

    LERAY_TRY(total_of(n, &total));
    n->kernels->fill(1, total / (double)n->in[0]->count, n->out->value, false);
    return LERAY_OK;
}

typedef struct piece {
    leray_node *node;
    int i;
    bool adds;
    double factor;
} piece;

static void fill_piece(void *data, size_t first, size_t count)
{
    piece *p = data;
    leray_tensor *x = p->node->in[0];

    p->node->kernels->fill(count, p->factor, leray_at(x->dtype, x->grad, first), p->adds);
}

static leray_status spread(leray_node *n, double factor)
{
    piece p = {n, 0, leray_node_adds(n, 0), factor * grad_of(n)};

    leray_over_pieces(n->in[0]->count, fill_piece, &p);
    return LERAY_OK;
}

static leray_status sum_backward(leray_node *n) { return spread(n, 1); }
static leray_status mean_backward(leray_node *n) { return spread(n, 1 / (double)n->in[0]->count); }

static void difference_piece(void *data, size_t first, size_t count)
{
    piece *p = data;
    leray_tensor *x = p->node->in[p->i], *other = p->node->in[1 - p->i];

    p->node->kernels->difference(count, p->factor, leray_at(x->dtype, x->value, first),
                                 leray_at(x->dtype, other->value, first),
                                 leray_at(x->dtype, x->grad, first), p->adds);
}

static leray_status mean_square_backward(leray_node *n)
{
    for (int i = 0; i < 2; i++) {
        piece p = {n, i, false, 2 * grad_of(n) / (double)n->in[0]->count};

        if (!n->in[i]->grad) continue;
        p.adds = leray_node_adds(n, i);
        leray_over_pieces(n->in[0]->count, difference_piece, &p);
    }
    return LERAY_OK;
}

/* relative L2; saved: |p - t| and |t| of every sample. */
static leray_status relative_shapes(leray_node *n, leray_shape *out)
{
    LERAY_TRY(to_scalar(n, out));
    LERAY_CHECK(n->in[0]->ndim >= 2, LERAY_ERR_ARG, "relative_l2: needs [batch, ..]");
    n->saved_size = n->scratch_size = 2 * (size_t)n->in[0]->shape[0] * sizeof(double);
    return LERAY_OK;
}

static leray_status relative_forward(leray_node *n)
{
    const leray_tensor *p = n->in[0], *t = n->in[1];
    int batch = p->shape[0];
    size_t size = p->count / (size_t)batch;
    double *norms = n->saved, total = 0;

    if (!norms) LERAY_TRY(leray_tape_scratch(n->tape, 2 * (size_t)batch * sizeof *norms, &norms));
#pragma omp parallel for schedule(static)
    for (int b = 0; b < batch; b++) {
        const void *tb = leray_at(t->dtype, t->value, (size_t)b * size);

        norms[2 * b] =
            sqrt(n->kernels->distance2(size, leray_at(p->dtype, p->value, (size_t)b * size), tb));
        norms[2 * b + 1] = sqrt(n->kernels->dot(size, tb, tb));
    }
    for (int b = 0; b < batch; b++)
        if (norms[2 * b + 1] > 0) total += norms[2 * b] / norms[2 * b + 1];
    n->kernels->fill(1, total / batch, n->out->value, false);
    return LERAY_OK;
}

/* d/dp = (p - t) / (|p - t| |t|), d/dt = -d/dp - |p - t| t / |t|^3, both over the batch; 0 where
   |t| is, which has no relative error. */
static leray_status relative_backward(leray_node *n)
{
    int batch = n->in[0]->shape[0];
    size_t size = n->in[0]->count / (size_t)batch;
    const double *norms = n->saved;
    double g = grad_of(n) / batch;

    for (int i = 0; i < 2; i++) {
        leray_tensor *x = n->in[i], *other = n->in[1 - i];
        bool adds;

        if (!x->grad) continue;
        adds = leray_node_adds(n, i);
#pragma omp parallel for schedule(static)
        for (int b = 0; b < batch; b++) {
            size_t at = (size_t)b * size;
            double d = norms[2 * b], t = norms[2 * b + 1];
            void *gx = leray_at(x->dtype, x->grad, at), *v = leray_at(x->dtype, x->value, at);

            n->kernels->difference(size, d > 0 && t > 0 ? g / (d * t) : 0, v,
                                   leray_at(x->dtype, other->value, at), gx, adds);
            if (i == 1) n->kernels->scale(size, t > 0 ? -g * d / (t * t * t) : 0, v, gx, true);
        }
    }
    return LERAY_OK;
}

static void one_sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->low = -1, s->high = 1;
}

static void two_sample(int i, leray_op_sample *s)
{
    one_sample(i, s);
    s->n_inputs = 2;
    s->input[1] = s->input[0];
}

const leray_op leray_op_row_sum = {"sum",        1, 1,         to_scalar, sum_forward,
                                   sum_backward, 1, one_sample};
const leray_op leray_op_row_mean = {"mean",        1, 1,         to_scalar, mean_forward,
                                    mean_backward, 1, one_sample};
const leray_op leray_op_row_mean_square = {
    "mean_square", 2, 2, to_scalar, mean_forward, mean_square_backward, 1, two_sample};
const leray_op leray_op_row_relative_l2 = {
    "relative_l2", 2, 2, relative_shapes, relative_forward, relative_backward, 1, two_sample};

leray_status leray_op_sum(leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_sum, 1, &x, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_mean(leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mean, 1, &x, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_relative_l2(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                                  leray_tensor **out)
{
    leray_tensor *in[] = {p, t};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_relative_l2, 2, in, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_mean_square(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                                  leray_tensor **out)
{
    leray_tensor *in[] = {p, t};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mean_square, 2, in, NULL, out));
    return LERAY_OK;
}
