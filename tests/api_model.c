/* tests/api_model.c - a trained model in a program: it predicts what the command forecasts, from any thread, and
   allocates nothing after the first call. */
#include "check.h"
#include "fixture.h"

#include "api/model_open.h"
#include "core/file.h"
#include "core/threads.h"
#include "data/formats/well/well.h"
#include "training/predictor.h"
#include <leray/leray.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define MODELS LERAY_SOURCE_DIR "/tests/fixtures/models/"
#define FNO \
    MODELS "online_fno.safetensors" /* increments, 2 frames of history, a parameter, 8 x 8 points */
#define STFNO MODELS "stfno.safetensors" /* windows of 3 frames from 3, a parameter, 8 x 8 points */
#define BURGERS MODELS "burgers_fno.safetensors" /* 1-D, 16 points */
#define MOST 4096

/* Smooth fields of the size of the data's, other ones in each channel of each sample. */
static void draw(const leray_trained_info *info, const leray_grid *grid, int n, float *x)
{
    size_t points = leray_grid_points(grid);

    for (size_t c = 0; c < (size_t)(n * info->inputs); c++)
        for (size_t i = 0; i < points; i++)
            x[c * points + i] =
                (float)(0.3 * sin(0.1 * (double)c + 6.28 * (double)i / (double)points));
}

/* ---- what it wants ----------------------------------------------------------------------- */

static void describes_the_model(void **state)
{
    const leray_trained_info *info;
    leray_trained *model;

    (void)state;
    assert_ok(leray_trained_open(FNO, &model));
    info = leray_trained_describe(model);
    assert_int_equal(info->inputs, 2);
    assert_int_equal(info->outputs, 1);
    assert_int_equal(info->history, 2);
    assert_int_equal(info->window, 1);
    assert_int_equal(info->states, 1);
    assert_int_equal(info->statics + info->forcings, 0);
    assert_int_equal(info->autoregressive, 1);
    assert_close(info->interval, 0.5, 0);
    assert_int_equal(info->input[0].frame, -1);
    assert_int_equal(info->input[1].frame, 0);
    assert_int_equal(info->input[1].role, LERAY_ROLE_STATE);
    assert_string_equal(info->output[0].name, "vorticity");
    assert_string_equal(info->output[0].unit, "1/time");
    assert_int_equal(info->output[0].frame, 1);
    assert_int_equal(info->output[0].role, LERAY_ROLE_STATE);
    assert_int_equal(info->n_parameters, 1);
    assert_string_equal(info->parameter[0].name, "nu");
    assert_string_equal(info->parameter[0].unit,
                        ""); /* the file is older than units of parameters */
    assert_int_equal(info->parameter[0].log, 1);
    assert_int_equal(info->grid->ndim, 2);
    assert_int_equal(leray_grid_points(info->grid), 64);
    leray_trained_close(&model);
    assert_null(model);
    leray_trained_close(&model);
    assert_int_equal(leray_mem_live(), 0);
}

/* ---- what it predicts -------------------------------------------------------------------- */

/* y by the parts that training and the commands use. */
static void predict_inside(const char *path, const leray_grid *grid, int n, const float *x,
                           const float *nu, float *y)
{
    leray_predictor predictor;
    leray_opened opened;
    const float *own;
    size_t points;

    assert_ok(leray_model_open(path, &opened));
    if (!grid) grid = &opened.task.info.grid;
    points = leray_grid_points(grid) * (size_t)n;
    assert_ok(leray_predictor_init(&predictor, &opened.task, opened.model, grid, n));
    memcpy(predictor.batch.x, x,
           points * (size_t)leray_sample_inputs(&opened.task.info) * sizeof *x);
    memcpy(predictor.batch.parameters, nu,
           (size_t)(n * opened.task.info.n_parameters) * sizeof *nu);
    assert_ok(leray_predictor_step(&predictor, &own));
    memcpy(y, own, points * (size_t)leray_sample_outputs(&opened.task.info) * sizeof *y);
    leray_predictor_fini(&predictor);
    leray_model_close(&opened);
}

static void same_as_inside(const char *path, const leray_grid *grid, int n)
{
    static float x[MOST], y[MOST], want[MOST];
    float nu[] = {1e-3F, 5e-3F, 2e-3F};
    const leray_trained_info *info;
    leray_trained *model;
    size_t size;

    assert_ok(leray_trained_open(path, &model));
    info = leray_trained_describe(model);
    draw(info, grid ? grid : info->grid, n, x);
    size = (size_t)(n * info->outputs) * leray_grid_points(grid ? grid : info->grid);
    assert_ok(leray_trained_predict(model, grid, n, x, info->n_parameters ? nu : NULL, y));
    predict_inside(path, grid, n, x, nu, want);
    assert_memory_equal(y, want, size * sizeof *y);
    leray_trained_close(&model);
    assert_int_equal(leray_mem_live(), 0);
}

