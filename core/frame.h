/* core/frame.h - what is done with frames of a simulation (include/leray/frame.h) everywhere. Private. */
#ifndef LERAY_CORE_FRAME_H
#define LERAY_CORE_FRAME_H

#include "core/error.h"
#include <leray/frame.h>

/* Points of a field that are held here: all, or this rank's planes. */
size_t leray_frame_points(const leray_frame *frame);

/* The field `name`; NULL if there is none. */
const leray_frame_field *leray_frame_find(const leray_frame *frame, const char *name);

/* All fields, one after the other, rounded to float: out [nfields, points]. Values beyond float become
   infinite. */
void leray_frame_to_float(const leray_frame *frame, float *out);

/* The first value that is not finite or beyond float, and *field that it is of; NULL if there is none. What lies
   under the grid's mask does not count. */
const double *leray_frame_find_bad(const leray_frame *frame, const leray_frame_field **field);

#endif
