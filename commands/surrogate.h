/* commands/surrogate.h - a model that goes on from frames, one window after the other. Private. */
#ifndef LERAY_COMMANDS_SURROGATE_H
#define LERAY_COMMANDS_SURROGATE_H

#include "commands/reference.h"
#include "training/predictor.h"

typedef struct leray_surrogate {
    leray_predictor predictor;
    leray_batch batch;   /* of one sample */
    int history, window; /* frames given, and wanted */
    int step;            /* frames that one call of the model gives */
    size_t size;         /* reals of a frame */
    float *y;            /* [step, size] */
    double seconds;      /* of the model, since init */
} leray_surrogate;

/* On the grid of `reference`. window: frames wanted; 0: as many as the model gives at once, of which it is
   a multiple. Errors: ARG if the model does not take the grid. */
LERAY_NODISCARD leray_status leray_surrogate_init(leray_surrogate *s, leray_task *task,
                                                  leray_model *model,
                                                  const leray_reference *reference, int window);
void leray_surrogate_fini(leray_surrogate *s); /* accepts a zeroed one */

/* Static channels and parameters of trajectory i, for the calls of predict that follow. Errors: DATA. */
LERAY_NODISCARD leray_status leray_surrogate_begin(leray_surrogate *s, leray_reference *reference,
                                                   int i);
/* frames [history + window, size]: the first are given, the rest is filled. */
LERAY_NODISCARD leray_status leray_surrogate_predict(leray_surrogate *s, float *frames);

/* What enters the last layer of a model that has type->head, from frames [history, size]:
   [2 L, size]. */
LERAY_NODISCARD leray_status leray_surrogate_latent(leray_surrogate *s, const float *frames,
                                                    float *latent);

#endif