static void predicts_as_inside(void **state)
{
    leray_grid finer = leray_grid_periodic(2, (int[]){12, 10}, (double[]){1, 1});

    (void)state;
    same_as_inside(FNO, NULL, 1);
    same_as_inside(FNO, NULL, 3);
    same_as_inside(FNO, &finer, 2);
    same_as_inside(STFNO, NULL, 2);
    same_as_inside(BURGERS, NULL, 3);
}

/* ---- what the command forecasts ---------------------------------------------------------- */

static void make_data(const char *folder)
{
    leray_run_options options = {.folder = folder, .fresh = 1};
    leray_report report;
    leray_config *cfg;

    assert_ok(leray_config_open(MODELS "flow_data.yaml", 0, NULL, &cfg));
    assert_ok(leray_run_generate(cfg, &options, &report));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
}

static float nu_of(const leray_well_info *info, int trajectory)
{
    for (int p = 0; p < info->n_parameters; p++)
        if (strcmp(info->parameter[p].name, "nu") == 0)
            return (float)info->parameter[p].values[trajectory];
    fail_msg("the data have no nu");
    return 0;
}

/* `steps` roll-outs of a model from the first frames of the data are the frames of `leray forecast`. */
static void same_as_forecast(const char *path, const char *folder, int steps)
{
    static float x[MOST], y[MOST], frame[64];
    char data[256], out[256], forecast[300];
    leray_run_options options = {.folder = out, .fresh = 1};
    const leray_trained_info *info;
    leray_trained *model;
    leray_report report;
    leray_well *given, *made;
    float nu;

    snprintf(data, sizeof data, "%s/ensemble.h5", folder);
    snprintf(out, sizeof out, "%s/forecast", folder);
    snprintf(forecast, sizeof forecast, "%s/forecast.h5", out);
    assert_ok(leray_forecast(path, data, 0, NULL, &options, &report));
    leray_report_free(&report);
    assert_ok(leray_well_open(data, &given));
    assert_ok(leray_well_open(forecast, &made));
    assert_ok(leray_trained_open(path, &model));
    info = leray_trained_describe(model);
    for (int t = 0; t < 3; t++) {
        for (int k = 0; k < info->history; k++)
            assert_ok(leray_well_read_float(given, t, k, 0, x + 64 * k));
        nu = nu_of(leray_well_get_info(given), t);
        assert_ok(leray_trained_roll_out(model, NULL, 1, steps, x, &nu, NULL, y));
        for (int k = 0; k < steps * info->window; k++) {
            assert_ok(leray_well_read_float(made, t, k, 0, frame));
            assert_memory_equal(y + 64 * k, frame, sizeof frame);
        }
    }
    leray_trained_close(&model);
    leray_well_close(&made);
    leray_well_close(&given);
}

