/* data/sample.h - what a sample is, whether it comes from a file or from running solvers: inputs x, outputs
   y and the physical parameters of one trajectory. Private.

   Every channel has a role:

     state       in each frame of x, and, where the problem continues in time, in each frame of y
     static      in x once: does not change along a trajectory
     forcing     in x for each frame given and each frame wanted: known beforehand
     diagnostic  in y alone

   x [n_inputs, grid..] is `history` frames of the n_state states, the oldest frame first, then the statics,
   then history + window frames of the forcings. y [n_outputs, grid..] is `window` frames of n_output
   channels: where the problem continues in time the states, then the diagnostics; else any. */
#ifndef LERAY_DATA_SAMPLE_H
#define LERAY_DATA_SAMPLE_H

#include "core/grid.h"
#include "core/json.h"
#include "data/channel.h"

#include <stdint.h>

typedef struct leray_sample_parameter {
    char *name, *unit; /* unit "" where it is unknown */
    bool log;          /* all values positive: it enters by its logarithm */
} leray_sample_parameter;

typedef struct leray_sample_info {
    int history, window;
    int n_state, n_static, n_forcing;
    bool autoregressive; /* the first n_state channels of a frame of y are the states */
    bool masked;         /* samples have masks of their own */
    double interval; /* time from the newest frame of x to the first of y, and between those of y;
                            0: none, or unknown */
    double spacing;  /* time between frames of x; 0: there is one, or unknown */
    leray_grid grid;
    leray_channels
        input; /* states, statics, forcings; none in models of format 1, whose names are lost */
    leray_channels output; /* of a frame of y */
    int n_parameters;
    leray_sample_parameter *parameter; /* [n_parameters] */
} leray_sample_info;

/* n samples. Arrays belong to the source and hold until its next call. */
typedef struct leray_batch {
    int n;
    int total;         /* samples of the batch over all ranks; n of them are this rank's */
    float *x;          /* [n, n_inputs, grid..] */
    float *y;          /* [n, n_outputs, grid..] */
    float *parameters; /* [n, n_parameters] */
    float *mask; /* [n, grid..], 1 where values count and 0 where not; NULL where not masked */
} leray_batch;

static inline int leray_sample_inputs(const leray_sample_info *info)
{
    return info->history * info->n_state + info->n_static +
           (info->history + info->window) * info->n_forcing;
}

/* Channels of one frame of y. */
static inline int leray_sample_fields(const leray_sample_info *info) { return info->output.n; }

static inline int leray_sample_outputs(const leray_sample_info *info)
{
    return info->window * info->output.n;
}

static inline size_t leray_sample_points(const leray_sample_info *info)
{
    return leray_grid_points(&info->grid);
}

/* A copy that owns all it has, as every leray_sample_info does. Errors: MEMORY; *to is zeroed then. */
LERAY_NODISCARD leray_status leray_sample_info_copy(const leray_sample_info *from,
                                                    leray_sample_info *to);
void leray_sample_info_fini(leray_sample_info *info); /* accepts a zeroed one */

LERAY_NODISCARD leray_status leray_sample_info_add_parameter(leray_sample_info *info,
                                                             const char *name, const char *unit,
                                                             bool log);

/* "vorticity", one frame back "vorticity@-1", forcings ahead "insolation@+1": channel c of x; returns text. */
const char *leray_sample_input_name(const leray_sample_info *info, int c, size_t size, char *text);

/* Arrays for n samples, in one block at batch->x. */
LERAY_NODISCARD leray_status leray_batch_create(const leray_sample_info *info, int n,
                                                leray_batch *batch);
void leray_batch_fini(leray_batch *batch);

/* The part of it that a model file must carry. Errors of from_json: DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_sample_info_to_json(const leray_sample_info *info,
                                                       leray_json **out);
LERAY_NODISCARD leray_status leray_sample_info_from_json(const leray_json *json,
                                                         leray_sample_info *out);

#endif
