/* operators/optimizers/lbfgs.c - limited-memory BFGS with a line search: PETSc's TAOBQNLS without bounds
   (Nocedal & Wright 2006, algorithm 7.5; line search of More & Thuente 1994). TAOLMVM is the same
   method, but in PETSc 3.18 it has no call that sets the length of the history.

   Each step makes the loss of the present batch small, in at most `iterations` iterations. What it
   has learned of the curvature is forgotten at its end, because the next batch has another loss:
   so there is no state, and a resumed run goes on to the same bits. Meant for large batches (or
   all the data in one), and for the last digits. The line search replaces the learning rate:
   schedules have no effect. Vectors are in double; the loss is as precise as the tape.

   A trial point whose loss is not finite ends the step with DIVERGED, and the weights stay. */
#include "operators/optimizer.h"

#include "core/petsc.h"
#include "tensor/convert.h"

#include <limits.h>
#include <petsctao.h>

typedef struct lbfgs {
    leray_optimizer base;
    int64_t iterations, history;
    double tolerance;
    const leray_objective *objective; /* of the step that is running */
    Tao tao;
    Vec x, start; /* weights, and those before the step */
} lbfgs;

static const leray_key rows[] = {
    LERAY_KEY_INT(lbfgs, iterations, "iterations", "20", 1, 1e6, "1",
                  "largest number of iterations per step, each with one evaluation or a few more"),
    LERAY_KEY_INT(lbfgs, history, "history", "10", 1, 1000, "1",
                  "pairs of vectors that approximate the curvature"),
    LERAY_KEY_REAL(lbfgs, tolerance, "tolerance", "1e-8", 0, 1, "1",
                   "a step ends when the norm of the gradient has fallen by this factor"),
};

static PetscErrorCode read_weights(const lbfgs *l, Vec x)
{
    const leray_parameters *p = l->base.parameters;
    PetscScalar *array;

    PetscFunctionBeginUser;
    PetscCall(VecGetArrayWrite(x, &array));
    leray_load(p->dtype, p->value, 0, p->count, array);
    PetscCall(VecRestoreArrayWrite(x, &array));
    PetscFunctionReturn(0);
}

static PetscErrorCode write_weights(const lbfgs *l, Vec x)
{
    const leray_parameters *p = l->base.parameters;
    const PetscScalar *array;

    PetscFunctionBeginUser;
    PetscCall(VecGetArrayRead(x, &array));
    leray_store(p->dtype, array, 0, p->count, p->value, false);
    PetscCall(VecRestoreArrayRead(x, &array));
    PetscFunctionReturn(0);
}

static PetscErrorCode evaluate(Tao tao, Vec x, PetscReal *loss, Vec gradient, void *self)
{
    const lbfgs *l = self;
    const leray_parameters *p = l->base.parameters;
    PetscScalar *array;

    (void)tao;
    PetscFunctionBeginUser;
    PetscCall(write_weights(l, x));
    PetscCall(leray_petsc_error(l->objective->evaluate(l->objective->context, loss)));
    PetscCall(VecGetArrayWrite(gradient, &array));
    leray_load(p->dtype, p->grad, 0, p->count, array);
    PetscCall(VecRestoreArrayWrite(gradient, &array));
    PetscFunctionReturn(0);
}

static leray_status make(lbfgs *l)
{
    size_t n = l->base.parameters->count;
    Mat curvature;

    LERAY_CHECK(n <= INT_MAX, LERAY_ERR_UNSUPPORTED, "lbfgs: %zu parameters are more than %d", n,
                INT_MAX);
    LERAY_TRY(leray_petsc_init());
    LERAY_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, (PetscInt)n, &l->x));
    LERAY_TRY_PETSC(VecDuplicate(l->x, &l->start));
    LERAY_TRY_PETSC(TaoCreate(PETSC_COMM_SELF, &l->tao));
    LERAY_TRY_PETSC(TaoSetType(l->tao, TAOBQNLS));
    LERAY_TRY_PETSC(TaoSetSolution(l->tao, l->x));
    LERAY_TRY_PETSC(TaoSetObjectiveAndGradient(l->tao, NULL, evaluate, l));
    LERAY_TRY_PETSC(TaoSetTolerances(l->tao, 0, 0, l->tolerance));
    LERAY_TRY_PETSC(TaoSetMaximumIterations(l->tao, (PetscInt)l->iterations));
    LERAY_TRY_PETSC(TaoGetLMVMMatrix(l->tao, &curvature));
    LERAY_TRY_PETSC(MatLMVMSetHistorySize(curvature, (PetscInt)l->history));
    return LERAY_OK;
}

static leray_status init(leray_optimizer *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    LERAY_CHECK(self->clip == 0 && self->noise == 0, LERAY_ERR_CONFIG,
                "%s: lbfgs needs the exact gradient of its loss: clip and noise must be 0",
                section);
    return make((lbfgs *)self);
}

/* Errors of destroying have nobody to hear them. */
static void fini(leray_optimizer *self)
{
    lbfgs *l = (lbfgs *)self;

    if (l->tao) (void)!TaoDestroy(&l->tao);
    if (l->start) (void)!VecDestroy(&l->start);
    if (l->x) (void)!VecDestroy(&l->x);
}

static leray_status solve(lbfgs *l)
{
    LERAY_TRY_PETSC(read_weights(l, l->x));
    LERAY_TRY_PETSC(VecCopy(l->x, l->start));
    LERAY_TRY_PETSC(TaoSolve(l->tao));
    LERAY_TRY_PETSC(write_weights(l, l->x));
    return LERAY_OK;
}

static leray_status step(leray_optimizer *base, const leray_objective *objective,
                         double learning_rate_factor, double gradient_scale)
{
    lbfgs *l = (lbfgs *)base;
    leray_status status;

    (void)learning_rate_factor, (void)gradient_scale;
    l->objective = objective;
    status = solve(l);
    if (status) (void)!write_weights(l, l->start);
    return status;
}

const leray_optimizer_type leray_optimizer_lbfgs = {
    .summary = "limited-memory BFGS with a line search on each batch (PETSc TAO)",
    .size = sizeof(lbfgs),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .evaluates = true,
    .init = init,
    .step = step,
    .fini = fini,
};
