/* online/source_stream.c - samples of an ensemble that runs while the trainer trains.

   The clock counts samples of the logical stream: number g is step k = g mod spp of simulation
   g div spp, with spp = frames - history samples per simulation. Sample (i, k) is frames
   k .. k+history-1 and the target k+history. Each put moves the clock by one; a simulation that
   failed leaves holes. Frames of the simulation being read are held by the reader until the
   next sample no longer needs them, and by every sample of the reservoir that uses them. */
#include "online/source_stream.h"
#include "core/log.h"
#include "core/mem.h"
#include "online/frame_store.h"
#include "online/plan.h"
#include "online/stream.h"
#include "training/simulations.h"

#include <string.h>

typedef struct stream_source {
    leray_source base;
    const leray_ensemble *ensemble;
    leray_reservoir *reservoir;
    leray_plan plan;
    leray_rehearsal rehearsal;
    leray_stream *stream;
    double begun; /* leray_clock when the clients started; 0: not yet */
    leray_frame_store store;
    int history, spp;
    int64_t put;          /* the clock */
    bool failed;          /* the simulation being read has ended early */
    int n_failed;         /* simulations */
    leray_json *failures; /* list of {simulation, step, parameters, reason} */
    int64_t *id;          /* [batch] */
    bool *removed;        /* [batch] */
    leray_batch batch;
    double *values; /* [parameters of the ensemble] scratch */
    double *sum;    /* [frames, size] over simulations, for the mean */
    int *seen;      /* [frames] */
} stream_source;

static int simulation_of(const stream_source *s, int64_t g) { return (int)(g / s->spp); }
static int step_of(const stream_source *s, int64_t g) { return (int)(g % s->spp); }

/* ---- frames ----------------------------------------------------------------------------- */

static leray_status note_failure(stream_source *s, int simulation, int step, const char *reason)
{
    char parameters[512];
    leray_json *entry;
    leray_status status;

    s->failed = true;
    s->n_failed++;
    LERAY_TRY(leray_ensemble_parameters(s->ensemble, simulation, s->values));
    leray_ensemble_describe(s->ensemble, s->values, sizeof parameters, parameters);
    leray_warn("simulation %d ends before frame %d (%s): %s", simulation, step, parameters, reason);
    LERAY_TRY(leray_json_object(&entry));
    status = leray_json_set_int(entry, "simulation", simulation);
    if (!status) status = leray_json_set_int(entry, "step", step);
    if (!status) status = leray_json_set_text(entry, "parameters", parameters);
    if (!status) status = leray_json_set_text(entry, "reason", reason);
    if (status) leray_json_destroy(&entry);
    else status = leray_json_set(s->failures, NULL, &entry);
    return status;
}

static leray_status start_clients(stream_source *s, int simulation)
{
    if (s->begun > 0) return LERAY_OK;
    s->begun = leray_clock();
    return leray_stream_start(s->stream, simulation);
}

static void add_to_mean(stream_source *s, int step, const float *values)
{
    double *sum = s->sum + (size_t)step * s->store.size;

    for (size_t i = 0; i < s->store.size; i++) sum[i] += values[i];
    s->seen[step]++;
}

/* Takes one frame into the store, held by the reader. */
static leray_status take(stream_source *s, int simulation, int step)
{
    const char *reason;
    float *values;
    double asked;
    bool failed;
    leray_status status;

    LERAY_TRY(start_clients(s, simulation));
    LERAY_TRY(leray_frame_store_add(&s->store, simulation, step, &values));
    asked = leray_clock();
    status = leray_stream_take(s->stream, simulation, step, s->base.stop, values, &failed, &reason);
    s->base.waited += leray_clock() - asked;
    if (status || failed) leray_frame_store_release(&s->store, simulation, step);
    if (status) return status;
    return failed ? note_failure(s, simulation, step, reason) : LERAY_OK;
}

static void release_sample(stream_source *s, int64_t g)
{
    for (int j = 0; j <= s->history; j++)
        leray_frame_store_release(&s->store, simulation_of(s, g), step_of(s, g) + j);
}

static void release_held(stream_source *s, int simulation, int first, int last)
{
    for (int j = first; j <= last; j++)
        if (leray_frame_store_find(&s->store, simulation, j))
            leray_frame_store_release(&s->store, simulation, j);
}

/* ---- the clock -------------------------------------------------------------------------- */

static leray_status put_sample(stream_source *s, int64_t g)
{
    leray_rng rng = leray_plan_put_rng(&s->plan, g);
    int64_t evicted;

    for (int j = 0; j <= s->history; j++)
        leray_frame_store_hold(&s->store, simulation_of(s, g), step_of(s, g) + j);
    LERAY_TRY(leray_reservoir_put(s->reservoir, g, &rng, &evicted));
    if (evicted >= 0) release_sample(s, evicted);
    return LERAY_OK;
}

