/* refine/descend.c - the residual made small by one of the training optimizers, for comparison: the loss
   |r|^2 / 2 in the variable x in which Gauss-Newton works too, with the gradient A* r. */
#include "refine/newton.h"

#include "core/mem.h"

#include <limits.h>
#include <math.h>

typedef struct descent {
    const leray_refine_problem *problem;
    leray_parameters parameters; /* x */
    double *r;                   /* [equations] */
} descent;

static leray_status evaluate(void *context, double *loss)
{
    descent *d = context;
    const leray_refine_problem *p = d->problem;

    p->move(p->self, d->parameters.value);
    p->residual(p->self, d->r);
    *loss = 0;
    for (size_t i = 0; i < p->equations; i++) *loss += 0.5 * d->r[i] * d->r[i];
    p->adjoint(p->self, d->r, d->parameters.grad);
    return LERAY_OK;
}

static leray_status make(descent *d)
{
    size_t n = d->problem->unknowns;
    int shape = (int)n, index;

    LERAY_CHECK(n <= INT_MAX, LERAY_ERR_UNSUPPORTED, "%zu unknowns are more than %d", n, INT_MAX);
    d->parameters.dtype = LERAY_F64;
    LERAY_TRY(leray_parameters_declare(&d->parameters, "x", false, 1, &shape,
                                       leray_initial_constant(0), &index));
    LERAY_TRY(leray_parameters_allocate(&d->parameters));
    leray_parameters_draw(&d->parameters, 0);
    return LERAY_ALLOC(&d->r, d->problem->equations);
}

static leray_status iterate(descent *d, const leray_refine_settings *set,
                            leray_optimizer *optimizer, leray_refine_report *report)
{
    const leray_objective objective = {evaluate, d};
    const leray_refine_problem *p = d->problem;
    leray_residual_norms norms;
    double loss;

    for (int i = 0; i < set->steps; i++) {
        LERAY_TRY(evaluate(d, &loss));
        p->measure(p->self, &norms);
        LERAY_CHECK(isfinite(norms.absolute), LERAY_ERR_DIVERGED,
                    "the residual of the frames is not finite after %d steps of the optimizer", i);
        if (norms.relative <= set->residual) return LERAY_OK;
        LERAY_TRY(leray_optimizer_step(optimizer, &objective, 1, NULL));
        report->steps++;
    }
    leray_optimizer_exchange_average(optimizer);
    p->move(p->self, d->parameters.value);
    return LERAY_OK;
}

leray_status leray_refine_descend(const leray_refine_problem *p, const leray_refine_settings *set,
                                  const leray_optimizer_type *type, const leray_config *cfg,
                                  leray_refine_report *report)
{
    descent d = {.problem = p};
    leray_optimizer *optimizer = NULL;
    leray_status status = make(&d);

    if (!status)
        status = leray_optimizer_create_type(type, cfg, "optimizer", 0, &d.parameters, &optimizer);
    if (!status) status = iterate(&d, set, optimizer, report);
    leray_optimizer_destroy(&optimizer);
    leray_mem_free(d.r);
    leray_parameters_fini(&d.parameters);
    return status;
}
