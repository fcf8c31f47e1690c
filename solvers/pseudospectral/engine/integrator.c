/* solvers/pseudospectral/engine/integrator.c - the life of a march and its steps; see solvers/pseudospectral/engine/integrator.h.

   A stage is a row pass, which makes products of the stage's fields, and a column pass, which makes
   the tendency of them, the next stage's state, its sums and its inputs. With phase-shift
   dealiasing there is a round more in between: products on the moved grid, whose tendency is
   averaged with the first. A step's first row pass may be done before its length is known
   (leray_integrator_fastest), so that a CFL condition costs no transform. */
#include "solvers/pseudospectral/engine/integrator_impl.h"

#include "core/mem.h"
#include "core/threads.h"

#include <math.h>
#include <omp.h>
#include <string.h>

const char *const leray_truncation_names[] = {"two-thirds", "phase-shift", NULL};
const char *const leray_precision_names[] = {"double", "single", NULL};

/* ---- life ------------------------------------------------------------------------------- */

static size_t modes_of(const leray_integrator *m)
{
    return (size_t)m->box->columns * (size_t)m->box->pitch;
}

static leray_status make_lines(leray_integrator *m)
{
    size_t pitch = (size_t)m->box->pitch, fields = (size_t)m->flow.fields;
    size_t each = (3 * fields + 4 + LERAY_SCHEME_FACTORS) * pitch;
    double complex *at;

    m->threads = leray_transforms_threads(m->passes);
    LERAY_TRY(LERAY_ALLOC(&m->line, (size_t)m->threads));
    LERAY_TRY(LERAY_ALLOC(&m->line_block, (size_t)m->threads * each));
    at = m->line_block;
    for (int t = 0; t < m->threads; t++) {
        march_lines *w = &m->line[t];

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

static leray_status make_modes(leray_integrator *m)
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

static leray_status init(leray_integrator *m)
{
    const leray_flow *f = &m->flow;
    int most = f->inputs > f->products ? f->inputs : f->products;

    LERAY_TRY(leray_transforms_create(m->box, most > f->fields ? most : f->fields,
                                      m->settings.precision == 1, &m->passes));
    LERAY_TRY(make_modes(m));
    LERAY_TRY(make_lines(m));
    for (int k = 0; k < m->scheme->factors; k++)
        LERAY_TRY(LERAY_ALLOC(&m->factor[k], (size_t)f->rates * modes_of(m) + 1));
    LERAY_TRY(LERAY_ALLOC(&m->column_sums, (size_t)m->box->columns * (size_t)f->sums + 1));
    LERAY_TRY(LERAY_ALLOC(&m->row_sums,
                          (size_t)leray_transforms_pairs(m->passes) * (size_t)f->row_sums + 1));
    LERAY_TRY(LERAY_ALLOC(&m->speeds, (size_t)leray_transforms_pairs(m->passes) + 1));
    return LERAY_OK;
}

leray_status leray_integrator_create(const leray_flow *flow, void *self, const leray_box *box,
                                     const leray_integrator_settings *settings,
                                     leray_integrator **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(flow->fields <= LERAY_INTEGRATOR_FIELDS && flow->sums <= LERAY_INTEGRATOR_SUMS &&
                    flow->row_sums <= LERAY_INTEGRATOR_SUMS &&
                    flow->budgets <= LERAY_INTEGRATOR_BUDGETS,
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
    leray_integrator_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_integrator_destroy(leray_integrator **march)
{
    leray_integrator *m = *march;

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
    leray_transforms_destroy(&m->passes);
    leray_mem_free(m);
    *march = NULL;
}

leray_modes *leray_integrator_state(leray_integrator *march) { return &march->state; }
leray_transforms *leray_integrator_passes(leray_integrator *march) { return march->passes; }
leray_integrator_last *leray_integrator_last_step(leray_integrator *march) { return &march->last; }

void leray_integrator_touch(leray_integrator *march, bool rates)
{
    march->begun = -1;
    if (rates) march->factor_dt = 0;
}

int march_threads(const leray_integrator *m)
{
    int n = leray_threads();

    return n < m->threads ? n : m->threads;
}

/* ---- a step ------------------------------------------------------------------------------ */

static void make_factors(leray_integrator *m, double dt)
{
    size_t pitch = (size_t)m->box->pitch;

    if (dt == m->factor_dt) return;
#pragma omp parallel for schedule(static) num_threads(march_threads(m))
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
    if (m->stage > 0) LERAY_TRY(march_row_pass(m, false, false));
    march_total_columns(m, m->stage_sums[m->stage]);
    LERAY_TRY(prepare(m));
    LERAY_TRY(march_second_round(m));
    march_total_rows(m, m->stage_sums[m->stage] + LERAY_INTEGRATOR_SUMS);
    return march_stage_pass(m);
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

leray_status leray_integrator_fastest(leray_integrator *march, double *out)
{
    int pairs = leray_transforms_pairs(march->passes);

    LERAY_TRY(march_begin(march));
    *out = 0;
    for (int p = 0; p < pairs; p++) *out = fmax(*out, march->speeds[p]);
    return leray_comm_max(march->box->comm, out, 1);
}

double leray_integrator_max_dt(leray_integrator *march, double cfl, double dt)
{
    double fast;

    if (cfl == 0 || leray_integrator_fastest(march, &fast)) return dt;
    return fmin(dt, cfl / fast);
}

leray_status leray_integrator_step(leray_integrator *march, const leray_solver *solver, double dt)
{
    leray_integrator *m = march;
    double fastest, gain[LERAY_INTEGRATOR_BUDGETS] = {0};

    make_factors(m, dt);
    LERAY_TRY(leray_integrator_fastest(m, &fastest));
    m->dt = dt;
    m->begun = -1;
    for (m->stage = 0; m->stage < m->scheme->stages; m->stage++) LERAY_TRY(one_stage(m));
    leray_modes_make_real(&m->state);
    if (m->flow.kick) {
        LERAY_TRY(m->flow.kick(m->self, dt, &m->state, gain));
        march_sum_state(m);
    }
    march_total_columns(m, m->stage_sums[m->scheme->stages]);
    m->last.cfl = dt * fastest;
    LERAY_TRY(close_budgets(m, dt, gain));
    return all_finite(m) ? LERAY_OK : leray_solver_diverged(solver, dt, m->last.cfl);
}
