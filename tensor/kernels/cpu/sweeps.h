/* tensor/kernels/cpu/sweeps.h - the loops of leray_kernels over any real type. Private.

   A template: f32.c and f64.c include it after defining the type `real`, its smallest normal and
   largest number REAL_MIN and REAL_MAX, and
       static inline real gelu_value(real x);
       static inline void gelu_both(real x, real *value, real *slope);
       static inline real square_root(real x);
       static inline real exponential(real x);
       static inline real sine(real x);
       static inline real cosine(real x);
       static inline real hyperbolic_tangent(real x);
   Compiling the same loops twice lets the gradient checks in double precision vouch for the
   single-precision code; what differs (erf, the matrix product) stands in those two files. */

#include <math.h>
#include <string.h>

#define LANES 8 /* partial sums of a reduction: a fixed order that can be vectorised */

static inline real sigmoid(real x) { return 1 / (1 + exponential(-x)); }

static inline real value_of(leray_unary f, real x)
{
    switch (f) {
    case LERAY_GELU: return gelu_value(x);
    case LERAY_TANH: return hyperbolic_tangent(x);
    case LERAY_RELU: return x > 0 ? x : 0;
    case LERAY_SILU: return x * sigmoid(x);
    case LERAY_SIGMOID: return sigmoid(x);
    case LERAY_SIN: return sine(x);
    default: return exponential(x);
    }
}

static inline real slope_of(leray_unary f, real x)
{
    real value, slope;

    switch (f) {
    case LERAY_GELU: gelu_both(x, &value, &slope); return slope;
    case LERAY_TANH: value = hyperbolic_tangent(x); return 1 - value * value;
    case LERAY_RELU: return x > 0;
    case LERAY_SILU: value = sigmoid(x); return value * (1 + x * (1 - value));
    case LERAY_SIGMOID: value = sigmoid(x); return value * (1 - value);
    case LERAY_SIN: return cosine(x);
    default: return exponential(x);
    }
}

/* f is a constant where these are called, so that the loop holds one function. */
static inline void unary_of(leray_unary f, size_t n, const real *x, real *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) y[i] = value_of(f, x[i]);
}

static inline void unary_backward_of(leray_unary f, size_t n, const real *x, const real *gy,
                                     real *gx, bool adds)
{
    if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) gx[i] += gy[i] * slope_of(f, x[i]);
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) gx[i] = gy[i] * slope_of(f, x[i]);
}

#define EACH_UNARY(DO) \
    DO(LERAY_GELU)     \
    DO(LERAY_TANH)     \
    DO(LERAY_RELU)     \
    DO(LERAY_SILU)     \
    DO(LERAY_SIGMOID)  \
    DO(LERAY_SIN)      \
    DO(LERAY_EXP)

static void unary(leray_unary f, size_t n, const void *x, void *y)
{
#define VALUE(id) \
    case id: unary_of(id, n, x, y); break;
    switch (f) {
        EACH_UNARY(VALUE)
    }
#undef VALUE
}

static void unary_backward(leray_unary f, size_t n, const void *x, const void *gy, void *gx,
                           bool adds)
{
#define SLOPE(id) \
    case id: unary_backward_of(id, n, x, gy, gx, adds); break;
    switch (f) {
        EACH_UNARY(SLOPE)
    }
#undef SLOPE
}

/* Whether a factor keeps its digits as a `real`. Those of gradients are as large as the fields are
   small: beyond, products are formed in double. */
static inline bool holds(double alpha)
{
    return alpha == 0 || (fabs(alpha) >= REAL_MIN && fabs(alpha) <= REAL_MAX);
}

static void scale(size_t n, double alpha, const void *px, void *py, bool adds)
{
    const real *x = px, a = (real)alpha;
    real *y = py;

    if (!holds(alpha))
        for (size_t i = 0; i < n; i++) y[i] = (real)((adds ? y[i] : 0) + alpha * (double)x[i]);
    else if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] += a * x[i];
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = a * x[i];
}

static void affine(size_t n, double alpha, double shift, const void *px, void *py)
{
    const real *x = px, a = (real)alpha, b = (real)shift;
    real *y = py;

#pragma omp simd
    for (size_t i = 0; i < n; i++) y[i] = a * x[i] + b;
}

static void multiply(size_t n, const void *pa, const void *pb, void *py, bool adds)
{
    const real *a = pa, *b = pb;
    real *y = py;

    if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] += a[i] * b[i];
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

