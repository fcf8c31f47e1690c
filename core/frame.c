/* core/frame.c - see core/frame.h. */
#include "core/frame.h"

#include <float.h>
#include <math.h>
#include <string.h>

size_t leray_frame_points(const leray_frame *frame)
{
    size_t points = (size_t)frame->count;

    for (int a = 1; a < frame->grid->ndim; a++) points *= (size_t)frame->grid->axis[a].n;
    return points;
}

const leray_frame_field *leray_frame_find(const leray_frame *frame, const char *name)
{
    for (int f = 0; f < frame->nfields; f++)
        if (strcmp(frame->field[f].name, name) == 0) return &frame->field[f];
    return NULL;
}

void leray_frame_to_float(const leray_frame *frame, float *out)
{
    size_t points = leray_frame_points(frame);

    for (int f = 0; f < frame->nfields; f++, out += points) {
        const double *values = frame->field[f].values;

        for (size_t i = 0; i < points; i++) out[i] = (float)values[i];
    }
}

const double *leray_frame_find_bad(const leray_frame *frame, const leray_frame_field **field)
{
    const leray_grid *grid = frame->grid;
    const unsigned char *mask = grid->mask;
    size_t points = leray_frame_points(frame);

    *field = NULL;
    if (mask) mask += (size_t)frame->first * (leray_grid_points(grid) / (size_t)grid->axis[0].n);
    for (int f = 0; f < frame->nfields; f++)
        for (size_t i = 0; i < points; i++)
            if (!(fabs(frame->field[f].values[i]) <= FLT_MAX) && !(mask && !mask[i])) {
                *field = &frame->field[f];
                return &frame->field[f].values[i];
            }
    return NULL;
}
