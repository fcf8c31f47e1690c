/* tensor/kernels/cpu/small_gemm.c - c [m, n] = op(a) op(b) + [c] in single precision, for the
   many small products of a model. A general library spends more on the call (checks, buffers,
   copies of both factors) than on a product of 32 rows: measured on Zen 3, 16 Gflop/s for
   16 x 16 x 16.

   c is computed in panels of up to three vectors of columns. Within a panel a block of rows
   stays in registers over the whole depth while the elements of op(a) are broadcast; rows times
   vectors is chosen to keep the latency of the multiply-add hidden. op(b) is read where it is,
   or through a copy of the panel: where b is transposed, where the panel is not full, and where
   the rows of b are so far apart that they fight for one set of the cache. */
#include "tensor/kernels/cpu/small_gemm.h"
#include "tensor/kernels/cpu/tables.h"
#include "tensor/kernels/cpu/transpose.h"

#include <stddef.h>
#include <string.h>

#if defined(__GNUC__)

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
#define WIDEST 3        /* vectors of a panel */
#define DEPTH 256       /* of a panel */
#define FAR 1024        /* distance of rows, in floats, from which a copy of the panel pays */
#define LARGE (1 << 17) /* elements of a, from which the library is better */
#define ALWAYS inline __attribute__((always_inline))

typedef float vector __attribute__((vector_size(4 * LANES)));

typedef struct block {
    int k;
    const float *a, *b;
    ptrdiff_t row, step; /* from one row of op(a) to the next, and along the depth */
    ptrdiff_t ldb;
    float *c;
    ptrdiff_t ldc;
    int columns; /* of c that the panel covers */
    bool adds;
} block;

static inline vector load(const float *p)
{
    vector v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(float *c, vector v, bool adds)
{
    if (adds) v += load(c);
    memcpy(c, &v, sizeof v);
}

/* One row of a panel that is not full. */
static void store_part(const block *x, float *c, const float *row)
{
    for (int j = 0; j < x->columns; j++) c[j] = x->adds ? c[j] + row[j] : row[j];
}

/* rows and width are constants where this is called, so that sum lives in registers. Three rows
   share a pointer: what lies between them is a multiple that an address can hold. */
static ALWAYS void compute(const block *x, const int rows, const int width)
{
    vector sum[12][8], v[8];
    const float *a[4], *b = x->b;
    ptrdiff_t row = x->row;

#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
        for (int j = 0; j < width; j++) sum[i][j] = (vector){0};
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) a[i] = x->a + 3 * i * row;
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++) __builtin_prefetch(x->c + i * x->ldc, 1);
#pragma GCC unroll 2
    for (int l = 0; l < x->k; l++, b += x->ldb) {
#pragma GCC unroll 8
        for (int j = 0; j < width; j++) v[j] = load(b + j * LANES);
#pragma GCC unroll 12
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
            for (int j = 0; j < width; j++) sum[i][j] += a[i / 3][i % 3 * row] * v[j];
#pragma GCC unroll 4
        for (int i = 0; i < (rows + 2) / 3; i++) a[i] += x->step;
    }
    if (x->columns == width * LANES) {
#pragma GCC unroll 12
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
            for (int j = 0; j < width; j++)
                store(x->c + i * x->ldc + j * LANES, sum[i][j], x->adds);
    } else {
        float part[8 * LANES];

#pragma GCC unroll 12
        for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
            for (int j = 0; j < width; j++) memcpy(part + j * LANES, &sum[i][j], sizeof(vector));
            store_part(x, x->c + i * x->ldc, part);
        }
    }
}

/* `rows` as a constant; none above `most` is compiled. */
static ALWAYS void compute_rows(const block *x, int rows, const int most, const int width)
{
#define ROWS(n)                              \
    case n:                                  \
        if (n <= most) compute(x, n, width); \
        break
    switch (rows) {
        ROWS(1);
        ROWS(2);
        ROWS(3);
        ROWS(4);
        ROWS(5);
        ROWS(6);
        ROWS(7);
        ROWS(8);
        ROWS(9);
        ROWS(10);
        ROWS(11);
        ROWS(12);
    }
#undef ROWS
}

/* Blocks of at most `most` rows, as even as they come. */
static ALWAYS void compute_blocks(const block *x, int rows, const int most, const int width)
{
    block y = *x;
    int blocks = (rows + most - 1) / most, size = rows / blocks, more = rows % blocks;

    for (int i = 0; i < blocks; i++) {
        int count = size + (i < more);

        compute_rows(&y, count, most, width);
        y.a += count * y.row;
        y.c += count * y.ldc;
    }
}

