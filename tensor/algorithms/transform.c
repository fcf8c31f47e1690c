/* tensor/algorithms/transform.c - see tensor/algorithms/transform.h. */
#include "tensor/algorithms/transform.h"

#include "tensor/algorithms/axis.h"

#include <math.h>

/* key: m, n. Sums of rows stand at j = 0 .. n / 2; the difference of j and n - j at n - j. */
static void fill_rows(leray_dtype dtype, const int key[4], void *p)
{
    int m = key[0], n = key[1], sums = n / 2 + 1, differences = n - sums;
    size_t at = 0;

    for (int k = 0; k <= m; k++)
        for (int j = 0; j < sums; j++) leray_put(dtype, p, at++, leray_cosine(k, j, n));
    for (int k = 1; k <= m; k++)
        for (int i = 0; i < differences; i++)
            leray_put(dtype, p, at++, leray_sine(k, n - sums - i, n));
}

/* key: mx, nx, rows of nx in an image, orthonormal or not. The table [nx, 2 mx], then its
   transpose. */
static void fill_columns(leray_dtype dtype, const int key[4], void *p, bool doubled)
{
    int mx = key[0], nx = key[1];
    size_t width = 2 * (size_t)mx, n = (size_t)nx, transpose = n * width;
    double points = (double)key[2] * nx, s = key[3] ? 1 / sqrt(points) : doubled ? 1 : 1 / points;

    for (int j = 0; j < nx; j++)
        for (int k = 0; k < 2 * mx; k++) {
            int kx = k % mx;
            double a = doubled && kx != 0 && 2 * kx != nx ? 2 * s : s, x;

            x = k < mx ? a * leray_cosine(kx, j, nx) : -a * leray_sine(kx, j, nx);
            leray_put(dtype, p, (size_t)j * width + (size_t)k, x);
            leray_put(dtype, p, transpose + (size_t)k * n + (size_t)j, x);
        }
}

static void fill_scaled(leray_dtype dtype, const int key[4], void *p)
{
    fill_columns(dtype, key, p, false);
}

static void fill_doubled(leray_dtype dtype, const int key[4], void *p)
{
    fill_columns(dtype, key, p, true);
}

/* key: mx, nx, rows of nx in an image, orthonormal or not. Half of what coefficients are multiplied
   by. */
static void fill_factors(leray_dtype dtype, const int key[4], void *p, bool doubled)
{
    double points = (double)key[2] * key[1], s = key[3] ? 1 / sqrt(points) : 1;

    if (!key[3] && !doubled) s = 1 / points;
    for (int k = 0; k < key[0]; k++)
        leray_put(dtype, p, (size_t)k, doubled && k != 0 && 2 * k != key[1] ? s : s / 2);
}

static void fill_scaled_factors(leray_dtype dtype, const int key[4], void *p)
{
    fill_factors(dtype, key, p, false);
}

static void fill_doubled_factors(leray_dtype dtype, const int key[4], void *p)
{
    fill_factors(dtype, key, p, true);
}

static void fill_halves(leray_dtype dtype, const int key[4], void *p)
{
    for (int k = 0; k <= key[0]; k++) leray_put(dtype, p, (size_t)k, 0.5);
}

leray_status leray_transform_plan(leray_transform *t, leray_dtype dtype, int dims, const int *n,
                                  const int *m, bool ortho)
{
    int nx = n[dims - 1], mx = m[dims - 1];

    *t = (leray_transform){.kernels = leray_kernels_cpu(dtype), .dtype = dtype, .ortho = ortho};
    for (int i = 0; i < 3; i++) {
        int from = i - 3 + dims;

        t->n[i] = from < 0 ? 1 : n[from];
        t->m[i] = from < 0 ? 0 : m[from];
        LERAY_CHECK(i == 2 || from < 0 || (t->m[i] >= 1 && 2 * t->m[i] <= t->n[i]), LERAY_ERR_ARG,
                    "modes = %d per sign in %c need a grid of at least %d points, this one has %d",
                    t->m[i], "zy"[i], 2 * t -> m[i], t -> n[i]);
    }
    LERAY_CHECK(mx >= 1 && mx <= nx / 2 + 1, LERAY_ERR_ARG,
                "modes = %d in x are not in [1, %d], what a grid of %d points has", mx, nx / 2 + 1,
                nx);
    for (int i = 0; i < 2; i++)
        t->fast[i] = t->m[i] > 0 && leray_transform_is_fast(LERAY_LINES_DOWN, t->n[i], t->m[i]);
    t->fast[2] = leray_transform_is_fast(
        leray_transform_image_rows(t) > 1 ? LERAY_LINES_PAIRED : LERAY_LINES_SINGLE, nx, mx);
    return LERAY_OK;
}

