/* tensor/kernels/cpu/gemm.h - real matrix products; the only file over oneDNN and BLAS. Private.

   c [m, n] = alpha op(a) op(b) + beta c, row-major. Called inside a parallel region a product
   runs on that one thread. Returns 0, or not 0 if the library refused (out of memory). */
#ifndef LERAY_TENSOR_KERNELS_CPU_GEMM_H
#define LERAY_TENSOR_KERNELS_CPU_GEMM_H

int leray_gemm_f32(char ta, char tb, int m, int n, int k, double alpha, const void *a, int lda,
                   const void *b, int ldb, double beta, void *c, int ldc);
int leray_gemm_f64(char ta, char tb, int m, int n, int k, double alpha, const void *a, int lda,
                   const void *b, int ldb, double beta, void *c, int ldc);

#endif
