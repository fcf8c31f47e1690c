/* tests/tensor_ops.c - operations against PyTorch, whose numbers (in double precision)
   tools/parity/ops.py has written, in both precisions; some exact answers; and what is refused. */
#include "fixture.h"

#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#define MOST 6

typedef leray_tensor *const *tensors;
#define APPLY(name) static leray_status name(leray_tape *t, tensors x, leray_tensor **y)

/* A convolution of x[0] and x[1], with the bias x[2] unless it is missing. */
#define CONV(id, function, ...) \
    APPLY(id) { return function(t, x[0], x[1], x[2], &(leray_convolution){__VA_ARGS__}, y); }
#define DOWN(id, ...) CONV(id, leray_op_conv, __VA_ARGS__)
#define UP(id, ...) CONV(id, leray_op_conv_transpose, __VA_ARGS__)
#define SAME .before = {1, 1}, .after = {1, 1}

DOWN(conv1, .before = {1}, .after = {1})
DOWN(conv1_groups, .before = {2}, .after = {1}, .edge = LERAY_EDGE_PERIODIC, .stride = {2},
     .groups = 2)
DOWN(conv2, SAME)
DOWN(conv2_periodic, SAME, .edge = LERAY_EDGE_PERIODIC)
DOWN(conv2_replicate, .before = {2, 1}, .after = {0, 3}, .edge = LERAY_EDGE_REPLICATE)
DOWN(conv2_stride, .before = {1, 0}, .after = {0, 1}, .stride = {2, 3})
DOWN(conv2_dilation, .before = {2, 1}, .after = {2, 2}, .dilation = {2, 3},
     .edge = LERAY_EDGE_PERIODIC)
DOWN(conv2_depthwise, SAME, .groups = 6)
DOWN(conv2_many_replicate, .before = {0, 1}, .after = {1, 2}, .edge = LERAY_EDGE_REPLICATE)
UP(up2_many, SAME)
DOWN(conv3, .before = {1, 0, 1}, .after = {1, 1, 1})
DOWN(conv3_periodic, .before = {1, 0, 1}, .after = {1, 1, 1}, .stride = {1, 2, 1},
     .edge = LERAY_EDGE_PERIODIC)
DOWN(conv3_replicate, .before = {1, 1, 2}, .after = {1, 1, 2}, .dilation = {1, 2, 2},
     .edge = LERAY_EDGE_REPLICATE)
UP(up1, .stride = {2}, .before = {1}, .after = {1})
UP(up2, .stride = {2, 2}, SAME, .output_padding = {1, 0})
UP(up2_dilation, .stride = {1, 3}, .dilation = {2, 1})
UP(up2_groups, .stride = {2, 2}, .groups = 2)
UP(up3, .stride = {2, 2, 2}, .before = {1, 0, 1}, .after = {1, 0, 1}, .output_padding = {1, 1, 0})

APPLY(group_norm) { return leray_op_group_norm(t, x[0], x[1], x[2], 2, 1e-5, y); }
APPLY(group_norm_one) { return leray_op_group_norm(t, x[0], x[1], x[2], 1, 1e-3, y); }
APPLY(instance_norm) { return leray_op_group_norm(t, x[0], NULL, NULL, 6, 1e-5, y); }
APPLY(layer_norm) { return leray_op_layer_norm(t, x[0], x[1], x[2], 2, 1e-5, y); }
APPLY(layer_norm_channels) { return leray_op_layer_norm(t, x[0], x[1], x[2], 1, 1e-5, y); }

#define GRID(...) ((const int[]){__VA_ARGS__})
APPLY(max_pool1) { return leray_op_max_pool(t, x[0], GRID(3), GRID(2), y); }
APPLY(max_pool2) { return leray_op_max_pool(t, x[0], GRID(2, 3), GRID(2, 1), y); }
APPLY(max_pool3) { return leray_op_max_pool(t, x[0], GRID(2, 2, 2), GRID(2, 2, 2), y); }
APPLY(mean_pool1) { return leray_op_mean_pool(t, x[0], GRID(3), GRID(2), y); }
APPLY(mean_pool2) { return leray_op_mean_pool(t, x[0], GRID(2, 3), GRID(2, 1), y); }
APPLY(mean_pool3) { return leray_op_mean_pool(t, x[0], GRID(2, 2, 2), GRID(1, 1, 1), y); }
APPLY(nearest2) { return leray_op_resize(t, x[0], LERAY_RESIZE_NEAREST, GRID(16, 5), y); }
APPLY(linear1) { return leray_op_resize(t, x[0], LERAY_RESIZE_LINEAR, GRID(11), y); }
APPLY(linear2) { return leray_op_resize(t, x[0], LERAY_RESIZE_LINEAR, GRID(13, 21), y); }
APPLY(linear2_down) { return leray_op_resize(t, x[0], LERAY_RESIZE_LINEAR, GRID(5, 4), y); }
APPLY(linear3) { return leray_op_resize(t, x[0], LERAY_RESIZE_LINEAR, GRID(7, 3, 9), y); }

