/* data/frame_norms.h - how far frames of a vorticity are from others, and their energy spectra: one
   definition for everything that is compared. Private to api/.

   Of frames w_m and their errors e_m, m = 1 .. n, over a periodic box,

     relative H^s   sqrt( sum_m |e_m|_s^2 / sum_m |w_m|_s^2 ),  |f|_s^2 = sum_k (1 + |2 pi k/L|^2)^s |f_k|^2

   with s = 1, 0, -1, and the energy E(s) = sum over s - 1/2 <= |k| < s + 1/2 of |w_k|^2 / (2 |2 pi k/L|^2). */
#ifndef LERAY_DATA_FRAME_NORMS_H
#define LERAY_DATA_FRAME_NORMS_H

#include "core/error.h"

typedef struct leray_frame_norms leray_frame_norms;

typedef struct leray_frame_errors {
    double l2, h1, h_minus_1; /* relative, over all frames */
    double end;               /* relative L2 of the last frame alone */
} leray_frame_errors;

/* For frames [n[0], n[1]], y and x. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_frame_norms_create(const int n[2], const double length[2],
                                                      leray_frame_norms **out);
void leray_frame_norms_destroy(leray_frame_norms **norms); /* accepts a pointer to NULL */

/* Frames [count, n[0], n[1]] each. Not finite where a value is not. */
void leray_frame_norms_compare(leray_frame_norms *norms, int count, const float *frames,
                               const float *truth, leray_frame_errors *out);

/* The same with frames of another grid's object, compared mode by mode: what the coarser grid does not
   have counts as zero. */
void leray_frame_norms_compare_on(leray_frame_norms *norms, leray_frame_norms *coarse, int count,
                                  const float *frames, const float *truth, leray_frame_errors *out);

int leray_frame_norms_shells(const leray_frame_norms *norms); /* 0 .. half of the smaller extent */
void leray_frame_norms_energy(leray_frame_norms *norms, const float *frame, double *shell);

#endif
