/* tensor/transform.c - see tensor/transform.h. */
#include "tensor/transform.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925

static void put(leray_dtype dtype, void *p, size_t i, double x)
{
    if (dtype == LERAY_F32) ((float *)p)[i] = (float)x;
    else ((double *)p)[i] = x;
}

/* cos and sin of 2 pi k j / n; the angle is reduced in integers and sin(pi) is 0. */
static double cosine(int k, int j, int n)
{
    return cos(TWO_PI * (double)((long long)k * j % n) / n);
}

static double sine(int k, int j, int n)
{
    long long r = (long long)k * j % n;

    return 2 * r == n ? 0 : sin(TWO_PI * (double)r / n);
}

/* key: my, ny. Sums of rows stand at y = 0 .. ny / 2; the difference of y and ny - y at ny - y. */
static void fill_rows(leray_dtype dtype, const int key[4], void *p)
{
    int my = key[0], ny = key[1], sums = ny / 2 + 1, differences = ny - sums;
    size_t at = 0;

    for (int k = 0; k <= my; k++)
        for (int j = 0; j < sums; j++) put(dtype, p, at++, cosine(k, j, ny));
    for (int k = 1; k <= my; k++)
        for (int i = 0; i < differences; i++) put(dtype, p, at++, sine(k, ny - sums - i, ny));
}

