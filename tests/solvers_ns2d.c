/* tests/solvers_ns2d.c - exact solutions, convergence and conservation of the ns2d solver. How it runs is
   in tests/solvers_ns2d_runs.c. */
#include "ns2d_tools.h"

#include "solvers/ns2d/ns2d.h"

#include <stdlib.h>

static double moving_taylor_green(double x, double y, double t)
{
    return taylor_green(x - 0.7 * t, y + 0.4 * t, t);
}

/* Viscosity and drag are integrated exactly, and the nonlinear term of this flow is a gradient. */
static void taylor_green_is_exact(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_ns2d, "{n: 32, length: 6.283185307179586, nu: 0.05, "
                                        "drag: 0.3, dt: 0.5, initial: {type: "
                                        "taylor-green, wavenumber: 2}}");

    (void)state;
    assert_ok(leray_solver_start(s, 1, 0));
    assert_at_most(field_error(s, taylor_green), 1e-14);
    assert_close(statistic(s, "energy"), 0.25, 1e-14); /* A^2/4 */
    assert_close(statistic(s, "enstrophy"), 2, 1e-14);
    assert_close(statistic(s, "palinstrophy"), 16, 1e-14);
    assert_ok(leray_solver_advance(s, 5));
    assert_int_equal(leray_solver_steps(s), 10);
    assert_at_most(field_error(s, taylor_green), 1e-12);
    leray_solver_destroy(&s);
}

static double error_at(const char *yaml, exact *w, double t)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, yaml);
    double e;

    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_advance(s, t));
    e = field_error(s, w);
    leray_solver_destroy(&s);
    return e;
}

/* Carried along by a mean flow it tests advection in both directions; what is left is the error of
   Runge-Kutta, of fourth order. */
static void moving_taylor_green_converges(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        char yaml[512];

        snprintf(yaml, sizeof yaml,
                 "{n: [24, 32], length: 6.283185307179586, nu: 0.05, drag: 0.3, dt: %.9g, "
                 "mean_flow: [0.7, -0.4], initial: {type: taylor-green, wavenumber: 2}}",
                 0.05 / (1 << i));
        e[i] = error_at(yaml, moving_taylor_green, 1);
    }
    print_message("errors %.3g %.3g %.3g, orders %.3f %.3f\n", e[0], e[1], e[2], log2(e[0] / e[1]),
                  log2(e[1] / e[2]));
    assert_in_range((int)(1000 * log2(e[0] / e[1])), 3800, 4300);
    assert_in_range((int)(1000 * log2(e[1] / e[2])), 3800, 4300);
    assert_at_most(e[2], 1e-6);
    e[0] = error_at("{n: [24, 32], length: 6.283185307179586, nu: 0.05, drag: 0.3, dt: 5e-4, "
                    "mean_flow: [0.7, -0.4], initial: {type: taylor-green, wavenumber: 2}}",
                    moving_taylor_green, 1);
    assert_at_most(e[0], 1e-11);
}

#define KOLMOGOROV_K (2 * TWO_PI)
/* From rest, with nu k^2 + drag = r:  w = -A k cos(k y) (1 - exp(-r t)) / r. */
static double kolmogorov(double x, double y, double t)
{
    double r = 1e-3 * KOLMOGOROV_K * KOLMOGOROV_K + 0.1;

    (void)x;
    return -0.8 * KOLMOGOROV_K * cos(KOLMOGOROV_K * y) * -expm1(-r * t) / r;
}

static void laminar_kolmogorov(void **state)
{
    (void)state;
    assert_at_most(
        error_at("{n: [32, 16], nu: 1e-3, drag: 0.1, dt: 0.01, forcing: {type: kolmogorov, "
                 "amplitude: 0.8, wavenumber: 2}, initial: {type: taylor-green, "
                 "amplitude: 0}}",
                 kolmogorov, 2),
        1e-10);
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
    assert_at_most(error_at("{n: 16, nu: 1e-2, dt: 0.01, forcing: {type: fno}, initial: {type: "
                            "taylor-green, amplitude: 0}}",
                            fno, 3),
                   1e-10);
}

