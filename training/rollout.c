/* training/rollout.c - forecasts over many steps, and single steps, against held-out trajectories. */
#include "core/log.h"
#include "core/mem.h"
#include "data/relative_error.h"
#include "data/spectrum.h"
#include "training/evaluation.h"
#include "training/match.h"

#include <math.h>
#include <string.h>

#define BATCH 32 /* trajectories, or samples in single steps, at a time */

/* What both need: a predictor, and frames to compare with. */
typedef struct work {
    leray_task *task;
    leray_windows *windows;
    const leray_mean_frames *average;
    leray_predictor predictor;
    size_t points, states, frame; /* reals of the states of a frame, and of a whole frame of y */
    double *share;                /* weights of points; NULL: 1 */
    float *truth;                 /* [BATCH, window, frame] */
} work;

static leray_status open_work(work *w, leray_model *model)
{
    const leray_sample_info *info = &w->windows->info;

    w->points = leray_sample_points(info);
    w->states = (size_t)info->n_state * w->points;
    w->frame = (size_t)leray_sample_fields(info) * w->points;
    LERAY_TRY(leray_predictor_init(&w->predictor, w->task, model, &info->grid, BATCH));
    LERAY_TRY(LERAY_ALLOC(&w->truth, (size_t)(BATCH * info->window) * w->frame));
    if (leray_grid_fill_weights(&info->grid, NULL)) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&w->share, w->points));
    leray_grid_fill_weights(&info->grid, w->share);
    return LERAY_OK;
}

static void close_work(work *w)
{
    leray_mem_free(w->share);
    leray_mem_free(w->truth);
    leray_predictor_fini(&w->predictor);
}

static double error_of(const work *w, const float *p, const float *u, size_t reals)
{
    return leray_relative_error(leray_squares_of(p, u, reals / w->points, w->points, w->share));
}

static const float *newest(const work *w, int place)
{
    const leray_sample_info *info = &w->windows->info;
    size_t nx = (size_t)leray_sample_inputs(info) * w->points;

    return w->predictor.batch.x + (size_t)place * nx + (size_t)(info->history - 1) * w->states;
}

/* ---- roll-outs -------------------------------------------------------------------------- */

/* A group of trajectories that are rolled out together, by the numbers of their first samples. */
typedef struct group {
    int n, sample[BATCH], trajectory[BATCH], leads[BATCH];
    float *start; /* [n, states] the newest frame given */
} group;

typedef struct rollout_work {
    work w;
    leray_rollout *r;
    int *count; /* [leads] trajectories that reach it */
    group group;
    leray_spectrum *spectrum; /* NULL: none */
    double *field, *shell;
    float *forcings; /* of a window */
} rollout_work;

/* Frames that the model can be held against in trajectory `trajectory`; with forcings those of whole windows,
   since it needs the forcings of all frames of a window. */
static int leads_of(const leray_windows *w, int trajectory)
{
    const leray_window_settings *s = &w->settings;
    int64_t rest = w->trajectories->frames[trajectory] - 1 - (w->info.history - 1) * s->every;
    int leads = rest > 0 ? (int)(rest / leray_windows_step(w)) : 0;

    return w->info.n_forcing > 0 ? leads - leads % w->info.window : leads;
}

static void add_spectrum(rollout_work *o, const float *values, double *sum)
{
    for (size_t i = 0; i < o->w.points; i++) o->field[i] = values[i];
    leray_spectrum_sum(o->spectrum, o->field, o->shell);
    for (int s = 0; s < o->r->shells; s++) sum[s] += o->shell[s];
}

/* Lead `lead` of place k, whose prediction is p, [frame]. */
static leray_status score(rollout_work *o, int k, int lead, const float *p)
{
    work *w = &o->w;
    leray_rollout *r = o->r;
    int trajectory = o->group.trajectory[k], step = w->windows->info.history + lead;
    const float *start = o->group.start + (size_t)k * w->states;
    const leray_mean_frames *average = w->average;

    LERAY_TRY(leray_windows_read_frame(w->windows, trajectory, lead, w->truth));
    r->error[lead] += error_of(w, p, w->truth, w->states);
    r->identity[lead] += error_of(w, start, w->truth, w->states);
    if (average->frames && step < average->steps)
        r->mean[lead] +=
            error_of(w, average->frames + (size_t)step * w->frame, w->truth, w->states);
    o->count[lead]++, r->frames++;
    if (o->group.sample[k] == 0) {
        memcpy(r->truth + (size_t)lead * w->states, w->truth, w->states * sizeof *p);
        memcpy(r->forecast + (size_t)lead * w->states, p, w->states * sizeof *p);
    }
    if (o->spectrum && lead + 1 == r->leads) {
        add_spectrum(o, w->truth, r->truth_spectrum);
        add_spectrum(o, p, r->forecast_spectrum);
    }
    return LERAY_OK;
}

