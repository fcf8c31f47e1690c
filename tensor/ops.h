/* tensor/ops.h - recording one op each on a tape. Private.

   Each computes its value at once. Errors: ARG (shapes, named), MEMORY, EXTERNAL; *out is NULL
   then. Fields are [batch, channels, ny, nx]; where a field is expected, more or fewer extents
   after the channels do as well, unless a grid is stated. */
#ifndef LERAY_TENSOR_OPS_H
#define LERAY_TENSOR_OPS_H

#include "tensor/tape.h"

/* Pointwise (ops_pointwise.c): a + b, a b, factor a, gelu (exact, with erf), tanh, relu. */
LERAY_NODISCARD leray_status leray_op_add(leray_tape *tape, leray_tensor *a, leray_tensor *b,
                                          leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_mul(leray_tape *tape, leray_tensor *a, leray_tensor *b,
                                          leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_scale(leray_tape *tape, leray_tensor *a, double factor,
                                            leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_gelu(leray_tape *tape, leray_tensor *x, leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_tanh(leray_tape *tape, leray_tensor *x, leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_relu(leray_tape *tape, leray_tensor *x, leray_tensor **out);

/* Per channel (ops_channels.c). x factor[c] + shift[c], both [channels]. */
LERAY_NODISCARD leray_status leray_op_affine(leray_tape *tape, leray_tensor *x,
                                             leray_tensor *factor, leray_tensor *shift,
                                             leray_tensor **out);
/* [batch, ca + cb, ..] of a [batch, ca, ..] and b [batch, cb, ..]. */
LERAY_NODISCARD leray_status leray_op_concat(leray_tape *tape, leray_tensor *a, leray_tensor *b,
                                             leray_tensor **out);
/* The constant field [batch, 2, ny, nx] of x = i / nx and y = j / ny, in [0, 1), for a field
   `like` with this batch and grid. */
LERAY_NODISCARD leray_status leray_op_coordinates(leray_tape *tape, leray_tensor *like,
                                                  leray_tensor **out);

/* y[b, o, p] = f(sum_i w[o, i] x[b, i, p] + bias[o] + add[b, o, p]), f = gelu or identity;
   add may be NULL (ops_linear.c). */
LERAY_NODISCARD leray_status leray_op_linear(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                                             leray_tensor *bias, leray_tensor *add, bool gelu,
                                             leray_tensor **out);
/* w2 gelu(w1 x + bias1) + bias2 per point, in tiles that stay in cache; the hidden layer is
   computed again in backward (ops_mlp.c). */
LERAY_NODISCARD leray_status leray_op_mlp(leray_tape *tape, leray_tensor *x, leray_tensor *w1,
                                          leray_tensor *bias1, leray_tensor *w2,
                                          leray_tensor *bias2, leray_tensor **out);

/* inverse(w forward(x)) on the kept modes (ops_spectral.c, tensor/transform.h):
   x [batch, ci, ny, nx], w [2 my, mx, ci, co, 2]. ARG if the grid has fewer modes. */
LERAY_NODISCARD leray_status leray_op_spectral(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                                               leray_tensor **out);
/* f(spectral(x, w) + map x + bias), f = gelu or identity; map [co, ci], bias [co]. */
LERAY_NODISCARD leray_status leray_op_fourier_layer(leray_tape *tape, leray_tensor *x,
                                                    leray_tensor *w, leray_tensor *map,
                                                    leray_tensor *bias, bool gelu,
                                                    leray_tensor **out);

/* Reductions to [1] (ops_reduce.c). Sums are in double, in an order that depends on the shape
   alone. */
LERAY_NODISCARD leray_status leray_op_sum(leray_tape *tape, leray_tensor *x, leray_tensor **out);
LERAY_NODISCARD leray_status leray_op_mean(leray_tape *tape, leray_tensor *x, leray_tensor **out);
/* Mean over samples b of |p_b - t_b| / |t_b|, 2-norms over all that follows the batch. A sample
   of norm 0 is divided by the smallest normal number instead. */
LERAY_NODISCARD leray_status leray_op_relative_l2(leray_tape *tape, leray_tensor *p,
                                                  leray_tensor *t, leray_tensor **out);
/* Mean of (p - t)^2. */
LERAY_NODISCARD leray_status leray_op_mean_square(leray_tape *tape, leray_tensor *p,
                                                  leray_tensor *t, leray_tensor **out);

#endif
