/* tensor/ops/mode_axis.c - dense mixing of coefficients along one axis of the modes, for every
   channel a matrix of its own:

     y[.., o, .., b, c] = sum_i w[i, o, c] x[.., i, .., b, c]

   x is mode-major (ops/modes.c), [m.., batch, channels], w [m_in, m_out, channels]; complex
   x [m.., 2, batch, channels] with w [m_in, m_out, 2, channels], planar as x. The channels being
   last, each is a lane of the vectors: no matrix is gathered, and the kernel `lanes` multiplies
   all channels at once. Forward and the gradient of x are cut into the rows of batch that share
   the other modes; the gradient of w, a sum over all of these, into blocks of its rows and
   channels. */
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

/* Of the gradient of w in one piece. */
#define ROWS 8
#define CHANNELS 16

/* settings: axis, complex. */
typedef struct axis {
    const leray_kernels *kernels;
    leray_dtype dtype;
    int outer, inner, batch, channels, from, to, planes; /* planes: 2 if complex */
    size_t block;                                        /* reals of one mode: planes batch c */
} axis;

static axis axis_of(const leray_node *n)
{
    const leray_tensor *x = n->in[0];
    int along = n->settings.integer[0], planes = n->settings.integer[1] ? 2 : 1;
    int dims = x->ndim - 1 - planes;
    axis a = {.kernels = n->kernels, .dtype = x->dtype, .outer = 1, .inner = 1, .planes = planes};

    a.batch = x->shape[x->ndim - 2], a.channels = x->shape[x->ndim - 1];
    a.from = n->in[1]->shape[0], a.to = n->in[1]->shape[1];
    for (int i = 0; i < dims; i++) {
        if (i < along) a.outer *= x->shape[i];
        if (i > along) a.inner *= x->shape[i];
    }
    a.block = (size_t)planes * (size_t)a.batch * (size_t)a.channels;
    return a;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    int along = n->settings.integer[0], complex = n->settings.integer[1];
    int dims = x->ndim - 2 - complex;

    LERAY_CHECK(dims >= 1 && (!complex || x->shape[dims] == 2), LERAY_ERR_ARG,
                "mode_axis: needs x [m.., %sbatch, channels], not %d extents", complex ? "2, " : "",
                x->ndim);
    LERAY_CHECK(along >= 0 && along < dims, LERAY_ERR_ARG, "mode_axis: axis = %d is not in [0, %d]",
                along, dims - 1);
    LERAY_CHECK(w->ndim == 3 + complex && w->shape[0] == x->shape[along] &&
                    w->shape[w->ndim - 1] == x->shape[x->ndim - 1] &&
                    (!complex || w->shape[2] == 2),
                LERAY_ERR_ARG, "mode_axis: w is not [%d, m_out, %s%d], modes and channels of x",
                x->shape[along], complex ? "2, " : "", x->shape[x->ndim - 1]);
    *out = leray_shape_of(x);
    out->extent[along] = w->shape[1];
    return LERAY_OK;
}

/* Elements: mode (o, i) of an array with m modes along the axis, at inner position j. */
static size_t mode_at(const axis *a, int m, int o, int j)
{
    return ((size_t)o * (size_t)m * (size_t)a->inner + (size_t)j) * a->block;
}

/* y [to, batch, c] = [y +] sign w x in all lanes; `back` takes the transpose of w. p and q are
   the planes of x and y, w that of the weight. */
typedef struct planes {
    int w, x, y, sign;
    bool adds;
} planes;

static void multiply(const axis *a, bool back, const planes *p, const void *w, const void *x,
                     void *y)
{
    size_t c = (size_t)a->channels, plane = (size_t)a->batch * c, pair = (size_t)a->planes * c;
    size_t row = (size_t)a->to * pair, next = (size_t)a->inner * a->block;
    leray_lanes k = {.lanes = a->channels,
                     .rows = back ? a->from : a->to,
                     .columns = a->batch,
                     .depth = back ? a->to : a->from,
                     .sign = p->sign,
                     .adds = p->adds,
                     .a = leray_at(a->dtype, w, (size_t)p->w * c),
                     .b = leray_at(a->dtype, x, (size_t)p->x * plane),
                     .c = leray_at(a->dtype, y, (size_t)p->y * plane),
                     .a_row = back ? row : pair,
                     .a_depth = back ? pair : row,
                     .b_depth = next,
                     .b_column = c,
                     .c_row = next,
                     .c_column = c};

    a->kernels->lanes(&k);
}

/* Rows and channels of the gradient of w. */
typedef struct piece {
    int row, rows, channel, channels;
} piece;

/* A piece of w [from, to, c] of one plane = [w +] sign sum_b x g. */
static void outer(const axis *a, const piece *part, const planes *p, const void *x, const void *g,
                  void *w)
{
    size_t c = (size_t)a->channels, plane = (size_t)a->batch * c, pair = (size_t)a->planes * c;
    size_t next = (size_t)a->inner * a->block, first = (size_t)part->row, l = (size_t)part->channel;
    leray_lanes k = {.lanes = part->channels,
                     .rows = part->rows,
                     .columns = a->to,
                     .depth = a->batch,
                     .sign = p->sign,
                     .adds = p->adds,
                     .a = leray_at(a->dtype, x, (size_t)p->x * plane + l + first * next),
                     .b = leray_at(a->dtype, g, (size_t)p->y * plane + l),
                     .c =
                         leray_at(a->dtype, w, (size_t)p->w * c + l + first * (size_t)a->to * pair),
                     .a_row = next,
                     .a_depth = c,
                     .b_depth = c,
                     .b_column = next,
                     .c_row = (size_t)a->to * pair,
                     .c_column = pair};

    a->kernels->lanes(&k);
}

