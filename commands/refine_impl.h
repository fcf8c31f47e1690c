/* commands/refine_impl.h - what the files of leray_refine share. Private. */
#ifndef LERAY_COMMANDS_REFINE_IMPL_H
#define LERAY_COMMANDS_REFINE_IMPL_H

#include "commands/refinement.h"
#include "refine/layer.h"

enum {
    REFINE_TRAJECTORY,
    REFINE_BEFORE_L2,
    REFINE_BEFORE_H1,
    REFINE_BEFORE_H_MINUS_1,
    REFINE_AFTER_L2,
    REFINE_AFTER_H1,
    REFINE_AFTER_H_MINUS_1,
    REFINE_SOLVER_L2,
    REFINE_SOLVER_H1,
    REFINE_SOLVER_H_MINUS_1,
    REFINE_BEFORE_RESIDUAL,
    REFINE_AFTER_RESIDUAL,
    REFINE_BEFORE_RESIDUAL_NORM,
    REFINE_AFTER_RESIDUAL_NORM,
    REFINE_TRUNCATION,
    REFINE_BEFORE_ESTIMATE,
    REFINE_AFTER_ESTIMATE,
    REFINE_CORRECTION,
    REFINE_LAST,
    REFINE_STEPS,
    REFINE_ITERATIONS,
    REFINE_MODEL_SECONDS,
    REFINE_SECONDS,
    REFINE_CERTIFY_SECONDS,
    REFINE_SOLVER_SECONDS,
    REFINE_COARSE_N,
    REFINE_COARSE_L2,
    REFINE_COARSE_SECONDS,
    REFINE_COLUMNS
};

enum { REFINE_BANDS = 10, REFINE_OF_BAND = 3 /* before, after, solver */ };
enum { REFINE_TRUTH, REFINE_BEFORE, REFINE_AFTER, REFINE_SOLVER, REFINE_SPECTRA };

/* One layer for all trajectories. */
typedef struct refine_share {
    leray_refiner **refiner; /* [n] with the frames that it gives */
    leray_refine_report *report;
    float *latent;
    leray_layer *layer;
} refine_share;

typedef struct refine_work {
    leray_refinement r;
    leray_ints grids; /* refine.solver_grids, ascending */
    bool shared;      /* refine.share */
    refine_share share;
    leray_solver *coarse[LERAY_LIST_MAX];
    leray_frame_norms *coarse_norms[LERAY_LIST_MAX];
    float *frames, *truth, *solver; /* [history + window, size]; solver without the history */
    float *coarse_frames;
    int shells, bands;
    double *shell[REFINE_SPECTRA]; /* of the present trajectory's last frame */
    double *sum[REFINE_SPECTRA];   /* over trajectories */
    leray_table rows, energy;
    int failed; /* trajectories that were left as they were */
    leray_well_writer *writer;
} refine_work;

extern const char *const leray_refine_columns[REFINE_COLUMNS];
extern const char *const leray_refine_energy_columns[REFINE_BANDS * REFINE_OF_BAND];
int leray_refine_band_begin(int band); /* 1, 4, 8, 16, .. */

/* commands/refine_share.c: open, enter the prediction on each trajectory, which is in w->frames, and run, which
   tunes the layer and writes the model that has it. */
LERAY_NODISCARD leray_status leray_refine_share_open(refine_work *w);
LERAY_NODISCARD leray_status leray_refine_share_enter(refine_work *w, int i);
LERAY_NODISCARD leray_status leray_refine_share_run(refine_work *w);
void leray_refine_share_close(refine_work *w);

/* refined.csv, pictures, result.json and the report. */
LERAY_NODISCARD leray_status leray_refine_report_all(refine_work *w, leray_report *report);

#endif
