/* data/random_field.c - see data/random_field.h for the law and the order of the draws. */
#include "data/random_field.h"

#include "core/fft.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586477

struct leray_random_sampler {
    int ny, nx;
    leray_fft *fft;
    double complex *u_hat; /* [ny, nx/2 + 1] */
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

/* The half of ring r: kx = r with all its ky, then pairs (r, kx), (-r, kx), then (r, 0). */
static void wavenumber(int r, int at, int *ky, int *kx)
{
    if (at <= 2 * r) {
        *kx = r;
        *ky = at - r;
    } else if (at < 4 * r - 1) {
        *kx = 1 + (at - 2 * r - 1) / 2;
        *ky = (at - 2 * r - 1) % 2 ? -r : r;
    } else {
        *kx = 0;
        *ky = r;
    }
}

double complex leray_random_modes_next(leray_random_modes *modes, int *ky, int *kx)
{
    const leray_random_field *law = &modes->law;
    double ay, ax, amplitude, re, im;

    wavenumber(modes->ring, modes->at, ky, kx);
    if (++modes->at == 4 * modes->ring) {
        modes->ring++;
        modes->at = 0;
    }
    ay = TWO_PI * *ky / law->length[0];
    ax = TWO_PI * *kx / law->length[1];
    amplitude = law->sigma * pow(ay * ay + ax * ax + law->tau * law->tau, -law->alpha / 2);
    re = leray_rng_normal(&modes->rng);
    im = leray_rng_normal(&modes->rng);
    return amplitude * re + amplitude * im * I;
}

leray_status leray_random_sampler_create(int ny, int nx, leray_random_sampler **out)
{
    leray_status status;
    int n[2] = {ny, nx};

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->ny = ny;
    (*out)->nx = nx;
    status = leray_fft_create(2, n, 1, &(*out)->fft);
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

leray_status leray_random_sampler_draw(leray_random_sampler *sampler, const leray_random_field *law,
                                       uint64_t seed, uint32_t simulation, int kmax, double *u)
{
    int ny = sampler->ny, nx = sampler->nx, top_y = (ny - 1) / 2, top_x = (nx - 1) / 2;
    int least = top_y < top_x ? top_y : top_x, ring = top_y > top_x ? top_y : top_x;
    size_t columns = (size_t)nx / 2 + 1;
    leray_random_modes modes = leray_random_modes_begin(law, seed, simulation);

    LERAY_CHECK(kmax >= 0 && kmax <= least, LERAY_ERR_ARG,
                "kmax = %d: a grid of %d x %d points has modes in [0, %d]", kmax, ny, nx, least);
    if (kmax > 0) ring = kmax;
    memset(sampler->u_hat, 0, (size_t)ny * columns * sizeof *sampler->u_hat);
    for (long left = 2L * ring * (ring + 1); left > 0; left--) {
        int ky, kx;
        double complex c = leray_random_modes_next(&modes, &ky, &kx);

        if (kx > top_x || ky > top_y || ky < -top_y) continue;
        sampler->u_hat[(size_t)(ky < 0 ? ky + ny : ky) * columns + (size_t)kx] = c;
        if (kx == 0) sampler->u_hat[(size_t)(ny - ky) * columns] = conj(c);
    }
    leray_fft_inverse(sampler->fft, sampler->u_hat, u);
    return LERAY_OK;
}
