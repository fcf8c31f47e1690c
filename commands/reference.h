/* commands/reference.h - the trajectories of a Well file as a model's roll-outs see them, and the solver that made
   them. Private.

   Used are the trajectories of section "data" that hold frames enough, counted from data.start on:
   frame k here is stored step data.start + k data.every of the file. A frame is [n_state, grid..], float. */
#ifndef LERAY_COMMANDS_REFERENCE_H
#define LERAY_COMMANDS_REFERENCE_H

#include "api/experiment.h"
#include "training/match.h"
#include <leray/frame.h>

typedef struct leray_reference {
    const char *path; /* the caller's */
    leray_dataset *dataset;
    const leray_trajectories *file;
    const leray_sample_info *info; /* of the samples of the model */
    leray_extents grid;
    int every;                /* stored frames from one frame to the next */
    int start;                /* stored frames left out at the beginning of each trajectory */
    int n;                    /* trajectories used */
    int *trajectory;          /* [n]: their numbers in the file */
    int *frames;              /* [n]: how many frames each has */
    double interval;          /* between frames */
    size_t size;              /* reals of a frame's states */
    double *values;           /* a frame for the solver, */
    leray_frame_field *field; /* [n_state] and its fields */
    leray_config
        *solver;     /* the deck that made the file, with the user's overrides; NULL: none yet */
    bool has_deck;   /* it is the file's */
    int n_overrides; /* "solver.key=value", borrowed */
    const char *const *overrides;
} leray_reference;

/* The keys of section "data" of such a command: those of the reader, and data.start. */
extern const leray_keys leray_start_keys;
LERAY_NODISCARD leray_status leray_reference_keys(leray_section out[2]);

/* `cfg` has section "data", with path and history; overrides [n] are the user's "solver.key=value",
   borrowed. Trajectories with less than `need` frames are left out.
   `reference` is zeroed by this; call close whatever comes back. Errors: DATA (channels that are not the
   task's; a parameter of the task that the file does not have; frames that are not evenly spaced, naming
   the steps; no trajectory that is long enough), CONFIG, IO, MEMORY. */
LERAY_NODISCARD leray_status leray_reference_open(const leray_config *cfg, const char *path,
                                                  const leray_task *task, int need, int n,
                                                  const char *const *overrides,
                                                  leray_reference *reference);
void leray_reference_close(leray_reference *reference);

/* Frames first .. first + n - 1 of trajectory i as out [n, size]. Errors: ARG beyond its end; DATA. */
LERAY_NODISCARD leray_status leray_reference_read(leray_reference *reference, int i, int first,
                                                  int n, float *out);
/* The sample of the dataset's windows whose x begins with frame 0 of trajectory i. */
int leray_reference_sample(const leray_reference *reference, int i);
double leray_reference_time(const leray_reference *reference, int i, int frame);

/* The scalar `name` of trajectory i, NULL if the file has none of this name. */
const double *leray_reference_scalar(const leray_reference *reference, int i, const char *name);

/* What the frames must be for a residual: one field, the vorticity, in two dimensions, periodic.
   Errors: DATA. */
LERAY_NODISCARD leray_status leray_reference_is_vorticity(const leray_reference *reference,
                                                          const char *what);

/* The solver of the file on a grid of n points ([ny, nx]), for every trajectory of it. The file's
   provenance says how it was made; the user's overrides come after it, and make the whole deck where it
   says nothing. Errors: DATA where no solver is known; those of solvers. */
LERAY_NODISCARD leray_status leray_reference_solver(leray_reference *reference, const int n[2],
                                                    leray_solver **out);
/* The parameters of trajectory i, but for those of the user's overrides: what varies over the file, and
   all its scalars where it has no deck (whose numbers have more digits). */
LERAY_NODISCARD leray_status leray_reference_set_parameters(const leray_reference *reference, int i,
                                                            leray_solver *solver);
/* Begins at time `time` from a frame on the file's grid. */
LERAY_NODISCARD leray_status leray_reference_start(leray_reference *reference, const float *frame,
                                                   double time, leray_solver *solver);
/* From there over n frames, out [n, ny, nx] on the solver's grid. Errors: the solver's. */
LERAY_NODISCARD leray_status leray_reference_advance(const leray_reference *reference, int n,
                                                     leray_solver *solver, float *out);

/* The frame `values` on the file's grid, with the names of the task's fields. */
leray_frame leray_reference_frame(const leray_reference *reference, const double *values,
                                  double time);

#endif
