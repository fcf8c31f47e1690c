/* tests/online_reservoir.c - reservoirs, and the plan that rehearses them. */
#include "check.h"
#include "data_files.h"

#include "online/plan.h"
#include "online/reservoir.h"

#define LERAY_RESERVOIR(id) extern const leray_reservoir_type leray_reservoir_##id;
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR

static const struct {
    const char *name;
    const leray_reservoir_type *type;
} types[] = {
#define LERAY_RESERVOIR(id) {#id, &leray_reservoir_##id},
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR
};
#define N_TYPES (sizeof types / sizeof types[0])

static leray_status try_make(const leray_reservoir_type *type, int capacity, int threshold,
                             leray_reservoir **out)
{
    char yaml[64];
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    snprintf(yaml, sizeof yaml, "{capacity: %d, threshold: %d}", capacity, threshold);
    LERAY_TRY(leray_config_from_section("reservoir", yaml, leray_reservoir_keys, &cfg));
    status = leray_reservoir_create_type(type, cfg, "reservoir", out);
    leray_config_destroy(&cfg);
    return status;
}

static leray_reservoir *make(const leray_reservoir_type *type, int capacity, int threshold)
{
    leray_reservoir *r;

    assert_ok(try_make(type, capacity, threshold, &r));
    return r;
}

static leray_rng stream(uint32_t n) { return leray_rng_make(11, LERAY_PURPOSE_TEST, n, 0); }

static void put_all(leray_reservoir *r, int first, int n)
{
    leray_rng rng = stream(1);

    for (int i = first; i < first + n; i++) {
        int64_t evicted;

        assert_ok(leray_reservoir_put(r, i, &rng, &evicted));
        assert_int_equal(evicted, -1);
    }
}

static void test_fifo_keeps_the_order(void **state)
{
    leray_reservoir *r = make(&leray_reservoir_fifo, 10, 1);
    int64_t id[10], evicted, expected = 0;
    bool removed[10];
    leray_rng rng = stream(2);

    (void)state;
    for (int round = 0; round < 5; round++) {
        put_all(r, 6 * round, 6);
        for (int n = 1; n <= 3; n++) {
            assert_int_equal(leray_reservoir_draw(r, &rng, n, false, id, removed), n);
            for (int i = 0; i < n; i++) assert_int_equal(id[i], expected++);
            for (int i = 0; i < n; i++) assert_true(removed[i]);
        }
    }
    assert_int_equal(leray_reservoir_draw(r, &rng, 4, false, id, removed), 0);
    put_all(r, 0, 10);
    assert_fails(leray_reservoir_put(r, 10, &rng, &evicted), LERAY_ERR_ARG, "no room beyond 10");
    leray_reservoir_destroy(&r);
}

static void test_firo_is_a_permutation(void **state)
{
    enum { N = 500, CAPACITY = 60 };
    leray_reservoir *r = make(&leray_reservoir_firo, CAPACITY, 30);
    int64_t id[CAPACITY];
    bool removed[CAPACITY];
    int times[N] = {0}, in_place = 0, drawn = 0;
    leray_rng rng = stream(3);

    (void)state;
    put_all(r, 0, CAPACITY - 10);
    for (int put = CAPACITY - 10; put < N; put += 10) {
        put_all(r, put, 10);
        assert_int_equal(leray_reservoir_draw(r, &rng, 10, false, id, removed), 10);
        for (int i = 0; i < 10; i++, drawn++) times[id[i]]++, in_place += id[i] == drawn;
        for (int i = 0; i < 10; i++) assert_true(removed[i]);
    }
    assert_int_equal(leray_reservoir_draw(r, &rng, CAPACITY, true, id, removed), CAPACITY - 10);
    for (int i = 0; i < CAPACITY - 10; i++) times[id[i]]++;
    for (int i = 0; i < N; i++) assert_int_equal(times[i], 1);
    assert_true(in_place < 50);
    leray_reservoir_destroy(&r);
}

