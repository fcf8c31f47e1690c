/* training/simulations.h - an ensemble run to its end and kept in memory, as trajectories; and what a sample of
   an ensemble is. Private. */
#ifndef LERAY_TRAINING_SIMULATIONS_H
#define LERAY_TRAINING_SIMULATIONS_H

#include "data/sample.h"
#include "data/trajectories.h"
#include "solvers/ensemble.h"

typedef struct leray_simulations_report {
    int n_failed;          /* simulations that did not go through, left out of the trajectories */
    double solver_seconds; /* from the frame `first` to the last, all simulations; added up over
                              threads and divided by their number: the time on this machine */
} leray_simulations_report;

/* Runs the whole ensemble on leray_threads() threads, one simulation each; *out holds those that went
   through, each with all its frames. Time counts from frame `first` on. `ensemble` must outlive *out.
   Errors: the solver's, but for DIVERGED, which is counted; DIVERGED if all fail. */
LERAY_NODISCARD leray_status leray_simulations_run(const leray_ensemble *ensemble, int first,
                                                   leray_trajectories **out,
                                                   leray_simulations_report *report);

/* Samples of one step of such an ensemble, whose frames look like `frame`. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_sample_info_of_ensemble(const leray_frame *frame,
                                                           const leray_ensemble *ensemble,
                                                           int history, leray_sample_info *out);

#endif
