/* data/random_field.h - periodic Gaussian random fields in one to three dimensions. Private.

   On the periodic box of d axes with lengths L_a the field is

       u(x) = sum over k != 0 of u_k exp(2 pi i sum over a of k_a x_a/L_a),
       u_k = sigma lambda_k (xi_1 + i xi_2),  lambda_k = (4 pi^2 sum of (k_a/L_a)^2 + tau^2)^(-alpha/2),

   xi_1, xi_2 standard normal, u_{-k} the conjugate of u_k, zero mean. In two dimensions this is the
   law that the code of the FNO benchmark samples (Li et al., arXiv:2010.08895, random_fields.py): it
   takes the real part of a field whose coefficients, sqrt(2) sigma lambda_k (xi_1 + i xi_2), are
   independent at k and -k. The covariance is therefore  2 sigma^2 (-Laplace + tau^2)^(-alpha), the
   factor 2 included, and the pointwise variance is  sum over k != 0 of 2 sigma^2 lambda_k^2.
   With the benchmark's alpha = 2.5, tau = 7, sigma = tau^((2 alpha - 2)/2) = 7^1.5 on the unit torus
   the standard deviation is 0.262. (The paper's formula, read literally, would give 0.043.)
   The benchmark's code in one dimension has no such factor (solvers/pseudospectral/burgers/initial.c).

   Coefficients are drawn ring by ring of max |k_a|, so that a wavenumber gets the same number on
   every grid: on grids of different resolution a field is the same function. */
#ifndef LERAY_DATA_RANDOM_FIELD_H
#define LERAY_DATA_RANDOM_FIELD_H

#include "core/error.h"
#include <leray/impl/grid.h>
#include <leray/impl/rng.h>

#include <complex.h>

typedef struct leray_random_field {
    double alpha, tau, sigma;
    int ndim;                  /* 1 to 3 */
    double length[LERAY_AXES]; /* slowest axis first: {L}, {Ly, Lx}, {Lz, Ly, Lx} */
} leray_random_field;

/* Walks one of k and -k for every k != 0, one coefficient at a time and without end: the one whose
   last wavenumber that is not 0 is positive. */
typedef struct leray_random_modes {
    leray_random_field law;
    leray_rng rng;
    long ring, at;
} leray_random_modes;

/* The stream is (seed, LERAY_PURPOSE_INITIAL_FIELD, simulation, 0). */
leray_random_modes leray_random_modes_begin(const leray_random_field *law, uint64_t seed,
                                            uint32_t simulation);
/* Fills k [ndim], slowest axis first. */
double complex leray_random_modes_next(leray_random_modes *modes, int *k);

/* How many coefficients it takes until every mode with max |k_a| <= r has come: half of
   (2 r + 1)^ndim - 1. */
long leray_random_modes_within(int ndim, long r);

/* Samples on a grid. */
typedef struct leray_random_sampler leray_random_sampler;

/* Errors: ARG (extents from 1 on), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_random_sampler_create(const leray_extents *grid,
                                                         leray_random_sampler **out);
void leray_random_sampler_destroy(leray_random_sampler **sampler); /* accepts a pointer to NULL */

/* Fills u [grid] with the modes max |k_a| <= kmax; kmax = 0 means all that the grid has below its
   Nyquist wavenumbers. Does not allocate. Errors: ARG if the law is not of the grid's dimensions, or
   the grid does not resolve kmax. */
LERAY_NODISCARD leray_status leray_random_sampler_draw(leray_random_sampler *sampler,
                                                       const leray_random_field *law, uint64_t seed,
                                                       uint32_t simulation, int kmax, double *u);

#endif
