/* training/evaluation.h - a model against data that it has not seen. Private.

   Relative errors are |p - u|_2 / |u|_2 per sample, then averaged. Baselines: identity (the
   newest frame given, for ever) and the ensemble mean (of the training frames at the same step
   of a simulation). */
#ifndef LERAY_TRAINING_EVALUATION_H
#define LERAY_TRAINING_EVALUATION_H

#include "data/metrics.h"
#include "training/predictor.h"
#include "training/trajectories.h"

/* ---- samples of a file, one step each ---- */

typedef struct leray_dataset_score {
    leray_metrics_result metrics; /* baseline: identity, NaN where there is none */
    double seconds;               /* of predicting, without reading */
} leray_dataset_score;

/* The ranks of `comm` share the samples, and all get the score. Norms of a window are over all its frames. A dataset with another number of frames in its windows
   leaves task and model with that number (leray_task_set_window). Errors: DATA if the dataset's
   channels or parameters are not those of the task, or its windows last longer or shorter; ARG if
   the model does not accept its grid. */
LERAY_NODISCARD leray_status leray_evaluate_dataset(const leray_comm *comm, leray_task *task,
                                                    leray_model *model, leray_dataset *dataset,
                                                    int batch, leray_dataset_score *out);

/* ---- roll-outs over held-out simulations ---- */

typedef struct leray_rollout {
    int leads;                       /* steps predicted */
    double *error, *identity, *mean; /* [leads], averaged over simulations; mean NaN if unknown */
    double seconds;                  /* all simulations, all leads; the second of two runs */
    float *forecast;                 /* [n, leads, size] */
    int shells;
    double *truth_spectrum, *forecast_spectrum; /* [shells] of the first output at the last lead */
} leray_rollout;

/* From frames 0 .. history-1 of each trajectory to all that follow, window by window. `mean` [mean_steps, size]
   may be NULL. */
LERAY_NODISCARD leray_status leray_rollout_run(leray_task *task, leray_model *model,
                                               const leray_trajectories *t, const float *mean,
                                               int mean_steps, leray_rollout *out);
void leray_rollout_fini(leray_rollout *r);

/* Mean over all pairs of neighbouring frames, or of a history and the window after it, of all
   trajectories, each predicted from the truth. Errors of a window are taken over all its frames. */
typedef struct leray_one_step {
    double error, identity, mean;
} leray_one_step;
LERAY_NODISCARD leray_status leray_one_step_run(leray_task *task, leray_model *model,
                                                const leray_trajectories *t, const float *mean,
                                                int mean_steps, leray_one_step *out);

#endif
