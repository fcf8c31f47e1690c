/* tests/training_steps.c - what a deck says about steps: several batches per step, sums of losses,
   schedules that look at the loss, the mean of the weights, L-BFGS; going on after a signal with all
   of these; and what is said when training diverges. */
#include "pairs.h"

#include "commands/training.h"
#include "core/log.h"

#define LEARNING                                                         \
    "threads: 1\n"                                                       \
    "seed: 3\n"                                                          \
    "model: {type: fno, width: 4, modes: 3, layers: 2, projection: 8}\n" \
    "data: {type: npy-pairs, path: '%s', inputs: a.npy, outputs: u.npy, periodic: true}\n"

#define FROM_ENSEMBLE                                                    \
    "model: {type: fno, width: 4, modes: 3, layers: 2, projection: 8}\n" \
    "solver: {type: ns2d, n: 16, dt: 0.05, forcing: {type: fno}}\n"      \
    "parameters: {nu: {min: 1e-3, max: 1e-2, scale: log}}\n"             \
    "ensemble: {simulations: 2, frames: 5, interval: 0.1, clients: 1}\n"

#define WEIGHTS_MAX 8192

/* What is left of a run. */
typedef struct outcome {
    int64_t steps;
    double loss;
    size_t count;
    float weights[WEIGHTS_MAX];
} outcome;

/* Sets the flag when batch `at` is asked for. */
typedef struct signaller {
    leray_source base;
    leray_source *inner;
    volatile sig_atomic_t stop;
    int64_t at;
} signaller;

static leray_status signal_next(leray_source *self, int64_t b, leray_batch *batch)
{
    signaller *s = (signaller *)self;

    if (b == s->at) s->stop = 1;
    return s->inner->type->next(s->inner, b, batch);
}

static leray_status signal_fit(leray_source *self, leray_sample_visitor visit, void *context)
{
    leray_source *inner = ((signaller *)self)->inner;

    return inner->type->fit(inner, visit, context);
}

static const leray_source_type signaller_type = {.next = signal_next, .fit = signal_fit};

static leray_status run_session(leray_training *s, int64_t stop_at, outcome *out)
{
    const leray_parameters *p = leray_model_parameters(s->model);
    static signaller signals;

    if (stop_at >= 0) {
        signals = (signaller){.base = *s->source, .inner = s->source, .at = stop_at};
        signals.base.type = &signaller_type;
        s->trainer.source = &signals.base;
        s->trainer.stop = &signals.stop;
    }
    LERAY_TRY(leray_trainer_run(&s->trainer));
    assert_true(p->count <= WEIGHTS_MAX);
    out->steps = s->trainer.step;
    out->loss = s->trainer.final_loss;
    out->count = p->count;
    memcpy(out->weights, p->value, p->count * sizeof(float));
    return LERAY_OK;
}

/* Trains in the folder `name`; a signal comes with batch stop_at unless that is negative. */
static leray_status train(void **state, const char *name, const char *deck, bool online, bool fresh,
                          int64_t stop_at, outcome *out)
{
    static leray_training s;
    char folder[LERAY_PATH_MAX], text[LERAY_PATH_MAX + 2048];
    leray_run_options options = {.folder = file_in(state, name, folder), .fresh = fresh};
    leray_config *cfg;
    leray_status status;

    memset(out, 0, sizeof *out);
    snprintf(text, sizeof text, online ? "%s%s" : LEARNING "%s",
             online ? FROM_ENSEMBLE : (const char *)*state, deck);
    LERAY_TRY(leray_config_open_text("test", text, 0, NULL, &cfg));
    status = leray_training_init(&s, cfg, &options, online);
    if (!status) status = run_session(&s, stop_at, out);
    leray_training_fini(&s);
    leray_config_destroy(&cfg);
    return status;
}

/* Two batches of 5 per step are one of 10, for a loss that is a mean over samples. */
static void test_accumulate(void **state)
{
    static outcome one, two;

    write_pairs(state);
    assert_ok(train(state, "run",
                    "optimizer: {type: sgd, lr: 0.1}\n"
                    "train: {batch: 10, epochs: 4}\n",
                    false, true, -1, &one));
    assert_ok(train(state, "run",
                    "optimizer: {type: sgd, lr: 0.1}\n"
                    "train: {batch: 5, accumulate: 2, epochs: 4}\n",
                    false, true, -1, &two));
    assert_int_equal(one.steps, 8);
    assert_int_equal(two.steps, 8);
    assert_close(one.loss, two.loss, 1e-5);
    for (size_t i = 0; i < one.count; i++)
        assert_close((double)one.weights[i], (double)two.weights[i], 1e-5);
    assert_ok(train(state, "run",
                    "optimizer: {type: sgd, lr: 0.1}\n"
                    "train: {batch: 5, accumulate: 3, epochs: 4}\n",
                    false, true, -1, &two));
    assert_int_equal(two.steps, 6); /* the last of 16 batches is alone */
}

/* The loss of the first step is that of the drawn weights: sums add up. */
static void test_sum(void **state)
{
    static outcome a, b, sum;
    static const char *const train_one = "train: {batch: 20, epochs: 1, log: 1}\n";
    char deck[512];

    write_pairs(state);
    snprintf(deck, sizeof deck, "loss: {type: mse, factor: 2}\n%s", train_one);
    assert_ok(train(state, "run", deck, false, true, -1, &a));
    snprintf(deck, sizeof deck, "loss: {type: sobolev, s: 1, factor: 0.1}\n%s", train_one);
    assert_ok(train(state, "run", deck, false, true, -1, &b));
    snprintf(deck, sizeof deck,
             "loss: {type: mse, factor: 2, plus: {slopes: {type: sobolev, factor: 0.1}}}\n%s",
             train_one);
    assert_ok(train(state, "run", deck, false, true, -1, &sum));
    assert_close(sum.loss, a.loss + b.loss, 1e-6);
    assert_true(a.loss > 0 && b.loss > 0);
}

