/* training/checkpoint.h - the state of a run, atomically, in two generations. Private.

   <run>/checkpoints/step-000000042/ holds the files and, written last, manifest.json with their
   sizes and checksums. A generation appears under its name complete or not at all: it is
   written under a temporary name, flushed, and renamed. The two newest are kept. */
#ifndef LERAY_TRAINING_CHECKPOINT_H
#define LERAY_TRAINING_CHECKPOINT_H

#include "core/file.h"
#include "core/json.h"

typedef struct leray_checkpoint_writer {
    char folder[LERAY_PATH_MAX];    /* <run>/checkpoints */
    char temporary[LERAY_PATH_MAX]; /* in it */
    int64_t step;
    leray_json *files; /* for the manifest */
} leray_checkpoint_writer;

/* Errors of all calls: IO, MEMORY. After a failure, abandon; the older generations stand. */
LERAY_NODISCARD leray_status leray_checkpoint_begin(const char *run, int64_t step,
                                                    leray_checkpoint_writer *w);
LERAY_NODISCARD leray_status leray_checkpoint_add(leray_checkpoint_writer *w, const char *name,
                                                  const void *data, size_t size);
LERAY_NODISCARD leray_status leray_checkpoint_add_json(leray_checkpoint_writer *w, const char *name,
                                                       const leray_json *json);
LERAY_NODISCARD leray_status leray_checkpoint_commit(leray_checkpoint_writer *w);
void leray_checkpoint_abandon(leray_checkpoint_writer *w);

typedef struct leray_checkpoint {
    char folder[LERAY_PATH_MAX];
    int64_t step;
    leray_json *files;
} leray_checkpoint;

/* The newest generation that is whole: *found is false if there is none. A damaged one is
   reported, and set aside under the name step-N.damaged. Errors: DATA if generations are there
   but none is whole; IO. */
LERAY_NODISCARD leray_status leray_checkpoint_open(const char *run, leray_checkpoint *c,
                                                   bool *found);
void leray_checkpoint_close(leray_checkpoint *c);
/* The content of a file, its checksum compared once more; free with leray_mem_free.
   `size` SIZE_MAX accepts any; else another size is an error. Errors: DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_checkpoint_read(const leray_checkpoint *c, const char *name,
                                                   size_t expected, char **data, size_t *size);
/* Into memory that is there already. */
LERAY_NODISCARD leray_status leray_checkpoint_load(const leray_checkpoint *c, const char *name,
                                                   void *data, size_t size);
LERAY_NODISCARD leray_status leray_checkpoint_read_json(const leray_checkpoint *c, const char *name,
                                                        leray_json **out);

/* Forgets all generations of the run. */
LERAY_NODISCARD leray_status leray_checkpoint_clear(const char *run);

#endif
