/* data/formats/well/well_write.c - writing ensembles frame by frame; see data/formats/well/well.h. */
#include "data/formats/well/well_impl.h"

#include "core/frame.h"
#include "core/grid.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

static leray_status init(leray_well_writer *w, const char *path, const leray_well_description *d,
                         const leray_frame *frame)
{
    LERAY_TRY(leray_well_set_shape(w, d, frame));
    LERAY_TRY(leray_well_allocate(w));
    LERAY_TRY(leray_output_begin(path, &w->output));
    w->begun = true;
    LERAY_TRY(leray_h5_create(w->output.temp_path, &w->file));
    return leray_well_put_layout(w, d, frame);
}

leray_status leray_well_create(const char *path, const leray_well_description *description,
                               const leray_frame *example, leray_well_writer **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    leray_h5_lock();
    status = init(*out, path, description, example);
    leray_h5_unlock();
    if (status) leray_well_abandon(out);
    return status;
}

/* ---- frames ---- */

static leray_status check_frame(const leray_well_writer *w, int trajectory, int step,
                                const leray_frame *frame)
{
    bool same = frame->nfields == w->n_members && leray_grid_same(frame->grid, &w->grid);

    LERAY_CHECK(trajectory >= 0 && trajectory < w->n_trajectories, LERAY_ERR_ARG,
                "trajectory %d, allowed: 0 to %d", trajectory, w->n_trajectories - 1);
    LERAY_CHECK(step == w->valid[trajectory] && step < w->n_steps, LERAY_ERR_ARG,
                "trajectory %d: step %d, expected %d of %d", trajectory, step, w->valid[trajectory],
                w->n_steps);
    for (int i = 0; same && i < w->n_members; i++)
        same = strcmp(frame->field[i].name, w->member[i]) == 0;
    LERAY_CHECK(same, LERAY_ERR_ARG, "trajectory %d, step %d: other grid or fields than the first",
                trajectory, step);
    return LERAY_OK;
}

static leray_status check_time(const leray_well_writer *w, int trajectory, int step, double time)
{
    size_t at = (size_t)trajectory * (size_t)w->n_steps + (size_t)step;
    double before = step > 0 ? w->times[at - 1] : -INFINITY;

    LERAY_CHECK(isfinite(time), LERAY_ERR_DIVERGED, "trajectory %d, step %d: time %g", trajectory,
                step, time);
    LERAY_CHECK(time > before, LERAY_ERR_ARG,
                "trajectory %d, step %d is at time %.17g, the step before at %.17g", trajectory,
                step, time, before);
    return LERAY_OK;
}

/* Points of the frame that this rank holds. */
static size_t own_points(const leray_well_writer *w, const leray_frame *frame)
{
    return w->comm ? w->points / (size_t)w->grid.axis[0].n * (size_t)frame->count : w->points;
}

/* Finite, and within float32. */
static leray_status check_values(int trajectory, int step, const leray_frame *frame)
{
    const leray_frame_field *field;
    const double *bad = leray_frame_find_bad(frame, &field);

    LERAY_CHECK(!bad, LERAY_ERR_DIVERGED, "trajectory %d, step %d: field '%s' has the value %g",
                trajectory, step, field->name, *bad);
    return LERAY_OK;
}

/* Components become the last index. */
static leray_status write_group(leray_well_writer *w, const leray_well_group *g, int trajectory,
                                int step, const leray_frame *frame)
{
    size_t start[LERAY_H5_RANK_MAX] = {0}, count[LERAY_H5_RANK_MAX] = {0};
    size_t points = own_points(w, frame);
    int rank = 0, first_axis;

    if (points == 0) return LERAY_OK;
    start[rank] = (size_t)trajectory, count[rank++] = 1;
    if (!g->is_static) start[rank] = (size_t)step, count[rank++] = 1;
    first_axis = rank;
    for (int i = 0; i < w->grid.ndim; i++) count[rank++] = (size_t)w->grid.axis[i].n;
    if (w->comm) start[first_axis] = (size_t)frame->first, count[first_axis] = (size_t)frame->count;
    if (g->order > 0) count[rank++] = (size_t)g->components;
    for (int c = 0; c < g->components; c++) {
        const double *x = frame->field[g->member[c]].values;

        for (size_t i = 0; i < points; i++)
            w->buffer[i * (size_t)g->components + (size_t)c] = (float)x[i];
    }
    return leray_h5_write(g->dataset, LERAY_H5_FLOAT, rank, start, count, w->buffer);
}

static leray_status write_frame(leray_well_writer *w, int trajectory, int step,
                                const leray_frame *frame)
{
    for (int k = 0; k < w->n_groups; k++)
        if (step == 0 || !w->group[k].is_static)
            LERAY_TRY(write_group(w, &w->group[k], trajectory, step, frame));
    return LERAY_OK;
}

leray_status leray_well_write(leray_well_writer *w, int trajectory, int step,
                              const leray_frame *frame)
{
    leray_status status;

    LERAY_TRY(check_frame(w, trajectory, step, frame));
    LERAY_TRY(check_time(w, trajectory, step, frame->time));
    LERAY_TRY(check_values(trajectory, step, frame));
    leray_h5_lock();
    status = write_frame(w, trajectory, step, frame);
    leray_h5_unlock();
    LERAY_TRY(status);
    w->times[(size_t)trajectory * (size_t)w->n_steps + (size_t)step] = frame->time;
    w->valid[trajectory] = step + 1;
    return LERAY_OK;
}

leray_status leray_well_write_parameters(leray_well_writer *w, int trajectory, const double *values)
{
    LERAY_CHECK(trajectory >= 0 && trajectory < w->n_trajectories, LERAY_ERR_ARG,
                "trajectory %d, allowed: 0 to %d", trajectory, w->n_trajectories - 1);
    for (int i = 0; i < w->n_sampled; i++) {
        LERAY_CHECK(isfinite(values[i]), LERAY_ERR_ARG, "trajectory %d: parameter %d is %g",
                    trajectory, i, values[i]);
        w->sampled[i * w->n_trajectories + trajectory] = values[i];
    }
    return LERAY_OK;
}

/* ---- the end ---- */

static leray_status finish(leray_well_writer *w)
{
    LERAY_TRY(leray_well_check_complete(w));
    LERAY_TRY(leray_well_write_lines(w, w->file));
    return leray_well_close_all(w);
}

leray_status leray_well_commit(leray_well_writer **writer)
{
    leray_well_writer *w = *writer;
    leray_status status;

    if (w->comm) status = leray_well_commit_shared(w);
    else {
        leray_h5_lock();
        status = finish(w);
        leray_h5_unlock();
        if (!status) status = leray_output_commit(&w->output);
    }
    if (!status) w->begun = false;
    leray_well_abandon(writer);
    return status;
}
