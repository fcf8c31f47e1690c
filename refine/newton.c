/* refine/newton.c - Gauss-Newton: x <- x + s d with d from min |A d + r| and s = 1, 1/2, 1/4, ..,
   the first that makes |r| smaller. Where there are as many equations as unknowns, the least is a residual
   of zero, and near it the steps converge as Newton's. */
#include "refine/newton.h"

#include "core/mem.h"
#include "refine/krylov.h"

#include <math.h>

#define HALVINGS 6

typedef struct newton {
    const leray_refine_problem *problem;
    leray_krylov *krylov;
    double *x, *d, *b; /* [unknowns], [unknowns], [equations] */
} newton;

/* x + s d, and the residual there. */
static double try_step(newton *n, double s)
{
    const leray_refine_problem *p = n->problem;
    leray_residual_norms norms;

    for (size_t i = 0; i < p->unknowns; i++) n->x[i] += s * n->d[i];
    p->move(p->self, n->x);
    p->measure(p->self, &norms);
    return norms.absolute;
}

/* *better: a step was found that makes the residual smaller. */
static leray_status step(newton *n, const leray_refine_settings *set, double before,
                         leray_refine_report *report, bool *better)
{
    const leray_refine_problem *p = n->problem;
    double s = 1, left;
    int taken;

    p->residual(p->self, n->b);
    for (size_t i = 0; i < p->equations; i++) n->b[i] = -n->b[i];
    LERAY_TRY(leray_krylov_solve(n->krylov, n->b, (int)set->iterations, set->tolerance, n->d,
                                 &taken, &left));
    report->iterations += taken;
    report->steps++;
    *better = try_step(n, s) < before;
    for (int i = 1; i < HALVINGS && !*better; i++, s /= 2) *better = try_step(n, -s / 2) < before;
    if (*better) report->last = s * p->change(p->self, n->d);
    else (void)try_step(n, -s);
    return LERAY_OK;
}

static leray_status iterate(newton *n, const leray_refine_settings *set,
                            leray_refine_report *report)
{
    const leray_refine_problem *p = n->problem;
    leray_residual_norms norms;
    bool better = true;

    p->move(p->self, n->x);
    for (int i = 0; i < set->steps && better; i++) {
        p->measure(p->self, &norms);
        LERAY_CHECK(isfinite(norms.absolute), LERAY_ERR_DIVERGED,
                    "the residual of the frames is not finite");
        if (norms.relative <= set->residual) return LERAY_OK;
        LERAY_TRY(step(n, set, norms.absolute, report, &better));
    }
    return LERAY_OK;
}

leray_status leray_refine_newton(const leray_refine_problem *p, const leray_refine_settings *set,
                                 leray_refine_report *report)
{
    newton n = {.problem = p};
    leray_status status = leray_krylov_create(p, (leray_krylov_method)set->krylov, &n.krylov);

    if (!status) status = LERAY_ALLOC(&n.x, p->unknowns);
    if (!status) status = LERAY_ALLOC(&n.d, p->unknowns);
    if (!status) status = LERAY_ALLOC(&n.b, p->equations);
    if (!status) status = iterate(&n, set, report);
    leray_mem_free(n.b);
    leray_mem_free(n.d);
    leray_mem_free(n.x);
    leray_krylov_destroy(&n.krylov);
    return status;
}

leray_status leray_refine_reduce(const leray_refine_problem *p, const leray_refine_settings *set,
                                 const leray_optimizer_type *type, const leray_config *cfg,
                                 leray_refine_report *report)
{
    if (set->method == LERAY_REFINE_GAUSS_NEWTON) return leray_refine_newton(p, set, report);
    return leray_refine_descend(p, set, type, cfg, report);
}
