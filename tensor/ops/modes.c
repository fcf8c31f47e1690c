/* tensor/ops/modes.c - coefficients mode by mode: their layout, and the mixing of channels.

   Models that stay among coefficients keep them mode-major,

     real      [m.., batch, channels]           of a cosine transform
     complex   [m.., re | im, batch, channels]  of a Fourier transform

   so that a mode is a contiguous matrix: mixing its channels is one product without a copy, and
   mixing modes (ops/mode_axis.c) runs along its channels. mode_major transposes the matrix of
   images and coefficients, once at each end of a model. Weights of the mixing are mode-major too,
   w [m.., ci, co], complex [m.., ci, co, 2] as those of the spectral convolution: per mode

     y[b, o] = sum_i x[b, i] w[i, o]

   A complex mode is one real product of the rows (x_re; x_im) with w as the matrix [ci, 2 co] of
   interleaved (re, im), both halves of which complex_join puts together. */
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#define STRIP 256 /* coefficients that are transposed in one piece */

/* settings: whether it goes back to batch-major. */
static leray_status layout_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    int inner = x->ndim - 2, back = n->settings.integer[0];

    LERAY_CHECK(inner >= 1, LERAY_ERR_ARG,
                "mode_major: needs a batch, channels and modes, not %d extents", x->ndim);
    *out = leray_shape_of(x);
    for (int i = 0; i < x->ndim; i++) out->extent[i] = x->shape[(i + (back ? inner : 2)) % x->ndim];
    return LERAY_OK;
}

static void copy_strip(const leray_node *n, size_t rows, size_t columns, size_t first, int count,
                       const void *from, void *to, bool adds)
{
    leray_dtype dtype = n->out->dtype;

    if (!adds) {
        n->kernels->transpose((int)rows, count, leray_at(dtype, from, first), columns,
                              leray_at(dtype, to, first * rows), rows);
        return;
    }
    for (size_t i = first; i < first + (size_t)count; i++)
        for (size_t j = 0; j < rows; j++) {
            void *y = leray_at(dtype, to, i * rows + j);

            n->kernels->scale(1, 1, leray_at(dtype, from, j * columns + i), y, true);
        }
}

/* from [rows, columns] to its transpose. */
static void transpose(const leray_node *n, size_t rows, const void *from, void *to, bool adds)
{
    size_t columns = n->out->count / rows;
    long strips = (long)((columns + STRIP - 1) / STRIP);

#pragma omp parallel for schedule(static)
    for (long s = 0; s < strips; s++) {
        size_t first = (size_t)s * STRIP;
        int count = columns - first < STRIP ? (int)(columns - first) : STRIP;

        copy_strip(n, rows, columns, first, count, from, to, adds);
    }
}

static size_t images(const leray_tensor *batch_major)
{
    return (size_t)batch_major->shape[0] * (size_t)batch_major->shape[1];
}

static leray_status layout_forward(leray_node *n)
{
    bool back = n->settings.integer[0];
    size_t rows = back ? n->out->count / images(n->out) : images(n->in[0]);

    transpose(n, rows, n->in[0]->value, n->out->value, false);
    return LERAY_OK;
}

static leray_status layout_backward(leray_node *n)
{
    bool back = n->settings.integer[0];
    size_t rows = back ? images(n->out) : n->out->count / images(n->in[0]);

    transpose(n, rows, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0));
    return LERAY_OK;
}

static void layout_sample(int i, leray_op_sample *s)
{
    static const leray_shape shapes[] = {
        {3, {2, 3, 7}      },
        {4, {5, 4, 3, 6}   },
        {6, {4, 2, 3, 2, 3}},
    };

    s->n_inputs = 1;
    s->input[0] = shapes[i % 3];
    if (i % 3 == 2) s->input[0].extent[5] = 2;
    s->settings.integer[0] = i >= 3;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_mode_major = {
    .name = "mode_major",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = layout_shapes,
    .forward = layout_forward,
    .backward = layout_backward,
    .n_samples = 6,
    .sample = layout_sample,
};

/* settings: whether the coefficients are complex. */
typedef struct mixing {
    int modes, batch, ci, co;
    bool complex;
    size_t local; /* reals of one thread's products of a complex mode */
} mixing;

static mixing mixing_of(const leray_node *n)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    bool complex = n->settings.integer[0];
    mixing s = {.complex = complex, .batch = x->shape[x->ndim - 2], .ci = x->shape[x->ndim - 1]};

    s.co = w->shape[w->ndim - 1 - complex];
    s.modes = (int)(x->count / ((size_t)s.batch * (size_t)s.ci * (complex ? 2 : 1)));
    if (complex) s.local = (4 * (size_t)s.batch * (size_t)s.co + 15) / 16 * 16;
    return s;
}

