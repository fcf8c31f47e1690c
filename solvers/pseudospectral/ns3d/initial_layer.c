/* solvers/pseudospectral/ns3d/initial_layer.c - two shear layers between streams of velocity +A and -A along x:

       u = A (tanh((y - Ly/4)/(2 theta)) - tanh((y - 3 Ly/4)/(2 theta)) - 1),  repeated along y,

   theta being the momentum thickness, integral of 1/4 - (u/2A)^2 over one layer. Two layers make the
   box periodic. The coefficients are those of the infinite sum over the repeated layers:

       u_k = -4 pi A theta sin(k Ly/4)/(Ly sinh(pi theta k)),  k = 2 pi m/Ly, m odd.

   Onto it comes a random field with the spectrum of Passot and Pouquet (peak k0, rms velocity of one
   component = perturbation), times exp(-((y - y0)/(4 theta))^2) around each layer y0, without its
   divergence. */
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* The modes of two directions have <|xi|^2> = 4, and those of a spectrum E(k) in a box of volume V
   <|u_k|^2> = (2 pi)^3 E(k)/(2 pi k^2 V). */
static void random_column(ns3d *s, const leray_column *column, double complex *const *u)
{
    const ns3d_settings *set = s->base.settings;
    double volume = s->box.length[0] * s->box.length[1] * s->box.length[2];

    for (int j = 0; j < column->n; j++) {
        double k =
            sqrt(column->kx * column->kx + column->km * column->km + column->ks[j] * column->ks[j]);
        double complex xi[4];

        if (ns3d_draw(s, column, j, xi) == 0) continue;
        for (int a = 0; a < 3; a++)
            u[a][j] =
                PI / k * xi[a] *
                sqrt(ns3d_passot_pouquet(set->initial.perturbation, set->initial.peak, k) / volume);
    }
}

static void show(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns3d *s = self;

    (void)in;
    for (int a = 0; a < 3; a++) {
        double complex *line = leray_modes_load(leray_integrator_state(s->integrator), a,
                                                column->index, ns3d_line(s, column->thread, a));

        memcpy(out[a], line, (size_t)column->n * sizeof *line);
    }
}

/* Of both layers, the nearest of those that are repeated. */
static double envelope(const ns3d *s, double y)
{
    const ns3d_settings *set = s->base.settings;
    double length = s->box.length[LERAY_BOX_MIDDLE], sum = 0;

    for (int layer = 1; layer <= 3; layer += 2) {
        double x = remainder(y - layer * length / 4, length) / (4 * set->initial.thickness);

        sum += exp(-x * x);
    }
    return sum;
}

static void confine(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    ns3d *s = self;
    double dy = s->box.length[LERAY_BOX_MIDDLE] / s->box.n[LERAY_BOX_MIDDLE];

    for (int r = 0; r < rows->rows; r++) {
        double factor = envelope(s, (rows->middle + r) * dy);

        for (int a = 0; a < 3; a++)
            for (int p = r; p < rows->points; p += rows->rows) out[a][p] = factor * in[a][p];
    }
}

static void keep(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns3d *s = self;
    leray_modes *state = leray_integrator_state(s->integrator);

    (void)out;
    for (int a = 0; a < 3; a++) {
        double complex *line =
            leray_modes_load(state, a, column->index, ns3d_line(s, column->thread, a));

        memcpy(line, in[a], (size_t)column->n * sizeof *line);
        for (int j = column->top + 1; j < column->n - column->top; j++) line[j] = 0;
        leray_modes_store(state, a, column->index, line);
    }
}

static void add_streams(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;
    leray_modes *state = leray_integrator_state(s->integrator);
    double length = s->box.length[LERAY_BOX_MIDDLE], theta = set->initial.thickness;

    for (int m = 1; m <= s->box.top[LERAY_BOX_MIDDLE]; m += 2) {
        double k = 2 * PI * m / length, sign = m % 4 == 1 ? 1 : -1;
        double complex u =
            -4 * PI * set->initial.amplitude * theta * sign / (length * sinh(PI * theta * k));

        u += leray_modes_get(state, NS3D_X, 0, m, 0);
        leray_modes_set(state, NS3D_X, 0, m, 0, u);
    }
}

leray_status ns3d_make_mixing_layer(ns3d *s)
{
    leray_transforms *transforms = leray_integrator_transforms(s->integrator);
    leray_column_pass out = {.work = show, .self = s, .out = 3};
    leray_column_pass in = {.work = keep, .self = s, .in = 3};
    leray_row_pass rows = {.work = confine, .self = s, .in = 3, .out = 3};

    ns3d_columns(s, random_column, true);
    LERAY_TRY(leray_transforms_columns(transforms, &out));
    LERAY_TRY(leray_transforms_rows(transforms, &rows));
    LERAY_TRY(leray_transforms_columns(transforms, &in));
    ns3d_project(s);
    add_streams(s);
    return LERAY_OK;
}
