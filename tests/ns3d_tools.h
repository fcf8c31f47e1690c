/* tests/ns3d_tools.h - flows of the ns3d solver and what tests measure of them. */
#ifndef LERAY_TESTS_NS3D_TOOLS_H
#define LERAY_TESTS_NS3D_TOOLS_H

#include "solver_tools.h"

#include "data/formats/npy.h"
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <stdlib.h>
#include <unistd.h>

#define TWO_PI 6.283185307179586477

/* Velocity at x = (x, y, z). */
typedef void exact_flow(const double *x, double t, double *u);

static inline leray_solver *make_ns3d(const char *yaml)
{
    return make_solver(&leray_solver_ns3d, yaml);
}

/* A field sampled on n = (nz, ny, nx) points of the box, in an .npy file. */
static inline void write_flow(const char *path, exact_flow *flow, const int *n,
                              const double *length)
{
    size_t points = (size_t)n[0] * (size_t)n[1] * (size_t)n[2], p = 0;
    int64_t shape[] = {3, n[0], n[1], n[2]};
    double *values = test_malloc(3 * points * sizeof *values);

    for (int k = 0; k < n[0]; k++)
        for (int j = 0; j < n[1]; j++)
            for (int i = 0; i < n[2]; i++, p++) {
                double x[] = {i * length[2] / n[2], j * length[1] / n[1], k * length[0] / n[0]};
                double u[3];

                flow(x, 0, u);
                for (size_t a = 0; a < 3; a++) values[a * points + p] = u[a];
            }
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 4, shape, values));
    test_free(values);
}

/* A solver of the deck "{yaml, initial: {type: file ..}}" that has started from the flow. */
static inline leray_solver *start_flow(const char *yaml, exact_flow *flow, const int *n,
                                       const double *length)
{
    char path[64], all[1024];
    leray_solver *s;

    snprintf(path, sizeof path, "/tmp/leray-ns3d-%ld.npy", (long)getpid());
    write_flow(path, flow, n, length);
    snprintf(all, sizeof all, "{%s, initial: {type: file, path: %s}}", yaml, path);
    s = make_ns3d(all);
    assert_ok(leray_solver_start(s, 0, 0));
    unlink(path);
    return s;
}

/* Largest difference of a component from the exact flow, at the points of the frame. */
static inline double flow_error(leray_solver *s, exact_flow *flow)
{
    leray_frame f;
    double worst = 0;
    size_t p = 0;

    leray_solver_frame(s, &f);
    for (int k = 0; k < f.grid->axis[0].n; k++)
        for (int j = 0; j < f.grid->axis[1].n; j++)
            for (int i = 0; i < f.grid->axis[2].n; i++, p++) {
                double x[] = {i * f.grid->axis[2].length / f.grid->axis[2].n,
                              j * f.grid->axis[1].length / f.grid->axis[1].n,
                              k * f.grid->axis[0].length / f.grid->axis[0].n};
                double u[3];

                flow(x, f.time, u);
                for (int a = 0; a < 3; a++) {
                    double e = fabs(f.field[a].values[p] - u[a]);

                    if (!(e <= worst)) worst = e;
                }
            }
    return worst;
}

static inline leray_modes *state_of(leray_solver *s)
{
    return leray_integrator_state(((ns3d *)s)->integrator);
}

/* Calls `visit` for every mode that the box keeps, i >= 0; weight counts its mirror image. */
typedef void visit_mode(void *self, int s, int m, int i, double weight);

static inline void for_modes(const leray_box *box, visit_mode *visit, void *self)
{
    for (int c = 0; c < box->columns; c++) {
        leray_column column = leray_box_column(box, c, 0);

        for (int s = -column.top; s <= column.top; s++)
            visit(self, s, column.m, column.i, column.weight);
    }
}

/* Largest difference between the modes that both solvers keep, and the largest of the first. */
typedef struct mode_difference {
    const leray_modes *a, *b;
    int fields;
    double worst, largest;
} mode_difference;

static inline void compare_mode(void *self, int s, int m, int i, double weight)
{
    mode_difference *d = self;

    (void)weight;
    if (s > d->b->box->top[0] || -s > d->b->box->top[0] || leray_box_find(d->b->box, m, i) < 0)
        return;
    for (int f = 0; f < d->fields; f++) {
        double complex x = leray_modes_get(d->a, f, s, m, i);

        d->worst = fmax(d->worst, cabs(x - leray_modes_get(d->b, f, s, m, i)));
        d->largest = fmax(d->largest, cabs(x));
    }
}

static inline double modes_differ(leray_solver *a, leray_solver *b)
{
    mode_difference d = {state_of(a), state_of(b), ((ns3d *)a)->fields, 0, 0};

    for_modes(d.a->box, compare_mode, &d);
    return d.worst / d.largest;
}

/* Runs simulation 2 of seed 5 to t. */
static inline leray_solver *run_ns3d(const char *yaml, double t)
{
    leray_solver *s = make_ns3d(yaml);

    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_advance(s, t));
    return s;
}

#endif
