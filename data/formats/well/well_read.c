/* data/formats/well/well_read.c - frames of a file; see data/formats/well/well.h. */
#include "data/formats/well/well_impl.h"

#include <stdio.h>
#include <string.h>

static leray_status check_range(const leray_well *w, int trajectory, int step, int f)
{
    LERAY_CHECK(f >= 0 && f < w->info.n_fields, LERAY_ERR_ARG, "field %d, allowed: 0 to %d", f,
                w->info.n_fields - 1);
    LERAY_CHECK(trajectory >= 0 && trajectory < w->info.n_trajectories, LERAY_ERR_ARG,
                "trajectory %d, allowed: 0 to %d", trajectory, w->info.n_trajectories - 1);
    LERAY_CHECK(step >= 0 && step < w->valid[trajectory], LERAY_ERR_ARG,
                "trajectory %d: step %d, allowed: 0 to %d", trajectory, step,
                w->valid[trajectory] - 1);
    return LERAY_OK;
}

/* The frame as stored. */
static leray_status read_block(leray_well *w, int trajectory, int step, int f, leray_h5_type type,
                               void *block)
{
    const leray_well_field *field = &w->field[f];
    size_t start[LERAY_H5_RANK_MAX] = {0}, count[LERAY_H5_RANK_MAX];
    int rank, lead = 0;
    leray_status status;

    leray_h5_lock();
    status = leray_h5_dataset_shape(w->dataset[f], &rank, count);
    if (field->sample_varying) start[lead] = (size_t)trajectory, count[lead++] = 1;
    if (field->time_varying) start[lead] = (size_t)step, count[lead++] = 1;
    if (!status) status = leray_h5_read(w->dataset[f], type, rank, start, count, block);
    leray_h5_unlock();
    return status;
}

/* Whether a block is already what the caller wants. */
static bool is_plain(const leray_well *w, const leray_well_field *f)
{
    bool plain = f->components == 1;

    for (int axis = 0; axis < w->info.grid.ndim; axis++) plain = plain && f->dim_varying[axis];
    return plain;
}

/* Where grid point i lies in a block that lacks the axes that its field does not vary along. */
static size_t place(const leray_well *w, const leray_well_field *f, size_t i)
{
    size_t at = 0, stride = 1;

    for (int axis = w->info.grid.ndim - 1; axis >= 0; axis--) {
        size_t n = (size_t)w->info.grid.axis[axis].n;

        if (f->dim_varying[axis]) at += i % n * stride, stride *= n;
        i /= n;
    }
    return at;
}

/* One frame as `type`, whose numbers have `size` bytes: components first, all axes there. */
static leray_status read_frame(leray_well *w, int trajectory, int step, int f, leray_h5_type type,
                               size_t size, char *out)
{
    const char *block = (const char *)w->block;
    const leray_well_field *field;

    LERAY_TRY(check_range(w, trajectory, step, f));
    field = &w->field[f];
    if (is_plain(w, field)) return read_block(w, trajectory, step, f, type, out);
    LERAY_TRY(read_block(w, trajectory, step, f, type, w->block));
    for (size_t i = 0; i < w->points; i++) {
        size_t n = (size_t)field->components, at = place(w, field, i) * n;

        for (size_t c = 0; c < n; c++)
            memcpy(out + (c * w->points + i) * size, block + (at + c) * size, size);
    }
    return LERAY_OK;
}

leray_status leray_well_read_double(leray_well *w, int trajectory, int step, int f, double *out)
{
    return read_frame(w, trajectory, step, f, LERAY_H5_DOUBLE, sizeof *out, (char *)out);
}

leray_status leray_well_read_float(leray_well *w, int trajectory, int step, int f, float *out)
{
    return read_frame(w, trajectory, step, f, LERAY_H5_FLOAT, sizeof *out, (char *)out);
}

leray_status leray_well_find_field(const leray_well *w, const char *name, int *f)
{
    char names[512];
    size_t n = 0;

    names[0] = '\0';
    for (*f = 0; *f < w->info.n_fields; ++*f) {
        if (strcmp(w->field[*f].name, name) == 0) return LERAY_OK;
        if (n < sizeof names)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", *f ? ", " : "",
                                  w->field[*f].name);
    }
    LERAY_FAIL(LERAY_ERR_DATA, "dataset '%s' has no field '%s'; it has %s", w->info.dataset_name,
               name, names);
}
