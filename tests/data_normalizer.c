/* tests/data_normalizer.c - fitted moments against exact ones, inversion, JSON. */
#include "data_files.h"

#include "data/normalizer.h"

#include <float.h>

enum { SAMPLES = 50, POINTS = 33 };

/* Channel 0: 1e6 + 3 k over a permuted range, so mean and variance are exact integers; channel
   1: constant; channel 2: exp of channel 0's small part, for the logarithm. */
static void fill(int sample, float *x)
{
    for (int i = 0; i < POINTS; i++) {
        int k = (sample * POINTS + i) * 7 % (SAMPLES * POINTS); /* 7 and 1650 are coprime */

        x[i] = 1000000.0f + 3 * (float)k;
        x[POINTS + i] = -2.5f;
        x[2 * POINTS + i] = expf((float)k / 1000);
    }
}

static leray_normalizer *fit(leray_normalizer_kind kind)
{
    const bool log_flags[3] = {false, false, true};
    leray_normalizer *n;
    float x[3 * POINTS];

    assert_ok(leray_normalizer_create(kind, 3, log_flags, &n));
    for (int s = 0; s < SAMPLES; s++) {
        fill(s, x);
        assert_ok(leray_normalizer_observe(n, x, POINTS, NULL));
    }
    assert_ok(leray_normalizer_finish(n));
    return n;
}

/* k runs over 0 .. N-1: mean (N-1)/2, variance (N^2 - 1)/12. Stable formulas lose the condition
   number kappa = |mean|/std of the variance, sums of squares its square (Chan et al., table 1). */
static void moments_are_exact(void **state)
{
    double count = SAMPLES * POINTS, mean = (count - 1) / 2, std = sqrt((count * count - 1) / 12);
    leray_normalizer *n = fit(LERAY_NORMALIZER_MEAN_STD);

    (void)state;
    assert_close(n->count, count, 0);
    assert_close(n->shift[0], 1e6 + 3 * mean, 1e-15);
    assert_close(n->scale[0], 3 * std, DBL_EPSILON * 1e6 / (3 * std));
    assert_close(n->shift[1], -2.5, 0);
    assert_close(n->scale[1], 1, 0);
    assert_close(n->shift[2], mean / 1000, 1e-6); /* expf rounds to float */
    assert_close(n->scale[2], std / 1000, 1e-6);
    leray_normalizer_destroy(&n);
}

static void range_becomes_minus_one_to_one(void **state)
{
    leray_normalizer *n = fit(LERAY_NORMALIZER_MIN_MAX);
    double low = 1, high = -1;
    float x[3 * POINTS], z[3 * POINTS];

    (void)state;
    for (int s = 0; s < SAMPLES; s++) {
        fill(s, x);
        leray_normalizer_apply(n, x, POINTS, z);
        for (int i = 0; i < POINTS; i++) low = fmin(low, z[i]), high = fmax(high, z[i]);
        for (int i = POINTS; i < 2 * POINTS; i++) assert_true(z[i] == 0);
    }
    assert_close(low, -1, 1e-7);
    assert_close(high, 1, 1e-7);
    leray_normalizer_destroy(&n);
}

/* As if the points under the mask were not there, to the bit; they may be anything. A sample that is all under
   the mask changes nothing. */
static void masked_points_do_not_count(void **state)
{
    const float none[POINTS] = {0};

    (void)state;
    for (int kind = LERAY_NORMALIZER_MEAN_STD; kind <= LERAY_NORMALIZER_MIN_MAX; kind++) {
        leray_normalizer *masked, *without;

        assert_ok(leray_normalizer_create((leray_normalizer_kind)kind, 3, NULL, &masked));
        assert_ok(leray_normalizer_create((leray_normalizer_kind)kind, 3, NULL, &without));
        for (int s = 0; s < SAMPLES; s++) {
            float x[3 * POINTS], left[3 * POINTS], mask[POINTS];
            size_t n = 0, at = 0;

            fill(s, x);
            for (int i = 0; i < POINTS; i++) n += (mask[i] = (i + s) % 3 != 0) != 0;
            for (int i = 0; i < 3 * POINTS; i++) {
                if (mask[i % POINTS] != 0) left[at++] = x[i];
                else x[i] = s % 2 ? NAN : 1e30F;
            }
            assert_ok(leray_normalizer_observe(masked, x, POINTS, mask));
            assert_ok(leray_normalizer_observe(masked, x, POINTS, none));
            assert_ok(leray_normalizer_observe(without, left, n, NULL));
        }
        assert_ok(leray_normalizer_finish(masked));
        assert_ok(leray_normalizer_finish(without));
        assert_true(masked->count == without->count);
        assert_memory_equal(masked->shift, without->shift, 3 * sizeof(double));
        assert_memory_equal(masked->scale, without->scale, 3 * sizeof(double));
        leray_normalizer_destroy(&without);
        leray_normalizer_destroy(&masked);
    }
}

