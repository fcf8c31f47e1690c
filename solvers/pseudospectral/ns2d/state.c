/* solvers/pseudospectral/ns2d/state.c - what others see of the solver: frames, a view for diagnostics and state files,
   and its state in bytes. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <string.h>

static double viscosity(void *self) { return ns2d_set(self)->nu; }

static void make_view(ns2d *s)
{
    static const char *const names[] = {"vorticity", "scalar"};

    s->view = (leray_spectral_view){
        .integrator = s->integrator,
        .self = s,
        .field = names,
        .velocity = ns2d_velocity,
        .acceleration = ns2d_velocity, /* the same linear map */
        .viscous = ns2d_viscous,
        .viscosity = viscosity,
        .numbers = NS2D_NUMBERS,
        .number = s->number,
    };
}

leray_status ns2d_open_frame(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);

    LERAY_TRY(leray_frame_grid_open(&s->frame_grid, cfg, section, &set->frame.n, &s->box,
                                    leray_integrator_transforms(s->integrator), s->flow.fields,
                                    set->integrator.precision == 1));
    for (int f = 0; f < s->flow.fields; f++)
        LERAY_TRY(LERAY_ALLOC(&s->frame[f], leray_frame_grid_points(&s->frame_grid) + 1));
    make_view(s);
    return LERAY_OK;
}

void ns2d_close_frame(ns2d *s)
{
    leray_mem_free(s->frame[0]);
    leray_mem_free(s->frame[1]);
    leray_frame_grid_close(&s->frame_grid);
}

static void show(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns2d *s = self;

    (void)in;
    for (int f = 0; f < s->flow.fields; f++)
        leray_frame_grid_line(&s->frame_grid, leray_integrator_state(s->integrator), f, column,
                              out[f]);
}

void ns2d_frame(leray_solver *base, leray_frame *out)
{
    ns2d *s = (ns2d *)base;
    const leray_box *box = s->frame_grid.box;

    leray_transforms_show(s->frame_grid.transforms, s->flow.fields, show, s, s->frame);
    out->grid = &s->frame_grid.grid;
    out->first = box->first, out->count = box->count;
    out->nfields = s->flow.fields;
    s->frame_field[0] = (leray_frame_field){"vorticity", "1/time", s->frame[0]};
    s->frame_field[1] = (leray_frame_field){"scalar", "1", s->frame[1]};
    out->field = s->frame_field;
}

const leray_spectral_view *ns2d_view(leray_solver *base) { return &((ns2d *)base)->view; }

size_t ns2d_state_size(const leray_solver *base)
{
    const ns2d *s = (const ns2d *)base;

    return leray_integrator_bytes(s->integrator) + sizeof s->number;
}

void ns2d_save(const leray_solver *base, void *bytes)
{
    const ns2d *s = (const ns2d *)base;

    memcpy(leray_integrator_save(s->integrator, bytes), s->number, sizeof s->number);
}

leray_status ns2d_restore(leray_solver *base, const void *bytes)
{
    ns2d *s = (ns2d *)base;

    memcpy(s->number, leray_integrator_restore(s->integrator, bytes), sizeof s->number);
    return LERAY_OK;
}
