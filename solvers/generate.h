/* solvers/generate.h - an ensemble to a file in The Well's layout, and its statistics to CSV.
   Private. */
#ifndef LERAY_SOLVERS_GENERATE_H
#define LERAY_SOLVERS_GENERATE_H

#include "solvers/ensemble.h"

#include <signal.h>

typedef struct leray_generated {
    int simulations, failed;
    long frames; /* written */
    double seconds;
} leray_generated;

/* Runs the ensemble on leray_threads() threads. `fields` and `statistics` are paths; both appear
   complete or not at all. statistics has one row per frame: simulation, parameters, time, then
   what the solver knows of the flow. A simulation that diverges is logged and counted; its
   frames up to then are kept. Errors: INTERRUPTED if *stop became true (nothing is left), IO,
   the solver's own but DIVERGED; DIVERGED if no simulation reached its first frame. */
LERAY_NODISCARD leray_status leray_generate(const leray_ensemble *ensemble, const char *name,
                                            const char *provenance, const char *fields,
                                            const char *statistics,
                                            const volatile sig_atomic_t *stop,
                                            leray_generated *out);

#endif
