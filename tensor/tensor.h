/* tensor/tensor.h - arrays of reals that a tape computes with. Private.

   Row-major, last index fastest. A complex array has a trailing extent 2 (real, imaginary), so
   that optimizers, checkpoints and reductions see nothing but reals. Fields are
   [batch, channels, ny, nx]. */
#ifndef LERAY_TENSOR_TENSOR_H
#define LERAY_TENSOR_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

#define LERAY_TENSOR_DIMS 5

typedef enum leray_dtype { LERAY_F32, LERAY_F64 } leray_dtype;

static inline size_t leray_dtype_size(leray_dtype dtype)
{
    return dtype == LERAY_F32 ? sizeof(float) : sizeof(double);
}

/* Lives on its tape until the next reset. Values of ops are written when they are recorded. */
typedef struct leray_tensor {
    leray_dtype dtype;
    int ndim;
    int shape[LERAY_TENSOR_DIMS];
    size_t count;      /* product of the extents */
    void *value;       /* [count] reals of dtype */
    void *grad;        /* [count], d scalar / d value after backward; NULL: none is wanted */
    bool grad_written; /* for ops: false: the next contribution overwrites, true: it adds */
} leray_tensor;

/* The value of a tensor with one element, as double. */
static inline double leray_tensor_scalar(const leray_tensor *t)
{
    return t->dtype == LERAY_F32 ? (double)*(const float *)t->value : *(const double *)t->value;
}

#endif
