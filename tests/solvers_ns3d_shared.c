/* tests/solvers_ns3d_shared.c - one simulation of ns3d divided among all ranks, against the same one that
   every rank runs alone. Alone it compares a run with itself; solvers_ns3d_ranks.sh starts it on
   more ranks. */
#include "shared_tools.h"

#include "data/formats/npy.h"

#include <unistd.h>

static void divided_runs_agree(void **state)
{
    static const struct {
        const char *yaml;
        double tolerance;
    } decks[] = {
        {"cfl: 0.5, forcing: {type: shell}, frame: {n: [10, 8, 12], filter: gaussian, width: 0.5}",
         1e-12                                                                                           },
        {"scheme: rk3cn, dealias: phase-shift, mean_flow: [1, 2, 3], forcing: {type: kolmogorov}, "
         "initial: {type: kida}, frame: {n: 24}",                                          1e-12},
        {"scheme: etdrk4, rotation: 2, hyperviscosity: {coefficient: 1e-5}, initial: {type: "
         "spectrum, "
         "relaxation: 0.02}, frame: {n: [2, 8, 4]}",                                       1e-12},
        {"initial: {type: mixing-layer}, scalar: {on: true, gradient: [1, 2, 3], initial: {type: "
         "random}}",                                                                       1e-12},
        {"initial: {type: kida}, les: {type: smagorinsky}",                                         1e-12},
        {"initial: {type: spectrum, spectrum: comte-bellot-corrsin}, les: {type: spectral}",        1e-12},
        {"initial: {type: spectrum}, les: {type: dynamic-smagorinsky}",                             1e-10},
        {"initial: {type: spectrum}, les: {type: mixed}",                                           1e-12},
        {"precision: single, les: {type: wale}",                                                    1e-5 },
    };

    (void)state;
    for (size_t d = 0; d < sizeof decks / sizeof decks[0]; d++) {
        char yaml[512];

        print_message("%s\n", decks[d].yaml);
        snprintf(yaml, sizeof yaml, "{n: [26, 20, 28], dt: 0.01, %s}", decks[d].yaml);
        compare_divided_run(&leray_solver_ns3d, yaml, 0.04, decks[d].tolerance);
    }
}

/* Every rank has the file under a name of its own. */
static void files_are_shared(void **state)
{
    enum { N = 12 };
    static double u[3][N][N][N];
    int64_t shape[] = {3, N, N, N};
    char path[64], yaml[256];

    (void)state;
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) {
                double x = 6.283185307179586 * i / N, y = 6.283185307179586 * j / N;
                double z = 6.283185307179586 * k / N;

                u[0][k][j][i] = sin(y) + cos(3 * z + x);
                u[1][k][j][i] = sin(2 * x) * cos(z);
                u[2][k][j][i] = cos(x - y);
            }
    snprintf(path, sizeof path, "/tmp/leray-ns3d-shared-%ld.npy", (long)getpid());
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 4, shape, u));
    snprintf(yaml, sizeof yaml, "{n: 18, dt: 0.01, initial: {type: file, path: %s}}", path);
    compare_divided_run(&leray_solver_ns3d, yaml, 0.04, 1e-12);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divided_runs_agree),
        cmocka_unit_test(files_are_shared),
    };
    int failed;

    if (leray_launch_begin()) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    leray_launch_end();
    return failed;
}
