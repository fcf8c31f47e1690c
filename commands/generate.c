/* commands/generate.c - leray_run_generate: the ensemble to a file. */
#include "solvers/generate.h"
#include "commands/folder.h"
#include "core/launch.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/provenance.h"
#include "core/text.h"
#include "core/threads.h"
#include "data/formats/well/well.h"

#include <string.h>

static leray_status report_recording(const leray_folder *folder, const leray_experiment *e,
                                     const leray_generated *r, leray_report *report)
{
    leray_json *result, *metrics = NULL;
    leray_text text = {0};
    char digits[LERAY_DIGITS];
    leray_status status;

    LERAY_TRY(leray_json_object(&result));
    status = leray_json_object(&metrics);
    if (!status) status = leray_json_set_int(metrics, "simulations", r->simulations);
    if (!status) status = leray_json_set_int(metrics, "simulations_failed", r->failed);
    if (!status) status = leray_json_set_int(metrics, "frames", r->frames);
    if (!status) status = leray_json_set_real(metrics, "seconds", r->seconds);
    if (!status) status = leray_json_set(result, "metrics", &metrics);
    leray_json_destroy(&metrics);
    if (!status) status = leray_folder_result(folder, e, result, report);
    leray_json_destroy(&result);
    if (status) return status;
    leray_text_add(&text, "%d simulation%s, %ld frames in %s s", r->simulations,
                   r->simulations == 1 ? "" : "s", r->frames, leray_digits(r->seconds, 2, digits));
    if (r->failed) leray_text_add(&text, "; %d failed", r->failed);
    leray_text_add(&text, "\nfields in %s/ensemble.h5, statistics in %s/statistics.csv\n",
                   folder->path, folder->path);
    return leray_text_finish(&text, &report->text);
}

/* ---- the data set that is there ----------------------------------------------------------- */

static bool begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

/* What decides the bytes of the data set; names, threads and the like do not. */
static bool matters(const char *path)
{
    return strcmp(path, "seed") == 0 || begins(path, "solver.") || begins(path, "parameters.") ||
           (begins(path, "ensemble.") && strcmp(path, "ensemble.clients") != 0 &&
            strcmp(path, "ensemble.ranks") != 0 && strcmp(path, "ensemble.delays") != 0);
}

/* Of the deck in a file's provenance; "" where it has none. */
static leray_status deck_of_provenance(const char *path, const char *provenance, char **out)
{
    leray_json *json;
    const char *deck = "";
    leray_status status;

    if (!*provenance) return leray_mem_text("", out);
    LERAY_TRY(leray_json_parse(path, provenance, strlen(provenance), &json));
    status = leray_json_has(json, "config") ? leray_json_get_text(json, "config", &deck) : LERAY_OK;
    if (!status) status = leray_config_part(deck, matters, out);
    leray_json_destroy(&json);
    return status;
}

static leray_status deck_of_file(const char *path, char **out)
{
    leray_well *well;
    leray_status status;

    LERAY_TRY(leray_well_open(path, &well));
    status = deck_of_provenance(path, leray_well_get_info(well)->provenance, out);
    leray_well_close(&well);
    return status;
}

static leray_status compare(const char *path, const char *then, const char *now)
{
    int a, b;

    LERAY_CHECK(!leray_config_differ(&then, &now, &a, &b), LERAY_ERR_CONFIG,
                "%s is the data set of another deck: '%.*s' there, '%.*s' now; give another folder "
                "with -o, or --fresh to replace it",
                path, a, then, b, now);
    return LERAY_OK;
}

static leray_status same_deck(const char *path, const leray_config *cfg)
{
    char *text, *now = NULL, *then = NULL;
    leray_status status;

    LERAY_TRY(leray_config_text(cfg, 0, &text));
    status = leray_config_part(text, matters, &now);
    leray_mem_free(text);
    if (!status && deck_of_file(path, &then))
        status = leray_error_raise(LERAY_ERR_CONFIG, __FILE__, __LINE__,
                                   "%s is there, and no data set of this deck; give another folder "
                                   "with -o, or --fresh to replace it",
                                   path);
    if (!status) status = compare(path, then, now);
    leray_mem_free(then);
    leray_mem_free(now);
    return status;
}

