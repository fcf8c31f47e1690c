/* perf/solvers.c - time of one solver step against its floor.

   The floor of a Runge-Kutta step of ns2d is its 4 right-hand sides times 4 real transforms of the
   whole grid, each the mean of one r2c and one c2r by FFTW (MEASURE), timed in the same run. The
   solver may go below it: it skips what dealiasing leaves empty and carries two fields in one
   complex transform. Its own floor, lines_ms, is the one-dimensional transforms that are left, each
   timed in cache. One JSON object per line; times are the best of several samples. */
#include "core/config.h"
#include "core/fft.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/threads.h"
#include "solvers/solver.h"

#include <stdio.h>
#include <stdlib.h>

extern const leray_solver_type leray_solver_ns2d;

#define SAMPLES 12
#define SAMPLE_SECONDS 0.05

typedef void work(void *what);

static double best_ms(work *f, void *what)
{
    double best = 1e300;

    f(what);
    for (int sample = 0; sample < SAMPLES; sample++) {
        double start = leray_clock(), spent;
        int n = 0;

        do {
            f(what);
            n++;
            spent = leray_clock() - start;
        } while (spent < SAMPLE_SECONDS);
        if (1e3 * spent / n < best) best = 1e3 * spent / n;
    }
    return best;
}

typedef struct transform {
    leray_fft *fft;
    double *x;
    double complex *x_hat;
} transform;

static void there_and_back(void *what)
{
    transform *t = what;

    leray_fft_forward_raw(t->fft, t->x, t->x_hat);
    leray_fft_inverse(t->fft, t->x_hat, t->x);
}

/* One real transform of n x n points: the mean of both directions. The field is zero, so that
   unscaled transforms can be repeated. */
static leray_status measure_floor(int n, double *ms)
{
    int shape[] = {n, n};
    transform t = {0};
    leray_status status = leray_fft_create(2, shape, 1, &t.fft);

    if (!status) status = LERAY_ALLOC(&t.x, (size_t)n * (size_t)n);
    if (!status) status = LERAY_ALLOC(&t.x_hat, leray_fft_coefficients(t.fft));
    if (!status) *ms = best_ms(there_and_back, &t) / 2;
    leray_mem_free(t.x_hat);
    leray_mem_free(t.x);
    leray_fft_destroy(&t.fft);
    return status;
}

typedef struct line {
    leray_fft_lines *fft;
    double complex *x, *y;
} line;

static void lines(void *what)
{
    line *t = what;

    leray_fft_lines_forward_raw(t->fft, t->x, t->y);
    leray_fft_lines_inverse(t->fft, t->x, t->y);
}

/* Per right-hand side: 2 n lines along x, and 4 for each of the columns kept along y. */
static leray_status measure_lines(int n, double *ms)
{
    line t = {0};
    leray_status status = leray_fft_lines_create(n, 1, &t.fft);

    if (!status) status = LERAY_ALLOC(&t.x, (size_t)n);
    if (!status) status = LERAY_ALLOC(&t.y, (size_t)n);
    if (!status) *ms = 4 * (2 * n + 4 * ((n - 1) / 3 + 1)) * best_ms(lines, &t) / 2;
    leray_mem_free(t.y);
    leray_mem_free(t.x);
    leray_fft_lines_destroy(&t.fft);
    return status;
}

static void one_step(void *what)
{
    if (leray_solver_step(what, 1e-5)) {
        fprintf(stderr, "%s\n", leray_error_message());
        exit(4);
    }
}

static leray_status measure_step(int n, double *ms)
{
    char yaml[128];
    leray_config *cfg = NULL;
    leray_solver *s = NULL;
    leray_status status;

    snprintf(yaml, sizeof yaml, "{n: %d, forcing: {type: fno}}", n);
    status = leray_config_from_section("solver", yaml, leray_solver_ns2d.keys, &cfg);
    if (!status) status = leray_solver_create_type(&leray_solver_ns2d, cfg, "solver", &s);
    if (!status) status = leray_solver_start(s, 1, 0);
    if (!status) *ms = best_ms(one_step, s);
    leray_solver_destroy(&s);
    leray_config_destroy(&cfg);
    return status;
}

static leray_status report(int n, int threads)
{
    double ours, before, after, floor_ms, lines_ms;

    leray_threads_set(threads);
    LERAY_TRY(measure_floor(n, &before));
    LERAY_TRY(measure_step(n, &ours));
    LERAY_TRY(measure_floor(n, &after));
    LERAY_TRY(measure_lines(n, &lines_ms));
    floor_ms = 16 * (before < after ? before : after);
    printf("{\"name\":\"ns2d_step_%d\",\"threads\":%d,\"ours_ms\":%.4f,\"floor_ms\":%.4f,"
           "\"lines_ms\":%.4f,\"ratio\":%.3f,\"floor\":\"16 real %dx%d transforms, one "
           "thread\",\"peer\":null,"
           "\"peer_ms\":null}\n",
           n, threads, ours, floor_ms, lines_ms, ours / floor_ms, n, n);
    fflush(stdout);
    return LERAY_OK;
}

int main(void)
{
    static const int size[] = {64, 256, 512, 1024};
    leray_status status = LERAY_OK;
    int all = leray_threads_available() > 1 ? 2 : 1;

    for (int threads = 1; threads <= all && !status; threads++)
        for (size_t i = 0; i < sizeof size / sizeof size[0] && !status; i++)
            status = report(size[i], threads);
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    return leray_status_exit_code(status);
}
