/* solvers/pseudospectral/les/les.h - what a sub-grid model gives to the three-dimensional flow that it closes. Private.

   The filtered equations are  du_i/dt = -d_j(u_i u_j + tau_ij) - d_i p + nu Laplace u_i.  A flow carries
   five products to wavenumber space, the trace being the pressure's (Basdevant):
       [0] uu - ww   [1] vv - ww   [2] uv   [3] uw   [4] vw,
   and a model adds its tau to them in the same form: [0] tau_11 - tau_33, .. , [4] tau_23.

   To add a model: write solvers/pseudospectral/les/<name>.c exporting one leray_les_type called leray_les_<name>, and
   add one line to les.def. Its keys are those of les.* in section solver. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_LES_LES_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_LES_LES_H

#include "core/config.h"
#include "core/mem.h"
#include "solvers/pseudospectral/engine/integrator.h"
#include "solvers/pseudospectral/les/filter.h"

/* Fields of gradients that a model may ask for, as inputs behind the velocity. */
typedef enum leray_les_gradients {
    LERAY_LES_NO_GRADIENTS,
    LERAY_LES_STRAIN,       /* 5: S_11, S_22, S_12, S_13, S_23; S_33 = -S_11 - S_22 */
    LERAY_LES_ALL_GRADIENTS /* 8: d_1 u_1, d_2 u_2, then d_j u_i of (1,2) (2,1) (1,3) (3,1) (2,3) (3,2);
                               (i, j) = d u_i / d x_j */
} leray_les_gradients;

/* Keys that not every model reads. */
enum {
    LERAY_LES_USES_CONSTANT = 1 << 0,
    LERAY_LES_USES_WIDTH = 1 << 1,
    LERAY_LES_USES_FILTER = 1 << 2,
    LERAY_LES_USES_RATIO = 1 << 3,
    LERAY_LES_USES_SIMILARITY = 1 << 4,
    LERAY_LES_USES_SLOPE = 1 << 5
};

typedef struct leray_les leray_les;

typedef struct leray_les_type {
    const char *name, *summary;
    size_t size;            /* sizeof the struct whose first member is leray_les */
    unsigned uses;          /* LERAY_LES_USES_.. */
    double constant, ratio; /* where it uses them: what 0 in the settings means */
    leray_les_gradients gradients;
    int inputs;   /* further fields that go to physical space, behind the gradients */
    int products; /* further fields that come back, behind the five */

    leray_status (*init)(leray_les *self); /* OPTIONAL; all allocation is here */
    void (*fini)(leray_les *self);         /* OPTIONAL */

    /* OPTIONAL, where inputs > 0: fills them [inputs] from the velocity of a column. */
    void (*input)(leray_les *self, const leray_column *column, double complex *const *u,
                  double complex *const *input);
    /* OPTIONAL, in physical space: u [3], gradients and inputs of `points` points; adds tau to
       product [0..4], fills product [5 ..]. Returns the sum over the points of -tau_ij S_ij, the
       energy that leaves the resolved flow (negative: backscatter). */
    double (*stress)(leray_les *self, int points, double *const *u, double *const *gradient,
                     double *const *input, double *const *product);
    /* OPTIONAL, where products > 0: folds those behind the five into the five. */
    void (*combine)(leray_les *self, const leray_column *column, double complex *const *product);
    /* OPTIONAL: adds what is diagonal in wavenumber space, e.g. -nu_t(k) k^2 u, to change [3]. */
    void (*damp)(leray_les *self, const leray_column *column, double complex *const *u,
                 double complex *const *change);
    /* OPTIONAL: nu_t(k) of a column, [n], where damp is there: for the budget. */
    void (*viscosity)(leray_les *self, const leray_column *column, double *nu_t);
    /* OPTIONAL: once for each step, before anything of it is computed (leray_integrator_fastest included),
       from the present velocity: `u` with `flow` gives the lines of a column [3] as its `out`; its
       `in` is NULL. May use the passes of the integrator. Must depend on the velocity alone, so that a
       restart has the same bits. Every rank of the box calls it. Errors: EXTERNAL. */
    leray_status (*prepare)(leray_les *self, leray_column_work *u, void *flow);
    /* OPTIONAL: the model's coefficient as it is now (C_s^2 of dynamic models), for statistics. */
    double (*coefficient)(const leray_les *self);
} leray_les_type;

