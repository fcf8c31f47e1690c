/* solvers/walls/scalar.c - a scalar that is carried by the flow, and lifts it (Boussinesq):

     dT/dt + div(u T) = kappa lap T,      dv/dt = .. + buoyancy T.

   T lies in the centres of the cells. What goes through a face is u (T_w + T_e) / 2 - kappa (T_e - T_w) / g, so that its sum
   changes through the sides alone, and the convective part changes no sum of T^2. Through an insulated side nothing is
   conducted; at a fixed one T has the side's value. */
#include "solvers/walls/walls2d.h"

#include "core/threads.h"

/* The ghost beyond a side: the mean of both is its value, or the difference is 0. */
static double ghost(const walls_side_settings *side, double inside)
{
    return side->scalar.type ? 2 * side->scalar.value - inside : inside;
}

void walls2d_apply_scalar(const walls2d *s, double *t)
{
    const walls_side_settings *side = walls2d_settings_of(s)->side;

    for (int j = 0; j < s->ny; j++) {
        double *row = t + walls2d_at(s, j, 0);

        row[-1] = s->x.periodic ? row[s->nx - 1] : ghost(&side[LEFT], row[0]);
        row[s->nx] = s->x.periodic ? row[0] : ghost(&side[RIGHT], row[s->nx - 1]);
    }
    for (int i = 0; i < s->nx; i++) {
        double *first = t + walls2d_at(s, 0, i), *last = t + walls2d_at(s, s->ny - 1, i);

        *(first - s->stride) = s->y.periodic ? *last : ghost(&side[BOTTOM], *first);
        *(last + s->stride) = s->y.periodic ? *first : ghost(&side[TOP], *last);
    }
}

static void row_of_scalar(walls2d *s, int j, double dt, double gamma, double zeta)
{
    const double kappa = walls2d_settings_of(s)->scalar.kappa;
    const double *restrict now = s->t + walls2d_at(s, j, 0), *restrict below = now - s->stride;
    const double *restrict above = now + s->stride;
    const double *restrict u = s->u + walls2d_at(s, j, 0);
    const double *restrict vs = s->v + walls2d_at(s, j, 0), *restrict vn = vs + s->stride;
    double *restrict next = s->t_next + walls2d_at(s, j, 0);
    double *restrict rate = s->t_rate + walls2d_at(s, j, 0);
    const double *restrict rw = s->x.inverse_width + 1, *restrict rg = s->x.inverse_gap;
    const double rh = s->y.inverse_width[j + 1];
    const double south = kappa * s->y.inverse_gap[j], north = kappa * s->y.inverse_gap[j + 1];

#pragma omp simd
    for (int i = 0; i < s->nx; i++) {
        double e =
            0.5 * u[i + 1] * (now[i] + now[i + 1]) - kappa * (now[i + 1] - now[i]) * rg[i + 1];
        double w = 0.5 * u[i] * (now[i - 1] + now[i]) - kappa * (now[i] - now[i - 1]) * rg[i];
        double n = 0.5 * vn[i] * (now[i] + above[i]) - (above[i] - now[i]) * north;
        double so = 0.5 * vs[i] * (below[i] + now[i]) - (now[i] - below[i]) * south;
        double change = (w - e) * rw[i] + (so - n) * rh;

        next[i] = now[i] + dt * (gamma * change + zeta * rate[i]);
        rate[i] = change;
    }
}

/* The lift of the faces of row j, added to what walls2d_advance has made. */
static void row_of_lift(walls2d *s, int j, double dt, double gamma)
{
    const double half = walls2d_settings_of(s)->scalar.buoyancy / 2;
    const double *restrict now = s->t + walls2d_at(s, j, 0), *restrict below = now - s->stride;
    double *restrict next = s->v_next + walls2d_at(s, j, 0);
    double *restrict rate = s->v_rate + walls2d_at(s, j, 0);

    for (int i = 0; i < s->nx; i++) {
        double lift = half * (below[i] + now[i]);

        next[i] += dt * gamma * lift;
        rate[i] += lift;
    }
}

void walls2d_advance_scalar(walls2d *s, double dt, double gamma, double zeta)
{
    int first_v = walls2d_first_v(s), threads = leray_threads();

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < s->ny; j++) {
        row_of_scalar(s, j, dt, gamma, zeta);
        if (j >= first_v) row_of_lift(s, j, dt, gamma);
    }
}

double walls2d_lift_power(const walls2d *s)
{
    double half = walls2d_settings_of(s)->scalar.buoyancy / 2, sum = 0;

    for (int j = walls2d_first_v(s); j < s->ny; j++)
        for (int i = 0; i < s->nx; i++) {
            size_t at = walls2d_at(s, j, i);

            sum += half * (s->t[at] + s->t[at - s->stride]) * s->v[at] * s->x.width[i + 1] *
                   s->y.gap[j];
        }
    return sum / (s->x.length * s->y.length);
}

double walls2d_scalar_mean(const walls2d *s)
{
    double sum = 0;

    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++)
            sum += s->t[walls2d_at(s, j, i)] * s->x.width[i + 1] * s->y.width[j + 1];
    return sum / (s->x.length * s->y.length);
}

double walls2d_conduction(const walls2d *s, int side)
{
    const walls_axis *across = side < BOTTOM ? &s->x : &s->y,
                     *along = side < BOTTOM ? &s->y : &s->x;
    double kappa = walls2d_settings_of(s)->scalar.kappa, sum = 0;
    int end = side == RIGHT ? s->nx - 1 : s->ny - 1;

    for (int k = 0; k < along->n; k++) {
        size_t at = side == LEFT     ? walls2d_at(s, k, 0)
                    : side == RIGHT  ? walls2d_at(s, k, end)
                    : side == BOTTOM ? walls2d_at(s, 0, k)
                                     : walls2d_at(s, end, k);
        ptrdiff_t out = side == LEFT     ? -1
                        : side == RIGHT  ? 1
                        : side == BOTTOM ? -(ptrdiff_t)s->stride
                                         : (ptrdiff_t)s->stride;
        double gap = side == LEFT || side == BOTTOM ? across->gap[0] : across->gap[across->n];

        sum += kappa * (s->t[(size_t)((ptrdiff_t)at + out)] - s->t[at]) / gap * along->width[k + 1];
    }
    return sum / along->length;
}
