/* tests/solvers_ns2d.c - exact solutions of the ns2d solver, the orders of its schemes, its budgets.
   Its terms, forcings, initial fields and how it runs are in tests/solvers_ns2d_*.c. */
#include "ns2d_tools.h"

static const char *const schemes[] = {"rk4", "rk3cn", "etdrk4"};
enum { RK4, RK3CN, ETDRK4 };

static double moving_taylor_green(double x, double y, double t)
{
    return taylor_green(x - 0.7 * t, y + 0.4 * t, t);
}

#define TG_BOX "length: 6.283185307179586, nu: 0.05, drag: 0.3"
#define TG "initial: {type: taylor-green, wavenumber: 2}"

/* Viscosity and drag are integrated exactly, and the nonlinear term of this flow is a gradient. */
static void taylor_green_is_exact(void **state)
{
    (void)state;
    for (int scheme = RK4; scheme <= ETDRK4; scheme += ETDRK4 - RK4) {
        leray_solver *s =
            started(1, 0, "{n: 32, " TG_BOX ", dt: 0.5, scheme: %s, " TG "}", schemes[scheme]);

        assert_at_most(field_error(s, taylor_green), 1e-14);
        assert_close(statistic(s, "energy"), 0.25, 1e-14); /* A^2/4 */
        assert_close(statistic(s, "enstrophy"), 2, 1e-14);
        assert_close(statistic(s, "palinstrophy"), 16, 1e-14);
        assert_ok(leray_solver_advance(s, 5));
        assert_int_equal(leray_solver_steps(s), 10);
        assert_at_most(field_error(s, taylor_green), 1e-12);
        leray_solver_destroy(&s);
    }
}

/* Carried along by a mean flow it tests advection in both directions; what is left is the error of
   the scheme. Order 2 of rk3cn is that of Crank-Nicolson, which the shorter steps bring out. */
static void moving_taylor_green_converges(void **state)
{
    static const int expected[] = {4, 2, 4};
    double e[3];

    (void)state;
    for (int scheme = RK4; scheme <= ETDRK4; scheme++) {
        double dt = scheme == RK3CN ? 0.01 : 0.05;

        for (int i = 0; i < 3; i++)
            e[i] = error_at(started(1, 0,
                                    "{n: [24, 32], " TG_BOX ", dt: %.9g, mean_flow: [0.7, -0.4], "
                                    "scheme: %s, " TG "}",
                                    dt / (1 << i), schemes[scheme]),
                            moving_taylor_green, 1);
        print_message("%s: errors %.3g %.3g %.3g\n", schemes[scheme], e[0], e[1], e[2]);
        assert_in_range(order(e, 0), 1000 * expected[scheme] - 200, 1000 * expected[scheme] + 300);
        assert_in_range(order(e, 1), 1000 * expected[scheme] - 200, 1000 * expected[scheme] + 300);
        assert_at_most(e[2], scheme == RK3CN ? 1e-3 : 1e-6);
    }
    assert_at_most(error_at(started(1, 0,
                                    "{n: [24, 32], " TG_BOX ", dt: 5e-4, mean_flow: [0.7, "
                                    "-0.4], " TG "}"),
                            moving_taylor_green, 1),
                   1e-11);
}

#define KOLMOGOROV_K (2 * TWO_PI)
/* From rest, with nu k^2 + drag = r:  w = -A k cos(k y) (1 - exp(-r t)) / r. */
static double kolmogorov(double x, double y, double t)
{
    double r = 1e-3 * KOLMOGOROV_K * KOLMOGOROV_K + 0.1;

    (void)x;
    return -0.8 * KOLMOGOROV_K * cos(KOLMOGOROV_K * y) * -expm1(-r * t) / r;
}

/* etdrk4 is exact for a constant tendency, however long the step. */
static void laminar_kolmogorov(void **state)
{
    (void)state;
    assert_at_most(error_at(started(1, 0,
                                    "{n: [32, 16], nu: 1e-3, drag: 0.1, dt: 0.01, forcing: {"
                                    "type: kolmogorov, amplitude: 0.8, wavenumber: 2}, "
                                    "" AT_REST "}"),
                            kolmogorov, 2),
                   1e-10);
    assert_at_most(error_at(started(1, 0,
                                    "{n: [32, 16], nu: 1e-3, drag: 0.1, dt: 1, forcing: {"
                                    "type: kolmogorov, amplitude: 0.8, wavenumber: 2}, "
                                    "scheme: etdrk4, " AT_REST "}"),
                            kolmogorov, 2),
                   1e-13);
}

/* The forcing of the FNO benchmark on a fluid at rest: f is a shear flow too, so w = f/r (1 - e^-rt)
   with r = 8 pi^2 nu. */
static double fno(double x, double y, double t)
{
    double r = 8 * 9.869604401089358 * 1e-2, theta = TWO_PI * (x + y);

    return 0.1 * (sin(theta) + cos(theta)) * -expm1(-r * t) / r;
}

static void laminar_fno(void **state)
{
    (void)state;
    assert_at_most(
        error_at(started(1, 0, "{n: 16, nu: 1e-2, dt: 0.01, forcing: {type: fno}, " AT_REST "}"),
                 fno, 3),
        1e-10);
}

