/* tests/training_rollout.c - forecasts of trajectories of different lengths with a forcing that is known
   beforehand. */
#include "check.h"
#include "grids.h"

#include "training/evaluation.h"

#include <stdlib.h>

enum { NY = 2, NX = 4, POINTS = NY * NX, TRAJECTORIES = 4, MOST = 11 };

static const int frames[TRAJECTORIES] = {4, MOST, 2, 7};

static float forcing(int trajectory, int frame, int point)
{
    return (float)(1 + (frame * 5 + trajectory * 3) % 7) + (float)point / 8;
}

/* u [frame] = u [frame - 1] + forcing [frame]. */
static float state_of(int trajectory, int frame, int point)
{
    float u = (float)(10 + 50 * trajectory + point);

    for (int k = 1; k <= frame; k++) u += forcing(trajectory, k, point);
    return u;
}

/* The newest frame and the forcings up to each frame of the window: exact, if x holds the right ones. */
static leray_status summing(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    static float out[32 * MOST * POINTS];
    int history = self->problem.history, window = self->frames;
    int shape[4] = {x->shape[0], window, x->shape[2], x->shape[3]};
    const float *in = x->value;

    for (int b = 0; in && b < x->shape[0]; b++)
        for (int i = 0; i < POINTS; i++) {
            float sum = 0;

            for (int w = 0; w < window; w++) {
                sum += in[(b * x->shape[1] + 2 * history + w) * POINTS + i];
                out[(b * window + w) * POINTS + i] = sum;
            }
        }
    return leray_tape_input(tape, 4, shape, out, y);
}

static leray_status accepts(const leray_model *self, const leray_extents *grid)
{
    (void)self, (void)grid;
    return LERAY_OK;
}

static const leray_model_type summing_type = {.forward = summing, .accepts = accepts};

static leray_trajectories *make_trajectories(float *values)
{
    leray_grid grid = grid_2d(NY, NX, true);
    leray_trajectories *t;
    float *at = values;

    for (int k = 0; k < TRAJECTORIES; k++)
        for (int f = 0; f < frames[k]; f++, at += 2 * POINTS)
            for (int i = 0; i < POINTS; i++)
                at[i] = state_of(k, f, i), at[POINTS + i] = forcing(k, f, i);
    assert_ok(memory_of(&grid, "u f", TRAJECTORIES, frames, values, &t));
    return t;
}

static void make_task(const leray_windows *windows, leray_task *task)
{
    leray_task_settings settings = {LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_NONE,
                                    LERAY_NORMALIZER_NONE, LERAY_LOSS_PHYSICAL};

    assert_ok(leray_task_init(task, &settings, &windows->info));
    assert_ok(leray_task_finish(task));
}

/* Frames of trajectory k that follow the given ones in whole windows, whose forcings are all known. */
static int leads_of(int k, int history, int window)
{
    int rest = frames[k] - history;

    return rest >= window ? rest - rest % window : 0;
}

/* What stays the newest given frame is off by, averaged over the trajectories that reach a lead. */
static double identity_at(int lead, int history, int window)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < TRAJECTORIES; k++) {
        double error = 0, norm = 0;

        if (lead >= leads_of(k, history, window)) continue;
        for (int i = 0; i < POINTS; i++) {
            double u = (double)state_of(k, history + lead, i);
            double d = u - (double)state_of(k, history - 1, i);

            error += d * d, norm += u * u;
        }
        sum += sqrt(error / norm), n++;
    }
    return sum / n;
}

static void check_rollout(const leray_rollout *r, int history, int window)
{
    long all = 0;

    for (int k = 0; k < TRAJECTORIES; k++) all += leads_of(k, history, window);
    assert_int_equal(r->leads, leads_of(1, history, window));
    assert_int_equal(r->frames, all);
    for (int l = 0; l < r->leads; l++) {
        double want = identity_at(l, history, window);

        assert_true(r->error[l] == 0);
        assert_close(r->identity[l], want, 1e-6 * want);
        assert_true(isnan(r->mean[l]));
    }
}

