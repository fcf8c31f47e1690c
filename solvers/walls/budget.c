/* solvers/walls/budget.c - the balance of kinetic energy, term by term as the scheme has it.

     d/dt <(u^2 + v^2) / 2> = work - dissipation

   Every velocity stands for its own volume, the gap between the centres on either side. The pressure does no work
   where nothing flows through the sides; there the balance holds to round-off for any divergence-free field. */
#include "solvers/walls/walls2d.h"

#include <math.h>

/* nu <|grad u|^2> and the work of walls along themselves: of a wall velocity U with the shear (u - U) / (g / 2), the part
   U (U - u) nu / (g / 2) comes in, and nu (U - u)^2 / (g / 2) is lost. */
static void along_rows(const walls2d *s, walls2d_budget *b, double area)
{
    double nu = walls2d_settings_of(s)->nu / area;

    for (int j = 0; j < s->ny; j++) {
        const double *u = s->u + walls2d_at(s, j, 0), *v = s->v + walls2d_at(s, j, 0);
        double h = s->y.width[j + 1];

        for (int i = 0; i < s->nx; i++) { /* du/dx in the cell, du/dy at its lower left corner .. */
            double du = u[i + 1] - u[i], dv = v[i + s->stride] - v[i];

            b->dissipation += nu * (du * du * s->x.inverse_width[i + 1] * h +
                                    dv * dv * s->x.width[i + 1] * s->y.inverse_width[j + 1]);
        }
        for (int i = walls2d_first_u(s); i < s->nx; i++)
            b->energy += u[i] * u[i] / 2 * s->x.gap[i] * h / area;
        if (j >= walls2d_first_v(s))
            for (int i = 0; i < s->nx; i++)
                b->energy += v[i] * v[i] / 2 * s->x.width[i + 1] * s->y.gap[j] / area;
    }
}

/* Differences across the walls' own distance count half: a ghost is as far beyond the wall as u is before it. */
static void add_shear(double here, double there, double gap, double length, bool side, double nu,
                      walls2d_budget *b)
{
    double d = here - there;

    if (!side) {
        b->dissipation += nu * d * d / gap * length;
        return;
    }
    {
        double wall = (here + there) / 2, off = here - wall; /* at gap / 2 */

        b->dissipation += nu * off * off / (gap / 2) * length;
        b->work -= nu * wall * off / (gap / 2) * length;
    }
}

static void at_corners(const walls2d *s, walls2d_budget *b, double area)
{
    double nu = walls2d_settings_of(s)->nu / area;

    for (int j = 0; j <= s->ny; j++) {
        bool side = !s->y.periodic && (j == 0 || j == s->ny);
        const double *u = s->u + walls2d_at(s, j, 0), *below = u - s->stride;

        if (s->y.periodic && j == s->ny) break;
        for (int i = walls2d_first_u(s); i < s->nx; i++)
            if (j < s->ny && !(side && j == 0))
                add_shear(u[i], below[i], s->y.gap[j], s->x.gap[i], false, nu, b);
            else if (j == 0) add_shear(u[i], below[i], s->y.gap[j], s->x.gap[i], true, nu, b);
            else add_shear(below[i], u[i], s->y.gap[j], s->x.gap[i], true, nu, b);
    }
    for (int j = walls2d_first_v(s); j < s->ny; j++) {
        const double *v = s->v + walls2d_at(s, j, 0);

        for (int i = 0; i <= s->nx; i++) {
            bool side = !s->x.periodic && (i == 0 || i == s->nx);

            if (s->x.periodic && i == s->nx) break;
            if (!side) add_shear(v[i], v[i - 1], s->x.gap[i], s->y.gap[j], false, nu, b);
            else if (i == 0) add_shear(v[0], v[-1], s->x.gap[0], s->y.gap[j], true, nu, b);
            else add_shear(v[i - 1], v[i], s->x.gap[i], s->y.gap[j], true, nu, b);
        }
    }
}

walls2d_budget walls2d_measure(const walls2d *s)
{
    walls2d_budget b = {0, 0, 0, 0};
    double area = s->x.length * s->y.length;

    along_rows(s, &b, area);
    at_corners(s, &b, area);
    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++) {
            const double *u = s->u + walls2d_at(s, j, i), *v = s->v + walls2d_at(s, j, i);
            double div = (u[1] - u[0]) * s->x.inverse_width[i + 1] +
                         (v[s->stride] - v[0]) * s->y.inverse_width[j + 1];

            b.divergence = fmax(b.divergence, fabs(div));
        }
    return b;
}

/* At the corner of the faces i and j. */
static double corner(const walls2d *s, int j, int i)
{
    const double *u = s->u + walls2d_at(s, j, i), *v = s->v + walls2d_at(s, j, i);

    return (v[0] - v[-1]) * s->x.inverse_gap[i] - (u[0] - *(u - s->stride)) * s->y.inverse_gap[j];
}

double walls2d_vorticity(const walls2d *s, int j, int i)
{
    return (corner(s, j, i) + corner(s, j, i + 1) + corner(s, j + 1, i) + corner(s, j + 1, i + 1)) /
           4;
}

double walls2d_power(const walls2d *s)
{
    double sum = 0;

    for (int j = 0; j < s->ny; j++) {
        size_t at = walls2d_at(s, j, 0);
        double row = 0;

        for (int i = walls2d_first_u(s); i < s->nx; i++)
            row +=
                s->u[at + (size_t)i] * s->u_rate[at + (size_t)i] * s->x.gap[i] * s->y.width[j + 1];
        for (int i = 0; i < s->nx && j >= walls2d_first_v(s); i++)
            row +=
                s->v[at + (size_t)i] * s->v_rate[at + (size_t)i] * s->x.width[i + 1] * s->y.gap[j];
        sum += row;
    }
    return sum / (s->x.length * s->y.length);
}
