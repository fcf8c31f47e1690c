/* tests/solvers_les_shared.c - large-eddy simulations divided among all ranks, against the same ones that
   every rank runs alone. Alone it compares a run with itself; solvers_les_ranks.sh starts it on more
   ranks. */
#include "shared_tools.h"

#include "solvers/pseudospectral/les/les.h"

static leray_solver *made_on(const leray_comm *comm, const char *model, const char *more)
{
    leray_solver *s;
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "{n: [16, 18, 24], length: [5, 6, 7], nu: 1e-2, dt: 0.01, les: {type: %s%s}, initial: "
             "{type: random, sigma: 2, tau: 2}}",
             model, more);
    s = started_on(comm, &leray_solver_ns3d, yaml);
    assert_ok(leray_solver_advance(s, 0.05));
    return s;
}

static void compare(const char *model, const char *more)
{
    static const char *const names[] = {"energy", "energy_subgrid", "subgrid_coefficient"};
    leray_solver *shared = made_on(leray_launch_comm(), model, more);
    leray_solver *whole = made_on(leray_comm_self(), model, more);

    for (int i = 0; i < 2 + !strcmp(model, "dynamic-smagorinsky"); i++) {
        assert_true(statistic(whole, names[i]) > 0);
        assert_close(statistic(shared, names[i]) / statistic(whole, names[i]), 1, 1e-12);
    }
    leray_solver_destroy(&shared);
    leray_solver_destroy(&whole);
}

static void divided_runs_agree(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) compare(leray_les_names[type], "");
    compare("dynamic-smagorinsky", ", filter: gaussian");
    compare("dynamic-smagorinsky",
            ", filter_ratio: 4"); /* a test grid of fewer planes than ranks */
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