static leray_status mixing_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    int complex = n->settings.integer[0], dims = x->ndim - 2 - complex, last = x->ndim - 1;
    bool fits = dims >= 1 && w->ndim == x->ndim && w->shape[dims] == x->shape[last];

    for (int i = 0; fits && i < dims; i++) fits = w->shape[i] == x->shape[i];
    if (fits && complex) fits = x->shape[dims] == 2 && w->shape[last] == 2;
    LERAY_CHECK(fits, LERAY_ERR_ARG, "mode_channels: needs x %s with ci = %d and the same modes",
                complex ? "[m.., 2, batch, ci] and w [m.., ci, co, 2]"
                        : "[m.., batch, ci] and w [m.., ci, co]",
                x->shape[last]);
    *out = leray_shape_of(x);
    out->extent[last] = w->shape[last - complex];
    n->scratch_size = (size_t)leray_threads() * mixing_of(n).local * leray_dtype_size(x->dtype);
    return LERAY_OK;
}

static leray_status mixing_forward(leray_node *n)
{
    mixing s = mixing_of(n);
    leray_dtype dtype = n->out->dtype;
    size_t rows = (size_t)s.batch * (s.complex ? 2 : 1), half = (size_t)s.batch * (size_t)s.co;
    int wide = s.complex ? 2 * s.co : s.co, failed = 0;
    void *scratch;

    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &scratch));
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int m = 0; m < s.modes; m++) {
        const void *x = leray_at(dtype, n->in[0]->value, (size_t)m * rows * (size_t)s.ci);
        const void *w = leray_at(dtype, n->in[1]->value, (size_t)m * (size_t)s.ci * (size_t)wide);
        void *y = leray_at(dtype, n->out->value, (size_t)m * rows * (size_t)s.co);
        void *t = s.complex ? leray_at(dtype, scratch, (size_t)omp_get_thread_num() * s.local) : y;

        failed |=
            n->kernels->gemm('N', 'N', (int)rows, wide, s.ci, 1, x, s.ci, w, wide, 0, t, wide);
        if (s.complex)
            n->kernels->complex_join(half, t, leray_at(dtype, t, 2 * half), y,
                                     leray_at(dtype, y, half));
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* For the gradient g of a complex mode as interleaved rows (g; -i g), as in the spectral
   convolution: x <- (g; -i g) w^T, w <- (x_re; x_im)^T (g; -i g). */
static leray_status mixing_backward(leray_node *n)
{
    mixing s = mixing_of(n);
    leray_tensor *x = n->in[0], *w = n->in[1];
    leray_dtype dtype = x->dtype;
    size_t rows = (size_t)s.batch * (s.complex ? 2 : 1), half = (size_t)s.batch * (size_t)s.co;
    bool x_adds = x->grad && leray_node_adds(n, 0), w_adds = w->grad && leray_node_adds(n, 1);
    int wide = s.complex ? 2 * s.co : s.co, failed = 0;
    void *scratch;

    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &scratch));
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int m = 0; m < s.modes; m++) {
        size_t x0 = (size_t)m * rows * (size_t)s.ci, w0 = (size_t)m * (size_t)s.ci * (size_t)wide;
        void *g = leray_at(dtype, n->out->grad, (size_t)m * rows * (size_t)s.co), *t = g;

        if (s.complex) {
            t = leray_at(dtype, scratch, (size_t)omp_get_thread_num() * s.local);
            n->kernels->complex_split(half, g, leray_at(dtype, g, half), t,
                                      leray_at(dtype, t, 2 * half));
        }
        if (x->grad)
            failed |= n->kernels->gemm('N', 'T', (int)rows, s.ci, wide, 1, t, wide,
                                       leray_at(dtype, w->value, w0), wide, x_adds,
                                       leray_at(dtype, x->grad, x0), s.ci);
        if (w->grad)
            failed |=
                n->kernels->gemm('T', 'N', s.ci, wide, (int)rows, 1, leray_at(dtype, x->value, x0),
                                 s.ci, t, wide, w_adds, leray_at(dtype, w->grad, w0), wide);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static void mixing_sample(int i, leray_op_sample *s)
{
    static const int modes[3][3] = {
        {5},
        { 4,  3},
        { 2, 3, 2}
    };
    int complex = i >= 3, dims = i % 3 + 1, *x = s->input[0].extent, *w = s->input[1].extent;

    s->n_inputs = 2;
    for (int d = 0; d < dims; d++) x[d] = w[d] = modes[dims - 1][d];
    if (complex) x[dims] = w[dims + 2] = 2;
    x[dims + complex] = 3, x[dims + complex + 1] = w[dims] = 2, w[dims + 1] = 4;
    s->input[0].ndim = s->input[1].ndim = dims + 2 + complex;
    s->settings.integer[0] = complex;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_mode_channels = {
    .name = "mode_channels",
    .inputs_min = 2,
    .inputs_max = 2,
    .shapes = mixing_shapes,
    .forward = mixing_forward,
    .backward = mixing_backward,
    .n_samples = 6,
    .sample = mixing_sample,
};

leray_status leray_op_mode_major(leray_tape *tape, leray_tensor *x, bool back, leray_tensor **out)
{
    leray_op_settings settings = {.integer = {back}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mode_major, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_mode_channels(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                                    bool is_complex, leray_tensor **out)
{
    leray_op_settings settings = {.integer = {is_complex}};
    leray_tensor *in[] = {x, w};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_mode_channels, 2, in, &settings, out));
    return LERAY_OK;
}
