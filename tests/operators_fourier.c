/* tests/operators_fourier.c - what Fourier models share, for all of them: one function on all grids
   and under shifts, padding by a fraction, settings that are refused, initial values; and what is
   particular to the implicit, the factorised and the adaptive one. */
#include "check.h"

#include "operators/layers/fourier.h"
#include "operators_make.h"

#define TWO_PI 6.283185307179586476925

static const struct {
    const leray_model_type *type;
    const char *yaml;
} models[] = {
    {&leray_model_fno,  "form: neuralop, width: 6, modes: [5, 6], layers: 3, projection: 8" },
    {&leray_model_fno,  "form: neuralop, norm: group, width: 6, modes: [5, 6], layers: 2"   },
    {&leray_model_fno,  "form: neuralop, norm: instance, width: 6, modes: [5, 6], layers: 2"},
    {&leray_model_ifno, "width: 6, modes: [5, 6], layers: 4, projection: 8"                 },
    {&leray_model_ffno, "width: 6, modes: 6, layers: 2, projection: 8"                      },
    {&leray_model_ffno, "share: true, weight_norm: false, width: 6, modes: 6, layers: 2"    },
    {&leray_model_aff,  "groups: 2, width: 6, modes: [5, 6], layers: 2, projection: 8"      },
};

#define N_MODELS ((int)(sizeof models / sizeof models[0]))

/* A field with wavenumbers up to 2 on an ny x nx grid, moved by dy and dx points. */
static void band_limited(int ny, int nx, int dy, int dx, double *x)
{
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double a = TWO_PI * (i + dx) / nx, b = TWO_PI * (j + dy) / ny;

            x[j * nx + i] = 0.3 + sin(a) * cos(2 * b) + 0.5 * cos(2 * a - b) - 0.2 * sin(b);
        }
}

/* Trained on 48 x 64, without coordinates. */
static void make(int i, leray_model **model)
{
    leray_problem problem = {
        .channels_in = 1,
        .channels_out = 1,
        .grid = grid_2d(48, 64, true),
    };
    char yaml[256];

    snprintf(yaml, sizeof yaml, "%s, grid: false", models[i].yaml);
    assert_ok(make_model_for(models[i].type, yaml, problem, LERAY_F64, model));
}

static void run(leray_model *model, int ny, int nx, const double *x, double *y)
{
    leray_tape *tape;
    leray_tensor *in, *out;

    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, ny, nx}, x, &in));
    assert_ok(leray_model_forward(model, tape, in, &out));
    memcpy(y, out->value, out->count * sizeof *y);
    leray_tape_destroy(&tape);
}

/* The kinks of relu widen the spectrum of a field as k^-2, which aliases: biases ahead of them are
   put far to both sides. */
static void leave_kinks(leray_parameters *p)
{
    for (int v = 0; v < p->n_views; v++)
        if (strstr(p->views[v].name, ".feed.0.bias"))
            for (size_t e = 0; e < p->views[v].count; e++)
                ((double *)p->value)[p->views[v].offset + e] = e % 2 ? -20 : 20;
}

/* The same function on 48 x 64 and on twice that; gelu widens the spectrum of smooth fields little,
   and AFF's masks, made mode by mode, alias nothing. Another operator on the finer grid, as
   coefficients scaled with N would give, is off by order one. */
static void test_resolution(void **state)
{
    static double coarse[48 * 64], fine[96 * 128], x[96 * 128];

    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        double top = 0, low = 1e9, worst = 0;
        leray_model *model;

        make(m, &model);
        leave_kinks(leray_model_parameters(model));
        band_limited(48, 64, 0, 0, x);
        run(model, 48, 64, x, coarse);
        band_limited(96, 128, 0, 0, x);
        run(model, 96, 128, x, fine);
        for (int j = 0; j < 48; j++)
            for (int i = 0; i < 64; i++) {
                double v = coarse[j * 64 + i];

                top = fmax(top, v), low = fmin(low, v);
                worst = fmax(worst, fabs(v - fine[2 * j * 128 + 2 * i]));
            }
        assert_true(top - low > 1e-3);
        if (!(worst / (top - low) <= 1e-5))
            fail_msg("%s: off by %.3g of %.3g", models[m].yaml, worst, top - low);
        leray_model_destroy(&model);
    }
}

/* Without coordinates a periodic shift of the input shifts the output; not in AFF, where relu sees
   real and imaginary parts, which a shift turns into each other. */
