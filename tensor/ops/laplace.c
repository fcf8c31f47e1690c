/* tensor/ops/laplace.c - powers of the Laplacian on periodic grids of one to three dimensions.

     y = (alpha - Laplacian)^p x,   per mode (alpha + |2 pi k / L|^2)^p x_hat(k), any real p

   alpha = 0, p = -1 is minus the inverse Laplacian; p = s / 2 turns 2-norms into those of H^s. For
   p < 0 a mode with alpha + |k|^2 = 0, the mean, becomes 0.

   cos and sin of one wave number have one eigenvalue, so in the orthonormal real basis
   1, cos, sin, cos 2, .. per axis the operator is diagonal: y = Q^T diag Q x with products along
   the axes (tensor/algorithms/axis.h). It is its own adjoint. */
#include "tensor/algorithms/axis.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#include <math.h>

#define TWO_PI 6.283185307179586476925

/* Row r of Q has the wave number (r + 1) / 2. key: n, n. */
static double entry(const int key[4], int r, int j)
{
    int n = key[0], k = (r + 1) / 2;
    double a = sqrt((r == 0 || 2 * k == n ? 1.0 : 2.0) / n);

    return r == 0 || r % 2 ? a * leray_cosine(k, j, n) : a * leray_sine(k, j, n);
}

static void fill(leray_dtype dtype, const int key[4], void *p)
{
    leray_axis_map_fill(dtype, key, p, entry);
}

static void plan(leray_separable *s, const leray_node *n)
{
    const leray_tensor *x = n->in[0];

    *s = (leray_separable){.dtype = x->dtype, .dims = x->ndim - 2};
    for (int i = 0; i < s->dims; i++) s->n[i] = s->m[i] = x->shape[2 + i];
}

/* Reals of one thread: an image of coefficients, and what the products need. */
static size_t local_of(const leray_separable *s)
{
    return (leray_separable_points(s) + 15) / 16 * 16 + leray_separable_work(s);
}

static size_t scratch_of(const leray_separable *s)
{
    size_t points = (leray_separable_points(s) + 15) / 16 * 16;

    return (points + (size_t)leray_threads() * local_of(s)) * leray_dtype_size(s->dtype);
}

/* settings: lengths of the axes, alpha, power. */
static leray_status shapes(leray_node *n, leray_shape *out)
{
    const double *real = n->settings.real;
    int dims = n->in[0]->ndim - 2;
    leray_separable s;

    LERAY_CHECK(dims >= 1 && dims <= LERAY_AXES, LERAY_ERR_ARG,
                "laplace_power: needs [batch, channels, grid..] of 1 to 3 dimensions, not %d",
                dims);
    for (int i = 0; i < dims; i++)
        LERAY_CHECK(real[i] > 0, LERAY_ERR_ARG,
                    "laplace_power: length = %g of axis %d is not positive", real[i], i);
    LERAY_CHECK(real[3] >= 0, LERAY_ERR_ARG, "laplace_power: alpha = %g is negative", real[3]);
    plan(&s, n);
    *out = leray_shape_of(n->in[0]);
    n->scratch_size = scratch_of(&s);
    return LERAY_OK;
}

static double power(double base, double p)
{
    if (base == 0 && p < 0) return 0;
    if (p == -1) return 1 / base;
    if (p == 1) return base;
    if (p == 0.5) return sqrt(base);
    return pow(base, p);
}

static double eigenvalue(const double *real, int axis, int row)
{
    double k = TWO_PI * ((row + 1) / 2) / real[axis];

    return k * k;
}

/* (alpha + |k|^2)^p of all modes, [n..]. */
static void symbol(const leray_node *n, const leray_separable *s, void *out)
{
    const double *real = n->settings.real;
    long points = (long)leray_separable_points(s);

#pragma omp parallel for schedule(static)
    for (long i = 0; i < points; i++) {
        double sum = real[3];
        long rest = i;

        for (int axis = s->dims - 1; axis >= 0; axis--) {
            sum += eigenvalue(real, axis, (int)(rest % s->n[axis]));
            rest /= s->n[axis];
        }
        leray_put(s->dtype, out, (size_t)i, power(sum, real[4]));
    }
}

static leray_status run(leray_node *n, const void *x, void *y, bool adds)
{
    static const char kind[] = "real Fourier basis";
    leray_separable s;
    size_t points, padded, local;
    int images = n->in[0]->shape[0] * n->in[0]->shape[1], failed = 0;
    void *factor;

    plan(&s, n);
    points = leray_separable_points(&s), padded = (points + 15) / 16 * 16, local = local_of(&s);
    for (int i = 0; i < s.dims; i++)
        LERAY_TRY(leray_axis_map_table(n->tape, kind, (int[4]){s.n[i], s.n[i]}, fill, &s.table[i]));
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(&s), &factor));
    symbol(n, &s, factor);
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int i = 0; i < images; i++) {
        void *hat = leray_at(s.dtype, factor, padded + (size_t)omp_get_thread_num() * local);
        void *work = leray_at(s.dtype, hat, padded);
        size_t first = (size_t)i * points;

        failed |= leray_separable_apply(&s, leray_at(s.dtype, x, first), work, hat, false);
        n->kernels->multiply(points, hat, factor, hat, false);
        failed |= leray_separable_adjoint(&s, hat, work, leray_at(s.dtype, y, first), adds);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static leray_status forward(leray_node *n)
{
    LERAY_TRY(run(n, n->in[0]->value, n->out->value, false));
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    LERAY_TRY(run(n, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

static void sample(int i, leray_op_sample *s)
{
    static const leray_shape shape[] = {
        {3, {2, 3, 8}      },
        {4, {2, 2, 5, 6}   },
        {5, {2, 1, 4, 3, 5}},
    };
    static const double p[3] = {-1, 0.75, -0.5};

    s->n_inputs = 1;
    s->input[0] = shape[i];
    s->settings.real[0] = 2, s->settings.real[1] = 3, s->settings.real[2] = 1;
    s->settings.real[3] = i;
    s->settings.real[4] = p[i];
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_laplace_power = {
    .name = "laplace_power",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 3,
    .sample = sample,
};

leray_status leray_op_laplace_power(leray_tape *tape, leray_tensor *x, const double *lengths,
                                    double alpha, double exponent, leray_tensor **out)
{
    leray_op_settings settings = {
        .real = {0, 0, 0, alpha, exponent}
    };

    for (int i = 0; i < x->ndim - 2 && i < LERAY_AXES; i++) settings.real[i] = lengths[i];
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_laplace_power, 1, &x, &settings, out));
    return LERAY_OK;
}
