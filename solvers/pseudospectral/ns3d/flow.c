/* solvers/pseudospectral/ns3d/flow.c - the equations of ns3d.c in wavenumber and physical space, as the integrator wants them.

   With T the five products of les.h (T_33 = 0, the trace being the pressure's), all of it in one sweep
   over a column:
       N_i = -i (k_j T_ij - k_i k_j k_l T_jl/k^2). */
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <float.h>
#include <math.h>
#include <string.h>

static int gradients(const ns3d *s) { return s->les ? leray_les_gradient_fields(s->les->type) : 0; }

/* Behind the velocity: gradients, what else the model wants, the scalar. */
static int scalar_input(const ns3d *s)
{
    return 3 + gradients(s) + (s->les ? s->les->type->inputs : 0);
}

/* Behind the five: what else the model has, the fluxes of the scalar. */
static int scalar_product(const ns3d *s) { return 5 + (s->les ? s->les->type->products : 0); }

void ns3d_velocity(void *self, const leray_column *column, double complex *const *state,
                   double complex *const *u)
{
    (void)self;
    for (int a = 0; a < 3; a++) memcpy(u[a], state[a], (size_t)column->n * sizeof *u[a]);
}

static void input(void *self, const leray_column *column, double complex *const *state,
                  double complex *const *in)
{
    ns3d *s = self;

    ns3d_velocity(s, column, state, in);
    if (column->i == 0 && column->m == 0)
        for (int a = 0; a < 3; a++) in[a][0] += s->mean_flow[a];
    if (s->les) {
        const leray_les_type *type = s->les->type;

        leray_les_gradient_lines(type, column, in, in + 3);
        if (type->inputs > 0) type->input(s->les, column, in, in + 3 + gradients(s));
    }
    if (s->fields > NS3D_SCALAR)
        memcpy(in[scalar_input(s)], state[NS3D_SCALAR], (size_t)column->n * sizeof *in[0]);
}

static void basdevant(int n, double *const *in, double *const *out)
{
    const double *u = in[0], *v = in[1], *w = in[2];
    double *a = out[0], *b = out[1], *c = out[2], *d = out[3], *e = out[4];

#pragma omp simd
    for (int p = 0; p < n; p++) {
        double square = w[p] * w[p];

        a[p] = u[p] * u[p] - square;
        b[p] = v[p] * v[p] - square;
        c[p] = u[p] * v[p];
        d[p] = u[p] * w[p];
        e[p] = v[p] * w[p];
    }
}

static void multiply(int n, const double *factor, double *const *in, double *const *out)
{
    for (int a = 0; a < 3; a++) {
        const double *u = in[a];
        double *flux = out[a];

#pragma omp simd
        for (int p = 0; p < n; p++) flux[p] = factor[p] * u[p];
    }
}

static void product(void *self, const leray_rows *rows, double *const *in, double *const *out,
                    double *sums)
{
    ns3d *s = self;
    int n = rows->points;

    if (s->subgrid_only)
        for (int a = 0; a < s->flow.products; a++) memset(out[a], 0, (size_t)n * sizeof *out[a]);
    else basdevant(n, in, out);
    if (s->fields > NS3D_SCALAR && !s->subgrid_only)
        multiply(n, in[scalar_input(s)], in, out + scalar_product(s));
    if (s->les && s->les->type->stress)
        sums[0] += s->les->type->stress(s->les, n, in, in + 3, in + 3 + gradients(s), out);
}

/* -i times the part normal to k of the vector k_j T_ij; 0 for the mean, which DBL_MIN keeps from being
   0/0 without a branch. */
static void tendency_of_velocity(const leray_column *column, double complex *const *t,
                                 double complex *const *change)
{
    const double *ks = column->ks, kx = column->kx, ky = column->km, plane = kx * kx + ky * ky;
    const double *a = (const double *)t[0], *b = (const double *)t[1], *c = (const double *)t[2];
    const double *d = (const double *)t[3], *e = (const double *)t[4];
    double *u = (double *)change[0], *v = (double *)change[1], *w = (double *)change[2];

#pragma omp simd
    for (int j = 0; j < column->n; j++) {
        int r = 2 * j, i = r + 1;
        double kz = ks[j], inverse = 1 / (plane + kz * kz + DBL_MIN);
        double xr = kx * a[r] + ky * c[r] + kz * d[r], xi = kx * a[i] + ky * c[i] + kz * d[i];
        double yr = kx * c[r] + ky * b[r] + kz * e[r], yi = kx * c[i] + ky * b[i] + kz * e[i];
        double zr = kx * d[r] + ky * e[r], zi = kx * d[i] + ky * e[i];
        double pr = (kx * xr + ky * yr + kz * zr) * inverse;
        double pi = (kx * xi + ky * yi + kz * zi) * inverse;

        u[r] = xi - kx * pi, u[i] = kx * pr - xr;
        v[r] = yi - ky * pi, v[i] = ky * pr - yr;
        w[r] = zi - kz * pi, w[i] = kz * pr - zr;
    }
}

