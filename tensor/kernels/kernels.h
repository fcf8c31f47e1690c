/* tensor/kernels/kernels.h - what ops ask of a processor, once per precision. Private.

   Ops cut their work into pieces and thread over them; a kernel works on one piece, on one
   thread. Arrays are untyped here and hold reals of the table's precision. Matrices are
   row-major, ld is the distance between rows in elements. */
#ifndef LERAY_TENSOR_KERNELS_KERNELS_H
#define LERAY_TENSOR_KERNELS_KERNELS_H

#include "tensor/tensor.h"

#include <stdbool.h>
#include <stddef.h>

/* gelu(x) = x (1 + erf(x / sqrt 2)) / 2. */
typedef enum leray_unary { LERAY_GELU, LERAY_TANH, LERAY_RELU } leray_unary;

/* One step of Adam, the same for all elements: with s = gain g,
     m <- beta1 m + (1 - beta1) s,  v <- beta2 v + (1 - beta2) s^2,
     w <- keep w - rate m / (root sqrt(v) + epsilon). */
typedef struct leray_adam {
    double gain, beta1, beta2, keep, rate, root, epsilon;
} leray_adam;

typedef struct leray_kernels {
    /* c [m, n] = alpha op(a) [m, k] op(b) [k, n] + beta c, where op transposes if 'T'; beta = 0
       does not read c. Returns 0, or not 0 if the library refused. */
    int (*gemm)(char ta, char tb, int m, int n, int k, double alpha, const void *a, int lda,
                const void *b, int ldb, double beta, void *c, int ldc);

    void (*unary)(leray_unary f, size_t n, const void *x, void *y);
    /* gx = [gx if adds +] gy f'(x); gx may be gy or x where it does not add. */
    void (*unary_backward)(leray_unary f, size_t n, const void *x, const void *gy, void *gx,
                           bool adds);

    /* y = alpha x + [y if adds]. */
    void (*scale)(size_t n, double alpha, const void *x, void *y, bool adds);
    /* y = alpha x + shift. */
    void (*affine)(size_t n, double alpha, double shift, const void *x, void *y);
    /* y = a b + [y if adds]. */
    void (*multiply)(size_t n, const void *a, const void *b, void *y, bool adds);
    /* y = alpha (a - b) + [y if adds]. */
    void (*difference)(size_t n, double alpha, const void *a, const void *b, void *y, bool adds);
    /* y = value + [y if adds]. */
    void (*fill)(size_t n, double value, void *y, bool adds);

    /* Sums in double, in an order that depends on n alone. */
    double (*sum)(size_t n, const void *x);
    double (*dot)(size_t n, const void *a, const void *b);
    double (*distance2)(size_t n, const void *a, const void *b); /* sum of (a - b)^2 */

    /* Over rows of t [rows, n]: s = t + bias[row]. The results have the distance ld between rows;
       y may be t, what else they overlap is undefined. */
    void (*bias)(int rows, int n, const void *bias, const void *t, int ldt, void *y, size_t ld);
    /* y = gelu(s), slope = gelu'(s); slope may be NULL. */
    void (*bias_gelu)(int rows, int n, const void *bias, const void *t, int ldt, void *y,
                      void *slope, size_t ld);
    /* sum[row] = sum over the row + [sum[row] if adds]. */
    void (*row_sums)(int rows, int n, const void *x, int ldx, void *sum, bool adds);

    void (*adam)(const leray_adam *step, size_t n, const void *g, void *w, void *m, void *v);

    /* Spectral convolution; n complex numbers each.
       y = (t0 + i t1) with t0, t1 interleaved (re, im): re = t0.re - t1.im, im = t0.im + t1.re. */
    void (*complex_join)(size_t n, const void *t0, const void *t1, void *re, void *im);
    /* g interleaved = (re, im), h = -i g interleaved = (im, -re). */
    void (*complex_split)(size_t n, const void *re, const void *im, void *g, void *h);
    /* to[j * ld_to + i] = from[i * ld_from + j] for i < rows, j < columns. */
    void (*transpose)(int rows, int columns, const void *from, size_t ld_from, void *to,
                      size_t ld_to);
    /* Rows first + r n and last - r n, for r < rows, become their sum and their difference. */
    void (*butterfly)(int rows, int n, void *first, void *last);
    /* plus = p - i q, minus = p + i q for `modes` rows of n complex numbers. p and q hold all real
       parts, then all imaginary ones; plus and minus those of one mode after the other, `plane`
       apart. plus may be NULL; q and minus are NULL together: plus = p. */
    void (*fold)(int modes, int n, const void *p, const void *q, void *plus, void *minus,
                 size_t plane);
    /* Likewise p = plus + minus, q = i (plus - minus); plus NULL stands for 0; minus and q are
       NULL together: p = plus. */
    void (*unfold)(int modes, int n, const void *plus, const void *minus, size_t plane, void *p,
                   void *q);
} leray_kernels;

const leray_kernels *leray_kernels_cpu(leray_dtype dtype);

#endif
