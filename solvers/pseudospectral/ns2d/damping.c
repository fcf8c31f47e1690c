/* solvers/pseudospectral/ns2d/damping.c - what is linear and damps, mode by mode:

       L(k) = -(nu k^2 + drag + nu_h k^(2p) + nu_l k^(-2q))    of the vorticity,
       L(k) = -kappa k^2                                       of the scalar,

   and what hyper- and hypoviscosity take from energy and enstrophy, 2 times their part of -L by
   that of the mode. All coefficients are >= 0, and so L <= 0. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>

#define PIECE 64 /* rows at a time, so that powers are loops over rows */

/* out = coefficient x^power; n <= PIECE. */
static void powers(int n, double coefficient, const double *restrict x, int64_t power,
                   double *restrict out)
{
    for (int j = 0; j < n; j++) out[j] = coefficient;
    for (; power > 0; power--)
        for (int j = 0; j < n; j++) out[j] *= x[j];
}

static void squares(int n, double kx, const double *restrict ky, double *restrict k2)
{
    for (int j = 0; j < n; j++) k2[j] = kx * kx + ky[j] * ky[j];
}

/* Adds nu_h k^(2p) and nu_l k^(-2q). A coefficient of 0 is none, whatever the power. */
static void add_extra(const ns2d *s, const leray_column *column, bool hyper, bool hypo,
                      double *rate)
{
    const ns2d_settings *set = ns2d_set(s);
    double k2[PIECE], part[PIECE];

    for (int at = 0; at < column->n; at += PIECE) {
        int n = column->n - at < PIECE ? column->n - at : PIECE;

        if (hyper && set->hyper.coefficient > 0) {
            squares(n, column->kx, column->ks + at, k2);
            powers(n, set->hyper.coefficient, k2, set->hyper.order, part);
            for (int j = 0; j < n; j++) rate[at + j] += part[j];
        }
        if (hypo && set->hypo.coefficient > 0) {
            powers(n, set->hypo.coefficient, ns2d_inverse_k2(s, column) + at, set->hypo.order,
                   part);
            for (int j = 0; j < n; j++) rate[at + j] += part[j];
        }
    }
}

static void diffusion(const leray_column *column, double coefficient, double *rate)
{
    for (int j = 0; j < column->n; j++)
        rate[j] = coefficient * (column->kx * column->kx + column->ks[j] * column->ks[j]);
}

void ns2d_linear(void *self, const leray_column *column, int rate, double *L)
{
    const ns2d *s = self;
    const ns2d_settings *set = ns2d_set(s);

    diffusion(column, rate == 0 ? set->nu : set->scalar.kappa, L);
    if (rate == 0) {
        for (int j = 0; j < column->n; j++) L[j] += set->drag;
        add_extra(s, column, true, true, L);
    }
    for (int j = 0; j < column->n; j++) L[j] = -L[j];
}

void ns2d_viscous(void *self, const leray_column *column, double *rate)
{
    const ns2d *s = self;

    diffusion(column, ns2d_set(s)->nu, rate);
    add_extra(s, column, true, false, rate);
}

/* Sums of 2 rate |w|^2/2 and of the same over k^2; w [2 n]. */
static void taken(int n, const double *restrict rate, const double *restrict inverse_k2,
                  const double *restrict w, double *energy, double *enstrophy)
{
    double e = 0, z = 0;

    for (int j = 0; j < n; j++) {
        double part = rate[j] * (w[2 * j] * w[2 * j] + w[2 * j + 1] * w[2 * j + 1]);

        z += part;
        e += part * inverse_k2[j];
    }
    *energy += e;
    *enstrophy += z;
}

void ns2d_damping_sums(const ns2d *s, const leray_column *column, const double *w, double *sums)
{
    const ns2d_settings *set = ns2d_set(s);
    const double *inverse_k2 = ns2d_inverse_k2(s, column);
    double k2[PIECE], rate[PIECE];

    for (int at = 0; at < column->n; at += PIECE) {
        int n = column->n - at < PIECE ? column->n - at : PIECE;

        if (set->hyper.coefficient > 0) {
            squares(n, column->kx, column->ks + at, k2);
            powers(n, set->hyper.coefficient, k2, set->hyper.order, rate);
            taken(n, rate, inverse_k2 + at, w + 2 * at, &sums[NS2D_ENERGY_HYPER],
                  &sums[NS2D_ENSTROPHY_HYPER]);
        }
        if (set->hypo.coefficient > 0) {
            powers(n, set->hypo.coefficient, inverse_k2 + at, set->hypo.order, rate);
            taken(n, rate, inverse_k2 + at, w + 2 * at, &sums[NS2D_ENERGY_HYPO],
                  &sums[NS2D_ENSTROPHY_HYPO]);
        }
    }
}

leray_status ns2d_check_damping(const ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    double top_y = s->box.k[LERAY_BOX_SLOW][s->box.top[LERAY_BOX_SLOW]];
    double top_x = s->box.k[LERAY_BOX_X][s->box.top[LERAY_BOX_X]];
    double longest = fmax(s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]);
    double hyper = pow(top_x * top_x + top_y * top_y, (double)set->hyper.order);
    double hypo = pow(longest / 6.283185307179586477, 2 * (double)set->hypo.order);

    LERAY_CHECK(set->hyper.coefficient == 0 || isfinite(set->hyper.coefficient * hyper),
                LERAY_ERR_CONFIG,
                "hyperviscosity.coefficient = %g with order %lld: its rate at the largest "
                "wavenumber, %g, is not finite; take a lower order",
                set->hyper.coefficient, (long long)set->hyper.order, hypot(top_x, top_y));
    LERAY_CHECK(set->hypo.coefficient == 0 || isfinite(set->hypo.coefficient * hypo),
                LERAY_ERR_CONFIG,
                "hypoviscosity.coefficient = %g with order %lld: its rate at the smallest "
                "wavenumber is not finite; take a lower order",
                set->hypo.coefficient, (long long)set->hypo.order);
    return LERAY_OK;
}
