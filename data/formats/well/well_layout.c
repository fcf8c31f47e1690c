/* data/formats/well/well_layout.c - the groups, attributes and empty datasets of a new file; see data/formats/well/well.h. */
#include "data/formats/well/well_impl.h"

#include "core/grid.h"
#include "core/mem.h"
#include "core/text.h"

#include <string.h>

/* The Well knows no poles: they are written as open, with the attribute "kind". */
static const char *const boundary_names[] = {"PERIODIC", "WALL", "OPEN", "OPEN"};

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
static leray_status find_vector(const leray_frame *frame, int i, leray_well_group *g, bool *found)
{
    int ndim = frame->grid->ndim;
    const char *name = frame->field[i].name, *bar = strrchr(name, '_');
    size_t length = bar ? (size_t)(bar - name) : 0;

    *found = false;
    if (length == 0 || ndim < 2) return LERAY_OK;
    for (int axis = 0; axis < ndim; axis++) {
        g->member[axis] = find_member(frame, name, length, leray_grid_axis_name(frame->grid, axis));
        if (g->member[axis] < 0) return LERAY_OK;
    }
    for (int axis = 0; axis < ndim && !*found; axis++) *found = g->member[axis] == i;
    if (!*found) return LERAY_OK; /* "<stem>_<something else>" beside a vector <stem> */
    g->order = 1, g->components = ndim;
    LERAY_TRY(LERAY_ALLOC(&g->name, length + 1));
    memcpy(g->name, name, length);
    return LERAY_OK;
}

static bool listed(const leray_well_description *d, const char *name)
{
    for (int i = 0; i < d->n_static; i++)
        if (strcmp(d->static_fields[i], name) == 0) return true;
    return false;
}

static bool is_known(const leray_well_writer *w, const char *name)
{
    for (int k = 0; k < w->n_groups; k++)
        if (strcmp(w->group[k].name, name) == 0) return true;
    return false;
}

static leray_status group_field(leray_well_writer *w, const leray_well_description *d,
                                const leray_frame *frame, int i)
{
    leray_well_group g = {.unit = frame->field[i].unit};
    bool vector;

    LERAY_TRY(find_vector(frame, i, &g, &vector));
    if (!vector) {
        LERAY_TRY(leray_mem_text(frame->field[i].name, &g.name));
        g.order = 0, g.components = 1, g.member[0] = i;
    }
    g.is_static = listed(d, g.name);
    if (is_known(w, g.name)) leray_mem_free(g.name);
    else w->group[w->n_groups++] = g;
    return LERAY_OK;
}

leray_status leray_well_group_fields(leray_well_writer *w, const leray_well_description *d,
                                     const leray_frame *frame)
{
    LERAY_TRY(LERAY_ALLOC(&w->group, (size_t)frame->nfields));
    for (int i = 0; i < frame->nfields; i++) LERAY_TRY(group_field(w, d, frame, i));
    return LERAY_OK;
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
    LERAY_TRY(leray_h5_put_text(w->file, "grid_type",
                                w->grid.kind == LERAY_SPHERE ? "latitude-longitude" : "cartesian"));
    LERAY_TRY(leray_h5_put_int(w->file, "n_spatial_dims", w->grid.ndim));
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

/* A dataset of n doubles with its attributes. */
static leray_status put_line(leray_h5 parent, const char *name, size_t n, const char *unit,
                             bool sample_varying, leray_h5 *out)
{
    LERAY_TRY(leray_h5_dataset_create(parent, name, LERAY_H5_DOUBLE, 1, &n, NULL, out));
    if (unit) LERAY_TRY(leray_h5_put_text(*out, "units", unit));
    return leray_h5_put_bool(*out, "sample_varying", sample_varying);
}

/* ---- grid and times --------------------------------------------------------------------- */

static leray_status describe_axis(const leray_axis *a, leray_h5 line)
{
    LERAY_TRY(leray_h5_put_bool(line, "time_varying", false));
    LERAY_TRY(leray_h5_put_text(line, "points", leray_points_names[a->points]));
    LERAY_TRY(leray_h5_put_real(line, "start", a->start));
    return leray_h5_put_real(line, "length", a->length);
}

static leray_status put_coordinates(leray_well_writer *w, leray_h5 dimensions, int axis)
{
    const leray_grid *grid = &w->grid;
    size_t n = (size_t)grid->axis[axis].n;
    double *x;
    leray_h5 line = 0;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&x, n));
    for (size_t j = 0; j < n; j++) x[j] = leray_grid_coordinate(grid, axis, (int)j);
    status = put_line(dimensions, leray_grid_axis_name(grid, axis), n,
                      leray_grid_axis_unit(grid, axis), false, &line);
    if (!status) status = describe_axis(&grid->axis[axis], line);
    if (!status) status = leray_h5_write(line, LERAY_H5_DOUBLE, 1, NULL, NULL, x);
    leray_mem_free(x);
    return leray_h5_end(&line, status);
}

