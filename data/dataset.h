/* data/dataset.h - data sets at work (include/leray/impl/dataset.h): what training and evaluation read. Private. */
#ifndef LERAY_DATA_DATASET_H
#define LERAY_DATA_DATASET_H

#include "core/config.h"
#include "data/windows.h"
#include <leray/impl/dataset.h>

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
