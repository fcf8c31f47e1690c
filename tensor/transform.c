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

/* key: my, ny */
static void fill_rows(leray_dtype dtype, const int key[4], void *p)
{
    int my = key[0], ny = key[1];

    for (int j = 0; j < ny; j++) {
        for (int k = 0; k <= my; k++)
            put(dtype, p, (size_t)k * (size_t)ny + (size_t)j, cosine(k, j, ny));
        for (int k = 1; k <= my; k++)
            put(dtype, p, (size_t)(my + k) * (size_t)ny + (size_t)j, sine(k, j, ny));
    }
}

/* key: mx, nx, ny */
static void fill_columns(leray_dtype dtype, const int key[4], void *p, bool doubled)
{
    int mx = key[0], nx = key[1];

    for (int j = 0; j < nx; j++)
        for (int k = 0; k < mx; k++) {
            double s = k == 0 || 2 * k == nx ? 1 : 2;
            size_t at = (size_t)j * 2 * (size_t)mx + (size_t)k;

            if (!doubled) s = 1 / ((double)key[2] * nx);
            put(dtype, p, at, s * cosine(k, j, nx));
            put(dtype, p, at + (size_t)mx, -s * sine(k, j, nx));
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
    size_t real = leray_dtype_size(dtype), columns_size = (size_t)nx * 2 * (size_t)mx * real;
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

int leray_transform_x(const leray_transform *t, const void *columns, int rows, const void *f,
                      void *a, int lda)
{
    return t->kernels->gemm('N', 'N', rows, 2 * t->mx, t->nx, 1, f, t->nx, columns, 2 * t->mx, 0, a,
                            lda);
}

int leray_transform_x_inverse(const leray_transform *t, const void *columns, int rows,
                              const void *z, int ldz, void *f)
{
    return t->kernels->gemm('N', 'T', rows, t->nx, 2 * t->mx, 1, z, ldz, columns, 2 * t->mx, 0, f,
                            t->nx);
}

size_t leray_transform_work(const leray_transform *t, int channels)
{
    return (size_t)(2 * t->my + 3) * (size_t)channels * 2 * (size_t)t->mx;
}

/* Row `row` of the modes, from or to [channels, (mx re | mx im)]. */
static void scatter(const leray_transform *t, int channels, int row, const void *block,
                    leray_modes to)
{
    size_t at = (size_t)row * (size_t)t->mx * 2 * to.plane;

    for (int part = 0; part < 2; part++)
        t->kernels->transpose(
            channels, t->mx, leray_at(t->dtype, block, (size_t)(part * t->mx)), 2 * (size_t)t->mx,
            leray_at(t->dtype, to.first, at + (size_t)part * to.plane), 2 * to.plane);
}

static void gather(const leray_transform *t, int channels, int row, leray_modes from, void *block)
{
    size_t at = (size_t)row * (size_t)t->mx * 2 * from.plane;

    for (int part = 0; part < 2; part++)
        t->kernels->transpose(
            t->mx, channels, leray_at(t->dtype, from.first, at + (size_t)part * from.plane),
            2 * from.plane, leray_at(t->dtype, block, (size_t)(part * t->mx)), 2 * (size_t)t->mx);
}

int leray_transform_y(const leray_transform *t, int channels, const void *a, int lda, void *work,
                      leray_modes to)
{
    int n = channels * 2 * t->mx, my = t->my;
    size_t size = (size_t)n;
    void *plus = leray_at(t->dtype, work, (size_t)(2 * my + 1) * size);
    void *minus = leray_at(t->dtype, plus, size);
    int failed =
        t->kernels->gemm('N', 'N', 2 * my + 1, n, t->ny, 1, t->rows, t->ny, a, lda, 0, work, n);

    scatter(t, channels, 0, work, to);
    for (int k = 1; k <= my; k++) {
        t->kernels->fold(channels, t->mx, leray_at(t->dtype, work, (size_t)k * size),
                         leray_at(t->dtype, work, (size_t)(my + k) * size), plus, minus);
        if (k < my) scatter(t, channels, k, plus, to);
        scatter(t, channels, 2 * my - k, minus, to);
    }
    return failed;
}

int leray_transform_y_inverse(const leray_transform *t, int channels, leray_modes from, void *work,
                              void *z, int ldz)
{
    int n = channels * 2 * t->mx, my = t->my;
    size_t size = (size_t)n;
    void *plus = leray_at(t->dtype, work, (size_t)(2 * my + 1) * size);
    void *minus = leray_at(t->dtype, plus, size);

    gather(t, channels, 0, from, work);
    for (int k = 1; k <= my; k++) {
        if (k < my) gather(t, channels, k, from, plus);
        else t->kernels->fill(size, 0, plus, false);
        gather(t, channels, 2 * my - k, from, minus);
        t->kernels->unfold(channels, t->mx, plus, minus, leray_at(t->dtype, work, (size_t)k * size),
                           leray_at(t->dtype, work, (size_t)(my + k) * size));
    }
    return t->kernels->gemm('T', 'N', t->ny, n, 2 * my + 1, 1, t->rows, t->ny, work, n, 0, z, ldz);
}
