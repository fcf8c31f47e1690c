/* tensor/ops/dct.c - cosine transforms that keep the low modes.

     dct    x_hat[k] = sum_j prod_axis s_k cos(pi (2 j + 1) k / (2 n)) x[j],  k < m per axis
     idct   x[j]     = sum_k prod_axis s_k cos(pi (2 j + 1) k / (2 n)) x_hat[k]

   with s_0 = sqrt(1 / n), else sqrt(2 / n): DCT-II and DCT-III of the spectrum that is zero
   elsewhere, norm = "ortho". x [batch, channels, n..], x_hat [batch, channels, m..], one to three
   dimensions. The rows of the matrix are orthonormal, so that each is the adjoint of the other.
   Products along the axes, last axis first (tensor/algorithms/axis.h). */
#include "tensor/algorithms/axis.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#include <math.h>

/* key: modes, points. */
static double entry(const int key[4], int k, int j)
{
    double n = key[1];

    return sqrt((k ? 2 : 1) / n) * leray_cosine(2 * j + 1, k, 4LL * key[1]);
}

static void fill(leray_dtype dtype, const int key[4], void *p)
{
    leray_axis_map_fill(dtype, key, p, entry);
}

/* `from` are points and the settings modes, or the reverse. */
static leray_status plan(leray_separable *s, const leray_node *n, bool inverse)
{
    const leray_tensor *x = n->in[0];
    int dims = x->ndim - 2;

    LERAY_CHECK(dims >= 1 && dims <= LERAY_AXES, LERAY_ERR_ARG,
                "%s: needs [batch, channels, ..] of 1 to 3 dimensions, not %d", n->op->name, dims);
    *s = (leray_separable){.dtype = x->dtype, .dims = dims};
    for (int i = 0; i < dims; i++) {
        s->n[i] = inverse ? n->settings.integer[i] : x->shape[2 + i];
        s->m[i] = inverse ? x->shape[2 + i] : n->settings.integer[i];
        LERAY_CHECK(s->m[i] >= 1 && s->m[i] <= s->n[i], LERAY_ERR_ARG,
                    "%s: modes = %d on axis %d are not in [1, %d], its points", n->op->name,
                    s->m[i], i, s->n[i]);
    }
    return LERAY_OK;
}

static leray_status shapes_of(leray_node *n, bool inverse, leray_shape *out)
{
    leray_separable s;

    LERAY_TRY(plan(&s, n, inverse));
    *out = leray_shape_of(n->in[0]);
    for (int i = 0; i < s.dims; i++) out->extent[2 + i] = inverse ? s.n[i] : s.m[i];
    n->scratch_size = leray_separable_scratch(&s);
    return LERAY_OK;
}

static leray_status run(leray_node *n, bool inverse, bool adjoint, const void *x, void *y,
                        bool adds)
{
    static const char kind[] = "dct";
    leray_separable s;
    void *scratch;

    LERAY_TRY(plan(&s, n, inverse));
    for (int i = 0; i < s.dims; i++)
        LERAY_TRY(leray_axis_map_table(n->tape, kind, (int[4]){s.m[i], s.n[i]}, fill, &s.table[i]));
    LERAY_TRY(leray_tape_scratch(n->tape, leray_separable_scratch(&s), &scratch));
    LERAY_TRY(leray_separable_images(&s, n->in[0]->shape[0] * n->in[0]->shape[1], adjoint, x,
                                     scratch, y, adds));
    return LERAY_OK;
}

static leray_status dct_shapes(leray_node *n, leray_shape *out)
{
    LERAY_TRY(shapes_of(n, false, out));
    return LERAY_OK;
}

static leray_status dct_forward(leray_node *n)
{
    LERAY_TRY(run(n, false, false, n->in[0]->value, n->out->value, false));
    return LERAY_OK;
}

static leray_status dct_backward(leray_node *n)
{
    LERAY_TRY(run(n, false, true, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

static leray_status idct_shapes(leray_node *n, leray_shape *out)
{
    LERAY_TRY(shapes_of(n, true, out));
    return LERAY_OK;
}

static leray_status idct_forward(leray_node *n)
{
    LERAY_TRY(run(n, true, true, n->in[0]->value, n->out->value, false));
    return LERAY_OK;
}

static leray_status idct_backward(leray_node *n)
{
    LERAY_TRY(run(n, true, false, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

/* Odd and even extents, few modes and all of them, in one to three dimensions. */
static const struct {
    int dims, n[3], m[3];
} samples[] = {
    {1, {7},       {7}      },
    {1, {8},       {3}      },
    {2, {6, 5},    {4, 5}   },
    {3, {4, 3, 6}, {2, 3, 4}},
};

static void sample_of(int i, bool inverse, leray_op_sample *s)
{
    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        samples[i].dims + 2, {2, 3}
    };
    for (int d = 0; d < samples[i].dims; d++) {
        s->input[0].extent[2 + d] = inverse ? samples[i].m[d] : samples[i].n[d];
        s->settings.integer[d] = inverse ? samples[i].n[d] : samples[i].m[d];
    }
    s->low = -1, s->high = 1;
}

static void dct_sample(int i, leray_op_sample *s) { sample_of(i, false, s); }
static void idct_sample(int i, leray_op_sample *s) { sample_of(i, true, s); }

const leray_op leray_op_row_dct = {
    .name = "dct",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = dct_shapes,
    .forward = dct_forward,
    .backward = dct_backward,
    .n_samples = 4,
    .sample = dct_sample,
};

const leray_op leray_op_row_idct = {
    .name = "idct",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = idct_shapes,
    .forward = idct_forward,
    .backward = idct_backward,
    .n_samples = 4,
    .sample = idct_sample,
};

static leray_status record(leray_tape *tape, const leray_op *op, leray_tensor *x,
                           const int *extents, leray_tensor **out)
{
    leray_op_settings settings = {{0}, {0}};

    for (int i = 0; i < x->ndim - 2 && i < LERAY_AXES; i++) settings.integer[i] = extents[i];
    LERAY_TRY(leray_tape_record(tape, op, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_dct(leray_tape *tape, leray_tensor *x, const int *modes, leray_tensor **out)
{
    LERAY_TRY(record(tape, &leray_op_row_dct, x, modes, out));
    return LERAY_OK;
}

leray_status leray_op_idct(leray_tape *tape, leray_tensor *x_hat, const int *grid,
                           leray_tensor **out)
{
    LERAY_TRY(record(tape, &leray_op_row_idct, x_hat, grid, out));
    return LERAY_OK;
}
