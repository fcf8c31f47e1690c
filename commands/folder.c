/* commands/folder.c - see commands/folder.h. */
#include "commands/folder.h"

#include "core/mem.h"
#include "core/provenance.h"

#include <stdio.h>
#include <string.h>

/* The main output of each kind, and what makes it. */
static const struct {
    leray_folder_kind kind;
    const char *file, *command;
} outputs[] = {
    {LERAY_FOLDER_SOLVE,    "fields.h5",         "leray solve"                },
    {LERAY_FOLDER_GENERATE, "ensemble.h5",       "leray gen"                  },
    {LERAY_FOLDER_TRAIN,    "checkpoints",       "leray train or leray online"},
    {LERAY_FOLDER_TRAIN,    "model.safetensors", "leray train or leray online"},
    {LERAY_FOLDER_REFINE,   "refined.h5",        "leray refine"               },
    {LERAY_FOLDER_FORECAST, "forecast.h5",       "leray forecast"             },
};

/* What another command has left there must not lose its deck and its results. */
static leray_status check_kind(const leray_folder *folder, leray_folder_kind kind)
{
    char path[LERAY_PATH_MAX];

    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        if (outputs[i].kind == kind) continue;
        LERAY_TRY(leray_path_join(folder->path, outputs[i].file, path));
        LERAY_CHECK(!leray_file_exists(path), LERAY_ERR_CONFIG,
                    "%s holds the output of %s (%s), whose config.yaml and result.json would be "
                    "replaced; give another folder with -o",
                    folder->path, outputs[i].command, outputs[i].file);
    }
    return LERAY_OK;
}

static leray_status take(leray_folder *folder, leray_folder_kind kind)
{
    LERAY_TRY(leray_dir_create(folder->path));
    LERAY_TRY(leray_lock_take(folder->path, &folder->lock));
    return check_kind(folder, kind);
}

leray_status leray_folder_open(const leray_experiment *e, leray_folder_kind kind,
                               const leray_run_options *options, const leray_comm *comm,
                               leray_folder *folder)
{
    folder->lock.fd = -1;
    folder->comm = comm;
    if (options->folder) LERAY_TRY(leray_path_join(options->folder, "", folder->path));
    else LERAY_TRY(leray_path_join("runs", e->run.name, folder->path));
    for (size_t n = strlen(folder->path); n > 1 && folder->path[n - 1] == '/';)
        folder->path[--n] = '\0';
    return LERAY_FOLDER_FIRST(folder, take(folder, kind));
}

void leray_folder_close(leray_folder *folder) { leray_lock_drop(&folder->lock); }

leray_status leray_folder_deck(const leray_folder *folder, const leray_config *cfg)
{
    char path[LERAY_PATH_MAX], *text;
    leray_status status;

    LERAY_TRY(leray_path_join(folder->path, "config.yaml", path));
    LERAY_TRY(leray_config_text(cfg, 0, &text));
    status = LERAY_FOLDER_FIRST(folder, leray_file_write(path, text, strlen(text)));
    leray_mem_free(text);
    return status;
}

leray_status leray_folder_result(const leray_folder *folder, const leray_experiment *e,
                                 leray_json *result, leray_report *report)
{
    char path[LERAY_PATH_MAX];
    leray_json *provenance;

    LERAY_TRY(
        leray_provenance_json(folder->comm, e->cfg, (uint64_t)e->run.seed, 0, NULL, &provenance));
    LERAY_TRY(leray_json_set(result, "provenance", &provenance));
    LERAY_TRY(leray_json_text(result, 2, &report->json));
    LERAY_TRY(leray_path_join(folder->path, "result.json", path));
    return LERAY_FOLDER_FIRST(folder, leray_file_write(path, report->json, strlen(report->json)));
}
