/* tests/online_source.c - what an ensemble's source hands to the trainer, against the plan carried
   out by hand on frames computed by hand; and the same again from a checkpoint at any batch. */
#include "check.h"
#include "data_files.h"
#include "online_tools.h"

#include "core/log.h"
#include "core/threads.h"
#include "online/plan.h"
#include "online/source_stream.h"
#include "training/source.h"

#define LERAY_RESERVOIR(id) extern const leray_reservoir_type leray_reservoir_##id;
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR

#define BATCH 4
#define SIZE 256
#define SEED 4

static const leray_reservoir_type *const types[] = {
#define LERAY_RESERVOIR(id) &leray_reservoir_##id,
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR
};
#define N_TYPES (sizeof types / sizeof types[0])

/* Everything that one source needs, in the order of its making. */
typedef struct bench {
    leray_config *cfg, *reservoir_cfg;
    leray_ensemble ensemble;
    leray_reservoir *reservoir;
    leray_source *source;
    leray_stream_settings settings;
} bench;

static leray_status try_open(bench *b, const leray_reservoir_type *type, const char *deck,
                             int history, int clients)
{
    memset(b, 0, sizeof *b);
    b->settings = (leray_stream_settings){SEED, BATCH, clients, history, type->once ? 1 : 2.5};
    LERAY_TRY(try_ensemble(deck, SEED, &b->cfg, &b->ensemble));
    LERAY_TRY(leray_config_from_section("reservoir", "{capacity: 24, threshold: 6}",
                                        leray_reservoir_keys, &b->reservoir_cfg));
    LERAY_TRY(leray_reservoir_create_type(type, b->reservoir_cfg, "reservoir", &b->reservoir));
    return leray_source_from_ensemble(&b->ensemble, b->reservoir, &b->settings, &b->source);
}

static void open_bench(bench *b, const leray_reservoir_type *type, const char *deck, int history,
                       int clients)
{
    assert_ok(try_open(b, type, deck, history, clients));
}

static void close_bench(bench *b)
{
    leray_source_destroy(&b->source);
    leray_reservoir_destroy(&b->reservoir);
    leray_config_destroy(&b->reservoir_cfg);
    leray_ensemble_fini(&b->ensemble);
    leray_config_destroy(&b->cfg);
}

/* The ids of all batches, by plan and reservoir alone, holes left out. */
typedef struct script {
    int64_t batches;
    int *n;      /* [batches] */
    int64_t *id; /* [batches, BATCH] */
} script;

static void write_script(const bench *b, const leray_reservoir_type *type, const truth *t,
                         script *out)
{
    int history = b->settings.history, frames = (int)b->ensemble.settings.frames;
    int spp = frames - history;
    leray_plan plan = {SEED, b->ensemble.settings.simulations * spp, BATCH, b->settings.ratio,
                       b->reservoir->threshold};
    leray_reservoir *r;
    bool removed[BATCH];
    int64_t put = 0, evicted;

    assert_ok(leray_reservoir_create_type(type, b->reservoir_cfg, "reservoir", &r));
    out->batches = leray_plan_batches(&plan);
    assert_ok(LERAY_ALLOC(&out->n, (size_t)out->batches));
    assert_ok(LERAY_ALLOC(&out->id, (size_t)out->batches * BATCH));
    for (int64_t k = 0; k < out->batches; k++) {
        leray_rng rng = leray_plan_batch_rng(&plan, k);

        for (; put < leray_plan_puts(&plan, k); put++) {
            leray_rng put_rng = leray_plan_put_rng(&plan, put);

            if (put % spp + history < t->frames_of[put / spp])
                assert_ok(leray_reservoir_put(r, put, &put_rng, &evicted));
        }
        out->n[k] =
            leray_reservoir_draw(r, &rng, BATCH, put == plan.samples, out->id + k * BATCH, removed);
    }
    leray_reservoir_destroy(&r);
}

static void free_script(script *s)
{
    leray_mem_free(s->n);
    leray_mem_free(s->id);
}