leray_status leray_well_put_times(const leray_well_writer *w, leray_h5 file, int n_clocks,
                                  leray_h5 *out)
{
    size_t shape[2] = {(size_t)n_clocks, (size_t)w->n_steps};
    int rank = n_clocks > 1 ? 2 : 1;
    leray_h5 dimensions;
    leray_status status;

    LERAY_TRY(leray_h5_group_open(file, "dimensions", &dimensions));
    status = leray_h5_dataset_create(dimensions, "time", LERAY_H5_DOUBLE, rank,
                                     rank > 1 ? shape : shape + 1, NULL, out);
    leray_h5_drop(&dimensions);
    LERAY_TRY(status);
    LERAY_TRY(leray_h5_put_text(*out, "units", w->time_unit));
    LERAY_TRY(leray_h5_put_bool(*out, "sample_varying", rank > 1));
    return leray_h5_put_bool(*out, "time_varying", true);
}

static leray_status fill_dimensions(leray_well_writer *w, leray_h5 dimensions)
{
    const char *names[LERAY_AXES];

    for (int a = 0; a < w->grid.ndim; a++) names[a] = leray_grid_axis_name(&w->grid, a);
    LERAY_TRY(leray_h5_put_texts(dimensions, "spatial_dims", w->grid.ndim, names));
    for (int a = 0; a < w->grid.ndim; a++) LERAY_TRY(put_coordinates(w, dimensions, a));
    return LERAY_OK;
}

static leray_status put_mask(leray_well_writer *w)
{
    size_t shape[LERAY_AXES];
    leray_h5 mask = 0;
    leray_status status;

    if (!w->grid.mask) return LERAY_OK;
    for (int a = 0; a < w->grid.ndim; a++) shape[a] = (size_t)w->grid.axis[a].n;
    status =
        leray_h5_dataset_create(w->file, "mask", LERAY_H5_BYTE, w->grid.ndim, shape, NULL, &mask);
    if (!status)
        status = leray_h5_write(mask, LERAY_H5_BYTE, w->grid.ndim, NULL, NULL, w->grid.mask);
    return leray_h5_end(&mask, status);
}

/* A boundary at one side of an axis, or at both. */
static leray_status fill_boundary(leray_well_writer *w, leray_h5 at, int axis, leray_boundary kind,
                                  const bool side[2])
{
    const char *name = leray_grid_axis_name(&w->grid, axis);
    int n = w->grid.axis[axis].n;
    bool *mask;
    leray_status status;

    LERAY_TRY(leray_h5_put_texts(at, "associated_dims", 1, &name));
    LERAY_TRY(leray_h5_put_texts(at, "associated_fields", 0, NULL));
    LERAY_TRY(leray_h5_put_text(at, "bc_type", boundary_names[kind]));
    if (kind == LERAY_POLE) LERAY_TRY(leray_h5_put_text(at, "kind", "pole"));
    LERAY_TRY(leray_h5_put_bool(at, "sample_varying", false));
    LERAY_TRY(leray_h5_put_bool(at, "time_varying", false));
    LERAY_TRY(LERAY_ALLOC(&mask, (size_t)n));
    mask[0] = side[0], mask[n - 1] = mask[n - 1] || side[1];
    status = leray_h5_put_bool_dataset(at, "mask", n, mask);
    leray_mem_free(mask);
    return status;
}

static leray_status put_boundary(leray_well_writer *w, leray_h5 parent, int axis, int s, bool both)
{
    leray_boundary kind = w->grid.axis[axis].boundary[s];
    const char *name = leray_grid_axis_name(&w->grid, axis);
    bool side[2] = {both || s == 0, both || s == 1};
    char *group;
    leray_text text = {0};
    leray_h5 at;
    leray_status status;

    leray_text_add(&text, both ? "%s_%s" : "%s_%s_%s", name, boundary_names[kind],
                   s ? "last" : "first");
    LERAY_TRY(leray_text_finish(&text, &group));
    status = leray_h5_group_create(parent, group, &at);
    leray_mem_free(group);
    LERAY_TRY(status);
    status = fill_boundary(w, at, axis, kind, side);
    leray_h5_drop(&at);
    return status;
}

