/* tests/solvers_ns3d.c - exact solutions and orders of the ns3d solver. Its terms, initial fields, frames and
   published numbers have files of their own beside this one. */
#include "ns3d_tools.h"

/* ---- Taylor-Green in a plane --------------------------------------------------------------- */

/* The box is 1.5 x 2.5 x 4 along x, y, z. */
#define BOX "length: [4, 2.5, 1.5]"
static const double box_length[] = {4, 2.5, 1.5};
#define VISCOSITY 0.01

static int plane; /* 0: x, y; 1: y, z; 2: z, x */

/* u_a = A sin(ka xa) cos(kb xb), u_b = -A ka/kb cos(ka xa) sin(kb xb), carried by (0.7, -0.4, 0.5). */
static void plane_taylor_green(const double *x, double t, double *u, const double *mean)
{
    int a = plane, b = (plane + 1) % 3, c = (plane + 2) % 3;
    double ka = TWO_PI / box_length[2 - a], kb = TWO_PI / box_length[2 - b];
    double decay = exp(-VISCOSITY * (ka * ka + kb * kb) * t);
    double xa = ka * (x[a] - mean[a] * t), xb = kb * (x[b] - mean[b] * t);

    u[a] = mean[a] + decay * sin(xa) * cos(xb);
    u[b] = mean[b] - decay * ka / kb * cos(xa) * sin(xb);
    u[c] = mean[c];
}

static const double rest[3] = {0}, wind[] = {0.7, -0.4, 0.5};

static void taylor_green_at_rest(const double *x, double t, double *u)
{
    plane_taylor_green(x, t, u, rest);
}

static void moving_taylor_green(const double *x, double t, double *u)
{
    plane_taylor_green(x, t, u, wind);
}

/* Viscosity is integrated exactly, and the nonlinear term of this flow is a gradient. */
static void taylor_green_in_each_plane(void **state)
{
    static const int n[] = {8, 12, 10};

    (void)state;
    for (plane = 0; plane < 3; plane++) {
        leray_solver *s = start_flow("n: [14, 16, 12], " BOX ", nu: 0.01, dt: 0.25",
                                     taylor_green_at_rest, n, box_length);

        assert_at_most(flow_error(s, taylor_green_at_rest), 1e-14);
        assert_ok(leray_solver_advance(s, 2));
        assert_int_equal(leray_solver_steps(s), 8);
        assert_at_most(flow_error(s, taylor_green_at_rest), 1e-13);
        leray_solver_destroy(&s);
    }
}

/* Order of the errors e[0], e[1] = half the step. */
static void check_order(const char *what, const double *e, double least, double most)
{
    double order = log2(e[0] / e[1]);

    print_message("%s: errors %.3g %.3g, order %.3f\n", what, e[0], e[1], order);
    assert_at_most(least, order);
    assert_at_most(order, most);
}

/* Carried along by a mean flow it tests advection along all axes; what is left is the scheme's error. */
static void moving_taylor_green_converges(void **state)
{
    static const char *const scheme[] = {"rk4", "rk3cn", "etdrk4"};
    static const double order[] = {4, 2.9, 4}; /* viscosity is small: rk3cn shows N's order */
    static const int n[] = {8, 12, 10};

    (void)state;
    for (int k = 0; k < 3; k++)
        for (plane = 0; plane < 3; plane++) {
            double e[2];

            for (int i = 0; i < 2; i++) {
                char yaml[256];
                leray_solver *s;

                snprintf(yaml, sizeof yaml,
                         "n: [14, 16, 12], " BOX ", nu: 0.01, dt: %g, scheme: %s, "
                         "mean_flow: [0.7, -0.4, 0.5]",
                         0.04 / (1 << i), scheme[k]);
                s = start_flow(yaml, taylor_green_at_rest, n, box_length);
                assert_ok(leray_solver_advance(s, 0.8));
                e[i] = flow_error(s, moving_taylor_green);
                leray_solver_destroy(&s);
            }
            check_order(scheme[k], e, order[k] - 0.15, order[k] + 0.3);
        }
}

/* ---- Beltrami ------------------------------------------------------------------------------ */

static const double cube[] = {TWO_PI, TWO_PI, TWO_PI};

