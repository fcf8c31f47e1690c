/* tensor/kernels/cpu/transpose.h - a matrix of floats onto its transpose, in blocks of 4 x 4 that
   stay in registers: element by element, transposing a panel costs as much as multiplying by it.
   Private. */
#ifndef LERAY_TENSOR_KERNELS_CPU_TRANSPOSE_H
#define LERAY_TENSOR_KERNELS_CPU_TRANSPOSE_H

#include <stddef.h>
#include <string.h>

#if defined(__GNUC__)

typedef float leray_four __attribute__((vector_size(16)));

static inline void leray_transpose_4x4(const float *from, size_t ld_from, float *to, size_t ld_to)
{
    leray_four a, b, c, d, ab, cd, AB, CD, row[4];

    memcpy(&a, from, sizeof a);
    memcpy(&b, from + ld_from, sizeof b);
    memcpy(&c, from + 2 * ld_from, sizeof c);
    memcpy(&d, from + 3 * ld_from, sizeof d);
    ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    row[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    row[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    row[2] = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
    row[3] = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
    for (size_t i = 0; i < 4; i++) memcpy(to + i * ld_to, &row[i], sizeof row[i]);
}

#else

static inline void leray_transpose_4x4(const float *from, size_t ld_from, float *to, size_t ld_to)
{
    for (size_t j = 0; j < 4; j++)
        for (size_t i = 0; i < 4; i++) to[j * ld_to + i] = from[i * ld_from + j];
}

#endif

/* to[j * ld_to + i] = from[i * ld_from + j] for i < rows, j < columns. */
static inline void leray_transpose_f32(int rows, int columns, const float *from, size_t ld_from,
                                       float *to, size_t ld_to)
{
    int rows4 = rows / 4 * 4, columns4 = columns / 4 * 4;

    for (int i = 0; i < rows4; i += 4)
        for (int j = 0; j < columns4; j += 4)
            leray_transpose_4x4(from + (size_t)i * ld_from + j, ld_from, to + (size_t)j * ld_to + i,
                                ld_to);
    for (int i = 0; i < rows; i++)
        for (int j = i < rows4 ? columns4 : 0; j < columns; j++)
            to[(size_t)j * ld_to + (size_t)i] = from[(size_t)i * ld_from + (size_t)j];
}

#endif
