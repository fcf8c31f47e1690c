/* tests/solvers_ns2d_initial.c - initial fields of the ns2d solver: energies, spectra, formulas, and that
   a simulation begins as one function on every grid. */
#include "ns2d_tools.h"

#include "core/file.h"
#include "data/formats/npy.h"

#include <unistd.h>

#define BOX "length: 6.283185307179586"

static double largest(leray_solver *s)
{
    leray_frame f;
    double max = 0;

    leray_solver_frame(s, &f);
    for (size_t i = 0; i < (size_t)f.grid->axis[0].n * (size_t)f.grid->axis[1].n; i++)
        max = fmax(max, fabs(f.field[0].values[i]));
    return max;
}

/* A simulation's initial field is one function, whatever the grid: here at the common points. The
   tail that 32 points lack is bounded by its own variance. */
static void random_field_is_one_function(void **state)
{
    leray_solver *s[2] = {started(11, 4, "{n: 32, initial: {alpha: 12}}"),
                          started(11, 4, "{n: [64, 96], initial: {alpha: 12}}")};
    leray_frame f[2];
    double worst = 0, scale = largest(s[1]);

    (void)state;
    for (int i = 0; i < 2; i++) leray_solver_frame(s[i], &f[i]);
    for (size_t j = 0; j < 32; j++)
        for (size_t i = 0; i < 32; i++)
            worst = fmax(worst, fabs(f[0].field[0].values[j * 32 + i] -
                                     f[1].field[0].values[2 * j * 96 + 3 * i]));
    assert_at_most(worst, 1e-9 * scale);
    leray_solver_destroy(&s[0]);
    leray_solver_destroy(&s[1]);
}

/* All the others by their coefficients, to round-off. */
static void coefficients_do_not_depend_on_the_grid(void **state)
{
    static const char *const initial[] = {
        "type: random, alpha: 3",
        "type: mcwilliams, cutoff: 14",
        "type: dipole, radius: 1",
        "type: shear-layer, thickness: 0.3, wavenumber: 2",
        "type: taylor-green, wavenumber: 3",
    };
    double scale, worst;

    (void)state;
    for (size_t k = 0; k < sizeof initial / sizeof initial[0]; k++) {
        leray_solver *a = started(2, 5, "{n: 48, " BOX ", initial: {%s}}", initial[k]);
        leray_solver *b = started(2, 5, "{n: [80, 64], " BOX ", initial: {%s}}", initial[k]);

        worst = states_differ(a, b, 0, &scale);
        assert_true(scale > 0);
        assert_at_most(worst, 1e-14 * scale);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
    }
}

/* The energy to round-off; |psi|^2 k^2 (1 + (k/k0)^4)^p the same at all k on the average over simulations. */
static void check_mcwilliams(int p)
{
    char yaml[256];
    leray_solver *s;
    double sum[2] = {0};
    int count[2] = {0};

    snprintf(yaml, sizeof yaml,
             "{n: 64, " BOX
             ", initial: {type: mcwilliams, energy: 0.7, peak: 5, cutoff: 16, steepness: %d}}",
             p);
    s = make_solver(&leray_solver_ns2d, yaml);
    for (uint32_t i = 0; i < 20; i++) {
        assert_ok(leray_solver_start(s, 3, i));
        assert_close(statistic(s, "energy"), 0.7, 1e-14);
        assert_true(mode(s, 0, 0, 16) != 0 && mode(s, 0, 4, 16) == 0);
        for (int ky = -16; ky <= 16; ky++)
            for (int kx = 1; kx <= 16; kx++) {
                double k = hypot(kx, ky);
                int band = k < 6 ? 0 : 1;

                if (k > 16 || mode(s, 0, ky, kx) == 0) continue;
                sum[band] += pow(cabs(mode(s, 0, ky, kx)) / k, 2) * pow(1 + pow(k / 5, 4), p);
                count[band]++;
            }
    }
    print_message("inner %.4g, outer %.4g\n", sum[0] / count[0], sum[1] / count[1]);
    /* Numbers of variance 1: about 1000 in the inner band give 3 %. */
    assert_close(sum[0] / count[0] / (sum[1] / count[1]), 1, 0.1);
    leray_solver_destroy(&s);
}

static void mcwilliams_has_its_energy_and_spectrum(void **state)
{
    leray_solver *s;

    (void)state;
    check_mcwilliams(1);
    check_mcwilliams(2);
    s = started(3, 0, "{n: 64, " BOX ", initial: {type: mcwilliams}}");
    assert_close(statistic(s, "energy"), 0.5, 1e-14);
    assert_true(mode(s, 0, 21, 21) != 0);
    leray_solver_destroy(&s);
}