/* The frames of sample g that are new: all at the first step of a simulation, else the target.
   If a signal cuts the wait short nothing has happened. */
static leray_status take_frames(stream_source *s, int64_t g)
{
    int simulation = simulation_of(s, g), k = step_of(s, g);
    int first = k == 0 ? 0 : k + s->history, last = k + s->history;

    if (k == 0) s->failed = false;
    for (int j = first; j <= last && !s->failed; j++) {
        leray_status status = take(s, simulation, j);

        if (status) release_held(s, simulation, first, last);
        if (status) return status;
    }
    for (int j = first; j <= last; j++) {
        const leray_stored_frame *f = leray_frame_store_find(&s->store, simulation, j);

        if (f) add_to_mean(s, j, f->values);
    }
    return LERAY_OK;
}

/* The reader holds frames k .. k+history-1 before sample k, and lets go of k after it. */
static leray_status advance(stream_source *s)
{
    int64_t g = s->put;
    int simulation = simulation_of(s, g), k = step_of(s, g);
    bool alive = k == 0 || !s->failed;

    LERAY_TRY(take_frames(s, g));
    if (!s->failed) {
        LERAY_TRY(put_sample(s, g));
        release_held(s, simulation, k, k);
        if (k == s->spp - 1) release_held(s, simulation, k + 1, k + s->history);
    } else if (alive) release_held(s, simulation, k, k + s->history);
    s->put++;
    return LERAY_OK;
}

static leray_status advance_to(stream_source *s, int64_t clock)
{
    while (s->put < clock) LERAY_TRY(advance(s));
    return LERAY_OK;
}

/* ---- batches ---------------------------------------------------------------------------- */

static leray_status copy_sample(const stream_source *s, int64_t g, float *x, float *y, float *p)
{
    int simulation = simulation_of(s, g), k = step_of(s, g);

    for (int j = 0; j <= s->history; j++) {
        const leray_stored_frame *f = leray_frame_store_find(&s->store, simulation, k + j);

        LERAY_CHECK(f, LERAY_ERR_INTERNAL, "frame %d of simulation %d is not held", k + j,
                    simulation);
        memcpy(j < s->history ? x + (size_t)j * s->store.size : y, f->values,
               s->store.size * sizeof *x);
    }
    LERAY_TRY(leray_ensemble_parameters(s->ensemble, simulation, s->values));
    for (int i = 0; i < s->ensemble->n_parameters; i++) p[i] = (float)s->values[i];
    return LERAY_OK;
}

static leray_status next(leray_source *base, int64_t b, leray_batch *batch)
{
    stream_source *s = (stream_source *)base;
    size_t nx = (size_t)s->history * s->store.size, ny = s->store.size;
    size_t np = (size_t)s->ensemble->n_parameters;
    leray_rng rng = leray_plan_batch_rng(&s->plan, b);

    LERAY_TRY(advance_to(s, leray_plan_puts(&s->plan, b)));
    s->batch.n = leray_reservoir_draw(s->reservoir, &rng, base->batch, s->put == s->plan.samples,
                                      s->id, s->removed);
    s->batch.total = s->batch.n;
    for (size_t i = 0; i < (size_t)s->batch.n; i++) {
        LERAY_TRY(copy_sample(s, s->id[i], s->batch.x + i * nx, s->batch.y + i * ny,
                              s->batch.parameters + i * np));
        if (s->removed[i]) release_sample(s, s->id[i]);
    }
    *batch = s->batch;
    return LERAY_OK;
}

