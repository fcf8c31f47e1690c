/* solvers/pseudospectral/engine/integrator.c - one step of any flow; see solvers/pseudospectral/engine/integrator.h.

   A stage is a row pass, which makes products of the stage's fields, and a column pass, which makes
   the tendency of them, the next stage's state, its sums and its inputs. With phase-shift
   dealiasing there is a round more in between: products on the moved grid, whose tendency is
   averaged with the first. A step's first row pass may be done before its length is known
   (leray_integrator_fastest), so that a CFL condition costs no transform. */
#include "solvers/pseudospectral/engine/integrator_impl.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* ---- sums over a state and its products --------------------------------------------------- */

static void add_column_sums(leray_integrator *m, const leray_column *c,
                            double complex *const *state)
{
    double *sums = m->column_sums + (size_t)c->index * (size_t)m->flow.sums;

    memset(sums, 0, (size_t)m->flow.sums * sizeof *sums);
    m->flow.sum(m->self, c, state, sums);
    for (int k = 0; k < m->flow.sums; k++) sums[k] *= c->weight;
}

/* In the order of the columns, whatever the threads. This rank's part. */
static void total_columns(const leray_integrator *m, double *sums)
{
    size_t n = (size_t)m->flow.sums;

    memset(sums, 0, LERAY_INTEGRATOR_SUMS * sizeof *sums);
    for (size_t c = 0; c < (size_t)m->box->columns; c++) {
        if (m->box->column_top[c] < 0) continue;
        for (size_t k = 0; k < n; k++) sums[k] += m->column_sums[c * n + k];
    }
}

/* Likewise of the pairs of rows; the mean over both grids with phase-shift, as the tendency is. */
static void total_rows(const leray_integrator *m, double *sums)
{
    size_t pairs = (size_t)leray_transforms_pairs(m->transforms), n = (size_t)m->flow.row_sums;
    double grids = m->settings.truncation == LERAY_PHASE_SHIFT ? 2 : 1;

    memset(sums, 0, LERAY_INTEGRATOR_SUMS * sizeof *sums);
    for (size_t r = 0; r < pairs; r++)
        for (size_t k = 0; k < n; k++) sums[k] += m->row_sums[r * n + k];
    for (size_t k = 0; k < n; k++) sums[k] /= grids * (double)leray_box_points(m->box);
}

/* The lines of a state: in place, or in the thread's own. */
static void load_state(const leray_modes *modes, const leray_column *c, integrator_lines *w,
                       double complex **out)
{
    for (int f = 0; f < modes->fields; f++)
        out[f] = leray_modes_load(modes, f, c->index, w->state[f]);
}

static void sum_state(leray_integrator *m)
{
#pragma omp parallel for schedule(static) num_threads(integrator_threads(m))
    for (int c = 0; c < m->box->columns; c++) {
        int thread = omp_get_thread_num();
        leray_column column = leray_box_column(m->box, c, thread);
        double complex *state[LERAY_INTEGRATOR_FIELDS];

        if (column.top < 0) continue;
        load_state(&m->state, &column, &m->line[thread], state);
        add_column_sums(m, &column, state);
    }
}

/* ---- what the row and column sweeps of a stage do ------------------------------------------ */

static void begin_column(void *self, const leray_column *c, double complex *const *in,
                         double complex *const *out)
{
    leray_integrator *m = self;
    double complex *state[LERAY_INTEGRATOR_FIELDS];

    (void)in;
    load_state(&m->state, c, &m->line[c->thread], state);
    add_column_sums(m, c, state);
    m->flow.input(m->self, c, state, out);
}

#define LANES 8

/* max over n points of sum |u_a| per_a; in lanes, since no compiler may reorder a maximum of
   floating-point numbers by itself. */
static double fastest(int n, int ndim, double *const *u, const double *per)
{
    double max[LANES] = {0}, all = 0;
    int p = 0;

    for (; p + LANES <= n; p += LANES) {
        double here[LANES] = {0};

        for (int a = 0; a < ndim; a++)
            for (int l = 0; l < LANES; l++) here[l] += fabs(u[a][p + l]) * per[a];
        for (int l = 0; l < LANES; l++) max[l] = here[l] > max[l] ? here[l] : max[l];
    }
    for (; p < n; p++) {
        double here = 0;

        for (int a = 0; a < ndim; a++) here += fabs(u[a][p]) * per[a];
        all = fmax(all, here);
    }
    for (int l = 0; l < LANES; l++) all = fmax(all, max[l]);
    return all;
}

