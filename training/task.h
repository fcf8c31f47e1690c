/* training/task.h - how samples become a model's input, and a model's output a prediction. Private.

   Model input [n, n_inputs + n_parameters, grid..]: the normalised channels of x, then one
   constant channel per normalised parameter. With o the model's output, shift and scale those of
   the output normaliser, and u the newest frame of x,

       target: state       y = shift + scale o
       target: increment   y = u + shift + scale o     (autoregressive problems only)

   for each frame of y where it is a window of frames, so that an untrained increment model is the
   identity; diagnostic channels, which x does not have, are always y = shift + scale o. Then a channel of the frames is normalised alike at all times, else each channel of x
   by itself. The loss compares y with the truth in
   physical units, or both divided by scale ("normalised"). The task travels in the model file.

   Gradients are in single precision, and those of a relative error are as small as the fields are
   large: of fields of 1e30 they would be lost. Where the loss does not depend on the unit,
   training therefore measures fields of a far magnitude in a power of two near their own, so that
   it is the same, to rounding, at every scale that float can hold.

   A model may give coefficients in place of o (operators/model.h): y and the truth are then those
   of their fields, for which a source may have made the truth already. */
#ifndef LERAY_TRAINING_TASK_H
#define LERAY_TRAINING_TASK_H

#include "data/normalizer.h"
#include "data/sample.h"
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
    leray_normalizer *input, *output; /* of the channels of x, and of a frame of y */
    leray_normalizer *parameter;      /* NULL if there is none */
    bool fitted;
    /* [n_outputs], as the tape wants them: scale, shift, unit/scale and 0 */
    float *factor, *shift, *inverse, *zero;
    /* Of the fields in training: a power of two, 1 unless they are very large or small; factor and
       shift in this unit. */
    double unit;
    float *unit_factor, *unit_shift;
    float *scratch; /* [n_outputs, grid..] */
    float *numbers; /* [n_parameters] */
    float *mask;    /* [grid..] the grid's, as samples have theirs; NULL: none */
    /* Where a source gives coefficients: their extents beside the channels; else ndim 0. */
    leray_extents coefficients;
    leray_model *model; /* that they are for; borrowed */
} leray_task;

/* Errors: CONFIG if the target is an increment and the problem is not autoregressive; MEMORY. */
LERAY_NODISCARD leray_status leray_task_init(leray_task *task, const leray_task_settings *settings,
                                             const leray_sample_info *info);
void leray_task_fini(leray_task *task);

/* Normalisers: observe samples, one at a time, then finish; points under a mask, the sample's or the grid's,
   do not count. Context of a leray_sample_visitor is the task. */
LERAY_NODISCARD leray_status leray_task_observe(void *task, const leray_batch *sample);
LERAY_NODISCARD leray_status leray_task_finish(leray_task *task);

/* From now on the model gives its window of time as `window` frames, which `interval` is then
   between: info is that of such samples. x stays as it is. Only for a model that can sample its
   window at any number of frames. Errors: UNSUPPORTED, MEMORY. */
LERAY_NODISCARD leray_status leray_task_set_window(leray_task *task, leray_model *model,
                                                   int window);

/* Takes the unit for training with this loss from the normalisers, which are finished. */
void leray_task_choose_unit(leray_task *task, const leray_loss *loss);

int leray_task_channels_in(const leray_task *task);
leray_problem leray_task_problem(const leray_task *task); /* what a model is made for */

/* A field [n, channels, grid..] of the caller's on the tape. */
LERAY_NODISCARD leray_status leray_task_tensor(leray_tape *tape, int n, int channels,
                                               const leray_extents *grid, const float *value,
                                               leray_tensor **out);

/* out [n, channels_in, grid..] on the grid of `points` points. */
void leray_task_input(const leray_task *task, const leray_batch *batch, size_t points, float *out);

/* The graph from model input to prediction in physical units, as values at points. `last`
   [n, n_outputs, grid..] is the newest frame; used for increments only. */
LERAY_NODISCARD leray_status leray_task_predict(const leray_task *task, leray_model *model,
                                                leray_tape *tape, leray_tensor *input,
                                                const float *last, leray_tensor **prediction);

/* For training: the same, but of a model that gives coefficients (model.h) the coefficients of
   the prediction, and the truth y as the loss wants to see it beside it: y [n, n_outputs, grid..]
   as it is, or its coefficients; or y are coefficients already, as the task expects them. Both are in
   the task's unit. */
LERAY_NODISCARD leray_status leray_task_forward(const leray_task *task, leray_model *model,
                                                leray_tape *tape, leray_tensor *input,
                                                const float *last, leray_tensor **prediction);
LERAY_NODISCARD leray_status leray_task_truth(const leray_task *task, const leray_model *model,
                                              leray_tape *tape, int n, const float *y,
                                              leray_tensor **truth);

/* For a source that transforms the truth once (leray_source_type): from now on
   leray_task_truth takes coefficients, `size` per sample, that leray_task_transform has made; the
   context is the task, and the model outlives it. Only for a model that gives coefficients. */
LERAY_NODISCARD leray_status leray_task_expect_coefficients(leray_task *task, leray_model *model,
                                                            size_t *size);
LERAY_NODISCARD leray_status leray_task_transform(void *task, int n, const float *y, float *out);

/* From prediction and truth to the loss, in the task's units. `mask` [n, n_outputs, grid..] (NULL: none) is 0
   where values do not count: prediction and truth are 0 there, so that points without values count as
   points without error. */
LERAY_NODISCARD leray_status leray_task_loss(const leray_task *task, const leray_loss *loss,
                                             leray_tape *tape, const float *mask,
                                             leray_tensor *prediction, leray_tensor *truth,
                                             leray_tensor **scalar);
/* The masks of a batch for that: out [n, n_outputs, points]. */
void leray_task_mask(const leray_task *task, const leray_batch *batch, size_t points, float *out);

/* The newest frame of each sample of x, once for each frame of y: out [n, n_outputs, points].
   Nothing where the problem is not autoregressive. */
void leray_task_last_frame(const leray_task *task, const leray_batch *batch, size_t points,
                           float *out);

/* Errors of from_json: DATA. */
LERAY_NODISCARD leray_status leray_task_to_json(const leray_task *task, leray_json **out);
LERAY_NODISCARD leray_status leray_task_from_json(leray_task *task,
                                                  const leray_task_settings *settings,
                                                  const leray_json *json);

#endif
