/* operators/optimizers/sweep.h - cutting the block of parameters into pieces. Private.

   A piece stays in the nearest cache over the several arrays of an optimizer; its size is fixed, so
   that sums and random numbers do not depend on threads. */
#ifndef LERAY_OPERATORS_SWEEP_H
#define LERAY_OPERATORS_SWEEP_H

#include <stddef.h>

#define LERAY_SWEEP 16384 /* elements */

static inline long leray_sweep_blocks(size_t n)
{
    return (long)((n + LERAY_SWEEP - 1) / LERAY_SWEEP);
}

/* First element of piece i of n elements, and how many it has. */
static inline size_t leray_sweep_block(size_t n, long i, size_t *size)
{
    size_t first = (size_t)i * LERAY_SWEEP;

    *size = n - first < LERAY_SWEEP ? n - first : LERAY_SWEEP;
    return first;
}

#endif
