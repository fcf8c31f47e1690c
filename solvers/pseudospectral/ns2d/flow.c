/* solvers/pseudospectral/ns2d/flow.c - the flow as the integrator wants it: which fields go to physical space, what is
   multiplied there, and what becomes of the products. With psi = w/k^2,

       u = i ky psi,  v = -i kx psi,
       dw/dt      = (kx^2 - ky^2) (uv)^ + kx ky (v^2 - u^2)^       - beta v + f,
       dtheta/dt  = -i kx (u theta)^ - i ky (v theta)^             - G v.

   The mean flow [U, V] is the mode k = 0 of the velocity on its way to physical space; beta and G act
   on the flow's own velocity. The mean of theta, its mode k = 0, is constant and carried by no flow
   without divergence: it stays out of the products, so that the fluctuations are the same, to the
   last bit, with any mean. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <string.h>

enum { U, V, THETA };                      /* inputs */
enum { UV, DIFFERENCE, U_THETA, V_THETA }; /* products */

/* Lines of complex numbers are loops over doubles, here and below: n rows are 2 n of them, for which
   ky holds each wavenumber twice. First v = -i psi, in two loops that need the fewest shuffles. */
static void velocity(int n, double kx, const double *restrict ky, const double *restrict inverse_k2,
                     const double *restrict w, double *restrict u, double *restrict v)
{
    for (int j = 0; j < n; j++) {
        v[2 * j] = inverse_k2[j] * w[2 * j + 1];
        v[2 * j + 1] = -inverse_k2[j] * w[2 * j];
    }
    for (int j = 0; j < 2 * n; j++) {
        u[j] = -ky[j] * v[j];
        v[j] *= kx;
    }
}

void ns2d_velocity(void *self, const leray_column *column, double complex *const *vorticity,
                   double complex *const *u)
{
    const ns2d *s = self;

    velocity(column->n, column->kx, s->ky_twice, ns2d_inverse_k2(s, column),
             (const double *)vorticity[0], (double *)u[0], (double *)u[1]);
}

static void input(void *self, const leray_column *column, double complex *const *state,
                  double complex *const *in)
{
    const ns2d *s = self;

    ns2d_velocity(self, column, state, in);
    if (column->i == 0) in[U][0] = s->mean_flow[0], in[V][0] = s->mean_flow[1];
    if (!ns2d_set(s)->scalar.on) return;
    memcpy(in[THETA], state[1], (size_t)column->n * sizeof **in);
    if (column->i == 0) in[THETA][0] = 0;
}

static void advecting(int n, const double *restrict u, const double *restrict v,
                      double *restrict uv, double *restrict difference)
{
    for (int i = 0; i < n; i++) {
        uv[i] = u[i] * v[i];
        difference[i] = (v[i] - u[i]) * (v[i] + u[i]);
    }
}

static void times(int n, const double *restrict a, const double *restrict b, double *restrict out)
{
    for (int i = 0; i < n; i++) out[i] = a[i] * b[i];
}

static void product(void *self, const leray_rows *rows, double *const *in, double *const *out,
                    double *sums)
{
    const ns2d *s = self;

    (void)sums;
    advecting(rows->points, in[U], in[V], out[UV], out[DIFFERENCE]);
    if (!ns2d_set(s)->scalar.on) return;
    times(rows->points, in[U], in[THETA], out[U_THETA]);
    times(rows->points, in[V], in[THETA], out[V_THETA]);
}

static void advection(int n, double kx, const double *restrict ky, const double *restrict uv,
                      const double *restrict difference, double *restrict change)
{
    for (int j = 0; j < 2 * n; j++)
        change[j] = (kx - ky[j]) * (kx + ky[j]) * uv[j] + kx * ky[j] * difference[j];
}

/* change = -i (kx u + ky v). */
static void divergence(int n, double kx, const double *restrict ky, const double *restrict u,
                       const double *restrict v, double *restrict change)
{
    for (int j = 0; j < n; j++) {
        change[2 * j] = kx * u[2 * j + 1] + ky[j] * v[2 * j + 1];
        change[2 * j + 1] = -kx * u[2 * j] - ky[j] * v[2 * j];
    }
}

static void tendency(void *self, const leray_column *column, double complex *const *products,
                     double complex *const *change)
{
    const ns2d *s = self;

    advection(column->n, column->kx, s->ky_twice, (const double *)products[UV],
              (const double *)products[DIFFERENCE], (double *)change[0]);
    if (ns2d_set(s)->scalar.on)
        divergence(column->n, column->kx, column->ks, (const double *)products[U_THETA],
                   (const double *)products[V_THETA], (double *)change[1]);
}

/* change -= factor v. */
static void across(int n, double kx_factor, const double *restrict inverse_k2,
                   const double *restrict w, double *restrict change)
{
    for (int j = 0; j < n; j++) {
        change[2 * j] -= kx_factor * inverse_k2[j] * w[2 * j + 1];
        change[2 * j + 1] += kx_factor * inverse_k2[j] * w[2 * j];
    }
}

static void source(void *self, const leray_column *column, double complex *const *state,
                   double complex *const *change)
{
    const ns2d *s = self;
    const ns2d_settings *set = ns2d_set(s);
    const double complex *force = ns2d_force_line(s, column);

    if (force)
        for (int j = 0; j < column->n; j++) change[0][j] += force[j];
    if (set->beta != 0)
        across(column->n, column->kx * set->beta, ns2d_inverse_k2(s, column),
               (const double *)state[0], (double *)change[0]);
    if (set->scalar.on && set->scalar.gradient != 0)
        across(column->n, column->kx * set->scalar.gradient, ns2d_inverse_k2(s, column),
               (const double *)state[0], (double *)change[1]);
}