static leray_status pad_with(leray_tape *t, tensors x, leray_edge edge, leray_tensor **y)
{
    return leray_op_pad(t, x[0], GRID(1, 2), GRID(0, 3), edge, 0.75, y);
}

APPLY(pad2) { return pad_with(t, x, LERAY_EDGE_ZERO, y); }
APPLY(pad2_periodic) { return pad_with(t, x, LERAY_EDGE_PERIODIC, y); }
APPLY(pad2_replicate) { return pad_with(t, x, LERAY_EDGE_REPLICATE, y); }
APPLY(crop2) { return leray_op_crop(t, x[0], GRID(1, 0), GRID(2, 3), y); }
APPLY(grid_sum) { return leray_op_grid_sum(t, x[0], y); }
APPLY(grid_mean) { return leray_op_grid_mean(t, x[0], y); }
APPLY(slice) { return leray_op_slice(t, x[0], 2, 2, 3, y); }
APPLY(permute) { return leray_op_permute(t, x[0], GRID(3, 0, 2, 1), y); }
APPLY(concat) { return leray_op_concat(t, 1, x[0], x[1], y); }
APPLY(matmul) { return leray_op_matmul(t, x[0], false, x[1], false, y); }
APPLY(matmul_transposed) { return leray_op_matmul(t, x[0], true, x[1], true, y); }
APPLY(softmax) { return leray_op_softmax(t, x[0], y); }
APPLY(silu) { return leray_op_silu(t, x[0], y); }
APPLY(sigmoid) { return leray_op_sigmoid(t, x[0], y); }
APPLY(sine) { return leray_op_sin(t, x[0], y); }
APPLY(exponential) { return leray_op_exp(t, x[0], y); }
APPLY(attention) { return leray_op_attention(t, x[0], x[1], x[2], y); }

typedef struct parity_case {
    const char *name;
    leray_status (*apply)(leray_tape *tape, tensors x, leray_tensor **y);
} parity_case;

#define CASE(id) \
    {            \
#id, id  \
    }
static const parity_case cases[] = {
    CASE(conv1),
    CASE(conv1_groups),
    CASE(conv2),
    CASE(conv2_periodic),
    CASE(conv2_replicate),
    CASE(conv2_stride),
    CASE(conv2_dilation),
    CASE(conv2_depthwise),
    {"conv2_large",         conv2_periodic},
    {"conv2_many",          conv2         },
    {"conv2_many_periodic", conv2_periodic},
    CASE(conv2_many_replicate),
    CASE(up2_many),
    CASE(conv3),
    CASE(conv3_periodic),
    CASE(conv3_replicate),
    CASE(up1),
    CASE(up2),
    CASE(up2_dilation),
    CASE(up2_groups),
    CASE(up3),
    CASE(group_norm),
    CASE(group_norm_one),
    CASE(instance_norm),
    CASE(layer_norm),
    CASE(layer_norm_channels),
    CASE(max_pool1),
    CASE(max_pool2),
    CASE(max_pool3),
    CASE(mean_pool1),
    CASE(mean_pool2),
    CASE(mean_pool3),
    CASE(nearest2),
    CASE(linear1),
    CASE(linear2),
    CASE(linear2_down),
    CASE(linear3),
    CASE(pad2),
    CASE(pad2_periodic),
    CASE(pad2_replicate),
    CASE(crop2),
    CASE(grid_sum),
    CASE(grid_mean),
    CASE(slice),
    CASE(permute),
    CASE(concat),
    CASE(matmul),
    CASE(matmul_transposed),
    CASE(softmax),
    CASE(silu),
    CASE(sigmoid),
    {"sin",                 sine          },
    {"exp",                 exponential   },
    CASE(attention),
};

#define N_CASES (sizeof cases / sizeof cases[0])

/* An array of the fixture and its extents; NULL if it is not there. */
static const double *array_of(const fixture *f, const char *name, const char *what, leray_shape *s)
{
    char full[64];
    size_t count = 0, ndim = 0;
    const double *extents, *data;

    snprintf(full, sizeof full, "%s.%s", name, what);
    data = fixture_find(f, full, &count);
    if (!data) return NULL;
    strcat(full, ".shape");
    extents = fixture_find(f, full, &ndim);
    assert_true(extents && ndim <= LERAY_TENSOR_DIMS);
    s->ndim = (int)ndim;
    for (size_t d = 0; d < ndim; d++) {
        s->extent[d] = (int)extents[d];
        count /= (size_t)extents[d];
    }
    assert_int_equal(count, 1);
    return data;
}

