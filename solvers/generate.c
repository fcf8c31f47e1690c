/* solvers/generate.c - see solvers/generate.h.

   Ranks form groups of ensemble.ranks; a group works on one simulation at a time, or, where it is one rank,
   on one for each of its threads. Group g takes simulations g, g + groups, ..; within a rank thread k of n takes
   every n-th of those. Who takes which does not change a file: a frame has its place in it, and rows are put in
   order at the end.

   Threads of a rank take turns (one lock) at the file, at MPI and at the counts. A group whose ranks are
   several has one thread that calls MPI. Before each frame every rank looks whether any has been told to stop or
   has failed; the ranks of a group answer that, and the end of every step, as one. */
#include "solvers/generate.h"

#include "core/file.h"
#include "core/log.h"
#include "core/threads.h"
#include "data/formats/csv.h"
#include "data/formats/well/well.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GO_ON, STOPPED, FAILED }; /* levels of the flag */

typedef struct recorder {
    const leray_generate_job *job;
    const leray_ensemble *ensemble;
    leray_comm *group;  /* the ranks of one simulation */
    int groups, number; /* of groups; of this one */
    leray_comm_flag *flag;
    leray_well_writer *writer;
    leray_text *rows; /* [simulations]: on the first rank of the group that takes it */
    leray_generated *out;
    leray_progress progress;
    leray_status status; /* the first failure of any thread, and its message */
    char message[1024];
} recorder;

static bool is_first(const recorder *r) { return leray_comm_rank(r->group) == 0; }

static void fail(recorder *r, leray_status status)
{
#pragma omp critical(leray_generate)
    if (!r->status) {
        r->status = status;
        snprintf(r->message, sizeof r->message, "%s", leray_error_message());
    }
}

/* ---- one simulation --------------------------------------------------------------------- */

/* What a step came to on all ranks of the group: DIVERGED is the simulation's end, anything else the run's. */
static leray_status agree(const recorder *r, leray_status status)
{
    double worst = status == LERAY_ERR_DIVERGED ? 1 : status ? 2 : 0;

    if (leray_comm_size(r->group) == 1) return status;
    LERAY_TRY(leray_comm_max(r->group, &worst, 1));
    if (status && (worst < 2 || status != LERAY_ERR_DIVERGED)) return status;
    LERAY_CHECK(worst < 2, LERAY_ERR_PEER, "another rank has failed; see its message");
    LERAY_CHECK(worst < 1, LERAY_ERR_DIVERGED, "another rank of the simulation finds it so");
    return LERAY_OK;
}

static leray_status go_on(recorder *r)
{
    bool told = r->job->stop && *r->job->stop;
    double level;
    int seen;
    leray_status status;

#pragma omp critical(leray_generate)
    status = leray_comm_flag_look(r->flag, r->status ? FAILED : told ? STOPPED : GO_ON, &seen);
    LERAY_TRY(status);
    level = seen;
    LERAY_TRY(leray_comm_max(r->group, &level, 1));
    LERAY_CHECK(level < FAILED, LERAY_ERR_PEER, "another rank has failed; see its message");
    LERAY_CHECK(level < STOPPED, LERAY_INTERRUPTED, "stopped by a signal; nothing is kept");
    return LERAY_OK;
}

static void add_row(recorder *r, leray_solver *solver, int i, const double *values)
{
    const leray_statistic *statistic;
    int n = leray_solver_statistics(solver, &statistic);
    leray_text *row = &r->rows[i];

    if (!is_first(r)) return;
    leray_text_add(row, "%d", i);
    for (int p = 0; p < r->ensemble->n_parameters; p++) leray_text_add(row, ",%.17g", values[p]);
    leray_text_add(row, ",%.17g", leray_solver_time(solver));
    for (int k = 0; k < n; k++) leray_text_add(row, ",%.17g", statistic[k].value);
    leray_text_add(row, "\n");
}

static leray_status write_frame(recorder *r, leray_solver *solver, int i, int k)
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
    return status;
}

