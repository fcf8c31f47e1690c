/* tensor/kernels/cpu/f64.c - the kernels in double precision: gradient checks, refinement. */
#include "tensor/kernels/cpu/gemm.h"
#include "tensor/kernels/cpu/tables.h"

#include <math.h>

typedef double real;

static inline double normal_cdf(double x) { return 0.5 * erfc(-0.7071067811865475244 * x); }

static inline double gelu_value(double x) { return x * normal_cdf(x); }

static inline void gelu_both(double x, double *value, double *slope)
{
    double cdf = normal_cdf(x);

    *value = x * cdf;
    *slope = cdf + x * 0.3989422804014326779 * exp(-0.5 * x * x);
}

static inline double square_root(double x) { return sqrt(x); }

#include "tensor/kernels/cpu/sweeps.h"

const leray_kernels leray_kernels_f64 = {.gemm = leray_gemm_f64, LERAY_KERNELS_OF_SWEEPS};
