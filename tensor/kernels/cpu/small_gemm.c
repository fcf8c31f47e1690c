/* tensor/kernels/cpu/small_gemm.c - few rows times a tile of a field: op(a) [m, k] b [k, n] where
   the rows of b are far apart in memory, as the channels of a tile are. Rows a power of two apart
   fight for one cache set, which costs oneDNN half its speed here (measured: 32 against 56
   Gflop/s for m = k = 32, n = 512 on Zen 3). So a panel of b, two vectors wide, is copied, and
   blocks of ROWS x panel stay in registers over the whole depth while the elements of a are
   broadcast. */
#include "tensor/kernels/cpu/small_gemm.h"
#include "tensor/kernels/cpu/tables.h"

#include <stddef.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#define ROWS 12
#else
#define LANES 8
#define ROWS 6
#endif
#define PANEL (2 * LANES)
#define DEPTH 256 /* of a panel: at most 32 KiB */
#define FAR 1024  /* distance of rows, in floats, from which the copy pays */

#if defined(__GNUC__)

typedef float vector __attribute__((vector_size(4 * LANES)));

typedef struct block {
    int k;
    const float *a;
    ptrdiff_t row, step; /* from one row of op(a) to the next, and along the depth */
    const float *panel;  /* [k, PANEL] */
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

/* Columns of row i that a narrower last panel has. */
static void store_tail(const block *x, int i, const vector sum[2])
{
    float *c = x->c + i * x->ldc, row[PANEL];

    memcpy(row, sum, sizeof row);
    for (int j = 0; j < x->columns; j++) c[j] = x->adds ? c[j] + row[j] : row[j];
}

static inline void store(float *c, vector v, bool adds)
{
    if (adds) v += load(c);
    memcpy(c, &v, sizeof v);
}

/* rows is a constant where this is called, so that sum lives in registers. */
static inline __attribute__((always_inline)) void compute(const block *x, const int rows)
{
    vector sum[ROWS][2] = {{{0}}};
    const float *a = x->a, *b = x->panel;

    for (int l = 0; l < x->k; l++, a += x->step, b += PANEL) {
        vector b0 = load(b), b1 = load(b + LANES);

#pragma GCC unroll 12
        for (int i = 0; i < rows; i++) {
            float s = a[i * x->row];

            sum[i][0] += s * b0;
            sum[i][1] += s * b1;
        }
    }
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
        if (x->columns == PANEL) {
            store(x->c + i * x->ldc, sum[i][0], x->adds);
            store(x->c + i * x->ldc + LANES, sum[i][1], x->adds);
        } else {
            store_tail(x, i, sum[i]);
        }
}

/* Blocks of ROWS and of 4, which keeps all registers busy as well, then single rows. */
static void compute_rows(const block *x, int rows)
{
    block y = *x;
    int fours = 0, i = 0;

    while (fours < ROWS && rows >= 4 * (fours + 1) && (rows - 4 * fours) % ROWS > 1) fours++;
    for (; i + ROWS <= rows - 4 * fours; i += ROWS, y.a += ROWS * y.row, y.c += ROWS * y.ldc)
        compute(&y, ROWS);
    for (; i + 4 <= rows; i += 4, y.a += 4 * y.row, y.c += 4 * y.ldc) compute(&y, 4);
    for (; i < rows; i++, y.a += y.row, y.c += y.ldc) compute(&y, 1);
}

static void pack(int k, int columns, const float *b, ptrdiff_t ldb, float *panel)
{
    if (columns < PANEL) memset(panel, 0, (size_t)k * PANEL * sizeof *panel);
    for (int l = 0; l < k; l++)
        if (columns == PANEL) memcpy(panel + l * PANEL, b + l * ldb, PANEL * sizeof *b);
        else memcpy(panel + l * PANEL, b + l * ldb, (size_t)columns * sizeof *b);
}

bool leray_small_gemm_f32(char ta, int m, int n, int k, const float *a, int lda, const float *b,
                          int ldb, bool adds, float *c, int ldc)
{
    float panel[DEPTH * PANEL] __attribute__((aligned(64)));
    bool at = ta == 'T';

    if (m < 16 || m > 256 || n < 2 * PANEL || k < 8 || k > DEPTH || ldb < FAR) return false;
    for (int j = 0; j < n; j += PANEL) {
        block x = {.k = k,
                   .a = a,
                   .row = at ? 1 : lda,
                   .step = at ? lda : 1,
                   .panel = panel,
                   .c = c + j,
                   .ldc = ldc,
                   .columns = n - j < PANEL ? n - j : PANEL,
                   .adds = adds};

        pack(k, x.columns, b + j, ldb, panel);
        compute_rows(&x, m);
    }
    return true;
}

#else

bool leray_small_gemm_f32(char ta, int m, int n, int k, const float *a, int lda, const float *b,
                          int ldb, bool adds, float *c, int ldc)
{
    (void)ta, (void)m, (void)n, (void)k, (void)a, (void)lda, (void)b, (void)ldb;
    (void)adds, (void)c, (void)ldc;
    return false;
}

#endif
