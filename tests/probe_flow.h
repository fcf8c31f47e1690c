/* tests/probe_flow.h - a Navier-Stokes flow for tests, made of its equations alone: the state is the
   velocity, and all products u_i u_j go through physical space,

       du_i/dt = -P_ij d_k (u_j u_k) + nu Laplace u_i,

   P taking what has a divergence. Its modes are set one by one. Also what tests need to
   make and read diagnostics. */
#ifndef LERAY_TESTS_PROBE_FLOW_H
#define LERAY_TESTS_PROBE_FLOW_H

#include "check.h"

#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include <leray/impl/rng.h>

#define LERAY_DIAGNOSTIC(id) extern const leray_diagnostic_type leray_diagnostic_##id;
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#undef LERAY_DIAGNOSTIC

#define TWO_PI 6.283185307179586477

typedef struct probe_settings {
    leray_ints n;
    leray_reals length;
    double nu;
    bool subgrid; /* whether the tendency has -0.1 |k|^2 u, as from a sub-grid model */
    leray_integrator_settings integrator;
} probe_settings;

typedef struct probe {
    leray_solver base;
    leray_box box;
    leray_integrator *integrator;
    leray_spectral_view view;
} probe;

static const leray_key probe_rows[] = {
    LERAY_KEY_INTS(probe_settings, n, "n", "[16, 16]", 2, 4096, "points", "grid"),
    LERAY_KEY_REALS(probe_settings, length, "length", "[6.283185307179586, 6.283185307179586]", 0.1,
                    100, "length", "box"),
    LERAY_KEY_PARAMETER(probe_settings, nu, "nu", "0.01", 0, 1, "length^2/time", "viscosity"),
    LERAY_KEY_BOOL(probe_settings, subgrid, "subgrid", "false", "a damping in the tendency"),
    LERAY_INTEGRATOR_KEYS(probe_settings, integrator),
};

static inline const probe_settings *probe_set(const probe *s) { return s->base.settings; }

static inline void probe_input(void *self, const leray_column *c, double complex *const *state,
                               double complex *const *input)
{
    const probe *s = self;

    for (int a = 0; a < s->box.ndim; a++) memcpy(input[a], state[a], (size_t)c->n * sizeof **state);
}

static inline void probe_product(void *self, const leray_rows *rows, double *const *input,
                                 double *const *product, double *sums)
{
    const probe *s = self;

    (void)sums;
    for (int j = 0; j < rows->points; j++) {
        double u[3] = {0};
        int k = 0;

        for (int a = 0; a < s->box.ndim; a++) u[a] = input[a][j];
        for (int a = 0; a < s->box.ndim; a++)
            for (int b = a; b < s->box.ndim; b++) product[k++][j] = u[a] * u[b];
        if (probe_set(s)->subgrid)
            for (int a = 0; a < s->box.ndim; a++) product[k++][j] = u[a];
    }
}

static inline void probe_tendency(void *self, const leray_column *c, double complex *const *product,
                                  double complex *const *change)
{
    static const int place[2][3][3] = {
        {{0, 1, 0}, {1, 2, 0}, {0, 0, 0}},
        {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}
    };
    const probe *s = self;
    int ndim = s->box.ndim;

    for (int r = 0; r < c->n; r++) {
        double k[3] = {c->kx, ndim == 2 ? c->ks[r] : c->km, c->ks[r]}, k2 = 0;
        double complex a[3] = {0}, along = 0;

        for (int i = 0; i < ndim; i++) {
            k2 += k[i] * k[i];
            for (int j = 0; j < ndim; j++) a[i] -= I * k[j] * product[place[ndim - 2][i][j]][r];
            along += k[i] * a[i];
        }
        for (int i = 0; i < ndim; i++) {
            change[i][r] = k2 > 0 ? a[i] - k[i] * along / k2 : 0;
            if (probe_set(s)->subgrid)
                change[i][r] -= 0.1 * k2 * product[ndim * (ndim + 1) / 2 + i][r];
        }
    }
}

