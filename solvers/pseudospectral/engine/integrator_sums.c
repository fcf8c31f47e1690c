/* solvers/pseudospectral/engine/integrator_sums.c - sums over a state and its products, and looks at it between steps. */
#include "solvers/pseudospectral/engine/integrator_impl.h"

#include <omp.h>
#include <string.h>

void march_add_column_sums(leray_integrator *m, const leray_column *c, double complex *const *state)
{
    double *sums = m->column_sums + (size_t)c->index * (size_t)m->flow.sums;

    memset(sums, 0, (size_t)m->flow.sums * sizeof *sums);
    m->flow.sum(m->self, c, state, sums);
    for (int k = 0; k < m->flow.sums; k++) sums[k] *= c->weight;
}

/* In the order of the columns, whatever the threads. This rank's part. */
void march_total_columns(const leray_integrator *m, double *sums)
{
    size_t n = (size_t)m->flow.sums;

    memset(sums, 0, LERAY_INTEGRATOR_SUMS * sizeof *sums);
    for (size_t c = 0; c < (size_t)m->box->columns; c++) {
        if (m->box->column_top[c] < 0) continue;
        for (size_t k = 0; k < n; k++) sums[k] += m->column_sums[c * n + k];
    }
}

/* Likewise of the pairs of rows; the mean over both grids with phase-shift, as the tendency is. */
void march_total_rows(const leray_integrator *m, double *sums)
{
    size_t pairs = (size_t)leray_transforms_pairs(m->passes), n = (size_t)m->flow.row_sums;
    double grids = m->settings.truncation == LERAY_PHASE_SHIFT ? 2 : 1;

    memset(sums, 0, LERAY_INTEGRATOR_SUMS * sizeof *sums);
    for (size_t r = 0; r < pairs; r++)
        for (size_t k = 0; k < n; k++) sums[k] += m->row_sums[r * n + k];
    for (size_t k = 0; k < n; k++) sums[k] /= grids * (double)leray_box_points(m->box);
}

/* The lines of a state: in place, or in the thread's own. */
void march_load_state(const leray_modes *modes, const leray_column *c, march_lines *w,
                      double complex **out)
{
    for (int f = 0; f < modes->fields; f++)
        out[f] = leray_modes_load(modes, f, c->index, w->state[f]);
}

void march_sum_state(leray_integrator *m)
{
#pragma omp parallel for schedule(static) num_threads(march_threads(m))
    for (int c = 0; c < m->box->columns; c++) {
        int thread = omp_get_thread_num();
        leray_column column = leray_box_column(m->box, c, thread);
        double complex *state[LERAY_INTEGRATOR_FIELDS];

        if (column.top < 0) continue;
        march_load_state(&m->state, &column, &m->line[thread], state);
        march_add_column_sums(m, &column, state);
    }
}

/* ---- looking ----------------------------------------------------------------------------- */

static void tendency_column(void *self, const leray_column *c, double complex *const *in,
                            double complex *const *out)
{
    leray_integrator *m = self;
    march_lines *w = &m->line[c->thread];

    (void)out;
    march_make_change(m, c, in, w);
    for (int f = 0; f < m->flow.fields; f++) leray_modes_store(m->out, f, c->index, w->change[f]);
}

leray_status leray_integrator_tendency(leray_integrator *march, leray_modes *out)
{
    leray_column_pass pass = {.work = tendency_column, .self = march, .in = march->flow.products};

    LERAY_TRY(march_begin(march));
    march->stage = 0;
    march->out = out;
    LERAY_TRY(march_second_round(march));
    pass.in_moved = march->settings.truncation == LERAY_PHASE_SHIFT;
    return leray_transforms_columns(march->passes, &pass);
}

leray_status leray_integrator_sums(leray_integrator *march, double *sums)
{
    double all[LERAY_INTEGRATOR_SUMS];

    march_sum_state(march);
    march_total_columns(march, all);
    memcpy(sums, all, (size_t)march->flow.sums * sizeof *sums);
    return leray_comm_sum(march->box->comm, sums, (size_t)march->flow.sums);
}

leray_status leray_integrator_row_sums(leray_integrator *march, double *row_sums)
{
    double all[LERAY_INTEGRATOR_SUMS];

    LERAY_TRY(march_begin(march));
    march->stage = 0;
    LERAY_TRY(march_second_round(march));
    march_total_rows(march, all);
    memcpy(row_sums, all, (size_t)march->flow.row_sums * sizeof *row_sums);
    return leray_comm_sum(march->box->comm, row_sums, (size_t)march->flow.row_sums);
}
