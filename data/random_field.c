/* data/random_field.c - see data/random_field.h for the law and the order of the draws. */
#include "data/random_field.h"

#include "core/fft.h"
#include "core/mem.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

struct leray_random_sampler {
    leray_extents grid;
    leray_fft *fft;
    double complex *u_hat; /* [grid], the last extent halved */
};

leray_random_modes leray_random_modes_begin(const leray_random_field *law, uint64_t seed,
                                            uint32_t simulation)
{
    return (leray_random_modes){
        .law = *law,
        .rng = leray_rng_make(seed, LERAY_PURPOSE_INITIAL_FIELD, simulation, 0),
        .ring = 1,
    };
}

static long power(long base, int exponent)
{
    return exponent ? base * power(base, exponent - 1) : 1;
}

long leray_random_modes_within(int ndim, long r) { return (power(2 * r + 1, ndim) - 1) / 2; }

/* Of the modes with max |k_a| = r, one of k and -k. */
static long half_ring(int ndim, long r)
{
    return leray_random_modes_within(ndim, r) - leray_random_modes_within(ndim, r - 1);
}

/* Number `at` of the half of ring r: the face k_x = r; then for k_x = 1 .. r - 1 the whole ring of the
   other axes, as pairs k, -k of its half; then, k_x = 0, its half alone. */
static void wavenumber(int ndim, long r, long at, int *k)
{
    int x = ndim - 1;
    long face = power(2 * r + 1, x), half = half_ring(x, r), ring = at - face;

    if (ring < 0) {
        for (int a = x - 1; a >= 0; a--, at /= 2 * r + 1) k[a] = (int)(at % (2 * r + 1) - r);
        k[x] = (int)r;
    } else if (ring < (r - 1) * 2 * half) {
        wavenumber(x, r, ring % (2 * half) / 2, k);
        for (int a = 0; a < x && ring % 2; a++) k[a] = -k[a];
        k[x] = (int)(1 + ring / (2 * half));
    } else {
        wavenumber(x, r, ring - (r - 1) * 2 * half, k);
        k[x] = 0;
    }
}

double complex leray_random_modes_next(leray_random_modes *modes, int *k)
{
    const leray_random_field *law = &modes->law;
    double square = 0, amplitude, re, im;

    wavenumber(law->ndim, modes->ring, modes->at, k);
    if (++modes->at == half_ring(law->ndim, modes->ring)) {
        modes->ring++;
        modes->at = 0;
    }
    for (int a = 0; a < law->ndim; a++) {
        double wave = TWO_PI * k[a] / law->length[a];

        square += wave * wave;
    }
    amplitude = law->sigma * pow(square + law->tau * law->tau, -law->alpha / 2);
    re = leray_rng_normal(&modes->rng);
    im = leray_rng_normal(&modes->rng);
    return amplitude * re + amplitude * im * I;
}

leray_status leray_random_sampler_create(const leray_extents *grid, leray_random_sampler **out)
{
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->grid = *grid;
    status = leray_fft_create(grid->ndim, grid->n, 1, &(*out)->fft);
    if (!status) status = LERAY_ALLOC(&(*out)->u_hat, leray_fft_coefficients((*out)->fft));
    if (!status) return LERAY_OK;
    leray_random_sampler_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_random_sampler_destroy(leray_random_sampler **sampler)
{
    if (!*sampler) return;
    leray_mem_free((*sampler)->u_hat);
    leray_fft_destroy(&(*sampler)->fft);
    leray_mem_free(*sampler);
    *sampler = NULL;
}

/* The place of sign * k in u_hat, k_x >= 0 after the sign. */
static double complex *coefficient(leray_random_sampler *s, int sign, const int *k)
{
    int x = s->grid.ndim - 1;
    size_t at = 0;

    for (int a = 0; a < x; a++) {
        int n = s->grid.n[a], ka = sign * k[a];

        at = at * (size_t)n + (size_t)(ka < 0 ? ka + n : ka);
    }
    return s->u_hat + at * ((size_t)s->grid.n[x] / 2 + 1) + (size_t)(sign * k[x]);
}

static void put(leray_random_sampler *s, const int *k, double complex c)
{
    int x = s->grid.ndim - 1;

    for (int a = 0; a <= x; a++)
        if (2 * k[a] >= s->grid.n[a] || -2 * k[a] >= s->grid.n[a]) return;
    *coefficient(s, 1, k) = c;
    if (k[x] == 0) *coefficient(s, -1, k) = conj(c);
}

leray_status leray_random_sampler_draw(leray_random_sampler *sampler, const leray_random_field *law,
                                       uint64_t seed, uint32_t simulation, int kmax, double *u)
{
    const leray_extents *grid = &sampler->grid;
    char text[LERAY_EXTENTS_TEXT];
    int least = INT_MAX, ring = 0;
    leray_random_modes modes = leray_random_modes_begin(law, seed, simulation);

    for (int a = 0; a < grid->ndim; a++) {
        int top = (grid->n[a] - 1) / 2;

        least = top < least ? top : least;
        ring = top > ring ? top : ring;
    }
    LERAY_CHECK(law->ndim == grid->ndim, LERAY_ERR_ARG, "a law of %d dimensions on a grid of %d",
                law->ndim, grid->ndim);
    LERAY_CHECK(kmax >= 0 && kmax <= least, LERAY_ERR_ARG,
                "kmax = %d: a grid of %s points has modes in [0, %d]", kmax,
                leray_extents_text(grid, text), least);
    if (kmax > 0) ring = kmax;
    memset(sampler->u_hat, 0, leray_fft_coefficients(sampler->fft) * sizeof *sampler->u_hat);
    for (long left = leray_random_modes_within(law->ndim, ring); left > 0; left--) {
        int k[LERAY_AXES];
        double complex c = leray_random_modes_next(&modes, k);

        put(sampler, k, c);
    }
    leray_fft_inverse(sampler->fft, sampler->u_hat, u);
    return LERAY_OK;
}
