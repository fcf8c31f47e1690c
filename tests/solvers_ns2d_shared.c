/* tests/solvers_ns2d_shared.c - one simulation of ns2d divided among all ranks, against the same one that
   every rank runs alone: frames slab by slab, statistics, restarts. Alone it compares a run with itself;
   solvers_ns2d_ranks.sh starts it on more ranks. */
#include "ns2d_tools.h"

#include "core/ranks.h"
#include "data/npy.h"

#include <stdlib.h>
#include <unistd.h>

static leray_solver *made_on(const leray_comm *comm, const char *yaml)
{
    leray_config *cfg = NULL;
    leray_solver *s;

    assert_ok(leray_config_from_section("solver", yaml, leray_solver_ns2d.keys, &cfg));
    assert_ok(leray_solver_create_on(comm, &leray_solver_ns2d, cfg, "solver", &s));
    leray_config_destroy(&cfg);
    assert_ok(leray_solver_start(s, 3, 1));
    return s;
}

/* This rank's planes of the divided run beside those of the whole one. */
static void compare_frames(leray_solver *shared, leray_solver *whole, double tolerance)
{
    leray_frame a, b;
    size_t nx, points;

    leray_solver_frame(shared, &a);
    leray_solver_frame(whole, &b);
    assert_int_equal(a.nfields, b.nfields);
    assert_int_equal(a.shape[0], b.shape[0]);
    assert_int_equal(b.count, b.shape[0]);
    assert_true(a.count >= 1 && a.first + a.count <= a.shape[0] && a.time == b.time);
    nx = (size_t)a.shape[1], points = (size_t)a.count * nx;
    for (int f = 0; f < a.nfields; f++) {
        double worst = 0, scale = 0;

        for (size_t i = 0; i < (size_t)b.shape[0] * nx; i++)
            scale = fmax(scale, fabs(b.field[f].values[i]));
        for (size_t i = 0; i < points; i++)
            worst = fmax(worst,
                         fabs(a.field[f].values[i] - b.field[f].values[(size_t)a.first * nx + i]));
        assert_true(scale > 0);
        assert_at_most(worst, tolerance * scale);
    }
}

/* Residuals are differences of nearly equal numbers. */
static void compare_statistics(leray_solver *shared, leray_solver *whole, double tolerance)
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

static void restart(leray_solver *shared)
{
    size_t size = leray_solver_save_size(shared);
    char *begin = test_malloc(size), *end = test_malloc(size), *again = test_malloc(size);
    double time = leray_solver_time(shared);

    assert_ok(leray_solver_save(shared, begin));
    for (int i = 0; i < 2; i++) {
        assert_ok(leray_solver_restore(shared, begin, size));
        assert_ok(leray_solver_advance(shared, time + 0.02));
        assert_ok(leray_solver_save(shared, i ? again : end));
    }
    assert_memory_equal(end, again, size);
    test_free(begin), test_free(end), test_free(again);
}

/* A force and initial fields from a file, which every rank has in a folder of its own. */
static void enter_folder_with_field(char folder[64])
{
    enum { NY = 12, NX = 10 };
    double w[NY][NX];
    int64_t shape[] = {NY, NX};

    snprintf(folder, 64, "/tmp/leray-ns2d-shared-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++)
            w[j][i] = cos(TWO_PI * (2.0 * j / NY + 3.0 * i / NX)) + sin(TWO_PI * 2 * j / NY);
    assert_ok(leray_npy_write("w.npy", LERAY_NPY_F8, 2, shape, w));
}

static void runs_agree(const char *deck, double tolerance)
{
    char yaml[512];
    leray_solver *shared, *whole;

    snprintf(yaml, sizeof yaml, "{n: [26, 36], dt: 0.01, %s}", deck);
    shared = made_on(leray_comm_world(), yaml);
    whole = made_on(leray_comm_self(), yaml);
    compare_frames(shared, whole, tolerance);
    for (int i = 1; i <= 2; i++) {
        assert_ok(leray_solver_advance(shared, 0.05 * i));
        assert_ok(leray_solver_advance(whole, 0.05 * i));
        assert_int_equal(leray_solver_steps(shared), leray_solver_steps(whole));
        compare_frames(shared, whole, tolerance);
        compare_statistics(shared, whole, 10 * tolerance);
    }
    restart(shared);
    leray_solver_destroy(&shared);
    leray_solver_destroy(&whole);
}

static void divided_runs_agree(void **state)
{
    static const char *const decks[] = {
        "cfl: 0.5, forcing: {type: fno}, initial: {type: random, sigma: 60}",
        "cfl: 0.5, scheme: rk3cn, mean_flow: [1, 2], initial: {type: mcwilliams, peak: 12}",
        "forcing: {type: kolmogorov, wavenumber: 2}, hypoviscosity: {coefficient: 9}",
        "scheme: etdrk4, initial: {type: shear-layer}, hyperviscosity: {coefficient: 1e-9}",
        "forcing: {type: ring, k_min: 30, k_max: 50}, drag: 1",
        "dealias: phase-shift, beta: 9, initial: {type: dipole}",
        "initial: {type: taylor-green}, scalar: {on: true, gradient: 1, initial: {type: wave}}",
        "forcing: {type: file, path: w.npy}",
        "initial: {type: file, path: w.npy}",
        "scalar: {on: true, initial: {type: file, path: w.npy}}",
    };
    char folder[64];

    (void)state;
    enter_folder_with_field(folder);
    for (size_t d = 0; d < sizeof decks / sizeof decks[0]; d++) runs_agree(decks[d], 1e-12);
    runs_agree("precision: single, scalar: {on: true}", 1e-5);
    unlink("w.npy");
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(divided_runs_agree)};
    int failed;

    if (leray_ranks_init()) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    leray_ranks_fini();
    return failed;
}
