/* core/extents.c - see leray/impl/grid.h. */
#include <leray/impl/grid.h>

#include <stdio.h>
#include <string.h>

leray_extents leray_extents_make(int ndim, const int *n)
{
    leray_extents extents = {.ndim = ndim};

    for (int a = 0; a < ndim && a < LERAY_AXES; a++) extents.n[a] = n[a];
    return extents;
}

size_t leray_extents_points(const leray_extents *extents)
{
    size_t points = 1;

    for (int a = 0; a < extents->ndim; a++) points *= (size_t)extents->n[a];
    return points;
}

bool leray_extents_same(const leray_extents *a, const leray_extents *b)
{
    bool same = a->ndim == b->ndim;

    for (int i = 0; same && i < a->ndim; i++) same = a->n[i] == b->n[i];
    return same;
}

const char *leray_extents_text(const leray_extents *extents, char text[LERAY_EXTENTS_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (int a = 0; a < extents->ndim; a++)
        used += (size_t)snprintf(text + used, LERAY_EXTENTS_TEXT - used, "%s%d", a ? " x " : "",
                                 extents->n[a]);
    return text;
}

const char *leray_axis_name(int ndim, int axis)
{
    static const char *const names[LERAY_AXES] = {"z", "y", "x"};

    return names[LERAY_AXES - ndim + axis];
}
