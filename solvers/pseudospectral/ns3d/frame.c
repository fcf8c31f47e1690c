/* solvers/pseudospectral/ns3d/frame.c - fields on the grid of frames (solvers/pseudospectral/engine/frame_grid.h), seen through a filter
   of solvers/pseudospectral/les/filter.h. The mean flow is included in unfiltered and filtered frames alike. */
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <math.h>
#include <string.h>

leray_status ns3d_open_frame(ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;

    LERAY_CHECK(set->frame.filter == 0 || set->frame.width > 0, LERAY_ERR_CONFIG,
                "%s.frame.width%s: frame.filter needs a width above 0", section,
                leray_config_where(cfg, section, "frame.width"));
    LERAY_CHECK(set->frame.filter != 0 || set->frame.width == 0, LERAY_ERR_CONFIG,
                "%s.frame.width = %g%s: frame.filter = none does not use it", section,
                set->frame.width, leray_config_where(cfg, section, "frame.width"));
    LERAY_TRY(leray_frame_grid_open(&s->frame_grid, cfg, section, &set->frame.n, &s->box,
                                    leray_integrator_transforms(s->integrator), s->fields,
                                    set->integrator.precision == 1));
    for (int f = 0; f < s->fields; f++)
        LERAY_TRY(LERAY_ALLOC(&s->values[f], leray_frame_grid_points(&s->frame_grid) + 1));
    return LERAY_OK;
}

static void show(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;
    double *transfer = (double *)ns3d_line(s, column->thread, NS3D_FIELDS);

    (void)in;
    if (set->frame.filter)
        leray_filter_line(set->frame.filter - 1, set->frame.width, column, transfer);
    for (int f = 0; f < s->fields; f++) {
        leray_frame_grid_line(&s->frame_grid, leray_integrator_state(s->integrator), f, column,
                              out[f]);
        if (column->i == 0 && column->m == 0 && f < 3) out[f][0] += s->mean_flow[f];
        for (int j = 0; j < column->n && set->frame.filter; j++) out[f][j] *= transfer[j];
    }
}

void ns3d_frame(leray_solver *base, leray_frame *out)
{
    static const char *const names[] = {"velocity_x", "velocity_y", "velocity_z", "scalar"};
    ns3d *s = (ns3d *)base;
    const leray_box *box = s->frame_grid.box;

    leray_transforms_show(s->frame_grid.transforms, s->fields, show, s, s->values);
    out->grid = &s->frame_grid.grid;
    out->nfields = s->fields;
    out->first = box->first, out->count = box->count;
    for (int f = 0; f < s->fields; f++)
        s->frame_field[f] =
            (leray_frame_field){names[f], f < 3 ? "length/time" : "1", s->values[f]};
    out->field = s->frame_field;
}

void ns3d_close_frame(ns3d *s)
{
    for (int f = 0; f < NS3D_FIELDS; f++) leray_mem_free(s->values[f]);
    leray_frame_grid_close(&s->frame_grid);
}
