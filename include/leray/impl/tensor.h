/* leray/impl/tensor.h - arrays of reals that a tape computes with.

   Row-major, last index fastest. A complex array has a trailing extent 2 (real, imaginary), so
   that optimizers, checkpoints and reductions see nothing but reals. Fields are
   [batch, channels, grid..] with one, two or three extents of the grid, slowest first. */
#ifndef LERAY_IMPL_TENSOR_H
#define LERAY_IMPL_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LERAY_TENSOR_DIMS 6

typedef enum leray_dtype { LERAY_F32, LERAY_F64 } leray_dtype;

static inline size_t leray_dtype_size(leray_dtype dtype)
{
    return dtype == LERAY_F32 ? sizeof(float) : sizeof(double);
}

/* What stands beyond the edge of a grid of n points: 0, point i mod n, or the nearest point. */
typedef enum leray_edge { LERAY_EDGE_ZERO, LERAY_EDGE_PERIODIC, LERAY_EDGE_REPLICATE } leray_edge;

/* Lives on its tape until the next reset; its value until backward has passed the op that made
   it. Values of ops are written when they are recorded. */
typedef struct leray_tensor leray_tensor;

struct leray_tensor {
    leray_dtype dtype;
    int ndim;
    int shape[LERAY_TENSOR_DIMS];
    size_t count;       /* product of the extents */
    void *value;        /* [count] reals of dtype; NULL on a tape that only measures */
    bool wants;         /* a gradient of it is wanted */
    void *grad;         /* [count], d scalar / d value; there while backward needs it */
    bool grad_written;  /* for ops: false: the next contribution overwrites, true: it adds */
    leray_tensor *base; /* not NULL: the same elements in another shape, and the same gradient */
    int tag;            /* of a parameter: its number plus 1, for the tape's watcher; 0: none */
};

/* The value of a tensor with one element, as double. */
static inline double leray_tensor_scalar(const leray_tensor *t)
{
    return t->dtype == LERAY_F32 ? (double)*(const float *)t->value : *(const double *)t->value;
}

#ifdef __cplusplus
}
#endif
#endif
