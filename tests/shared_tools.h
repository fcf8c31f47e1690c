/* tests/shared_tools.h - one simulation divided among all ranks, against the same one that every rank runs
   alone: frames slab by slab, statistics, restarts. */
#ifndef LERAY_TESTS_SHARED_TOOLS_H
#define LERAY_TESTS_SHARED_TOOLS_H

#include "solver_tools.h"

#include "core/launch.h"

static inline leray_solver *started_on(const leray_comm *comm, const leray_solver_type *type,
                                       const char *yaml)
{
    leray_config *cfg = NULL;
    leray_solver *s;

    assert_ok(leray_config_from_section("solver", yaml, type->keys, &cfg));
    assert_ok(leray_solver_create_type_on(comm, type, cfg, "solver", &s));
    leray_config_destroy(&cfg);
    assert_ok(leray_solver_start(s, 3, 1));
    return s;
}

/* This rank's planes of the divided run beside those of the whole one. */
static inline void compare_frames(leray_solver *shared, leray_solver *whole, double tolerance)
{
    leray_frame a, b;
    size_t plane;

    leray_solver_frame(shared, &a);
    leray_solver_frame(whole, &b);
    assert_int_equal(a.nfields, b.nfields);
    assert_true(leray_grid_same(a.grid, b.grid));
    assert_int_equal(b.count, b.grid->axis[0].n);
    assert_true(a.count >= 0 && a.first + a.count <= a.grid->axis[0].n && a.time == b.time);
    plane = leray_grid_points(a.grid) / (size_t)a.grid->axis[0].n;
    for (int f = 0; f < a.nfields; f++) {
        const double *all = b.field[f].values, *here = a.field[f].values;
        double worst = 0, scale = 0;

        for (size_t i = 0; i < (size_t)b.grid->axis[0].n * plane; i++)
            scale = fmax(scale, fabs(all[i]));
        for (size_t i = 0; i < (size_t)a.count * plane; i++)
            worst = fmax(worst, fabs(here[i] - all[(size_t)a.first * plane + i]));
        assert_true(scale > 0);
        assert_at_most(worst, tolerance * scale);
    }
}

/* Residuals are differences of nearly equal numbers, over a step. */
static inline void compare_statistics(leray_solver *shared, leray_solver *whole, double tolerance)
{
    const leray_statistic *a, *b;
    int n = leray_solver_statistics(shared, &a), m = leray_solver_statistics(whole, &b);

    assert_int_equal(n, m);
    for (int i = 0; i < n; i++) {
        double allowed = strstr(a[i].name, "residual") ? 1e3 * tolerance : tolerance;

        assert_string_equal(a[i].name, b[i].name);
        if (!(fabs(a[i].value - b[i].value) <= allowed * fmax(1, fabs(b[i].value))))
            fail_msg("%s = %.17g divided, %.17g whole", a[i].name, a[i].value, b[i].value);
    }
}

/* From the bytes of each rank it goes on to the same bits. */
static inline void restart_divided(leray_solver *shared, double time)
{
    size_t size = leray_solver_save_size(shared);
    char *begin = test_malloc(size), *end = test_malloc(size), *again = test_malloc(size);
    double now = leray_solver_time(shared);

    assert_ok(leray_solver_save(shared, begin));
    for (int i = 0; i < 2; i++) {
        assert_ok(leray_solver_restore(shared, begin, size));
        assert_ok(leray_solver_advance(shared, now + time));
        assert_ok(leray_solver_save(shared, i ? again : end));
    }
    assert_memory_equal(end, again, size);
    test_free(begin), test_free(end), test_free(again);
}

/* Both runs from the start to 2 `time`, and a restart. */
static inline void compare_divided_run(const leray_solver_type *type, const char *yaml, double time,
                                       double tolerance)
{
    leray_solver *shared = started_on(leray_launch_comm(), type, yaml);
    leray_solver *whole = started_on(leray_comm_self(), type, yaml);

    compare_frames(shared, whole, tolerance);
    for (int i = 1; i <= 2; i++) {
        assert_ok(leray_solver_advance(shared, time * i));
        assert_ok(leray_solver_advance(whole, time * i));
        assert_int_equal(leray_solver_steps(shared), leray_solver_steps(whole));
        compare_frames(shared, whole, tolerance);
        compare_statistics(shared, whole, 10 * tolerance);
    }
    restart_divided(shared, time);
    leray_solver_destroy(&shared);
    leray_solver_destroy(&whole);
}

#endif