static void test_reservoir_never_drops_an_unseen_sample(void **state)
{
    enum { N = 4000, CAPACITY = 50 };
    leray_reservoir *r = make(&leray_reservoir_reservoir, CAPACITY, 1);
    static bool seen[N];
    int64_t id[8], evicted;
    bool removed[8];
    leray_rng rng = stream(4);
    int n_evicted = 0;

    (void)state;
    memset(seen, 0, sizeof seen);
    put_all(r, 0, CAPACITY);
    assert_fails(leray_reservoir_put(r, CAPACITY, &rng, &evicted), LERAY_ERR_ARG,
                 "all 50 samples are still unseen");
    for (int i = CAPACITY; i < N; i++) {
        int unseen = 0;

        /* Draw until somebody may leave, then put. */
        do {
            assert_int_equal(leray_reservoir_draw(r, &rng, 2, false, id, removed), 2);
            for (int k = 0; k < 2; k++) seen[id[k]] = true, assert_false(removed[k]);
        } while (r->unseen == r->count);
        assert_ok(leray_reservoir_put(r, i, &rng, &evicted));
        assert_in_range(evicted, 0, N - 1);
        assert_true(seen[evicted]);
        n_evicted++;
        for (int k = 0; k < r->count; k++) {
            assert_int_not_equal(r->id[k], evicted);
            assert_int_equal(r->seen[k], seen[r->id[k]]);
            unseen += !r->seen[k];
        }
        assert_int_equal(r->unseen, unseen);
    }
    assert_int_equal(n_evicted, N - CAPACITY);
    leray_reservoir_destroy(&r);
}

/* The first out of 40 is any of them: chi-square as below. */
static void test_firo_is_uniform(void **state)
{
    enum { N = 40, DRAWS = 20000 };
    leray_reservoir *r = make(&leray_reservoir_firo, N, 1);
    int times[N] = {0};
    int64_t id;
    bool removed;
    leray_rng rng = stream(8);
    double chi = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        leray_reservoir_clear(r);
        put_all(r, 0, N);
        assert_int_equal(leray_reservoir_draw(r, &rng, 1, false, &id, &removed), 1);
        times[id]++;
    }
    for (int i = 0; i < N; i++) chi += pow(times[i] - DRAWS / N, 2) / (DRAWS / N);
    print_message("chi-square %.1f of draws (39)\n", chi);
    assert_true(chi > 19 && chi < 69);
    leray_reservoir_destroy(&r);
}

/* 20000 draws over 40 samples, 39 degrees of freedom: chi-square lies in [19, 69] with probability
   0.996. Evictions are uniform over the seen: half of 40 are, 8000 evictions, 19 degrees of
   freedom: [6, 42] with probability 0.996. */
static void test_reservoir_is_uniform(void **state)
{
    enum { N = 40, DRAWS = 20000, EVICTIONS = 8000 };
    leray_reservoir *r = make(&leray_reservoir_reservoir, N, 1);
    int times[N] = {0}, left[N] = {0};
    int64_t id, evicted;
    bool removed;
    leray_rng rng = stream(5);
    double chi = 0, chi_left = 0;

    (void)state;
    put_all(r, 0, N);
    for (int i = 0; i < DRAWS; i++) {
        assert_int_equal(leray_reservoir_draw(r, &rng, 1, false, &id, &removed), 1);
        times[id]++;
    }
    for (int i = 0; i < N; i++) chi += pow(times[i] - DRAWS / N, 2) / (DRAWS / N);
    for (int k = 0; k < EVICTIONS; k++) {
        r->count = N, r->unseen = N / 2;
        for (int i = 0; i < N; i++) r->id[i] = i, r->seen[i] = i % 2;
        assert_ok(leray_reservoir_put(r, N, &rng, &evicted));
        assert_int_equal(evicted % 2, 1);
        left[evicted]++;
    }
    for (int i = 1; i < N; i += 2) chi_left += pow(left[i] - 2 * EVICTIONS / N, 2) * N / EVICTIONS;
    chi_left /= 2;
    print_message("chi-square %.1f of draws (39), %.1f of evictions (19)\n", chi, chi_left);
    assert_true(chi > 19 && chi < 69);
    assert_true(chi_left > 6 && chi_left < 42);
    leray_reservoir_destroy(&r);
}

static void test_reservoir_drains(void **state)
{
    leray_reservoir *r = make(&leray_reservoir_reservoir, 30, 1);
    int64_t id[7];
    bool removed[7];
    int times[30] = {0}, n, total = 0;
    leray_rng rng = stream(6);

    (void)state;
    put_all(r, 0, 30);
    leray_reservoir_draw(r, &rng, 7, false, id, removed);
    assert_int_equal(r->count, 30);
    while ((n = leray_reservoir_draw(r, &rng, 7, true, id, removed)) > 0) {
        for (int i = 0; i < n; i++) times[id[i]]++, assert_true(removed[i]);
        total += n;
        assert_int_equal(r->count, 30 - total);
    }
    for (int i = 0; i < 30; i++) assert_int_equal(times[i], 1);
    assert_int_equal(r->unseen, 0);
    leray_reservoir_destroy(&r);
}

