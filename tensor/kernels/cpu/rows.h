/* tensor/kernels/cpu/rows.h - softmax and interpolation along rows, for any real type. Private.

   A template as sweeps.h is, which says what is defined before. The largest element of a row is
   taken away before exp, so that nothing overflows. */

#include <stddef.h>

static void softmax(int rows, int n, const void *px, int ldx, void *py, int ldy)
{
    for (int r = 0; r < rows; r++) {
        const real *x = (const real *)px + (ptrdiff_t)r * ldx;
        real *y = (real *)py + (ptrdiff_t)r * ldy, top = x[0], total = 0;

#pragma omp simd reduction(max : top)
        for (int i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
#pragma omp simd reduction(+ : total)
        for (int i = 0; i < n; i++) {
            y[i] = exponential(x[i] - top);
            total += y[i];
        }
        total = 1 / total;
#pragma omp simd
        for (int i = 0; i < n; i++) y[i] *= total;
    }
}

static void softmax_back(int rows, int n, const void *py, int ldy, const void *pgy, int ldg,
                         void *pgx, int ldx, bool adds)
{
    for (int r = 0; r < rows; r++) {
        const real *y = (const real *)py + (ptrdiff_t)r * ldy;
        const real *gy = (const real *)pgy + (ptrdiff_t)r * ldg;
        real *gx = (real *)pgx + (ptrdiff_t)r * ldx, total = 0;

#pragma omp simd reduction(+ : total)
        for (int i = 0; i < n; i++) total += y[i] * gy[i];
        if (adds)
#pragma omp simd
            for (int i = 0; i < n; i++) gx[i] += y[i] * (gy[i] - total);
        else
#pragma omp simd
            for (int i = 0; i < n; i++) gx[i] = y[i] * (gy[i] - total);
    }
}

static void interpolate(int n, const void *px, const int *low, const int *high, const double *t,
                        void *py)
{
    const real *x = px;
    real *y = py;

    for (int i = 0; i < n; i++) {
        real a = x[low[i]], b = x[high[i]];

        y[i] = a + (real)t[i] * (b - a);
    }
}

static void interpolate_back(int n, const void *pgy, const int *low, const int *high,
                             const double *t, void *pgx)
{
    const real *gy = pgy;
    real *gx = pgx;

    for (int i = 0; i < n; i++) {
        real part = (real)t[i] * gy[i];

        gx[low[i]] += gy[i] - part;
        gx[high[i]] += part;
    }
}

#define LERAY_KERNELS_OF_ROWS                                                     \
    .softmax = softmax, .softmax_back = softmax_back, .interpolate = interpolate, \
    .interpolate_back = interpolate_back
