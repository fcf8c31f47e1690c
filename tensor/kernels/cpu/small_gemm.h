/* tensor/kernels/cpu/small_gemm.h - small products without the cost of a library call. Private. */
#ifndef LERAY_TENSOR_KERNELS_CPU_SMALL_GEMM_H
#define LERAY_TENSOR_KERNELS_CPU_SMALL_GEMM_H

#include <stdbool.h>

/* c [m, n] = op(a) op(b) + [c if adds], row-major, op as in gemm.h; k >= 1. Returns whether it
   took the product; false: c is untouched, the library is better at it. */
bool leray_small_gemm_f32(char ta, char tb, int m, int n, int k, const float *a, int lda,
                          const float *b, int ldb, bool adds, float *c, int ldc);

#endif
