/* tests/online_frame_store.c - the store against a plain table, and its memory. */
#include "check.h"
#include "data_files.h"

#include "online/frame_store.h"
#include <leray/impl/rng.h>

#define SIZE 5
#define SIMULATIONS 40
#define STEPS 25

static float value_of(int simulation, int step, int i)
{
    return (float)(simulation * 1000 + step * 10 + i);
}

static void fill(float *values, int simulation, int step)
{
    for (int i = 0; i < SIZE; i++) values[i] = value_of(simulation, step, i);
}

static void check_content(const leray_frame_store *store, int (*users)[STEPS])
{
    int held = 0;

    for (int s = 0; s < SIMULATIONS; s++)
        for (int k = 0; k < STEPS; k++) {
            const leray_stored_frame *f = leray_frame_store_find(store, s, k);

            assert_int_equal(f != NULL, users[s][k] > 0);
            if (!f) continue;
            held++;
            assert_int_equal(f->users, users[s][k]);
            for (int i = 0; i < SIZE; i++) assert_true(f->values[i] == value_of(s, k, i));
        }
    assert_int_equal(store->count, held);
}

/* Random calls; a table of counts says what must be there, with its values. */
static void test_against_a_table(void **state)
{
    static int users[SIMULATIONS][STEPS];
    leray_frame_store store;
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, 0, 0);

    (void)state;
    memset(users, 0, sizeof users);
    assert_ok(leray_frame_store_init(&store, SIZE));
    assert_null(leray_frame_store_find(&store, 0, 0));
    for (int call = 0; call < 20000; call++) {
        int s = (int)leray_rng_below(&rng, SIMULATIONS), k = (int)leray_rng_below(&rng, STEPS);
        float *values;

        if (users[s][k] == 0) {
            assert_ok(leray_frame_store_add(&store, s, k, &values));
            fill(values, s, k);
            users[s][k] = 1;
        } else if (leray_rng_below(&rng, 3) == 0) {
            leray_frame_store_hold(&store, s, k);
            users[s][k]++;
        } else {
            leray_frame_store_release(&store, s, k);
            users[s][k]--;
        }
        if (call % 500 == 0) check_content(&store, users);
    }
    leray_frame_store_clear(&store);
    memset(users, 0, sizeof users);
    check_content(&store, users);
    leray_frame_store_fini(&store);
}

/* A window of 60 frames moves over 10000; the store allocates for its largest size only. */
static void test_slots_are_reused(void **state)
{
    leray_frame_store store;
    long before = 0;

    (void)state;
    assert_ok(leray_frame_store_init(&store, SIZE));
    for (int k = 0; k < 10000; k++) {
        float *values;

        assert_ok(leray_frame_store_add(&store, k / 100, k % 100, &values));
        if (k >= 60) leray_frame_store_release(&store, (k - 60) / 100, (k - 60) % 100);
        if (k == 100) before = leray_mem_total();
        if (k == 5000) leray_frame_store_clear(&store);
        for (int j = 5000 - 59; k == 5000 && j <= 5000; j++)
            assert_ok(leray_frame_store_add(&store, j / 100, j % 100, &values));
    }
    assert_int_equal(leray_mem_total(), before);
    assert_int_equal(store.count, 60);
    leray_frame_store_fini(&store);
}

static leray_status grow_three_times(void)
{
    leray_frame_store store;
    leray_status status = leray_frame_store_init(&store, SIZE);

    for (int k = 0; k < 300 && !status; k++) {
        float *values;

        status = leray_frame_store_add(&store, k, 0, &values);
        if (status) assert_null(leray_frame_store_find(&store, k, 0));
        else fill(values, k, 0);
        for (int j = 0; j < k + !status; j += 7)
            assert_true(leray_frame_store_find(&store, j, 0)->values[1] == value_of(j, 0, 1));
    }
    leray_frame_store_fini(&store);
    return status;
}

static void test_allocation_failures(void **state)
{
    leray_status status;

    (void)state;
    assert_survives_failing_allocations(status, status = grow_three_times());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_table),
        cmocka_unit_test(test_slots_are_reused),
        cmocka_unit_test(test_allocation_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
