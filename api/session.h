/* api/session.h - everything that one training run is made of. Private to api/. */
#ifndef LERAY_API_SESSION_H
#define LERAY_API_SESSION_H

#include "api/folder.h"
#include "online/evaluation.h"
#include "online/model_file.h"
#include "online/trainer.h"

typedef struct leray_session {
    leray_experiment experiment;
    leray_config *settled; /* the deck with what the model chose from the data; NULL: as given */
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
} leray_session;

/* Makes everything up to the trainer; nothing runs. `online`: from the ensemble, else from the
   file. The folder is opened unless it is a dry run. `session` is zeroed by this; call fini
   whatever comes back. */
LERAY_NODISCARD leray_status leray_session_init(leray_session *session, const leray_config *cfg,
                                                const leray_run_options *options, bool online);
void leray_session_fini(leray_session *session);

/* Lets the model choose settings from the training targets (api/settle.c): the experiment's deck is
   then `settled`. The source and the task are there. */
LERAY_NODISCARD leray_status leray_session_settle(leray_session *session);

/* After training (api/scores.c): measures the model, fills metrics and the rest of `result`, and
   draws. */
LERAY_NODISCARD leray_status leray_session_scores_online(leray_session *session, leray_json *result,
                                                         char **text);
LERAY_NODISCARD leray_status leray_session_scores_file(leray_session *session, leray_json *result,
                                                       char **text);

#endif
