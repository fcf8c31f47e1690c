/* tests/solvers_burgers.c - exact solutions, convergence and conservation of the burgers solver. */
#include "solver_tools.h"

#include "solvers/pseudospectral/burgers/burgers.h"

#include <stdlib.h>
#include <unistd.h>

#define TWO_PI 6.283185307179586477
#define NU 0.05
#define MEAN 0.3

/* Cole and Hopf: u = -2 nu phi_x/phi, phi_t = nu phi_xx. From u = sin x, and seen from a frame that
   moves with the mean,

       u(x, t) = mean + integral of (z/t) w(z) / integral of w(z),   z over the real line,
       w(z) = exp(cos(x - mean t - z)/(2 nu) - z^2/(4 nu t)).

   All weights are positive, so nothing cancels where phi is small, and the trapezoidal rule
   converges faster than any power; beyond |z| = 5 w is below 1e-17 of its largest value. */
static double cole_hopf(double x, double t)
{
    double h = 0.0025, above = 0, below = 0;

    for (int i = -2000; i <= 2000; i++) {
        double z = i * h;
        double w = exp((cos(x - MEAN * t - z) - 1) / (2 * NU) - z * z / (4 * NU * t));

        above += z / t * w;
        below += w;
    }
    return MEAN + above / below;
}

/* Largest difference from the exact solution. */
static double error_of(leray_solver *s)
{
    leray_frame f;
    double worst = 0;

    leray_solver_frame(s, &f);
    for (int i = 0; i < f.grid->axis[0].n; i++) {
        double x = i * f.grid->axis[0].length / f.grid->axis[0].n;
        double e = fabs(f.field[0].values[i] - cole_hopf(x, f.time));

        if (!(e <= worst)) worst = e;
    }
    return worst;
}

static double error_at(int n, double dt)
{
    char yaml[256];
    leray_solver *s;
    double e;

    snprintf(yaml, sizeof yaml,
             "{n: %d, length: 6.283185307179586, nu: 0.05, dt: %.17g, initial: {type: sine, "
             "mean: 0.3}}",
             n, dt);
    s = make_solver(&leray_solver_burgers, yaml);
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_advance(s, 1));
    e = error_of(s);
    leray_solver_destroy(&s);
    return e;
}

/* The pole of the solution nearest to the real line is at a distance d of it, so the modes left out
   fall as exp(-k d): twice the points square the error, until round-off is left. */
static void sine_is_exact(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) e[i] = error_at(128 << i, 2.5e-4);
    print_message("errors on 128, 256, 512 points: %.3g %.3g %.3g\n", e[0], e[1], e[2]);
    assert_at_most(e[1], 1e-10);
    assert_at_most(e[2], 1e-12);
    assert_at_most(e[1], 10 * e[0] * e[0]);
}

static void fourth_order_in_time(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) e[i] = error_at(256, 0.02 / (1 << i));
    print_message("errors %.3g %.3g %.3g, orders %.3f %.3f\n", e[0], e[1], e[2], log2(e[0] / e[1]),
                  log2(e[1] / e[2]));
    for (int i = 0; i < 2; i++) assert_in_range((int)(1000 * log2(e[i] / e[i + 1])), 3800, 4300);
}

/* Small sines only diffuse, exactly: exp(-nu k^2 t), whatever the step. */
static void small_waves_decay(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_burgers, "{n: 32, length: 3, nu: 0.2, dt: 1, initial: {type: "
                                           "sine, amplitude: 1e-9, wavenumber: 2}}");
    double wave = TWO_PI * 2 / 3;

    (void)state;
    assert_ok(leray_solver_start(s, 1, 0));
    assert_close(statistic(s, "energy") * 4e18, 1, 1e-13); /* A^2/4 */
    assert_close(statistic(s, "energy_dissipation") * 1e18 / (0.1 * wave * wave), 1, 1e-13);
    assert_ok(leray_solver_advance(s, 2));
    assert_int_equal(leray_solver_steps(s), 2);
    assert_close(statistic(s, "energy") * 4e18 / exp(-0.8 * wave * wave), 1, 1e-8);
    leray_solver_destroy(&s);
}

static void mean_is_kept(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_burgers, "{n: 256, nu: 1e-2, dt: 1e-3, initial: {mean: 0.3}}");
    leray_frame f;
    double mean = 0;

    (void)state;
    assert_ok(leray_solver_start(s, 4, 1));
    assert_ok(leray_solver_advance(s, 0.5));
    assert_true(statistic(s, "mean") == 0.3);
    leray_solver_frame(s, &f);
    for (int i = 0; i < 256; i++) mean += f.field[0].values[i] / 256;
    assert_close(mean, 0.3, 1e-15);
    leray_solver_destroy(&s);
}

