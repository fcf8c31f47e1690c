/* solvers/pseudospectral/engine/integrator_impl.h - what the files of solvers/pseudospectral/engine/integrator.h share. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_IMPL_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_IMPL_H

#include "solvers/pseudospectral/engine/integrator.h"
#include "solvers/pseudospectral/engine/scheme.h"

/* A thread's lines, [pitch] each but for factors. */
typedef struct integrator_lines {
    double complex *state[LERAY_INTEGRATOR_FIELDS], *change[LERAY_INTEGRATOR_FIELDS];
    double complex *next[LERAY_INTEGRATOR_FIELDS], *load[3];
    double *rate, *factor[LERAY_SCHEME_FACTORS]; /* [pitch], [2 pitch]: each factor twice */
} integrator_lines;

struct leray_integrator {
    leray_flow flow;
    void *self;
    const leray_box *box;
    leray_integrator_settings settings;
    const leray_scheme *scheme;
    leray_transforms *transforms;
    leray_modes state, sum, extra, held, half;
    double *factor[LERAY_SCHEME_FACTORS]; /* [rates, columns, pitch] */
    double factor_dt;                     /* the step they are for; 0: none */
    int threads;
    integrator_lines *line; /* [threads] */
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

int integrator_threads(const leray_integrator *m); /* to be used now */

#endif
