/* data/trajectories.h - reading trajectories (include/leray/impl/trajectories.h), whoever holds them. Private. */
#ifndef LERAY_DATA_TRAJECTORIES_H
#define LERAY_DATA_TRAJECTORIES_H

#include <leray/impl/trajectories.h>

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
