/* commands/solve.c - leray_run_solve: one simulation with the deck's own parameters, on all ranks where the
   solver can be divided among them. */
#include "commands/folder.h"
#include "core/launch.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/provenance.h"
#include "core/text.h"
#include "core/threads.h"
#include "solvers/run/run.h"

#include <string.h>

/* ---- what came of it --------------------------------------------------------------------- */

static leray_status statistics_to_json(const leray_run_summary *r, leray_json *result)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_object(&list));
    status = leray_json_set_real(list, "time", r->time);
    for (int i = 0; i < r->n_statistics && !status; i++)
        status = leray_json_set_real(list, r->statistic[i].name, r->statistic[i].value);
    if (!status) return leray_json_set(result, "statistics", &list);
    leray_json_destroy(&list);
    return status;
}

static leray_status metrics_to_json(const leray_run_summary *r, leray_json *result)
{
    leray_json *metrics;
    leray_status status;

    LERAY_TRY(leray_json_object(&metrics));
    status = leray_json_set_int(metrics, "simulations", 1);
    if (!status) status = leray_json_set_int(metrics, "simulations_failed", 0);
    if (!status) status = leray_json_set_int(metrics, "frames", r->frames);
    if (!status) status = leray_json_set_int(metrics, "steps", r->steps);
    if (!status) status = leray_json_set_real(metrics, "seconds", r->seconds);
    if (!status) return leray_json_set(result, "metrics", &metrics);
    leray_json_destroy(&metrics);
    return status;
}

static void write_text(const leray_run_summary *r, const char *folder, leray_text *text)
{
    char digits[LERAY_DIGITS];

    leray_text_add(text, "1 simulation, %d frames, time %.9g after %ld steps, %s s%s\n", r->frames,
                   r->time, r->steps, leray_digits(r->seconds, 2, digits),
                   r->resumed ? " since it went on" : "");
    for (int i = 0; i < r->n_statistics; i++)
        leray_text_add(text, "  %-24s %.6g%s%s\n", r->statistic[i].name, r->statistic[i].value,
                       *r->statistic[i].unit ? "  " : "", r->statistic[i].unit);
    leray_text_add(text, "fields in %s/fields.h5, statistics in %s/statistics.csv\n", folder,
                   folder);
}

static leray_status report_run(const leray_folder *folder, const leray_experiment *e,
                               const leray_run_summary *r, leray_report *report)
{
    leray_json *result;
    leray_text text = {0};
    leray_status status;

    LERAY_TRY(leray_json_object(&result));
    status = metrics_to_json(r, result);
    if (!status) status = statistics_to_json(r, result);
    if (!status) status = leray_folder_result(folder, e, result, report);
    leray_json_destroy(&result);
    if (status) return status;
    write_text(r, folder->path, &text);
    return leray_text_finish(&text, &report->text);
}

/* ---- the run ----------------------------------------------------------------------------- */

/* `types` [LERAY_RUN_DIAGNOSTICS]: all kinds of diagnostics; those that the deck asks for are made. */
static leray_run_plan plan_of(const leray_ensemble *ensemble, const leray_experiment *e,
                              const leray_comm *comm, const leray_run_options *options,
                              const leray_diagnostic_type **types)
{
    const leray_registry *r = leray_registry_of(LERAY_KIND_OF_DIAGNOSTIC);
    leray_run_plan plan = {.ensemble = ensemble,
                           .comm = comm,
                           .diagnostic = types,
                           .name = e->run.name,
                           .elapsed = e->run.elapsed,
                           .fresh = options->fresh != 0,
                           .stop = options->stop};

    for (const leray_registry_entry *entry = NULL;
         plan.n_diagnostics < LERAY_RUN_DIAGNOSTICS && (entry = leray_registry_next(r, entry));)
        types[plan.n_diagnostics++] = entry->type;
    return plan;
}

static leray_status simulate(leray_run_plan *plan, const leray_experiment *e,
                             const leray_folder *folder, leray_report *report)
{
    leray_run_summary summary;
    char *provenance;
    leray_status status;

    LERAY_TRY(
        leray_provenance_text(plan->comm, e->cfg, (uint64_t)e->run.seed, 0, NULL, &provenance));
    plan->folder = folder->path, plan->provenance = provenance;
    status = leray_run_simulation(plan, &summary);
    leray_mem_free(provenance);
    if (!status) status = report_run(folder, e, &summary, report);
    leray_mem_free(summary.statistic);
    return status;
}

/* The deck's own parameters, not the first sample of their ranges. */
static leray_status prepare(leray_ensemble *ensemble, const leray_experiment *e,
                            const leray_comm *comm)
{
    const leray_solver_type *type = e->type[LERAY_KIND_OF_SOLVER];

    LERAY_CHECK(e->has_solver, LERAY_ERR_CONFIG, "this deck has no section 'solver'");
    if (!type->shared) LERAY_TRY(leray_comm_only_one(comm, "leray solve with this solver"));
    LERAY_TRY(leray_ensemble_init(ensemble, e->cfg, type, e->type[LERAY_KIND_OF_SAMPLER],
                                  (uint64_t)e->run.seed, 1, 0));
    leray_sampler_destroy(&ensemble->sampler);
    ensemble->n_parameters = 0;
    leray_threads_set(leray_group_threads(comm, (int)e->run.threads));
    return LERAY_OK;
}

static leray_status dry_run(const leray_run_plan *plan, leray_report *report)
{
    leray_text text = {0};

    LERAY_TRY(leray_run_check(plan));
    leray_text_add(&text,
                   "dry run: the deck is valid; nothing was written\n  1 simulation of %lld "
                   "frames\n",
                   (long long)plan->ensemble->settings.frames);
    LERAY_TRY(leray_text_finish(&text, &report->text));
    return leray_mem_text("{\"dry_run\": true}", &report->json);
}

static leray_status run(leray_ensemble *ensemble, const leray_experiment *e, const leray_comm *comm,
                        leray_folder *folder, const leray_run_options *options,
                        leray_report *report)
{
    const leray_diagnostic_type *types[LERAY_RUN_DIAGNOSTICS];
    leray_run_plan plan;

    LERAY_TRY(prepare(ensemble, e, comm));
    plan = plan_of(ensemble, e, comm, options, types);
    if (options->dry_run) return dry_run(&plan, report);
    LERAY_TRY(leray_folder_open(e, LERAY_FOLDER_SOLVE, options, comm, folder));
    return simulate(&plan, e, folder, report);
}

leray_status leray_run_solve(const leray_config *cfg, const leray_run_options *options,
                             leray_report *report)
{
    leray_experiment *e;
    leray_ensemble ensemble = {0};
    leray_folder folder = {.lock.fd = -1};
    leray_group group;
    bool first;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(LERAY_ALLOC(&e, 1));
    status = leray_group_open(&group, options->mpi_comm);
    first = leray_comm_rank(group.comm) == 0;
    if (!status) status = leray_experiment_init(cfg, e);
    if (!status) status = run(&ensemble, e, group.comm, &folder, options, report);
    leray_folder_close(&folder);
    leray_ensemble_fini(&ensemble);
    leray_group_close(&group);
    leray_mem_free(e);
    if (status || !first) leray_report_free(report); /* rank 0 speaks for all */
    return status;
}
