/* data/formats/well/well_layout.c - the groups, attributes and empty datasets of a new file; see data/formats/well/well.h. */
#include "data/formats/well/well_impl.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

static const char *const axis_names[] = {"z", "y", "x"}; /* the last ndim of them */
static const char *const boundary_names[] = {"PERIODIC", "WALL", "OPEN"};

static const char *axis_name(int ndim, int axis) { return axis_names[3 - ndim + axis]; }

static int find_member(const leray_frame *frame, const char *stem, size_t length, const char *axis)
{
    for (int i = 0; i < frame->nfields; i++) {
        const char *name = frame->field[i].name;

        if (strncmp(name, stem, length) == 0 && name[length] == '_' &&
            strcmp(name + length + 1, axis) == 0)
            return i;
    }
    return -1;
}

/* If field i is "<stem>_<axis>" and every axis has one, the vector that holds it. */
static bool find_vector(const leray_frame *frame, int i, leray_well_group *g)
{
    const char *name = frame->field[i].name, *bar = strrchr(name, '_');
    size_t length = bar ? (size_t)(bar - name) : 0;

    if (length == 0 || frame->ndim < 2) return false;
    for (int axis = 0; axis < frame->ndim; axis++) {
        g->member[axis] = find_member(frame, name, length, axis_name(frame->ndim, axis));
        if (g->member[axis] < 0) return false;
    }
    for (int axis = 0; axis < frame->ndim; axis++)
        if (g->member[axis] == i) {
            snprintf(g->name, sizeof g->name, "%.*s", (int)length, name);
            g->order = 1, g->components = frame->ndim;
            return true;
        }
    return false; /* "<stem>_<something else>" beside a vector <stem> */
}

static bool listed(const leray_well_description *d, const char *name)
{
    for (int i = 0; i < d->n_static; i++)
        if (strcmp(d->static_fields[i], name) == 0) return true;
    return false;
}

void leray_well_group_fields(leray_well_writer *w, const leray_well_description *d,
                             const leray_frame *frame)
{
    for (int i = 0; i < frame->nfields; i++) {
        leray_well_group g = {.unit = frame->field[i].unit};
        bool known = false;

        if (!find_vector(frame, i, &g)) {
            snprintf(g.name, sizeof g.name, "%s", frame->field[i].name);
            g.order = 0, g.components = 1, g.member[0] = i;
        }
        g.is_static = listed(d, g.name);
        for (int k = 0; k < w->n_groups; k++)
            known = known || strcmp(w->group[k].name, g.name) == 0;
        if (!known) w->group[w->n_groups++] = g;
    }
}

static leray_status check_static(const leray_well_writer *w, const leray_well_description *d)
{
    for (int i = 0; i < d->n_static; i++) {
        bool found = false;

        for (int k = 0; k < w->n_groups; k++)
            found = found || strcmp(w->group[k].name, d->static_fields[i]) == 0;
        LERAY_CHECK(found, LERAY_ERR_ARG, "static field '%s' is not in the frame",
                    d->static_fields[i]);
    }
    return LERAY_OK;
}

static leray_status put_root(leray_well_writer *w, const leray_well_description *d)
{
    const char **names;
    leray_status status;

    LERAY_TRY(leray_h5_put_text(w->file, "dataset_name", d->dataset_name));
    LERAY_TRY(leray_h5_put_text(w->file, "grid_type", "cartesian"));
    LERAY_TRY(leray_h5_put_int(w->file, "n_spatial_dims", w->ndim));
    LERAY_TRY(leray_h5_put_int(w->file, "n_trajectories", w->n_trajectories));
    if (d->provenance) LERAY_TRY(leray_h5_put_text(w->file, "provenance", d->provenance));
    for (int i = 0; i < d->n_constants; i++)
        LERAY_TRY(leray_h5_put_real(w->file, d->constants[i].name, d->constants[i].value));
    LERAY_TRY(LERAY_ALLOC(&names, (size_t)d->n_constants + 1));
    for (int i = 0; i < d->n_constants; i++) names[i] = d->constants[i].name;
    status = leray_h5_put_texts(w->file, "simulation_parameters", d->n_constants, names);
    leray_mem_free((void *)names);
    return status;
}