static leray_status simulate(recorder *r, leray_solver *solver, int i, double *values)
{
    const leray_ensemble *e = r->ensemble;
    leray_status status;

    LERAY_TRY(leray_ensemble_parameters(e, i, values));
#pragma omp critical(leray_generate)
    status = leray_well_write_parameters(r->writer, i, values);
    if (!status) status = leray_ensemble_start(e, solver, i);
    LERAY_TRY(agree(r, status));
    for (int k = 0; k < e->settings.frames; k++) {
        LERAY_TRY(go_on(r));
        status = leray_ensemble_advance(e, solver, k);
        if (!status) status = write_frame(r, solver, i, k);
        LERAY_TRY(agree(r, status));
        add_row(r, solver, i, values);
    }
    return LERAY_OK;
}

static void note_divergence(recorder *r, int i, double *values)
{
    char text[512], why[512];

    snprintf(why, sizeof why, "%s", leray_error_message());
    why[strcspn(why, "\n")] = '\0';
    if (!is_first(r) || leray_ensemble_parameters(r->ensemble, i, values)) return;
    leray_ensemble_describe(r->ensemble, values, sizeof text, text);
    leray_warn("simulation %d (%s): %s", i, text, why);
#pragma omp atomic
    r->out->failed++;
}

static void work(recorder *r, leray_solver *solver, int first, int stride)
{
    double *values = NULL;

    if (leray_ensemble_values(r->ensemble, &values)) fail(r, LERAY_ERR_MEMORY);
    for (int i = first; i < r->ensemble->settings.simulations && !r->status; i += stride) {
        leray_status status = simulate(r, solver, i, values);

        if (status == LERAY_ERR_DIVERGED) note_divergence(r, i, values);
        else if (status) fail(r, status);
    }
    leray_mem_free(values);
}

/* ---- all of them ------------------------------------------------------------------------ */

static leray_status own_status(const recorder *r)
{
    if (!r->status) return LERAY_OK;
    leray_error_adopt(r->message);
    return leray_error_trace(r->status, __FILE__, __LINE__);
}

static leray_status run_threads(recorder *r, leray_solver **solvers, int n)
{
    int seen;

#pragma omp parallel for num_threads(n) schedule(static, 1)
    for (int k = 0; k < n; k++) {
        leray_threads_set(n == 1 ? leray_threads() : 1);
        work(r, solvers[k], r->number + k * r->groups, n * r->groups);
    }
    LERAY_TRY(leray_comm_flag_finish(r->flag,
                                     r->status == LERAY_INTERRUPTED ? STOPPED
                                     : r->status                    ? FAILED
                                                                    : GO_ON,
                                     &seen));
    LERAY_CHECK(seen != STOPPED, LERAY_INTERRUPTED, "stopped by a signal; nothing is kept");
    return leray_comm_agree(r->job->comm, own_status(r));
}

static leray_status add_up(recorder *r)
{
    double sums[2] = {is_first(r) ? r->out->failed : 0, is_first(r) ? (double)r->out->frames : 0};

    LERAY_TRY(leray_comm_sum(r->job->comm, sums, 2));
    LERAY_TRY(leray_comm_max(r->job->comm, &r->out->seconds, 1));
    r->out->failed = (int)sums[0];
    r->out->frames = (long)sums[1];
    LERAY_CHECK(r->out->frames > 0, LERAY_ERR_DIVERGED,
                "no simulation reaches its first frame; see the warnings above");
    return LERAY_OK;
}

/* ---- files ------------------------------------------------------------------------------ */

/* Parameters of the solver that do not vary: constants [keys]. */
static leray_status list_constants(const leray_ensemble *e, leray_solver *solver,
                                   leray_well_constant *constants, int *n)
{
    for (int k = 0; k < e->solver->keys.count; k++) {
        const leray_key *key = &e->solver->keys.row[k];
        bool varies = false;

        for (int p = 0; p < e->n_parameters; p++) varies |= e->parameter[p] == key;
        if (!key->parameter || varies) continue;
        constants[*n] = (leray_well_constant){key->name, key->unit, 0};
        LERAY_TRY(leray_solver_get_parameter(solver, key->name, &constants[(*n)++].value));
    }
    return LERAY_OK;
}

static leray_status create_file(recorder *r, leray_solver *solver, leray_well_description *d,
                                leray_well_sampled *sampled, leray_well_constant *constants)
{
    const leray_ensemble *e = r->ensemble;
    leray_frame frame;

    for (int p = 0; p < e->n_parameters; p++)
        sampled[p] = (leray_well_sampled){e->parameter[p]->name, e->parameter[p]->unit};
    d->sampled = sampled, d->constants = constants;
    LERAY_TRY(list_constants(e, solver, constants, &d->n_constants));
    leray_solver_frame(solver, &frame);
    return leray_well_create_on(r->job->comm, r->job->fields, d, &frame, &r->writer);
}

