/* tensor/kernels/cpu/small_gemm.h - few rows times a tile of a field. Private. */
#ifndef LERAY_TENSOR_KERNELS_CPU_SMALL_GEMM_H
#define LERAY_TENSOR_KERNELS_CPU_SMALL_GEMM_H

#include <stdbool.h>

/* c [m, n] = op(a) b + [c if adds], row-major, op as in gemm.h. Returns whether it took the
   product; false: c is untouched, the library is better at it. */
bool leray_small_gemm_f32(char ta, int m, int n, int k, const float *a, int lda, const float *b,
                          int ldb, bool adds, float *c, int ldc);

#endif
