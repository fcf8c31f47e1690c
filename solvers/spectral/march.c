/* solvers/spectral/march.c - see solvers/spectral/march.h.

   A stage is a row pass, which makes products of the stage's fields, and a column pass, which makes
   the tendency of them, the next stage's state, its sums and its inputs. With phase-shift
   dealiasing there is a round more in between: products on the moved grid, whose tendency is
   averaged with the first. A step's first row pass may be done before its length is known
   (leray_march_fastest), so that a CFL condition costs no transform. */
#include "solvers/spectral/march.h"

#include "core/mem.h"
#include "core/threads.h"
#include "solvers/spectral/scheme.h"

#include <math.h>
#include <omp.h>
#include <string.h>

const char *const leray_truncation_names[] = {"two-thirds", "phase-shift", NULL};
const char *const leray_precision_names[] = {"double", "single", NULL};

/* A thread's lines, [pitch] each but for factors. */
typedef struct lines {
    double complex *state[LERAY_MARCH_FIELDS], *change[LERAY_MARCH_FIELDS];
    double complex *next[LERAY_MARCH_FIELDS], *load[3];
    double *rate, *factor[LERAY_SCHEME_FACTORS]; /* [pitch], [2 pitch]: each factor twice */
} lines;

struct leray_march {
    leray_flow flow;
    void *self;
    const leray_box *box;
    leray_march_settings settings;
    const leray_scheme *scheme;
    leray_passes *passes;
    leray_modes state, sum, extra, held, half;
    double *factor[LERAY_SCHEME_FACTORS]; /* [rates, columns, pitch] */
    double factor_dt;                     /* the step they are for; 0: none */
    int threads;
    lines *line; /* [threads] */
    double complex *line_block;
    double *column_sums, *row_sums, *speeds; /* [columns, sums], [pairs, row_sums], [pairs] */
    double stage_sums[5][2 * LERAY_MARCH_SUMS];

    int stage; /* now */
    double dt; /* of this step */
    bool want_speed, on_moved_grid;
    leray_modes *out; /* of leray_march_tendency */
    long begun; /* the passes' count when products of the state were there; -1: they are not */
    leray_march_last last;
};

/* ---- life ------------------------------------------------------------------------------- */

static size_t modes_of(const leray_march *m)
{
    return (size_t)m->box->columns * (size_t)m->box->pitch;
}

static leray_status make_lines(leray_march *m)
{
    size_t pitch = (size_t)m->box->pitch, fields = (size_t)m->flow.fields;
    size_t each = (3 * fields + 4 + LERAY_SCHEME_FACTORS) * pitch;
    double complex *at;

    m->threads = leray_passes_threads(m->passes);
    LERAY_TRY(LERAY_ALLOC(&m->line, (size_t)m->threads));
    LERAY_TRY(LERAY_ALLOC(&m->line_block, (size_t)m->threads * each));
    at = m->line_block;
    for (int t = 0; t < m->threads; t++) {
        lines *w = &m->line[t];

        for (size_t f = 0; f < fields; f++) {
            w->state[f] = at, at += pitch;
            w->change[f] = at, at += pitch;
            w->next[f] = at, at += pitch;
        }
        for (int k = 0; k < 3; k++) w->load[k] = at, at += pitch;
        w->rate = (double *)at, at += pitch;
        for (int k = 0; k < LERAY_SCHEME_FACTORS; k++) w->factor[k] = (double *)at, at += pitch;
    }
    return LERAY_OK;
}

