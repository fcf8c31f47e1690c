/* tensor/algorithms/conv.h - the three products behind convolutions. Private to tensor/.

   Between a field on a grid, x [batch, channels, grid], and one with a number per window,
   y [batch, filters, windows], stands the weight w [filters, channels / groups, kernel]. With
   point(o, j) as in leray_conv_windows, and zero where it is beyond an edge that is zero,

       down      y[b, f, o] = sum over c, j of w[f, c, j] x[b, c, point(o, j)]
       up        its adjoint in x: x[b, c, point(o, j)] += sum over f of w[f, c, j] y[b, f, o]
       weights   its derivative: gw[f, c, j] = sum over b, o of y[b, f, o] x[b, c, point(o, j)].

   A convolution goes down and its backward up; a transposed one the other way round. In groups,
   filters see the channels of their own group only.

   The points under a tile of windows become columns that stay in cache, and the rest is a matrix
   product. Measured on Zen 3 (32 to 256 channels, 3 x 3, one core) that runs at 70 to 80 Gflop/s,
   as the direct convolutions of oneDNN do (75 to 80 forward, 60 for weights) once the data are in
   its blocked layout; and it needs neither that layout nor one code per precision and dimension. The
   kernels that most networks spend their time in, 3 x 3 in two dimensions, go through
   tensor/algorithms/winograd.h instead, at 1.6 to 2 times that speed. */
#ifndef LERAY_TENSOR_CONV_H
#define LERAY_TENSOR_CONV_H

#include "tensor/ops/common.h"

typedef struct leray_conv {
    const leray_kernels *kernels;
    leray_dtype dtype;
    leray_conv_windows windows;
    int batch, groups, channels, filters;
    int depth;         /* channels of a group times elements of a window: rows of the columns */
    int points, count; /* of the grid; windows */
    int tile, ld;      /* windows of a tile, and the distance between rows of its columns */
    int tiles;
} leray_conv;

/* Fills in what follows from kernels, dtype, windows, batch, groups, channels and filters. */
void leray_conv_prepare(leray_conv *conv);

/* Bytes of work space that any of the three needs. */
size_t leray_conv_scratch(const leray_conv *conv);

/* All return 0, or not 0 if a product was refused. bias [filters] or [channels] may be NULL.
   Where `adds`, the result is added to what is there. */
int leray_conv_down(const leray_conv *conv, const void *w, const void *bias, const void *x, void *y,
                    bool adds, void *scratch);
int leray_conv_up(const leray_conv *conv, const void *w, const void *bias, const void *y, void *x,
                  bool adds, void *scratch);
int leray_conv_weights(const leray_conv *conv, const void *x, const void *y, void *gw, bool adds,
                       void *scratch);

#endif
