/* tests/data_random_field.c - the law of the random fields in one to three dimensions, and that they
   are functions. */
#include "check.h"

#include "core/file.h"
#include "data/random_field.h"
#include "data/spectrum.h"

#include <stdlib.h>

#define TWO_PI 6.283185307179586477

static const leray_random_field fno = {
    .alpha = 2.5, .tau = 7, .sigma = 18.520259177452136, .ndim = 2, .length = {1, 1}
};
static const leray_random_field line = {
    .alpha = 1.3, .tau = 5, .sigma = 4, .ndim = 1, .length = {0.7}};
static const leray_random_field box = {
    .alpha = 2.7, .tau = 4, .sigma = 9, .ndim = 3, .length = {1, 0.5, 2}
};

static int power(int base, int exponent) { return exponent ? base * power(base, exponent - 1) : 1; }

/* sum over k != 0, max |k_a| <= kmax, of 2 sigma^2 lambda_k^2. */
static double variance(const leray_random_field *law, int kmax)
{
    int width = 2 * kmax + 1;
    double sum = 0;

    for (int i = 0; i < power(width, law->ndim); i++) {
        double square = 0;

        for (int a = 0, rest = i; a < law->ndim; a++, rest /= width) {
            double wave = TWO_PI * (rest % width - kmax) / law->length[a];

            square += wave * wave;
        }
        if (square > 0)
            sum += 2 * law->sigma * law->sigma * pow(square + law->tau * law->tau, -law->alpha);
    }
    return sum;
}

static double mean_square(const double *u, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += u[i] * u[i];
    return sum / (double)n;
}

/* The published law has a standard deviation of 0.262. */
static void theory(void **state)
{
    (void)state;
    assert_close(sqrt(variance(&fno, 400)), 0.262, 5e-4);
}

static void sampled_variance(void **state)
{
    static const leray_random_field uneven = {
        .alpha = 1.2, .tau = 3, .sigma = 2, .ndim = 2, .length = {2, 0.5}
    };
    static const struct {
        const leray_random_field *law;
        int n;
    } of[] = {
        {&fno,    32},
        {&uneven, 32},
        {&line,   64},
        {&box,    12}
    };
    enum { DRAWS = 1500 };
    static double u[64 * 64];

    (void)state;
    for (int l = 0; l < 4; l++) {
        leray_extents grid =
            leray_extents_make(of[l].law->ndim, (int[]){of[l].n, of[l].n, of[l].n});
        leray_random_sampler *sampler = NULL;
        double want = variance(of[l].law, (of[l].n - 1) / 2), sum = 0, squares = 0, mean, error;

        assert_ok(leray_random_sampler_create(&grid, &sampler));
        for (uint32_t i = 0; i < DRAWS; i++) {
            double v;

            assert_ok(leray_random_sampler_draw(sampler, of[l].law, 3, i, 0, u));
            v = mean_square(u, leray_extents_points(&grid));
            sum += v, squares += v * v;
        }
        leray_random_sampler_destroy(&sampler);
        mean = sum / DRAWS;
        error = sqrt((squares / DRAWS - mean * mean) / DRAWS);
        print_message("variance %.5f, theory %.5f, standard error %.5f\n", mean, want, error);
        assert_at_most(fabs(mean - want), 4 * error);
        assert_at_most(error, 0.03 * want);
    }
}

