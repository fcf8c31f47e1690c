/* perf/bench.h - what the benchmarks share: times, medians, and the two rates of this machine. */
#ifndef LERAY_PERF_BENCH_H
#define LERAY_PERF_BENCH_H

#include "core/launch.h"
#include "core/log.h"
#include "core/mem.h"
#include "tensor/kernels/kernels.h"
#include <leray/impl/rng.h>

#include <stdlib.h>

/* The peers' program, for a shell: in the environment that tools/deps.sh perf sets up. */
#define BENCH_PEER                                                               \
    "\"${LERAY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/leray/peers}\"/bin/python" \
    " perf/peers/operators_torch.py "
#define BENCH_SAMPLES 12
#define BENCH_SAMPLE_SECONDS 0.05
#define BENCH_RANKS_STEPS 5 /* of a sample on several ranks, which must agree on it */

static inline int bench_by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline double bench_median(int n, double *t)
{
    qsort(t, (size_t)n, sizeof *t, bench_by_size);
    return t[n / 2];
}

typedef void bench_work(void *what);

/* Milliseconds of f(what): the best of several samples, each of many calls. */
static inline double bench_best_ms(bench_work *f, void *what)
{
    double best = 1e300;

    f(what);
    for (int sample = 0; sample < BENCH_SAMPLES; sample++) {
        double start = leray_clock(), spent;
        int n = 0;

        do {
            f(what);
            n++;
            spent = leray_clock() - start;
        } while (leray_comm_size(leray_launch_comm()) > 1 ? n < BENCH_RANKS_STEPS
                                                          : spent < BENCH_SAMPLE_SECONDS);
        if (1e3 * spent / n < best) best = 1e3 * spent / n;
    }
    return best;
}

/* n normal numbers. */
static inline leray_status bench_draw(uint32_t stream, size_t n, float **x)
{
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, stream, 0);

    LERAY_TRY(LERAY_ALLOC(x, n));
    for (size_t i = 0; i < n; i++) (*x)[i] = (float)leray_rng_normal(&rng);
    return LERAY_OK;
}

/* Multiply-adds of a large matrix product per second, times two. */
static inline leray_status bench_flops(double *rate)
{
    const leray_kernels *k = leray_kernels_cpu(LERAY_F32);
    enum { n = 768 };
    float *a;
    double best = 1e9;

    LERAY_TRY(bench_draw(2, 3 * n * n, &a));
    for (int i = 0; i < 6; i++) {
        double t = leray_clock();

        if (k->gemm('N', 'N', n, n, n, 1, a, n, a + n * n, n, 0, a + 2 * n * n, n)) best = 0;
        t = leray_clock() - t;
        if (t < best) best = t;
    }
    leray_mem_free(a);
    LERAY_CHECK(best > 0, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    *rate = 2.0 * n * n * n / best;
    return LERAY_OK;
}

/* Bytes per second of a = b + 3 c, counted as three per element. */
static inline leray_status bench_bandwidth(double *rate)
{
    enum { n = 1 << 23 };
    float *a, *b, *c;
    double best = 1e9;

    LERAY_TRY(LERAY_ALLOC(&a, 3 * (size_t)n));
    b = a + n, c = b + n;
    for (int i = 0; i < 6; i++) {
        double t = leray_clock();

#pragma omp parallel for schedule(static)
        for (int j = 0; j < n; j++) a[j] = b[j] + 3 * c[j];
        t = leray_clock() - t;
        if (t < best) best = t;
    }
    leray_mem_free(a);
    *rate = 3.0 * n * sizeof(float) / best;
    return LERAY_OK;
}

#endif
