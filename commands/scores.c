/* commands/scores.c - what a trained model is worth: metrics for result.json and a table for people. */
#include "commands/plot/training_pictures.h"
#include "commands/training.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"
#include "training/match.h"
#include "training/simulations.h"

#include <math.h>
#include <stdio.h>

/* ---- online: held-out simulations ------------------------------------------------------- */

typedef struct online_scores {
    leray_ensemble ensemble; /* held out */
    leray_trajectories *truth;
    leray_simulations_report solver;
    leray_windows windows;
    leray_rollout rollout;
    leray_one_step one_step;
} online_scores;

static leray_status measure(leray_training *s, online_scores *o)
{
    const leray_experiment *e = &s->experiment;
    const leray_source *source = s->source;
    int64_t frames = e->validation.rollout + e->history;
    leray_mean_frames mean = {source->mean, source->mean_steps};
    leray_window_settings settings = {.every = 1, .lead = 1, .history = 1, .window = 1};

    LERAY_TRY(leray_ensemble_init(
        &o->ensemble, e->cfg, e->type[LERAY_KIND_OF_SOLVER], e->type[LERAY_KIND_OF_SAMPLER],
        leray_experiment_validation_seed(e), e->validation.simulations, frames));
    leray_info("measuring on %lld held-out simulations", (long long)e->validation.simulations);
    LERAY_TRY(leray_simulations_run(&o->ensemble, e->history - 1, &o->truth, &o->solver));
    LERAY_TRY(leray_match_settings(&s->task, o->truth, &(leray_match_keys){0}, &settings));
    LERAY_TRY(leray_windows_init(&o->windows, o->truth, &settings));
    LERAY_TRY(leray_match(&s->task, s->model, &o->windows));
    LERAY_TRY(leray_rollout_run(&s->task, s->model, &o->windows, &mean, &o->rollout));
    return leray_one_step_run(&s->task, s->model, &o->windows, &mean, &o->one_step);
}

static leray_status put_online(leray_training *s, const online_scores *o, leray_json *metrics)
{
    const leray_rollout *r = &o->rollout;
    const leray_trainer *t = &s->trainer;
    double waited = t->waited + s->source->waited;
    char key[96];
    int last = r->leads - 1;

#define PUT(name, value) LERAY_TRY(leray_json_set_real(metrics, name, value))
    PUT("one_step_rel_l2", o->one_step.error);
    PUT("identity_one_step_rel_l2", o->one_step.identity);
    PUT("mean_one_step_rel_l2", o->one_step.mean);
    snprintf(key, sizeof key, "rollout%d_rel_l2", r->leads);
    PUT(key, r->error[last]);
    snprintf(key, sizeof key, "identity_rollout%d_rel_l2", r->leads);
    PUT(key, r->identity[last]);
    snprintf(key, sizeof key, "mean_rollout%d_rel_l2", r->leads);
    PUT(key, r->mean[last]);
    PUT("solver_seconds", o->solver.solver_seconds);
    PUT("surrogate_seconds", r->seconds);
    PUT("trainer_idle", t->seconds > 0 ? waited / t->seconds : 0);
    PUT("solver_idle", s->source->producers_idle);
    PUT("train_seconds", t->seconds);
#undef PUT
    return LERAY_OK;
}

static leray_status put_reals(leray_json *json, const char *key, int n, const double *x)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    status = LERAY_OK;
    for (int i = 0; i < n && !status; i++) status = leray_json_set_real(list, NULL, x[i]);
    if (status) leray_json_destroy(&list);
    else status = leray_json_set(json, key, &list);
    return status;
}

static leray_status put_curves(const online_scores *o, leray_json *result)
{
    const leray_rollout *r = &o->rollout;
    leray_json *curves;
    leray_status status;

    LERAY_TRY(leray_json_object(&curves));
    status = put_reals(curves, "rel_l2", r->leads, r->error);
    if (!status) status = put_reals(curves, "identity_rel_l2", r->leads, r->identity);
    if (!status) status = put_reals(curves, "mean_rel_l2", r->leads, r->mean);
    if (!status) status = put_reals(curves, "truth_spectrum", r->shells, r->truth_spectrum);
    if (!status) status = put_reals(curves, "forecast_spectrum", r->shells, r->forecast_spectrum);
    if (status) leray_json_destroy(&curves);
    else status = leray_json_set(result, "curves", &curves);
    return status;
}

