/* tests/tensor_tape.c - the tape: memory that stops growing, inference, values of the ops that
   have closed forms, and misuse. */
#include "check.h"

#include <leray/impl/ops.h>

#define CHANNELS 3
#define DEPTH 40
#define COUNT(n) (2 * CHANNELS * (n) * (n))

static leray_status chain(leray_tape *tape, int n, void *x, void *g, leray_tensor **scalar)
{
    leray_tensor *v;

    leray_tape_reset(tape);
    LERAY_TRY(leray_tape_parameter(tape, 4, (int[]){2, CHANNELS, n, n}, x, g, &v));
    for (int i = 0; i < DEPTH; i++) LERAY_TRY(leray_op_tanh(tape, v, &v));
    LERAY_TRY(leray_op_mean(tape, v, scalar));
    if (g) LERAY_TRY(leray_tape_backward(tape, *scalar));
    return LERAY_OK;
}

/* Steps of several sizes in turn; after each has been seen twice nothing is allocated. Backward
   needs little more than the values of forward: one gradient comes while another goes. */
static void test_memory_stops_growing(void **state)
{
    static float x[COUNT(64)], g[COUNT(64)];
    leray_tensor *scalar;
    leray_tape *tape;
    long total;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    for (int i = 0; i < 2; i++) {
        assert_ok(chain(tape, 64, x, g, &scalar));
        assert_ok(chain(tape, 17, x, g, &scalar));
        assert_ok(chain(tape, 32, x, g, &scalar));
    }
    assert_in_range(leray_tape_peak(tape), DEPTH * sizeof x, (DEPTH + 2) * sizeof x + 4096);
    total = leray_mem_total();
    for (int i = 0; i < 3; i++) {
        assert_ok(chain(tape, 64, x, g, &scalar));
        assert_ok(chain(tape, 17, x, g, &scalar));
        assert_ok(chain(tape, 32, x, g, &scalar));
    }
    assert_int_equal(leray_mem_total(), total);
    leray_tape_destroy(&tape);
}

/* What measuring says is what the step takes, to the byte, and it takes no memory itself. */
static void test_measuring(void **state)
{
    static double x[COUNT(32)], g[COUNT(32)];
    leray_tensor *scalar;
    leray_tape *tape;
    size_t measured, bytes;
    long total;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    bytes = leray_mem_bytes();
    leray_tape_set_measuring(tape, true);
    assert_ok(chain(tape, 32, x, g, &scalar));
    assert_null(scalar->value);
    for (int i = 0; i < COUNT(32); i++) assert_true(g[i] == 0);
    measured = leray_tape_peak(tape);
    assert_at_most((double)(leray_mem_bytes() - bytes), 2e6);
    leray_tape_reset(tape);
    leray_tape_set_measuring(tape, false);
    total = leray_mem_total();
    assert_ok(chain(tape, 32, x, g, &scalar));
    assert_int_equal(leray_tape_peak(tape), measured);
    assert_int_equal(leray_mem_total(), total + 1); /* the one block */
    assert_ok(chain(tape, 32, x, g, &scalar));
    assert_int_equal(leray_mem_total(), total + 1);
    leray_tape_destroy(&tape);
}

static void test_inference_keeps_no_gradients(void **state)
{
    static double x[COUNT(32)], g[COUNT(32)];
    leray_tensor *scalar;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    assert_fails(chain(tape, 32, x, g, &scalar), LERAY_ERR_ARG, "depends on a parameter");
    assert_false(scalar->wants);
    assert_in_range(leray_tape_peak(tape), DEPTH * sizeof x, DEPTH * sizeof x + 4096);
    leray_tape_destroy(&tape);
}

/* ---- segments --------------------------------------------------------------------------- */

typedef struct layers {
    int count;
    double *factor, *factor_grad; /* [CHANNELS], shared by all */
    double *shift, *shift_grad;
} layers;

/* Layers v <- tanh(v factor + shift), with the parameters put on the tape anew by each. */
static leray_status body(void *context, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    layers *l = context;
    int channels = CHANNELS;

    for (int i = 0; i < l->count; i++, x = *y) {
        leray_tensor *factor, *shift;

        LERAY_TRY(leray_tape_parameter(tape, 1, &channels, l->factor, l->factor_grad, &factor));
        LERAY_TRY(leray_tape_parameter(tape, 1, &channels, l->shift, l->shift_grad, &shift));
        if (factor->wants) factor->tag = 1, shift->tag = 2;
        LERAY_TRY(leray_op_affine(tape, x, factor, shift, &x));
        LERAY_TRY(leray_op_tanh(tape, x, y));
    }
    return LERAY_OK;
}

typedef struct gradients {
    double x[COUNT(12)], factor[CHANNELS], shift[CHANNELS];
} gradients;

