/* data/dataset.h - supervised samples x -> y from trajectories: what training and evaluation read. Private.

   A reader opens files as trajectories (data/trajectories.h); samples are a view over those
   (data/windows.h). To add one: write data/datasets/<name>.c exporting one leray_dataset_type called
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
#include "data/sample.h"
#include "data/trajectories.h"
#include "data/windows.h"

typedef struct leray_dataset_type {
    const char *name;     /* in decks: "npy-pairs" */
    const char *summary;  /* one line for `leray list datasets` */
    leray_keys keys;      /* of its section, those of samples (leray_window_keys) included */
    size_t settings_size; /* sizeof the struct that the keys fill */

    /* REQUIRED. The trajectories that the settings name. On failure *out is NULL. `cfg` and `section` are
       for errors and for files. Errors: CONFIG, DATA, IO, MEMORY. */
    leray_status (*open)(const void *settings, const leray_config *cfg, const char *section,
                         leray_trajectories **out);
    /* REQUIRED. Which samples are made of them: fields that `out` has from settings; its lists are views. */
    void (*windows)(const void *settings, const leray_trajectories *trajectories,
                    leray_window_settings *out);
} leray_dataset_type;

typedef struct leray_dataset {
    const leray_dataset_type *type;
    leray_trajectories *trajectories; /* owned */
    leray_window_settings settings;   /* of the deck */
    leray_windows windows;            /* the samples */
} leray_dataset;

/* Makes the dataset that `section` of the resolved config describes. On failure *out is NULL.
   Errors: CONFIG, DATA, IO, MEMORY. */
LERAY_NODISCARD leray_status leray_dataset_create_type(const leray_dataset_type *type,
                                                       const leray_config *cfg, const char *section,
                                                       leray_dataset **out);
/* The same without samples: windows are for the caller to make, of the settings or others. */
LERAY_NODISCARD leray_status leray_dataset_open(const leray_dataset_type *type,
                                                const leray_config *cfg, const char *section,
                                                leray_dataset **out);
void leray_dataset_destroy(leray_dataset **dataset); /* accepts a pointer to NULL */

#endif
