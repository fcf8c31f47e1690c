/* solvers/run/run.h - one simulation, on all ranks of a group, with its outputs in a folder. Private.

   Each output has its own period. It is taken at the times k * every, k = 0, 1, .. counted from time
   0 (frames: warmup + k * interval), to which the solver advances exactly; the last frame is the end.
     fields.h5 + .xdmf      frames; fields.partial.h5 until the last one is there
     statistics.csv         what the solver knows of the flow
     <diagnostic>.csv       what is measured of it: time, then its columns; of a curve one row for each
                            point, at every time
     statistics.h5          the same tables, written when a run ends or stops
     state.h5               solvers/run/state.h: at the beginning, with its period in simulated time
                            and in wall time, when the run stops, and at the end
   A run that ended in any way goes on from its last state in the same folder: tables and frames are
   cut back to that time, and the files at the end are those of a run that was never interrupted. */
#ifndef LERAY_SOLVERS_RUN_RUN_H
#define LERAY_SOLVERS_RUN_RUN_H

#include "core/file.h"
#include "solvers/ensemble.h"
#include "solvers/pseudospectral/diagnostics/diagnostic.h"

#include <signal.h>

/* Section "output.state". */
typedef struct leray_state_settings {
    double every, minutes;
} leray_state_settings;
extern const leray_keys leray_state_keys;

/* Section "output.statistics". */
typedef struct leray_statistics_settings {
    double every;
} leray_statistics_settings;
extern const leray_keys leray_statistics_keys;

/* Section "restart". */
typedef struct leray_restart_settings {
    char path[LERAY_TEXT_MAX];
    int time; /* LERAY_RESTART_KEEP, LERAY_RESTART_ZERO */
} leray_restart_settings;
enum { LERAY_RESTART_KEEP, LERAY_RESTART_ZERO };
extern const leray_keys leray_restart_keys;

#define LERAY_RUN_DIAGNOSTICS 32 /* kinds, at most */

typedef struct leray_run_plan {
    const leray_ensemble *ensemble; /* its deck, solver, seed and frames; nothing varies */
    const leray_comm *comm;
    int n_diagnostics; /* those that the deck asks for are made */
    const leray_diagnostic_type *const *diagnostic;
    const char *name, *folder, *provenance;
    double elapsed; /* wall seconds after which the run stops; 0: none */
    bool fresh;     /* forget what is in the folder */
    const volatile sig_atomic_t *stop;
} leray_run_plan;

typedef struct leray_run_summary {
    int frames; /* in fields.h5 */
    long steps; /* of the simulation */
    double time, seconds;
    bool resumed;
    int n_statistics;           /* of the last state */
    leray_statistic *statistic; /* [n_statistics], to be freed with leray_mem_free */
} leray_run_summary;

/* Every rank. Errors: INTERRUPTED when *stop became true on any rank or the time is over, with the
   state saved; CONFIG (restart, outputs; another deck than the folder's); DATA (states);
   DIVERGED, naming the last good state; IO; the solver's own. */
LERAY_NODISCARD leray_status leray_run_simulation(const leray_run_plan *plan,
                                                  leray_run_summary *out);

/* Makes all that the deck asks for and lets it go: the same errors before the first step. Every rank.
   plan->folder is not used. */
LERAY_NODISCARD leray_status leray_run_check(const leray_run_plan *plan);

#endif
