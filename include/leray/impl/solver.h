/* leray/impl/solver.h - what a solver must implement.

   To add a solver: write solvers/<name>.c or solvers/<name>/ exporting one leray_solver_type
   called leray_solver_<name>, and add one line to solvers/solvers.def; or put it into a plugin
   (leray/impl/plugin.h). */
#ifndef LERAY_IMPL_SOLVER_H
#define LERAY_IMPL_SOLVER_H

#include <leray/impl/comm.h>
#include <leray/impl/config.h>
#include <leray/impl/mem.h>
#include <leray/solver.h>

#ifdef __cplusplus
extern "C" {
#endif

struct leray_vorticity_equation;

typedef struct leray_solver_type {
    const char *name;     /* as in solvers.def */
    const char *summary;  /* one line for `leray list solvers` */
    size_t size;          /* sizeof the struct whose first member is leray_solver */
    leray_keys keys;      /* of its section; rows marked as parameters may vary over an ensemble */
    size_t settings_size; /* sizeof the struct that the keys fill */

    /* REQUIRED. self is zeroed but for `base`; base->settings is read from the deck and lives as
       long as self. All allocation is here, plans included. cfg and section serve
       leray_config_where in errors. */
    leray_status (*init)(leray_solver *self, const leray_config *cfg, const char *section);
    void (*fini)(leray_solver *self); /* must accept a half-initialised self */

    /* REQUIRED. The initial field of base->simulation in ensemble base->seed; time and steps
       are 0 already. */
    leray_status (*start)(leray_solver *self);

    /* REQUIRED. One step of dt > 0; base->time is still that of its beginning, and the caller
       moves it on. Checks that the state is finite; if not, returns leray_solver_diverged(). */
    leray_status (*step)(leray_solver *self, double dt);

    /* REQUIRED. Fields and grid, which the solver owns; time is filled in already. count may stay 0
       where one rank has the whole grid. Called before the first start too, for names and grid. */
    void (*frame)(leray_solver *self, leray_frame *frame);

    /* OPTIONAL: NULL means the default. */
    double (*max_dt)(leray_solver *self); /* the deck's step from the present state, which must
                                             not depend on anything that save leaves out;
                                             default: advance takes one step */
    leray_status (*set_parameters)(leray_solver *self); /* a parameter in settings has changed;
                                                           default: nothing depends on it */
    int (*statistics)(leray_solver *self, const leray_statistic **out); /* default: none */
    const struct leray_spectral_view *(*view)(leray_solver *self);      /* default: not a spectral
                                                                      solver; valid until fini */
    bool shared; /* one simulation may be divided among ranks */
    /* The equation that it solves with its present parameters, for residuals (solvers/vorticity.h);
       valid until fini or the next set_parameters. Errors: UNSUPPORTED with what in the deck stands
       in the way. Default: it has none to show. */
    leray_status (*equation)(leray_solver *self, struct leray_vorticity_equation *out);
    /* In place of start: the state from the fields of a frame on any grid over the same lengths; modes
       that the solver does not keep are dropped. Errors: DATA. Default: cannot. */
    leray_status (*assign)(leray_solver *self, const leray_frame *frame);

    /* OPTIONAL, all three or none: the state in bytes, parameters and base apart. save writes
       state_size bytes, restore reads as many; after it the next step's bits are those that
       the saved solver's would be. */
    size_t (*state_size)(const leray_solver *self);
    void (*save)(const leray_solver *self, void *bytes);
    leray_status (*restore)(leray_solver *self, const void *bytes);
} leray_solver_type;

struct leray_solver {
    const leray_solver_type *type;
    const leray_comm *comm; /* the ranks it works on; collectives are theirs */
    leray_comm *own_comm;   /* where it is the solver's to destroy; else NULL */
    void *settings;         /* settings_size bytes: the section, with parameters as set since */
    uint64_t seed;
    uint32_t simulation;
    bool started;
    double time, dt; /* dt: of the last step */
    long steps;
};

/* For step(): raises DIVERGED with step, time, dt, the CFL number (NAN where the solver has
   none) and what to do. */
LERAY_API leray_status leray_solver_diverged(const leray_solver *self, double dt, double cfl);

#ifdef __cplusplus
}
#endif
#endif