static void compute_panel(const block *x, int rows, int width)
{
    if (width == 8) compute(x, 1, 8);
    else if (width == 3) compute_blocks(x, rows, LANES == 16 ? 8 : 4, 3);
    else if (width == 2) compute_blocks(x, rows, LANES == 16 ? 12 : 6, 2);
    else compute_blocks(x, rows, 12, 1);
}

/* A copy of op(b) [k, columns] of one panel, with zeros behind its last column. */
static void pack(char tb, const block *x, int width, float *panel)
{
    size_t n = (size_t)width * LANES, ldb = (size_t)x->ldb;

    if (x->columns < (int)n) memset(panel, 0, (size_t)x->k * n * sizeof *panel);
    if (tb == 'T') {
        leray_transpose_f32(x->columns, x->k, x->b, ldb, panel, n);
        return;
    }
    for (size_t l = 0; l < (size_t)x->k; l++) {
        const float *from = x->b + l * ldb;
        float *to = panel + l * n;

        if (x->columns < (int)n) memcpy(to, from, (size_t)x->columns * sizeof *to);
        else
            for (int j = 0; j < width; j++) store(to + j * LANES, load(from + j * LANES), false);
    }
}

/* Vectors of the next panel, of `columns` that are left: threes where they come out even. */
static int width_of(int m, char tb, int columns)
{
    int vectors = (columns + LANES - 1) / LANES;

    if (m == 1 && tb == 'N' && columns >= 8 * LANES) return 8;
    if (vectors % 2 == 1 && vectors >= WIDEST) return WIDEST;
    return vectors < 2 ? vectors : 2;
}

/* Over a piece of the depth. */
static void multiply_piece(char tb, int m, int n, const block *whole)
{
    float panel[DEPTH * WIDEST * LANES] __attribute__((aligned(64)));

    for (int j = 0, width; j < n; j += width * LANES) {
        block x = *whole;

        width = width_of(m, tb, n - j);
        x.b += tb == 'T' ? j * x.ldb : j;
        x.c += j;
        x.columns = n - j < width * LANES ? n - j : width * LANES;
        if (tb == 'T' || x.columns < width * LANES || (x.ldb >= FAR && m >= 16)) {
            pack(tb, &x, width, panel);
            x.b = panel;
            x.ldb = width * LANES;
        }
        compute_panel(&x, m, width);
    }
}

/* Rows of a [m, k] times rows of b [n, k], for so few rows of a that a transposed copy of b
   would be most of the work. */
static void dots(int m, int n, const block *x)
{
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) {
            const float *a = x->a + i * x->row, *b = x->b + j * x->ldb;
            vector sum[4] = {{0}};
            float part[LANES], total = 0, *c = x->c + i * x->ldc + j;
            int l = 0;

            for (; l + 4 * LANES <= x->k; l += 4 * LANES)
                for (int q = 0; q < 4; q++)
                    sum[q] += load(a + l + q * LANES) * load(b + l + q * LANES);
            sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
            memcpy(part, &sum[0], sizeof part);
            for (; l < x->k; l++) total += a[l] * b[l];
            for (int q = 0; q < LANES; q++) total += part[q];
            *c = x->adds ? *c + total : total;
        }
}

bool leray_small_gemm_f32(char ta, char tb, int m, int n, int k, const float *a, int lda,
                          const float *b, int ldb, bool adds, float *c, int ldc)
{
    bool at = ta == 'T', bt = tb == 'T';
    block x = {.a = a,
               .b = b,
               .row = at ? 1 : lda,
               .step = at ? lda : 1,
               .ldb = ldb,
               .c = c,
               .ldc = ldc,
               .adds = adds,
               .k = k};

    if ((size_t)m * (size_t)k > LARGE || (n > 512 && k > DEPTH)) return false;
    if (bt && !at && m < 4) {
        dots(m, n, &x);
        return true;
    }
    for (int l = 0; l < k; l += DEPTH) {
        x.k = k - l < DEPTH ? k - l : DEPTH;
        multiply_piece(tb, m, n, &x);
        x.a += x.k * x.step;
        x.b += bt ? x.k : x.k * x.ldb;
        x.adds = true;
    }
    return true;
}

#else

bool leray_small_gemm_f32(char ta, char tb, int m, int n, int k, const float *a, int lda,
                          const float *b, int ldb, bool adds, float *c, int ldc)
{
    (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)a, (void)lda, (void)b, (void)ldb;
    (void)adds, (void)c, (void)ldc;
    return false;
}

#endif
