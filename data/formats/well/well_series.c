/* data/formats/well/well_series.c - one simulation's frames, one after the other and from many ranks; see
   data/formats/well/well.h. Between calls the file is closed, and a call writes nothing but values into
   places that were settled when the file was made: it can be read, and the process may end, at any
   moment. */
#include "data/formats/well/well_impl.h"

#include "core/frame.h"
#include "core/mem.h"

#define BLOCK ((size_t)1 << 20) /* numbers converted and written at a time, or a plane */

static leray_status put_series(leray_well_writer *w, const leray_well_description *d,
                               const double *times, const leray_frame *example)
{
    size_t n = 1;
    int none = 0;
    leray_h5 line;
    leray_status status;

    LERAY_TRY(leray_h5_create(w->output.temp_path, &w->file));
    LERAY_TRY(leray_well_put_layout(w, d, example));
    LERAY_TRY(leray_well_put_times(w, w->file, 1, &line));
    LERAY_TRY(leray_h5_end(&line, leray_h5_write(line, LERAY_H5_DOUBLE, 1, NULL, NULL, times)));
    LERAY_TRY(leray_h5_dataset_reserve(w->file, "valid_steps", LERAY_H5_INT, 1, &n, &line));
    status = leray_h5_write(line, LERAY_H5_INT, 1, NULL, NULL, &none);
    LERAY_TRY(leray_h5_end(&line, status));
    return leray_well_close_all(w);
}

leray_status leray_well_series_create(const char *path, const leray_well_description *d,
                                      const double *times, const leray_frame *example)
{
    leray_well_writer w = {.reserve = true};
    leray_status status;

    LERAY_CHECK(d->n_trajectories == 1 && d->n_static == 0 && d->n_sampled == 0, LERAY_ERR_ARG,
                "a series is one simulation without static fields and sampled parameters");
    status = leray_well_set_shape(&w, d, example);
    if (!status) status = leray_output_begin(path, &w.output);
    w.begun = !status;
    leray_h5_lock();
    if (!status) status = put_series(&w, d, times, example);
    leray_well_release(&w);
    leray_h5_unlock();
    if (!status) status = leray_output_commit(&w.output);
    if (status && w.begun) leray_output_abandon(&w.output);
    return status;
}

/* ---- a frame ---- */

/* Where the planes of a frame come to lie; components are the last index. */
typedef struct place {
    leray_h5 dataset;
    const leray_frame *frame;
    const leray_well_group *group;
    size_t plane; /* points */
    int step;
} place;

static leray_status write_planes(const place *p, int first, int count, float *buffer)
{
    size_t start[LERAY_H5_RANK_MAX] = {0}, extent[LERAY_H5_RANK_MAX] = {1, 1};
    const leray_frame *frame = p->frame;
    int n = p->group->components, rank = 2 + frame->grid->ndim;
    size_t points = p->plane * (size_t)count, at = p->plane * (size_t)first;

    start[1] = (size_t)p->step, start[2] = (size_t)(frame->first + first);
    for (int i = 0; i < frame->grid->ndim; i++) extent[2 + i] = (size_t)frame->grid->axis[i].n;
    extent[2] = (size_t)count;
    if (p->group->order > 0) extent[rank++] = (size_t)n;
    for (int c = 0; c < n; c++) {
        const double *x = frame->field[p->group->member[c]].values + at;

        for (size_t i = 0; i < points; i++) buffer[i * (size_t)n + (size_t)c] = (float)x[i];
    }
    return leray_h5_write(p->dataset, LERAY_H5_FLOAT, rank, start, extent, buffer);
}

static const char *const groups[] = {"t0_fields", "t1_fields"};

static leray_status write_group(leray_h5 file, const leray_well_group *g, int step,
                                const leray_frame *frame)
{
    place p = {.frame = frame, .group = g, .plane = 1, .step = step};
    int block;
    float *buffer;
    leray_h5 group;
    leray_status status;

    for (int i = 1; i < frame->grid->ndim; i++) p.plane *= (size_t)frame->grid->axis[i].n;
    block = p.plane * (size_t)g->components < BLOCK
                ? (int)(BLOCK / (p.plane * (size_t)g->components))
                : 1;
    if (block > frame->count) block = frame->count;
    if (block == 0) return LERAY_OK;
    LERAY_TRY(leray_h5_group_open(file, groups[g->order], &group));
    status = leray_h5_dataset_open(group, g->name, &p.dataset);
    leray_h5_drop(&group);
    LERAY_TRY(status);
    status = LERAY_ALLOC(&buffer, p.plane * (size_t)(block * g->components));
    for (int j = 0; j < frame->count && !status; j += block)
        status = write_planes(&p, j, frame->count - j < block ? frame->count - j : block, buffer);
    leray_mem_free(buffer);
    return leray_h5_end(&p.dataset, status);
}

static leray_status write_groups(const char *path, const leray_comm *comm, int step,
                                 const leray_frame *frame)
{
    leray_well_writer w = {0};
    leray_well_description none = {.n_trajectories = 1};
    leray_status status = leray_comm_agree(comm, leray_h5_open_on(comm, path, &w.file));

    if (!status) status = leray_well_group_fields(&w, &none, frame);
    for (int k = 0; k < w.n_groups && !status; k++)
        status = write_group(w.file, &w.group[k], step, frame);
    status = leray_h5_end(&w.file, status);
    leray_well_release(&w);
    return status;
}

leray_status leray_well_series_set_valid(const char *path, int steps)
{
    leray_h5 file, valid;
    leray_status status;

    leray_h5_lock();
    status = leray_h5_open_on(leray_comm_self(), path, &file);
    if (!status) {
        status = leray_h5_dataset_open(file, "valid_steps", &valid);
        if (!status) status = leray_h5_write(valid, LERAY_H5_INT, 1, NULL, NULL, &steps);
        status = leray_h5_end(&valid, status);
        status = leray_h5_end(&file, status);
    }
    leray_h5_unlock();
    return status;
}

static leray_status check_values(const leray_frame *frame)
{
    const leray_frame_field *field;
    const double *bad = leray_frame_find_bad(frame, &field);

    LERAY_CHECK(!bad, LERAY_ERR_DIVERGED, "time %.9g: field '%s' has the value %g", frame->time,
                field->name, *bad);
    return LERAY_OK;
}

leray_status leray_well_series_write(const char *path, const leray_comm *comm, int step,
                                     const leray_frame *frame)
{
    leray_status status;

    LERAY_TRY(leray_comm_agree(comm, check_values(frame)));
    leray_h5_lock();
    status = write_groups(path, comm, step, frame);
    leray_h5_unlock();
    LERAY_TRY(leray_comm_agree(comm, status));
    status = leray_comm_rank(comm) == 0 ? leray_well_series_set_valid(path, step + 1) : LERAY_OK;
    return leray_comm_agree(comm, status);
}
