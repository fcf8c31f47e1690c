/* tensor/ops/channels.c - ops that act on whole channels: affine, coordinates. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

static leray_status field(const leray_node *n, const leray_tensor *x)
{
    LERAY_CHECK(x->ndim >= 2, LERAY_ERR_ARG, "%s: needs [batch, channels, ..]", n->op->name);
    return LERAY_OK;
}

static size_t points_of(const leray_tensor *x)
{
    return x->count / ((size_t)x->shape[0] * (size_t)x->shape[1]);
}

static double element(const leray_tensor *t, int i)
{
    return t->dtype == LERAY_F32 ? (double)((const float *)t->value)[i]
                                 : ((const double *)t->value)[i];
}

static void add_element(leray_tensor *t, int i, double x, bool adds)
{
    if (t->dtype == LERAY_F32)
        ((float *)t->grad)[i] = (float)(adds ? (double)((float *)t->grad)[i] + x : x);
    else ((double *)t->grad)[i] = adds ? ((double *)t->grad)[i] + x : x;
}

/* y = x factor[c] + shift[c]; without one of them integer[0] is which of the two is there. */
enum { BOTH, FACTOR, SHIFT };

static double factor_of(const leray_node *n, int c)
{
    return n->settings.integer[0] == SHIFT ? 1 : element(n->in[1], c);
}

static double shift_of(const leray_node *n, int c)
{
    return n->settings.integer[0] == FACTOR ? 0 : element(n->in[n->n_inputs - 1], c);
}

static leray_status affine_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_TRY(field(n, x));
    for (int i = 1; i < n->n_inputs; i++)
        LERAY_CHECK(n->in[i]->count == (size_t)x->shape[1], LERAY_ERR_ARG,
                    "affine: %zu numbers for %d channels", n->in[i]->count, x->shape[1]);
    *out = leray_shape_of(x);
    return LERAY_OK;
}

static leray_status affine_forward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    size_t points = points_of(x);
    int planes = x->shape[0] * x->shape[1];

#pragma omp parallel for schedule(static)
    for (int plane = 0; plane < planes; plane++) {
        int c = plane % x->shape[1];
        size_t first = (size_t)plane * points;

        n->kernels->affine(points, factor_of(n, c), shift_of(n, c),
                           leray_at(x->dtype, x->value, first),
                           leray_at(x->dtype, n->out->value, first));
    }
    return LERAY_OK;
}

/* Sums over all samples of channel c: of g x for the factor, of g for the shift. */
static void affine_back_channel(leray_node *n, int c, int i, bool adds)
{
    const leray_tensor *x = n->in[0];
    bool factor = i == 1 && n->settings.integer[0] != SHIFT;
    size_t points = points_of(x);
    double total = 0;

    for (int b = 0; b < x->shape[0]; b++) {
        size_t first = ((size_t)b * (size_t)x->shape[1] + (size_t)c) * points;
        const void *g = leray_at(x->dtype, n->out->grad, first);

        total += factor ? n->kernels->dot(points, g, leray_at(x->dtype, x->value, first))
                        : n->kernels->sum(points, g);
    }
    add_element(n->in[i], c, total, adds);
}

static leray_status affine_backward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    size_t points = points_of(x);
    int planes = x->shape[0] * x->shape[1];

    if (x->grad) {
        bool adds = leray_node_adds(n, 0);

#pragma omp parallel for schedule(static)
        for (int plane = 0; plane < planes; plane++)
            n->kernels->scale(points, factor_of(n, plane % x->shape[1]),
                              leray_at(x->dtype, n->out->grad, (size_t)plane * points),
                              leray_at(x->dtype, x->grad, (size_t)plane * points), adds);
    }
    for (int i = 1; i < n->n_inputs; i++) {
        bool adds;

        if (!n->in[i]->grad) continue;
        adds = leray_node_adds(n, i);
#pragma omp parallel for schedule(static)
        for (int c = 0; c < x->shape[1]; c++) affine_back_channel(n, c, i, adds);
    }
    return LERAY_OK;
}

static void affine_sample(int i, leray_op_sample *s)
{
    s->n_inputs = i == BOTH ? 3 : 2;
    s->settings.integer[0] = i;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->input[1] = s->input[2] = (leray_shape){1, {3}};
    s->low = -1, s->high = 1;
}

/* add_mean: y = x, and y[b, c, 0] += real[0] shift[c] */
static leray_status add_mean_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_TRY(field(n, x));
    LERAY_CHECK(n->in[1]->count == (size_t)x->shape[1], LERAY_ERR_ARG,
                "add_mean: %zu numbers for %d channels", n->in[1]->count, x->shape[1]);
    *out = leray_shape_of(x);
    return LERAY_OK;
}