static leray_status init_fast(leray_transform *t, leray_tape *tape)
{
    static const char halves[] = "halves", scaled[] = "scaled factors",
                      doubled[] = "doubled factors";
    size_t real = leray_dtype_size(t->dtype);
    int key[4] = {t->m[2], t->n[2], leray_transform_image_rows(t), t->ortho};

    for (int i = 0; i < 3; i++) {
        if (!t->fast[i]) continue;
        LERAY_TRY(leray_fft_axis_plan(tape, t->n[i], &t->plan[i]));
        if (i < 2)
            LERAY_TRY(leray_tape_table(tape, halves, (int[4]){t->m[i]},
                                       (size_t)(t->m[i] + 1) * real, fill_halves, &t->rows[i]));
    }
    if (!t->fast[2]) return LERAY_OK;
    LERAY_TRY(leray_tape_table(tape, scaled, key, (size_t)key[0] * real, fill_scaled_factors,
                               &t->scaled));
    LERAY_TRY(leray_tape_table(tape, doubled, key, (size_t)key[0] * real, fill_doubled_factors,
                               &t->doubled));
    return LERAY_OK;
}

leray_status leray_transform_init(leray_transform *t, leray_tape *tape)
{
    static const char rows[] = "rows", scaled[] = "scaled", doubled[] = "doubled";
    size_t real = leray_dtype_size(t->dtype);
    size_t columns_size = (size_t)t->n[2] * 4 * (size_t)t->m[2] * real;
    int key[4] = {t->m[2], t->n[2], leray_transform_image_rows(t), t->ortho};

    LERAY_TRY(init_fast(t, tape));
    for (int i = 0; i < 2; i++) {
        size_t size = (size_t)(2 * t->m[i] + 1) * (size_t)t->n[i] * real;

        if (t->fast[i]) continue;
        LERAY_TRY(
            leray_tape_table(tape, rows, (int[4]){t->m[i], t->n[i]}, size, fill_rows, &t->rows[i]));
    }
    if (t->fast[2]) return LERAY_OK;
    LERAY_TRY(leray_tape_table(tape, scaled, key, columns_size, fill_scaled, &t->scaled));
    LERAY_TRY(leray_tape_table(tape, doubled, key, columns_size, fill_doubled, &t->doubled));
    return LERAY_OK;
}

static void *at(const leray_transform *t, const void *p, size_t i)
{
    return leray_at(t->dtype, p, i);
}

/* Sines of x stand behind all cosines, with the sign of exp(-i theta). */
static leray_fft_axis fast_x(const leray_transform *t, const void *factors)
{
    int mx = t->m[2];

    return (leray_fft_axis){
        t->kernels, t->dtype, t->plan[2], {t->n[2], mx, mx, -1, factors}
    };
}

int leray_transform_x(const leray_transform *t, const void *columns, int rows, const void *f,
                      void *a, void *room)
{
    int nx = t->n[2], width = 2 * t->m[2];

    if (t->fast[2]) {
        leray_fft_axis axis = fast_x(t, columns);

        leray_fft_axis_rows(&axis, rows, leray_transform_image_rows(t), f, a, (size_t)width, room);
        return 0;
    }
    return t->kernels->gemm('N', 'N', rows, width, nx, 1, f, nx, columns, width, 0, a, width);
}

int leray_transform_x_inverse(const leray_transform *t, const void *columns, int rows,
                              const void *a, void *f, bool adds, void *room)
{
    int nx = t->n[2], width = 2 * t->m[2];
    const void *transpose = at(t, columns, (size_t)nx * (size_t)width);

    if (t->fast[2]) {
        leray_fft_axis axis = fast_x(t, columns);

        leray_fft_axis_rows_inverse(&axis, rows, leray_transform_image_rows(t), a, (size_t)width, f,
                                    adds, room);
        return 0;
    }
    return t->kernels->gemm('N', 'N', rows, nx, width, 1, a, width, transpose, nx, adds, f, nx);
}

/* One transform along y or z: a [n, width] and lines [2 m + 1, width]. */
typedef struct along {
    int axis, width;
    void *a, *lines, *room;
} along;

