/* perf/solvers.c - time of one solver step against its floor, and its memory.

   The floor of a step is its number of real transforms times the time of one: the mean of r2c and
   c2r of the whole grid, in place, planned by FFTW with MEASURE and timed in the same run on one
   thread, before and after the solver (the smaller counts). A solver may go below it, because it
   skips what dealiasing leaves empty. Real transforms of a right-hand side: ns2d 4 (Basdevant), ns3d
   8, with smagorinsky 13, with wale and vreman 16, mixed 24; dynamic models measure their coefficient once a
   step besides, which is not in their floor. One JSON object per line; times are the best of several
   samples. bytes_per_point is what the solver has allocated, over the points of the grid. */
#include "bench.h"

#include "core/config.h"
#include "core/launch.h"
#include "core/threads.h"
#include "solvers/solver.h"

#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const leray_solver_type leray_solver_ns2d, leray_solver_ns3d;

typedef struct subject {
    const char *name;
    const leray_solver_type *type;
    int ndim, n;
    int transforms; /* real ones of a step */
    const char *yaml;
} subject;

#define NS2D(n, keys, k)                                                    \
    {                                                                       \
        "ns2d" k, &leray_solver_ns2d, 2, n, 16, "forcing: {type: fno}" keys \
    }
#define NS3D(n, keys, k, transforms)                                                         \
    {                                                                                        \
        "ns3d" k, &leray_solver_ns3d, 3, n, transforms, "initial: {type: taylor-green}" keys \
    }

static const subject subjects[] = {
    NS2D(64, "", ""),
    NS2D(256, "", ""),
    NS2D(512, "", ""),
    NS2D(1024, "", ""),
    NS2D(512, ", precision: single", "_single"),
    {"ns2d_rk3cn", &leray_solver_ns2d, 2, 512, 12, "forcing: {type: fno}, scheme: rk3cn"},
    NS3D(32, "", "", 32),
    NS3D(64, "", "", 32),
    NS3D(128, "", "", 32),
    NS3D(128, ", precision: single", "_single", 32),
    NS3D(64, ", les: {type: smagorinsky}", "_smagorinsky", 52),
    NS3D(128, ", les: {type: smagorinsky}", "_smagorinsky", 52),
    NS3D(64, ", les: {type: wale}", "_wale", 64),
    NS3D(64, ", les: {type: vreman}", "_vreman", 64),
    NS3D(64, ", les: {type: spectral}", "_spectral", 32),
    NS3D(64, ", les: {type: dynamic-smagorinsky}", "_dynamic", 52),
    NS3D(64, ", les: {type: mixed}", "_mixed", 96),
};

typedef struct transform {
    fftw_plan forward, inverse;
} transform;

static void there_and_back(void *what)
{
    transform *t = what;

    fftw_execute(t->forward);
    fftw_execute(t->inverse);
}

/* One real transform: the mean of both directions. The field is zero, so that unscaled ones can be
   repeated. */
static leray_status measure_floor(const subject *s, double *ms)
{
    int shape[] = {s->n, s->n, s->n};
    size_t size = (size_t)(s->n / 2 + 1) * 2;
    transform t;
    double *x;

    for (int d = 1; d < s->ndim; d++) size *= (size_t)s->n;
    LERAY_TRY(LERAY_ALLOC(&x, size));
    t.forward = fftw_plan_dft_r2c(s->ndim, shape, x, (fftw_complex *)(void *)x, FFTW_MEASURE);
    t.inverse = fftw_plan_dft_c2r(s->ndim, shape, (fftw_complex *)(void *)x, x, FFTW_MEASURE);
    memset(x, 0, size * sizeof *x);
    *ms = bench_best_ms(there_and_back, &t) / 2;
    fftw_destroy_plan(t.forward);
    fftw_destroy_plan(t.inverse);
    leray_mem_free(x);
    return LERAY_OK;
}

static void one_step(void *what)
{
    if (leray_solver_step(what, 1e-5)) {
        fprintf(stderr, "%s\n", leray_error_message());
        exit(4);
    }
}

static leray_status measure_step(const subject *s, double *ms, double *bytes)
{
    char yaml[256];
    leray_config *cfg = NULL;
    leray_solver *solver = NULL;
    size_t before;
    leray_status status;

    snprintf(yaml, sizeof yaml, "{n: %d, %s}", s->n, s->yaml);
    status = leray_config_from_section("solver", yaml, s->type->keys, &cfg);
    before = leray_mem_bytes();
    if (!status)
        status = leray_solver_create_type_on(leray_launch_comm(), s->type, cfg, "solver", &solver);
    *bytes = (double)(leray_mem_bytes() - before);
    for (int d = 0; d < s->ndim; d++) *bytes /= s->n;
    if (!status) status = leray_solver_start(solver, 1, 0);
    if (!status) *ms = bench_best_ms(one_step, solver);
    leray_solver_destroy(&solver);
    leray_config_destroy(&cfg);
    return status;
}

static leray_status report(const subject *s, int threads)
{
    double ours, before, after, floor_ms, bytes;

    leray_threads_set(threads);
    LERAY_TRY(measure_floor(s, &before));
    LERAY_TRY(measure_step(s, &ours, &bytes));
    LERAY_TRY(measure_floor(s, &after));
    floor_ms = s->transforms * (before < after ? before : after);
    if (leray_comm_rank(leray_launch_comm()) > 0) return LERAY_OK;
    printf("{\"name\":\"%s_%d\",\"ranks\":%d,\"threads\":%d,\"ours_ms\":%.4f,\"floor_ms\":%.4f,"
           "\"ratio\":%.3f,"
           "\"transforms\":%d,\"bytes_per_point\":%.1f}\n",
           s->name, s->n, leray_comm_size(leray_launch_comm()), threads, ours, floor_ms,
           ours / floor_ms, s->transforms, bytes);
    fflush(stdout);
    return LERAY_OK;
}

/* perf_solvers [NAME]: all subjects, or those whose name begins so; under mpirun divided among the
   ranks, with one thread each. */
int main(int argc, char **argv)
{
    leray_status status = leray_launch_begin();
    int all = leray_threads_available() > 1 && leray_comm_size(leray_launch_comm()) == 1 ? 2 : 1;

    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        if (argc > 1 && strncmp(subjects[i].name, argv[1], strlen(argv[1])) != 0) continue;
        for (int threads = 1; threads <= all && !status; threads++)
            status = report(&subjects[i], threads);
    }
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    leray_launch_end();
    return leray_status_exit_code(status);
}
