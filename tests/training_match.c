/* tests/training_match.c - data held against what a model was trained on: what is chosen, and what is refused. */
#include "data_files.h"
#include "grids.h"

#include "training/match.h"

enum { NY = 4, NX = 6, POINTS = NY * NX, FRAMES = 13, CHANNELS = 5 };

static float values[FRAMES * CHANNELS * POINTS];
static const int frames[] = {FRAMES};

static leray_grid training_grid(void)
{
    leray_grid grid = grid_2d(NY, NX, true);

    grid.axis[0].length = 2, grid.axis[1].length = 3;
    return grid;
}

/* Every value tells its channel by its letter: 'u' .. */
static leray_trajectories *make(const leray_grid *grid, const char *names, double interval)
{
    leray_trajectories *t;

    assert_ok(memory_of(grid, names, 1, frames, values, &t));
    ((memory_trajectories *)t)->interval = interval;
    for (int f = 0; f < FRAMES; f++)
        for (int c = 0; c < t->channels.n; c++)
            for (int i = 0; i < POINTS; i++)
                values[(f * t->channels.n + c) * POINTS + i] =
                    (float)(100 * t->channels.item[c].name[0] + f);
    for (int c = 0; c < t->channels.n; c++)
        t->channels.item[c].time_varying = t->channels.item[c].name[0] != 'a';
    return t;
}

static leray_window_settings settings_of(int history, int window)
{
    return (leray_window_settings){.inputs = "u, v, a",
                                   .outputs = "u, v",
                                   .forcings = "f",
                                   .history = history,
                                   .every = 1,
                                   .lead = 1,
                                   .window = window};
}

/* Trained on frames 0.4 apart. */
static void make_task(leray_task *task, int history, int window)
{
    leray_task_settings kinds = {LERAY_TARGET_STATE, LERAY_NORMALIZER_NONE, LERAY_NORMALIZER_NONE,
                                 LERAY_LOSS_PHYSICAL};
    leray_window_settings settings = settings_of(history, window);
    leray_grid grid = training_grid();
    leray_trajectories *t = make(&grid, "u v a f", 0.4);
    leray_windows w;

    assert_ok(leray_windows_init(&w, t, &settings));
    assert_ok(leray_task_init(task, &kinds, &w.info));
    assert_ok(leray_task_finish(task));
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
}

/* As a command does it: settings of the deck, of which none are given, then samples, then the comparison. */
static leray_status match(leray_task *task, leray_trajectories *t, leray_windows *w)
{
    leray_window_settings s = {.history = 1, .every = 1, .lead = 1, .window = 1};
    leray_match_keys none = {0};
    leray_model model = {.type = &(leray_model_type){0}};

    memset(w, 0, sizeof *w);
    LERAY_TRY(leray_match_settings(task, t, &none, &s));
    LERAY_TRY(leray_windows_init(w, t, &s));
    return leray_match(task, &model, w);
}

static void fields_come_in_the_order_of_the_model(void **state)
{
    static const char letters[] = {'u', 'v', 'u', 'v', 'a', 'f', 'f', 'f'};
    leray_grid grid = training_grid();
    leray_trajectories *t;
    float x[8 * POINTS], y[2 * POINTS];
    leray_task task;
    leray_windows w;

    (void)state;
    make_task(&task, 2, 1);
    t = make(&grid, "f z a v u", 0.4); /* z is of no use */
    assert_ok(match(&task, t, &w));
    assert_int_equal(leray_sample_inputs(&w.info), 8);
    assert_ok(leray_windows_read(&w, 3, x, y, NULL, NULL));
    for (int c = 0; c < 8; c++) {
        int frame = c < 4 ? 3 + c / 2 : c == 4 ? 3 : c - 2;

        assert_true(x[c * POINTS] == (float)(100 * letters[c] + frame));
    }
    for (int c = 0; c < 2; c++) assert_true(y[c * POINTS] == (float)(100 * letters[c] + 5));
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
    leray_task_fini(&task);
}

static void frames_are_chosen_by_their_times(void **state)
{
    static const struct {
        int history, window;
        double stored;
        int every;
    } cases[] = {
        {1, 1, 0.4, 1},
        {1, 1, 0.2, 2},
        {2, 1, 0.1, 4},
        {2, 2, 0.2, 2},
        {1, 2, 0.1, 4},
    };
    leray_grid grid = training_grid();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        leray_trajectories *t;
        leray_task task;
        leray_windows w;

        make_task(&task, cases[i].history, cases[i].window);
        t = make(&grid, "u v a f", cases[i].stored);
        assert_ok(match(&task, t, &w));
        assert_int_equal(w.settings.every, cases[i].every);
        assert_int_equal(w.info.history, cases[i].history);
        assert_int_equal(w.info.window, cases[i].window);
        assert_close(w.info.interval, 0.4, 1e-12);
        leray_windows_fini(&w);
        leray_trajectories_destroy(&t);
        leray_task_fini(&task);
    }
}

/* A distance of given frames that is not the step ahead: every is of the former, lead of the latter. */
static void given_frames_may_lie_closer(void **state)
{
    leray_grid grid = training_grid();
    leray_trajectories *t;
    leray_task task;
    leray_windows w;

    (void)state;
    make_task(&task, 2, 1);
    task.info.spacing = 0.2;
    t = make(&grid, "u v a f", 0.1);
    assert_ok(match(&task, t, &w));
    assert_int_equal(w.settings.every, 2);
    assert_int_equal(w.settings.lead, 2);
    assert_close(w.info.spacing, 0.2, 1e-12);
    assert_close(w.info.interval, 0.4, 1e-12);
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
    leray_task_fini(&task);
}