static leray_status load_group(rollout_work *o)
{
    work *w = &o->w;

    w->predictor.batch.n = o->group.n;
    for (int k = 0; k < o->group.n; k++) {
        LERAY_TRY(
            leray_predictor_load(&w->predictor, w->windows, o->group.sample[k], k, NULL, NULL));
        memcpy(o->group.start + (size_t)k * w->states, newest(w, k), w->states * sizeof(float));
    }
    return LERAY_OK;
}

/* A trajectory that has ended keeps its last forcings, and is not scored. */
static leray_status feed(rollout_work *o, int lead, const float *y)
{
    work *w = &o->w;
    bool forced = w->windows->info.n_forcing > 0;

    for (int k = 0; k < o->group.n; k++, y += (size_t)w->windows->info.window * w->frame) {
        bool more = forced && lead < o->group.leads[k];

        if (more)
            LERAY_TRY(
                leray_windows_read_forcings(w->windows, o->group.trajectory[k], lead, o->forcings));
        leray_predictor_feed(&w->predictor, k, y, more ? o->forcings : NULL);
    }
    return LERAY_OK;
}

/* The windows of a group one after the other; `judge`: compared with the truth. */
static leray_status roll(rollout_work *o, bool judge)
{
    work *w = &o->w;
    int window = w->windows->info.window, longest = 0;
    double before = w->predictor.seconds;

    for (int k = 0; k < o->group.n; k++)
        longest = o->group.leads[k] > longest ? o->group.leads[k] : longest;
    LERAY_TRY(load_group(o));
    for (int lead = 0; lead < longest; lead += window) {
        const float *y;

        LERAY_TRY(leray_predictor_step(&w->predictor, &y));
        for (int k = 0; k < o->group.n && judge; k++)
            for (int j = 0; j < window && lead + j < o->group.leads[k]; j++)
                LERAY_TRY(score(o, k, lead + j, y + (size_t)(k * window + j) * w->frame));
        LERAY_TRY(feed(o, lead + window, y));
    }
    if (judge) o->r->seconds += w->predictor.seconds - before;
    return LERAY_OK;
}

/* Twice: the first run warms caches and the tape's arena, the second is timed and measured. */
static leray_status roll_all(rollout_work *o)
{
    leray_windows *s = o->w.windows;

    for (int first = 0; first < s->n_used; first += BATCH) {
        o->group.n = 0;
        for (int i = first; i < s->n_used && i < first + BATCH; i++) {
            int trajectory = s->first_trajectory + i, leads = leads_of(s, trajectory);

            if (leads == 0 || s->start[i + 1] == s->start[i]) continue;
            o->group.sample[o->group.n] = s->start[i];
            o->group.trajectory[o->group.n] = trajectory;
            o->group.leads[o->group.n++] = leads;
        }
        if (o->group.n == 0) continue;
        if (first == 0) LERAY_TRY(roll(o, false));
        LERAY_TRY(roll(o, true));
    }
    return LERAY_OK;
}

static void divide(rollout_work *o)
{
    leray_rollout *r = o->r;
    int last = r->leads ? o->count[r->leads - 1] : 1;

    for (int lead = 0; lead < r->leads; lead++) {
        bool known =
            o->w.average->frames && o->w.windows->info.history + lead < o->w.average->steps;

        r->error[lead] /= o->count[lead], r->identity[lead] /= o->count[lead];
        r->mean[lead] = known ? r->mean[lead] / o->count[lead] : NAN;
    }
    for (int s = 0; s < r->shells; s++)
        r->truth_spectrum[s] /= last, r->forecast_spectrum[s] /= last;
}

static leray_status open_spectra(rollout_work *o)
{
    const leray_grid *grid = &o->w.windows->info.grid;
    leray_extents extents = leray_grid_extents(grid);
    bool possible = grid->kind == LERAY_BOX && !grid->mask;

    for (int a = 0; a < grid->ndim; a++)
        possible = possible && leray_grid_is_even(grid, a) && leray_grid_is_periodic(grid, a);
    if (!possible) return LERAY_OK;
    LERAY_TRY(leray_spectrum_create(&extents, &o->spectrum));
    o->r->shells = leray_spectrum_shells(o->spectrum);
    LERAY_TRY(LERAY_ALLOC(&o->field, o->w.points));
    LERAY_TRY(LERAY_ALLOC(&o->shell, (size_t)o->r->shells));
    LERAY_TRY(LERAY_ALLOC(&o->r->truth_spectrum, (size_t)o->r->shells));
    return LERAY_ALLOC(&o->r->forecast_spectrum, (size_t)o->r->shells);
}

