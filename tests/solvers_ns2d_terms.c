/* tests/solvers_ns2d_terms.c - the terms of the ns2d solver's equations one by one: advection against
   its direct sum and its conservation laws, waves, damping, the passive scalar. */
#include "ns2d_tools.h"

#include <stdlib.h>

static const char *const truncations[] = {"two-thirds", "phase-shift"};

static leray_modes tendency_of(leray_solver *s)
{
    ns2d *flow = (ns2d *)s;
    leray_modes change;

    assert_ok(leray_modes_init(&change, &flow->box, flow->flow.fields, false));
    assert_ok(leray_integrator_tendency(flow->integrator, &change));
    return change;
}

/* Sum of Re conj(u) du over all modes, of its absolute values, each times k^power. */
static void transfer(leray_solver *s, const leray_modes *change, int field, int power, double *sum,
                     double *scale)
{
    const leray_box *box = &((ns2d *)s)->box;

    *sum = *scale = 0;
    for (int kx = 0; kx <= box->top[LERAY_BOX_X]; kx++)
        for (int ky = -box->top[LERAY_BOX_SLOW]; ky <= box->top[LERAY_BOX_SLOW]; ky++) {
            double k = hypot(TWO_PI * kx / box->length[2], TWO_PI * ky / box->length[0]), part;

            if (k == 0) continue;
            part = (kx ? 2 : 1) * pow(k, power) *
                   creal(conj(mode(s, field, ky, kx)) * leray_modes_get(change, field, ky, 0, kx));
            *sum += part;
            *scale += fabs(part);
        }
    assert_true(*scale > 0);
}

/* Energy, enstrophy and scalar variance of the truncated system, with either way of dealiasing. */
static void advection_conserves(void **state)
{
    static const char *const grids[] = {
        "n: 64, initial: {alpha: 1.5}",
        "n: [48, 81], length: [1, 1.7], mean_flow: [0.3, 2], initial: {alpha: 1.5}"};
    double e, z, v, all_e, all_z, all_v;

    (void)state;
    for (int g = 0; g < 4; g++) {
        leray_solver *s =
            started(7, 3, "{%s, dealias: %s, scalar: {on: true, initial: {alpha: 1.5}}}",
                    grids[g % 2], truncations[g / 2]);
        leray_modes change = tendency_of(s);

        transfer(s, &change, 0, -2, &e, &all_e);
        transfer(s, &change, 0, 0, &z, &all_z);
        transfer(s, &change, 1, 0, &v, &all_v);
        print_message("%s: energy %.2g, enstrophy %.2g, variance %.2g (relative)\n",
                      truncations[g / 2], e / all_e, z / all_z, v / all_v);
        assert_at_most(fabs(e), 1e-14 * all_e);
        assert_at_most(fabs(z), 1e-14 * all_z);
        assert_at_most(fabs(v), 1e-14 * all_v);
        leray_modes_fini(&change);
        leray_solver_destroy(&s);
    }
}

/* -(u . grad f)^(k) = -sum over p + q = k of i (u_p . q) f_q, all of p, q and k kept. */
static double complex direct_sum(leray_solver *s, int field, int ky, int kx, const double *mean)
{
    const leray_box *box = &((ns2d *)s)->box;
    double x = TWO_PI / box->length[LERAY_BOX_X], y = TWO_PI / box->length[LERAY_BOX_SLOW];
    int top_x = box->top[LERAY_BOX_X], top_y = box->top[LERAY_BOX_SLOW];
    double complex sum = 0;

    for (int qx = -top_x; qx <= top_x; qx++)
        for (int qy = -top_y; qy <= top_y; qy++) {
            int px = kx - qx, py = ky - qy;
            double k2 = x * px * x * px + y * py * y * py;
            double complex w = mode(s, 0, py, px), f = mode(s, field, qy, qx);
            double complex u = k2 > 0 ? I * y * py * w / k2 : mean[0];
            double complex v = k2 > 0 ? -I * x * px * w / k2 : mean[1];

            sum -= I * (u * x * qx + v * y * qy) * f;
        }
    return sum;
}

