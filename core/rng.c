/* core/rng.c - streams over Random123's Philox. */
#include <leray/impl/rng.h>

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

/* counter[0] counts blocks; the other three words and the key name the stream. */
leray_rng leray_rng_make(uint64_t seed, leray_purpose purpose, uint32_t simulation, uint32_t step)
{
    leray_rng rng = {
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = { 0, step,         simulation, (uint32_t)purpose}
    };

    return rng;
}

uint32_t leray_rng_bits(leray_rng *rng)
{
    if (rng->left == 0) {
        philox4x32_ctr_t counter, block;
        philox4x32_key_t key;

        memcpy(counter.v, rng->counter, sizeof counter.v);
        memcpy(key.v, rng->key, sizeof key.v);
        block = philox4x32(counter, key);
        memcpy(rng->block, block.v, sizeof block.v);
        rng->counter[0]++;
        rng->left = 4;
    }
    return rng->block[4 - rng->left--];
}

double leray_rng_uniform(leray_rng *rng)
{
    uint64_t high = leray_rng_bits(rng) >> 5, low = leray_rng_bits(rng) >> 6;

    return (double)(high << 26 | low) * 0x1p-53;
}

/* Box-Muller; 1 - u is in (0, 1], so the logarithm is finite. */
double leray_rng_normal(leray_rng *rng)
{
    double radius, angle;

    if (rng->has_spare) {
        rng->has_spare = 0;
        return rng->spare;
    }
    radius = sqrt(-2 * log(1 - leray_rng_uniform(rng)));
    angle = 6.283185307179586 * leray_rng_uniform(rng);
    rng->spare = radius * sin(angle);
    rng->has_spare = 1;
    return radius * cos(angle);
}

/* Rejects the 2^32 mod n smallest words, so that every residue is equally likely. */
uint32_t leray_rng_below(leray_rng *rng, uint32_t n)
{
    uint32_t reject = -n % n, x;

    do x = leray_rng_bits(rng);
    while (x < reject);
    return x % n;
}

void leray_rng_shuffle(leray_rng *rng, size_t n, int *x)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = leray_rng_below(rng, (uint32_t)i);
        int swap = x[i - 1];

        x[i - 1] = x[j], x[j] = swap;
    }
}
