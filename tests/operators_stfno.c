/* tests/operators_stfno.c - the spatiotemporal FNO: its last layer against its formula, on all grids
   and at any number of frames, under shifts; what is refused. */
#include "check.h"

#include "operators/layers/time_head.h"
#include "operators_make.h"
#include <leray/impl/ops.h>

#define TWO_PI 6.283185307179586476925
#define LATENT 6
#define HISTORY 4
#define WINDOW 3
#define POINTS (32 * 24) /* of the largest grid */
#define DECK "width: 4, modes: [2, 3, 3], head_modes: [3, 3, 4], layers: 2, latent: 6"

/* fields channels of two-dimensional frames, and one that does not depend on time. */
static leray_status make(const char *yaml, int fields, leray_model **model)
{
    leray_problem problem = {
        .channels_in = HISTORY * fields + 1,
        .channels_out = WINDOW * fields,
        .grid = grid_2d(12, 16, true),
        .fields = fields,
        .history = HISTORY,
        .window = WINDOW,
    };

    return make_model_for(&leray_model_stfno, yaml, problem, LERAY_F64, model);
}

static leray_model *drawn(int fields)
{
    leray_model *model;

    assert_ok(make(DECK, fields, &model));
    draw(3, model->parameters.count, LERAY_F64, model->parameters.value);
    for (size_t i = 0; i < model->parameters.count; i++)
        ((double *)model->parameters.value)[i] *= 0.3;
    return model;
}

static double *weights(leray_model *model, int index, bool gradient)
{
    leray_parameters *p = &model->parameters;

    return (double *)(gradient ? p->grad : p->value) + p->views[index].offset;
}

/* Band-limited frames [channels, frames, ny, nx], other ones for each channel and frame. */
static void frames_of(int images, int ny, int nx, double *x)
{
    for (int c = 0; c < images; c++)
        for (int j = 0; j < ny; j++)
            for (int i = 0; i < nx; i++) {
                double a = TWO_PI * i / nx, b = TWO_PI * j / ny;

                x[(c * ny + j) * nx + i] = 0.2 * c + sin(a + c) * cos(2 * b) +
                                           cos(3 * a - b * (c % 4)) - 0.2 * sin(2 * b + 0.3 * c);
            }
}

typedef struct run {
    leray_tape *tape;
    leray_tensor *y;
    double x[2 * (LATENT + 1) * POINTS];
} run;

/* The head alone, of x [fields, 1 + LATENT, ny, nx]. */
static void head(run *r, leray_model *model, int ny, int nx, int n)
{
    const leray_time_head *h = leray_model_head(model);
    leray_tensor *x, *newest, *latent;

    assert_ok(leray_tape_create(LERAY_F64, &r->tape));
    assert_ok(leray_tape_input(r->tape, 5, (int[]){1, h->fields, 1 + LATENT, ny, nx}, r->x, &x));
    assert_ok(leray_op_slice(r->tape, x, 2, 0, 1, &newest));
    assert_ok(leray_op_slice(r->tape, x, 2, 1, LATENT, &latent));
    assert_ok(leray_time_head_enter(h, r->tape, newest, latent, &x));
    assert_int_equal(x->shape[2], 2 * LATENT);
    assert_ok(leray_time_head_apply(model, h, r->tape, x, n, &r->y));
    assert_int_equal(r->y->shape[1], n * h->fields);
}

static const double *values(const run *r) { return r->y->value; }

/* One coefficient of the bias: a wave of twice the window's span on top of the newest frame. */
static void test_wave(void **state)
{
    enum { NY = 9, NX = 10, N = 5, KT = 2, KX = 1 };
    static run r;
    leray_model *model = drawn(1);
    const leray_time_head *h = leray_model_head(model);
    double *b = weights(model, h->bias, false);
    size_t at = 2 * (size_t)((KT * 2 * h->modes[1] + 2 * h->modes[1] - 1) * h->modes[2] + KX);

    (void)state;
    memset(weights(model, h->weight, false), 0,
           model->parameters.views[h->weight].count * sizeof *b);
    memset(b, 0, model->parameters.views[h->bias].count * sizeof *b);
    b[at] = 0.3 / LERAY_TIME_HEAD_DELTA, b[at + 1] = -0.8 / LERAY_TIME_HEAD_DELTA;
    frames_of(1 + LATENT, NY, NX, r.x);
    head(&r, model, NY, NX, N);
    for (int n = 0; n < N; n++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) {
                double t = (n + 1.) / N;
                double phase = TWO_PI * (KT * t / 2 - (double)j / NY + (double)KX * i / NX);
                double wave = 2 * (0.3 * cos(phase) + 0.8 * sin(phase));

                assert_close(values(&r)[(n * NY + j) * NX + i], r.x[j * NX + i] + wave, 1e-13);
            }
    leray_tape_destroy(&r.tape);
    leray_model_destroy(&model);
}

