/* solvers/pseudospectral/diagnostics/shells.h - shells of wavenumbers. Private.

   Shell s holds the modes with (s - 1/2) width <= |k| < (s + 1/2) width, |k| = |2 pi s_a/L_a| being
   physical, whatever the lengths of the box: s = round(|k|/width). Counted from 0, the mean, to the
   largest |k| that is kept. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_SHELLS_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_SHELLS_H

#include "solvers/pseudospectral/engine/box.h"

#include <math.h>

typedef struct leray_shells {
    double width;
    int count;
} leray_shells;

/* width 0: the smallest wavenumber of the box, 2 pi / its longest side. */
leray_shells leray_shells_make(const leray_box *box, double width);

static inline int leray_shells_of(const leray_shells *shells, double k2)
{
    return (int)(sqrt(k2) / shells->width + 0.5);
}

#endif
