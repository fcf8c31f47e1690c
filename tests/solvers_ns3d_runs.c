/* tests/solvers_ns3d_runs.c - how the ns3d solver runs: threads, precision, steps, frames, parameters, decks
   that it refuses, and divergence. */
#include "ns3d_tools.h"

#include "core/threads.h"

#define TURBULENT "initial: {sigma: 0.5}"

/* A grid that is large enough for three threads and does not divide among them. */
static void threads_do_not_matter(void **state)
{
    static const char *const more[] = {
        "nu: 1e-3, dealias: phase-shift, forcing: {type: shell}",
        "nu: 1e-3, precision: single, les: {type: smagorinsky}",
        "nu: 1e-3, les: {type: dynamic-smagorinsky}, scheme: rk3cn",
        "nu: 1e-3, initial: {type: spectrum, relaxation: 0.02}",
    };
    int before = leray_threads();

    (void)state;
    for (size_t k = 0; k < sizeof more / sizeof more[0]; k++) {
        char *bytes[3];
        size_t size = 0;

        for (int i = 0; i < 3; i++) {
            char yaml[256];
            leray_solver *s;

            leray_threads_set(i + 1);
            snprintf(yaml, sizeof yaml, "{n: [38, 41, 36], dt: 0.01, cfl: 0.7, %s}", more[k]);
            s = run_ns3d(yaml, 0.04);
            size = leray_solver_save_size(s);
            bytes[i] = test_malloc(size);
            assert_ok(leray_solver_save(s, bytes[i]));
            leray_solver_destroy(&s);
        }
        leray_threads_set(before);
        assert_memory_equal(bytes[0], bytes[1], size);
        assert_memory_equal(bytes[0], bytes[2], size);
        for (int i = 0; i < 3; i++) test_free(bytes[i]);
    }
}

/* Single precision is double's flow to its own round-off. */
static void single_precision(void **state)
{
    static const char *const more[] = {"nu: 5e-3", "nu: 5e-3, scheme: rk3cn, dealias: phase-shift",
                                       "nu: 5e-3, les: {type: wale}, forcing: {type: shell}"};

    (void)state;
    for (size_t k = 0; k < sizeof more / sizeof more[0]; k++) {
        leray_solver *s[2];
        char yaml[256];
        double difference;

        for (int i = 0; i < 2; i++) {
            snprintf(yaml, sizeof yaml,
                     "{n: [24, 20, 28], dt: 0.01, %s, precision: %s, " TURBULENT "}", more[k],
                     i ? "single" : "double");
            s[i] = run_ns3d(yaml, 0.3);
        }
        difference = modes_differ(s[0], s[1]);
        print_message("single against double: %.2g\n", difference);
        assert_at_most(difference, 1e-5);
        assert_true(difference > 1e-9);
        assert_at_most(statistic(s[1], "divergence"), 1e-6 * sqrt(statistic(s[1], "enstrophy")));
        assert_true(leray_solver_save_size(s[1]) < 0.6 * (double)leray_solver_save_size(s[0]));
        leray_solver_destroy(&s[0]);
        leray_solver_destroy(&s[1]);
    }
}

static void adaptive_steps_land(void **state)
{
    leray_solver *s = make_ns3d("{n: 20, dt: 1, cfl: 0.8, nu: 5e-3, " TURBULENT "}");
    double most = 0;

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    for (int i = 1; i <= 5; i++) {
        assert_ok(leray_solver_advance(s, 0.2 * i));
        assert_true(leray_solver_time(s) == 0.2 * i);
        most = fmax(most, statistic(s, "cfl"));
    }
    assert_true(leray_solver_steps(s) > 5);
    assert_at_most(most, 0.8 * (1 + 1e-9));
    assert_true(most > 0.4);
    leray_solver_destroy(&s);
}

/* dt max(|u|/dx + |v|/dy + |w|/dz) over the points, mean flow included. */
static void cfl_is_measured(void **state)
{
    leray_solver *s = make_ns3d("{n: [9, 14, 11], length: [1, 2, 3], mean_flow: [0.7, -0.4, 2], "
                                "initial: {type: taylor-green}}");
    leray_frame f;
    double max = 0;

    (void)state;
    assert_ok(leray_solver_start(s, 1, 0));
    leray_solver_frame(s, &f);
    for (int p = 0; p < 9 * 14 * 11; p++)
        max = fmax(max, fabs(f.field[0].values[p]) * 11 / 3 + fabs(f.field[1].values[p]) * 14 / 2 +
                            fabs(f.field[2].values[p]) * 9 / 1);
    assert_ok(leray_solver_step(s, 0.01));
    assert_close(statistic(s, "cfl"), 0.01 * max, 1e-13);
    assert_close(statistic(s, "dt"), 0.01, 0);
    leray_solver_destroy(&s);
}

static void divergence_is_an_error(void **state)
{
    leray_solver *s = make_ns3d("{n: 16, dt: 2, nu: 1e-3, initial: {sigma: 3}}");

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    assert_fails(leray_solver_advance(s, 1000), LERAY_ERR_DIVERGED, "simulation 2 of seed 5");
    assert_non_null(strstr(leray_error_message(), "dt = 2"));
    assert_non_null(strstr(leray_error_message(), "CFL number"));
    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_step(s, 0.001));
    leray_solver_destroy(&s);
}

