/* tests/tensor_calculus.c - derivatives and powers of the Laplacian on periodic grids: functions
   whose results are known, commuting operators, and the mean. */
#include "check.h"

#include "tensor/op.h"
#include <leray/impl/ops.h>
#include <leray/impl/rng.h>

#define TWO_PI 6.283185307179586476925
#define MAX 4096

static double x[MAX];

static leray_tensor *field(leray_tape *tape, int ndim, const int *shape)
{
    leray_rng rng = leray_rng_make(8, LERAY_PURPOSE_TEST, 0, 0);
    leray_tensor *t;

    assert_ok(leray_tape_input(tape, ndim, shape, x, &t));
    for (size_t i = 0; i < t->count; i++) x[i] = leray_rng_normal(&rng);
    return t;
}

static double value(const leray_tensor *t, int i) { return ((double *)t->value)[i]; }

/* f(y) = exp(sin(q y)), q = 2 pi / L, to rounding on 40 points; along every axis of a 2-D grid. */
static void check_derivative(leray_tape *tape, int axis, double length)
{
    int shape[4] = {1, 1, 3, 3}, n = 40, stride;
    double q = TWO_PI / length;
    leray_tensor *t, *d[2];

    shape[2 + axis] = n;
    stride = axis ? 1 : 3;
    t = field(tape, 4, shape);
    for (int i = 0; i < 120; i++) {
        double y = length * (i / stride % n) / n;

        x[i] = exp(sin(q * y));
    }
    for (int order = 1; order <= 2; order++)
        assert_ok(leray_op_derivative(tape, t, axis, order, length, &d[order - 1]));
    for (int i = 0; i < 120; i++) {
        double a = q * length * (i / stride % n) / n, f = exp(sin(a));

        assert_close(value(d[0], i) / q, cos(a) * f, 1e-13);
        assert_close(value(d[1], i) / (q * q), (cos(a) * cos(a) - sin(a)) * f, 1e-12);
    }
}

static void test_derivative(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int axis = 0; axis < 2; axis++) check_derivative(tape, axis, 3.7);
    leray_tape_destroy(&tape);
}

/* cos(n x / 2) has no odd derivatives on the grid, and the even ones that it should. */
static void test_nyquist(void **state)
{
    leray_tensor *t, *d;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 3, (int[]){1, 1, 8});
    for (int i = 0; i < 8; i++) x[i] = i % 2 ? -1 : 1;
    for (int order = 1; order <= 4; order++) {
        assert_ok(leray_op_derivative(tape, t, 0, order, TWO_PI, &d));
        for (int i = 0; i < 8; i++)
            assert_close(value(d, i) / pow(4, order), order % 2 ? 0 : x[i] * (order == 2 ? -1 : 1),
                         1e-14);
    }
    leray_tape_destroy(&tape);
}

/* On an odd grid, which has no Nyquist mode, the first derivative twice is the second. */
static void test_orders(void **state)
{
    leray_tensor *t, *once, *twice;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 5, (int[]){2, 1, 3, 9, 4});
    assert_ok(leray_op_derivative(tape, t, 1, 1, 2, &once));
    assert_ok(leray_op_derivative(tape, once, 1, 1, 2, &once));
    assert_ok(leray_op_derivative(tape, t, 1, 2, 2, &twice));
    for (size_t i = 0; i < t->count; i++)
        assert_close(value(once, (int)i), value(twice, (int)i), 1e-12);
    leray_tape_destroy(&tape);
}

/* The sum of second derivatives, and back: the field without its mean. Whatever is inverted, the
   result has none. */
static void check_inverse(leray_tape *tape, int ndim, const int *shape, const double *lengths)
{
    leray_tensor *t = field(tape, ndim, shape), *laplacian = NULL, *part, *back;
    int points = (int)t->count / shape[0], dims = ndim - 2;

    for (int axis = 0; axis < dims; axis++) {
        assert_ok(leray_op_derivative(tape, t, axis, 2, lengths[axis], &part));
        if (laplacian) assert_ok(leray_op_add(tape, laplacian, part, &laplacian));
        else laplacian = part;
    }
    assert_ok(leray_op_laplace_power(tape, t, lengths, 0, 1, &part));
    for (size_t i = 0; i < t->count; i++)
        assert_close(value(part, (int)i), -value(laplacian, (int)i), 1e-11);
    assert_ok(leray_op_laplace_power(tape, laplacian, lengths, 0, -1, &back));
    for (int b = 0; b < shape[0]; b++) {
        double mean = 0;

        for (int i = 0; i < points; i++) mean += x[b * points + i] / points;
        for (int i = b * points; i < (b + 1) * points; i++)
            assert_close(value(back, i), mean - x[i], 1e-12);
    }
    assert_ok(leray_op_laplace_power(tape, t, lengths, 0, -1, &back));
    for (int b = 0; b < shape[0]; b++) {
        double mean = 0;

        for (int i = b * points; i < (b + 1) * points; i++) mean += value(back, i) / points;
        assert_at_most(fabs(mean), 1e-14);
    }
}

static void test_laplacian(void **state)
{
    static const double lengths[] = {2, 1, 3.5};
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    check_inverse(tape, 3, (int[]){3, 1, 16}, lengths);
    check_inverse(tape, 4, (int[]){2, 1, 9, 12}, lengths);
    check_inverse(tape, 5, (int[]){2, 1, 4, 5, 6}, lengths);
    leray_tape_destroy(&tape);
}

/* Powers add up, and one mode is multiplied by (alpha + |k|^2)^p. */
static void test_powers(void **state)
{
    static const double lengths[] = {TWO_PI, TWO_PI / 2};
    leray_tensor *t, *y, *z;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 4, (int[]){1, 2, 8, 7});
    assert_ok(leray_op_laplace_power(tape, t, lengths, 1.5, 0.3, &y));
    assert_ok(leray_op_laplace_power(tape, y, lengths, 1.5, 0.7, &y));
    assert_ok(leray_op_laplace_power(tape, t, lengths, 1.5, 1, &z));
    for (size_t i = 0; i < t->count; i++) assert_close(value(y, (int)i), value(z, (int)i), 1e-12);
    for (int i = 0; i < 112; i++)
        x[i] = sin(TWO_PI * (3.0 * (i / 7 % 8) / 8 + 2.0 * (i % 7) / 7) + 1);
    assert_ok(leray_op_laplace_power(tape, t, lengths, 0.5, -0.25, &y));
    for (int i = 0; i < 112; i++) assert_close(value(y, i), x[i] * pow(0.5 + 9 + 16, -0.25), 1e-13);
    leray_tape_destroy(&tape);
}

static void test_errors(void **state)
{
    leray_tensor *t, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = field(tape, 4, (int[]){1, 1, 4, 4});
    assert_fails(leray_op_derivative(tape, t, 2, 1, 1, &y), LERAY_ERR_ARG, "axis = 2");
    assert_fails(leray_op_derivative(tape, t, 1, 0, 1, &y), LERAY_ERR_ARG, "order = 0");
    assert_fails(leray_op_derivative(tape, t, 1, 1, 0, &y), LERAY_ERR_ARG, "length = 0");
    assert_fails(leray_op_laplace_power(tape, t, (double[]){1, -1}, 0, 1, &y), LERAY_ERR_ARG,
                 "length = -1 of axis 1");
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivative), cmocka_unit_test(test_nyquist),
        cmocka_unit_test(test_orders),     cmocka_unit_test(test_laplacian),
        cmocka_unit_test(test_powers),     cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
