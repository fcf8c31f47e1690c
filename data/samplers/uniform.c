/* data/samplers/uniform.c - independent uniform points; point i does not depend on n. */
#include "data/sampler.h"
#include <leray/impl/rng.h>

static void point(const leray_sampler *s, int i, double *x)
{
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SAMPLER, (uint32_t)i, 0);

    for (int j = 0; j < s->d; j++) x[j] = leray_rng_uniform(&rng);
}

const leray_sampler_type leray_sampler_uniform = {
    .name = "uniform",
    .summary = "independent uniform points",
    .max_dimension = 1 << 16,
    .point = point,
};
