/* tests/operators_stencils.c - U-Net, residual network and dense network: what shifts with the
   input, which grids are refused and why, their sizes and initial values. */
#include "check.h"

#include "operators_make.h"

#include <stdlib.h>

#define N 16

static leray_status make_on(const leray_model_type *type, const char *yaml, leray_grid grid,
                            leray_model **model)
{
    leray_problem problem = {
        .channels_in = 1,
        .channels_out = 1,
        .grid = grid,
    };

    return make_model_for(type, yaml, problem, LERAY_F64, model);
}

static leray_grid square_grid(void) { return grid_2d(N, N, true); }
#define square square_grid()

static double run_at(leray_model *model, const double *x, double *y)
{
    leray_tape *tape;
    leray_tensor *in, *out;
    double top = 0;

    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, N, N}, x, &in));
    assert_ok(leray_model_forward(model, tape, in, &out));
    memcpy(y, out->value, out->count * sizeof *y);
    for (size_t i = 0; i < out->count; i++) top = fmax(top, fabs(y[i]));
    leray_tape_destroy(&tape);
    return top;
}

/* Largest change, by the largest value, of what a shift by (dy, dx) points leaves. */
static double shift_error(const leray_model_type *type, const char *yaml, int dy, int dx)
{
    static double x[N * N], y[N * N], moved[N * N], z[N * N];
    leray_model *model;
    double worst = 0, top;

    assert_ok(make_on(type, yaml, square, &model));
    draw(3, N * N, LERAY_F64, x);
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) moved[j * N + i] = x[(j + dy) % N * N + (i + dx) % N];
    top = run_at(model, x, y);
    run_at(model, moved, z);
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++)
            worst = fmax(worst, fabs(z[j * N + i] - y[(j + dy) % N * N + (i + dx) % N]));
    leray_model_destroy(&model);
    return worst / top;
}

/* Periodic stencils commute with shifts, a U-Net with those by 2^levels points; nothing else
   does, or the test would not see it. */
static void test_shifts(void **state)
{
    (void)state;
    assert_at_most(shift_error(&leray_model_unet, "width: 4, levels: 2", 4, 8), 1e-13);
    assert_at_most(
        shift_error(&leray_model_unet, "width: 4, levels: 2, down: max, up: resize", 12, 4), 1e-13);
    assert_true(shift_error(&leray_model_unet, "width: 4, levels: 2", 2, 0) > 1e-3);
    assert_true(shift_error(&leray_model_unet, "width: 4, levels: 2, padding: zero", 4, 8) > 1e-3);
    assert_at_most(shift_error(&leray_model_resnet, "width: 4, layers: 2", 3, 5), 1e-13);
    assert_true(shift_error(&leray_model_resnet, "width: 4, layers: 2, padding: replicate", 3, 5) >
                1e-3);
}

/* A residual network of `layers` blocks without norms sees 2 layers points to each side. */
static void test_reach(void **state)
{
    static double x[N * N], y[N * N], z[N * N];
    leray_model *model;

    (void)state;
    assert_ok(make_on(&leray_model_resnet, "width: 4, layers: 2, norm: none", square, &model));
    draw(3, N * N, LERAY_F64, x);
    run_at(model, x, y);
    x[8 * N + 8] += 1;
    run_at(model, x, z);
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) {
            bool near = abs(j - 8) <= 4 && abs(i - 8) <= 4;

            assert_true(near == (y[j * N + i] != z[j * N + i]));
        }
    leray_model_destroy(&model);
}

/* The coarsest level hands what is at one end to the other: with `levels` halvings of 16 points a
   change anywhere reaches all. */
static void test_hierarchy(void **state)
{
    static double x[N * N], y[N * N], z[N * N];
    leray_model *model;

    (void)state;
    assert_ok(make_on(&leray_model_unet, "width: 4, levels: 3, norm: none", square, &model));
    draw(3, N * N, LERAY_F64, x);
    run_at(model, x, y);
    x[0] += 1;
    run_at(model, x, z);
    for (int i = 0; i < N * N; i++) assert_true(y[i] != z[i]);
    leray_model_destroy(&model);
}

/* The pointwise network is a function of a point's values and place alone. */
static void test_pointwise(void **state)
{
    static double x[N * N], y[N * N], z[N * N];
    leray_model *model;
    leray_grid line = grid_2d(3, 5, true);

    (void)state;
    assert_ok(make_on(&leray_model_mlp, "pointwise: true, width: 8", square, &model));
    assert_ok(leray_model_accepts(model, &line));
    draw(3, N * N, LERAY_F64, x);
    run_at(model, x, y);
    x[5 * N + 3] += 1;
    run_at(model, x, z);
    for (int i = 0; i < N * N; i++) assert_true((i == 5 * N + 3) == (y[i] != z[i]));
    x[5 * N + 3] = x[5 * N + 4]; /* the same value at another place */
    run_at(model, x, z);
    assert_true(fabs(z[5 * N + 3] - z[5 * N + 4]) > 1e-6);
    leray_model_destroy(&model);
}

