/* tests/tensor_transforms.c - cosine and Fourier transforms that keep the low modes: sums by the
   definition, single modes, round trips, Parseval, shifts, and each as the adjoint that it is. */
#include "check.h"

#include "tensor/op.h"
#include <leray/impl/ops.h>
#include <leray/impl/rng.h>

#include <complex.h>

#define PI 3.14159265358979323846
#define MAX 4096

static double x[MAX];

static void draw(int n)
{
    leray_rng rng = leray_rng_make(7, LERAY_PURPOSE_TEST, (uint32_t)n, 0);

    for (int i = 0; i < n; i++) x[i] = leray_rng_normal(&rng);
}

static double dot(const leray_tensor *a, const leray_tensor *b)
{
    assert_int_equal(a->count, b->count);
    return leray_kernels_cpu(LERAY_F64)->dot(a->count, a->value, b->value);
}

static leray_tensor *field(leray_tape *tape, int ndim, const int *shape)
{
    leray_tensor *t;

    assert_ok(leray_tape_input(tape, ndim, shape, x, &t));
    draw((int)t->count);
    return t;
}

static double cosine(int n, int k, int j)
{
    return sqrt((k ? 2.0 : 1.0) / n) * cos(PI * (2 * j + 1) * k / (2.0 * n));
}

static void test_dct_definition(void **state)
{
    static const int n[3] = {4, 5, 6}, m[3] = {3, 5, 2};
    leray_tensor *t, *y;
    leray_tape *tape;
    int at = 0;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 5, (int[]){2, 1, 4, 5, 6});
    assert_ok(leray_op_dct(tape, t, m, &y));
    for (int b = 0; b < 2; b++)
        for (int k = 0; k < m[0] * m[1] * m[2]; k++) {
            double s = 0;

            for (int j = 0; j < n[0] * n[1] * n[2]; j++)
                s += x[b * 120 + j] * cosine(4, k / 10, j / 30) * cosine(5, k / 2 % 5, j / 6 % 5) *
                     cosine(6, k % 2, j % 6);
            assert_close(((double *)y->value)[at++], s, 1e-12);
        }
    leray_tape_destroy(&tape);
}

/* All modes: the inverse gives the field back, and norms agree. Few modes: what comes back is
   the nearest field that has these alone, so the rest is orthogonal to it. */
static void check_dct(leray_tape *tape, int ndim, const int *shape, const int *m)
{
    leray_tensor *t = field(tape, ndim, shape), *y, *back;

    assert_ok(leray_op_dct(tape, t, shape + 2, &y));
    assert_close(dot(y, y), dot(t, t), 1e-13);
    assert_ok(leray_op_idct(tape, y, shape + 2, &back));
    for (size_t i = 0; i < t->count; i++) assert_close(((double *)back->value)[i], x[i], 1e-13);
    assert_ok(leray_op_dct(tape, t, m, &y));
    assert_ok(leray_op_idct(tape, y, shape + 2, &back));
    assert_close(dot(t, back), dot(back, back), 1e-13);
    assert_close(dot(y, y), dot(back, back), 1e-13);
}

static void test_dct_identities(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    check_dct(tape, 3, (int[]){2, 3, 17}, (int[]){5});
    check_dct(tape, 4, (int[]){2, 1, 12, 9}, (int[]){4, 7});
    check_dct(tape, 5, (int[]){1, 2, 6, 5, 8}, (int[]){3, 5, 4});
    leray_tape_destroy(&tape);
}

/* Coefficient (kz, ky, kx) of the orthonormal transform of an image [nz, ny, nx]. */
static double complex fourier(const int n[3], const double *f, int kz, int ky, int kx)
{
    int points = n[0] * n[1] * n[2];
    double complex s = 0;

    for (int j = 0; j < points; j++) {
        double theta = (double)kx * (j % n[2]) / n[2] + (double)ky * (j / n[2] % n[1]) / n[1] +
                       (double)kz * (j / n[2] / n[1]) / n[0];

        s += f[j] * cexp(-2 * PI * I * theta);
    }
    return s / sqrt(points);
}

static void test_dft_definition(void **state)
{
    static const int n[3] = {4, 5, 6}, m[3] = {2, 2, 3};
    leray_tensor *t, *y;
    leray_tape *tape;
    const double *v;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 5, (int[]){1, 2, 4, 5, 6});
    assert_ok(leray_op_dft(tape, t, m, &y));
    assert_int_equal(y->ndim, 6);
    v = y->value;
    for (int c = 0; c < 2; c++)
        for (int row = 0; row < 16; row++)
            for (int kx = 0; kx < 3; kx++, v += 2) {
                int kz = row / 4, ky = row % 4;
                double complex s =
                    fourier(n, x + c * 120, kz < 2 ? kz : kz - 4, ky < 2 ? ky : ky - 4, kx);

                assert_close(v[0], creal(s), 1e-12);
                assert_close(v[1], cimag(s), 1e-12);
            }
    leray_tape_destroy(&tape);
}