/* Sums of psi N and w N over the spectrum vanish for the truncated system. */
static void advection_conserves(void **state)
{
    static const char *const grids[] = {"{n: 64, initial: {alpha: 1.5}}",
                                        "{n: [48, 81], length: [1, 1.7], mean_flow: [0.3, 2], "
                                        "initial: {alpha: 1.5}}"};

    (void)state;
    for (int g = 0; g < 2; g++) {
        leray_solver *base = make_solver(&leray_solver_ns2d, grids[g]);
        ns2d *s = (ns2d *)base;
        double energy = 0, enstrophy = 0, all_energy = 0, all_enstrophy = 0;

        assert_ok(leray_solver_start(base, 7, 3));
        ns2d_begin(s);
        ns2d_column_pass(s, NS2D_TENDENCY, 0);
        for (int kx = 0; kx <= s->top_x; kx++)
            for (int j = 0; j < s->rows; j++) {
                size_t i = (size_t)kx * (size_t)s->pitch + (size_t)j;
                double part = (kx ? 2 : 1) * creal(conj(s->w[i]) * s->sum[i]);

                enstrophy += part;
                all_enstrophy += fabs(part);
                energy += part * s->inverse_k2[i];
                all_energy += fabs(part) * s->inverse_k2[i];
            }
        print_message("energy %.2g, enstrophy %.2g (relative)\n", energy / all_energy,
                      enstrophy / all_enstrophy);
        assert_true(all_energy > 0);
        assert_at_most(fabs(energy), 1e-14 * all_energy);
        assert_at_most(fabs(enstrophy), 1e-14 * all_enstrophy);
        leray_solver_destroy(&base);
    }
}

/* The product in physical space, by derivatives of w on a grid fine enough for exact products, is
   what the pseudo-spectral tendency must equal mode by mode: another form of the same term. */
static void advection_matches_direct_sum(void **state)
{
    leray_solver *base = make_solver(&leray_solver_ns2d, "{n: [13, 16], length: [1, 2], mean_flow: "
                                                         "[0.3, -0.2], initial: {alpha: 1}}");
    ns2d *s = (ns2d *)base;
    double worst = 0, scale = 0;

    (void)state;
    assert_ok(leray_solver_start(base, 7, 3));
    ns2d_begin(s);
    ns2d_column_pass(s, NS2D_TENDENCY, 0);
    for (int kx = 0; kx <= s->top_x; kx++)
        for (int ky = -s->top_y; ky <= s->top_y; ky++) {
            double complex sum = 0;

            /* -(u . grad w)^(k) = -sum over p + q = k of i (u_p . q) w_q */
            for (int qx = -s->top_x; qx <= s->top_x; qx++)
                for (int qy = -s->top_y; qy <= s->top_y; qy++) {
                    int px = kx - qx, py = ky - qy;
                    double x = TWO_PI / s->length_x, y = TWO_PI / s->length_y, k2;
                    double complex wp, wq, u, v;

                    if (abs(px) > s->top_x || abs(py) > s->top_y) continue;
                    wp = px < 0 ? conj(s->w[-px * s->pitch + ns2d_row(s, -py)])
                                : s->w[px * s->pitch + ns2d_row(s, py)];
                    wq = qx < 0 ? conj(s->w[-qx * s->pitch + ns2d_row(s, -qy)])
                                : s->w[qx * s->pitch + ns2d_row(s, qy)];
                    k2 = x * px * x * px + y * py * y * py;
                    u = k2 > 0 ? I * y * py * wp / k2 : 0.3;
                    v = k2 > 0 ? -I * x * px * wp / k2 : -0.2;
                    sum -= I * (u * x * qx + v * y * qy) * wq;
                }
            worst = fmax(worst, cabs(sum - s->sum[kx * s->pitch + ns2d_row(s, ky)]));
            scale = fmax(scale, cabs(sum));
        }
    assert_at_most(worst, 1e-14 * scale);
    leray_solver_destroy(&base);
}

static double distance(const double *a, const double *b, size_t n)
{
    double d = 0;

    for (size_t i = 0; i < n; i++) d = fmax(d, fabs(a[i] - b[i]));
    return d;
}

static void fourth_order_in_time(void **state)
{
    enum { N = 2 * 16 * 31 };
    static double w[4][N];
    double e[3];

    (void)state;
    for (int i = 0; i < 4; i++) {
        char yaml[256];

        snprintf(yaml, sizeof yaml, "{n: 48, dt: %.9g, %s}", i < 3 ? 0.01 / (1 << i) : 0.0003125,
                 TURBULENT);
        run(yaml, 0.2, w[i], N);
    }
    for (int i = 0; i < 3; i++) e[i] = distance(w[i], w[3], N);
    print_message("errors %.3g %.3g %.3g, orders %.3f %.3f\n", e[0], e[1], e[2], log2(e[0] / e[1]),
                  log2(e[1] / e[2]));
    for (int i = 0; i < 2; i++) assert_in_range((int)(1000 * log2(e[i] / e[i + 1])), 3800, 4300);
}

