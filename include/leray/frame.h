/* leray/frame.h - one instant of a simulation: named fields on one uniform grid. */
#ifndef LERAY_FRAME_H
#define LERAY_FRAME_H

#ifdef __cplusplus
extern "C" {
#endif

#define LERAY_FRAME_FIELDS 8 /* most fields of a frame */

/* One field; `name` is a C identifier. */
typedef struct leray_frame_field {
    const char *name, *unit;
    const double *values; /* [count, shape[1], .., shape[ndim-1]], row-major, last index fastest */
} leray_frame_field;

/* A view: whoever fills it in owns everything behind its pointers. Axes are listed slowest
   first, so shape is {ny, nx} in two dimensions and {nz, ny, nx} in three; length has the same
   order. Point j of an axis with n points lies at j * length / n (periodic, endpoint excluded).
   Where a simulation is divided among ranks, shape is the whole grid's, and values hold the planes
   first .. first + count - 1 of axis 0, this rank's; alone, first = 0 and count = shape[0]. */
typedef struct leray_frame {
    double time;
    int ndim;         /* 1, 2 or 3 */
    int shape[3];     /* points; entries from ndim on are 1 */
    double length[3]; /* extent; entries from ndim on are 0 */
    int first, count; /* planes of axis 0 held here */
    int nfields;      /* at most LERAY_FRAME_FIELDS */
    leray_frame_field field[LERAY_FRAME_FIELDS];
} leray_frame;

#ifdef __cplusplus
}
#endif
#endif
