/* tensor/ops/resize.c - a field on a grid of other extents, by interpolation along every axis.

   Point o of m stands, on the old axis of n points, at

     nearest    floor(o n / m)
     linear     (o + 1/2) n / m - 1/2, kept in [0, n - 1]: cells between edges; PyTorch's
                align_corners=False
     periodic   o n / m, with point n the same as point 0: x_j = j L / n, so that every point of
                the old grid that is on the new one keeps its value

   and where that is between two points they are weighted linearly. settings.integer: the mode,
   then the new extents of the grid. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

/* Where the points of a new axis are taken from: (1 - t) x[low] + t x[high]. */
typedef struct axis {
    int *low, *high; /* [m] */
    double *t;
    int n, m;
} axis;

typedef struct resize {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    axis axes[3];
    int planes;
    size_t points, count; /* of the old and the new grid */
    void *local;          /* [threads, n of the last axis] */
} resize;

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    int mode = n->settings.integer[0];

    LERAY_CHECK(x->ndim >= 3 && x->ndim <= 5, LERAY_ERR_ARG,
                "resize: needs [batch, channels, grid..] with one to three extents of the grid");
    LERAY_CHECK(mode >= LERAY_RESIZE_NEAREST && mode <= LERAY_RESIZE_PERIODIC, LERAY_ERR_ARG,
                "resize: mode %d is not one of nearest, linear, periodic", mode);
    *out = leray_shape_of(x);
    n->scratch_size =
        (size_t)leray_threads() * (size_t)x->shape[x->ndim - 1] * leray_dtype_size(x->dtype) +
        16 * 64;
    for (int d = 2; d < x->ndim; d++) {
        out->extent[d] = n->settings.integer[d - 1];
        LERAY_CHECK(out->extent[d] >= 1, LERAY_ERR_ARG,
                    "resize: extent %d of the grid is %d, not positive", d - 2, out->extent[d]);
        n->scratch_size += (size_t)out->extent[d] * (2 * sizeof(int) + sizeof(double));
    }
    return LERAY_OK;
}

static void fill_axis(axis *a, int mode)
{
    for (int o = 0; o < a->m; o++) {
        double ratio = (double)a->n / a->m, s;

        if (mode == LERAY_RESIZE_NEAREST) {
            a->low[o] = a->high[o] = (int)((long)o * a->n / a->m);
            a->t[o] = 0;
            continue;
        }
        s = mode == LERAY_RESIZE_LINEAR ? (o + 0.5) * ratio - 0.5 : (double)((long)o * a->n) / a->m;
        s = s < 0 ? 0 : s;
        a->low[o] = (int)floor(s);
        a->t[o] = s - a->low[o];
        a->high[o] = a->low[o] + 1;
        if (a->high[o] >= a->n) a->high[o] = mode == LERAY_RESIZE_LINEAR ? a->n - 1 : 0;
    }
}

static leray_status set_up(resize *r, leray_node *n)
{
    const leray_tensor *x = n->in[0];
    int dims = x->ndim - 2;
    char *p;

    *r = (resize){.node = n, .k = n->kernels, .dtype = x->dtype, .points = 1, .count = 1};
    r->planes = x->shape[0] * x->shape[1];
    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &p));
    for (int d = 0; d < 3; d++) {
        axis *a = &r->axes[d];
        int from = d - (3 - dims);

        a->n = from < 0 ? 1 : x->shape[2 + from];
        a->m = from < 0 ? 1 : n->out->shape[2 + from];
        r->points *= (size_t)a->n;
        r->count *= (size_t)a->m;
        a->low = leray_cut(&p, (size_t)a->m * sizeof(int));
        a->high = leray_cut(&p, (size_t)a->m * sizeof(int));
        a->t = leray_cut(&p, (size_t)a->m * sizeof(double));
        fill_axis(a, n->settings.integer[0]);
    }
    r->local = p;
    return LERAY_OK;
}

static void *at(const resize *r, const void *p, size_t i) { return leray_at(r->dtype, p, i); }

/* The up to four rows of the old grid that a new row (o0, o1) lies between, and their weights. */
typedef struct rows {
    int n;
    size_t at[4];
    double weight[4];
} rows;

