/* solvers/pseudospectral/ns2d/equation.c - what ns2d shows of itself to those who look at frames from outside: its
   equation, mode by mode (solvers/vorticity.h), and a start from the fields of a frame. */
#include "core/frame.h"
#include "core/grid.h"
#include "solvers/pseudospectral/ns2d/ns2d.h"
#include "solvers/vorticity.h"

#include <math.h>
#include <string.h>

/* L(k), minus advection by the mean flow, plus i beta kx / k^2. */
static double complex linear_of(const ns2d *s, const leray_column *column, int row, double damping)
{
    double mean = s->mean_flow[0] * column->kx + s->mean_flow[1] * column->ks[row];
    double beta = ns2d_set(s)->beta * column->kx * ns2d_inverse_k2(s, column)[row];

    return damping + I * (beta - mean);
}

static leray_status column_of(void *self, int i, int top, double complex *linear,
                              double complex *force)
{
    ns2d *s = self;
    leray_column column = leray_box_column(&s->box, leray_box_find(&s->box, 0, i), 0);
    const double complex *f = ns2d_force_line(s, &column);
    double *damping;

    LERAY_TRY(LERAY_ALLOC(&damping, (size_t)column.n));
    ns2d_linear(s, &column, 0, damping);
    for (int j = -top; j <= top; j++) {
        int row = leray_box_row(&s->box, LERAY_BOX_SLOW, j);

        *linear++ = linear_of(s, &column, row, damping[row]);
        *force++ = f ? f[row] : 0;
    }
    leray_mem_free(damping);
    return LERAY_OK;
}

leray_status ns2d_equation(leray_solver *base, leray_vorticity_equation *out)
{
    ns2d *s = (ns2d *)base;
    const ns2d_settings *set = ns2d_set(s);

    LERAY_CHECK(set->forcing.type != NS2D_FORCING_RING, LERAY_ERR_UNSUPPORTED,
                "solver.forcing.type = ring is random in time: fields have no residual without the "
                "force that acted on them");
    LERAY_CHECK(s->box.truncation == LERAY_TWO_THIRDS, LERAY_ERR_UNSUPPORTED,
                "solver.dealias: residuals need two-thirds, a rectangle of modes");
    LERAY_CHECK(leray_comm_size(base->comm) == 1, LERAY_ERR_UNSUPPORTED,
                "residuals are computed on one rank");
    *out = (leray_vorticity_equation){
        .length = {s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]},
        .top = {s->box.top[LERAY_BOX_SLOW],    s->box.top[LERAY_BOX_X]   },
        .self = s,
        .column = column_of,
    };
    return LERAY_OK;
}

static leray_status take_field(ns2d *s, const leray_frame *frame, const char *name,
                               leray_field_mean mean, int field)
{
    const leray_frame_field *from = leray_frame_find(frame, name);
    leray_extents n = leray_grid_extents(frame->grid);

    LERAY_CHECK(from, LERAY_ERR_DATA,
                "ns2d starts from the field %s, which the frame does not have", name);
    return leray_modes_from_values(leray_integrator_state(s->integrator), field, mean, 2, n.n,
                                   from->values);
}

static leray_status check_frame(const ns2d *s, const leray_frame *frame)
{
    const leray_grid *grid = frame->grid;
    const double *length = s->box.length;

    LERAY_CHECK(grid->ndim == 2 && frame->first == 0 && frame->count == grid->axis[0].n,
                LERAY_ERR_DATA, "ns2d starts from whole frames in two dimensions");
    LERAY_TRY(leray_grid_need_periodic(grid, "ns2d"));
    for (int a = 0; a < 2; a++) {
        double want = length[a == 0 ? LERAY_BOX_SLOW : LERAY_BOX_X];

        LERAY_CHECK(fabs(grid->axis[a].length - want) < 1e-6 * want, LERAY_ERR_DATA,
                    "the frame is %.9g long along %s, the solver's box %.9g", grid->axis[a].length,
                    leray_grid_axis_name(grid, a), want);
    }
    return LERAY_OK;
}

leray_status ns2d_assign(leray_solver *base, const leray_frame *frame)
{
    ns2d *s = (ns2d *)base;

    LERAY_TRY(check_frame(s, frame));
    memset(s->number, 0, sizeof s->number);
    *leray_integrator_last_step(s->integrator) = (leray_integrator_last){0};
    leray_modes_clear(leray_integrator_state(s->integrator));
    LERAY_TRY(take_field(s, frame, "vorticity", LERAY_MEAN_DROPPED, 0));
    if (ns2d_set(s)->scalar.on) LERAY_TRY(take_field(s, frame, "scalar", LERAY_MEAN_TAKEN, 1));
    leray_integrator_touch(s->integrator, false);
    return LERAY_OK;
}
