/* core/grid.c - see core/grid.h. */
#include "core/grid.h"

#include <stdio.h>
#include <string.h>

leray_grid leray_grid_make(int ndim, const int *n)
{
    leray_grid grid = {.ndim = ndim};

    for (int a = 0; a < ndim && a < LERAY_GRID_DIMS; a++) grid.n[a] = n[a];
    return grid;
}

size_t leray_grid_points(const leray_grid *grid)
{
    size_t points = 1;

    for (int a = 0; a < grid->ndim; a++) points *= (size_t)grid->n[a];
    return points;
}

bool leray_grid_same(const leray_grid *a, const leray_grid *b)
{
    bool same = a->ndim == b->ndim;

    for (int i = 0; same && i < a->ndim; i++) same = a->n[i] == b->n[i];
    return same;
}

const char *leray_grid_text(const leray_grid *grid, char text[LERAY_GRID_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (int a = 0; a < grid->ndim; a++)
        used += (size_t)snprintf(text + used, LERAY_GRID_TEXT - used, "%s%d", a ? " x " : "",
                                 grid->n[a]);
    return text;
}

const char *leray_grid_axis(int ndim, int axis)
{
    static const char *const names[LERAY_GRID_DIMS] = {"z", "y", "x"};

    return names[LERAY_GRID_DIMS - ndim + axis];
}
