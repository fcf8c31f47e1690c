/* tensor/ops/mlp.c - two linear maps of the channels with gelu between, at every point:

     h = w1 x + bias1,  y = w2 gelu(h) + bias2

   x [batch, ci, ..], w1 [ch, ci], w2 [co, ch]. The hidden layer, often the widest of a model,
   lives in tiles of points that stay in cache and is computed again in backward, which is
   cheaper than writing and reading it. Items are runs of tiles of one sample, each with its
   partial sums of the weight gradients, added in the order of the items. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#define TILE 256     /* points: ch = 128 takes 128 KiB per array */
#define ITEM_TILES 8 /* tiles in a run */

typedef struct mlp {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    int batch, ci, ch, co, points, tiles, runs;
    void *partial[4]; /* of w1, bias1, w2, bias2: [items, count] */
    void *local;      /* [threads, local_size] */
    size_t local_size;
} mlp;

static int points_of(const leray_tensor *x)
{
    return (int)(x->count / ((size_t)x->shape[0] * (size_t)x->shape[1]));
}

/* Runs of tiles, over all samples. */
static size_t items_of(const leray_tensor *x)
{
    int tiles = (points_of(x) + TILE - 1) / TILE;

    return (size_t)x->shape[0] * (size_t)((tiles + ITEM_TILES - 1) / ITEM_TILES);
}

/* Reals of one thread: hidden layers and a result. */
static size_t local_size_of(const leray_node *n)
{
    return (size_t)(3 * n->in[1]->shape[0] + n->in[3]->shape[0]) * TILE;
}

/* Bytes for the partial sums of so many items, and the threads. */
static size_t scratch_of(const leray_node *n, size_t items)
{
    size_t real = leray_dtype_size(n->in[0]->dtype);
    size_t size = (size_t)leray_threads() * local_size_of(n) * real;

    for (int i = 0; i < 4; i++) size += items * n->in[1 + i]->count * real + 64;
    return size;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w1 = n->in[1], *w2 = n->in[3];

    LERAY_CHECK(x->ndim >= 2 && leray_is_matrix(w1) && leray_is_matrix(w2) &&
                    w1->shape[1] == x->shape[1] && w2->shape[1] == w1->shape[0],
                LERAY_ERR_ARG, "mlp: needs x [batch, ci, ..], w1 [ch, ci] and w2 [co, ch]");
    LERAY_CHECK(n->in[2]->count == (size_t)w1->shape[0] && n->in[4]->count == (size_t)w2->shape[0],
                LERAY_ERR_ARG, "mlp: %zu and %zu biases for %d and %d channels", n->in[2]->count,
                n->in[4]->count, w1->shape[0], w2->shape[0]);
    *out = leray_shape_of(x);
    out->extent[1] = w2->shape[0];
    n->scratch_size = scratch_of(n, items_of(x));
    return LERAY_OK;
}

static leray_status set_up(mlp *m, leray_node *n, bool backward)
{
    const leray_tensor *x = n->in[0];
    size_t real = leray_dtype_size(x->dtype), items;
    char *p;

    *m = (mlp){.node = n, .k = n->kernels, .dtype = x->dtype, .batch = x->shape[0]};
    m->ci = x->shape[1], m->ch = n->in[1]->shape[0], m->co = n->in[3]->shape[0];
    m->points = points_of(x);
    m->tiles = (m->points + TILE - 1) / TILE;
    m->runs = (m->tiles + ITEM_TILES - 1) / ITEM_TILES;
    items = backward ? items_of(x) : 0;
    m->local_size = local_size_of(n);
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(n, items), &p));
    for (int i = 0; i < 4; i++) m->partial[i] = leray_cut(&p, items * n->in[1 + i]->count * real);
    m->local = p;
    return LERAY_OK;
}

static void *at(const mlp *m, const void *p, size_t i) { return leray_at(m->dtype, p, i); }

static void *local_of(const mlp *m)
{
    return at(m, m->local, (size_t)omp_get_thread_num() * m->local_size);
}

static size_t tile_at(const mlp *m, int b, int tile, int channels, int *size)
{
    int p0 = tile * TILE;

    *size = m->points - p0 < TILE ? m->points - p0 : TILE;
    return (size_t)b * (size_t)channels * (size_t)m->points + (size_t)p0;
}

/* w1 x of a tile, [ch, size], without its bias. */
static int hidden(const mlp *m, size_t x0, int size, void *h)
{
    leray_node *n = m->node;

    return m->k->gemm('N', 'N', m->ch, size, m->ci, 1, n->in[1]->value, m->ci,
                      at(m, n->in[0]->value, x0), m->points, 0, h, size);
}