/* A copy made of its JSON gives what the original gives, put by put and draw by draw. */
static void test_json_round_trip_continues(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES; t++) {
        leray_reservoir *a = make(types[t].type, 40, 10), *b = make(types[t].type, 40, 10);
        leray_rng rng_a = stream(7), rng_b;
        int n = types[t].type->once ? 5 : 20;
        int64_t id_a[20], id_b[20], evicted_a, evicted_b;
        bool removed_a[20], removed_b[20];
        leray_json *json;

        put_all(a, 0, 30);
        leray_reservoir_draw(a, &rng_a, 5, false, id_a, removed_a);
        assert_ok(leray_reservoir_to_json(a, &json));
        put_all(b, 100, 3);
        assert_ok(leray_reservoir_from_json(b, json));
        leray_json_destroy(&json);
        rng_b = rng_a;
        for (int i = 30; i < 300; i += 5) {
            for (int k = 0; k < 5; k++) {
                assert_ok(leray_reservoir_put(a, i + k, &rng_a, &evicted_a));
                assert_ok(leray_reservoir_put(b, i + k, &rng_b, &evicted_b));
                assert_int_equal(evicted_a, evicted_b);
            }
            assert_int_equal(leray_reservoir_draw(a, &rng_a, n, false, id_a, removed_a), n);
            assert_int_equal(leray_reservoir_draw(b, &rng_b, n, false, id_b, removed_b), n);
            assert_memory_equal(id_a, id_b, (size_t)n * sizeof *id_a);
            assert_memory_equal(removed_a, removed_b, (size_t)n);
        }
        assert_int_equal(a->unseen, b->unseen);
        leray_reservoir_destroy(&a);
        leray_reservoir_destroy(&b);
    }
}

static void test_json_errors(void **state)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"{\"ids\": [1, 2]}",                             "seen"        },
        {"{\"ids\": [1, 2], \"seen\": [0]}",              "does not fit"},
        {"{\"ids\": [1,2,3,4,5], \"seen\": [0,0,0,0,0]}", "does not fit"},
        {"{\"ids\": [1, \"2\"], \"seen\": [0, 0]}",       "integer"     },
    };
    leray_reservoir *r = make(&leray_reservoir_reservoir, 4, 1);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        leray_json *json;

        assert_ok(leray_json_parse("test", wrong[i].text, strlen(wrong[i].text), &json));
        assert_fails(leray_reservoir_from_json(r, json), LERAY_ERR_DATA, wrong[i].words);
        leray_json_destroy(&json);
    }
    leray_reservoir_destroy(&r);
    assert_fails(try_make(&leray_reservoir_fifo, 4, 5, &r), LERAY_ERR_CONFIG,
                 "reservoir.threshold = 5");
    assert_null(r);
}

/* ---- plan ------------------------------------------------------------------------------- */

static void test_plan_counts(void **state)
{
    leray_plan plan = {.seed = 1, .samples = 1000, .batch = 16, .ratio = 4, .threshold = 100};

    (void)state;
    assert_int_equal(leray_plan_batches(&plan), 250);
    assert_int_equal(leray_plan_puts(&plan, 0), 100);
    assert_int_equal(leray_plan_puts(&plan, 1), 104);
    assert_int_equal(leray_plan_puts(&plan, 100), 500);
    assert_int_equal(leray_plan_puts(&plan, 249), 1000);
    plan.ratio = 0.3; /* 18.75 batches; 16 / 0.3 = 53.3 puts each */
    assert_int_equal(leray_plan_batches(&plan), 18);
    assert_int_equal(leray_plan_puts(&plan, 1), 154);
    assert_int_equal(leray_plan_puts(&plan, 3), 260); /* exactly 160 */
    plan.threshold = 1;                               /* a batch needs its own size at least */
    assert_int_equal(leray_plan_puts(&plan, 0), 16);
    plan.ratio = 1.0 / 3; /* not a binary fraction, and 1000 / 3 / 16 = 20.8 */
    assert_int_equal(leray_plan_batches(&plan), 20);
    assert_int_equal(leray_plan_puts(&plan, 1), 64);
    /* Exactly 42 batches, and batch 7 exactly 30 puts on, though both products are rounded. */
    plan.samples = 180, plan.batch = 3, plan.ratio = 0.7;
    assert_int_equal(leray_plan_batches(&plan), 42);
    assert_int_equal(leray_plan_puts(&plan, 7), 33);
}

