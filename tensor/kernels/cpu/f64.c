/* tensor/kernels/cpu/f64.c - the kernels in double precision: gradient checks, refinement. */
#include "tensor/kernels/cpu/gemm.h"
#include "tensor/kernels/cpu/tables.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef double real;
#define REAL_MIN DBL_MIN
#define REAL_MAX DBL_MAX

static inline double normal_cdf(double x) { return 0.5 * erfc(-0.7071067811865475244 * x); }

static inline double gelu_value(double x) { return x * normal_cdf(x); }

static inline void gelu_both(double x, double *value, double *slope)
{
    double cdf = normal_cdf(x);

    *value = x * cdf;
    *slope = cdf + x * 0.3989422804014326779 * exp(-0.5 * x * x);
}

static inline double square_root(double x) { return sqrt(x); }
static inline double exponential(double x) { return exp(x); }
static inline double sine(double x) { return sin(x); }
static inline double cosine(double x) { return cos(x); }
static inline double hyperbolic_tangent(double x) { return tanh(x); }

#include "tensor/kernels/cpu/fourier.h"
#include "tensor/kernels/cpu/lanes.h"
#include "tensor/kernels/cpu/rows.h"
#include "tensor/kernels/cpu/sweeps.h"
#include "tensor/kernels/cpu/windows.h"
#include "tensor/kernels/cpu/winograd.h"

static void transpose(int rows, int columns, const void *pfrom, size_t ld_from, void *pto,
                      size_t ld_to)
{
    const real *restrict from = pfrom;
    real *restrict to = pto;

    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++)
            to[(size_t)j * ld_to + (size_t)i] = from[(size_t)i * ld_from + (size_t)j];
}

const leray_kernels leray_kernels_f64 = {.gemm = leray_gemm_f64,
                                         .transpose = transpose,
                                         .lanes = lanes,
                                         LERAY_KERNELS_OF_SWEEPS,
                                         LERAY_KERNELS_OF_FOURIER,
                                         LERAY_KERNELS_OF_ROWS,
                                         LERAY_KERNELS_OF_WINDOWS,
                                         LERAY_KERNELS_OF_WINOGRAD};
