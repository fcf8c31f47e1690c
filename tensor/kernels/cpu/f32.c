/* tensor/kernels/cpu/f32.c - the kernels in single precision: training.

   The normal distribution function without calls or branches, so that loops over it are
   vectorised: Abramowitz & Stegun 7.1.26,
       erfc(z) = (a1 t + .. + a5 t^5) exp(-z^2),  t = 1 / (1 + p z),  z >= 0,
   to 1.5e-7, and exp(y) = 2^n exp(f log 2) with |f| <= 1/2 by its Taylor polynomial (relative
   error below 2e-7). */
#include "tensor/kernels/cpu/gemm.h"
#include "tensor/kernels/cpu/tables.h"
#include "tensor/kernels/cpu/transpose.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float real;
#define REAL_MIN ((double)FLT_MIN)
#define REAL_MAX ((double)FLT_MAX)

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

/* 2^n for -126 <= n <= 127, n in the low bits of n + 1.5 * 2^23. */
static inline float power_of_two(float shifted)
{
    uint32_t bits;
    float p;

    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* exp(x) = 2^n exp(r), |r| <= log(2) / 2 with log 2 in two parts; 2^n in two factors, for the
   ends of the range. */
static inline float exponential(float x)
{
    const float magic = 12582912.0f;
    float shifted, n, half, r, p;

    x = x < -104 ? -104 : x > 89 ? 89 : x;
    shifted = x * 1.44269504f + magic;
    n = shifted - magic;
    r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    p = 1 + r * (1 + r * (0.5f +
                          r * (0.16666667f +
                               r * (0.041666668f + r * (0.0083333338f +
                                                        r * (0.0013888889f + r * 1.984127e-4f))))));
    half = 0.5f * n + magic;
    return p * power_of_two(half) * power_of_two(n - (half - magic) + magic);
}

/* sin(x): x - n pi in double precision and the Taylor polynomial on [-pi/2, pi/2], to 1e-9; 0 from
   2^50 on, where neighbouring floats are millions of periods apart. */
static inline double sine_of(double x)
{
    const double magic = 6755399441055744.0;
    double shifted = x * 0.31830988618379067154 + magic, n = shifted - magic, r, s, odd;

    r = fma(-n, 1.2246467991473532e-16, fma(-n, 3.14159265358979312, x)); /* n pi is not rounded */
    odd = n - 2 * ((0.5 * n + magic) - magic);                            /* 0, 1 or -1 */
    s = r * r;
    r = r + r * s *
                (-1.0 / 6 +
                 s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 + s * (-1.0 / 39916800 +
                                                                              s / 6227020800.0)))));
    return fabs(x) < 1125899906842624.0 ? r - 2 * odd * odd * r : 0 * x;
}

static inline float sine(float x) { return (float)sine_of((double)x); }
static inline float cosine(float x) { return (float)sine_of((double)x + 1.57079632679489662); }

/* tanh(x) = (1 - e) / (1 + e), e = exp(-2 |x|), with the sign of x; below 1/2, where that cancels,
   the Taylor polynomial. Relative error 2e-7. */
static inline float hyperbolic_tangent(float x)
{
    float s = x * x, e = exponential(-2 * fabsf(x)), far = copysignf((1 - e) / (1 + e), x);
    float near =
        x + x * s *
                (-0.33333334f +
                 s * (0.13333334f +
                      s * (-0.053968254f +
                           s * (0.021869488f +
                                s * (-0.0088632355f + s * (0.0035921280f - s * 0.0014558344f))))));

    return s < 0.25f ? near : far;
}

#include "tensor/kernels/cpu/fourier.h"
#include "tensor/kernels/cpu/lanes.h"
#include "tensor/kernels/cpu/rows.h"
#include "tensor/kernels/cpu/sweeps.h"
#include "tensor/kernels/cpu/windows.h"
#include "tensor/kernels/cpu/winograd.h"

static void transpose(int rows, int columns, const void *from, size_t ld_from, void *to,
                      size_t ld_to)
{
    leray_transpose_f32(rows, columns, from, ld_from, to, ld_to);
}

const leray_kernels leray_kernels_f32 = {.gemm = leray_gemm_f32,
                                         .transpose = transpose,
                                         .lanes = lanes,
                                         LERAY_KERNELS_OF_SWEEPS,
                                         LERAY_KERNELS_OF_FOURIER,
                                         LERAY_KERNELS_OF_ROWS,
                                         LERAY_KERNELS_OF_WINDOWS,
                                         LERAY_KERNELS_OF_WINOGRAD};
