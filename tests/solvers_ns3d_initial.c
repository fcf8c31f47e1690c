/* tests/solvers_ns3d_initial.c - where the ns3d solver starts: each family of initial fields. */
#include "ns3d_tools.h"

#include "core/grid.h"
#include "data/spectrum.h"

static leray_solver *started(const char *yaml, uint32_t simulation)
{
    leray_solver *s = make_ns3d(yaml);

    assert_ok(leray_solver_start(s, 5, simulation));
    return s;
}

/* ---- waves --------------------------------------------------------------------------------- */

static const double *waves_length;

static void taylor_green(const double *x, double t, double *u)
{
    double k[3];

    (void)t;
    for (int a = 0; a < 3; a++) k[a] = TWO_PI * 2 / waves_length[2 - a];
    u[0] = 1.5 * sin(k[0] * x[0]) * cos(k[1] * x[1]) * cos(k[2] * x[2]);
    u[1] = -1.5 * k[0] / k[1] * cos(k[0] * x[0]) * sin(k[1] * x[1]) * cos(k[2] * x[2]);
    u[2] = 0;
}

static void kida(const double *x, double t, double *u)
{
    double k[3];

    (void)t;
    for (int a = 0; a < 3; a++) k[a] = TWO_PI / waves_length[2 - a];
    for (int a = 0; a < 3; a++) {
        int b = (a + 1) % 3, c = (a + 2) % 3;
        double y = k[b] * x[b], z = k[c] * x[c];

        u[a] = 2 * k[0] / k[a] * sin(k[a] * x[a]) * (cos(3 * y) * cos(z) - cos(y) * cos(3 * z));
    }
}

static void waves_are_their_formulas(void **state)
{
    static const double cube[] = {TWO_PI, TWO_PI, TWO_PI}, box[] = {1, 2, 3};
    static const char *const text[] = {"", "length: [1, 2, 3], "};
    char yaml[256];

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_solver *s;

        waves_length = i ? box : cube;
        snprintf(yaml, sizeof yaml,
                 "{n: [14, 16, 18], %sinitial: {type: taylor-green, amplitude: 1.5, "
                 "wavenumber: 2}}",
                 text[i]);
        s = started(yaml, 0);
        assert_at_most(flow_error(s, taylor_green), 1e-14);
        assert_at_most(statistic(s, "divergence"), 1e-14);
        leray_solver_destroy(&s);
        snprintf(yaml, sizeof yaml, "{n: [14, 16, 18], %sinitial: {type: kida, amplitude: 2}}",
                 text[i]);
        s = started(yaml, 0);
        assert_at_most(flow_error(s, kida), 3e-14);
        assert_at_most(statistic(s, "divergence"), 1e-14);
        leray_solver_destroy(&s);
    }
}

/* On the cube of 2 pi: <u^2> = 1/2 (1/4 + 1/4) of each component, and all modes have k^2 = 11. */
static void kida_numbers(void **state)
{
    leray_solver *s = started("{n: 16, initial: {type: kida}}", 0);

    (void)state;
    assert_close(statistic(s, "energy"), 0.375, 1e-15);
    assert_close(statistic(s, "enstrophy"), 0.375 * 11, 1e-15);
    assert_close(statistic(s, "taylor_scale"), sqrt(5.0 / 11), 1e-15);
    assert_close(statistic(s, "rms_velocity"), 0.5, 1e-15);
    assert_close(statistic(s, "reynolds_taylor"), 0.5 * sqrt(5.0 / 11) / 1e-2, 1e-15);
    assert_close(statistic(s, "integral_scale"), 3 * TWO_PI / 8 / sqrt(11), 1e-15);
    assert_close(statistic(s, "kolmogorov_scale"), pow(1e-6 / (2e-2 * 4.125), 0.25), 1e-15);
    leray_solver_destroy(&s);
}

/* ---- spectra ------------------------------------------------------------------------------- */

