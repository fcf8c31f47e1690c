/* data/spectrum.h - the spectrum of a real periodic field, summed over shells. Private.

   Shell s of u [grid..] holds the modes with  s - 1/2 <= |k| < s + 1/2,  the components of k being
   whole periods over the box, and is  E_s = sum of |u_k|^2.  Both k and -k count, so the sum over
   all shells is the mean of u^2 (Parseval). Shell 0 is the square of the mean. */
#ifndef LERAY_DATA_SPECTRUM_H
#define LERAY_DATA_SPECTRUM_H

#include "core/error.h"
#include <leray/impl/grid.h>

typedef struct leray_spectrum leray_spectrum;

/* Errors: ARG (extents from 1 on), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_spectrum_create(const leray_extents *grid, leray_spectrum **out);
void leray_spectrum_destroy(leray_spectrum **spectrum); /* accepts a pointer to NULL */

int leray_spectrum_shells(const leray_spectrum *spectrum); /* up to the corner of the grid */

/* Fills shell [shells]. Does not allocate; uses the object's own work space, so one object serves
   one thread. */
void leray_spectrum_sum(leray_spectrum *spectrum, const double *u, double *shell);

#endif
