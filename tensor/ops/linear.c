/* tensor/ops/linear.c - a linear map of the channels at every point (a 1 x 1 convolution):

     y[b, o, p] = f(sum_i w[o, i] x[b, i, p] + bias[o] + add[b, o, p]),  f = gelu or identity.

   Inputs: x, w [co, ci], bias [co] and perhaps add (as y); settings.integer[0]: gelu. Work goes
   in tiles of points that stay in cache; where f is gelu its slope is kept, and the gradient of its
   argument takes that place in backward. Partial sums of weight gradients are added in the order of tiles. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#define TILE 512 /* points */

typedef struct map {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    int batch, ci, co, points, tiles;
    void *partial_w, *partial_bias, *local;
} map;

static int points_of(const leray_tensor *x)
{
    return (int)(x->count / ((size_t)x->shape[0] * (size_t)x->shape[1]));
}

static size_t items_of(const leray_tensor *x)
{
    return (size_t)x->shape[0] * (size_t)((points_of(x) + TILE - 1) / TILE);
}

/* Bytes for the partial sums of so many items, and a tile for each thread. */
static size_t scratch_of(const leray_node *n, size_t items)
{
    const leray_tensor *w = n->in[1];
    size_t co = (size_t)w->shape[0], local = (size_t)leray_threads() * co * TILE;

    return leray_dtype_size(w->dtype) * (items * (w->count + co) + local) + 3 * 64;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];

    LERAY_CHECK(x->ndim >= 2 && leray_is_matrix(w) && w->shape[1] == x->shape[1], LERAY_ERR_ARG,
                "linear: needs x [batch, ci, ..] and w [co, ci] with ci = %d",
                x->ndim >= 2 ? x->shape[1] : 0);
    LERAY_CHECK(n->in[2]->count == (size_t)w->shape[0], LERAY_ERR_ARG,
                "linear: %zu biases for %d channels", n->in[2]->count, w->shape[0]);
    *out = leray_shape_of(x);
    out->extent[1] = w->shape[0];
    if (n->n_inputs == 4) {
        bool same = n->in[3]->ndim == out->ndim;

        for (int i = 0; same && i < out->ndim; i++) same = n->in[3]->shape[i] == out->extent[i];
        LERAY_CHECK(same, LERAY_ERR_ARG, "linear: what is added has another shape");
    }
    if (n->settings.integer[0])
        n->saved_size =
            x->count / (size_t)x->shape[1] * (size_t)w->shape[0] * leray_dtype_size(x->dtype);
    n->scratch_size = scratch_of(n, items_of(x));
    return LERAY_OK;
}

static leray_status set_up(map *m, leray_node *n, bool backward)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    size_t real = leray_dtype_size(x->dtype), items;
    char *p;

    *m = (map){.node = n, .k = n->kernels, .dtype = x->dtype, .batch = x->shape[0]};
    m->ci = x->shape[1], m->co = w->shape[0];
    m->points = points_of(x);
    m->tiles = (m->points + TILE - 1) / TILE;
    items = backward ? items_of(x) : 0;
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(n, items), &p));
    m->partial_w = leray_cut(&p, items * w->count * real);
    m->partial_bias = leray_cut(&p, items * (size_t)m->co * real);
    m->local = p;
    return LERAY_OK;
}

static void *at(const map *m, const void *p, size_t i) { return leray_at(m->dtype, p, i); }

/* The first point of a tile in a field with so many channels, and the tile's size. */
static size_t tile_at(const map *m, int item, int channels, int *size)
{
    int p0 = item % m->tiles * TILE;

    *size = m->points - p0 < TILE ? m->points - p0 : TILE;
    return (size_t)(item / m->tiles) * (size_t)channels * (size_t)m->points + (size_t)p0;
}

