/* tests/solvers_ns3d_les.c - every sub-grid model of les.def in ns3d: the budget of energy closes, what
   the model takes is seen in the energy, and a restart has the same bits. */
#include "solver_tools.h"

#include "solvers/pseudospectral/les/les.h"

/* Settings of all flows here; `more` begins with a comma or is empty. */
static leray_solver *flow(const char *model, double dt, const char *more)
{
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "{n: [12, 14, 16], length: [5, 6, 7], nu: 1e-3, dt: %.17g, les: {type: %s}, initial: "
             "{type: random, sigma: 2, tau: 2}%s}",
             dt, model, more);
    return make_solver(&leray_solver_ns3d, yaml);
}

/* Residual of the energy's budget in the last step before t, over what the model takes. */
static double residual(const char *model, double dt, double t, const char *more)
{
    leray_solver *s = flow(model, dt, more);
    double r;

    assert_ok(leray_solver_start(s, 3, 0));
    assert_ok(leray_solver_advance(s, t));
    r = fabs(statistic(s, "energy_residual")) / statistic(s, "energy_subgrid");
    leray_solver_destroy(&s);
    return r;
}

static void check_budget(const char *model, const char *more)
{
    double r[2] = {residual(model, 0.005, 0.1, more), residual(model, 0.0025, 0.1, more)};

    print_message("%s%s: residuals %.3g %.3g, order %.2f\n", model, more, r[0], r[1],
                  log2(r[0] / r[1]));
    assert_true(r[1] > 0 && r[1] < 2e-7);
    assert_true(log2(r[0] / r[1]) > 3.8);
}

static void budgets_close_with_fourth_order(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        check_budget(leray_les_names[type], "");
        check_budget(leray_les_names[type], ", dealias: phase-shift");
    }
}

/* By how much a short step with the model loses more energy than without, from the same field. */
static void what_models_take_is_missing(void **state)
{
    const double dt = 1e-6;

    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        leray_solver *les = flow(leray_les_names[type], dt, ""), *dns = flow("none", dt, "");
        double taken;

        assert_ok(leray_solver_start(les, 3, 0));
        assert_ok(leray_solver_start(dns, 3, 0));
        taken = statistic(les, "energy_subgrid");
        assert_true(taken != 0);
        assert_true(statistic(dns, "energy_subgrid") == 0);
        assert_ok(leray_solver_step(les, dt));
        assert_ok(leray_solver_step(dns, dt));
        assert_close((statistic(dns, "energy") - statistic(les, "energy")) / dt / taken, 1, 1e-4);
        leray_solver_destroy(&les);
        leray_solver_destroy(&dns);
    }
}

/* u = U(y, t) e_x, driven from rest: WALE and Vreman leave it alone, Smagorinsky does not. */
static void plane_shears(void **state)
{
    const char *more = ", forcing: {type: kolmogorov, amplitude: 3, wavenumber: 1}, "
                       "mean_flow: [0.3, 0, 0]";
    leray_solver *s = flow("none", 0.01, more);
    double energy;

    (void)state;
    assert_ok(leray_solver_set_parameter(s, "initial.sigma", 0));
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_advance(s, 1));
    energy = statistic(s, "energy");
    leray_solver_destroy(&s);
    for (int type = 1; leray_les_names[type]; type++) {
        const char *name = leray_les_names[type];
        bool left = !strcmp(name, "wale") || !strcmp(name, "vreman");

        s = flow(name, 0.01, more);
        assert_ok(leray_solver_set_parameter(s, "initial.sigma", 0));
        assert_ok(leray_solver_start(s, 1, 0));
        assert_ok(leray_solver_advance(s, 1));
        if (left) assert_close(statistic(s, "energy") / energy, 1, 1e-13);
        if (left) assert_at_most(fabs(statistic(s, "energy_subgrid")), 1e-14);
        if (!strcmp(name, "smagorinsky")) assert_true(statistic(s, "energy") < 0.99 * energy);
        leray_solver_destroy(&s);
    }
}

/* ---- how they run ------------------------------------------------------------------------ */

/* The same bits, of the state and of what is said about it. */
static void assert_same(leray_solver *a, leray_solver *b)
{
    const leray_statistic *x, *y;
    size_t size = leray_solver_save_size(a);
    int n = leray_solver_statistics(a, &x);
    char *bytes[2];

    assert_int_equal(leray_solver_statistics(b, &y), n);
    for (int i = 0; i < n; i++)
        if (x[i].value != y[i].value)
            fail_msg("%s: %.17g, not %.17g", x[i].name, x[i].value, y[i].value);
    for (int i = 0; i < 2; i++) {
        assert_ok(LERAY_ALLOC(&bytes[i], size));
        assert_ok(leray_solver_save(i ? b : a, bytes[i]));
    }
    assert_memory_equal(bytes[0], bytes[1], size);
    leray_mem_free(bytes[0]);
    leray_mem_free(bytes[1]);
}

