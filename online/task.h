/* online/task.h - how samples become a model's input, and a model's output a prediction. Private.

   Model input [n, n_inputs + n_parameters, ny, nx]: the normalised channels of x, then one
   constant channel per normalised parameter. With o the model's output, shift and scale those of
   the output normaliser, and u the newest frame of x,

       target: state       y = shift + scale o
       target: increment   y = u + shift + scale o     (autoregressive problems only)

   so that an untrained increment model is the identity. The loss compares y with the truth in
   physical units, or both divided by scale ("normalised"). The task travels in the model file. */
#ifndef LERAY_ONLINE_TASK_H
#define LERAY_ONLINE_TASK_H

#include "data/normalizer.h"
#include "online/sample.h"
#include "operators/loss.h"
#include "operators/model.h"

typedef enum leray_target { LERAY_TARGET_STATE, LERAY_TARGET_INCREMENT } leray_target;
typedef enum leray_loss_space { LERAY_LOSS_PHYSICAL, LERAY_LOSS_NORMALISED } leray_loss_space;

typedef struct leray_task_settings {
    int target, inputs, outputs, space; /* inputs, outputs: leray_normalizer_kind */
} leray_task_settings;
extern const leray_keys leray_task_keys; /* section "task" */

typedef struct leray_task {
    leray_task_settings settings;
    leray_sample_info info;
    leray_normalizer *input, *output, *parameter; /* parameter: NULL if there is none */
    bool fitted;
    /* [n_outputs], as the tape wants them: scale, shift, 1/scale and 0 */
    float *factor, *shift, *inverse, *zero;
    float *scratch; /* [n_outputs, ny, nx] */
} leray_task;

/* Errors: CONFIG if the target is an increment and the problem is not autoregressive; MEMORY. */
LERAY_NODISCARD leray_status leray_task_init(leray_task *task, const leray_task_settings *settings,
                                             const leray_sample_info *info);
void leray_task_fini(leray_task *task);

/* Normalisers: observe samples, then finish. Context of a leray_sample_visitor is the task. */
LERAY_NODISCARD leray_status leray_task_observe(void *task, const float *x, const float *y,
                                                const float *parameters);
LERAY_NODISCARD leray_status leray_task_finish(leray_task *task);

int leray_task_channels_in(const leray_task *task);

/* out [n, channels_in, ny, nx] on the grid of `points` points. */
void leray_task_input(const leray_task *task, const leray_batch *batch, size_t points, float *out);

/* The graph from model input to prediction in physical units. `last` [n, n_outputs, ny, nx] is
   the newest frame; used for increments only. */
LERAY_NODISCARD leray_status leray_task_forward(const leray_task *task, leray_model *model,
                                                leray_tape *tape, leray_tensor *input,
                                                const float *last, leray_tensor **prediction);
/* And to the loss against y [n, n_outputs, ny, nx]. */
LERAY_NODISCARD leray_status leray_task_loss(const leray_task *task, const leray_loss *loss,
                                             leray_tape *tape, leray_tensor *prediction,
                                             const float *y, leray_tensor **scalar);

/* The newest frame of each sample of x: out [n, n_outputs, points]. Nothing
   where the problem is not autoregressive. */
void leray_task_last_frame(const leray_task *task, const leray_batch *batch, size_t points,
                           float *out);

/* Errors of from_json: DATA. */
LERAY_NODISCARD leray_status leray_task_to_json(const leray_task *task, leray_json **out);
LERAY_NODISCARD leray_status leray_task_from_json(leray_task *task,
                                                  const leray_task_settings *settings,
                                                  const leray_json *json);

#endif
