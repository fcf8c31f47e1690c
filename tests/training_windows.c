/* tests/training_windows.c - windows of frames from a file through source, task, forecasts and measures. */
#include "check.h"
#include "grids.h"
#include "windows_file.h"

#include "operators/layers/time_head.h"
#include "training/evaluation.h"
#include "training/source.h"

enum { HISTORY = 2, WINDOW = 3, FIELDS = 2, FRAME = FIELDS * W_POINTS, BATCH = 2 };
enum { NX = HISTORY * FRAME + W_POINTS, NY = WINDOW * FRAME };

static void open_data(void **state, leray_dataset **out)
{
    char path[LERAY_PATH_MAX];

    assert_ok(w_write_file(file_in(state, "w.h5", path), 0));
    assert_ok(w_open(path, "history: 2\nwindow: 3\n", out));
}

static void open_source(void **state, double memory, leray_file_windows windows, int epochs,
                        leray_source **out)
{
    leray_file_settings settings = {
        .seed = 9, .batch = BATCH, .epochs = epochs, .memory = memory, .windows = windows};
    leray_dataset *dataset;

    open_data(state, &dataset);
    assert_ok(leray_source_from_dataset(&dataset, &settings, out));
}

/* Trajectory and step by the value of the first point. */
static void place(const float *x, int *trajectory, int *step)
{
    *trajectory = (int)(x[0] / 1000);
    *step = (int)((x[0] - (float)(1000 * *trajectory)) / 10);
}

/* ---- source ---- */

static void held_or_read_the_batches_are_the_same(void **state)
{
    for (int windows = LERAY_WINDOWS_ALL; windows <= LERAY_WINDOWS_ONE; windows++) {
        leray_source *held, *read;

        open_source(state, 1e9, (leray_file_windows)windows, 3, &held);
        open_source(state, 0, (leray_file_windows)windows, 3, &read);
        assert_int_equal(held->batches, read->batches);
        assert_memory_equal(held->mean, read->mean, NY * sizeof(float));
        for (int64_t b = 0; b < held->batches; b++) {
            leray_batch one, other;

            assert_ok(held->type->next(held, b, &one));
            assert_ok(read->type->next(read, b, &other));
            assert_int_equal(one.n, other.n);
            assert_memory_equal(one.x, other.x, (size_t)one.n * NX * sizeof(float));
            assert_memory_equal(one.y, other.y, (size_t)one.n * NY * sizeof(float));
            assert_memory_equal(one.parameters, other.parameters, (size_t)one.n * sizeof(float));
        }
        leray_source_destroy(&read);
        leray_source_destroy(&held);
    }
}

/* An epoch of one each shows every trajectory once; over many epochs all 8 + 5 + 8 starts come. */
static void one_start_of_each_trajectory(void **state)
{
    enum { EPOCHS = 80 };
    bool seen[W_TRAJECTORIES][W_STEPS] = {{false}};
    int starts = 0;
    leray_source *s;

    open_source(state, 0, LERAY_WINDOWS_ONE, EPOCHS, &s);
    assert_int_equal(s->batches, 2 * EPOCHS); /* 2 + 1 samples */
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        bool shown[W_TRAJECTORIES] = {false};

        for (int b = 0; b < 2; b++) {
            leray_batch batch;

            assert_ok(s->type->next(s, 2 * epoch + b, &batch));
            assert_int_equal(batch.n, b == 0 ? 2 : 1);
            for (int i = 0; i < batch.n; i++) {
                int t, step;

                place(batch.x + (size_t)i * NX, &t, &step);
                assert_false(shown[t]);
                shown[t] = seen[t][step] = true;
                assert_true(batch.parameters[i] == (float)(0.5 + t));
                for (int w = 0; w < WINDOW; w++)
                    w_check_frame(batch.y + (size_t)i * NY + w * FRAME, t, step + HISTORY + w);
            }
        }
    }
    for (int t = 0; t < W_TRAJECTORIES; t++)
        for (int step = 0; step < W_STEPS; step++) starts += seen[t][step];
    assert_int_equal(starts, 8 + 5 + 8);
    leray_source_destroy(&s);
}

/* Batch b needs nothing but b: a run that goes on in the middle sees the same. */
static void any_batch_can_be_the_first(void **state)
{
    leray_source *s, *late;
    leray_batch a, b;

    open_source(state, 0, LERAY_WINDOWS_ONE, 4, &s);
    open_source(state, 1e9, LERAY_WINDOWS_ONE, 4, &late);
    for (int64_t k = 0; k <= 5; k++) assert_ok(s->type->next(s, k, &a));
    assert_ok(late->type->next(late, 5, &b));
    assert_memory_equal(a.x, b.x, (size_t)a.n * NX * sizeof(float));
    leray_source_destroy(&late);
    leray_source_destroy(&s);
}