static leray_status make_modes(leray_march *m)
{
    bool single = m->settings.precision == 1;
    bool shifts = m->settings.truncation == LERAY_PHASE_SHIFT;
    int n = m->flow.fields;

    LERAY_TRY(leray_modes_init(&m->state, m->box, n, single));
    LERAY_TRY(leray_modes_init(&m->sum, m->box, n, single));
    if (m->scheme->extra) LERAY_TRY(leray_modes_init(&m->extra, m->box, n, single));
    if (shifts) LERAY_TRY(leray_modes_init(&m->half, m->box, n, single));
    /* The stage's state, where the column pass needs it once more; rk3cn keeps it anyway. */
    if ((shifts || m->flow.keeps_state) && m->settings.scheme != LERAY_SCHEME_RK3CN)
        LERAY_TRY(leray_modes_init(&m->held, m->box, n, single));
    return LERAY_OK;
}

static leray_status init(leray_march *m)
{
    const leray_flow *f = &m->flow;
    int most = f->inputs > f->products ? f->inputs : f->products;

    LERAY_TRY(leray_passes_create(m->box, most > f->fields ? most : f->fields,
                                  m->settings.precision == 1, &m->passes));
    LERAY_TRY(make_modes(m));
    LERAY_TRY(make_lines(m));
    for (int k = 0; k < m->scheme->factors; k++)
        LERAY_TRY(LERAY_ALLOC(&m->factor[k], (size_t)f->rates * modes_of(m) + 1));
    LERAY_TRY(LERAY_ALLOC(&m->column_sums, (size_t)m->box->columns * (size_t)f->sums + 1));
    LERAY_TRY(
        LERAY_ALLOC(&m->row_sums, (size_t)leray_passes_pairs(m->passes) * (size_t)f->row_sums + 1));
    LERAY_TRY(LERAY_ALLOC(&m->speeds, (size_t)leray_passes_pairs(m->passes) + 1));
    return LERAY_OK;
}