/* Points per length along x, y(, z). */
static void density(const leray_box *b, double per[3])
{
    int axis[3] = {LERAY_BOX_X, b->ndim == 3 ? LERAY_BOX_MIDDLE : LERAY_BOX_SLOW, LERAY_BOX_SLOW};

    for (int a = 0; a < 3; a++) per[a] = b->n[axis[a]] / b->length[axis[a]];
}

static void work_rows(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    leray_integrator *m = self;
    double *sums = m->row_sums + (size_t)rows->index * (size_t)m->flow.row_sums;
    double per[3];

    if (!m->on_moved_grid) memset(sums, 0, (size_t)m->flow.row_sums * sizeof *sums);
    if (m->want_speed) {
        density(m->box, per);
        m->speeds[rows->index] = fastest(rows->points, m->box->ndim == 3 ? 3 : 2, in, per);
    }
    m->flow.product(m->self, rows, in, out, sums);
}

static leray_status row_pass(leray_integrator *m, bool speed, bool moved)
{
    leray_row_pass pass = {work_rows, m, m->flow.inputs, m->flow.products};

    m->want_speed = speed;
    m->on_moved_grid = moved;
    return leray_transforms_rows(m->transforms, &pass);
}

static leray_status begin(leray_integrator *m)
{
    leray_column_pass pass = {.work = begin_column, .self = m, .out = m->flow.inputs};

    if (m->begun == leray_transforms_count(m->transforms)) return LERAY_OK;
    if (m->flow.begin) LERAY_TRY(m->flow.begin(m->self));
    LERAY_TRY(leray_transforms_columns(m->transforms, &pass));
    LERAY_TRY(row_pass(m, true, false));
    m->begun = leray_transforms_count(m->transforms);
    return LERAY_OK;
}

/* The state of the stage, for the second round and for sources. */
static const leray_modes *stage_state(const leray_integrator *m)
{
    return m->stage == 0 || !m->held.data ? &m->state : &m->held;
}

/* Phase shift, first round: half of the tendency is kept, and the inputs go to the moved grid. */
static void half_column(void *self, const leray_column *c, double complex *const *in,
                        double complex *const *out)
{
    leray_integrator *m = self;
    integrator_lines *w = &m->line[c->thread];
    double complex *state[LERAY_INTEGRATOR_FIELDS];

    m->flow.tendency(m->self, c, in, w->change);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(&m->half, f, c->index, w->change[f]);
    load_state(stage_state(m), c, w, state);
    m->flow.input(m->self, c, state, out);
}

static leray_status second_round(leray_integrator *m)
{
    leray_column_pass pass = {.work = half_column,
                              .self = m,
                              .in = m->flow.products,
                              .out = m->flow.inputs,
                              .out_moved = true};

    if (m->settings.truncation != LERAY_PHASE_SHIFT) return LERAY_OK;
    LERAY_TRY(leray_transforms_columns(m->transforms, &pass));
    return row_pass(m, false, true);
}

/* N in w->change. */
static void make_change(leray_integrator *m, const leray_column *c, double complex *const *in,
                        integrator_lines *w)
{
    m->flow.tendency(m->self, c, in, w->change);
    if (m->settings.truncation != LERAY_PHASE_SHIFT) return;
    for (int f = 0; f < m->flow.fields; f++) {
        const double *first = (double *)leray_modes_load(&m->half, f, c->index, w->load[0]);
        double *change = (double *)w->change[f];

        for (int j = 0; j < 2 * c->n; j++) change[j] = (change[j] + first[j]) / 2;
    }
}

static void add_source(leray_integrator *m, const leray_column *c, integrator_lines *w)
{
    double complex *state[LERAY_INTEGRATOR_FIELDS] = {0};

    if (!m->flow.source) return;
    if (m->flow.keeps_state) load_state(stage_state(m), c, w, state);
    m->flow.source(m->self, c, state, w->change);
    for (int f = 0; f < m->flow.fields; f++) /* not beyond the modes that are kept */
        for (int r = c->top + 1; r < c->n - c->top; r++) w->change[f][r] = 0;
}

/* The factors of a column, each twice, as lines of complex numbers need them. */
static void spread_factors(const leray_integrator *m, const leray_column *c, int rate,
                           integrator_lines *w)
{
    size_t at = ((size_t)rate * (size_t)m->box->columns + (size_t)c->index) * (size_t)m->box->pitch;

    for (int k = 0; k < m->scheme->factors; k++) {
        const double *restrict from = m->factor[k] + at;
        double *restrict to = w->factor[k];

        for (int j = 0; j < c->n; j++) to[2 * j] = to[2 * j + 1] = from[j];
    }
}

