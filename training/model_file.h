/* training/model_file.h - a trained model in one safetensors file. Private.

   Tensors are the model's parameters under their names. Metadata, all texts:

       format       "2"
       model        the type's name in decks
       parameters   their count
       deck         what makes the model and its inputs: the name of the run, section model, and
                    of section task the target and the normalisers
       task         JSON: channels, grid, normalisers
       provenance   JSON; for people. It holds the whole deck of the training
       made_from    JSON, only where the model was made from another one: provenance of that

   A reader looks at nothing but what stands before "provenance". So a file outlives changes of the
   keys of optimizers, losses, data and solvers. In format 1 "deck" is the whole deck of the training,
   of which the same parts are read. */
#ifndef LERAY_TRAINING_MODEL_FILE_H
#define LERAY_TRAINING_MODEL_FILE_H

#include "core/comm.h"
#include "data/formats/safetensors.h"
#include "training/task.h"

typedef struct leray_model_record {
    const char *type; /* its name in decks */
    leray_model *model;
    const leray_task *task;
    const leray_config *cfg; /* the deck of the training */
    uint64_t seed;
    const leray_comm *comm; /* that trained it */
    const char *made_from;  /* NULL: trained from the beginning */
} leray_model_record;

LERAY_NODISCARD leray_status leray_model_file_write(const char *path,
                                                    const leray_model_record *record);

/* Reading is in two parts, because the deck names the model's type and only api/ knows types.
   deck: what makes the model and its inputs, to be resolved by the caller. Errors: DATA (not a
   model's file, or of a format that this version does not read), CONFIG, MEMORY. */
LERAY_NODISCARD leray_status leray_model_file_deck(const leray_safetensors *file, const char *path,
                                                   leray_config **deck);
LERAY_NODISCARD leray_status leray_model_file_task(const leray_safetensors *file, const char *path,
                                                   const leray_task_settings *settings,
                                                   leray_task *task);
/* Copies the tensors into the model's parameters. Errors: DATA, naming what is missing or of
   another shape, or what the file has too much. */
LERAY_NODISCARD leray_status leray_model_file_weights(const leray_safetensors *file,
                                                      const char *path, leray_model *model);

#endif
