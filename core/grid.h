/* core/grid.h - the parts of leray_grid (include/leray/grid.h) that the library alone needs. Private. */
#ifndef LERAY_CORE_GRID_H
#define LERAY_CORE_GRID_H

#include "core/error.h"
#include "core/extents.h"
#include "core/json.h"
#include <leray/grid.h>

leray_extents leray_grid_extents(const leray_grid *grid);

/* "periodic", "wall", "open", "pole", NULL in the order of leray_boundary; likewise the others. */
extern const char *const leray_boundary_names[];
extern const char *const leray_points_names[];    /* "vertices", "centres", "coordinates" */
extern const char *const leray_grid_kind_names[]; /* "box", "sphere" */

/* The distance of neighbours on an even axis; length where it has one point. */
double leray_grid_spacing(const leray_grid *grid, int axis);

/* Whether a Fourier transform along every axis means what it says: even and periodic. Errors: UNSUPPORTED
   with the axis and the reason; `what` needs it, for the text. */
LERAY_NODISCARD leray_status leray_grid_need_periodic(const leray_grid *grid, const char *what);
/* The same for even axes with any boundary. */
LERAY_NODISCARD leray_status leray_grid_need_even(const leray_grid *grid, const char *what);

/* Raises `status` with what differs first: "axis y has 64 points, that of the model 32". LERAY_OK if
   they are the same. `here` and `there` name the two in the text. */
LERAY_NODISCARD leray_status leray_grid_compare(const leray_grid *a, const char *here,
                                                const leray_grid *b, const char *there,
                                                leray_status status);

/* Axes that are evenly spaced, as coordinates [n] give them, become vertices or centres; any others stay
   coordinates. For files that give nothing but coordinates: of a periodic axis the period is n times the
   spacing; of others even points are the centres of cells, and uneven ones reach from the first point to the
   last. `unit`, `name` and the coordinates are borrowed. Errors: DATA (not strictly growing or falling, not
   finite), with `source`. */
LERAY_NODISCARD leray_status leray_axis_of_coordinates(const char *source, const char *name,
                                                       const char *unit, int n,
                                                       const double *coordinates,
                                                       const leray_boundary boundary[2],
                                                       leray_axis *out);

/* {"kind": .., "axes": [{"name", "unit", "n", "points", "first", "last", "start", "length",
   "coordinates"}]}, with the boundaries first and last; without mask and weights. from_json: the grid owns
   what it has; a list of {"points": n, "length", "periodic"} is read too, as model files of format 1 have it.
   Errors: DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_grid_to_json(const leray_grid *grid, leray_json **out);
LERAY_NODISCARD leray_status leray_grid_from_json(const leray_json *json, leray_grid *out);

#endif
