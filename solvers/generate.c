/* solvers/generate.c - see solvers/generate.h. Simulations run in parallel, one per thread; frames
   and rows are written as they come, under one lock, and rows are put in order at the end. */
#include "solvers/generate.h"

#include "core/file.h"
#include "core/log.h"
#include "core/threads.h"
#include "data/formats/csv.h"
#include "data/formats/well/well.h"

#include <stdio.h>
#include <string.h>

typedef struct recorder {
    const leray_ensemble *ensemble;
    const volatile sig_atomic_t *stop;
    leray_well_writer *writer;
    leray_text *rows; /* [simulations] */
    leray_generated *out;
    leray_progress progress;
    leray_status status; /* the first failure of any thread, and its message */
    char message[1024];
} recorder;

static void fail(recorder *r, leray_status status)
{
#pragma omp critical(leray_generate)
    if (!r->status) {
        r->status = status;
        snprintf(r->message, sizeof r->message, "%s", leray_error_message());
    }
}

static void add_row(recorder *r, leray_solver *solver, int i, const double *values)
{
    const leray_statistic *statistic;
    int n = leray_solver_statistics(solver, &statistic);
    leray_text *row = &r->rows[i];

    leray_text_add(row, "%d", i);
    for (int p = 0; p < r->ensemble->n_parameters; p++) leray_text_add(row, ",%.17g", values[p]);
    leray_text_add(row, ",%.17g", leray_solver_time(solver));
    for (int k = 0; k < n; k++) leray_text_add(row, ",%.17g", statistic[k].value);
    leray_text_add(row, "\n");
}

static leray_status write_frame(recorder *r, leray_solver *solver, int i, int k,
                                const double *values)
{
    leray_frame frame;
    leray_status status;

    leray_solver_frame(solver, &frame);
    /* Every simulation's clock is its own; the file has one time axis. */
    frame.time = r->ensemble->settings.warmup + k * r->ensemble->settings.interval;
#pragma omp critical(leray_generate)
    {
        status = leray_well_write(r->writer, i, k, &frame);
        r->out->frames++;
        leray_progress_update(&r->progress, r->out->frames, "");
    }
    add_row(r, solver, i, values);
    return status;
}

static leray_status simulate(recorder *r, leray_solver *solver, int i)
{
    const leray_ensemble *e = r->ensemble;
    double values[LERAY_ENSEMBLE_PARAMETERS] = {0};
    leray_status status;

    LERAY_TRY(leray_ensemble_parameters(e, i, values));
#pragma omp critical(leray_generate)
    status = leray_well_write_parameters(r->writer, i, values);
    if (status) return status;
    LERAY_TRY(leray_ensemble_start(e, solver, i));
    for (int k = 0; k < e->settings.frames; k++) {
        if (r->stop && *r->stop)
            LERAY_FAIL(LERAY_INTERRUPTED, "stopped by a signal; nothing is kept");
        LERAY_TRY(leray_ensemble_advance(e, solver, k));
        LERAY_TRY(write_frame(r, solver, i, k, values));
    }
    return LERAY_OK;
}

static void note_divergence(recorder *r, int i)
{
    double values[LERAY_ENSEMBLE_PARAMETERS] = {0};
    char text[512], why[512];

    snprintf(why, sizeof why, "%s", leray_error_message());
    why[strcspn(why, "\n")] = '\0';
    if (leray_ensemble_parameters(r->ensemble, i, values)) return;
    leray_ensemble_describe(r->ensemble, values, sizeof text, text);
    leray_warn("simulation %d (%s): %s", i, text, why);
#pragma omp atomic
    r->out->failed++;
}

/* Thread k of n takes simulations k, k + n, ..: who takes which does not change a file. */
static void work(recorder *r, leray_solver *solver, int first, int stride)
{
    for (int i = first; i < r->ensemble->settings.simulations && !r->status; i += stride) {
        leray_status status = simulate(r, solver, i);

        if (status == LERAY_ERR_DIVERGED) note_divergence(r, i);
        else if (status) fail(r, status);
    }
}

static leray_status run_threads(recorder *r, leray_solver **solvers, int n)
{
#pragma omp parallel for num_threads(n) schedule(static, 1)
    for (int k = 0; k < n; k++) {
        leray_threads_set(n == 1 ? leray_threads() : 1);
        work(r, solvers[k], k, n);
    }
    if (!r->status) return LERAY_OK;
    leray_error_adopt(r->message);
    return leray_error_trace(r->status, __FILE__, __LINE__);
}

/* ---- files ------------------------------------------------------------------------------ */

