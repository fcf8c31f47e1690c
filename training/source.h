/* training/source.h - what a trainer reads: batch b, whether from a file or from solvers that are
   running. Private.

   Batch b is a function of (seed, b) alone. Sources are made by their own functions, below,
   because what they need differs; the trainer sees this contract. */
#ifndef LERAY_TRAINING_SOURCE_H
#define LERAY_TRAINING_SOURCE_H

#include "core/comm.h"
#include "data/dataset.h"
#include "data/sample.h"
#include "training/checkpoint.h"

#include <signal.h>

typedef struct leray_source leray_source;

/* Sees samples one by one, each as a batch of one. */
typedef leray_status (*leray_sample_visitor)(void *context, const leray_batch *sample);

/* n samples y [n, n_outputs, grid..] in another form, [n, size]. */
typedef leray_status (*leray_sample_transform)(void *context, int n, const float *y, float *out);

typedef struct leray_source_type {
    /* REQUIRED. Batch b, in the order 0, 1, ..; batch->n may be smaller than the plan's. */
    leray_status (*next)(leray_source *self, int64_t b, leray_batch *batch);
    /* REQUIRED. Shows the samples that normalisers are fitted on; before the first next(). */
    leray_status (*fit)(leray_source *self, leray_sample_visitor visit, void *context);
    void (*fini)(leray_source *self); /* accepts a half-made self */

    /* OPTIONAL: NULL means that next(b) needs nothing but b */
    leray_status (*save)(leray_source *self, leray_checkpoint_writer *w);
    leray_status (*restore)(leray_source *self, const leray_checkpoint *c);
    /* OPTIONAL: from the first next() on, y of a batch is what `apply` makes of it, once for each
       sample that is held in memory; fit() and the mean are not concerned. NULL: y is as it comes. */
    leray_status (*transform)(leray_source *self, size_t size, leray_sample_transform apply,
                              void *context);
    /* REQUIRED. Adds what is known of the run to result.json. */
    leray_status (*report)(leray_source *self, leray_json *json);
} leray_source_type;

struct leray_source {
    const leray_source_type *type;
    leray_sample_info info;
    int64_t batches;                   /* of the whole training */
    int batch;                         /* samples per batch */
    double waited;                     /* s, for samples, inside next() and fit() */
    double producers_idle;             /* share of their time that solvers waited; after report() */
    const volatile sig_atomic_t *stop; /* may be NULL */
    char checksum[LERAY_CHECKSUM_TEXT]; /* of the data; "" where the deck alone decides them */
    /* Mean over all training frames of each output at each step of a simulation, float
       [mean_steps, n_outputs, grid..]: the baseline "ensemble mean". 0: unknown. */
    int mean_steps;
    float *mean;
};

void leray_source_destroy(leray_source **source); /* accepts a pointer to NULL */

/* Samples of a file, `epochs` times, in an order drawn anew from (seed, epoch) each time; the
   last batch of an epoch may be smaller. An epoch shows all samples, or one of each trajectory,
   drawn from (seed, epoch, trajectory). Samples are held if they need at most `memory` bytes, else
   read when they are drawn: the batches are the same. Where y is a window of frames, fit() and the
   mean see every (history + window)-th sample of a trajectory, so that frames are not seen again
   and again. Takes `dataset` over, also on failure. */
typedef enum leray_file_windows { LERAY_WINDOWS_ALL, LERAY_WINDOWS_ONE } leray_file_windows;
typedef struct leray_file_settings {
    uint64_t seed;
    int batch, epochs;
    double memory; /* bytes */
    leray_file_windows windows;
    const leray_comm *comm; /* that shares the batches; NULL: this rank alone */
} leray_file_settings;
LERAY_NODISCARD leray_status leray_source_from_dataset(leray_dataset **dataset,
                                                       const leray_file_settings *settings,
                                                       leray_source **out);

#endif