static leray_status fill_boundaries(leray_well_writer *w, leray_h5 parent)
{
    for (int axis = 0; axis < w->grid.ndim; axis++) {
        const leray_boundary *b = w->grid.axis[axis].boundary;

        LERAY_TRY(put_boundary(w, parent, axis, 0, b[0] == b[1]));
        if (b[0] != b[1]) LERAY_TRY(put_boundary(w, parent, axis, 1, false));
    }
    return LERAY_OK;
}

/* ---- scalars ---------------------------------------------------------------------------- */

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
        leray_h5 line = 0;
        leray_status status = put_line(scalars, d->sampled[i].name, (size_t)w->n_trajectories,
                                       d->sampled[i].unit, true, &line);

        if (!status) status = leray_h5_put_bool(line, "time_varying", false);
        LERAY_TRY(leray_h5_end(&line, status));
    }
    return LERAY_OK;
}

/* [n_trajectories, (n_steps,) axes.., (components)], one chunk per frame, or in one piece. */
static leray_status put_field(leray_well_writer *w, leray_h5 parent, leray_well_group *g)
{
    static const bool varying[LERAY_AXES] = {true, true, true};
    size_t shape[LERAY_H5_RANK_MAX] = {0}, chunk[LERAY_H5_RANK_MAX] = {0};
    int rank = 0;

    shape[rank] = (size_t)w->n_trajectories, chunk[rank++] = 1;
    if (!g->is_static) shape[rank] = (size_t)w->n_steps, chunk[rank++] = 1;
    for (int i = 0; i < w->grid.ndim; i++, rank++)
        shape[rank] = chunk[rank] = (size_t)w->grid.axis[i].n;
    if (g->order > 0) shape[rank] = chunk[rank] = (size_t)g->components, rank++;
    LERAY_TRY(w->reserve ? leray_h5_dataset_reserve(parent, g->name, LERAY_H5_FLOAT, rank, shape,
                                                    &g->dataset)
                         : leray_h5_dataset_create(parent, g->name, LERAY_H5_FLOAT, rank, shape,
                                                   chunk, &g->dataset));
    if (g->unit) LERAY_TRY(leray_h5_put_text(g->dataset, "units", g->unit));
    LERAY_TRY(leray_h5_put_bools(g->dataset, "dim_varying", w->grid.ndim, varying));
    LERAY_TRY(leray_h5_put_bool(g->dataset, "sample_varying", true));
    return leray_h5_put_bool(g->dataset, "time_varying", !g->is_static);
}

static leray_status fill_fields(leray_well_writer *w, leray_h5 parent, int order)
{
    const char **names;
    int n = 0;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&names, (size_t)w->n_groups + 1));
    status = LERAY_OK;
    for (int k = 0; k < w->n_groups && !status; k++) {
        if (w->group[k].order != order) continue;
        names[n++] = w->group[k].name;
        status = put_field(w, parent, &w->group[k]);
    }
    if (!status) status = leray_h5_put_texts(parent, "field_names", n, names);
    leray_mem_free((void *)names);
    return status;
}

leray_status leray_well_put_layout(leray_well_writer *w, const leray_well_description *d,
                                   const leray_frame *frame)
{
    static const char *const names[] = {"dimensions", "boundary_conditions", "scalars",
                                        "t0_fields",  "t1_fields",           "t2_fields"};

    LERAY_TRY(leray_well_group_fields(w, d, frame));
    LERAY_TRY(check_static(w, d));
    LERAY_TRY(put_root(w, d));
    LERAY_TRY(put_mask(w));
    for (int i = 0; i < 6; i++) {
        leray_h5 at;
        leray_status status;

        LERAY_TRY(leray_h5_group_create(w->file, names[i], &at));
        status = i == 0   ? fill_dimensions(w, at)
                 : i == 1 ? fill_boundaries(w, at)
                 : i == 2 ? fill_scalars(w, d, at)
                          : fill_fields(w, at, i - 3);
        leray_h5_drop(&at);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}
