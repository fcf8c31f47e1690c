/* solvers/pseudospectral/les/filter.c - see filter.h. */
#include "solvers/pseudospectral/les/filter.h"

#include <math.h>

#define PI 3.14159265358979323846

const char *const leray_filter_names[] = {"sharp", "gaussian", "box", NULL};

static double sinc(double x) { return x == 0 ? 1 : sin(x) / x; }

static double transfer_at(int filter, double width, double kx, double ky, double kz)
{
    double square = kx * kx + ky * ky + kz * kz, half = width / 2;

    switch (filter) {
    case LERAY_FILTER_SHARP: return sqrt(square) * width < PI * (1 - 1e-12); /* not by rounding */
    case LERAY_FILTER_GAUSSIAN: return exp(-square * width * width / 24);
    default: return sinc(kx * half) * sinc(ky * half) * sinc(kz * half);
    }
}

void leray_filter_line(int filter, double width, const leray_column *column, double *transfer)
{
    for (int j = 0; j < column->n; j++)
        transfer[j] = transfer_at(filter, width, column->kx, column->km, column->ks[j]);
}