static leray_status segments(leray_tape *tape, bool recompute, const double *x, gradients *g)
{
    static double factor[CHANNELS] = {0.9, -1.2, 1.1}, shift[CHANNELS] = {0.1, 0, -0.2};
    layers l = {5, factor, g->factor, shift, g->shift};
    leray_tensor *v, *scalar;

    memset(g, 0, sizeof *g);
    leray_tape_reset(tape);
    LERAY_TRY(
        leray_tape_parameter(tape, 4, (int[]){2, CHANNELS, 12, 12}, (void *)(size_t)x, g->x, &v));
    for (int i = 0; i < 8; i++) LERAY_TRY(leray_tape_segment(tape, body, &l, recompute, v, &v));
    LERAY_TRY(leray_op_mean(tape, v, &scalar));
    return leray_tape_backward(tape, scalar);
}

static leray_status count_calls(void *context, int tag)
{
    ((int *)context)[tag]++;
    return LERAY_OK;
}

/* The same gradients bit for bit, in less memory; what is measured is taken; the watcher hears
   of every use of a parameter. */
static void test_recomputation(void **state)
{
    static gradients kept, again;
    double x[COUNT(12)];
    leray_tape *tape;
    size_t peak[2];
    int calls[3] = {0};

    (void)state;
    for (int i = 0; i < COUNT(12); i++) x[i] = sin(i);
    for (int recompute = 0; recompute < 2; recompute++) {
        assert_ok(leray_tape_create(LERAY_F64, &tape));
        leray_tape_watch(tape, count_calls, calls);
        leray_tape_set_measuring(tape, true);
        assert_ok(segments(tape, recompute, x, &again));
        peak[recompute] = leray_tape_peak(tape);
        leray_tape_reset(tape);
        leray_tape_set_measuring(tape, false);
        assert_ok(segments(tape, recompute, x, recompute ? &again : &kept));
        assert_int_equal(leray_tape_peak(tape), peak[recompute]);
        leray_tape_destroy(&tape);
    }
    assert_memory_equal(&kept, &again, sizeof kept);
    assert_true(fabs(kept.factor[0]) > 1e-6);
    assert_in_range(peak[0], 80 * sizeof x, 84 * sizeof x);
    assert_in_range(peak[1], 18 * sizeof x, 21 * sizeof x);
    for (int tag = 1; tag <= 2; tag++) assert_int_equal(calls[tag], 4 * 40);
}

static void test_inference_keeps_only_ends_of_segments(void **state)
{
    static gradients g;
    double x[COUNT(12)] = {0.5};
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    assert_fails(segments(tape, false, x, &g), LERAY_ERR_ARG, "depends on a parameter");
    assert_in_range(leray_tape_peak(tape), 16 * sizeof x, 18 * sizeof x);
    leray_tape_destroy(&tape);
}

/* y = sum of x as [2, 3] and of x as [6], each with weights: both gradients reach x. */
static void test_reshape(void **state)
{
    double x[6] = {1, 2, 3, 4, 5, 6}, g[6] = {0}, w[6] = {1, 10, 100, -1, -2, -3};
    leray_tensor *in, *flat, *square, *weight, *sum[2];
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_parameter(tape, 1, (int[]){6}, x, g, &in));
    assert_ok(leray_op_scale(tape, in, 2, &in));
    assert_ok(leray_tape_reshape(tape, in, 2, (int[]){2, 3}, &square));
    assert_ok(leray_tape_reshape(tape, square, 1, (int[]){6}, &flat));
    assert_ok(leray_tape_input(tape, 1, (int[]){6}, w, &weight));
    assert_ok(leray_op_mul(tape, flat, weight, &flat));
    assert_ok(leray_op_sum(tape, flat, &sum[0]));
    assert_ok(leray_op_sum(tape, square, &sum[1]));
    assert_ok(leray_op_add(tape, sum[0], sum[1], &sum[0]));
    assert_ok(leray_tape_backward(tape, sum[0]));
    for (int i = 0; i < 6; i++) assert_close(g[i], 2 * (w[i] + 1), 1e-15);
    assert_fails(leray_tape_reshape(tape, in, 1, (int[]){5}, &flat), LERAY_ERR_ARG, "6 elements");
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
    assert_ok(leray_op_concat(tape, 1, a, a, &y));
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
    assert_fails(leray_tape_input(tape, 7, (int[]){1, 1, 1, 1, 1, 1, 1}, x, &a), LERAY_ERR_ARG,
                 "7 dimensions");
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
        cmocka_unit_test(test_memory_stops_growing),
        cmocka_unit_test(test_measuring),
        cmocka_unit_test(test_inference_keeps_no_gradients),
        cmocka_unit_test(test_recomputation),
        cmocka_unit_test(test_inference_keeps_only_ends_of_segments),
        cmocka_unit_test(test_reshape),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_misuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