/* The variance of every shell of modes, not only of their sum. */
static void sampled_spectrum(void **state)
{
    enum { N = 24, DRAWS = 1500 };
    leray_extents grid = leray_extents_make(2, (int[]){N, N});
    leray_random_sampler *sampler = NULL;
    leray_spectrum *spectrum = NULL;
    static double u[N * N], shell[64], mean[64], want[64];

    (void)state;
    assert_ok(leray_random_sampler_create(&grid, &sampler));
    assert_ok(leray_spectrum_create(&grid, &spectrum));
    for (uint32_t i = 0; i < DRAWS; i++) {
        assert_ok(leray_random_sampler_draw(sampler, &fno, 4, i, 0, u));
        leray_spectrum_sum(spectrum, u, shell);
        for (int s = 0; s < leray_spectrum_shells(spectrum); s++) mean[s] += shell[s] / DRAWS;
        assert_close(shell[0], 0, 1e-28); /* zero mean */
    }
    for (int ky = -11; ky <= 11; ky++)
        for (int kx = -11; kx <= 11; kx++) {
            double k2 = TWO_PI * TWO_PI * (ky * ky + kx * kx);

            if (ky == 0 && kx == 0) continue;
            want[(int)(hypot(ky, kx) + 0.5)] += 2 * 343 * pow(k2 + 49, -2.5);
        }
    for (int s = 1; s <= 11; s++) assert_close(mean[s] / want[s], 1, 0.1);
    leray_random_sampler_destroy(&sampler);
    leray_spectrum_destroy(&spectrum);
}

/* Largest difference of two samples of one law where the points of their grids meet; those of the
   fine one are multiples of the coarse one's. */
static double distance(const leray_extents *coarse, const double *u, const leray_extents *fine,
                       const double *v)
{
    double worst = 0;

    for (size_t i = 0; i < leray_extents_points(coarse); i++) {
        size_t at = 0, rest = i, stride = 1;

        for (int a = coarse->ndim - 1; a >= 0; a--) {
            size_t n = (size_t)coarse->n[a], m = (size_t)fine->n[a];

            at += rest % n * (m / n) * stride;
            rest /= n;
            stride *= m;
        }
        worst = fmax(worst, fabs(u[i] - v[at]));
    }
    return worst;
}

/* Drawn up to the same kmax, the field has the same values where the points of two grids meet. */
static void one_function_on_all_grids(void **state)
{
    static const struct {
        const leray_random_field *law;
        int coarse[3], fine[3];
    } of[] = {
        {&fno,  {16, 16},   {48, 32}    },
        {&line, {16},       {64}        },
        {&box,  {8, 10, 8}, {16, 10, 24}},
    };
    static double u[1024], v[4096];

    (void)state;
    for (int l = 0; l < 3; l++) {
        leray_extents grid = leray_extents_make(of[l].law->ndim, of[l].coarse);
        leray_extents finer = leray_extents_make(of[l].law->ndim, of[l].fine);
        leray_random_sampler *coarse = NULL, *fine = NULL;
        int kmax = of[l].coarse[0] / 2 - 1;

        assert_ok(leray_random_sampler_create(&grid, &coarse));
        assert_ok(leray_random_sampler_create(&finer, &fine));
        assert_ok(leray_random_sampler_draw(coarse, of[l].law, 5, 1, kmax, u));
        assert_ok(leray_random_sampler_draw(fine, of[l].law, 5, 1, kmax, v));
        assert_at_most(distance(&grid, u, &finer, v), 1e-14);
        assert_true(mean_square(u, leray_extents_points(&grid)) > 1e-3);
        /* another simulation */
        assert_ok(leray_random_sampler_draw(coarse, of[l].law, 5, 2, kmax, u));
        assert_true(distance(&grid, u, &finer, v) > 1e-6);
        assert_fails(leray_random_sampler_draw(coarse, of[l].law, 5, 1, kmax + 1, u), LERAY_ERR_ARG,
                     "kmax = ");
        assert_fails(leray_random_sampler_draw(coarse, of[(l + 1) % 3].law, 5, 1, 0, u),
                     LERAY_ERR_ARG, "dimensions");
        leray_random_sampler_destroy(&coarse);
        leray_random_sampler_destroy(&fine);
    }
}

