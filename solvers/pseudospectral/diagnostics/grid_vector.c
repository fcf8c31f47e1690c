/* solvers/pseudospectral/diagnostics/grid_vector.c - see solvers/pseudospectral/diagnostics/grid_vector.h. */
#include "solvers/pseudospectral/diagnostics/grid_vector.h"

#include "core/mem.h"
#include "solvers/pseudospectral/diagnostics/mode_sums.h"

leray_status leray_grid_vector_init(leray_grid_vector *vector, const leray_spectral_view *view)
{
    const leray_modes *state = leray_integrator_state(view->integrator);
    size_t threads =
        (size_t)leray_transforms_threads(leray_integrator_transforms(view->integrator));
    size_t lines = (size_t)(state->fields + state->box->ndim), pitch = (size_t)state->box->pitch;

    *vector = (leray_grid_vector){.view = view, .box = state->box, .lines = (int)lines};
    LERAY_TRY(LERAY_ALLOC(&vector->line, threads * lines * pitch));
    LERAY_TRY(LERAY_ALLOC(&vector->table, threads * lines));
    return LERAY_OK;
}

void leray_grid_vector_fini(leray_grid_vector *vector)
{
    leray_mem_free(vector->line);
    leray_mem_free(vector->table);
    *vector = (leray_grid_vector){0};
}

int leray_grid_vector_curls(const leray_grid_vector *vector)
{
    return vector->box->ndim == 2 ? 1 : 3;
}

/* The state's lines of a column, and behind them room for a velocity. */
static double complex **state_lines(leray_grid_vector *v, const leray_column *column)
{
    const leray_modes *state = leray_integrator_state(v->view->integrator);
    size_t first = (size_t)column->thread * (size_t)v->lines, pitch = (size_t)v->box->pitch;

    for (size_t i = 0; i < (size_t)v->lines; i++) {
        double complex *own = v->line + (first + i) * pitch;

        v->table[first + i] =
            (int)i < state->fields ? leray_modes_load(state, (int)i, column->index, own) : own;
    }
    return v->table + first;
}

static void velocity_work(void *self, const leray_column *column, double complex *const *in,
                          double complex *const *out)
{
    leray_grid_vector *v = self;

    (void)in;
    v->view->velocity(v->view->self, column, state_lines(v, column), out);
}

static void curl_work(void *self, const leray_column *column, double complex *const *in,
                      double complex *const *out)
{
    leray_grid_vector *v = self;
    int ndim = v->box->ndim, curls = leray_grid_vector_curls(v);
    double complex **lines = state_lines(v, column), **u = lines + v->lines - ndim, curl[3];

    (void)in;
    v->view->velocity(v->view->self, column, lines, u);
    for (int r = 0; r < column->n; r++) {
        leray_mode_curl(ndim, column, u, r, curl);
        for (int a = 0; a < curls; a++) out[a][r] = curl[a];
    }
}

static leray_status run(leray_grid_vector *vector, int fields, leray_column_work *columns,
                        leray_row_work *work, void *self)
{
    leray_transforms *transforms = leray_integrator_transforms(vector->view->integrator);
    leray_column_pass first = {.work = columns, .self = vector, .out = fields};
    leray_row_pass second = {.work = work, .self = self, .in = fields};

    LERAY_TRY(leray_transforms_columns(transforms, &first));
    LERAY_TRY(leray_transforms_rows(transforms, &second));
    return LERAY_OK;
}

leray_status leray_grid_vector_velocity(leray_grid_vector *vector, leray_row_work *work, void *self)
{
    LERAY_TRY(run(vector, vector->box->ndim, velocity_work, work, self));
    return LERAY_OK;
}

leray_status leray_grid_vector_curl(leray_grid_vector *vector, leray_row_work *work, void *self)
{
    LERAY_TRY(run(vector, leray_grid_vector_curls(vector), curl_work, work, self));
    return LERAY_OK;
}
