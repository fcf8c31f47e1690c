/* leray/impl/ops.h - recording one op each on a tape.

   Each computes its value at once. Errors: ARG (shapes, named), MEMORY, EXTERNAL; *out is NULL
   then. Fields are [batch, channels, grid..]; what is said per point or per channel holds for any
   extents after the channels.
   Files in brackets are those of the source, below tensor/. */
#ifndef LERAY_IMPL_OPS_H
#define LERAY_IMPL_OPS_H

#include <leray/impl/tape.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pointwise (ops/pointwise.c): a + b, a - b, a b, factor a, gelu (exact, with erf), tanh, relu,
   silu = x sigmoid(x), sigmoid = 1 / (1 + exp(-x)), sin, exp. */
LERAY_API LERAY_NODISCARD leray_status leray_op_add(leray_tape *tape, leray_tensor *a,
                                                    leray_tensor *b, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_sub(leray_tape *tape, leray_tensor *a,
                                                    leray_tensor *b, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_mul(leray_tape *tape, leray_tensor *a,
                                                    leray_tensor *b, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_scale(leray_tape *tape, leray_tensor *a,
                                                      double factor, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_gelu(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_tanh(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_relu(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_silu(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_sigmoid(leray_tape *tape, leray_tensor *x,
                                                        leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_sin(leray_tape *tape, leray_tensor *x,
                                                    leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_exp(leray_tape *tape, leray_tensor *x,
                                                    leray_tensor **out);

/* Per channel (ops/channels.c). x factor[c] + shift[c], both [channels]; NULL for one of them stands
   for 1 or 0. */
LERAY_API LERAY_NODISCARD leray_status leray_op_affine(leray_tape *tape, leray_tensor *x,
                                                       leray_tensor *factor, leray_tensor *shift,
                                                       leray_tensor **out);
/* x with root shift[c] added to the first element of every channel c: what a constant shift[c]
   is to coefficients of an orthonormal basis, root being the square root of the points. */
LERAY_API LERAY_NODISCARD leray_status leray_op_add_mean(leray_tape *tape, leray_tensor *x,
                                                         leray_tensor *shift, double root,
                                                         leray_tensor **out);
/* The constant field [batch, ndim, grid..] of x = i / nx, then y = j / ny, then z, in [0, 1), for
   a field `like` with this batch and grid. */
LERAY_API LERAY_NODISCARD leray_status leray_op_coordinates(leray_tape *tape, leray_tensor *like,
                                                            leray_tensor **out);

/* y[b, o, p] = f(sum_i w[o, i] x[b, i, p] + bias[o] + add[b, o, p]), f = gelu or identity;
   add may be NULL (ops/linear.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_linear(leray_tape *tape, leray_tensor *x,
                                                       leray_tensor *w, leray_tensor *bias,
                                                       leray_tensor *add, bool gelu,
                                                       leray_tensor **out);
/* g[o] v[o] / |v[o]| for the rows o of v [rows, ..], g [rows, ..] (ops/weight_norm.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_weight_norm(leray_tape *tape, leray_tensor *v,
                                                            leray_tensor *g, leray_tensor **out);
/* w2 gelu(w1 x + bias1) + bias2 per point, in tiles that stay in cache; the hidden layer is
   computed again in backward (ops/mlp.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_mlp(leray_tape *tape, leray_tensor *x,
                                                    leray_tensor *w1, leray_tensor *bias1,
                                                    leray_tensor *w2, leray_tensor *bias2,
                                                    leray_tensor **out);

/* Convolutions on grids of one to three dimensions (ops/conv.c). Entries go with the axes of the
   grid, slowest first; a stride, dilation or number of groups of 0 stands for 1. */
typedef struct leray_convolution {
    int stride[3], dilation[3];
    int before[3], after[3]; /* points added in front of the grid and behind it .. */
    leray_edge edge;         /* .. and what stands there: zero, periodic, replicate */
    int groups;
    int output_padding[3]; /* transposed: more points at the end of the result, < stride */
} leray_convolution;

/* y[b, f, o] = bias[f] + sum_(c, j) w[f, c, j] x[b, c, o stride + j dilation - before], w
   [filters, channels / groups, kernel..]; bias may be NULL. */
LERAY_API LERAY_NODISCARD leray_status leray_op_conv(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor *w, leray_tensor *bias,
                                                     const leray_convolution *c,
                                                     leray_tensor **out);
/* The adjoint of that convolution, x [batch, filters, ..], plus bias: on a grid of
   (n - 1) stride - before - after + dilation (kernel - 1) + 1 + output_padding points. */
LERAY_API LERAY_NODISCARD leray_status leray_op_conv_transpose(leray_tape *tape, leray_tensor *x,
                                                               leray_tensor *w, leray_tensor *bias,
                                                               const leray_convolution *c,
                                                               leray_tensor **out);

/* gamma[c] (x - mean) / sqrt(variance + eps) + beta[c] with the biased moments of each sample over
   the channels of a group and the grid; gamma and beta [channels], both or neither (NULL). One
   group: layer norm, as many as channels: instance norm (ops/norm.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_group_norm(leray_tape *tape, leray_tensor *x,
                                                           leray_tensor *gamma, leray_tensor *beta,
                                                           int groups, double eps,
                                                           leray_tensor **out);
/* The same along one axis alone, gamma and beta [extent of the axis]: the last axis for tokens
   [.., features], axis 1 for the channels at every point of a field (ops/layer_norm.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_layer_norm(leray_tape *tape, leray_tensor *x,
                                                           leray_tensor *gamma, leray_tensor *beta,
                                                           int axis, double eps,
                                                           leray_tensor **out);

/* Parts and orders (ops/layout.c). Elements first .. first + count of an axis. */
LERAY_API LERAY_NODISCARD leray_status leray_op_slice(leray_tape *tape, leray_tensor *x, int axis,
                                                      int first, int count, leray_tensor **out);
/* a and then b along an axis; their other extents are the same. */
LERAY_API LERAY_NODISCARD leray_status leray_op_concat(leray_tape *tape, int axis, leray_tensor *a,
                                                       leray_tensor *b, leray_tensor **out);
/* [1, ..] to [count, ..], the sample count times (ops/repeat.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_repeat(leray_tape *tape, leray_tensor *x, int count,
                                                       leray_tensor **out);
/* Axis d of the result is axis axes[d] of x. */
LERAY_API LERAY_NODISCARD leray_status leray_op_permute(leray_tape *tape, leray_tensor *x,
                                                        const int *axes, leray_tensor **out);

/* More points around a grid (ops/pad.c), an amount per axis, slowest first; negative ones take
   points away. What stands there is `value` for LERAY_EDGE_ZERO. */
LERAY_API LERAY_NODISCARD leray_status leray_op_pad(leray_tape *tape, leray_tensor *x,
                                                    const int *before, const int *after,
                                                    leray_edge edge, double value,
                                                    leray_tensor **out);
/* Takes as many points away. */
LERAY_API LERAY_NODISCARD leray_status leray_op_crop(leray_tape *tape, leray_tensor *x,
                                                     const int *before, const int *after,
                                                     leray_tensor **out);

/* The largest and the mean of windows of a grid, per axis, slowest first (ops/pool.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_max_pool(leray_tape *tape, leray_tensor *x,
                                                         const int *kernel, const int *stride,
                                                         leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_mean_pool(leray_tape *tape, leray_tensor *x,
                                                          const int *kernel, const int *stride,
                                                          leray_tensor **out);

/* On a grid of other extents (ops/resize.c, which defines the modes). */
typedef enum leray_resize {
    LERAY_RESIZE_NEAREST,
    LERAY_RESIZE_LINEAR,  /* cells between edges */
    LERAY_RESIZE_PERIODIC /* linear, on x_j = j L / n */
} leray_resize;
LERAY_API LERAY_NODISCARD leray_status leray_op_resize(leray_tape *tape, leray_tensor *x,
                                                       leray_resize mode, const int *grid,
                                                       leray_tensor **out);

/* Sum and mean over the grid: [batch, channels, ..] to [batch, channels] (ops/grid_sum.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_grid_sum(leray_tape *tape, leray_tensor *x,
                                                         leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_grid_mean(leray_tape *tape, leray_tensor *x,
                                                          leray_tensor **out);

/* op(a) op(b), op(a) [.., m, k], op(b) [.., k, n], the same extents before; op transposes where
   asked (ops/matmul.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_matmul(leray_tape *tape, leray_tensor *a,
                                                       bool transposed_a, leray_tensor *b,
                                                       bool transposed_b, leray_tensor **out);
/* Over the last axis (ops/attention.c). */
LERAY_API LERAY_NODISCARD leray_status leray_op_softmax(leray_tape *tape, leray_tensor *x,
                                                        leray_tensor **out);
/* softmax(q k^T / sqrt(d)) v, q [.., tq, d], k [.., tk, d], v [.., tk, dv]: [.., tq, dv]. */
LERAY_API LERAY_NODISCARD leray_status leray_op_attention(leray_tape *tape, leray_tensor *q,
                                                          leray_tensor *k, leray_tensor *v,
                                                          leray_tensor **out);

/* inverse(w forward(x)) on the kept modes (ops/spectral.c, tensor/algorithms/transform.h): x [batch, ci,
   grid..] of 1 to 3 dimensions, w [2 mz, 2 my, mx, ci, co, 2] without the leading extents that the
   grid lacks. ARG if the grid has fewer modes: axis, modes and grid are named. */
LERAY_API LERAY_NODISCARD leray_status leray_op_spectral(leray_tape *tape, leray_tensor *x,
                                                         leray_tensor *w, leray_tensor **out);
/* f(spectral(x, w) + map x + bias), f = gelu or identity; map [co, ci], bias [co]. */
LERAY_API LERAY_NODISCARD leray_status leray_op_fourier_layer(leray_tape *tape, leray_tensor *x,
                                                              leray_tensor *w, leray_tensor *map,
                                                              leray_tensor *bias, bool gelu,
                                                              leray_tensor **out);

/* Along one axis of the grid alone (ops/spectral_axis.c): w [m, ci, co, 2], axis 0 the slowest. */
LERAY_API LERAY_NODISCARD leray_status leray_op_spectral_axis(leray_tape *tape, leray_tensor *x,
                                                              leray_tensor *w, int axis,
                                                              leray_tensor **out);

/* Transforms that keep the low modes, x [batch, channels, n..] of 1 to 3 dimensions; `modes` and
   `grid` hold one entry per axis, slowest first. Orthonormal: dct [batch, channels, m..]
   (ops/dct.c), and its inverse of the spectrum that is zero elsewhere; */
LERAY_API LERAY_NODISCARD leray_status leray_op_dct(leray_tape *tape, leray_tensor *x,
                                                    const int *modes, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_idct(leray_tape *tape, leray_tensor *x_hat,
                                                     const int *grid, leray_tensor **out);
/* dft [batch, channels, 2 mz, 2 my, mx, 2], the half spectrum of the spectral convolution with
   re | im last (ops/dft.c); `modes` are [mz, my, mx], per sign but for the last. */
LERAY_API LERAY_NODISCARD leray_status leray_op_dft(leray_tape *tape, leray_tensor *x,
                                                    const int *modes, leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_idft(leray_tape *tape, leray_tensor *x_hat,
                                                     const int *grid, leray_tensor **out);

/* Such a half spectrum of a field on this grid, times `pair` where a column kx stands for two; in
   the others its Hermitian part, times `self` (ops/real_spectrum.c). pair = sqrt(2), self = 1 give
   it the 2-norm of the field. */
LERAY_API LERAY_NODISCARD leray_status leray_op_real_spectrum(leray_tape *tape, leray_tensor *x,
                                                              const int *grid, double self,
                                                              double pair, leray_tensor **out);

/* Coefficients mode by mode (ops/modes.c). [batch, channels, m..] to [m.., batch, channels], or
   back; complex ones [batch, channels, m.., 2] to [m.., 2, batch, channels]. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mode_major(leray_tape *tape, leray_tensor *x,
                                                           bool back, leray_tensor **out);
/* Channels mixed in every mode: x [m.., batch, ci] with w [m.., ci, co], complex
   x [m.., 2, batch, ci] with w [m.., ci, co, 2]. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mode_channels(leray_tape *tape, leray_tensor *x,
                                                              leray_tensor *w, bool is_complex,
                                                              leray_tensor **out);
/* Modes mixed along one axis in every channel (ops/mode_axis.c): x [m.., batch, c] with
   w [m_in, m_out, c], complex x [m.., 2, batch, c] with w [m_in, m_out, 2, c]. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mode_axis(leray_tape *tape, leray_tensor *x,
                                                          leray_tensor *w, int axis,
                                                          bool is_complex, leray_tensor **out);

/* Periodic grids. d^order x / d axis^order with the period `length` (ops/derivative.c); the Nyquist
   mode has no odd derivatives. */
LERAY_API LERAY_NODISCARD leray_status leray_op_derivative(leray_tape *tape, leray_tensor *x,
                                                           int axis, int order, double length,
                                                           leray_tensor **out);
/* (alpha - Laplacian)^exponent x, 0 for modes without an inverse (ops/laplace.c); one period per
   axis. */
LERAY_API LERAY_NODISCARD leray_status leray_op_laplace_power(leray_tape *tape, leray_tensor *x,
                                                              const double *lengths, double alpha,
                                                              double exponent, leray_tensor **out);

/* Reductions to [1] (ops/reduce.c). Sums are in double, in an order that depends on the shape
   alone. */
LERAY_API LERAY_NODISCARD leray_status leray_op_sum(leray_tape *tape, leray_tensor *x,
                                                    leray_tensor **out);
LERAY_API LERAY_NODISCARD leray_status leray_op_mean(leray_tape *tape, leray_tensor *x,
                                                     leray_tensor **out);
/* Mean over samples b of |p_b - t_b| / |t_b|, 2-norms over all that follows the batch. Here and in
   the relative losses below a sample with |t_b| = 0 has no relative error: it adds 0 to the sum
   and no gradient, and is counted by the mean. */
LERAY_API LERAY_NODISCARD leray_status leray_op_relative_l2(leray_tape *tape, leray_tensor *p,
                                                            leray_tensor *t, leray_tensor **out);
/* Mean of (p - t)^2. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mean_square(leray_tape *tape, leray_tensor *p,
                                                            leray_tensor *t, leray_tensor **out);

/* Losses over points (ops/loss.c) and over Fourier modes (ops/sobolev.c), to [1]; prediction p and
   target t [batch, channels, grid..]. `weight` may be NULL: else factors >= 0 of the terms,
   [channels, grid..], for sobolev [channels]. */
/* Mean of weight |p - t|^exponent, exponent >= 1. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mean_power(leray_tape *tape, leray_tensor *p,
                                                           leray_tensor *t, leray_tensor *weight,
                                                           double exponent, leray_tensor **out);
/* Mean of weight f(p - t), f(x) = x^2 / 2 up to |x| = delta, delta (|x| - delta / 2) beyond. */
LERAY_API LERAY_NODISCARD leray_status leray_op_mean_huber(leray_tape *tape, leray_tensor *p,
                                                           leray_tensor *t, leray_tensor *weight,
                                                           double delta, leray_tensor **out);
/* Mean over samples of (sum weight |p - t|^exponent / sum weight |t|^exponent)^root. */
LERAY_API LERAY_NODISCARD leray_status leray_op_relative_power(leray_tape *tape, leray_tensor *p,
                                                               leray_tensor *t,
                                                               leray_tensor *weight,
                                                               double exponent, double root,
                                                               leray_tensor **out);
/* Mean over samples of |p - t|, or of |p - t| / |t|, in the norm of H^s with
   |f|^2 = sum_k (alpha + |2 pi k / L|^2)^s |f_k|^2; lengths [3], those of the grid's axes first.
   In 1 to 3 dimensions. */
LERAY_API LERAY_NODISCARD leray_status leray_op_sobolev(leray_tape *tape, leray_tensor *p,
                                                        leray_tensor *t, leray_tensor *weight,
                                                        double s, double alpha,
                                                        const double *lengths, bool relative,
                                                        leray_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