/* Sines of y and z stand behind cosine m, the first one being sine 1. */
static leray_fft_axis fast_down(const leray_transform *t, int axis)
{
    int m = t->m[axis];

    return (leray_fft_axis){
        t->kernels, t->dtype, t->plan[axis], {t->n[axis], m + 1, m, 1, t->rows[axis]}
    };
}

/* One of the two: table, rows of a, lines. */
typedef struct half {
    int lines, rows;
    void *table, *a, *p;
} half;

static void halves(const leray_transform *t, const along *x, half h[2])
{
    int n = t->n[x->axis], m = t->m[x->axis], sums = n / 2 + 1, cosines = m + 1;
    size_t width = (size_t)x->width;
    const void *table = t->rows[x->axis];

    h[0] = (half){cosines, sums, at(t, table, 0), x->a, x->lines};
    h[1] = (half){m, n - sums, at(t, table, (size_t)cosines * (size_t)sums),
                  at(t, x->a, (size_t)sums * width), at(t, x->lines, (size_t)cosines * width)};
}

/* Rows j and n - j to their sum and difference, or back but for a factor. */
static void fold_rows(const leray_transform *t, const along *x)
{
    int n = t->n[x->axis];

    t->kernels->butterfly(n - n / 2 - 1, x->width, at(t, x->a, (size_t)x->width),
                          at(t, x->a, (size_t)(n - 1) * (size_t)x->width));
}

static int to_lines(const leray_transform *t, along x)
{
    int n = x.width, failed = 0;
    half h[2];

    if (t->fast[x.axis]) {
        leray_fft_axis axis = fast_down(t, x.axis);

        leray_fft_axis_columns(&axis, n / (2 * t->m[2]), t->m[2], x.a, x.lines, x.room);
        return 0;
    }
    halves(t, &x, h);
    fold_rows(t, &x);
    for (int i = 0; i < 2; i++)
        if (h[i].rows > 0)
            failed |= t->kernels->gemm('N', 'N', h[i].lines, n, h[i].rows, 1, h[i].table, h[i].rows,
                                       h[i].a, n, 0, h[i].p, n);
        else t->kernels->fill((size_t)h[i].lines * (size_t)n, 0, h[i].p, false);
    return failed;
}

static int from_lines(const leray_transform *t, along x)
{
    int n = x.width, failed = 0;
    half h[2];

    if (t->fast[x.axis]) {
        leray_fft_axis axis = fast_down(t, x.axis);

        leray_fft_axis_columns_inverse(&axis, n / (2 * t->m[2]), t->m[2], x.lines, x.a, x.room);
        return 0;
    }
    halves(t, &x, h);
    for (int i = 0; i < 2; i++)
        if (h[i].rows > 0)
            failed |= t->kernels->gemm('T', 'N', h[i].rows, n, h[i].lines, 1, h[i].table, h[i].rows,
                                       h[i].p, n, 0, h[i].a, n);
    fold_rows(t, &x);
    return failed;
}

/* Plane z along y: its columns, and its lines in `lines`, or in `work` if z follows. */
static along plane(const leray_transform *t, int z, void *a, void *lines, void *room)
{
    size_t width = 2 * (size_t)t->m[2], rows = (size_t)t->n[1];

    return (along){1, (int)width, at(t, a, (size_t)z * rows * width),
                   at(t, lines, (size_t)z * (size_t)(2 * t->m[1] + 1) * width), room};
}

static along depth(const leray_transform *t, void *work, void *lines, void *room)
{
    return (along){0, (2 * t->m[1] + 1) * 2 * t->m[2], work, lines, room};
}

int leray_transform_to_lines(const leray_transform *t, void *a, void *work, void *lines, void *room)
{
    bool deep = t->m[0] > 0;
    int failed = 0;

    for (int z = 0; z < t->n[0]; z++)
        failed |= to_lines(t, plane(t, z, a, deep ? work : lines, room));
    if (deep) failed |= to_lines(t, depth(t, work, lines, room));
    return failed;
}

int leray_transform_from_lines(const leray_transform *t, const void *lines, void *work, void *a,
                               void *room)
{
    bool deep = t->m[0] > 0;
    void *from = at(t, lines, 0);
    int failed = 0;

    if (deep) failed |= from_lines(t, depth(t, work, from, room));
    for (int z = 0; z < t->n[0]; z++)
        failed |= from_lines(t, plane(t, z, a, deep ? work : from, room));
    return failed;
}