static leray_tensor *input(leray_tape *tape, const double *data, const leray_shape *s, void **room)
{
    leray_tensor *x;
    float *single;

    assert_ok(leray_tape_input(tape, s->ndim, s->extent, data, &x));
    if (leray_tape_dtype(tape) == LERAY_F64) return x;
    assert_ok(LERAY_ALLOC(&single, x->count));
    for (size_t i = 0; i < x->count; i++) single[i] = (float)data[i];
    x->value = *room = single;
    return x;
}

static void check(const fixture *f, const parity_case *c, leray_dtype dtype, double tolerance)
{
    leray_tensor *x[MOST] = {NULL}, *y;
    leray_tape *tape;
    leray_shape s;
    void *room[MOST] = {NULL};
    const double *data;
    double worst = 0, top = 0;

    assert_ok(leray_tape_create(dtype, &tape));
    for (int i = 0; i < MOST; i++) {
        data = array_of(f, c->name, (char[]){(char)('0' + i), 0}, &s);
        if (data) x[i] = input(tape, data, &s, &room[i]);
    }
    assert_ok(c->apply(tape, x, &y));
    data = array_of(f, c->name, "y", &s);
    if (!data) fail_msg("the fixture lacks '%s'", c->name);
    assert_int_equal(y->ndim, s.ndim);
    for (int d = 0; d < s.ndim; d++) assert_int_equal(y->shape[d], s.extent[d]);
    for (size_t i = 0; i < y->count; i++) {
        worst = fmax(worst, fabs(leray_number(dtype, y->value, i) - data[i]));
        top = fmax(top, fabs(data[i]));
    }
    if (!(worst <= tolerance * top)) fail_msg("%s: off by %.3g of %.3g", c->name, worst, top);
    leray_tape_destroy(&tape);
    for (int i = 0; i < MOST; i++) leray_mem_free(room[i]);
}

static void check_all(leray_dtype dtype, double tolerance)
{
    fixture f;

    fixture_open(&f, LERAY_SOURCE_DIR "/tests/fixtures/tensor/ops.bin");
    for (size_t i = 0; i < N_CASES; i++) check(&f, &cases[i], dtype, tolerance);
    fixture_close(&f);
}

static void test_double(void **state)
{
    (void)state;
    check_all(LERAY_F64, 1e-13);
}

static void test_single(void **state)
{
    (void)state;
    check_all(LERAY_F32, 3e-6);
}

/* sin, exp and what is made of them, in single precision, against the C library in double: in
   units of the spacing of floats at the result, far out and at the ends of the range. */
static void test_functions(void **state)
{
    enum { N = 20001 };
    static float v[N];
    leray_tensor *x, *s, *e, *g, *t;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    for (int i = 0; i < N; i++) v[i] = (float)((i - N / 2) * 1.0371e-2);
    v[0] = 1e6f, v[1] = -12345.678f, v[2] = 1e12f, v[3] = 88.7f, v[4] = -87.3f;
    assert_ok(leray_tape_input(tape, 1, (int[]){N}, v, &x));
    assert_ok(leray_op_sin(tape, x, &s));
    assert_ok(leray_op_exp(tape, x, &e));
    assert_ok(leray_op_sigmoid(tape, x, &g));
    assert_ok(leray_op_tanh(tape, x, &t));
    for (int i = 0; i < N; i++) {
        double w = (double)v[i], exact = sin(w);

        assert_at_most(fabs((double)((float *)s->value)[i] - exact), 2e-7 * fabs(exact) + 1e-9);
        exact = exp(w);
        if (exact > 3.4028234663852886e38) assert_true(isinf(((float *)e->value)[i]));
        else assert_at_most(fabs((double)((float *)e->value)[i] - exact), 2e-7 * exact + 2e-45);
        exact = 1 / (1 + exp(-w));
        assert_at_most(fabs((double)((float *)g->value)[i] - exact), 3e-7 * exact + 1e-38);
        exact = tanh(w);
        assert_at_most(fabs((double)((float *)t->value)[i] - exact), 2e-7 * fabs(exact));
    }
    v[0] = NAN, v[1] = INFINITY, v[2] = -INFINITY;
    leray_tape_reset(tape);
    assert_ok(leray_tape_input(tape, 1, (int[]){N}, v, &x));
    assert_ok(leray_op_sin(tape, x, &s));
    assert_ok(leray_op_exp(tape, x, &e));
    for (int i = 0; i < 3; i++) assert_true(isnan(((float *)s->value)[i]));
    assert_true(isnan(((float *)e->value)[0]) && isinf(((float *)e->value)[1]));
    assert_true(((float *)e->value)[2] == 0);
    leray_tape_destroy(&tape);
}

/* Twice as fine on a periodic grid: old points keep their values, new ones are means of their
   neighbours, the last of the last and the first. And back: the points that both have. */
