/* refine/frames.h - the problem whose unknowns are the predicted frames of one window. Private.

     w = w_begin + P W^-1 x,   r = W r(w),   A = W J P W^-1

   with the notation of refine/residual.h: A is the identity plus what advection adds. */
#ifndef LERAY_REFINE_FRAMES_H
#define LERAY_REFINE_FRAMES_H

#include "refine/problem.h"

typedef struct leray_refine_frames {
    leray_residual *residual;
    double complex *begin, *work, *change; /* [frames, modes] */
    leray_refine_problem problem;
} leray_refine_frames;

/* From the frames of `residual`, which is borrowed. Call fini whatever comes back. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_refine_frames_init(leray_refine_frames *f,
                                                      leray_residual *residual);
void leray_refine_frames_fini(leray_refine_frames *f);

/* d = P W^-1 x, [frames, modes]. */
void leray_refine_frames_map(const leray_refine_frames *f, const double *x, double complex *d);

#endif
