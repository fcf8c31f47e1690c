/* leray/frame.h - one instant of a simulation: named fields on one grid. */
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

/* A view: whoever fills it in owns everything behind its pointers. Where a simulation is divided
   among ranks, the grid is the whole one's, and values hold the planes first .. first + count - 1 of
   axis 0, this rank's; alone, first = 0 and count is all of them. */
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
