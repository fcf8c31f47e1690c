/* tests/ns2d_tools.h - flows of the ns2d solver and what tests measure of them. */
#ifndef LERAY_TESTS_NS2D_TOOLS_H
#define LERAY_TESTS_NS2D_TOOLS_H

#include "solver_tools.h"

#define TWO_PI 6.283185307179586477

#define TURBULENT "nu: 1e-3, initial: {type: random, sigma: 400}, forcing: {type: fno}"

typedef double exact(double x, double y, double t);

/* Largest difference from the exact vorticity. */
static inline double field_error(leray_solver *s, exact *w)
{
    leray_frame f;
    double worst = 0;

    leray_solver_frame(s, &f);
    for (int j = 0; j < f.shape[0]; j++)
        for (int i = 0; i < f.shape[1]; i++) {
            double x = i * f.length[1] / f.shape[1], y = j * f.length[0] / f.shape[0];
            double e = fabs(f.field[0].values[(size_t)j * (size_t)f.shape[1] + (size_t)i] -
                            w(x, y, f.time));

            if (!(e <= worst)) worst = e;
        }
    return worst;
}

#define TG_NU 0.05
#define TG_DRAG 0.3
static inline double taylor_green(double x, double y, double t)
{
    return 2 * 2 * cos(2 * x) * cos(2 * y) * exp(-(2 * TG_NU * 4 + TG_DRAG) * t);
}

/* Runs to t and keeps the final spectrum. */
static inline void run(const char *yaml, double t, double *w, size_t n)
{
    leray_solver *s = make_solver(&leray_solver_ns2d, yaml);
    size_t size = leray_solver_save_size(s);
    char *bytes = test_malloc(size);

    assert_ok(leray_solver_start(s, 5, 2));
    assert_ok(leray_solver_advance(s, t));
    assert_ok(leray_solver_save(s, bytes));
    assert_true(n * sizeof *w <= size);
    /* The last numbers are the step's own; the spectrum stands before them. */
    memcpy(w, bytes + size - (n + 3) * sizeof *w, n * sizeof *w);
    test_free(bytes);
    leray_solver_destroy(&s);
}

#endif
