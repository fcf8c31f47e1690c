/* leray/impl/trajectories.h - sequences of frames, from a file, from arrays or from solvers: the input of
   evaluation, roll-outs, refining and supervised samples.

   There are n trajectories, each with its own number of frames and its own times. All are on one grid and have
   the same channels and the same parameters, whose values may differ. A channel that does not depend on
   time is the same in each frame. */
#ifndef LERAY_IMPL_TRAJECTORIES_H
#define LERAY_IMPL_TRAJECTORIES_H

#include <leray/impl/error.h>
#include <leray/impl/grid.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A field of one component, one component of a vector or a tensor, or one level of a variable. Texts are
   the holder's. */
typedef struct leray_channel {
    const char *name;     /* "velocity_x", "temperature@850" */
    const char *unit;     /* "" where unknown */
    const char *variable; /* what channels at several levels have in common: "temperature" */
    double level;         /* NaN: none */
    bool time_varying;
} leray_channel;

/* A list that owns its texts. */
typedef struct leray_channels {
    int n, room;
    leray_channel *item; /* [n] */
} leray_channels;

/* Errors: MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_channels_add(leray_channels *list, const char *name,
                                                          const char *unit, bool time_varying);
LERAY_API LERAY_NODISCARD leray_status leray_channels_copy(const leray_channels *from,
                                                           leray_channels *to);
LERAY_API void leray_channels_fini(leray_channels *list); /* accepts a zeroed one */
LERAY_API int leray_channels_find(const leray_channels *list, const char *name); /* -1: none */

typedef struct leray_trajectories leray_trajectories;

typedef struct leray_trajectories_type {
    /* REQUIRED. The channels named by `channel` [n] of one frame: out [n, points]. In range. One thread at
       a time. Errors: DATA, IO. */
    leray_status (*read)(leray_trajectories *self, int trajectory, int frame, int n,
                         const int *channel, float *out);
    double (*time)(const leray_trajectories *self, int trajectory, int frame);
    void (*fini)(leray_trajectories *self); /* of what is behind the members below */
} leray_trajectories_type;

/* A number that belongs to a trajectory. Texts are the holder's. */
typedef struct leray_trajectory_parameter {
    const char *name, *unit;
    bool varies; /* the file or the ensemble says that it differs between trajectories */
} leray_trajectory_parameter;

struct leray_trajectories {
    const leray_trajectories_type *type;
    const char *source; /* a path or what it is, for errors; the holder's */
    leray_grid grid;    /* owned */
    leray_channels channels;
    int n;
    int *frames; /* [n] owned */
    int n_parameters;
    leray_trajectory_parameter *parameter; /* [n_parameters] owned, but for the texts */
    double *values;                        /* [n, n_parameters] owned */
    const char *provenance;                /* of the file; "" where it has none */
    bool
        bare; /* arrays of numbers: names, lengths and boundaries are not of the data but of the deck */
};

/* Frees what the members own, calls fini, and frees the object. Accepts a pointer to NULL. */
LERAY_API void leray_trajectories_destroy(leray_trajectories **trajectories);

#ifdef __cplusplus
}
#endif
#endif
