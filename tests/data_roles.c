/* tests/data_roles.c - samples by the roles of channels: states, statics, forcings, diagnostics and masks. */
#include "grids.h"
#include "windows_file.h"

#include "data/windows.h"

enum { NY = 2, NX = 3, POINTS = NY * NX, TRAJECTORIES = 3, MOST = 9 };
enum { U, F, D, A, M, CHANNELS }; /* state, forcing, diagnostic, static, mask */

static const int frames[TRAJECTORIES] = {5, MOST, 3};
static float values[TRAJECTORIES * MOST * CHANNELS * POINTS];

static float value_at(int trajectory, int frame, int channel, int point)
{
    if (channel == A) return (float)(7000 + 10 * trajectory + point);
    if (channel == M) return (point + trajectory) % 3 == 0 ? 0 : 4;
    return (float)(1000 * channel + 100 * trajectory + 10 * frame) + (float)point / 8;
}

/* Trajectories start and end at times of their own. */
static double clock_of(const leray_trajectories *self, int trajectory, int frame)
{
    (void)self;
    return 50.0 * trajectory + 0.25 * frame;
}

/* Time stands still for a while in the middle of trajectory 1. */
static double late_clock(const leray_trajectories *self, int trajectory, int frame)
{
    return clock_of(self, trajectory, frame) + (trajectory == 1 && frame > 4 ? 0.125 : 0);
}

static double other_clock(const leray_trajectories *self, int trajectory, int frame)
{
    (void)self;
    return (trajectory == 1 ? 0.5 : 0.25) * frame;
}

static const leray_trajectories_type steady = {memory_read, clock_of, NULL};
static const leray_trajectories_type late = {memory_read, late_clock, NULL};
static const leray_trajectories_type other = {memory_read, other_clock, NULL};

static leray_trajectories *make(void)
{
    leray_grid grid = grid_2d(NY, NX, true);
    leray_trajectories *t;
    float *at = values;

    for (int k = 0; k < TRAJECTORIES; k++)
        for (int f = 0; f < frames[k]; f++)
            for (int c = 0; c < CHANNELS; c++)
                for (int i = 0; i < POINTS; i++) *at++ = value_at(k, f, c, i);
    assert_ok(memory_of(&grid, "u f d a m", TRAJECTORIES, frames, values, &t));
    t->channels.item[A].time_varying = false;
    t->channels.item[M].time_varying = false;
    t->type = &steady;
    return t;
}

static leray_window_settings settings_of(const char *inputs, const char *outputs,
                                         const char *forcings, const char *mask)
{
    leray_window_settings s = {.history = 1, .every = 1, .lead = 1, .window = 1};

    snprintf(s.inputs, sizeof s.inputs, "%s", inputs);
    snprintf(s.outputs, sizeof s.outputs, "%s", outputs);
    snprintf(s.forcings, sizeof s.forcings, "%s", forcings);
    snprintf(s.mask, sizeof s.mask, "%s", mask);
    return s;
}

static void check_channel(const float *at, int trajectory, int frame, int channel)
{
    for (int i = 0; i < POINTS; i++) {
        float want = value_at(trajectory, frame, channel, i);

        if (at[i] != want)
            fail_msg("trajectory %d, frame %d, channel %d: %g, not %g", trajectory, frame, channel,
                     (double)at[i], (double)want);
    }
}

/* x: states of the history, the static once, forcings of all frames; y: state and diagnostic of each. */
static void check_sample(leray_windows *w, int i)
{
    const leray_window_settings *s = &w->settings;
    int history = (int)s->history, window = (int)s->window, every = (int)s->every, trajectory, t;
    float x[32 * POINTS], y[32 * POINTS], mask[POINTS], *at = x;

    leray_windows_locate(w, i, &trajectory, &t);
    assert_ok(leray_windows_read(w, i, x, y, NULL, mask));
    for (int h = 0; h < history; h++, at += POINTS) check_channel(at, trajectory, t + h * every, U);
    check_channel(at, trajectory, t, A);
    at += POINTS;
    for (int h = 0; h < history + window; h++, at += POINTS)
        check_channel(at, trajectory, t + h * every, F);
    assert_int_equal((at - x) / POINTS, leray_sample_inputs(&w->info));
    at = y;
    for (int k = 0; k < window; k++, at += 2 * POINTS) {
        check_channel(at, trajectory, t + (history + k) * every, U);
        check_channel(at + POINTS, trajectory, t + (history + k) * every, D);
    }
    assert_int_equal((at - y) / POINTS, leray_sample_outputs(&w->info));
    for (int p = 0; p < POINTS; p++)
        assert_true(mask[p] == (value_at(trajectory, 0, M, p) != 0 ? 1 : 0));
}

