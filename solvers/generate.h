/* solvers/generate.h - an ensemble to a file in The Well's layout, and its statistics to CSV.
   Private. */
#ifndef LERAY_SOLVERS_GENERATE_H
#define LERAY_SOLVERS_GENERATE_H

#include "core/comm.h"
#include "solvers/ensemble.h"

#include <signal.h>

typedef struct leray_generate_job {
    const leray_comm *comm; /* the ranks that share the simulations; NULL: this one alone */
    const char *name, *provenance;
    const char *fields, *statistics;   /* paths */
    const volatile sig_atomic_t *stop; /* may be NULL */
} leray_generate_job;

typedef struct leray_generated {
    int simulations, failed;
    long frames; /* written */
    double seconds;
} leray_generated;

/* Runs the ensemble on the ranks of the group, each with leray_threads() threads; every one of them calls this.
   Both files appear complete or not at all, and are the same whatever the number of ranks and threads. statistics
   has one row per frame: simulation, parameters, time, then what the solver knows of the flow. A simulation
   that diverges is logged and counted; its frames up to then are kept. Errors: CONFIG (ensemble.ranks does not
   divide the ranks); INTERRUPTED if *stop became true on any rank (nothing is left); IO; PEER; the solver's own
   but DIVERGED; DIVERGED if no simulation reached its first frame. */
LERAY_NODISCARD leray_status leray_generate(const leray_ensemble *ensemble,
                                            const leray_generate_job *job, leray_generated *out);

/* What can be checked without running: the groups, and a solver. Every rank of `comm`. */
LERAY_NODISCARD leray_status leray_generate_check(const leray_ensemble *ensemble,
                                                  const leray_comm *comm);

#endif
