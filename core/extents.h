/* core/extents.h - how many points an array has along each of one to three axes. Private.

   The extents of an array say nothing of where its points lie: that is a leray_grid
   (include/leray/grid.h). */
#ifndef LERAY_CORE_EXTENTS_H
#define LERAY_CORE_EXTENTS_H

#include <leray/grid.h>

#include <stdbool.h>
#include <stddef.h>

#define LERAY_EXTENTS_TEXT 48

typedef struct leray_extents {
    int ndim;          /* 1 to 3 */
    int n[LERAY_AXES]; /* points, slowest axis first; entries from ndim on are 0 */
} leray_extents;

leray_extents leray_extents_make(int ndim, const int *n);
size_t leray_extents_points(const leray_extents *extents);
bool leray_extents_same(const leray_extents *a, const leray_extents *b);

/* "64 x 64"; returns text. */
const char *leray_extents_text(const leray_extents *extents, char text[LERAY_EXTENTS_TEXT]);

/* "z", "y", "x": the usual name of an axis, the last one being x. */
const char *leray_axis_name(int ndim, int axis);

#endif
