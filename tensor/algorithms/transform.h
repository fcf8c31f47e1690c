/* tensor/algorithms/transform.h - Fourier transforms in 1, 2 or 3 dimensions that compute the kept modes
   only. Private.

   A real image f [nz, ny, nx] and its modes kx = 0 .. mx-1, ky = 0 .. my-1 and -my .. -1 (row
   ky mod 2 my), kz likewise, theta = 2 pi (kx x / nx + ky y / ny + kz z / nz):

     forward    f_hat = s sum_xyz f exp(-i theta)
     inverse    f     = s' sum_kx a(kx) Re sum_kykz f_hat exp(i theta)

   with a = 1 for kx = 0 and kx = nx / 2, else 2; s = 1 / N, s' = 1, or s = s' = 1 / sqrt(N) where
   the transform is orthonormal. The inverse is irfftn of the spectrum that is zero elsewhere
   (norm = "forward", or "ortho"): on the self-conjugate planes kx = 0 and kx = nx / 2 taking the
   real part is the projection on Hermitian spectra, f_hat(k) -> (f_hat(k) + conj f_hat(-k)) / 2,
   which is what that function does. Each adjoint is the other transform with another factor per
   kx: forward^T = inverse with s' a -> s, inverse^T = forward with s -> s' a; so there are two
   tables of columns and one of rows per axis.

   Along each axis both directions are matrix products, or fast transforms (tensor/algorithms/transform_fft.h)
   where an axis keeps so many modes that those win. Along x with a table [nx, 2 mx] (cos | -sin).
   Along y, then z, with cosines k = 0 .. m and sines k = 1 .. m, which +-k share; rows j and n - j
   meet the same cosine and opposite sines, so sums and differences of them halve the products. An
   axis that is not there has n = 1, m = 0 and one row of modes. */
#ifndef LERAY_TENSOR_TRANSFORM_H
#define LERAY_TENSOR_TRANSFORM_H

#include "tensor/algorithms/transform_fft.h"

typedef struct leray_transform {
    const leray_kernels *kernels;
    leray_dtype dtype;
    bool ortho;
    int n[3], m[3];      /* of z, y, x */
    bool fast[3];        /* by fast transforms; else by products */
    const void *plan[3]; /* where fast */
    const void *rows[2]; /* of z, y: cosines [m + 1, n / 2 + 1], sines [m, (n - 1) / 2] */
    const void *scaled;  /* [nx, 2 mx] with s: forward, and adjoint of forward */
    const void *doubled; /* [nx, 2 mx] with s' a(kx): inverse, and adjoint of inverse */
    /* Where fast, tables hold half of what each k is multiplied by, [m + 1] or [mx]. */
} leray_transform;

/* How an axis is transformed. */
typedef enum leray_lines {
    LERAY_LINES_PAIRED, /* x, two rows at a time */
    LERAY_LINES_SINGLE, /* x of one-dimensional grids, whose lines have no neighbours */
    LERAY_LINES_DOWN    /* y or z: down columns */
} leray_lines;

/* Whether fast transforms take lines of n points with m modes (mx, or m per sign); by n and m
   alone, so that all runs do the same. */
bool leray_transform_is_fast(leray_lines lines, int n, int m);

/* Modes of one sample's block of channels inside an array [rows of z, rows of y, mx, re | im,
   batch, channels]; `first` is its element of mode 0. */
typedef struct leray_mode_block {
    void *first;
    size_t plane; /* batch * channels */
} leray_mode_block;

/* The sizes, without tables. `n` and `m` hold `dims` entries, slowest axis first.
   Errors: ARG (more modes than the grid has: axis and both numbers are named). */
LERAY_NODISCARD leray_status leray_transform_plan(leray_transform *t, leray_dtype dtype, int dims,
                                                  const int *n, const int *m, bool ortho);
/* Tables and plans, for `fast` as it is now. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_transform_init(leray_transform *t, leray_tape *tape);

/* The rest runs on one thread; products return 0, or not 0 if one was refused.

   Rows of f [rows, nx] to or from a [rows, 2 mx] as (mx re | mx im); `columns` is one of the two
   tables. The rows are whole images, or lie in one. `room`, here and below, is the thread's own
   leray_transform_room reals, aligned to 64 bytes. */
int leray_transform_x(const leray_transform *t, const void *columns, int rows, const void *f,
                      void *a, void *room);
int leray_transform_x_inverse(const leray_transform *t, const void *columns, int rows,
                              const void *a, void *f, bool adds, void *room);

/* One channel's a [nz, ny, 2 mx] to or from its lines [2 mz + 1, 2 my + 1, 2 mx]: against cosines
   k = 0 .. m, then sines k = 1 .. m. `work` has leray_transform_work reals. The input is
   overwritten going there, and in three dimensions `work` both ways. */
int leray_transform_to_lines(const leray_transform *t, void *a, void *work, void *lines,
                             void *room);
int leray_transform_from_lines(const leray_transform *t, const void *lines, void *work, void *a,
                               void *room);

/* Lines [channels, lines of a channel] to or from modes; `work` is as large as `lines`, which is
   overwritten going there. */
void leray_transform_to_modes(const leray_transform *t, int channels, void *lines, void *work,
                              leray_mode_block to);
void leray_transform_from_modes(const leray_transform *t, int channels, leray_mode_block from,
                                void *work, void *lines);

/* Rows of an axis among the modes. */
static inline int leray_transform_rows(const leray_transform *t, int axis)
{
    return t->m[axis] ? 2 * t->m[axis] : 1;
}

static inline int leray_transform_modes(const leray_transform *t)
{
    return leray_transform_rows(t, 0) * leray_transform_rows(t, 1) * t->m[2];
}

/* Points of one image: rows of nx, and all. */
static inline int leray_transform_image_rows(const leray_transform *t) { return t->n[0] * t->n[1]; }

/* Reals of one channel: between the products along x and y, of its lines, and of the work space
   between them. */
static inline size_t leray_transform_columns(const leray_transform *t)
{
    return (size_t)leray_transform_image_rows(t) * 2 * (size_t)t->m[2];
}

/* A multiple of 64 bytes. */
static inline size_t leray_transform_room(const leray_transform *t)
{
    int n = 0;

    for (int i = 0; i < 3; i++)
        if (t->fast[i] && t->n[i] > n) n = t->n[i];
    return n ? leray_fft_axis_room(n) : 0;
}

static inline size_t leray_transform_lines(const leray_transform *t)
{
    return (size_t)(2 * t->m[0] + 1) * (size_t)(2 * t->m[1] + 1) * 2 * (size_t)t->m[2];
}

static inline size_t leray_transform_work(const leray_transform *t)
{
    return t->m[0] ? (size_t)t->n[0] * (size_t)(2 * t->m[1] + 1) * 2 * (size_t)t->m[2] : 0;
}

#endif