static void difference(size_t n, double alpha, const void *pa, const void *pb, void *py, bool adds)
{
    const real *a = pa, *b = pb, c = (real)alpha;
    real *y = py;

    if (!holds(alpha))
        for (size_t i = 0; i < n; i++)
            y[i] = (real)((adds ? y[i] : 0) + alpha * ((double)a[i] - (double)b[i]));
    else if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] += c * (a[i] - b[i]);
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = c * (a[i] - b[i]);
}

static void fill(size_t n, double value, void *py, bool adds)
{
    real *y = py, v = (real)value;

    if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] += v;
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = v;
}

static double lanes_sum(const double lane[LANES])
{
    double s = 0;

    for (int l = 0; l < LANES; l++) s += lane[l];
    return s;
}

static double sum(size_t n, const void *px)
{
    const real *x = px;
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) lane[l] += (double)x[i + (size_t)l];
    for (; i < n; i++) lane[0] += (double)x[i];
    return lanes_sum(lane);
}

static double dot(size_t n, const void *pa, const void *pb)
{
    const real *a = pa, *b = pb;
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += (double)a[i + (size_t)l] * (double)b[i + (size_t)l];
    for (; i < n; i++) lane[0] += (double)a[i] * (double)b[i];
    return lanes_sum(lane);
}

static double distance2(size_t n, const void *pa, const void *pb)
{
    const real *a = pa, *b = pb;
    double lane[LANES] = {0}, d;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            double e = (double)a[i + (size_t)l] - (double)b[i + (size_t)l];

            lane[l] += e * e;
        }
    for (; i < n; i++) d = (double)a[i] - (double)b[i], lane[0] += d * d;
    return lanes_sum(lane);
}

static double variation(size_t n, const void *px, double mean)
{
    const real *x = px;
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            double e = (double)x[i + (size_t)l] - mean;

            lane[l] += e * e;
        }
    for (; i < n; i++) lane[0] += ((double)x[i] - mean) * ((double)x[i] - mean);
    return lanes_sum(lane);
}

static void blend(size_t n, double alpha, const void *pa, double beta, const void *pb, double shift,
                  void *py, bool adds)
{
    const real *a = pa, *b = pb, s = (real)alpha, t = (real)beta, c = (real)shift;
    real *y = py;

    if (adds)
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] += s * a[i] + (t * b[i] + c);
    else
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = s * a[i] + (t * b[i] + c);
}

static void bias(int rows, int n, const void *pbias, const void *pt, int ldt, void *py, size_t ld)
{
    for (int r = 0; r < rows; r++) {
        const real *t = (const real *)pt + (size_t)r * (size_t)ldt, b = ((const real *)pbias)[r];
        real *y = (real *)py + (size_t)r * ld;

#pragma omp simd
        for (int i = 0; i < n; i++) y[i] = t[i] + b;
    }
}

static void bias_gelu(int rows, int n, const void *pbias, const void *pt, int ldt, void *py,
                      void *pslope, size_t ld)
{
    for (int r = 0; r < rows; r++) {
        const real *t = (const real *)pt + (size_t)r * (size_t)ldt, b = ((const real *)pbias)[r];
        real *y = (real *)py + (size_t)r * ld;
        real *slope = pslope ? (real *)pslope + (size_t)r * ld : NULL;

        if (!slope)
#pragma omp simd
            for (int i = 0; i < n; i++) y[i] = gelu_value(t[i] + b);
        else
#pragma omp simd
            for (int i = 0; i < n; i++) gelu_both(t[i] + b, &y[i], &slope[i]);
    }
}

static void row_sums(int rows, int n, const void *px, int ldx, void *psum, bool adds)
{
    real *s = psum;

    for (int r = 0; r < rows; r++) {
        const real *x = (const real *)px + (size_t)r * (size_t)ldx;
        double total = sum((size_t)n, x);

        s[r] = (real)(adds ? (double)s[r] + total : total);
    }
}

static void adam(const leray_adam *step, size_t n, const void *pg, void *pw, void *pm, void *pv)
{
    const real gain = (real)step->gain, beta1 = (real)step->beta1, beta2 = (real)step->beta2;
    const real new1 = (real)(1 - step->beta1), new2 = (real)(1 - step->beta2);
    const real keep = (real)step->keep, rate = (real)step->rate, root = (real)step->root;
    const real epsilon = (real)step->epsilon, *restrict g = pg;
    real *restrict w = pw, *restrict m = pm, *restrict v = pv;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        real s = gain * g[i];

        m[i] = beta1 * m[i] + new1 * s;
        v[i] = beta2 * v[i] + new2 * s * s;
        w[i] = keep * w[i] - rate * m[i] / (root * square_root(v[i]) + epsilon);
    }
}