/* A dataset of n numbers that is the same for all trajectories, with its attributes. */
static leray_status put_line(leray_h5 parent, const char *name, size_t n, const char *unit,
                             bool sample_varying, leray_h5 *out)
{
    LERAY_TRY(leray_h5_dataset_create(parent, name, LERAY_H5_FLOAT, 1, &n, NULL, out));
    if (unit) LERAY_TRY(leray_h5_put_text(*out, "units", unit));
    return leray_h5_put_bool(*out, "sample_varying", sample_varying);
}

static leray_status put_coordinates(leray_well_writer *w, const leray_well_description *d,
                                    const leray_frame *frame, leray_h5 dimensions, int axis)
{
    size_t n = (size_t)w->shape[axis];
    double *x;
    leray_h5 line = 0;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&x, n));
    for (size_t j = 0; j < n; j++)
        x[j] = d->coordinates[axis] ? d->coordinates[axis][j]
                                    : (double)j * frame->length[axis] / (double)n;
    status = put_line(dimensions, axis_name(w->ndim, axis), n,
                      d->length_unit ? d->length_unit : "1", false, &line);
    if (!status) status = leray_h5_put_bool(line, "time_varying", false);
    if (!status) status = leray_h5_write(line, LERAY_H5_DOUBLE, 1, NULL, NULL, x);
    leray_mem_free(x);
    return leray_h5_end(&line, status);
}

static leray_status fill_dimensions(leray_well_writer *w, const leray_well_description *d,
                                    const leray_frame *frame, leray_h5 dimensions)
{
    LERAY_TRY(leray_h5_put_texts(dimensions, "spatial_dims", w->ndim, &axis_names[3 - w->ndim]));
    LERAY_TRY(put_line(dimensions, "time", (size_t)w->n_steps, d->time_unit ? d->time_unit : "1",
                       false, &w->time));
    for (int axis = 0; axis < w->ndim; axis++)
        LERAY_TRY(put_coordinates(w, d, frame, dimensions, axis));
    return LERAY_OK;
}

static leray_status fill_boundary(leray_well_writer *w, leray_h5 at, int axis, const char *type)
{
    const char *name = axis_name(w->ndim, axis);
    int n = w->shape[axis];
    bool *mask;
    leray_status status;

    LERAY_TRY(leray_h5_put_texts(at, "associated_dims", 1, &name));
    LERAY_TRY(leray_h5_put_texts(at, "associated_fields", 0, NULL));
    LERAY_TRY(leray_h5_put_text(at, "bc_type", type));
    LERAY_TRY(leray_h5_put_bool(at, "sample_varying", false));
    LERAY_TRY(leray_h5_put_bool(at, "time_varying", false));
    LERAY_TRY(LERAY_ALLOC(&mask, (size_t)n));
    mask[0] = mask[n - 1] = true;
    status = leray_h5_put_bool_dataset(at, "mask", n, mask);
    leray_mem_free(mask);
    return status;
}

static leray_status put_boundary(leray_well_writer *w, leray_h5 parent, int axis, int type)
{
    char name[32];
    leray_h5 at;
    leray_status status;

    LERAY_CHECK(type >= LERAY_WELL_PERIODIC && type <= LERAY_WELL_OPEN, LERAY_ERR_ARG,
                "boundary %d of axis %d, allowed: 0 to 2", type, axis);
    snprintf(name, sizeof name, "%s_%s", axis_name(w->ndim, axis), boundary_names[type]);
    LERAY_TRY(leray_h5_group_create(parent, name, &at));
    status = fill_boundary(w, at, axis, boundary_names[type]);
    leray_h5_drop(&at);
    return status;
}

static leray_status fill_boundaries(leray_well_writer *w, const leray_well_description *d,
                                    leray_h5 parent)
{
    for (int axis = 0; axis < w->ndim; axis++)
        LERAY_TRY(put_boundary(w, parent, axis, (int)d->boundary[axis]));
    return LERAY_OK;
}

static leray_status put_constant(leray_h5 scalars, const leray_well_constant *c)
{
    leray_h5 line = 0;
    leray_status status = put_line(scalars, c->name, 1, c->unit, false, &line);

    if (!status) status = leray_h5_put_bool(line, "time_varying", false);
    if (!status) status = leray_h5_write(line, LERAY_H5_DOUBLE, 1, NULL, NULL, &c->value);
    return leray_h5_end(&line, status);
}

