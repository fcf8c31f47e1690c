/* training/trajectories.h - simulations kept whole, to hold a model against. Private. */
#ifndef LERAY_TRAINING_TRAJECTORIES_H
#define LERAY_TRAINING_TRAJECTORIES_H

#include "training/sample.h"

typedef struct leray_trajectories {
    int n, frames;     /* simulations that went through; frames of each */
    size_t size;       /* reals per frame: fields x points */
    float *values;     /* [n, frames, size] */
    float *parameters; /* [n, n_parameters] */
    int n_parameters;
    int n_failed;          /* simulations that did not, left out */
    double solver_seconds; /* from the frame `first` to the last, all simulations; added up over
                               threads and divided by their number: the time on this machine */
} leray_trajectories;

/* Runs the whole ensemble on leray_threads() threads, one simulation each. Time counts from
   frame `first` on. Errors: the solver's, but for DIVERGED, which is counted. */
LERAY_NODISCARD leray_status leray_trajectories_simulate(const leray_ensemble *ensemble, int first,
                                                         leray_trajectories *out);
void leray_trajectories_fini(leray_trajectories *t);

const float *leray_trajectories_frame(const leray_trajectories *t, int simulation, int step);

#endif
