/* refine/residual.h - how far frames are from the equation, and the derivative of that. Private.

   Frames w_m of the vorticity, m = 1 - given .. frames, in modes of a band, at times m h:

     r_m = (D w)_m - N(w_m) - L w_m - f,    m = 1 .. frames,    N(w) = -(u . grad w)

   D takes the time derivative at frame m from the polynomial through order + 1 neighbouring frames,
   centred where there are as many on both sides and one-sided at the ends; its error is
   O(h^order). N is exact for fields of the band (refine/band.h). The derivative of r by the frames
   1 .. frames at the frames of the last evaluation, and its adjoint,

     (J d)_m = (D d)_m - N'(w_m) d_m - L d_m,      <l, J d> = <J* l, d>,

   with N'(w) d = shear (u dv + v du) + normal 2 (v dv - u du) in the notation of the band. P is the
   inverse of J without N', with the backward differences of order 2 in place of D, so that it is a
   recurrence in time, mode by mode:

     (3/2 d_m - 2 d_(m-1) + 1/2 d_(m-2)) / h - L d_m = y_m,    d_0 = d_(-1) = 0. */
#ifndef LERAY_REFINE_RESIDUAL_H
#define LERAY_REFINE_RESIDUAL_H

#include "refine/band.h"
#include "refine/refine.h"

typedef struct leray_residual {
    leray_band band;
    int given, frames, order;
    double interval;
    int *first;        /* [2, frames] first frame of each row of D, and of D' of two orders less */
    double *stencil;   /* [2, frames, order + 1] */
    double complex *w; /* [given + frames, modes] */
    double complex *r, *derivative; /* [frames, modes]; derivative: D w */
    double complex *velocity;       /* [frames, points] u + i v */
    double complex *pivot;          /* [modes] 1 / (3/2 / h - L) */
    char *work;                     /* for each thread */
    size_t work_size;
} leray_residual;

/* Errors: ARG, CONFIG (too few frames), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_residual_init(leray_residual *self,
                                                 const leray_refine_shape *shape, const int top[2],
                                                 const leray_vorticity_equation *equation,
                                                 int order, double alpha);
void leray_residual_fini(leray_residual *self); /* accepts a zeroed one */

size_t leray_residual_size(const leray_residual *self);      /* frames * modes */
double complex *leray_residual_frames(leray_residual *self); /* w from frame 1 on */

/* out = W^power x, [frames, modes], also in place; W multiplies by the weights of H^-1. */
void leray_residual_weigh(const leray_residual *self, int power, const double complex *x,
                          double complex *out);
/* sqrt of the mean over `frames` frames of the mean square of W^power x, [frames, modes]. */
double leray_residual_norm(const leray_residual *self, int power, int frames,
                           const double complex *x);

/* Another equation of the same lengths. */
LERAY_NODISCARD leray_status leray_residual_set_equation(leray_residual *self,
                                                         const leray_vorticity_equation *equation);

/* r and the point of J, from w. */
void leray_residual_evaluate(leray_residual *self);
void leray_residual_measure(const leray_residual *self, leray_residual_norms *out);

/* All [frames, modes]; out is not the input. */
void leray_residual_tangent(const leray_residual *self, const double complex *d,
                            double complex *out);
void leray_residual_adjoint(const leray_residual *self, const double complex *l,
                            double complex *out);
void leray_residual_invert(const leray_residual *self, const double complex *y, double complex *d);
void leray_residual_invert_adjoint(const leray_residual *self, const double complex *d,
                                   double complex *y);

/* D of something that is zero in predicted frames and `e` [modes] in the newest given one. */
void leray_residual_inherit(const leray_residual *self, const double complex *e,
                            double complex *out);

#endif