static void rolls_out_as_the_command(void **state)
{
    char folder[] = "/tmp/leray_api_model_XXXXXX", command[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    leray_set_verbosity(0);
    make_data(folder);
    same_as_forecast(FNO, folder, 4);   /* of 6 frames, 2 are given */
    same_as_forecast(STFNO, folder, 1); /* 3 and a window of 3 */
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(leray_mem_live(), 0);
}

/* A roll-out is one prediction after the other, each from the newest frames; of several samples at once,
   each by itself. */
static void rolls_out_step_by_step(void **state)
{
    static float x[2 * 2 * 64], y[2 * 5 * 64], one[2 * 64];
    const float nu[] = {2e-3F, 7e-3F};
    leray_trained *model;

    (void)state;
    assert_ok(leray_trained_open(FNO, &model));
    draw(leray_trained_describe(model), leray_trained_describe(model)->grid, 2, x);
    assert_ok(leray_trained_roll_out(model, NULL, 2, 5, x, nu, NULL, y));
    for (int s = 0; s < 5; s++) {
        assert_ok(leray_trained_predict(model, NULL, 2, x, nu, one));
        for (int b = 0; b < 2; b++) {
            assert_memory_equal(y + (b * 5 + s) * 64, one + 64 * b, 64 * sizeof *y);
            memmove(x + 128 * b, x + 128 * b + 64, 64 * sizeof *x);
            memcpy(x + 128 * b + 64, one + 64 * b, 64 * sizeof *x);
        }
    }
    leray_trained_close(&model);
}

/* Forcings of a roll-out enter when their frames are due: one prediction after the other, of a model that
   predicts the vorticity with the tracer known, 2 frames given and 1 wanted. */
#define STEPS 3
#define GIVEN 2

static void train_with_forcing(const char *folder, char *model, size_t size)
{
    const char *scalar[] = {"solver.scalar.on=true"};
    char path[256], out[256];
    const char *keys[] = {path, "data.inputs=vorticity", "data.outputs=vorticity",
                          "data.forcings=scalar", "train.epochs=1"};
    leray_run_options options = {.folder = folder, .fresh = 1};
    leray_report report;
    leray_config *cfg;

    assert_ok(leray_config_open(MODELS "flow_data.yaml", 1, scalar, &cfg));
    assert_ok(leray_run_generate(cfg, &options, &report));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    snprintf(path, sizeof path, "data.path=%s/ensemble.h5", folder);
    snprintf(out, sizeof out, "%s/train", folder);
    snprintf(model, size, "%s/model.safetensors", out);
    options.folder = out;
    assert_ok(leray_config_open_text(
        "t",
        "data: {type: well, path: \"\", history: 2}\n"
        "model: {type: fno, width: 3, modes: 2, layers: 2, projection: 4}\ntrain: {batch: 2}\n",
        5, keys, &cfg));
    assert_ok(leray_run_train(cfg, &options, &report));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
}

static void forcings_enter_when_due(void **state)
{
    static float w[GIVEN * 64], s[(GIVEN + STEPS) * 64], x[(GIVEN + GIVEN + 1) * 64];
    static float twice[2 * 5 * 64], later[2 * (STEPS - 1) * 64], y[2 * STEPS * 64], one[64];
    char folder[] = "/tmp/leray_api_model_XXXXXX", path[300], command[64];
    const float nu[] = {2e-3F, 2e-3F};
    const leray_trained_info *info;
    leray_trained *model;

    (void)state;
    assert_non_null(mkdtemp(folder));
    leray_set_verbosity(0);
    train_with_forcing(folder, path, sizeof path);
    assert_ok(leray_trained_open(path, &model));
    info = leray_trained_describe(model);
    assert_int_equal(info->forcings, 1);
    assert_int_equal(info->inputs, 5);
    assert_int_equal(info->input[4].role, LERAY_ROLE_FORCING);
    assert_int_equal(info->input[4].frame, 1);
    assert_int_equal(info->input[1].role, LERAY_ROLE_STATE);
    assert_string_equal(info->input[1].name, "vorticity");
    assert_string_equal(info->input[2].name, "scalar");
    assert_int_equal(info->input[2].frame, -1);
    for (int i = 0; i < GIVEN * 64; i++) w[i] = (float)(0.3 * sin(0.3 * i));
    for (int i = 0; i < (GIVEN + STEPS) * 64; i++) s[i] = (float)(0.3 * cos(0.17 * i));
    for (int b = 0; b < 2; b++) {
        memcpy(twice + b * 5 * 64, w, sizeof w);
        memcpy(twice + (b * 5 + 2) * 64, s, 3 * 64 * sizeof *s);
        memcpy(later + b * 2 * 64, s + 3 * 64, 2 * 64 * sizeof *s);
    }
    assert_fails(leray_trained_roll_out(model, NULL, 2, STEPS, twice, nu, NULL, y), LERAY_ERR_ARG,
                 "forcings: NULL; 3 steps want 2 frames of 1 forcings");
    assert_ok(leray_trained_roll_out(model, NULL, 2, STEPS, twice, nu, later, y));
    for (int k = 0; k < STEPS; k++) {
        memcpy(x, w, sizeof w);
        memcpy(x + 2 * 64, s + k * 64, 3 * 64 * sizeof *s);
        assert_ok(leray_trained_predict(model, NULL, 1, x, nu, one));
        for (int b = 0; b < 2; b++)
            for (int i = 0; i < 64; i++) /* one sample and two may be added up in another order */
                assert_close(y[(b * STEPS + k) * 64 + i], one[i], 1e-5);
        memcpy(w, w + 64, 64 * sizeof *w);
        memcpy(w + 64, one, sizeof one);
    }
    later[64] = INFINITY;
    assert_fails(leray_trained_roll_out(model, NULL, 2, STEPS, twice, nu, later, y), LERAY_ERR_DATA,
                 "forcings: channel 1 of sample 0 is inf");
    leray_trained_close(&model);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(leray_mem_live(), 0);
}

/* ---- threads and memory ------------------------------------------------------------------ */

#define THREADS 4
#define CALLS 200
#define SAMPLES 16 /* of a call: each has a parameter of its own */

typedef struct caller {
    leray_trained *model;
    pthread_barrier_t *start;
    float x[SAMPLES * 3 * 64], nu[SAMPLES], want[SAMPLES * 3 * 64];
    size_t size; /* of y, in bytes */
    int wrong;
} caller;

static void *call_often(void *context)
{
    caller *c = context;
    float y[SAMPLES * 3 * 64];

    leray_threads_set(1);
    pthread_barrier_wait(c->start);
    for (int i = 0; i < CALLS; i++) {
        memset(y, 0, sizeof y);
        if (leray_trained_predict(c->model, NULL, SAMPLES, c->x, c->nu, y)) c->wrong++;
        else c->wrong += memcmp(y, c->want, c->size) != 0;
    }
    return NULL;
}

/* Each thread has its own fields and its own parameters, and gets what one thread alone got. */
static void threads_share(const char *path)
{
    static caller callers[THREADS];
    pthread_t thread[THREADS];
    pthread_barrier_t start;
    leray_trained *model;
    int threads = leray_threads();

    assert_ok(leray_trained_open(path, &model));
    pthread_barrier_init(&start, NULL, THREADS);
    for (int t = 0; t < THREADS; t++) {
        caller *c = &callers[t];

        c->model = model, c->start = &start, c->wrong = 0;
        c->size = (size_t)(SAMPLES * leray_trained_describe(model)->outputs * 64) * sizeof(float);
        for (int b = 0; b < SAMPLES; b++) c->nu[b] = 1e-3F * (float)(1 + t + THREADS * b);
        for (int i = 0; i < SAMPLES * 192; i++) c->x[i] = (float)(0.3 * sin(0.2 * i * (t + 1)));
        assert_ok(leray_trained_predict(model, NULL, SAMPLES, c->x, c->nu, c->want));
    }
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&thread[t], NULL, call_often, &callers[t]), 0);
    for (int t = 0; t < THREADS; t++) pthread_join(thread[t], NULL);
    for (int t = 0; t < THREADS; t++) assert_int_equal(callers[t].wrong, 0);
    leray_threads_set(threads);
    pthread_barrier_destroy(&start);
    leray_trained_close(&model);
    assert_int_equal(leray_mem_live(), 0);
}

