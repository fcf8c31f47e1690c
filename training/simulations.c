/* training/simulations.c - see training/simulations.h. */
#include "training/simulations.h"

#include "core/frame.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/threads.h"

#include <stdio.h>
#include <string.h>

/* ---- frames in memory ------------------------------------------------------------------- */

typedef struct simulations {
    leray_trajectories base;
    const leray_ensemble *ensemble;
    int steps;     /* frames of each */
    size_t size;   /* reals of a frame */
    float *frames; /* [simulations, steps, size] */
} simulations;

static leray_status read(leray_trajectories *self, int trajectory, int frame, int n,
                         const int *channel, float *out)
{
    const simulations *s = (const simulations *)self;
    size_t points = leray_grid_points(&self->grid);
    const float *from =
        s->frames + ((size_t)trajectory * (size_t)s->steps + (size_t)frame) * s->size;

    for (int i = 0; i < n; i++, out += points)
        memcpy(out, from + (size_t)channel[i] * points, points * sizeof *out);
    return LERAY_OK;
}

static double time_of(const leray_trajectories *self, int trajectory, int frame)
{
    const leray_ensemble_settings *e = &((const simulations *)self)->ensemble->settings;

    (void)trajectory;
    return e->warmup + frame * e->interval;
}

static void fini(leray_trajectories *self) { leray_mem_free(((simulations *)self)->frames); }

static const leray_trajectories_type type = {read, time_of, fini};

/* ---- running them ----------------------------------------------------------------------- */

typedef struct worker {
    simulations *all;
    leray_solver *solver;
    int first;
    double seconds;
    leray_status status;
    char message[1024];
} worker;

static leray_status simulate(worker *w, int i)
{
    const simulations *s = w->all;
    float *out = s->frames + (size_t)i * (size_t)s->steps * s->size;
    double began = 0;

    LERAY_TRY(leray_ensemble_start(s->ensemble, w->solver, i));
    for (int k = 0; k < s->steps; k++, out += s->size) {
        leray_frame frame;

        LERAY_TRY(leray_ensemble_advance(s->ensemble, w->solver, k));
        leray_solver_frame(w->solver, &frame);
        leray_frame_to_float(&frame, out);
        if (k == w->first) began = leray_clock();
    }
    w->seconds += leray_clock() - began;
    return LERAY_OK;
}

static void run_one(worker *w, int i, bool *good)
{
    leray_status status;

    if (w->status) return;
    status = simulate(w, i);
    good[i] = status == LERAY_OK;
    if (good[i] || status == LERAY_ERR_DIVERGED) return;
    w->status = status;
    snprintf(w->message, sizeof w->message, "%s", leray_error_message());
}

static leray_status run_all(worker *workers, int threads, bool *good,
                            leray_simulations_report *report)
{
    int n = (int)workers[0].all->ensemble->settings.simulations;

#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int k = 0; k < threads; k++) {
        leray_threads_set(1);
        for (int i = k; i < n; i += threads) run_one(&workers[k], i, good);
    }
    for (int k = 0; k < threads; k++) {
        report->solver_seconds += workers[k].seconds / threads;
        if (!workers[k].status) continue;
        leray_error_adopt(workers[k].message);
        return leray_error_trace(workers[k].status, __FILE__, __LINE__);
    }
    return LERAY_OK;
}

/* Closes the gaps that failed simulations left, and fills in the parameters. */
static leray_status gather(simulations *s, const bool *good, leray_simulations_report *report)
{
    const leray_ensemble *e = s->ensemble;
    leray_trajectories *t = &s->base;
    size_t whole = (size_t)s->steps * s->size, np = (size_t)e->n_parameters;
    int n = (int)e->settings.simulations;

    for (int i = 0; i < n; i++) {
        double *values = t->values + (size_t)t->n * np;
        char text[512];

        LERAY_TRY(leray_ensemble_parameters(e, i, values));
        leray_ensemble_describe(e, values, sizeof text, text);
        if (!good[i]) leray_warn("held-out simulation %d (%s) fails and is left out", i, text);
        report->n_failed += !good[i];
        if (!good[i]) continue;
        memmove(s->frames + (size_t)t->n * whole, s->frames + (size_t)i * whole,
                whole * sizeof *s->frames);
        t->frames[t->n++] = s->steps;
    }
    LERAY_CHECK(t->n > 0, LERAY_ERR_DIVERGED, "all %d held-out simulations fail", n);
    return LERAY_OK;
}

