/* solvers/ns2d/initial.c - initial vorticity.

   random        the Gaussian random field of data/random_field.h, one for each simulation
   taylor-green  w = A sqrt(2 (kx^2 + ky^2)) cos(kx x) cos(ky y), kx = 2 pi m/Lx, ky = 2 pi m/Ly; on a
                 square box w = 2 k A cos(k x) cos(k y), with velocities up to A
   file          an array [ny, nx] or [simulations, ny, nx] of a .npy file, on a grid of any size:
                 its modes that this grid keeps are taken, the others are dropped  */
#include "solvers/ns2d/ns2d.h"

#include "data/random_field.h"

#include <math.h>
#include <string.h>

static double complex *coefficient(ns2d *s, int ky, int kx)
{
    return s->w + (size_t)kx * (size_t)s->pitch + (size_t)ns2d_row(s, ky);
}

static void make_random(ns2d *s)
{
    const ns2d_settings *set = s->base.settings;
    leray_random_field law = {
        .alpha = set->initial.alpha,
        .tau = set->initial.tau,
        .sigma = set->initial.sigma,
        .ndim = 2,
        .length = {s->length_y, s->length_x},
    };
    leray_random_modes modes = leray_random_modes_begin(&law, s->base.seed, s->base.simulation);
    long ring = s->top_y > s->top_x ? s->top_y : s->top_x;

    for (long left = leray_random_modes_within(2, ring); left > 0; left--) {
        int k[2], ky, kx;
        double complex c = leray_random_modes_next(&modes, k);

        ky = k[0], kx = k[1];
        if (kx > s->top_x || ky > s->top_y || ky < -s->top_y) continue;
        *coefficient(s, ky, kx) = c;
        if (kx == 0) *coefficient(s, -ky, 0) = conj(c);
    }
}

static void make_taylor_green(ns2d *s)
{
    const ns2d_settings *set = s->base.settings;
    int m = (int)set->initial.wavenumber;
    double kx = 6.283185307179586477 * m / s->length_x, ky = s->ky[m];
    double top = set->initial.amplitude * sqrt(2 * (kx * kx + ky * ky));

    *coefficient(s, m, m) = top / 4;
    *coefficient(s, -m, m) = top / 4;
}

/* Modes at the file's own Nyquist wavenumber have no sign and are dropped. */
static leray_status make_from_file(ns2d *s)
{
    const ns2d_settings *set = s->base.settings;
    int axis = s->file.rank - 2, ny = (int)s->file.shape[axis], nx = (int)s->file.shape[axis + 1];
    int64_t count = axis ? s->file.shape[0] : 1;
    size_t points = (size_t)ny * (size_t)nx, columns = (size_t)nx / 2 + 1;
    int top_y = (ny - 1) / 2 < s->top_y ? (ny - 1) / 2 : s->top_y;
    int top_x = (nx - 1) / 2 < s->top_x ? (nx - 1) / 2 : s->top_x;

    LERAY_CHECK(axis == 0 || s->base.simulation < count, LERAY_ERR_DATA,
                "%s has no field %u: it holds %lld, counted from 0", set->initial.path,
                (unsigned)s->base.simulation, (long long)count);
    leray_npy_get_double(&s->file, axis ? s->base.simulation * points : 0, points, s->file_field);
    leray_fft_forward(s->file_fft, s->file_field, s->file_hat);
    for (int ky = -top_y; ky <= top_y; ky++)
        for (int kx = 0; kx <= top_x; kx++)
            *coefficient(s, ky, kx) =
                s->file_hat[(size_t)(ky < 0 ? ky + ny : ky) * columns + (size_t)kx];
    *coefficient(s, 0, 0) = 0;
    for (int ky = 1; ky <= top_y; ky++) *coefficient(s, -ky, 0) = conj(*coefficient(s, ky, 0));
    return LERAY_OK;
}

leray_status ns2d_make_initial(ns2d *s)
{
    const ns2d_settings *set = s->base.settings;

    memset(s->w, 0, ((size_t)s->top_x + 1) * (size_t)s->pitch * sizeof *s->w);
    switch (set->initial.type) {
    case NS2D_INITIAL_RANDOM: make_random(s); break;
    case NS2D_INITIAL_TAYLOR_GREEN: make_taylor_green(s); break;
    default: LERAY_TRY(make_from_file(s));
    }
    return LERAY_OK;
}

static leray_status open_file(ns2d *s, const char *path)
{
    static const int64_t any[] = {-1, -1, -1};
    int n[2], axis;

    LERAY_TRY(leray_npy_read(path, &s->file));
    LERAY_TRY(leray_npy_expect(&s->file, path, s->file.rank == 2 ? 2 : 3, any));
    axis = s->file.rank - 2;
    for (int i = 0; i < 2; i++) {
        LERAY_CHECK(s->file.shape[axis + i] >= 1 && s->file.shape[axis + i] <= 32768,
                    LERAY_ERR_DATA, "%s: extent %lld of a field is not in [1, 32768]", path,
                    (long long)s->file.shape[axis + i]);
        n[i] = (int)s->file.shape[axis + i];
    }
    LERAY_TRY(leray_fft_create(2, n, 1, &s->file_fft));
    LERAY_TRY(LERAY_ALLOC(&s->file_field, leray_fft_points(s->file_fft)));
    LERAY_TRY(LERAY_ALLOC(&s->file_hat, leray_fft_coefficients(s->file_fft)));
    return LERAY_OK;
}

leray_status ns2d_open_initial(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = s->base.settings;
    int least = s->top_y < s->top_x ? s->top_y : s->top_x;

    if (set->initial.type == NS2D_INITIAL_TAYLOR_GREEN)
        LERAY_CHECK(
            set->initial.wavenumber <= least, LERAY_ERR_CONFIG,
            "%s.initial.wavenumber = %lld%s: %d x %d points resolve [1, %d] after dealiasing",
            section, (long long)set->initial.wavenumber,
            leray_config_where(cfg, section, "initial.wavenumber"), s->ny, s->nx, least);
    if (set->initial.type != NS2D_INITIAL_FILE) return LERAY_OK;
    LERAY_CHECK(set->initial.path[0], LERAY_ERR_CONFIG,
                "%s.initial.path%s: initial.type = file needs the name of a .npy file", section,
                leray_config_where(cfg, section, "initial.path"));
    LERAY_TRY(open_file(s, set->initial.path));
    return LERAY_OK;
}

void ns2d_close_initial(ns2d *s)
{
    leray_mem_free(s->file_hat);
    leray_mem_free(s->file_field);
    leray_fft_destroy(&s->file_fft);
    leray_npy_fini(&s->file);
}
