/* tensor/kernels/cpu/lanes.h - the same small matrix product in every lane of the last extent,
   each lane with matrices of its own: c[i, j, l] = [c +-] sum_r a[i, r, l] b[r, j, l]. A template
   over `real`, included by f32.c and f64.c. Private.

   Vectors run along l, so no matrix is gathered. A tile of rows and columns of c stays in
   registers over the whole depth. Lanes behind the last full
   vector are computed with the vector that ends with them, and only they are stored. */

#if defined(__AVX512F__)
#define LANES_BYTES 64
#define LANES_ROWS 4
#define LANES_COLUMNS 4
#elif defined(__AVX__)
#define LANES_BYTES 32
#define LANES_ROWS 3
#define LANES_COLUMNS 4
#else
#define LANES_BYTES 16
#define LANES_ROWS 3
#define LANES_COLUMNS 4
#endif
#define LANES_DEPTH 128 /* of a copied panel of b */
#define LANES_OFTEN 6   /* tiles that read a copy, from which it pays */
#define LANES_COPY 1024 /* vectors of a copy of a */
#define LANES_WIDTH ((int)(LANES_BYTES / sizeof(real)))

#if defined(__GNUC__)

typedef real lanes_vector __attribute__((vector_size(LANES_BYTES)));

static inline lanes_vector lanes_load(const real *p)
{
    lanes_vector v;

    memcpy(&v, p, sizeof v);
    return v;
}

/* The last `count` lanes of v with sign to where c holds all of them. */
static inline void lanes_store(real *c, lanes_vector v, const leray_lanes *x, int count)
{
    real part[LANES_BYTES / sizeof(real)];

    if (x->sign < 0) v = -v;
    if (count == LANES_WIDTH) {
        if (x->adds) v += lanes_load(c);
        memcpy(c, &v, sizeof v);
        return;
    }
    memcpy(part, &v, sizeof part);
    for (int l = LANES_WIDTH - count; l < LANES_WIDTH; l++)
        c[l] = x->adds ? c[l] + part[l] : part[l];
}

/* rows and columns are constants where this is called, so that sum lives in registers. */
static inline __attribute__((always_inline)) void lanes_tile(const leray_lanes *x, const real *a,
                                                             const real *b, real *c, int count,
                                                             const int rows, const int columns)
{
    lanes_vector sum[LANES_ROWS][LANES_COLUMNS], v[LANES_ROWS];

#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < columns; j++) sum[i][j] = (lanes_vector){0};
    for (int r = 0; r < x->depth; r++, a += x->a_depth, b += x->b_depth) {
#pragma GCC unroll 4
        for (int i = 0; i < rows; i++) v[i] = lanes_load(a + (size_t)i * x->a_row);
#pragma GCC unroll 4
        for (int j = 0; j < columns; j++) {
            lanes_vector w = lanes_load(b + (size_t)j * x->b_column);

#pragma GCC unroll 4
            for (int i = 0; i < rows; i++) sum[i][j] += v[i] * w;
        }
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < columns; j++)
            lanes_store(c + (size_t)i * x->c_row + (size_t)j * x->c_column, sum[i][j], x, count);
}

/* rows <= LANES_ROWS, columns <= LANES_COLUMNS: a whole tile, or single rows or columns at the
   edges. */
static void lanes_block(const leray_lanes *x, const real *a, const real *b, real *c, int count,
                        int rows, int columns)
{
    bool tall = rows == LANES_ROWS, wide = columns == LANES_COLUMNS;

    if (tall && wide) {
        lanes_tile(x, a, b, c, count, LANES_ROWS, LANES_COLUMNS);
        return;
    }
    for (int i = 0; i < rows; i += tall ? LANES_ROWS : 1)
        for (int j = 0; j < columns; j += wide ? LANES_COLUMNS : 1) {
            const real *p = a + (size_t)i * x->a_row, *q = b + (size_t)j * x->b_column;
            real *to = c + (size_t)i * x->c_row + (size_t)j * x->c_column;

            if (tall) lanes_tile(x, p, q, to, count, LANES_ROWS, 1);
            else if (wide) lanes_tile(x, p, q, to, count, 1, LANES_COLUMNS);
            else lanes_tile(x, p, q, to, count, 1, 1);
        }
}