/* Arnold, Beltrami, Childress: curl u = 2 u, so it only decays, as exp(-4 nu t); u = U + v(x - U t). */
static void abc_in(const double *mean, const double *x, double t, double *u)
{
    double X = 2 * (x[0] - mean[0] * t), Y = 2 * (x[1] - mean[1] * t), Z = 2 * (x[2] - mean[2] * t);
    double decay = exp(-4 * 0.05 * t);

    u[0] = mean[0] + decay * (1.0 * sin(Z) + 0.4 * cos(Y));
    u[1] = mean[1] + decay * (0.7 * sin(X) + 1.0 * cos(Z));
    u[2] = mean[2] + decay * (0.4 * sin(Y) + 0.7 * cos(X));
}

static void abc(const double *x, double t, double *u) { abc_in(rest, x, t, u); }
static void moving_abc(const double *x, double t, double *u) { abc_in(wind, x, t, u); }

static void beltrami_flow_decays(void **state)
{
    static const int n[] = {12, 12, 12};
    static const char *const scheme[] = {"rk4", "etdrk4"};
    static const char *const dealias[] = {"two-thirds", "phase-shift"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        char yaml[256];
        leray_solver *s;

        snprintf(yaml, sizeof yaml, "n: [16, 20, 18], nu: 0.05, dt: 0.1, scheme: %s, dealias: %s",
                 scheme[i % 2], dealias[i / 2]);
        s = start_flow(yaml, abc, n, cube);
        assert_close(statistic(s, "helicity"), 4 * statistic(s, "energy"), 1e-14);
        assert_ok(leray_solver_advance(s, 3));
        assert_at_most(flow_error(s, abc), 1e-13);
        leray_solver_destroy(&s);
        snprintf(yaml, sizeof yaml,
                 "n: [16, 20, 18], nu: 0.05, dt: 2e-3, scheme: %s, dealias: %s, "
                 "mean_flow: [0.7, -0.4, 0.5]",
                 scheme[i % 2], dealias[i / 2]);
        s = start_flow(yaml, abc, n, cube);
        assert_ok(leray_solver_advance(s, 0.2));
        assert_at_most(flow_error(s, moving_abc), 1e-12);
        leray_solver_destroy(&s);
    }
}

/* ---- inertial wave ------------------------------------------------------------------------- */

/* k = (1, 2, 3); with e = k/|k| and h normal to it, u = h cos(p) - (e x h) sin(p) has curl u = |k| u,
   and in a frame rotating at W about z its phase p = k.x + 2 W kz/|k| t. */
static void inertial_wave(const double *x, double t, double *u)
{
    const double k = sqrt(14), e[] = {1 / k, 2 / k, 3 / k}, h[] = {2 / sqrt(5), -1 / sqrt(5), 0};
    double p = x[0] + 2 * x[1] + 3 * x[2] + 2 * 1.5 * 3 / k * t, decay = exp(-0.02 * 14 * t);

    for (int a = 0; a < 3; a++) {
        int b = (a + 1) % 3, c = (a + 2) % 3;

        u[a] = decay * (h[a] * cos(p) - (e[b] * h[c] - e[c] * h[b]) * sin(p));
    }
}

static void inertial_waves_turn(void **state)
{
    static const int n[] = {12, 12, 12};
    double e[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        char yaml[128];
        leray_solver *s;

        snprintf(yaml, sizeof yaml, "n: 14, nu: 0.02, rotation: 1.5, dt: %g", 0.05 / (1 << i));
        s = start_flow(yaml, inertial_wave, n, cube);
        assert_ok(leray_solver_advance(s, 2));
        e[i] = flow_error(s, inertial_wave);
        leray_solver_destroy(&s);
    }
    check_order("inertial wave", e, 3.9, 4.1);
    assert_at_most(e[1], 1e-5);
}

/* ---- forced flows -------------------------------------------------------------------------- */

/* From rest, with nu k^2 + nu_h k^4 + drag = r:  u = A sin(k y) (1 - exp(-r t))/r. */
static double laminar_rate(double k) { return 0.02 * k * k + 1e-4 * pow(k, 4) + 0.3; }

static void laminar(const double *x, double t, double *u)
{
    double k = 2 * TWO_PI / 3, r = laminar_rate(k);

    u[0] = 0.8 * sin(k * x[1]) * -expm1(-r * t) / r;
    u[1] = u[2] = 0;
}

