/* tensor/ops/spectral_axis.c - spectral convolution along one axis of the grid (the layer of
   A. Tran et al., Factorized Fourier neural operators, ICLR 2023, sums one per axis).

     y = inverse_axis(w * forward_axis(x)),   per mode k < m: y_hat[o] = sum_i x_hat[i] w[k, i, o]

   x [batch, ci, grid..], w [m, ci, co, 2]; the other axes are points and share w. Forward divides
   by n, the inverse is irfft of the spectrum that is zero above m: the imaginary parts of k = 0
   and n / 2 are dropped.

   An image is [outer, n, inner]; P = outer inner. Coefficients are [batch, k, re | im, channels,
   P], which one product per channel writes and reads in place, the distance of its rows being
   channels P. With w as the real matrix E = ((w_re, w_im), (-w_im, w_re)) [2 ci, 2 co], a mode of
   a sample is one product y_hat = E^T x_hat [2 ci, P] without waste. Backward mirrors it. */
#include "tensor/algorithms/axis.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

typedef struct layer {
    leray_node *node;
    leray_dtype dtype;
    int batch, ci, co, modes, n, outer, inner;
    size_t points;                /* P */
    const void *scaled, *doubled; /* [2 m, n], rows (k, re | im), with 1 / n or a(k); transposes */
    void *x_hat, *y_hat;          /* [batch, m, 2, channels, P]; x_hat is kept for backward */
    void *embedded;               /* E of all modes */
    void *gradient;               /* of E, and of w as (re | im): for each thread */
    size_t gradient_size;
} layer;

static double entry(const int key[4], int row, int j, double at_ends, double else_where)
{
    int n = key[1], k = row / 2;
    double a = k == 0 || 2 * k == n ? at_ends : else_where;

    return row % 2 ? -a * leray_sine(k, j, n) : a * leray_cosine(k, j, n);
}

static double entry_scaled(const int key[4], int row, int j)
{
    return entry(key, row, j, 1.0 / key[1], 1.0 / key[1]);
}

static double entry_doubled(const int key[4], int row, int j) { return entry(key, row, j, 1, 2); }

static void fill_scaled(leray_dtype dtype, const int key[4], void *p)
{
    leray_axis_map_fill(dtype, key, p, entry_scaled);
}

static void fill_doubled(leray_dtype dtype, const int key[4], void *p)
{
    leray_axis_map_fill(dtype, key, p, entry_doubled);
}

static void *at(const layer *l, const void *p, size_t i) { return leray_at(l->dtype, p, i); }

/* settings: the axis. */
static void plan(layer *l, leray_node *n)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    int along = 2 + n->settings.integer[0];

    *l = (layer){.node = n, .dtype = x->dtype, .batch = x->shape[0], .outer = 1, .inner = 1};
    l->modes = w->shape[0], l->ci = w->shape[1], l->co = w->shape[2], l->n = x->shape[along];
    for (int i = 2; i < x->ndim; i++) {
        if (i < along) l->outer *= x->shape[i];
        if (i > along) l->inner *= x->shape[i];
    }
    l->points = (size_t)l->outer * (size_t)l->inner;
    l->gradient_size = 6 * (size_t)l->ci * (size_t)l->co;
}

/* Reals. */
static size_t hat_of(const layer *l, int channels)
{
    return (size_t)l->batch * 2 * (size_t)l->modes * (size_t)channels * l->points;
}

static size_t embedded_of(const layer *l)
{
    return 4 * (size_t)l->modes * (size_t)l->ci * (size_t)l->co;
}

static size_t scratch_of(const layer *l)
{
    return (hat_of(l, l->ci) + hat_of(l, l->co) + embedded_of(l) +
            (size_t)leray_threads() * l->gradient_size) *
               leray_dtype_size(l->dtype) +
           4 * 64;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0], *w = n->in[1];
    int along = n->settings.integer[0], dims = x->ndim - 2;
    layer l;

    LERAY_CHECK(dims >= 1 && dims <= 3 && w->ndim == 4 && w->shape[3] == 2 &&
                    w->shape[1] == x->shape[1],
                LERAY_ERR_ARG,
                "spectral_axis: needs x [batch, ci, grid..] of 1 to 3 dimensions and w [m, ci, co, "
                "2] with ci = %d",
                dims >= 0 ? x->shape[1] : 0);
    LERAY_CHECK(along >= 0 && along < dims, LERAY_ERR_ARG,
                "spectral_axis: axis = %d is not in [0, %d]", along, dims - 1);
    plan(&l, n);
    LERAY_CHECK(l.modes <= l.n / 2 + 1, LERAY_ERR_ARG,
                "spectral_axis: modes = %d on axis %d are not in [1, %d], what a grid of %d points "
                "has",
                l.modes, along, l.n / 2 + 1, l.n);
    *out = leray_shape_of(x);
    out->extent[1] = l.co;
    n->saved_size = hat_of(&l, l.ci) * leray_dtype_size(l.dtype);
    n->scratch_size = scratch_of(&l);
    return LERAY_OK;
}

