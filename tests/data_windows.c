/* tests/data_windows.c - samples whose y is a window of frames, value by value. */
#include "check.h"
#include "windows_file.h"

enum { FRAME = 2 * W_POINTS };

static void write_file(void **state, char path[LERAY_PATH_MAX])
{
    assert_ok(w_write_file(file_in(state, "w.h5", path), 0));
}

/* x: `history` frames `every` apart, then a; y: `window` frames `step` apart. */
static void check_samples(leray_dataset *ds, int history, int every, int window, int step)
{
    float *x = calloc((size_t)leray_sample_inputs(&ds->windows.info) * W_POINTS, sizeof *x);
    float *y = calloc((size_t)leray_sample_outputs(&ds->windows.info) * W_POINTS, sizeof *y);

    assert_int_equal(leray_sample_inputs(&ds->windows.info), 2 * history + 1);
    assert_int_equal(leray_sample_outputs(&ds->windows.info), 2 * window);
    assert_int_equal(ds->windows.info.window, window);
    assert_string_equal(ds->windows.info.output.item[0].name, "u");
    assert_string_equal(ds->windows.info.output.item[1].name, "v");
    assert_true(ds->windows.info.autoregressive);
    for (int i = 0; i < ds->windows.n_samples; i++) {
        int t, s;

        leray_windows_locate(&ds->windows, i, &t, &s);
        assert_ok(leray_windows_read(&ds->windows, i, x, y, NULL, NULL));
        for (int h = 0; h < history; h++) w_check_frame(x + h * FRAME, t, s + h * every);
        for (int k = 0; k < W_POINTS; k++)
            assert_true(x[history * FRAME + k] == w_value(t, 0, 2, k));
        for (int w = 0; w < window; w++)
            w_check_frame(y + w * FRAME, t, s + (history - 1) * every + (w + 1) * step);
    }
    free(y);
    free(x);
}

/* Spans of steps and samples: 12 - 4 and 9 - 4 starts; every 2: 12 - 8 and 9 - 8; y at every
   step of two: 12 - 5 and 9 - 5. */
static void windows_hold_the_frames_that_follow(void **state)
{
    static const struct {
        const char *keys;
        int history, every, window, step, samples;
        double interval;
    } cases[] = {
        {"history: 2\nwindow: 3\n",                            2, 1, 3, 1, 8 + 5 + 8,   0.2},
        {"history: 2\nwindow: 3\nevery: 2\n",                  2, 2, 3, 2, 4 + 1 + 4,   0.4},
        {"history: 2\nwindow: 3\nevery: 2\nwindow_every: 1\n", 2, 2, 3, 1, 7 + 4 + 7,   0.2},
        {"history: 1\nwindow: 4\n",                            1, 1, 4, 1, 8 + 5 + 8,   0.2},
        {"history: 3\nwindow: 8\n",                            3, 1, 8, 1, 2 + 0 + 2,   0.2},
        {"history: 3\nwindow: 4\nstarts: first\n",             3, 1, 4, 1, 3,           0.2},
        {"history: 3\nwindow: 7\nstarts: first\n",             3, 1, 7, 1, 2,           0.2},
        {"history: 2\nwindow: 1\n",                            2, 1, 1, 1, 10 + 7 + 10, 0.2},
    };
    char path[LERAY_PATH_MAX];

    write_file(state, path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        leray_dataset *ds;

        assert_ok(w_open(path, cases[i].keys, &ds));
        assert_int_equal(ds->windows.n_samples, cases[i].samples);
        assert_close(ds->windows.info.interval, cases[i].interval, 1e-5);
        check_samples(ds, cases[i].history, cases[i].every, cases[i].window, cases[i].step);
        leray_dataset_destroy(&ds);
    }
}

/* The first frame of y is the newest of x `stride` samples on. */
static void windows_chain(void **state)
{
    char path[LERAY_PATH_MAX];
    float x[5 * W_POINTS], y[6 * W_POINTS];
    leray_dataset *ds;

    write_file(state, path);
    assert_ok(w_open(path, "history: 2\nwindow: 3\n", &ds));
    assert_int_equal(ds->windows.stride, 1);
    assert_ok(leray_windows_read(&ds->windows, 0, x, y, NULL, NULL));
    assert_ok(leray_windows_read(&ds->windows, ds->windows.stride, x, NULL, NULL, NULL));
    assert_memory_equal(x + FRAME, y, FRAME * sizeof *y);
    leray_dataset_destroy(&ds);
}

static void windows_that_cannot_be(void **state)
{
    char path[LERAY_PATH_MAX], uneven[LERAY_PATH_MAX];
    leray_dataset *ds;

    write_file(state, path);
    assert_fails(w_open(path, "window: 2\nlead: 2\n", &ds), LERAY_ERR_CONFIG, "lead is 2");
    assert_fails(w_open(path, "window: 12\n", &ds), LERAY_ERR_CONFIG, "13 frames");
    assert_fails(w_open(path, "window: 2\ninputs: a\noutputs: a\n", &ds), LERAY_ERR_CONFIG,
                 "window is 2");
    assert_ok(w_write_file(file_in(state, "uneven.h5", uneven), 0.01));
    assert_fails(w_open(uneven, "window: 2\n", &ds), LERAY_ERR_DATA,
                 "is not evenly spaced in time");
    assert_fails(w_open(uneven, "history: 2\n", &ds), LERAY_ERR_DATA, "evenly");
    assert_ok(w_open(uneven, "", &ds)); /* single frames do not mind */
    leray_dataset_destroy(&ds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hold_the_frames_that_follow),
        cmocka_unit_test(windows_chain),
        cmocka_unit_test(windows_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