static void laminar_kolmogorov(void **state)
{
    leray_solver *s = make_ns3d(
        "{n: [8, 16, 10], length: [1, 3, 2], nu: 0.02, hyperviscosity: {coefficient: 1e-4, order: "
        "2}, "
        "drag: 0.3, dt: 0.05, scheme: etdrk4, forcing: {type: kolmogorov, amplitude: 0.8, "
        "wavenumber: 2}, initial: {type: taylor-green, amplitude: 0}}");
    double k = 2 * TWO_PI / 3, top;

    (void)state;
    assert_ok(leray_solver_start(s, 0, 0));
    assert_ok(leray_solver_advance(s, 2));
    assert_at_most(flow_error(s, laminar), 1e-13);
    top = 0.8 * -expm1(-laminar_rate(k) * 2) / laminar_rate(k);
    assert_close(statistic(s, "energy"), top * top / 4, 1e-13);
    assert_close(statistic(s, "energy_injection"), 0.8 * top / 2, 1e-13);
    assert_close(statistic(s, "energy_hyperviscosity"), 1e-4 * pow(k, 4) * top * top / 2, 1e-13);
    assert_close(statistic(s, "energy_drag"), 0.3 * top * top / 2, 1e-13);
    assert_close(statistic(s, "energy_dissipation"), 0.02 * k * k * top * top / 2, 1e-13);
    leray_solver_destroy(&s);
}

/* ---- order in time ------------------------------------------------------------------------- */

#define TURBULENT "initial: {sigma: 0.5}"

static void orders_in_time(void **state)
{
    static const struct {
        const char *scheme, *more;
        double least, most;
    } test[] = {
        {"rk4",    "nu: 5e-3",                                                                     3.8, 4.2},
        {"rk3cn",  "nu: 0",                                                                        2.8, 3.2},
        {"rk3cn",  "nu: 0.5",                                                                      1.8, 2.2},
        {"etdrk4", "nu: 5e-3",                                                                     3.7, 4.2},
        {"rk4",    "nu: 5e-3, dealias: phase-shift",                                               3.8, 4.2},
        {"rk4",    "nu: 5e-3, rotation: 2, forcing: {type: shell, power: 1}",                      3.8, 4.2},
        {"etdrk4", "nu: 5e-3, les: {type: smagorinsky}",                                           3.7, 4.2},
        {"rk4",    "nu: 5e-3, scalar: {on: true, gradient: [1, 2, 0.5], initial: {type: random}}", 3.8,
         4.2                                                                                               },
    };

    (void)state;
    for (size_t i = 0; i < sizeof test / sizeof test[0]; i++) {
        static const double dt[] = {0.02, 0.01, 0.00125};
        leray_solver *s[3];
        double e[2];

        for (int j = 0; j < 3; j++) {
            char yaml[512];

            snprintf(yaml, sizeof yaml, "{n: [20, 24, 16], scheme: %s, dt: %g, %s, " TURBULENT "}",
                     test[i].scheme, dt[j], test[i].more);
            s[j] = run_ns3d(yaml, 0.2);
        }
        for (int j = 0; j < 2; j++) e[j] = modes_differ(s[2], s[j]);
        check_order(test[i].scheme, e, test[i].least, test[i].most);
        for (int j = 0; j < 3; j++) leray_solver_destroy(&s[j]);
    }
}

/* Energy changes as its budget says, up to the order of the scheme. */
static void budgets_close(void **state)
{
    static const char *const more[] = {
        "drag: 0.2, forcing: {type: shell, power: 0.5}",
        "hyperviscosity: {coefficient: 1e-4}, forcing: {type: kolmogorov, amplitude: 2}",
        "les: {type: smagorinsky}",
        "les: {type: spectral}",
        "les: {type: wale}",
        "rotation: 3, dealias: phase-shift",
        "scalar: {on: true, gradient: [1, 2, 0.5], initial: {type: random}}"};

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        bool scalar = i + 1 == sizeof more / sizeof more[0];
        double e[2];

        for (int j = 0; j < 2; j++) {
            char yaml[512];
            leray_solver *s;

            snprintf(yaml, sizeof yaml, "{n: [20, 24, 16], nu: 5e-3, %s, initial: {sigma: 0.2}}",
                     more[i]);
            s = make_ns3d(yaml);
            assert_ok(leray_solver_start(s, 5, 2));
            assert_true(statistic(s, "energy_residual") == 0);
            assert_ok(leray_solver_step(s, 0.01 / (1 << j)));
            e[j] = fabs(statistic(s, scalar ? "scalar_residual" : "energy_residual"));
            assert_at_most(e[j], 1e-5);
            leray_solver_destroy(&s);
        }
        check_order(more[i], e, 3.7, 4.7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taylor_green_in_each_plane),
        cmocka_unit_test(moving_taylor_green_converges),
        cmocka_unit_test(beltrami_flow_decays),
        cmocka_unit_test(inertial_waves_turn),
        cmocka_unit_test(laminar_kolmogorov),
        cmocka_unit_test(orders_in_time),
        cmocka_unit_test(budgets_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
