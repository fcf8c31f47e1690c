/* perf/refine.c - time of one iteration on the linear problem of a Gauss-Newton step, against its floor.

   The floor of an iteration on n frames is 4 n complex transforms of the band's grid: BiCGStab multiplies by J
   twice, LSQR by J and by its adjoint, each of which takes u and v of the direction to values and the products
   back. One transform is the mean of both
   directions as refine/band.c plans them, timed in the same run on one thread; on t threads the floor
   is divided by t. What an iteration does beside them (gather and scatter of modes, the time derivative, P,
   sums of vectors) is in `ours_ms` alone. A certificate is up to certify.iterations of these, a step
   of `leray refine` up to refine.iterations. One JSON object per line; best of several samples. */
#include "bench.h"

#include "core/threads.h"
#include "refine/frames.h"
#include "refine/krylov.h"
#include "solvers/solver.h"

#include <stdio.h>
#include <string.h>

extern const leray_solver_type leray_solver_ns2d;

enum { GIVEN = 10, FRAMES = 40, ITERATIONS = 10 };

typedef struct subject {
    leray_residual residual;
    leray_refine_frames frames;
    leray_krylov *krylov;
    double *b, *x;
    int iterations; /* of a call */
    double complex *values, *spectrum;
} subject;

static void there_and_back(void *what)
{
    subject *s = what;

    leray_fft_lines_forward_raw(s->residual.band.plane, s->values, s->spectrum);
    leray_fft_lines_inverse(s->residual.band.plane, s->spectrum, s->values);
    memset(s->values, 0, s->residual.band.points * sizeof *s->values);
}

static void iterate(void *what)
{
    subject *s = what;
    double left;
    int taken;

    if (leray_krylov_solve(s->krylov, s->b, ITERATIONS, 1e-30, s->x, &taken, &left)) {
        fprintf(stderr, "%s\n", leray_error_message());
        exit(1);
    }
    s->iterations = taken;
}

static leray_status make(subject *s, leray_solver *solver, int modes, leray_krylov_method method)
{
    const leray_refine_shape shape = {
        {0, 0},
        GIVEN, FRAMES, 0.2
    };
    const int top[2] = {modes, modes};
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, (uint32_t)modes, 0);
    leray_vorticity_equation equation;
    size_t all;

    LERAY_TRY(leray_solver_equation(solver, &equation));
    LERAY_TRY(leray_residual_init(&s->residual, &shape, top, &equation, 6, 1));
    all = (GIVEN + FRAMES) * s->residual.band.modes;
    for (size_t i = 0; i < all; i++)
        s->residual.w[i] = leray_rng_normal(&rng) + I * leray_rng_normal(&rng);
    leray_residual_evaluate(&s->residual);
    LERAY_TRY(leray_refine_frames_init(&s->frames, &s->residual));
    LERAY_TRY(leray_krylov_create(&s->frames.problem, method, &s->krylov));
    LERAY_TRY(LERAY_ALLOC(&s->b, s->frames.problem.equations));
    LERAY_TRY(LERAY_ALLOC(&s->x, s->frames.problem.unknowns));
    for (size_t i = 0; i < s->frames.problem.equations; i++) s->b[i] = leray_rng_normal(&rng);
    LERAY_TRY(LERAY_ALLOC(&s->values, s->residual.band.points));
    return LERAY_ALLOC(&s->spectrum, s->residual.band.points);
}

static void unmake(subject *s)
{
    leray_mem_free(s->spectrum);
    leray_mem_free(s->values);
    leray_mem_free(s->x);
    leray_mem_free(s->b);
    leray_krylov_destroy(&s->krylov);
    leray_refine_frames_fini(&s->frames);
    leray_residual_fini(&s->residual);
}

static leray_status report(leray_solver *solver, int modes, leray_krylov_method method, int threads)
{
    subject s = {0};
    leray_status status;

    leray_threads_set(threads);
    status = make(&s, solver, modes, method);
    if (!status) {
        double before = bench_best_ms(there_and_back, &s) / 2;
        double ours = bench_best_ms(iterate, &s) / s.iterations;
        double after = bench_best_ms(there_and_back, &s) / 2;
        double floor_ms = 4.0 * FRAMES / threads * (before < after ? before : after);

        printf("{\"name\":\"%s_%d_modes_%d_frames\",\"threads\":%d,\"grid\":%d,\"ours_ms\":%.3f,"
               "\"floor_ms\":%.3f,\"ratio\":%.3f}\n",
               method == LERAY_KRYLOV_LSQR ? "lsqr" : "bicgstab", modes, FRAMES, threads,
               s.residual.band.n[0], ours, floor_ms, ours / floor_ms);
        fflush(stdout);
    }
    unmake(&s);
    return status;
}

static leray_status run(leray_solver **solver)
{
    static const int modes[] = {10, 21, 42, 85};
    leray_config *cfg = NULL;
    leray_status status = leray_config_from_section("solver", "{n: 256, forcing: {type: fno}}",
                                                    leray_solver_ns2d.keys, &cfg);

    if (!status) status = leray_solver_create_type(&leray_solver_ns2d, cfg, "solver", solver);
    leray_config_destroy(&cfg);
    if (!status) status = leray_solver_start(*solver, 1, 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        for (int method = LERAY_KRYLOV_BICGSTAB; method <= LERAY_KRYLOV_LSQR; method++)
            for (int threads = 1; threads <= 2 && threads <= leray_threads_available(); threads++)
                if (!status)
                    status = report(*solver, modes[i], (leray_krylov_method)method, threads);
    return status;
}

int main(void)
{
    leray_solver *solver = NULL;
    leray_status status = run(&solver);

    if (status) fprintf(stderr, "%s\n", leray_error_message());
    leray_solver_destroy(&solver);
    return leray_status_exit_code(status);
}