static void one_field(leray_integrator *m, const leray_column *c, int f, integrator_lines *w)
{
    int scheme = m->settings.scheme, column = c->index;
    double complex *u = leray_modes_load(&m->state, f, column, w->load[0]);
    double complex *sum = leray_modes_load(&m->sum, f, column, w->load[1]), *extra = NULL;

    if (m->extra.data) extra = leray_modes_load(&m->extra, f, column, w->load[2]);
    leray_scheme_stage(scheme, m->stage, m->dt, 2 * (size_t)c->n, (const double *const *)w->factor,
                       (double *)w->change[f], (double *)u, (double *)sum, (double *)extra,
                       (double *)w->next[f]);
    if (m->stage + 1 < m->scheme->stages) leray_modes_store(&m->sum, f, column, sum);
    if (extra && m->stage == 0) leray_modes_store(&m->extra, f, column, extra);
    if (m->held.data) leray_modes_store(&m->held, f, column, w->next[f]);
    if (m->stage + 1 == m->scheme->stages || scheme == LERAY_SCHEME_RK3CN)
        leray_modes_store(&m->state, f, column, w->next[f]);
}

static void stage_column(void *self, const leray_column *c, double complex *const *in,
                         double complex *const *out)
{
    leray_integrator *m = self;
    integrator_lines *w = &m->line[c->thread];
    int rate = -1;

    make_change(m, c, in, w);
    add_source(m, c, w);
    for (int f = 0; f < m->flow.fields; f++) {
        if (m->flow.rate_of[f] != rate) spread_factors(m, c, rate = m->flow.rate_of[f], w);
        one_field(m, c, f, w);
    }
    add_column_sums(m, c, w->next);
    if (m->stage + 1 < m->scheme->stages) m->flow.input(m->self, c, w->next, out);
}

static leray_status stage_pass(leray_integrator *m)
{
    bool last = m->stage + 1 == m->scheme->stages;
    leray_column_pass pass = {.work = stage_column, .self = m, .in = m->flow.products};

    pass.in_moved = m->settings.truncation == LERAY_PHASE_SHIFT;
    pass.out = last ? 0 : m->flow.inputs;
    return leray_transforms_columns(m->transforms, &pass);
}

/* ---- a step ------------------------------------------------------------------------------ */

static void make_factors(leray_integrator *m, double dt)
{
    size_t pitch = (size_t)m->box->pitch;

    if (dt == m->factor_dt) return;
#pragma omp parallel for schedule(static) num_threads(integrator_threads(m))
    for (int c = 0; c < m->box->columns; c++) {
        int thread = omp_get_thread_num();
        leray_column column = leray_box_column(m->box, c, thread);
        double *at[LERAY_SCHEME_FACTORS];

        for (int rate = 0; rate < m->flow.rates; rate++) {
            for (int k = 0; k < m->scheme->factors; k++)
                at[k] = m->factor[k] + ((size_t)rate * (size_t)m->box->columns + (size_t)c) * pitch;
            m->flow.linear(m->self, &column, rate, m->line[thread].rate);
            leray_scheme_factors(m->settings.scheme, dt, (size_t)column.n, m->line[thread].rate,
                                 at);
        }
    }
    m->factor_dt = dt;
}

static leray_status prepare(leray_integrator *m)
{
    double sums[2 * LERAY_INTEGRATOR_SUMS];

    if (!m->flow.prepare) return LERAY_OK;
    memcpy(sums, m->stage_sums[m->stage], sizeof sums);
    LERAY_TRY(leray_comm_sum(m->box->comm, sums, (size_t)m->flow.sums));
    return m->flow.prepare(m->self, m->stage, sums);
}

static leray_status one_stage(leray_integrator *m)
{
    if (m->stage > 0) LERAY_TRY(row_pass(m, false, false));
    total_columns(m, m->stage_sums[m->stage]);
    LERAY_TRY(prepare(m));
    LERAY_TRY(second_round(m));
    total_rows(m, m->stage_sums[m->stage] + LERAY_INTEGRATOR_SUMS);
    return stage_pass(m);
}

