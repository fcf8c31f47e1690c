/* solvers/pseudospectral/ns2d/wavenumbers.c - which wavenumbers the grid resolves: what forcing
   and initial fields may ask for. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>

double ns2d_resolved(const ns2d *s)
{
    double y = s->box.k[LERAY_BOX_SLOW][s->box.top[LERAY_BOX_SLOW]];

    return fmin(y, s->box.k[LERAY_BOX_X][s->box.top[LERAY_BOX_X]]);
}

leray_status ns2d_check_wavenumber(const ns2d *s, const leray_config *cfg, const char *section,
                                   const char *key, int64_t wavenumber)
{
    int ny = s->box.n[LERAY_BOX_SLOW], nx = s->box.n[LERAY_BOX_X];
    int top_y = s->box.top[LERAY_BOX_SLOW], top_x = s->box.top[LERAY_BOX_X];
    int least = top_y < top_x ? top_y : top_x;

    /* The corner (m, m) of an ellipse. */
    if (s->box.truncation == LERAY_PHASE_SHIFT)
        least = (int)sqrt(2.0 / 9 / (1.0 / ((double)ny * ny) + 1.0 / ((double)nx * nx)));
    LERAY_CHECK(wavenumber <= least, LERAY_ERR_CONFIG,
                "%s.%s = %lld%s: %d x %d points resolve [1, %d] after dealiasing", section, key,
                (long long)wavenumber, leray_config_where(cfg, section, key), ny, nx, least);
    return LERAY_OK;
}
