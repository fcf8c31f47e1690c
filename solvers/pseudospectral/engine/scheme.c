/* solvers/pseudospectral/engine/scheme.c - see solvers/pseudospectral/engine/scheme.h. */
#include "solvers/pseudospectral/engine/scheme.h"

#include "solvers/pseudospectral/engine/integrator.h"

#include <math.h>

const char *const leray_scheme_names[] = {"rk4", "rk3cn", "etdrk4", NULL};

/* Spalart, Moser, Rogers (1991), eq. A5. */
static const double alpha[] = {29.0 / 96, -3.0 / 40, 1.0 / 6};
static const double beta[] = {37.0 / 160, 5.0 / 24, 1.0 / 6};
static const double explicit_new[] = {8.0 / 15, 5.0 / 12, 3.0 / 4};
static const double explicit_old[] = {0, -17.0 / 60, -5.0 / 12};

const leray_scheme *leray_scheme_of(int scheme)
{
    static const leray_scheme schemes[] = {
        {4, 1, 0, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}},
        {3, 1, 0, {1.0 / 4, 0, 3.0 / 4, 0}            },
        {4, 5, 1, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}},
    };

    return &schemes[scheme];
}

/* phi_1, phi_2, phi_3 of z <= 0: by their series near 0, where the recurrence cancels. */
static void phi_functions(double z, double phi[4])
{
    if (z > -1) {
        double term = 1.0 / 6, sum = 0;

        for (int j = 0; j < 18; j++) {
            sum += term;
            term *= z / (j + 4);
        }
        phi[3] = sum;
        phi[2] = 0.5 + z * phi[3];
        phi[1] = 1 + z * phi[2];
        return;
    }
    phi[1] = expm1(z) / z;
    phi[2] = (phi[1] - 1) / z;
    phi[3] = (phi[2] - 0.5) / z;
}

static void etd_factors(double h, double L, double *f)
{
    double phi[4];

    phi_functions(L * h / 2, phi);
    f[0] = exp(L * h / 2);
    f[1] = h / 2 * phi[1];
    phi_functions(L * h, phi);
    f[2] = h * (phi[1] - 3 * phi[2] + 4 * phi[3]);
    f[3] = 2 * h * (phi[2] - 2 * phi[3]);
    f[4] = h * (4 * phi[3] - phi[2]);
}

void leray_scheme_factors(int scheme, double h, size_t n, const double *L, double *const *factor)
{
    for (size_t j = 0; j < n; j++) {
        double f[LERAY_SCHEME_FACTORS] = {0};

        if (scheme == LERAY_SCHEME_RK4) f[0] = exp(L[j] * h / 2);
        else if (scheme == LERAY_SCHEME_RK3CN) f[0] = L[j] * h;
        else etd_factors(h, L[j], f);
        for (int k = 0; k < leray_scheme_of(scheme)->factors; k++) factor[k][j] = f[k];
    }
}

static void rk4(int stage, double h, size_t n, const double *restrict e, const double *restrict k,
                const double *restrict u, double *restrict sum, double *restrict next)
{
    switch (stage) {
    case 0:
        for (size_t j = 0; j < n; j++) {
            next[j] = e[j] * (u[j] + h / 2 * k[j]);
            sum[j] = e[j] * e[j] * (u[j] + h / 6 * k[j]);
        }
        break;
    case 1:
        for (size_t j = 0; j < n; j++) {
            next[j] = e[j] * u[j] + h / 2 * k[j];
            sum[j] += e[j] * (h / 3 * k[j]);
        }
        break;
    case 2:
        for (size_t j = 0; j < n; j++) {
            next[j] = e[j] * (e[j] * u[j] + h * k[j]);
            sum[j] += e[j] * (h / 3 * k[j]);
        }
        break;
    default:
        for (size_t j = 0; j < n; j++) next[j] = sum[j] + h / 6 * k[j];
    }
}

static void rk3cn(int stage, double h, size_t n, const double *restrict z, const double *restrict k,
                  const double *u, double *restrict old, double *next)
{
    double a = alpha[stage], b = beta[stage], c = h * explicit_new[stage];
    double d = h * explicit_old[stage];

    if (stage == 0)
        for (size_t j = 0; j < n; j++)
            next[j] = ((1 + a * z[j]) * u[j] + c * k[j]) / (1 - b * z[j]);
    else
        for (size_t j = 0; j < n; j++)
            next[j] = ((1 + a * z[j]) * u[j] + c * k[j] + d * old[j]) / (1 - b * z[j]);
    if (stage < 2)
        for (size_t j = 0; j < n; j++) old[j] = k[j];
}

static void etdrk4(int stage, size_t n, const double *const *f, const double *restrict k,
                   const double *restrict u, double *restrict sum, double *restrict extra,
                   double *restrict next)
{
    const double *restrict e = f[0], *restrict q = f[1];
    const double *restrict g = f[stage == 0 ? 2 : stage < 3 ? 3 : 4];

    switch (stage) {
    case 0:
        for (size_t j = 0; j < n; j++) {
            next[j] = e[j] * u[j] + q[j] * k[j];
            extra[j] = e[j] * next[j] - q[j] * k[j];
            sum[j] = e[j] * e[j] * u[j] + g[j] * k[j];
        }
        break;
    case 1:
        for (size_t j = 0; j < n; j++) {
            next[j] = e[j] * u[j] + q[j] * k[j];
            sum[j] += g[j] * k[j];
        }
        break;
    case 2:
        for (size_t j = 0; j < n; j++) {
            next[j] = extra[j] + 2 * q[j] * k[j];
            sum[j] += g[j] * k[j];
        }
        break;
    default:
        for (size_t j = 0; j < n; j++) next[j] = sum[j] + g[j] * k[j];
    }
}

void leray_scheme_stage(int scheme, int stage, double h, size_t n, const double *const *factor,
                        const double *k, const double *u, double *sum, double *extra, double *next)
{
    switch (scheme) {
    case LERAY_SCHEME_RK4: rk4(stage, h, n, factor[0], k, u, sum, next); break;
    case LERAY_SCHEME_RK3CN: rk3cn(stage, h, n, factor[0], k, u, sum, next); break;
    default: etdrk4(stage, n, factor, k, u, sum, extra, next);
    }
}