/* Mode by mode, inside each mask; for phase-shift there are modes beyond two thirds in it. */
static void advection_matches_direct_sum(void **state)
{
    static const double mean[] = {0.3, -0.2};

    (void)state;
    for (int t = 0; t < 2; t++) {
        leray_solver *s = started(7, 3,
                                  "{n: [13, 16], length: [1, 2], mean_flow: [0.3, -0.2], initial: "
                                  "{alpha: 1}, dealias: %s, scalar: {on: true, initial: {alpha: "
                                  "1}}}",
                                  truncations[t]);
        const leray_box *box = &((ns2d *)s)->box;
        leray_modes change = tendency_of(s);
        int kept = 0;

        for (int field = 0; field < 2; field++) {
            double worst = 0, scale = 0;

            for (int kx = 0; kx <= box->top[LERAY_BOX_X]; kx++)
                for (int ky = -box->column_top[kx]; ky <= box->column_top[kx]; ky++, kept++) {
                    double complex sum = direct_sum(s, field, ky, kx, mean);

                    worst = fmax(worst, cabs(sum - leray_modes_get(&change, field, ky, 0, kx)));
                    scale = fmax(scale, cabs(sum));
                }
            assert_at_most(worst, 1e-14 * scale);
        }
        print_message("%s: %d modes\n", truncations[t], kept / 2);
        assert_int_equal(kept / 2, t ? 80 : 54);
        leray_modes_fini(&change);
        leray_solver_destroy(&s);
    }
}

#define ONE_MODE "{n: 16, length: 6.283185307179586, dt: %.9g, scheme: %s, " AT_REST ", "

/* A single wave is a solution: w(t) = w(0) exp(-i omega t), omega = -beta kx/k^2. */
static void rossby_waves_have_their_frequency(void **state)
{
    double omega = -30.0 * 3 / (9 + 4), e[3];
    double complex end = (0.3 + 0.1 * I) * cexp(-I * omega * 2 - 0.01 * 13 * 2);

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = started(1, 0, ONE_MODE "beta: 30, nu: 0.01}", 0.02 / (1 << i), "rk4");

        only_mode(s, 0, -2, 3, 0.3 + 0.1 * I);
        assert_ok(leray_solver_advance(s, 2));
        e[i] = cabs(mode(s, 0, -2, 3) - end);
        assert_close(statistic(s, "energy"), cabs(end) * cabs(end) / 13, 1e-6);
        leray_solver_destroy(&s);
    }
    print_message("errors %.3g %.3g %.3g\n", e[0], e[1], e[2]);
    assert_in_range(order(e, 0), 3900, 4100);
    assert_in_range(order(e, 1), 3900, 4100);
    assert_at_most(e[2], 1e-6);
}

/* Each term alone and all together, with steps much longer than the decay. */
static void damping_is_exact(void **state)
{
    static const struct {
        const char *yaml;
        double rate; /* at k^2 = 20 */
    } damping[] = {
        {"nu: 0.1",                                              2                },
        {"nu: 0, drag: 0.7",                                     0.7              },
        {"nu: 0, hyperviscosity: {coefficient: 1e-4}",           16               },
        {"nu: 0, hyperviscosity: {coefficient: 0.01, order: 2}", 4                },
        {"nu: 0, hypoviscosity: {coefficient: 30}",              1.5              },
        {"nu: 0, hypoviscosity: {coefficient: 800, order: 3}",   0.1              },
        {"nu: 0.1, drag: 0.7, hyperviscosity: {coefficient: 0.01, order: 2}, hypoviscosity: "
         "{coefficient: 30}",                           2 + 0.7 + 4 + 1.5},
    };
    static const char *const schemes[] = {"rk4", "etdrk4"};

    (void)state;
    for (size_t d = 0; d < 2 * sizeof damping / sizeof damping[0]; d++) {
        leray_solver *s = started(1, 0, ONE_MODE "%s}", 0.5, schemes[d % 2], damping[d / 2].yaml);
        double rate = damping[d / 2].rate, w2 = 0.1, taken, L[16];

        for (int c = 0; c <= 5; c++) {
            leray_column column = leray_box_column(&((ns2d *)s)->box, c, 0);

            ns2d_linear(s, &column, 0, L);
            for (int j = 0; j < column.n; j++) assert_true(L[j] <= 0 && isfinite(L[j]));
        }
        only_mode(s, 0, 4, 2, 0.3 + 0.1 * I);
        taken = statistic(s, "energy_dissipation") + statistic(s, "energy_drag") +
                statistic(s, "energy_hyperviscosity") + statistic(s, "energy_hypoviscosity");
        assert_close(taken, 2 * rate * w2 / 20, 1e-14);
        taken = statistic(s, "enstrophy_dissipation") + statistic(s, "enstrophy_drag") +
                statistic(s, "enstrophy_hyperviscosity") + statistic(s, "enstrophy_hypoviscosity");
        assert_close(taken, 2 * rate * w2, 1e-14);
        assert_ok(leray_solver_advance(s, 1));
        assert_at_most(cabs(mode(s, 0, 4, 2) - (0.3 + 0.1 * I) * exp(-rate)), 1e-15);
        leray_solver_destroy(&s);
    }
}

