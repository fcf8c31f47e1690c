/* tests/data_spectrum.c - shells of known waves, and Parseval on random fields. */
#include "check.h"

#include "data/spectrum.h"
#include <leray/impl/rng.h>

#define TWO_PI 6.283185307179586477

static void waves_fall_into_their_shells(void **state)
{
    enum { NY = 24, NX = 32 };
    leray_spectrum *s = NULL;
    static double u[NY * NX], shell[64];
    static const double want[21] = {[0] = 0.25, [1] = 8, [3] = 18, [5] = 2, [7] = 4.5, [20] = 1};

    (void)state;
    assert_ok(leray_spectrum_create(
        &(leray_extents){
            2, {NY, NX}
    },
        &s));
    assert_int_equal(leray_spectrum_shells(s), 21); /* |(12, 16)| = 20 */
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++)
            u[NX * j + i] = 0.5 + 2 * sin(TWO_PI * (3.0 * j / NY - 4.0 * i / NX)) +
                            3 * cos(TWO_PI * 7 * j / NY) +
                            4 * cos(TWO_PI * ((double)j / NY + (double)i / NX)) + /* |k| = 1.41 */
                            6 * cos(TWO_PI * 2 * ((double)j / NY - (double)i / NX)) + /* 2.83 */
                            cos(TWO_PI * (j / 2.0 + i / 2.0)); /* both Nyquist wavenumbers */
    leray_spectrum_sum(s, u, shell);
    for (int i = 0; i <= 20; i++) assert_close(shell[i], want[i], 1e-13);
    leray_spectrum_destroy(&s);
}

static void parseval(void **state)
{
    static const int size[][2] = {
        {16, 16},
        {9,  7 },
        {1,  10},
        {12, 5 },
        {1,  1 }
    };
    leray_rng rng = leray_rng_make(2, LERAY_PURPOSE_TEST, 0, 0);
    static double u[256], shell[64];

    (void)state;
    for (size_t k = 0; k < sizeof size / sizeof size[0]; k++) {
        leray_spectrum *s = NULL;
        int n = size[k][0] * size[k][1];
        double mean = 0, sum = 0;

        assert_ok(leray_spectrum_create(
            &(leray_extents){
                2, {size[k][0], size[k][1]}
        },
            &s));
        for (int i = 0; i < n; i++) u[i] = leray_rng_normal(&rng), mean += u[i] * u[i] / n;
        leray_spectrum_sum(s, u, shell);
        for (int i = 0; i < leray_spectrum_shells(s); i++) sum += shell[i];
        assert_close(sum / mean, 1, 1e-14);
        leray_spectrum_destroy(&s);
    }
}

static void allocations_may_fail(void **state)
{
    leray_status status = LERAY_ERR_MEMORY;
    long live = leray_mem_live();

    (void)state;
    for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
        leray_spectrum *s;

        leray_mem_fail_at(k);
        status = leray_spectrum_create(
            &(leray_extents){
                2, {8, 8}
        },
            &s);
        leray_mem_fail_at(0);
        leray_spectrum_destroy(&s);
        assert_int_equal(leray_mem_live(), live);
    }
    assert_int_equal(status, LERAY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_fall_into_their_shells),
        cmocka_unit_test(parseval),
        cmocka_unit_test(allocations_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
