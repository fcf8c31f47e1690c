/* data/relative_error.h - |p - u| / |u| of a prediction p and a truth u: one definition for roll-outs, windows
   and forecasts. Private. */
#ifndef LERAY_DATA_RELATIVE_ERROR_H
#define LERAY_DATA_RELATIVE_ERROR_H

#include <stddef.h>

/* Squares summed over channels [channels, points] with the weight of each point: share [points], NULL: 1. */
typedef struct leray_squares {
    double error, truth;
} leray_squares;

leray_squares leray_squares_of(const float *prediction, const float *truth, size_t channels,
                               size_t points, const double *share);

/* sqrt(error / truth); 0 where both are 0, infinite where the truth alone is. */
double leray_relative_error(leray_squares squares);

#endif