static void refuse(leray_task *task, const leray_grid *grid, const char *names, double interval,
                   leray_status code, const char *words)
{
    leray_trajectories *t = make(grid, names, interval);
    leray_windows w;

    assert_fails(match(task, t, &w), code, words);
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
}

static void other_domains_are_refused(void **state)
{
    const leray_grid good = training_grid();
    leray_grid g = good;
    leray_task task;

    (void)state;
    make_task(&task, 1, 1);
    g.axis[0].length = 2.01;
    refuse(&task, &g, "u v a f", 0.4, LERAY_ERR_DATA,
           "the domain is 2.01 long along y, the model was trained on 2");
    g = good, g.axis[1].boundary[0] = g.axis[1].boundary[1] = LERAY_WALL;
    refuse(&task, &g, "u v a f", 0.4, LERAY_ERR_DATA,
           "the boundary along x is wall, the model was trained with periodic");
    task.info.masked = true;
    refuse(&task, &good, "u v a f", 0.4, LERAY_ERR_DATA, "data.mask=FIELD");
    task.info.masked = false;
    g = good, g.kind = LERAY_SPHERE;
    refuse(&task, &g, "u v a f", 0.4, LERAY_ERR_DATA,
           "on a sphere, the model was trained on a box");
    g = good, g.ndim = 1;
    refuse(&task, &g, "u v a f", 0.4, LERAY_ERR_DATA, "1 dimensions, the model was trained in 2");
    leray_task_fini(&task);
}

static void other_fields_and_steps_are_refused(void **state)
{
    const leray_grid grid = training_grid();
    leray_task task;

    (void)state;
    make_task(&task, 1, 1);
    refuse(&task, &grid, "u a f", 0.4, LERAY_ERR_DATA, "memory has no field 'v'; it has u, a, f");
    refuse(&task, &grid, "u v a", 0.4, LERAY_ERR_DATA, "memory has no field 'f'");
    refuse(
        &task, &grid, "u v a f", 0.3, LERAY_ERR_DATA,
        "frames are 0.3 apart on average; the model's time step of 0.4 is not a multiple of that");
    refuse(&task, &grid, "u v a f", 0.8, LERAY_ERR_DATA, "is not a multiple of that");
    leray_task_fini(&task);
}

/* What the deck gives is taken, and then held against the model. */
static void given_settings_are_compared(void **state)
{
    static const struct {
        const char *inputs, *outputs;
        int history, every, window;
        const char *words;
    } cases[] = {
        {"u, v, a", "u, v", 1, 1, 1, NULL                                             },
        {"v, u, a", "v, u", 1, 1, 1, "channel 0 of the input is 'v', the model was"   },
        {"u, v",    "u, v", 1, 1, 1, "2 fields of state, 0 constant ones and 1 forci" },
        {"u, v, a", "u",    1, 1, 1, "1 fields come out, the model was trained on 2"  },
        {"u, v, a", "u, v", 2, 1, 1, "samples of 2 frames, the model was trained on 1"},
        {"u, v, a", "u, v", 1, 2, 1, "the predicted frames span 0.8"                  },
        {"u, v, a", "u, v", 1, 1, 2, "windows of 2 frames; the model was trained on 1"},
    };
    leray_model model = {.type = &(leray_model_type){0}};
    leray_grid grid = training_grid();
    leray_trajectories *t;
    leray_task task;

    (void)state;
    make_task(&task, 1, 1);
    t = make(&grid, "u v a f", 0.4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        leray_match_keys given = {
            .inputs = true, .outputs = true, .history = true, .every = true, .window = true};
        leray_window_settings s = settings_of(cases[i].history, cases[i].window);
        leray_windows w;

        snprintf(s.inputs, sizeof s.inputs, "%s", cases[i].inputs);
        snprintf(s.outputs, sizeof s.outputs, "%s", cases[i].outputs);
        s.every = cases[i].every;
        assert_ok(leray_match_settings(&task, t, &given, &s));
        assert_ok(leray_windows_init(&w, t, &s));
        if (cases[i].words)
            assert_fails(leray_match(&task, &model, &w), LERAY_ERR_DATA, cases[i].words);
        else assert_ok(leray_match(&task, &model, &w));
        leray_windows_fini(&w);
    }
    leray_trajectories_destroy(&t);
    leray_task_fini(&task);
}

static void parameters_are_taken_by_name(void **state)
{
    leray_grid grid = training_grid();
    leray_trajectories *t;
    leray_task task;
    float out[1];

    (void)state;
    make_task(&task, 1, 1);
    t = make(&grid, "u v a f", 0.4);
    assert_ok(leray_sample_info_add_parameter(&task.info, "nu", "1", true));
    assert_fails(leray_match_parameters(&task, t, 0, out), LERAY_ERR_DATA,
                 "the model takes the parameter 'nu', which is not among the scalars");
    t->n_parameters = 1;
    t->parameter[0].name = "nu", t->values[0] = 0.5;
    assert_ok(leray_match_parameters(&task, t, 0, out));
    assert_true(out[0] == 0.5f);
    t->values[0] = 0;
    assert_fails(leray_match_parameters(&task, t, 0, out), LERAY_ERR_DIVERGED,
                 "the parameter 'nu' of trajectory 0 is 0, and the model takes its logarithm");
    leray_trajectories_destroy(&t);
    leray_task_fini(&task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_in_the_order_of_the_model),
        cmocka_unit_test(frames_are_chosen_by_their_times),
        cmocka_unit_test(given_frames_may_lie_closer),
        cmocka_unit_test(other_domains_are_refused),
        cmocka_unit_test(other_fields_and_steps_are_refused),
        cmocka_unit_test(given_settings_are_compared),
        cmocka_unit_test(parameters_are_taken_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
