/* training/predictor.h - a trained model at work: single predictions, and roll-outs, in which each prediction is
   fed by the one before. Private.

   x and the parameters of up to `room` samples stand in `batch`, put there by leray_predictor_load from
   trajectories or by the caller, with batch.n. Frames that a roll-out feeds back must be as far apart as
   those of x. One thread at a time; only init allocates, once the tape has seen a prediction. */
#ifndef LERAY_TRAINING_PREDICTOR_H
#define LERAY_TRAINING_PREDICTOR_H

#include "data/windows.h"
#include "training/task.h"

typedef struct leray_predictor {
    leray_task *task;   /* borrowed */
    leray_model *model; /* borrowed, f32 */
    leray_extents grid; /* points; may be others than those of training */
    int room;
    leray_batch
        batch; /* x [room, n_inputs, grid..] and parameters [room, n_parameters] of the task */
    leray_tape *tape;
    float *input;
    float *last;    /* the newest frame of x, once for each frame of y [room, n_outputs, grid..] */
    double seconds; /* of predicting and feeding, since init */
} leray_predictor;

/* For up to `room` samples at a time, and batch.n is that. Call fini whatever comes back. Errors: ARG if the
   model does not accept the grid; MEMORY. */
LERAY_NODISCARD leray_status leray_predictor_init(leray_predictor *p, leray_task *task,
                                                  leray_model *model, const leray_grid *grid,
                                                  int room);
void leray_predictor_fini(leray_predictor *p); /* accepts a zeroed one */

/* x and parameters of sample `sample` as sample k of the batch, and its y [n_outputs, grid..] and mask [grid..]
   where these are not NULL. The windows are matched to the task (training/match.h). Errors: DATA, IO; DIVERGED
   as leray_match_parameters. */
LERAY_NODISCARD leray_status leray_predictor_load(leray_predictor *p, leray_windows *windows,
                                                  int sample, int k, float *y, float *mask);

/* *y [n, n_outputs, grid..] from the batch; the predictor's until its next call. */
LERAY_NODISCARD leray_status leray_predictor_step(leray_predictor *p, const float **y);

/* Moves x of sample k on by its window y [n_outputs, grid..]: the oldest frames leave, the states of y enter as
   the newest, statics stay. Forcings move on too where those of the window that is predicted next are given
   [window, n_forcing, grid..], and stay where they are NULL. */
void leray_predictor_feed(leray_predictor *p, int k, const float *y, const float *forcings);

/* `steps` predictions from the batch, each fed by the one before: y [n, steps, n_outputs, grid..]; x is left
   as the last of them saw it. forcings [n, steps - 1, window, n_forcing, grid..] are those after the ones in
   x; NULL: there are none. */
LERAY_NODISCARD leray_status leray_predictor_roll_out(leray_predictor *p, int steps,
                                                      const float *forcings, float *y);

/* What enters the last layer of a model that has type->head, for a batch of one: [2 L fields, ny, nx],
   with L the steps of the head. */
LERAY_NODISCARD leray_status leray_predictor_latent(leray_predictor *p, float *latent);

#endif
