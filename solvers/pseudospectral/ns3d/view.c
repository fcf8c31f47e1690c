/* solvers/pseudospectral/ns3d/view.c - the flow as diagnostics and state files see it: solvers/pseudospectral/engine/view.h. */
#include "core/threads.h"
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <omp.h>
#include <string.h>

static void acceleration(void *self, const leray_column *column, double complex *const *change,
                         double complex *const *a)
{
    ns3d_velocity(self, column, change, a);
}

/* Viscosity and hyperviscosity: L without the drag. */
static void viscous(void *self, const leray_column *column, double *rate)
{
    const ns3d *s = self;
    const ns3d_settings *set = s->base.settings;

    s->flow.linear(self, column, 0, rate);
    for (int j = 0; j < column->n; j++) rate[j] = -rate[j] - set->drag;
}

static double viscosity(void *self)
{
    return ((const ns3d_settings *)((ns3d *)self)->base.settings)->nu;
}

/* What a model does mode by mode, which is no part of the integrator's tendency. */
static void add_damping(ns3d *s, leray_modes *out)
{
    const leray_modes *state = leray_integrator_state(s->integrator);
    int threads = s->threads < leray_threads() ? s->threads : leray_threads();

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int c = 0; c < s->box.columns; c++) {
        int thread = omp_get_thread_num();
        leray_column column = leray_box_column(&s->box, c, thread);
        double complex *u[3], *change[3];

        for (int a = 0; a < 3; a++) {
            u[a] = leray_modes_load(state, a, c, ns3d_line(s, thread, a));
            change[a] = leray_modes_load(out, a, c, ns3d_line(s, thread, NS3D_FIELDS + a));
        }
        s->les->type->damp(s->les, &column, u, change);
        for (int a = 0; a < 3; a++) leray_modes_store(out, a, c, change[a]);
    }
}

/* The tendency is linear in the products, so that of the stress alone is what the model does. */
static leray_status subgrid(void *self, leray_modes *out)
{
    ns3d *s = self;
    leray_status status;

    leray_integrator_touch(s->integrator, false);
    s->subgrid_only = true;
    status = leray_integrator_tendency(s->integrator, out);
    s->subgrid_only = false;
    leray_integrator_touch(s->integrator, false);
    if (!status && s->les->type->damp) add_damping(s, out);
    return status ? leray_error_trace(status, __FILE__, __LINE__) : LERAY_OK;
}

void ns3d_make_view(ns3d *s)
{
    static const char *const names[] = {"velocity_x", "velocity_y", "velocity_z", "scalar"};

    s->view = (leray_spectral_view){
        .integrator = s->integrator,
        .self = s,
        .field = names,
        .velocity = ns3d_velocity,
        .acceleration = acceleration,
        .viscous = viscous,
        .subgrid = s->les ? subgrid : NULL,
        .subgrid_is_source = s->les && s->les->type->damp,
        .viscosity = viscosity,
    };
}

const leray_spectral_view *ns3d_view(leray_solver *base) { return &((ns3d *)base)->view; }
