/* solvers/pseudospectral/engine/scheme.h - the stages of one step, line by line. Private to integrator.c and scheme.c.

   With h the step, N_s the tendency at stage s, E = exp(L h/2):

     rk4      a0 = u              u' = E^2 (u + h/6 N0) + E h/3 (N1 + N2) + h/6 N3
              a1 = E (u + h/2 N0),  a2 = E u + h/2 N1,  a3 = E (E u + h N2)

     rk3cn    u_s+1 = [ (1 + alpha_s h L) u_s + h (gamma_s N_s + zeta_s N_s-1) ] / (1 - beta_s h L)

     etdrk4   a1 = E u + Q N0,  a2 = E u + Q N1,  a3 = E a1 + Q (2 N2 - N0)
              u' = E^2 u + f1 N0 + 2 f2 (N1 + N2) + f3 N3,     with z = L h and
              Q = h phi1(z/2)/2,  f1 = h (phi1 - 3 phi2 + 4 phi3),  f2 = h (phi2 - 2 phi3),
              f3 = h (4 phi3 - phi2),   phi_k = sum over j >= 0 of z^j/(j + k)!  */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_SCHEME_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_SCHEME_H

#include <stddef.h>

#define LERAY_SCHEME_FACTORS 5

typedef struct leray_scheme {
    int stages;
    int factors;      /* numbers of a mode that step lines need */
    int extra;        /* fields kept besides the state and one sum */
    double weight[4]; /* of the stages, for what is integrated along */
} leray_scheme;

const leray_scheme *leray_scheme_of(int scheme);

/* factor[k] [n] from L [n] for steps of h. */
void leray_scheme_factors(int scheme, double h, size_t n, const double *L, double *const *factor);

/* One stage of n numbers, factors likewise: from the tendency k, the state u at the step's begin
   (rk3cn: the stage's own) to the next stage's in `next`. sum and extra are the step's own. The
   last stage leaves the new state in next, too, where next may be u. */
void leray_scheme_stage(int scheme, int stage, double h, size_t n, const double *const *factor,
                        const double *k, const double *u, double *sum, double *extra, double *next);

#endif