static leray_status open_writer(recorder *r, leray_solver *solver)
{
    const leray_ensemble *e = r->ensemble;
    leray_well_sampled *sampled = NULL;
    leray_well_constant *constants = NULL;
    leray_well_description d = {.dataset_name = r->job->name,
                                .n_trajectories = (int)e->settings.simulations,
                                .n_steps = (int)e->settings.frames,
                                .n_sampled = e->n_parameters,
                                .provenance = r->job->provenance};
    leray_status status = LERAY_ALLOC(&sampled, (size_t)e->n_parameters + 1);

    if (!status) status = LERAY_ALLOC(&constants, (size_t)e->solver->keys.count + 1);
    status = leray_comm_agree(r->job->comm, status);
    if (!status) status = create_file(r, solver, &d, sampled, constants);
    leray_mem_free(constants);
    leray_mem_free(sampled);
    return status;
}

/* The rows that this rank has, in the order of simulations. */
static leray_status own_rows(recorder *r, char **out)
{
    leray_text all = {0};

    for (int i = 0; i < r->ensemble->settings.simulations; i++) {
        if (r->rows[i].status && !all.status) all.status = r->rows[i].status;
        if (r->rows[i].data) leray_text_add(&all, "%s", r->rows[i].data);
    }
    return leray_text_finish(&all, out);
}

static void write_header(const recorder *r, leray_solver *solver, leray_text *all)
{
    const leray_statistic *statistic;
    int n = leray_solver_statistics(solver, &statistic);

    leray_text_add(all, "simulation");
    for (int p = 0; p < r->ensemble->n_parameters; p++) {
        leray_text_add(all, ",");
        leray_csv_add(all, r->ensemble->parameter[p]->name);
    }
    leray_text_add(all, ",time");
    for (int k = 0; k < n; k++) {
        leray_text_add(all, ",");
        leray_csv_add(all, statistic[k].name);
    }
    leray_text_add(all, "\n");
}

/* On rank 0: at[q] is where the rows of rank q go on. Simulation i has its rows with the first rank of its
   group. */
static leray_status write_rows(const recorder *r, leray_text *all, char **at, const char *end)
{
    leray_status status;
    char *text;

    for (int i = 0; i < r->ensemble->settings.simulations; i++) {
        char **row = &at[i % r->groups * leray_comm_size(r->group)];

        while (*row < end && strtol(*row, NULL, 10) == i) {
            int n = (int)strcspn(*row, "\n") + 1;

            leray_text_add(all, "%.*s", n, *row);
            *row += n;
        }
    }
    LERAY_TRY(leray_text_finish(all, &text));
    status = leray_file_write(r->job->statistics, text, strlen(text));
    leray_mem_free(text);
    return status;
}

static leray_status merge_rows(const recorder *r, leray_text *all, char *gathered,
                               const size_t *sizes)
{
    int ranks = leray_comm_size(r->job->comm);
    char **at, *next = gathered;
    leray_status status;

    if (leray_comm_rank(r->job->comm) > 0) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&at, (size_t)ranks));
    for (int q = 0; q < ranks; q++) {
        at[q] = next;
        next += sizes[q];
    }
    status = write_rows(r, all, at, next);
    leray_mem_free(at);
    return status;
}

static leray_status write_statistics(recorder *r, leray_solver *solver)
{
    const leray_comm *comm = r->job->comm;
    leray_text all = {0};
    char *own = NULL, *gathered = NULL;
    size_t *sizes;
    leray_status status;

    write_header(r, solver, &all);
    status = LERAY_ALLOC(&sizes, (size_t)leray_comm_size(comm));
    if (!status) status = own_rows(r, &own);
    status = leray_comm_agree(comm, status);
    if (!status) status = leray_comm_gather(comm, own, strlen(own), &gathered, sizes);
    if (!status) status = leray_comm_agree(comm, merge_rows(r, &all, gathered, sizes));
    if (status || leray_comm_rank(comm) > 0) leray_mem_free(all.data);
    leray_mem_free(gathered);
    leray_mem_free(own);
    leray_mem_free(sizes);
    return status;
}