typedef struct visits {
    int n, step[16];
} visits;

static leray_status note(void *context, const leray_batch *sample)
{
    visits *v = context;
    int t;

    place(sample->x, &t, &v->step[v->n++]);
    return LERAY_OK;
}

/* Starts 0 and 5 of 8, 0 of 5, 0 and 5 of 8: no frame is seen twice. */
static void normalisers_see_frames_once(void **state)
{
    static const int steps[] = {0, 5, 0, 0, 5};
    visits v = {0};
    leray_source *s;

    open_source(state, 0, LERAY_WINDOWS_ALL, 1, &s);
    assert_ok(s->type->fit(s, note, &v));
    assert_int_equal(v.n, 5);
    assert_memory_equal(v.step, steps, sizeof steps);
    leray_source_destroy(&s);
}

/* ---- task ---- */

static void make_task(void **state, int target, leray_task *task)
{
    leray_task_settings settings = {target, LERAY_NORMALIZER_MEAN_STD, LERAY_NORMALIZER_MEAN_STD,
                                    LERAY_LOSS_PHYSICAL};
    leray_source *s;

    open_source(state, 1e9, LERAY_WINDOWS_ALL, 1, &s);
    assert_ok(leray_task_init(task, &settings, &s->info));
    assert_ok(s->type->fit(s, leray_task_observe, task));
    assert_ok(leray_task_finish(task));
    leray_source_destroy(&s);
}

/* Mean and deviation of channel f over the given starts and the frames first .. first + n - 1 from
   there, less that at `base` from there (negative: nothing). */
static void moments(int f, int first, int n, int base, double *mean, double *deviation)
{
    static const int starts[][2] = {
        {0, 0},
        {0, 5},
        {1, 0},
        {2, 0},
        {2, 5}
    };
    double sum = 0, squares = 0, count = 0;

    for (int s = 0; s < 5; s++)
        for (int k = 0; k < n; k++)
            for (int i = 0; i < W_POINTS; i++) {
                double v = (double)w_value(starts[s][0], starts[s][1] + first + k, f, i);

                if (base >= 0) v -= (double)w_value(starts[s][0], starts[s][1] + base, f, i);
                sum += v, squares += v * v, count++;
            }
    *mean = sum / count;
    *deviation = sqrt(squares / count - *mean * *mean);
}

/* A field is normalised alike in all frames, by what all of them hold. */
static void fields_share_their_normaliser(void **state)
{
    for (int target = LERAY_TARGET_STATE; target <= LERAY_TARGET_INCREMENT; target++) {
        leray_task task;

        make_task(state, target, &task);
        assert_int_equal(task.output->channels, FIELDS);
        for (int f = 0; f < FIELDS; f++) {
            double mean, deviation;

            moments(f, 0, HISTORY, -1, &mean, &deviation);
            for (int h = 0; h < HISTORY; h++) {
                assert_close(task.input->shift[h * FIELDS + f], mean, 1e-9 * fabs(mean));
                assert_close(task.input->scale[h * FIELDS + f], deviation, 1e-9 * deviation);
            }
            moments(f, HISTORY, WINDOW, target == LERAY_TARGET_INCREMENT ? HISTORY - 1 : -1, &mean,
                    &deviation);
            for (int w = 0; w < WINDOW; w++) {
                assert_close(task.shift[w * FIELDS + f], mean, 1e-6 * fabs(mean));
                assert_close(task.factor[w * FIELDS + f], deviation, 1e-6 * deviation);
            }
        }
        leray_task_fini(&task);
    }
}

static void problems_say_what_continues(void **state)
{
    leray_problem p;
    leray_task task, copy;
    leray_json *json;

    make_task(state, LERAY_TARGET_STATE, &task);
    p = leray_task_problem(&task);
    assert_int_equal(p.channels_in, HISTORY * FIELDS + 2); /* a, nu */
    assert_int_equal(p.channels_out, WINDOW * FIELDS);
    assert_int_equal(p.fields, FIELDS);
    assert_int_equal(p.history, HISTORY);
    assert_int_equal(p.window, WINDOW);
    assert_ok(leray_task_to_json(&task, &json));
    assert_ok(leray_task_from_json(&copy, &task.settings, json));
    leray_json_destroy(&json);
    assert_int_equal(leray_sample_inputs(&copy.info), leray_sample_inputs(&task.info));
    assert_string_equal(copy.info.input.item[2].name, "a");
    assert_true(leray_grid_same(&copy.info.grid, &task.info.grid));
    assert_memory_equal(copy.factor, task.factor, WINDOW * FIELDS * sizeof(float));
    assert_memory_equal(copy.shift, task.shift, WINDOW * FIELDS * sizeof(float));
    leray_task_fini(&copy);
    leray_task_fini(&task);
}