/* ---- the scalar -------------------------------------------------------------------------- */

static double carried_wave(double x, double y, double t)
{
    (void)y;
    return 2 * cos(3 * (x - 0.7 * t)) * exp(-0.05 * 9 * t);
}

static void scalar_is_carried_along(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = started(
            1, 0,
            ONE_MODE "mean_flow: [0.7, -0.4], scalar: {on: true, kappa: 0.05, initial: {type: "
                     "wave, wavenumber: 3, amplitude: 2}}}",
            0.05 / (1 << i), "rk4");

        assert_at_most(frame_error(s, 1, carried_wave), 1e-14);
        assert_close(statistic(s, "scalar_variance"), 2, 1e-14);
        assert_close(statistic(s, "scalar_dissipation"), 2 * 0.05 * 9 * 2, 1e-14);
        assert_ok(leray_solver_advance(s, 1));
        e[i] = frame_error(s, 1, carried_wave);
        leray_solver_destroy(&s);
    }
    print_message("errors %.3g %.3g %.3g\n", e[0], e[1], e[2]);
    assert_in_range(order(e, 0), 3900, 4100);
    assert_in_range(order(e, 1), 3900, 4100);
    assert_at_most(e[2], 1e-6);
}

/* v = sin(2 x) stays, and against diffusion the mean gradient makes
   theta = -G sin(2 x) (1 - exp(-4 kappa t))/(4 kappa). */
static double from_gradient(double x, double y, double t)
{
    (void)y;
    return 1.5 * sin(2 * x) * expm1(-4 * 0.3 * t) / (4 * 0.3);
}

static void mean_gradient_makes_fluctuations(void **state)
{
    leray_solver *s = started(1, 0,
                              ONE_MODE "nu: 0, scalar: {on: true, kappa: 0.3, gradient: 1.5, "
                                       "initial: {type: zero}}}",
                              0.4, "etdrk4");

    (void)state;
    only_mode(s, 0, 0, 2, 1); /* w = 2 cos 2 x */
    assert_ok(leray_solver_advance(s, 2));
    assert_at_most(frame_error(s, 1, from_gradient), 1e-14);
    /* -2 G <v theta>, theta = -a sin: G a */
    assert_close(statistic(s, "scalar_injection"), 1.5 * 1.5 * -expm1(-2.4) / 1.2, 1e-13);
    leray_solver_destroy(&s);
}

static void scalar_budget_closes(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = started(5, 2,
                                  "{n: 48, nu: 2e-3, initial: {sigma: 60}, scalar: {on: true, "
                                  "kappa: 3e-3, gradient: 2, initial: {sigma: 30}}}");

        assert_ok(leray_solver_step(s, 0.004 / (1 << i)));
        e[i] = fabs(statistic(s, "scalar_residual")) / statistic(s, "scalar_dissipation");
        leray_solver_destroy(&s);
    }
    print_message("residuals %.3g %.3g %.3g\n", e[0], e[1], e[2]);
    assert_in_range(order(e, 1), 3800, 4300);
    assert_at_most(e[2], 1e-8);
}

