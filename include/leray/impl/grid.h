/* leray/impl/grid.h - what components ask of a grid (leray/grid.h), and the extents of an array on it:
   how many points there are along each of one to three axes. */
#ifndef LERAY_IMPL_GRID_H
#define LERAY_IMPL_GRID_H

#include <leray/grid.h>
#include <leray/impl/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LERAY_EXTENTS_TEXT 48

typedef struct leray_extents {
    int ndim;          /* 1 to 3 */
    int n[LERAY_AXES]; /* points, slowest axis first; entries from ndim on are 0 */
} leray_extents;

LERAY_API leray_extents leray_extents_make(int ndim, const int *n);
LERAY_API size_t leray_extents_points(const leray_extents *extents);
LERAY_API bool leray_extents_same(const leray_extents *a, const leray_extents *b);

/* "64 x 64"; returns text. */
LERAY_API const char *leray_extents_text(const leray_extents *extents,
                                         char text[LERAY_EXTENTS_TEXT]);

/* "z", "y", "x": the usual name of an axis, the last one being x. */
LERAY_API const char *leray_axis_name(int ndim, int axis);

LERAY_API leray_extents leray_grid_extents(const leray_grid *grid);

/* The distance of neighbours on an even axis; length where it has one point. */
LERAY_API double leray_grid_spacing(const leray_grid *grid, int axis);

/* Whether a Fourier transform along every axis means what it says: even and periodic. Errors: UNSUPPORTED
   with the axis and the reason; `what` needs it, for the text. */
LERAY_API LERAY_NODISCARD leray_status leray_grid_need_periodic(const leray_grid *grid,
                                                                const char *what);
/* The same for even axes with any boundary. */
LERAY_API LERAY_NODISCARD leray_status leray_grid_need_even(const leray_grid *grid,
                                                            const char *what);

/* Raises `status` with what differs first: "axis y has 64 points, that of the model 32". LERAY_OK if
   they are the same. `here` and `there` name the two in the text. */
LERAY_API LERAY_NODISCARD leray_status leray_grid_compare(const leray_grid *a, const char *here,
                                                          const leray_grid *b, const char *there,
                                                          leray_status status);

/* Axes that are evenly spaced, as coordinates [n] give them, become vertices or centres; any others stay
   coordinates. For files that give nothing but coordinates: of a periodic axis the period is n times the
   spacing; of others even points are the centres of cells, and uneven ones reach from the first point to the
   last. `unit`, `name` and the coordinates are borrowed. Errors: DATA (not strictly growing or falling, not
   finite), with `source`. */
LERAY_API LERAY_NODISCARD leray_status leray_axis_of_coordinates(const char *source,
                                                                 const char *name, const char *unit,
                                                                 int n, const double *coordinates,
                                                                 const leray_boundary boundary[2],
                                                                 leray_axis *out);

#ifdef __cplusplus
}
#endif
#endif