static leray_status fit(leray_source *base, leray_sample_visitor visit, void *context)
{
    stream_source *s = (stream_source *)base;
    leray_batch one = s->batch;

    LERAY_TRY(advance_to(s, leray_plan_puts(&s->plan, 0)));
    LERAY_CHECK(s->reservoir->count > 0, LERAY_ERR_DIVERGED,
                "every simulation so far has failed; see the warnings above");
    one.n = one.total = 1;
    for (int i = 0; i < s->reservoir->count; i++) {
        LERAY_TRY(copy_sample(s, s->reservoir->id[i], one.x, one.y, one.parameters));
        LERAY_TRY(visit(context, &one));
    }
    return LERAY_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------ */

/* The frames held, as triples (simulation, step, users) beside their values. */
static leray_status save_frames(stream_source *s, leray_checkpoint_writer *w)
{
    size_t n = (size_t)s->store.count, k = 0;
    int32_t *index;
    float *values = NULL;
    leray_status status = LERAY_ALLOC(&index, 3 * n);

    if (!status) status = LERAY_ALLOC(&values, n * s->store.size);
    for (int b = 0; b < s->store.n_buckets && !status; b++)
        for (int i = s->store.bucket[b]; i >= 0; i = s->store.slot[i].next, k++) {
            const leray_stored_frame *f = &s->store.slot[i];

            index[3 * k] = f->simulation;
            index[3 * k + 1] = f->step;
            index[3 * k + 2] = f->users;
            memcpy(values + k * s->store.size, f->values, s->store.size * sizeof *values);
        }
    if (!status) status = leray_checkpoint_add(w, "stream-index.i32", index, 3 * n * sizeof *index);
    if (!status)
        status = leray_checkpoint_add(w, "stream-frames.f32", values,
                                      n * s->store.size * sizeof *values);
    leray_mem_free(values);
    leray_mem_free(index);
    return status;
}

static leray_status save_json(stream_source *s, leray_json *json)
{
    leray_json *reservoir, *failures = NULL;
    char *text;
    leray_status status;

    LERAY_TRY(leray_json_set_int(json, "put", s->put));
    LERAY_TRY(leray_json_set_int(json, "failed", s->failed));
    LERAY_TRY(leray_json_set_int(json, "n_failed", s->n_failed));
    LERAY_TRY(leray_reservoir_to_json(s->reservoir, &reservoir));
    LERAY_TRY(leray_json_set(json, "reservoir", &reservoir));
    LERAY_TRY(leray_json_text(s->failures, 0, &text));
    status = leray_json_parse("failures", text, strlen(text), &failures);
    leray_mem_free(text);
    if (!status) status = leray_json_set(json, "failures", &failures);
    return status;
}

static leray_status save(leray_source *base, leray_checkpoint_writer *w)
{
    stream_source *s = (stream_source *)base;
    size_t frames = (size_t)s->ensemble->settings.frames;
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_json_object(&json));
    status = save_json(s, json);
    if (!status) status = leray_checkpoint_add_json(w, "stream.json", json);
    leray_json_destroy(&json);
    if (!status)
        status = leray_checkpoint_add(w, "stream-sum.f64", s->sum,
                                      frames * s->store.size * sizeof *s->sum);
    if (!status)
        status = leray_checkpoint_add(w, "stream-seen.i32", s->seen, frames * sizeof *s->seen);
    if (!status) status = save_frames(s, w);
    return status;
}

static leray_status place_frames(stream_source *s, const int32_t *index, size_t n,
                                 const char *values)
{
    size_t bytes = s->store.size * sizeof(float);
    float *to;

    leray_frame_store_clear(&s->store);
    for (size_t k = 0; k < n; k++) {
        LERAY_TRY(leray_frame_store_add(&s->store, index[3 * k], index[3 * k + 1], &to));
        leray_frame_store_find(&s->store, index[3 * k], index[3 * k + 1])->users = index[3 * k + 2];
        memcpy(to, values + k * bytes, bytes);
    }
    return LERAY_OK;
}

static leray_status restore_frames(stream_source *s, const leray_checkpoint *c)
{
    char *index, *values = NULL;
    size_t bytes, n;
    leray_status status;

    LERAY_TRY(leray_checkpoint_read(c, "stream-index.i32", SIZE_MAX, &index, &bytes));
    n = bytes / (3 * sizeof(int32_t));
    status = leray_checkpoint_read(c, "stream-frames.f32", n * s->store.size * sizeof(float),
                                   &values, &bytes);
    if (!status) status = place_frames(s, (const int32_t *)(const void *)index, n, values);
    leray_mem_free(values);
    leray_mem_free(index);
    return status;
}

static leray_status restore_json(stream_source *s, const leray_json *json)
{
    leray_json *reservoir;
    int64_t value;
    leray_status status;

    LERAY_TRY(leray_json_get_int(json, "put", &s->put));
    LERAY_TRY(leray_json_get_int(json, "failed", &value));
    s->failed = value != 0;
    LERAY_TRY(leray_json_get_int(json, "n_failed", &value));
    s->n_failed = (int)value;
    LERAY_TRY(leray_json_get(json, "reservoir", &reservoir));
    status = leray_reservoir_from_json(s->reservoir, reservoir);
    leray_json_destroy(&reservoir);
    if (status) return status;
    leray_json_destroy(&s->failures);
    return leray_json_get(json, "failures", &s->failures);
}

static leray_status restore(leray_source *base, const leray_checkpoint *c)
{
    stream_source *s = (stream_source *)base;
    size_t frames = (size_t)s->ensemble->settings.frames;
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_checkpoint_read_json(c, "stream.json", &json));
    status = restore_json(s, json);
    leray_json_destroy(&json);
    if (!status)
        status = leray_checkpoint_load(c, "stream-sum.f64", s->sum,
                                       frames * s->store.size * sizeof *s->sum);
    if (!status)
        status = leray_checkpoint_load(c, "stream-seen.i32", s->seen, frames * sizeof *s->seen);
    if (!status) status = restore_frames(s, c);
    return status;
}