/* The real products of a complex one. With y = w x: gx = conj(w) gy, gw = conj(x) gy as pairs of
   real derivatives. */
static void multiply_all(const axis *a, bool back, const void *w, const void *x, void *y, bool adds)
{
    int s = back ? 1 : -1;
    planes p[4] = {
        {0, 0, 0, 1,  adds},
        {1, 1, 0, s,  true},
        {0, 1, 1, 1,  adds},
        {1, 0, 1, -s, true}
    };

    if (a->planes == 1) multiply(a, back, &p[0], w, x, y);
    else
        for (int i = 0; i < 4; i++) multiply(a, back, &p[i], w, x, y);
}

static void outer_all(const axis *a, const piece *part, const void *x, const void *g, void *w,
                      bool adds)
{
    planes p[4] = {
        {0, 0, 0, 1,  adds},
        {0, 1, 1, 1,  true},
        {1, 0, 1, 1,  adds},
        {1, 1, 0, -1, true}
    };

    if (a->planes == 1) outer(a, part, &p[0], x, g, w);
    else
        for (int i = 0; i < 4; i++) outer(a, part, &p[i], x, g, w);
}

static void along(const axis *a, bool back, const void *w, const void *x, void *y, bool adds)
{
    int from = back ? a->to : a->from, to = back ? a->from : a->to;

#pragma omp parallel for schedule(static)
    for (int item = 0; item < a->outer * a->inner; item++) {
        int o = item / a->inner, j = item % a->inner;

        multiply_all(a, back, w, leray_at(a->dtype, x, mode_at(a, from, o, j)),
                     leray_at(a->dtype, y, mode_at(a, to, o, j)), adds);
    }
}

static leray_status forward(leray_node *n)
{
    axis a = axis_of(n);

    along(&a, false, n->in[1]->value, n->in[0]->value, n->out->value, false);
    return LERAY_OK;
}

/* The last piece of channels takes what is left, so that none has less than a vector. */
static piece piece_of(const axis *a, int i, int across)
{
    piece p = {.row = i / across * ROWS, .channel = i % across * CHANNELS};

    p.rows = a->from - p.row < ROWS ? a->from - p.row : ROWS;
    p.channels = i % across == across - 1 ? a->channels - p.channel : CHANNELS;
    return p;
}

static void weight_gradient(const axis *a, const void *x, const void *g, void *w, bool adds)
{
    int across = a->channels < CHANNELS ? 1 : a->channels / CHANNELS;
    int pieces = (a->from + ROWS - 1) / ROWS * across;

#pragma omp parallel for schedule(static)
    for (int i = 0; i < pieces; i++) {
        piece part = piece_of(a, i, across);

        for (int item = 0; item < a->outer * a->inner; item++) {
            int o = item / a->inner, j = item % a->inner;

            outer_all(a, &part, leray_at(a->dtype, x, mode_at(a, a->from, o, j)),
                      leray_at(a->dtype, g, mode_at(a, a->to, o, j)), w, adds || item > 0);
        }
    }
}

static leray_status backward(leray_node *n)
{
    leray_tensor *x = n->in[0], *w = n->in[1];
    axis a = axis_of(n);

    if (x->grad) along(&a, true, w->value, n->out->grad, x->grad, leray_node_adds(n, 0));
    if (w->grad) weight_gradient(&a, x->value, n->out->grad, w->grad, leray_node_adds(n, 1));
    return LERAY_OK;
}

/* Channels that fill vectors, that do not, and that are fewer than one. */
static void sample(int i, leray_op_sample *s)
{
    static const struct {
        int dims, m[3], along, to, batch, channels;
        bool complex;
    } t[] = {
        {1, {5},       0, 4, 3, 2,  false},
        {2, {3, 9},    0, 3, 2, 19, false},
        {2, {4, 9},    1, 7, 3, 16, false},
        {3, {2, 3, 2}, 1, 3, 9, 17, false},
        {1, {5},       0, 4, 3, 2,  true },
        {2, {3, 2},    1, 2, 2, 17, true },
        {3, {2, 3, 2}, 0, 2, 2, 8,  true },
    };
    int dims = t[i].dims, complex = t[i].complex, *x = s->input[0].extent, *w = s->input[1].extent;

    s->n_inputs = 2;
    s->input[0].ndim = dims + 2 + complex;
    s->input[1].ndim = 3 + complex;
    for (int d = 0; d < dims; d++) x[d] = t[i].m[d];
    if (complex) x[dims] = w[2] = 2;
    x[dims + complex] = t[i].batch, x[dims + complex + 1] = w[2 + complex] = t[i].channels;
    w[0] = t[i].m[t[i].along], w[1] = t[i].to;
    s->settings.integer[0] = t[i].along;
    s->settings.integer[1] = complex;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_mode_axis = {
    .name = "mode_axis",
    .inputs_min = 2,
    .inputs_max = 2,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 7,
    .sample = sample,
};

leray_status leray_op_mode_axis(leray_tape *tape, leray_tensor *x, leray_tensor *w, int which,
                                bool is_complex, leray_tensor **out)
{
    leray_op_settings settings = {
        .integer = {which, is_complex}
    };
    leray_tensor *in[] = {x, w};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mode_axis, 2, in, &settings, out));
    return LERAY_OK;
}