/* What was changed between two starts is what the second run has, not a trace of the first. */
static void parameters_change_the_run(void **state)
{
    leray_solver *a =
        make_ns3d("{n: 18, nu: 0.1, les: {type: smagorinsky, constant: 0.3}, initial: "
                  "{type: kida, amplitude: 3}, dt: 0.02}");
    leray_solver *b =
        make_ns3d("{n: 18, nu: 0.01, les: {type: smagorinsky, constant: 0.1}, initial: "
                  "{type: kida}, dt: 0.02, drag: 0.2, hyperviscosity: {coefficient: 1e-4}}");

    (void)state;
    assert_ok(leray_solver_start(a, 1, 0));
    for (int i = 0; i < 3; i++) assert_ok(leray_solver_step(a, 0.02));
    assert_ok(leray_solver_set_parameter(a, "nu", 0.01));
    assert_ok(leray_solver_set_parameter(a, "les.constant", 0.1));
    assert_ok(leray_solver_set_parameter(a, "drag", 0.2));
    assert_ok(leray_solver_set_parameter(a, "hyperviscosity.coefficient", 1e-4));
    assert_ok(leray_solver_set_parameter(a, "initial.amplitude", 1));
    for (int i = 0; i < 2; i++) {
        leray_solver *s = i ? b : a;

        assert_ok(leray_solver_start(s, 1, 0));
        for (int j = 0; j < 3; j++) assert_ok(leray_solver_step(s, 0.02));
    }
    assert_true(modes_differ(a, b) == 0);
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

/* ---- frames -------------------------------------------------------------------------------- */

/* What a frame of the field through a filter must be at a point: the sum of its modes. */
typedef struct pointwise {
    const leray_modes *modes;
    const int *n; /* of the frame */
    const double *length;
    double x[3];
    double (*transfer)(const double *k);
    double u[4];
} pointwise;

static void add_mode(void *self, int s, int m, int i, double weight)
{
    pointwise *p = self;
    double k[] = {TWO_PI * i / p->length[2], TWO_PI * m / p->length[1], TWO_PI * s / p->length[0]};
    double complex wave;

    if (2 * abs(s) >= p->n[0] || 2 * abs(m) >= p->n[1] || 2 * i >= p->n[2]) return;
    wave = cexp(I * (k[0] * p->x[0] + k[1] * p->x[1] + k[2] * p->x[2])) * p->transfer(k) * weight;
    for (int a = 0; a < p->modes->fields; a++)
        p->u[a] += creal(leray_modes_get(p->modes, a, s, m, i) * wave);
}

#define WIDTH 0.61
static double none(const double *k) { return k[0] * 0 + 1; }
static double square(const double *k) { return k[0] * k[0] + k[1] * k[1] + k[2] * k[2]; }
static double sharp(const double *k) { return sqrt(square(k)) < TWO_PI / 2 / WIDTH; }
static double gaussian(const double *k) { return exp(-square(k) * WIDTH * WIDTH / 24); }
static double box(const double *k)
{
    double product = 1;

    for (int a = 0; a < 3; a++)
        if (k[a] != 0) product *= sin(k[a] * WIDTH / 2) / (k[a] * WIDTH / 2);
    return product;
}

static void frames_are_filtered(void **state)
{
    static const struct {
        const char *frame;
        double (*transfer)(const double *k);
        int n[3];
    } test[] = {
        {"n: 0",                                         none,     {18, 16, 20}},
        {"n: [10, 7, 8]",                                none,     {10, 7, 8}  }, /* truncated */
        {"n: [32, 16, 24]",                              none,     {32, 16, 24}}, /* interpolated */
        {"filter: gaussian, width: 0.61",                gaussian, {18, 16, 20}},
        {"n: [10, 7, 8], filter: gaussian, width: 0.61", gaussian, {10, 7, 8}  },
        {"n: [10, 7, 8], filter: box, width: 0.61",      box,      {10, 7, 8}  },
        {"n: [12, 8, 9], filter: sharp, width: 0.61",    sharp,    {12, 8, 9}  },
    };
    static const double length[] = {3, 2, 4}, mean[] = {0.3, -0.2, 0.5, 0};
    static const int point[][3] = {
        {0, 0, 0},
        {1, 3, 2},
        {5, 6, 7},
        {9, 2, 4}
    };

    (void)state;
    for (size_t t = 0; t < sizeof test / sizeof test[0]; t++) {
        const int *n = test[t].n;
        char yaml[512];
        leray_solver *s;
        leray_frame f;

        snprintf(yaml, sizeof yaml,
                 "{n: [18, 16, 20], length: [3, 2, 4], mean_flow: [0.3, -0.2, 0.5], frame: {%s}, "
                 "scalar: {on: true, initial: {type: random}}, dt: 0.01}",
                 test[t].frame);
        s = run_ns3d(yaml, 0.05);
        leray_solver_frame(s, &f);
        assert_int_equal(f.nfields, 4);
        assert_string_equal(f.field[2].name, "velocity_z");
        assert_string_equal(f.field[3].name, "scalar");
        assert_true(f.first == 0 && f.count == n[0]);
        for (int a = 0; a < 3; a++) {
            assert_int_equal(f.grid->axis[a].n, n[a]);
            assert_true(f.grid->axis[a].length == length[a]);
        }
        for (size_t i = 0; i < 4; i++) {
            const int *at = point[i];
            pointwise p = {
                .modes = state_of(s), .n = n, .length = length, .transfer = test[t].transfer};

            for (int a = 0; a < 3; a++) p.x[a] = at[2 - a] * length[2 - a] / n[2 - a];
            for_modes(p.modes->box, add_mode, &p);
            for (int a = 0; a < 4; a++)
                assert_close(f.field[a].values[(at[0] * n[1] + at[1]) * n[2] + at[2]],
                             p.u[a] + mean[a], 1e-14);
        }
        leray_solver_destroy(&s);
    }
}

/* Looking does not change a bit of the run, whatever it is looked through. */
static void looking_changes_nothing(void **state)
{
    static const char *const yaml =
        "{n: 20, nu: 1e-3, cfl: 0.5, les: {type: dynamic-smagorinsky}, frame: {n: 12, filter: box, "
        "width: 0.5}, " TURBULENT "}";
    leray_solver *a = run_ns3d(yaml, 0.1), *b = run_ns3d(yaml, 0.1);

    (void)state;
    for (int i = 2; i < 5; i++) {
        leray_frame f;
        leray_modes part;

        leray_solver_frame(b, &f);
        statistic(b, "energy");
        assert_ok(leray_modes_init(&part, &((ns3d *)b)->box, 3, false));
        assert_ok(((ns3d *)b)->view.subgrid(b, &part));
        leray_modes_fini(&part);
        assert_ok(leray_solver_advance(a, 0.1 * i));
        assert_ok(leray_solver_advance(b, 0.1 * i));
        assert_true(modes_differ(a, b) == 0);
    }
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

/* ---- wrong decks --------------------------------------------------------------------------- */

static void wrong_decks(void **state)
{
    static const struct {
        const char *yaml, *words;
    } wrong[] = {
        {"{n: [8, 8]}",                                                                 "solver.n"      },
        {"{mean_flow: [1]}",                                                            "mean_flow"     },
        {"{length: [1, 1]}",                                                            "length"        },
        {"{nu: -1}",                                                                    "nu"            },
        {"{n: 16, forcing: {type: kolmogorov, wavenumber: 6}}",                         "[1, 5]"        },
        {"{n: 16, initial: {type: taylor-green, wavenumber: 6}}",                       "1 to 5 periods"},
        {"{n: 16, initial: {type: kida, wavenumber: 2}}",                               "1 to 1 periods"},
        {"{n: 16, dealias: phase-shift, initial: {type: taylor-green, wavenumber: 5}}",
         "1 to 4 periods"                                                                               },
        {"{initial: {type: file}}",                                                     "initial.path"  },
        {"{initial: {type: spectrum, spectrum: file}}",                                 "initial.path"  },
        {"{frame: {n: [8, 8]}}",                                                        "frame.n"       },
        {"{frame: {n: 1}}",                                                             "frame.n"       },
        {"{frame: {filter: box}}",                                                      "frame.width"   },
        {"{frame: {width: 1}}",                                                         "frame.width"   },
        {"{les: {type: wale}, scalar: {on: true}}",                                     "scalar.on"     },
        {"{les: {constant: 0.1}}",                                                      "les.constant"  },
    };
    leray_solver *s;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_fails(try_solver(&leray_solver_ns3d, wrong[i].yaml, &s), LERAY_ERR_CONFIG,
                     wrong[i].words);
        assert_null(s);
    }
}

static void wrong_spectra(void **state)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"1 2 3\n2 1 0\n", ":1" },
        {"1 2\n2\n",       ":2" },
        {"1 2\n1 1\n",     ":2" },
        {"1 2\n2 -1\n",    ":2" },
        {"1 2\n",          "row"},
    };
    leray_solver *s;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FILE *file = fopen("/tmp/leray-ns3d-wrong.txt", "w");

        fputs(wrong[i].text, file);
        fclose(file);
        assert_fails(try_solver(&leray_solver_ns3d,
                                "{n: 16, initial: {type: spectrum, spectrum: file, path: "
                                "/tmp/leray-ns3d-wrong.txt}}",
                                &s),
                     LERAY_ERR_DATA, wrong[i].words);
        assert_null(s);
    }
    unlink("/tmp/leray-ns3d-wrong.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(single_precision),
        cmocka_unit_test(adaptive_steps_land),
        cmocka_unit_test(cfl_is_measured),
        cmocka_unit_test(divergence_is_an_error),
        cmocka_unit_test(parameters_change_the_run),
        cmocka_unit_test(frames_are_filtered),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(wrong_decks),
        cmocka_unit_test(wrong_spectra),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
