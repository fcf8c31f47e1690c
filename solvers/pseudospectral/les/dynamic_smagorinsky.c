/* solvers/pseudospectral/les/dynamic_smagorinsky.c - Smagorinsky's model with C = C_s^2 from the flow itself (M. Germano,
   U. Piomelli, P. Moin, W. H. Cabot, Phys. Fluids A 3 (1991) 1760; least squares of D. K. Lilly, Phys.
   Fluids A 4 (1992) 633), one C for the whole box.

   A test filter ^ of width r Delta, r = filter_ratio, applied to the resolved velocity u_i, leaves a stress
   T_ij of its own, and both stresses are modelled alike. Without their traces,

       tau_ij = -2 C Delta^2 |S| S_ij,     T_ij = -2 C r^2 Delta^2 |S^| S^_ij.

   The difference T_ij - tau_ij^ is known, because the products of the unfiltered velocity drop out of it:

       L_ij = (u_i u_j)^ - u^_i u^_j = T_ij - tau_ij^ = C M_ij,
       M_ij = 2 Delta^2 [(|S| S_ij)^ - r^2 |S^| S^_ij],

   so that C > 0 means dissipation, and least squares over the box give C = <L_ij M_ij>/<M_ij M_ij>, both
   indices summed. M has no trace, so L needs none: <L M> = <(L11 - L33) M11 + (L22 - L33) M22 + 2 (L12
   M12 + L13 M13 + L23 M23)>. A mean over the box below zero is taken as zero: so nu_t >= 0 everywhere.

   C is computed once for each step, by 21 transforms on the grid and 18 on the test grid. Test filters
   pass no mode that the flow does not keep, so that what they see of u_i u_j has no alias under the 2/3
   rule. The sharp one passes |k| < pi/(r Delta) alone, and means are taken over the points of a grid
   that carries these modes (half as many points along each axis for r = 2); the others need the full
   grid. Products are those of the unmoved grid also under phase-shift. */
#include "solvers/pseudospectral/les/eddy.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

enum { HELD = LERAY_DYNAMIC_STRAIN }; /* fields of rows that are held as modes */

typedef struct dynamic {
    leray_les base;
    leray_box test;
    leray_transforms *transforms; /* on the test grid */
    leray_modes held;             /* test-filtered */
    double *transfer;             /* [test columns, test rows]: of the filter */
    leray_dynamic_sums *pairs;
    double coefficient; /* C */
    leray_column_work *velocity;
    void *flow;
} dynamic;

/* ---- the test grid ----------------------------------------------------------------------- */

/* The least even number not below n with no prime factor above 5. */
static int smooth(int n)
{
    for (n += n % 2;; n += 2) {
        int rest = n;

        while (rest % 2 == 0) rest /= 2;
        while (rest % 3 == 0) rest /= 3;
        while (rest % 5 == 0) rest /= 5;
        if (rest == 1) return n;
    }
}

/* Points along an axis that keep, under the 2/3 rule, whole wavenumbers below `cutoff`. */
static int test_points(const leray_box *box, int axis, double cutoff)
{
    int top = (int)ceil((1 - 1e-12) * cutoff * box->length[axis] / TWO_PI) - 1;
    int n = smooth(3 * (top > 0 ? top : 1) + 1);

    return n < box->n[axis] ? n : box->n[axis];
}

static leray_status make_grid(dynamic *d)
{
    const leray_box *box = d->base.box;
    double cutoff = TWO_PI / (2 * d->base.ratio * d->base.width), corner = 0;
    int n[3];

    for (int a = 0; a < 3; a++) {
        double k = TWO_PI * box->top[a] / box->length[a];

        corner = fmax(corner, k);
        n[a] = test_points(box, a, cutoff);
    }
    LERAY_CHECK(cutoff < corner, LERAY_ERR_CONFIG,
                "les.width = %g with les.filter_ratio = %g: the test filter passes wavenumbers "
                "below %g, and the grid has none above %g along an axis",
                d->base.width, d->base.ratio, cutoff, corner);
    if (d->base.settings->filter == LERAY_FILTER_SHARP)
        return leray_box_init_like(&d->test, box, n, LERAY_TWO_THIRDS);
    return leray_box_init_like(&d->test, box, box->n, box->truncation);
}

static void make_transfer(dynamic *d)
{
    for (int c = 0; c < d->test.columns; c++) {
        leray_column column = leray_box_column(&d->test, c, 0);

        leray_filter_line(d->base.settings->filter, d->base.ratio * d->base.width, &column,
                          d->transfer + (size_t)c * (size_t)column.n);
    }
}

