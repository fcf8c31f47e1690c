/* api/model_open.h - a model file, ready to predict: its deck, its task, its weights. Private to api/. */
#ifndef LERAY_API_MODEL_OPEN_H
#define LERAY_API_MODEL_OPEN_H

#include "api/experiment.h"
#include "training/model_file.h"

typedef struct leray_opened {
    const char *path; /* the caller's */
    leray_safetensors *file;
    leray_config *deck;       /* the parts of the training's that make the model and its inputs */
    leray_experiment trained; /* of which only name, task and model are known */
    leray_task task;
    leray_model *model; /* f32 */
} leray_opened;

/* `opened` is zeroed by this; call close whatever comes back. Errors: DATA (not such a file), CONFIG,
   NOT_FOUND (a type of model that this build does not know), IO, MEMORY. */
LERAY_NODISCARD leray_status leray_model_open(const char *path, leray_opened *opened);
void leray_model_close(leray_opened *opened);

#endif
