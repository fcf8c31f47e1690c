/* solvers/pseudospectral/engine/frame_grid.h - the grid that frames are shown on: the solver's own, or another one of
   the same box. Private.

   A coarser grid takes the modes that it can tell apart, |s| < n/2 along each axis, so its frame is the
   field truncated there; a finer one interpolates. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_FRAME_GRID_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_FRAME_GRID_H

#include "core/config.h"
#include "solvers/pseudospectral/engine/transforms.h"
#include <leray/grid.h>

typedef struct leray_frame_grid {
    const leray_box *state;       /* the solver's */
    const leray_box *box;         /* of frames */
    leray_grid grid;              /* the same as a frame has it */
    leray_transforms *transforms; /* on it */
    leray_box own_box;            /* where it is not the solver's */
    leray_transforms *own_passes;
    double complex *line; /* [threads, pitch of the solver's box] */
} leray_frame_grid;

/* `n` is the key frame.n of the section: 0, one number for all axes, or one for each, slowest first.
   `transforms` are the solver's. Errors: CONFIG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_frame_grid_open(leray_frame_grid *grid, const leray_config *cfg,
                                                   const char *section, const leray_ints *n,
                                                   const leray_box *state,
                                                   leray_transforms *transforms, int fields,
                                                   bool single);
void leray_frame_grid_close(leray_frame_grid *grid); /* accepts a zeroed one */

size_t leray_frame_grid_points(const leray_frame_grid *grid); /* of this rank */

/* Line `out` of a field of the state in a column of the frames' box. */
void leray_frame_grid_line(const leray_frame_grid *grid, const leray_modes *state, int field,
                           const leray_column *column, double complex *out);

#endif