static void complex_join(size_t n, const void *p0, const void *p1, void *pre, void *pim)
{
    const real *restrict t0 = p0, *restrict t1 = p1;
    real *restrict re = pre, *restrict im = pim;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        re[i] = t0[2 * i] - t1[2 * i + 1];
        im[i] = t0[2 * i + 1] + t1[2 * i];
    }
}

static void complex_split(size_t n, const void *pre, const void *pim, void *pg, void *ph)
{
    const real *restrict re = pre, *restrict im = pim;
    real *restrict g = pg, *restrict h = ph;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        g[2 * i] = re[i];
        g[2 * i + 1] = im[i];
        h[2 * i] = im[i];
        h[2 * i + 1] = -re[i];
    }
}

static void butterfly(int rows, int n, void *first, void *last)
{
    for (int r = 0; r < rows; r++) {
        real *restrict a = (real *)first + r * n, *restrict b = (real *)last - r * n;

#pragma omp simd
        for (int i = 0; i < n; i++) {
            real sum_of = a[i] + b[i];

            b[i] = a[i] - b[i];
            a[i] = sum_of;
        }
    }
}

/* One mode: n numbers of each. */
static inline void fold_mode(int n, const real *restrict p_re, const real *restrict p_im,
                             const real *restrict q_re, const real *restrict q_im,
                             real *restrict plus, real *restrict minus, size_t plane)
{
    if (plus)
#pragma omp simd
        for (int i = 0; i < n; i++) {
            plus[i] = p_re[i] + q_im[i];
            plus[plane + (size_t)i] = p_im[i] - q_re[i];
        }
#pragma omp simd
    for (int i = 0; i < n; i++) {
        minus[i] = p_re[i] - q_im[i];
        minus[plane + (size_t)i] = p_im[i] + q_re[i];
    }
}

static void fold(int modes, int n, const void *pp, const void *pq, void *pplus, void *pminus,
                 size_t plane)
{
    const real *p = pp, *q = pq;
    ptrdiff_t im = (ptrdiff_t)modes * n;

    for (int k = 0; k < modes; k++, p += n) {
        size_t to = 2 * (size_t)k * plane;
        real *plus = pplus ? (real *)pplus + to : NULL;

        if (!q) {
            memcpy(plus, p, (size_t)n * sizeof *p);
            memcpy(plus + plane, p + im, (size_t)n * sizeof *p);
            continue;
        }
        fold_mode(n, p, p + im, q, q + im, plus, (real *)pminus + to, plane);
        q += n;
    }
}

static inline void unfold_mode(int n, const real *restrict plus, const real *restrict minus,
                               size_t plane, real *restrict p_re, real *restrict p_im,
                               real *restrict q_re, real *restrict q_im)
{
    if (plus)
#pragma omp simd
        for (int i = 0; i < n; i++) {
            real a = plus[i], b = plus[plane + (size_t)i], c = minus[i];
            real d = minus[plane + (size_t)i];

            p_re[i] = a + c, p_im[i] = b + d, q_re[i] = d - b, q_im[i] = a - c;
        }
    else
#pragma omp simd
        for (int i = 0; i < n; i++) {
            real c = minus[i], d = minus[plane + (size_t)i];

            p_re[i] = c, p_im[i] = d, q_re[i] = d, q_im[i] = -c;
        }
}

static void unfold(int modes, int n, const void *pplus, const void *pminus, size_t plane, void *pp,
                   void *pq)
{
    real *p = pp, *q = pq;
    ptrdiff_t im = (ptrdiff_t)modes * n;

    for (int k = 0; k < modes; k++, p += n) {
        size_t from = 2 * (size_t)k * plane;
        const real *plus = pplus ? (const real *)pplus + from : NULL;

        if (!q) {
            memcpy(p, plus, (size_t)n * sizeof *p);
            memcpy(p + im, plus + plane, (size_t)n * sizeof *p);
            continue;
        }
        unfold_mode(n, plus, (const real *)pminus + from, plane, p, p + im, q, q + im);
        q += n;
    }
}

#define LERAY_KERNELS_OF_SWEEPS                                                               \
    .unary = unary, .unary_backward = unary_backward, .scale = scale, .affine = affine,       \
    .multiply = multiply, .difference = difference, .fill = fill, .sum = sum, .dot = dot,     \
    .distance2 = distance2, .variation = variation, .blend = blend, .bias = bias,             \
    .bias_gelu = bias_gelu, .row_sums = row_sums, .adam = adam, .complex_join = complex_join, \
    .complex_split = complex_split, .butterfly = butterfly, .fold = fold, .unfold = unfold
