/* solvers/pseudospectral/engine/integrator_impl.h - what the files of solvers/pseudospectral/engine/integrator.h share. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_IMPL_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_IMPL_H

#include "solvers/pseudospectral/engine/integrator.h"
#include "solvers/pseudospectral/engine/scheme.h"

/* A thread's lines, [pitch] each but for factors. */
typedef struct march_lines {
    double complex *state[LERAY_INTEGRATOR_FIELDS], *change[LERAY_INTEGRATOR_FIELDS];
    double complex *next[LERAY_INTEGRATOR_FIELDS], *load[3];
    double *rate, *factor[LERAY_SCHEME_FACTORS]; /* [pitch], [2 pitch]: each factor twice */
} march_lines;

struct leray_integrator {
    leray_flow flow;
    void *self;
    const leray_box *box;
    leray_integrator_settings settings;
    const leray_scheme *scheme;
    leray_transforms *passes;
    leray_modes state, sum, extra, held, half;
    double *factor[LERAY_SCHEME_FACTORS]; /* [rates, columns, pitch] */
    double factor_dt;                     /* the step they are for; 0: none */
    int threads;
    march_lines *line; /* [threads] */
    double complex *line_block;
    double *column_sums, *row_sums, *speeds; /* [columns, sums], [pairs, row_sums], [pairs] */
    double stage_sums[5][2 * LERAY_INTEGRATOR_SUMS];

    int stage; /* now */
    double dt; /* of this step */
    bool want_speed, on_moved_grid;
    leray_modes *out; /* of leray_integrator_tendency */
    long begun; /* the passes' count when products of the state were there; -1: they are not */
    leray_integrator_last last;
};

int march_threads(const leray_integrator *m); /* to be used now */

/* ---- march_passes.c ---- */

/* The products of the present state, unless they are there. */
leray_status march_begin(leray_integrator *m);
/* The products of the inputs that the passes hold; `moved`: they are of the moved grid. */
leray_status march_row_pass(leray_integrator *m, bool speed, bool moved);
/* Phase shift: half of the tendency is kept, and the products are of the moved grid then. */
leray_status march_second_round(leray_integrator *m);
/* N of a column in w->change. */
void march_make_change(leray_integrator *m, const leray_column *c, double complex *const *in,
                       march_lines *w);
/* The stage's tendency, the next state, its sums and its inputs. */
leray_status march_stage_pass(leray_integrator *m);

/* ---- march_sums.c ---- */

/* The lines of a state: in place, or in the thread's own. */
void march_load_state(const leray_modes *modes, const leray_column *c, march_lines *w,
                      double complex **out);
void march_add_column_sums(leray_integrator *m, const leray_column *c,
                           double complex *const *state);
void march_sum_state(leray_integrator *m);
/* This rank's part, [LERAY_INTEGRATOR_SUMS]. */
void march_total_columns(const leray_integrator *m, double *sums);
void march_total_rows(const leray_integrator *m, double *sums);

#endif
