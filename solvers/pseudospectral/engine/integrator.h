/* solvers/pseudospectral/engine/integrator.h - time stepping of a pseudo-spectral flow

       du/dt = L u + N(u),

   L(k) <= 0 diagonal in wavenumber space, N the rest. Private.

   Schemes (`scheme`), each with its order for N and for L:
     rk4     classical Runge-Kutta in exp(-L t) u: 4, exact
     rk3cn   three stages and one extra field, Crank-Nicolson for L: 3, 2 (P. R. Spalart, R. D. Moser,
             M. M. Rogers, J. Comput. Phys. 96 (1991) 297)
     etdrk4  exponential time differencing (S. M. Cox, P. C. Matthews, J. Comput. Phys. 176 (2002) 430;
             A.-K. Kassam, L. N. Trefethen, SIAM J. Sci. Comput. 26 (2005) 1214): 4, exact, and
             exact for a constant N

   Sums over the box of quadratic quantities (energy, enstrophy, ..) are taken in passing at each
   stage. Their budgets are integrated along with the flow, with the weights of the scheme:
   residual = (new - old)/dt - sum of weight * rate falls with the order of the scheme. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_INTEGRATOR_H

#include "solvers/pseudospectral/engine/transforms.h"
#include "solvers/solver.h"

#define LERAY_INTEGRATOR_FIELDS 8
#define LERAY_INTEGRATOR_SUMS 16
#define LERAY_INTEGRATOR_BUDGETS 4

/* What a flow gives to be integrated. Lines are [n] of the column, one for each field. */
typedef struct leray_flow {
    int fields;   /* of the state */
    int inputs;   /* that go to physical space, the velocity along x, y(, z) first */
    int products; /* that come back */
    int sums;     /* by Parseval over columns */
    int row_sums; /* over points */
    int budgets;  /* of the first so many sums */
    int rates;    /* different L */
    int rate_of[LERAY_INTEGRATOR_FIELDS]; /* which of them a field has */
    bool keeps_state; /* source depends on the state: costs one more copy of it, but with rk3cn */

    /* The inputs of a state. */
    void (*input)(void *self, const leray_column *column, double complex *const *state,
                  double complex *const *input);
    /* Pointwise products; adds this pair's part of each row sum to sums [row_sums], whose means over
       the grid budgets get. */
    void (*product)(void *self, const leray_rows *rows, double *const *input,
                    double *const *product, double *sums);
    /* change = N(k) from the products, without sources. */
    void (*tendency)(void *self, const leray_column *column, double complex *const *product,
                     double complex *const *change);
    /* OPTIONAL. Adds to change what acts mode by mode: forcing, rotation, .. state is only given
       where keeps_state is set. */
    void (*source)(void *self, const leray_column *column, double complex *const *state,
                   double complex *const *change);
    /* L(k) number `rate`, [n]. */
    void (*linear)(void *self, const leray_column *column, int rate, double *L);
    /* Adds this column's part to each sum, which is 0 before; its weight is not included. */
    void (*sum)(void *self, const leray_column *column, double complex *const *state, double *sums);
    /* Rates of the budgets from the sums and row sums of one stage. */
    void (*budget)(void *self, const double *sums, const double *row_sums, double *rate);

    /* OPTIONAL. Before a state's products are computed; may be called again for the same state. May use
       the passes. */
    leray_status (*begin)(void *self);
    /* OPTIONAL. Before a stage's source is called: sums [sums], over all ranks, of the stage's state.
       Having it costs one collective a stage. */
    leray_status (*prepare)(void *self, int stage, const double *sums);
    /* OPTIONAL. At the end of a step of dt: changes the state; adds what it changed to each budget
       to gain [budgets] (of this rank: the integrator sums over ranks). */
    leray_status (*kick)(void *self, double dt, leray_modes *state, double *gain);
} leray_flow;

enum { LERAY_SCHEME_RK4, LERAY_SCHEME_RK3CN, LERAY_SCHEME_ETDRK4 };
extern const char *const leray_scheme_names[];     /* as keys have them */
extern const char *const leray_truncation_names[]; /* "two-thirds", "phase-shift" */
extern const char *const leray_precision_names[];  /* "double", "single" */

typedef struct leray_integrator_settings {
    int scheme, truncation, precision;
} leray_integrator_settings;

/* The rows of a solver's keys for them; S is the settings, `integrator` its member. */
#define LERAY_INTEGRATOR_KEYS(S, member)                                                        \
    LERAY_KEY_CHOICE(S, member.scheme, "scheme", "rk4", leray_scheme_names, "time stepping"),   \
        LERAY_KEY_CHOICE(S, member.truncation, "dealias", "two-thirds", leray_truncation_names, \
                         "method of dealiasing"),                                               \
        LERAY_KEY_CHOICE(S, member.precision, "precision", "double", leray_precision_names,     \
                         "precision of coefficients, transforms and MPI messages")

typedef struct leray_integrator leray_integrator;

/* `flow` and `box` must outlive it; box->truncation is that of the settings. Errors: MEMORY,
   EXTERNAL. */
LERAY_NODISCARD leray_status leray_integrator_create(const leray_flow *flow, void *self,
                                                     const leray_box *box,
                                                     const leray_integrator_settings *settings,
                                                     leray_integrator **out);
void leray_integrator_destroy(leray_integrator **integrator); /* accepts a pointer to NULL */

leray_modes *leray_integrator_state(leray_integrator *integrator);
leray_transforms *
leray_integrator_transforms(leray_integrator *integrator); /* free to use between steps */

/* The state was changed from outside (start, restore): forget what was made of it; with `rates` also
   L, which has changed. Using the passes needs no call. */
void leray_integrator_touch(leray_integrator *integrator, bool rates);

/* max of sum |u_a|/dx_a in the present state; keeps what it computes for the step that follows. */
LERAY_NODISCARD leray_status leray_integrator_fastest(leray_integrator *integrator, double *out);
/* For max_dt of a solver: dt, or with cfl > 0 at most cfl over the fastest. What fails here fails in
   the step that follows, too, and is reported there. */
double leray_integrator_max_dt(leray_integrator *integrator, double cfl, double dt);

/* One step. Errors: EXTERNAL; DIVERGED where a sum is not finite (raised by
   leray_solver_diverged of `solver`). */
LERAY_NODISCARD leray_status leray_integrator_step(leray_integrator *integrator,
                                                   const leray_solver *solver, double dt);

/* N of the present state without sources and kicks into `out` [fields]. */
LERAY_NODISCARD leray_status leray_integrator_tendency(leray_integrator *integrator,
                                                       leray_modes *out);
/* Sums of the present state over all ranks: [sums], without a transform; [row_sums], for which its
   products are computed unless they are there. */
LERAY_NODISCARD leray_status leray_integrator_sums(leray_integrator *integrator, double *sums);
LERAY_NODISCARD leray_status leray_integrator_row_sums(leray_integrator *integrator,
                                                       double *row_sums);

/* Of the last step, all ranks; bit-exact restart needs them saved. */
typedef struct leray_integrator_last {
    double cfl, residual[LERAY_INTEGRATOR_BUDGETS];
} leray_integrator_last;
leray_integrator_last *leray_integrator_last_step(leray_integrator *integrator);

/* What save of a solver needs: the bytes of this rank. save and restore return where they end. */
size_t leray_integrator_bytes(leray_integrator *integrator);
char *leray_integrator_save(leray_integrator *integrator, char *bytes);
const char *leray_integrator_restore(leray_integrator *integrator, const char *bytes);

#endif
