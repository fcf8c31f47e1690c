/* solvers/ns2d/file.c - fields of .npy files, on a grid of any size: the modes that the box keeps are
   taken, the others and the mean are dropped. Modes at the file's own Nyquist wavenumber have no
   sign and are dropped too. */
#include "solvers/ns2d/ns2d.h"

static leray_status check_shape(const ns2d_file *file, bool many, int n[2])
{
    static const int64_t any[] = {-1, -1, -1};
    int rank = file->npy.rank == 2 || !many ? 2 : 3;

    LERAY_TRY(leray_npy_expect(&file->npy, file->path, rank, any));
    for (int i = 0; i < 2; i++) {
        int64_t extent = file->npy.shape[rank - 2 + i];

        LERAY_CHECK(extent >= 1 && extent <= 32768, LERAY_ERR_DATA,
                    "%s: extent %lld of a field is not in [1, 32768]", file->path,
                    (long long)extent);
        n[i] = (int)extent;
    }
    return LERAY_OK;
}

leray_status ns2d_file_open(ns2d_file *file, const char *path, bool many)
{
    int n[2];

    file->path = path;
    LERAY_TRY(leray_npy_read(path, &file->npy));
    LERAY_TRY(check_shape(file, many, n));
    LERAY_TRY(leray_fft_create(2, n, 1, &file->fft));
    LERAY_TRY(LERAY_ALLOC(&file->values, leray_fft_points(file->fft)));
    LERAY_TRY(LERAY_ALLOC(&file->hat, leray_fft_coefficients(file->fft)));
    return LERAY_OK;
}

leray_status ns2d_file_get(const ns2d_file *file, uint32_t simulation, leray_modes *modes,
                           int field)
{
    int axis = file->npy.rank - 2;
    int ny = (int)file->npy.shape[axis], nx = (int)file->npy.shape[axis + 1];
    int64_t count = axis ? file->npy.shape[0] : 1;
    size_t points = (size_t)ny * (size_t)nx, columns = (size_t)nx / 2 + 1;

    LERAY_CHECK(axis == 0 || simulation < count, LERAY_ERR_DATA,
                "%s has no field %u: it holds %lld, counted from 0", file->path,
                (unsigned)simulation, (long long)count);
    leray_npy_get_double(&file->npy, axis ? simulation * points : 0, points, file->values);
    leray_fft_forward(file->fft, file->values, file->hat);
    for (int kx = 0; kx <= (nx - 1) / 2; kx++)
        for (int ky = kx ? -((ny - 1) / 2) : 1; ky <= (ny - 1) / 2; ky++)
            leray_modes_set(modes, field, ky, 0, kx,
                            file->hat[(size_t)(ky < 0 ? ky + ny : ky) * columns + (size_t)kx]);
    return LERAY_OK;
}

void ns2d_file_close(ns2d_file *file)
{
    leray_mem_free(file->hat);
    leray_mem_free(file->values);
    leray_fft_destroy(&file->fft);
    leray_npy_fini(&file->npy);
}