static void every_channel_has_its_role(void **state)
{
    static const int cases[][4] = {
        {1, 1, 1, 4 + 8 + 2}, /* history, window, every, samples */
        {2, 1, 1, 3 + 7 + 1},
        {2, 3, 1, 1 + 5 + 0},
        {1, 2, 2, 1 + 5 + 0},
        {1, 1, 4, 1 + 5 + 0},
    };
    leray_trajectories *t = make();

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        leray_window_settings s = settings_of("a, u", "d, u", "f", "m");
        leray_windows w;

        s.history = cases[c][0], s.window = cases[c][1], s.every = cases[c][2];
        assert_ok(leray_windows_init(&w, t, &s));
        assert_int_equal(w.n_samples, cases[c][3]);
        assert_int_equal(w.info.n_state, 1);
        assert_int_equal(w.info.n_static, 1);
        assert_int_equal(w.info.n_forcing, 1);
        assert_true(w.info.masked && w.info.autoregressive);
        assert_string_equal(w.info.output.item[0].name, "u"); /* states come first */
        assert_string_equal(w.info.output.item[1].name, "d");
        assert_close(w.info.interval, 0.25 * cases[c][2], 1e-12);
        assert_close(w.info.spacing, cases[c][0] > 1 ? 0.25 * cases[c][2] : 0, 1e-12);
        for (int i = 0; i < w.n_samples; i++) check_sample(&w, i);
        leray_windows_fini(&w);
    }
    leray_trajectories_destroy(&t);
}

static void a_part_of_the_trajectories(void **state)
{
    leray_trajectories *t = make();
    leray_window_settings s = settings_of("a, u", "d, u", "f", "m");
    leray_windows w;
    int trajectory, step;

    (void)state;
    s.first = 1, s.count = 2;
    assert_ok(leray_windows_init(&w, t, &s));
    assert_int_equal(w.n_samples, 8 + 2);
    leray_windows_locate(&w, 0, &trajectory, &step);
    assert_true(trajectory == 1 && step == 0);
    leray_windows_locate(&w, 9, &trajectory, &step);
    assert_true(trajectory == 2 && step == 1);
    for (int i = 0; i < w.n_samples; i++) check_sample(&w, i);
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
}

static void inputs_have_names(void **state)
{
    static const char *const names[] = {"u@-1", "u", "a", "f@-1", "f", "f@+1"};
    leray_trajectories *t = make();
    leray_window_settings s = settings_of("u, a", "", "f", "");
    leray_windows w;
    char text[64];

    (void)state;
    s.history = 2;
    assert_ok(leray_windows_init(&w, t, &s));
    assert_int_equal(leray_sample_inputs(&w.info), 6);
    for (int c = 0; c < 6; c++)
        assert_string_equal(leray_sample_input_name(&w.info, c, sizeof text, text), names[c]);
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
}

/* Without lists: all that is neither forcing nor mask is x, and of it what depends on time is y. */
static void what_is_not_named_follows(void **state)
{
    leray_trajectories *t = make();
    leray_window_settings s = settings_of("", "", "f", "m");
    leray_windows w;

    (void)state;
    assert_ok(leray_windows_init(&w, t, &s));
    assert_int_equal(w.info.n_state, 2);
    assert_int_equal(w.info.n_static, 1);
    assert_string_equal(w.info.input.item[0].name, "u");
    assert_string_equal(w.info.input.item[1].name, "d");
    assert_string_equal(w.info.input.item[2].name, "a");
    assert_string_equal(w.info.input.item[3].name, "f");
    assert_int_equal(w.info.output.n, 2);
    assert_false(leray_channels_find(&w.info.input, "m") >= 0);
    leray_windows_fini(&w);
    s = settings_of("a", "u", "", ""); /* from what stays to what moves: nothing continues */
    assert_ok(leray_windows_init(&w, t, &s));
    assert_false(w.info.autoregressive);
    assert_false(w.info.masked);
    leray_windows_fini(&w);
    leray_trajectories_destroy(&t);
}

