/* tensor/ops/common.h - what the families of ops share. Private to tensor/. */
#ifndef LERAY_TENSOR_OPS_COMMON_H
#define LERAY_TENSOR_OPS_COMMON_H

#include "core/threads.h"
#include "tensor/op.h"

#include <omp.h>

/* [rows, columns], or with extents 1 after them as in the weight of a 1 x 1 convolution. */
static inline bool leray_is_matrix(const leray_tensor *t)
{
    return t->ndim >= 2 && t->count == (size_t)t->shape[0] * (size_t)t->shape[1];
}

/* Element i of an array, as double. */
static inline double leray_number(leray_dtype dtype, const void *p, size_t i)
{
    return dtype == LERAY_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

/* The next `size` bytes at *p, aligned to 64; moves *p behind them. */
void *leray_cut(char **p, size_t size);

/* Adds the `items` partial sums [items, in[i]->count] to the gradient of input i, in order;
   nothing if it has none. */
void leray_add_partials(leray_node *node, int i, int items, const void *partial);

/* Runs body(data, first, count) over pieces of n elements on all threads. */
void leray_over_pieces(size_t n, void (*body)(void *data, size_t first, size_t count), void *data);

#endif
