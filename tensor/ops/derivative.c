/* tensor/ops/derivative.c - derivative of any order along one axis of a periodic grid.

     y = F^-1 (2 pi i k / L)^p F x,  k = -n/2 .. n/2,  the Nyquist mode of odd p being 0

   since its sine cannot be seen on the grid (L. N. Trefethen, Spectral methods in MATLAB, 2000,
   chapter 3). As a product with the circulant matrix D[a, b] = d(a - b),

     d(r) = 1/n sum_{0 < k <= n/2} a(k) k^p Re(i^p exp(2 pi i k r / n)),  a(n/2) = 1, else 2,

   times (2 pi / L)^p, so the adjoint is exact: the product with the transpose. */
#include "tensor/algorithms/axis.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925

/* Re(i^p exp(i theta)) at theta = 2 pi k r / n. */
static double turned(int p, int k, int r, int n)
{
    double c = p % 2 ? leray_sine(k, r, n) : leray_cosine(k, r, n);

    return p % 4 == 1 || p % 4 == 2 ? -c : c;
}

static double difference(int p, int r, int n)
{
    double d = 0;

    for (int k = 1; 2 * k < n; k++) d += 2 * pow(k, p) * turned(p, k, r, n);
    if (n % 2 == 0) d += pow(0.5 * n, p) * turned(p, n / 2, r, n);
    return d / n;
}

/* key: n, n, order. The first row, and its shifts; then the transpose. */
static void fill(leray_dtype dtype, const int key[4], void *table)
{
    size_t n = (size_t)key[0], real = leray_dtype_size(dtype);

    for (size_t j = 0; j < n; j++)
        leray_put(dtype, table, j, difference(key[2], (int)((n - j) % n), key[0]));
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++) {
            const void *d = leray_at(dtype, table, (j + n - k) % n);

            if (k > 0) memcpy(leray_at(dtype, table, k * n + j), d, real);
            memcpy(leray_at(dtype, table, n * n + j * n + k), d, real);
        }
}

/* settings: axis, order; length of the period. */
static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    int along = n->settings.integer[0], order = n->settings.integer[1];

    LERAY_CHECK(along >= 0 && along < x->ndim - 2, LERAY_ERR_ARG,
                "derivative: axis = %d is not in [0, %d]", along, x->ndim - 3);
    LERAY_CHECK(order >= 1 && order <= 8, LERAY_ERR_ARG, "derivative: order = %d is not in [1, 8]",
                order);
    LERAY_CHECK(n->settings.real[0] > 0, LERAY_ERR_ARG, "derivative: length = %g is not positive",
                n->settings.real[0]);
    *out = leray_shape_of(x);
    return LERAY_OK;
}

static leray_status run(leray_node *n, bool adjoint, const void *x, void *y, bool adds)
{
    static const char kind[] = "derivative";
    const leray_tensor *in = n->in[0];
    int along = 2 + n->settings.integer[0], order = n->settings.integer[1],
        points = in->shape[along];
    double factor = pow(TWO_PI / n->settings.real[0], order);
    leray_axis_map a = {.dtype = in->dtype, .outer = 1, .from = points, .to = points, .inner = 1};
    size_t lines, matrix = (size_t)points * (size_t)points;
    int items, failed = 0;

    for (int i = along + 1; i < in->ndim; i++) a.inner *= in->shape[i];
    LERAY_TRY(leray_axis_map_table(n->tape, kind, (int[4]){points, points, order}, fill, &a.table));
    a.transpose = leray_at(in->dtype, a.table, matrix);
    if (adjoint) a = leray_axis_map_adjoint(&a);
    lines = in->count / ((size_t)points * (size_t)a.inner);
    if (a.inner == 1) a.outer = in->ndim > 3 ? in->shape[in->ndim - 2] : 1;
    items = (int)(lines / (size_t)a.outer);
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        size_t first = (size_t)item * (size_t)a.outer * (size_t)points * (size_t)a.inner;

        failed |= leray_axis_map_product(&a, factor, leray_at(in->dtype, x, first),
                                         leray_at(in->dtype, y, first), adds);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static leray_status forward(leray_node *n)
{
    LERAY_TRY(run(n, false, n->in[0]->value, n->out->value, false));
    return LERAY_OK;
}

static leray_status backward(leray_node *n)
{
    LERAY_TRY(run(n, true, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

static void sample(int i, leray_op_sample *s)
{
    static const struct {
        int dims, n[3], along, order;
    } t[] = {
        {1, {8},       0, 1},
        {1, {7},       0, 2},
        {2, {6, 5},    0, 3},
        {2, {5, 6},    1, 2},
        {3, {4, 5, 2}, 1, 1},
        {3, {2, 3, 6}, 2, 4},
    };

    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        t[i].dims + 2, {2, 3, t[i].n[0], t[i].n[1], t[i].n[2]}
    };
    s->settings.integer[0] = t[i].along;
    s->settings.integer[1] = t[i].order;
    s->settings.real[0] = 1 + i;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_derivative = {
    .name = "derivative",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 6,
    .sample = sample,
};

leray_status leray_op_derivative(leray_tape *tape, leray_tensor *x, int axis, int order,
                                 double length, leray_tensor **out)
{
    leray_op_settings settings = {
        .real = {length},
          .integer = { axis, order}
    };

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_derivative, 1, &x, &settings, out));
    return LERAY_OK;
}
