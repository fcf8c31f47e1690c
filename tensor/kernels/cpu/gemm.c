/* tensor/kernels/cpu/gemm.c - see gemm.h. Small products in single precision go to our own
   kernel, large ones to oneDNN, whose generated code knows the processor; double precision, which
   oneDNN lacks, to BLAS. */
#include "tensor/kernels/cpu/gemm.h"

#include "tensor/kernels/cpu/small_gemm.h"

#include <cblas.h>
#include <oneapi/dnnl/dnnl.h>

int leray_gemm_f32(char ta, char tb, int m, int n, int k, double alpha, const void *a, int lda,
                   const void *b, int ldb, double beta, void *c, int ldc)
{
    if (alpha == 1 && (beta == 0 || beta == 1) &&
        leray_small_gemm_f32(ta, tb, m, n, k, a, lda, b, ldb, beta == 1, c, ldc))
        return 0;
    return dnnl_sgemm(ta, tb, m, n, k, (float)alpha, a, lda, b, ldb, (float)beta, c, ldc) !=
           dnnl_success;
}

int leray_gemm_f64(char ta, char tb, int m, int n, int k, double alpha, const void *a, int lda,
                   const void *b, int ldb, double beta, void *c, int ldc)
{
    cblas_dgemm(CblasRowMajor, ta == 'T' ? CblasTrans : CblasNoTrans,
                tb == 'T' ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c,
                ldc);
    return 0;
}
