/* data/samplers/sobol.c - Sobol points with the direction numbers of Joe and Kuo.

   Coordinate j of point i is the exclusive or of v_j(b) over the bits b of i ^ (i >> 1), read as
   a binary fraction of 32 digits. With s and a_1 .. a_{s-1} the degree and the inner coefficients
   of the primitive polynomial and m_1 .. m_s the initial numbers, v(b) = m_b 2^(32-b) and
       m_b = 2 a_1 m_{b-1} ^ .. ^ 2^{s-1} a_{s-1} m_{b-s+1} ^ 2^s m_{b-s} ^ m_{b-s}.
   Any 2^k consecutive points that start at a multiple of 2^k put one point in each interval of
   length 2^-k of every coordinate. Optionally all points are shifted digitally (exclusive or with
   32 random digits per coordinate), which keeps that property and removes the point 0.
   Reference: S. Joe, F. Y. Kuo, ACM Trans. Math. Softw. 29 (2003) 49 and SIAM J. Sci. Comput. 30
   (2008) 2635; numbers: the first 32 dimensions of new-joe-kuo-6. */
#include "data/sampler.h"
#include <leray/impl/rng.h>

enum { BITS = 32, STEP_SHIFT = 3, DIMENSIONS = 32, DEGREE_MAX = 7 };

/* Dimensions 2 to 32: degree s, coefficients a as a binary number, m_1 .. m_s. */
static const struct {
    int s;
    uint32_t a, m[DEGREE_MAX];
} direction[DIMENSIONS - 1] = {
    {1, 0,  {1}                       },
    {2, 1,  {1, 3}                    },
    {3, 1,  {1, 3, 1}                 },
    {3, 2,  {1, 1, 1}                 },
    {4, 1,  {1, 1, 3, 3}              },
    {4, 4,  {1, 3, 5, 13}             },
    {5, 2,  {1, 1, 5, 5, 17}          },
    {5, 4,  {1, 1, 5, 5, 5}           },
    {5, 7,  {1, 1, 7, 11, 19}         },
    {5, 11, {1, 1, 5, 1, 1}           },
    {5, 13, {1, 1, 1, 3, 11}          },
    {5, 14, {1, 3, 5, 5, 31}          },
    {6, 1,  {1, 3, 3, 9, 7, 49}       },
    {6, 13, {1, 1, 1, 15, 21, 21}     },
    {6, 16, {1, 3, 1, 13, 27, 49}     },
    {6, 19, {1, 1, 1, 15, 7, 5}       },
    {6, 22, {1, 3, 1, 15, 13, 25}     },
    {6, 25, {1, 1, 5, 5, 19, 61}      },
    {7, 1,  {1, 3, 7, 11, 23, 15, 103}},
    {7, 4,  {1, 3, 7, 13, 13, 15, 69} },
    {7, 7,  {1, 1, 3, 13, 7, 35, 63}  },
    {7, 8,  {1, 3, 5, 9, 1, 25, 53}   },
    {7, 14, {1, 3, 1, 13, 9, 35, 107} },
    {7, 19, {1, 3, 1, 5, 27, 61, 31}  },
    {7, 21, {1, 1, 5, 11, 19, 41, 61} },
    {7, 28, {1, 3, 5, 3, 3, 13, 69}   },
    {7, 31, {1, 1, 7, 13, 1, 19, 1}   },
    {7, 32, {1, 3, 7, 5, 13, 19, 59}  },
    {7, 37, {1, 1, 3, 9, 25, 29, 41}  },
    {7, 41, {1, 3, 5, 13, 23, 1, 55}  },
    {7, 42, {1, 3, 7, 3, 13, 59, 17}  },
};

/* v(1) .. v(32) of coordinate j. */
static void directions(int j, uint32_t v[BITS])
{
    int s;

    for (int b = 0; b < BITS; b++) v[b] = (uint32_t)1 << (BITS - 1 - b);
    if (j == 0) return;
    s = direction[j - 1].s;
    for (int b = 0; b < s; b++) v[b] = direction[j - 1].m[b] << (BITS - 1 - b);
    for (int b = s; b < BITS; b++) {
        v[b] = v[b - s] ^ (v[b - s] >> s);
        for (int k = 1; k < s; k++)
            if (direction[j - 1].a >> (s - 1 - k) & 1) v[b] ^= v[b - k];
    }
}

static uint32_t digital_shift(const leray_sampler *s, int j)
{
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SAMPLER, (uint32_t)j, STEP_SHIFT);

    return s->shift ? leray_rng_bits(&rng) : 0;
}

static void point(const leray_sampler *s, int i, double *x)
{
    uint32_t gray = (uint32_t)i ^ (uint32_t)i >> 1, v[BITS];

    for (int j = 0; j < s->d; j++) {
        uint32_t digits = digital_shift(s, j);

        directions(j, v);
        for (int b = 0; b < BITS; b++)
            if (gray >> b & 1) digits ^= v[b];
        x[j] = digits * 0x1p-32;
    }
}

const leray_sampler_type leray_sampler_sobol = {
    .name = "sobol",
    .summary = "Sobol points (Joe-Kuo), shifted digitally by the seed",
    .max_dimension = DIMENSIONS,
    .point = point,
};
