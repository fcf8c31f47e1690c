/* solvers/pseudospectral/engine/field_file.c - see solvers/pseudospectral/engine/field_file.h. */
#include "solvers/pseudospectral/engine/field_file.h"

#include "core/mem.h"
#include <leray/impl/grid.h>

#define EXTENT_MAX 32768

/* Axes of one simulation. */
static int rank_of(const leray_field_file *f) { return f->ndim + (f->components > 1); }

static leray_status check_shape(const leray_field_file *f, bool many, int n[LERAY_AXES])
{
    int64_t shape[LERAY_AXES + 2] = {-1, -1, -1, -1, -1};
    int own = rank_of(f), rank = many && f->npy.rank != own ? own + 1 : own;

    if (f->components > 1) shape[rank - own] = f->components;
    LERAY_TRY(leray_npy_expect(&f->npy, f->path, rank, shape));
    for (int a = 0; a < f->ndim; a++) {
        int64_t extent = f->npy.shape[rank - f->ndim + a];

        LERAY_CHECK(extent >= 1 && extent <= EXTENT_MAX, LERAY_ERR_DATA,
                    "%s: extent %lld of a field is not in [1, %d]", f->path, (long long)extent,
                    EXTENT_MAX);
        n[a] = (int)extent;
    }
    return LERAY_OK;
}

leray_status leray_field_file_open(leray_field_file *file, const char *path, int ndim,
                                   int components, bool many)
{
    int n[LERAY_AXES];

    file->path = path, file->ndim = ndim, file->components = components;
    LERAY_TRY(leray_npy_read(path, &file->npy));
    LERAY_TRY(check_shape(file, many, n));
    LERAY_TRY(leray_fft_create(ndim, n, 1, &file->fft));
    LERAY_TRY(LERAY_ALLOC(&file->values, leray_fft_points(file->fft)));
    LERAY_TRY(LERAY_ALLOC(&file->hat, leray_fft_coefficients(file->fft)));
    return LERAY_OK;
}

void leray_field_file_close(leray_field_file *file)
{
    leray_mem_free(file->hat);
    leray_mem_free(file->values);
    leray_fft_destroy(&file->fft);
    leray_npy_fini(&file->npy);
}

/* Where wavenumber (s, m) begins in the spectrum of an array with n points along slow and middle. */
static size_t row_at(const int n[3], int s, int m)
{
    size_t plane = (size_t)(s < 0 ? s + n[0] : s), line = (size_t)(m < 0 ? m + n[1] : m);

    return (plane * (size_t)n[1] + line) * ((size_t)n[2] / 2 + 1);
}

/* Of k and -k with i = 0 one is enough, and the mean is neither. */
static void take_modes(int ndim, const int *shape, const double complex *hat, leray_field_mean mean,
                       leray_modes *modes, int field)
{
    int n[3] = {shape[0], ndim == 3 ? shape[1] : 1, shape[ndim - 1]}, top[3];

    for (int a = 0; a < 3; a++) {
        int most = (n[a] - 1) / 2;

        top[a] = most < modes->box->top[a] ? most : modes->box->top[a];
    }
    if (mean == LERAY_MEAN_TAKEN) leray_modes_set(modes, field, 0, 0, 0, hat[0]);
    for (int s = -top[0]; s <= top[0]; s++)
        for (int m = -top[1]; m <= top[1]; m++) {
            const double complex *row = hat + row_at(n, s, m);

            for (int i = m > 0 || (m == 0 && s > 0) ? 0 : 1; i <= top[2]; i++)
                leray_modes_set(modes, field, s, m, i, row[i]);
        }
}

leray_status leray_field_file_get(const leray_field_file *file, uint32_t simulation,
                                  leray_field_mean mean, leray_modes *modes, int first)
{
    bool many = file->npy.rank > rank_of(file);
    size_t points = leray_fft_points(file->fft);
    size_t at = many ? simulation * points * (size_t)file->components : 0;
    int n[LERAY_AXES];

    for (int a = 0; a < file->ndim; a++)
        n[a] = (int)file->npy.shape[file->npy.rank - file->ndim + a];
    LERAY_CHECK(!many || simulation < file->npy.shape[0], LERAY_ERR_DATA,
                "%s has no field %u: it holds %lld, counted from 0", file->path,
                (unsigned)simulation, (long long)file->npy.shape[0]);
    for (int c = 0; c < file->components; c++) {
        leray_npy_get_double(&file->npy, at + (size_t)c * points, points, file->values);
        leray_fft_forward(file->fft, file->values, file->hat);
        take_modes(file->ndim, n, file->hat, mean, modes, first + c);
    }
    return LERAY_OK;
}

leray_status leray_modes_from_values(leray_modes *modes, int field, leray_field_mean mean, int ndim,
                                     const int *n, const double *values)
{
    double complex *hat = NULL;
    leray_fft *fft;
    leray_status status;

    LERAY_TRY(leray_fft_create(ndim, n, 1, &fft));
    status = LERAY_ALLOC(&hat, leray_fft_coefficients(fft));
    if (!status) {
        leray_fft_forward(fft, values, hat);
        take_modes(ndim, n, hat, mean, modes, field);
    }
    leray_mem_free(hat);
    leray_fft_destroy(&fft);
    return status;
}
