/* solvers/ns3d/initial_file.c - velocity from an array [3, nz, ny, nx] or [simulations, 3, nz, ny, nx] of a
   .npy file, components along x, y, z, on a grid of any size over the same box: its modes that this
   box keeps are taken, the others dropped, and so are its mean and its divergence. Every rank reads
   and transforms the whole array, one component at a time. */
#include "solvers/ns3d/ns3d.h"

#define FILE_POINTS_MAX 32768

leray_status ns3d_open_file(ns3d *s)
{
    static const int64_t one[] = {3, -1, -1, -1}, many[] = {-1, 3, -1, -1, -1};
    const char *path = ((const ns3d_settings *)s->base.settings)->initial.path;
    int n[3], axis;

    LERAY_TRY(leray_npy_read(path, &s->file));
    if (s->file.rank == 4) LERAY_TRY(leray_npy_expect(&s->file, path, 4, one));
    else LERAY_TRY(leray_npy_expect(&s->file, path, 5, many));
    axis = s->file.rank - 3;
    for (int a = 0; a < 3; a++) {
        LERAY_CHECK(s->file.shape[axis + a] >= 1 && s->file.shape[axis + a] <= FILE_POINTS_MAX,
                    LERAY_ERR_DATA, "%s: extent %lld of a field is not in [1, %d]", path,
                    (long long)s->file.shape[axis + a], FILE_POINTS_MAX);
        n[a] = (int)s->file.shape[axis + a];
    }
    LERAY_TRY(leray_fft_create(3, n, 1, &s->file_fft));
    LERAY_TRY(LERAY_ALLOC(&s->file_field, leray_fft_points(s->file_fft)));
    LERAY_TRY(LERAY_ALLOC(&s->file_hat, leray_fft_coefficients(s->file_fft)));
    return LERAY_OK;
}

/* Modes at the file's own Nyquist wavenumbers have no sign and are dropped. */
static void take_modes(ns3d *s, int field)
{
    const int64_t *shape = s->file.shape + s->file.rank - 3;
    leray_modes *state = leray_march_state(s->march);
    size_t row = (size_t)shape[2] / 2 + 1;
    int top[3];

    for (int a = 0; a < 3; a++) {
        int most = (int)(shape[a] - 1) / 2;

        top[a] = most < s->box.top[a] ? most : s->box.top[a];
    }
    for (int z = -top[0]; z <= top[0]; z++)
        for (int y = -top[1]; y <= top[1]; y++) {
            size_t plane = (size_t)(z < 0 ? z + shape[0] : z) * (size_t)shape[1];
            size_t line = (plane + (size_t)(y < 0 ? y + shape[1] : y)) * row;

            for (int x = 0; x <= top[2]; x++)
                leray_modes_set(state, field, z, y, x, s->file_hat[line + (size_t)x]);
        }
}

leray_status ns3d_make_from_file(ns3d *s)
{
    size_t points = leray_fft_points(s->file_fft);
    size_t first = s->file.rank == 5 ? 3 * points * s->base.simulation : 0;

    LERAY_CHECK(s->file.rank == 4 || s->base.simulation < s->file.shape[0], LERAY_ERR_DATA,
                "%s has no field %u: it holds %lld, counted from 0",
                ((const ns3d_settings *)s->base.settings)->initial.path,
                (unsigned)s->base.simulation, (long long)s->file.shape[0]);
    for (int a = 0; a < 3; a++) {
        leray_npy_get_double(&s->file, first + (size_t)a * points, points, s->file_field);
        leray_fft_forward(s->file_fft, s->file_field, s->file_hat);
        take_modes(s, a);
    }
    ns3d_project(s);
    return LERAY_OK;
}

void ns3d_close_file(ns3d *s)
{
    leray_mem_free(s->file_hat);
    leray_mem_free(s->file_field);
    leray_fft_destroy(&s->file_fft);
    leray_npy_fini(&s->file);
}
