/* tests/operators_schedules.c - every row of operators/schedules.def, closed forms, and the
   numbers of PyTorch that tools/parity/optimizers.py has written. */
#include "fixture.h"
#include "operators_make.h"

static const leray_schedule_type *const schedules[] = {
#define LERAY_SCHEDULE(id) &leray_schedule_##id,
#include "operators/schedules.def"
#undef LERAY_SCHEDULE
};

#define COUNT ((int)(sizeof schedules / sizeof schedules[0]))

static double factor_of(const leray_schedule_type *type, const char *yaml, int64_t step)
{
    leray_schedule *schedule;
    double factor;

    assert_ok(make_schedule(type, yaml, &schedule));
    factor = leray_schedule_factor(schedule, step, 1000);
    leray_schedule_destroy(&schedule);
    assert_null(schedule);
    return factor;
}

/* Factors are in (0, 1]; a warm-up comes before all of them. */
static void test_every_row(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        assert_close(factor_of(schedules[i], "warmup: 0.1", 0), 1. / 101, 1e-15);
        assert_close(factor_of(schedules[i], "warmup: 0.1", 99), 100. / 101, 1e-15);
        assert_true(factor_of(schedules[i], "warmup: 0.1", 100) == factor_of(schedules[i], "", 0));
        for (int64_t s = 0; s < 1000; s++) {
            double f = factor_of(schedules[i], "", s);

            assert_true(f > 0 && f <= 1);
        }
    }
}

static void test_closed_forms(void **state)
{
    (void)state;
    assert_close(factor_of(&leray_schedule_constant, "", 999), 1, 0);
    assert_close(factor_of(&leray_schedule_cosine, "", 0), 1, 0);
    assert_close(factor_of(&leray_schedule_cosine, "", 500), 0.5, 1e-15);
    assert_close(factor_of(&leray_schedule_cosine, "final: 0.2", 250),
                 0.2 + 0.8 * (1 + sqrt(0.5)) / 2, 1e-15);
    assert_close(factor_of(&leray_schedule_cosine, "warmup: 0.2", 600), 0.5, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5", 299), 0.25, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5", 300), 0.125, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5, warmup: 0.5", 550), 0.5,
                 1e-15);
    assert_close(factor_of(&leray_schedule_one_cycle, "", 0), 0.04, 1e-15);
    assert_close(factor_of(&leray_schedule_one_cycle, "", 299), 1, 1e-15); /* 0.3 * 1000 - 1 */
    assert_close(factor_of(&leray_schedule_one_cycle, "", 999), 4e-6, 1e-12);
    assert_close(factor_of(&leray_schedule_one_cycle, "pct_start: 0", 0), 1, 0);
}

/* A run of one step has a factor too. */
static void test_one_step(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        leray_schedule *schedule;
        double f;

        assert_ok(make_schedule(schedules[i], "", &schedule));
        f = leray_schedule_factor(schedule, 0, 1);
        assert_true(f > 0 && f <= 1);
        leray_schedule_destroy(&schedule);
    }
}

static const double *numbers(const fixture *f, const char *name, size_t n)
{
    size_t count = 0;
    const double *x = fixture_find(f, name, &count);

    if (!x) fail_msg("the fixture lacks '%s'", name);
    assert_int_equal(count, n);
    return x;
}

/* Each look is the mean of three steps in place of one epoch's loss. */
static void check_torch(const fixture *f, const char *name, const leray_schedule_type *type,
                        const char *yaml, int n)
{
    const double *exact = numbers(f, name, (size_t)n), *losses = numbers(f, "losses", 60);
    leray_schedule *schedule;

    assert_ok(make_schedule(type, yaml, &schedule));
    for (int i = 0; i < n; i++) {
        if (fabs(leray_schedule_factor(schedule, i, n) - exact[i]) > 1e-14)
            fail_msg("%s: step %d: %.17g, not %.17g", name, i,
                     leray_schedule_factor(schedule, i, n), exact[i]);
        for (int j = 0; j < 3; j++)
            leray_schedule_observe(schedule, losses[i] + 0.1 * (j - 1), j == 2);
    }
    leray_schedule_destroy(&schedule);
}

static void test_torch(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f, LERAY_SOURCE_DIR "/tests/fixtures/operators/optimizers.bin");
    check_torch(&f, "step", &leray_schedule_step, "every: 0.2, decay: 0.5", 50);
    check_torch(&f, "cosine", &leray_schedule_cosine, "final: 0.1", 50);
    check_torch(&f, "one_cycle", &leray_schedule_one_cycle, "", 50);
    check_torch(&f, "one_cycle_late", &leray_schedule_one_cycle,
                "pct_start: 0.6, div_factor: 10, final_div_factor: 100", 50);
    check_torch(&f, "plateau", &leray_schedule_plateau, "decay: 0.5, patience: 2", 60);
    check_torch(&f, "plateau_cooldown", &leray_schedule_plateau,
                "decay: 0.3, patience: 1, cooldown: 3, threshold: 0.1, least: 0.01, every: 3", 60);
    fixture_close(&f);
}

/* The state of a schedule in the middle, put into a fresh one, goes on in the same way. */
static void test_restart(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        leray_schedule *a, *b;

        assert_ok(make_schedule(schedules[i], "", &a));
        assert_ok(make_schedule(schedules[i], "", &b));
        for (int s = 0; s < 100; s++) leray_schedule_observe(a, 1 + 1. / (1 + s), s % 3 == 2);
        for (int j = 0; j < a->n_state; j++) {
            assert_true(isfinite(a->state[j]));
            b->state[j] = a->state[j];
        }
        for (int s = 100; s < 300; s++) {
            leray_schedule_observe(a, 1, s % 3 == 2);
            leray_schedule_observe(b, 1, s % 3 == 2);
            assert_true(leray_schedule_factor(a, s, 300) == leray_schedule_factor(b, s, 300));
        }
        leray_schedule_destroy(&b);
        leray_schedule_destroy(&a);
    }
}

static void test_failing_allocations(void **state)
{
    long live = leray_mem_live();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        leray_status status = LERAY_ERR_MEMORY;

        for (long k = 1; status; k++) {
            leray_schedule *schedule;

            leray_mem_fail_at(k);
            status = make_schedule(schedules[i], "", &schedule);
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            leray_schedule_destroy(&schedule);
            assert_int_equal(leray_mem_live(), live);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row), cmocka_unit_test(test_closed_forms),
        cmocka_unit_test(test_one_step),  cmocka_unit_test(test_torch),
        cmocka_unit_test(test_restart),   cmocka_unit_test(test_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
