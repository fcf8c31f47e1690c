/* solvers/pseudospectral/les/filter.h - low-pass filters of width D, by their transfer functions on a periodic box:

       sharp      1 for |k| < pi/D, else 0
       gaussian   exp(-|k|^2 D^2/24)
       box        product over the axes of sin(k_a D/2)/(k_a D/2)

   (S. B. Pope, Turbulent Flows (2000), table 13.2; the box filter in three dimensions is the mean over a
   cube.) Private. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_LES_FILTER_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_LES_FILTER_H

#include "solvers/pseudospectral/engine/box.h"

enum { LERAY_FILTER_SHARP, LERAY_FILTER_GAUSSIAN, LERAY_FILTER_BOX };
extern const char *const leray_filter_names[]; /* "sharp", "gaussian", "box" */

/* Fills transfer [n] of a column. width 0: all 1. */
void leray_filter_line(int filter, double width, const leray_column *column, double *transfer);

#endif
