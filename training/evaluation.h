/* training/evaluation.h - a model against data that it has not seen. Private.

   Relative errors are |p - u|_2 / |u|_2 per sample, then averaged. Baselines: identity (the
   newest frame given, for ever) and the ensemble mean (of the training frames at the same step
   of a simulation). */
#ifndef LERAY_TRAINING_EVALUATION_H
#define LERAY_TRAINING_EVALUATION_H

#include "data/dataset.h"
#include "data/metrics.h"
#include "training/predictor.h"

/* ---- samples of a file, one step each ---- */

typedef struct leray_dataset_score {
    leray_metrics_result metrics; /* baseline: identity, NaN where there is none */
    bool has_h1;
    double seconds; /* of predicting, without reading */
} leray_dataset_score;

/* The ranks of `comm` share the samples, and all get the score. Norms of a window are over all its frames. A
   dataset with another number of frames in its windows leaves task and model with that number. Errors: those
   of leray_match and leray_model_accepts; DIVERGED where a prediction is not finite: names the sample. */
LERAY_NODISCARD leray_status leray_evaluate_dataset(const leray_comm *comm, leray_task *task,
                                                    leray_model *model, leray_dataset *dataset,
                                                    int batch, leray_dataset_score *out);

/* ---- roll-outs over held-out trajectories ---- */

/* The mean of training frames at each step: float [steps, outputs, grid..]; frames NULL: unknown. */
typedef struct leray_mean_frames {
    const float *frames;
    int steps;
} leray_mean_frames;

typedef struct leray_rollout {
    int leads;                       /* frames predicted in the longest trajectory */
    long frames;                     /* of all trajectories together */
    double *error, *identity, *mean; /* [leads], averaged over trajectories; mean NaN if unknown */
    double seconds;                  /* of the model, all trajectories; the second of two runs */
    float *truth, *forecast;         /* [leads, size] states of trajectory 0 */
    int shells;                      /* 0: the grid has no spectrum */
    double *truth_spectrum, *forecast_spectrum; /* [shells] of the first channel at the last lead */
} leray_rollout;

/* From the first frames of each trajectory to all that follow, window by window. `w` are samples of the
   task (leray_match) of trajectories that all have a sample. */
LERAY_NODISCARD leray_status leray_rollout_run(leray_task *task, leray_model *model,
                                               leray_windows *w, const leray_mean_frames *mean,
                                               leray_rollout *out);
void leray_rollout_fini(leray_rollout *r);

/* Mean over all samples of `w`, each predicted from the truth. Errors of a window are taken over all its
   frames. */
typedef struct leray_one_step {
    double error, identity, mean;
} leray_one_step;
LERAY_NODISCARD leray_status leray_one_step_run(leray_task *task, leray_model *model,
                                                leray_windows *w, const leray_mean_frames *mean,
                                                leray_one_step *out);

#endif
