/* commands/refinement.h - what `leray refine` and `leray forecast` share: the model, the trajectories, the
   solver that made them, the refiner, the folder. Private. */
#ifndef LERAY_COMMANDS_REFINEMENT_H
#define LERAY_COMMANDS_REFINEMENT_H

#include "api/model_open.h"
#include "commands/folder.h"
#include "commands/reference.h"
#include "core/launch.h"
#include "data/formats/well/well.h"
#include "data/frame_norms.h"
#include "data/table.h"
#include "refine/refine.h"
#include "training/predictor.h"
#include <leray/run.h>

/* What the commands add to the sections of refine/refine.h, and one of their own. */
typedef struct leray_tolerance_settings {
    double tolerance;
} leray_tolerance_settings;
extern const leray_keys leray_tolerance_keys;      /* section certify of leray forecast */
extern const leray_keys leray_refine_command_keys; /* section refine of leray refine */
extern const leray_keys leray_forecast_keys;       /* section forecast */

typedef struct leray_refinement {
    const char *command; /* "leray refine" */
    const char *model_path, *data_path;
    const leray_run_options *options;
    leray_config *cfg; /* of the command: sections data, refine, certify, optimizer, its own */
    int n_solver;      /* overrides of section solver, which go to the deck of the file */
    const char **solver_override;
    leray_opened opened;
    leray_reference reference;
    leray_predictor predictor; /* of one sample */
    int history, window;       /* frames given, and wanted */
    leray_solver *solver;      /* on the grid of the file; NULL until asked for */
    leray_refiner *refiner;    /* likewise */
    leray_frame_norms *norms;
    leray_refine_settings refine;
    leray_certify_settings certify;
    const leray_optimizer_type *optimizer;
    leray_group group; /* of one rank */
    leray_folder folder;
} leray_refinement;

/* Opens the model, and the deck from overrides [n]; `own` is the command's table for its section
   `section`. "certify=x" is short for "certify.tolerance=x". `r` is zeroed but for command, paths and
   options; call close whatever comes back. */
LERAY_NODISCARD leray_status leray_refinement_open(leray_refinement *r, const char *section,
                                                   leray_keys own, bool tolerance, int n,
                                                   const char *const *overrides);
/* Opens the data: trajectories with history + `frames` frames at least, and the model for windows of
   `window` frames (0: as many as it gives at once, of which the window is a multiple). */
LERAY_NODISCARD leray_status leray_refinement_open_data(leray_refinement *r, int frames,
                                                        int window);
/* The solver, its equation and the refiner of `history` given frames and a window. `what` needs them,
   for errors. */
LERAY_NODISCARD leray_status leray_refinement_open_refiner(leray_refinement *r, int history,
                                                           const char *what);
/* Another one like r->refiner, with the equation as it is. */
LERAY_NODISCARD leray_status leray_refinement_make_refiner(leray_refinement *r, int history,
                                                           leray_refiner **out);
void leray_refinement_close(leray_refinement *r);

/* From here on trajectory i: model, solver and refiner have its parameters. */
LERAY_NODISCARD leray_status leray_refinement_begin(leray_refinement *r, int i);

/* frames [history + window, size]: the first are given, the model fills the rest. */
LERAY_NODISCARD leray_status leray_refinement_predict(leray_refinement *r, float *frames);

/* Creates and locks the folder of the output. Errors: BUSY, IO. */
LERAY_NODISCARD leray_status leray_refinement_open_folder(leray_refinement *r,
                                                          leray_folder_kind kind);
/* Errors: INTERRUPTED after a signal. */
LERAY_NODISCARD leray_status leray_refinement_go_on(const leray_refinement *r);

/* A file of `steps` frames for each trajectory in the folder, the first of them frame `first` of the
   file's, with all scalars of the file. */
LERAY_NODISCARD leray_status leray_refinement_create_file(leray_refinement *r, const char *name,
                                                          int steps, leray_well_writer **out);
/* Frame `step` of it, [size], which is frame `frame` of the file that was read. Errors: DIVERGED where it
   is not finite; IO. */
LERAY_NODISCARD leray_status leray_refinement_write_frame(leray_refinement *r,
                                                          leray_well_writer *writer, int i,
                                                          int step, int frame, const float *values);

/* result.json, and the report's: metrics by fill(work, metrics), how they are means of what
   (`aggregation`), the window, model, data and provenance. */
typedef leray_status (*leray_refinement_fill)(const void *work, leray_json *metrics);
LERAY_NODISCARD leray_status leray_refinement_result(leray_refinement *r,
                                                     leray_refinement_fill fill, const void *work,
                                                     const char *aggregation, leray_report *report);

#endif