static rows rows_of(const resize *r, int o0, int o1)
{
    const axis *a = &r->axes[0], *b = &r->axes[1];
    rows s = {0};

    for (int i = 0; i < 4; i++) {
        int j0 = i / 2 ? a->high[o0] : a->low[o0], j1 = i % 2 ? b->high[o1] : b->low[o1];
        double weight = (i / 2 ? a->t[o0] : 1 - a->t[o0]) * (i % 2 ? b->t[o1] : 1 - b->t[o1]);

        if (weight == 0) continue;
        s.at[s.n] = ((size_t)j0 * (size_t)b->n + (size_t)j1) * (size_t)r->axes[2].n;
        s.weight[s.n++] = weight;
    }
    return s;
}

/* One plane: rows are combined first, then interpolated along the last axis; or the reverse. */
static void forward_plane(const resize *r, int plane, void *row)
{
    const void *x = at(r, r->node->in[0]->value, (size_t)plane * r->points);
    void *y = at(r, r->node->out->value, (size_t)plane * r->count);
    const axis *last = &r->axes[2];

    for (int o = 0; o < r->axes[0].m * r->axes[1].m; o++) {
        rows s = rows_of(r, o / r->axes[1].m, o % r->axes[1].m);

        for (int i = 0; i < s.n; i++)
            r->k->scale((size_t)last->n, s.weight[i], at(r, x, s.at[i]), row, i > 0);
        r->k->interpolate(last->m, row, last->low, last->high, last->t,
                          at(r, y, (size_t)o * (size_t)last->m));
    }
}

static void back_plane(const resize *r, int plane, bool adds, void *row)
{
    void *gx = at(r, r->node->in[0]->grad, (size_t)plane * r->points);
    const void *gy = at(r, r->node->out->grad, (size_t)plane * r->count);
    const axis *last = &r->axes[2];

    if (!adds) r->k->fill(r->points, 0, gx, false);
    for (int o = 0; o < r->axes[0].m * r->axes[1].m; o++) {
        rows s = rows_of(r, o / r->axes[1].m, o % r->axes[1].m);

        r->k->fill((size_t)last->n, 0, row, false);
        r->k->interpolate_back(last->m, at(r, gy, (size_t)o * (size_t)last->m), last->low,
                               last->high, last->t, row);
        for (int i = 0; i < s.n; i++)
            r->k->scale((size_t)last->n, s.weight[i], row, at(r, gx, s.at[i]), true);
    }
}

static void *my_row(const resize *r)
{
    return at(r, r->local, (size_t)omp_get_thread_num() * (size_t)r->axes[2].n);
}

static leray_status forward(leray_node *n)
{
    resize r;

    LERAY_TRY(set_up(&r, n));
#pragma omp parallel for schedule(static)
    for (int plane = 0; plane < r.planes; plane++) forward_plane(&r, plane, my_row(&r));
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    resize r;
    bool adds;

    if (!n->in[0]->grad) return LERAY_OK;
    LERAY_TRY(set_up(&r, n));
    adds = leray_node_adds(n, 0);
#pragma omp parallel for schedule(static)
    for (int plane = 0; plane < r.planes; plane++) back_plane(&r, plane, adds, my_row(&r));
    return LERAY_OK;
}

/* Finer and coarser, each mode. */
static void sample(int i, leray_op_sample *s)
{
    static const leray_shape x[] = {
        {4, {2, 2, 3, 4}   },
        {4, {1, 2, 5, 4}   },
        {3, {2, 1, 6}      },
        {5, {1, 2, 2, 3, 4}},
    };
    static const leray_op_settings settings[] = {
        {.integer = {LERAY_RESIZE_NEAREST, 6, 7}},
        {.integer = {LERAY_RESIZE_LINEAR, 3, 9}},
        {.integer = {LERAY_RESIZE_PERIODIC, 10}},
        {.integer = {LERAY_RESIZE_PERIODIC, 4, 2, 5}},
    };

    s->n_inputs = 1;
    s->input[0] = x[i];
    s->settings = settings[i];
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_resize = {"resize", 1, 1, shapes, forward, backward, 4, sample};

leray_status leray_op_resize(leray_tape *tape, leray_tensor *x, leray_resize mode, const int *grid,
                             leray_tensor **out)
{
    leray_op_settings settings = {.integer = {(int)mode}};

    for (int d = 0; d < 3 && d < x->ndim - 2; d++) settings.integer[1 + d] = grid[d];
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_resize, 1, &x, &settings, out));
    return LERAY_OK;
}
