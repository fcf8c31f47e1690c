/* commands/folder.h - the folder of a run: found, created, locked, described. Private. */
#ifndef LERAY_COMMANDS_FOLDER_H
#define LERAY_COMMANDS_FOLDER_H

#include "api/experiment.h"
#include "core/comm.h"
#include "core/file.h"
#include "core/json.h"
#include <leray/run.h>

typedef struct leray_folder {
    char path[LERAY_PATH_MAX];
    leray_lock lock;
    const leray_comm *comm; /* whose folder it is: rank 0 writes */
} leray_folder;

/* What a folder holds, one at a time: config.yaml and result.json belong to it. */
typedef enum leray_folder_kind {
    LERAY_FOLDER_SOLVE,
    LERAY_FOLDER_GENERATE,
    LERAY_FOLDER_TRAIN,
    LERAY_FOLDER_REFINE,
    LERAY_FOLDER_FORECAST
} leray_folder_kind;

/* Creates and locks it, for the ranks of `comm`. Errors: CONFIG if it holds another kind of output, BUSY, IO. */
LERAY_NODISCARD leray_status leray_folder_open(const leray_experiment *e, leray_folder_kind kind,
                                               const leray_run_options *options,
                                               const leray_comm *comm, leray_folder *folder);
void leray_folder_close(leray_folder *folder);

/* On rank 0; OK on the others. */
#define LERAY_FOLDER_FIRST(folder, call) \
    leray_comm_agree((folder)->comm, leray_comm_rank((folder)->comm) == 0 ? (call) : LERAY_OK)

/* The resolved deck as config.yaml. */
LERAY_NODISCARD leray_status leray_folder_deck(const leray_folder *folder, const leray_config *cfg);

/* Adds {"leray": "result", "provenance": ..} to `result`, and writes it as result.json and as
   the report's JSON. */
LERAY_NODISCARD leray_status leray_folder_result(const leray_folder *folder,
                                                 const leray_experiment *e, leray_json *result,
                                                 leray_report *report);

#endif