/* ---- the whole -------------------------------------------------------------------------- */

static leray_status make_groups(recorder *r)
{
    int ranks = leray_comm_size(r->job->comm), rank = leray_comm_rank(r->job->comm);
    int each = (int)r->ensemble->settings.ranks;

    LERAY_CHECK(each <= ranks && ranks % each == 0, LERAY_ERR_CONFIG,
                "ensemble.ranks = %d%s: it must divide the number of ranks, which is %d", each,
                leray_config_where(r->ensemble->cfg, "ensemble", "ranks"), ranks);
    r->groups = ranks / each;
    r->number = rank / each;
    LERAY_TRY(leray_comm_split(r->job->comm, r->number, rank, &r->group));
    return leray_comm_agree(r->job->comm, leray_comm_flag_create(r->job->comm, &r->flag));
}

/* Simulations that this rank runs at the same time. */
static int count_workers(const recorder *r)
{
    const leray_ensemble_settings *e = &r->ensemble->settings;
    int most = (int)((e->simulations + r->groups - 1) / r->groups);
    int n = e->clients ? (int)e->clients : leray_threads();

    if (leray_comm_size(r->group) > 1) return 1;
    return n < most ? n : most;
}

static long own_frames(const recorder *r)
{
    const leray_ensemble_settings *e = &r->ensemble->settings;

    return (long)((e->simulations - r->number + r->groups - 1) / r->groups * e->frames);
}

static leray_status prepare(recorder *r, leray_solver **solvers, int n)
{
    for (int k = 0; k < n; k++)
        LERAY_TRY(leray_ensemble_solver_on(r->ensemble, r->group, &solvers[k]));
    return LERAY_ALLOC(&r->rows, (size_t)r->ensemble->settings.simulations);
}

static leray_status record(recorder *r, leray_solver **solvers, int n)
{
    double began;

    LERAY_TRY(leray_comm_agree(r->job->comm, prepare(r, solvers, n)));
    LERAY_TRY(open_writer(r, solvers[0]));
    r->progress = leray_progress_begin("solve", 0, own_frames(r));
    began = leray_clock();
    LERAY_TRY(run_threads(r, solvers, n));
    leray_progress_end(&r->progress);
    r->out->seconds = leray_clock() - began;
    r->out->simulations = (int)r->ensemble->settings.simulations;
    LERAY_TRY(add_up(r));
    LERAY_TRY(write_statistics(r, solvers[0]));
    return leray_well_commit(&r->writer);
}

static leray_status record_all(recorder *r)
{
    leray_solver **solvers;
    leray_status status;
    int n;

    LERAY_TRY(make_groups(r));
    n = count_workers(r);
    LERAY_TRY(leray_comm_agree(r->job->comm, LERAY_ALLOC(&solvers, (size_t)n)));
    status = record(r, solvers, n);
    leray_well_abandon(&r->writer);
    for (int k = 0; k < n; k++) leray_solver_destroy(&solvers[k]);
    leray_mem_free(solvers);
    return status;
}

leray_status leray_generate(const leray_ensemble *ensemble, const leray_generate_job *job,
                            leray_generated *out)
{
    recorder r = {.ensemble = ensemble, .job = job, .out = out};
    leray_status status;

    memset(out, 0, sizeof *out);
    status = record_all(&r);
    for (int i = 0; i < ensemble->settings.simulations && r.rows; i++)
        leray_mem_free(r.rows[i].data);
    leray_mem_free(r.rows);
    leray_comm_flag_destroy(&r.flag);
    leray_comm_destroy(&r.group);
    return status;
}

leray_status leray_generate_check(const leray_ensemble *ensemble, const leray_comm *comm)
{
    leray_generate_job job = {.comm = comm};
    recorder r = {.ensemble = ensemble, .job = &job};
    leray_solver *solver = NULL;
    leray_status status = make_groups(&r);

    if (!status)
        status = leray_comm_agree(comm, leray_ensemble_solver_on(ensemble, r.group, &solver));
    leray_solver_destroy(&solver);
    leray_comm_flag_destroy(&r.flag);
    leray_comm_destroy(&r.group);
    return status;
}
