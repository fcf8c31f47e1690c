/* solvers/ensemble.h - many simulations of one solver over ranges of its parameters. Private.

   Simulation i of an ensemble is a function of (seed, i) and the deck: its parameters are point
   i of the sampler, its initial field comes from the stream of simulation i. Frame k is taken at
   time warmup + k * interval, k = 0 .. frames-1. */
#ifndef LERAY_SOLVERS_ENSEMBLE_H
#define LERAY_SOLVERS_ENSEMBLE_H

#include "data/sampler.h"
#include "solvers/solver.h"

typedef struct leray_ensemble_settings {
    int64_t simulations, frames, clients, ranks;
    double interval, warmup;
    leray_reals delays;
} leray_ensemble_settings;

/* Section "ensemble". */
extern const leray_keys leray_ensemble_keys;

/* Section "parameters.<name of a solver's parameter>", one for each that the deck varies. */
typedef struct leray_range_settings {
    double min, max;
    int scale;
} leray_range_settings;
extern const leray_keys leray_range_keys;

typedef struct leray_ensemble {
    const leray_config *cfg; /* borrowed */
    const leray_solver_type *solver;
    leray_ensemble_settings settings;
    uint64_t seed;
    int n_parameters;
    const leray_key **parameter; /* [n_parameters] rows of the solver's table */
    leray_range *range;          /* [n_parameters] */
    leray_sampler *sampler;      /* NULL if nothing varies */
} leray_ensemble;

/* Reads sections "ensemble" and "parameters". simulations, frames > 0 replace the deck's numbers;
   a held-out ensemble has another seed, so other parameters and other initial fields.
   Errors: CONFIG, MEMORY. Call fini whatever comes back. */
LERAY_NODISCARD leray_status leray_ensemble_init(leray_ensemble *ensemble, const leray_config *cfg,
                                                 const leray_solver_type *solver,
                                                 const leray_sampler_type *sampler, uint64_t seed,
                                                 int64_t simulations, int64_t frames);
void leray_ensemble_fini(leray_ensemble *ensemble);

/* The varied parameters of simulation i, values [n_parameters]. */
LERAY_NODISCARD leray_status leray_ensemble_parameters(const leray_ensemble *ensemble, int i,
                                                       double *values);

/* A solver for simulations of this ensemble, from section "solver". */
LERAY_NODISCARD leray_status leray_ensemble_solver(const leray_ensemble *ensemble,
                                                   leray_solver **out);

/* The same, divided among the ranks of `comm`. */
LERAY_NODISCARD leray_status leray_ensemble_solver_on(const leray_ensemble *ensemble,
                                                      const leray_comm *comm, leray_solver **out);

/* Sets the parameters and begins simulation i. Errors: DIVERGED and the solver's own. */
LERAY_NODISCARD leray_status leray_ensemble_start(const leray_ensemble *ensemble,
                                                  leray_solver *solver, int i);
/* Advances to frame k, from any earlier one. */
LERAY_NODISCARD leray_status leray_ensemble_advance(const leray_ensemble *ensemble,
                                                    leray_solver *solver, int k);

/* Room for the varied parameters of one simulation, free with leray_mem_free. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_ensemble_values(const leray_ensemble *ensemble, double **out);

/* "nu = 0.00123, forcing.amplitude = 0.1" for logs. */
void leray_ensemble_describe(const leray_ensemble *ensemble, const double *values, size_t size,
                             char *out);

#endif
