/* core/grid.h - the parts of leray_grid that the library alone needs. Private. */
#ifndef LERAY_CORE_GRID_H
#define LERAY_CORE_GRID_H

#include "core/json.h"
#include <leray/impl/grid.h>

/* "periodic", "wall", "open", "pole", NULL in the order of leray_boundary; likewise the others. */
extern const char *const leray_boundary_names[];
extern const char *const leray_points_names[];    /* "vertices", "centres", "coordinates" */
extern const char *const leray_grid_kind_names[]; /* "box", "sphere" */

/* {"kind": .., "axes": [{"name", "unit", "n", "points", "first", "last", "start", "length",
   "coordinates"}]}, with the boundaries first and last; without mask and weights. from_json: the grid owns
   what it has; a list of {"points": n, "length", "periodic"} is read too, as model files of format 1 have it.
   Errors: DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_grid_to_json(const leray_grid *grid, leray_json **out);
LERAY_NODISCARD leray_status leray_grid_from_json(const leray_json *json, leray_grid *out);

#endif
