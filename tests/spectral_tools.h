/* tests/spectral_tools.h - fields of random modes on small boxes, and their direct sums. */
#ifndef LERAY_TESTS_SPECTRAL_TOOLS_H
#define LERAY_TESTS_SPECTRAL_TOOLS_H

#include "check.h"

#include "core/mem.h"
#include "core/threads.h"
#include "solvers/pseudospectral/engine/transforms.h"

#include <stdlib.h>

/* A number in [-1, 1] that belongs to (field, s, m, i, part). */
static inline double noise(int field, int s, int m, int i, int part)
{
    uint64_t h =
        88172645463325252u + (uint64_t)(field * 1000003 + s * 10007 + m * 101 + i * 7 + part);

    for (int k = 0; k < 3; k++) h ^= h << 13, h ^= h >> 7, h ^= h << 17;
    return (double)(h % 2000001) / 1e6 - 1;
}

/* A coefficient of a real field. */
static inline double complex coefficient(int field, int s, int m, int i)
{
    bool flip = i < 0 || (i == 0 && (m < 0 || (m == 0 && s < 0)));
    double complex c;

    if (flip) s = -s, m = -m, i = -i;
    c = noise(field, s, m, i, 0) + I * noise(field, s, m, i, 1);
    if (s == 0 && m == 0 && i == 0) c = creal(c);
    return flip ? conj(c) : c;
}

static inline bool kept(const leray_box *b, int s, int m, int i)
{
    int column = leray_box_find(b, m, i < 0 ? -i : i);

    if (i < 0) return kept(b, -s, -m, -i);
    return column >= 0 && abs(s) <= b->column_top[column];
}

/* The field at a point given in cells, as a direct sum over the modes of a box on one rank. */
static inline double direct(const leray_box *b, int field, double z, double y, double x)
{
    double sum = 0;

    for (int i = -b->top[2]; i <= b->top[2]; i++)
        for (int m = -b->top[1]; m <= b->top[1]; m++)
            for (int s = -b->top[0]; s <= b->top[0]; s++) {
                double phase =
                    6.283185307179586477 * (s * z / b->n[0] + m * y / b->n[1] + i * x / b->n[2]);

                if (!kept(b, s, m, i)) continue;
                sum += creal(coefficient(field, s, m, i) * (cos(phase) + I * sin(phase)));
            }
    return sum;
}

#endif
