/* tensor/algorithms/transform_fft.h - one axis of tensor/algorithms/transform.h by fast transforms. Private.

   A line of n real points and its sums against cosines and sines k < modes (leray_series): two
   lines at a time as the parts of a complex one, whose transform by core/fft is taken apart
   (tensor/kernels/cpu/fourier.h). Lines that share a transform share its rounding errors, so they
   are neighbours in one image, or the parts of one complex column.

   Lines lie in rows of an array, or down its columns, which are transposed a few at a time. All
   runs on one thread; `room` has leray_fft_axis_room reals and is aligned to 64 bytes. */
#ifndef LERAY_TENSOR_TRANSFORM_FFT_H
#define LERAY_TENSOR_TRANSFORM_FFT_H

#include "tensor/op.h"

typedef struct leray_fft_axis {
    const leray_kernels *kernels;
    leray_dtype dtype;
    const void *plan;
    leray_series series;
} leray_fft_axis;

/* The plan for lines of n points, made once per tape. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_fft_axis_plan(leray_tape *tape, int n, const void **plan);

/* Reals; a multiple of 64 bytes. */
size_t leray_fft_axis_room(int n);

/* x [rows, n] to or from coefficients [rows, ld]; rows 2 i and 2 i + 1 of each `image` of rows
   share a transform. */
void leray_fft_axis_rows(const leray_fft_axis *axis, int rows, int image, const void *x,
                         void *coefficients, size_t ld, void *room);
void leray_fft_axis_rows_inverse(const leray_fft_axis *axis, int rows, int image,
                                 const void *coefficients, size_t ld, void *x, bool adds,
                                 void *room);

/* Down the columns of a [n, blocks, re | im, half], to or from lines [coefficients, blocks, re | im,
   half]; the parts of a column share a transform. */
void leray_fft_axis_columns(const leray_fft_axis *axis, int blocks, int half, const void *a,
                            void *lines, void *room);
void leray_fft_axis_columns_inverse(const leray_fft_axis *axis, int blocks, int half,
                                    const void *lines, void *a, void *room);

#endif
