/* leray/grid.h - where the points of a field lie: the description of a grid for frames, data sets,
   models, norms, files and pictures.

   A grid has one to three axes, slowest first: {y, x} in two dimensions, {z, y, x} in three,
   {latitude, longitude} or {level, latitude, longitude} on a sphere. Fields on it are arrays
   [n of axis 0, n of axis 1, ..], row-major, the last index fastest. Along an axis that covers
   [start, start + length] point j lies at

     LERAY_AT_VERTICES     start + j length / n         if the axis is periodic (the end is the start)
                           start + j length / (n - 1)   else: the first and the last point are the ends
     LERAY_AT_CENTRES      start + (j + 1/2) length / n: cells, whose faces include the ends
     LERAY_AT_COORDINATES  coordinates[j], increasing or decreasing: any points

   Both ends of an axis are periodic or neither is. A grid is a plain struct that a program may fill in; its
   pointers then belong to that program. leray_grid_copy makes a grid that owns all its memory. */
#ifndef LERAY_GRID_H
#define LERAY_GRID_H

#include <leray/status.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LERAY_AXES 3 /* most axes of a grid */

typedef enum leray_grid_kind {
    LERAY_BOX,   /* Cartesian coordinates */
    LERAY_SPHERE /* the last two axes are latitude and longitude in degrees */
} leray_grid_kind;

typedef enum leray_points {
    LERAY_AT_VERTICES,
    LERAY_AT_CENTRES,
    LERAY_AT_COORDINATES
} leray_points;

typedef enum leray_boundary {
    LERAY_PERIODIC,
    LERAY_WALL,
    LERAY_OPEN, /* inflow, outflow, or unknown */
    LERAY_POLE  /* of a latitude: the points beyond it are those across the pole */
} leray_boundary;

typedef struct leray_axis {
    const char *name; /* NULL: "x", "y", "z"; "latitude", "longitude" on a sphere */
    const char *unit; /* NULL: "1" */
    int n;            /* points, at least 1 */
    leray_points points;
    leray_boundary boundary[2]; /* at its first and at its last point */
    double start, length;       /* length > 0 */
    const double *coordinates;  /* [n] where points is LERAY_AT_COORDINATES; else NULL */
} leray_axis;

typedef struct leray_grid {
    leray_grid_kind kind;
    int ndim; /* 1 to LERAY_AXES */
    leray_axis axis[LERAY_AXES];
    const double *weights;     /* [points] area or volume of each point up to a factor, at least 0;
                                  NULL: as follows from the axes */
    const unsigned char *mask; /* [points] 0 where a field has no values; NULL: none */
    void *owned;               /* of leray_grid_copy; NULL in a grid that somebody else filled in */
} leray_grid;

/* A periodic box with evenly spaced vertices: n [ndim] points on length [ndim], from 0. */
LERAY_API leray_grid leray_grid_periodic(int ndim, const int *n, const double *length);

/* Checks a grid. Errors: ARG, with the axis and what is wrong. */
LERAY_API LERAY_NODISCARD leray_status leray_grid_check(const leray_grid *grid);

/* A copy that owns its texts, coordinates, weights and mask; end it with leray_grid_fini, which
   accepts a zeroed grid. Errors: MEMORY; *to is zeroed then. */
LERAY_API LERAY_NODISCARD leray_status leray_grid_copy(const leray_grid *from, leray_grid *to);
LERAY_API void leray_grid_fini(leray_grid *grid);

LERAY_API size_t leray_grid_points(const leray_grid *grid);
LERAY_API double leray_grid_coordinate(const leray_grid *grid, int axis, int j);
LERAY_API const char *leray_grid_axis_name(const leray_grid *grid, int axis);
LERAY_API const char *leray_grid_axis_unit(const leray_grid *grid, int axis);

/* 1 or 0. Even: all distances between neighbours are the same, to a part in 10^6 of them (and of the
   rounding of single precision in the coordinates); across the seam of a periodic axis, whose length
   files often give in few digits, to a part in 1000. */
LERAY_API int leray_grid_is_periodic(const leray_grid *grid, int axis);
LERAY_API int leray_grid_is_even(const leray_grid *grid, int axis);

/* 1 if both have the same kind, points, boundaries and masks; coordinates and lengths may differ by a
   part in 10^6 of a spacing's length. */
LERAY_API int leray_grid_same(const leray_grid *a, const leray_grid *b);

/* weight [points]: area or volume of each point, divided by their mean; 0 where the mask is 0. The cell of a
   point is the part of the axis that is nearer to it than to its neighbours. Returns 1 if all weights are 1,
   else 0; with NULL as `weight` it only returns that. */
LERAY_API int leray_grid_fill_weights(const leray_grid *grid, double *weight);

#ifdef __cplusplus
}
#endif
#endif
