/* tensor/kernels/kernels.h - what ops ask of a processor, once per precision. Private.

   Ops cut their work into pieces and thread over them; a kernel works on one piece, on one
   thread. Arrays are untyped here and hold reals of the table's precision. Matrices are
   row-major, ld is the distance between rows in elements. */
#ifndef LERAY_TENSOR_KERNELS_KERNELS_H
#define LERAY_TENSOR_KERNELS_KERNELS_H

#include <leray/impl/tensor.h>

#include <stdbool.h>
#include <stddef.h>

/* gelu(x) = x (1 + erf(x / sqrt 2)) / 2, sigmoid(x) = 1 / (1 + exp(-x)), silu(x) = x sigmoid(x). */
typedef enum leray_unary {
    LERAY_GELU,
    LERAY_TANH,
    LERAY_RELU,
    LERAY_SILU,
    LERAY_SIGMOID,
    LERAY_SIN,
    LERAY_EXP
} leray_unary;

/* Windows on a grid, axes slowest first and 1 where a grid has fewer than three: along an axis,
   element j of window o lies on point o stride + j dilation - before. */
typedef struct leray_conv_windows {
    int grid[3], windows[3], kernel[3];
    int stride[3], dilation[3], before[3];
    leray_edge edge;
    double outside; /* what stands beyond an edge that is "zero", if not 0 */
} leray_conv_windows;

/* One step of Adam, the same for all elements: with s = gain g,
     m <- beta1 m + (1 - beta1) s,  v <- beta2 v + (1 - beta2) s^2,
     w <- keep w - rate m / (root sqrt(v) + epsilon). */
typedef struct leray_adam {
    double gain, beta1, beta2, keep, rate, root, epsilon;
} leray_adam;

/* In every lane l < lanes: c[i, j, l] = sign sum_r a[i, r, l] b[r, j, l] + [c if adds], r < depth.
   Distances in elements; lanes are contiguous. sign is 1 or -1. */
typedef struct leray_lanes {
    int lanes, rows, columns, depth, sign;
    bool adds;
    const void *a, *b;
    void *c;
    size_t a_row, a_depth, b_depth, b_column, c_row, c_column;
} leray_lanes;

/* Lines of n real points as sums over cosines k = 0 .. modes - 1 and sines k = 1 .. modes - 1; cosine
   k stands at k, sine k at sine_at + k. */
typedef struct leray_series {
    int n, modes, sine_at;
    int sign;           /* 1 or -1: of the sines */
    const void *factor; /* [modes]: half of what each k is multiplied by */
} leray_series;

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
    double (*variation)(size_t n, const void *x, double mean);   /* sum of (x - mean)^2 */
    /* y = alpha a + beta b + shift + [y if adds]. */
    void (*blend)(size_t n, double alpha, const void *a, double beta, const void *b, double shift,
                  void *y, bool adds);

    /* Over rows of t [rows, n]: s = t + bias[row]. The results have the distance ld between rows;
       y may be t, what else they overlap is undefined. */
    void (*bias)(int rows, int n, const void *bias, const void *t, int ldt, void *y, size_t ld);
    /* y = gelu(s), slope = gelu'(s); slope may be NULL. */
    void (*bias_gelu)(int rows, int n, const void *bias, const void *t, int ldt, void *y,
                      void *slope, size_t ld);
    /* sum[row] = sum over the row + [sum[row] if adds]. */
    void (*row_sums)(int rows, int n, const void *x, int ldx, void *sum, bool adds);

    void (*lanes)(const leray_lanes *x);

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

    /* z = u + i v, interleaved, for n points of two lines, and back. v may be NULL: 0. */
    void (*interleave)(int n, const void *u, const void *v, void *z);
    void (*deinterleave)(int n, const void *z, void *u, void *v, bool adds);
    /* From the transform z of u + i v to the coefficients of both lines; and from those to z, whose
       inverse transform is the sum over them, u + i v. z has n + 1 complex numbers, the last one
       being work space. The sine 0 is written as 0, before cosine modes - 1 which may take its
       place, and not read; nor is that of n / 2. */
    void (*spectrum_to_series)(const leray_series *s, void *z, void *u, void *v);
    void (*series_to_spectrum)(const leray_series *s, const void *u, const void *v, void *z);

    /* columns[(c K + j) ld + p] = element j of window first + p of channel c, for p < count and K
       the elements of a window; x is [channels, grid]. */
    void (*gather)(const leray_conv_windows *w, int channels, const void *x, size_t first,
                   int count, void *columns, int ld);
    /* Its adjoint: adds the columns to the points of x that they were taken from. */
    void (*scatter)(const leray_conv_windows *w, int channels, const void *columns, int ld,
                    size_t first, int count, void *x);
    /* y[p] = the largest of columns [rows, ld] and arg[p] its row, the first of equals; arg may be
       NULL. Back: columns[arg[p], p] = gy[p], all else 0. */
    void (*largest)(int rows, int n, const void *columns, int ld, void *y, int *arg);
    void (*largest_back)(int rows, int n, const int *arg, const void *gy, void *columns, int ld);

    /* Winograd's transforms (tensor/algorithms/winograd.h) for `rows` rows of tiles from `first` on; element k
       of the tile t of channel c goes to v[k plane + c ld + t]. room: 9 rows of 2 tiles + 2. */
    void (*winograd_input)(const leray_conv_windows *w, int channels, const void *x, int first,
                           int rows, void *v, size_t plane, int ld, void *room);
    /* y = a^T m a + bias + [y if adds], y [filters, windows]; bias may be NULL. */
    void (*winograd_output)(const leray_conv_windows *w, int filters, const void *m, size_t plane,
                            int ld, int first, int rows, const void *bias, void *y, bool adds,
                            void *room);
    /* m = a g a^T, g [filters, windows]. */
    void (*winograd_gradient)(const leray_conv_windows *w, int filters, const void *g, int first,
                              int rows, void *m, size_t plane, int ld, void *room);
    /* u[k plane + r n + c] = element k of G w G^T, w the kernel at r row + c column, perhaps turned
       around; r < rows, c < n. */
    void (*winograd_weights)(int rows, int n, const void *w, size_t row, size_t column, bool flip,
                             void *u, size_t plane);
    /* w = G^T u G + [w if adds], kernels one after the other. */
    void (*winograd_weights_back)(int n, const void *u, size_t plane, void *w, bool adds);

    /* y = softmax of each row of x [rows, n]; y may be x. */
    void (*softmax)(int rows, int n, const void *x, int ldx, void *y, int ldy);
    /* gx = [gx if adds +] y (gy - sum of the row of y gy), with y the softmax; gx may be gy. */
    void (*softmax_back)(int rows, int n, const void *y, int ldy, const void *gy, int ldg, void *gx,
                         int ldx, bool adds);
    /* y[i] = (1 - t[i]) x[low[i]] + t[i] x[high[i]]. */
    void (*interpolate)(int n, const void *x, const int *low, const int *high, const double *t,
                        void *y);
    /* Its adjoint: adds gy to gx. */
    void (*interpolate_back)(int n, const void *gy, const int *low, const int *high,
                             const double *t, void *gx);
} leray_kernels;

const leray_kernels *leray_kernels_cpu(leray_dtype dtype);

#endif