/* The longest is not the first: others end while it goes on, and have no forcings by then. */
static void forcings_end_with_their_trajectory(void **state)
{
    static const int cases[][2] = {
        {1, 1},
        {2, 1},
        {1, 3},
        {2, 2},
        {3, 4}
    };
    float *values = calloc((size_t)TRAJECTORIES * MOST * 2 * POINTS, sizeof *values);
    leray_trajectories *t = make_trajectories(values);
    leray_mean_frames none = {NULL, 0};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        leray_window_settings settings = {.inputs = "u",
                                          .forcings = "f",
                                          .history = cases[c][0],
                                          .every = 1,
                                          .lead = 1,
                                          .window = cases[c][1]};
        leray_windows windows;
        leray_task task;
        leray_model model;
        leray_rollout r;
        leray_one_step one;

        assert_ok(leray_windows_init(&windows, t, &settings));
        make_task(&windows, &task);
        model = (leray_model){
            .type = &summing_type, .problem = leray_task_problem(&task), .frames = cases[c][1]};
        assert_ok(leray_rollout_run(&task, &model, &windows, &none, &r));
        check_rollout(&r, cases[c][0], cases[c][1]);
        leray_rollout_fini(&r);
        assert_ok(leray_one_step_run(&task, &model, &windows, &none, &one));
        assert_true(one.error == 0 && one.identity > 0);
        leray_task_fini(&task);
        leray_windows_fini(&windows);
    }
    leray_trajectories_destroy(&t);
    free(values);
}

/* Nothing changes: every frame is off by what has changed since the given one. */
static leray_status resting(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    static const float zero[TRAJECTORIES * POINTS];
    int shape[4] = {x->shape[0], 1, x->shape[2], x->shape[3]};

    (void)self;
    return leray_tape_input(tape, 4, shape, zero, y);
}

static const leray_model_type resting_type = {.forward = resting, .accepts = accepts};

/* A model that goes two stored frames at a time is held against every second frame. */
static void steps_are_as_long_as_the_lead(void **state)
{
    float *values = calloc((size_t)TRAJECTORIES * MOST * 2 * POINTS, sizeof *values);
    leray_trajectories *t = make_trajectories(values);
    leray_window_settings settings = {
        .inputs = "u", .history = 1, .every = 1, .lead = 2, .window = 1};
    leray_mean_frames none = {NULL, 0};
    leray_windows windows;
    leray_task task;
    leray_model model;
    leray_rollout r;

    (void)state;
    assert_ok(leray_windows_init(&windows, t, &settings));
    make_task(&windows, &task);
    model = (leray_model){.type = &resting_type, .problem = leray_task_problem(&task), .frames = 1};
    assert_ok(leray_rollout_run(&task, &model, &windows, &none, &r));
    assert_int_equal(r.leads, (MOST - 1) / 2);
    for (int lead = 0; lead < r.leads; lead++) {
        double want = 0;
        int n = 0;

        for (int k = 0; k < TRAJECTORIES; k++) {
            double error = 0, norm = 0;

            if (2 * (lead + 1) >= frames[k]) continue;
            for (int i = 0; i < POINTS; i++) {
                double u = (double)state_of(k, 2 * (lead + 1), i);
                double d = u - (double)state_of(k, 0, i);

                error += d * d, norm += u * u;
            }
            want += sqrt(error / norm), n++;
        }
        assert_close(r.error[lead], want / n, 1e-6 * want);
        assert_close(r.identity[lead], want / n, 1e-6 * want);
    }
    leray_rollout_fini(&r);
    leray_task_fini(&task);
    leray_windows_fini(&windows);
    settings.history = 2;
    assert_ok(leray_windows_init(&windows, t, &settings));
    make_task(&windows, &task);
    assert_fails(leray_rollout_run(&task, &model, &windows, &none, &r), LERAY_ERR_ARG,
                 "1 stored frames, not 2");
    leray_task_fini(&task);
    leray_windows_fini(&windows);
    leray_trajectories_destroy(&t);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forcings_end_with_their_trajectory),
        cmocka_unit_test(steps_are_as_long_as_the_lead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
