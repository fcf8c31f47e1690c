/* solvers/ns2d/forcing.c - steady forcings of the vorticity, a few Fourier modes each.

   fno         f = A (sin theta + cos theta), theta = 2 pi m (x/Lx + y/Ly)
               (Li et al., arXiv:2010.08895: A = 0.1, m = 1 on the unit torus)
   kolmogorov  f = curl of A sin(k y) e_x = -A k cos(k y), k = 2 pi m/Ly: A is an acceleration  */
#include "solvers/ns2d/ns2d.h"

leray_status ns2d_check_forcing(const ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = s->base.settings;
    int least = s->top_y < s->top_x ? s->top_y : s->top_x;

    LERAY_CHECK(set->forcing.type == NS2D_FORCING_NONE || set->forcing.wavenumber <= least,
                LERAY_ERR_CONFIG,
                "%s.forcing.wavenumber = %lld%s: %d x %d points resolve [1, %d] after dealiasing",
                section, (long long)set->forcing.wavenumber,
                leray_config_where(cfg, section, "forcing.wavenumber"), s->ny, s->nx, least);
    return LERAY_OK;
}

void ns2d_make_forcing(ns2d *s)
{
    const ns2d_settings *set = s->base.settings;
    int m = (int)set->forcing.wavenumber;
    double a = set->forcing.amplitude;

    s->forcing_modes = 0;
    if (set->forcing.type == NS2D_FORCING_FNO) {
        s->forcing[0] = (ns2d_mode){.column = m, .row = m, .re = a / 2, .im = -a / 2};
        s->forcing_modes = 1;
    } else if (set->forcing.type == NS2D_FORCING_KOLMOGOROV) {
        double half = -a * s->ky[m] / 2;

        s->forcing[0] = (ns2d_mode){.row = ns2d_row(s, m), .re = half};
        s->forcing[1] = (ns2d_mode){.row = ns2d_row(s, -m), .re = half};
        s->forcing_modes = 2;
    }
}