static int forward_tile(const map *m, int item)
{
    leray_node *n = m->node;
    int size, gelu = n->settings.integer[0], failed;
    size_t x0 = tile_at(m, item, m->ci, &size), y0 = tile_at(m, item, m->co, &size);
    size_t points = (size_t)m->points;
    void *t = at(m, m->local, (size_t)omp_get_thread_num() * (size_t)m->co * TILE);
    void *y = at(m, n->out->value, y0), *slope = n->saved ? at(m, n->saved, y0) : NULL;

    if (n->n_inputs == 4)
        for (int o = 0; o < m->co; o++)
            m->k->scale((size_t)size, 1, at(m, n->in[3]->value, y0 + (size_t)o * points),
                        at(m, t, (size_t)o * (size_t)size), false);
    failed = m->k->gemm('N', 'N', m->co, size, m->ci, 1, n->in[1]->value, m->ci,
                        at(m, n->in[0]->value, x0), m->points, n->n_inputs == 4, t, size);
    if (gelu) m->k->bias_gelu(m->co, size, n->in[2]->value, t, size, y, slope, points);
    else m->k->bias(m->co, size, n->in[2]->value, t, size, y, points);
    return failed;
}

static leray_status forward(leray_node *n)
{
    map m;
    int failed = 0, items;

    LERAY_TRY(set_up(&m, n, false));
    items = m.batch * m.tiles;
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) failed |= forward_tile(&m, item);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static int backward_tile(const map *m, int item, const void *gz, bool adds_x, bool adds_add)
{
    leray_node *n = m->node;
    int size, failed;
    size_t x0 = tile_at(m, item, m->ci, &size), y0 = tile_at(m, item, m->co, &size);
    size_t weights = (size_t)m->co * (size_t)m->ci;
    void *g = at(m, gz, y0);

    for (int o = 0; o < m->co; o++) {
        size_t row = (size_t)o * (size_t)m->points;

        if (n->settings.integer[0])
            m->k->multiply((size_t)size, at(m, n->out->grad, y0 + row), at(m, g, row),
                           at(m, g, row), false);
        if (n->n_inputs == 4 && n->in[3]->grad)
            m->k->scale((size_t)size, 1, at(m, g, row), at(m, n->in[3]->grad, y0 + row), adds_add);
    }
    m->k->row_sums(m->co, size, g, m->points, at(m, m->partial_bias, (size_t)item * (size_t)m->co),
                   false);
    failed = m->k->gemm('N', 'T', m->co, m->ci, size, 1, g, m->points, at(m, n->in[0]->value, x0),
                        m->points, 0, at(m, m->partial_w, (size_t)item * weights), m->ci);
    if (n->in[0]->grad)
        failed |= m->k->gemm('T', 'N', m->ci, size, m->co, 1, n->in[1]->value, m->ci, g, m->points,
                             adds_x, at(m, n->in[0]->grad, x0), m->points);
    return failed;
}

static leray_status backward(leray_node *n)
{
    map m;
    int failed = 0, items;
    void *gz = n->settings.integer[0] ? n->saved : n->out->grad;
    bool adds_x = n->in[0]->grad && leray_node_adds(n, 0);
    bool adds_add = n->n_inputs == 4 && n->in[3]->grad && leray_node_adds(n, 3);

    LERAY_TRY(set_up(&m, n, true));
    items = m.batch * m.tiles;
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++)
        failed |= backward_tile(&m, item, gz, adds_x, adds_add);
    leray_add_partials(n, 1, items, m.partial_w);
    leray_add_partials(n, 2, items, m.partial_bias);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static void sample(int i, leray_op_sample *s)
{
    s->n_inputs = i < 2 ? 3 : 4;
    s->input[0] = (leray_shape){
        4, {2, 3, 4, 5}
    };
    s->input[1] = (leray_shape){
        2, {2, 3}
    };
    s->input[2] = (leray_shape){1, {2}};
    s->input[3] = (leray_shape){
        4, {2, 2, 4, 5}
    };
    if (i == 3) s->input[0].extent[3] = s->input[3].extent[3] = 143; /* more than a tile */
    s->settings.integer[0] = i % 2;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_linear = {"linear", 3, 4, shapes, forward, backward, 4, sample};

leray_status leray_op_linear(leray_tape *tape, leray_tensor *x, leray_tensor *w, leray_tensor *bias,
                             leray_tensor *add, bool gelu, leray_tensor **out)
{
    leray_tensor *in[] = {x, w, bias, add};
    leray_op_settings settings = {.integer = {gelu}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_linear, add ? 4 : 3, in, &settings, out));
    return LERAY_OK;
}
