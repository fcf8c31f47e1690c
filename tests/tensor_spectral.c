/* tests/tensor_spectral.c - the spectral convolution in one to three dimensions against the
   definition: a full spectrum, made Hermitian, and a sum over it; along one axis, against
   that of every line; and what a grid with too few modes is told. */
#include "check.h"

#include "tensor/op.h"
#include <leray/impl/ops.h>
#include <leray/impl/rng.h>

#include <complex.h>

#define TWO_PI 6.283185307179586476925
#define MAX 4096

/* Of z, y, x; an axis that is not there has n = 1, m = 0. */
typedef struct grid {
    int dims, n[3], m[3];
} grid;

static double normal(leray_rng *rng) { return leray_rng_normal(rng); }

static int points(const grid *g) { return g->n[0] * g->n[1] * g->n[2]; }
static int rows(const grid *g, int axis) { return g->m[axis] ? 2 * g->m[axis] : 1; }

/* Extents of the axes that are there, behind `to`. */
static int shape_of(const grid *g, const int *extent, int *to)
{
    for (int i = 0; i < g->dims; i++) to[i] = extent[3 - g->dims + i];
    return g->dims;
}

/* 2 pi (j . k / n) of two points or modes in row-major order. */
static double theta(const grid *g, int j, int k)
{
    double sum = 0;

    for (int axis = 2; axis >= 0; axis--) {
        int n = g->n[axis];

        sum += (double)(j % n) * (k % n) / n;
        j /= n, k /= n;
    }
    return TWO_PI * sum;
}

/* -k of a mode in row-major order. */
static int opposite(const grid *g, int k)
{
    int result = 0, stride = 1;

    for (int axis = 2; axis >= 0; axis--) {
        int n = g->n[axis];

        result += (n - k % n) % n * stride;
        stride *= n, k /= n;
    }
    return result;
}

/* x_hat(k) = 1 / N sum x exp(-i theta). */
static double complex coefficient(const grid *g, const double *x, int k)
{
    double complex s = 0;

    for (int j = 0; j < points(g); j++) s += x[j] * cexp(-I * theta(g, j, k));
    return s / points(g);
}

/* Row of wave number k among those that are kept, or -1. */
static int row_of(const grid *g, int axis, int k)
{
    int n = g->n[axis], m = g->m[axis];

    if (m == 0 || k < m) return k;
    return k >= n - m ? k - (n - 2 * m) : -1;
}

/* w of mode k with kx >= 0; 0 outside the kept ones. */
static double complex weight(const grid *g, const double *w, int k)
{
    int kx = k % g->n[2], y = row_of(g, 1, k / g->n[2] % g->n[1]);
    int z = row_of(g, 0, k / g->n[2] / g->n[1]), mode = (z * rows(g, 1) + y) * g->m[2] + kx;

    if (z < 0 || y < 0 || kx >= g->m[2]) return 0;
    return w[2 * mode] + I * w[2 * mode + 1];
}

/* The spectrum that irfftn sees, extended to all kx by symmetry; columns that are their own
   conjugate are projected. */
static double complex hermitian(const grid *g, const double complex *x_hat, const double *w, int k)
{
    int kx = k % g->n[2], there = opposite(g, k);
    double complex y = weight(g, w, k) * x_hat[k];

    if (kx > g->n[2] / 2) return conj(weight(g, w, there) * x_hat[there]);
    if (kx != 0 && 2 * kx != g->n[2]) return y;
    return (y + conj(weight(g, w, there) * x_hat[there])) / 2;
}

static void check_definition(const grid *g)
{
    static double x[MAX], w[MAX];
    static double complex x_hat[MAX], y_hat[MAX];
    leray_rng rng = leray_rng_make(3, LERAY_PURPOSE_TEST, 0, 0);
    int n = points(g), modes = rows(g, 0) * rows(g, 1) * g->m[2];
    int field[6] = {1, 1}, shape[6], dims = shape_of(g, g->n, field + 2);
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    shape_of(g, (int[3]){rows(g, 0), rows(g, 1), g->m[2]}, shape);
    shape[dims] = shape[dims + 1] = 1, shape[dims + 2] = 2;
    for (int i = 0; i < n; i++) x[i] = normal(&rng);
    for (int i = 0; i < 2 * modes; i++) w[i] = normal(&rng);
    for (int k = 0; k < n; k++) x_hat[k] = coefficient(g, x, k);
    for (int k = 0; k < n; k++) y_hat[k] = hermitian(g, x_hat, w, k);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, dims + 2, field, x, &tx));
    assert_ok(leray_tape_input(tape, dims + 3, shape, w, &tw));
    assert_ok(leray_op_spectral(tape, tx, tw, &ty));
    for (int j = 0; j < n; j++) {
        double complex s = 0;

        for (int k = 0; k < n; k++) s += y_hat[k] * cexp(I * theta(g, j, k));
        assert_at_most(fabs(cimag(s)), 1e-12);
        assert_close(((double *)ty->value)[j], creal(s), 1e-12);
    }
    leray_tape_destroy(&tape);
}