/* ---- a model that repeats or goes on ---- */

/* Its output: nothing, so that an increment model whose normaliser is `none` repeats the newest
   frame. It can sample its window at any number of frames where it has a head. */
static leray_status still(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    int shape[4] = {x->shape[0], self->frames * self->problem.fields, x->shape[2], x->shape[3]};
    static const float zero[BATCH * 6 * FRAME];

    return leray_tape_input(tape, 4, shape, zero, y);
}

static leray_status accepts(const leray_model *self, const leray_extents *grid)
{
    (void)self, (void)grid;
    return LERAY_OK;
}

static const leray_model_type still_type = {.forward = still, .accepts = accepts};
static const leray_time_head *some_head(const leray_model *self)
{
    static const leray_time_head some;

    (void)self;
    return &some;
}

static const leray_model_type any_type = {.forward = still, .accepts = accepts, .head = some_head};

static void make_still(void **state, const leray_model_type *type, leray_task *task,
                       leray_model *model)
{
    leray_task_settings settings = {LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_NONE,
                                    LERAY_NORMALIZER_NONE, LERAY_LOSS_PHYSICAL};
    leray_dataset *dataset;

    open_data(state, &dataset);
    assert_ok(leray_task_init(task, &settings, &dataset->windows.info));
    leray_dataset_destroy(&dataset);
    assert_ok(leray_task_finish(task));
    *model = (leray_model){.type = type, .problem = leray_task_problem(task), .frames = WINDOW};
}

/* The newest frame for ever is the identity: error and baseline are one, of the whole window. */
static void evaluation_measures_the_window(void **state)
{
    double ratio = 0;
    leray_dataset_score score;
    leray_dataset *dataset;
    leray_task task;
    leray_model model;

    make_still(state, &still_type, &task, &model);
    open_data(state, &dataset);
    assert_ok(leray_evaluate_dataset(NULL, &task, &model, dataset, BATCH, &score));
    for (int n = 0; n < dataset->windows.n_samples; n++) {
        int t, s;
        double error = 0, norm = 0;

        leray_windows_locate(&dataset->windows, n, &t, &s);
        for (int w = 0; w < WINDOW; w++)
            for (int k = 0; k < FRAME; k++) {
                double u = (double)w_value(t, s + HISTORY + w, k / W_POINTS, k % W_POINTS);

                error += 100.0 * (w + 1) * (w + 1); /* ten more each step */
                norm += u * u;
            }
        ratio += sqrt(error / norm) / dataset->windows.n_samples;
    }
    assert_close(score.metrics.rel_l2, ratio, 1e-6 * ratio);
    assert_close(score.metrics.baseline_rel_l2, ratio, 1e-6 * ratio);
    leray_dataset_destroy(&dataset);
    leray_task_fini(&task);
}

/* Other frames in the window: only where the model can, and over the same time. */
static void evaluation_at_other_frames(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_dataset_score score;
    leray_dataset *six, *four;
    leray_task task;
    leray_model model;

    make_still(state, &still_type, &task, &model);
    task.info.interval = task.info.spacing = 0.4; /* as if trained on every second frame */
    file_in(state, "w.h5", path);
    assert_ok(w_open(path, "history: 2\nwindow: 6\nevery: 2\nwindow_every: 1\n", &six));
    assert_ok(w_open(path, "history: 2\nwindow: 4\n", &four));
    assert_fails(leray_evaluate_dataset(NULL, &task, &model, six, BATCH, &score), LERAY_ERR_DATA,
                 "can give no other");
    model.type = &any_type;
    assert_fails(leray_evaluate_dataset(NULL, &task, &model, four, BATCH, &score), LERAY_ERR_DATA,
                 "the predicted frames span 0.8");
    assert_int_equal(model.frames, WINDOW);
    assert_ok(leray_evaluate_dataset(NULL, &task, &model, six, BATCH, &score));
    assert_int_equal(model.frames, 6);
    assert_int_equal(leray_sample_outputs(&task.info), 6 * FIELDS);
    assert_close(task.info.interval, 0.2, 1e-12);
    assert_close(score.metrics.rel_l2, score.metrics.baseline_rel_l2, 0);
    leray_dataset_destroy(&four);
    leray_dataset_destroy(&six);
    leray_task_fini(&task);
}

