/* solvers/pseudospectral/ns3d/columns.c - work on the state column by column, on all
   threads; its part without divergence. */
#include "core/threads.h"
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <omp.h>

double complex *ns3d_line(const ns3d *s, int thread, int i)
{
    return s->lines + ((size_t)thread * NS3D_LINES + (size_t)i) * s->line;
}

void ns3d_columns(ns3d *s, ns3d_column_work *work, bool change)
{
    leray_modes *modes = leray_integrator_state(s->integrator);
    int threads = s->threads < leray_threads() ? s->threads : leray_threads();

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int c = 0; c < s->box.columns; c++) {
        leray_column column = leray_box_column(&s->box, c, omp_get_thread_num());
        double complex *state[NS3D_FIELDS];

        for (int f = 0; f < s->fields; f++)
            state[f] = leray_modes_load(modes, f, c, ns3d_line(s, column.thread, f));
        work(s, &column, state);
        for (int f = 0; f < s->fields && change; f++) leray_modes_store(modes, f, c, state[f]);
    }
}

static void project_column(ns3d *s, const leray_column *column, double complex *const *u)
{
    double kx = column->kx, ky = column->km, plane = kx * kx + ky * ky;

    (void)s;
    for (int j = 0; j < column->n; j++) {
        double kz = column->ks[j], k2 = plane + kz * kz;
        double complex p = kx * u[0][j] + ky * u[1][j] + kz * u[2][j];

        if (k2 > 0) {
            p /= k2;
            u[0][j] -= kx * p, u[1][j] -= ky * p, u[2][j] -= kz * p;
        } else {
            u[0][j] = u[1][j] = u[2][j] = 0;
        }
    }
}

void ns3d_project(ns3d *s)
{
    ns3d_columns(s, project_column, true);
    leray_modes_make_real(leray_integrator_state(s->integrator));
}