/* Section solver.les of the deck; every model reads what it needs, and a key that the chosen one
   does not read may not be given (leray_les_check says so). */
typedef struct leray_les_settings {
    int type;            /* 0: none; else 1 + its place in les.def */
    double constant;     /* of the model: C_s, C_w, c, ..; 0: its default */
    double width;        /* Delta; 0: pi / k_c with the cut-off of the dealiasing, geometric mean */
    double similarity;   /* mixed: factor of the scale-similarity part */
    double filter_ratio; /* dynamic, mixed: width of their filter over Delta; 0: its default */
    int filter;          /* dynamic: kind of the test filter: filter.h */
    double slope;        /* spectral: exponent m of E(k) ~ k^-m */
} leray_les_settings;

struct leray_les {
    const leray_les_type *type;
    const leray_les_settings *settings; /* the solver's: parameters may change */
    leray_transforms *transforms;       /* of the integrator */
    const leray_box *box;
    double width, constant, ratio; /* what settings mean */
};

extern const char *const leray_les_names[]; /* "none", then those of les.def */

/* The rows of a solver's keys for them; S is the settings, `member` the leray_les_settings in it. */
#define LERAY_LES_KEYS(S, member)                                                               \
    LERAY_KEY_CHOICE(S, member.type, "les.type", "none", leray_les_names, "sub-grid model"),    \
        LERAY_KEY_PARAMETER(                                                                    \
            S, member.constant, "les.constant", "0", 0, 10, "1",                                \
            "C_s of smagorinsky and mixed, C_w of wale, c of vreman, Kolmogorov's "             \
            "C_K of spectral; 0: the model's default"),                                         \
        LERAY_KEY_REAL(S, member.width, "les.width", "0", 0, 1e6, "length",                     \
                       "filter width Delta; 0: pi over the largest wavenumber kept, geometric " \
                       "mean over the axes"),                                                   \
        LERAY_KEY_CHOICE(S, member.filter, "les.filter", "sharp", leray_filter_names,           \
                         "dynamic-smagorinsky: kind of the test filter"),                       \
        LERAY_KEY_REAL(S, member.filter_ratio, "les.filter_ratio", "0", 0, 16, "1",             \
                       "width of the test filter (dynamic-smagorinsky, above 1) or of the "     \
                       "similarity filter (mixed) over Delta; 0: the model's default"),         \
        LERAY_KEY_REAL(S, member.similarity, "les.similarity", "1", 0, 10, "1",                 \
                       "mixed: factor of the scale-similarity stress"),                         \
        LERAY_KEY_REAL(S, member.slope, "les.slope", "1.6666666666666667", 0, 3, "1",           \
                       "spectral: m of a spectrum k^-m at the cut-off")

/* For the init of a solver with these keys. Errors: CONFIG where the deck gives, or varies over an
   ensemble, a key that the model does not read, or the test filter is not wider than Delta. */
LERAY_NODISCARD leray_status leray_les_check(const leray_les_settings *settings,
                                             const leray_config *cfg, const char *section);

/* *out is NULL without a model. passes: only known once the integrator is made, and set before the first
   step. `settings` and `box` must outlive it. Errors: CONFIG (a test filter that passes all modes
   of the box), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_les_create(const leray_les_settings *settings,
                                              const leray_box *box, leray_les **out);
void leray_les_destroy(leray_les **les); /* accepts a pointer to NULL */
/* After a parameter in settings has changed. */
void leray_les_update(leray_les *les);

int leray_les_gradient_fields(const leray_les_type *type); /* 0, 5 or 8 */
/* Fills the gradients a model wants from a column of the velocity. */
void leray_les_gradient_lines(const leray_les_type *type, const leray_column *column,
                              double complex *const *u, double complex *const *gradient);

#endif