/* The same flow with and without, to the last bit; and the scalar has random numbers of its own. */
static void scalar_is_passive(void **state)
{
    leray_solver *s[2];
    double scale, product = 0, square = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        s[i] = started(5, 2, "{n: 32, dt: 0.01, scalar: {on: %s}, " TURBULENT "}",
                       i ? "true" : "false");
        assert_int_equal(((ns2d *)s[i])->flow.fields, 1 + i);
    }
    for (int ky = -10; ky <= 10; ky++)
        for (int kx = 1; kx <= 10; kx++) {
            product += creal(conj(mode(s[1], 0, ky, kx)) * mode(s[1], 1, ky, kx));
            square += cabs(mode(s[1], 0, ky, kx)) * cabs(mode(s[1], 1, ky, kx));
        }
    assert_at_most(fabs(product), 0.5 * square);
    for (int i = 0; i < 2; i++) assert_ok(leray_solver_advance(s[i], 0.3));
    assert_true(states_differ(s[0], s[1], 0, &scale) == 0);
    for (int i = 0; i < 2; i++) leray_solver_destroy(&s[i]);
}

static void set_mean(leray_solver *s, double mean)
{
    leray_integrator *integrator = ((ns2d *)s)->integrator;

    leray_modes_set(leray_integrator_state(integrator), 1, 0, 0, 0, mean);
    leray_integrator_touch(integrator, false);
}

/* The mean of the scalar stays what it is, to the bit, and changes nothing else: neither fluctuations
   nor variance nor budget, in either precision, through a restart too. */
static void scalar_mean_is_kept(void **state)
{
    static const char *const decks[] = {
        "scheme: etdrk4", "scheme: rk3cn, dealias: phase-shift, beta: 3, mean_flow: [0.7, -0.4]",
        "scheme: rk4, precision: single, scalar.gradient: 1.5"};
    static const char *const same[] = {"energy", "scalar_variance", "scalar_dissipation",
                                       "scalar_injection", "scalar_residual"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        bool single = i == 2;
        leray_solver *s[2];
        leray_frame f;
        double sum = 0;
        size_t size;
        char *bytes;

        for (int m = 0; m < 2; m++) {
            s[m] = started(
                5, 2,
                "{n: 32, dt: 0.01, scalar.on: true, scalar.initial.sigma: 30, %s, " TURBULENT "}",
                decks[i]);
            if (m == 1) set_mean(s[m], 300.25);
            assert_ok(leray_solver_advance(s[m], 0.1));
        }
        size = leray_solver_save_size(s[1]);
        assert_ok(leray_mem_alloc((void *)&bytes, size, 1));
        assert_ok(leray_solver_save(s[1], bytes));
        leray_solver_destroy(&s[1]);
        s[1] = started(6, 3, "{n: 32, dt: 0.01, scalar.on: true, %s, " TURBULENT "}", decks[i]);
        assert_ok(leray_solver_restore(s[1], bytes, size));
        leray_mem_free(bytes);
        for (int m = 0; m < 2; m++) assert_ok(leray_solver_advance(s[m], 0.2));
        assert_true(statistic(s[0], "scalar_mean") == 0);
        assert_true(statistic(s[1], "scalar_mean") == 300.25);
        for (int k = 0; k < 5; k++)
            assert_true(statistic(s[1], same[k]) == statistic(s[0], same[k]));
        for (int ky = -10; ky <= 10; ky++)
            for (int kx = 0; kx <= 10; kx++)
                if (kx || ky) assert_true(mode(s[1], 1, ky, kx) == mode(s[0], 1, ky, kx));
        leray_solver_frame(s[1], &f);
        for (int k = 0; k < 32 * 32; k++) sum += f.field[1].values[k] / (32 * 32);
        assert_close(sum, 300.25, single ? 1e-4 : 1e-12);
        for (int m = 0; m < 2; m++) leray_solver_destroy(&s[m]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advection_conserves),
        cmocka_unit_test(advection_matches_direct_sum),
        cmocka_unit_test(rossby_waves_have_their_frequency),
        cmocka_unit_test(damping_is_exact),
        cmocka_unit_test(scalar_is_carried_along),
        cmocka_unit_test(mean_gradient_makes_fluctuations),
        cmocka_unit_test(scalar_budget_closes),
        cmocka_unit_test(scalar_is_passive),
        cmocka_unit_test(scalar_mean_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
