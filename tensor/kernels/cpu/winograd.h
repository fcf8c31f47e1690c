/* tensor/kernels/cpu/winograd.h - the transforms of Winograd's F(2 x 2, 3 x 3), for any real type
   (tensor/algorithms/winograd.h has the mathematics). Private.

   A template as sweeps.h is; uses the rows of windows.h. Loops run over the tiles of a row, so
   that they are vectorised. Each of the 16 elements of transformed tiles has its own plane. */

#include <stddef.h>
#include <string.h>

/* A row of `width` points from -before on; y counts from the first row of the padded grid. */
static inline void padded_row(const leray_conv_windows *w, const real *x, int y, int width,
                              real *to)
{
    int i = point_at(w->edge, y - w->before[1], w->grid[1]);
    leray_conv_windows shifted = *w;
    window_row r;

    shifted.stride[2] = 1;
    r = row_at(&shifted, -w->before[2], width);
    if (i >= 0) gather_row(&r, x + (ptrdiff_t)i * w->grid[2], to);
    else
        for (int p = 0; p < width; p++) to[p] = (real)w->outside;
}

/* Its points 2 t and 2 t + 1 apart, `half` of each: every loop below then runs over neighbours. */
static inline void split_row(const real *restrict row, int half, real *restrict even)
{
    real *odd = even + half;

#pragma omp simd
    for (int t = 0; t < half; t++) {
        even[t] = row[2 * t];
        odd[t] = row[2 * t + 1];
    }
}

/* b^T d b of the `across` tiles between four split rows d; s has room for four. */
static inline void transform_input(const real *const d[4], real *restrict s, int across,
                                   real *restrict v, size_t plane)
{
    const real *restrict d0 = d[0], *restrict d1 = d[1], *restrict d2 = d[2], *restrict d3 = d[3];
    int half = across + 1, width = 2 * half;

#pragma omp simd
    for (int p = 0; p < width; p++) {
        s[p] = d0[p] - d2[p];
        s[width + p] = d1[p] + d2[p];
        s[2 * width + p] = d2[p] - d1[p];
        s[3 * width + p] = d1[p] - d3[p];
    }
    for (int i = 0; i < 4; i++, s += width, v += 4 * plane)
#pragma omp simd
        for (int t = 0; t < across; t++) {
            real a = s[t], b = s[half + t], c = s[t + 1], e = s[half + t + 1];

            v[t] = a - c;
            v[plane + (size_t)t] = b + c;
            v[2 * plane + (size_t)t] = c - b;
            v[3 * plane + (size_t)t] = b - e;
        }
}

/* A tile shares two of its four rows with the one below. */
static void winograd_input(const leray_conv_windows *w, int channels, const void *px, int first,
                           int rows, void *pv, size_t plane, int ld, void *room)
{
    int across = (w->windows[2] + 1) / 2, width = 2 * across + 2;
    size_t points = (size_t)w->grid[1] * (size_t)w->grid[2];
    real *row = room, *s = row + width, *d[4];
    const real *four[4];

    for (int i = 0; i < 4; i++) d[i] = s + (4 + i) * (ptrdiff_t)width;
    for (int c = 0; c < channels; c++)
        for (int r = 0; r < rows; r++) {
            const real *x = (const real *)px + (size_t)c * points;
            real *v = (real *)pv + (ptrdiff_t)c * ld + (ptrdiff_t)r * across;

            for (int i = r ? 2 : 0; i < 4; i++) {
                padded_row(w, x, 2 * (first + r) + i, width, row);
                split_row(row, across + 1, d[(2 * r + i) % 4]);
            }
            for (int i = 0; i < 4; i++) four[i] = d[(2 * r + i) % 4];
            transform_input(four, s, across, v, plane);
        }
}

/* Two rows [2, 2 across] of a^T m a; s has room for 8 across. */
static inline void transform_output(const real *restrict m, size_t plane, int across,
                                    real *restrict s, real *restrict y)
{
    real *other = y + 2 * across, *s1 = s + 4 * across;

    for (int j = 0; j < 4; j++, m += plane)
#pragma omp simd
        for (int t = 0; t < across; t++) {
            real a = m[4 * plane + (size_t)t], b = m[8 * plane + (size_t)t];

            s[j * across + t] = m[t] + (a + b);
            s1[j * across + t] = (a - b) - m[12 * plane + (size_t)t];
        }
#pragma omp simd
    for (int t = 0; t < across; t++) {
        y[2 * t] = s[t] + (s[across + t] + s[2 * across + t]);
        y[2 * t + 1] = (s[across + t] - s[2 * across + t]) - s[3 * across + t];
        other[2 * t] = s1[t] + (s1[across + t] + s1[2 * across + t]);
        other[2 * t + 1] = (s1[across + t] - s1[2 * across + t]) - s1[3 * across + t];
    }
}

static void winograd_output(const leray_conv_windows *w, int filters, const void *pm, size_t plane,
                            int ld, int first, int rows, const void *pbias, void *py, bool adds,
                            void *room)
{
    int nx = w->windows[2], across = (nx + 1) / 2;
    real *rows2 = room, *s = rows2 + 4 * across;

    for (int f = 0; f < filters; f++)
        for (int r = 0; r < rows; r++) {
            int y0 = 2 * (first + r), count = w->windows[1] - y0 < 2 ? 1 : 2;
            real *y = (real *)py + ((ptrdiff_t)f * w->windows[1] + y0) * nx;
            real shift = pbias ? ((const real *)pbias)[f] : 0;

            transform_output((const real *)pm + (ptrdiff_t)f * ld + (ptrdiff_t)r * across, plane,
                             across, s, rows2);
            for (int i = 0; i < count; i++, y += nx)
                if (adds)
#pragma omp simd
                    for (int p = 0; p < nx; p++) y[p] += rows2[2 * i * across + p] + shift;
                else
#pragma omp simd
                    for (int p = 0; p < nx; p++) y[p] = rows2[2 * i * across + p] + shift;
        }
}