static void tendency_of_scalar(const leray_column *column, double complex *const *flux,
                               double complex *change)
{
    for (int j = 0; j < column->n; j++)
        change[j] =
            -I * (column->kx * flux[0][j] + column->km * flux[1][j] + column->ks[j] * flux[2][j]);
}

static void tendency(void *self, const leray_column *column, double complex *const *t,
                     double complex *const *change)
{
    ns3d *s = self;

    if (s->les && s->les->type->combine) s->les->type->combine(s->les, column, t);
    tendency_of_velocity(column, t, change);
    if (s->fields > NS3D_SCALAR)
        tendency_of_scalar(column, t + scalar_product(s), change[NS3D_SCALAR]);
}

/* -2 W e_z x u without its gradient part: with p = k.(e_z x u)/k^2 it is -2 W (e_z x u - k p). */
static void add_rotation(const ns3d *s, const leray_column *column, double complex *const *u,
                         double complex *const *change)
{
    const ns3d_settings *set = s->base.settings;
    double twice = 2 * set->rotation, kx = column->kx, ky = column->km, plane = kx * kx + ky * ky;

    for (int j = 0; j < column->n; j++) {
        double kz = column->ks[j], k2 = plane + kz * kz;
        double complex p = k2 > 0 ? (ky * u[0][j] - kx * u[1][j]) / k2 : 0;

        change[0][j] += twice * (u[1][j] + kx * p);
        change[1][j] += twice * (ky * p - u[0][j]);
        change[2][j] += twice * kz * p;
    }
}

/* G.u of mode j. */
static double complex along_gradient(const ns3d *s, double complex *const *u, int j)
{
    const double *g = ((const ns3d_settings *)s->base.settings)->scalar.gradient.value;

    return g[0] * u[0][j] + g[1] * u[1][j] + g[2] * u[2][j];
}

static void source(void *self, const leray_column *column, double complex *const *state,
                   double complex *const *change)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;

    ns3d_add_forcing(s, column, state, change);
    if (set->rotation != 0) add_rotation(s, column, state, change);
    if (s->les && s->les->type->damp) s->les->type->damp(s->les, column, state, change);
    if (s->fields > NS3D_SCALAR)
        for (int j = 0; j < column->n; j++) change[NS3D_SCALAR][j] -= along_gradient(s, state, j);
}

static double power(double x, int64_t exponent)
{
    double result = 1;

    while (exponent-- > 0) result *= x;
    return result;
}

/* L of the velocity, 0, or of the scalar, 1. */
static void linear(void *self, const leray_column *column, int rate, double *L)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;
    double plane = column->kx * column->kx + column->km * column->km;

    for (int j = 0; j < column->n; j++) {
        double k2 = plane + column->ks[j] * column->ks[j];

        L[j] = rate ? -set->scalar.kappa * k2
                    : -set->nu * k2 - set->drag -
                          set->hyperviscosity.coefficient * power(k2, set->hyperviscosity.order);
    }
}

/* Energy and enstrophy, which every stage wants. */
static void sum_energy(const leray_column *column, double complex *const *state, double *sums)
{
    const double *ks = column->ks, plane = column->kx * column->kx + column->km * column->km;
    const double *u = (const double *)state[0], *v = (const double *)state[1];
    const double *w = (const double *)state[2];
    double energy = 0, enstrophy = 0;

#pragma omp simd reduction(+ : energy, enstrophy)
    for (int j = 0; j < column->n; j++) {
        int r = 2 * j, i = r + 1;
        double square =
            u[r] * u[r] + u[i] * u[i] + v[r] * v[r] + v[i] * v[i] + w[r] * w[r] + w[i] * w[i];

        energy += square;
        enstrophy += (plane + ks[j] * ks[j]) * square;
    }
    sums[NS3D_ENERGY] = energy / 2, sums[NS3D_ENSTROPHY] = enstrophy / 2;
}

static double square(double complex x) { return creal(x) * creal(x) + cimag(x) * cimag(x); }

/* |u_k|^2/2 of mode j. */
static double energy_of(double complex *const *state, int j)
{
    return (square(state[0][j]) + square(state[1][j]) + square(state[2][j])) / 2;
}

static void sum_sources(const ns3d *s, const leray_column *column, double complex *const *state,
                        double *sums)
{
    const ns3d_settings *set = s->base.settings;
    double plane = column->kx * column->kx + column->km * column->km;
    double *nu_t = (double *)ns3d_line(s, column->thread, NS3D_FIELDS);
    bool damp = s->les && s->les->type->damp, shell = set->forcing.type == NS3D_FORCING_SHELL;

    if (damp) s->les->type->viscosity(s->les, column, nu_t);
    for (int j = 0; j < column->n; j++) {
        double k2 = plane + column->ks[j] * column->ks[j], e = energy_of(state, j);

        if (set->hyperviscosity.coefficient > 0)
            sums[NS3D_HYPER] += power(k2, set->hyperviscosity.order) * e;
        if (damp) sums[NS3D_SUBGRID] += 2 * nu_t[j] * k2 * e;
        if (shell && ns3d_in_shell(s, k2)) sums[NS3D_SHELL] += e;
    }
}