static leray_status open_writer(recorder *r, const char *name, const char *provenance,
                                const char *path, leray_solver *solver)
{
    const leray_ensemble *e = r->ensemble;
    leray_well_sampled sampled[LERAY_ENSEMBLE_PARAMETERS];
    leray_well_constant constants[64];
    leray_well_description d = {.dataset_name = name,
                                .n_trajectories = (int)e->settings.simulations,
                                .n_steps = (int)e->settings.frames,
                                .n_sampled = e->n_parameters,
                                .sampled = sampled,
                                .constants = constants,
                                .provenance = provenance};
    leray_frame frame;

    for (int p = 0; p < e->n_parameters; p++)
        sampled[p] = (leray_well_sampled){e->parameter[p]->name, e->parameter[p]->unit};
    for (int k = 0; k < e->solver->keys.count && d.n_constants < 64; k++) {
        const leray_key *key = &e->solver->keys.row[k];
        bool varies = false;

        for (int p = 0; p < e->n_parameters; p++) varies |= e->parameter[p] == key;
        if (!key->parameter || varies) continue;
        constants[d.n_constants] = (leray_well_constant){key->name, key->unit, 0};
        LERAY_TRY(leray_solver_get_parameter(solver, key->name, &constants[d.n_constants++].value));
    }
    leray_solver_frame(solver, &frame);
    return leray_well_create(path, &d, &frame, &r->writer);
}

static leray_status write_statistics(recorder *r, leray_solver *solver, const char *path)
{
    const leray_statistic *statistic;
    int n = leray_solver_statistics(solver, &statistic);
    leray_text all = {0};
    leray_status status;
    char *text;

    leray_text_add(&all, "simulation");
    for (int p = 0; p < r->ensemble->n_parameters; p++) {
        leray_text_add(&all, ",");
        leray_csv_add(&all, r->ensemble->parameter[p]->name);
    }
    leray_text_add(&all, ",time");
    for (int k = 0; k < n; k++) {
        leray_text_add(&all, ",");
        leray_csv_add(&all, statistic[k].name);
    }
    leray_text_add(&all, "\n");
    for (int i = 0; i < r->ensemble->settings.simulations; i++) {
        if (r->rows[i].status && !all.status) all.status = r->rows[i].status;
        if (r->rows[i].data) leray_text_add(&all, "%s", r->rows[i].data);
    }
    LERAY_TRY(leray_text_finish(&all, &text));
    status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    return status;
}

static leray_status record(recorder *r, leray_solver **solvers, int n, const char *name,
                           const char *provenance, const char *fields, const char *statistics)
{
    const leray_ensemble_settings *e = &r->ensemble->settings;
    double began;

    for (int k = 0; k < n; k++) LERAY_TRY(leray_ensemble_solver(r->ensemble, &solvers[k]));
    LERAY_TRY(LERAY_ALLOC(&r->rows, (size_t)e->simulations));
    LERAY_TRY(open_writer(r, name, provenance, fields, solvers[0]));
    r->progress = leray_progress_begin("solve", 0, (long)(e->simulations * e->frames));
    began = leray_clock();
    LERAY_TRY(run_threads(r, solvers, n));
    leray_progress_end(&r->progress);
    r->out->seconds = leray_clock() - began;
    r->out->simulations = (int)e->simulations;
    LERAY_CHECK(r->out->frames > 0, LERAY_ERR_DIVERGED,
                "no simulation reaches its first frame; see the warnings above");
    LERAY_TRY(write_statistics(r, solvers[0], statistics));
    return leray_well_commit(&r->writer);
}

leray_status leray_generate(const leray_ensemble *ensemble, const char *name,
                            const char *provenance, const char *fields, const char *statistics,
                            const volatile sig_atomic_t *stop, leray_generated *out)
{
    recorder r = {.ensemble = ensemble, .stop = stop, .out = out};
    leray_solver **solvers;
    int n = ensemble->settings.clients ? (int)ensemble->settings.clients : leray_threads();
    leray_status status;

    memset(out, 0, sizeof *out);
    if (n > ensemble->settings.simulations) n = (int)ensemble->settings.simulations;
    LERAY_TRY(LERAY_ALLOC(&solvers, (size_t)n));
    status = record(&r, solvers, n, name, provenance, fields, statistics);
    leray_well_abandon(&r.writer);
    for (int i = 0; i < ensemble->settings.simulations && r.rows; i++)
        leray_mem_free(r.rows[i].data);
    leray_mem_free(r.rows);
    for (int k = 0; k < n; k++) leray_solver_destroy(&solvers[k]);
    leray_mem_free(solvers);
    return status;
}
