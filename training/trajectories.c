/* training/trajectories.c - an ensemble run to its end, in memory. */
#include "training/trajectories.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/threads.h"

#include <stdio.h>
#include <string.h>

typedef struct worker {
    const leray_ensemble *ensemble;
    leray_solver *solver;
    int first;
    double seconds;
    leray_status status;
    char message[1024];
} worker;

static void store(const leray_frame *frame, float *out)
{
    size_t points = 1;

    for (int d = 0; d < frame->ndim; d++) points *= (size_t)frame->shape[d];
    for (int f = 0; f < frame->nfields; f++)
        for (size_t i = 0; i < points; i++) *out++ = (float)frame->field[f].values[i];
}

/* One simulation into out [frames, size]. */
static leray_status simulate(worker *w, int i, size_t size, float *out)
{
    const leray_ensemble *e = w->ensemble;
    double began = 0;

    LERAY_TRY(leray_ensemble_start(e, w->solver, i));
    for (int k = 0; k < e->settings.frames; k++) {
        leray_frame frame;

        LERAY_TRY(leray_ensemble_advance(e, w->solver, k));
        leray_solver_frame(w->solver, &frame);
        store(&frame, out + (size_t)k * size);
        if (k == w->first) began = leray_clock();
    }
    w->seconds += leray_clock() - began;
    return LERAY_OK;
}

static void run_one(worker *w, int i, const leray_trajectories *t, bool *good)
{
    leray_status status;

    if (w->status) return;
    status = simulate(w, i, t->size, t->values + (size_t)i * (size_t)t->frames * t->size);
    good[i] = status == LERAY_OK;
    if (good[i] || status == LERAY_ERR_DIVERGED) return;
    w->status = status;
    snprintf(w->message, sizeof w->message, "%s", leray_error_message());
}

static leray_status run_all(worker *workers, int threads, leray_trajectories *t, bool *good)
{
    int n = (int)workers[0].ensemble->settings.simulations;

#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int k = 0; k < threads; k++) {
        leray_threads_set(1);
        for (int i = k; i < n; i += threads) run_one(&workers[k], i, t, good);
    }
    for (int k = 0; k < threads; k++) {
        t->solver_seconds += workers[k].seconds / threads;
        if (!workers[k].status) continue;
        leray_error_adopt(workers[k].message);
        return leray_error_trace(workers[k].status, __FILE__, __LINE__);
    }
    return LERAY_OK;
}

/* Closes the gaps that failed simulations left, and fills in the parameters. */
static leray_status gather(const leray_ensemble *e, leray_trajectories *t, const bool *good)
{
    size_t whole = (size_t)t->frames * t->size;
    int n = (int)e->settings.simulations;

    for (int i = 0; i < n; i++) {
        double values[LERAY_ENSEMBLE_PARAMETERS];
        char text[512];

        LERAY_TRY(leray_ensemble_parameters(e, i, values));
        leray_ensemble_describe(e, values, sizeof text, text);
        if (!good[i]) leray_warn("held-out simulation %d (%s) fails and is left out", i, text);
        t->n_failed += !good[i];
        if (!good[i]) continue;
        memmove(t->values + (size_t)t->n * whole, t->values + (size_t)i * whole,
                whole * sizeof *t->values);
        for (int p = 0; p < e->n_parameters; p++)
            t->parameters[(size_t)t->n * (size_t)e->n_parameters + (size_t)p] = (float)values[p];
        t->n++;
    }
    LERAY_CHECK(t->n > 0, LERAY_ERR_DIVERGED, "all %d held-out simulations fail", n);
    return LERAY_OK;
}

static leray_status prepare(const leray_ensemble *e, int first, int threads, worker *workers,
                            leray_trajectories *t)
{
    leray_frame frame;
    size_t n = (size_t)e->settings.simulations;

    for (int k = 0; k < threads; k++) {
        workers[k].ensemble = e;
        workers[k].first = first;
        LERAY_TRY(leray_ensemble_solver(e, &workers[k].solver));
    }
    leray_solver_frame(workers[0].solver, &frame);
    t->size = (size_t)frame.nfields;
    for (int d = 0; d < frame.ndim; d++) t->size *= (size_t)frame.shape[d];
    t->frames = (int)e->settings.frames;
    t->n_parameters = e->n_parameters;
    LERAY_TRY(LERAY_ALLOC(&t->values, n * (size_t)t->frames * t->size));
    return LERAY_ALLOC(&t->parameters, n * (size_t)e->n_parameters);
}

leray_status leray_trajectories_simulate(const leray_ensemble *ensemble, int first,
                                         leray_trajectories *out)
{
    int threads = leray_threads();
    worker *workers = NULL;
    bool *good = NULL;
    leray_status status;

    memset(out, 0, sizeof *out);
    if (threads > ensemble->settings.simulations) threads = (int)ensemble->settings.simulations;
    status = LERAY_ALLOC(&workers, (size_t)threads);
    if (!status) status = LERAY_ALLOC(&good, (size_t)ensemble->settings.simulations);
    if (!status) status = prepare(ensemble, first, threads, workers, out);
    if (!status) status = run_all(workers, threads, out, good);
    if (!status) status = gather(ensemble, out, good);
    for (int k = 0; k < threads && workers; k++) leray_solver_destroy(&workers[k].solver);
    leray_mem_free(good);
    leray_mem_free(workers);
    if (status) leray_trajectories_fini(out);
    return status;
}

void leray_trajectories_fini(leray_trajectories *t)
{
    leray_mem_free(t->parameters);
    leray_mem_free(t->values);
    memset(t, 0, sizeof *t);
}

const float *leray_trajectories_frame(const leray_trajectories *t, int simulation, int step)
{
    return t->values + ((size_t)simulation * (size_t)t->frames + (size_t)step) * t->size;
}
