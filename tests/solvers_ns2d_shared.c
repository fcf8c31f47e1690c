/* tests/solvers_ns2d_shared.c - one simulation of ns2d divided among all ranks, against the same one that
   every rank runs alone: frames slab by slab, statistics, restarts. Alone it compares a run with itself;
   solvers_ns2d_ranks.sh starts it on more ranks. */
#include "ns2d_tools.h"
#include "shared_tools.h"

#include "data/formats/npy.h"

#include <stdlib.h>
#include <unistd.h>

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

    snprintf(yaml, sizeof yaml, "{n: [26, 36], dt: 0.01, %s}", deck);
    compare_divided_run(&leray_solver_ns2d, yaml, 0.05, tolerance);
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

    if (leray_launch_begin()) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    leray_launch_end();
    return failed;
}
