/* data/formats/well/well_open_grid.c - the grid and the times of a file; see data/formats/well/well.h. */
#include "core/grid.h"
#include "core/mem.h"
#include "core/number.h"
#include "data/formats/well/well_impl.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 1024
#define POINTS_MAX ((size_t)1 << 40)

/* Equal but for capitals, in every locale: a Turkish I is no capital of i. */
static bool same_word(const char *text, const char *word)
{
    locale_t before = leray_locale_enter();
    bool same = strcasecmp(text, word) == 0;

    leray_locale_leave(before);
    return same;
}

/* A dataset of doubles with its extents. Errors: DATA where it is empty or has more than two axes. */
static leray_status read_table(leray_h5 parent, const char *path, const char *name, int *rows,
                               int *columns, double **out)
{
    size_t shape[LERAY_H5_RANK_MAX] = {0};
    leray_h5 table;
    int rank;
    leray_status status;

    LERAY_TRY(leray_h5_dataset_open(parent, name, &table));
    status = leray_h5_dataset_shape(table, &rank, shape);
    if (!status && (rank < 1 || rank > 2 || shape[0] < 1 || shape[rank - 1] < 1 ||
                    shape[0] > 1 << 28 || shape[rank - 1] > 1 << 28))
        status =
            leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                              "%s: dimensions/%s is empty, or has more than two axes", path, name);
    *rows = !status && rank == 2 ? (int)shape[0] : 1;
    *columns = !status ? (int)shape[rank - 1] : 0;
    if (!status) status = LERAY_ALLOC(out, (size_t)*rows * (size_t)*columns);
    if (!status) status = leray_h5_read(table, LERAY_H5_DOUBLE, rank, NULL, NULL, *out);
    leray_h5_drop(&table);
    return status;
}

static leray_status read_unit(leray_h5 parent, const char *name, char **out)
{
    leray_h5 line;
    leray_status status;

    LERAY_TRY(leray_h5_dataset_open(parent, name, &line));
    if (leray_h5_has_attribute(line, "units")) status = leray_h5_get_text(line, "units", out);
    else status = leray_mem_text("", out);
    leray_h5_drop(&line);
    return status;
}

/* ---- times ------------------------------------------------------------------------------ */

static leray_status read_times(leray_well *w, const char *path, leray_h5 dimensions)
{
    leray_well_info *info = &w->info;

    LERAY_TRY(read_table(dimensions, path, "time", &info->n_clocks, &info->n_steps, &w->time));
    LERAY_CHECK(info->n_clocks == 1 || info->n_clocks == info->n_trajectories, LERAY_ERR_DATA,
                "%s: dimensions/time has %d rows, expected 1 or n_trajectories = %d", path,
                info->n_clocks, info->n_trajectories);
    LERAY_TRY(read_unit(dimensions, "time", &w->time_unit));
    info->time = w->time, info->time_unit = w->time_unit;
    return LERAY_OK;
}

/* ---- coordinates ------------------------------------------------------------------------ */

/* Coordinates that depend on the trajectory are taken where all rows are the same. */
static leray_status read_axis(leray_well *w, const char *path, leray_h5 dimensions, int a)
{
    const char *name = w->axis[a];
    double *x;
    int rows, n;

    LERAY_TRY(read_table(dimensions, path, name, &rows, &n, &w->coordinates[a]));
    x = w->coordinates[a];
    for (int r = 1; r < rows; r++)
        LERAY_CHECK(
            memcmp(x, x + (size_t)r * (size_t)n, (size_t)n * sizeof *x) == 0, LERAY_ERR_UNSUPPORTED,
            "%s: the coordinates along %s differ between trajectories or in time: split the "
            "file by grids",
            path, name);
    LERAY_TRY(read_unit(dimensions, name, &w->unit[a]));
    w->view[a] = (leray_axis){.name = name, .unit = w->unit[a], .n = n};
    LERAY_CHECK((size_t)n <= POINTS_MAX / w->points, LERAY_ERR_DATA,
                "%s: the grid has more than %zu points", path, POINTS_MAX);
    w->points *= (size_t)n;
    return LERAY_OK;
}

