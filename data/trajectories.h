/* data/trajectories.h - fields along times: what evaluation, roll-outs, refining and supervised samples read,
   whether it lies in a file, in arrays or comes from solvers. Private.

   There are n trajectories, each with its own number of frames and its own times, all on one grid with the
   same channels, and each with the same parameters of its own values. A channel that does not depend on
   time reads the same in each frame. */
#ifndef LERAY_DATA_TRAJECTORIES_H
#define LERAY_DATA_TRAJECTORIES_H

#include "core/grid.h"
#include "data/channel.h"

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
void leray_trajectories_destroy(leray_trajectories **trajectories);

/* As type->read, with the range checked, and each value finite, but where the grid's mask is 0: those
   become 0. Errors: ARG (range), DATA (a value that is not finite: names trajectory, frame, channel). */
LERAY_NODISCARD leray_status leray_trajectories_read(leray_trajectories *trajectories,
                                                     int trajectory, int frame, int n,
                                                     const int *channel, float *out);
double leray_trajectories_time(const leray_trajectories *trajectories, int trajectory, int frame);

/* The value of the parameter `name`; NULL if there is none of this name. */
const double *leray_trajectories_parameter(const leray_trajectories *trajectories, int trajectory,
                                           const char *name);

/* Frames first, first + every, .., n of them, of a trajectory, must be evenly spaced in time: *interval
   between them, on average. Times may have been stored in single precision. Errors: DATA with the frames
   and both distances; `what` needs it. */
LERAY_NODISCARD leray_status leray_trajectories_interval(const leray_trajectories *trajectories,
                                                         int trajectory, int first, int every,
                                                         int n, const char *what, double *interval);

#endif