static void test_other_grids(void **state)
{
    static const struct {
        const leray_model_type *type;
        const char *why;
    } tied[] = {
        {&leray_model_unet,   "stencils of a few points"},
        {&leray_model_resnet, "stencils of a few points"},
        {&leray_model_mlp,    "one number per point"    },
    };
    leray_grid fine = grid_2d(2 * N, 2 * N, true), same = square;

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_model *model;

        assert_ok(make_on(tied[i].type, "width: 4", square, &model));
        assert_ok(leray_model_accepts(model, &same));
        assert_fails(leray_model_accepts(model, &fine), LERAY_ERR_ARG, tied[i].why);
        assert_fails(leray_model_accepts(model, &fine), LERAY_ERR_ARG,
                     "trained on 16 x 16 points, it cannot be used on 32 x 32");
        leray_model_destroy(&model);
    }
}

static void test_refusals(void **state)
{
    leray_grid odd = unit_grid(2, (int[]){16, 24}, true);
    leray_grid large = unit_grid(3, (int[]){128, 128, 128}, true);
    leray_model *model;

    (void)state;
    assert_fails(make_on(&leray_model_unet, "width: 4, levels: 4", odd, &model), LERAY_ERR_CONFIG,
                 "24 points in x are not a multiple of 2^4 = 16");
    assert_fails(make_on(&leray_model_unet, "width: 1024, levels: 10", square, &model),
                 LERAY_ERR_CONFIG, "1048576 channels");
    assert_fails(make_on(&leray_model_unet, "width: 6, groups: 4, levels: 1", square, &model),
                 LERAY_ERR_CONFIG, "s.groups = 4 does not divide s.width = 6");
    assert_fails(make_on(&leray_model_resnet, "width: 6, groups: 4", square, &model),
                 LERAY_ERR_CONFIG, "s.groups = 4 does not divide s.width = 6");
    assert_fails(make_on(&leray_model_mlp, "width: 1024", large, &model), LERAY_ERR_CONFIG,
                 "128 x 128 x 128 needs 4.298e+09 parameters, more than 2^31 - 1");
    assert_null(model);
    assert_ok(make_on(&leray_model_mlp, "width: 1024, pointwise: true", large, &model));
    leray_model_destroy(&model);
}

/* The numbers of parameters by the formulas of the files, and bounds 1 / sqrt(fan in): for a
   transposed convolution PyTorch counts the channels that it makes. */
static void test_initial_values(void **state)
{
    static const struct {
        const char *name;
        double bound;
    } views[] = {
        {"encoder.0.conv.1.weight", 1 / 12.           }, /* 16 channels of 9 points */
        {"encoder.1.down.weight",   1 / 12.           },
        {"decoder.0.up.weight",     1 / 8.            }, /* 16 of 4 */
        {"decoder.0.conv.0.weight", 0.0589255650988789}, /* 32 of 9 */
        {"head.weight",             1 / 4.            },
    };
    leray_model *model;
    leray_parameters *p;
    int found = 0;

    (void)state;
    assert_ok(make_on(&leray_model_unet, "width: 16, levels: 1", square, &model));
    p = leray_model_parameters(model);
    assert_int_equal(p->count, 9 * 16 + 9 * 256 + 4 * 16 + 9 * 256 + 9 * 512 + 9 * 1024 + 4 * 32 +
                                   4 * 32 * 16 + 9 * 512 + 9 * 256 + 4 * 16 + 17);
    for (int v = 0; v < p->n_views; v++) {
        const leray_parameter_view *view = &p->views[v];
        const double *w = (double *)p->value + view->offset;
        double low = 1e9, high = -1e9;

        for (size_t i = 0; i < view->count; i++) low = fmin(low, w[i]), high = fmax(high, w[i]);
        if (strstr(view->name, "norm."))
            assert_true(low == high && low == (strstr(view->name, "bias") ? 0 : 1));
        for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
            double bound = views[i].bound;

            if (strcmp(view->name, views[i].name) != 0) continue;
            assert_true(low >= -bound && high < bound && high > 0.8 * bound && low < -0.8 * bound);
            found++;
        }
    }
    assert_int_equal(found, (int)(sizeof views / sizeof views[0]));
    leray_model_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shifts),         cmocka_unit_test(test_reach),
        cmocka_unit_test(test_hierarchy),      cmocka_unit_test(test_pointwise),
        cmocka_unit_test(test_other_grids),    cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_initial_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
