/* tests/operators_weights.h - a block of weights in a bowl, and an optimizer on it. */
#ifndef LERAY_TESTS_OPERATORS_WEIGHTS_H
#define LERAY_TESTS_OPERATORS_WEIGHTS_H

#include "check.h"
#include "operators_make.h"

#define WEIGHTS 40000 /* more than two blocks of the sweeps */

/* Two arrays, "first" [WEIGHTS - 10] and "last" [10]. */
typedef struct weights {
    leray_parameters p;
    leray_optimizer *optimizer;
    leray_objective objective; /* sum (w - 1)^2 / 2 */
    long evaluations;
} weights;

static inline double weight_at(const weights *w, size_t i)
{
    return w->p.dtype == LERAY_F32 ? (double)((float *)w->p.value)[i] : ((double *)w->p.value)[i];
}

static inline void set_gradient(weights *w, size_t i, double g)
{
    if (w->p.dtype == LERAY_F32) ((float *)w->p.grad)[i] = (float)g;
    else ((double *)w->p.grad)[i] = g;
}

static inline leray_status bowl(void *context, double *loss)
{
    weights *w = context;

    *loss = 0;
    w->evaluations++;
    for (size_t i = 0; i < w->p.count; i++) {
        double d = weight_at(w, i) - 1;

        set_gradient(w, i, d);
        *loss += d * d / 2;
    }
    return LERAY_OK;
}

static inline void gradient(weights *w)
{
    double loss;

    assert_ok(bowl(w, &loss));
}

static inline leray_status start(weights *w, const leray_optimizer_type *type, leray_dtype dtype,
                                 const char *yaml)
{
    leray_initial initial = leray_initial_uniform(-1, 1);
    int index;

    memset(w, 0, sizeof *w);
    w->p.dtype = dtype;
    w->objective = (leray_objective){bowl, w};
    LERAY_TRY(
        leray_parameters_declare(&w->p, "first", false, 1, (int[]){WEIGHTS - 10}, initial, &index));
    LERAY_TRY(leray_parameters_declare(&w->p, "last", true, 2, (int[]){5, 2}, initial, &index));
    LERAY_TRY(leray_parameters_allocate(&w->p));
    leray_parameters_draw(&w->p, 3);
    LERAY_TRY(make_optimizer(type, yaml, &w->p, &w->optimizer));
    return LERAY_OK;
}

static inline void finish(weights *w)
{
    leray_optimizer_destroy(&w->optimizer);
    leray_parameters_fini(&w->p);
}

static inline leray_status step(weights *w, double factor, double *norm)
{
    return leray_optimizer_step(w->optimizer, &w->objective, factor, norm);
}

#endif
