/* tests/solvers_ns2d_runs.c - how the ns2d solver runs: where it starts, threads, steps, parameters, decks
   that it refuses, and divergence. */
#include "ns2d_tools.h"

#include "core/threads.h"
#include "data/npy.h"
#include "solvers/ns2d/ns2d.h"

#include <stdlib.h>
#include <unistd.h>

static double largest(leray_solver *s)
{
    leray_frame f;
    double max = 0;

    leray_solver_frame(s, &f);
    for (size_t i = 0; i < (size_t)f.shape[0] * (size_t)f.shape[1]; i++)
        max = fmax(max, fabs(f.field[0].values[i]));
    return max;
}

/* A simulation's initial field is one function, whatever the grid: here at the common points. The
   tail that 32 points lack is bounded by its own variance. */
static void start_is_one_function(void **state)
{
    leray_solver *s[2] = {make_solver(&leray_solver_ns2d, "{n: 32, initial: {alpha: 12}}"),
                          make_solver(&leray_solver_ns2d, "{n: [64, 96], initial: {alpha: 12}}")};
    leray_frame f[2];
    double worst = 0, scale;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(leray_solver_start(s[i], 11, 4));
        leray_solver_frame(s[i], &f[i]);
    }
    scale = largest(s[1]);
    leray_solver_frame(s[1], &f[1]);
    for (size_t j = 0; j < 32; j++)
        for (size_t i = 0; i < 32; i++)
            worst = fmax(worst, fabs(f[0].field[0].values[j * 32 + i] -
                                     f[1].field[0].values[2 * j * 96 + 3 * i]));
    assert_at_most(worst, 1e-9 * scale);
    leray_solver_destroy(&s[0]);
    leray_solver_destroy(&s[1]);
}

/* A grid that is large enough for three threads and does not divide among them. */
static void threads_do_not_matter(void **state)
{
    enum { N = 2 * 66 * 113 };
    static double w[3][N];
    int before = leray_threads();

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_threads_set(i + 1);
        run("{n: [170, 196], dt: 0.01, cfl: 0.7, " TURBULENT "}", 0.1, w[i], N);
    }
    leray_threads_set(before);
    assert_memory_equal(w[0], w[1], sizeof w[0]);
    assert_memory_equal(w[0], w[2], sizeof w[0]);
}

static void adaptive_steps_land(void **state)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, "{n: 48, dt: 1, cfl: 0.8, " TURBULENT "}");
    double most = 0;

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    for (int i = 1; i <= 7; i++) {
        assert_ok(leray_solver_advance(s, 0.1 * i));
        assert_true(leray_solver_time(s) == 0.1 * i);
        most = fmax(most, statistic(s, "cfl"));
    }
    assert_true(leray_solver_steps(s) > 7);
    assert_at_most(most, 0.8 * (1 + 1e-9));
    assert_true(most > 0.4);
    assert_ok(leray_solver_advance(s, 0.1 * 7));
    assert_fails(leray_solver_advance(s, 0.5), LERAY_ERR_ARG, "t_end = 0.5");
    leray_solver_destroy(&s);
}

/* The CFL number of a step is dt max(|u|/dx + |v|/dy) over the points, mean flow included; here
   u = -cos(2 x) sin(2 y) + 0.7, v = sin(2 x) cos(2 y) - 0.4. */
static void cfl_is_measured(void **state)
{
    leray_solver *s = make_solver(
        &leray_solver_ns2d, "{n: [23, 30], length: 6.283185307179586, mean_flow: [0.7, -0.4], "
                            "initial: {type: taylor-green, wavenumber: 2}}");
    double max = 0;

    (void)state;
    for (int j = 0; j < 23; j++)
        for (int i = 0; i < 30; i++) {
            double x = TWO_PI * i / 30, y = TWO_PI * j / 23;

            max = fmax(max, fabs(0.7 - cos(2 * x) * sin(2 * y)) * 30 / TWO_PI +
                                fabs(-0.4 + sin(2 * x) * cos(2 * y)) * 23 / TWO_PI);
        }
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_step(s, 0.01));
    assert_close(statistic(s, "cfl"), 0.01 * max, 1e-14);
    assert_close(statistic(s, "dt"), 0.01, 0);
    leray_solver_destroy(&s);
}

