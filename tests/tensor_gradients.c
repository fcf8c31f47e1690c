/* tests/tensor_gradients.c - every row of tensor/ops.def: its gradient against central
   differences, single against double precision, the same bits for one and two threads, inputs
   that appear twice, and every failing allocation. */
#include "check.h"

#include "core/threads.h"
#include "tensor/op.h"
#include <leray/impl/ops.h>
#include <leray/impl/rng.h>

#define LERAY_OP(id) extern const leray_op leray_op_row_##id;
#include "tensor/ops.def"
#undef LERAY_OP

static const leray_op *const ops[] = {
#define LERAY_OP(id) &leray_op_row_##id,
#include "tensor/ops.def"
#undef LERAY_OP
};

#define N_OPS ((int)(sizeof ops / sizeof ops[0]))
#define MAX_ELEMENTS 40960

/* One sample of one op: inputs and their gradients, in both precisions. */
typedef struct problem {
    const leray_op *op;
    leray_op_sample sample;
    int count[LERAY_OP_INPUTS];
    double x[LERAY_OP_INPUTS][MAX_ELEMENTS], g[LERAY_OP_INPUTS][MAX_ELEMENTS];
    float x32[LERAY_OP_INPUTS][MAX_ELEMENTS], g32[LERAY_OP_INPUTS][MAX_ELEMENTS];
    double weight[MAX_ELEMENTS];
    float weight32[MAX_ELEMENTS];
    int out_count;
    bool indirect; /* inputs come from an op, so that their gradients start unwritten */
} problem;

static problem p; /* too large for the stack */

static void start(const leray_op *op, int i)
{
    leray_rng rng = leray_rng_make(5, LERAY_PURPOSE_TEST, (uint32_t)i, 0);

    memset(&p, 0, sizeof p);
    p.op = op;
    op->sample(i, &p.sample);
    for (int j = 0; j < p.sample.n_inputs; j++) {
        const leray_shape *shape = &p.sample.input[j];

        p.count[j] = 1;
        for (int d = 0; d < shape->ndim; d++) p.count[j] *= shape->extent[d];
        assert_in_range(p.count[j], 1, MAX_ELEMENTS);
        for (int e = 0; e < p.count[j]; e++) {
            double u = leray_rng_uniform(&rng);

            p.x32[j][e] = (float)(p.sample.low + (p.sample.high - p.sample.low) * u);
            p.x[j][e] = (double)p.x32[j][e];
        }
    }
    for (int e = 0; e < MAX_ELEMENTS; e++) {
        p.weight32[e] = (float)(leray_rng_uniform(&rng) - 0.3);
        p.weight[e] = (double)p.weight32[e];
    }
}

/* sum(weight * op(inputs)); the weights make every output count differently. */
static leray_status record(leray_tape *tape, bool gradients, leray_tensor **scalar)
{
    bool single = leray_tape_dtype(tape) == LERAY_F32;
    leray_tensor *in[LERAY_OP_INPUTS], *out, *weight;

    for (int j = 0; j < p.sample.n_inputs; j++) {
        void *x = single ? (void *)p.x32[j] : (void *)p.x[j];
        void *g = single ? (void *)p.g32[j] : (void *)p.g[j];

        LERAY_TRY(leray_tape_parameter(tape, p.sample.input[j].ndim, p.sample.input[j].extent, x,
                                       gradients ? g : NULL, &in[j]));
        if (p.indirect) LERAY_TRY(leray_op_scale(tape, in[j], 1, &in[j]));
    }
    LERAY_TRY(leray_tape_record(tape, p.op, p.sample.n_inputs, in, &p.sample.settings, &out));
    p.out_count = (int)out->count;
    assert_in_range(p.out_count, 1, MAX_ELEMENTS);
    if (out->count == 1) {
        *scalar = out;
        return LERAY_OK;
    }
    LERAY_TRY(leray_tape_input(tape, out->ndim, out->shape,
                               single ? (void *)p.weight32 : (void *)p.weight, &weight));
    LERAY_TRY(leray_op_mul(tape, out, weight, &out));
    LERAY_TRY(leray_op_sum(tape, out, scalar));
    return LERAY_OK;
}

static double value_at(leray_tape *tape)
{
    leray_tensor *scalar;

    leray_tape_reset(tape);
    assert_ok(record(tape, false, &scalar));
    return leray_tensor_scalar(scalar);
}

static void gradients(leray_tape *tape)
{
    leray_tensor *scalar;

    memset(p.g, 0, sizeof p.g);
    memset(p.g32, 0, sizeof p.g32);
    leray_tape_reset(tape);
    assert_ok(record(tape, true, &scalar));
    assert_ok(leray_tape_backward(tape, scalar));
}