/* Row (kz, ky) of an array of modes. */
static void *row_of(const leray_transform *t, leray_mode_block modes, int z, int y)
{
    size_t row = (size_t)z * (size_t)leray_transform_rows(t, 1) + (size_t)y;

    return at(t, modes.first, row * (size_t)t->m[2] * 2 * modes.plane);
}

/* Lines of one row kz, [2 my + 1, re | im, mx, channels], to or from modes. */
static void fold_y(const leray_transform *t, int channels, int z, const void *lines,
                   leray_mode_block to)
{
    int my = t->m[1], mx = t->m[2];
    size_t line = 2 * (size_t)mx * (size_t)channels;

    t->kernels->fold(mx, channels, lines, NULL, row_of(t, to, z, 0), NULL, to.plane);
    for (int k = 1; k <= my; k++)
        t->kernels->fold(mx, channels, at(t, lines, (size_t)k * line),
                         at(t, lines, (size_t)(my + k) * line), k < my ? row_of(t, to, z, k) : NULL,
                         row_of(t, to, z, 2 * my - k), to.plane);
}

static void unfold_y(const leray_transform *t, int channels, int z, leray_mode_block from,
                     void *lines)
{
    int my = t->m[1], mx = t->m[2];
    size_t line = 2 * (size_t)mx * (size_t)channels;

    t->kernels->unfold(mx, channels, row_of(t, from, z, 0), NULL, from.plane, lines, NULL);
    for (int k = 1; k <= my; k++)
        t->kernels->unfold(mx, channels, k < my ? row_of(t, from, z, k) : NULL,
                           row_of(t, from, z, 2 * my - k), from.plane,
                           at(t, lines, (size_t)k * line), at(t, lines, (size_t)(my + k) * line));
}

/* Lines of z to or from its rows, [2 my + 1, re | im, mx, channels] each. */
static void fold_z(const leray_transform *t, int channels, const void *lines, void *rows)
{
    int mz = t->m[0], half_line = t->m[2] * channels;
    size_t line = 2 * (size_t)half_line, size = (size_t)(2 * t->m[1] + 1) * line;

    t->kernels->scale(size, 1, lines, rows, false);
    for (int k = 1; k <= mz; k++)
        for (size_t i = 0; i < size; i += line)
            t->kernels->fold(1, half_line, at(t, lines, (size_t)k * size + i),
                             at(t, lines, (size_t)(mz + k) * size + i),
                             k < mz ? at(t, rows, (size_t)k * size + i) : NULL,
                             at(t, rows, (size_t)(2 * mz - k) * size + i), (size_t)half_line);
}

static void unfold_z(const leray_transform *t, int channels, const void *rows, void *lines)
{
    int mz = t->m[0], half_line = t->m[2] * channels;
    size_t line = 2 * (size_t)half_line, size = (size_t)(2 * t->m[1] + 1) * line;

    t->kernels->scale(size, 1, rows, lines, false);
    for (int k = 1; k <= mz; k++)
        for (size_t i = 0; i < size; i += line)
            t->kernels->unfold(1, half_line, k < mz ? at(t, rows, (size_t)k * size + i) : NULL,
                               at(t, rows, (size_t)(2 * mz - k) * size + i), (size_t)half_line,
                               at(t, lines, (size_t)k * size + i),
                               at(t, lines, (size_t)(mz + k) * size + i));
}

void leray_transform_to_modes(const leray_transform *t, int channels, void *lines, void *work,
                              leray_mode_block to)
{
    size_t count = leray_transform_lines(t), row = count / (size_t)(2 * t->m[0] + 1);
    void *rows = work;

    t->kernels->transpose(channels, (int)count, lines, count, work, (size_t)channels);
    if (t->m[0]) fold_z(t, channels, work, rows = lines);
    for (int z = 0; z < leray_transform_rows(t, 0); z++)
        fold_y(t, channels, z, at(t, rows, (size_t)z * row * (size_t)channels), to);
}

void leray_transform_from_modes(const leray_transform *t, int channels, leray_mode_block from,
                                void *work, void *lines)
{
    size_t count = leray_transform_lines(t), row = count / (size_t)(2 * t->m[0] + 1);
    void *rows = t->m[0] ? lines : work;

    for (int z = 0; z < leray_transform_rows(t, 0); z++)
        unfold_y(t, channels, z, from, at(t, rows, (size_t)z * row * (size_t)channels));
    if (t->m[0]) unfold_z(t, channels, rows, work);
    t->kernels->transpose((int)count, channels, work, (size_t)channels, lines, count);
}
