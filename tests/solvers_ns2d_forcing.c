/* tests/solvers_ns2d_forcing.c - forcings of the ns2d solver: what they put in, and the random one's
   numbers. Laminar solutions of the steady ones are in tests/solvers_ns2d.c. */
#include "ns2d_tools.h"

#include "data/formats/npy.h"

#include <unistd.h>

static void injection_is_measured(void **state)
{
    leray_solver *s = started(0, 0,
                              "{n: 32, nu: 1e-2, dt: 0.01, forcing: {type: kolmogorov, "
                              "amplitude: 0.8, wavenumber: 2}, " AT_REST "}");
    double k = 2 * TWO_PI, w;

    (void)state;
    assert_ok(leray_solver_advance(s, 1));
    w = sqrt(4 * statistic(s, "enstrophy")); /* amplitude of its one cosine */
    assert_close(statistic(s, "enstrophy_injection"), 0.8 * k * w / 2, 1e-12);
    assert_close(statistic(s, "energy_injection"), 0.8 * w / k / 2, 1e-12);
    leray_solver_destroy(&s);
}

/* With its amplitude changed, a forcing is what it would have been from the start. */
static void amplitude_is_a_parameter(void **state)
{
    leray_solver *a = started(0, 0, "{n: 16, dt: 0.01, forcing: {type: fno, amplitude: 0.3}}");
    leray_solver *b = started(0, 0, "{n: 16, dt: 0.01, forcing: {type: fno}}");
    double scale;

    (void)state;
    assert_ok(leray_solver_set_parameter(b, "forcing.amplitude", 0.3));
    assert_ok(leray_solver_advance(a, 0.2));
    assert_ok(leray_solver_advance(b, 0.2));
    assert_true(states_differ(a, b, 0, &scale) == 0);
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

/* The FNO benchmark's forcing from a file, on another grid and with a mean, which is dropped. */
static void force_from_a_file(void **state)
{
    enum { NY = 20, NX = 36 };
    static double f[NY][NX];
    int64_t shape[] = {NY, NX};
    char path[64];
    leray_solver *a = started(3, 0, "{n: 32, dt: 0.01, forcing: {type: fno}}"), *b;
    double scale, worst;

    (void)state;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double theta = TWO_PI * ((double)j / NY + (double)i / NX);

            f[j][i] = 7 + 0.1 * (sin(theta) + cos(theta));
        }
    snprintf(path, sizeof path, "/tmp/leray-ns2d-force-%ld.npy", (long)getpid());
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 2, shape, f));
    b = started(3, 0, "{n: 32, dt: 0.01, forcing: {type: file, path: %s}}", path);
    unlink(path);
    assert_close(statistic(b, "energy_injection"), statistic(a, "energy_injection"), 1e-14);
    assert_ok(leray_solver_advance(a, 0.2));
    assert_ok(leray_solver_advance(b, 0.2));
    worst = states_differ(a, b, 0, &scale);
    assert_at_most(worst, 1e-13 * scale);
    assert_true(mode(b, 0, 0, 0) == 0);
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

#define RING "forcing: {type: ring, power: 0.3, k_min: 3, k_max: 5}, length: 6.283185307179586"

/* From rest, with nothing that takes energy away, it grows by P dt in every step, and the ring
   alone is moved by the first one. */
static void ring_starts_from_rest(void **state)
{
    leray_solver *s = started(4, 1, "{n: 32, nu: 0, " RING ", " AT_REST "}");

    (void)state;
    assert_ok(leray_solver_step(s, 0.02));
    assert_close(statistic(s, "energy"), 0.3 * 0.02, 1e-16);
    assert_close(statistic(s, "energy_injection"), 0.3, 1e-14);
    assert_close(statistic(s, "enstrophy_injection"), statistic(s, "enstrophy") / 0.02, 1e-13);
    for (int ky = -10; ky <= 10; ky++)
        for (int kx = 0; kx <= 10; kx++) {
            int k2 = kx * kx + ky * ky;

            assert_true((mode(s, 0, ky, kx) != 0) == (k2 >= 9 && k2 <= 25));
        }
    leray_solver_destroy(&s);
}

/* Whatever the flow: the injection is P, and the budget that counts P dt closes to the error of the
   scheme. */
static void ring_injects_its_power(void **state)
{
    leray_solver *s = started(4, 1, "{n: 32, nu: 1e-2, drag: 0.1, initial: {sigma: 20}, " RING "}");

    (void)state;
    for (int i = 0; i < 200; i++) {
        assert_ok(leray_solver_step(s, 1e-3));
        assert_close(statistic(s, "energy_injection"), 0.3, 1e-12);
        assert_at_most(fabs(statistic(s, "energy_residual")), 1e-11);
    }
    assert_true(statistic(s, "energy") > 0.03);
    leray_solver_destroy(&s);
}

/* White noise: in a very short step the flow itself stands still, and the kick's own energy is P dt.
   A kick that did work by correlation with the flow would be far smaller or larger. */
