/* training/match.h - data held against what a model was trained on: the same fields in the same order, the
   same steps of time, the same kind of domain. Private. */
#ifndef LERAY_TRAINING_MATCH_H
#define LERAY_TRAINING_MATCH_H

#include "data/dataset.h"
#include "data/windows.h"
#include "operators/model.h"
#include "training/task.h"

/* Which settings of samples the user gave; the others are the model's. */
typedef struct leray_match_keys {
    bool inputs, outputs, forcings, parameters, history, every, lead, window, window_every;
} leray_match_keys;

/* The dataset of a section, with samples as the model wants them where the deck does not say otherwise; arrays
   that carry no lengths and boundaries have the model's. Errors: those of datasets and of
   leray_match_settings. */
LERAY_NODISCARD leray_status leray_match_open(const leray_task *task,
                                              const leray_dataset_type *type,
                                              const leray_config *cfg, const char *section,
                                              leray_dataset **out);

/* Settings of samples that are those of the training, but for what the user gave: fields and parameters by
   their names, frames from the times of the trajectories. Errors: DATA (frames of these trajectories are no
   whole part of the model's step of time: says both). */
LERAY_NODISCARD leray_status leray_match_settings(const leray_task *task,
                                                  const leray_trajectories *trajectories,
                                                  const leray_match_keys *given,
                                                  leray_window_settings *settings);

/* Errors: DATA with both values, where fields, their order, history, steps of time, boundaries or lengths of
   the domain are not those of the training, a parameter is missing, or the mask that it had is not named. A model that can sample its window
   at any number of frames takes other numbers over the same span of time; task and model are left with it
   (leray_task_set_window). Numbers of points may differ: whether the model takes them is for
   leray_model_accepts. Names are not compared where the data have none of their own. */
LERAY_NODISCARD leray_status leray_match(leray_task *task, leray_model *model,
                                         const leray_windows *data);
/* The same but for windows and steps of time: fields and domain. */
LERAY_NODISCARD leray_status leray_match_samples(const leray_task *task, const leray_windows *data);

/* The grid `have` of `source` against the training's: dimensions, which axes are periodic, lengths. Errors:
   DATA with both values. */
LERAY_NODISCARD leray_status leray_match_domain(const char *source, const leray_grid *have,
                                                const leray_grid *want);

/* Parameters of the task, by name, from a trajectory: out [n_parameters]. Errors: DATA (missing), DIVERGED
   (one that enters by its logarithm is not positive). */
LERAY_NODISCARD leray_status leray_match_parameters(const leray_task *task,
                                                    const leray_trajectories *trajectories,
                                                    int trajectory, float *out);

#endif
