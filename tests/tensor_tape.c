/* tests/tensor_tape.c - the tape: memory that stops growing, inference, values of the ops that
   have closed forms, and misuse. */
#include "check.h"

#include "tensor/ops.h"

static leray_status chain(leray_tape *tape, int n, void *x, void *g, leray_tensor **scalar)
{
    leray_tensor *v;

    leray_tape_reset(tape);
    LERAY_TRY(leray_tape_parameter(tape, 4, (int[]){2, 3, n, n}, x, g, &v));
    for (int i = 0; i < 40; i++) LERAY_TRY(leray_op_tanh(tape, v, &v));
    LERAY_TRY(leray_op_mean(tape, v, scalar));
    if (g) LERAY_TRY(leray_tape_backward(tape, *scalar));
    return LERAY_OK;
}

/* Steps of several sizes in turn; after each has been seen once nothing is allocated. */
static void test_no_allocation_after_the_first_step(void **state)
{
    static float x[2 * 3 * 64 * 64], g[2 * 3 * 64 * 64];
    leray_tensor *scalar;
    leray_tape *tape;
    long total;
    size_t bytes;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    assert_ok(chain(tape, 64, x, g, &scalar));
    bytes = leray_tape_bytes(tape);
    assert_true(bytes >= 40 * 2 * sizeof x && bytes < 42 * 2 * sizeof x);
    assert_ok(chain(tape, 17, x, g, &scalar));
    assert_ok(chain(tape, 32, x, g, &scalar));
    total = leray_mem_total();
    for (int i = 0; i < 3; i++) {
        assert_ok(chain(tape, 64, x, g, &scalar));
        assert_int_equal(leray_tape_bytes(tape), bytes);
        assert_ok(chain(tape, 17, x, g, &scalar));
        assert_ok(chain(tape, 32, x, g, &scalar));
    }
    assert_int_equal(leray_mem_total(), total);
    leray_tape_destroy(&tape);
}

static void test_inference_keeps_half(void **state)
{
    static double x[2 * 3 * 32 * 32], g[2 * 3 * 32 * 32];
    leray_tensor *scalar;
    leray_tape *tape;
    size_t with;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(chain(tape, 32, x, g, &scalar));
    with = leray_tape_bytes(tape);
    leray_tape_reset(tape);
    leray_tape_set_gradients(tape, false);
    assert_fails(chain(tape, 32, x, g, &scalar), LERAY_ERR_ARG, "depends on a parameter");
    assert_true(leray_tape_bytes(tape) < with * 55 / 100);
    assert_null(scalar->grad);
    leray_tape_destroy(&tape);
}

static void test_values(void **state)
{
    double x[12] = {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6}, t[12] = {0}, f[3] = {2, 3, 4};
    leray_tensor *a, *b, *factor, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){2, 3, 1, 2}, x, &a));
    assert_ok(leray_tape_input(tape, 1, (int[]){3}, f, &factor));
    assert_ok(leray_op_affine(tape, a, factor, factor, &y));
    assert_close(((double *)y->value)[3], 4 * 3 + 3, 1e-15);
    assert_close(((double *)y->value)[11], -6 * 4 + 4, 1e-15);
    assert_ok(leray_op_concat(tape, a, a, &y));
    assert_int_equal(y->shape[1], 6);
    assert_close(((double *)y->value)[6], 1, 0);
    assert_close(((double *)y->value)[23], -6, 0);
    assert_ok(leray_op_coordinates(tape, a, &y));
    assert_close(((double *)y->value)[1], 0.5, 0); /* x = 1 / 2 */
    assert_close(((double *)y->value)[3], 0, 0);   /* y = 0 / 1 */
    assert_ok(leray_op_mean(tape, a, &y));
    assert_close(leray_tensor_scalar(y), 0, 1e-15);

    /* |p - t| / |t| with t = p (1 + e): e / (1 + e) whatever p. */
    for (int i = 0; i < 12; i++) t[i] = x[i] * (i < 6 ? 1.25 : 2);
    assert_ok(leray_tape_input(tape, 4, (int[]){2, 3, 1, 2}, t, &b));
    assert_ok(leray_op_relative_l2(tape, a, b, &y));
    assert_close(leray_tensor_scalar(y), (0.25 / 1.25 + 0.5) / 2, 1e-15);
    assert_ok(leray_op_mean_square(tape, a, b, &y));
    assert_close(leray_tensor_scalar(y), (0.0625 + 1) * 91 / 12, 1e-14);
    leray_tape_destroy(&tape);
}

static void test_misuse(void **state)
{
    double x[12] = {0}, g[12];
    leray_tensor *a, *b, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_fails(leray_tape_input(tape, 6, (int[]){1, 1, 1, 1, 1, 1}, x, &a), LERAY_ERR_ARG,
                 "6 dimensions");
    assert_fails(leray_tape_input(tape, 2, (int[]){3, 0}, x, &a), LERAY_ERR_ARG, "extent 1");
    assert_ok(leray_tape_parameter(tape, 2, (int[]){3, 4}, x, g, &a));
    assert_ok(leray_tape_parameter(tape, 2, (int[]){4, 3}, x, g, &b));
    assert_fails(leray_op_add(tape, a, b, &y), LERAY_ERR_ARG, "different shapes");
    assert_null(y);
    assert_fails(leray_tape_backward(tape, a), LERAY_ERR_ARG, "one number");
    assert_ok(leray_op_sum(tape, a, &y));
    assert_ok(leray_tape_backward(tape, y));
    assert_fails(leray_tape_backward(tape, y), LERAY_ERR_ARG, "second time");
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_allocation_after_the_first_step),
        cmocka_unit_test(test_inference_keeps_half),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_misuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