static void write_text(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/leray-ns2d-spectrum-%ld.txt", (long)getpid());
    assert_ok(leray_file_write(path, text, strlen(text)));
}

/* Every shell holds E(n dk) dk: k^2 up to 4, k^-3 from there on, a straight line to 0 at 16. */
static void spectrum_is_that_of_the_file(void **state)
{
    char path[64];
    leray_solver *s;
    double shell[40] = {0};

    (void)state;
    write_text(path, "k, E\n# measured\n0.5 0.25\n4,16 # top\n8 2\r\n16\t0\n");
    s = started(6, 2, "{n: 96, " BOX ", initial: {type: spectrum, path: %s}}", path);
    for (int ky = -31; ky <= 31; ky++)
        for (int kx = 0; kx <= 31; kx++) {
            double k = hypot(kx, ky);

            if (k > 0 && k < 31)
                shell[(int)(k + 0.5)] += (kx ? 2 : 1) * pow(cabs(mode(s, 0, ky, kx)) / k, 2) / 2;
        }
    assert_close(shell[1], 1, 1e-14);
    assert_close(shell[2], 4, 1e-14);
    assert_close(shell[4], 16, 1e-14);
    assert_close(shell[5], 16 * pow(0.8, 3), 1e-14);
    assert_close(shell[8], 2, 1e-14);
    assert_close(shell[12], 1, 1e-14);
    for (int n = 16; n <= 30; n++) assert_true(shell[n] == 0);
    leray_solver_destroy(&s);

    /* A longer box has shells, and modes in them, that are closer. */
    s = started(6, 2,
                "{n: [96, 48], length: [12.566370614359172, 6.283185307179586], initial: {"
                "type: spectrum, path: %s}}",
                path);
    shell[9] = 0;
    for (int ky = -31; ky <= 31; ky++)
        for (int kx = 0; kx <= 15; kx++) {
            double k = hypot(kx, ky / 2.0);

            if ((int)(2 * k + 0.5) == 9)
                shell[9] += (kx ? 2 : 1) * pow(cabs(mode(s, 0, ky, kx)) / k, 2) / 2;
        }
    assert_close(shell[9], 16 * pow(4 / 4.5, 3) / 2, 1e-14);
    leray_solver_destroy(&s);
    unlink(path);
}

static void wrong_spectra(void **state)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"1 2 3\n2 3 4\n", ":1: 3 columns"       },
        {"1\n2\n",         ":1: 1 column;"       },
        {"1 2\n2 -3\n",    ":2: E = -3 at k = 2" },
        {"1 2\n\n1 3\n",   ":3: k = 1 does not"  },
        {"0 2\n1 3\n",     ":1: wavenumber k = 0"},
        {"1 2\ntwo 3\n",   ":2: 'two 3' is not"  },
        {"1 2\n2 3x\n",    "is not two numbers"  },
        {"1 2\n2 inf\n",   "not finite"          },
        {"# none\n",       "0 rows"              },
        {"1 2\n",          "1 rows"              },
        {"100 1\n200 1\n", "E is 0 at all"       },
    };
    char path[64], yaml[256];
    leray_solver *s;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_text(path, wrong[i].text);
        snprintf(yaml, sizeof yaml, "{n: 16, " BOX ", initial: {type: spectrum, path: %s}}", path);
        assert_fails(try_solver(&leray_solver_ns2d, yaml, &s), LERAY_ERR_DATA, wrong[i].words);
        assert_non_null(strstr(leray_error_message(), path));
        assert_null(s);
    }
    unlink(path);
    assert_fails(try_solver(&leray_solver_ns2d, yaml, &s), LERAY_ERR_DATA, path);
}

#define RADIUS 0.8
/* In the middle of the box of length 2 pi, with speed 1. */
static double lamb_chaplygin(double x, double y, double t)
{
    double l = 3.8317059702075123 / RADIUS, r;

    (void)t;
    x -= TWO_PI / 2, y -= TWO_PI / 2;
    r = hypot(x, y);
    return r > 0 && r < RADIUS ? -2 * l / j0(l * RADIUS) * j1(l * r) * y / r : 0;
}

/* Its enstrophy is U^2 pi (l R)^2 over the area. The truncated field is nearest to the formula, which
   has a kink on the circle. */