/* Residuals of the budgets from the sums of all stages and of the end. */
static leray_status close_budgets(leray_integrator *m, double dt, double *gain)
{
    int stages = m->scheme->stages, budgets = m->flow.budgets;
    double rate[LERAY_INTEGRATOR_BUDGETS], all[LERAY_INTEGRATOR_BUDGETS] = {0};

    LERAY_TRY(leray_comm_sum(m->box->comm, m->stage_sums[0],
                             (size_t)(stages + 1) * 2 * LERAY_INTEGRATOR_SUMS));
    LERAY_TRY(leray_comm_sum(m->box->comm, gain, (size_t)budgets));
    for (int s = 0; s < stages; s++) {
        memset(rate, 0, sizeof rate);
        m->flow.budget(m->self, m->stage_sums[s], m->stage_sums[s] + LERAY_INTEGRATOR_SUMS, rate);
        for (int b = 0; b < budgets; b++) all[b] += m->scheme->weight[s] * rate[b];
    }
    for (int b = 0; b < budgets; b++)
        m->last.residual[b] =
            (m->stage_sums[stages][b] - m->stage_sums[0][b] - gain[b]) / dt - all[b];
    return LERAY_OK;
}

static bool all_finite(const leray_integrator *m)
{
    for (int k = 0; k < m->flow.sums; k++)
        if (!isfinite(m->stage_sums[m->scheme->stages][k])) return false;
    return true;
}

leray_status leray_integrator_fastest(leray_integrator *integrator, double *out)
{
    int pairs = leray_transforms_pairs(integrator->transforms);

    LERAY_TRY(begin(integrator));
    *out = 0;
    for (int p = 0; p < pairs; p++) *out = fmax(*out, integrator->speeds[p]);
    return leray_comm_max(integrator->box->comm, out, 1);
}

double leray_integrator_max_dt(leray_integrator *integrator, double cfl, double dt)
{
    double fast;

    if (cfl == 0 || leray_integrator_fastest(integrator, &fast)) return dt;
    return fmin(dt, cfl / fast);
}

leray_status leray_integrator_step(leray_integrator *integrator, const leray_solver *solver,
                                   double dt)
{
    leray_integrator *m = integrator;
    double fastest, gain[LERAY_INTEGRATOR_BUDGETS] = {0};

    make_factors(m, dt);
    LERAY_TRY(leray_integrator_fastest(m, &fastest));
    m->dt = dt;
    m->begun = -1;
    for (m->stage = 0; m->stage < m->scheme->stages; m->stage++) LERAY_TRY(one_stage(m));
    leray_modes_make_real(&m->state);
    if (m->flow.kick) {
        LERAY_TRY(m->flow.kick(m->self, dt, &m->state, gain));
        sum_state(m);
    }
    total_columns(m, m->stage_sums[m->scheme->stages]);
    m->last.cfl = dt * fastest;
    LERAY_TRY(close_budgets(m, dt, gain));
    return all_finite(m) ? LERAY_OK : leray_solver_diverged(solver, dt, m->last.cfl);
}

/* ---- looks between steps ------------------------------------------------------------------ */

static void tendency_column(void *self, const leray_column *c, double complex *const *in,
                            double complex *const *out)
{
    leray_integrator *m = self;
    integrator_lines *w = &m->line[c->thread];

    (void)out;
    make_change(m, c, in, w);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(m->out, f, c->index, w->change[f]);
}

leray_status leray_integrator_tendency(leray_integrator *integrator, leray_modes *out)
{
    leray_column_pass pass = {
        .work = tendency_column, .self = integrator, .in = integrator->flow.products};

    LERAY_TRY(begin(integrator));
    integrator->stage = 0;
    integrator->out = out;
    LERAY_TRY(second_round(integrator));
    pass.in_moved = integrator->settings.truncation == LERAY_PHASE_SHIFT;
    return leray_transforms_columns(integrator->transforms, &pass);
}

leray_status leray_integrator_sums(leray_integrator *integrator, double *sums)
{
    double all[LERAY_INTEGRATOR_SUMS];

    sum_state(integrator);
    total_columns(integrator, all);
    memcpy(sums, all, (size_t)integrator->flow.sums * sizeof *sums);
    return leray_comm_sum(integrator->box->comm, sums, (size_t)integrator->flow.sums);
}

leray_status leray_integrator_row_sums(leray_integrator *integrator, double *row_sums)
{
    double all[LERAY_INTEGRATOR_SUMS];

    LERAY_TRY(begin(integrator));
    integrator->stage = 0;
    LERAY_TRY(second_round(integrator));
    total_rows(integrator, all);
    memcpy(row_sums, all, (size_t)integrator->flow.row_sums * sizeof *row_sums);
    return leray_comm_sum(integrator->box->comm, row_sums, (size_t)integrator->flow.row_sums);
}
