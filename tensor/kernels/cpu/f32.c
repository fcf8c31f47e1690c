/* tensor/kernels/cpu/f32.c - the kernels in single precision: training.

   The normal distribution function without calls or branches, so that loops over it are
   vectorised: Abramowitz & Stegun 7.1.26,
       erfc(z) = (a1 t + .. + a5 t^5) exp(-z^2),  t = 1 / (1 + p z),  z >= 0,
   to 1.5e-7, and exp(y) = 2^n exp(f log 2) with |f| <= 1/2 by its Taylor polynomial (relative
   error below 2e-7). */
#include "tensor/kernels/cpu/gemm.h"
#include "tensor/kernels/cpu/tables.h"
#include "tensor/kernels/cpu/transpose.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float real;

/* exp(-x^2 / 2). Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits. */
static inline float gauss(float x)
{
    float y = -0.72134752044448170f * (x * x), shifted, f, p;
    int32_t exponent, bits;

    y = y < -126.0f ? -126.0f : y;
    shifted = y + 12582912.0f;
    f = (y - (shifted - 12582912.0f)) * 0.69314718055994531f;
    p = 1 + f * (1 + f * (0.5f + f * (0.16666667f + f * (0.041666667f + f * (0.0083333333f +
                                                                             f * 0.0013888889f)))));
    memcpy(&exponent, &shifted, sizeof exponent);
    memcpy(&bits, &p, sizeof bits);
    bits += (int32_t)((uint32_t)exponent << 23);
    memcpy(&p, &bits, sizeof p);
    return p;
}

static inline float normal_cdf(float x, float g)
{
    float size = x < 0 ? -x : x, t = 1 / (1 + 0.23164188f * size), tail;

    tail = t *
           (0.127414796f +
            t * (-0.142248368f + t * (0.7107068705f + t * (-0.7265760135f + t * 0.5307027145f)))) *
           g;
    return x < 0 ? tail : 1 - tail;
}

static inline float gelu_value(float x) { return x * normal_cdf(x, gauss(x)); }

static inline void gelu_both(float x, float *value, float *slope)
{
    float g = gauss(x), cdf = normal_cdf(x, g);

    *value = x * cdf;
    *slope = cdf + x * 0.39894228040143268f * g;
}

static inline float square_root(float x) { return sqrtf(x); }

#include "tensor/kernels/cpu/sweeps.h"

static void transpose(int rows, int columns, const void *from, size_t ld_from, void *to,
                      size_t ld_to)
{
    leray_transpose_f32(rows, columns, from, ld_from, to, ld_to);
}

const leray_kernels leray_kernels_f32 = {
    .gemm = leray_gemm_f32, .transpose = transpose, LERAY_KERNELS_OF_SWEEPS};
