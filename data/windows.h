/* data/windows.h - supervised samples as a view over trajectories: which frames and channels are x, which are
   y. Private.

   With frame t of a trajectory, x holds the states of the frames t - (history - 1) every, .., t - every, t,
   then the statics, then the forcings of all frames of x and of y; y the frame t + lead every; or, with a
   window, the frames t + step, t + 2 step, .., t + window step, where step is `window_every`, or `every`.
   Samples run over all t for which these frames exist, trajectory by trajectory, or over the first of them
   alone. Where no chosen channel depends on time, a trajectory is one sample. Where a sample holds more than
   one frame of x or of y, frames must be evenly spaced in time. */
#ifndef LERAY_DATA_WINDOWS_H
#define LERAY_DATA_WINDOWS_H

#include "data/sample.h"
#include "data/trajectories.h"
#include <leray/impl/dataset.h>

typedef struct leray_windows {
    leray_trajectories *trajectories; /* borrowed */
    leray_window_settings settings;
    leray_sample_info info;
    int n_samples;
    int first_trajectory, n_used;
    int *start; /* [n_used + 1]: first sample of each */
    /* Numbers of channels in `trajectories`, in the order of info.input and info.output. */
    int *input, *output;
    int mask;       /* -1: none */
    int *parameter; /* [info.n_parameters]: numbers in `trajectories` */
    bool depends;   /* a channel depends on time */
    int stride; /* the first frame of y of sample i is the newest of x of sample i + stride, if both are
                       of one trajectory; 0: not so */
} leray_windows;

/* `trajectories` must outlive it. Errors: CONFIG, DATA, MEMORY. Call fini whatever comes back. */
LERAY_NODISCARD leray_status leray_windows_init(leray_windows *windows,
                                                leray_trajectories *trajectories,
                                                const leray_window_settings *settings);
void leray_windows_fini(leray_windows *windows); /* accepts a zeroed one */

/* Sample i in [0, n_samples): x [n_inputs, grid..], y [n_outputs, grid..], parameters [n_parameters], mask
   [grid..]; each but x may be NULL. Does not allocate; one thread at a time. Errors: ARG (range), DATA (a
   value that is not finite). */
LERAY_NODISCARD leray_status leray_windows_read(leray_windows *windows, int i, float *x, float *y,
                                                float *parameters, float *mask);

/* Stored frames from frame to frame of y. */
int leray_windows_step(const leray_windows *windows);

/* For roll-outs that begin with the first frames of a trajectory: frame `lead` of what follows them, the
   channels of y [n_output, grid..]; and the forcings of the window of frames from `lead` on [window, n_forcing,
   grid..]. Errors: DATA, and ARG beyond the end of the trajectory. */
LERAY_NODISCARD leray_status leray_windows_read_frame(leray_windows *windows, int trajectory,
                                                      int lead, float *out);
LERAY_NODISCARD leray_status leray_windows_read_forcings(leray_windows *windows, int trajectory,
                                                         int lead, float *out);

/* Which trajectory sample i belongs to, and its place along it: samples of one trajectory are consecutive,
   and if sample i is step s, sample i + 1 of the same trajectory is step s + 1. */
void leray_windows_locate(const leray_windows *windows, int i, int *trajectory, int *step);

#endif