/* key: mx, nx, ny. The table [nx, 2 mx], then its transpose. */
static void fill_columns(leray_dtype dtype, const int key[4], void *p, bool doubled)
{
    int mx = key[0], nx = key[1];
    size_t width = 2 * (size_t)mx, n = (size_t)nx, transpose = n * width;

    for (int j = 0; j < nx; j++)
        for (int k = 0; k < 2 * mx; k++) {
            int kx = k % mx;
            double s = kx == 0 || 2 * kx == nx ? 1 : 2, x;

            if (!doubled) s = 1 / ((double)key[2] * nx);
            x = k < mx ? s * cosine(kx, j, nx) : -s * sine(kx, j, nx);
            put(dtype, p, (size_t)j * width + (size_t)k, x);
            put(dtype, p, transpose + (size_t)k * n + (size_t)j, x);
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

leray_status leray_transform_init(leray_transform *t, leray_tape *tape, int ny, int nx, int my,
                                  int mx)
{
    static const char rows[] = "rows", scaled[] = "scaled", doubled[] = "doubled";
    leray_dtype dtype = leray_tape_dtype(tape);
    size_t real = leray_dtype_size(dtype), columns_size = (size_t)nx * 4 * (size_t)mx * real;
    int columns_key[4] = {mx, nx, ny, 0}, rows_key[4] = {my, ny, 0, 0};

    LERAY_CHECK(my >= 1 && 2 * my <= ny, LERAY_ERR_ARG,
                "modes = %d per sign in y need a grid of at least %d points, this one has %d", my,
                2 * my, ny);
    LERAY_CHECK(mx >= 1 && mx <= nx / 2 + 1, LERAY_ERR_ARG,
                "modes = %d in x are not in [1, %d], what a grid of %d points has", mx, nx / 2 + 1,
                nx);
    *t = (leray_transform){.kernels = leray_kernels_cpu(dtype), .dtype = dtype};
    t->ny = ny, t->nx = nx, t->my = my, t->mx = mx;
    LERAY_TRY(leray_tape_table(tape, rows, rows_key, (size_t)(2 * my + 1) * (size_t)ny * real,
                               fill_rows, &t->rows));
    LERAY_TRY(leray_tape_table(tape, scaled, columns_key, columns_size, fill_scaled, &t->scaled));
    LERAY_TRY(
        leray_tape_table(tape, doubled, columns_key, columns_size, fill_doubled, &t->doubled));
    return LERAY_OK;
}

static void *at(const leray_transform *t, const void *p, size_t i)
{
    return leray_at(t->dtype, p, i);
}

int leray_transform_x(const leray_transform *t, const void *columns, int rows, const void *f,
                      void *a)
{
    return t->kernels->gemm('N', 'N', rows, 2 * t->mx, t->nx, 1, f, t->nx, columns, 2 * t->mx, 0, a,
                            2 * t->mx);
}

int leray_transform_x_inverse(const leray_transform *t, const void *columns, int rows,
                              const void *a, void *f, bool adds)
{
    const void *transpose = at(t, columns, (size_t)t->nx * 2 * (size_t)t->mx);

    return t->kernels->gemm('N', 'N', rows, t->nx, 2 * t->mx, 1, a, 2 * t->mx, transpose, t->nx,
                            adds, f, t->nx);
}

/* The two products along y: table, rows of a, lines. */
typedef struct half {
    int lines, rows;
    void *table, *a, *p;
} half;

static void halves(const leray_transform *t, const void *a, const void *lines, half h[2])
{
    int sums = t->ny / 2 + 1, cosines = t->my + 1;
    size_t width = 2 * (size_t)t->mx;

    h[0] = (half){cosines, sums, at(t, t->rows, 0), at(t, a, 0), at(t, lines, 0)};
    h[1] = (half){t->my, t->ny - sums, at(t, t->rows, (size_t)cosines * (size_t)sums),
                  at(t, a, (size_t)sums * width), at(t, lines, (size_t)cosines * width)};
}

/* Rows y and ny - y to their sum and difference, or back but for a factor. */
static void fold_rows(const leray_transform *t, void *a)
{
    int width = 2 * t->mx;

    t->kernels->butterfly(t->ny - t->ny / 2 - 1, width, at(t, a, (size_t)width),
                          at(t, a, (size_t)(t->ny - 1) * (size_t)width));
}

int leray_transform_y(const leray_transform *t, void *a, void *lines)
{
    int n = 2 * t->mx, failed = 0;
    half h[2];

    halves(t, a, lines, h);
    fold_rows(t, a);
    for (int i = 0; i < 2; i++)
        if (h[i].rows > 0)
            failed |= t->kernels->gemm('N', 'N', h[i].lines, n, h[i].rows, 1, h[i].table, h[i].rows,
                                       h[i].a, n, 0, h[i].p, n);
        else t->kernels->fill((size_t)h[i].lines * (size_t)n, 0, h[i].p, false);
    return failed;
}

int leray_transform_y_inverse(const leray_transform *t, const void *lines, void *a)
{
    int n = 2 * t->mx, failed = 0;
    half h[2];

    halves(t, a, lines, h);
    for (int i = 0; i < 2; i++)
        if (h[i].rows > 0)
            failed |= t->kernels->gemm('T', 'N', h[i].rows, n, h[i].lines, 1, h[i].table, h[i].rows,
                                       h[i].p, n, 0, h[i].a, n);
    fold_rows(t, a);
    return failed;
}

/* Row ky of an array of modes. */
static void *row_of(const leray_transform *t, leray_modes modes, int row)
{
    return at(t, modes.first, (size_t)row * (size_t)t->mx * 2 * modes.plane);
}

void leray_transform_to_modes(const leray_transform *t, int channels, const void *lines, void *work,
                              leray_modes to)
{
    size_t count = leray_transform_lines(t), line = 2 * (size_t)t->mx * (size_t)channels;
    int my = t->my;

    t->kernels->transpose(channels, (int)count, lines, count, work, (size_t)channels);
    t->kernels->fold(t->mx, channels, work, NULL, row_of(t, to, 0), NULL, to.plane);
    for (int k = 1; k <= my; k++)
        t->kernels->fold(t->mx, channels, at(t, work, (size_t)k * line),
                         at(t, work, (size_t)(my + k) * line), k < my ? row_of(t, to, k) : NULL,
                         row_of(t, to, 2 * my - k), to.plane);
}

void leray_transform_from_modes(const leray_transform *t, int channels, leray_modes from,
                                void *work, void *lines)
{
    size_t count = leray_transform_lines(t), line = 2 * (size_t)t->mx * (size_t)channels;
    int my = t->my;

    t->kernels->unfold(t->mx, channels, row_of(t, from, 0), NULL, from.plane, work, NULL);
    for (int k = 1; k <= my; k++)
        t->kernels->unfold(t->mx, channels, k < my ? row_of(t, from, k) : NULL,
                           row_of(t, from, 2 * my - k), from.plane, at(t, work, (size_t)k * line),
                           at(t, work, (size_t)(my + k) * line));
    t->kernels->transpose((int)count, channels, work, (size_t)channels, lines, count);
}