/* d<u^2/2>/dt = -nu <u_x^2>, up to dt^4. */
static void energy_budget_closes(void **state)
{
    double e[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s =
            make_solver(&leray_solver_burgers, "{n: 96, nu: 5e-3, initial: {mean: 0.3}}");

        assert_ok(leray_solver_start(s, 5, 2));
        assert_true(statistic(s, "energy_residual") == 0);
        assert_ok(leray_solver_step(s, 0.001 / (1 << i)));
        e[i] = fabs(statistic(s, "energy_residual")) / statistic(s, "energy_dissipation");
        leray_solver_destroy(&s);
    }
    print_message("residuals %.3g %.3g %.3g orders %.3f %.3f\n", e[0], e[1], e[2],
                  log2(e[0] / e[1]), log2(e[1] / e[2]));
    assert_in_range((int)(1000 * log2(e[1] / e[2])), 3800, 4300);
    assert_at_most(e[2], 1e-8);
}

/* The coefficient of u^2 at k, over all pairs p + q = k of kept modes. */
static double complex direct_square(const burgers *s, int k)
{
    double complex sum = 0;

    for (int p = -s->top; p <= s->top; p++) {
        int q = k - p;

        if (abs(q) > s->top) continue;
        sum +=
            (p < 0 ? conj(s->u_hat[-p]) : s->u_hat[p]) * (q < 0 ? conj(s->u_hat[-q]) : s->u_hat[q]);
    }
    return sum;
}

/* On even and odd grids, on those that 3 divides too: every kept mode of the square is free of
   aliasing, and the nonlinear term moves energy without making any. */
static void square_is_free_of_aliasing(void **state)
{
    (void)state;
    for (int n = 15; n <= 20; n++) {
        char yaml[128];
        leray_solver *base;
        burgers *s;
        double work = 0, size = 0;

        snprintf(yaml, sizeof yaml, "{n: %d, initial: {gamma: 0.1, sigma: 1, mean: 0.3}}", n);
        base = make_solver(&leray_solver_burgers, yaml);
        s = (burgers *)base;
        assert_ok(leray_solver_start(base, 5, 2));
        (void)burgers_square(s, s->u_hat);
        for (int k = 0; k <= s->top; k++) {
            double complex square = direct_square(s, k);
            double complex rate = -0.5 * s->wave[k] * I * s->line[k];

            assert_at_most(cabs(s->line[k] - square), 1e-14 * (1 + cabs(square)));
            work += creal(conj(s->u_hat[k]) * rate);
            size += cabs(s->u_hat[k]) * cabs(rate);
        }
        assert_at_most(fabs(work), 1e-14 * size);
        leray_solver_destroy(&base);
    }
}

/* The two largest kept modes of 16 points, 4 and 5: of their square the modes 8, 9 and 10 are beyond
   the grid's 8 or fold to 7 and 6, which are dropped; 1 and 0 are left. */
static void single_triad(void **state)
{
    leray_solver *base = make_solver(&leray_solver_burgers, "{n: 16}");
    burgers *s = (burgers *)base;

    (void)state;
    assert_ok(leray_solver_start(base, 5, 2));
    assert_int_equal(s->top, 5);
    memset(s->u_hat, 0, 6 * sizeof *s->u_hat);
    s->u_hat[4] = 0.7 - 0.2 * I;
    s->u_hat[5] = -0.4 + 0.9 * I;
    (void)burgers_square(s, s->u_hat);
    for (int k = 2; k <= 5; k++) assert_at_most(cabs(s->line[k]), 1e-15);
    assert_at_most(cabs(s->line[1] - 2 * s->u_hat[5] * conj(s->u_hat[4])), 1e-15);
    assert_at_most(cabs(s->line[0] - 2 * (0.49 + 0.04 + 0.16 + 0.81)), 1e-15);
    leray_solver_destroy(&base);
}

/* The benchmark's field: variance of every mode, 2 sigma^2 (4 pi^2 k^2 + tau^2)^-gamma for k and -k
   together, and of them all, 0.594^2. */
