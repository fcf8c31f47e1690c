/* refine/layer.h - the last layer of a model, tuned once for a set of trajectories. Private.

   The layer gives mode q of frame m of trajectory k, at t_m = m / frames of the window,

     w_mk(q) = w0_mk(q) + sum_kt exp(pi i kt t_m) (V(kt, q) v^_k(kt, q) + c(kt, q)),   kt = -L .. L-1

   (operators/layers/time_head.h), where w0 are the frames as the model predicts them, v^_k what enters
   the layer, and V and c what is added to its weights and its bias. All modes of space in the band of
   the refiners are there, and all of time that the 2 L points have. V and c make

     sum_k |r(w_k)|^2

   small, r the residual of refine/residual.h. They are sought in the variable x of (V, c) = S R^-1 x,
   where R* R is the matrix of the normal equations without advection, which does not couple modes of
   space, with a floor under the v^ that are rounding, scaled by S to a diagonal of 1 and increased by a
   ridge. */
#ifndef LERAY_REFINE_LAYER_H
#define LERAY_REFINE_LAYER_H

#include "refine/refine.h"

typedef struct leray_layer leray_layer;

/* The refiners [n], each prepared and with a trajectory loaded, are borrowed; they agree in
   settings, shape and box. steps: L. Errors: ARG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_layer_create(int n, leray_refiner *const *refiner, int steps,
                                                leray_layer **out);
void leray_layer_destroy(leray_layer **layer); /* accepts a pointer to NULL */

/* What enters the layer on trajectory k, [2 L, ny, nx], in units such that what the layer adds is a
   vorticity once multiplied by `scale`. */
void leray_layer_enter(leray_layer *layer, int k, const float *entered, double scale);

/* Tunes the layer; the refiners then have the frames that it gives, and report [n] is of each of them,
   with the same steps and iterations, and a share of the seconds. The frames are as they were on
   failure. Errors: as leray_refiner_run. */
LERAY_NODISCARD leray_status leray_layer_run(leray_layer *layer,
                                             const leray_optimizer_type *optimizer,
                                             const leray_config *cfg, leray_refine_report *report);

/* The least modes of a layer that holds them, [mt, my, mx]. */
void leray_layer_modes(const leray_layer *layer, int modes[3]);
/* Adds V to `weight` and c to `bias`, both [2 mt, 2 my, mx, 2], of a layer with these modes or more.
   c is in units of the vorticity. */
void leray_layer_add(const leray_layer *layer, const int modes[3], double *weight, double *bias);

#endif
