/* core/grid.h - the points of a uniform grid in one to three dimensions. Private. */
#ifndef LERAY_CORE_GRID_H
#define LERAY_CORE_GRID_H

#include <stdbool.h>
#include <stddef.h>

#define LERAY_GRID_DIMS 3
#define LERAY_GRID_TEXT 48

typedef struct leray_grid {
    int ndim;               /* 1 to 3 */
    int n[LERAY_GRID_DIMS]; /* points, slowest axis first; entries from ndim on are 0 */
} leray_grid;

leray_grid leray_grid_make(int ndim, const int *n);
size_t leray_grid_points(const leray_grid *grid);
bool leray_grid_same(const leray_grid *a, const leray_grid *b);

/* "64 x 64"; returns text. */
const char *leray_grid_text(const leray_grid *grid, char text[LERAY_GRID_TEXT]);

/* "z", "y", "x": the usual name of an axis, the last one being x. */
const char *leray_grid_axis(int ndim, int axis);

#endif
