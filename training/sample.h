/* training/sample.h - what a sample is, whether it comes from a file or from running solvers:
   inputs x, outputs y and the physical parameters of one simulation. Private. */
#ifndef LERAY_TRAINING_SAMPLE_H
#define LERAY_TRAINING_SAMPLE_H

#include "core/grid.h"
#include "core/json.h"
#include "data/dataset.h"
#include "solvers/ensemble.h"

#define LERAY_SAMPLE_OUTPUTS 16
#define LERAY_SAMPLE_NAME 64

/* x is [n_inputs, grid..]: `history` frames of n_state channels, the newest last, then n_static
   channels. y is [n_outputs, grid..]: `window` frames of n_outputs / window channels, which in an
   autoregressive problem are those that follow x. Names and units are those of one frame. */
typedef struct leray_sample_info {
    int n_inputs, n_outputs, n_state, n_static, history, window;
    bool autoregressive;
    double interval; /* time from frame to frame, and from the newest of x to the first of y; 0:
                        unknown */
    leray_grid grid;
    double length[LERAY_GRID_DIMS];
    bool periodic[LERAY_GRID_DIMS];
    char output_name[LERAY_SAMPLE_OUTPUTS][LERAY_SAMPLE_NAME];
    char output_unit[LERAY_SAMPLE_OUTPUTS][LERAY_SAMPLE_NAME];
    int n_parameters;
    char parameter_name[LERAY_ENSEMBLE_PARAMETERS][LERAY_SAMPLE_NAME];
    bool
        parameter_log[LERAY_ENSEMBLE_PARAMETERS]; /* all values positive: enters by its logarithm */
} leray_sample_info;

/* n samples. Arrays belong to the source and hold until its next call. */
typedef struct leray_batch {
    int n;
    int total;         /* samples of the batch over all ranks; n of them are this rank's */
    float *x;          /* [n, n_inputs, grid..] */
    float *y;          /* [n, n_outputs, grid..] */
    float *parameters; /* [n, n_parameters] */
} leray_batch;

/* Channels of one frame of y. */
static inline int leray_sample_fields(const leray_sample_info *info)
{
    return info->n_outputs / info->window;
}

static inline size_t leray_sample_points(const leray_sample_info *info)
{
    return leray_grid_points(&info->grid);
}

/* Errors: CONFIG beyond the limits above. */
LERAY_NODISCARD leray_status leray_sample_info_of_dataset(const leray_dataset *dataset,
                                                          leray_sample_info *out);
LERAY_NODISCARD leray_status leray_sample_info_of_frame(const leray_frame *frame,
                                                        const leray_ensemble *ensemble, int history,
                                                        leray_sample_info *out);

/* Arrays for n samples, in one block at batch->x. */
LERAY_NODISCARD leray_status leray_batch_create(const leray_sample_info *info, int n,
                                                leray_batch *batch);
void leray_batch_fini(leray_batch *batch);

/* The part of it that a model file must carry. Errors of from_json: DATA. */
LERAY_NODISCARD leray_status leray_sample_info_to_json(const leray_sample_info *info,
                                                       leray_json **out);
LERAY_NODISCARD leray_status leray_sample_info_from_json(const leray_json *json,
                                                         leray_sample_info *out);

#endif
