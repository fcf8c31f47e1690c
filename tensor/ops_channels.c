/* tensor/ops_channels.c - ops that act on whole channels: affine, concat, coordinates. */
#include "tensor/ops.h"

#include "tensor/ops_common.h"

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

/* y = x factor[c] + shift[c] */
static leray_status affine_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];

    LERAY_TRY(field(n, x));
    for (int i = 1; i < 3; i++)
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

        n->kernels->affine(points, element(n->in[1], c), element(n->in[2], c),
                           leray_at(x->dtype, x->value, first),
                           leray_at(x->dtype, n->out->value, first));
    }
    return LERAY_OK;
}

/* Sums over all samples of channel c: of g x for the factor, of g for the shift. */
static void affine_back_channel(leray_node *n, int c, bool factor, bool adds)
{
    const leray_tensor *x = n->in[0];
    size_t points = points_of(x);
    double total = 0;

    for (int b = 0; b < x->shape[0]; b++) {
        size_t first = ((size_t)b * (size_t)x->shape[1] + (size_t)c) * points;
        const void *g = leray_at(x->dtype, n->out->grad, first);

        total += factor ? n->kernels->dot(points, g, leray_at(x->dtype, x->value, first))
                        : n->kernels->sum(points, g);
    }
    add_element(n->in[factor ? 1 : 2], c, total, adds);
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
            n->kernels->scale(points, element(n->in[1], plane % x->shape[1]),
                              leray_at(x->dtype, n->out->grad, (size_t)plane * points),
                              leray_at(x->dtype, x->grad, (size_t)plane * points), adds);
    }
    for (int i = 1; i < 3; i++) {
        bool adds;

        if (!n->in[i]->grad) continue;
        adds = leray_node_adds(n, i);
#pragma omp parallel for schedule(static)
        for (int c = 0; c < x->shape[1]; c++) affine_back_channel(n, c, i == 1, adds);
    }
    return LERAY_OK;
}

static void affine_sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 3;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->input[1] = s->input[2] = (leray_shape){1, {3}};
    s->low = -1, s->high = 1;
}

/* concat */
static leray_status concat_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *a = n->in[0], *b = n->in[1];
    bool same = a->ndim == b->ndim;

    LERAY_TRY(field(n, a));
    for (int i = 0; same && i < a->ndim; i++) same = i == 1 || a->shape[i] == b->shape[i];
    LERAY_CHECK(same, LERAY_ERR_ARG, "concat: the inputs differ in more than their channels");
    *out = leray_shape_of(a);
    out->extent[1] += b->shape[1];
    return LERAY_OK;
}

/* Moves input i into its place in the output, or that place's gradient back. */
static void concat_move(leray_node *n, int i, bool back, bool adds)
{
    const leray_tensor *x = n->in[i], *y = n->out;
    size_t points = points_of(x), size = (size_t)x->shape[1] * points;
    size_t skip = i ? (size_t)n->in[0]->shape[1] * points : 0;

#pragma omp parallel for schedule(static)
    for (int b = 0; b < x->shape[0]; b++) {
        size_t in = (size_t)b * size, out = (size_t)b * (size_t)y->shape[1] * points + skip;

        if (back)
            n->kernels->scale(size, 1, leray_at(y->dtype, y->grad, out),
                              leray_at(x->dtype, x->grad, in), adds);
        else
            n->kernels->scale(size, 1, leray_at(x->dtype, x->value, in),
                              leray_at(y->dtype, y->value, out), false);
    }
}

static leray_status concat_forward(leray_node *n)
{
    for (int i = 0; i < 2; i++) concat_move(n, i, false, false);
    return LERAY_OK;
}

static leray_status concat_backward(leray_node *n)
{
    for (int i = 0; i < 2; i++)
        if (n->in[i]->grad) concat_move(n, i, true, leray_node_adds(n, i));
    return LERAY_OK;
}

static void concat_sample(int i, leray_op_sample *s)
{
    (void)i;
    s->n_inputs = 2;
    s->input[0] = (leray_shape){
        4, {2, 3, 3, 5}
    };
    s->input[1] = (leray_shape){
        4, {2, 1, 3, 5}
    };
    s->low = -1, s->high = 1;
}

/* coordinates: its input gives only the shape, so nothing flows back. */
static leray_status coordinates_shapes(leray_node *n, leray_shape *out)
{
    LERAY_CHECK(n->in[0]->ndim == 4, LERAY_ERR_ARG, "coordinates: needs [batch, channels, ny, nx]");
    *out = leray_shape_of(n->in[0]);
    out->extent[1] = 2;
    return LERAY_OK;
}

static leray_status coordinates_forward(leray_node *n)
{
    const leray_tensor *y = n->out;
    int ny = y->shape[2], nx = y->shape[3];

#pragma omp parallel for schedule(static)
    for (int b = 0; b < y->shape[0]; b++)
        for (int i = 0; i < 2 * ny * nx; i++) {
            int row = i / nx % ny, column = i % nx;
            double x = i < ny * nx ? (double)column / nx : (double)row / ny;
            void *at =
                leray_at(y->dtype, y->value, (size_t)b * 2 * (size_t)ny * (size_t)nx + (size_t)i);

            n->kernels->fill(1, x, at, false);
        }
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
    (void)i;
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {2, 1, 3, 4}
    };
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_affine = {
    "affine", 3, 3, affine_shapes, affine_forward, affine_backward, 1, affine_sample};
const leray_op leray_op_row_concat = {
    "concat", 2, 2, concat_shapes, concat_forward, concat_backward, 1, concat_sample};
const leray_op leray_op_row_coordinates = {
    "coordinates",     1, 1, coordinates_shapes, coordinates_forward, coordinates_backward, 1,
    coordinates_sample};

leray_status leray_op_affine(leray_tape *tape, leray_tensor *x, leray_tensor *factor,
                             leray_tensor *shift, leray_tensor **out)
{
    leray_tensor *in[] = {x, factor, shift};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_affine, 3, in, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_concat(leray_tape *tape, leray_tensor *a, leray_tensor *b, leray_tensor **out)
{
    leray_tensor *in[] = {a, b};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_concat, 2, in, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_coordinates(leray_tape *tape, leray_tensor *like, leray_tensor **out)
{
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_coordinates, 1, &like, NULL, out));
    return LERAY_OK;
}
