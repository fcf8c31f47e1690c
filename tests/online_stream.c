/* tests/online_stream.c - frames through the stream against the solver's own, and its endings. */
#include "check.h"
#include "data_files.h"
#include "online_tools.h"

#include "core/threads.h"
#include "data/formats/npy.h"
#include "online/stream.h"

#include <unistd.h>

#define FLOW(simulations, more) \
    CHEAP_FLOW "ensemble: {simulations: " #simulations ", frames: 5, interval: 0.2" more "}\n"

static leray_stream *start(const leray_ensemble *e, int clients, int first)
{
    leray_stream *s;

    assert_ok(leray_stream_create(e, clients, &s));
    assert_ok(leray_stream_start(s, first));
    return s;
}

/* Takes every frame from simulation `first` on, and compares bits. */
static void compare(const leray_ensemble *e, leray_stream *s, const truth *t, int first)
{
    static float frame[16 * 16];
    int failed_simulations = 0;

    assert_int_equal(leray_stream_frame_size(s), t->size);
    for (int i = first; i < e->settings.simulations; i++)
        for (int k = 0; k < e->settings.frames; k++) {
            const char *reason;
            bool failed;

            assert_ok(leray_stream_take(s, i, k, NULL, frame, &failed, &reason));
            assert_int_equal(failed, k >= t->frames_of[i]);
            if (failed) {
                assert_non_null(strstr(reason, "not finite after step"));
                failed_simulations++;
                break;
            }
            assert_memory_equal(frame, true_frame(e, t, i, k), sizeof frame);
        }
    if (first == 0) assert_int_equal(failed_simulations, t->failed);
}

