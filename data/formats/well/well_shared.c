/* data/formats/well/well_shared.c - one file from the ranks of a group; see data/formats/well/well.h.

   Rank 0 makes the file, with a place for every value of the fields, and closes it. All ranks open it and
   write values only, independently of each other. At the end they put together who wrote what (a few numbers
   for each trajectory and step), fill what is missing, and close; rank 0 opens it once more for times,
   parameters and valid_steps. The steps are the same on one rank, so that the bytes are, too. */
#include "data/formats/well/well_impl.h"

#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_first(const leray_well_writer *w) { return leray_comm_rank(w->comm) == 0; }

/* ---- the beginning ---------------------------------------------------------------------- */

/* On rank 0. */
static leray_status make_file(leray_well_writer *w, const char *path,
                              const leray_well_description *d, const leray_frame *example)
{
    leray_status status;

    LERAY_TRY(leray_output_begin(path, &w->output));
    w->begun = true;
    leray_h5_lock();
    status = leray_h5_create(w->output.temp_path, &w->file);
    if (!status) status = leray_well_put_layout(w, d, example);
    if (!status) status = leray_well_close_all(w);
    leray_well_drop_all(w);
    leray_h5_unlock();
    return status;
}

static leray_status open_values(leray_well_writer *w)
{
    leray_status status = leray_h5_open_on(w->comm, w->output.temp_path, &w->file);

    for (int k = 0; k < w->n_groups && !status; k++) {
        char name[] = "t0_fields";
        leray_h5 fields;

        name[1] = (char)('0' + w->group[k].order);
        status = leray_h5_group_open(w->file, name, &fields);
        if (status) break;
        status = leray_h5_dataset_open(fields, w->group[k].name, &w->group[k].dataset);
        leray_h5_drop(&fields);
    }
    return status;
}

static leray_status set_up(leray_well_writer *w, const leray_well_description *d,
                           const leray_frame *example)
{
    LERAY_TRY(leray_well_set_shape(w, d, example));
    return leray_well_allocate(w);
}

static leray_status create(leray_well_writer *w, const char *path, const leray_well_description *d,
                           const leray_frame *example)
{
    leray_status status;

    LERAY_TRY(leray_comm_agree(w->comm, set_up(w, d, example)));
    LERAY_TRY(leray_comm_agree(w->comm, is_first(w) ? make_file(w, path, d, example) : LERAY_OK));
    LERAY_TRY(leray_comm_share(w->comm, &w->output, sizeof w->output));
    status = is_first(w) ? LERAY_OK : leray_well_group_fields(w, d, example);
    LERAY_TRY(leray_comm_agree(w->comm, status));
    leray_h5_lock();
    status = open_values(w);
    leray_h5_unlock();
    return leray_comm_agree(w->comm, status);
}

leray_status leray_well_create_on(const leray_comm *comm, const char *path,
                                  const leray_well_description *description,
                                  const leray_frame *example, leray_well_writer **out)
{
    leray_status status;

    LERAY_TRY(leray_comm_agree(comm, LERAY_ALLOC(out, 1)));
    (*out)->comm = comm ? comm : leray_comm_self();
    (*out)->reserve = true;
    status = create(*out, path, description, example);
    if (status) leray_well_abandon(out);
    return status;
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Each number is known to one rank at least; the others have what is below any. */
static leray_status merge(leray_well_writer *w, double *work)
{
    size_t n = (size_t)w->n_trajectories, steps = n * (size_t)w->n_steps;
    size_t sampled = (size_t)w->n_sampled * n;
    double *valid = work, *times = valid + n, *values = times + steps;

    for (size_t i = 0; i < n; i++) valid[i] = w->valid[i];
    for (size_t i = 0; i < steps; i++) times[i] = isnan(w->times[i]) ? -INFINITY : w->times[i];
    for (size_t i = 0; i < sampled; i++)
        values[i] = isnan(w->sampled[i]) ? -INFINITY : w->sampled[i];
    LERAY_TRY(leray_comm_max(w->comm, work, n + steps + sampled));
    for (size_t i = 0; i < n; i++) w->valid[i] = (int)valid[i];
    for (size_t i = 0; i < steps; i++) w->times[i] = isfinite(times[i]) ? times[i] : NAN;
    for (size_t i = 0; i < sampled; i++) w->sampled[i] = isfinite(values[i]) ? values[i] : NAN;
    return LERAY_OK;
}

static leray_status merge_all(leray_well_writer *w)
{
    size_t n = (size_t)w->n_trajectories * (size_t)(1 + w->n_sampled + w->n_steps);
    double *work;
    leray_status status = leray_comm_agree(w->comm, LERAY_ALLOC(&work, n));

    if (!status) status = merge(w, work);
    leray_mem_free(work);
    return status ? status : leray_well_check_complete(w);
}

/* The frames of trajectory t from its end on, of one group. The buffer holds NaN. */
static leray_status fill_group(leray_well_writer *w, const leray_well_group *g, int t)
{
    size_t start[LERAY_H5_RANK_MAX] = {0}, count[LERAY_H5_RANK_MAX] = {0};
    int rank = 0, steps = g->is_static ? 1 : w->n_steps;

    start[rank] = (size_t)t, count[rank++] = 1;
    if (!g->is_static) count[rank++] = 1;
    for (int i = 0; i < w->grid.ndim; i++) count[rank++] = (size_t)w->grid.axis[i].n;
    if (g->order > 0) count[rank++] = (size_t)g->components;
    for (int k = w->valid[t]; k < steps; k++) {
        if (!g->is_static) start[1] = (size_t)k;
        LERAY_TRY(leray_h5_write(g->dataset, LERAY_H5_FLOAT, rank, start, count, w->buffer));
    }
    return LERAY_OK;
}

/* Rank r takes trajectories r, r + ranks, .. */
static leray_status fill_missing(leray_well_writer *w)
{
    for (size_t i = 0; i < w->points * (size_t)w->grid.ndim; i++) w->buffer[i] = NAN;
    for (int t = leray_comm_rank(w->comm); t < w->n_trajectories; t += leray_comm_size(w->comm))
        for (int k = 0; k < w->n_groups; k++) LERAY_TRY(fill_group(w, &w->group[k], t));
    return LERAY_OK;
}

/* On rank 0, when all have closed the file. */
static leray_status complete(leray_well_writer *w)
{
    leray_h5 file = 0;
    leray_status status;

    leray_h5_lock();
    status = leray_h5_open_on(leray_comm_self(), w->output.temp_path, &file);
    if (!status) status = leray_h5_end(&file, leray_well_write_lines(w, file));
    leray_h5_unlock();
    return status ? status : leray_output_commit(&w->output);
}

leray_status leray_well_commit_shared(leray_well_writer *w)
{
    leray_status status;

    LERAY_TRY(merge_all(w));
    leray_h5_lock();
    status = fill_missing(w);
    if (!status) status = leray_well_close_all(w);
    leray_well_drop_all(w);
    leray_h5_unlock();
    LERAY_TRY(leray_comm_agree(w->comm, status));
    return leray_comm_agree(w->comm, is_first(w) ? complete(w) : LERAY_OK);
}