/* E of every mode. */
static void embed(const layer *l)
{
    const leray_kernels *k = l->node->kernels;
    size_t co = (size_t)l->co, plane = (size_t)l->ci * co;

#pragma omp parallel for schedule(static)
    for (int m = 0; m < l->modes; m++) {
        void *e = at(l, l->embedded, 4 * (size_t)m * plane);
        void *w = at(l, l->gradient, (size_t)omp_get_thread_num() * l->gradient_size);

        k->transpose((int)plane, 2, at(l, l->node->in[1]->value, 2 * (size_t)m * plane), 2, w,
                     plane);
        for (size_t i = 0; i < (size_t)l->ci; i++) {
            void *re = at(l, w, i * co), *im = at(l, w, plane + i * co);
            void *upper = at(l, e, 2 * i * co), *lower = at(l, e, 2 * (plane + i * co));

            k->scale(co, 1, re, upper, false);
            k->scale(co, 1, im, at(l, upper, co), false);
            k->scale(co, -1, im, lower, false);
            k->scale(co, 1, re, at(l, lower, co), false);
        }
    }
}

static leray_status init(layer *l, leray_node *n, bool backward)
{
    static const char scaled[] = "axis scaled", doubled[] = "axis doubled";
    size_t real = leray_dtype_size(n->out->dtype);
    int key[4];
    char *p;

    plan(l, n);
    key[0] = 2 * l->modes, key[1] = l->n, key[2] = key[3] = 0;
    LERAY_TRY(leray_axis_map_table(n->tape, scaled, key, fill_scaled, &l->scaled));
    LERAY_TRY(leray_axis_map_table(n->tape, doubled, key, fill_doubled, &l->doubled));
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(l), &p));
    l->x_hat = n->saved && !backward ? n->saved : leray_cut(&p, hat_of(l, l->ci) * real);
    l->y_hat = leray_cut(&p, hat_of(l, l->co) * real);
    l->embedded = leray_cut(&p, embedded_of(l) * real);
    l->gradient = p;
    embed(l);
    return LERAY_OK;
}

/* Where channel c of sample b starts: its image, and its row 0 of coefficients. */
static void *image_at(const layer *l, const void *f, int item)
{
    return at(l, f, (size_t)item * l->points * (size_t)l->n);
}

static void *row_at(const layer *l, const void *hat, int item, int channels)
{
    size_t b = (size_t)(item / channels), c = (size_t)(item % channels);

    return at(l, hat, (b * 2 * (size_t)l->modes * (size_t)channels + c) * l->points);
}

static int to_hat(const layer *l, const void *table, int channels, const void *f, void *hat)
{
    int failed = 0, rows = 2 * l->modes, ld = channels * (int)l->points, n = l->n;
    size_t inner = (size_t)l->inner;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int item = 0; item < l->batch * channels; item++) {
        void *x = image_at(l, f, item), *to = row_at(l, hat, item, channels);

        if (inner == 1)
            failed |=
                l->node->kernels->gemm('N', 'T', rows, l->outer, n, 1, table, n, x, n, 0, to, ld);
        else
            for (size_t o = 0; o < (size_t)l->outer; o++)
                failed |= l->node->kernels->gemm('N', 'N', rows, l->inner, n, 1, table, n,
                                                 at(l, x, o * (size_t)n * inner), l->inner, 0,
                                                 at(l, to, o * inner), ld);
    }
    return failed;
}

static int from_hat(const layer *l, const void *table, int channels, const void *hat, void *f,
                    bool adds)
{
    int failed = 0, rows = 2 * l->modes, ld = channels * (int)l->points, n = l->n;
    size_t inner = (size_t)l->inner;
    const void *transpose = at(l, table, (size_t)rows * (size_t)n);

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int item = 0; item < l->batch * channels; item++) {
        void *x = image_at(l, f, item), *from = row_at(l, hat, item, channels);

        if (inner == 1)
            failed |= l->node->kernels->gemm('T', 'N', l->outer, n, rows, 1, from, ld, table, n,
                                             adds, x, n);
        else
            for (size_t o = 0; o < (size_t)l->outer; o++)
                failed |= l->node->kernels->gemm('N', 'N', n, l->inner, rows, 1, transpose, rows,
                                                 at(l, from, o * inner), ld, adds,
                                                 at(l, x, o * (size_t)n * inner), l->inner);
    }
    return failed;
}

