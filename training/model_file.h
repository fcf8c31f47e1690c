/* training/model_file.h - a trained model in one safetensors file. Private.

   Tensors are the model's parameters under their names. Metadata, all texts: "format" (a number),
   "model" (its name in decks), "deck" (the resolved deck of the training), "task" (JSON: channels,
   grid, normalisers), "parameters" (their count), "provenance" (JSON). */
#ifndef LERAY_TRAINING_MODEL_FILE_H
#define LERAY_TRAINING_MODEL_FILE_H

#include "data/formats/safetensors.h"
#include "training/task.h"

LERAY_NODISCARD leray_status leray_model_file_write(const char *path, const char *name,
                                                    leray_model *model, const leray_task *task,
                                                    const leray_config *cfg, uint64_t seed);

/* Reading is in two parts, because the deck names the model's type and only api/ knows types.
   deck: the text to open as a config, borrowed from the file. */
LERAY_NODISCARD leray_status leray_model_file_deck(const leray_safetensors *file, const char *path,
                                                   const char **deck);
LERAY_NODISCARD leray_status leray_model_file_task(const leray_safetensors *file, const char *path,
                                                   const leray_task_settings *settings,
                                                   leray_task *task);
/* Copies the tensors into the model's parameters. Errors: DATA, naming what is missing or of
   another shape, or what the file has too much. */
LERAY_NODISCARD leray_status leray_model_file_weights(const leray_safetensors *file,
                                                      const char *path, leray_model *model);

#endif