static void check_sample(const bench *b, const truth *t, int64_t id, const leray_batch *batch,
                         int at)
{
    int history = b->settings.history, spp = (int)b->ensemble.settings.frames - history;
    int i = (int)(id / spp), k = (int)(id % spp);
    double values[16];

    for (int j = 0; j < history; j++)
        assert_memory_equal(batch->x + (size_t)(at * history + j) * SIZE,
                            true_frame(&b->ensemble, t, i, k + j), SIZE * sizeof(float));
    assert_memory_equal(batch->y + (size_t)at * SIZE, true_frame(&b->ensemble, t, i, k + history),
                        SIZE * sizeof(float));
    assert_ok(leray_ensemble_parameters(&b->ensemble, i, values));
    assert_true(batch->parameters[at] == (float)values[0]);
}

/* Batches first .. end-1. */
static void check_batches(bench *b, const truth *t, const script *s, int64_t first, int64_t end)
{
    for (int64_t k = first; k < end; k++) {
        leray_batch batch;

        assert_ok(b->source->type->next(b->source, k, &batch));
        assert_int_equal(batch.n, s->n[k]);
        for (int i = 0; i < batch.n; i++) check_sample(b, t, s->id[k * BATCH + i], &batch, i);
    }
}

static int64_t failures(const bench *b)
{
    leray_json *json;
    int64_t n;

    assert_ok(leray_json_object(&json));
    assert_ok(b->source->type->report(b->source, json));
    assert_ok(leray_json_get_int(json, "simulations_failed", &n));
    leray_json_destroy(&json);
    return n;
}

static leray_status nothing(void *context, const leray_batch *sample)
{
    (void)sample;
    ++*(int *)context;
    return LERAY_OK;
}

static void save(bench *b, const char *run, int64_t step)
{
    leray_checkpoint_writer w;

    assert_ok(leray_checkpoint_begin(run, step, &w));
    assert_ok(b->source->type->save(b->source, &w));
    assert_ok(leray_checkpoint_commit(&w));
}

static void restore(bench *b, const char *run)
{
    leray_checkpoint c;
    bool found;

    assert_ok(leray_checkpoint_open(run, &c, &found));
    assert_true(found);
    assert_ok(b->source->type->restore(b->source, &c));
    leray_checkpoint_close(&c);
}

/* The whole run in one piece, then in pieces: at every `stride`-th batch the source is saved and
   destroyed, and another one, with another number of clients, goes on. */
static void check_run(void **state, const char *deck, int history, int64_t stride)
{
    char run[LERAY_PATH_MAX];

    for (size_t type = 0; type < N_TYPES; type++) {
        bench b;
        truth t = {0};
        script s;
        int shown = 0, clients = 1;
        int64_t whole;

        open_bench(&b, types[type], deck, history, 3);
        simulate_truth(&b.ensemble, &t);
        write_script(&b, types[type], &t, &s);
        assert_int_equal(b.source->batches, s.batches);
        assert_ok(b.source->type->fit(b.source, nothing, &shown));
        assert_in_range(shown, 1, 6); /* the threshold, less the holes */
        check_batches(&b, &t, &s, 0, s.batches);
        whole = failures(&b);
        close_bench(&b);

        assert_ok(leray_dir_remove(file_in(state, "run", run)));
        open_bench(&b, types[type], deck, history, 2);
        for (int64_t k = 0; k < s.batches; k += stride) {
            int64_t end = k + stride < s.batches ? k + stride : s.batches;

            check_batches(&b, &t, &s, k, end);
            save(&b, run, end);
            close_bench(&b);
            open_bench(&b, types[type], deck, history, 1 + clients++ % 3);
            restore(&b, run);
        }
        assert_int_equal(failures(&b), whole); /* each told once */
        close_bench(&b);
        free_script(&s);
        free_truth(&t);
    }
}

static void test_batches(void **state)
{
    check_run(state, CHEAP_FLOW "ensemble: {simulations: 9, frames: 7, interval: 0.2}\n", 1, 3);
}

static void test_batches_with_history(void **state)
{
    check_run(state, CHEAP_FLOW "ensemble: {simulations: 9, frames: 7, interval: 0.2}\n", 3, 4);
}

