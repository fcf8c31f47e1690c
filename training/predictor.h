/* training/predictor.h - a trained model at work: one step, or many, each fed by the one before.
   Private. */
#ifndef LERAY_TRAINING_PREDICTOR_H
#define LERAY_TRAINING_PREDICTOR_H

#include "training/task.h"

typedef struct leray_predictor {
    leray_task *task;   /* borrowed */
    leray_model *model; /* borrowed, f32 */
    leray_extents grid; /* points; may be others than those of training */
    int batch;
    leray_tape *tape;
    float *input, *last;
} leray_predictor;

/* For up to `batch` samples at a time. Errors: ARG if the model does not accept the grid. */
LERAY_NODISCARD leray_status leray_predictor_init(leray_predictor *p, leray_task *task,
                                                  leray_model *model, const leray_grid *grid,
                                                  int batch);
void leray_predictor_fini(leray_predictor *p);

/* y [n, n_outputs, grid..] from x and parameters of the batch. */
LERAY_NODISCARD leray_status leray_predictor_step(leray_predictor *p, const leray_batch *batch,
                                                  float *y);

/* What enters the last layer of a model that has type->head, for a batch of one: [2 L fields, ny, nx],
   with L the steps of the head. */
LERAY_NODISCARD leray_status leray_predictor_latent(leray_predictor *p, const leray_batch *batch,
                                                    float *latent);

/* Shifts batch->x [n, n_inputs, ..] by the frames of y, one or a window: the oldest leave, y enters
   as the newest; static channels stay. Autoregressive problems only, and frames of y as far apart
   as those of x. */
void leray_predictor_feed(const leray_predictor *p, const float *y, leray_batch *batch);

#endif
