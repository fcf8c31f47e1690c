/* tensor/ops/pool.c - the largest or the mean of every window of a grid, channel by channel:

     y[b, c, o] = max or mean over j of x[b, c, o stride + j],  0 <= j < kernel per axis.

   settings.integer: kernel [3], stride [3], per axis of the grid, slowest first. Windows that do
   not fit at the end are left out. A tile of windows becomes columns (tensor/algorithms/conv.h says how); the
   maximum keeps which element it was, the first of equals, and its gradient goes there. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#define TILE 512 /* windows */

typedef struct pool {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    leray_conv_windows w;
    int elements, count, tiles, planes;
    size_t points;
    void *local; /* [threads, elements, TILE] */
} pool;

static pool pool_of(leray_node *n, const int *result)
{
    const leray_tensor *x = n->in[0];
    int dims = x->ndim - 2;
    pool p = {.node = n, .k = n->kernels, .dtype = x->dtype, .elements = 1, .count = 1};

    for (int d = 0; d < 3; d++) {
        int from = d - (3 - dims);

        p.w.grid[d] = from < 0 ? 1 : x->shape[2 + from];
        p.w.windows[d] = from < 0 ? 1 : result[2 + from];
        p.w.kernel[d] = from < 0 ? 1 : n->settings.integer[from];
        p.w.stride[d] = from < 0 ? 1 : n->settings.integer[3 + from];
        p.w.dilation[d] = 1;
        p.elements *= p.w.kernel[d];
        p.count *= p.w.windows[d];
    }
    p.tiles = (p.count + TILE - 1) / TILE;
    p.planes = x->shape[0] * x->shape[1];
    p.points = x->count / (size_t)p.planes;
    return p;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_CHECK(x->ndim >= 3 && x->ndim <= 5, LERAY_ERR_ARG,
                "%s: needs [batch, channels, grid..] with one to three extents of the grid",
                n->op->name);
    *out = leray_shape_of(x);
    n->scratch_size = (size_t)leray_threads() * TILE * leray_dtype_size(x->dtype);
    for (int d = 0; d < x->ndim - 2; d++) {
        int kernel = n->settings.integer[d], stride = n->settings.integer[3 + d];

        LERAY_CHECK(kernel >= 1 && stride >= 1 && kernel <= x->shape[2 + d], LERAY_ERR_ARG,
                    "%s: axis %d of %d points: kernel %d (stride %d) is not in [1, %d]",
                    n->op->name, d, x->shape[2 + d], kernel, stride, x->shape[2 + d]);
        out->extent[2 + d] = (x->shape[2 + d] - kernel) / stride + 1;
        n->scratch_size *= (size_t)kernel;
    }
    return LERAY_OK;
}

static leray_status max_shapes(leray_node *n, leray_shape *out)
{
    LERAY_TRY(shapes(n, out));
    n->saved_size = sizeof(int);
    for (int d = 0; d < out->ndim; d++) n->saved_size *= (size_t)out->extent[d];
    return LERAY_OK;
}

static leray_status set_up(pool *p, leray_node *n)
{
    *p = pool_of(n, n->out->shape);
    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &p->local));
    return LERAY_OK;
}

static void *my_local(const pool *p)
{
    return leray_at(p->dtype, p->local, (size_t)omp_get_thread_num() * (size_t)p->elements * TILE);
}

static void *at(const pool *p, const void *field, size_t i) { return leray_at(p->dtype, field, i); }

/* A tile of the plane i: its first window, and where that is in the result. */
static int tile_at(const pool *p, int i, int tile, int *first, size_t *to)
{
    *first = tile * TILE;
    *to = (size_t)i * (size_t)p->count + (size_t)*first;
    return p->count - *first < TILE ? p->count - *first : TILE;
}

static void mean_rows(const pool *p, int size, const void *columns, void *y)
{
    for (int j = 0; j < p->elements; j++)
        p->k->scale((size_t)size, 1. / p->elements, at(p, columns, (size_t)j * TILE), y, j > 0);
}