static leray_status put_scalar_names(leray_h5 scalars, const leray_well_description *d)
{
    int n = d->n_constants + d->n_sampled;
    const char **names;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&names, (size_t)n + 1));
    for (int i = 0; i < d->n_constants; i++) names[i] = d->constants[i].name;
    for (int i = 0; i < d->n_sampled; i++) names[d->n_constants + i] = d->sampled[i].name;
    status = leray_h5_put_texts(scalars, "field_names", n, names);
    leray_mem_free((void *)names);
    return status;
}

static leray_status fill_scalars(leray_well_writer *w, const leray_well_description *d,
                                 leray_h5 scalars)
{
    LERAY_TRY(put_scalar_names(scalars, d));
    for (int i = 0; i < d->n_constants; i++) LERAY_TRY(put_constant(scalars, &d->constants[i]));
    for (int i = 0; i < d->n_sampled; i++) {
        LERAY_TRY(put_line(scalars, d->sampled[i].name, (size_t)w->n_trajectories,
                           d->sampled[i].unit, true, &w->scalars[i]));
        LERAY_TRY(leray_h5_put_bool(w->scalars[i], "time_varying", false));
    }
    return LERAY_OK;
}

/* [n_trajectories, (n_steps,) axes.., (components)], one chunk per frame, or in one piece. */
static leray_status put_field(leray_well_writer *w, leray_h5 parent, leray_well_group *g)
{
    static const bool varying[LERAY_WELL_AXES_MAX] = {true, true, true};
    size_t shape[LERAY_H5_RANK_MAX] = {0}, chunk[LERAY_H5_RANK_MAX] = {0};
    int rank = 0;

    shape[rank] = (size_t)w->n_trajectories, chunk[rank++] = 1;
    if (!g->is_static) shape[rank] = (size_t)w->n_steps, chunk[rank++] = 1;
    for (int i = 0; i < w->ndim; i++, rank++) shape[rank] = chunk[rank] = (size_t)w->shape[i];
    if (g->order > 0) shape[rank] = chunk[rank] = (size_t)g->components, rank++;
    LERAY_TRY(w->reserve ? leray_h5_dataset_reserve(parent, g->name, LERAY_H5_FLOAT, rank, shape,
                                                    &g->dataset)
                         : leray_h5_dataset_create(parent, g->name, LERAY_H5_FLOAT, rank, shape,
                                                   chunk, &g->dataset));
    if (g->unit) LERAY_TRY(leray_h5_put_text(g->dataset, "units", g->unit));
    LERAY_TRY(leray_h5_put_bools(g->dataset, "dim_varying", w->ndim, varying));
    LERAY_TRY(leray_h5_put_bool(g->dataset, "sample_varying", true));
    return leray_h5_put_bool(g->dataset, "time_varying", !g->is_static);
}

static leray_status fill_fields(leray_well_writer *w, leray_h5 parent, int order)
{
    const char *names[LERAY_FRAME_FIELDS];
    int n = 0;

    for (int k = 0; k < w->n_groups; k++) {
        if (w->group[k].order != order) continue;
        names[n++] = w->group[k].name;
        LERAY_TRY(put_field(w, parent, &w->group[k]));
    }
    return leray_h5_put_texts(parent, "field_names", n, names);
}

leray_status leray_well_put_layout(leray_well_writer *w, const leray_well_description *d,
                                   const leray_frame *frame)
{
    static const char *const names[] = {"dimensions", "boundary_conditions", "scalars",
                                        "t0_fields",  "t1_fields",           "t2_fields"};

    leray_well_group_fields(w, d, frame);
    LERAY_TRY(check_static(w, d));
    LERAY_TRY(put_root(w, d));
    for (int i = 0; i < 6; i++) {
        leray_h5 at;
        leray_status status;

        LERAY_TRY(leray_h5_group_create(w->file, names[i], &at));
        status = i == 0   ? fill_dimensions(w, d, frame, at)
                 : i == 1 ? fill_boundaries(w, d, at)
                 : i == 2 ? fill_scalars(w, d, at)
                          : fill_fields(w, at, i - 3);
        leray_h5_drop(&at);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}