static void restart(const char *model, const char *more)
{
    leray_solver *through = flow(model, 0.02, more), *restarted = flow(model, 0.02, more);
    char *bytes;

    assert_ok(leray_solver_start(through, 3, 0));
    assert_ok(leray_solver_advance(through, 0.1));
    assert_ok(LERAY_ALLOC(&bytes, leray_solver_save_size(through)));
    assert_ok(leray_solver_save(through, bytes));
    assert_ok(leray_solver_restore(restarted, bytes, leray_solver_save_size(through)));
    leray_mem_free(bytes);
    assert_same(through, restarted);
    assert_ok(leray_solver_advance(through, 0.2));
    assert_ok(leray_solver_advance(restarted, 0.2));
    assert_same(through, restarted);
    leray_solver_destroy(&restarted);
    leray_solver_destroy(&through);
}

static void restarts_have_the_same_bits(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        restart(leray_les_names[type], "");
        restart(leray_les_names[type], ", cfl: 0.5, precision: single");
        restart(leray_les_names[type], ", cfl: 0.5, dealias: phase-shift, scheme: rk3cn");
    }
}

/* Looking at a flow between steps does not change its next bits. */
static void statistics_change_no_bit(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        leray_solver *seen = flow(leray_les_names[type], 0.02, ", cfl: 0.7");
        leray_solver *unseen = flow(leray_les_names[type], 0.02, ", cfl: 0.7");

        assert_ok(leray_solver_start(seen, 3, 0));
        assert_ok(leray_solver_start(unseen, 3, 0));
        for (int i = 0; i < 3; i++) {
            statistic(seen, "energy");
            assert_ok(leray_solver_step(seen, 0.01));
            assert_ok(leray_solver_step(unseen, 0.01));
        }
        assert_same(seen, unseen);
        leray_solver_destroy(&seen);
        leray_solver_destroy(&unseen);
    }
}

static void single_precision_agrees(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        leray_solver *a = flow(leray_les_names[type], 0.01, "");
        leray_solver *b = flow(leray_les_names[type], 0.01, ", precision: single");

        assert_ok(leray_solver_start(a, 3, 0));
        assert_ok(leray_solver_start(b, 3, 0));
        assert_ok(leray_solver_advance(a, 0.1));
        assert_ok(leray_solver_advance(b, 0.1));
        assert_close(statistic(b, "energy_subgrid") / statistic(a, "energy_subgrid"), 1, 1e-5);
        assert_true(statistic(b, "energy_subgrid") != statistic(a, "energy_subgrid"));
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
    }
}

/* Twice the constant: how much more is taken from the same field. */
static void constants_are_parameters(void **state)
{
    const struct {
        const char *model;
        double constant, factor;
    } row[] = {
        {"smagorinsky", 0.17, 4                  },
        {"wale",        0.5,  4                  },
        {"vreman",      0.07, 2                  },
        {"spectral",    1.4,  0.35355339059327379},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        leray_solver *s = flow(row[i].model, 0.01, "");
        double taken;

        assert_ok(leray_solver_start(s, 3, 0));
        taken = statistic(s, "energy_subgrid");
        assert_ok(leray_solver_set_parameter(s, "les.constant", row[i].constant));
        assert_close(statistic(s, "energy_subgrid") / taken, 1, 1e-13);
        assert_ok(leray_solver_set_parameter(s, "les.constant", 2 * row[i].constant));
        assert_close(statistic(s, "energy_subgrid") / taken, row[i].factor, 1e-13);
        leray_solver_destroy(&s);
    }
}

static void keys_that_do_nothing_are_refused(void **state)
{
    leray_solver *s;

    (void)state;
    assert_fails(try_solver(&leray_solver_ns3d, "{les: {type: vreman, slope: 2}}", &s),
                 LERAY_ERR_CONFIG, "les.type = vreman does not use it");
    assert_fails(
        try_solver(&leray_solver_ns3d, "{n: 16, les: {type: dynamic-smagorinsky, width: 0.1}}", &s),
        LERAY_ERR_CONFIG, "the test filter passes wavenumbers");
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budgets_close_with_fourth_order),
        cmocka_unit_test(what_models_take_is_missing),
        cmocka_unit_test(plane_shears),
        cmocka_unit_test(restarts_have_the_same_bits),
        cmocka_unit_test(statistics_change_no_bit),
        cmocka_unit_test(single_precision_agrees),
        cmocka_unit_test(constants_are_parameters),
        cmocka_unit_test(keys_that_do_nothing_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