static leray_status forward_of(leray_node *n, bool max)
{
    pool p;

    LERAY_TRY(set_up(&p, n));
#pragma omp parallel for schedule(static)
    for (int item = 0; item < p.planes * p.tiles; item++) {
        size_t to;
        int i = item / p.tiles, first, size = tile_at(&p, i, item % p.tiles, &first, &to);
        void *columns = my_local(&p), *y = at(&p, n->out->value, to);

        p.k->gather(&p.w, 1, at(&p, n->in[0]->value, (size_t)i * p.points), (size_t)first, size,
                    columns, TILE);
        if (max)
            p.k->largest(p.elements, size, columns, TILE, y,
                         n->saved ? (int *)n->saved + to : NULL);
        else mean_rows(&p, size, columns, y);
    }
    return LERAY_OK;
}

static void back_tile(const pool *p, int i, int tile, bool max, void *columns)
{
    leray_node *n = p->node;
    size_t to;
    int first, size = tile_at(p, i, tile, &first, &to);
    const void *g = at(p, n->out->grad, to);

    if (max) p->k->largest_back(p->elements, size, (int *)n->saved + to, g, columns, TILE);
    else
        for (int j = 0; j < p->elements; j++)
            p->k->scale((size_t)size, 1. / p->elements, g, at(p, columns, (size_t)j * TILE), false);
    p->k->scatter(&p->w, 1, columns, TILE, (size_t)first, size,
                  at(p, n->in[0]->grad, (size_t)i * p->points));
}

static leray_status backward_of(leray_node *n, bool max)
{
    pool p;
    bool adds;

    if (!n->in[0]->grad) return LERAY_OK;
    LERAY_TRY(set_up(&p, n));
    adds = leray_node_adds(n, 0);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < p.planes; i++) {
        if (!adds) p.k->fill(p.points, 0, at(&p, n->in[0]->grad, (size_t)i * p.points), false);
        for (int tile = 0; tile < p.tiles; tile++) back_tile(&p, i, tile, max, my_local(&p));
    }
    return LERAY_OK;
}

static leray_status max_forward(leray_node *n) { return forward_of(n, true); }
static leray_status max_backward(leray_node *n) { return backward_of(n, true); }
static leray_status mean_forward(leray_node *n) { return forward_of(n, false); }
static leray_status mean_backward(leray_node *n) { return backward_of(n, false); }

/* Windows that tile the grid, overlap, leave a rest; more than one tile of them. */
static void sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {4, {2, 2, 4, 6}   },
        {3, {2, 3, 8}      },
        {5, {1, 2, 3, 4, 5}},
        {4, {1, 1, 25, 27} },
    };
    static const leray_op_settings settings[] = {
        {.integer = {2, 2, 0, 2, 2, 0}},
        {.integer = {3, 0, 0, 2, 0, 0}},
        {.integer = {2, 2, 2, 1, 2, 2}},
        {.integer = {2, 3, 0, 1, 1, 0}},
    };

    s->n_inputs = 1;
    s->input[0] = x[i];
    s->settings = settings[i];
    s->low = -1000, s->high = 1000; /* no two nearly equal */
}

const leray_op leray_op_row_max_pool = {"max_pool",   1, 1,     max_shapes, max_forward,
                                        max_backward, 4, sample};
const leray_op leray_op_row_mean_pool = {"mean_pool",   1, 1,     shapes, mean_forward,
                                         mean_backward, 4, sample};

static leray_status record(leray_tape *tape, const leray_op *op, leray_tensor *x, const int *kernel,
                           const int *stride, leray_tensor **out)
{
    leray_op_settings settings = {.integer = {0}};

    for (int d = 0; d < 3 && d < x->ndim - 2; d++) {
        settings.integer[d] = kernel[d];
        settings.integer[3 + d] = stride[d];
    }
    LERAY_TRY(leray_tape_record(tape, op, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_max_pool(leray_tape *tape, leray_tensor *x, const int *kernel,
                               const int *stride, leray_tensor **out)
{
    return record(tape, &leray_op_row_max_pool, x, kernel, stride, out);
}

leray_status leray_op_mean_pool(leray_tape *tape, leray_tensor *x, const int *kernel,
                                const int *stride, leray_tensor **out)
{
    return record(tape, &leray_op_row_mean_pool, x, kernel, stride, out);
}