static void sum_scalar(const ns3d *s, const leray_column *column, double complex *const *state,
                       double *sums)
{
    double plane = column->kx * column->kx + column->km * column->km;

    for (int j = 0; j < column->n; j++) {
        double complex c = state[NS3D_SCALAR][j];
        double k2 = plane + column->ks[j] * column->ks[j];

        sums[NS3D_VARIANCE] += square(c);
        sums[NS3D_GRADIENT] += k2 * square(c);
        sums[NS3D_FLUX] += 2 * creal(conj(c) * along_gradient(s, state, j));
    }
}

/* <u.w>: the part of conj(u).(i k x u) that is real is 2 k.(Re u x Im u). */
static void sum_for_statistics(const leray_column *column, double complex *const *state,
                               double *sums)
{
    double kx = column->kx, ky = column->km;

    for (int j = 0; j < column->n; j++) {
        double complex u = state[0][j], v = state[1][j], w = state[2][j];
        double kz = column->ks[j], k2 = kx * kx + ky * ky + kz * kz;
        double x = cimag(conj(v) * w), y = cimag(conj(w) * u), z = cimag(conj(u) * v);

        sums[NS3D_HELICITY] += 2 * (kx * x + ky * y + kz * z);
        if (k2 > 0) sums[NS3D_INVERSE_LENGTH] += energy_of(state, j) / sqrt(k2);
    }
}

static void sum(void *self, const leray_column *column, double complex *const *state, double *sums)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;

    memset(sums, 0, NS3D_SUMS * sizeof *sums);
    sum_energy(column, state, sums);
    if (set->hyperviscosity.coefficient > 0 || set->forcing.type == NS3D_FORCING_SHELL ||
        (s->les && s->les->type->damp))
        sum_sources(s, column, state, sums);
    if (set->forcing.type == NS3D_FORCING_KOLMOGOROV)
        sums[NS3D_WORK] = ns3d_forcing_work(s, column, state);
    if (s->fields > NS3D_SCALAR) sum_scalar(s, column, state, sums);
    if (s->all_sums) sum_for_statistics(column, state, sums);
}

static void budget(void *self, const double *sums, const double *row_sums, double *rate)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;

    rate[0] = ns3d_injection(s, sums) - 2 * set->nu * sums[NS3D_ENSTROPHY] -
              2 * set->hyperviscosity.coefficient * sums[NS3D_HYPER] -
              2 * set->drag * sums[NS3D_ENERGY] - sums[NS3D_SUBGRID];
    if (s->flow.row_sums > 0) rate[0] -= row_sums[0];
    if (s->flow.budgets > 1)
        rate[1] = -2 * set->scalar.kappa * sums[NS3D_GRADIENT] - sums[NS3D_FLUX];
}

/* Velocity lines of the present state. */
static void state_velocity(void *self, const leray_column *column, double complex *const *in,
                           double complex *const *u)
{
    ns3d *s = self;
    const leray_modes *state = leray_integrator_state(s->integrator);

    (void)in;
    for (int a = 0; a < 3; a++) {
        double complex *line =
            leray_modes_load(state, a, column->index, ns3d_line(s, column->thread, a));

        memcpy(u[a], line, (size_t)column->n * sizeof *line);
    }
}

leray_status ns3d_begin(void *self)
{
    ns3d *s = self;

    if (s->ready) return LERAY_OK;
    if (s->les && s->les->type->prepare)
        LERAY_TRY(s->les->type->prepare(s->les, state_velocity, s));
    s->ready = true;
    return LERAY_OK;
}

void ns3d_make_flow(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;
    bool scalar = set->scalar.on, damp = s->les && s->les->type->damp;
    bool shell = set->forcing.type == NS3D_FORCING_SHELL;

    s->fields = scalar ? 4 : 3;
    s->flow = (leray_flow){
        .fields = s->fields,
        .inputs = scalar_input(s) + scalar,
        .products = scalar_product(s) + 3 * scalar,
        .sums = NS3D_SUMS,
        .row_sums = s->les && s->les->type->stress,
        .budgets = 1 + scalar,
        .rates = 1 + scalar,
        .rate_of = {0, 0, 0, 1},
        .keeps_state = shell || scalar || damp || set->rotation != 0,
        .input = input,
        .product = product,
        .tendency = tendency,
        .linear = linear,
        .sum = sum,
        .budget = budget,
        .begin = ns3d_begin,
        .prepare = shell ? ns3d_prepare_forcing : NULL,
    };
    if (s->flow.keeps_state || set->forcing.type != NS3D_FORCING_NONE) s->flow.source = source;
}