/* The sub-grid part of the tendency, -0.1 |k|^2 u. */
static inline leray_status probe_subgrid(void *self, leray_modes *out)
{
    const probe *s = self;
    const leray_modes *state = leray_integrator_state(s->integrator);
    double complex line[4096], buffer[4096];

    for (int index = 0; index < s->box.columns; index++) {
        leray_column c = leray_box_column(&s->box, index, 0);

        for (int a = 0; a < s->box.ndim; a++) {
            const double complex *u = leray_modes_load(state, a, index, buffer);

            for (int r = 0; r < c.n; r++)
                line[r] = -0.1 * (c.kx * c.kx + c.km * c.km + c.ks[r] * c.ks[r]) * u[r];
            leray_modes_store(out, a, index, line);
        }
    }
    return LERAY_OK;
}

static inline void probe_linear(void *self, const leray_column *c, int rate, double *L)
{
    const probe *s = self;

    (void)rate;
    for (int r = 0; r < c->n; r++)
        L[r] = -probe_set(s)->nu * (c->kx * c->kx + c->km * c->km + c->ks[r] * c->ks[r]);
}

static inline void probe_sum(void *self, const leray_column *c, double complex *const *state,
                             double *sums)
{
    const probe *s = self;

    for (int a = 0; a < s->box.ndim; a++)
        for (int r = 0; r < c->n; r++) sums[0] += creal(state[a][r] * conj(state[a][r])) / 2;
}

static inline void probe_budget(void *self, const double *sums, const double *row_sums,
                                double *rate)
{
    (void)self, (void)sums, (void)row_sums, (void)rate;
}

static inline void probe_viscous(void *self, const leray_column *c, double *rate)
{
    probe_linear(self, c, 0, rate);
    for (int r = 0; r < c->n; r++) rate[r] = -rate[r];
}

static inline double probe_viscosity(void *self) { return probe_set(self)->nu; }

static inline leray_status probe_init(leray_solver *base, const leray_config *cfg,
                                      const char *section)
{
    static const char *const names[] = {"velocity_x", "velocity_y", "velocity_z"};
    probe *s = (probe *)base;
    const probe_settings *set = base->settings;
    int n[3], ndim = set->n.count;
    leray_flow flow = {
        .fields = ndim,
        .inputs = ndim,
        .products = ndim * (ndim + 1) / 2 + (set->subgrid ? ndim : 0),
        .sums = 1,
        .rates = 1,
        .input = probe_input,
        .product = probe_product,
        .tendency = probe_tendency,
        .linear = probe_linear,
        .sum = probe_sum,
        .budget = probe_budget,
    };

    (void)cfg, (void)section;
    for (int a = 0; a < ndim; a++) n[a] = (int)set->n.value[a];
    LERAY_TRY(leray_box_init(&s->box, ndim, n, set->length.value,
                             (leray_truncation)set->integrator.truncation, base->comm));
    LERAY_TRY(leray_integrator_create(&flow, s, &s->box, &set->integrator, &s->integrator));
    s->view = (leray_spectral_view){.integrator = s->integrator,
                                    .self = s,
                                    .field = names,
                                    .velocity = probe_input,
                                    .acceleration = probe_input,
                                    .viscous = probe_viscous,
                                    .viscosity = probe_viscosity,
                                    .subgrid = set->subgrid ? probe_subgrid : NULL};
    return LERAY_OK;
}

static inline void probe_fini(leray_solver *base)
{
    probe *s = (probe *)base;

    leray_integrator_destroy(&s->integrator);
    leray_box_fini(&s->box);
}

static inline leray_status probe_start(leray_solver *base)
{
    leray_modes_clear(leray_integrator_state(((probe *)base)->integrator));
    leray_integrator_touch(((probe *)base)->integrator, true);
    return LERAY_OK;
}

static inline leray_status probe_step(leray_solver *base, double dt)
{
    return leray_integrator_step(((probe *)base)->integrator, base, dt);
}

static inline const leray_spectral_view *probe_view(leray_solver *base)
{
    return &((probe *)base)->view;
}

static const leray_solver_type probe_type = {
    .name = "probe",
    .size = sizeof(probe),
    .keys = {probe_rows, sizeof probe_rows / sizeof probe_rows[0]},
    .settings_size = sizeof(probe_settings),
    .init = probe_init,
    .fini = probe_fini,
    .start = probe_start,
    .step = probe_step,
    .view = probe_view,
    .shared = true,
};

static inline leray_status try_flow(const leray_comm *comm, const leray_solver_type *type,
                                    const char *yaml, leray_solver **out)
{
    leray_config *cfg = NULL;
    leray_status status;

    *out = NULL;
    status = leray_config_from_section("solver", yaml, type->keys, &cfg);
    if (!status) status = leray_solver_create_type_on(comm, type, cfg, "solver", out);
    leray_config_destroy(&cfg);
    return status;
}

