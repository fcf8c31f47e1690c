/* leray/frame.h - the fields of a simulation at one time, on one grid. */
#ifndef LERAY_FRAME_H
#define LERAY_FRAME_H

#include <leray/grid.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One field; `name` is a C identifier. */
typedef struct leray_frame_field {
    const char *name, *unit;
    const double *values; /* [count, n of axis 1, ..], row-major, last index fastest */
} leray_frame_field;

/* A view: its pointers belong to whoever filled it in. If a simulation is divided among ranks, `grid` is
   the whole grid, and `values` are this rank's planes first .. first + count - 1 of axis 0. On one rank
   first = 0 and count is the number of all planes. */
typedef struct leray_frame {
    double time;
    const leray_grid *grid;
    int first, count; /* planes of axis 0 held here */
    int nfields;
    const leray_frame_field *field; /* [nfields] */
} leray_frame;

#ifdef __cplusplus
}
#endif
#endif