/* What no coefficient may depend on: the grid. */
static void test_head_on_other_grids(void **state)
{
    enum { NY = 12, NX = 16, N = 4 };
    static run coarse, fine;
    leray_model *model = drawn(2);

    (void)state;
    frames_of(2 * (1 + LATENT), NY, NX, coarse.x);
    frames_of(2 * (1 + LATENT), 2 * NY, 2 * NX, fine.x);
    head(&coarse, model, NY, NX, N);
    head(&fine, model, 2 * NY, 2 * NX, N);
    for (int c = 0; c < 2 * N; c++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++)
                assert_close(values(&coarse)[(c * NY + j) * NX + i],
                             values(&fine)[(c * 2 * NY + 2 * j) * 2 * NX + 2 * i], 1e-12);
    leray_tape_destroy(&fine.tape);
    leray_tape_destroy(&coarse.tape);
    leray_model_destroy(&model);
}

/* The bias alone knows where it is. */
static void test_head_under_shifts(void **state)
{
    enum { NY = 12, NX = 16, N = 3, DY = 5, DX = 7, IMAGES = 1 + LATENT };
    static run r, shifted;
    leray_model *model = drawn(1);
    int bias = leray_model_head(model)->bias;

    (void)state;
    memset(weights(model, bias, false), 0, model->parameters.views[bias].count * sizeof(double));
    draw(5, IMAGES * NY * NX, LERAY_F64, r.x);
    for (int c = 0; c < IMAGES; c++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++)
                shifted.x[(c * NY + j) * NX + i] =
                    r.x[(c * NY + (j + DY) % NY) * NX + (i + DX) % NX];
    head(&r, model, NY, NX, N);
    head(&shifted, model, NY, NX, N);
    for (int c = 0; c < N; c++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++)
                assert_close(values(&shifted)[(c * NY + j) * NX + i],
                             values(&r)[(c * NY + (j + DY) % NY) * NX + (i + DX) % NX], 1e-12);
    leray_tape_destroy(&shifted.tape);
    leray_tape_destroy(&r.tape);
    leray_model_destroy(&model);
}

/* The whole model, of drawn frames. */
static void forward(run *r, leray_model *model, int n)
{
    leray_tensor *x;

    model->frames = n;
    draw(6, 5 * 12 * 16, LERAY_F64, r->x);
    assert_ok(leray_tape_create(LERAY_F64, &r->tape));
    assert_ok(leray_tape_input(r->tape, 4, (int[]){1, HISTORY + 1, 12, 16}, r->x, &x));
    assert_ok(leray_model_forward(model, r->tape, x, &r->y));
    assert_int_equal(r->y->shape[1], n);
}

/* Frame k j of k n is frame j of n: also where there are fewer than modes of time. */
static void test_frames(void **state)
{
    enum { PLANE = 12 * 16 };
    static run few, many;
    leray_model *model = drawn(1);

    (void)state;
    for (int n = 1; n <= 5; n++)
        for (int k = 2; k <= 4; k++) {
            double change = 0;

            forward(&few, model, n);
            forward(&many, model, k * n);
            for (int j = 0; j < n; j++)
                for (int i = 0; i < PLANE; i++) {
                    const double *a = values(&few) + j * PLANE, *b = values(&many);

                    assert_close(a[i], b[((j + 1) * k - 1) * PLANE + i], 1e-12);
                    change = fmax(change, fabs(a[i] - b[j * PLANE + i]));
                }
            assert_true(change > 0.01); /* frames are not all the same */
            leray_tape_destroy(&many.tape);
            leray_tape_destroy(&few.tape);
        }
    leray_model_destroy(&model);
}

/* A mode that is its own conjugate has no imaginary part, whatever its coefficient says. */
static void test_self_conjugate_modes(void **state)
{
    static run r, changed;
    leray_model *model = drawn(1);
    const leray_time_head *h = leray_model_head(model);
    leray_tensor *scalar;

    (void)state;
    forward(&r, model, WINDOW);
    assert_ok(leray_op_sum(r.tape, r.y, &scalar));
    leray_parameters_zero_gradients(&model->parameters);
    assert_ok(leray_tape_backward(r.tape, scalar));
    assert_close(weights(model, h->bias, true)[1], 0, 1e-10);
    assert_true(fabs(weights(model, h->bias, true)[0]) > LERAY_TIME_HEAD_DELTA);
    weights(model, h->bias, false)[1] += 10 / LERAY_TIME_HEAD_DELTA;
    leray_tape_destroy(&r.tape);

    forward(&r, model, WINDOW);
    weights(model, h->bias, false)[1] -= 10 / LERAY_TIME_HEAD_DELTA;
    forward(&changed, model, WINDOW);
    for (size_t i = 0; i < r.y->count; i++) assert_close(values(&r)[i], values(&changed)[i], 1e-12);
    leray_tape_destroy(&changed.tape);
    weights(model, h->bias, false)[0] += 10 / LERAY_TIME_HEAD_DELTA;
    forward(&changed, model, WINDOW);
    assert_close(values(&changed)[0], values(&r)[0] + 10, 1e-12);
    leray_tape_destroy(&changed.tape);
    leray_tape_destroy(&r.tape);
    leray_model_destroy(&model);
}