static double largest(const double *x, int n)
{
    double m = 0;

    for (int i = 0; i < n; i++) m = fmax(m, fabs(x[i]));
    return m;
}

/* Fourth-order central differences of every element, or of 60 spread ones. */
static void check_input(leray_tape *tape, int j)
{
    const double h = 1e-3;
    double top = largest(p.g[j], p.count[j]);
    int stride = p.count[j] / 60 + 1;

    for (int e = 0; e < p.count[j]; e += stride) {
        static const double c[4] = {1. / 12, -8. / 12, 8. / 12, -1. / 12};
        double x = p.x[j][e], slope = 0;

        for (int k = 0; k < 4; k++) {
            p.x[j][e] = x + h * (k < 2 ? k - 2 : k - 1);
            slope += c[k] * value_at(tape) / h;
        }
        p.x[j][e] = x;
        if (!(fabs(slope - p.g[j][e]) <= 1e-7 * top + 1e-11))
            fail_msg("%s: input %d, element %d: gradient %.12g, differences %.12g", p.op->name, j,
                     e, p.g[j][e], slope);
    }
}

static void test_differences(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int i = 0; i < N_OPS; i++)
        for (int s = 0; s < ops[i]->n_samples; s++) {
            start(ops[i], s);
            gradients(tape);
            for (int j = 0; j < p.sample.n_inputs; j++) check_input(tape, j);
        }
    leray_tape_destroy(&tape);
}

static void test_single_precision(void **state)
{
    leray_tape *tape32, *tape64;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F32, &tape32));
    assert_ok(leray_tape_create(LERAY_F64, &tape64));
    for (int i = 0; i < N_OPS; i++)
        for (int s = 0; s < ops[i]->n_samples; s++) {
            static float g32[LERAY_OP_INPUTS][MAX_ELEMENTS];

            start(ops[i], s);
            gradients(tape32);
            memcpy(g32, p.g32, sizeof g32);
            gradients(tape64);
            for (int j = 0; j < p.sample.n_inputs; j++) {
                double top = largest(p.g[j], p.count[j]), worst = 0;

                for (int e = 0; e < p.count[j]; e++)
                    worst = fmax(worst, fabs((double)g32[j][e] - p.g[j][e]));
                if (!(worst <= 3e-6 * top))
                    fail_msg("%s: input %d: single precision is off by %.3g of %.3g", ops[i]->name,
                             j, worst, top);
            }
        }
    leray_tape_destroy(&tape64);
    leray_tape_destroy(&tape32);
}

static void test_threads(void **state)
{
    leray_tape *tape;
    int before = leray_threads();

    (void)state;
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    for (int i = 0; i < N_OPS; i++)
        for (int s = 0; s < ops[i]->n_samples; s++) {
            static float one[LERAY_OP_INPUTS][MAX_ELEMENTS];

            start(ops[i], s);
            leray_threads_set(1);
            gradients(tape);
            memcpy(one, p.g32, sizeof one);
            for (int threads = 2; threads < 4; threads++) {
                leray_threads_set(threads);
                gradients(tape);
                if (memcmp(one, p.g32, sizeof one) != 0)
                    fail_msg("%s: other bits with %d threads", ops[i]->name, threads);
            }
        }
    leray_threads_set(before);
    leray_tape_destroy(&tape);
}

/* Two backward passes into the same gradient add up: every op respects what is there. */
static void test_accumulation(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int i = 0; i < N_OPS; i++) {
        static double once[LERAY_OP_INPUTS][MAX_ELEMENTS];
        leray_tensor *scalar;

        start(ops[i], 0);
        gradients(tape);
        memcpy(once, p.g, sizeof once);
        leray_tape_reset(tape);
        assert_ok(record(tape, true, &scalar));
        assert_ok(leray_tape_backward(tape, scalar));
        for (int j = 0; j < p.sample.n_inputs; j++)
            for (int e = 0; e < p.count[j]; e++) assert_close(p.g[j][e], 2 * once[j][e], 1e-13);
    }
    leray_tape_destroy(&tape);
}

