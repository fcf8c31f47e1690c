/* commands/folder.c - see commands/folder.h. */
#include "commands/folder.h"

#include "core/mem.h"
#include "core/provenance.h"
#include "core/ranks.h"

#include <stdio.h>
#include <string.h>

static leray_status take(leray_folder *folder)
{
    LERAY_TRY(leray_dir_create(folder->path));
    return leray_lock_take(folder->path, &folder->lock);
}

leray_status leray_folder_open(const leray_experiment *e, const leray_run_options *options,
                               leray_folder *folder)
{
    folder->lock.fd = -1;
    if (options->folder) LERAY_TRY(leray_path_join(options->folder, "", folder->path));
    else LERAY_TRY(leray_path_join("runs", e->run.name, folder->path));
    for (size_t n = strlen(folder->path); n > 1 && folder->path[n - 1] == '/';)
        folder->path[--n] = '\0';
    return leray_ranks_agree(leray_rank() == 0 ? take(folder) : LERAY_OK);
}

void leray_folder_close(leray_folder *folder) { leray_lock_drop(&folder->lock); }

leray_status leray_folder_result(const leray_folder *folder, const leray_experiment *e,
                                 leray_json *result, leray_report *report)
{
    char path[LERAY_PATH_MAX];
    leray_json *provenance;

    LERAY_TRY(leray_provenance_json(e->cfg, (uint64_t)e->run.seed, 0, NULL, &provenance));
    LERAY_TRY(leray_json_set(result, "provenance", &provenance));
    LERAY_TRY(leray_json_text(result, 2, &report->json));
    LERAY_TRY(leray_path_join(folder->path, "result.json", path));
    return leray_ranks_agree(
        leray_rank() == 0 ? leray_file_write(path, report->json, strlen(report->json)) : LERAY_OK);
}