/* Energy in each shell of a cube, from the frame: another code than the one that filled it. */
static void shell_energies(leray_solver *s, double *energy, int most)
{
    leray_frame f;
    leray_extents grid;
    leray_spectrum *spectrum;
    double shell[256];
    int shells;

    leray_solver_frame(s, &f);
    grid = leray_grid_extents(f.grid);
    assert_ok(leray_spectrum_create(&grid, &spectrum));
    shells = leray_spectrum_shells(spectrum);
    memset(energy, 0, (size_t)most * sizeof *energy);
    for (int a = 0; a < 3; a++) {
        leray_spectrum_sum(spectrum, f.field[a].values, shell);
        for (int i = 0; i < most && i < shells; i++) energy[i] += shell[i] / 2;
    }
    leray_spectrum_destroy(&spectrum);
}

static double passot_pouquet(double k)
{
    return 16 * sqrt(2 / 3.14159265358979323846) * 0.49 / 3 * pow(k / 3, 4) * exp(-2 * k * k / 9);
}

static double power_law(double k) { return k <= 8 ? 0.5 * pow(k, -5.0 / 3) : 0; }

/* Table 3 of Comte-Bellot and Corrsin at t U0/M = 98, by hand: k = 1/cm, E = 79.2 cm^3/s^2. */
static void shells_have_the_spectrum(void **state)
{
    static const struct {
        const char *yaml;
        double (*spectrum)(double);
        int whole; /* shells that the box keeps whole */
    } test[] = {
        {"{n: 32, initial: {type: spectrum, amplitude: 0.7, peak: 3}}",                            passot_pouquet, 11},
        {"{n: 32, dealias: phase-shift, initial: {type: spectrum, amplitude: 0.7, peak: 3}}",
         passot_pouquet,                                                                                           15},
        {"{n: 32, initial: {type: spectrum, spectrum: file, path: /tmp/leray-ns3d-E.txt}}",
         power_law,                                                                                                11},
        {"{n: 32, initial: {type: spectrum, amplitude: 0.7, peak: 3, relaxation: 0.1}, cfl: 0.5}",
         passot_pouquet,                                                                                           11},
    };
    FILE *file = fopen("/tmp/leray-ns3d-E.txt", "w");

    (void)state;
    fprintf(file, "# k, E\n1, 0.5\n8, %.17g\n", 0.5 * pow(8, -5.0 / 3));
    fclose(file);
    for (size_t i = 0; i < sizeof test / sizeof test[0]; i++) {
        leray_solver *s = started(test[i].yaml, 3);
        double energy[20];

        shell_energies(s, energy, 20);
        assert_true(energy[0] == 0 || energy[0] < 1e-30);
        for (int k = 1; k < test[i].whole; k++)
            assert_at_most(fabs(energy[k] - test[i].spectrum(k)), 1e-14);
        for (int k = test[i].whole; k < 20; k++) assert_at_most(energy[k], 1e-30);
        assert_at_most(statistic(s, "divergence"), 1e-14);
        assert_true(leray_solver_time(s) == 0 && leray_solver_steps(s) == 0);
        leray_solver_destroy(&s);
    }
    unlink("/tmp/leray-ns3d-E.txt");
}

static void comte_bellot_corrsin(void **state)
{
    const double length = 10.8 * 5.08 / TWO_PI, velocity = sqrt(1.5) * 22.2;
    const double unit = velocity * velocity * length;
    leray_solver *s;
    double energy[32], k, low;

    (void)state;
    s = started("{n: 96, initial: {type: spectrum, spectrum: comte-bellot-corrsin}}", 0);
    shell_energies(s, energy, 32);
    /* Rows of t U0/M = 42 at 0.70 and 1.00: shell 8 lies between them, linear in logarithms. */
    k = 8 / length;
    assert_true(k > 0.7 && k < 1);
    assert_close(energy[8] * unit / (380 * pow(k / 0.7, log(270.0 / 380) / log(1 / 0.7))), 1,
                 1e-12);
    /* The first shell lies below the table, whose first rows are 0.20, 129 and 0.25, 230. */
    low = 129 * pow(1 / length / 0.20, log(230.0 / 129) / log(0.25 / 0.20));
    assert_close(energy[1] * unit / low, 1, 1e-12);
    /* What 96 points keep of 1.5 u'^2 = 739 cm^2/s^2, the tables' integral being 777. */
    print_message("energy at 96^3: %.4f of its unit\n", statistic(s, "energy"));
    assert_at_most(fabs(statistic(s, "energy") - 0.85), 0.1);
    leray_solver_destroy(&s);
    s = started("{n: 32, initial: {type: spectrum, spectrum: comte-bellot-corrsin, station: 171, "
                "energy: 0.3}}",
                0);
    assert_close(statistic(s, "energy"), 0.3, 1e-14);
    leray_solver_destroy(&s);
}