/* Odd columns and even rows with all modes: the field comes back. Parseval in the half spectrum:
   modes kx > 0 count twice. */
static void check_dft(leray_tape *tape, int ndim, const int *shape, const int *m)
{
    leray_tensor *t = field(tape, ndim, shape), *y, *back;
    int mx = m[ndim - 3];
    double sum = 0;

    assert_ok(leray_op_dft(tape, t, m, &y));
    for (size_t i = 0; i < y->count; i++) {
        double v = ((double *)y->value)[i];

        sum += (i / 2 % (size_t)mx ? 2 : 1) * v * v;
    }
    assert_close(sum, dot(t, t), 1e-13);
    assert_ok(leray_op_idft(tape, y, shape + 2, &back));
    for (size_t i = 0; i < t->count; i++) assert_close(((double *)back->value)[i], x[i], 1e-13);
}

static void test_dft_identities(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    check_dft(tape, 3, (int[]){2, 3, 17}, (int[]){9});
    check_dft(tape, 4, (int[]){2, 2, 12, 9}, (int[]){6, 5});
    check_dft(tape, 5, (int[]){1, 2, 6, 4, 7}, (int[]){3, 2, 4});
    leray_tape_destroy(&tape);
}

/* A single mode is seen by its coefficient alone, and a shift by (1, 2) turns it. */
static void test_single_mode(void **state)
{
    int ny = 10, nx = 12, shape[] = {2, 1, 10, 12}, m[] = {4, 5}, ky = -3, kx = 2;
    leray_tensor *t, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 4, shape);
    for (int b = 0; b < 2; b++)
        for (int j = 0; j < ny * nx; j++)
            x[b * ny * nx + j] =
                cos(2 * PI * ((double)ky * (j / nx - b) / ny + (double)kx * (j % nx - 2 * b) / nx));
    assert_ok(leray_op_dft(tape, t, m, &y));
    for (int b = 0; b < 2; b++)
        for (int row = 0; row < 8; row++)
            for (int k = 0; k < 5; k++) {
                double *v = (double *)y->value + 2 * ((b * 8 + row) * 5 + k);
                bool here = row == 8 + ky && k == kx;
                double turn = -2 * PI * b * ((double)ky / ny + 2.0 * kx / nx);

                assert_close(v[0], here ? 0.5 * sqrt(ny * nx) * cos(turn) : 0, 1e-13);
                assert_close(v[1], here ? 0.5 * sqrt(ny * nx) * sin(turn) : 0, 1e-13);
            }
    leray_tape_destroy(&tape);
}

/* What is wrong on self-conjugate columns is projected: idft after dft after idft is idft. */
static void test_projection(void **state)
{
    int grid[] = {6, 8}, m[] = {3, 5};
    leray_tensor *t, *f, *again;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 5, (int[]){2, 2, 6, 5, 2});
    assert_ok(leray_op_idft(tape, t, grid, &f));
    assert_ok(leray_op_dft(tape, f, m, &again));
    assert_ok(leray_op_idft(tape, again, grid, &again));
    for (size_t i = 0; i < f->count; i++)
        assert_close(((double *)again->value)[i], ((double *)f->value)[i], 1e-13);
    leray_tape_destroy(&tape);
}

static void test_errors(void **state)
{
    leray_tensor *t, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 4, (int[]){1, 1, 6, 8});
    assert_fails(leray_op_dct(tape, t, (int[]){3, 9}, &y), LERAY_ERR_ARG,
                 "modes = 9 on axis 1 are not in [1, 8]");
    assert_fails(leray_op_idct(tape, t, (int[]){6, 7}, &y), LERAY_ERR_ARG, "modes = 8 on axis 1");
    assert_fails(leray_op_dft(tape, t, (int[]){4, 5}, &y), LERAY_ERR_ARG,
                 "modes = 4 per sign in y");
    assert_fails(leray_op_idft(tape, t, (int[]){6}, &y), LERAY_ERR_ARG, "modes.., 2");
    assert_null(y);
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dct_definition), cmocka_unit_test(test_dct_identities),
        cmocka_unit_test(test_dft_definition), cmocka_unit_test(test_dft_identities),
        cmocka_unit_test(test_single_mode),    cmocka_unit_test(test_projection),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
