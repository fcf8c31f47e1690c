/* solvers/run/state_restore.c - see solvers/run/state.h: from a file into a solver. Every rank reads the
   planes that it needs. */
#include "solvers/run/state_impl.h"

#include <math.h>
#include <string.h>

static leray_status check_fields(const leray_state *s, const leray_spectral_view *view)
{
    const leray_modes *modes = leray_integrator_state(view->integrator);
    const leray_box *box = modes->box;
    bool same = s->fields == modes->fields;

    for (int f = 0; f < s->fields && same; f++) same = strcmp(s->field[f], view->field[f]) == 0;
    LERAY_CHECK(same, LERAY_ERR_DATA,
                "%s: a flow with %d fields, the first '%s'; this deck's has %d, the first '%s'",
                s->path, s->fields, s->fields ? s->field[0] : "none", modes->fields,
                view->field[0]);
    LERAY_CHECK(s->head.ndim == box->ndim, LERAY_ERR_DATA,
                "%s: a flow in %d dimensions, this deck's has %d", s->path, s->head.ndim,
                box->ndim);
    for (int i = 0, a = 0; a < 3; a++) {
        if (box->ndim == 2 && a == LERAY_BOX_MIDDLE) continue;
        LERAY_CHECK(fabs(s->head.length[i] - box->length[a]) <= 1e-12 * box->length[a],
                    LERAY_ERR_DATA,
                    "%s: axis %d of the box is %.17g long, this deck's is %.17g long", s->path, i,
                    s->head.length[i], box->length[a]);
        i++;
    }
    return LERAY_OK;
}

/* The modes of the plane that the box keeps, the others of it 0. */
static void scatter(const leray_state *s, const double complex *plane, leray_modes *modes,
                    int field, int i, double complex *buffer)
{
    const leray_box *box = modes->box;
    int n = (int)s->shape[2], top = (n - 1) / 2, rows = (int)s->shape[1], top_m = (rows - 1) / 2;

    for (int r = 0; r < box->rows[LERAY_BOX_MIDDLE]; r++) {
        int m = leray_box_wavenumber(box, LERAY_BOX_MIDDLE, r);
        int column = leray_box_find(box, m, i);
        const double complex *from;
        double complex *line;

        if (column < 0 || !plane || m > top_m || -m > top_m) continue;
        from = plane + (size_t)(m < 0 ? m + rows : m) * (size_t)n;
        line = leray_modes_load(modes, field, column, buffer);
        for (int k = -top; k <= top; k++)
            if (k <= box->column_top[column] && -k <= box->column_top[column])
                line[leray_box_row(box, LERAY_BOX_SLOW, k)] = from[k < 0 ? k + n : k];
        leray_modes_store(modes, field, column, line);
    }
}

static leray_status restore_field(leray_state *s, leray_modes *modes, int field,
                                  double complex *buffer)
{
    const leray_box *box = modes->box;
    double complex *plane = buffer + box->pitch;
    leray_h5 values = 0, sums = 0;
    leray_status status = leray_state_open_field(s, "modes", field, &values);

    if (!status) status = leray_state_open_field(s, "checksums", field, &sums);
    for (int i = box->first_x; i < box->first_x + box->count_x && !status; i++) {
        if ((size_t)i >= s->shape[0]) break;
        status = leray_state_read_plane(s, values, sums, (size_t)i, plane);
        if (!status) scatter(s, plane, modes, field, i, buffer);
    }
    leray_h5_drop(&sums);
    leray_h5_drop(&values);
    return status;
}

static leray_status restore_modes(leray_state *s, const leray_spectral_view *view)
{
    leray_modes *modes = leray_integrator_state(view->integrator);
    size_t plane = s->shape[1] * s->shape[2];
    double complex *buffer;
    leray_status status = LERAY_ALLOC(&buffer, (size_t)modes->box->pitch + plane);

    if (status) return status;
    leray_modes_clear(modes);
    leray_h5_lock();
    for (int f = 0; f < modes->fields && !status; f++) status = restore_field(s, modes, f, buffer);
    leray_h5_unlock();
    leray_mem_free(buffer);
    return status;
}

/* The solver's numbers, then the integrator's. Those of another forcing mean nothing to this one. */
static leray_status restore_numbers(const leray_state *s, const leray_spectral_view *view,
                                    bool exact)
{
    leray_integrator_last *last = leray_integrator_last_step(view->integrator);
    int own = s->head.n_numbers - (int)(sizeof *last / sizeof(double));

    LERAY_CHECK(own >= 0 && (own == view->numbers || !exact), LERAY_ERR_DATA,
                "%s: %d numbers beside the modes, this deck's flow has %d", s->path, own,
                view->numbers);
    for (int i = 0; i < own && own == view->numbers; i++) view->number[i] = s->head.number[i];
    memcpy(last, s->head.number + own, sizeof *last);
    return LERAY_OK;
}

static leray_status restore_spectral(leray_state *s, leray_solver *solver,
                                     const leray_spectral_view *view, bool exact)
{
    LERAY_TRY(check_fields(s, view));
    LERAY_TRY(restore_numbers(s, view, exact));
    LERAY_TRY(restore_modes(s, view));
    if (solver->type->set_parameters) LERAY_TRY(solver->type->set_parameters(solver));
    leray_integrator_touch(view->integrator, true);
    return LERAY_OK;
}

/* The solver's own restore brings the parameters of the bytes; those of the solver come back. */
static leray_status restore_bytes(leray_state *s, leray_solver *solver)
{
    leray_keys keys = solver->type->keys;
    double value[LERAY_STATE_NUMBERS];
    char *bytes = NULL;
    size_t size = 0;
    int n = 0;
    leray_status status;

    for (int i = 0; i < keys.count; i++)
        if (keys.row[i].parameter)
            LERAY_TRY(leray_solver_get_parameter(solver, keys.row[i].name, &value[n++]));
    leray_h5_lock();
    status = leray_state_read_bytes(s, &size, &bytes);
    leray_h5_unlock();
    if (!status) status = leray_solver_restore(solver, bytes, size);
    leray_mem_free(bytes);
    n = 0;
    for (int i = 0; i < keys.count && !status; i++)
        if (keys.row[i].parameter)
            status = leray_solver_set_parameter(solver, keys.row[i].name, value[n++]);
    return status;
}

leray_status leray_state_restore(leray_state *s, leray_solver *solver, bool exact)
{
    const leray_spectral_view *view = solver->type->view ? solver->type->view(solver) : NULL;
    const leray_state_head *h = &s->head;
    uint64_t seed = solver->seed;
    uint32_t simulation = solver->simulation;

    LERAY_CHECK(strcmp(s->solver, solver->type->name) == 0, LERAY_ERR_DATA,
                "%s: a state of the solver %s, this deck has %s", s->path, s->solver,
                solver->type->name);
    LERAY_CHECK(!view == !s->fields, LERAY_ERR_DATA, "%s: a state of another kind of solver",
                s->path);
    LERAY_TRY(view ? restore_spectral(s, solver, view, exact) : restore_bytes(s, solver));
    solver->time = h->time, solver->dt = h->dt, solver->steps = (long)h->steps;
    solver->seed = exact ? (uint64_t)h->seed : seed;
    solver->simulation = exact ? (uint32_t)h->simulation : simulation;
    solver->started = true;
    return LERAY_OK;
}
