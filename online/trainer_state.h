/* online/trainer_state.h - the trainer's checkpoints. Private to online/trainer.c. */
#ifndef LERAY_ONLINE_TRAINER_STATE_H
#define LERAY_ONLINE_TRAINER_STATE_H

#include "online/trainer.h"

/* Everything that decides what the next step does. */
LERAY_NODISCARD leray_status leray_trainer_save(leray_trainer *trainer);
/* From the newest whole checkpoint, if there is one; else the run starts at step 0. */
LERAY_NODISCARD leray_status leray_trainer_resume(leray_trainer *trainer);

#endif