leray_status leray_well_read_dimensions(leray_well *w, const char *path, leray_h5 dimensions)
{
    int n;

    LERAY_TRY(leray_h5_get_texts(dimensions, "spatial_dims", &n, &w->axis));
    LERAY_CHECK(n == w->info.grid.ndim, LERAY_ERR_DATA,
                "%s: dimensions: %d spatial_dims, n_spatial_dims is %d", path, n,
                w->info.grid.ndim);
    LERAY_TRY(read_times(w, path, dimensions));
    w->points = 1;
    for (int a = 0; a < n; a++) LERAY_TRY(read_axis(w, path, dimensions, a));
    for (int a = 0; a < n; a++) w->view[a].boundary[0] = w->view[a].boundary[1] = LERAY_OPEN;
    return LERAY_OK;
}

/* ---- boundaries ------------------------------------------------------------------------- */

static leray_status read_kind(const char *path, leray_h5 at, leray_boundary *out)
{
    static const char *const names[] = {"periodic", "wall", "open"};
    char *type;
    int k = 0;

    LERAY_TRY(leray_h5_get_text(at, "bc_type", &type));
    while (k < 3 && !same_word(type, names[k])) k++;
    leray_mem_free(type);
    LERAY_CHECK(k < 3, LERAY_ERR_DATA,
                "%s: boundary_conditions: a bc_type is none of periodic, wall, open", path);
    *out = (leray_boundary)k;
    if (!leray_h5_has_attribute(at, "kind")) return LERAY_OK;
    LERAY_TRY(leray_h5_get_text(at, "kind", &type));
    if (strcmp(type, "pole") == 0) *out = LERAY_POLE;
    leray_mem_free(type);
    return LERAY_OK;
}

/* Which sides of its axis a boundary is at: as its mask says where that is a line along the axis that is
   true at an end; else both. */
static leray_status read_sides(leray_h5 at, int n, bool side[2])
{
    size_t shape[LERAY_H5_RANK_MAX];
    bool *mask;
    leray_h5 dataset;
    int rank;
    leray_status status;

    side[0] = side[1] = true;
    if (!leray_h5_has(at, "mask")) return LERAY_OK;
    LERAY_TRY(leray_h5_dataset_open(at, "mask", &dataset));
    status = leray_h5_dataset_shape(dataset, &rank, shape);
    if (status || rank != 1 || shape[0] != (size_t)n) {
        leray_h5_drop(&dataset);
        return status;
    }
    status = LERAY_ALLOC(&mask, (size_t)n);
    if (!status) status = leray_h5_read_bools(dataset, (size_t)n, mask);
    if (!status && (mask[0] || mask[n - 1])) side[0] = mask[0], side[1] = mask[n - 1];
    leray_mem_free(mask);
    leray_h5_drop(&dataset);
    return status;
}

static leray_status fill_axis(leray_well *w, leray_h5 at, int axis, leray_boundary kind)
{
    bool side[2];

    LERAY_TRY(read_sides(at, w->view[axis].n, side));
    for (int s = 0; s < 2; s++)
        if (side[s] || kind == LERAY_PERIODIC) w->view[axis].boundary[s] = kind;
    return LERAY_OK;
}

static leray_status fill_boundary(leray_well *w, const char *path, leray_h5 at)
{
    leray_boundary kind = LERAY_OPEN;
    char **dims;
    int n;
    leray_status status;

    LERAY_TRY(read_kind(path, at, &kind));
    status = leray_h5_get_texts(at, "associated_dims", &n, &dims);
    for (int i = 0; !status && i < n; i++)
        for (int axis = 0; axis < w->info.grid.ndim && !status; axis++)
            if (strcmp(dims[i], w->axis[axis]) == 0) status = fill_axis(w, at, axis, kind);
    leray_mem_free((void *)dims);
    return status;
}