static int forward_tile(const mlp *m, int b, int tile)
{
    leray_node *n = m->node;
    int size, failed;
    size_t x0 = tile_at(m, b, tile, m->ci, &size), y0 = tile_at(m, b, tile, m->co, &size);
    void *h = local_of(m), *y = at(m, h, (size_t)m->ch * TILE);

    failed = hidden(m, x0, size, h);
    m->k->bias_gelu(m->ch, size, n->in[2]->value, h, size, h, NULL, (size_t)size);
    failed |=
        m->k->gemm('N', 'N', m->co, size, m->ch, 1, n->in[3]->value, m->ch, h, size, 0, y, size);
    m->k->bias(m->co, size, n->in[4]->value, y, size, at(m, n->out->value, y0), (size_t)m->points);
    return failed;
}

static leray_status forward(leray_node *n)
{
    mlp m;
    int failed = 0, items;

    LERAY_TRY(set_up(&m, n, false));
    items = m.batch * m.tiles;
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++)
        failed |= forward_tile(&m, item / m.tiles, item % m.tiles);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* Adds to the partial sums of `item`, or starts them. */
static int backward_tile(const mlp *m, int item, int b, int tile, bool starts, bool adds_x)
{
    leray_node *n = m->node;
    int size, failed;
    size_t x0 = tile_at(m, b, tile, m->ci, &size), y0 = tile_at(m, b, tile, m->co, &size);
    void *h = local_of(m), *slope = at(m, h, (size_t)m->ch * TILE);
    void *gh = at(m, slope, (size_t)m->ch * TILE), *part[4];
    const void *gy = at(m, n->out->grad, y0), *x = at(m, n->in[0]->value, x0);

    for (int i = 0; i < 4; i++) part[i] = at(m, m->partial[i], (size_t)item * n->in[1 + i]->count);
    failed = hidden(m, x0, size, h);
    m->k->bias_gelu(m->ch, size, n->in[2]->value, h, size, h, slope, (size_t)size);
    failed |= m->k->gemm('T', 'N', m->ch, size, m->co, 1, n->in[3]->value, m->ch, gy, m->points, 0,
                         gh, size);
    failed |= m->k->gemm('N', 'T', m->co, m->ch, size, 1, gy, m->points, h, size, !starts, part[2],
                         m->ch);
    m->k->row_sums(m->co, size, gy, m->points, part[3], !starts);
    m->k->multiply((size_t)m->ch * (size_t)size, gh, slope, gh, false);
    m->k->row_sums(m->ch, size, gh, size, part[1], !starts);
    failed |= m->k->gemm('N', 'T', m->ch, m->ci, size, 1, gh, size, x, m->points, !starts, part[0],
                         m->ci);
    if (n->in[0]->grad)
        failed |= m->k->gemm('T', 'N', m->ci, size, m->ch, 1, n->in[1]->value, m->ci, gh, size,
                             adds_x, at(m, n->in[0]->grad, x0), m->points);
    return failed;
}

static leray_status backward(leray_node *n)
{
    mlp m;
    int failed = 0, items;
    bool adds_x = n->in[0]->grad && leray_node_adds(n, 0);

    LERAY_TRY(set_up(&m, n, true));
    items = m.batch * m.runs;
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int first = item % m.runs * ITEM_TILES, last = first + ITEM_TILES;

        for (int tile = first; tile < last && tile < m.tiles; tile++)
            failed |= backward_tile(&m, item, item / m.runs, tile, tile == first, adds_x);
    }
    for (int i = 0; i < 4; i++) leray_add_partials(n, 1 + i, items, m.partial[i]);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* The second sample has several runs of tiles. */
static void sample(int i, leray_op_sample *s)
{
    s->n_inputs = 5;
    s->input[0] = (leray_shape){
        4, {i ? 1 : 2, 2, i ? 47 : 3, i ? 49 : 5}
    };
    s->input[1] = (leray_shape){
        2, {4, 2}
    };
    s->input[2] = (leray_shape){1, {4}};
    s->input[3] = (leray_shape){
        2, {2, 4}
    };
    s->input[4] = (leray_shape){1, {2}};
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_mlp = {"mlp", 5, 5, shapes, forward, backward, 2, sample};

leray_status leray_op_mlp(leray_tape *tape, leray_tensor *x, leray_tensor *w1, leray_tensor *bias1,
                          leray_tensor *w2, leray_tensor *bias2, leray_tensor **out)
{
    leray_tensor *in[] = {x, w1, bias1, w2, bias2};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mlp, 5, in, NULL, out));
    return LERAY_OK;
}