static void ring_is_white_in_time(void **state)
{
    leray_solver *s = started(4, 1, "{n: 32, nu: 1e-2, initial: {sigma: 20}, " RING "}");
    double complex before[6][11];
    double energy = 0;

    (void)state;
    assert_ok(leray_solver_advance(s, 0.1));
    for (int kx = 0; kx <= 5; kx++)
        for (int ky = -5; ky <= 5; ky++) before[kx][ky + 5] = mode(s, 0, ky, kx);
    assert_ok(leray_solver_step(s, 1e-10));
    for (int kx = 0; kx <= 5; kx++)
        for (int ky = -5; ky <= 5; ky++)
            if (kx != 0 || ky != 0)
                energy += (kx ? 1 : 0.5) * pow(cabs(mode(s, 0, ky, kx) - before[kx][ky + 5]), 2) /
                          (kx * kx + ky * ky);
    assert_close(energy / (0.3 * 1e-10), 1, 1e-3);
    leray_solver_destroy(&s);
}

/* The statistics of the kicks: every mode of the ring gets the same energy on the average, and no
   direction more than another. */
static void ring_is_isotropic(void **state)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, "{n: 32, nu: 0, " RING ", " AT_REST "}");
    double along = 0, across = 0, inner = 0, outer = 0;

    (void)state;
    for (uint32_t i = 0; i < 400; i++) {
        assert_ok(leray_solver_start(s, 9, i));
        assert_ok(leray_solver_step(s, 0.01));
        along += pow(cabs(mode(s, 0, 0, 4)), 2);
        across += pow(cabs(mode(s, 0, 4, 0)), 2);
        inner += pow(cabs(mode(s, 0, 0, 3)), 2) / 9;
        outer += pow(cabs(mode(s, 0, 3, 4)), 2) / 25;
    }
    print_message("ratios %.3f %.3f\n", along / across, inner / outer);
    assert_in_range((int)(1000 * along / across), 800, 1250); /* 3 standard deviations: 21 % */
    assert_in_range((int)(1000 * inner / outer), 800, 1250);
    leray_solver_destroy(&s);
}

/* The same numbers on every grid, others in every step, simulation and seed; and a run that is
   restored draws what it would have drawn. */
static void ring_is_a_function_of_seed_simulation_and_step(void **state)
{
    leray_solver *s = started(4, 1, "{n: 32, nu: 0, " RING ", " AT_REST "}");
    leray_solver *fine = started(4, 1, "{n: [64, 48], nu: 0, " RING ", " AT_REST "}"), *again;
    double complex first;
    double scale, worst;
    size_t size = leray_solver_save_size(s);
    char *bytes = test_malloc(size);

    (void)state;
    assert_ok(leray_solver_step(s, 0.01));
    assert_ok(leray_solver_step(fine, 0.01));
    worst = states_differ(s, fine, 0, &scale);
    assert_at_most(worst, 1e-15 * scale);
    first = mode(s, 0, 2, 3);
    assert_ok(leray_solver_save(s, bytes));
    only_mode(s, 0, 0, 0, 0); /* from rest once more, but in the next step */
    assert_ok(leray_solver_step(s, 0.01));
    assert_true(cabs(mode(s, 0, 2, 3) - first) > 1e-3 * cabs(first));
    assert_ok(leray_solver_restore(s, bytes, size));
    assert_ok(leray_solver_step(s, 0.01));

    again = started(1, 7, "{n: 32, nu: 0, " RING ", " AT_REST "}");
    assert_ok(leray_solver_restore(again, bytes, size));
    assert_true(statistic(again, "energy_injection") == 0.3 ||
                fabs(statistic(again, "energy_injection") - 0.3) < 1e-14);
    assert_ok(leray_solver_step(again, 0.01));
    assert_true(states_differ(s, again, 0, &scale) == 0);
    for (int i = 0; i < 2; i++) {
        assert_ok(leray_solver_start(again, i ? 4 : 5, i ? 2 : 1));
        assert_ok(leray_solver_step(again, 0.01));
        assert_true(cabs(mode(again, 0, 2, 3) - first) > 1e-3 * cabs(first));
    }
    test_free(bytes);
    leray_solver_destroy(&s);
    leray_solver_destroy(&fine);
    leray_solver_destroy(&again);
}

/* A power of 0 is no forcing at all. */
static void ring_without_power(void **state)
{
    leray_solver *a = started(3, 0, "{n: 32, dt: 0.01, " RING "}");
    leray_solver *b = started(3, 0, "{n: 32, dt: 0.01, length: 6.283185307179586}");
    double scale;

    (void)state;
    assert_ok(leray_solver_set_parameter(a, "forcing.power", 0));
    assert_ok(leray_solver_advance(a, 0.1));
    assert_ok(leray_solver_advance(b, 0.1));
    assert_true(states_differ(a, b, 0, &scale) == 0);
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(injection_is_measured),
        cmocka_unit_test(amplitude_is_a_parameter),
        cmocka_unit_test(force_from_a_file),
        cmocka_unit_test(ring_starts_from_rest),
        cmocka_unit_test(ring_injects_its_power),
        cmocka_unit_test(ring_is_white_in_time),
        cmocka_unit_test(ring_is_isotropic),
        cmocka_unit_test(ring_is_a_function_of_seed_simulation_and_step),
        cmocka_unit_test(ring_without_power),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