static leray_status allocate(simulations *s, const leray_frame *frame)
{
    const leray_ensemble *e = s->ensemble;
    leray_trajectories *t = &s->base;
    size_t n = (size_t)e->settings.simulations, np = (size_t)e->n_parameters;

    s->steps = (int)e->settings.frames;
    s->size = (size_t)frame->nfields * leray_frame_points(frame);
    LERAY_TRY(leray_grid_copy(frame->grid, &t->grid));
    for (int f = 0; f < frame->nfields; f++)
        LERAY_TRY(
            leray_channels_add(&t->channels, frame->field[f].name, frame->field[f].unit, true));
    t->n_parameters = e->n_parameters;
    LERAY_TRY(LERAY_ALLOC(&t->parameter, np + 1));
    for (size_t p = 0; p < np; p++)
        t->parameter[p] =
            (leray_trajectory_parameter){e->parameter[p]->name, e->parameter[p]->unit, true};
    LERAY_TRY(LERAY_ALLOC(&t->frames, n));
    LERAY_TRY(LERAY_ALLOC(&t->values, (n + 1) * np + 1));
    return LERAY_ALLOC(&s->frames, n * (size_t)s->steps * s->size);
}

static leray_status prepare(simulations *s, int first, int threads, worker *workers)
{
    leray_frame frame;

    for (int k = 0; k < threads; k++) {
        workers[k].all = s, workers[k].first = first;
        LERAY_TRY(leray_ensemble_solver(s->ensemble, &workers[k].solver));
    }
    leray_solver_frame(workers[0].solver, &frame);
    return allocate(s, &frame);
}

static leray_status run(simulations *s, int first, leray_simulations_report *report)
{
    int64_t n = s->ensemble->settings.simulations;
    int threads = leray_threads() > n ? (int)n : leray_threads();
    worker *workers = NULL;
    bool *good = NULL;
    leray_status status = LERAY_ALLOC(&workers, (size_t)threads);

    if (!status) status = LERAY_ALLOC(&good, (size_t)n);
    if (!status) status = prepare(s, first, threads, workers);
    if (!status) status = run_all(workers, threads, good, report);
    if (!status) status = gather(s, good, report);
    for (int k = 0; k < threads && workers; k++) leray_solver_destroy(&workers[k].solver);
    leray_mem_free(good);
    leray_mem_free(workers);
    return status;
}

leray_status leray_simulations_run(const leray_ensemble *ensemble, int first,
                                   leray_trajectories **out, leray_simulations_report *report)
{
    simulations *s;
    leray_status status;

    *report = (leray_simulations_report){0};
    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&s, 1));
    s->ensemble = ensemble;
    s->base.type = &type;
    s->base.source = "the ensemble";
    s->base.provenance = "";
    *out = &s->base;
    status = run(s, first, report);
    if (status) leray_trajectories_destroy(out);
    return status;
}

/* ---- samples ---------------------------------------------------------------------------- */

static leray_status fill_info(const leray_frame *frame, const leray_ensemble *ensemble,
                              leray_sample_info *out)
{
    LERAY_TRY(leray_grid_copy(frame->grid, &out->grid));
    for (int f = 0; f < frame->nfields; f++) {
        const leray_frame_field *field = &frame->field[f];

        LERAY_TRY(leray_channels_add(&out->input, field->name, field->unit, true));
        LERAY_TRY(leray_channels_add(&out->output, field->name, field->unit, true));
    }
    for (int p = 0; p < ensemble->n_parameters; p++)
        LERAY_TRY(leray_sample_info_add_parameter(out, ensemble->parameter[p]->name,
                                                  ensemble->parameter[p]->unit,
                                                  ensemble->range[p].min > 0));
    return LERAY_OK;
}

leray_status leray_sample_info_of_ensemble(const leray_frame *frame, const leray_ensemble *ensemble,
                                           int history, leray_sample_info *out)
{
    leray_status status;

    *out = (leray_sample_info){.history = history,
                               .window = 1,
                               .n_state = frame->nfields,
                               .autoregressive = true,
                               .interval = ensemble->settings.interval,
                               .spacing = history > 1 ? ensemble->settings.interval : 0};
    status = fill_info(frame, ensemble, out);
    if (status) leray_sample_info_fini(out);
    return status;
}
