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

leray_status leray_frame_check_finite(const leray_frame *frame)
{
    size_t points = leray_frame_points(frame);

    for (int f = 0; f < frame->nfields; f++)
        for (size_t i = 0; i < points; i++)
            LERAY_CHECK(fabs(frame->field[f].values[i]) <= FLT_MAX, LERAY_ERR_DIVERGED,
                        "time %.9g: field '%s' has the value %g", frame->time, frame->field[f].name,
                        frame->field[f].values[i]);
    return LERAY_OK;
}
