/* tests/refine_tools.h - frames of ns2d for tests of the refiner. */
#ifndef LERAY_TESTS_REFINE_TOOLS_H
#define LERAY_TESTS_REFINE_TOOLS_H

#include "solver_tools.h"

#include "core/fft.h"
#include "refine/refine.h"
#include "solvers/vorticity.h"
#include <leray/impl/rng.h>

#include <stdlib.h>

typedef struct flow {
    leray_solver *solver;
    leray_vorticity_equation equation;
    int n[2], frames;
    double interval;
    double *values; /* [frames, ny, nx] */
} flow;

/* Frames from time `begin` on; the step of the solver divides the interval at least `substeps` times. */
static inline flow make_flow(const char *yaml, double begin, double interval, int frames,
                             int substeps)
{
    flow f = {.interval = interval, .frames = frames};
    leray_frame frame;
    size_t points;

    f.solver = make_solver(&leray_solver_ns2d, yaml);
    assert_ok(leray_solver_start(f.solver, 1, 2));
    assert_ok(leray_solver_advance(f.solver, begin));
    leray_solver_frame(f.solver, &frame);
    f.n[0] = frame.grid->axis[0].n, f.n[1] = frame.grid->axis[1].n;
    points = (size_t)f.n[0] * (size_t)f.n[1];
    assert_ok(LERAY_ALLOC(&f.values, points * (size_t)frames));
    for (int m = 0; m < frames; m++) {
        for (int i = 1; m > 0 && i <= substeps; i++)
            assert_ok(
                leray_solver_advance(f.solver, begin + interval * (m - 1 + (double)i / substeps)));
        leray_solver_frame(f.solver, &frame);
        memcpy(f.values + (size_t)m * points, frame.field[0].values, points * sizeof *f.values);
    }
    assert_ok(leray_solver_equation(f.solver, &f.equation));
    return f;
}

static inline void free_flow(flow *f)
{
    leray_mem_free(f->values);
    leray_solver_destroy(&f->solver);
}

/* Modes of frame m in a band's list. */
static inline void frame_modes(const flow *f, int m, const int top[2], double complex *out)
{
    size_t points = (size_t)f->n[0] * (size_t)f->n[1], half = (size_t)f->n[1] / 2 + 1, k = 0;
    double complex *hat;
    leray_fft *fft;

    assert_ok(leray_fft_create(2, f->n, 1, &fft));
    assert_ok(LERAY_ALLOC(&hat, leray_fft_coefficients(fft)));
    leray_fft_forward(fft, f->values + (size_t)m * points, hat);
    for (int i = 0; i <= top[1]; i++)
        for (int j = i == 0 ? 1 : -top[0]; j <= top[0]; j++)
            out[k++] = hat[(size_t)(j < 0 ? j + f->n[0] : j) * half + (size_t)i];
    leray_mem_free(hat);
    leray_fft_destroy(&fft);
}

#endif
