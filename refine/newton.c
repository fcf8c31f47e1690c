/* refine/newton.c - Gauss-Newton: w <- w + s d with d from min |W (J d + r)| and s = 1, 1/2, 1/4, ..,
   the first that makes |W r| smaller. As many equations as unknowns: the least is a residual of zero, and
   near it the steps converge as Newton's. */
#include "refine/newton.h"

#include "core/mem.h"
#include "refine/lsqr.h"

#include <math.h>
#include <string.h>

#define HALVINGS 6

/* w + s d from `start`, and its residual. */
static double try_step(leray_residual *r, const double complex *start, const double complex *d,
                       double s)
{
    double complex *w = leray_residual_frames(r);
    size_t n = leray_residual_size(r);
    leray_residual_norms norms;

    for (size_t i = 0; i < n; i++) w[i] = start[i] + s * d[i];
    leray_residual_evaluate(r);
    leray_residual_measure(r, &norms);
    return norms.absolute;
}

typedef struct newton {
    leray_lsqr *lsqr;
    double complex *start, *d, *b;
} newton;

/* *better: a step was found that makes the residual smaller. */
static leray_status step(leray_residual *r, const leray_refine_settings *set, newton *n,
                         double before, leray_refine_report *report, bool *better)
{
    size_t size = leray_residual_size(r);
    double s = 1, left;
    int taken;

    memcpy(n->start, leray_residual_frames(r), size * sizeof *n->start);
    for (size_t i = 0; i < size; i++) n->b[i] = -r->r[i];
    LERAY_TRY(
        leray_lsqr_solve(n->lsqr, n->b, (int)set->iterations, set->tolerance, n->d, &taken, &left));
    report->iterations += taken;
    report->steps++;
    *better = false;
    for (int i = 0; i < HALVINGS && !*better; i++, s /= 2)
        *better = try_step(r, n->start, n->d, s) < before;
    if (*better)
        report->last = s * leray_residual_norm(r, 0, r->frames, n->d) /
                       leray_residual_norm(r, 0, r->frames, leray_residual_frames(r));
    else (void)try_step(r, n->start, n->d, 0);
    return LERAY_OK;
}

static leray_status iterate(leray_residual *r, const leray_refine_settings *set, newton *n,
                            leray_refine_report *report)
{
    leray_residual_norms norms;
    bool better = true;

    leray_residual_evaluate(r);
    for (int i = 0; i < set->steps && better; i++) {
        leray_residual_measure(r, &norms);
        LERAY_CHECK(isfinite(norms.absolute), LERAY_ERR_DIVERGED,
                    "the residual of the frames is not finite");
        if (norms.relative <= set->residual) return LERAY_OK;
        LERAY_TRY(step(r, set, n, norms.absolute, report, &better));
    }
    return LERAY_OK;
}

leray_status leray_refine_newton(leray_residual *r, const leray_refine_settings *set,
                                 leray_refine_report *report)
{
    newton n = {0};
    size_t size = leray_residual_size(r);
    leray_status status = leray_lsqr_create(r, &n.lsqr);

    if (!status) status = LERAY_ALLOC(&n.start, size);
    if (!status) status = LERAY_ALLOC(&n.d, size);
    if (!status) status = LERAY_ALLOC(&n.b, size);
    if (!status) status = iterate(r, set, &n, report);
    leray_mem_free(n.b);
    leray_mem_free(n.d);
    leray_mem_free(n.start);
    leray_lsqr_destroy(&n.lsqr);
    return status;
}
