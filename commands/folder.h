/* commands/folder.h - the folder of a run: found, created, locked, described. Private to api/. */
#ifndef LERAY_COMMANDS_FOLDER_H
#define LERAY_COMMANDS_FOLDER_H

#include "api/experiment.h"
#include "core/file.h"
#include "core/json.h"
#include <leray/run.h>

typedef struct leray_folder {
    char path[LERAY_PATH_MAX];
    leray_lock lock;
} leray_folder;

/* Creates and locks it. Errors: BUSY, IO. */
LERAY_NODISCARD leray_status leray_folder_open(const leray_experiment *e,
                                               const leray_run_options *options,
                                               leray_folder *folder);
void leray_folder_close(leray_folder *folder);

/* Adds {"leray": "result", "provenance": ..} to `result`, and writes it as result.json and as
   the report's JSON. */
LERAY_NODISCARD leray_status leray_folder_result(const leray_folder *folder,
                                                 const leray_experiment *e, leray_json *result,
                                                 leray_report *report);

#endif
