/* tests/online_tools.h - ensembles from a deck's text, and their frames without any stream. */
#ifndef LERAY_TESTS_ONLINE_TOOLS_H
#define LERAY_TESTS_ONLINE_TOOLS_H

#include "check.h"

#include "solvers/ensemble.h"
#include <leray/config.h>

extern const leray_solver_type leray_solver_ns2d;
extern const leray_sampler_type leray_sampler_sobol;

/* A flow that is cheap and turbulent enough for every frame to differ. */
#define CHEAP_FLOW                                                  \
    "solver: {type: ns2d, n: 16, dt: 0.05, forcing: {type: fno}}\n" \
    "parameters: {sampler: sobol, nu: {min: 1e-3, max: 1e-2, scale: log}}\n"

/* Forcing over six decades at a fixed step: the strong ones are not stable. */
#define UNSTABLE_FLOW                                               \
    "solver: {type: ns2d, n: 16, dt: 0.05, forcing: {type: fno}}\n" \
    "parameters: {forcing.amplitude: {min: 0.1, max: 1e5, scale: log}}\n"

static inline leray_status try_ensemble(const char *deck, uint64_t seed, leray_config **cfg,
                                        leray_ensemble *e)
{
    leray_status status;

    memset(e, 0, sizeof *e);
    LERAY_TRY(leray_config_open_text("test", deck, 0, NULL, cfg));
    status = leray_ensemble_init(e, *cfg, &leray_solver_ns2d, &leray_sampler_sobol, seed, 0, 0);
    if (status) leray_config_destroy(cfg);
    return status;
}

/* All frames of all simulations, float [simulations, frames, size]; frames_of [simulations] says
   how many there are before the simulation diverges. Free both with leray_mem_free. */
typedef struct truth {
    size_t size;
    float *values;
    int *frames_of;
    int failed;
} truth;

static inline void simulate_truth(const leray_ensemble *e, truth *t)
{
    int n = (int)e->settings.simulations, frames = (int)e->settings.frames;
    leray_solver *solver;
    leray_frame frame;
    float *out;

    assert_ok(leray_ensemble_solver(e, &solver));
    leray_solver_frame(solver, &frame);
    t->size = (size_t)frame.nfields * (size_t)frame.grid->axis[0].n * (size_t)frame.grid->axis[1].n;
    t->failed = 0;
    assert_int_equal(frame.nfields, 1);
    assert_ok(LERAY_ALLOC(&t->values, (size_t)n * (size_t)frames * t->size));
    assert_ok(LERAY_ALLOC(&t->frames_of, (size_t)n));
    for (int i = 0; i < n; i++) {
        leray_status status = leray_ensemble_start(e, solver, i);

        for (int k = 0; k < frames && !status; k++) {
            status = leray_ensemble_advance(e, solver, k);
            if (status) break;
            leray_solver_frame(solver, &frame);
            out = t->values + ((size_t)i * (size_t)frames + (size_t)k) * t->size;
            for (size_t j = 0; j < t->size; j++) out[j] = (float)frame.field[0].values[j];
            t->frames_of[i]++;
        }
        assert_true(!status || status == LERAY_ERR_DIVERGED);
        t->failed += status != LERAY_OK;
    }
    leray_solver_destroy(&solver);
}

static inline const float *true_frame(const leray_ensemble *e, const truth *t, int i, int k)
{
    return t->values + ((size_t)i * (size_t)e->settings.frames + (size_t)k) * t->size;
}

static inline void free_truth(truth *t)
{
    leray_mem_free(t->values);
    leray_mem_free(t->frames_of);
}

#endif