static void refuse(leray_trajectories *t, leray_window_settings s, leray_status code,
                   const char *words)
{
    leray_windows w;

    assert_fails(leray_windows_init(&w, t, &s), code, words);
    leray_windows_fini(&w);
}

static void roles_that_contradict(void **state)
{
    leray_trajectories *t = make();
    leray_window_settings s;

    (void)state;
    refuse(t, settings_of("u", "u, f", "f", ""), LERAY_ERR_CONFIG,
           "'f' is among the outputs and among the forcings");
    refuse(t, settings_of("u, f", "u", "f", ""), LERAY_ERR_CONFIG,
           "'f' is among the inputs and among the forcings");
    refuse(t, settings_of("u, u", "", "", ""), LERAY_ERR_CONFIG, "field 'u' is named twice");
    refuse(t, settings_of("u, w", "", "", ""), LERAY_ERR_DATA,
           "memory has no field 'w'; it has u, f, d, a, m");
    refuse(t, settings_of("u", "w", "", ""), LERAY_ERR_DATA, "it has u, f, d, a, m");
    refuse(t, settings_of("u", "", "w", ""), LERAY_ERR_DATA, "it has u, f, d, a, m");
    refuse(t, settings_of("u", "", "", "w"), LERAY_ERR_DATA, "it has u, f, d, a, m");
    refuse(t, settings_of("a", "", "", ""), LERAY_ERR_CONFIG, "so name the outputs");
    s = settings_of("u", "", "", ""), s.lead = 0;
    refuse(t, s, LERAY_ERR_CONFIG, "an output is also an input of the same instant");
    s = settings_of("u", "", "", ""), s.history = 9;
    refuse(t, s, LERAY_ERR_CONFIG, "no trajectory has 10 frames");
    s = settings_of("u", "", "", ""), s.first = 2, s.count = 2;
    refuse(t, s, LERAY_ERR_CONFIG, "first = 2, count = 2: memory has 3 trajectories");
    leray_trajectories_destroy(&t);
}

static void times_must_be_even_in_a_sample(void **state)
{
    leray_trajectories *t = make();
    leray_window_settings s = settings_of("u", "", "", "");
    leray_windows w;

    (void)state;
    t->type = &late;
    assert_ok(leray_windows_init(&w, t, &s)); /* one frame and the next do not mind */
    leray_windows_fini(&w);
    s.history = 2;
    refuse(t, s, LERAY_ERR_DATA, "trajectory 1");
    s.history = 1, s.window = 2;
    refuse(t, s, LERAY_ERR_DATA, "trajectory 1");
    s.first = 2, s.window = 1, s.history = 2; /* the others are even */
    assert_ok(leray_windows_init(&w, t, &s));
    leray_windows_fini(&w);
    t->type = &other;
    s = settings_of("u", "", "", "");
    refuse(t, s, LERAY_ERR_DATA,
           "frames are 0.25 apart in trajectory 0 and 0.5 in trajectory 1: samples need one");
    leray_trajectories_destroy(&t);
}

/* What the grid's mask hides may be anything in the data, and is 0 in samples; elsewhere it is an error. */
static void hidden_values_become_zero(void **state)
{
    static const unsigned char mask[POINTS] = {1, 1, 0, 1, 1, 1};
    leray_trajectories *t = make(), *masked;
    leray_grid grid = grid_2d(NY, NX, true);
    leray_window_settings s = settings_of("u", "", "", "");
    float x[POINTS], y[POINTS];
    leray_windows w;

    (void)state;
    values[2] = NAN;
    assert_ok(leray_windows_init(&w, t, &s));
    assert_fails(leray_windows_read(&w, 0, x, y, NULL, NULL), LERAY_ERR_DATA, "trajectory 0");
    leray_windows_fini(&w);
    grid.mask = mask;
    assert_ok(memory_of(&grid, "u f d a m", TRAJECTORIES, frames, values, &masked));
    assert_ok(leray_windows_init(&w, masked, &s));
    assert_ok(leray_windows_read(&w, 0, x, y, NULL, NULL));
    for (int i = 0; i < POINTS; i++) {
        assert_true(x[i] == (mask[i] ? value_at(0, 0, U, i) : 0));
        assert_true(y[i] == (mask[i] ? value_at(0, 1, U, i) : 0));
    }
    leray_windows_fini(&w);
    leray_trajectories_destroy(&masked);
    leray_trajectories_destroy(&t);
}