static void test_frames_are_the_solvers(void **state)
{
    leray_config *cfg;
    leray_ensemble e;
    truth t;
    double idle, busy;

    (void)state;
    assert_ok(try_ensemble(FLOW(12, ", warmup: 0.3"), 4, &cfg, &e));
    simulate_truth(&e, &t);
    assert_int_equal(t.failed, 0);
    for (int clients = 1; clients <= 5; clients += 2) {
        leray_stream *s = start(&e, clients, 0);

        compare(&e, s, &t, 0);
        leray_stream_destroy(&s);
        s = start(&e, clients, 7); /* as a resumed run does */
        compare(&e, s, &t, 7);
        leray_stream_times(s, &idle, &busy);
        assert_true(busy > 0);
        leray_stream_destroy(&s);
        assert_null(s);
    }
    free_truth(&t);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

/* Clients of unlike speed: later simulations are ready first, and are read in order. */
static void test_delays_change_nothing(void **state)
{
    leray_config *cfg;
    leray_ensemble e;
    truth t;
    leray_stream *s;

    (void)state;
    assert_ok(try_ensemble(FLOW(9, ", delays: [0.02, 0, 0.005]"), 4, &cfg, &e));
    simulate_truth(&e, &t);
    s = start(&e, 3, 0);
    compare(&e, s, &t, 0);
    leray_stream_destroy(&s);
    free_truth(&t);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

static void test_skipping_and_going_back(void **state)
{
    static float frame[16 * 16];
    leray_config *cfg;
    leray_ensemble e;
    truth t;
    leray_stream *s;
    const char *reason;
    bool failed;

    (void)state;
    assert_ok(try_ensemble(FLOW(20, ""), 4, &cfg, &e));
    simulate_truth(&e, &t);
    s = start(&e, 2, 0);
    assert_ok(leray_stream_take(s, 0, 1, NULL, frame, &failed, &reason));
    assert_fails(leray_stream_take(s, 0, 1, NULL, frame, &failed, &reason), LERAY_ERR_ARG,
                 "taken once");
    for (int i = 3; i < 20; i += 3) { /* whole simulations and steps left out */
        assert_ok(leray_stream_take(s, i, i % 5, NULL, frame, &failed, &reason));
        assert_false(failed);
        assert_memory_equal(frame, true_frame(&e, &t, i, i % 5), sizeof frame);
    }
    assert_fails(leray_stream_take(s, 17, 0, NULL, frame, &failed, &reason), LERAY_ERR_ARG,
                 "read in order");
    leray_stream_destroy(&s);
    free_truth(&t);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

/* Some simulations blow up; the frames before that come, the reason is said, and the others go on. */
static void test_divergence_ends_one_simulation(void **state)
{
    leray_config *cfg;
    leray_ensemble e;
    truth t;

    (void)state;
    assert_ok(try_ensemble(UNSTABLE_FLOW "ensemble: {simulations: 16, frames: 5, interval: 0.2}\n",
                           4, &cfg, &e));
    simulate_truth(&e, &t);
    print_message("%d of 16 simulations diverge\n", t.failed);
    assert_in_range(t.failed, 2, 14);
    for (int clients = 1; clients <= 3; clients++) {
        leray_stream *s = start(&e, clients, 0);

        compare(&e, s, &t, 0);
        leray_stream_destroy(&s);
    }
    free_truth(&t);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

/* A file of three initial fields for six simulations: what breaks a client reaches the reader. */
static void test_broken_client(void **state)
{
    static double field[3 * 16 * 16];
    static float frame[16 * 16];
    const int64_t shape[3] = {3, 16, 16};
    char path[LERAY_PATH_MAX], deck[2 * LERAY_PATH_MAX];
    leray_config *cfg;
    leray_ensemble e;
    leray_stream *s;
    const char *reason;
    bool failed;

    for (int i = 0; i < 3 * 256; i++) field[i] = sin(0.7 * i);
    assert_ok(leray_npy_write(file_in(state, "initial.npy", path), LERAY_NPY_F8, 3, shape, field));
    snprintf(deck, sizeof deck,
             "solver: {type: ns2d, n: 16, dt: 0.05, initial: {type: file, path: %s}}\n"
             "ensemble: {simulations: 6, frames: 3, interval: 0.2}\n",
             path);
    assert_ok(try_ensemble(deck, 0, &cfg, &e));
    for (int clients = 1; clients <= 4; clients++) {
        leray_status status = LERAY_OK;
        int taken = 0;

        s = start(&e, clients, 0);
        while (!status && taken <= 9) {
            status = leray_stream_take(s, taken / 3, taken % 3, NULL, frame, &failed, &reason);
            if (!status) taken++;
        }
        /* Another client may break first; one alone has sent all there was. */
        assert_at_most(taken, 9);
        if (clients == 1) assert_int_equal(taken, 9);
        assert_fails(status, LERAY_ERR_DATA, "has no field");
        leray_stream_destroy(&s);
    }
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);

    field[300] = NAN;
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 3, shape, field));
    assert_ok(try_ensemble(deck, 0, &cfg, &e));
    assert_fails(leray_stream_create(&e, 2, &s), LERAY_ERR_DATA, path);
    assert_null(s);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

static void test_stop_cuts_the_wait_short(void **state)
{
    static float frame[16 * 16];
    volatile sig_atomic_t stop = 1;
    leray_config *cfg;
    leray_ensemble e;
    leray_stream *s;
    const char *reason;
    bool failed;

    (void)state;
    assert_ok(try_ensemble(FLOW(4, ", delays: [1, 1]"), 4, &cfg, &e));
    s = start(&e, 2, 0);
    assert_fails(leray_stream_take(s, 0, 0, &stop, frame, &failed, &reason), LERAY_INTERRUPTED,
                 "signal");
    leray_stream_destroy(&s);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

/* Ended at every stage: never started, just started, in the middle, all read. An alarm ends a hang. */
static void test_destroy_at_any_time(void **state)
{
    static float frame[16 * 16];
    leray_config *cfg;
    leray_ensemble e;
    leray_stream *s = NULL;
    long live;

    (void)state;
    alarm(120);
    leray_stream_destroy(&s);
    assert_ok(try_ensemble(FLOW(30, ", delays: [0.001, 0, 0.004]"), 4, &cfg, &e));
    live = leray_mem_live();
    assert_ok(leray_stream_create(&e, 3, &s));
    leray_stream_destroy(&s);
    for (int taken = 0; taken < 30; taken++) {
        s = start(&e, 1 + taken % 3, 0);
        for (int i = 0; i < taken; i++) {
            const char *reason;
            bool failed;

            assert_ok(leray_stream_take(s, i, i % 5, NULL, frame, &failed, &reason));
        }
        leray_stream_destroy(&s);
        assert_int_equal(leray_mem_live(), live);
    }
    alarm(0);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

static void test_allocation_failures(void **state)
{
    leray_config *cfg;
    leray_ensemble e;
    leray_stream *s;
    leray_status status;

    (void)state;
    assert_ok(try_ensemble(FLOW(6, ""), 4, &cfg, &e));
    assert_survives_failing_allocations(status, status = leray_stream_create(&e, 2, &s));
    leray_stream_destroy(&s);
    leray_ensemble_fini(&e);
    leray_config_destroy(&cfg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_are_the_solvers),
        cmocka_unit_test(test_delays_change_nothing),
        cmocka_unit_test(test_skipping_and_going_back),
        cmocka_unit_test(test_divergence_ends_one_simulation),
        cmocka_unit_test(test_broken_client),
        cmocka_unit_test(test_stop_cuts_the_wait_short),
        cmocka_unit_test(test_destroy_at_any_time),
        cmocka_unit_test(test_allocation_failures),
    };

    leray_threads_set(1); /* a team of idle threads would compete with the clients */
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