/* A data set is replaced by that of the same deck, when it is complete; by that of another one only where it is asked
   for, and then it goes first, so that it never stands beside a deck that is not its own. */
static leray_status make_room(const leray_folder *folder, const leray_config *cfg, bool fresh)
{
    static const char *const outputs[] = {"ensemble.h5", "statistics.csv", "result.json", NULL};
    char path[LERAY_PATH_MAX];

    if (fresh) return leray_files_remove(folder->path, outputs);
    LERAY_TRY(leray_path_join(folder->path, "ensemble.h5", path));
    return leray_file_exists(path) ? same_deck(path, cfg) : LERAY_OK;
}

/* ---- the run ------------------------------------------------------------------------------ */

static leray_status record(const leray_ensemble *ensemble, const leray_experiment *e,
                           const leray_folder *folder, const leray_run_options *options,
                           leray_report *report)
{
    char fields[LERAY_PATH_MAX], statistics[LERAY_PATH_MAX], *provenance;
    leray_generated r;
    leray_status status;

    LERAY_TRY(leray_path_join(folder->path, "ensemble.h5", fields));
    LERAY_TRY(leray_path_join(folder->path, "statistics.csv", statistics));
    LERAY_TRY(LERAY_FOLDER_FIRST(folder, make_room(folder, e->cfg, options->fresh != 0)));
    LERAY_TRY(leray_folder_deck(folder, e->cfg));
    LERAY_TRY(
        leray_provenance_text(folder->comm, e->cfg, (uint64_t)e->run.seed, 0, NULL, &provenance));
    status = leray_generate(ensemble,
                            &(leray_generate_job){.comm = folder->comm,
                                                  .name = e->run.name,
                                                  .provenance = provenance,
                                                  .fields = fields,
                                                  .statistics = statistics,
                                                  .stop = options->stop},
                            &r);
    leray_mem_free(provenance);
    return status ? status : report_recording(folder, e, &r, report);
}

static leray_status prepare(leray_ensemble *ensemble, const leray_experiment *e,
                            const leray_comm *comm)
{
    LERAY_CHECK(e->has_solver, LERAY_ERR_CONFIG, "this deck has no section 'solver'");
    LERAY_TRY(leray_ensemble_init(ensemble, e->cfg, e->type[LERAY_KIND_OF_SOLVER],
                                  e->type[LERAY_KIND_OF_SAMPLER], (uint64_t)e->run.seed, 0, 0));
    leray_threads_set(leray_group_threads(comm, (int)e->run.threads));
    return LERAY_OK;
}

static leray_status dry_run(const leray_ensemble *ensemble, const leray_comm *comm,
                            leray_report *report)
{
    leray_text text = {0};

    LERAY_TRY(leray_generate_check(ensemble, comm));
    leray_text_add(&text,
                   "dry run: the deck is valid; nothing was written\n  %lld simulations of %lld "
                   "frames\n",
                   (long long)ensemble->settings.simulations, (long long)ensemble->settings.frames);
    LERAY_TRY(leray_text_finish(&text, &report->text));
    return leray_mem_text("{\"dry_run\": true}", &report->json);
}

leray_status leray_run_generate(const leray_config *cfg, const leray_run_options *options,
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
    if (!status) status = prepare(&ensemble, e, group.comm);
    if (!status && options->dry_run) status = dry_run(&ensemble, group.comm, report);
    else {
        if (!status)
            status = leray_folder_open(e, LERAY_FOLDER_GENERATE, options, group.comm, &folder);
        if (!status) status = record(&ensemble, e, &folder, options, report);
    }
    leray_folder_close(&folder);
    leray_ensemble_fini(&ensemble);
    leray_group_close(&group);
    leray_mem_free(e);
    if (status || !first) leray_report_free(report); /* rank 0 speaks for all */
    return status;
}
