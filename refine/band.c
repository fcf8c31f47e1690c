/* refine/band.c - see refine/band.h. */
#include "refine/band.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

/* The least even number of at least n without prime factors above 7. */
static int transform_size(int n)
{
    for (n += n % 2;; n += 2) {
        int rest = n;

        for (int p = 2; p <= 7; p++)
            while (rest % p == 0) rest /= p;
        if (rest == 1) return n;
    }
}

static leray_status allocate(leray_band *b)
{
    size_t n = b->modes;

    LERAY_TRY(LERAY_ALLOC(&b->row, n));
    LERAY_TRY(LERAY_ALLOC(&b->column, n));
    LERAY_TRY(LERAY_ALLOC(&b->plus, n));
    LERAY_TRY(LERAY_ALLOC(&b->minus, n));
    LERAY_TRY(LERAY_ALLOC(&b->ky, n));
    LERAY_TRY(LERAY_ALLOC(&b->kx, n));
    LERAY_TRY(LERAY_ALLOC(&b->inverse_k2, n));
    LERAY_TRY(LERAY_ALLOC(&b->shear, n));
    LERAY_TRY(LERAY_ALLOC(&b->normal, n));
    LERAY_TRY(LERAY_ALLOC(&b->weight, n));
    LERAY_TRY(LERAY_ALLOC(&b->linear, n));
    return LERAY_ALLOC(&b->force, n);
}

static void set_mode(leray_band *b, size_t m, int j, int i, const double length[2], double alpha)
{
    double ky = TWO_PI * j / length[0], kx = TWO_PI * i / length[1], k2 = kx * kx + ky * ky;
    int y = j < 0 ? j + b->n[0] : j, mirror_y = j > 0 ? b->n[0] - j : -j;

    b->row[m] = j, b->column[m] = i;
    b->plus[m] = (size_t)y * (size_t)b->n[1] + (size_t)i;
    b->minus[m] = (size_t)mirror_y * (size_t)b->n[1] + (size_t)(i == 0 ? 0 : b->n[1] - i);
    b->ky[m] = ky, b->kx[m] = kx;
    b->inverse_k2[m] = 1 / k2;
    b->shear[m] = (kx - ky) * (kx + ky);
    b->normal[m] = kx * ky;
    b->weight[m] = 1 / sqrt(alpha + k2);
}

leray_status leray_band_init(leray_band *b, const int top[2],
                             const leray_vorticity_equation *equation, double alpha)
{
    size_t m = 0;

    memset(b, 0, sizeof *b);
    for (int a = 0; a < 2; a++) {
        LERAY_CHECK(top[a] >= 1 && top[a] <= equation->top[a], LERAY_ERR_ARG,
                    "wavenumbers up to %d are asked for, the solver keeps those in [1, %d]", top[a],
                    equation->top[a]);
        b->top[a] = top[a];
        b->n[a] = transform_size(3 * top[a] + 1);
    }
    b->modes = leray_band_modes(top);
    b->points = (size_t)b->n[0] * (size_t)b->n[1];
    LERAY_TRY(allocate(b));
    for (int i = 0; i <= top[1]; i++)
        for (int j = i == 0 ? 1 : -top[0]; j <= top[0]; j++)
            set_mode(b, m++, j, i, equation->length, alpha);
    LERAY_TRY(leray_fft_plane_create(b->n, &b->plane));
    return leray_band_set_equation(b, equation);
}

void leray_band_fini(leray_band *b)
{
    leray_fft_lines_destroy(&b->plane);
    leray_mem_free(b->force);
    leray_mem_free(b->linear);
    leray_mem_free(b->weight);
    leray_mem_free(b->normal);
    leray_mem_free(b->shear);
    leray_mem_free(b->inverse_k2);
    leray_mem_free(b->kx);
    leray_mem_free(b->ky);
    leray_mem_free(b->minus);
    leray_mem_free(b->plus);
    leray_mem_free(b->column);
    leray_mem_free(b->row);
    memset(b, 0, sizeof *b);
}

leray_status leray_band_set_equation(leray_band *b, const leray_vorticity_equation *equation)
{
    size_t rows = 2 * (size_t)b->top[0] + 1, m = 0;
    double complex *line;
    leray_status status = LERAY_OK;

    LERAY_TRY(LERAY_ALLOC(&line, 2 * rows));
    for (int i = 0; i <= b->top[1] && !status; i++) {
        size_t first = i == 0 ? rows - (size_t)b->top[0] : 0;

        status = equation->column(equation->self, i, b->top[0], line, line + rows);
        memcpy(b->linear + m, line + first, (rows - first) * sizeof *line);
        memcpy(b->force + m, line + rows + first, (rows - first) * sizeof *line);
        m += rows - first;
    }
    leray_mem_free(line);
    return status;
}

/* The spectrum of a + i b is a(k) + i b(k) at k and conj a(k) + i conj b(k) at -k. */
void leray_band_to_values(const leray_band *band, const double complex *a, const double complex *b,
                          const leray_planes *work, double complex *values)
{
    double complex *z = work->spectrum;

    memset(z, 0, band->points * sizeof *z);
    for (size_t m = 0; m < band->modes; m++) {
        double ar = creal(a[m]), ai = cimag(a[m]), br = creal(b[m]), bi = cimag(b[m]);

        z[band->plus[m]] = (ar - bi) + I * (ai + br);
        z[band->minus[m]] = (ar + bi) + I * (br - ai);
    }
    leray_fft_lines_inverse(band->plane, z, values);
}

void leray_band_to_modes(const leray_band *band, const double complex *values,
                         const leray_planes *work, double complex *a, double complex *b)
{
    const double complex *z = work->spectrum;
    double half = 0.5 / (double)band->points;

    leray_fft_lines_forward_raw(band->plane, values, work->spectrum);
    for (size_t m = 0; m < band->modes; m++) {
        double complex p = z[band->plus[m]], q = z[band->minus[m]];

        a[m] = half * ((creal(p) + creal(q)) + I * (cimag(p) - cimag(q)));
        b[m] = half * ((cimag(p) + cimag(q)) + I * (creal(q) - creal(p)));
    }
}