/* ---- report ----------------------------------------------------------------------------- */

static void fill_mean(stream_source *s)
{
    for (int k = 0; k < s->base.mean_steps; k++)
        for (size_t i = 0; i < s->store.size; i++)
            s->base.mean[(size_t)k * s->store.size + i] =
                s->seen[k] ? (float)(s->sum[(size_t)k * s->store.size + i] / s->seen[k]) : 0;
}

static leray_status report(leray_source *base, leray_json *json)
{
    stream_source *s = (stream_source *)base;
    double idle, busy;
    leray_json *failures;

    fill_mean(s);
    leray_stream_times(s->stream, &idle, &busy);
    base->producers_idle = idle + busy > 0 ? idle / (idle + busy) : 0;
    LERAY_TRY(leray_json_set_int(json, "simulations", s->ensemble->settings.simulations));
    LERAY_TRY(leray_json_set_int(json, "simulations_failed", s->n_failed));
    LERAY_TRY(leray_json_set_int(json, "samples", s->plan.samples));
    LERAY_TRY(leray_json_set_real(json, "draws_per_sample", s->rehearsal.mean_draws));
    LERAY_TRY(leray_json_set_int(json, "samples_never_drawn", s->rehearsal.never_drawn));
    LERAY_TRY(leray_json_set_real(json, "solver_busy_seconds", busy));
    LERAY_TRY(leray_json_set_real(json, "solver_idle", base->producers_idle));
    failures = s->failures;
    s->failures = NULL;
    return leray_json_set(json, "failures", &failures);
}

/* ---- making and ending ------------------------------------------------------------------ */

static leray_status init(stream_source *s, const leray_stream_settings *settings)
{
    const leray_ensemble_settings *e = &s->ensemble->settings;
    leray_frame frame;

    LERAY_CHECK(e->frames > s->history, LERAY_ERR_CONFIG,
                "ensemble.frames = %lld must be more than reservoir.history = %d",
                (long long)e->frames, s->history);
    s->spp = (int)e->frames - s->history;
    s->plan = (leray_plan){settings->seed, e->simulations * s->spp, settings->batch,
                           settings->ratio, s->reservoir->threshold};
    LERAY_TRY(leray_plan_rehearse(&s->plan, s->reservoir, &s->rehearsal));
    s->base.batches = s->rehearsal.batches;
    LERAY_TRY(leray_json_array(&s->failures));
    LERAY_TRY(leray_stream_create(s->ensemble, settings->clients, &s->stream));
    leray_stream_example(s->stream, &frame);
    LERAY_TRY(leray_sample_info_of_ensemble(&frame, s->ensemble, s->history, &s->base.info));
    LERAY_TRY(leray_frame_store_init(&s->store, leray_stream_frame_size(s->stream)));
    LERAY_TRY(LERAY_ALLOC(&s->id, (size_t)settings->batch));
    LERAY_TRY(LERAY_ALLOC(&s->removed, (size_t)settings->batch));
    LERAY_TRY(leray_ensemble_values(s->ensemble, &s->values));
    LERAY_TRY(LERAY_ALLOC(&s->sum, (size_t)e->frames * s->store.size));
    LERAY_TRY(LERAY_ALLOC(&s->seen, (size_t)e->frames));
    LERAY_TRY(LERAY_ALLOC(&s->base.mean, (size_t)e->frames * s->store.size));
    s->base.mean_steps = (int)e->frames;
    return leray_batch_create(&s->base.info, settings->batch, &s->batch);
}

static void fini(leray_source *base)
{
    stream_source *s = (stream_source *)base;

    leray_stream_destroy(&s->stream);
    leray_batch_fini(&s->batch);
    leray_frame_store_fini(&s->store);
    leray_json_destroy(&s->failures);
    leray_mem_free(s->seen);
    leray_mem_free(s->sum);
    leray_mem_free(s->values);
    leray_mem_free(s->removed);
    leray_mem_free(s->id);
}

static const leray_source_type type = {
    .next = next, .fit = fit, .fini = fini, .save = save, .restore = restore, .report = report};

leray_status leray_source_from_ensemble(const leray_ensemble *ensemble, leray_reservoir *reservoir,
                                        const leray_stream_settings *settings, leray_source **out)
{
    stream_source *s;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&s, 1));
    s->base.type = &type;
    s->base.batch = settings->batch;
    s->ensemble = ensemble;
    s->reservoir = reservoir;
    s->history = settings->history;
    *out = &s->base;
    status = init(s, settings);
    if (status) leray_source_destroy(out);
    return status;
}
