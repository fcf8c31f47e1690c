/* tests/ns2d_tools.h - flows of the ns2d solver and what tests measure of them. */
#ifndef LERAY_TESTS_NS2D_TOOLS_H
#define LERAY_TESTS_NS2D_TOOLS_H

#include "solver_tools.h"

#include "solvers/pseudospectral/ns2d/ns2d.h"

#define TWO_PI 6.283185307179586477

#define TURBULENT "nu: 1e-3, initial: {type: random, sigma: 400}, forcing: {type: fno}"
#define AT_REST "initial: {type: taylor-green, amplitude: 0}"

typedef double exact(double x, double y, double t);

/* Largest difference of a field of the frame from the exact one. */
static inline double frame_error(leray_solver *s, int field, exact *w)
{
    leray_frame f;
    double worst = 0;

    leray_solver_frame(s, &f);
    assert_true(field < f.nfields);
    for (int j = 0; j < f.grid->axis[0].n; j++)
        for (int i = 0; i < f.grid->axis[1].n; i++) {
            double x = i * f.grid->axis[1].length / f.grid->axis[1].n,
                   y = j * f.grid->axis[0].length / f.grid->axis[0].n;
            double e =
                fabs(f.field[field].values[(size_t)j * (size_t)f.grid->axis[1].n + (size_t)i] -
                     w(x, y, f.time));

            if (!(e <= worst)) worst = e;
        }
    return worst;
}

static inline double field_error(leray_solver *s, exact *w) { return frame_error(s, 0, w); }

#define TG_NU 0.05
#define TG_DRAG 0.3
static inline double taylor_green(double x, double y, double t)
{
    return 2 * 2 * cos(2 * x) * cos(2 * y) * exp(-(2 * TG_NU * 4 + TG_DRAG) * t);
}

/* Made and started; `format` as printf has it. */
static inline leray_solver *started(uint64_t seed, uint32_t simulation, const char *format, ...)
    LERAY_PRINTF(3, 4);
static inline leray_solver *started(uint64_t seed, uint32_t simulation, const char *format, ...)
{
    char yaml[1024];
    va_list list;
    leray_solver *s;

    va_start(list, format);
    vsnprintf(yaml, sizeof yaml, format, list);
    va_end(list);
    s = make_solver(&leray_solver_ns2d, yaml);
    assert_ok(leray_solver_start(s, seed, simulation));
    return s;
}

static inline double error_at(leray_solver *s, exact *w, double t)
{
    double e;

    assert_ok(leray_solver_advance(s, t));
    e = field_error(s, w);
    leray_solver_destroy(&s);
    return e;
}

/* Coefficients of the state, and one put there in place of what it was. */
static inline double complex mode(leray_solver *s, int field, int ky, int kx)
{
    return leray_modes_get(leray_integrator_state(((ns2d *)s)->integrator), field, ky, 0, kx);
}

static inline void only_mode(leray_solver *s, int field, int ky, int kx, double complex value)
{
    leray_integrator *integrator = ((ns2d *)s)->integrator;

    leray_modes_clear(leray_integrator_state(integrator));
    leray_modes_set(leray_integrator_state(integrator), field, ky, 0, kx, value);
    leray_integrator_touch(integrator, false);
}

/* Largest difference of two states over the modes of the first, and the largest coefficient. */
static inline double states_differ(leray_solver *a, leray_solver *b, int field, double *scale)
{
    const leray_box *box = &((ns2d *)a)->box;
    double worst = 0;

    *scale = 0;
    for (int kx = 0; kx <= box->top[LERAY_BOX_X]; kx++)
        for (int ky = -box->top[LERAY_BOX_SLOW]; ky <= box->top[LERAY_BOX_SLOW]; ky++) {
            double e = cabs(mode(a, field, ky, kx) - mode(b, field, ky, kx));

            if (!(e <= worst)) worst = e;
            *scale = fmax(*scale, cabs(mode(b, field, ky, kx)));
        }
    return worst;
}

/* The order that three errors at steps of ratio 2 show, in thousandths. */
static inline int order(const double *e, int i) { return (int)(1000 * log2(e[i] / e[i + 1])); }

/* The bytes of the state alone. */
static inline char *saved(leray_solver *s, size_t *size)
{
    size_t all = leray_solver_save_size(s), own = s->type->state_size(s);
    char *bytes = test_malloc(all), *state;

    assert_ok(leray_solver_save(s, bytes));
    *size = own;
    state = test_malloc(own);
    memcpy(state, bytes + all - own, own);
    test_free(bytes);
    return state;
}

#endif