static void test_shift(void **state)
{
    static double x[48 * 64], y[48 * 64], shifted[48 * 64];

    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        leray_model *model;

        if (models[m].type == &leray_model_aff) continue;
        make(m, &model);
        band_limited(48, 64, 0, 0, x);
        run(model, 48, 64, x, y);
        band_limited(48, 64, 5, 11, x);
        run(model, 48, 64, x, shifted);
        for (int j = 0; j < 48; j++)
            for (int i = 0; i < 64; i++)
                if (!(fabs(shifted[j * 64 + i] - y[(j + 5) % 48 * 64 + (i + 11) % 64]) <= 1e-12))
                    fail_msg("%s: (%d, %d) differs", models[m].yaml, j, i);
        leray_model_destroy(&model);
    }
}

/* Only axes that are not periodic get points, as many as the fraction says, on any grid. */
static void test_padding(void **state)
{
    static const struct {
        bool periodic[2];
        int n[2], padded[2];
    } t[] = {
        {{true, true},   {10, 12}, {10, 12}},
        {{false, true},  {10, 12}, {13, 12}},
        {{false, false}, {10, 12}, {13, 15}},
        {{false, false}, {20, 24}, {25, 30}},
    };
    leray_model *model;

    (void)state;
    for (int i = 0; i < 4; i++) {
        leray_problem problem = {
            .channels_in = 1,
            .channels_out = 1,
            .grid = grid_2d(t[i].n[0], t[i].n[1], true),
        };
        leray_fourier f = {.padding = 0.25};
        leray_extents given = leray_problem_extents(&problem), padded;

        for (int a = 0; a < 2; a++)
            if (!t[i].periodic[a])
                problem.grid.axis[a].boundary[0] = problem.grid.axis[a].boundary[1] = LERAY_WALL;

        assert_ok(make_model_for(&leray_model_fno, "padding: 0.25, width: 2, modes: 3", problem,
                                 LERAY_F64, &model));
        padded = leray_fourier_padded(model, &f, &given);
        assert_int_equal(padded.n[0], t[i].padded[0]);
        assert_int_equal(padded.n[1], t[i].padded[1]);
        leray_model_destroy(&model);
    }
}

static void refused(const leray_model_type *type, const char *yaml, const char *text)
{
    leray_model *model;

    assert_fails(make_model(type, yaml, 1, 1, LERAY_F32, &model), LERAY_ERR_CONFIG, text);
    assert_null(model);
}

static void test_settings(void **state)
{
    leray_model *model;

    (void)state;
    refused(&leray_model_fno, "norm: group", "norm = group needs form = neuralop");
    refused(&leray_model_fno, "form: neuralop, expansion: 0.001", "no hidden channel");
    refused(&leray_model_fno, "expansion: 0.5", "for form = neuralop");
    refused(&leray_model_fno, "lifting_ratio: 2", "for form = neuralop");
    refused(&leray_model_fno, "padding: 1.5", "padding");
    refused(&leray_model_aff, "width: 12, groups: 5", "groups = 5 does not divide width = 12");
    refused(&leray_model_ffno, "modes: [1, 2, 3]", "3 entries");
    assert_ok(make_model(&leray_model_ffno, "modes: 6, width: 2", 1, 1, LERAY_F32, &model));
    assert_ok(leray_model_accepts(model, on(10, 11)));
    assert_fails(leray_model_accepts(model, on(9, 12)), LERAY_ERR_ARG,
                 "in y need at least 10 points, the grid has 9");
    leray_model_destroy(&model);
}

static const leray_parameter_view *view_of(const leray_parameters *p, const char *name)
{
    for (int v = 0; v < p->n_views; v++)
        if (!strcmp(p->views[v].name, name)) return &p->views[v];
    fail_msg("no parameter '%s'", name);
    return NULL;
}

static double variance(const leray_parameters *p, const char *name)
{
    const leray_parameter_view *view = view_of(p, name);
    const double *w = (const double *)p->value + view->offset;
    double total = 0;

    for (size_t i = 0; i < view->count; i++) total += w[i] * w[i];
    return total / (double)view->count;
}

/* 10 % are three deviations or more for as many numbers. */
static void check_variance(const leray_parameters *p, const char *name, double expected)
{
    assert_close(variance(p, name) / expected, 1, 0.1);
}

