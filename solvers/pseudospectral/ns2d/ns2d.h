/* solvers/pseudospectral/ns2d/ns2d.h - what the files of the ns2d solver share. Private to solvers/pseudospectral/ns2d/ and its
   tests. The equations stand in ns2d.c. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_NS2D_NS2D_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_NS2D_NS2D_H

#include "data/spectrum_file.h"
#include "solvers/pseudospectral/engine/field_file.h"
#include "solvers/pseudospectral/engine/frame_grid.h"
#include "solvers/pseudospectral/engine/integrator.h"
#include "solvers/pseudospectral/engine/view.h"
#include "solvers/solver.h"

enum {
    NS2D_FORCING_NONE,
    NS2D_FORCING_FNO,
    NS2D_FORCING_KOLMOGOROV,
    NS2D_FORCING_RING,
    NS2D_FORCING_FILE
};
enum {
    NS2D_INITIAL_RANDOM,
    NS2D_INITIAL_MCWILLIAMS,
    NS2D_INITIAL_SPECTRUM,
    NS2D_INITIAL_TAYLOR_GREEN,
    NS2D_INITIAL_DIPOLE,
    NS2D_INITIAL_SHEAR_LAYER,
    NS2D_INITIAL_FILE
};
enum { NS2D_SCALAR_ZERO, NS2D_SCALAR_RANDOM, NS2D_SCALAR_WAVE, NS2D_SCALAR_FILE };

/* The Gaussian law of data/random_field.h. */
typedef struct ns2d_random {
    double alpha, tau, sigma;
} ns2d_random;

typedef struct ns2d_settings {
    leray_ints n;
    leray_reals length, mean_flow;
    double nu, drag, beta, dt, cfl;
    struct {
        double coefficient;
        int64_t order;
    } hyper, hypo;
    leray_integrator_settings integrator;
    struct {
        int type;
        double amplitude, power, k_min, k_max;
        int64_t wavenumber;
        char path[LERAY_TEXT_MAX];
    } forcing;
    struct {
        int type;
        ns2d_random random;
        double energy, peak, steepness, cutoff, amplitude, radius, thickness, perturbation;
        int64_t wavenumber;
        char path[LERAY_TEXT_MAX];
    } initial;
    struct {
        bool on;
        double kappa, gradient;
        struct {
            int type;
            ns2d_random random;
            double amplitude;
            int64_t wavenumber;
            char path[LERAY_TEXT_MAX];
        } initial;
    } scalar;
    struct {
        leray_ints n;
    } frame;
} ns2d_settings;

/* Sums over the box of one stage; the first three have budgets. Dissipations and injections are
   rates of the sum they are named after. */
enum {
    NS2D_ENERGY,        /* <|u|^2>/2 */
    NS2D_ENSTROPHY,     /* <w^2>/2 */
    NS2D_VARIANCE,      /* <(theta - <theta>)^2> */
    NS2D_PALINSTROPHY,  /* <|grad w|^2>/2 */
    NS2D_GRADIENT,      /* <|grad theta|^2> */
    NS2D_ENERGY_STEADY, /* <psi f> of a steady force */
    NS2D_ENSTROPHY_STEADY,
    NS2D_ENERGY_HYPER, /* by hyperviscosity, and so on */
    NS2D_ENSTROPHY_HYPER,
    NS2D_ENERGY_HYPO,
    NS2D_ENSTROPHY_HYPO,
    NS2D_VARIANCE_INJECTION, /* -2 G <v theta> */
    NS2D_SCALAR_MEAN,        /* <theta> */
    NS2D_SUMS
};

/* A steady force: the columns of this rank where it is not zero. */
typedef struct ns2d_force {
    int count;
    int *slot;            /* [columns]: which of the lines; -1: none */
    double complex *line; /* [count, pitch] */
} ns2d_force;

/* One of the modes k and -k that are kicked. */
typedef struct ns2d_ring_mode {
    int s, i;
    double k2;
} ns2d_ring_mode;

typedef struct ns2d_ring {
    int count; /* all of the ring, on every rank */
    ns2d_ring_mode *mode;
    double complex *kick;
} ns2d_ring;

/* What a solver measures of its last step besides the integrator: a bit-exact restart needs them. */
enum { NS2D_ENERGY_KICKED, NS2D_ENSTROPHY_KICKED, NS2D_NUMBERS };

