/* commands/training.h - everything that one training run is made of. Private. */
#ifndef LERAY_COMMANDS_TRAINING_H
#define LERAY_COMMANDS_TRAINING_H

#include "commands/folder.h"
#include "core/launch.h"
#include "online/reservoir.h"
#include "training/evaluation.h"
#include "training/model_file.h"
#include "training/trainer.h"

typedef struct leray_training {
    leray_group group; /* the ranks that train */
    leray_experiment experiment;
    leray_config *fitted; /* the deck with what the model chose from the data; NULL: as given */
    leray_folder folder;
    leray_ensemble ensemble; /* online only, as the reservoir */
    leray_reservoir *reservoir;
    leray_source *source;
    leray_task task;
    leray_model *model;
    leray_loss *loss;
    leray_optimizer *optimizer;
    leray_schedule *schedule;
    leray_trainer trainer;
} leray_training;

/* Makes everything up to the trainer; nothing runs. `online`: from the ensemble, else from the
   file. The folder is opened unless it is a dry run. `session` is zeroed by this; call fini
   whatever comes back. */
LERAY_NODISCARD leray_status leray_training_init(leray_training *training, const leray_config *cfg,
                                                 const leray_run_options *options, bool online);
void leray_training_fini(leray_training *training);

/* Lets the model choose settings from the training targets (commands/fit_settings.c): the experiment's deck is
   then `fitted`. The source and the task are there. */
LERAY_NODISCARD leray_status leray_training_fit_settings(leray_training *training);

/* After training (commands/scores.c): measures the model, fills metrics and the rest of `result`, writes
   result.json and the report, and then draws; a picture that fails is a warning. */
LERAY_NODISCARD leray_status leray_training_scores_online(leray_training *training,
                                                          leray_json *result, leray_report *report);
LERAY_NODISCARD leray_status leray_training_scores_file(leray_training *training,
                                                        leray_json *result, leray_report *report);

#endif
