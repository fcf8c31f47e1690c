/* tests/operators_fno.c - the FNO: one function on all grids, its settings and its initial
   values. */
#include "check.h"

#include "operators_make.h"

#define TWO_PI 6.283185307179586476925

/* A field with wavenumbers up to 2 on an ny x nx grid. */
static void band_limited(int ny, int nx, double *x)
{
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double a = TWO_PI * i / nx, b = TWO_PI * j / ny;

            x[j * nx + i] = 0.3 + sin(a) * cos(2 * b) + 0.5 * cos(2 * a - b) - 0.2 * sin(b);
        }
}

static void run(leray_model *model, int ny, int nx, double *x, double *y)
{
    leray_tape *tape;
    leray_tensor *in, *out;

    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    band_limited(ny, nx, x);
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, ny, nx}, x, &in));
    assert_ok(leray_model_forward(model, tape, in, &out));
    memcpy(y, out->value, out->count * sizeof *y);
    leray_tape_destroy(&tape);
}

/* The same function on 48 x 64 and on twice that; what the kept modes cannot hold (gelu widens
   the spectrum) aliases, with weights of order one below 1e-5 of the output. Another operator
   on the finer grid, as coefficients scaled with N would give, is off by order one. */
static void test_resolution(void **state)
{
    static double coarse[48 * 64], fine[96 * 128], x[96 * 128];
    leray_model *model;
    leray_parameters *p;
    double top = 0, worst = 0;

    (void)state;
    assert_ok(make_model(&leray_model_fno,
                         "width: 6, modes: [5, 6], layers: 3, projection: 8, grid: false", 1, 1,
                         LERAY_F64, &model));
    p = leray_model_parameters(model);
    draw(2, p->count, LERAY_F64, p->value);
    for (size_t i = 0; i < p->count; i++) ((double *)p->value)[i] *= 0.3;
    run(model, 48, 64, x, coarse);
    run(model, 96, 128, x, fine);
    for (int j = 0; j < 48; j++)
        for (int i = 0; i < 64; i++) {
            top = fmax(top, fabs(coarse[j * 64 + i]));
            worst = fmax(worst, fabs(coarse[j * 64 + i] - fine[2 * j * 128 + 2 * i]));
        }
    assert_true(top > 0.1);
    assert_at_most(worst / top, 1e-5);
    leray_model_destroy(&model);
}

/* A periodic shift of the input shifts the output: nothing but the coordinates knows where it
   is. */
static void test_shift(void **state)
{
    static double x[24 * 32], y[24 * 32], shifted[24 * 32];
    leray_model *model;
    leray_tape *tape;
    leray_tensor *in, *out;

    (void)state;
    assert_ok(make_model(&leray_model_fno, "width: 4, modes: 4, layers: 2, grid: false", 1, 1,
                         LERAY_F64, &model));
    run(model, 24, 32, x, y);
    for (int j = 0; j < 24; j++)
        for (int i = 0; i < 32; i++) shifted[j * 32 + i] = x[(j + 5) % 24 * 32 + (i + 11) % 32];
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, 24, 32}, shifted, &in));
    assert_ok(leray_model_forward(model, tape, in, &out));
    for (int j = 0; j < 24; j++)
        for (int i = 0; i < 32; i++)
            assert_close(((double *)out->value)[j * 32 + i], y[(j + 5) % 24 * 32 + (i + 11) % 32],
                         1e-13);
    leray_tape_destroy(&tape);
    leray_model_destroy(&model);
}

static void test_grids(void **state)
{
    leray_model *model;

    (void)state;
    assert_ok(make_model(&leray_model_fno, "modes: [12, 9], width: 2", 1, 1, LERAY_F32, &model));
    assert_ok(leray_model_accepts(model, on(24, 16)));
    assert_fails(leray_model_accepts(model, on(23, 16)), LERAY_ERR_ARG,
                 "in y need at least 24 points, the grid has 23");
    assert_fails(leray_model_accepts(model, on(24, 15)), LERAY_ERR_ARG,
                 "in x need at least 16 points, the grid has 15");
    leray_model_destroy(&model);
    assert_fails(make_model(&leray_model_fno, "modes: [1, 2, 3]", 1, 1, LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "3 entries");
    assert_fails(make_model(&leray_model_fno, "width: 0", 1, 1, LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "width");
    assert_fails(make_model(&leray_model_fno, "", 0, 1, LERAY_F32, &model), LERAY_ERR_ARG,
                 "from 0 to 1");
    assert_null(model);
}

/* Ranges and means of the initial values, and the number of parameters. */
static void test_initial_values(void **state)
{
    leray_model *model;
    leray_parameters *p;

    (void)state;
    assert_ok(
        make_model(&leray_model_fno, "width: 16, modes: 6, layers: 4", 10, 1, LERAY_F64, &model));
    p = leray_model_parameters(model);
    assert_int_equal(p->count, 12 * 16 + 16 + 4 * (12 * 6 * 16 * 16 * 2 + 16 * 16 + 16) + 16 * 128 +
                                   128 + 128 + 1);
    for (int v = 0; v < p->n_views; v++) {
        const leray_parameter_view *view = &p->views[v];
        const double *w = (double *)p->value + view->offset;
        double low = 1e9, high = -1e9, bound = view->is_complex ? 1. / 256 : 0;

        for (size_t i = 0; i < view->count; i++) low = fmin(low, w[i]), high = fmax(high, w[i]);
        if (view->is_complex) assert_true(low >= 0 && high < bound && high > 0.99 * bound);
        if (!strcmp(view->name, "blocks.1.map.weight"))
            assert_true(low >= -0.25 && high < 0.25 && low < -0.24 && high > 0.24);
        if (!strcmp(view->name, "lifting.weight"))
            assert_true(low < -0.27 && fmax(-low, high) <= 1 / sqrt(12));
    }
    leray_model_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolution),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_grids),
        cmocka_unit_test(test_initial_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