static void benchmark_field(void **state)
{
    enum { DRAWS = 4000 };
    leray_solver *base = make_solver(&leray_solver_burgers, "{n: 256}");
    burgers *s = (burgers *)base;
    double mean[5] = {0}, all = 0, total = 0;
    double complex phase[5] = {0}; /* mean of u_k^2: 0 where every phase is as likely */

    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        assert_ok(leray_solver_start(base, 9, i));
        for (int k = 1; k <= s->top; k++) {
            double square = 2 * creal(s->u_hat[k] * conj(s->u_hat[k]));

            all += square / DRAWS;
            if (k < 5) mean[k] += square / DRAWS;
            if (k < 5) phase[k] += 2 * s->u_hat[k] * s->u_hat[k] / DRAWS;
        }
        assert_true(s->u_hat[0] == 0);
    }
    for (int k = 1; k < 100; k++) {
        double want = 2 * 625 * pow(TWO_PI * k * TWO_PI * k + 25, -2);

        total += want;
        if (k >= 5) continue;
        assert_close(mean[k] / want, 1, 4 / sqrt(DRAWS)); /* |xi|^2/2: deviation 1 */
        assert_at_most(cabs(phase[k]) / want, 4 / sqrt(DRAWS));
    }
    print_message("standard deviation %.4f, theory %.4f\n", sqrt(all), sqrt(total));
    assert_close(sqrt(total), 0.594, 5e-4);
    assert_close(all / total, 1, 0.06);
    leray_solver_destroy(&base);
}

/* A simulation's initial field is one function: the common modes of two grids are the same. */
static void start_is_one_function(void **state)
{
    leray_solver *coarse = make_solver(&leray_solver_burgers, "{n: 32}");
    leray_solver *fine = make_solver(&leray_solver_burgers, "{n: 1000}");

    (void)state;
    assert_ok(leray_solver_start(coarse, 11, 4));
    assert_ok(leray_solver_start(fine, 11, 4));
    assert_memory_equal(((burgers *)coarse)->u_hat, ((burgers *)fine)->u_hat,
                        11 * sizeof(double complex));
    leray_solver_destroy(&coarse);
    leray_solver_destroy(&fine);
}

/* What configs/operators/burgers_data.yaml computes is resolved in space and in time. */
static void benchmark_is_resolved(void **state)
{
    static const char *const yaml[] = {"{n: 1024, dt: 2e-3}", "{n: 2048, dt: 2.5e-4}"};
    double worst = 0, size = 0;

    (void)state;
    for (uint32_t simulation = 0; simulation < 3; simulation++) {
        leray_solver *s[2];
        leray_frame f[2];

        for (int i = 0; i < 2; i++) {
            s[i] = make_solver(&leray_solver_burgers, yaml[i]);
            assert_ok(leray_solver_start(s[i], 0, simulation));
            assert_ok(leray_solver_advance(s[i], 1));
            leray_solver_frame(s[i], &f[i]);
        }
        for (int i = 0; i < 1024; i++) {
            double u = f[1].field[0].values[2 * i];

            worst = fmax(worst, fabs(f[0].field[0].values[i] - u));
            size = fmax(size, fabs(u));
        }
        leray_solver_destroy(&s[0]);
        leray_solver_destroy(&s[1]);
    }
    print_message("error of the benchmark's data %.3g of %.3g\n", worst, size);
    assert_at_most(worst, 1e-7 * size);
}

/* The CFL number of a step is dt max |u|/dx over the points, of this simulation and not of one that
   was begun before; adaptive steps keep below the bound and land on the times asked for. */
static void steps_follow_cfl(void **state)
{
    leray_solver *s = make_solver(&leray_solver_burgers, "{n: 64, nu: 0.01, dt: 1, cfl: 0.8}");
    leray_frame f;
    double max = 0, most = 0;

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    leray_solver_frame(s, &f);
    for (int i = 0; i < 64; i++) max = fmax(max, fabs(f.field[0].values[i]));
    assert_ok(leray_solver_start(s, 5, 3));
    assert_true(s->type->max_dt(s) > 0);
    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_step(s, 1e-3));
    assert_close(statistic(s, "cfl"), 0.064 * max, 1e-14);
    for (int i = 1; i <= 7; i++) {
        assert_ok(leray_solver_advance(s, 0.1 * i));
        assert_true(leray_solver_time(s) == 0.1 * i);
        most = fmax(most, statistic(s, "cfl"));
    }
    assert_at_most(most, 0.8 * (1 + 1e-9));
    assert_true(most > 0.4);
    leray_solver_destroy(&s);
}