static void dipole_is_lambs(void **state)
{
    leray_solver *s =
        started(0, 0, "{n: 256, " BOX ", nu: 0, initial: {type: dipole, radius: 0.8}}");
    double l2 = 14.681970642123893, scale = largest(s);

    (void)state;
    print_message("error %.3g of %.3g\n", field_error(s, lamb_chaplygin), scale);
    assert_at_most(field_error(s, lamb_chaplygin), 0.02 * scale);
    assert_close(statistic(s, "enstrophy"), 3.14159265358979 * l2 / (TWO_PI * TWO_PI), 1e-5);
    leray_solver_destroy(&s);
}

/* Where half of the enstrophy lies on either side: the phase of the first mode of w^2 along x. */
static double position(leray_solver *s)
{
    leray_frame f;
    double complex sum = 0;

    leray_solver_frame(s, &f);
    for (int j = 0; j < f.grid->axis[0].n; j++)
        for (int i = 0; i < f.grid->axis[1].n; i++) {
            double w = f.field[0].values[(size_t)j * (size_t)f.grid->axis[1].n + (size_t)i];

            sum += w * w * cexp(I * (TWO_PI * i / f.grid->axis[1].n));
        }
    return carg(-sum) + TWO_PI / 2;
}

/* It moves along x at its speed, less what the images of a lattice with zero mean velocity do: the
   dipole moment over the area, pi R^2 U/L^2 on each side of the square. */
static void dipole_moves_at_its_speed(void **state)
{
    leray_solver *s = started(0, 0,
                              "{n: 128, " BOX ", nu: 0, dt: 0.01, initial: {type: dipole, "
                              "radius: 0.5, amplitude: 1.5}}");
    double before = position(s), speed;

    (void)state;
    assert_close(before, TWO_PI / 2, 1e-12);
    assert_ok(leray_solver_advance(s, 0.5));
    speed = (position(s) - before) / 0.5;
    print_message("speed %.4f of 1.5\n", speed);
    assert_close(speed, 1.5 * (1 - 3.14159265 * 0.25 / (TWO_PI * TWO_PI)), 5e-3);
    leray_solver_destroy(&s);
}

#define RHO 0.4
/* Two layers, their next images, and v = 0.05 * 2 sin(3 x): A = 2, m = 3. */
static double shear_layers(double x, double y, double t)
{
    double w = 2 * 0.05 * 3 * cos(3 * x);

    (void)t;
    for (int image = -1; image <= 1; image++) {
        double a = (y - TWO_PI / 4 - TWO_PI * image) / RHO;
        double b = (y - 3 * TWO_PI / 4 - TWO_PI * image) / RHO;

        w += 2 / RHO * (pow(cosh(b), -2) - pow(cosh(a), -2));
    }
    return w;
}

static void shear_layers_have_their_profile(void **state)
{
    leray_solver *s = started(0, 0,
                              "{n: [128, 32], " BOX ", initial: {type: shear-layer, amplitude: "
                              "2, thickness: 0.4, wavenumber: 3}}");

    (void)state;
    assert_at_most(field_error(s, shear_layers), 1e-9);
    leray_solver_destroy(&s);
}

/* Fields on another grid than the solver's: their common modes are kept. */
/* The mean is kept of the scalar, which is field 1, and dropped of the vorticity. */
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
    snprintf(yaml, sizeof yaml,
             "{n: 16, initial: {type: file, path: %s}, scalar: {on: true, initial: {type: file, "
             "path: %s}}}",
             path, path);
    s = make_solver(&leray_solver_ns2d, yaml);
    for (int m = 0; m < 2; m++) {
        double worst = 0;

        assert_ok(leray_solver_start(s, 0, (uint32_t)m));
        leray_solver_frame(s, &f);
        assert_int_equal(f.nfields, 2);
        for (int field = 0; field < 2; field++)
            for (int j = 0; j < 16; j++)
                for (int i = 0; i < 16; i++)
                    worst = fmax(worst, fabs(f.field[field].values[16 * j + i] - field -
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
        cmocka_unit_test(random_field_is_one_function),
        cmocka_unit_test(coefficients_do_not_depend_on_the_grid),
        cmocka_unit_test(mcwilliams_has_its_energy_and_spectrum),
        cmocka_unit_test(spectrum_is_that_of_the_file),
        cmocka_unit_test(wrong_spectra),
        cmocka_unit_test(dipole_is_lambs),
        cmocka_unit_test(dipole_moves_at_its_speed),
        cmocka_unit_test(shear_layers_have_their_profile),
        cmocka_unit_test(starts_from_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
