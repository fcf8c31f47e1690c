/* tensor/ops/attention.c - softmax over the last axis, and attention:

     y = softmax(q k^T / sqrt(d)) v,  q [.., tq, d], k [.., tk, d], v [.., tk, dv],

   with the same extents before, usually [batch, heads]. Vaswani et al. 2017, arXiv:1706.03762,
   eq. 1. The weights exist for a block of queries at a time and are computed again in backward,
   where with p the weights and g the gradient of y

     gv = p^T g,  s = p (g v^T - sum of the row of p g v^T),  gq = s k / sqrt(d),
     gk = s^T q / sqrt(d).

   Backward gives a whole (batch, head) to one thread, so that gk and gv add up in order. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

#define BLOCK 64 /* queries, or rows of a softmax */

static leray_status softmax_shapes(leray_node *n, leray_shape *out)
{
    *out = leray_shape_of(n->in[0]);
    return LERAY_OK;
}

/* Rows in blocks; backward where gx is given. */
static void softmax_rows(leray_node *n, void *gx, bool adds)
{
    const leray_tensor *y = n->out;
    int length = y->shape[y->ndim - 1];
    long rows = (long)(y->count / (size_t)length), blocks = (rows + BLOCK - 1) / BLOCK;

#pragma omp parallel for schedule(static)
    for (long i = 0; i < blocks; i++) {
        int size = rows - i * BLOCK < BLOCK ? (int)(rows - i * BLOCK) : BLOCK;
        size_t first = (size_t)i * BLOCK * (size_t)length;
        void *value = leray_at(y->dtype, y->value, first);

        if (gx)
            n->kernels->softmax_back(size, length, value, length,
                                     leray_at(y->dtype, y->grad, first), length,
                                     leray_at(y->dtype, gx, first), length, adds);
        else
            n->kernels->softmax(size, length, leray_at(y->dtype, n->in[0]->value, first), length,
                                value, length);
    }
}

static leray_status softmax_forward(leray_node *n)
{
    softmax_rows(n, NULL, false);
    return LERAY_OK;
}

static leray_status softmax_backward(leray_node *n)
{
    if (n->in[0]->grad) softmax_rows(n, n->in[0]->grad, leray_node_adds(n, 0));
    return LERAY_OK;
}

typedef struct attention {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    int batch, tq, tk, d, dv, blocks;
    double scale;
    void *local; /* [threads, 2, BLOCK, tk] */
} attention;

static leray_status attention_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *q = n->in[0];
    int last = q->ndim - 1;

    LERAY_CHECK(q->ndim >= 2, LERAY_ERR_ARG, "attention: needs [.., tokens, d]");
    for (int i = 1; i < 3; i++) {
        bool same = n->in[i]->ndim == q->ndim;

        for (int d = 0; same && d < last - 1; d++) same = n->in[i]->shape[d] == q->shape[d];
        LERAY_CHECK(same, LERAY_ERR_ARG,
                    "attention: queries, keys and values differ in front of [tokens, d]");
    }
    LERAY_CHECK(n->in[1]->shape[last] == q->shape[last] &&
                    n->in[1]->shape[last - 1] == n->in[2]->shape[last - 1],
                LERAY_ERR_ARG, "attention: queries [%d, %d], keys [%d, %d], values [%d, %d]",
                q->shape[last - 1], q->shape[last], n->in[1]->shape[last - 1],
                n->in[1]->shape[last], n->in[2]->shape[last - 1], n->in[2]->shape[last]);
    *out = leray_shape_of(q);
    out->extent[last] = n->in[2]->shape[last];
    n->scratch_size = (size_t)leray_threads() * 2 * BLOCK * (size_t)n->in[1]->shape[last - 1] *
                      leray_dtype_size(q->dtype);
    return LERAY_OK;
}

static leray_status set_up(attention *a, leray_node *n)
{
    const leray_tensor *q = n->in[0];
    int last = q->ndim - 1;

    *a = (attention){.node = n, .k = n->kernels, .dtype = q->dtype, .batch = 1};
    for (int d = 0; d < last - 1; d++) a->batch *= q->shape[d];
    a->tq = q->shape[last - 1], a->d = q->shape[last];
    a->tk = n->in[2]->shape[last - 1], a->dv = n->in[2]->shape[last];
    a->blocks = (a->tq + BLOCK - 1) / BLOCK;
    a->scale = 1 / sqrt(a->d);
    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &a->local));
    return LERAY_OK;
}

static void *at(const attention *a, const void *p, int i, int rows, int columns)
{
    return leray_at(a->dtype, p, (size_t)i * (size_t)rows * (size_t)columns);
}

static void *my_local(const attention *a)
{
    return at(a, a->local, omp_get_thread_num(), 2 * BLOCK, a->tk);
}