static void test_refusals(void **state)
{
    leray_problem problem = {.channels_in = 2, .channels_out = 1, .grid = grid_2d(24, 24, true)};
    leray_model *model;

    (void)state;
    assert_fails(make_model_for(&leray_model_stfno, "", problem, LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "data.window");
    problem.fields = 1;
    assert_fails(make_model_for(&leray_model_stfno, "", problem, LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "data.history = 1");
    problem.history = 2, problem.window = 3;
    assert_fails(make_model_for(&leray_model_stfno, "", problem, LERAY_F32, &model), LERAY_ERR_ARG,
                 "a window of 3");
    problem.grid.ndim = 1;
    assert_fails(make_model_for(&leray_model_stfno, "", problem, LERAY_F32, &model),
                 LERAY_ERR_UNSUPPORTED, "not in 1");
    assert_fails(make("latent: 8", 1, &model), LERAY_ERR_CONFIG, "s.latent >= 10, it is 8");
    assert_fails(make("modes: [2, 3, 3], head_modes: [7, 3, 3], latent: 6", 1, &model),
                 LERAY_ERR_CONFIG,
                 "s.head_modes: 7 modes per sign in time; the window has 6 steps");
    assert_fails(make("modes: [4, 4]", 1, &model), LERAY_ERR_CONFIG, "2 entries");
    assert_fails(make("head_modes: [4, 0, 4]", 1, &model), LERAY_ERR_CONFIG, "0 modes");

    assert_ok(make("modes: [2, 3, 3], head_modes: [3, 3, 4]", 1, &model));
    assert_fails(leray_model_accepts(model, on(5, 16)), LERAY_ERR_ARG,
                 "in y need at least 6 points");
    assert_fails(leray_model_accepts(model, on(6, 5)), LERAY_ERR_ARG,
                 "in x need at least 6 points");
    leray_model_destroy(&model);
}

/* fno with time: its layers on [window, y, x], and what does not fit there. */
static void test_fno_with_time(void **state)
{
    leray_problem problem = {
        .channels_in = 2,
        .channels_out = 4,
        .grid = grid_2d(12, 16, true),
        .fields = 1,
        .history = 2,
        .window = 4,
    };
    leray_model *model;

    (void)state;
    assert_fails(
        make_model_for(&leray_model_fno, "time: true, modes: 3", problem, LERAY_F64, &model),
        LERAY_ERR_CONFIG, "the window and its padding have 4");
    assert_fails(
        make_model_for(&leray_model_fno, "time: true, modes: [2, 3]", problem, LERAY_F64, &model),
        LERAY_ERR_CONFIG, "2 entries");
    assert_fails(make_model_for(&leray_model_fno, "time: true, modes: 2, head_modes: [5, 2, 2]",
                                problem, LERAY_F64, &model),
                 LERAY_ERR_CONFIG, "the window has 4 steps");
    assert_fails(
        make_model_for(&leray_model_fno, "modes: 2, head_modes: 2", problem, LERAY_F64, &model),
        LERAY_ERR_CONFIG, "time: true");
    assert_ok(make_model_for(&leray_model_fno, "modes: 2, width: 2", problem, LERAY_F64, &model));
    assert_null(leray_model_head(model));
    leray_model_destroy(&model);
    assert_ok(make_model_for(&leray_model_fno,
                             "time: true, padding: 0.5, modes: 3, width: 2, head_modes: [2, 4, 4]",
                             problem, LERAY_F64, &model));
    assert_non_null(leray_model_head(model));
    assert_fails(leray_model_accepts(model, on(6, 16)), LERAY_ERR_ARG,
                 "in y need at least 8 points");
    leray_model_destroy(&model);
    problem.fields = 0;
    assert_fails(
        make_model_for(&leray_model_fno, "time: true, modes: 2", problem, LERAY_F64, &model),
        LERAY_ERR_CONFIG, "data.window");
}

/* A model with one number of frames alone says so. */
static void test_frames_refused(void **state)
{
    static const double field[12 * 16];
    leray_model *model;
    leray_tape *tape;
    leray_tensor *x, *y;

    (void)state;
    assert_ok(make_model(&leray_model_fno, "modes: 3, width: 2", 1, 1, LERAY_F64, &model));
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, 12, 16}, field, &x));
    assert_int_equal(model->frames, 1);
    assert_ok(leray_model_forward(model, tape, x, &y));
    model->frames = 2;
    assert_fails(leray_model_forward(model, tape, x, &y), LERAY_ERR_ARG, "as 1 frames, not as 2");
    leray_tape_destroy(&tape);
    leray_model_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wave),
        cmocka_unit_test(test_head_on_other_grids),
        cmocka_unit_test(test_head_under_shifts),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_self_conjugate_modes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_fno_with_time),
        cmocka_unit_test(test_frames_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
