/* solvers/walls/momentum.c - the right-hand side on the staggered grid (Harlow and Welch 1965), as Verstappen and
   Veldman (2003) weight it on uneven axes: mass fluxes through the faces of a velocity's own volume are means of
   those of cells, and what they carry is the plain mean of both sides. The convective term then changes no kinetic
   energy but through the sides, whatever the axes. */
#include "solvers/walls/walls2d.h"

#include "core/threads.h"

#include <math.h>

/* ---- u ----------------------------------------------------------------------------------- */

static void row_of_u(walls2d *s, int j, double dt, double gamma, double zeta)
{
    const double nu = walls2d_settings_of(s)->nu;
    const double *restrict now = s->u + walls2d_at(s, j, 0), *restrict below = now - s->stride;
    const double *restrict above = now + s->stride;
    const double *restrict vs = s->v + walls2d_at(s, j, 0), *restrict vn = vs + s->stride;
    double *restrict next = s->u_next + walls2d_at(s, j, 0);
    double *restrict rate = s->u_rate + walls2d_at(s, j, 0);
    const double *restrict w = s->x.width + 1, *restrict rw = s->x.inverse_width + 1;
    const double *restrict rg = s->x.inverse_gap;
    const double rh = s->y.inverse_width[j + 1];
    const double south = s->y.inverse_gap[j], north = s->y.inverse_gap[j + 1];

#pragma omp simd
    for (int i = walls2d_first_u(s); i < s->nx; i++) {
        double e = now[i] + now[i + 1], f = now[i - 1] + now[i];
        double mn = vn[i - 1] * w[i - 1] + vn[i] * w[i], ms = vs[i - 1] * w[i - 1] + vs[i] * w[i];
        double convection =
            0.25 * rg[i] *
            (e * e - f * f + rh * (mn * (now[i] + above[i]) - ms * (below[i] + now[i])));
        double viscous =
            rg[i] * ((now[i + 1] - now[i]) * rw[i] - (now[i] - now[i - 1]) * rw[i - 1]) +
            rh * ((above[i] - now[i]) * north - (now[i] - below[i]) * south);
        double n = nu * viscous - convection;

        next[i] = now[i] + dt * (gamma * n + zeta * rate[i]);
        rate[i] = n;
    }
}

/* ---- v ----------------------------------------------------------------------------------- */

static void row_of_v(walls2d *s, int j, double dt, double gamma, double zeta)
{
    const double nu = walls2d_settings_of(s)->nu;
    const double *restrict now = s->v + walls2d_at(s, j, 0), *restrict below = now - s->stride;
    const double *restrict above = now + s->stride;
    const double *restrict un = s->u + walls2d_at(s, j, 0), *restrict us = un - s->stride;
    double *restrict next = s->v_next + walls2d_at(s, j, 0);
    double *restrict rate = s->v_rate + walls2d_at(s, j, 0);
    const double *restrict rw = s->x.inverse_width + 1;
    const double *restrict rg = s->x.inverse_gap;
    const double rg_y = s->y.inverse_gap[j];
    const double hn = s->y.width[j + 1], hs = s->y.width[j];
    const double rn = s->y.inverse_width[j + 1], rs = s->y.inverse_width[j];

#pragma omp simd
    for (int i = 0; i < s->nx; i++) {
        double a = now[i] + above[i], b = below[i] + now[i];
        double me = us[i + 1] * hs + un[i + 1] * hn, mw = us[i] * hs + un[i] * hn;
        double convection =
            0.25 * rg_y *
            (a * a - b * b + rw[i] * (me * (now[i] + now[i + 1]) - mw * (now[i - 1] + now[i])));
        double viscous =
            rw[i] * ((now[i + 1] - now[i]) * rg[i + 1] - (now[i] - now[i - 1]) * rg[i]) +
            rg_y * ((above[i] - now[i]) * rn - (now[i] - below[i]) * rs);
        double n = nu * viscous - convection;

        next[i] = now[i] + dt * (gamma * n + zeta * rate[i]);
        rate[i] = n;
    }
}

void walls2d_advance(walls2d *s, double dt, double gamma, double zeta)
{
    int first_v = walls2d_first_v(s), threads = leray_threads();

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < s->ny; j++) {
        row_of_u(s, j, dt, gamma, zeta);
        if (j >= first_v) row_of_v(s, j, dt, gamma, zeta);
    }
}

void walls2d_divergence(const walls2d *s, const double *u, const double *v, double *p)
{
    int threads = leray_threads();

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < s->ny; j++) {
        const double *restrict uj = u + walls2d_at(s, j, 0), *restrict vj = v + walls2d_at(s, j, 0);
        const double *restrict vn = vj + s->stride, *restrict rw = s->x.inverse_width + 1;
        const double rh = s->y.inverse_width[j + 1];
        double *restrict out = p + (size_t)j * (size_t)s->nx;

        for (int i = 0; i < s->nx; i++) out[i] = (uj[i + 1] - uj[i]) * rw[i] + (vn[i] - vj[i]) * rh;
    }
}

void walls2d_project(const walls2d *s, const double *p, double *u, double *v)
{
    int threads = leray_threads();
    size_t n = (size_t)s->nx;

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < s->ny; j++) {
        const double *restrict here = p + (size_t)j * n;
        const double *restrict below = p + (size_t)(j > 0 ? j - 1 : s->ny - 1) * n;
        double *restrict uj = u + walls2d_at(s, j, 0), *restrict vj = v + walls2d_at(s, j, 0);
        const double *restrict rg = s->x.inverse_gap;
        const double ry = s->y.inverse_gap[j];

        for (int i = 1; i < s->nx; i++) uj[i] -= (here[i] - here[i - 1]) * rg[i];
        if (s->x.periodic) uj[0] -= (here[0] - here[n - 1]) * rg[0];
        if (j >= walls2d_first_v(s))
            for (int i = 0; i < s->nx; i++) vj[i] -= (here[i] - below[i]) * ry;
    }
}

#define LANES 8 /* cells that are compared side by side */

static double fastest_of_row(const walls2d *s, int j)
{
    const double *restrict u = s->u + walls2d_at(s, j, 0), *restrict v = s->v + walls2d_at(s, j, 0);
    const double *restrict vn = v + s->stride, *restrict rw = s->x.inverse_width + 1;
    const double rh = s->y.inverse_width[j + 1];
    double most[LANES] = {0}, sum[LANES] = {0}, row = 0, all = 0;

    for (int first = 0; first < s->nx; first += LANES) {
        int lanes = s->nx - first < LANES ? s->nx - first : LANES;

        for (int l = 0; l < lanes; l++) {
            int i = first + l;
            double w = fabs(u[i]), e = fabs(u[i + 1]), so = fabs(v[i]), n = fabs(vn[i]);
            double rate = (w > e ? w : e) * rw[i] + (so > n ? so : n) * rh;

            most[l] = rate > most[l] ? rate : most[l];
            sum[l] += w + so; /* what is no number gets lost in comparisons, not in sums */
        }
    }
    for (int l = 0; l < LANES; l++) row = most[l] > row ? most[l] : row, all += sum[l];
    return isfinite(all) ? row : NAN;
}

double walls2d_fastest(walls2d *s)
{
    int threads = leray_threads();
    double all = 0;

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < s->ny; j++) s->fastest_row[j] = fastest_of_row(s, j);
    for (int j = 0; j < s->ny; j++) {
        if (isnan(s->fastest_row[j])) return NAN;
        all = s->fastest_row[j] > all ? s->fastest_row[j] : all;
    }
    return all;
}