leray_status leray_march_create(const leray_flow *flow, void *self, const leray_box *box,
                                const leray_march_settings *settings, leray_march **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(flow->fields <= LERAY_MARCH_FIELDS && flow->sums <= LERAY_MARCH_SUMS &&
                    flow->row_sums <= LERAY_MARCH_SUMS && flow->budgets <= LERAY_MARCH_BUDGETS,
                LERAY_ERR_INTERNAL, "a flow of %d fields, %d and %d sums is more than a march has",
                flow->fields, flow->sums, flow->row_sums);
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->flow = *flow;
    (*out)->self = self;
    (*out)->box = box;
    (*out)->settings = *settings;
    (*out)->scheme = leray_scheme_of(settings->scheme);
    (*out)->begun = -1;
    status = init(*out);
    if (!status) return LERAY_OK;
    leray_march_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_march_destroy(leray_march **march)
{
    leray_march *m = *march;

    if (!m) return;
    leray_mem_free(m->speeds);
    leray_mem_free(m->row_sums);
    leray_mem_free(m->column_sums);
    for (int k = 0; k < LERAY_SCHEME_FACTORS; k++) leray_mem_free(m->factor[k]);
    leray_mem_free(m->line_block);
    leray_mem_free(m->line);
    leray_modes_fini(&m->half);
    leray_modes_fini(&m->held);
    leray_modes_fini(&m->extra);
    leray_modes_fini(&m->sum);
    leray_modes_fini(&m->state);
    leray_passes_destroy(&m->passes);
    leray_mem_free(m);
    *march = NULL;
}

leray_modes *leray_march_state(leray_march *march) { return &march->state; }
leray_passes *leray_march_passes(leray_march *march) { return march->passes; }
leray_march_last *leray_march_last_step(leray_march *march) { return &march->last; }

void leray_march_touch(leray_march *march, bool rates)
{
    march->begun = -1;
    if (rates) march->factor_dt = 0;
}

static int threads(const leray_march *m)
{
    int n = leray_threads();

    return n < m->threads ? n : m->threads;
}

/* ---- sums ------------------------------------------------------------------------------- */

static void add_column_sums(leray_march *m, const leray_column *c, double complex *const *state)
{
    double *sums = m->column_sums + (size_t)c->index * (size_t)m->flow.sums;

    memset(sums, 0, (size_t)m->flow.sums * sizeof *sums);
    m->flow.sum(m->self, c, state, sums);
    for (int k = 0; k < m->flow.sums; k++) sums[k] *= c->weight;
}

/* In the order of the columns, whatever the threads. This rank's part. */
static void total_columns(const leray_march *m, double *sums)
{
    size_t n = (size_t)m->flow.sums;

    memset(sums, 0, LERAY_MARCH_SUMS * sizeof *sums);
    for (size_t c = 0; c < (size_t)m->box->columns; c++) {
        if (m->box->column_top[c] < 0) continue;
        for (size_t k = 0; k < n; k++) sums[k] += m->column_sums[c * n + k];
    }
}

/* Likewise of the pairs of rows; the mean over both grids with phase-shift, as the tendency is. */
static void total_rows(const leray_march *m, double *sums)
{
    size_t pairs = (size_t)leray_passes_pairs(m->passes), n = (size_t)m->flow.row_sums;
    double grids = m->settings.truncation == LERAY_PHASE_SHIFT ? 2 : 1;

    memset(sums, 0, LERAY_MARCH_SUMS * sizeof *sums);
    for (size_t r = 0; r < pairs; r++)
        for (size_t k = 0; k < n; k++) sums[k] += m->row_sums[r * n + k];
    for (size_t k = 0; k < n; k++) sums[k] /= grids * (double)leray_box_points(m->box);
}

/* The lines of a state: in place, or in the thread's own. */
static void load_state(const leray_modes *modes, const leray_column *c, lines *w,
                       double complex **out)
{
    for (int f = 0; f < modes->fields; f++)
        out[f] = leray_modes_load(modes, f, c->index, w->state[f]);
}

static void sum_state(leray_march *m)
{
#pragma omp parallel for schedule(static) num_threads(threads(m))
    for (int c = 0; c < m->box->columns; c++) {
        int thread = omp_get_thread_num();
        leray_column column = leray_box_column(m->box, c, thread);
        double complex *state[LERAY_MARCH_FIELDS];

        if (column.top < 0) continue;
        load_state(&m->state, &column, &m->line[thread], state);
        add_column_sums(m, &column, state);
    }
}

/* ---- passes ----------------------------------------------------------------------------- */

static void begin_column(void *self, const leray_column *c, double complex *const *in,
                         double complex *const *out)
{
    leray_march *m = self;
    double complex *state[LERAY_MARCH_FIELDS];

    (void)in;
    load_state(&m->state, c, &m->line[c->thread], state);
    add_column_sums(m, c, state);
    m->flow.input(m->self, c, state, out);
}

static void work_rows(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    leray_march *m = self;
    double *sums = m->row_sums + (size_t)rows->index * (size_t)m->flow.row_sums;

    if (!m->on_moved_grid) memset(sums, 0, (size_t)m->flow.row_sums * sizeof *sums);
    m->flow.product(m->self, rows, in, out, sums, m->want_speed ? &m->speeds[rows->index] : NULL);
}

static leray_status row_pass(leray_march *m, bool speed, bool moved)
{
    leray_row_pass pass = {work_rows, m, m->flow.inputs, m->flow.products};

    m->want_speed = speed;
    m->on_moved_grid = moved;
    return leray_passes_rows(m->passes, &pass);
}

static leray_status begin(leray_march *m)
{
    leray_column_pass pass = {.work = begin_column, .self = m, .out = m->flow.inputs};

    if (m->begun == leray_passes_count(m->passes)) return LERAY_OK;
    if (m->flow.begin) LERAY_TRY(m->flow.begin(m->self));
    LERAY_TRY(leray_passes_columns(m->passes, &pass));
    LERAY_TRY(row_pass(m, true, false));
    m->begun = leray_passes_count(m->passes);
    return LERAY_OK;
}

/* The state of the stage, for the second round and for sources. */
static const leray_modes *stage_state(const leray_march *m)
{
    return m->stage == 0 || !m->held.data ? &m->state : &m->held;
}

/* Phase shift, first round: half of the tendency is kept, and the inputs go to the moved grid. */
static void half_column(void *self, const leray_column *c, double complex *const *in,
                        double complex *const *out)
{
    leray_march *m = self;
    lines *w = &m->line[c->thread];
    double complex *state[LERAY_MARCH_FIELDS];

    m->flow.tendency(m->self, c, in, w->change);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(&m->half, f, c->index, w->change[f]);
    load_state(stage_state(m), c, w, state);
    m->flow.input(m->self, c, state, out);
}

static leray_status second_round(leray_march *m)
{
    leray_column_pass pass = {.work = half_column,
                              .self = m,
                              .in = m->flow.products,
                              .out = m->flow.inputs,
                              .out_moved = true};

    if (m->settings.truncation != LERAY_PHASE_SHIFT) return LERAY_OK;
    LERAY_TRY(leray_passes_columns(m->passes, &pass));
    return row_pass(m, false, true);
}

/* N in w->change. */
static void make_change(leray_march *m, const leray_column *c, double complex *const *in, lines *w)
{
    m->flow.tendency(m->self, c, in, w->change);
    if (m->settings.truncation != LERAY_PHASE_SHIFT) return;
    for (int f = 0; f < m->flow.fields; f++) {
        const double *first = (double *)leray_modes_load(&m->half, f, c->index, w->load[0]);
        double *change = (double *)w->change[f];

        for (int j = 0; j < 2 * c->n; j++) change[j] = (change[j] + first[j]) / 2;
    }
}

static void add_source(leray_march *m, const leray_column *c, lines *w)
{
    double complex *state[LERAY_MARCH_FIELDS] = {0};

    if (!m->flow.source) return;
    if (m->flow.keeps_state) load_state(stage_state(m), c, w, state);
    m->flow.source(m->self, c, state, w->change);
    for (int f = 0; f < m->flow.fields; f++) /* not beyond the modes that are kept */
        for (int r = c->top + 1; r < c->n - c->top; r++) w->change[f][r] = 0;
}

/* The factors of a column, each twice, as lines of complex numbers need them. */
static void spread_factors(const leray_march *m, const leray_column *c, int rate, lines *w)
{
    size_t at = ((size_t)rate * (size_t)m->box->columns + (size_t)c->index) * (size_t)m->box->pitch;

    for (int k = 0; k < m->scheme->factors; k++) {
        const double *restrict from = m->factor[k] + at;
        double *restrict to = w->factor[k];

        for (int j = 0; j < c->n; j++) to[2 * j] = to[2 * j + 1] = from[j];
    }
}

static void one_field(leray_march *m, const leray_column *c, int f, lines *w)
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
    leray_march *m = self;
    lines *w = &m->line[c->thread];
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

/* ---- a step ------------------------------------------------------------------------------ */

static void make_factors(leray_march *m, double dt)
{
    size_t pitch = (size_t)m->box->pitch;

    if (dt == m->factor_dt) return;
#pragma omp parallel for schedule(static) num_threads(threads(m))
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

static leray_status prepare(leray_march *m)
{
    double sums[2 * LERAY_MARCH_SUMS];

    if (!m->flow.prepare) return LERAY_OK;
    memcpy(sums, m->stage_sums[m->stage], sizeof sums);
    LERAY_TRY(leray_comm_sum(m->box->comm, sums, (size_t)m->flow.sums));
    return m->flow.prepare(m->self, m->stage, sums);
}

static leray_status one_stage(leray_march *m)
{
    bool last = m->stage + 1 == m->scheme->stages;
    leray_column_pass pass = {.work = stage_column, .self = m, .in = m->flow.products};

    if (m->stage > 0) LERAY_TRY(row_pass(m, false, false));
    total_columns(m, m->stage_sums[m->stage]);
    LERAY_TRY(prepare(m));
    LERAY_TRY(second_round(m));
    total_rows(m, m->stage_sums[m->stage] + LERAY_MARCH_SUMS);
    pass.in_moved = m->settings.truncation == LERAY_PHASE_SHIFT;
    pass.out = last ? 0 : m->flow.inputs;
    return leray_passes_columns(m->passes, &pass);
}

/* Residuals of the budgets from the sums of all stages and of the end. */
static leray_status close_budgets(leray_march *m, double dt, double *gain)
{
    int stages = m->scheme->stages, budgets = m->flow.budgets;
    double rate[LERAY_MARCH_BUDGETS], all[LERAY_MARCH_BUDGETS] = {0};

    LERAY_TRY(leray_comm_sum(m->box->comm, m->stage_sums[0],
                             (size_t)(stages + 1) * 2 * LERAY_MARCH_SUMS));
    LERAY_TRY(leray_comm_sum(m->box->comm, gain, (size_t)budgets));
    for (int s = 0; s < stages; s++) {
        memset(rate, 0, sizeof rate);
        m->flow.budget(m->self, m->stage_sums[s], m->stage_sums[s] + LERAY_MARCH_SUMS, rate);
        for (int b = 0; b < budgets; b++) all[b] += m->scheme->weight[s] * rate[b];
    }
    for (int b = 0; b < budgets; b++)
        m->last.residual[b] =
            (m->stage_sums[stages][b] - m->stage_sums[0][b] - gain[b]) / dt - all[b];
    return LERAY_OK;
}

static bool all_finite(const leray_march *m)
{
    for (int k = 0; k < m->flow.sums; k++)
        if (!isfinite(m->stage_sums[m->scheme->stages][k])) return false;
    return true;
}

leray_status leray_march_fastest(leray_march *march, double *out)
{
    int pairs = leray_passes_pairs(march->passes);

    LERAY_TRY(begin(march));
    *out = 0;
    for (int p = 0; p < pairs; p++) *out = fmax(*out, march->speeds[p]);
    return leray_comm_max(march->box->comm, out, 1);
}

leray_status leray_march_step(leray_march *march, const leray_solver *solver, double dt)
{
    leray_march *m = march;
    double fastest, gain[LERAY_MARCH_BUDGETS] = {0};

    make_factors(m, dt);
    LERAY_TRY(leray_march_fastest(m, &fastest));
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

/* ---- looking ----------------------------------------------------------------------------- */

static void tendency_column(void *self, const leray_column *c, double complex *const *in,
                            double complex *const *out)
{
    leray_march *m = self;
    lines *w = &m->line[c->thread];

    (void)out;
    make_change(m, c, in, w);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(m->out, f, c->index, w->change[f]);
}

leray_status leray_march_tendency(leray_march *march, leray_modes *out)
{
    leray_column_pass pass = {.work = tendency_column, .self = march, .in = march->flow.products};

    LERAY_TRY(begin(march));
    march->stage = 0;
    march->out = out;
    LERAY_TRY(second_round(march));
    pass.in_moved = march->settings.truncation == LERAY_PHASE_SHIFT;
    return leray_passes_columns(march->passes, &pass);
}

leray_status leray_march_sums(leray_march *march, double *sums)
{
    double all[LERAY_MARCH_SUMS];

    sum_state(march);
    total_columns(march, all);
    memcpy(sums, all, (size_t)march->flow.sums * sizeof *sums);
    return leray_comm_sum(march->box->comm, sums, (size_t)march->flow.sums);
}

leray_status leray_march_row_sums(leray_march *march, double *row_sums)
{
    double all[LERAY_MARCH_SUMS];

    LERAY_TRY(begin(march));
    march->stage = 0;
    LERAY_TRY(second_round(march));
    total_rows(march, all);
    memcpy(row_sums, all, (size_t)march->flow.row_sums * sizeof *row_sums);
    return leray_comm_sum(march->box->comm, row_sums, (size_t)march->flow.row_sums);
}
