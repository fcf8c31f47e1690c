/* tensor/ops/layer_norm.c - normalisation along one axis:

     y = gamma (x - mean) / sqrt(variance + eps) + beta

   with the (biased) moments along the axis and gamma, beta a number per element of it, or absent.
   The last axis serves tokens [.., features]; axis 1 of a field is the norm of the channels at
   every point. Ba et al. 2016, arXiv:1607.06450. x is seen as [outer, n, inner]; a block of rows
   of n elements is brought to where rows are contiguous, unless they are (inner = 1). Backward as
   in ops/norm.c, with the moments computed again. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

#define BLOCK 32 /* rows */
#define RUNS 64  /* partial sums for gamma and beta, at most */

typedef struct norm {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    int n, blocks, items, runs; /* blocks per outer index */
    size_t outer, inner;
    bool direct;   /* rows are contiguous: inner counts them */
    char *local;   /* [threads, 3 BLOCK + 2, n] */
    void *sums[2]; /* of gamma and beta: [runs, n] */
} norm;

/* Rows of one item, from `first` on. */
typedef struct block {
    int rows;
    size_t first; /* element */
} block;

static norm norm_of(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    norm m = {.node = n, .k = n->kernels, .dtype = x->dtype};
    int axis = n->settings.integer[0];

    m.n = x->shape[axis];
    m.inner = m.outer = 1;
    for (int d = 0; d < x->ndim; d++)
        if (d < axis) m.outer *= (size_t)x->shape[d];
        else if (d > axis) m.inner *= (size_t)x->shape[d];
    m.direct = m.inner == 1;
    if (m.direct) m.inner = m.outer, m.outer = 1;
    m.blocks = (int)((m.inner + BLOCK - 1) / BLOCK);
    m.items = (int)m.outer * m.blocks;
    m.runs = m.items < RUNS ? m.items : RUNS;
    return m;
}

static size_t local_of(const norm *m) { return (3 * BLOCK + 2) * (size_t)m->n; }

static size_t scratch_of(const norm *m)
{
    return leray_dtype_size(m->dtype) *
               ((size_t)leray_threads() * local_of(m) + 2 * (size_t)m->runs * (size_t)m->n) +
           3 * 64;
}

static leray_status set_up(norm *m, leray_node *n)
{
    size_t real = leray_dtype_size(n->out->dtype);
    char *p;

    *m = norm_of(n);
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(m), &p));
    for (int i = 0; i < 2; i++) m->sums[i] = leray_cut(&p, (size_t)m->runs * (size_t)m->n * real);
    m->local = p;
    return LERAY_OK;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    int axis = n->settings.integer[0];
    norm m;

    LERAY_CHECK(axis >= 0 && axis < x->ndim, LERAY_ERR_ARG, "layer_norm: axis %d is not in [0, %d]",
                axis, x->ndim - 1);
    LERAY_CHECK(n->settings.real[0] >= 0, LERAY_ERR_ARG, "layer_norm: eps = %g is negative",
                n->settings.real[0]);
    LERAY_CHECK(n->n_inputs != 2, LERAY_ERR_ARG, "layer_norm: gamma and beta go together");
    for (int i = 1; i < n->n_inputs; i++)
        LERAY_CHECK(n->in[i]->count == (size_t)x->shape[axis], LERAY_ERR_ARG,
                    "layer_norm: %zu numbers for an axis of %d", n->in[i]->count, x->shape[axis]);
    *out = leray_shape_of(x);
    m = norm_of(n);
    n->scratch_size = scratch_of(&m);
    return LERAY_OK;
}

static void *at(const norm *m, const void *p, size_t i) { return leray_at(m->dtype, p, i); }

static block block_of(const norm *m, int item)
{
    size_t o = (size_t)(item / m->blocks), p = (size_t)(item % m->blocks) * BLOCK;
    block b = {m->inner - p < BLOCK ? (int)(m->inner - p) : BLOCK, 0};

    b.first = m->direct ? p * (size_t)m->n : o * (size_t)m->n * m->inner + p;
    return b;
}

/* The rows of a block in x; `room` is used where they are not contiguous. */
static void *rows_of(const norm *m, const block *b, const void *x, void *room, bool load)
{
    if (m->direct) return at(m, x, b->first);
    if (load) m->k->transpose(m->n, b->rows, at(m, x, b->first), m->inner, room, (size_t)m->n);
    return room;
}

static void put_back(const norm *m, const block *b, const void *rows, void *x)
{
    if (!m->direct)
        m->k->transpose(b->rows, m->n, rows, (size_t)m->n, at(m, x, b->first), m->inner);
}

/* xhat of a row, and 1 / sqrt(variance + eps). */
static double normalise(const norm *m, const void *x, void *xhat)
{
    size_t n = (size_t)m->n;
    double mean = m->k->sum(n, x) / m->n;
    double scale = 1 / sqrt(m->k->variation(n, x, mean) / m->n + m->node->settings.real[0]);

    m->k->affine(n, scale, -mean * scale, x, xhat);
    return scale;
}

