/* data/random_field.h - periodic Gaussian random fields. Private.

   On the box Ly x Lx the field is  u(x) = sum over k != 0 of u_k exp(2 pi i (ky y/Ly + kx x/Lx)),
   u_k = sigma lambda_k (xi_1 + i xi_2),  lambda_k = (4 pi^2 (ky^2/Ly^2 + kx^2/Lx^2) + tau^2)^(-alpha/2),

   xi_1, xi_2 standard normal, u_{-k} the conjugate of u_k, zero mean. This is the law that the
   code of the FNO benchmark samples (Li et al., arXiv:2010.08895, random_fields.py): it takes the
   real part of a field whose coefficients, sqrt(2) sigma lambda_k (xi_1 + i xi_2), are
   independent at k and -k. The covariance is therefore  2 sigma^2 (-Laplace + tau^2)^(-alpha), the
   factor 2 included, and the pointwise variance is  sum over k != 0 of 2 sigma^2 lambda_k^2.
   With the benchmark's alpha = 2.5, tau = 7, sigma = tau^((2 alpha - 2)/2) = 7^1.5 on the unit torus
   the standard deviation is 0.262. (The paper's formula, read literally, would give 0.043.)

   Coefficients are drawn ring by ring of max(|ky|, |kx|), so that a wavenumber gets the same number
   on every grid: a field is one function, seen through grids of different resolution. */
#ifndef LERAY_DATA_RANDOM_FIELD_H
#define LERAY_DATA_RANDOM_FIELD_H

#include "core/error.h"
#include "core/rng.h"

#include <complex.h>

typedef struct leray_random_field {
    double alpha, tau, sigma;
    double length[2]; /* {Ly, Lx} */
} leray_random_field;

/* Walks the half-plane kx > 0 or (kx = 0 and ky > 0), one coefficient at a time and without end;
   after 2 r (r + 1) of them every mode with max(|ky|, |kx|) <= r has come. */
typedef struct leray_random_modes {
    leray_random_field law;
    leray_rng rng;
    int ring, at;
} leray_random_modes;

/* The stream is (seed, LERAY_PURPOSE_INITIAL_FIELD, simulation, 0). */
leray_random_modes leray_random_modes_begin(const leray_random_field *law, uint64_t seed,
                                            uint32_t simulation);
double complex leray_random_modes_next(leray_random_modes *modes, int *ky, int *kx);

/* Samples on a grid. */
typedef struct leray_random_sampler leray_random_sampler;

/* Errors: ARG (extents from 1 on), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_random_sampler_create(int ny, int nx,
                                                         leray_random_sampler **out);
void leray_random_sampler_destroy(leray_random_sampler **sampler); /* accepts a pointer to NULL */

/* Fills u [ny, nx] with the modes max(|ky|, |kx|) <= kmax; kmax = 0 means all that the grid has
   below its Nyquist wavenumbers. Does not allocate.
   Errors: ARG if the grid does not resolve kmax. */
LERAY_NODISCARD leray_status leray_random_sampler_draw(leray_random_sampler *sampler,
                                                       const leray_random_field *law, uint64_t seed,
                                                       uint32_t simulation, int kmax, double *u);

#endif