/* Energy, enstrophy and palinstrophy. */
static void moments(int n, double kx, const double *restrict ky, const double *restrict inverse_k2,
                    const double *restrict w, double *sums)
{
    double e = 0, z = 0, p = 0;

#pragma omp simd reduction(+ : e, z, p)
    for (int j = 0; j < n; j++) {
        double square = w[2 * j] * w[2 * j] + w[2 * j + 1] * w[2 * j + 1];

        e += inverse_k2[j] * square;
        z += square;
        p += (kx * kx + ky[j] * ky[j]) * square;
    }
    sums[NS2D_ENERGY] = e / 2;
    sums[NS2D_ENSTROPHY] = z / 2;
    sums[NS2D_PALINSTROPHY] = p / 2;
}

static void steady_sums(const ns2d *s, const leray_column *column, const double complex *w,
                        double *sums)
{
    const double complex *force = ns2d_force_line(s, column);
    const double *inverse_k2 = ns2d_inverse_k2(s, column);

    for (int j = 0; force && j < column->n; j++) {
        double part = creal(force[j]) * creal(w[j]) + cimag(force[j]) * cimag(w[j]);

        sums[NS2D_ENSTROPHY_STEADY] += part;
        sums[NS2D_ENERGY_STEADY] += part * inverse_k2[j];
    }
}

static void scalar_sums(const ns2d *s, const leray_column *column, const double *restrict w,
                        const double *restrict theta, double *sums)
{
    const double *restrict inverse_k2 = ns2d_inverse_k2(s, column), *restrict ky = column->ks;
    double kx = column->kx, variance = 0, gradient = 0, flux = 0;

#pragma omp simd reduction(+ : variance, gradient, flux)
    for (int j = 0; j < column->n; j++) {
        double square = theta[2 * j] * theta[2 * j] + theta[2 * j + 1] * theta[2 * j + 1];

        variance += inverse_k2[j] > 0 ? square : 0; /* not the mean */
        gradient += (kx * kx + ky[j] * ky[j]) * square;
        flux += kx * inverse_k2[j] * (w[2 * j + 1] * theta[2 * j] - w[2 * j] * theta[2 * j + 1]);
    }
    sums[NS2D_VARIANCE] = variance;
    sums[NS2D_SCALAR_MEAN] = column->i == 0 ? theta[0] : 0;
    sums[NS2D_GRADIENT] = gradient;
    sums[NS2D_VARIANCE_INJECTION] = -2 * ns2d_set(s)->scalar.gradient * flux;
}

static void sum(void *self, const leray_column *column, double complex *const *state, double *sums)
{
    const ns2d *s = self;

    memset(sums, 0, NS2D_SUMS * sizeof *sums);
    moments(column->n, column->kx, column->ks, ns2d_inverse_k2(s, column), (const double *)state[0],
            sums);
    steady_sums(s, column, state[0], sums);
    ns2d_damping_sums(s, column, (const double *)state[0], sums);
    if (ns2d_set(s)->scalar.on)
        scalar_sums(s, column, (const double *)state[0], (const double *)state[1], sums);
}

static void budget(void *self, const double *sums, const double *row_sums, double *rate)
{
    const ns2d_settings *set = ns2d_set(self);

    (void)row_sums;
    rate[NS2D_ENERGY] = sums[NS2D_ENERGY_STEADY] - 2 * set->nu * sums[NS2D_ENSTROPHY] -
                        2 * set->drag * sums[NS2D_ENERGY] - sums[NS2D_ENERGY_HYPER] -
                        sums[NS2D_ENERGY_HYPO];
    rate[NS2D_ENSTROPHY] = sums[NS2D_ENSTROPHY_STEADY] - 2 * set->nu * sums[NS2D_PALINSTROPHY] -
                           2 * set->drag * sums[NS2D_ENSTROPHY] - sums[NS2D_ENSTROPHY_HYPER] -
                           sums[NS2D_ENSTROPHY_HYPO];
    if (set->scalar.on)
        rate[NS2D_VARIANCE] =
            sums[NS2D_VARIANCE_INJECTION] - 2 * set->scalar.kappa * sums[NS2D_GRADIENT];
}

void ns2d_make_flow(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    bool scalar = set->scalar.on,
         steady = set->forcing.type != NS2D_FORCING_NONE && set->forcing.type != NS2D_FORCING_RING;

    s->flow = (leray_flow){
        .fields = scalar ? 2 : 1,
        .inputs = scalar ? 3 : 2,
        .products = scalar ? 4 : 2,
        .sums = NS2D_SUMS,
        .budgets = scalar ? 3 : 2,
        .rates = scalar ? 2 : 1,
        .rate_of = {0, 1},
        .keeps_state = set->beta != 0 || (scalar && set->scalar.gradient != 0),
        .input = input,
        .product = product,
        .tendency = tendency,
        .linear = ns2d_linear,
        .sum = sum,
        .budget = budget,
    };
    if (steady || s->flow.keeps_state) s->flow.source = source;
    if (set->forcing.type == NS2D_FORCING_RING) s->flow.kick = ns2d_kick;
}
