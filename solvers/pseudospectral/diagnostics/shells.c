/* solvers/pseudospectral/diagnostics/shells.c - see solvers/pseudospectral/diagnostics/shells.h. */
#include "solvers/pseudospectral/diagnostics/shells.h"

/* The corner of the kept modes, or the tip of the longest axis of their ellipsoid. */
static double largest_k2(const leray_box *box)
{
    double corner = 0, tip = 0;

    for (int a = 0; a < 3; a++) {
        double k = 6.283185307179586477 * box->top[a] / box->length[a];
        double axis = 6.283185307179586477 * box->n[a] / box->length[a];

        corner += k * k;
        if (box->n[a] > 1) tip = fmax(tip, 2.0 / 9 * axis * axis);
    }
    return box->truncation == LERAY_PHASE_SHIFT ? fmin(corner, tip) : corner;
}

leray_shells leray_shells_make(const leray_box *box, double width)
{
    leray_shells shells = {.width = width};

    if (width == 0) {
        double longest = fmax(box->length[LERAY_BOX_SLOW], box->length[LERAY_BOX_X]);

        if (box->ndim == 3) longest = fmax(longest, box->length[LERAY_BOX_MIDDLE]);
        shells.width = 6.283185307179586477 / longest;
    }
    /* Beyond the rounding of |k|^2, which must not lead to a shell too many. */
    shells.count = leray_shells_of(&shells, largest_k2(box) * (1 + 1e-12)) + 1;
    return shells;
}