static void threads_share_a_model(void **state)
{
    (void)state;
    threads_share(FNO);
    threads_share(STFNO);
}

static void only_first_calls_allocate(void **state)
{
    static float x[MOST], y[MOST];
    static const char *const models[] = {FNO, STFNO, BURGERS};
    float nu[] = {2e-3F, 7e-3F};

    (void)state;
    for (int m = 0; m < 3; m++) {
        leray_trained *model;
        const leray_trained_info *info;
        long before;

        assert_ok(leray_trained_open(models[m], &model));
        info = leray_trained_describe(model);
        draw(info, info->grid, 2, x);
        for (int n = 1; n <= 2; n++) assert_ok(leray_trained_predict(model, NULL, n, x, nu, y));
        before = leray_mem_total();
        for (int i = 0; i < 3; i++)
            for (int n = 1; n <= 2; n++) assert_ok(leray_trained_predict(model, NULL, n, x, nu, y));
        assert_int_equal(leray_mem_total(), before);
        assert_ok(leray_trained_roll_out(model, NULL, 1, 3, x, nu, NULL, y));
        before = leray_mem_total();
        assert_ok(leray_trained_roll_out(model, NULL, 1, 3, x, nu, NULL, y));
        assert_int_equal(leray_mem_total(), before);
        leray_trained_close(&model);
    }
    assert_int_equal(leray_mem_live(), 0);
}

/* ---- refusals ---------------------------------------------------------------------------- */