static void parameters_change_the_run(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_burgers, "{n: 256, length: 6.283185307179586, nu: 1, "
                                           "initial: {type: sine, amplitude: 2}}");

    (void)state;
    assert_ok(leray_solver_start(s, 1, 0));
    assert_ok(leray_solver_step(s, 0.002));
    assert_ok(leray_solver_set_parameter(s, "nu", NU));
    assert_ok(leray_solver_set_parameter(s, "initial.amplitude", 1));
    assert_ok(leray_solver_set_parameter(s, "initial.mean", MEAN));
    assert_ok(leray_solver_start(s, 1, 0));
    for (int i = 0; i < 250; i++) assert_ok(leray_solver_step(s, 0.002));
    assert_at_most(error_of(s), 1e-9);
    leray_solver_destroy(&s);
}

static void divergence_is_an_error(void **state)
{
    leray_solver *s =
        make_solver(&leray_solver_burgers, "{n: 64, nu: 1e-4, dt: 0.2, initial: {sigma: 500}}");

    (void)state;
    assert_ok(leray_solver_start(s, 5, 2));
    assert_fails(leray_solver_advance(s, 500), LERAY_ERR_DIVERGED, "simulation 2 of seed 5");
    assert_non_null(strstr(leray_error_message(), "CFL number"));
    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_step(s, 1e-4));
    leray_solver_destroy(&s);
}

static void wrong_decks(void **state)
{
    static const struct {
        const char *yaml, *words;
    } wrong[] = {
        {"{n: 2}",                                        "solver.n"    },
        {"{n: [8, 8]}",                                   "solver.n"    },
        {"{n: 16, initial: {type: sine, wavenumber: 6}}", "[1, 5]"      },
        {"{initial: {type: file}}",                       "initial.path"},
    };
    leray_solver *s;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_fails(try_solver(&leray_solver_burgers, wrong[i].yaml, &s), LERAY_ERR_CONFIG,
                     wrong[i].words);
        assert_null(s);
    }
}

/* The field of the last start against 1 + cos(2 pi m x) + a sin(18 pi x). */
static void assert_waves(leray_solver *s, int m, double a)
{
    leray_frame f;

    leray_solver_frame(s, &f);
    for (int i = 0; i < f.grid->axis[0].n; i++) {
        double x = (double)i / f.grid->axis[0].n;

        assert_close(f.field[0].values[i], 1 + cos(TWO_PI * m * x) + a * sin(TWO_PI * 9 * x),
                     1e-14);
    }
}

/* Fields on another grid than the solver's: their common modes are kept, the mean with them, and the
   mode that changes sign from point to point never is. */
static void starts_from_a_file(void **state)
{
    enum { N = 40 };
    static double u[2][N];
    int64_t shape[] = {2, N};
    char path[64], yaml[256];
    leray_solver *s;

    (void)state;
    snprintf(path, sizeof path, "/tmp/leray-burgers-%ld.npy", (long)getpid());
    for (int m = 0; m < 2; m++)
        for (int i = 0; i < N; i++)
            u[m][i] =
                1 + cos(TWO_PI * (m + 1) * i / N) + sin(TWO_PI * 9 * i / N) + (i % 2 ? -1 : 1);
    for (int rank = 2; rank >= 1; rank--) {
        int n = rank == 2 ? 16 : 256;

        assert_ok(leray_npy_write(path, LERAY_NPY_F8, rank, shape + 2 - rank, u));
        snprintf(yaml, sizeof yaml, "{n: %d, initial: {type: file, path: %s}}", n, path);
        s = make_solver(&leray_solver_burgers, yaml);
        for (int m = 0; m < rank; m++) {
            assert_ok(leray_solver_start(s, 0, (uint32_t)m));
            assert_waves(s, m + 1, rank == 2 ? 0 : 1);
        }
        if (rank == 2) assert_fails(leray_solver_start(s, 0, 2), LERAY_ERR_DATA, "no field 2");
        if (rank == 1) assert_ok(leray_solver_start(s, 0, 7)); /* the one field of all */
        leray_solver_destroy(&s);
    }
    unlink(path);
    assert_fails(try_solver(&leray_solver_burgers, yaml, &s), LERAY_ERR_DATA, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_is_exact),          cmocka_unit_test(fourth_order_in_time),
        cmocka_unit_test(small_waves_decay),      cmocka_unit_test(mean_is_kept),
        cmocka_unit_test(energy_budget_closes),   cmocka_unit_test(square_is_free_of_aliasing),
        cmocka_unit_test(single_triad),           cmocka_unit_test(benchmark_field),
        cmocka_unit_test(start_is_one_function),  cmocka_unit_test(benchmark_is_resolved),
        cmocka_unit_test(steps_follow_cfl),       cmocka_unit_test(parameters_change_the_run),
        cmocka_unit_test(divergence_is_an_error), cmocka_unit_test(wrong_decks),
        cmocka_unit_test(starts_from_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