typedef struct ns2d {
    leray_solver base;
    leray_flow flow;
    leray_spectral_view view;
    leray_box box;
    leray_integrator *integrator;

    double mean_flow[2]; /* U, V */
    double *inverse_k2;  /* [columns, pitch]; 0 for k = 0 */
    double *ky_twice;    /* [2 pitch]: wavenumbers of the rows as complex numbers go with them */
    ns2d_force force;
    ns2d_ring ring;
    double number[NS2D_NUMBERS];

    leray_field_file initial_file, scalar_file; /* [ny, nx] or [simulations, ny, nx] */
    leray_spectrum_file spectrum;
    int shells;
    double *shell_modes; /* [shells]: how many modes of all have |k| next to it */

    leray_frame_grid frame_grid;
    double *frame[2]; /* [count, nx] of it: vorticity, scalar */
    leray_frame_field frame_field[2];
    leray_statistic statistic[32];
} ns2d;

static inline const ns2d_settings *ns2d_set(const ns2d *s) { return s->base.settings; }

static inline const double *ns2d_inverse_k2(const ns2d *s, const leray_column *column)
{
    return s->inverse_k2 + (size_t)column->index * (size_t)s->box.pitch;
}

/* wavenumbers.c. The largest |k| below which every mode is kept along both axes, physical. */
double ns2d_resolved(const ns2d *s);
/* Raises CONFIG unless 1 .. `wavenumber` periods along both axes are resolved. */
leray_status ns2d_check_wavenumber(const ns2d *s, const leray_config *cfg, const char *section,
                                   const char *key, int64_t wavenumber);

/* flow.c */
void ns2d_make_flow(ns2d *s);
void ns2d_velocity(void *self, const leray_column *column, double complex *const *vorticity,
                   double complex *const *u); /* without the mean flow */

/* damping.c: L, and what its terms take from sums. */
void ns2d_linear(void *self, const leray_column *column, int rate, double *L);
void ns2d_viscous(void *self, const leray_column *column, double *rate);
void ns2d_damping_sums(const ns2d *s, const leray_column *column, const double *w, double *sums);
leray_status ns2d_check_damping(const ns2d *s); /* finite at all wavenumbers */

/* forcing.c, ring.c */
leray_status ns2d_open_forcing(ns2d *s, const leray_config *cfg, const char *section);
void ns2d_make_forcing(ns2d *s); /* from the settings */
void ns2d_close_forcing(ns2d *s);
const double complex *ns2d_force_line(const ns2d *s, const leray_column *column); /* or NULL */
leray_status ns2d_open_ring(ns2d *s, const leray_config *cfg, const char *section);
void ns2d_close_ring(ns2d *s);
leray_status ns2d_kick(void *self, double dt, leray_modes *state, double *gain);

/* initial.c and the files of its kinds. They add to a state that is 0. */
leray_status ns2d_open_initial(ns2d *s, const leray_config *cfg, const char *section);
leray_status ns2d_make_initial(ns2d *s);
void ns2d_close_initial(ns2d *s);
leray_status ns2d_open_spectrum(ns2d *s);
void ns2d_random_field(ns2d *s, int field, const ns2d_random *law);
leray_status ns2d_mcwilliams(ns2d *s);
void ns2d_spectrum(ns2d *s);
void ns2d_taylor_green(ns2d *s);
void ns2d_dipole(ns2d *s);
void ns2d_shear_layer(ns2d *s);

/* state.c */
leray_status ns2d_open_frame(ns2d *s, const leray_config *cfg, const char *section); /* and view */
void ns2d_close_frame(ns2d *s);
void ns2d_frame(leray_solver *base, leray_frame *out);
const leray_spectral_view *ns2d_view(leray_solver *base);
size_t ns2d_state_size(const leray_solver *base);
void ns2d_save(const leray_solver *base, void *bytes);
leray_status ns2d_restore(leray_solver *base, const void *bytes);

/* equation.c */
leray_status ns2d_equation(leray_solver *base, struct leray_vorticity_equation *out);
leray_status ns2d_assign(leray_solver *base, const leray_frame *frame);

int ns2d_statistics(leray_solver *base, const leray_statistic **out);

#endif