/* ---- many channels through a file ---- */

enum { MANY = 200, STEPS = 3 };

static float many_value(int step, int channel, int point)
{
    return (float)(1000 * step + channel) + (float)point / 8;
}

static leray_status write_many(const char *path)
{
    static double data[MANY][POINTS];
    static char names[MANY][16];
    leray_well_description d = {.dataset_name = "many", .n_trajectories = 1, .n_steps = STEPS};
    leray_grid grid = grid_2d(NY, NX, true);
    leray_frame_field field[MANY];
    leray_frame frame = {.grid = &grid, .count = NY, .nfields = MANY, .field = field};
    leray_well_writer *w;
    leray_status status = LERAY_OK;

    for (int c = 0; c < MANY; c++) {
        snprintf(names[c], sizeof names[c], "q%03d",
                 MANY - 1 - c); /* not as an alphabet has them */
        field[c] = (leray_frame_field){names[c], "1", data[c]};
    }
    LERAY_TRY(leray_well_create(path, &d, &frame, &w));
    for (int k = 0; k < STEPS && !status; k++) {
        for (int c = 0; c < MANY; c++)
            for (int i = 0; i < POINTS; i++) data[c][i] = (double)many_value(k, MANY - 1 - c, i);
        frame.time = k;
        status = leray_well_write(w, 0, k, &frame);
    }
    if (status) leray_well_abandon(&w);
    else status = leray_well_commit(&w);
    return status;
}

/* The value tells the name, wherever the channel stands; a list decides the order, else the file. */
static void check_many(leray_dataset *ds, const char *first)
{
    static float x[MANY * POINTS], y[MANY * POINTS];
    const leray_sample_info *info = &ds->windows.info;

    assert_int_equal(info->input.n, MANY);
    assert_string_equal(info->input.item[0].name, first);
    assert_int_equal(ds->windows.n_samples, STEPS - 1);
    for (int s = 0; s < STEPS - 1; s++) {
        assert_ok(leray_windows_read(&ds->windows, s, x, y, NULL, NULL));
        for (int c = 0; c < MANY; c++)
            for (int i = 0; i < POINTS; i++) {
                int number = atoi(info->input.item[c].name + 1);

                assert_true(x[c * POINTS + i] == many_value(s, number, i));
                assert_true(y[c * POINTS + i] == many_value(s + 1, number, i));
            }
    }
}

static void many_channels_keep_their_order(void **state)
{
    char path[LERAY_PATH_MAX], keys[MANY * 8] = "inputs: ";
    leray_dataset *ds;

    assert_ok(write_many(file_in(state, "many.h5", path)));
    assert_ok(w_open(path, "inputs: ''\n", &ds));
    assert_string_equal(ds->windows.info.input.item[0].name,
                        ds->trajectories->channels.item[0].name);
    check_many(ds, ds->trajectories->channels.item[0].name);
    leray_dataset_destroy(&ds);
    assert_ok(w_open(path, "inputs: q\n", &ds)); /* all that are numbered */
    check_many(ds, ds->trajectories->channels.item[0].name);
    leray_dataset_destroy(&ds);
    snprintf(keys, sizeof keys, "inputs: q007, q100, q003\noutputs: q003, q100, q007, q199\n");
    assert_ok(w_open(path, keys, &ds));
    assert_string_equal(ds->windows.info.input.item[0].name, "q007");
    assert_string_equal(ds->windows.info.input.item[2].name, "q003");
    assert_string_equal(ds->windows.info.output.item[0].name, "q007"); /* as in x */
    assert_string_equal(ds->windows.info.output.item[3].name, "q199");
    leray_dataset_destroy(&ds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_channel_has_its_role),
        cmocka_unit_test(a_part_of_the_trajectories),
        cmocka_unit_test(inputs_have_names),
        cmocka_unit_test(what_is_not_named_follows),
        cmocka_unit_test(roles_that_contradict),
        cmocka_unit_test(times_must_be_even_in_a_sample),
        cmocka_unit_test(hidden_values_become_zero),
        cmocka_unit_test(many_channels_keep_their_order),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