/* y_hat = E^T x_hat, or back = true: x_hat = E y_hat. */
static int mix(const layer *l, bool back)
{
    size_t plane = (size_t)l->ci * (size_t)l->co;
    int failed = 0, rows = 2 * (back ? l->ci : l->co), depth = 2 * (back ? l->co : l->ci);
    int p = (int)l->points;
    const void *from = back ? l->y_hat : l->x_hat;
    void *to = back ? l->x_hat : l->y_hat;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int item = 0; item < l->batch * l->modes; item++)
        failed |=
            l->node->kernels->gemm(back ? 'N' : 'T', 'N', rows, p, depth, 1,
                                   at(l, l->embedded, 4 * (size_t)(item % l->modes) * plane),
                                   2 * l->co, at(l, from, (size_t)item * (size_t)depth * l->points),
                                   p, 0, at(l, to, (size_t)item * (size_t)rows * l->points), p);
    return failed;
}

static leray_status forward(leray_node *n)
{
    layer l;
    int failed;

    LERAY_TRY(init(&l, n, false));
    failed = to_hat(&l, l.scaled, l.ci, n->in[0]->value, l.x_hat);
    failed |= mix(&l, false);
    failed |= from_hat(&l, l.doubled, l.co, l.y_hat, n->out->value, false);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* The gradient e [2 ci, 2 co] of E to that of w: both places of a part count. */
static void unembed(const layer *l, void *e, void *planar, void *w, bool adds)
{
    const leray_kernels *k = l->node->kernels;
    size_t co = (size_t)l->co, plane = (size_t)l->ci * co;

    for (size_t i = 0; i < (size_t)l->ci; i++) {
        void *upper = at(l, e, 2 * i * co), *lower = at(l, e, 2 * (plane + i * co));
        void *re = at(l, planar, i * co), *im = at(l, planar, plane + i * co);

        k->scale(co, 1, upper, re, false);
        k->scale(co, 1, at(l, lower, co), re, true);
        k->difference(co, 1, at(l, upper, co), lower, im, false);
    }
    k->transpose(2, (int)plane, planar, plane, e, 2);
    k->scale(2 * plane, 1, e, w, adds);
}

/* x_hat y_hat^T, summed over the samples in order. */
static int weight_gradient(const layer *l, const void *x_hat, bool adds)
{
    size_t plane = (size_t)l->ci * (size_t)l->co;
    int failed = 0, p = (int)l->points, wide = 2 * l->co;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int m = 0; m < l->modes; m++) {
        void *e = at(l, l->gradient, (size_t)omp_get_thread_num() * l->gradient_size);

        for (int b = 0; b < l->batch; b++) {
            size_t item = (size_t)b * (size_t)l->modes + (size_t)m;

            failed |= l->node->kernels->gemm(
                'N', 'T', 2 * l->ci, wide, p, 1, at(l, x_hat, item * 2 * (size_t)l->ci * l->points),
                p, at(l, l->y_hat, item * (size_t)wide * l->points), p, b > 0, e, wide);
        }
        unembed(l, e, at(l, e, 4 * plane), at(l, l->node->in[1]->grad, 2 * (size_t)m * plane),
                adds);
    }
    return failed;
}

static leray_status backward(leray_node *n)
{
    layer l;
    int failed;

    LERAY_TRY(init(&l, n, true));
    failed = to_hat(&l, l.doubled, l.co, n->out->grad, l.y_hat);
    if (n->in[1]->grad) failed |= weight_gradient(&l, n->saved, leray_node_adds(n, 1));
    if (n->in[0]->grad) {
        failed |= mix(&l, true);
        failed |= from_hat(&l, l.scaled, l.ci, l.x_hat, n->in[0]->grad, leray_node_adds(n, 0));
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* Every axis of grids of one to three dimensions, few modes and all of them. */
static void sample(int i, leray_op_sample *s)
{
    static const struct {
        int dims, n[3], along, modes;
    } t[] = {
        {1, {8},       0, 5},
        {1, {7},       0, 3},
        {2, {6, 5},    0, 4},
        {2, {5, 6},    1, 2},
        {3, {6, 3, 2}, 0, 2},
        {3, {2, 5, 3}, 1, 3},
        {3, {2, 3, 4}, 2, 3},
    };

    s->n_inputs = 2;
    s->input[0] = (leray_shape){
        t[i].dims + 2, {2, 3, t[i].n[0], t[i].n[1], t[i].n[2]}
    };
    s->input[1] = (leray_shape){
        4, {t[i].modes, 3, 2, 2}
    };
    s->settings.integer[0] = t[i].along;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_spectral_axis = {
    .name = "spectral_axis",
    .inputs_min = 2,
    .inputs_max = 2,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 7,
    .sample = sample,
};

leray_status leray_op_spectral_axis(leray_tape *tape, leray_tensor *x, leray_tensor *w, int axis,
                                    leray_tensor **out)
{
    leray_op_settings settings = {.integer = {axis}};
    leray_tensor *in[] = {x, w};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_spectral_axis, 2, in, &settings, out));
    return LERAY_OK;
}