static leray_status add_mean_forward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    int planes = x->shape[0] * x->shape[1];
    size_t points = points_of(x);

    n->kernels->scale(x->count, 1, x->value, n->out->value, false);
    for (int plane = 0; plane < planes; plane++)
        n->kernels->fill(1, n->settings.real[0] * element(n->in[1], plane % x->shape[1]),
                         leray_at(x->dtype, n->out->value, (size_t)plane * points), true);
    return LERAY_OK;
}

static leray_status add_mean_backward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    size_t points = points_of(x);

    if (x->grad) n->kernels->scale(x->count, 1, n->out->grad, x->grad, leray_node_adds(n, 0));
    if (!n->in[1]->grad) return LERAY_OK;
    if (!leray_node_adds(n, 1)) n->kernels->fill(n->in[1]->count, 0, n->in[1]->grad, false);
    for (int plane = 0; plane < x->shape[0] * x->shape[1]; plane++)
        n->kernels->scale(1, n->settings.real[0],
                          leray_at(x->dtype, n->out->grad, (size_t)plane * points),
                          leray_at(x->dtype, n->in[1]->grad, (size_t)(plane % x->shape[1])), true);
    return LERAY_OK;
}

static void add_mean_sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 2;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->input[1] = (leray_shape){1, {3}};
    s->settings.real[0] = 3.5;
    s->low = -1, s->high = 1;
}

/* coordinates: its input gives only the shape, so nothing flows back. */
static leray_status coordinates_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_CHECK(x->ndim >= 3 && x->ndim <= 5, LERAY_ERR_ARG,
                "coordinates: needs [batch, channels, grid..] in one to three dimensions");
    *out = leray_shape_of(x);
    out->extent[1] = x->ndim - 2;
    return LERAY_OK;
}

/* One channel: the coordinate along `axis`, for points whose index advances by 1 every `inner`. */
static void coordinate(leray_node *n, int axis, size_t points, void *p)
{
    int extent = n->out->shape[2 + axis];
    size_t inner = 1;

    for (int a = 3 + axis; a < n->out->ndim; a++) inner *= (size_t)n->out->shape[a];
    for (size_t i = 0; i < points; i += inner)
        n->kernels->fill(inner, (double)(i / inner % (size_t)extent) / extent,
                         leray_at(n->out->dtype, p, i), false);
}

static leray_status coordinates_forward(leray_node *n)
{
    const leray_tensor *y = n->out;
    int ndim = y->ndim - 2;
    size_t points = points_of(y);

#pragma omp parallel for schedule(static)
    for (int b = 0; b < y->shape[0]; b++)
        for (int c = 0; c < ndim; c++)
            coordinate(n, ndim - 1 - c, points,
                       leray_at(y->dtype, y->value, (size_t)(b * ndim + c) * points));
    return LERAY_OK;
}

static leray_status coordinates_backward(leray_node *n)
{
    if (n->in[0]->grad && !leray_node_adds(n, 0))
        n->kernels->fill(n->in[0]->count, 0, n->in[0]->grad, false);
    return LERAY_OK;
}

static void coordinates_sample(int i, leray_op_sample *s)
{
    static const leray_shape shapes[] = {
        {4, {2, 1, 3, 4}   },
        {3, {2, 2, 5}      },
        {5, {1, 1, 2, 3, 4}},
    };

    s->n_inputs = 1;
    s->input[0] = shapes[i];
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_affine = {
    "affine", 2, 3, affine_shapes, affine_forward, affine_backward, 3, affine_sample};
const leray_op leray_op_row_add_mean = {
    "add_mean", 2, 2, add_mean_shapes, add_mean_forward, add_mean_backward, 1, add_mean_sample};
const leray_op leray_op_row_coordinates = {
    "coordinates",     1, 1, coordinates_shapes, coordinates_forward, coordinates_backward, 3,
    coordinates_sample};

leray_status leray_op_affine(leray_tape *tape, leray_tensor *x, leray_tensor *factor,
                             leray_tensor *shift, leray_tensor **out)
{
    leray_tensor *in[] = {x, factor ? factor : shift, shift};
    leray_op_settings settings = {.integer = {!shift ? FACTOR : !factor ? SHIFT : BOTH}};

    LERAY_TRY(
        leray_tape_record(tape, &leray_op_row_affine, factor && shift ? 3 : 2, in, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_add_mean(leray_tape *tape, leray_tensor *x, leray_tensor *shift, double root,
                               leray_tensor **out)
{
    leray_tensor *in[] = {x, shift};
    leray_op_settings settings = {.real = {root}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_add_mean, 2, in, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_coordinates(leray_tape *tape, leray_tensor *like, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_coordinates, 1, &like, NULL, out));
    return LERAY_OK;
}
