/* tests/solvers_diagnostics_flows.c - diagnostics of the real solvers against their own statistics and
   conservation laws. */
#include "probe_flow.h"
#include "solver_tools.h"

#include "solvers/pseudospectral/les/les.h"

#define TURBULENT_2D                                                                         \
    "n: [40, 32], length: [2, 3], nu: 1e-4, hyperviscosity: {coefficient: 1e-7, order: 2}, " \
    "initial: {type: random, sigma: 400}, dt: 1e-3"
#define TURBULENT_3D "n: [20, 24, 18], length: [5, 6, 4], nu: 1e-3, drag: 0.1, dt: 1e-2"

static leray_solver *running(const leray_solver_type *type, const char *yaml)
{
    leray_solver *s = make_solver(type, yaml);

    assert_ok(leray_solver_start(s, 3, 1));
    for (int i = 0; i < 4; i++) assert_ok(leray_solver_step(s, 1e-3));
    return s;
}

/* |sum|/sum of sizes of a column. */
static double imbalance(const leray_measured *t, const char *column)
{
    double sum = 0, size = 0;

    for (int r = 0; r < t->rows; r++) {
        sum += cell(t, r, column);
        size += fabs(cell(t, r, column));
    }
    assert_true(size > 0);
    return fabs(sum) / size;
}

/* Energy and enstrophy of two dimensions. */
static void transfer_of_ns2d(void **state)
{
    static const char *const decks[] = {"{" TURBULENT_2D "}",
                                        "{" TURBULENT_2D ", dealias: phase-shift}",
                                        "{" TURBULENT_2D ", mean_flow: [0.3, -0.2]}"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = running(&leray_solver_ns2d, decks[i]);
        leray_measured t;
        leray_diagnostic *d = measure_one(&leray_diagnostic_spectra, s, "{}", &t);

        assert_at_most(imbalance(&t, "transfer"), 1e-14);
        assert_at_most(imbalance(&t, "enstrophy_transfer"), 1e-14);
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s);
    }
}

/* With each model: the resolved part conserves the energy, the other takes what the solver's budget
   says (subgrid_of_ns3d). */
static void transfer_of_ns3d(void **state)
{
    (void)state;
    for (int i = 0; leray_les_names[i]; i++)
        for (int shift = 0; shift < 2; shift++) {
            char yaml[512];
            leray_solver *s;
            leray_diagnostic *d;
            leray_measured t;

            snprintf(yaml, sizeof yaml, "{" TURBULENT_3D ", les: {type: %s}, dealias: %s}",
                     leray_les_names[i], shift ? "phase-shift" : "two-thirds");
            s = running(&leray_solver_ns3d, yaml);
            d = measure_one(&leray_diagnostic_spectra, s, "{}", &t);
            if (imbalance(&t, "transfer") > 1e-14)
                fail_msg("%s: the transfer sums to %g", yaml, imbalance(&t, "transfer"));
            leray_diagnostic_destroy(&d);
            leray_solver_destroy(&s);
        }
}

/* The sum of the sub-grid transfer is what the solver's budget says of the model: by Parseval the mean
   of tau_ij S_ij over the points is the sum over the kept modes, for S has no others. */
static void subgrid_of_ns3d(void **state)
{
    (void)state;
    for (int i = 1; leray_les_names[i]; i++) {
        char yaml[512];
        leray_solver *s;
        leray_diagnostic *d;
        leray_measured t;

        snprintf(yaml, sizeof yaml, "{" TURBULENT_3D ", les: {type: %s}}", leray_les_names[i]);
        s = running(&leray_solver_ns3d, yaml);
        d = measure_one(&leray_diagnostic_spectra, s, "{width: 1}", &t);
        assert_close(-column_sum(&t, "subgrid") / statistic(s, "energy_subgrid"), 1, 1e-13);
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s);
    }
}

/* Numbers that both know. */
static void means_are_the_solvers(void **state)
{
    static const char *const same[] = {"energy",         "enstrophy",        "palinstrophy",
                                       "helicity",       "rms_velocity",     "taylor_scale",
                                       "integral_scale", "kolmogorov_scale", "reynolds_taylor"};
    leray_solver *s[2] = {running(&leray_solver_ns2d, "{" TURBULENT_2D "}"),
                          running(&leray_solver_ns3d, "{" TURBULENT_3D "}")};

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_measured t;
        leray_diagnostic *d = measure_one(&leray_diagnostic_means, s[i], "{}", &t);
        const leray_statistic *row;
        int n = leray_solver_statistics(s[i], &row), both = 0;

        for (int j = 0; j < n; j++)
            for (size_t k = 0; k < sizeof same / sizeof same[0]; k++) {
                if (strcmp(row[j].name, same[k])) continue;
                assert_close(cell(&t, 0, same[k]) / row[j].value, 1, 1e-13);
                both++;
            }
        assert_int_equal(both, i ? 8 : 3);
        assert_close(cell(&t, 0, "dissipation") /
                         (statistic(s[i], "energy_dissipation") +
                          (i ? 0 : statistic(s[i], "energy_hyperviscosity"))),
                     1, 1e-13);
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfer_of_ns2d),
        cmocka_unit_test(transfer_of_ns3d),
        cmocka_unit_test(subgrid_of_ns3d),
        cmocka_unit_test(means_are_the_solvers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