static void test_rehearsal(void **state)
{
    leray_plan plan = {.seed = 1, .samples = 1000, .batch = 10, .ratio = 4, .threshold = 100};
    leray_rehearsal result;

    (void)state;
    for (size_t t = 0; t < N_TYPES; t++) {
        leray_reservoir *r = make(types[t].type, 400, 100);
        bool once = types[t].type->once;

        plan.ratio = once ? 1 : 4;
        assert_ok(leray_plan_rehearse(&plan, r, &result));
        assert_int_equal(r->count, 0);
        assert_int_equal(result.batches, once ? 100 : 400);
        assert_close(result.mean_draws, once ? 1 : 4, 1e-15);
        if (once) assert_int_equal(result.never_drawn, 0);
        if (once) assert_int_equal(result.most_draws, 1);
        else assert_true(result.most_draws > 4);
        print_message("%s: %ld never drawn, at most %ld times\n", types[t].name,
                      (long)result.never_drawn, (long)result.most_draws);
        leray_reservoir_destroy(&r);
    }
}

static void test_rehearsal_errors(void **state)
{
    static const struct {
        const leray_reservoir_type *type;
        int capacity, threshold, batch;
        double ratio;
        const char *words;
    } wrong[] = {
        {&leray_reservoir_fifo,      400, 100, 10,   2,   "train.ratio = 2: this reservoir"        },
        {&leray_reservoir_firo,      400, 100, 10,   0.5, "draws every sample once"                },
        {&leray_reservoir_reservoir, 400, 100, 2000, 1,   "train.batch = 2000 is more than"        },
        {&leray_reservoir_fifo,      400, 100, 2000, 1,   "the 1000 samples of the whole stream"   },
        {&leray_reservoir_fifo,      100, 100, 150,  1,   "reservoir.capacity = 100 holds only"    },
        {&leray_reservoir_reservoir, 100, 100, 10,   0.1, "raise reservoir.capacity or train.ratio"},
        {&leray_reservoir_reservoir, 400, 400, 10,   4,   "the reservoir drains before"            },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        leray_reservoir *r = make(wrong[i].type, wrong[i].capacity, wrong[i].threshold);
        leray_plan plan = {1, 1000, wrong[i].batch, wrong[i].ratio, wrong[i].threshold};
        leray_rehearsal result;

        assert_fails(leray_plan_rehearse(&plan, r, &result), LERAY_ERR_CONFIG, wrong[i].words);
        assert_int_equal(r->count, 0);
        leray_reservoir_destroy(&r);
    }
}

/* ---- memory ----------------------------------------------------------------------------- */

static leray_status whole_life(void)
{
    leray_plan plan = {.seed = 1, .samples = 60, .batch = 5, .ratio = 1.5, .threshold = 10};
    leray_rehearsal result;
    leray_reservoir *r = NULL;
    leray_json *json = NULL;
    leray_status status = try_make(&leray_reservoir_reservoir, 40, 10, &r);

    if (!status) status = leray_plan_rehearse(&plan, r, &result);
    if (!status) put_all(r, 0, 8);
    if (!status) status = leray_reservoir_to_json(r, &json);
    if (!status) status = leray_reservoir_from_json(r, json);
    leray_json_destroy(&json);
    leray_reservoir_destroy(&r);
    return status;
}

static void test_allocation_failures(void **state)
{
    leray_status status;

    (void)state;
    assert_survives_failing_allocations(status, status = whole_life());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifo_keeps_the_order),
        cmocka_unit_test(test_firo_is_a_permutation),
        cmocka_unit_test(test_firo_is_uniform),
        cmocka_unit_test(test_reservoir_never_drops_an_unseen_sample),
        cmocka_unit_test(test_reservoir_is_uniform),
        cmocka_unit_test(test_reservoir_drains),
        cmocka_unit_test(test_json_round_trip_continues),
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_plan_counts),
        cmocka_unit_test(test_rehearsal),
        cmocka_unit_test(test_rehearsal_errors),
        cmocka_unit_test(test_allocation_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
