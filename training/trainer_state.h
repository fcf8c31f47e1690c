/* training/trainer_state.h - the parts of the trainer: its memory, its checkpoints. Private to
   training/trainer*.c. */
#ifndef LERAY_TRAINING_TRAINER_STATE_H
#define LERAY_TRAINING_TRAINER_STATE_H

#include "training/trainer.h"

/* Everything that decides what the next step does. */
LERAY_NODISCARD leray_status leray_trainer_save(leray_trainer *trainer);
/* From the newest whole checkpoint, if there is one; else the run starts at step 0. */
LERAY_NODISCARD leray_status leray_trainer_resume(leray_trainer *trainer);

/* Says what the run will need, on the log and in trainer->memory. */
LERAY_NODISCARD leray_status leray_trainer_measure(leray_trainer *trainer);

#endif