/* Errors at three steps against a run with a much shorter one. */
static void orders_of(int scheme, const char *flow, double dt, int expected)
{
    leray_solver *reference = started(5, 2, "{n: 48, scheme: etdrk4, dt: %.9g, %s}", dt / 32, flow);
    double e[3], scale;

    assert_ok(leray_solver_advance(reference, 20 * dt));
    for (int i = 0; i < 3; i++) {
        leray_solver *s = started(5, 2, "{n: 48, scheme: %s, dt: %.9g, %s}", schemes[scheme],
                                  dt / (1 << i), flow);

        assert_ok(leray_solver_advance(s, 20 * dt));
        e[i] = states_differ(s, reference, 0, &scale) / scale;
        leray_solver_destroy(&s);
    }
    print_message("%s: errors %.3g %.3g %.3g, orders %.3f %.3f\n", schemes[scheme], e[0], e[1],
                  e[2], log2(e[0] / e[1]), log2(e[1] / e[2]));
    assert_at_most(e[0], 1e-2);
    for (int i = 0; i < 2; i++)
        assert_in_range(order(e, i), 1000 * expected - 200, 1000 * expected + 300);
    leray_solver_destroy(&reference);
}

#define INVISCID "nu: 0, initial: {type: random, sigma: 300}, forcing: {type: fno}"
#define VISCOUS "nu: 1e-2, initial: {type: random, sigma: 300}, forcing: {type: fno}"
/* exp(L dt) is down to exp(-600) at the largest wavenumber. From a smooth field: modes that decay in
   an instant are not there to begin with. */
#define SMOOTH "initial: {alpha: 8, tau: 20, sigma: 4e11}"
#define STIFF "nu: 0, hyperviscosity: {coefficient: 2e-12, order: 4}, " SMOOTH

static void orders_in_time(void **state)
{
    (void)state;
    orders_of(RK4, TURBULENT, 0.01, 4);
    orders_of(ETDRK4, TURBULENT, 0.01, 4);
    orders_of(RK3CN, INVISCID, 0.01, 3);
    orders_of(RK3CN, VISCOUS, 0.005, 2);
}

static void orders_with_stiff_damping(void **state)
{
    (void)state;
    orders_of(ETDRK4, STIFF, 0.0025, 4);
}

/* Energy and enstrophy change as dissipation, drag and forcing say, up to the error of the scheme. */
static void budgets_close(void **state)
{
    static const int expected[] = {4, 2, 4};
    double e[3], z[3];

    (void)state;
    for (int scheme = RK4; scheme <= ETDRK4; scheme++) {
        for (int i = 0; i < 3; i++) {
            leray_solver *s = started(5, 2,
                                      "{n: 48, nu: 2e-3, drag: 0.5, mean_flow: [0.5, 0.2], "
                                      "hyperviscosity: {coefficient: 1e-12, order: 3}, "
                                      "hypoviscosity: {coefficient: 30, order: 1}, beta: 20, "
                                      "initial: {sigma: 60}, forcing: {type: fno}, scheme: %s}",
                                      schemes[scheme]);

            assert_true(statistic(s, "energy_residual") == 0);
            assert_ok(leray_solver_step(s, (scheme == RK3CN ? 0.0005 : 0.004) / (1 << i)));
            e[i] = fabs(statistic(s, "energy_residual")) / statistic(s, "energy_dissipation");
            z[i] = fabs(statistic(s, "enstrophy_residual")) / statistic(s, "enstrophy_dissipation");
            leray_solver_destroy(&s);
        }
        print_message("%s: energy %.3g %.3g %.3g, enstrophy %.3g %.3g %.3g\n", schemes[scheme],
                      e[0], e[1], e[2], z[0], z[1], z[2]);
        assert_in_range(order(e, 1), 1000 * expected[scheme] - 200, 1000 * expected[scheme] + 300);
        assert_in_range(order(z, 1), 1000 * expected[scheme] - 200, 1000 * expected[scheme] + 300);
        assert_at_most(e[2], scheme == RK3CN ? 1e-4 : 1e-8);
        assert_at_most(z[2], scheme == RK3CN ? 1e-4 : 1e-8);
    }
}

/* Mode by mode, the coarse run's spectrum against the fine run's, both resolving the flow. */
static void converges_in_space(void **state)
{
    leray_solver *s[2];
    double worst, scale;

    (void)state;
    for (int i = 0; i < 2; i++) {
        s[i] = started(11, 4,
                       "{n: %d, nu: 4e-3, dt: 0.005, initial: {sigma: 60}, forcing: {type: "
                       "fno}}",
                       64 << i);
        assert_ok(leray_solver_advance(s[i], 0.5));
    }
    worst = states_differ(s[0], s[1], 0, &scale);
    print_message("64 against 128: %.3g of %.3g\n", worst, scale);
    assert_at_most(worst, 1e-8 * scale);
    leray_solver_destroy(&s[0]);
    leray_solver_destroy(&s[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taylor_green_is_exact), cmocka_unit_test(moving_taylor_green_converges),
        cmocka_unit_test(laminar_kolmogorov),    cmocka_unit_test(laminar_fno),
        cmocka_unit_test(orders_in_time),        cmocka_unit_test(orders_with_stiff_damping),
        cmocka_unit_test(budgets_close),         cmocka_unit_test(converges_in_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
