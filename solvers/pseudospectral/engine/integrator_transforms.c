/* solvers/pseudospectral/engine/integrator_transforms.c - what a march does in the row and column passes of a stage. */
#include "solvers/pseudospectral/engine/integrator_impl.h"

#include <math.h>
#include <string.h>

static void begin_column(void *self, const leray_column *c, double complex *const *in,
                         double complex *const *out)
{
    leray_integrator *m = self;
    double complex *state[LERAY_INTEGRATOR_FIELDS];

    (void)in;
    march_load_state(&m->state, c, &m->line[c->thread], state);
    march_add_column_sums(m, c, state);
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

leray_status march_row_pass(leray_integrator *m, bool speed, bool moved)
{
    leray_row_pass pass = {work_rows, m, m->flow.inputs, m->flow.products};

    m->want_speed = speed;
    m->on_moved_grid = moved;
    return leray_transforms_rows(m->passes, &pass);
}

leray_status march_begin(leray_integrator *m)
{
    leray_column_pass pass = {.work = begin_column, .self = m, .out = m->flow.inputs};

    if (m->begun == leray_transforms_count(m->passes)) return LERAY_OK;
    if (m->flow.begin) LERAY_TRY(m->flow.begin(m->self));
    LERAY_TRY(leray_transforms_columns(m->passes, &pass));
    LERAY_TRY(march_row_pass(m, true, false));
    m->begun = leray_transforms_count(m->passes);
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
    march_lines *w = &m->line[c->thread];
    double complex *state[LERAY_INTEGRATOR_FIELDS];

    m->flow.tendency(m->self, c, in, w->change);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(&m->half, f, c->index, w->change[f]);
    march_load_state(stage_state(m), c, w, state);
    m->flow.input(m->self, c, state, out);
}

leray_status march_second_round(leray_integrator *m)
{
    leray_column_pass pass = {.work = half_column,
                              .self = m,
                              .in = m->flow.products,
                              .out = m->flow.inputs,
                              .out_moved = true};

    if (m->settings.truncation != LERAY_PHASE_SHIFT) return LERAY_OK;
    LERAY_TRY(leray_transforms_columns(m->passes, &pass));
    return march_row_pass(m, false, true);
}

/* N in w->change. */
void march_make_change(leray_integrator *m, const leray_column *c, double complex *const *in,
                       march_lines *w)
{
    m->flow.tendency(m->self, c, in, w->change);
    if (m->settings.truncation != LERAY_PHASE_SHIFT) return;
    for (int f = 0; f < m->flow.fields; f++) {
        const double *first = (double *)leray_modes_load(&m->half, f, c->index, w->load[0]);
        double *change = (double *)w->change[f];

        for (int j = 0; j < 2 * c->n; j++) change[j] = (change[j] + first[j]) / 2;
    }
}

static void add_source(leray_integrator *m, const leray_column *c, march_lines *w)
{
    double complex *state[LERAY_INTEGRATOR_FIELDS] = {0};

    if (!m->flow.source) return;
    if (m->flow.keeps_state) march_load_state(stage_state(m), c, w, state);
    m->flow.source(m->self, c, state, w->change);
    for (int f = 0; f < m->flow.fields; f++) /* not beyond the modes that are kept */
        for (int r = c->top + 1; r < c->n - c->top; r++) w->change[f][r] = 0;
}

/* The factors of a column, each twice, as lines of complex numbers need them. */
static void spread_factors(const leray_integrator *m, const leray_column *c, int rate,
                           march_lines *w)
{
    size_t at = ((size_t)rate * (size_t)m->box->columns + (size_t)c->index) * (size_t)m->box->pitch;

    for (int k = 0; k < m->scheme->factors; k++) {
        const double *restrict from = m->factor[k] + at;
        double *restrict to = w->factor[k];

        for (int j = 0; j < c->n; j++) to[2 * j] = to[2 * j + 1] = from[j];
    }
}

static void one_field(leray_integrator *m, const leray_column *c, int f, march_lines *w)
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
    march_lines *w = &m->line[c->thread];
    int rate = -1;

    march_make_change(m, c, in, w);
    add_source(m, c, w);
    for (int f = 0; f < m->flow.fields; f++) {
        if (m->flow.rate_of[f] != rate) spread_factors(m, c, rate = m->flow.rate_of[f], w);
        one_field(m, c, f, w);
    }
    march_add_column_sums(m, c, w->next);
    if (m->stage + 1 < m->scheme->stages) m->flow.input(m->self, c, w->next, out);
}

leray_status march_stage_pass(leray_integrator *m)
{
    bool last = m->stage + 1 == m->scheme->stages;
    leray_column_pass pass = {.work = stage_column, .self = m, .in = m->flow.products};

    pass.in_moved = m->settings.truncation == LERAY_PHASE_SHIFT;
    pass.out = last ? 0 : m->flow.inputs;
    return leray_transforms_columns(m->passes, &pass);
}
