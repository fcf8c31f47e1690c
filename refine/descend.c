/* refine/descend.c - the residual made small by one of the training optimizers, for comparison: the loss
   |W r|^2 / 2 in the variable x of w = w_before + P W^-1 x, in which LSQR works too. */
#include "refine/newton.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

typedef struct descent {
    leray_residual *residual;
    leray_parameters parameters;          /* x, as reals */
    double complex *start, *work, *other; /* [frames, modes] */
} descent;

static void move(descent *d)
{
    leray_residual *r = d->residual;
    double complex *w = leray_residual_frames(r);

    leray_residual_weigh(r, -1, d->parameters.value, d->work);
    leray_residual_invert(r, d->work, w);
    for (size_t i = 0; i < leray_residual_size(r); i++) w[i] += d->start[i];
    leray_residual_evaluate(r);
}

/* gradient = W^-1 P* J* W^2 r */
static leray_status evaluate(void *context, double *loss)
{
    descent *d = context;
    leray_residual *r = d->residual;
    leray_residual_norms norms;

    move(d);
    leray_residual_measure(r, &norms);
    *loss = 0.25 * r->frames * norms.absolute * norms.absolute;
    leray_residual_weigh(r, 2, r->r, d->work);
    leray_residual_adjoint(r, d->work, d->other);
    leray_residual_invert_adjoint(r, d->other, d->work);
    leray_residual_weigh(r, -1, d->work, d->parameters.grad);
    return LERAY_OK;
}

static leray_status make(descent *d)
{
    size_t size = leray_residual_size(d->residual);
    int shape[3] = {d->residual->frames, (int)d->residual->band.modes, 2}, index;

    d->parameters.dtype = LERAY_F64;
    LERAY_TRY(leray_parameters_declare(&d->parameters, "frames", true, 3, shape,
                                       leray_initial_constant(0), &index));
    LERAY_TRY(leray_parameters_allocate(&d->parameters));
    leray_parameters_draw(&d->parameters, 0);
    LERAY_TRY(LERAY_ALLOC(&d->start, size));
    LERAY_TRY(LERAY_ALLOC(&d->work, size));
    LERAY_TRY(LERAY_ALLOC(&d->other, size));
    memcpy(d->start, leray_residual_frames(d->residual), size * sizeof *d->start);
    return LERAY_OK;
}

static leray_status iterate(descent *d, const leray_refine_settings *set,
                            leray_optimizer *optimizer, leray_refine_report *report)
{
    const leray_objective objective = {evaluate, d};
    leray_residual_norms norms;
    double loss;

    for (int i = 0; i < set->steps; i++) {
        LERAY_TRY(evaluate(d, &loss));
        leray_residual_measure(d->residual, &norms);
        LERAY_CHECK(isfinite(norms.absolute), LERAY_ERR_DIVERGED,
                    "the residual of the frames is not finite after %d steps of the optimizer", i);
        if (norms.relative <= set->residual) return LERAY_OK;
        LERAY_TRY(leray_optimizer_step(optimizer, &objective, 1, NULL));
        report->steps++;
    }
    leray_optimizer_exchange_average(optimizer);
    move(d);
    return LERAY_OK;
}

leray_status leray_refine_descend(leray_residual *r, const leray_refine_settings *set,
                                  const leray_optimizer_type *type, const leray_config *cfg,
                                  leray_refine_report *report)
{
    descent d = {.residual = r};
    leray_optimizer *optimizer = NULL;
    leray_status status = make(&d);

    if (!status)
        status = leray_optimizer_create_type(type, cfg, "optimizer", 0, &d.parameters, &optimizer);
    if (!status) status = iterate(&d, set, optimizer, report);
    leray_optimizer_destroy(&optimizer);
    leray_mem_free(d.other);
    leray_mem_free(d.work);
    leray_mem_free(d.start);
    leray_parameters_fini(&d.parameters);
    return status;
}
