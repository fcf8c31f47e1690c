/* operators/layers/time_head.h - spectral layers between lattices of time, and the one that ends a
   model of a window of frames. Private.

   Fields are [batch, channels, t, ny, nx]. Coefficients are those of the function: dft divided by
   the number of points, so that neither the grid nor the number of frames changes them. Modes are
   [mt, my, mx] as the FNO's, with kt = -mt .. mt-1. In the planes kx = 0 and kx = nx / 2 the synthesis
   takes the Hermitian part of what it is given: the imaginary part of a mode that is its own conjugate
   has no effect, and no gradient.

   The head. Time is periodic on twice the span of the window; of its 2 L points t_i = i / L,

     i = 0: the newest frame given,   i = 1 .. L: the latent frames,   the rest: zero

   and with w the fields on them, for any number n of frames at t = (j + 1) / n,

     y(t, x, y) = newest(x, y) + sum_k (W_k w_hat(k) + delta b_k) exp(2 pi i (kt t / 2 + ky y + kx x))

   with delta = 1e-4: an optimizer that moves all parameters alike would else shake the field by its
   rate times the root of the number of modes in every step.

   Parameters: <name>.weight [2 mt, 2 my, mx, fields, fields, 2], (in, out); <name>.bias
   [2 mt, 2 my, mx, fields, 2]. Given w, y is affine in them. */
#ifndef LERAY_OPERATORS_TIME_HEAD_H
#define LERAY_OPERATORS_TIME_HEAD_H

#include "operators/model.h"

#define LERAY_TIME_HEAD_DELTA 1e-4

typedef struct leray_time_head {
    int fields;
    int modes[3];     /* [mt, my, mx] */
    int steps;        /* L */
    int weight, bias; /* indices of views */
} leray_time_head;

/* Of the struct S with the member `head_modes`. */
#define LERAY_TIME_HEAD_KEY(S)                                                                     \
    LERAY_KEY_INTS(S, head_modes, "head_modes", "0", 0, 4096, "1",                                 \
                   "kept modes of the last, linear layer over space and time (its period in time " \
                   "is twice the window): [mt, my, mx]; 0: as modes")

/* Whether the model is for windows of frames in two dimensions; *rest is its channels of no time.
   Errors: UNSUPPORTED (dimensions), CONFIG (no windows), ARG (channels). */
LERAY_NODISCARD leray_status leray_time_check(const leray_model *model, const char *id,
                                              const char *section, int *rest);

/* The head's modes from the key, or for 0 those of the layers; needs steps. Errors: CONFIG. */
LERAY_NODISCARD leray_status leray_time_head_modes(leray_time_head *head, const leray_config *cfg,
                                                   const char *section, const leray_ints *list,
                                                   const int layers[3]);

/* The last of x, [batch, channels, t, ny, nx], in all of `steps` points of time. */
LERAY_NODISCARD leray_status leray_time_hold(leray_tape *tape, leray_tensor *x, int steps,
                                             leray_tensor **out);

/* <name> [2 mt, 2 my, mx, from, to, 2], uniform in [0, 1 / (2 from to)). */
LERAY_NODISCARD leray_status leray_time_declare_spectral(leray_model *model, const char *name,
                                                         const int modes[3], int from, int to,
                                                         int *index);

/* The coefficients of x times the weight, plus the bias (NULL: none), on `steps` points of time. */
LERAY_NODISCARD leray_status leray_time_spectral(leray_tape *tape, leray_tensor *x,
                                                 leray_tensor *weight, leray_tensor *bias,
                                                 int steps, leray_tensor **out);

/* Needs fields, modes and steps. */
LERAY_NODISCARD leray_status leray_time_head_declare(leray_model *model, const char *name,
                                                     leray_time_head *head);

/* newest [batch, fields, 1, ny, nx] and latent [batch, fields, L, ny, nx] to what enters the
   transform, [batch, fields, 2 L, ny, nx]. */
LERAY_NODISCARD leray_status leray_time_head_enter(const leray_time_head *head, leray_tape *tape,
                                                   leray_tensor *newest, leray_tensor *latent,
                                                   leray_tensor **out);

/* From there to y [batch, frames fields, ny, nx], frames slowest. */
LERAY_NODISCARD leray_status leray_time_head_apply(leray_model *model, const leray_time_head *head,
                                                   leray_tape *tape, leray_tensor *entered,
                                                   int frames, leray_tensor **y);

#endif