/* Where nothing has been written an op overwrites: the same gradients. */
static void test_unwritten(void **state)
{
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int i = 0; i < N_OPS; i++)
        for (int s = 0; s < ops[i]->n_samples; s++) {
            static double direct[LERAY_OP_INPUTS][MAX_ELEMENTS];

            start(ops[i], s);
            gradients(tape);
            memcpy(direct, p.g, sizeof direct);
            p.indirect = true;
            gradients(tape);
            for (int j = 0; j < p.sample.n_inputs; j++)
                for (int e = 0; e < p.count[j]; e++)
                    if (!(fabs(p.g[j][e] - direct[j][e]) <= 1e-13 * fmax(1, fabs(direct[j][e]))))
                        fail_msg("%s: input %d, element %d: %.17g where it was not written, %.17g "
                                 "where it was",
                                 ops[i]->name, j, e, p.g[j][e], direct[j][e]);
        }
    leray_tape_destroy(&tape);
}

/* x used twice by one op and once by another: d(x x + 3 x) = 2 x + 3. */
static void test_shared_input(void **state)
{
    double x[4] = {0.5, -1, 2, 3}, g[4] = {0};
    leray_tensor *v, *copy, *square, *scaled, *y;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_parameter(tape, 1, (int[]){4}, x, g, &v));
    assert_ok(leray_op_scale(tape, v, 1, &copy)); /* one whose gradient starts unwritten */
    assert_ok(leray_op_mul(tape, copy, copy, &square));
    assert_ok(leray_op_scale(tape, copy, 3, &scaled));
    assert_ok(leray_op_add(tape, square, scaled, &y));
    assert_ok(leray_op_sum(tape, y, &y));
    assert_close(leray_tensor_scalar(y), 0.25 + 1 + 4 + 9 + 3 * 4.5, 1e-15);
    assert_ok(leray_tape_backward(tape, y));
    for (int i = 0; i < 4; i++) assert_close(g[i], 2 * x[i] + 3, 1e-15);
    leray_tape_destroy(&tape);
    assert_null(tape);
}

static leray_status make_and_walk(leray_dtype dtype, leray_tape **tape)
{
    leray_tensor *scalar;

    LERAY_TRY(leray_tape_create(dtype, tape));
    LERAY_TRY(record(*tape, true, &scalar));
    LERAY_TRY(leray_tape_backward(*tape, scalar));
    return LERAY_OK;
}

static void test_failing_allocations(void **state)
{
    long live = leray_mem_live();

    (void)state;
    for (int i = 0; i < N_OPS; i++) {
        leray_status status = LERAY_ERR_MEMORY;
        long k;

        start(ops[i], 0);
        for (k = 1; status; k++) {
            leray_tape *tape = NULL;

            leray_mem_fail_at(k);
            status = make_and_walk(k % 2 ? LERAY_F64 : LERAY_F32, &tape);
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            leray_tape_destroy(&tape);
            assert_int_equal(leray_mem_live(), live);
        }
        assert_true(k > 3);
    }
}

/* The exact gelu, also far out and for what is not a number; both precisions. */
static void test_gelu(void **state)
{
    static float x32[4001];
    static double x64[4001];
    leray_tensor *x, *y32, *y64;
    leray_tape *single, *twice;

    (void)state;
    for (int i = 0; i < 4001; i++) x32[i] = (float)(i - 2000) / 150, x64[i] = (double)x32[i];
    assert_ok(leray_tape_create(LERAY_F32, &single));
    assert_ok(leray_tape_create(LERAY_F64, &twice));
    assert_ok(leray_tape_input(single, 1, (int[]){4001}, x32, &x));
    assert_ok(leray_op_gelu(single, x, &y32));
    assert_ok(leray_tape_input(twice, 1, (int[]){4001}, x64, &x));
    assert_ok(leray_op_gelu(twice, x, &y64));
    for (int i = 0; i < 4001; i++) {
        double exact = 0.5 * x64[i] * erfc(-x64[i] / sqrt(2));

        assert_at_most(fabs(((double *)y64->value)[i] - exact), 1e-15 * fmax(1, fabs(exact)));
        assert_at_most(fabs((double)((float *)y32->value)[i] - exact), 4e-7 * fmax(1, fabs(exact)));
    }
    x32[0] = NAN, x32[1] = INFINITY, x32[2] = -1e30f;
    leray_tape_reset(single);
    assert_ok(leray_tape_input(single, 1, (int[]){4001}, x32, &x));
    assert_ok(leray_op_gelu(single, x, &y32));
    assert_true(isnan(((float *)y32->value)[0]) && isinf(((float *)y32->value)[1]));
    assert_true(((float *)y32->value)[2] == 0);
    leray_tape_destroy(&twice);
    leray_tape_destroy(&single);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_single_precision),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_accumulation),
        cmocka_unit_test(test_unwritten),
        cmocka_unit_test(test_shared_input),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_gelu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