static leray_status init(leray_les *self)
{
    dynamic *d = (dynamic *)self;

    LERAY_TRY(make_grid(d));
    LERAY_TRY(leray_transforms_create(&d->test, LERAY_DYNAMIC_ROWS, false, &d->transforms));
    LERAY_TRY(leray_modes_init(&d->held, &d->test, HELD, false));
    LERAY_TRY(LERAY_ALLOC(&d->transfer, (size_t)d->test.columns * (size_t)d->test.rows[0] + 1));
    LERAY_TRY(LERAY_ALLOC(&d->pairs, (size_t)leray_transforms_pairs(d->transforms) + 1));
    make_transfer(d);
    return LERAY_OK;
}

static void fini(leray_les *self)
{
    dynamic *d = (dynamic *)self;

    leray_mem_free(d->pairs);
    leray_mem_free(d->transfer);
    leray_modes_fini(&d->held);
    leray_transforms_destroy(&d->transforms);
    leray_box_fini(&d->test);
}

/* ---- filtered products ------------------------------------------------------------------- */

/* Filters lines of a column of the flow's box into held fields. */
static void hold(dynamic *d, const leray_column *c, int field, int fields,
                 double complex *const *lines)
{
    int index = leray_box_find(&d->test, c->m, c->i);
    const double *transfer;
    leray_column t;

    if (index < 0) return;
    t = leray_box_column(&d->test, index, c->thread);
    transfer = d->transfer + (size_t)index * (size_t)t.n;
    for (int f = 0; f < fields; f++) {
        double complex *held = leray_modes_load(&d->held, field + f, index, NULL);

        for (int j = 0; j <= t.top; j++) held[j] = transfer[j] * lines[f][j];
        for (int j = 1; j <= t.top; j++) held[t.n - j] = transfer[t.n - j] * lines[f][c->n - j];
    }
}

static void velocity_and_strain(void *self, const leray_column *c, double complex *const *in,
                                double complex *const *out)
{
    dynamic *d = self;

    (void)in;
    d->velocity(d->flow, c, NULL, out);
    hold(d, c, LERAY_DYNAMIC_U, 3, out);
    leray_les_gradient_lines(d->base.type, c, out, out + 3);
}

/* in: u, S. out: |S| S_ij [5], and of the products uu - ww, vv - ww and uv. */
static void fluxes(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    leray_strain_rows s_rows = leray_strain_rows_of(in + 3);
    leray_stress_rows p = leray_stress_rows_of(out);
    const double *u = in[0], *v = in[1], *w = in[2];
    double *a = out[5], *b = out[6], *uv = out[7];

    (void)self;
#pragma omp simd
    for (int i = 0; i < rows->points; i++) {
        leray_strain s = leray_strain_at(s_rows, i);
        double norm = sqrt(leray_strain_square(s));

        p.a[i] = norm * s.s11, p.b[i] = norm * s.s22;
        p.t12[i] = norm * s.s12, p.t13[i] = norm * s.s13, p.t23[i] = norm * s.s23;
        a[i] = (u[i] - w[i]) * (u[i] + w[i]);
        b[i] = (v[i] - w[i]) * (v[i] + w[i]);
        uv[i] = u[i] * v[i];
    }
}

static void hold_first(void *self, const leray_column *c, double complex *const *in,
                       double complex *const *out)
{
    dynamic *d = self;

    hold(d, c, LERAY_DYNAMIC_FLUX, 8, in);
    d->velocity(d->flow, c, NULL, out);
}

static void other_products(void *self, const leray_rows *rows, double *const *in,
                           double *const *out)
{
    const double *u = in[0], *v = in[1], *w = in[2];
    double *uw = out[0], *vw = out[1];

    (void)self;
#pragma omp simd
    for (int i = 0; i < rows->points; i++) uw[i] = u[i] * w[i], vw[i] = v[i] * w[i];
}

static void hold_last(void *self, const leray_column *c, double complex *const *in,
                      double complex *const *out)
{
    (void)out;
    hold(self, c, LERAY_DYNAMIC_PRODUCT + 3, 2, in);
}

/* Two sweeps, because the flow's passes have room for eight fields at a time and not for ten. */
static leray_status filter_products(dynamic *d)
{
    leray_transforms *p = d->base.transforms;
    leray_column_pass begin = {.work = velocity_and_strain, .self = d, .out = 8};
    leray_column_pass middle = {.work = hold_first, .self = d, .in = 8, .out = 3};
    leray_column_pass end = {.work = hold_last, .self = d, .in = 2};
    leray_row_pass first = {.work = fluxes, .self = d, .in = 8, .out = 8};
    leray_row_pass second = {.work = other_products, .self = d, .in = 3, .out = 2};

    LERAY_TRY(leray_transforms_columns(p, &begin));
    LERAY_TRY(leray_transforms_rows(p, &first));
    LERAY_TRY(leray_transforms_columns(p, &middle));
    LERAY_TRY(leray_transforms_rows(p, &second));
    LERAY_TRY(leray_transforms_columns(p, &end));
    return LERAY_OK;
}