static void test_periodic_resize(void **state)
{
    double v[5] = {1, 4, -2, 0.5, 8};
    leray_tensor *x, *fine, *coarse;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 3, (int[]){1, 1, 5}, v, &x));
    assert_ok(leray_op_resize(tape, x, LERAY_RESIZE_PERIODIC, GRID(10), &fine));
    assert_ok(leray_op_resize(tape, fine, LERAY_RESIZE_PERIODIC, GRID(5), &coarse));
    for (int i = 0; i < 5; i++) {
        assert_true(((double *)fine->value)[2 * i] == v[i]);
        assert_close(((double *)fine->value)[2 * i + 1], (v[i] + v[(i + 1) % 5]) / 2, 1e-15);
        assert_true(((double *)coarse->value)[i] == v[i]);
    }
    leray_tape_destroy(&tape);
}

static void test_refusals(void **state)
{
    static double v[2 * 3 * 4 * 5];
    leray_tensor *x, *w, *b, *y;
    leray_tape *t;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &t));
    assert_ok(leray_tape_input(t, 4, (int[]){2, 3, 4, 5}, v, &x));
    assert_ok(leray_tape_input(t, 4, (int[]){2, 4, 3, 3}, v, &w));
    assert_ok(leray_tape_input(t, 1, (int[]){4}, v, &b));
#define REFUSED(call, words) assert_fails(leray_op_##call, LERAY_ERR_ARG, words)
    REFUSED(conv(t, x, w, NULL, &(leray_convolution){0}, &y),
            "a weight [2, 4, ..] in 1 groups does not take 3 channels");
    REFUSED(conv(t, x, b, NULL, &(leray_convolution){0}, &y), "they have 4 and 1");
    assert_ok(leray_tape_input(t, 4, (int[]){2, 3, 5, 3}, v, &w));
    REFUSED(conv(t, x, w, NULL, &(leray_convolution){0}, &y),
            "axis 0: a kernel of 5 points (dilation 1) does not fit 4 points with padding 0");
    REFUSED(conv(t, x, w, b, &(leray_convolution){.before = {2}}, &y), "4 biases for 2 channels");
    REFUSED(conv(t, x, w, NULL, &(leray_convolution){.groups = 2}, &y), "2 groups do not divide 3");
    REFUSED(conv(t, x, w, NULL,
                 &(leray_convolution){
                     .stride = {-1, 1}
    },
                 &y),
            "stride -1");
    REFUSED(conv_transpose(t, x, w, NULL, &(leray_convolution){0}, &y), "does not take 3 channels");
    REFUSED(group_norm(t, x, NULL, NULL, 2, 1e-5, &y), "2 groups do not divide 3 channels");
    REFUSED(group_norm(t, x, b, b, 1, 1e-5, &y), "4 numbers for 3 channels");
    REFUSED(layer_norm(t, x, NULL, NULL, 4, 1e-5, &y), "axis 4 is not in [0, 3]");
    REFUSED(layer_norm(t, x, b, b, 3, 1e-5, &y), "4 numbers for an axis of 5");
    REFUSED(max_pool(t, x, GRID(5, 1), GRID(1, 1), &y), "kernel 5 (stride 1) is not in [1, 4]");
    REFUSED(mean_pool(t, x, GRID(1, 1), GRID(1, 0), &y), "stride 0");
    REFUSED(resize(t, x, LERAY_RESIZE_LINEAR, GRID(3, 0), &y), "extent 1 of the grid is 0");
    REFUSED(pad(t, x, GRID(-2, 0), GRID(-2, 0), LERAY_EDGE_ZERO, 0, &y), "leave none");
    REFUSED(crop(t, x, GRID(-1, 0), GRID(0, 0), &y), "crop: -1 and 0 on axis 0");
    REFUSED(slice(t, x, 2, 3, 2, &y), "2 elements from 3 on are not in axis 2 of 4");
    REFUSED(slice(t, x, -1, 0, 1, &y), "axis -1");
    REFUSED(concat(t, 1, x, b, &y), "more than axis 1");
    REFUSED(permute(t, x, GRID(0, 1, 1, 2), &y), "axis 2 of the result cannot be axis 1");
    REFUSED(matmul(t, x, false, x, false, &y), "[4, 5] times [4, 5]");
    REFUSED(matmul(t, x, false, b, false, &y), "the same extents before");
    REFUSED(attention(t, x, w, x, &y), "queries [4, 5], keys [5, 3]");
    REFUSED(attention(t, x, b, x, &y), "differ in front");
    REFUSED(grid_mean(t, b, &y), "[batch, channels, grid..]");
    REFUSED(sub(t, x, b, &y), "different shapes");
    leray_tape_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_double),    cmocka_unit_test(test_single),
        cmocka_unit_test(test_functions), cmocka_unit_test(test_periodic_resize),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
