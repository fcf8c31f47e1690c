/* tests/solvers_ns2d_runs.c - how the ns2d solver runs: threads, steps, precision, parameters, its view,
   frames, decks that it refuses, and divergence. */
#include "ns2d_tools.h"

#include "core/threads.h"

/* A grid that is large enough for three threads and does not divide among them. */
static void threads_do_not_matter(void **state)
{
    int before = leray_threads();

    (void)state;
    for (int deck = 0; deck < 2; deck++) {
        char *end[3];
        size_t size = 0;

        for (int i = 0; i < 3; i++) {
            leray_solver *s;

            leray_threads_set(i + 1);
            s = started(5, 2, "{n: [170, 196], dt: 0.01, cfl: 0.7, scalar: {on: true}, %s}",
                        deck ? "dealias: phase-shift, scheme: etdrk4, precision: single, "
                               "forcing: {type: ring, k_min: 20, k_max: 40}"
                             : TURBULENT);
            assert_ok(leray_solver_advance(s, deck ? 0.02 : 0.1));
            end[i] = saved(s, &size);
            leray_solver_destroy(&s);
        }
        assert_memory_equal(end[0], end[1], size);
        assert_memory_equal(end[0], end[2], size);
        for (int i = 0; i < 3; i++) test_free(end[i]);
    }
    leray_threads_set(before);
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
    leray_solver *s = started(5, 2, "{n: [40, 32], dt: 0.01, " TURBULENT "}");

    (void)state;
    assert_ok(leray_solver_advance(s, 0.3));
    assert_true(mode(s, 0, 0, 0) == 0);
    for (int ky = 1; ky <= 13; ky++) assert_true(mode(s, 0, -ky, 0) == conj(mode(s, 0, ky, 0)));
    leray_solver_destroy(&s);
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

/* Half the bytes; and the flow to the accuracy of float over a short run. */
static void single_precision(void **state)
{
    static const char *const truncations[] = {"two-thirds", "phase-shift"};

    (void)state;
    for (int t = 0; t < 2; t++) {
        leray_solver *s[2];
        double worst, scale;
        size_t numbers = sizeof(leray_integrator_last) + NS2D_NUMBERS * sizeof(double);

        for (int i = 0; i < 2; i++) {
            s[i] = started(5, 2, "{n: 64, dt: 0.005, dealias: %s, precision: %s, " TURBULENT "}",
                           truncations[t], i ? "single" : "double");
            assert_ok(leray_solver_advance(s[i], 0.25));
        }
        assert_int_equal(2 * (s[1]->type->state_size(s[1]) - numbers),
                         s[0]->type->state_size(s[0]) - numbers);
        worst = states_differ(s[1], s[0], 0, &scale);
        print_message("%s: single differs by %.3g of %.3g\n", truncations[t], worst, scale);
        assert_at_most(worst, 1e-5 * scale);
        assert_true(worst > 1e-9 * scale);
        assert_close(statistic(s[1], "energy"), statistic(s[0], "energy"), 1e-5);
        for (int i = 0; i < 2; i++) leray_solver_destroy(&s[i]);
    }
}

/* In the middle of an adaptive run of every scheme, scalar, forcing and precision; to the same bits. */
static void restarts_are_exact(void **state)
{
    static const char *const decks[] = {
        "scheme: rk3cn, forcing: {type: ring, k_min: 20, k_max: 40}, scalar: {on: true}",
        "scheme: etdrk4, beta: 5, precision: single, scalar: {on: true}",
        "dealias: phase-shift, hyperviscosity: {coefficient: 1e-9}, forcing: {type: fno}",
    };

    (void)state;
    for (size_t d = 0; d < sizeof decks / sizeof decks[0]; d++) {
        leray_solver *a = started(5, 2, "{n: 32, dt: 0.1, cfl: 0.6, %s}", decks[d]);
        leray_solver *b = started(1, 0, "{n: 32, dt: 0.1, cfl: 0.6, %s}", decks[d]);
        size_t size = leray_solver_save_size(a);
        char *bytes = test_malloc(size), *again = test_malloc(size);
        leray_frame fa, fb;

        assert_ok(leray_solver_advance(a, 0.2));
        assert_ok(leray_solver_save(a, bytes));
        assert_ok(leray_solver_advance(a, 0.5));
        assert_ok(leray_solver_restore(b, bytes, size));
        leray_solver_frame(b, &fb); /* looking changes nothing */
        assert_true(statistic(b, "cfl") > 0 && statistic(b, "energy_residual") != 0);
        assert_ok(leray_solver_advance(b, 0.5));
        assert_ok(leray_solver_save(a, bytes));
        assert_ok(leray_solver_save(b, again));
        assert_memory_equal(bytes, again, size);
        leray_solver_frame(a, &fa);
        leray_solver_frame(b, &fb);
        for (int f = 0; f < fa.nfields; f++)
            assert_memory_equal(fa.field[f].values, fb.field[f].values, 32 * 32 * sizeof(double));
        test_free(bytes), test_free(again);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
    }
}

/* What diagnostics see: velocities whose energy is the solver's, and the rate of viscous decay. */
static void view_shows_velocity(void **state)
{
    leray_solver *s = started(5, 2,
                              "{n: [24, 30], nu: 0.3, mean_flow: [3, 4], drag: 1, "
                              "hyperviscosity: {coefficient: 1e-3, order: 2}}");
    const leray_spectral_view *view = s->type->view(s);
    leray_modes *modes = leray_integrator_state(view->integrator);
    double energy = 0, dissipation = 0, rate[32];
    double complex u[32], v[32];

    (void)state;
    assert_string_equal(view->field[0], "vorticity");
    assert_true(view->viscosity(view->self) == 0.3);
    for (int c = 0; c < modes->box->columns; c++) {
        leray_column column = leray_box_column(modes->box, c, 0);
        double complex *line[] = {leray_modes_load(modes, 0, c, NULL)}, *out[] = {u, v};

        view->velocity(view->self, &column, line, out);
        view->viscous(view->self, &column, rate);
        for (int j = 0; j < column.n; j++) {
            double square = creal(u[j] * conj(u[j]) + v[j] * conj(v[j]));

            assert_true(cabs(column.kx * u[j] + column.ks[j] * v[j]) <= 1e-14 * cabs(line[0][j]));
            assert_true(cabs(I * column.kx * v[j] - I * column.ks[j] * u[j] - line[0][j]) <=
                        1e-14 * cabs(line[0][j]));
            energy += column.weight * square / 2;
            dissipation += column.weight * rate[j] * square;
        }
    }
    assert_close(energy, statistic(s, "energy"), 1e-14);
    assert_close(dissipation,
                 statistic(s, "energy_dissipation") + statistic(s, "energy_hyperviscosity"), 1e-14);
    leray_solver_destroy(&s);
}

static void refuse(const char *yaml, const char *words)
{
    leray_solver *s;

    assert_fails(try_solver(&leray_solver_ns2d, yaml, &s), LERAY_ERR_CONFIG, words);
    assert_null(s);
}

static double still(double x, double y, double t)
{
    (void)x, (void)y, (void)t;
    return 0;
}

/* Frames are the flow's own values on any grid that has its modes, |k| = 2; a coarser one does not see
   |k| = 9, which would be |k| = 3 on it. */
static void frames_have_grids_of_their_own(void **state)
{
    static const char *const grids[] = {"[20, 12]", "48", "[6, 50]"};
    static const int shape[3][2] = {
        {20, 12},
        {48, 48},
        {6,  50}
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = started(1, 0,
                                  "{n: 32, length: 6.283185307179586, nu: 0.05, drag: 0.3, dt: "
                                  "0.5, frame: {n: %s}, initial: {type: taylor-green, "
                                  "wavenumber: 2}}",
                                  grids[i]);
        leray_frame f;

        leray_solver_frame(s, &f);
        assert_true(f.grid->axis[0].n == shape[i][0] && f.grid->axis[1].n == shape[i][1]);
        assert_at_most(field_error(s, taylor_green), 1e-13);
        assert_at_most(error_at(s, taylor_green, 1), 1e-12);
    }
    assert_at_most(error_at(started(1, 0,
                                    "{n: 32, length: 6.283185307179586, frame: {n: 12}, initial: "
                                    "{type: taylor-green, wavenumber: 9}}"),
                            still, 0),
                   1e-13);
}

static void wrong_decks(void **state)
{
    static const struct {
        const char *keys, *words;
    } wrong[] = {
        {"mean_flow: [1]",                                            "mean_flow"           },
        {"length: [1, 1, 1]",                                         "length"              },
        {"nu: -1e-3",                                                 "solver.nu = -1e-3"   },
        {"drag: -1",                                                  "solver.drag"         },
        {"hyperviscosity: {coefficient: -1}",                         "hyperviscosity"      },
        {"hypoviscosity: {coefficient: -1}",                          "hypoviscosity"       },
        {"hyperviscosity: {order: 1}",                                "hyperviscosity.order"},
        {"scalar: {kappa: -1}",                                       "scalar.kappa"        },
        {"scheme: rk5",                                               "etdrk4"              },
        {"dealias: none",                                             "phase-shift"         },
        {"forcing: {type: fno, wavenumber: 6}",                       "[1, 5]"              },
        {"dealias: phase-shift, forcing: {type: fno, wavenumber: 6}", "[1, 5]"              },
        {"forcing: {type: file}",                                     "forcing.path"        },
        {"forcing: {type: ring}",                                     "0 < k_min <= k_max"  },
        {"forcing: {type: ring, k_min: 9, k_max: 8}",                 "0 < k_min <= k_max"  },
        {"forcing: {type: ring, k_min: 7, k_max: 8}",                 "no mode"             },
        {"forcing: {type: ring, k_min: 7, k_max: 40}",                "up to 31.4"          },
        {"initial: {type: taylor-green, wavenumber: 6}",              "[1, 5]"              },
        {"initial: {type: shear-layer, wavenumber: 6}",               "[1, 5]"              },
        {"initial: {type: mcwilliams, cutoff: 40}",                   "[6.28319, 31.4159]"  },
        {"initial: {type: dipole, radius: 0.5}",                      "does not fit"        },
        {"initial: {type: file}",                                     "initial.path"        },
        {"initial: {type: spectrum}",                                 "initial.path"        },
        {"scalar: {on: true, initial: {type: file}}",                 "scalar.initial.path" },
        {"scalar: {on: true, initial: {type: wave, wavenumber: 6}}",  "[1, 5]"              },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char yaml[256];

        snprintf(yaml, sizeof yaml, "{n: 16, %s}", wrong[i].keys);
        refuse(yaml, wrong[i].words);
    }
    refuse("{n: [8, 8, 8]}", "solver.n");
    refuse("{n: 16, frame: {n: 1}}", "frame.n");
    refuse("{n: [4, 16384], length: 1e-6, hyperviscosity: {coefficient: 1e6, order: 16}}",
           "not finite");
}

/* A parameter may leave what a deck may say. */
static void wrong_parameters(void **state)
{
    leray_solver *s = started(1, 0, "{n: 16, initial: {type: dipole}}");

    (void)state;
    assert_ok(leray_solver_set_parameter(s, "initial.radius", 0.6));
    assert_fails(leray_solver_start(s, 1, 0), LERAY_ERR_CONFIG, "does not fit");
    assert_fails(leray_solver_set_parameter(s, "nu", -1), LERAY_ERR_ARG, "nu = -1");
    assert_fails(leray_solver_set_parameter(s, "beta", 1), LERAY_ERR_ARG, "'beta'");
    leray_solver_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(adaptive_steps_land),
        cmocka_unit_test(cfl_is_measured),
        cmocka_unit_test(vorticity_stays_real),
        cmocka_unit_test(divergence_is_an_error),
        cmocka_unit_test(parameters_change_the_run),
        cmocka_unit_test(single_precision),
        cmocka_unit_test(restarts_are_exact),
        cmocka_unit_test(view_shows_velocity),
        cmocka_unit_test(wrong_decks),
        cmocka_unit_test(frames_have_grids_of_their_own),
        cmocka_unit_test(wrong_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
