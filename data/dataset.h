/* data/dataset.h - supervised samples x -> y from files: what training and evaluation read.
   Private.

   To add a reader: write data/datasets/<name>.c exporting one leray_dataset_type called
   leray_dataset_<name>, and add one line to data/datasets.def. A deck names it in any section:

       data:
         type: npy-pairs
         path: darcy16
         inputs: train16_a.npy
         outputs: train16_u.npy

   The key `type` belongs to whoever makes the schema (api/); the rest is the type's table. */
#ifndef LERAY_DATA_DATASET_H
#define LERAY_DATA_DATASET_H

#include "core/config.h"

#include <stdbool.h>
#include <stddef.h>

#define LERAY_DATASET_AXES_MAX 3

typedef struct leray_dataset leray_dataset;

typedef struct leray_dataset_type {
    const char *name;     /* in decks: "npy-pairs" */
    const char *summary;  /* one line for `leray list datasets` */
    size_t size;          /* sizeof the struct whose first member is leray_dataset */
    leray_keys keys;      /* of its section */
    size_t settings_size; /* sizeof the struct that the keys fill */

    /* REQUIRED. self is zeroed but for type and settings; init fills the other members. */
    leray_status (*init)(leray_dataset *self);
    leray_status (*read)(leray_dataset *self, int i, float *x, float *y); /* y may be NULL */
    void (*fini)(leray_dataset *self); /* must accept a half-initialised self */

    /* OPTIONAL: NULL means that sample i is step 0 of trajectory i */
    void (*locate)(const leray_dataset *self, int i, int *trajectory, int *step);
} leray_dataset_type;

/* Members are constant after init; texts and arrays belong to the dataset. x is
   [n_inputs, shape..] and y is [n_outputs, shape..], both on the same grid. The channels of x
   are `history` frames of n_state channels, the oldest frame first, and then n_static channels
   that do not change along a trajectory. */
struct leray_dataset {
    const leray_dataset_type *type;
    void *settings;
    int n_samples;
    int n_inputs, n_outputs;        /* channels */
    int history, n_state, n_static; /* n_inputs = history n_state + n_static */
    int window; /* frames in y, the next one first; n_outputs = window n_state where autoregressive */
    const char *const *input_names;  /* [n_inputs]: "vorticity", one frame back "vorticity@-1" */
    const char *const *output_names; /* [n_outputs / window] */
    const char *const *output_units; /* [n_outputs / window]; "" where unknown */
    bool autoregressive; /* a frame of x has the channels of y: roll-outs are possible */
    int stride;      /* the first frame of y of sample i is the newest of x of sample i + stride,
                            if both are of one trajectory; 0: not so */
    double interval; /* time from the newest frame of x to y, and from frame to frame of y; 0:
                            none or unknown */
    int ndim, shape[LERAY_DATASET_AXES_MAX];
    double length[LERAY_DATASET_AXES_MAX];
    bool periodic[LERAY_DATASET_AXES_MAX];
    int n_parameters;
    const char *const *parameter_names; /* [n_parameters] */
    const double *parameters;           /* [n_samples, n_parameters] */
    const char *provenance;             /* of the file; "" where it has none */
};

/* Makes the dataset that `section` of the resolved config describes. On failure *out is NULL.
   Errors: CONFIG, DATA, IO, MEMORY. */
LERAY_NODISCARD leray_status leray_dataset_create_type(const leray_dataset_type *type,
                                                       const leray_config *cfg, const char *section,
                                                       leray_dataset **out);
void leray_dataset_destroy(leray_dataset **dataset); /* accepts a pointer to NULL */

/* Sample i in [0, n_samples): x [n_inputs, shape..], y [n_outputs, shape..], parameters
   [n_parameters]; `y` and `parameters` may be NULL. Does not allocate; one thread at a time.
   Errors: ARG (range), DATA (a value that is not finite). */
LERAY_NODISCARD leray_status leray_dataset_read(leray_dataset *dataset, int i, float *x, float *y,
                                                float *parameters);

/* Which trajectory sample i belongs to and its place along it: samples of one trajectory are
   consecutive, and if sample i is step s, sample i + 1 of the same trajectory is step s + 1. */
void leray_dataset_locate(const leray_dataset *dataset, int i, int *trajectory, int *step);

size_t leray_dataset_points(const leray_dataset *dataset); /* product of shape */

/* For implementations: splits "a, b" into *out, an array of *count texts in one block to be
   freed with leray_mem_free. "" has none. */
LERAY_NODISCARD leray_status leray_dataset_split(const char *list, int *count, char ***out);

#endif