/* Frames 10, 11, .. are fed in windows of 1 to 4: what is left of x are the last ones, statics stay. */
static void feeding_keeps_the_newest(void **state)
{
    (void)state;
    for (int history = 1; history <= 4; history++)
        for (int window = 1; window <= 4; window++) {
            leray_task task = {
                .info = {.n_state = 2,
                         .n_static = 1,
                         .output = {.n = 2},
                         .history = history,
                         .window = window}
            };
            int inputs = history * 2 + 1;
            float x[2 * 9], y[2 * 8];
            leray_predictor p = {
                .task = &task, .grid = {1,      {1}   },
                     .batch = {.n = 2, .x = x}
            };

            for (int b = 0; b < 2; b++) {
                for (int c = 0; c < 2 * history; c++) x[b * inputs + c] = (float)(100 * b + c);
                x[b * inputs + 2 * history] = -1;
                for (int c = 0; c < 2 * window; c++)
                    y[b * 2 * window + c] = (float)(100 * b + 2 * history + c);
            }
            for (int b = 0; b < 2; b++) leray_predictor_feed(&p, b, y + b * 2 * window, NULL);
            for (int b = 0; b < 2; b++) {
                for (int c = 0; c < 2 * history; c++)
                    assert_true(x[b * inputs + c] == (float)(100 * b + 2 * window + c));
                assert_true(x[b * inputs + 2 * history] == -1);
            }
        }
}

/* Frame w of its window is the newest frame and w + 1. */
static leray_status rising(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    static float rise[32 * NY];
    int shape[4] = {x->shape[0], WINDOW * FIELDS, x->shape[2], x->shape[3]};

    (void)self;
    for (int i = 0; i < 32 * NY; i++) rise[i] = (float)(1 + i / FRAME % WINDOW);
    return leray_tape_input(tape, 4, shape, rise, y);
}

static const leray_model_type rising_type = {.forward = rising, .accepts = accepts};

/* Seven frames from windows of three: the last one is cut. Frame l of the forecast is the last given
   one and l + 1. */
static void forecasts_go_on_window_by_window(void **state)
{
    enum { LEADS = 7 };
    leray_task_settings settings = {LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_NONE,
                                    LERAY_NORMALIZER_NONE, LERAY_LOSS_PHYSICAL};
    static const leray_window_settings samples = {
        .history = HISTORY, .every = 1, .lead = 1, .window = WINDOW};
    static float values[(HISTORY + LEADS) * FRAME];
    leray_grid grid = grid_2d(W_NY, W_NX, true);
    leray_trajectories *t;
    leray_mean_frames none = {NULL, 0};
    leray_windows windows;
    leray_task task;
    leray_model model;
    leray_rollout r;
    leray_one_step one;

    (void)state;
    assert_ok(memory_of(&grid, "u v", 1, (int[]){HISTORY + LEADS}, values, &t));
    assert_ok(leray_windows_init(&windows, t, &samples));
    assert_ok(leray_task_init(&task, &settings, &windows.info));
    assert_ok(leray_task_finish(&task));
    model =
        (leray_model){.type = &rising_type, .problem = leray_task_problem(&task), .frames = WINDOW};
    for (int i = 0; i < (HISTORY + LEADS) * FRAME; i++)
        values[i] = (float)(5 + i / FRAME) + (float)(i % FRAME) / 32;
    assert_ok(leray_rollout_run(&task, &model, &windows, &none, &r));
    assert_int_equal(r.leads, LEADS);
    assert_memory_equal(r.forecast, values + HISTORY * FRAME, LEADS * FRAME * sizeof(float));
    assert_memory_equal(r.truth, values + HISTORY * FRAME, LEADS * FRAME * sizeof(float));
    for (int l = 0; l < LEADS; l++) assert_true(r.error[l] == 0 && r.identity[l] > 0);
    leray_rollout_fini(&r);
    assert_ok(leray_one_step_run(&task, &model, &windows, &none, &one)); /* 5 pairs */
    assert_true(one.error == 0 && one.identity > 0);
    leray_task_fini(&task);
    leray_windows_fini(&windows);
    leray_trajectories_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_or_read_the_batches_are_the_same),
        cmocka_unit_test(one_start_of_each_trajectory),
        cmocka_unit_test(any_batch_can_be_the_first),
        cmocka_unit_test(normalisers_see_frames_once),
        cmocka_unit_test(fields_share_their_normaliser),
        cmocka_unit_test(problems_say_what_continues),
        cmocka_unit_test(evaluation_measures_the_window),
        cmocka_unit_test(evaluation_at_other_frames),
        cmocka_unit_test(feeding_keeps_the_newest),
        cmocka_unit_test(forecasts_go_on_window_by_window),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