leray_status leray_well_read_boundaries(leray_well *w, const char *path, leray_h5 parent)
{
    char name[TEXT_MAX];

    for (int i = 0; i < leray_h5_child_count(parent); i++) {
        leray_h5 at;
        leray_status status;

        LERAY_TRY(leray_h5_child_name(parent, i, sizeof name, name));
        LERAY_TRY(leray_h5_group_open(parent, name, &at));
        status = fill_boundary(w, path, at);
        leray_h5_drop(&at);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

/* ---- the grid --------------------------------------------------------------------------- */

/* What a writer of ours said of the points of an axis. */
static leray_status read_points(leray_h5 line, leray_axis *a, double *coordinates)
{
    char *text;
    int k = 0;

    LERAY_TRY(leray_h5_get_text(line, "points", &text));
    while (leray_points_names[k] && strcmp(leray_points_names[k], text) != 0) k++;
    leray_mem_free(text);
    LERAY_CHECK(leray_points_names[k], LERAY_ERR_DATA,
                "coordinates: attribute points is none of vertices, centres, coordinates");
    a->points = (leray_points)k;
    LERAY_TRY(leray_h5_get_real(line, "start", &a->start));
    LERAY_TRY(leray_h5_get_real(line, "length", &a->length));
    a->coordinates = a->points == LERAY_AT_COORDINATES ? coordinates : NULL;
    return LERAY_OK;
}

static leray_status make_axis(leray_well *w, const char *path, leray_h5 dimensions, int axis)
{
    leray_axis *a = &w->view[axis];
    leray_boundary boundary[2] = {a->boundary[0], a->boundary[1]};
    leray_h5 line;
    leray_status status;

    LERAY_TRY(leray_h5_dataset_open(dimensions, w->axis[axis], &line));
    if (leray_h5_has_attribute(line, "points")) status = read_points(line, a, w->coordinates[axis]);
    else
        status = leray_axis_of_coordinates(path, w->axis[axis], w->unit[axis], a->n,
                                           w->coordinates[axis], boundary, a);
    leray_h5_drop(&line);
    return status;
}

static leray_status read_mask(leray_well *w, const char *path, unsigned char **out)
{
    size_t shape[LERAY_H5_RANK_MAX], points = 1;
    leray_h5 dataset;
    int rank;
    leray_status status;

    *out = NULL;
    if (!leray_h5_has(w->file, "mask")) return LERAY_OK;
    LERAY_TRY(leray_h5_dataset_open(w->file, "mask", &dataset));
    status = leray_h5_dataset_shape(dataset, &rank, shape);
    for (int i = 0; !status && i < rank; i++) points *= shape[i];
    if (!status && points != w->points)
        status = leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                   "%s: mask has %zu values, the grid %zu points", path, points,
                                   w->points);
    if (!status) status = LERAY_ALLOC(out, w->points);
    if (!status) status = leray_h5_read(dataset, LERAY_H5_BYTE, rank, NULL, NULL, *out);
    leray_h5_drop(&dataset);
    return status;
}

static leray_status check_and_copy(leray_well *w, const char *path, const leray_grid *view)
{
    LERAY_CHECK(!leray_grid_check(view), LERAY_ERR_DATA, "%s: %.*s", path,
                (int)strcspn(leray_error_message(), "\n"), leray_error_message());
    return leray_grid_copy(view, &w->info.grid);
}

leray_status leray_well_make_grid(leray_well *w, const char *path)
{
    leray_grid view = {.ndim = w->info.grid.ndim};
    unsigned char *mask = NULL;
    char *type = NULL;
    leray_h5 dimensions;
    leray_status status;

    LERAY_TRY(leray_h5_group_open(w->file, "dimensions", &dimensions));
    status = LERAY_OK;
    for (int a = 0; a < view.ndim && !status; a++) status = make_axis(w, path, dimensions, a);
    leray_h5_drop(&dimensions);
    if (!status) status = read_mask(w, path, &mask);
    if (!status && leray_h5_has_attribute(w->file, "grid_type"))
        status = leray_h5_get_text(w->file, "grid_type", &type);
    if (type && same_word(type, "latitude-longitude") && view.ndim > 1) view.kind = LERAY_SPHERE;
    for (int a = 0; a < view.ndim; a++) view.axis[a] = w->view[a];
    view.mask = mask;
    if (!status) status = check_and_copy(w, path, &view);
    leray_mem_free(type);
    leray_mem_free(mask);
    return status;
}