/* Half of the simulations diverge on the way; their frames before that are learned from. */
static void test_batches_with_holes(void **state)
{
    leray_log_set_level(LERAY_LOG_QUIET);
    check_run(state, UNSTABLE_FLOW "ensemble: {simulations: 16, frames: 6, interval: 0.05}\n", 1,
              5);
    check_run(state, UNSTABLE_FLOW "ensemble: {simulations: 16, frames: 6, interval: 0.05}\n", 2,
              5);
    leray_log_set_level(LERAY_LOG_INFO);
}

static void test_failures_are_reported(void **state)
{
    bench b;
    truth t = {0};
    leray_batch batch;
    leray_json *json, *failures;
    char *text;
    int64_t n;

    (void)state;
    leray_log_set_level(LERAY_LOG_QUIET);
    open_bench(&b, &leray_reservoir_reservoir,
               UNSTABLE_FLOW "ensemble: {simulations: 16, frames: 6, interval: 0.05}\n", 1, 2);
    simulate_truth(&b.ensemble, &t);
    for (int64_t k = 0; k < b.source->batches; k++)
        assert_ok(b.source->type->next(b.source, k, &batch));
    assert_ok(leray_json_object(&json));
    assert_ok(b.source->type->report(b.source, json));
    assert_ok(leray_json_get_int(json, "simulations_failed", &n));
    assert_true(n > 0);
    assert_int_equal(n, t.failed);
    assert_ok(leray_json_get(json, "failures", &failures));
    assert_int_equal(leray_json_size(failures), n);
    assert_ok(leray_json_text(failures, 0, &text));
    assert_non_null(strstr(text, "forcing.amplitude = "));
    assert_non_null(strstr(text, "not finite"));
    leray_mem_free(text);
    leray_json_destroy(&failures);
    leray_json_destroy(&json);
    free_truth(&t);
    close_bench(&b);
    leray_log_set_level(LERAY_LOG_INFO);
}

/* The mean over simulations of frame k, the baseline of evaluation. */
static void test_mean_frame(void **state)
{
    bench b;
    truth t = {0};
    leray_batch batch;
    leray_json *json;
    double worst = 0;

    (void)state;
    open_bench(&b, &leray_reservoir_reservoir,
               CHEAP_FLOW "ensemble: {simulations: 9, frames: 7, interval: 0.2}\n", 1, 2);
    simulate_truth(&b.ensemble, &t);
    for (int64_t k = 0; k < b.source->batches; k++)
        assert_ok(b.source->type->next(b.source, k, &batch));
    assert_ok(leray_json_object(&json));
    assert_ok(b.source->type->report(b.source, json));
    leray_json_destroy(&json);
    assert_int_equal(b.source->mean_steps, 7);
    for (int k = 0; k < 7; k++)
        for (size_t j = 0; j < SIZE; j++) {
            double mean = 0;

            for (int i = 0; i < 9; i++) mean += true_frame(&b.ensemble, &t, i, k)[j] / 9.0;
            worst = fmax(worst, fabs(mean - b.source->mean[(size_t)k * SIZE + j]));
        }
    assert_at_most(worst, 1e-6);
    free_truth(&t);
    close_bench(&b);
}

static leray_status try_source(void)
{
    bench b;
    leray_batch batch;
    leray_status status =
        try_open(&b, &leray_reservoir_reservoir,
                 CHEAP_FLOW "ensemble: {simulations: 3, frames: 6, interval: 0.01}\n", 1, 1);

    for (int64_t k = 0; !status && k < b.source->batches; k++)
        status = b.source->type->next(b.source, k, &batch);
    close_bench(&b);
    return status;
}

static void test_allocation_failures(void **state)
{
    leray_status status;

    (void)state;
    assert_survives_failing_allocations(status, status = try_source());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_batches_with_history),
        cmocka_unit_test(test_batches_with_holes),
        cmocka_unit_test(test_failures_are_reported),
        cmocka_unit_test(test_mean_frame),
        cmocka_unit_test(test_allocation_failures),
    };

    leray_threads_set(1); /* a team of idle threads would compete with the clients */
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
