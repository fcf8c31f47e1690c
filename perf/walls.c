/* perf/walls.c - time of one step of walls2d, a lid-driven cavity, per cell, against its floor.

   One JSON object per line:
     {"name", "n", "threads", "ours_ns", "poisson_ns", "fft_ns", "floor_ns", "floor_fft_ns", "floor_bytes_ns"}

   All are nanoseconds per cell. ours_ns is a step of three stages; poisson_ns one direct solution of the pressure;
   fft_ns the complex transforms in it alone, two rows in each, there and back. The floor of a step is three times
   fft_ns on the threads of the run, plus the bytes of a stage at the bandwidth of a triad measured in the same
   run: momentum reads u, v and the old rates and writes new velocities and rates (8 numbers), the divergence 2 read and 1
   written, the pressure 1 read and 1 written beside its transforms, the projection 3 read and 2 written: 18 numbers.
   Where everything stays in cache that bandwidth is not the limit, and a step can be below this floor. */
#include "bench.h"

#include "core/fft.h"
#include "core/threads.h"
#include "solvers/walls/walls2d.h"

#include <complex.h>
#include <omp.h>
#include <stdio.h>

extern const leray_solver_type leray_solver_walls2d;

typedef struct work {
    walls2d *solver;
    leray_fft_lines *line;
    double complex *rows; /* [ny / 2, nx] */
    double complex *to;   /* [threads, nx] */
    int threads;
    bool failed;
} work;

static void one_step(void *what)
{
    work *w = what;

    if (leray_solver_step(&w->solver->base, 0.2 / w->solver->nx)) w->failed = true;
}

static void one_pressure(void *what)
{
    work *w = what;

    walls_poisson_solve(w->solver->poisson, w->solver->p);
}

static void transforms(void *what)
{
    work *w = what;
    size_t n = (size_t)w->solver->nx;

#pragma omp parallel for schedule(static) num_threads(w->threads)
    for (int m = 0; m < w->solver->ny / 2; m++) {
        double complex *row = w->rows + (size_t)m * n;
        double complex *to = w->to + (size_t)omp_get_thread_num() * n;

        leray_fft_lines_forward_raw(w->line, row, to);
        leray_fft_lines_inverse(w->line, to, row);
        for (size_t i = 0; i < n; i++) row[i] *= 1e-3; /* so that they do not grow */
    }
}

static leray_status measure(work *w, int n)
{
    double per_cell = 1e6 / ((double)n * n), bandwidth = 1, step, pressure, fft, bytes;

    LERAY_TRY(leray_fft_lines_create(n, 1, &w->line));
    LERAY_TRY(LERAY_ALLOC(&w->rows, (size_t)(n / 2) * (size_t)n));
    LERAY_TRY(LERAY_ALLOC(&w->to, (size_t)w->threads * (size_t)n));
    LERAY_TRY(leray_solver_start(&w->solver->base, 0, 0));
    for (int k = 0; k < 20; k++) one_step(w);
    step = bench_best_ms(one_step, w) * per_cell;
    fft = bench_best_ms(transforms, w) * per_cell;
    pressure = bench_best_ms(one_pressure, w) * per_cell;
    LERAY_TRY(bench_bandwidth(&bandwidth));
    bytes = 3 * 18 * 8 / bandwidth * 1e9;
    LERAY_CHECK(!w->failed, LERAY_ERR_INTERNAL, "a step has failed");
    printf(
        "{\"name\": \"walls2d_cavity\", \"n\": %d, \"threads\": %d, \"ours_ns\": %.2f, "
        "\"poisson_ns\": "
        "%.2f, \"fft_ns\": %.2f, \"floor_ns\": %.2f, \"floor_fft_ns\": %.2f, \"floor_bytes_ns\": "
        "%.2f}\n",
        n, w->threads, step, pressure, fft, 3 * fft + bytes, 3 * fft, bytes);
    fflush(stdout);
    return LERAY_OK;
}

static leray_status run(int n, int threads)
{
    work w = {.threads = threads};
    leray_config *cfg;
    leray_solver *solver = NULL;
    char yaml[96];
    leray_status status;

    leray_threads_set(threads);
    snprintf(yaml, sizeof yaml, "{n: %d, nu: 1e-3, top.velocity: 1, dt: 1}", n);
    LERAY_TRY(leray_config_from_section("solver", yaml, leray_solver_walls2d.keys, &cfg));
    status = leray_solver_create_type(&leray_solver_walls2d, cfg, "solver", &solver);
    w.solver = (walls2d *)solver;
    if (!status) status = measure(&w, n);
    leray_mem_free(w.to);
    leray_mem_free(w.rows);
    leray_fft_lines_destroy(&w.line);
    leray_solver_destroy(&solver);
    leray_config_destroy(&cfg);
    return status;
}

int main(void)
{
    static const int sizes[] = {64, 128, 256, 512, 1024};
    leray_status status = LERAY_OK;

    leray_log_set_level(LERAY_LOG_QUIET);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int threads = 1; threads <= 2 && !status; threads++) status = run(sizes[i], threads);
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    return leray_status_exit_code(status);
}
