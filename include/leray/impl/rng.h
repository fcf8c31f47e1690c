/* leray/impl/rng.h - counter-based random numbers: Philox 4x32-10 (Salmon et al., SC11).

   A stream depends on (seed, purpose, simulation, step) only, and not on ranks, threads or on
   numbers drawn from other streams. Copying the struct copies the stream. */
#ifndef LERAY_IMPL_RNG_H
#define LERAY_IMPL_RNG_H

#include <leray/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a stream is for. Two purposes never share numbers. Append only: the numbers of a
   purpose are part of what a seed means. */
typedef enum leray_purpose {
    LERAY_PURPOSE_TEST,
    LERAY_PURPOSE_INITIAL_FIELD,
    LERAY_PURPOSE_SAMPLER,
    LERAY_PURPOSE_WEIGHTS,
    LERAY_PURPOSE_BATCH,
    LERAY_PURPOSE_SHUFFLE,
    LERAY_PURPOSE_FORCING,
    LERAY_PURPOSE_EVICT,
    LERAY_PURPOSE_GRADIENT,
    LERAY_PURPOSE_WINDOW
} leray_purpose;

typedef struct leray_rng {
    uint32_t key[2], counter[4], block[4];
    int left;     /* unread words of block */
    double spare; /* second normal of the last pair */
    int has_spare;
} leray_rng;

LERAY_API leray_rng leray_rng_make(uint64_t seed, leray_purpose purpose, uint32_t simulation,
                                   uint32_t step);

LERAY_API uint32_t leray_rng_bits(leray_rng *rng);
LERAY_API double leray_rng_uniform(leray_rng *rng);                 /* [0, 1), 53 bits */
LERAY_API double leray_rng_normal(leray_rng *rng);                  /* mean 0, variance 1 */
LERAY_API uint32_t leray_rng_below(leray_rng *rng, uint32_t n);     /* 0 .. n-1, unbiased; n > 0 */
LERAY_API void leray_rng_shuffle(leray_rng *rng, size_t n, int *x); /* Fisher-Yates */

#ifdef __cplusplus
}
#endif
#endif