/* Variances of normal weights, per part. */
static void test_initial_values(void **state)
{
    leray_model *model;
    const leray_parameters *p;

    (void)state;
    assert_ok(make_model(&leray_model_fno, "form: neuralop, width: 16, modes: 5, layers: 1", 1, 1,
                         LERAY_F64, &model));
    p = leray_model_parameters(model);
    check_variance(p, "blocks.0.spectral.weight", 0.5 / 16);
    assert_close(variance(p, "blocks.0.gate.weight"), 1, 1e-15);
    leray_model_destroy(&model);
    /* 10 (2 5 - 1) of 10 x 12 modes are kept. */
    assert_ok(make_model(&leray_model_fno, "init: variance, width: 16, modes: 5, layers: 1", 1, 1,
                         LERAY_F64, &model));
    check_variance(leray_model_parameters(model), "blocks.0.spectral.weight",
                   0.5 * 120 / (16 * 90));
    leray_model_destroy(&model);
    assert_ok(make_model(&leray_model_ffno, "width: 16, modes: [4, 5], layers: 1, gain: 0.1", 1, 1,
                         LERAY_F64, &model));
    p = leray_model_parameters(model);
    check_variance(p, "blocks.0.spectral.0", 0.01 * 0.5 / (4 * 16));
    check_variance(p, "blocks.0.spectral.1", 0.01 * 0.5 / (5 * 16));
    leray_model_destroy(&model);
    assert_ok(make_model(&leray_model_aff, "width: 64, groups: 2, layers: 1, modes: 5", 1, 1,
                         LERAY_F64, &model));
    check_variance(leray_model_parameters(model), "blocks.0.mask.1.weight", 4e-4);
    leray_model_destroy(&model);
}

/* g = |v| at first, so that weight norm changes nothing but the way to learn. */
static void test_weight_norm_starts_as_the_map(void **state)
{
    static double x[10 * 12], with[10 * 12], without[10 * 12];
    leray_model *normed, *plain;
    leray_parameters *p, *q;

    (void)state;
    assert_ok(
        make_model(&leray_model_ffno, "width: 6, modes: 4, layers: 2", 1, 1, LERAY_F64, &normed));
    assert_ok(make_model(&leray_model_ffno, "width: 6, modes: 4, layers: 2, weight_norm: false", 1,
                         1, LERAY_F64, &plain));
    p = leray_model_parameters(normed), q = leray_model_parameters(plain);
    for (int v = 0; v < q->n_views; v++) {
        char name[LERAY_PARAMETER_NAME + 4];
        size_t length = strlen(q->views[v].name);
        const leray_parameter_view *from;

        snprintf(name, sizeof name, "%s%s", q->views[v].name,
                 !strcmp(q->views[v].name + length - 6, "weight") ? "_v" : "");
        from = view_of(p, name);
        memcpy((double *)q->value + q->views[v].offset, (double *)p->value + from->offset,
               from->count * sizeof(double));
    }
    band_limited(10, 12, 0, 0, x);
    run(normed, 10, 12, x, with);
    run(plain, 10, 12, x, without);
    for (int i = 0; i < 120; i++) assert_close(with[i], without[i], 1e-13);
    leray_model_destroy(&plain);
    leray_model_destroy(&normed);
}

/* More layers of the implicit model are smaller steps: the same parameters, and the output goes to
   that of the differential equation with an error like 1 / layers (Euler's method). */
static void test_implicit_steps_converge(void **state)
{
    static double x[10 * 12], y[4][10 * 12];
    double error[3] = {0};

    (void)state;
    band_limited(10, 12, 0, 0, x);
    for (int i = 0; i < 4; i++) {
        leray_model *model;
        char yaml[64];

        snprintf(yaml, sizeof yaml, "width: 6, modes: 4, layers: %d", 8 << i);
        assert_ok(make_model(&leray_model_ifno, yaml, 1, 1, LERAY_F64, &model));
        run(model, 10, 12, x, y[i]);
        leray_model_destroy(&model);
    }
    for (int i = 0; i < 3; i++)
        for (int e = 0; e < 120; e++) error[i] = fmax(error[i], fabs(y[i + 1][e] - y[i][e]));
    assert_true(error[0] > 1e-6);
    for (int i = 0; i < 2; i++) assert_true(error[i] / error[i + 1] > 1.8);
    for (int i = 0; i < 2; i++) assert_true(error[i] / error[i + 1] < 2.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolution),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_initial_values),
        cmocka_unit_test(test_weight_norm_starts_as_the_map),
        cmocka_unit_test(test_implicit_steps_converge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