/* Columns j .. of one vector of lanes from l on, with a as it is in x. */
static void lanes_panel(const leray_lanes *x, int j, int columns, int l, int count)
{
    real panel[LANES_DEPTH * LANES_COLUMNS * (LANES_BYTES / sizeof(real))]
        __attribute__((aligned(LANES_BYTES)));
    const real *b = (const real *)x->b + (size_t)j * x->b_column + l;
    leray_lanes y = *x;

    if (x->depth <= LANES_DEPTH && x->rows >= LANES_OFTEN * LANES_ROWS) {
        for (int r = 0; r < x->depth; r++)
            for (int k = 0; k < columns; k++)
                memcpy(panel + (r * columns + k) * LANES_WIDTH,
                       b + (size_t)r * x->b_depth + (size_t)k * x->b_column, LANES_BYTES);
        b = panel;
        y.b_column = (size_t)LANES_WIDTH;
        y.b_depth = (size_t)columns * y.b_column;
    }
    for (int i = 0; i < x->rows; i += LANES_ROWS)
        lanes_block(&y, (const real *)x->a + (size_t)i * x->a_row, b,
                    (real *)x->c + (size_t)i * x->c_row + (size_t)j * x->c_column + l, count,
                    x->rows - i < LANES_ROWS ? x->rows - i : LANES_ROWS, columns);
}

/* One vector of lanes from l on. What lies between its elements may fight for one set of the
   cache and is of no use here, so a is copied once, and b by panels of columns. */
static void lanes_all_columns(const leray_lanes *x, int l, int count)
{
    real copy[LANES_COPY * (LANES_BYTES / sizeof(real))] __attribute__((aligned(LANES_BYTES)));
    const real *a = (const real *)x->a + l;
    leray_lanes y = *x;

    y.a = a;
    if (x->columns >= LANES_OFTEN * LANES_COLUMNS && (long)x->rows * x->depth <= LANES_COPY) {
        for (int i = 0; i < x->rows; i++)
            for (int r = 0; r < x->depth; r++)
                memcpy(copy + (i * x->depth + r) * LANES_WIDTH,
                       a + (size_t)i * x->a_row + (size_t)r * x->a_depth, LANES_BYTES);
        y.a = copy;
        y.a_depth = (size_t)LANES_WIDTH;
        y.a_row = (size_t)x->depth * y.a_depth;
    }
    for (int j = 0; j < x->columns; j += LANES_COLUMNS)
        lanes_panel(&y, j, x->columns - j < LANES_COLUMNS ? x->columns - j : LANES_COLUMNS, l,
                    count);
}

#endif

/* Without vectors. */
static void lanes_plain(const leray_lanes *x)
{
    for (int i = 0; i < x->rows; i++)
        for (int j = 0; j < x->columns; j++)
            for (int k = 0; k < x->lanes; k++) {
                const real *a = (const real *)x->a + (size_t)i * x->a_row + k;
                const real *b = (const real *)x->b + (size_t)j * x->b_column + k;
                real *c = (real *)x->c + (size_t)i * x->c_row + (size_t)j * x->c_column + k;
                real s = 0;

                for (size_t r = 0; r < (size_t)x->depth; r++)
                    s += a[r * x->a_depth] * b[r * x->b_depth];
                if (x->sign < 0) s = -s;
                *c = x->adds ? *c + s : s;
            }
}

static void lanes(const leray_lanes *x)
{
#if defined(__GNUC__)
    int l = 0;

    if (x->lanes >= LANES_WIDTH) {
        for (; l + LANES_WIDTH <= x->lanes; l += LANES_WIDTH) lanes_all_columns(x, l, LANES_WIDTH);
        if (l < x->lanes) lanes_all_columns(x, x->lanes - LANES_WIDTH, x->lanes - l);
        return;
    }
#endif
    lanes_plain(x);
}
