/* tensor/ops/matmul.c - batched matrix products: c = op(a) op(b) with op(a) [.., m, k],
   op(b) [.., k, n] and the same extents before; op transposes the last two where asked.

   settings.integer: transposed a, transposed b. A result is cut into blocks of rows, each of one
   matrix of the batch and computed by one thread. With g the gradient of c,

     d op(a) = g op(b)^T,  d op(b) = op(a)^T g. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#define BLOCK 128 /* rows */

/* A factor as the product sees it: 't' where it is stored transposed. */
typedef struct factor {
    const void *p;
    bool t;
    int ld;
    size_t size; /* elements of one matrix */
} factor;

typedef struct extents {
    int m, n, k, batch;
} extents;

static extents extents_of(const leray_node *node)
{
    const leray_tensor *a = node->in[0], *b = node->in[1];
    const int *x = a->shape + a->ndim - 2, *y = b->shape + b->ndim - 2, *t = node->settings.integer;
    extents e = {x[t[0] ? 1 : 0], y[t[1] ? 0 : 1], x[t[0] ? 0 : 1], 1};

    for (int d = 0; d < a->ndim - 2; d++) e.batch *= a->shape[d];
    return e;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *a = n->in[0], *b = n->in[1];
    const int *t = n->settings.integer, *x, *y;
    bool same = a->ndim >= 2 && a->ndim == b->ndim;
    extents e;

    for (int d = 0; same && d < a->ndim - 2; d++) same = a->shape[d] == b->shape[d];
    LERAY_CHECK(same, LERAY_ERR_ARG,
                "matmul: needs [.., m, k] and [.., k, n] with the same extents before");
    x = a->shape + a->ndim - 2, y = b->shape + b->ndim - 2;
    LERAY_CHECK(x[t[0] ? 0 : 1] == y[t[1] ? 1 : 0], LERAY_ERR_ARG,
                "matmul: [%d, %d]%s times [%d, %d]%s", x[0], x[1], t[0] ? "^T" : "", y[0], y[1],
                t[1] ? "^T" : "");
    e = extents_of(n);
    *out = leray_shape_of(a);
    out->extent[a->ndim - 2] = e.m;
    out->extent[a->ndim - 1] = e.n;
    return LERAY_OK;
}

/* c [batch, m, n] = a b + [c if adds] */
static leray_status product(leray_node *node, int m, int n, int k, factor a, factor b, void *c,
                            bool adds)
{
    leray_dtype dtype = node->out->dtype;
    int blocks = (m + BLOCK - 1) / BLOCK, items = extents_of(node).batch * blocks, failed = 0;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        size_t i = (size_t)(item / blocks), row = (size_t)(item % blocks) * BLOCK;
        size_t skip = i * a.size + (a.t ? row : row * (size_t)a.ld);
        int rows = m - (int)row < BLOCK ? m - (int)row : BLOCK;

        failed |= node->kernels->gemm(a.t ? 'T' : 'N', b.t ? 'T' : 'N', rows, n, k, 1,
                                      leray_at(dtype, a.p, skip), a.ld,
                                      leray_at(dtype, b.p, i * b.size), b.ld, adds,
                                      leray_at(dtype, c, (i * (size_t)m + row) * (size_t)n), n);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "matmul: a matrix product was refused");
    return LERAY_OK;
}

/* op of an input; the other way round where `flip`. */
static factor factor_of(const leray_node *n, int i, bool flip)
{
    const leray_tensor *t = n->in[i];
    int rows = t->shape[t->ndim - 2], columns = t->shape[t->ndim - 1];

    return (factor){t->value, (n->settings.integer[i] != 0) != flip, columns,
                    (size_t)rows * (size_t)columns};
}

static leray_status forward(leray_node *n)
{
    extents e = extents_of(n);

    LERAY_TRY(product(n, e.m, e.n, e.k, factor_of(n, 0, false), factor_of(n, 1, false),
                      n->out->value, false));
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    extents e = extents_of(n);
    const leray_tensor *a = n->in[0], *b = n->in[1];
    factor g = {n->out->grad, false, e.n, (size_t)e.m * (size_t)e.n}, gt = g;

    gt.t = true;
    if (a->grad && !n->settings.integer[0])
        LERAY_TRY(
            product(n, e.m, e.k, e.n, g, factor_of(n, 1, true), a->grad, leray_node_adds(n, 0)));
    else if (a->grad)
        LERAY_TRY(
            product(n, e.k, e.m, e.n, factor_of(n, 1, false), gt, a->grad, leray_node_adds(n, 0)));
    if (b->grad && !n->settings.integer[1])
        LERAY_TRY(
            product(n, e.k, e.n, e.m, factor_of(n, 0, true), g, b->grad, leray_node_adds(n, 1)));
    else if (b->grad)
        LERAY_TRY(
            product(n, e.n, e.k, e.m, gt, factor_of(n, 0, false), b->grad, leray_node_adds(n, 1)));
    return LERAY_OK;
}

/* All four ways; more than one block of rows. */
static void sample(int i, leray_op_sample *s)
{
    int m = i >= 4 ? 131 : 3, ta = i % 2, tb = i / 2 % 2;

    s->n_inputs = 2;
    s->input[0] = (leray_shape){
        4, {2, 2, ta ? 4 : m, ta ? m : 4}
    };
    s->input[1] = (leray_shape){
        4, {2, 2, tb ? 5 : 4, tb ? 4 : 5}
    };
    s->settings.integer[0] = ta;
    s->settings.integer[1] = tb;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_matmul = {"matmul", 2, 2, shapes, forward, backward, 6, sample};

leray_status leray_op_matmul(leray_tape *tape, leray_tensor *a, bool transposed_a, leray_tensor *b,
                             bool transposed_b, leray_tensor **out)
{
    leray_tensor *in[] = {a, b};
    leray_op_settings settings = {
        .integer = {transposed_a, transposed_b}
    };

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_matmul, 2, in, &settings, out));
    return LERAY_OK;
}