static void *my_local(const norm *m)
{
    return at(m, m->local, (size_t)omp_get_thread_num() * local_of(m));
}

static void forward_block(const norm *m, int item)
{
    leray_node *node = m->node;
    block b = block_of(m, item);
    size_t n = (size_t)m->n;
    void *room = my_local(m), *x = rows_of(m, &b, node->in[0]->value, room, true);
    void *y = rows_of(m, &b, node->out->value, at(m, room, BLOCK * n), false);

    for (int r = 0; r < b.rows; r++) {
        void *row = at(m, y, (size_t)r * n);

        normalise(m, at(m, x, (size_t)r * n), row);
        if (node->n_inputs == 1) continue;
        m->k->multiply(n, row, node->in[1]->value, row, false);
        m->k->scale(n, 1, node->in[2]->value, row, true);
    }
    put_back(m, &b, y, node->out->value);
}

static leray_status forward(leray_node *n)
{
    norm m;

    LERAY_TRY(set_up(&m, n));
#pragma omp parallel for schedule(static)
    for (int item = 0; item < m.items; item++) forward_block(&m, item);
    return LERAY_OK;
}

/* One row; the sums of its run are in `run`. */
static void back_row(const norm *m, const void *x, const void *gy, void *gx, void *room, int run,
                     bool starts, bool adds)
{
    leray_node *node = m->node;
    size_t n = (size_t)m->n;
    void *xhat = room, *h = at(m, room, n);
    double scale = normalise(m, x, xhat), mean, projection;

    if (node->n_inputs == 3) {
        m->k->multiply(n, gy, xhat, at(m, m->sums[0], (size_t)run * n), !starts);
        m->k->scale(n, 1, gy, at(m, m->sums[1], (size_t)run * n), !starts);
        m->k->multiply(n, gy, node->in[1]->value, h, false);
        gy = h;
    }
    if (!gx) return;
    mean = m->k->sum(n, gy) / m->n;
    projection = m->k->dot(n, gy, xhat) / m->n;
    m->k->blend(n, scale, gy, -scale * projection, xhat, -scale * mean, gx, adds);
}

static void back_block(const norm *m, int item, int run, bool starts, bool adds)
{
    leray_node *node = m->node;
    block b = block_of(m, item);
    size_t n = (size_t)m->n;
    void *room = my_local(m), *g = node->in[0]->grad, *gx = NULL;
    void *x = rows_of(m, &b, node->in[0]->value, room, true);
    void *gy = rows_of(m, &b, node->out->grad, at(m, room, BLOCK * n), true);

    if (g) gx = rows_of(m, &b, g, at(m, room, 2 * BLOCK * n), adds);
    for (int r = 0; r < b.rows; r++)
        back_row(m, at(m, x, (size_t)r * n), at(m, gy, (size_t)r * n),
                 gx ? at(m, gx, (size_t)r * n) : NULL, at(m, room, 3 * BLOCK * n), run,
                 starts && r == 0, adds);
    if (g) put_back(m, &b, gx, g);
}

static leray_status backward(leray_node *n)
{
    norm m;
    bool adds = n->in[0]->grad && leray_node_adds(n, 0);

    LERAY_TRY(set_up(&m, n));
#pragma omp parallel for schedule(dynamic)
    for (int run = 0; run < m.runs; run++) {
        int first = (int)((long)m.items * run / m.runs);
        int last = (int)((long)m.items * (run + 1) / m.runs);

        for (int item = first; item < last; item++) back_block(&m, item, run, item == first, adds);
    }
    for (int i = 1; i < n->n_inputs; i++) leray_add_partials(n, i, m.runs, m.sums[i - 1]);
    return LERAY_OK;
}

/* The last axis, the channels of a field, and several blocks of rows. */
static void sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {3, {2, 3, 6}   },
        {4, {2, 6, 7, 9}},
        {2, {70, 6}     },
    };

    s->n_inputs = i < 2 ? 3 : 1;
    s->input[0] = x[i];
    s->input[1] = s->input[2] = (leray_shape){1, {6}};
    s->settings = (leray_op_settings){{1e-5}, {i == 0 ? 2 : 1}};
    s->low = -1, s->high = 1.5;
}

const leray_op leray_op_row_layer_norm = {"layer_norm", 1, 3, shapes, forward, backward, 3, sample};

leray_status leray_op_layer_norm(leray_tape *tape, leray_tensor *x, leray_tensor *gamma,
                                 leray_tensor *beta, int axis, double eps, leray_tensor **out)
{
    leray_tensor *in[] = {x, gamma, beta};
    leray_op_settings settings = {{eps}, {axis}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_layer_norm, gamma || beta ? 3 : 1, in,
                                &settings, out));
    return LERAY_OK;
}
