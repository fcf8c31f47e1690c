/* solvers/pseudospectral/ns2d/forcing.c - steady forcings of the vorticity:

   fno         f = A (sin theta + cos theta), theta = 2 pi m (x/Lx + y/Ly)
               (Li et al., arXiv:2010.08895: A = 0.1, m = 1 on the unit torus)
   kolmogorov  f = curl of A sin(k y) e_x = -A k cos(k y), k = 2 pi m/Ly: A is an acceleration
   file        f from an array [ny, nx] of a .npy file, on a grid of any size, without its mean

   Only the columns where f is not zero are kept. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <string.h>

const double complex *ns2d_force_line(const ns2d *s, const leray_column *column)
{
    int slot = s->force.count > 0 ? s->force.slot[column->index] : -1;

    return slot < 0 ? NULL : s->force.line + (size_t)slot * (size_t)s->box.pitch;
}

/* Room for `count` columns; slots are given by the caller. */
static leray_status make_room(ns2d *s, int count)
{
    LERAY_TRY(LERAY_ALLOC(&s->force.slot, (size_t)s->box.columns + 1));
    LERAY_TRY(LERAY_ALLOC(&s->force.line, (size_t)count * (size_t)s->box.pitch + 1));
    for (int c = 0; c < s->box.columns; c++) s->force.slot[c] = -1;
    s->force.count = count;
    return LERAY_OK;
}

/* One column of wavenumber i, on the rank that has it. */
static leray_status one_column(ns2d *s, int i)
{
    int column = leray_box_find(&s->box, 0, i);

    LERAY_TRY(make_room(s, column < 0 ? 0 : 1));
    if (column >= 0) s->force.slot[column] = 0;
    return LERAY_OK;
}

static leray_status take_file(ns2d *s, leray_field_file *file, leray_modes *modes)
{
    LERAY_TRY(leray_field_file_open(file, ns2d_set(s)->forcing.path, 2, 1, false));
    LERAY_TRY(leray_modes_init(modes, &s->box, 1, false));
    LERAY_TRY(leray_field_file_get(file, 0, LERAY_MEAN_DROPPED, modes, 0));
    LERAY_TRY(make_room(s, s->box.columns));
    for (int c = 0; c < s->box.columns; c++) {
        s->force.slot[c] = c;
        memcpy(s->force.line + (size_t)c * (size_t)s->box.pitch,
               leray_modes_load(modes, 0, c, NULL), (size_t)s->box.pitch * sizeof *s->force.line);
    }
    return LERAY_OK;
}

static leray_status from_file(ns2d *s, const leray_config *cfg, const char *section)
{
    leray_field_file file = {0};
    leray_modes modes = {0};
    leray_status status;

    LERAY_CHECK(ns2d_set(s)->forcing.path[0], LERAY_ERR_CONFIG,
                "%s.forcing.path%s: forcing.type = file needs the name of a .npy file", section,
                leray_config_where(cfg, section, "forcing.path"));
    status = take_file(s, &file, &modes);
    leray_modes_fini(&modes);
    leray_field_file_close(&file);
    return status;
}

leray_status ns2d_open_forcing(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);
    int m = (int)set->forcing.wavenumber;

    switch (set->forcing.type) {
    case NS2D_FORCING_FNO:
    case NS2D_FORCING_KOLMOGOROV:
        LERAY_TRY(
            ns2d_check_wavenumber(s, cfg, section, "forcing.wavenumber", set->forcing.wavenumber));
        LERAY_TRY(one_column(s, set->forcing.type == NS2D_FORCING_FNO ? m : 0));
        break;
    case NS2D_FORCING_FILE: LERAY_TRY(from_file(s, cfg, section)); break;
    case NS2D_FORCING_RING: LERAY_TRY(ns2d_open_ring(s, cfg, section)); break;
    default: break;
    }
    ns2d_make_forcing(s);
    return LERAY_OK;
}

void ns2d_make_forcing(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    int m = (int)set->forcing.wavenumber;
    double a = set->forcing.amplitude;

    if (s->force.count == 0) return;
    if (set->forcing.type == NS2D_FORCING_FNO) {
        s->force.line[leray_box_row(&s->box, LERAY_BOX_SLOW, m)] = a / 2 - a / 2 * I;
    } else if (set->forcing.type == NS2D_FORCING_KOLMOGOROV) {
        double half = -a * s->box.k[LERAY_BOX_SLOW][m] / 2;

        s->force.line[leray_box_row(&s->box, LERAY_BOX_SLOW, m)] = half;
        s->force.line[leray_box_row(&s->box, LERAY_BOX_SLOW, -m)] = half;
    }
}

void ns2d_close_forcing(ns2d *s)
{
    leray_mem_free(s->force.line);
    leray_mem_free(s->force.slot);
    ns2d_close_ring(s);
}