/* a g a^T of two rows g [2, 2 across]. */
static inline void transform_gradient(const real *restrict g, int across, real *restrict m,
                                      size_t plane)
{
    const real *h = g + 2 * across;

#pragma omp simd
    for (int t = 0; t < across; t++) {
        real a = g[2 * t], b = g[2 * t + 1], c = h[2 * t], d = h[2 * t + 1];
        real row[4][2] = {
            {a,     b    },
            {a + c, b + d},
            {a - c, b - d},
            {-c,    -d   }
        };

        for (int i = 0; i < 4; i++) {
            real *to = m + 4 * (size_t)i * plane + (size_t)t;

            to[0] = row[i][0];
            to[plane] = row[i][0] + row[i][1];
            to[2 * plane] = row[i][0] - row[i][1];
            to[3 * plane] = -row[i][1];
        }
    }
}

static void winograd_gradient(const leray_conv_windows *w, int filters, const void *pg, int first,
                              int rows, void *pm, size_t plane, int ld, void *room)
{
    int nx = w->windows[2], across = (nx + 1) / 2;
    real *two = room;

    for (int f = 0; f < filters; f++)
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < 2; i++) {
                int y = 2 * (first + r) + i;
                const real *g = (const real *)pg + ((ptrdiff_t)f * w->windows[1] + y) * nx;
                real *to = two + 2 * (ptrdiff_t)i * across;

                for (int p = 0; p < nx; p++) to[p] = y < w->windows[1] ? g[p] : 0;
                for (int p = nx; p < 2 * across; p++) to[p] = 0;
            }
            transform_gradient(two, across, (real *)pm + (ptrdiff_t)f * ld + (ptrdiff_t)r * across,
                               plane);
        }
}

/* Kernels are transformed SIDE at a time: element e of kernel i in [e][i]. */
#define SIDE 16

/* G w along one direction: w_0, w_1, w_2 to u_0 .. u_3. */
static inline void expand(const real *w0, const real *w1, const real *w2, real (*u)[SIDE])
{
#pragma omp simd
    for (int i = 0; i < SIDE; i++) {
        real ends = w0[i] + w2[i];

        u[0][i] = w0[i];
        u[1][i] = (real)0.5 * (ends + w1[i]);
        u[2][i] = (real)0.5 * (ends - w1[i]);
        u[3][i] = w2[i];
    }
}

/* G^T u. */
static inline void contract(real (*u)[SIDE], ptrdiff_t step, real (*w)[SIDE])
{
#pragma omp simd
    for (int i = 0; i < SIDE; i++) {
        real half = (real)0.5 * (u[step][i] + u[2 * step][i]);

        w[0][i] = u[0][i] + half;
        w[1][i] = (real)0.5 * (u[step][i] - u[2 * step][i]);
        w[2][i] = half + u[3 * step][i];
    }
}

/* G w G^T of `count` kernels, at most SIDE. */
static void expand_kernels(int count, const real *w, size_t step, bool flip, real *u, size_t plane)
{
    real g[9][SIDE] = {{0}}, half[3][4][SIDE], row[4][SIDE];

    for (int i = 0; i < count; i++)
        for (int e = 0; e < 9; e++) g[flip ? 8 - e : e][i] = w[(size_t)i * step + (size_t)e];
    for (int j = 0; j < 3; j++) expand(g[j], g[3 + j], g[6 + j], half[j]);
    for (int k = 0; k < 4; k++) {
        expand(half[0][k], half[1][k], half[2][k], row);
        for (int j = 0; j < 4; j++)
            memcpy(u + (size_t)(4 * k + j) * plane, row[j], (size_t)count * sizeof *u);
    }
}

/* Rows innermost: where they are neighbours in memory, columns far apart stay in cache. */
static void winograd_weights(int rows, int n, const void *w, size_t row, size_t column, bool flip,
                             void *u, size_t plane)
{
    for (int c = 0; c < n; c += SIDE)
        for (int r = 0; r < rows; r++)
            expand_kernels(n - c < SIDE ? n - c : SIDE,
                           (const real *)w + (size_t)r * row + (size_t)c * column, column, flip,
                           (real *)u + (size_t)r * (size_t)n + c, plane);
}

static void winograd_weights_back(int n, const void *pu, size_t plane, void *pw, bool adds)
{
    real u[16][SIDE] = {{0}}, half[4][3][SIDE], g[9][SIDE];

    for (int c = 0; c < n; c += SIDE) {
        real *w = (real *)pw + 9 * (ptrdiff_t)c;
        int count = n - c < SIDE ? n - c : SIDE;

        for (size_t k = 0; k < 16; k++)
            memcpy(u[k], (const real *)pu + k * plane + c, (size_t)count * sizeof **u);
        for (int j = 0; j < 4; j++) contract(u + j, 4, half[j]);
        for (int i = 0; i < 3; i++) {
            real columns[4][SIDE];

            for (int j = 0; j < 4; j++) memcpy(columns[j], half[j][i], sizeof columns[j]);
            contract(columns, 1, g + 3 * i);
        }
        for (int i = 0; i < count; i++)
            for (int e = 0; e < 9; e++) w[9 * i + e] = adds ? w[9 * i + e] + g[e][i] : g[e][i];
    }
}

#undef SIDE

#define LERAY_KERNELS_OF_WINOGRAD                                                 \
    .winograd_input = winograd_input, .winograd_output = winograd_output,         \
    .winograd_gradient = winograd_gradient, .winograd_weights = winograd_weights, \
    .winograd_weights_back = winograd_weights_back
