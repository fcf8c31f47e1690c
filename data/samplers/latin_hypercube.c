/* data/samplers/latin_hypercube.c - each of n strata of every coordinate holds one point.

   x_ij = (p_j(i) + u_ij) / n with p_j independent random permutations and u_ij uniform.
   Reference: McKay, Beckman, Conover, Technometrics 21 (1979) 239. */
#include "data/sampler.h"
#include <leray/impl/rng.h>

/* Streams of LERAY_PURPOSE_SAMPLER that this file alone uses. */
enum { STEP_PERMUTATION = 1, STEP_JITTER = 2 };

static void prepare(const leray_sampler *s, uint32_t *table)
{
    for (int j = 0; j < s->d; j++) {
        leray_rng rng =
            leray_rng_make(s->seed, LERAY_PURPOSE_SAMPLER, (uint32_t)j, STEP_PERMUTATION);
        uint32_t *p = table + (size_t)j * (size_t)s->n;

        for (int i = 0; i < s->n; i++) p[i] = (uint32_t)i;
        leray_rng_shuffle(&rng, (size_t)s->n, (int *)p);
    }
}

static void point(const leray_sampler *s, int i, double *x)
{
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SAMPLER, (uint32_t)i, STEP_JITTER);

    for (int j = 0; j < s->d; j++) {
        double p = s->table[(size_t)j * (size_t)s->n + (size_t)i], n = s->n;

        x[j] = (p + leray_rng_uniform(&rng)) / n;
        if (x[j] >= (p + 1) / n) x[j] = p / n; /* rounding must not leave the stratum */
    }
}

const leray_sampler_type leray_sampler_latin_hypercube = {
    .name = "latin-hypercube",
    .summary = "one point in each of n strata of every parameter",
    .max_dimension = 1 << 16,
    .point = point,
    .prepare = prepare,
};