/* The vorticity stays a real field to the last bit: on kx = 0 the halves are conjugates. */
static void vorticity_stays_real(void **state)
{
    leray_solver *base = make_solver(&leray_solver_ns2d, "{n: [40, 32], dt: 0.01, " TURBULENT "}");
    ns2d *s = (ns2d *)base;

    (void)state;
    assert_ok(leray_solver_start(base, 5, 2));
    assert_ok(leray_solver_advance(base, 0.3));
    assert_true(s->w[0] == 0);
    for (int ky = 1; ky <= s->top_y; ky++)
        assert_true(s->w[ns2d_row(s, -ky)] == conj(s->w[ns2d_row(s, ky)]));
    leray_solver_destroy(&base);
}

static void divergence_is_an_error(void **state)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, "{n: 32, dt: 0.5, " TURBULENT "}");

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    assert_fails(leray_solver_advance(s, 500), LERAY_ERR_DIVERGED, "simulation 2 of seed 5");
    assert_non_null(strstr(leray_error_message(), "dt = 0.5"));
    assert_non_null(strstr(leray_error_message(), "CFL number"));
    assert_fails(leray_solver_step(s, 0.01), LERAY_ERR_ARG, "leray_solver_start");
    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_step(s, 0.01));
    leray_solver_destroy(&s);
}

static void parameters_change_the_run(void **state)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, "{n: 32, length: 6.283185307179586, nu: 1, "
                                                      "dt: 0.5, initial: {type: taylor-green, "
                                                      "wavenumber: 2, amplitude: 3}}");

    (void)state;
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_advance(s, 1));
    assert_ok(leray_solver_set_parameter(s, "nu", TG_NU));
    assert_ok(leray_solver_set_parameter(s, "drag", TG_DRAG));
    assert_ok(leray_solver_set_parameter(s, "initial.amplitude", 1));
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_advance(s, 1));
    assert_at_most(field_error(s, taylor_green), 1e-13);
    leray_solver_destroy(&s);
}

static void wrong_decks(void **state)
{
    static const struct {
        const char *yaml, *words;
    } wrong[] = {
        {"{n: [8, 8, 8]}",                                        "solver.n"    },
        {"{mean_flow: [1]}",                                      "mean_flow"   },
        {"{length: [1, 1, 1]}",                                   "length"      },
        {"{n: 16, forcing: {type: fno, wavenumber: 6}}",          "[1, 5]"      },
        {"{n: 16, initial: {type: taylor-green, wavenumber: 6}}", "[1, 5]"      },
        {"{initial: {type: file}}",                               "initial.path"},
    };
    leray_solver *s;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_fails(try_solver(&leray_solver_ns2d, wrong[i].yaml, &s), LERAY_ERR_CONFIG,
                     wrong[i].words);
        assert_null(s);
    }
}

/* Fields on another grid than the solver's: their common modes are kept. */
static void starts_from_a_file(void **state)
{
    enum { NY = 40, NX = 20 };
    static double w[2][NY][NX];
    int64_t shape[] = {2, NY, NX};
    char path[64], yaml[256];
    leray_solver *s;
    leray_frame f;

    (void)state;
    snprintf(path, sizeof path, "/tmp/leray-ns2d-%ld.npy", (long)getpid());
    for (int m = 0; m < 2; m++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++)
                w[m][j][i] = 1 + cos(TWO_PI * ((m + 1.0) * j / NY + 3.0 * i / NX)) +
                             sin(TWO_PI * 2 * j / NY);
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 3, shape, w));
    snprintf(yaml, sizeof yaml, "{n: 16, initial: {type: file, path: %s}}", path);
    s = make_solver(&leray_solver_ns2d, yaml);
    for (int m = 0; m < 2; m++) {
        double worst = 0;

        assert_ok(leray_solver_start(s, 0, (uint32_t)m));
        leray_solver_frame(s, &f);
        for (int j = 0; j < 16; j++)
            for (int i = 0; i < 16; i++)
                worst = fmax(worst, fabs(f.field[0].values[16 * j + i] -
                                         cos(TWO_PI * ((m + 1.0) * j / 16 + 3.0 * i / 16)) -
                                         sin(TWO_PI * 2 * j / 16)));
        assert_at_most(worst, 1e-14 * 4);
    }
    assert_fails(leray_solver_start(s, 0, 2), LERAY_ERR_DATA, "no field 2");
    leray_solver_destroy(&s);
    unlink(path);
    assert_fails(try_solver(&leray_solver_ns2d, yaml, &s), LERAY_ERR_DATA, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_is_one_function),     cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(adaptive_steps_land),       cmocka_unit_test(cfl_is_measured),
        cmocka_unit_test(vorticity_stays_real),      cmocka_unit_test(divergence_is_an_error),
        cmocka_unit_test(parameters_change_the_run), cmocka_unit_test(wrong_decks),
        cmocka_unit_test(starts_from_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
