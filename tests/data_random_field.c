/* tests/data_random_field.c - the law of the random fields, and that they are functions. */
#include "check.h"

#include "core/file.h"
#include "data/random_field.h"
#include "data/spectrum.h"

#include <stdlib.h>

#define TWO_PI 6.283185307179586477

static const leray_random_field fno = {
    .alpha = 2.5, .tau = 7, .sigma = 18.520259177452136, .length = {1, 1}
};

/* sum over k != 0, max(|ky|, |kx|) <= kmax, of 2 sigma^2 lambda_k^2. */
static double variance(const leray_random_field *law, int kmax)
{
    double sum = 0;

    for (int ky = -kmax; ky <= kmax; ky++)
        for (int kx = -kmax; kx <= kmax; kx++) {
            double y = TWO_PI * ky / law->length[0], x = TWO_PI * kx / law->length[1];

            if (ky == 0 && kx == 0) continue;
            sum +=
                2 * law->sigma * law->sigma * pow(y * y + x * x + law->tau * law->tau, -law->alpha);
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
    static const leray_random_field laws[] = {
        {2.5, 7, 18.520259177452136, {1, 1}  },
        {1.2, 3, 2,                  {2, 0.5}}
    };
    enum { N = 32, DRAWS = 1500 };
    leray_random_sampler *sampler = NULL;
    static double u[N * N];

    (void)state;
    assert_ok(leray_random_sampler_create(N, N, &sampler));
    for (int l = 0; l < 2; l++) {
        double want = variance(&laws[l], (N - 1) / 2), sum = 0, squares = 0, mean, error;

        for (uint32_t i = 0; i < DRAWS; i++) {
            double v;

            assert_ok(leray_random_sampler_draw(sampler, &laws[l], 3, i, 0, u));
            v = mean_square(u, N * N);
            sum += v, squares += v * v;
        }
        mean = sum / DRAWS;
        error = sqrt((squares / DRAWS - mean * mean) / DRAWS);
        print_message("variance %.5f, theory %.5f, standard error %.5f\n", mean, want, error);
        assert_at_most(fabs(mean - want), 4 * error);
        assert_at_most(error, 0.03 * want);
    }
    leray_random_sampler_destroy(&sampler);
}

/* The variance of every shell of modes, not only of their sum. */
static void sampled_spectrum(void **state)
{
    enum { N = 24, DRAWS = 1500 };
    leray_random_sampler *sampler = NULL;
    leray_spectrum *spectrum = NULL;
    static double u[N * N], shell[64], mean[64], want[64];

    (void)state;
    assert_ok(leray_random_sampler_create(N, N, &sampler));
    assert_ok(leray_spectrum_create(
        &(leray_grid){
            2, {N, N}
    },
        &spectrum));
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

/* Drawn up to the same kmax, the field has the same values where the points of two grids meet. */
static void one_function_on_all_grids(void **state)
{
    leray_random_sampler *coarse = NULL, *fine = NULL;
    static double u[16 * 16], v[48 * 32];
    double worst = 0;

    (void)state;
    assert_ok(leray_random_sampler_create(16, 16, &coarse));
    assert_ok(leray_random_sampler_create(48, 32, &fine));
    assert_ok(leray_random_sampler_draw(coarse, &fno, 5, 1, 7, u));
    assert_ok(leray_random_sampler_draw(fine, &fno, 5, 1, 7, v));
    for (int j = 0; j < 16; j++)
        for (int i = 0; i < 16; i++)
            worst = fmax(worst, fabs(u[16 * j + i] - v[32 * 3 * j + 2 * i]));
    assert_at_most(worst, 1e-14);
    assert_true(mean_square(u, 256) > 1e-3);
    assert_ok(leray_random_sampler_draw(coarse, &fno, 5, 2, 7, u)); /* another simulation */
    assert_true(fabs(u[1] - v[2]) > 1e-6);
    assert_fails(leray_random_sampler_draw(coarse, &fno, 5, 1, 8, u), LERAY_ERR_ARG, "kmax = 8");
    leray_random_sampler_destroy(&coarse);
    leray_random_sampler_destroy(&fine);
}

/* Every wavenumber of the half-plane comes once, ring by ring. The order is part of what a seed
   means, so it stays. */
static void modes_come_once(void **state)
{
    leray_random_modes modes = leray_random_modes_begin(&fno, 1, 0);
    static const int begin[4][2] = {
        {-1, 1},
        {0,  1},
        {1,  1},
        {1,  0}
    };
    int seen[19][10] = {{0}};

    (void)state;
    for (int r = 1; r <= 9; r++)
        for (int i = 0; i < 4 * r; i++) {
            int ky, kx;

            (void)leray_random_modes_next(&modes, &ky, &kx);
            if (r == 1) assert_true(ky == begin[i][0] && kx == begin[i][1]);
            assert_true(kx > 0 || ky > 0);
            assert_int_equal(abs(ky) > kx ? abs(ky) : kx, r);
            assert_int_equal(seen[ky + 9][kx]++, 0);
        }
    for (int ky = -9; ky <= 9; ky++)
        for (int kx = 0; kx <= 9; kx++) assert_int_equal(seen[ky + 9][kx], kx > 0 || ky > 0);
}

/* Both are given as coefficients, so Parseval ties the two with no sampling error. */
static void parseval(void **state)
{
    enum { NY = 20, NX = 27 };
    leray_random_sampler *sampler = NULL;
    leray_random_modes modes = leray_random_modes_begin(&fno, 6, 2);
    static double u[NY * NX];
    double sum = 0;

    (void)state;
    assert_ok(leray_random_sampler_create(NY, NX, &sampler));
    assert_ok(leray_random_sampler_draw(sampler, &fno, 6, 2, 9, u));
    for (int i = 0; i < 2 * 9 * 10; i++) {
        int ky, kx;
        double complex c = leray_random_modes_next(&modes, &ky, &kx);

        sum += 2 * creal(c * conj(c));
    }
    assert_close(mean_square(u, NY * NX) / sum, 1, 1e-14);
    leray_random_sampler_destroy(&sampler);
}

static void allocations_may_fail(void **state)
{
    leray_status status = LERAY_ERR_MEMORY;
    long live = leray_mem_live();

    (void)state;
    for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
        leray_random_sampler *sampler;

        leray_mem_fail_at(k);
        status = leray_random_sampler_create(8, 8, &sampler);
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
        cmocka_unit_test(modes_come_once),
        cmocka_unit_test(parseval),
        cmocka_unit_test(allocations_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