/* Energy and enstrophy change as dissipation, drag and forcing say, up to dt^4. */
static void budgets_close(void **state)
{
    double e[3], z[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        char yaml[256];
        leray_solver *s;
        double dt = 0.004 / (1 << i);

        snprintf(yaml, sizeof yaml,
                 "{n: 48, nu: 2e-3, drag: 0.5, mean_flow: [0.5, 0.2], initial: {sigma: 60}, "
                 "forcing: {type: fno}}");
        s = make_solver(&leray_solver_ns2d, yaml);
        assert_ok(leray_solver_start(s, 5, 2));
        assert_true(statistic(s, "energy_residual") == 0);
        assert_ok(leray_solver_step(s, dt));
        e[i] = fabs(statistic(s, "energy_residual")) / statistic(s, "energy_dissipation");
        z[i] = fabs(statistic(s, "enstrophy_residual")) / statistic(s, "enstrophy_dissipation");
        leray_solver_destroy(&s);
    }
    print_message("energy %.3g %.3g %.3g orders %.3f %.3f\n", e[0], e[1], e[2], log2(e[0] / e[1]),
                  log2(e[1] / e[2]));
    print_message("enstrophy %.3g %.3g %.3g orders %.3f %.3f\n", z[0], z[1], z[2],
                  log2(z[0] / z[1]), log2(z[1] / z[2]));
    assert_in_range((int)(1000 * log2(e[1] / e[2])), 3800, 4300);
    assert_in_range((int)(1000 * log2(z[1] / z[2])), 3800, 4300);
    assert_at_most(e[2], 1e-8);
    assert_at_most(z[2], 1e-8);
}

static void injection_is_measured(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_ns2d, "{n: 32, nu: 1e-2, dt: 0.01, forcing: {type: "
                                        "kolmogorov, amplitude: 0.8, wavenumber: 2}, "
                                        "initial: {type: taylor-green, amplitude: 0}}");
    double k = KOLMOGOROV_K, w;

    (void)state;
    assert_ok(leray_solver_start(s, 0, 0));
    assert_ok(leray_solver_advance(s, 1));
    w = sqrt(4 * statistic(s, "enstrophy")); /* amplitude of its one cosine */
    assert_close(statistic(s, "enstrophy_injection"), 0.8 * k * w / 2, 1e-12);
    assert_close(statistic(s, "energy_injection"), 0.8 * w / k / 2, 1e-12);
    leray_solver_destroy(&s);
}

/* Mode by mode, the coarse run's spectrum against the fine run's, both resolving the flow. */
static void converges_in_space(void **state)
{
    leray_solver *s[2];
    ns2d *coarse, *fine;
    double worst = 0, scale = 0;
    static const char *const yaml[] = {
        "{n: 64, nu: 4e-3, dt: 0.005, initial: {sigma: 60}, forcing: {type: fno}}",
        "{n: 128, nu: 4e-3, dt: 0.005, initial: {sigma: 60}, forcing: {type: fno}}"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        s[i] = make_solver(&leray_solver_ns2d, yaml[i]);
        assert_ok(leray_solver_start(s[i], 11, 4));
        assert_ok(leray_solver_advance(s[i], 0.5));
    }
    coarse = (ns2d *)s[0], fine = (ns2d *)s[1];
    for (int kx = 0; kx <= coarse->top_x; kx++)
        for (int ky = -coarse->top_y; ky <= coarse->top_y; ky++) {
            double complex a = coarse->w[kx * coarse->pitch + ns2d_row(coarse, ky)];
            double complex b = fine->w[kx * fine->pitch + ns2d_row(fine, ky)];

            worst = fmax(worst, cabs(a - b));
            scale = fmax(scale, cabs(b));
        }
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
        cmocka_unit_test(advection_conserves),   cmocka_unit_test(advection_matches_direct_sum),
        cmocka_unit_test(fourth_order_in_time),  cmocka_unit_test(budgets_close),
        cmocka_unit_test(injection_is_measured), cmocka_unit_test(converges_in_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
