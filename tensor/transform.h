/* tensor/transform.h - 2-D Fourier transforms that compute the kept modes only. Private.

   A real image f [ny, nx] and its modes kx = 0 .. mx-1, ky = 0 .. my-1 and -my .. -1 (row
   ky mod 2 my), theta = 2 pi (kx x / nx + ky y / ny):

     forward    f_hat = 1 / (ny nx) sum_xy f exp(-i theta)
     inverse    f     = sum_kx a(kx) Re sum_ky f_hat exp(i theta)

   with a = 1 for kx = 0 and kx = nx / 2, else 2. The inverse is irfft2(norm = "forward") of the
   spectrum that is zero elsewhere: on the self-conjugate columns kx = 0 and kx = nx / 2 taking
   the real part is the projection on Hermitian spectra, f_hat(ky) -> (f_hat(ky) +
   conj f_hat(-ky)) / 2, which is what that function does. Each adjoint is the other transform
   with another factor per kx: forward^T = inverse with a / N -> 1 / N, inverse^T = forward with
   1 / N -> a; so there are two tables of columns and one of rows.

   Both directions are matrix products. Along x with a table [nx, 2 mx] (cos | -sin). Along y with
   cosines k = 0 .. my and sines k = 1 .. my, which +-ky share; rows y and ny - y meet the same
   cosine and opposite sines, so sums and differences of them halve the products. */
#ifndef LERAY_TENSOR_TRANSFORM_H
#define LERAY_TENSOR_TRANSFORM_H

#include "tensor/op.h"

typedef struct leray_transform {
    const leray_kernels *kernels;
    leray_dtype dtype;
    int ny, nx, my, mx;
    const void *rows;    /* cosines [my + 1, ny / 2 + 1], sines [my, (ny - 1) / 2] */
    const void *scaled;  /* [nx, 2 mx] with 1 / N: forward, and adjoint of forward */
    const void *doubled; /* [nx, 2 mx] with a(kx): inverse, and adjoint of inverse */
} leray_transform;

/* Modes of one sample's block of channels inside an array [2 my, mx, re | im, batch, channels];
   `first` is its element of mode 0. */
typedef struct leray_modes {
    void *first;
    size_t plane; /* batch * channels */
} leray_modes;

/* Errors: ARG (more modes than the grid has: both numbers are named), MEMORY. */
LERAY_NODISCARD leray_status leray_transform_init(leray_transform *t, leray_tape *tape, int ny,
                                                  int nx, int my, int mx);

/* The rest runs on one thread; products return 0, or not 0 if one was refused.

   Rows of f [rows, nx] of one channel to or from a [rows, 2 mx] as (mx re | mx im); `columns` is
   one of the two tables. */
int leray_transform_x(const leray_transform *t, const void *columns, int rows, const void *f,
                      void *a);
int leray_transform_x_inverse(const leray_transform *t, const void *columns, int rows,
                              const void *a, void *f, bool adds);

/* One channel's a [ny, 2 mx] to or from its lines, [2 my + 1, 2 mx]: against cosines
   k = 0 .. my, then sines k = 1 .. my. The input is overwritten going there. */
int leray_transform_y(const leray_transform *t, void *a, void *lines);
int leray_transform_y_inverse(const leray_transform *t, const void *lines, void *a);

/* Lines [channels, 2 my + 1, 2 mx] to or from modes; `work` is as large as `lines`. */
void leray_transform_to_modes(const leray_transform *t, int channels, const void *lines, void *work,
                              leray_modes to);
void leray_transform_from_modes(const leray_transform *t, int channels, leray_modes from,
                                void *work, void *lines);

/* Reals of one channel's lines. */
static inline size_t leray_transform_lines(const leray_transform *t)
{
    return (size_t)(2 * t->my + 1) * 2 * (size_t)t->mx;
}

#endif