/* A flow at rest. */
static inline leray_solver *make_probe(const char *yaml)
{
    leray_solver *s;

    assert_ok(try_flow(leray_comm_self(), &probe_type, yaml, &s));
    assert_ok(leray_solver_start(s, 1, 0));
    return s;
}

/* Adds a exp(i k.x) and its conjugate to component c of the velocity; k: wavenumbers x, y(, z). */
static inline void add_wave(leray_solver *solver, int c, const int *k, double complex a)
{
    probe *s = (probe *)solver;
    leray_modes *u = leray_integrator_state(s->integrator);
    int slow = s->box.ndim == 2 ? k[1] : k[2], middle = s->box.ndim == 2 ? 0 : k[1], i = k[0];

    if (i < 0) i = -i, slow = -slow, middle = -middle, a = conj(a);
    leray_modes_set(u, c, slow, middle, i, leray_modes_get(u, c, slow, middle, i) + a);
}

/* Draws one mode: independent normal numbers, without a divergence if `solenoidal`. */
static inline void draw_mode(probe *s, leray_rng *rng, bool solenoidal, int r, int m, int i)
{
    const leray_box *box = &s->box;
    int ndim = box->ndim;
    double slow = TWO_PI * r / box->length[0], middle = TWO_PI * m / box->length[1];
    double k[3] = {TWO_PI * i / box->length[2], ndim == 2 ? slow : middle, ndim == 2 ? 0 : slow};
    double k2 = k[0] * k[0] + k[1] * k[1] + k[2] * k[2];
    double complex u[3], along = 0;

    for (int a = 0; a < ndim; a++) {
        u[a] = leray_rng_normal(rng);
        u[a] += I * leray_rng_normal(rng);
        along += k[a] * u[a];
    }
    if (k2 == 0 || (i == 0 && (m < 0 || (m == 0 && r < 0)))) return;
    for (int a = 0; a < ndim; a++)
        leray_modes_set(leray_integrator_state(s->integrator), a, r, m, i,
                        solenoidal ? u[a] - k[a] * along / k2 : u[a]);
}

/* Draws all modes anew, the same for any number of ranks. */
static inline void draw_modes(leray_solver *solver, bool solenoidal)
{
    probe *s = (probe *)solver;
    const leray_box *box = &s->box;
    leray_rng rng = leray_rng_make(5, LERAY_PURPOSE_TEST, 0, 0);

    leray_modes_clear(leray_integrator_state(s->integrator));
    for (int i = 0; i <= box->top[2]; i++)
        for (int m = -box->top[1]; m <= box->top[1]; m++)
            for (int r = -box->top[0]; r <= box->top[0]; r++)
                draw_mode(s, &rng, solenoidal, r, m, i);
    leray_integrator_touch(s->integrator, false);
}

static inline leray_status try_diagnostic(const leray_diagnostic_type *type, leray_solver *solver,
                                          const char *yaml, leray_diagnostic **out)
{
    leray_config *cfg = NULL;
    char section[64];
    leray_status status;

    *out = NULL;
    snprintf(section, sizeof section, "output.%s", type->name);
    status = leray_config_from_section(section, yaml, type->keys, &cfg);
    if (!status) status = leray_diagnostic_create(type, solver, cfg, section, out);
    leray_config_destroy(&cfg);
    return status;
}

/* Makes the diagnostic and measures once. */
static inline leray_diagnostic *measure_one(const leray_diagnostic_type *type, leray_solver *solver,
                                            const char *yaml, leray_measured *table)
{
    leray_diagnostic *d;

    assert_ok(try_diagnostic(type, solver, yaml, &d));
    assert_ok(leray_diagnostic_measure(d, table));
    return d;
}

static inline double cell(const leray_measured *t, int row, const char *column)
{
    for (int c = 0; c < t->columns; c++)
        if (!strcmp(t->column[c], column))
            return t->value[(size_t)row * (size_t)t->columns + (size_t)c];
    fail_msg("no column %s", column);
    return 0;
}

static inline double column_sum(const leray_measured *t, const char *column)
{
    double sum = 0;

    for (int r = 0; r < t->rows; r++) sum += cell(t, r, column);
    return sum;
}

#endif
