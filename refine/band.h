/* refine/band.h - the modes of a vorticity field up to a largest wavenumber, the grid on which products
   of two such fields are exact, and the equation's coefficients on them. Private.

   A real field without a mean is held by its modes (j, i): i = 0, j = 1 .. top[0], then
   i = 1 .. top[1], j = -top[0] .. top[0], each of which stands for its mirror image too. So with
   <a, b> = Re sum conj(a) b over the list, 2 <a, b> is the mean of the product over the box. The grid has
   more than 3 top points along each axis: aliases of a product fall outside the band.

   Two real fields a and b are transformed at once, as a + i b. */
#ifndef LERAY_REFINE_BAND_H
#define LERAY_REFINE_BAND_H

#include "core/fft.h"
#include "solvers/vorticity.h"

#include <stdbool.h>

typedef struct leray_band {
    int top[2], n[2]; /* of y and x */
    size_t modes, points;
    int *row, *column;    /* [modes] j and i */
    size_t *plus, *minus; /* [modes] where (j, i) and (-j, -i) are in a plane of the grid */
    double *ky, *kx;      /* [modes] physical */
    double *inverse_k2;   /* [modes] */
    double *shear,
        *normal;    /* [modes] kx^2 - ky^2 and kx ky: advection is shear (uv) + normal (v^2 -
                               u^2) */
    double *weight; /* [modes] (alpha + k^2)^(-1/2): makes H^-1 of L2 */
    double complex *linear, *force; /* [modes] of the equation */
    leray_fft_lines *plane;
} leray_band;

/* Errors: ARG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_band_init(leray_band *band, const int top[2],
                                             const leray_vorticity_equation *equation,
                                             double alpha);
void leray_band_fini(leray_band *band); /* accepts a zeroed band */

/* Where the mode (j, i) of a band with this top is in its list. */
static inline size_t leray_band_index(const int top[2], int j, int i)
{
    return i == 0 ? (size_t)j - 1 : (size_t)(top[0] + (i - 1) * (2 * top[0] + 1) + top[0] + j);
}

static inline size_t leray_band_modes(const int top[2])
{
    return (size_t)top[0] + (size_t)top[1] * (size_t)(2 * top[0] + 1);
}

/* The coefficients of another equation of the same lengths. */
LERAY_NODISCARD leray_status leray_band_set_equation(leray_band *band,
                                                     const leray_vorticity_equation *equation);

/* Work space of one thread: two planes. */
typedef struct leray_planes {
    double complex *spectrum, *values; /* [points] each */
} leray_planes;

/* Fields a, b of modes to values a + i b, and back; modes are divided by the points. */
void leray_band_to_values(const leray_band *band, const double complex *a, const double complex *b,
                          const leray_planes *work, double complex *values);
void leray_band_to_modes(const leray_band *band, const double complex *values,
                         const leray_planes *work, double complex *a, double complex *b);

#endif
