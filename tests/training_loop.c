/* tests/training_loop.c - the trainer inside one process: no allocation from the second step on,
   and an orderly end for every allocation that fails.

   Counted are all calls of leray_mem_alloc in the process, from the moment that the source is asked
   for one batch to the moment that it is asked for the next: taking and normalising the batch,
   forward, loss, backward, optimizer, progress; with an ensemble, the clients and their solvers
   too. Lines of metrics.jsonl and checkpoints do allocate; none is due between those steps. */
#include "pairs.h"

#include "commands/training.h"
#include "core/log.h"

#define STEPS_MAX 1024

#define LEARNING                                                         \
    "threads: 1\n"                                                       \
    "seed: 3\n"                                                          \
    "model: {type: fno, width: 4, modes: 3, layers: 2, projection: 8}\n" \
    "optimizer: {type: adamw, lr: 3e-3, clip: 1}\n"

#define FROM_FILE LEARNING "data: {type: npy-pairs, path: '%s', inputs: a.npy, outputs: u.npy}\n"

#define FROM_ENSEMBLE                                                        \
    LEARNING "solver: {type: ns2d, n: 16, dt: 0.05, forcing: {type: fno}}\n" \
             "parameters: {nu: {min: 1e-3, max: 1e-2, scale: log}}\n"        \
             "task: {target: increment}\n"

/* A source that counts, in front of the session's own. */
typedef struct counter {
    leray_source base;
    leray_source *inner;
    long before[STEPS_MAX]; /* allocations when batch b was asked for */
} counter;

static leray_status count_next(leray_source *self, int64_t b, leray_batch *batch)
{
    counter *c = (counter *)self;

    c->before[b] = leray_mem_total();
    return c->inner->type->next(c->inner, b, batch);
}

static leray_status count_fit(leray_source *self, leray_sample_visitor visit, void *context)
{
    leray_source *inner = ((counter *)self)->inner;

    return inner->type->fit(inner, visit, context);
}

static const leray_source_type counter_type = {.next = count_next, .fit = count_fit};

/* Trains from a deck's text in a folder of its own; with `c`, counting. */
static leray_status train(void **state, const char *deck, bool online, counter *c)
{
    static leray_training s;
    char folder[LERAY_PATH_MAX];
    leray_run_options options = {.folder = file_in(state, "run", folder), .fresh = 1};
    leray_config *cfg;
    leray_status status;

    LERAY_TRY(leray_config_open_text("test", deck, 0, NULL, &cfg));
    status = leray_training_init(&s, cfg, &options, online);
    if (!status && c) {
        *c = (counter){.base = *s.source, .inner = s.source};
        c->base.type = &counter_type;
        s.trainer.source = &c->base;
        assert_true(c->base.batches <= STEPS_MAX);
    }
    if (!status) status = leray_trainer_run(&s.trainer);
    leray_training_fini(&s);
    leray_config_destroy(&cfg);
    return status;
}

static void test_no_allocation_from_a_file(void **state)
{
    char deck[LERAY_PATH_MAX + 1024];
    static counter c;

    write_pairs(state);
    snprintf(deck, sizeof deck,
             FROM_FILE "train: {batch: 6, epochs: 20, checkpoint: 1e9, log: 1000000}\n",
             (const char *)*state);
    assert_ok(train(state, deck, false, &c));
    assert_int_equal(c.base.batches, 80); /* every fourth of 2 samples */
    print_message("first step: %ld allocations\n", c.before[1] - c.before[0]);
    assert_true(c.before[1] > c.before[0]);
    for (int b = 2; b < 80; b++) assert_int_equal(c.before[b], c.before[1]);
}

/* A queue holds at most its threshold, so its store of frames is as large as it gets when the
   first simulations have passed. */
static void test_no_allocation_from_an_ensemble(void **state)
{
    static counter c;

    assert_ok(train(state,
                    FROM_ENSEMBLE "reservoir: {type: fifo, capacity: 20, threshold: 8}\n"
                                  "ensemble: {simulations: 30, frames: 9, interval: 0.1}\n"
                                  "train: {batch: 4, checkpoint: 1e9, log: 1000000}\n",
                    true, &c));
    assert_int_equal(c.base.batches, 60);
    for (int b = 11; b < 60; b++) assert_int_equal(c.before[b], c.before[10]);
}

/* Frames of the store apart, as many as samples can ask for, nothing is allocated. */
static void test_reservoir_allocates_frames_only(void **state)
{
    static counter c;

    assert_ok(train(state,
                    FROM_ENSEMBLE "reservoir: {type: reservoir, capacity: 30, threshold: 8}\n"
                                  "ensemble: {simulations: 30, frames: 9, interval: 0.1}\n"
                                  "train: {batch: 4, ratio: 3, checkpoint: 1e9, log: 1000000}\n",
                    true, &c));
    assert_int_equal(c.base.batches, 180);
    print_message("first step: %ld allocations, all later ones: %ld\n", c.before[1] - c.before[0],
                  c.before[179] - c.before[1]);
    assert_at_most((double)(c.before[179] - c.before[1]), 2 * 30 + 3);
}

static void test_allocation_failures(void **state)
{
    char deck[LERAY_PATH_MAX + 1024];
    leray_status status;

    write_pairs(state);
    snprintf(deck, sizeof deck, FROM_FILE "train: {batch: 20, epochs: 2, log: 1}\n",
             (const char *)*state);
    leray_log_set_level(LERAY_LOG_QUIET);
    assert_survives_failing_allocations(status, status = train(state, deck, false, NULL));
    assert_survives_failing_allocations(
        status, status = train(state,
                               FROM_ENSEMBLE
                               "reservoir: {type: reservoir, capacity: 9, threshold: 3}\n"
                               "ensemble: {simulations: 2, frames: 5, interval: 0.1, clients: 1}\n"
                               "train: {batch: 4, checkpoint: 0}\n",
                               true, NULL));
    leray_log_set_level(LERAY_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_allocation_from_a_file),
        cmocka_unit_test(test_no_allocation_from_an_ensemble),
        cmocka_unit_test(test_reservoir_allocates_frames_only),
        cmocka_unit_test(test_allocation_failures),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
