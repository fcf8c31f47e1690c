/* tensor/algorithms/axis.h - products of small matrices with the axes of an array. Private.

   Along one axis: y[o, k, i] = sum_j t[k, j] x[o, j, i], with x read as [outer, from, inner]. A
   table holds t [m, n] and behind it its transpose, so that both directions are plain products.
   Over all axes of an image, one after the other: y = (t_z x t_y x t_x) f, which takes N (n + m)
   instead of N M multiply-adds; the adjoint is that of each axis. */
#ifndef LERAY_TENSOR_AXIS_H
#define LERAY_TENSOR_AXIS_H

#include "tensor/op.h"
#include <leray/grid.h>

typedef struct leray_axis_map {
    leray_dtype dtype;
    int outer, from, to, inner;
    const void *table; /* t [to, from], and its transpose */
    const void *transpose;
} leray_axis_map;

/* y = alpha t x + [y if adds], on one thread. Not 0 if a product was refused. */
int leray_axis_map_product(const leray_axis_map *axis, double alpha, const void *x, void *y,
                           bool adds);

/* A table of t [m, n], entry(key, k, j), and its transpose; key[0] = m, key[1] = n. `kind` as for
   leray_tape_table; `fill` calls leray_axis_map_fill. Errors: MEMORY. */
LERAY_NODISCARD leray_status
leray_axis_map_table(leray_tape *tape, const char *kind, const int key[4],
                     void (*fill)(leray_dtype, const int key[4], void *), const void **out);
void leray_axis_map_fill(leray_dtype dtype, const int key[4], void *p,
                         double (*entry)(const int key[4], int k, int j));

/* `from` and `to`, and the two tables, change places. */
leray_axis_map leray_axis_map_adjoint(const leray_axis_map *axis);

/* All axes of an image [n..] to or from [m..]. */
typedef struct leray_separable {
    leray_dtype dtype;
    int dims, n[LERAY_AXES], m[LERAY_AXES];
    const void *table[LERAY_AXES]; /* by leray_axis_map_table */
} leray_separable;

size_t leray_separable_points(const leray_separable *s); /* product of n */
size_t leray_separable_modes(const leray_separable *s);  /* product of m */
/* Reals of the work space of one thread. */
size_t leray_separable_work(const leray_separable *s);

/* y [m..] = T f [n..] and f = T^T y, [plus what is there if adds], on one thread. */
int leray_separable_apply(const leray_separable *s, const void *f, void *work, void *y, bool adds);
int leray_separable_adjoint(const leray_separable *s, const void *y, void *work, void *f,
                            bool adds);

/* Image after image, on all threads. `scratch` has leray_separable_scratch bytes. */
size_t leray_separable_scratch(const leray_separable *s);
LERAY_NODISCARD leray_status leray_separable_images(const leray_separable *s, int images,
                                                    bool adjoint, const void *x, void *scratch,
                                                    void *y, bool adds);

/* cos and sin of 2 pi k j / n: the angle is reduced in integers, and sin(pi) is 0. */
double leray_cosine(long long k, long long j, long long n);
double leray_sine(long long k, long long j, long long n);

/* p[i] = x in this dtype. */
static inline void leray_put(leray_dtype dtype, void *p, size_t i, double x)
{
    if (dtype == LERAY_F32) ((float *)p)[i] = (float)x;
    else ((double *)p)[i] = x;
}

#endif