/* In two dimensions the order of the first ring is what seeds of old runs mean, so it stays. */
static void order_in_two_dimensions(void **state)
{
    leray_random_modes modes = leray_random_modes_begin(&fno, 1, 0);
    static const int want[4 + 8][2] = {
        {-1, 1},
        {0,  1},
        {1,  1},
        {1,  0},
        {-2, 2},
        {-1, 2},
        {0,  2},
        {1,  2},
        {2,  2},
        {2,  1},
        {-2, 1},
        {2,  0}
    };

    (void)state;
    for (int i = 0; i < 12; i++) {
        int k[2];

        (void)leray_random_modes_next(&modes, k);
        assert_true(k[0] == want[i][0] && k[1] == want[i][1]);
    }
}

/* One of k and -k comes, once, ring by ring. */
static void modes_come_once(void **state)
{
    static const leray_random_field *const laws[] = {&line, &fno, &box};
    enum { TOP = 6, WIDTH = 2 * TOP + 1 };

    (void)state;
    for (int l = 0; l < 3; l++) {
        leray_random_modes modes = leray_random_modes_begin(laws[l], 1, 0);
        int seen[WIDTH * WIDTH * WIDTH] = {0}, n = power(WIDTH, l + 1), ring = 1;

        for (long i = 0; i < leray_random_modes_within(l + 1, TOP); i++) {
            int k[3], at = 0, top = 0, sign = 0;

            (void)leray_random_modes_next(&modes, k);
            for (int a = 0; a <= l; a++) {
                at = at * WIDTH + k[a] + TOP;
                top = abs(k[a]) > top ? abs(k[a]) : top;
                sign = k[a] ? k[a] : sign;
            }
            assert_true(sign > 0);
            assert_in_range(top, ring, TOP);
            assert_true(top == ring || i == leray_random_modes_within(l + 1, ring));
            ring = top;
            assert_int_equal(seen[at]++, 0);
        }
        for (int at = 0; at < n; at++) assert_int_equal(seen[at] + seen[n - 1 - at], at != n / 2);
    }
}

/* Both are given as coefficients, so Parseval ties the two with no sampling error. */
static void parseval(void **state)
{
    static const leray_random_field *const laws[] = {&line, &fno, &box};
    static double u[20 * 27 * 21];

    (void)state;
    for (int l = 0; l < 3; l++) {
        leray_extents grid = leray_extents_make(l + 1, (int[]){20, 27, 21});
        leray_random_sampler *sampler = NULL;
        leray_random_modes modes = leray_random_modes_begin(laws[l], 6, 2);
        double sum = 0;

        assert_ok(leray_random_sampler_create(&grid, &sampler));
        assert_ok(leray_random_sampler_draw(sampler, laws[l], 6, 2, 9, u));
        for (long i = 0; i < leray_random_modes_within(l + 1, 9); i++) {
            int k[3];
            double complex c = leray_random_modes_next(&modes, k);

            sum += 2 * creal(c * conj(c));
        }
        assert_close(mean_square(u, leray_extents_points(&grid)) / sum, 1, 1e-13);
        leray_random_sampler_destroy(&sampler);
    }
}

static void allocations_may_fail(void **state)
{
    leray_extents grid = leray_extents_make(2, (int[]){8, 8});
    leray_status status = LERAY_ERR_MEMORY;
    long live = leray_mem_live();

    (void)state;
    for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
        leray_random_sampler *sampler;

        leray_mem_fail_at(k);
        status = leray_random_sampler_create(&grid, &sampler);
        leray_mem_fail_at(0);
        leray_random_sampler_destroy(&sampler);
        assert_int_equal(leray_mem_live(), live);
    }
    assert_int_equal(status, LERAY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(theory),
        cmocka_unit_test(sampled_variance),
        cmocka_unit_test(sampled_spectrum),
        cmocka_unit_test(one_function_on_all_grids),
        cmocka_unit_test(order_in_two_dimensions),
        cmocka_unit_test(modes_come_once),
        cmocka_unit_test(parseval),
        cmocka_unit_test(allocations_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
