/* solvers/run/run_impl.h - what the files of solvers/run/run.h share. */
#ifndef LERAY_SOLVERS_RUN_RUN_IMPL_H
#define LERAY_SOLVERS_RUN_RUN_IMPL_H

#include "core/log.h"
#include "solvers/run/run.h"
#include "solvers/run/state.h"

/* ---- due times (due.c) ---- */

typedef struct leray_due {
    double first, every; /* at first + k * every; every 0: never */
    long next, count;    /* k; count 0: no end */
} leray_due;

double leray_due_next(const leray_due *s); /* INFINITY: never again */
/* Times that differ by rounding are one. */
bool leray_due_reached(const leray_due *s, double time);
/* To the first k at or behind `time`; with `past` behind it. */
void leray_due_skip(leray_due *s, double time, bool past);

/* ---- tables (tables.c) ---- */

typedef struct leray_output_table {
    const char *name;
    leray_diagnostic *diagnostic; /* NULL: the statistics */
    leray_due when;
    int columns;                             /* 0 until measured */
    const char *const *column, *const *unit; /* [columns], the diagnostic's, or `names` */
    /* Of the statistics, which come one by one. */
    int room;
    const char **names; /* [2, room] columns, then units */
    double *value;      /* [room] */
} leray_output_table;

void leray_output_table_fini(leray_output_table *t);

/* Every rank: measures, and rank 0 appends to folder/<name>.csv; folder NULL: only learns the names. */
LERAY_NODISCARD leray_status leray_output_table_take(leray_output_table *t, leray_solver *solver,
                                                     const char *folder);
/* On one rank: drops rows behind `time` and what is not a whole line. */
LERAY_NODISCARD leray_status leray_output_table_trim(const leray_output_table *t,
                                                     const char *folder, double time);
LERAY_NODISCARD leray_status leray_output_table_remove(const leray_output_table *t,
                                                       const char *folder);
LERAY_NODISCARD leray_status leray_output_table_sync(const leray_output_table *t,
                                                     const char *folder);
/* On one rank: statistics.h5 from the tables that are there. */
LERAY_NODISCARD leray_status leray_tables_collect(int n, const leray_output_table *t,
                                                  const char *folder, const char *provenance);

/* ---- frames (frames.c) ---- */

typedef struct leray_frames_output {
    leray_due when;
    int skipped; /* frames before the run began: step k of the schedule is k - skipped of the file */
    int total;   /* in the file when it is complete */
} leray_frames_output;

/* Every rank. */
LERAY_NODISCARD leray_status leray_frames_create(const leray_frames_output *f, leray_solver *solver,
                                                 const leray_run_plan *plan);
LERAY_NODISCARD leray_status leray_frames_take(const leray_frames_output *f, leray_solver *solver,
                                               const leray_run_plan *plan);
/* On one rank. cut: back to the schedule's next. */
LERAY_NODISCARD leray_status leray_frames_cut(const leray_frames_output *f, const char *folder);
LERAY_NODISCARD leray_status leray_frames_sync(const char *folder);
LERAY_NODISCARD leray_status leray_frames_pause(const leray_frames_output *f, const char *folder);
LERAY_NODISCARD leray_status leray_frames_finish(const char *folder);
LERAY_NODISCARD leray_status leray_frames_remove(const char *folder);

/* ---- a run (prepare.c, then run.c) ---- */

typedef struct leray_run {
    const leray_run_plan *plan;
    leray_run_summary *out;
    leray_solver *solver;
    leray_state_settings state_settings;
    leray_restart_settings restart;
    char *deck;          /* what of it decides the flow and the outputs, "path: value" a line */
    double clock, began; /* wall time, and simulated time, of the begin */
    double saved_clock;  /* wall time of the last state */
    double saved_time;   /* simulated time of the last state; NAN: none */
    long saved_steps;
    bool saves;
    leray_frames_output frames;
    leray_due states;
    int n_tables;
    leray_output_table table[LERAY_RUN_DIAGNOSTICS + 1];
    leray_progress progress;
} leray_run;

bool leray_run_first(const leray_run *r); /* rank 0 */
double leray_run_end(const leray_run *r); /* time of the last frame */

/* On rank 0, agreed by all. */
#define ON_FIRST(r, call) leray_comm_agree((r)->plan->comm, leray_run_first(r) ? (call) : LERAY_OK)

/* Makes the solver and the outputs. Then: from the beginning, or where the folder's run is. Every rank. */
LERAY_NODISCARD leray_status leray_run_make(leray_run *r);
LERAY_NODISCARD leray_status leray_run_prepare(leray_run *r);

#endif
