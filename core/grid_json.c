/* core/grid_json.c - grids as JSON, as model files carry them; see core/grid.h. Weights and masks are left
   out: they belong to the data, and a model is used on those of its input. */
#include "core/grid.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

static leray_status put_coordinates(const leray_axis *a, leray_json *json)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    status = LERAY_OK;
    for (int j = 0; j < a->n && !status; j++)
        status = leray_json_set_real(list, NULL, a->coordinates[j]);
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, "coordinates", &list);
}

static leray_status fill_axis(const leray_grid *grid, int axis, leray_json *json)
{
    const leray_axis *a = &grid->axis[axis];

    LERAY_TRY(leray_json_set_text(json, "name", leray_grid_axis_name(grid, axis)));
    LERAY_TRY(leray_json_set_text(json, "unit", leray_grid_axis_unit(grid, axis)));
    LERAY_TRY(leray_json_set_int(json, "n", a->n));
    LERAY_TRY(leray_json_set_text(json, "points", leray_points_names[a->points]));
    LERAY_TRY(leray_json_set_text(json, "first", leray_boundary_names[a->boundary[0]]));
    LERAY_TRY(leray_json_set_text(json, "last", leray_boundary_names[a->boundary[1]]));
    LERAY_TRY(leray_json_set_real(json, "start", a->start));
    LERAY_TRY(leray_json_set_real(json, "length", a->length));
    return a->points == LERAY_AT_COORDINATES ? put_coordinates(a, json) : LERAY_OK;
}

static leray_status fill_axes(const leray_grid *grid, leray_json *list)
{
    for (int a = 0; a < grid->ndim; a++) {
        leray_json *axis;
        leray_status status;

        LERAY_TRY(leray_json_object(&axis));
        status = fill_axis(grid, a, axis);
        if (status) leray_json_destroy(&axis);
        else status = leray_json_set(list, NULL, &axis);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

static leray_status fill(const leray_grid *grid, leray_json *json)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_set_text(json, "kind", leray_grid_kind_names[grid->kind]));
    LERAY_TRY(leray_json_array(&list));
    status = fill_axes(grid, list);
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, "axes", &list);
}

leray_status leray_grid_to_json(const leray_grid *grid, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill(grid, *out);
    if (status) leray_json_destroy(out);
    return status;
}

/* ---- reading ---------------------------------------------------------------------------- */

static leray_status get_choice(const leray_json *json, const char *key, const char *const *names,
                               int *out)
{
    const char *text;

    LERAY_TRY(leray_json_get_text(json, key, &text));
    for (*out = 0; names[*out]; ++*out)
        if (strcmp(names[*out], text) == 0) return LERAY_OK;
    LERAY_FAIL(LERAY_ERR_DATA, "grid: '%s' is '%s', which this version does not know", key, text);
}

static leray_status get_coordinates(const leray_json *json, leray_axis *a, double **block)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_get(json, "coordinates", &list));
    status =
        leray_json_size(list) == (size_t)a->n
            ? LERAY_ALLOC(block, (size_t)a->n)
            : leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                "grid: %zu coordinates for %d points", leray_json_size(list), a->n);
    for (int j = 0; j < a->n && !status; j++)
        status = leray_json_real_at(list, (size_t)j, &(*block)[j]);
    a->coordinates = *block;
    leray_json_destroy(&list);
    return status;
}

static leray_status get_axis(const leray_json *json, leray_axis *a, double **block)
{
    int64_t n;
    int choice;

    LERAY_TRY(leray_json_get_text(json, "name", &a->name));
    LERAY_TRY(leray_json_get_text(json, "unit", &a->unit));
    LERAY_TRY(leray_json_get_int(json, "n", &n));
    LERAY_CHECK(n >= 1 && n <= 1 << 24, LERAY_ERR_DATA, "grid: an axis of %lld points",
                (long long)n);
    a->n = (int)n;
    LERAY_TRY(get_choice(json, "points", leray_points_names, &choice));
    a->points = (leray_points)choice;
    LERAY_TRY(get_choice(json, "first", leray_boundary_names, &choice));
    a->boundary[0] = (leray_boundary)choice;
    LERAY_TRY(get_choice(json, "last", leray_boundary_names, &choice));
    a->boundary[1] = (leray_boundary)choice;
    LERAY_TRY(leray_json_get_real(json, "start", &a->start));
    LERAY_TRY(leray_json_get_real(json, "length", &a->length));
    return a->points == LERAY_AT_COORDINATES ? get_coordinates(json, a, block) : LERAY_OK;
}

/* Format 1 of model files: points, length, periodic. Others were taken as the centres of cells. */
static leray_status get_old_axis(const leray_json *json, leray_axis *a)
{
    int64_t n, periodic;

    LERAY_TRY(leray_json_get_int(json, "points", &n));
    LERAY_CHECK(n >= 1 && n <= 1 << 24, LERAY_ERR_DATA, "grid: an axis of %lld points",
                (long long)n);
    LERAY_TRY(leray_json_get_real(json, "length", &a->length));
    LERAY_TRY(leray_json_get_int(json, "periodic", &periodic));
    a->n = (int)n;
    if (periodic) return LERAY_OK;
    a->points = LERAY_AT_CENTRES;
    a->boundary[0] = a->boundary[1] = LERAY_OPEN;
    return LERAY_OK;
}

static leray_status get_axes(const leray_json *list, bool old, leray_grid *view,
                             double *block[LERAY_AXES])
{
    size_t n = leray_json_size(list);

    LERAY_CHECK(n >= 1 && n <= LERAY_AXES, LERAY_ERR_DATA, "a grid of %zu axes, not 1 to %d", n,
                LERAY_AXES);
    view->ndim = (int)n;
    for (size_t a = 0; a < n; a++) {
        leray_json *axis;
        leray_status status;

        LERAY_TRY(leray_json_at(list, a, &axis));
        status =
            old ? get_old_axis(axis, &view->axis[a]) : get_axis(axis, &view->axis[a], &block[a]);
        leray_json_destroy(&axis);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

static leray_status check_and_copy(const leray_grid *view, leray_grid *out)
{
    LERAY_CHECK(!leray_grid_check(view), LERAY_ERR_DATA, "not a valid grid: %s",
                leray_error_message());
    return leray_grid_copy(view, out);
}

leray_status leray_grid_from_json(const leray_json *json, leray_grid *out)
{
    bool old = !leray_json_has(json, "kind");
    leray_grid view = {0};
    double *block[LERAY_AXES] = {NULL};
    leray_json *list = NULL;
    int kind = 0;
    leray_status status = LERAY_OK;

    memset(out, 0, sizeof *out);
    if (!old) status = get_choice(json, "kind", leray_grid_kind_names, &kind);
    view.kind = (leray_grid_kind)kind;
    if (!status && !old) status = leray_json_get(json, "axes", &list);
    if (!status) status = get_axes(old ? json : list, old, &view, block);
    if (!status) status = check_and_copy(&view, out);
    for (int a = 0; a < LERAY_AXES; a++) leray_mem_free(block[a]);
    leray_json_destroy(&list);
    return status;
}
