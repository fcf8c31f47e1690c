/* tests/tensor_modes.c - ops on mode-major coefficients against their definitions, in plain and
   complex sums, and the convolution that transforms and mixing make together. */
#include "check.h"

#include "tensor/op.h"
#include <leray/impl/ops.h>
#include <leray/impl/rng.h>

#include <complex.h>

#define MAX 8192

static double x[MAX], w[MAX];

static leray_tensor *drawn(leray_tape *tape, int ndim, const int *shape, double *values)
{
    leray_rng rng = leray_rng_make(9, LERAY_PURPOSE_TEST, values == x, 0);
    leray_tensor *t;

    assert_ok(leray_tape_input(tape, ndim, shape, values, &t));
    assert_in_range(t->count, 1, MAX);
    for (size_t i = 0; i < t->count; i++) values[i] = leray_rng_normal(&rng);
    return t;
}

static void test_layout(void **state)
{
    leray_tensor *t, *y, *back;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    t = drawn(tape, 4, (int[]){3, 5, 19, 17}, x);
    assert_ok(leray_op_mode_major(tape, t, false, &y));
    assert_true(y->ndim == 4 && y->shape[0] == 19 && y->shape[1] == 17 && y->shape[2] == 3 &&
                y->shape[3] == 5);
    for (int image = 0; image < 15; image++)
        for (int k = 0; k < 323; k++)
            assert_true(((double *)y->value)[k * 15 + image] == x[image * 323 + k]);
    assert_ok(leray_op_mode_major(tape, y, true, &back));
    assert_memory_equal(back->value, x, t->count * sizeof *x);
    for (int i = 0; i < 4; i++) assert_int_equal(back->shape[i], t->shape[i]);
    leray_tape_destroy(&tape);
}

/* Element of x [m, (2,) batch, channels] and of w [m, ci, co, (2)]. */
static double complex mode(const double *v, int planes, int size, int k, int i)
{
    return v[k * planes * size + i] + (planes == 2 ? I * v[(k * 2 + 1) * size + i] : 0);
}

static void check_channels(leray_tape *tape, bool is_complex)
{
    int batch = 3, ci = 4, co = 5, modes = 6, planes = is_complex ? 2 : 1;
    leray_tensor *tx, *tw, *y;

    tx = drawn(tape, 4 + is_complex,
               is_complex ? (int[]){3, 2, 2, batch, ci} : (int[]){3, 2, batch, ci}, x);
    tw = drawn(tape, 4 + is_complex, is_complex ? (int[]){3, 2, ci, co, 2} : (int[]){3, 2, ci, co},
               w);
    assert_ok(leray_op_mode_channels(tape, tx, tw, is_complex, &y));
    for (int k = 0; k < modes; k++)
        for (int b = 0; b < batch; b++)
            for (int o = 0; o < co; o++) {
                double complex s = 0, v = mode(y->value, planes, batch * co, k, b * co + o);

                for (int i = 0; i < ci; i++) {
                    const double *weight = w + ((k * ci + i) * co + o) * planes;

                    s += mode(x, planes, batch * ci, k, b * ci + i) *
                         (weight[0] + (is_complex ? I * weight[1] : 0));
                }
                assert_at_most(cabs(v - s), 1e-13);
            }
}

static void test_channels(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    check_channels(tape, false);
    check_channels(tape, true);
    leray_tape_destroy(&tape);
}

/* x [3, 5, 2, batch, channels] along the middle axis, 5 to 4. */
static void check_axis(leray_tape *tape, bool is_complex, int channels)
{
    enum { BATCH = 3, OUTER = 3, FROM = 5, TO = 4, INNER = 2 };
    int planes = is_complex ? 2 : 1, size = BATCH * channels;
    leray_tensor *tx, *tw, *y;

    tx = drawn(tape, 5 + is_complex,
               is_complex ? (int[]){OUTER, FROM, INNER, 2, BATCH, channels}
                          : (int[]){OUTER, FROM, INNER, BATCH, channels},
               x);
    tw = drawn(tape, 3 + is_complex,
               is_complex ? (int[]){FROM, TO, 2, channels} : (int[]){FROM, TO, channels}, w);
    assert_ok(leray_op_mode_axis(tape, tx, tw, 1, is_complex, &y));
    for (int p = 0; p < OUTER * INNER; p++)
        for (int o = 0; o < TO; o++)
            for (int e = 0; e < size; e++) {
                int outer = p / INNER, inner = p % INNER;
                double complex s = 0;
                double complex v =
                    mode(y->value, planes, size, (outer * TO + o) * INNER + inner, e);

                for (int i = 0; i < FROM; i++)
                    s += mode(x, planes, size, (outer * FROM + i) * INNER + inner, e) *
                         mode(w, planes, channels, i * TO + o, e % channels);
                assert_at_most(cabs(v - s), 1e-13);
            }
}

/* Channels that fill vectors, that leave a part of one, and fewer than one has. */
static void test_axis(void **state)
{
    static const int channels[] = {16, 19, 3, 32};
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int i = 0; i < 4; i++)
        for (int is_complex = 0; is_complex < 2; is_complex++)
            check_axis(tape, is_complex, channels[i]);
    leray_tape_destroy(&tape);
}

/* dft, mixing and idft are the spectral convolution. */
static void test_convolution(void **state)
{
    int shape[] = {2, 3, 6, 4, 7}, weights[] = {4, 4, 3, 3, 2, 2}, m[] = {2, 2, 3};
    leray_tensor *tx, *tw, *y, *z;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    tx = drawn(tape, 5, shape, x);
    tw = drawn(tape, 6, weights, w);
    assert_ok(leray_op_spectral(tape, tx, tw, &y));
    assert_ok(leray_op_dft(tape, tx, m, &z));
    assert_ok(leray_op_mode_major(tape, z, false, &z));
    assert_ok(leray_op_mode_channels(tape, z, tw, true, &z));
    assert_ok(leray_op_mode_major(tape, z, true, &z));
    assert_ok(leray_op_idft(tape, z, shape + 2, &z));
    assert_int_equal(y->count, z->count);
    for (size_t i = 0; i < y->count; i++)
        assert_close(((double *)z->value)[i], ((double *)y->value)[i], 1e-13);
    leray_tape_destroy(&tape);
}

static void test_errors(void **state)
{
    leray_tensor *tx, *tw, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    tx = drawn(tape, 4, (int[]){3, 2, 4, 5}, x);
    tw = drawn(tape, 4, (int[]){3, 2, 6, 5}, w);
    assert_fails(leray_op_mode_channels(tape, tx, tw, false, &y), LERAY_ERR_ARG, "ci = 5");
    assert_fails(leray_op_mode_axis(tape, tx, tw, 2, false, &y), LERAY_ERR_ARG,
                 "axis = 2 is not in [0, 1]");
    assert_fails(leray_op_mode_axis(tape, tx, tw, 1, false, &y), LERAY_ERR_ARG,
                 "w is not [2, m_out, 5]");
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout), cmocka_unit_test(test_channels),
        cmocka_unit_test(test_axis),   cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