static void refuses(void **state)
{
    static float x[2 * 2 * 64], y[2 * 64], zero[2 * 64];
    leray_grid small = leray_grid_periodic(2, (int[]){3, 3}, (double[]){1, 1});
    leray_grid longer = leray_grid_periodic(2, (int[]){8, 8}, (double[]){2, 1});
    leray_grid line = leray_grid_periodic(1, (int[]){8}, (double[]){1});
    leray_grid uneven = leray_grid_periodic(2, (int[]){8, 8}, (double[]){1, 1});
    leray_grid none = small;
    double at[] = {0, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
    float nu[] = {1e-3F, 1e-3F};
    leray_trained *m;

    (void)state;
    none.axis[1].n = 0;
    uneven.axis[1].points = LERAY_AT_COORDINATES;
    uneven.axis[1].coordinates = at;
    assert_fails(leray_trained_open("nowhere.safetensors", &m), LERAY_ERR_DATA, "nowhere");
    assert_null(m);
    assert_fails(leray_trained_open(MODELS "expected.json", &m), LERAY_ERR_DATA, "expected.json");
    assert_null(m);
    assert_ok(leray_trained_open(FNO, &m));
    draw(leray_trained_describe(m), leray_trained_describe(m)->grid, 2, x);
    /* After a call, when there is a workspace for as many points. */
    assert_ok(leray_trained_predict(m, NULL, 2, x, nu, y));
    assert_fails(leray_trained_predict(m, &uneven, 2, x, nu, y), LERAY_ERR_UNSUPPORTED, "even");
    memset(y, 0, sizeof y);
    assert_fails(leray_trained_predict(m, NULL, 0, x, nu, y), LERAY_ERR_ARG, "n = 0");
    assert_fails(leray_trained_predict(m, NULL, 2, NULL, nu, y), LERAY_ERR_ARG, "x: NULL");
    assert_fails(leray_trained_predict(m, NULL, 2, x, nu, NULL), LERAY_ERR_ARG, "y: NULL");
    assert_fails(leray_trained_predict(m, NULL, 2, x, NULL, y), LERAY_ERR_ARG, "'nu'");
    assert_fails(leray_trained_predict(m, &none, 2, x, nu, y), LERAY_ERR_ARG, "");
    assert_fails(leray_trained_predict(m, &small, 2, x, nu, y), LERAY_ERR_ARG, "at least 4 points");
    assert_fails(leray_trained_predict(m, &line, 2, x, nu, y), LERAY_ERR_DATA, "1 dimensions");
    assert_fails(leray_trained_predict(m, &longer, 2, x, nu, y), LERAY_ERR_DATA, "2 long along y");
    assert_fails(leray_trained_roll_out(m, NULL, 2, 0, x, nu, NULL, y), LERAY_ERR_ARG, "steps = 0");
    nu[1] = 0;
    assert_fails(leray_trained_predict(m, NULL, 2, x, nu, y), LERAY_ERR_DATA,
                 "nu = 0 of sample 1, allowed: positive");
    nu[1] = 1e-3F;
    x[64 * 3 + 5] = NAN;
    assert_fails(leray_trained_predict(m, NULL, 2, x, nu, y), LERAY_ERR_DATA,
                 "channel 1 of sample 1 is nan at point 5");
    assert_memory_equal(y, zero, sizeof y);
    x[64 * 3 + 5] = 3e38F;
    x[64 * 3 + 6] = -3e38F;
    assert_fails(leray_trained_roll_out(m, NULL, 2, 1, x, nu, NULL, y), LERAY_ERR_DIVERGED,
                 "step 1 of 1");
    leray_trained_close(&m);
    assert_int_equal(leray_mem_live(), 0);
}

/* ---- memory that fails ------------------------------------------------------------------- */

static void failing_memory(void **state)
{
    static float x[2 * 64], y[3 * 64], want[3 * 64];
    const float nu = 1e-3F;
    leray_trained *model = NULL;
    leray_status status = LERAY_ERR_MEMORY;

    (void)state;
    for (long k = 1; status; k++) {
        leray_mem_fail_at(k);
        status = leray_trained_open(FNO, &model);
        leray_mem_fail_at(0);
        if (!status) break;
        assert_int_equal(status, LERAY_ERR_MEMORY);
        assert_null(model);
        assert_int_equal(leray_mem_live(), 0);
    }
    draw(leray_trained_describe(model), leray_trained_describe(model)->grid, 1, x);
    status = LERAY_ERR_MEMORY;
    for (long k = 1; status; k++) {
        leray_mem_fail_at(k);
        status = leray_trained_roll_out(model, NULL, 1, 3, x, &nu, NULL, y);
        leray_mem_fail_at(0);
        if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
    }
    leray_trained_close(&model);
    assert_int_equal(leray_mem_live(), 0);
    assert_ok(leray_trained_open(FNO, &model));
    assert_ok(leray_trained_roll_out(model, NULL, 1, 3, x, &nu, NULL, want));
    assert_memory_equal(y, want, sizeof y);
    leray_trained_close(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_the_model),
        cmocka_unit_test(predicts_as_inside),
        cmocka_unit_test(rolls_out_as_the_command),
        cmocka_unit_test(rolls_out_step_by_step),
        cmocka_unit_test(forcings_enter_when_due),
        cmocka_unit_test(threads_share_a_model),
        cmocka_unit_test(only_first_calls_allocate),
        cmocka_unit_test(refuses),
        cmocka_unit_test(failing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
