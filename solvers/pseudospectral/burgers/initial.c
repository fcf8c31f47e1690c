/* solvers/pseudospectral/burgers/initial.c - initial velocity.

   random   a Gaussian random field of covariance  sigma^2 (-Laplace + tau^2)^(-gamma),  one for each
            simulation, with the mean of the deck. In data/random_field.h's convention, which
            doubles the covariance as the benchmark's code does in two dimensions, it has
            sigma / sqrt(2). The benchmark (Li et al., arXiv:2010.08895, section 5.1) has
            625 (-Laplace + 25)^-2 on the unit interval, the defaults here; its standard deviation is
            sqrt(sum over k > 0 of 2 sigma^2 (4 pi^2 k^2 + tau^2)^-gamma) = 0.594. GRF1.m, as
            published with it, samples this covariance with zero mean; its driver has other numbers
            (gamma = 2.5, tau = 7, sigma = 49, nu = 1e-3) for another data set.
   sine     mean + A sin(2 pi m x/L)
   file     an array [points] or [simulations, points] of a .npy file, on a grid of any size: its modes
            that this grid keeps are taken, the others are dropped  */
#include "solvers/pseudospectral/burgers/burgers.h"

#include "data/random_field.h"

#include <math.h>
#include <string.h>

static void make_random(burgers *s)
{
    const burgers_settings *set = s->base.settings;
    leray_random_field law = {
        .alpha = set->initial.gamma,
        .tau = set->initial.tau,
        .sigma = set->initial.sigma / sqrt(2),
        .ndim = 1,
        .length = {set->length},
    };
    leray_random_modes modes = leray_random_modes_begin(&law, s->base.seed, s->base.simulation);

    for (long left = leray_random_modes_within(1, s->top); left > 0; left--) {
        int k;
        double complex c = leray_random_modes_next(&modes, &k);

        s->u_hat[k] = c;
    }
    s->u_hat[0] = set->initial.mean;
}

static void make_sine(burgers *s)
{
    const burgers_settings *set = s->base.settings;

    s->u_hat[set->initial.wavenumber] = -set->initial.amplitude / 2 * I;
    s->u_hat[0] = set->initial.mean;
}

/* The mode at the file's own Nyquist wavenumber has no sign and is dropped. */
static leray_status make_from_file(burgers *s)
{
    const burgers_settings *set = s->base.settings;
    int axis = s->file.rank - 1, n = (int)s->file.shape[axis];
    int64_t count = axis ? s->file.shape[0] : 1;
    int top = (n - 1) / 2 < s->top ? (n - 1) / 2 : s->top;

    LERAY_CHECK(axis == 0 || s->base.simulation < count, LERAY_ERR_DATA,
                "%s has no field %u: it holds %lld, counted from 0", set->initial.path,
                (unsigned)s->base.simulation, (long long)count);
    leray_npy_get_double(&s->file, axis ? s->base.simulation * (size_t)n : 0, (size_t)n,
                         s->file_field);
    leray_fft_forward(s->file_fft, s->file_field, s->file_hat);
    memcpy(s->u_hat, s->file_hat, ((size_t)top + 1) * sizeof *s->u_hat);
    return LERAY_OK;
}

leray_status burgers_make_initial(burgers *s)
{
    const burgers_settings *set = s->base.settings;

    memset(s->u_hat, 0, ((size_t)s->top + 1) * sizeof *s->u_hat);
    switch (set->initial.type) {
    case BURGERS_INITIAL_RANDOM: make_random(s); break;
    case BURGERS_INITIAL_SINE: make_sine(s); break;
    default: LERAY_TRY(make_from_file(s));
    }
    return LERAY_OK;
}

static leray_status open_file(burgers *s, const char *path)
{
    static const int64_t any[] = {-1, -1};
    int64_t points;
    int n;

    LERAY_TRY(leray_npy_read(path, &s->file));
    LERAY_TRY(leray_npy_expect(&s->file, path, s->file.rank == 1 ? 1 : 2, any));
    points = s->file.shape[s->file.rank - 1];
    LERAY_CHECK(points >= 1 && points <= 1000000, LERAY_ERR_DATA,
                "%s: %lld points of a field are not in [1, 1000000]", path, (long long)points);
    n = (int)points;
    LERAY_TRY(leray_fft_create(1, &n, 1, &s->file_fft));
    LERAY_TRY(LERAY_ALLOC(&s->file_field, leray_fft_points(s->file_fft)));
    LERAY_TRY(LERAY_ALLOC(&s->file_hat, leray_fft_coefficients(s->file_fft)));
    return LERAY_OK;
}

leray_status burgers_open_initial(burgers *s, const leray_config *cfg, const char *section)
{
    const burgers_settings *set = s->base.settings;

    if (set->initial.type == BURGERS_INITIAL_SINE)
        LERAY_CHECK(set->initial.wavenumber <= s->top, LERAY_ERR_CONFIG,
                    "%s.initial.wavenumber = %lld%s: %d points resolve [1, %d] after dealiasing",
                    section, (long long)set->initial.wavenumber,
                    leray_config_where(cfg, section, "initial.wavenumber"), s->n, s->top);
    if (set->initial.type != BURGERS_INITIAL_FILE) return LERAY_OK;
    LERAY_CHECK(set->initial.path[0], LERAY_ERR_CONFIG,
                "%s.initial.path%s: initial.type = file needs the name of a .npy file", section,
                leray_config_where(cfg, section, "initial.path"));
    LERAY_TRY(open_file(s, set->initial.path));
    return LERAY_OK;
}

void burgers_close_initial(burgers *s)
{
    leray_mem_free(s->file_hat);
    leray_mem_free(s->file_field);
    leray_fft_destroy(&s->file_fft);
    leray_npy_fini(&s->file);
}