static leray_status run_rollouts(rollout_work *o, leray_model *model)
{
    const leray_sample_info *info = &o->w.windows->info;
    leray_rollout *r = o->r;
    size_t leads;

    for (int i = 0; i < o->w.windows->n_used; i++) {
        int n = leads_of(o->w.windows, o->w.windows->first_trajectory + i);

        r->leads = n > r->leads ? n : r->leads;
    }
    LERAY_CHECK(r->leads > 0, LERAY_ERR_ARG, "too few frames for a history of %d", info->history);
    leads = (size_t)r->leads;
    LERAY_TRY(open_work(&o->w, model));
    LERAY_TRY(LERAY_ALLOC(&r->error, leads));
    LERAY_TRY(LERAY_ALLOC(&r->identity, leads));
    LERAY_TRY(LERAY_ALLOC(&r->mean, leads));
    LERAY_TRY(LERAY_ALLOC(&o->count, leads));
    LERAY_TRY(LERAY_ALLOC(&r->truth, leads * o->w.states));
    LERAY_TRY(LERAY_ALLOC(&r->forecast, leads * o->w.states));
    LERAY_TRY(LERAY_ALLOC(&o->group.start, BATCH * o->w.states));
    LERAY_TRY(LERAY_ALLOC(&o->forcings, (size_t)(info->window * info->n_forcing) * o->w.points));
    LERAY_TRY(open_spectra(o));
    LERAY_TRY(roll_all(o));
    divide(o);
    return LERAY_OK;
}

leray_status leray_rollout_run(leray_task *task, leray_model *model, leray_windows *windows,
                               const leray_mean_frames *mean, leray_rollout *out)
{
    rollout_work o = {
        .w = {.task = task, .windows = windows, .average = mean},
          .r = out
    };
    leray_status status;

    memset(out, 0, sizeof *out);
    LERAY_CHECK(windows->info.autoregressive, LERAY_ERR_ARG,
                "a roll-out needs outputs that continue the inputs in time");
    LERAY_CHECK(
        windows->info.history == 1 || leray_windows_step(windows) == windows->settings.every,
        LERAY_ERR_ARG,
        "a roll-out gives predictions back to the model: with history %d they must be as far "
        "apart as the frames given, %d stored frames, not %d",
        windows->info.history, (int)windows->settings.every, leray_windows_step(windows));
    status = run_rollouts(&o, model);
    leray_mem_free(o.shell);
    leray_mem_free(o.field);
    leray_spectrum_destroy(&o.spectrum);
    leray_mem_free(o.forcings);
    leray_mem_free(o.group.start);
    leray_mem_free(o.count);
    close_work(&o.w);
    if (status) leray_rollout_fini(out);
    return status;
}

void leray_rollout_fini(leray_rollout *r)
{
    leray_mem_free(r->forecast_spectrum);
    leray_mem_free(r->truth_spectrum);
    leray_mem_free(r->forecast);
    leray_mem_free(r->truth);
    leray_mem_free(r->mean);
    leray_mem_free(r->identity);
    leray_mem_free(r->error);
    memset(r, 0, sizeof *r);
}

/* ---- single steps ----------------------------------------------------------------------- */

static void score_step(work *w, int sample, int place, const float *y, leray_one_step *out)
{
    const leray_sample_info *info = &w->windows->info;
    const leray_mean_frames *average = w->average;
    size_t size = (size_t)info->window * w->frame, at = (size_t)place * size;
    int trajectory, step;

    leray_windows_locate(w->windows, sample, &trajectory, &step);
    step += info->history;
    out->error += error_of(w, y + at, w->truth + at, size);
    out->identity += error_of(w, w->predictor.last + at, w->truth + at, size);
    if (average->frames && step + info->window <= average->steps)
        out->mean += error_of(w, average->frames + (size_t)step * w->frame, w->truth + at, size);
    else out->mean = NAN;
}

static leray_status step_all(work *w, leray_one_step *out)
{
    size_t size = (size_t)w->windows->info.window * w->frame;
    int n = w->windows->n_samples;

    for (int first = 0; first < n; first += BATCH) {
        int count = n - first < BATCH ? n - first : BATCH;
        const float *y;

        w->predictor.batch.n = count;
        for (int k = 0; k < count; k++)
            LERAY_TRY(leray_predictor_load(&w->predictor, w->windows, first + k, k,
                                           w->truth + (size_t)k * size, NULL));
        LERAY_TRY(leray_predictor_step(&w->predictor, &y));
        for (int k = 0; k < count; k++) score_step(w, first + k, k, y, out);
    }
    out->error /= n, out->identity /= n, out->mean /= n;
    return LERAY_OK;
}

leray_status leray_one_step_run(leray_task *task, leray_model *model, leray_windows *windows,
                                const leray_mean_frames *mean, leray_one_step *out)
{
    work w = {.task = task, .windows = windows, .average = mean};
    leray_status status;

    memset(out, 0, sizeof *out);
    status = open_work(&w, model);
    if (!status) status = step_all(&w, out);
    close_work(&w);
    return status;
}