/* ---- least squares ----------------------------------------------------------------------- */

leray_dynamic_sums leray_dynamic_compare(double ratio, int points, double *const *rows)
{
    leray_strain_rows flux = leray_strain_rows_of(rows + LERAY_DYNAMIC_FLUX),
                      product = leray_strain_rows_of(rows + LERAY_DYNAMIC_PRODUCT),
                      strain = leray_strain_rows_of(rows + LERAY_DYNAMIC_STRAIN);
    const double *us = rows[LERAY_DYNAMIC_U], *vs = rows[LERAY_DYNAMIC_U + 1],
                 *ws = rows[LERAY_DYNAMIC_U + 2];
    double square = ratio * ratio, lm = 0, mm = 0;

#pragma omp simd reduction(+ : lm, mm)
    for (int i = 0; i < points; i++) {
        leray_strain s = leray_strain_at(strain, i), m = leray_strain_at(flux, i),
                     l = leray_strain_at(product, i);
        double u = us[i], v = vs[i], w = ws[i], factor = square * sqrt(leray_strain_square(s));

        m.s11 -= factor * s.s11, m.s22 -= factor * s.s22;
        m.s12 -= factor * s.s12, m.s13 -= factor * s.s13, m.s23 -= factor * s.s23;
        l.s11 -= (u - w) * (u + w), l.s22 -= (v - w) * (v + w);
        l.s12 -= u * v, l.s13 -= u * w, l.s23 -= v * w;
        lm += l.s11 * m.s11 + l.s22 * m.s22 + 2 * (l.s12 * m.s12 + l.s13 * m.s13 + l.s23 * m.s23);
        mm += 0.5 * leray_strain_square(m);
    }
    return (leray_dynamic_sums){lm, mm};
}

static void test_lines(void *self, const leray_column *c, double complex *const *in,
                       double complex *const *out)
{
    dynamic *d = self;

    (void)in;
    for (int f = 0; f < HELD; f++) {
        const double complex *held = leray_modes_load(&d->held, f, c->index, NULL);

        for (int j = 0; j < c->n; j++) out[f][j] = held[j];
    }
    leray_les_gradient_lines(d->base.type, c, out + LERAY_DYNAMIC_U, out + LERAY_DYNAMIC_STRAIN);
}

static void compare(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    dynamic *d = self;

    (void)out;
    d->pairs[rows->index] = leray_dynamic_compare(d->base.ratio, rows->points, in);
}

static leray_status prepare(leray_les *self, leray_column_work *u, void *flow)
{
    dynamic *d = (dynamic *)self;
    leray_column_pass columns = {.work = test_lines, .self = d, .out = LERAY_DYNAMIC_ROWS};
    leray_row_pass rows = {.work = compare, .self = d, .in = LERAY_DYNAMIC_ROWS};
    double sums[2] = {0};

    d->velocity = u;
    d->flow = flow;
    LERAY_TRY(filter_products(d));
    LERAY_TRY(leray_transforms_columns(d->transforms, &columns));
    LERAY_TRY(leray_transforms_rows(d->transforms, &rows));
    for (int i = 0; i < leray_transforms_pairs(d->transforms); i++)
        sums[0] += d->pairs[i].lm, sums[1] += d->pairs[i].mm;
    LERAY_TRY(leray_comm_sum(self->box->comm, sums, 2));
    /* M is 2 Delta^2 times what was summed. */
    d->coefficient = sums[0] > 0 ? sums[0] / (2 * self->width * self->width * sums[1]) : 0;
    return LERAY_OK;
}

static double stress(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product)
{
    double c = ((const dynamic *)self)->coefficient;

    (void)u, (void)input;
    return leray_strain_stress(c * self->width * self->width, points, gradient, product);
}

static double coefficient(const leray_les *self) { return ((const dynamic *)self)->coefficient; }

const leray_les_type leray_les_dynamic_smagorinsky = {
    .name = "dynamic-smagorinsky",
    .summary = "Smagorinsky with its constant from the flow (Germano-Lilly), mean over the box",
    .size = sizeof(dynamic),
    .uses = LERAY_LES_USES_WIDTH | LERAY_LES_USES_FILTER | LERAY_LES_USES_RATIO,
    .ratio = 2,
    .gradients = LERAY_LES_STRAIN,
    .init = init,
    .fini = fini,
    .stress = stress,
    .prepare = prepare,
    .coefficient = coefficient,
};