/* One simulation's modes are the same numbers on every grid. */
static void modes_do_not_know_the_grid(void **state)
{
    static const char *const kinds[] = {"type: random", "type: spectrum"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char yaml[256];
        leray_solver *a, *b, *c;

        snprintf(yaml, sizeof yaml,
                 "{n: [20, 16, 24], length: [3, 2, 4], scalar: {on: true, initial: {type: "
                 "random}}, initial: {%s, peak: 6}}",
                 kinds[i]);
        a = started(yaml, 1);
        snprintf(yaml, sizeof yaml,
                 "{n: [36, 32, 40], length: [3, 2, 4], scalar: {on: true, initial: {type: "
                 "random}}, initial: {%s, peak: 6}}",
                 kinds[i]);
        b = started(yaml, 1), c = started(yaml, 2);
        if (i == 0) assert_true(modes_differ(a, b) == 0);
        else /* but for shells that the smaller one does not keep whole */
            for (int m = -3; m <= 3; m++)
                assert_true(leray_modes_get(state_of(a), 1, 2, m, 2) ==
                            leray_modes_get(state_of(b), 1, 2, m, 2));
        assert_true(cabs(leray_modes_get(state_of(a), 1, 1, 1, 1)) > 0);
        assert_true(modes_differ(a, c) > 0.1);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
        leray_solver_destroy(&c);
    }
}

typedef struct expected {
    double energy, variance;
} expected;

static void expect_mode(void *self, int s, int m, int i, double weight)
{
    expected *e = self;
    double k2 = s * s + m * m + i * i;

    if (k2 == 0) return;
    e->energy += weight * 4 * 0.3 * 0.3 * pow(k2 + 9, -2) / 2;
    e->variance += weight * 2 * 0.5 * 0.5 * pow(k2 + 1, -3);
}

/* <|xi|^2> = 4 in the plane normal to k, 2 for the scalar. */
static void random_field_has_its_law(void **state)
{
    static const int neighbours[][3] = {
        {1, 0, 0},
        {0, 1, 0},
        {0, 0, 1}
    };
    leray_solver *s = make_ns3d("{n: 16, initial: {alpha: 2, tau: 3, sigma: 0.3}, scalar: {on: "
                                "true, initial: {type: random, "
                                "alpha: 3, tau: 1, sigma: 0.5}}}");
    expected e = {0, 0};
    double energy = 0, variance = 0, together = 0, alone = 0;

    (void)state;
    for_modes(&((ns3d *)s)->box, expect_mode, &e);
    for (uint32_t i = 0; i < 200; i++) {
        assert_ok(leray_solver_start(s, 8, i));
        energy += statistic(s, "energy") / 200;
        variance += statistic(s, "scalar_variance") / 200;
        for (int n = 0; n < 3; n++) { /* the scalar at k has nothing of the velocity at k + 1 */
            const int *k = neighbours[n];
            double complex c = leray_modes_get(state_of(s), 3, 1, 1, 2);
            double complex u = leray_modes_get(state_of(s), n, 1 + k[0], 1 + k[1], 2 + k[2]);

            together += creal(conj(c) * u), alone += cabs(c) * cabs(u);
        }
    }
    print_message("energy %.4f of %.4f, variance %.4f of %.4f, correlation %.3f\n", energy,
                  e.energy, variance, e.variance, together / alone);
    assert_at_most(fabs(together / alone), 0.1);
    assert_at_most(fabs(energy / e.energy - 1), 0.02); /* three standard deviations */
    assert_at_most(fabs(variance / e.variance - 1), 0.1);
    leray_solver_destroy(&s);
}

/* ---- layers -------------------------------------------------------------------------------- */

static double mean_of(const leray_frame *f, int a, int j, bool square)
{
    int nz = f->grid->axis[0].n, ny = f->grid->axis[1].n, nx = f->grid->axis[2].n;
    double sum = 0;

    for (int k = 0; k < nz; k++)
        for (int i = 0; i < nx; i++) {
            double u =
                f->field[a].values[((size_t)k * (size_t)ny + (size_t)j) * (size_t)nx + (size_t)i];

            sum += square ? u * u : u;
        }
    return sum / nz / nx;
}

