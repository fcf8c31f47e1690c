/* solvers/pseudospectral/les/mixed.c - scale similarity with Smagorinsky's viscosity (J. Bardina, J. H. Ferziger, W. C.
   Reynolds, Stanford report TF-19 (1983); Y. Zang, R. L. Street, J. R. Koseff, Phys. Fluids A 5 (1993)
   3186, with constants given in place of the dynamic one):

       tau_ij = a [(u_i u_j)~ - u~_i u~_j] - 2 (C_s Delta)^2 |S| S_ij.

   ~ is the Gaussian filter of width filter_ratio * Delta: Delta itself by default, as if the flow's own
   filter were applied once more. a = 1 is Bardina's constant as Galilean invariance demands it.

   Five products of the velocity alone come back besides the flow's five, and are filtered there. For
   the energy, with <> the mean over the box, as ~ is symmetric and u free of divergence,

       -<(u_i u_j)~ S_ij> = -<u_i u_j d_j u~_i> = <u~_i u_j d_j u_i>,
       <u~_i u~_j S_ij> = <u~_i u~_j d_j u_i>,

   so that the similarity part takes a <u~_i (u_j + u~_j) d_j u_i> from the resolved flow. Integration by
   parts is exact for means over the grid under the 2/3 rule, and for those over both grids under
   phase-shift: triple products have no alias there. */
#include "solvers/pseudospectral/les/eddy.h"

#include <math.h>

typedef struct mixed {
    leray_les base;
    double *slow; /* [rows of the slow axis]: the filter along it; it is a product over the axes */
} mixed;

static double filter_width(const leray_les *self) { return self->ratio * self->width; }

static leray_status init(leray_les *self)
{
    mixed *m = (mixed *)self;
    leray_column slow = {.n = self->box->rows[LERAY_BOX_SLOW], .ks = self->box->k[LERAY_BOX_SLOW]};

    LERAY_TRY(LERAY_ALLOC(&m->slow, (size_t)slow.n));
    leray_filter_line(LERAY_FILTER_GAUSSIAN, filter_width(self), &slow, m->slow);
    return LERAY_OK;
}

static void fini(leray_les *self) { leray_mem_free(((mixed *)self)->slow); }

/* The filter along x and the middle axis. */
static double across(const leray_les *self, const leray_column *column)
{
    const double zero = 0;
    leray_column plane = {.n = 1, .kx = column->kx, .km = column->km, .ks = &zero};
    double transfer;

    leray_filter_line(LERAY_FILTER_GAUSSIAN, filter_width(self), &plane, &transfer);
    return transfer;
}

static void input(leray_les *self, const leray_column *column, double complex *const *u,
                  double complex *const *input)
{
    const double *slow = ((const mixed *)self)->slow;
    double factor = across(self, column);

    for (int f = 0; f < 3; f++)
#pragma omp simd
        for (int j = 0; j < column->n; j++) input[f][j] = factor * slow[j] * u[f][j];
}

static void combine(leray_les *self, const leray_column *column, double complex *const *product)
{
    const double *slow = ((const mixed *)self)->slow;
    double factor = self->settings->similarity * across(self, column);

    for (int f = 0; f < 5; f++)
#pragma omp simd
        for (int j = 0; j < column->n; j++) product[f][j] += factor * slow[j] * product[5 + f][j];
}

/* Smagorinsky's part, added to the products; the sum of nu_t |S|^2. */
static double viscous(double factor, int points, leray_gradient_rows g, leray_stress_rows p)
{
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < points; i++) {
        leray_strain s = leray_strain_of(g, i);
        double square = leray_strain_square(s), nu_t = factor * sqrt(square);

        leray_stress_add(p, i, nu_t, s);
        sum += nu_t * square;
    }
    return sum;
}

/* p gets -a v_i v_j, q gets u_i u_j, where v is u~. */
static void similar(double a, int points, double *const *u_rows, double *const *v_rows,
                    leray_stress_rows p, leray_stress_rows q)
{
    const double *u = u_rows[0], *v = u_rows[1], *w = u_rows[2];
    const double *us = v_rows[0], *vs = v_rows[1], *ws = v_rows[2];

#pragma omp simd
    for (int i = 0; i < points; i++) {
        p.a[i] -= a * (us[i] - ws[i]) * (us[i] + ws[i]);
        p.b[i] -= a * (vs[i] - ws[i]) * (vs[i] + ws[i]);
        p.t12[i] -= a * us[i] * vs[i];
        p.t13[i] -= a * us[i] * ws[i];
        p.t23[i] -= a * vs[i] * ws[i];
        q.a[i] = (u[i] - w[i]) * (u[i] + w[i]);
        q.b[i] = (v[i] - w[i]) * (v[i] + w[i]);
        q.t12[i] = u[i] * v[i];
        q.t13[i] = u[i] * w[i];
        q.t23[i] = v[i] * w[i];
    }
}

/* The sum of u~_i (u_j + u~_j) d_j u_i. */
static double transfer(int points, double *const *u_rows, double *const *v_rows,
                       leray_gradient_rows g)
{
    const double *u = u_rows[0], *v = u_rows[1], *w = u_rows[2];
    const double *us = v_rows[0], *vs = v_rows[1], *ws = v_rows[2];
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < points; i++) {
        double x = u[i] + us[i], y = v[i] + vs[i], z = w[i] + ws[i];

        sum += us[i] * (x * g.g11[i] + y * g.g12[i] + z * g.g13[i]) +
               vs[i] * (x * g.g21[i] + y * g.g22[i] + z * g.g23[i]) +
               ws[i] * (x * g.g31[i] + y * g.g32[i] - z * (g.g11[i] + g.g22[i]));
    }
    return sum;
}

static double stress(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product)
{
    leray_gradient_rows g = leray_gradient_rows_of(gradient);
    leray_stress_rows p = leray_stress_rows_of(product);
    double length = self->constant * self->width, a = self->settings->similarity;

    similar(a, points, u, input, p, leray_stress_rows_of(product + 5));
    return viscous(length * length, points, g, p) + a * transfer(points, u, input, g);
}

const leray_les_type leray_les_mixed = {
    .name = "mixed",
    .summary = "scale similarity with Smagorinsky's eddy viscosity",
    .size = sizeof(mixed),
    .uses = LERAY_LES_USES_CONSTANT | LERAY_LES_USES_WIDTH | LERAY_LES_USES_RATIO |
            LERAY_LES_USES_SIMILARITY,
    .constant = 0.17,
    .ratio = 1,
    .gradients = LERAY_LES_ALL_GRADIENTS,
    .inputs = 3,
    .products = 5,
    .init = init,
    .fini = fini,
    .input = input,
    .stress = stress,
    .combine = combine,
};