/* A run that a signal stops, in the middle of an accumulated step or between two, and that goes on,
   ends with the same bits: schedule, noise, running mean and momentum are in the checkpoint. */
static void test_going_on(void **state)
{
    static const char *const deck =
        "optimizer: {type: sgd, lr: 0.05, momentum: 0.9, noise: 1e-4, average: 0.9, clip: 1}\n"
        "schedule: {type: plateau, patience: 0, decay: 0.5, threshold: 0.05, every: 3}\n"
        "train: {batch: 5, accumulate: 2, epochs: 10, checkpoint: 0}\n";
    static outcome whole, rest;

    write_pairs(state);
    leray_log_set_level(LERAY_LOG_QUIET);
    assert_ok(train(state, "whole", deck, false, true, -1, &whole));
    for (int64_t at = 12; at < 14; at++) {
        assert_fails(train(state, "parts", deck, false, true, at, &rest), LERAY_INTERRUPTED,
                     "after step 7 of 20");
        assert_ok(train(state, "parts", deck, false, false, -1, &rest));
        assert_int_equal(rest.steps, 20);
        assert_memory_equal(whole.weights, rest.weights, whole.count * sizeof(float));
        assert_true(whole.loss == rest.loss);
    }
    leray_log_set_level(LERAY_LOG_INFO);
}

/* Without the running mean the same run ends elsewhere: the mean is what is left. */
static void test_average(void **state)
{
    static outcome raw, mean;
    double distance = 0;

    write_pairs(state);
    assert_ok(train(state, "run",
                    "optimizer: {type: sgd, lr: 0.1}\n"
                    "train: {batch: 10, epochs: 4}\n",
                    false, true, -1, &raw));
    assert_ok(train(state, "run",
                    "optimizer: {type: sgd, lr: 0.1, average: 0.5}\n"
                    "train: {batch: 10, epochs: 4}\n",
                    false, true, -1, &mean));
    assert_true(raw.loss == mean.loss); /* training itself is the same */
    for (size_t i = 0; i < raw.count; i++)
        distance += fabs((double)raw.weights[i] - (double)mean.weights[i]);
    assert_true(distance > 1e-3);
}

static void test_lbfgs(void **state)
{
    static outcome out;

    write_pairs(state);
    assert_ok(train(state, "run",
                    "optimizer: {type: lbfgs, iterations: 20}\n"
                    "train: {batch: 20, epochs: 6, log: 1}\n",
                    false, true, -1, &out));
    assert_at_most(out.loss, 1e-2);
    assert_fails(train(state, "run",
                       "optimizer: {type: lbfgs}\n"
                       "train: {accumulate: 2}\n",
                       false, true, -1, &out),
                 LERAY_ERR_CONFIG, "train.accumulate = 2");
}

/* What cannot be is said before training. */
static void test_refusals(void **state)
{
    static outcome out;

    write_pairs(state);
    assert_fails(
        train(state, "run", "schedule: {type: plateau}\ntrain: {batch: 4}\n", true, true, -1, &out),
        LERAY_ERR_CONFIG, "schedule.every");
    assert_fails(train(state, "run", "loss: {channels: [1, 2]}\n", false, true, -1, &out),
                 LERAY_ERR_CONFIG, "1 channels");
    assert_fails(train(state, "run", "loss: {plus: {h: {type: sobolev, mask: m.npy}}}\n", false,
                       true, -1, &out),
                 LERAY_ERR_CONFIG, "loss.plus.h");
    assert_fails(train(state, "run", "loss: {plus: {h: {type: sobolev, order: 1}}}\n", false, true,
                       -1, &out),
                 LERAY_ERR_CONFIG, "order");
}

/* The first tensor that is not finite is named; the checkpoint of the step before stands. */
static void test_divergence(void **state)
{
    static outcome out;
    char path[LERAY_PATH_MAX];

    write_pairs(state);
    leray_log_set_level(LERAY_LOG_QUIET);
    assert_fails(train(state, "run",
                       "optimizer: {type: sgd, lr: 1e30}\n"
                       "train: {batch: 10, checkpoint: 0}\n",
                       false, true, -1, &out),
                 LERAY_ERR_DIVERGED,
                 "in step 2; the first tensor that is not finite is prediction");
    assert_true(
        leray_file_exists(file_in(state, "run/checkpoints/step-000000000001/manifest.json", path)));
    assert_fails(train(state, "run",
                       "optimizer: {type: sgd, lr: 1e30}\n"
                       "loss: {factor: 1e20}\n"
                       "train: {batch: 10, checkpoint: 0}\n",
                       false, true, -1, &out),
                 LERAY_ERR_DIVERGED, "after step 1 lifting.weight is not finite");
    assert_false(
        leray_file_exists(file_in(state, "run/checkpoints/step-000000000001/manifest.json", path)));
    assert_fails(train(state, "run",
                       "optimizer: {type: sgd, lr: 1e30}\n"
                       "loss: {factor: 1e20}\n"
                       "train: {batch: 10, checkpoint: 1e9}\n",
                       false, true, -1, &out),
                 LERAY_ERR_DIVERGED,
                 "in step 2; the first tensor that is not finite is lifting.weight");
    leray_log_set_level(LERAY_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accumulate), cmocka_unit_test(test_sum),
        cmocka_unit_test(test_going_on),   cmocka_unit_test(test_average),
        cmocka_unit_test(test_lbfgs),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_divergence),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