static leray_status print_online(leray_training *s, const online_scores *o, char **out)
{
    const leray_rollout *r = &o->rollout;
    const leray_trainer *t = &s->trainer;
    leray_text text = {0};
    int last = r->leads - 1;
    long frames = r->frames;
    leray_extents extents = leray_grid_extents(&s->task.info.grid);
    char grid[LERAY_EXTENTS_TEXT], a[LERAY_DIGITS], b[LERAY_DIGITS], c[LERAY_DIGITS];

    leray_text_add(&text, "held-out: %d simulations, %ld frames of %s", o->truth->n, frames,
                   leray_extents_text(&extents, grid));
    if (o->solver.n_failed) leray_text_add(&text, " (%d more failed)", o->solver.n_failed);
    leray_text_add(&text, "\n\n  %-16s %14s %14s %12s\n", "", "1 step", "", "same frames");
    leray_text_add(&text, "  %-16s %14s %11d th %14s\n", "relative L2", "", r->leads, "seconds");
    leray_text_add(&text, "  %-16s %14s %14s %14s\n", s->experiment.model_name,
                   leray_digits(o->one_step.error, 4, a), leray_digits(r->error[last], 4, b),
                   leray_digits(r->seconds, 3, c));
    leray_text_add(&text, "  %-16s %14s %14s %14s\n", "identity",
                   leray_digits(o->one_step.identity, 4, a), leray_digits(r->identity[last], 4, b),
                   "-");
    leray_text_add(&text, "  %-16s %14s %14s %14s\n", "ensemble mean",
                   leray_digits(o->one_step.mean, 4, a), leray_digits(r->mean[last], 4, b), "-");
    leray_text_add(&text, "  %-16s %14s %14s %14s\n\n", "solver", "0", "0",
                   leray_digits(o->solver.solver_seconds, 3, a));
    leray_text_add(&text,
                   "trained in %s s on %lld steps; trainer idle %.0f %%, solvers idle %.0f %%\n",
                   leray_digits(t->seconds, 1, a), (long long)t->step,
                   t->seconds > 0 ? 100 * (t->waited + s->source->waited) / t->seconds : 0,
                   100 * s->source->producers_idle);
    leray_text_add(&text, "model, metrics and pictures are in %s\n", s->folder.path);
    return leray_text_finish(&text, out);
}

static leray_status finish_online(leray_training *s, const online_scores *o, leray_json *result,
                                  leray_report *report)
{
    leray_json *metrics;
    leray_status status;

    LERAY_TRY(leray_json_object(&metrics));
    status = put_online(s, o, metrics);
    if (!status)
        status = leray_json_set_real(metrics, "seconds_total",
                                     s->trainer.seconds + leray_clock() - s->trainer.ended);
    if (status) leray_json_destroy(&metrics);
    else status = leray_json_set(result, "metrics", &metrics);
    if (!status) status = put_curves(o, result);
    if (!status) status = print_online(s, o, &report->text);
    if (!status) status = leray_folder_result(&s->folder, &s->experiment, result, report);
    if (!status) leray_picture_try(leray_pictures_online(s, &o->rollout));
    return status;
}

leray_status leray_training_scores_online(leray_training *s, leray_json *result,
                                          leray_report *report)
{
    online_scores o = {0};
    leray_status status = measure(s, &o);

    if (!status) status = finish_online(s, &o, result, report);
    leray_rollout_fini(&o.rollout);
    leray_windows_fini(&o.windows);
    leray_trajectories_destroy(&o.truth);
    leray_ensemble_fini(&o.ensemble);
    return status;
}

/* ---- from a file: the deck's test sets -------------------------------------------------- */

static leray_status score_test(leray_training *s, const leray_component *test,
                               leray_dataset_score *score)
{
    const leray_experiment *e = &s->experiment;
    leray_dataset *dataset;
    leray_status status;

    LERAY_TRY(leray_dataset_create_type(test->type, e->cfg, test->section, &dataset));
    status = leray_evaluate_dataset(s->group.comm, &s->task, s->model, dataset, (int)e->train.batch,
                                    score);
    leray_dataset_destroy(&dataset);
    return status;
}