/* Few modes, and all of them: 2 my = ny, 2 mz = nz, mx = nx / 2 + 1. */
static void test_definition(void **state)
{
    static const grid grids[] = {
        {2, {1, 6, 8}, {0, 2, 3}},
        {2, {1, 6, 8}, {0, 3, 5}},
        {2, {1, 7, 6}, {0, 3, 4}},
        {2, {1, 5, 9}, {0, 1, 1}},
        {2, {1, 8, 5}, {0, 2, 3}},
        {1, {1, 1, 8}, {0, 0, 5}},
        {1, {1, 1, 9}, {0, 0, 2}},
        {3, {4, 6, 8}, {2, 3, 5}},
        {3, {5, 6, 4}, {1, 3, 2}},
        {3, {6, 7, 5}, {2, 2, 3}},
    };

    (void)state;
    for (int i = 0; i < 10; i++) check_definition(&grids[i]);
}

/* Along one axis of a 3-D grid: the 1-D convolution of every line, as a batch of its own. */
static void check_lines(leray_tape *tape, int axis)
{
    enum { CI = 2, CO = 3, M = 3 };
    static const int n[3] = {5, 4, 6};
    static double x[MAX], w[MAX], line[MAX];
    leray_rng rng = leray_rng_make(6, LERAY_PURPOSE_TEST, 0, 0);
    int total = n[0] * n[1] * n[2], length = n[axis], stride = 1, lines = total / length;
    leray_tensor *tx, *tw, *ty, *tl;

    for (int i = axis + 1; i < 3; i++) stride *= n[i];
    for (int i = 0; i < CI * total; i++) x[i] = normal(&rng);
    for (int i = 0; i < M * CI * CO * 2; i++) w[i] = normal(&rng);
#define AT(c, l, j) ((c)*total + (l) / stride * stride * length + (j)*stride + (l) % stride)
    for (int l = 0; l < lines; l++)
        for (int c = 0; c < CI; c++)
            for (int j = 0; j < length; j++) line[(l * CI + c) * length + j] = x[AT(c, l, j)];
    assert_ok(leray_tape_input(tape, 5, (int[]){1, CI, n[0], n[1], n[2]}, x, &tx));
    assert_ok(leray_tape_input(tape, 3, (int[]){lines, CI, length}, line, &tl));
    assert_ok(leray_tape_input(tape, 4, (int[]){M, CI, CO, 2}, w, &tw));
    assert_ok(leray_op_spectral_axis(tape, tx, tw, axis, &ty));
    assert_ok(leray_op_spectral(tape, tl, tw, &tl));
    for (int l = 0; l < lines; l++)
        for (int c = 0; c < CO; c++)
            for (int j = 0; j < length; j++)
                assert_close(((double *)ty->value)[AT(c, l, j)],
                             ((double *)tl->value)[(l * CO + c) * length + j], 1e-13);
#undef AT
}

static void test_axis(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int axis = 0; axis < 3; axis++) check_lines(tape, axis);
    leray_tape_destroy(&tape);
}

/* All modes with weight 1 give the field back: both directions are inverse to each other. */
static void test_identity(void **state)
{
    static double x[MAX], w[MAX];
    leray_rng rng = leray_rng_make(4, LERAY_PURPOSE_TEST, 0, 0);
    int ny = 12, nx = 10, channels = 2, mx = nx / 2 + 1, modes = ny * mx;
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    (void)state;
    for (int i = 0; i < 3 * channels * ny * nx; i++) x[i] = normal(&rng);
    for (int m = 0; m < modes; m++)
        for (int c = 0; c < channels; c++) w[((m * channels + c) * channels + c) * 2] = 1;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){3, channels, ny, nx}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){ny, mx, channels, channels, 2}, w, &tw));
    assert_ok(leray_op_spectral(tape, tx, tw, &ty));
    for (size_t i = 0; i < ty->count; i++) assert_close(((double *)ty->value)[i], x[i], 1e-13);
    leray_tape_destroy(&tape);
}

static void test_too_many_modes(void **state)
{
    static double x[MAX], w[MAX];
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, 8, 6}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){10, 2, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "modes = 5");
    assert_non_null(strstr(leray_error_message(), "at least 10 points, this one has 8"));
    assert_null(ty);
    assert_ok(leray_tape_input(tape, 5, (int[]){4, 5, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "modes = 5 in x");
    assert_ok(leray_tape_input(tape, 4, (int[]){5, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral_axis(tape, tx, tw, 1, &ty), LERAY_ERR_ARG,
                 "modes = 5 on axis 1 are not in [1, 4], what a grid of 6 points has");
    assert_fails(leray_op_spectral_axis(tape, tx, tw, 2, &ty), LERAY_ERR_ARG, "axis = 2");
    assert_ok(leray_tape_input(tape, 5, (int[]){1, 1, 4, 8, 6}, x, &tx));
    assert_ok(leray_tape_input(tape, 6, (int[]){6, 2, 2, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG,
                 "modes = 3 per sign in z need a grid of at least 6 points, this one has 4");
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, 8, 6}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){4, 2, 3, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "ci = 1");
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_axis),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_too_many_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