/* The weights of a block of queries, [rows, tk]. */
static int weights(const attention *a, int item, int block, int *rows, void *p)
{
    const void *q = at(a, at(a, a->node->in[0]->value, item, a->tq, a->d), block, BLOCK, a->d);
    int failed;

    *rows = a->tq - block * BLOCK < BLOCK ? a->tq - block * BLOCK : BLOCK;
    failed = a->k->gemm('N', 'T', *rows, a->tk, a->d, a->scale, q, a->d,
                        at(a, a->node->in[1]->value, item, a->tk, a->d), a->d, 0, p, a->tk);
    a->k->softmax(*rows, a->tk, p, a->tk, p, a->tk);
    return failed;
}

static leray_status attention_forward(leray_node *n)
{
    attention a;
    int failed = 0, items;

    LERAY_TRY(set_up(&a, n));
    items = a.batch * a.blocks;
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int i = 0; i < items; i++) {
        int item = i / a.blocks, block = i % a.blocks, rows;
        void *p = my_local(&a);

        failed |= weights(&a, item, block, &rows, p);
        failed |= a.k->gemm(
            'N', 'N', rows, a.dv, a.tk, 1, p, a.tk, at(&a, n->in[2]->value, item, a.tk, a.dv), a.dv,
            0, at(&a, at(&a, n->out->value, item, a.tq, a.dv), block, BLOCK, a.dv), a.dv);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "attention: a matrix product was refused");
    return LERAY_OK;
}

static int backward_block(const attention *a, int item, int block, const bool adds[3])
{
    leray_tensor *const *in = a->node->in;
    int rows, failed;
    bool later = block > 0;
    void *p = my_local(a), *s = at(a, p, 1, BLOCK, a->tk);
    const void *g = at(a, at(a, a->node->out->grad, item, a->tq, a->dv), block, BLOCK, a->dv);

    failed = weights(a, item, block, &rows, p);
    if (in[2]->grad)
        failed |= a->k->gemm('T', 'N', a->tk, a->dv, rows, 1, p, a->tk, g, a->dv, adds[2] || later,
                             at(a, in[2]->grad, item, a->tk, a->dv), a->dv);
    if (!in[0]->grad && !in[1]->grad) return failed;
    failed |= a->k->gemm('N', 'T', rows, a->tk, a->dv, 1, g, a->dv,
                         at(a, in[2]->value, item, a->tk, a->dv), a->dv, 0, s, a->tk);
    a->k->softmax_back(rows, a->tk, p, a->tk, s, a->tk, s, a->tk, false);
    if (in[0]->grad)
        failed |= a->k->gemm(
            'N', 'N', rows, a->d, a->tk, a->scale, s, a->tk, at(a, in[1]->value, item, a->tk, a->d),
            a->d, adds[0], at(a, at(a, in[0]->grad, item, a->tq, a->d), block, BLOCK, a->d), a->d);
    if (in[1]->grad)
        failed |= a->k->gemm('T', 'N', a->tk, a->d, rows, a->scale, s, a->tk,
                             at(a, at(a, in[0]->value, item, a->tq, a->d), block, BLOCK, a->d),
                             a->d, adds[1] || later, at(a, in[1]->grad, item, a->tk, a->d), a->d);
    return failed;
}

static leray_status attention_backward(leray_node *n)
{
    attention a;
    bool adds[3];
    int failed = 0;

    for (int i = 0; i < 3; i++) adds[i] = n->in[i]->grad && leray_node_adds(n, i);
    LERAY_TRY(set_up(&a, n));
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < a.batch; item++)
        for (int block = 0; block < a.blocks; block++)
            failed |= backward_block(&a, item, block, adds);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "attention: a matrix product was refused");
    return LERAY_OK;
}

static void softmax_sample(int i, leray_op_sample *s)
{
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        3, {2, i ? 40 : 3, 5}
    };
    s->low = -2, s->high = 2;
}

/* The second has two blocks of queries. */
static void attention_sample(int i, leray_op_sample *s)
{
    s->n_inputs = 3;
    s->input[0] = (leray_shape){
        4, {1, 2, i ? 67 : 3, 4}
    };
    s->input[1] = (leray_shape){
        4, {1, 2, 5, 4}
    };
    s->input[2] = (leray_shape){
        4, {1, 2, 5, 3}
    };
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_softmax = {
    "softmax", 1, 1, softmax_shapes, softmax_forward, softmax_backward, 2, softmax_sample};
const leray_op leray_op_row_attention = {
    "attention",     3, 3, attention_shapes, attention_forward, attention_backward, 2,
    attention_sample};

leray_status leray_op_softmax(leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_softmax, 1, &x, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_attention(leray_tape *tape, leray_tensor *q, leray_tensor *k, leray_tensor *v,
                                leray_tensor **out)
{
    leray_tensor *in[] = {q, k, v};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_attention, 3, in, NULL, out));
    return LERAY_OK;
}
