/* solvers/pseudospectral/diagnostics/diagnostic.h - what is measured of a spectral flow while it runs, each kind
   with its own period. Private.

   To add one: write solvers/pseudospectral/diagnostics/<name>.c exporting one leray_diagnostic_type called
   leray_diagnostic_<name>, and add one line to diagnostics.def. Its section of a deck is
   output.<name>: the key `every` and its own keys; its table goes to <name>.csv and to the group
   <name> of statistics.h5. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_DIAGNOSTIC_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_DIAGNOSTIC_H

#include "core/config.h"
#include "core/mem.h"
#include "solvers/pseudospectral/engine/view.h"
#include "solvers/solver.h"

/* Rows of numbers measured at one time: one row for scalars, one for each shell, separation or bin
   for curves. Names and the number of rows stay the same over a run. */
typedef struct leray_measured {
    int columns, rows;
    const char *const *column, *const *unit; /* [columns], C identifiers */
    const double *value;                     /* [rows, columns]; a view until the next measure */
} leray_measured;

typedef struct leray_diagnostic leray_diagnostic;

typedef struct leray_diagnostic_type {
    const char *name;    /* as in diagnostics.def */
    const char *summary; /* one line for `leray list diagnostics` */
    size_t size;         /* sizeof the struct whose first member is leray_diagnostic */
    leray_keys
        keys; /* of its section output.<name>; the first is `every`: LERAY_DIAGNOSTIC_EVERY */
    size_t settings_size; /* sizeof the struct that the keys fill; its first member: double every */

    /* REQUIRED. self is zeroed but for `base`; all allocation is here. Every rank of the solver's
       group makes it and makes every call on it. Errors: CONFIG (a key that the flow does not
       allow), MEMORY, EXTERNAL. */
    leray_status (*init)(leray_diagnostic *self, const leray_config *cfg, const char *section);
    void (*fini)(leray_diagnostic *self);
    /* REQUIRED. Of the present state, the same numbers on every rank. Must not change a bit of the
       run: passes may be used (then leray_integrator_touch). */
    leray_status (*measure)(leray_diagnostic *self);
    void (*table)(leray_diagnostic *self, leray_measured *out); /* of the last measure */
} leray_diagnostic_type;

struct leray_diagnostic {
    const leray_diagnostic_type *type;
    void *settings;
    leray_solver *solver;
    const leray_spectral_view *view;
};

#define LERAY_DIAGNOSTIC_EVERY(S) \
    LERAY_KEY_REAL(S, every, "every", "0", 0, 1e12, "time", "time between measurements; 0: never")

/* Errors: UNSUPPORTED where the solver has no view; as init. */
LERAY_NODISCARD leray_status leray_diagnostic_create(const leray_diagnostic_type *type,
                                                     leray_solver *solver, const leray_config *cfg,
                                                     const char *section, leray_diagnostic **out);
void leray_diagnostic_destroy(leray_diagnostic **diagnostic); /* accepts a pointer to NULL */
double leray_diagnostic_every(const leray_diagnostic *diagnostic);
LERAY_NODISCARD leray_status leray_diagnostic_measure(leray_diagnostic *diagnostic,
                                                      leray_measured *out);

#endif
