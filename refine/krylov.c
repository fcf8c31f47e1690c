/* refine/krylov.c - see refine/krylov.h. */
#include "refine/krylov.h"

#include "core/mem.h"
#include "core/petsc.h"

#include <limits.h>
#include <math.h>
#include <petscksp.h>
#include <string.h>

struct leray_krylov {
    const leray_refine_problem *problem;
    leray_krylov_method method;
    double goal; /* norm at which it ends */
    Vec x, b, r; /* r = b - A x */
    Mat matrix;
    KSP ksp;
};

/* to = apply(from) */
static PetscErrorCode apply(void (*f)(void *, const double *, double *), void *self, Vec x, Vec y)
{
    const PetscScalar *from;
    PetscScalar *to;

    PetscFunctionBeginUser;
    PetscCall(VecGetArrayRead(x, &from));
    PetscCall(VecGetArrayWrite(y, &to));
    f(self, from, to);
    PetscCall(VecRestoreArrayWrite(y, &to));
    PetscCall(VecRestoreArrayRead(x, &from));
    PetscFunctionReturn(0);
}

static PetscErrorCode multiply(Mat matrix, Vec x, Vec y)
{
    leray_krylov *l;

    PetscFunctionBeginUser;
    PetscCall(MatShellGetContext(matrix, (void *)&l));
    PetscCall(apply(l->problem->tangent, l->problem->self, x, y));
    PetscFunctionReturn(0);
}

static PetscErrorCode multiply_transposed(Mat matrix, Vec y, Vec x)
{
    leray_krylov *l;

    PetscFunctionBeginUser;
    PetscCall(MatShellGetContext(matrix, (void *)&l));
    PetscCall(apply(l->problem->adjoint, l->problem->self, y, x));
    PetscFunctionReturn(0);
}

/* The residual alone decides: PETSc's own test would also end where the gradient is small, which it is
   long before. */
static PetscErrorCode converged(KSP ksp, PetscInt iteration, PetscReal norm,
                                KSPConvergedReason *reason, void *self)
{
    const leray_krylov *l = self;

    (void)ksp, (void)iteration;
    *reason = norm <= l->goal ? KSP_CONVERGED_RTOL : KSP_CONVERGED_ITERATING;
    return 0;
}

static leray_status make(leray_krylov *l)
{
    size_t unknowns = l->problem->unknowns, equations = l->problem->equations;
    PetscInt n = (PetscInt)unknowns, m = (PetscInt)equations;
    PC pc;

    LERAY_CHECK(l->method == LERAY_KRYLOV_LSQR || unknowns == equations, LERAY_ERR_ARG,
                "BiCGStab is for as many equations as unknowns, not for %zu and %zu", equations,
                unknowns);
    LERAY_CHECK(unknowns <= INT_MAX && equations <= INT_MAX, LERAY_ERR_UNSUPPORTED,
                "%zu unknowns and %zu equations are more than %d: refine fewer modes, frames or "
                "trajectories",
                unknowns, equations, INT_MAX);
    LERAY_TRY(leray_petsc_init());
    LERAY_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, n, &l->x));
    LERAY_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, m, &l->b));
    LERAY_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, m, &l->r));
    LERAY_TRY_PETSC(MatCreateShell(PETSC_COMM_SELF, m, n, m, n, l, &l->matrix));
    LERAY_TRY_PETSC(MatShellSetOperation(l->matrix, MATOP_MULT, (void (*)(void))multiply));
    LERAY_TRY_PETSC(
        MatShellSetOperation(l->matrix, MATOP_MULT_TRANSPOSE, (void (*)(void))multiply_transposed));
    LERAY_TRY_PETSC(KSPCreate(PETSC_COMM_SELF, &l->ksp));
    LERAY_TRY_PETSC(KSPSetOperators(l->ksp, l->matrix, l->matrix));
    LERAY_TRY_PETSC(KSPGetPC(l->ksp, &pc));
    LERAY_TRY_PETSC(PCSetType(pc, PCNONE));
    LERAY_TRY_PETSC(KSPSetConvergenceTest(l->ksp, converged, l, NULL));
    return LERAY_OK;
}

leray_status leray_krylov_create(const leray_refine_problem *problem, leray_krylov_method method,
                                 leray_krylov **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->problem = problem, (*out)->method = method;
    status = make(*out);
    if (!status) return LERAY_OK;
    leray_krylov_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

/* Errors of destroying have nobody to hear them. */
void leray_krylov_destroy(leray_krylov **lsqr)
{
    leray_krylov *l = *lsqr;

    if (!l) return;
    if (l->ksp) (void)!KSPDestroy(&l->ksp);
    if (l->matrix) (void)!MatDestroy(&l->matrix);
    if (l->r) (void)!VecDestroy(&l->r);
    if (l->b) (void)!VecDestroy(&l->b);
    if (l->x) (void)!VecDestroy(&l->x);
    leray_mem_free(l);
    *lsqr = NULL;
}

/* From 0 to x; *left = |b - A x| / |b| is 1 or more, or no number, where nothing came of it. It is computed
   from x: the residual that BiCGStab carries along is zero after some breakdowns that leave x at 0. */
static leray_status run(leray_krylov *l, KSPType type, double start, int iterations, int *taken,
                        double *left)
{
    PetscInt count;
    PetscReal end;

    LERAY_TRY_PETSC(KSPSetType(l->ksp, type));
    LERAY_TRY_PETSC(
        KSPSetTolerances(l->ksp, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, iterations));
    LERAY_TRY_PETSC(KSPSolve(l->ksp, l->b, l->x));
    LERAY_TRY_PETSC(KSPGetIterationNumber(l->ksp, &count));
    LERAY_TRY_PETSC(MatMult(l->matrix, l->x, l->r));
    LERAY_TRY_PETSC(VecAYPX(l->r, -1, l->b));
    LERAY_TRY_PETSC(VecNorm(l->r, NORM_2, &end));
    *taken += (int)count;
    *left = start > 0 ? end / start : 0;
    return LERAY_OK;
}

leray_status leray_krylov_solve(leray_krylov *l, const double *b, int iterations, double tolerance,
                                double *d, int *taken, double *left)
{
    PetscScalar *array;
    const PetscScalar *solution;
    PetscReal start;

    LERAY_TRY_PETSC(VecGetArrayWrite(l->b, &array));
    memcpy(array, b, l->problem->equations * sizeof *b);
    LERAY_TRY_PETSC(VecRestoreArrayWrite(l->b, &array));
    LERAY_TRY_PETSC(VecNorm(l->b, NORM_2, &start));
    l->goal = tolerance * start;
    *taken = 0, *left = INFINITY;
    if (l->method == LERAY_KRYLOV_BICGSTAB)
        LERAY_TRY(run(l, KSPBCGSL, start, iterations, taken, left));
    if (!(*left < 1)) LERAY_TRY(run(l, KSPLSQR, start, iterations, taken, left));
    if (!(*left < 1) && start > 0) {
        LERAY_TRY_PETSC(VecSet(l->x, 0));
        *left = 1;
    }
    LERAY_TRY_PETSC(VecGetArrayRead(l->x, &solution));
    memcpy(d, solution, l->problem->unknowns * sizeof *d);
    LERAY_TRY_PETSC(VecRestoreArrayRead(l->x, &solution));
    return LERAY_OK;
}