static leray_status put_test(const char *name, const leray_dataset_score *score,
                             leray_json *metrics)
{
    const leray_metrics_result *m = &score->metrics;
    char key[LERAY_TEXT_MAX];

#define PUT(what, value)                            \
    snprintf(key, sizeof key, "%s_%s", name, what); \
    LERAY_TRY(leray_json_set_real(metrics, key, value));
    PUT("rel_l2", m->rel_l2)
    PUT("rel_l2_ratio_of_sums", m->rel_l2_ratio_of_sums)
    PUT("rel_h1", m->rel_h1)
    PUT("rmse", m->rmse)
    PUT("max_error", m->max_error)
    PUT("identity_rel_l2", m->baseline_rel_l2)
#undef PUT
    return LERAY_OK;
}

static leray_status add_test(leray_training *s, const leray_component *test, leray_json *metrics,
                             leray_text *text)
{
    leray_dataset_score score;
    char digits[4][LERAY_DIGITS];

    LERAY_TRY(score_test(s, test, &score));
    LERAY_TRY(put_test(test->name, &score, metrics));
    leray_text_add(text, "  %-16s %8ld %10s %10s %10s %10s\n", test->name, score.metrics.n,
                   leray_digits(score.metrics.rel_l2, 4, digits[0]),
                   leray_digits(score.metrics.rel_h1, 4, digits[1]),
                   leray_digits(score.metrics.rmse, 4, digits[2]),
                   leray_digits(score.metrics.max_error, 4, digits[3]));
    return LERAY_OK;
}

static leray_status score_tests(leray_training *s, leray_json *metrics, leray_text *text)
{
    leray_component *tests;
    leray_status status;
    int n;

    leray_text_add(text, "  %-16s %8s %10s %10s %10s %10s\n", "", "samples", "rel. L2", "rel. H1",
                   "rmse", "max error");
    LERAY_TRY(leray_experiment_list(&s->experiment, LERAY_KIND_OF_DATASET, "tests", &n, &tests));
    status = LERAY_OK;
    for (int i = 0; i < n && !status; i++) status = add_test(s, &tests[i], metrics, text);
    leray_mem_free(tests);
    return status;
}

static leray_status finish_file(leray_training *s, leray_json *metrics, leray_text *text)
{
    const leray_trainer *t = &s->trainer;
    double epochs = (double)t->settings.epochs;
    char a[LERAY_DIGITS], b[LERAY_DIGITS], c[LERAY_DIGITS];

    LERAY_TRY(score_tests(s, metrics, text));
    LERAY_TRY(leray_json_set_real(metrics, "train_loss", t->final_loss));
    LERAY_TRY(leray_json_set_real(metrics, "train_seconds", t->seconds));
    LERAY_TRY(leray_json_set_real(metrics, "seconds_per_epoch", t->seconds / epochs));
    leray_text_add(text, "\ntrained in %s s, %s s per epoch, %lld steps; training loss %s\n",
                   leray_digits(t->seconds, 1, a), leray_digits(t->seconds / epochs, 3, b),
                   (long long)t->step, leray_digits(t->final_loss, 4, c));
    leray_text_add(text, "model, metrics and pictures are in %s\n", s->folder.path);
    return LERAY_OK;
}

leray_status leray_training_scores_file(leray_training *s, leray_json *result, leray_report *report)
{
    leray_json *metrics;
    leray_text text = {0};
    leray_status status;

    LERAY_TRY(leray_json_object(&metrics));
    status = finish_file(s, metrics, &text);
    if (!status) status = leray_json_set(result, "metrics", &metrics);
    leray_json_destroy(&metrics);
    if (!status) status = leray_text_finish(&text, &report->text);
    else leray_mem_free(text.data);
    if (!status) status = leray_folder_result(&s->folder, &s->experiment, result, report);
    if (!status && leray_comm_rank(s->folder.comm) == 0) leray_picture_try(leray_pictures_file(s));
    return status;
}
