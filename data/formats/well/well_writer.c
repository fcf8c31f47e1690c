/* data/formats/well/well_writer.c - what a writer holds, and what it writes at the end: the same for one rank
   (well_write.c), for many (well_shared.c) and for the frames of one simulation (well_series.c). */
#include "data/formats/well/well_impl.h"

#include "core/grid.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

static leray_status check_arguments(const leray_well_description *d, const leray_frame *frame)
{
    LERAY_CHECK(d->n_trajectories >= 1 && d->n_steps >= 1, LERAY_ERR_ARG,
                "%d trajectories of %d steps, allowed: at least 1 of 1", d->n_trajectories,
                d->n_steps);
    LERAY_TRY(leray_grid_check(frame->grid));
    LERAY_CHECK(frame->nfields >= 1, LERAY_ERR_ARG, "%d fields, allowed: at least 1",
                frame->nfields);
    LERAY_CHECK(d->n_constants >= 0 && d->n_sampled >= 0, LERAY_ERR_ARG,
                "a number of parameters is negative");
    return LERAY_OK;
}

leray_status leray_well_allocate(leray_well_writer *w)
{
    size_t n = (size_t)w->n_trajectories, sampled = (size_t)w->n_sampled * n;

    LERAY_TRY(LERAY_ALLOC(&w->valid, n));
    LERAY_TRY(LERAY_ALLOC(&w->times, n * (size_t)w->n_steps));
    LERAY_TRY(LERAY_ALLOC(&w->sampled, sampled + 1));
    LERAY_TRY(LERAY_ALLOC(&w->buffer, w->points * (size_t)w->grid.ndim));
    for (size_t i = 0; i < n * (size_t)w->n_steps; i++) w->times[i] = NAN;
    for (size_t i = 0; i < sampled; i++) w->sampled[i] = NAN;
    return LERAY_OK;
}

leray_status leray_well_set_shape(leray_well_writer *w, const leray_well_description *d,
                                  const leray_frame *frame)
{
    LERAY_TRY(check_arguments(d, frame));
    w->n_trajectories = d->n_trajectories, w->n_steps = d->n_steps, w->n_sampled = d->n_sampled;
    w->points = leray_grid_points(frame->grid);
    LERAY_TRY(leray_grid_copy(frame->grid, &w->grid));
    LERAY_TRY(leray_mem_text(d->time_unit ? d->time_unit : "1", &w->time_unit));
    LERAY_TRY(LERAY_ALLOC(&w->member, (size_t)frame->nfields));
    w->n_members = frame->nfields;
    for (int i = 0; i < w->n_members; i++)
        LERAY_TRY(leray_mem_text(frame->field[i].name, &w->member[i]));
    LERAY_TRY(LERAY_ALLOC(&w->parameter, (size_t)w->n_sampled + 1));
    for (int i = 0; i < w->n_sampled; i++)
        LERAY_TRY(leray_mem_text(d->sampled[i].name, &w->parameter[i]));
    return LERAY_OK;
}

leray_status leray_well_close_all(leray_well_writer *w)
{
    leray_status status = LERAY_OK;

    for (int i = 0; i < w->n_groups; i++)
        if (!status) status = leray_h5_close(&w->group[i].dataset);
    if (!status) status = leray_h5_close(&w->file);
    return status;
}

void leray_well_drop_all(leray_well_writer *w)
{
    for (int i = 0; i < w->n_groups; i++) leray_h5_drop(&w->group[i].dataset);
    leray_h5_drop(&w->file);
}

void leray_well_release(leray_well_writer *w)
{
    leray_well_drop_all(w);
    for (int i = 0; i < w->n_groups; i++) leray_mem_free(w->group[i].name);
    for (int i = 0; i < w->n_members; i++) leray_mem_free(w->member[i]);
    for (int i = 0; w->parameter && i < w->n_sampled; i++) leray_mem_free(w->parameter[i]);
    leray_mem_free((void *)w->parameter);
    leray_mem_free(w->group);
    leray_mem_free((void *)w->member);
    leray_mem_free(w->time_unit);
    leray_grid_fini(&w->grid);
    leray_mem_free(w->buffer);
    leray_mem_free(w->sampled);
    leray_mem_free(w->times);
    leray_mem_free(w->valid);
}

void leray_well_abandon(leray_well_writer **writer)
{
    leray_well_writer *w = *writer;

    if (!w) return;
    leray_h5_lock();
    leray_well_release(w);
    leray_h5_unlock();
    if (w->begun) leray_output_abandon(&w->output);
    leray_mem_free(w);
    *writer = NULL;
}

/* ---- the end ---- */

leray_status leray_well_check_complete(const leray_well_writer *w)
{
    int longest = 0;

    for (int t = 0; t < w->n_trajectories; t++) {
        if (w->valid[t] > longest) longest = w->valid[t];
        for (int i = 0; w->valid[t] > 0 && i < w->n_sampled; i++)
            LERAY_CHECK(!isnan(w->sampled[i * w->n_trajectories + t]), LERAY_ERR_ARG,
                        "%s: the parameters of trajectory %d were not written", w->output.path, t);
    }
    LERAY_CHECK(longest > 0, LERAY_ERR_ARG, "%s: no trajectory has a frame", w->output.path);
    return LERAY_OK;
}

/* The first clock becomes that of the longest trajectory where all agree; else each keeps its own. */
static bool share_clock(leray_well_writer *w)
{
    size_t steps = (size_t)w->n_steps;
    int longest = 0;

    for (int t = 1; t < w->n_trajectories; t++)
        if (w->valid[t] > w->valid[longest]) longest = t;
    for (int t = 0; t < w->n_trajectories; t++)
        for (int k = 0; k < w->valid[t]; k++)
            if (w->times[(size_t)t * steps + (size_t)k] !=
                w->times[(size_t)longest * steps + (size_t)k])
                return false;
    memmove(w->times, w->times + (size_t)longest * steps, steps * sizeof *w->times);
    return true;
}

/* The scalars that differ from trajectory to trajectory. */
static leray_status write_scalars(const leray_well_writer *w, leray_h5 file)
{
    leray_h5 scalars, line;
    leray_status status = LERAY_OK;

    LERAY_TRY(leray_h5_group_open(file, "scalars", &scalars));
    for (int i = 0; i < w->n_sampled && !status; i++) {
        const double *values = w->sampled + (size_t)i * (size_t)w->n_trajectories;

        status = leray_h5_dataset_open(scalars, w->parameter[i], &line);
        if (!status)
            status =
                leray_h5_end(&line, leray_h5_write(line, LERAY_H5_DOUBLE, 1, NULL, NULL, values));
    }
    return leray_h5_end(&scalars, status);
}

leray_status leray_well_write_lines(leray_well_writer *w, leray_h5 file)
{
    size_t n = (size_t)w->n_trajectories;
    int clocks = share_clock(w) ? 1 : w->n_trajectories;
    leray_h5 line;
    leray_status status;

    LERAY_TRY(leray_well_put_times(w, file, clocks, &line));
    status = leray_h5_write(line, LERAY_H5_DOUBLE, clocks > 1 ? 2 : 1, NULL, NULL, w->times);
    LERAY_TRY(leray_h5_end(&line, status));
    LERAY_TRY(write_scalars(w, file));
    LERAY_TRY(leray_h5_dataset_create(file, "valid_steps", LERAY_H5_INT, 1, &n, NULL, &line));
    return leray_h5_end(&line, leray_h5_write(line, LERAY_H5_INT, 1, NULL, NULL, w->valid));
}
