/* data/relative_error.c - see data/relative_error.h. */
#include "data/relative_error.h"

#include <math.h>

leray_squares leray_squares_of(const float *p, const float *u, size_t channels, size_t points,
                               const double *share)
{
    leray_squares s = {0, 0};

    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < points; i++) {
            size_t at = c * points + i;
            double w = share ? share[i] : 1, e = (double)p[at] - u[at];

            s.error += w * (e * e);
            s.truth += w * ((double)u[at] * u[at]);
        }
    return s;
}

double leray_relative_error(leray_squares s)
{
    if (s.error == 0 && s.truth == 0) return 0;
    return sqrt(s.error / s.truth);
}