static void mixing_layer(void **state)
{
    leray_solver *s =
        started("{n: [12, 240, 12], length: [4, 20, 6], initial: {type: mixing-layer, "
                "amplitude: 0.8, thickness: 0.2, perturbation: 0}}",
                0);
    leray_frame f;
    double thickness = 0, in = 0, out = 0;

    (void)state;
    leray_solver_frame(s, &f);
    for (int j = 0; j < 240; j++) {
        double y = 20.0 * j / 240, u = mean_of(&f, 0, j, false);
        double exact = 0.8 * (tanh((y - 5) / 0.4) - tanh((y - 15) / 0.4) - 1);

        assert_at_most(fabs(u - exact), 1.5e-7); /* the sum of what 79 modes leave */
        thickness += (0.25 - u * u / 4 / 0.64) * 20 / 240 / 2;
    }
    assert_close(thickness, 0.2, 1e-6);
    leray_solver_destroy(&s);

    s = started("{n: [32, 64, 32], length: [6, 20, 6], initial: {type: mixing-layer, amplitude: 0, "
                "thickness: 0.3, perturbation: 0.1, peak: 4}}",
                1);
    assert_at_most(statistic(s, "divergence"), 1e-16);
    leray_solver_frame(s, &f);
    for (int a = 0; a < 3; a++) {
        in += mean_of(&f, a, 16, true) / 3;
        out += mean_of(&f, a, 0, true) / 3;
    }
    print_message("rms %.3g in a layer, %.3g between\n", sqrt(in), sqrt(out));
    assert_true(sqrt(in) > 0.05 && sqrt(in) < 0.15);
    assert_at_most(sqrt(out), 0.01);
    leray_solver_destroy(&s);
}

/* ---- files --------------------------------------------------------------------------------- */

/* A frame on a finer grid goes to a file and comes back as the same modes; divergence and mean do not. */
static void starts_from_a_file(void **state)
{
    leray_solver *a = started("{n: [14, 16, 12], length: [1, 2, 3], frame: {n: [18, 15, 20]}, "
                              "mean_flow: [1, 2, 3]}",
                              0),
                 *b;
    enum { POINTS = 18 * 15 * 20 };
    static double values[2][3][POINTS];
    int64_t shape[] = {2, 3, 18, 15, 20};
    char path[64], yaml[256];
    leray_frame f;

    (void)state;
    for (int m = 0; m < 2; m++) {
        assert_ok(leray_solver_start(a, 5, (uint32_t)m));
        leray_solver_frame(a, &f);
        for (int c = 0; c < 3; c++) {
            memcpy(values[m][c], f.field[c].values, sizeof values[m][c]);
            if (c == 2) /* a gradient along z */
                for (int p = 0; p < POINTS; p++) values[m][c][p] += sin(TWO_PI * (p / 300) / 18);
        }
    }
    snprintf(path, sizeof path, "/tmp/leray-ns3d-%ld.npy", (long)getpid());
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 5, shape, values));
    snprintf(yaml, sizeof yaml,
             "{n: [14, 16, 12], length: [1, 2, 3], initial: {type: file, path: %s}}", path);
    b = started(yaml, 1);
    assert_at_most(modes_differ(a, b), 1e-14);
    assert_true(leray_modes_get(state_of(b), 2, 0, 0, 0) == 0);
    assert_fails(leray_solver_start(b, 5, 2), LERAY_ERR_DATA, "no field 2");
    leray_solver_destroy(&b);
    shape[1] = 2, shape[2] = 27;
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 5, shape, values));
    assert_fails(try_solver(&leray_solver_ns3d, yaml, &b), LERAY_ERR_DATA, path);
    unlink(path);
    assert_fails(try_solver(&leray_solver_ns3d, yaml, &b), LERAY_ERR_DATA, path);
    leray_solver_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_are_their_formulas),
        cmocka_unit_test(kida_numbers),
        cmocka_unit_test(shells_have_the_spectrum),
        cmocka_unit_test(comte_bellot_corrsin),
        cmocka_unit_test(modes_do_not_know_the_grid),
        cmocka_unit_test(random_field_has_its_law),
        cmocka_unit_test(mixing_layer),
        cmocka_unit_test(starts_from_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
