/* tensor/kernels/cpu/windows.h - the points under windows of a grid as columns, and back, for any
   real type: convolutions as matrix products, and pooling. Private.

   A template as sweeps.h is. Windows come in rows of the last axis; the part of a row that lies
   inside of the grid is one strided copy, the ends go through the rule for the edge. */

#include <stddef.h>
#include <string.h>

/* The point that stands at i, or -1 for none. */
static inline int point_at(leray_edge edge, int i, int n)
{
    if (i >= 0 && i < n) return i;
    if (edge == LERAY_EDGE_ZERO) return -1;
    if (edge == LERAY_EDGE_REPLICATE) return i < 0 ? 0 : n - 1;
    i %= n;
    return i < 0 ? i + n : i;
}

/* `count` windows in one row: element j of window o is on point start + o step of a row of n. */
typedef struct window_row {
    leray_edge edge;
    real outside;
    int n, start, step, count;
    int low, high; /* windows that lie inside of the row: low <= o < high */
} window_row;

static inline window_row row_at(const leray_conv_windows *w, int start, int count)
{
    int n = w->grid[2], step = w->stride[2];
    window_row r = {w->edge, (real)w->outside, n, start, step, count, 0, 0};

    r.low = start < 0 ? (-start + step - 1) / step : 0;
    r.high = start < n ? (n - 1 - start) / step + 1 : 0;
    r.low = r.low < count ? r.low : count;
    r.high = r.high < count ? r.high : count;
    r.high = r.high > r.low ? r.high : r.low;
    return r;
}

static inline void gather_end(const window_row *r, int from, int to, const real *x, real *y)
{
    for (int o = from; o < to; o++) {
        int i = point_at(r->edge, r->start + o * r->step, r->n);

        y[o] = i < 0 ? r->outside : x[i];
    }
}

static inline void gather_row(const window_row *r, const real *x, real *y)
{
    const real *from = x + r->start;

    gather_end(r, 0, r->low, x, y);
    if (r->step == 1)
        for (int o = r->low; o < r->high; o++) y[o] = from[o];
    else
        for (int o = r->low; o < r->high; o++) y[o] = from[o * r->step];
    gather_end(r, r->high, r->count, x, y);
}

static inline void scatter_end(const window_row *r, int from, int to, const real *y, real *x)
{
    for (int o = from; o < to; o++) {
        int i = point_at(r->edge, r->start + o * r->step, r->n);

        if (i >= 0) x[i] += y[o];
    }
}

static inline void scatter_row(const window_row *r, const real *y, real *x)
{
    real *to = x + r->start;

    scatter_end(r, 0, r->low, y, x);
    if (r->step == 1)
#pragma omp simd
        for (int o = r->low; o < r->high; o++) to[o] += y[o];
    else
        for (int o = r->low; o < r->high; o++) to[o * r->step] += y[o];
    scatter_end(r, r->high, r->count, y, x);
}

/* One element of the window, at (j0, j1, j2), for the windows first .. first + count of a
   channel; takes them from x (add NULL) or adds them to it. */
static inline void move_element(const leray_conv_windows *w, const int j[3], size_t first,
                                int count, const real *x, real *column, real *add)
{
    int at[3] = {(int)(first / (size_t)w->windows[2] / (size_t)w->windows[1]),
                 (int)(first / (size_t)w->windows[2] % (size_t)w->windows[1]),
                 (int)(first % (size_t)w->windows[2])};

    while (count > 0) {
        int size = w->windows[2] - at[2] < count ? w->windows[2] - at[2] : count, point[3];

        for (int d = 0; d < 3; d++)
            point[d] = at[d] * w->stride[d] + j[d] * w->dilation[d] - w->before[d];
        for (int d = 0; d < 2; d++) point[d] = point_at(w->edge, point[d], w->grid[d]);
        if (point[0] >= 0 && point[1] >= 0) {
            ptrdiff_t row = ((ptrdiff_t)point[0] * w->grid[1] + point[1]) * w->grid[2];
            window_row r = row_at(w, point[2], size);

            if (add) scatter_row(&r, column, add + row);
            else gather_row(&r, x + row, column);
        } else if (!add)
            for (int o = 0; o < size; o++) column[o] = (real)w->outside;
        column += size;
        count -= size;
        at[2] = 0;
        if (++at[1] == w->windows[1]) at[1] = 0, at[0]++;
    }
}

static inline void move_windows(const leray_conv_windows *w, int channels, size_t first, int count,
                                const real *x, real *columns, int ld, real *add)
{
    size_t points = (size_t)w->grid[0] * (size_t)w->grid[1] * (size_t)w->grid[2];
    int j[3];

    for (int c = 0; c < channels; c++)
        for (j[0] = 0; j[0] < w->kernel[0]; j[0]++)
            for (j[1] = 0; j[1] < w->kernel[1]; j[1]++)
                for (j[2] = 0; j[2] < w->kernel[2]; j[2]++, columns += ld)
                    move_element(w, j, first, count, add ? NULL : x + (size_t)c * points, columns,
                                 add ? add + (size_t)c * points : NULL);
}

static void gather(const leray_conv_windows *w, int channels, const void *x, size_t first,
                   int count, void *columns, int ld)
{
    move_windows(w, channels, first, count, x, columns, ld, NULL);
}

static void scatter(const leray_conv_windows *w, int channels, const void *pcolumns, int ld,
                    size_t first, int count, void *x)
{
    real *columns;

    memcpy(&columns, &pcolumns, sizeof columns); /* only read where they are added */
    move_windows(w, channels, first, count, NULL, columns, ld, x);
}

static void largest(int rows, int n, const void *pcolumns, int ld, void *py, int *arg)
{
    const real *columns = pcolumns;
    real *restrict y = py;

    for (int p = 0; p < n; p++) y[p] = columns[p];
    if (arg)
        for (int p = 0; p < n; p++) arg[p] = 0;
    for (int r = 1; r < rows; r++) {
        const real *restrict x = columns + (ptrdiff_t)r * ld;

        if (arg)
#pragma omp simd
            for (int p = 0; p < n; p++) arg[p] = x[p] > y[p] ? r : arg[p];
#pragma omp simd
        for (int p = 0; p < n; p++) y[p] = x[p] > y[p] ? x[p] : y[p];
    }
}

static void largest_back(int rows, int n, const int *arg, const void *pgy, void *pcolumns, int ld)
{
    const real *gy = pgy;

    for (int r = 0; r < rows; r++) {
        real *restrict x = (real *)pcolumns + (ptrdiff_t)r * ld;

#pragma omp simd
        for (int p = 0; p < n; p++) x[p] = arg[p] == r ? gy[p] : 0;
    }
}

#define LERAY_KERNELS_OF_WINDOWS \
    .gather = gather, .scatter = scatter, .largest = largest, .largest_back = largest_back