static void invert_undoes_apply(void **state)
{
    (void)state;
    for (int kind = 0; leray_normalizer_kinds[kind]; kind++) {
        leray_normalizer *n = fit((leray_normalizer_kind)kind);
        float x[3 * POINTS], z[3 * POINTS];

        fill(3, x);
        leray_normalizer_apply(n, x, POINTS, z);
        leray_normalizer_invert(n, z, POINTS, z);
        for (int i = 0; i < 3 * POINTS; i++) assert_close(z[i] / x[i], 1, 1e-6);
        leray_normalizer_destroy(&n);
    }
}

static void bad_values_are_refused(void **state)
{
    const bool log_flags[2] = {false, true};
    float x[4] = {1, 2, 3, 0}, z[4];
    leray_normalizer *n;

    (void)state;
    assert_ok(leray_normalizer_create(LERAY_NORMALIZER_MEAN_STD, 2, log_flags, &n));
    assert_fails(leray_normalizer_finish(n), LERAY_ERR_DATA, "no sample");
    assert_fails(leray_normalizer_observe(n, x, 2, NULL), LERAY_ERR_DATA,
                 "channel 1, point 1: 0 is not positive");
    leray_normalizer_apply(n, x, 2, z);
    assert_true(isnan(z[3]));
    x[0] = INFINITY;
    assert_fails(leray_normalizer_observe(n, x, 2, NULL), LERAY_ERR_DATA, "channel 0, point 0");
    assert_true(n->count == 0);
    leray_normalizer_destroy(&n);
}

static void json_keeps_every_bit(void **state)
{
    (void)state;
    for (int kind = 0; leray_normalizer_kinds[kind]; kind++) {
        leray_normalizer *n = fit((leray_normalizer_kind)kind), *back;
        leray_json *json, *parsed;
        char *text;

        assert_ok(leray_normalizer_to_json(n, &json));
        assert_ok(leray_json_text(json, 0, &text));
        assert_ok(leray_json_parse("text", text, strlen(text), &parsed));
        assert_ok(leray_normalizer_from_json(parsed, &back));
        assert_int_equal(back->kind, n->kind);
        assert_int_equal(back->channels, 3);
        assert_true(back->count == n->count);
        assert_memory_equal(back->log, n->log, 3 * sizeof *n->log);
        assert_memory_equal(back->shift, n->shift, 3 * sizeof *n->shift);
        assert_memory_equal(back->scale, n->scale, 3 * sizeof *n->scale);
        leray_mem_free(text);
        leray_json_destroy(&parsed);
        leray_json_destroy(&json);
        leray_normalizer_destroy(&back);
        leray_normalizer_destroy(&n);
    }
}

static void bad_json_is_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"{\"kind\":\"none\",\"count\":0}",                                                          "'channels' is missing"},
        {"{\"kind\":\"nine\",\"count\":0,\"channels\":[]}",                                          "kind 'nine'"          },
        {"{\"kind\":\"none\",\"count\":0,\"channels\":[{\"map\":\"exp\",\"shift\":0,\"scale\":1}]}",
         "map 'exp'"                                                                                                        },
        {"{\"kind\":\"none\",\"count\":0,\"channels\":[{\"map\":\"log\",\"shift\":0,\"scale\":0}]}",
         "scale must be positive"                                                                                           },
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        leray_json *json;
        leray_normalizer *n;

        assert_ok(leray_json_parse("text", cases[k].text, strlen(cases[k].text), &json));
        assert_fails(leray_normalizer_from_json(json, &n), LERAY_ERR_DATA, cases[k].words);
        assert_null(n);
        leray_json_destroy(&json);
    }
}

static void memory_may_run_out(void **state)
{
    leray_normalizer *n;
    leray_status status;

    (void)state;
    assert_survives_failing_allocations(
        status, status = leray_normalizer_create(LERAY_NORMALIZER_NONE, 2, NULL, &n));
    leray_normalizer_destroy(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_exact),    cmocka_unit_test(range_becomes_minus_one_to_one),
        cmocka_unit_test(invert_undoes_apply),  cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(json_keeps_every_bit), cmocka_unit_test(bad_json_is_refused),
        cmocka_unit_test(memory_may_run_out),   cmocka_unit_test(masked_points_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
