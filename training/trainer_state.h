/* training/trainer_state.h - the parts of the trainer: its step, its memory, its checkpoints. Private to
   online/trainer*.c. */
#ifndef LERAY_TRAINING_TRAINER_STATE_H
#define LERAY_TRAINING_TRAINER_STATE_H

#include "training/trainer.h"

/* Everything that decides what the next step does. */
LERAY_NODISCARD leray_status leray_trainer_save(leray_trainer *trainer);
/* From the newest whole checkpoint, if there is one; else the run starts at step 0. */
LERAY_NODISCARD leray_status leray_trainer_resume(leray_trainer *trainer);

/* Forward, loss, backward on the batches of a step, and an update of the weights. *loss is the mean
   over the `used` batches that had samples, all ranks together; 0 of them: nothing is done. */
LERAY_NODISCARD leray_status leray_trainer_learn(leray_trainer *trainer, double *loss,
                                                 int64_t *used, double *factor,
                                                 double *gradient_norm);

/* Says what the run will need, on the log and in trainer->memory. */
LERAY_NODISCARD leray_status leray_trainer_measure(leray_trainer *trainer);

#endif
