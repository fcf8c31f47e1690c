/* solvers/pseudospectral/ns3d/ns3d.h - what the files of the ns3d solver share. Private to solvers/pseudospectral/ns3d/ and its
   tests. The equations stand in ns3d.c. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_NS3D_NS3D_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_NS3D_NS3D_H

#include "solvers/pseudospectral/engine/field_file.h"
#include "solvers/pseudospectral/engine/frame_grid.h"
#include "solvers/pseudospectral/engine/view.h"
#include "solvers/pseudospectral/les/les.h"
#include "solvers/pseudospectral/ns3d/spectrum.h"
#include "solvers/solver.h"

enum { NS3D_FORCING_NONE, NS3D_FORCING_SHELL, NS3D_FORCING_KOLMOGOROV };
enum {
    NS3D_INITIAL_RANDOM,
    NS3D_INITIAL_TAYLOR_GREEN,
    NS3D_INITIAL_KIDA,
    NS3D_INITIAL_SPECTRUM,
    NS3D_INITIAL_MIXING_LAYER,
    NS3D_INITIAL_FILE
};

enum { NS3D_SCALAR_ZERO, NS3D_SCALAR_RANDOM };

typedef struct ns3d_settings {
    leray_ints n;
    leray_reals length, mean_flow;
    double nu, drag, rotation, dt, cfl;
    struct {
        double coefficient;
        int64_t order;
    } hyperviscosity;
    leray_integrator_settings integrator;
    leray_les_settings les;
    struct {
        int type;
        double amplitude, power;
        int64_t wavenumber;
    } forcing;
    struct {
        int type, spectrum, station;
        double amplitude, energy, peak, relaxation; /* what they mean: the keys in ns3d.c */
        double alpha, tau, sigma, thickness, perturbation;
        int64_t wavenumber;
        char path[LERAY_TEXT_MAX];
    } initial;
    struct {
        bool on;
        double kappa;
        leray_reals gradient; /* x, y, z */
        struct {
            int type;
            double alpha, tau, sigma;
        } initial;
    } scalar;
    struct {
        leray_ints n;
        int filter; /* 0: none; else 1 + LERAY_FILTER_.. */
        double width;
    } frame;
} ns3d_settings;

/* Fields of the state. */
enum { NS3D_X, NS3D_Y, NS3D_Z, NS3D_SCALAR, NS3D_FIELDS };

/* Sums over the modes; the first two are budgets. <.> is the average over the box. */
enum {
    NS3D_ENERGY,         /* <|u|^2>/2, without the mean flow */
    NS3D_VARIANCE,       /* <c^2> of the scalar c */
    NS3D_ENSTROPHY,      /* <w^2>/2, w = curl u */
    NS3D_HYPER,          /* sum of k^(2 order) |u_k|^2/2 */
    NS3D_SHELL,          /* energy of the forced modes */
    NS3D_WORK,           /* <u.f> of the Kolmogorov forcing */
    NS3D_SUBGRID,        /* sum of nu_t(k) k^2 |u_k|^2 */
    NS3D_GRADIENT,       /* <|grad c|^2> */
    NS3D_FLUX,           /* 2 <c u.G> */
    NS3D_HELICITY,       /* <u.w>; this and the next are for statistics alone */
    NS3D_INVERSE_LENGTH, /* sum of |u_k|^2/(2 k) */
    NS3D_SUMS
};

#define NS3D_LINES (2 * NS3D_FIELDS)

typedef struct ns3d {
    leray_solver base;
    leray_box box;
    leray_flow flow;
    leray_integrator *integrator;
    leray_les *les; /* NULL: none */
    int fields;     /* 3, or 4 with a scalar */
    double mean_flow[3];
    double spacing; /* of wavenumbers: 2 pi / the longest side */

    bool ready;        /* the sub-grid model is prepared for this state */
    bool subgrid_only; /* products are those of the sub-grid model alone */
    bool all_sums;     /* those for statistics too */
    double shell_rate; /* P/(2 E_shell) of this stage */

    int threads;           /* that lines were made for */
    size_t line;           /* complex numbers from one line to the next */
    double complex *lines; /* [threads, NS3D_LINES, line] */

    /* Frames. */
    leray_frame_grid frame_grid;
    double *values[NS3D_FIELDS]; /* [planes, ny, nx] */
    leray_frame_field frame_field[NS3D_FIELDS];

    leray_spectrum_file spectrum; /* E(k) of the initial field, if it is a table */
    int shells;
    double *shell_energy, *shell_modes; /* [shells]: E(k) dk; how many modes */

    leray_field_file file; /* initial fields [3, nz, ny, nx] or [simulations, 3, nz, ny, nx] */

    leray_spectral_view view;
    leray_statistic statistic[32];
} ns3d;

/* columns.c. Line `i` of a thread's own: first those of a state, behind them what else a column needs. */
double complex *ns3d_line(const ns3d *s, int thread, int i);
/* Calls work for all columns of this rank with the lines of the state, in double precision;
   and stores them where `change` is set. */
typedef void ns3d_column_work(ns3d *s, const leray_column *column, double complex *const *state);
void ns3d_columns(ns3d *s, ns3d_column_work *work, bool change);
void ns3d_project(ns3d *s); /* takes divergence, mean and what is not real out of the state */

/* flow.c */
void ns3d_make_flow(ns3d *s);
/* The sub-grid model as the present state wants it; before products are computed. */
leray_status ns3d_begin(void *self);
void ns3d_velocity(void *self, const leray_column *column, double complex *const *state,
                   double complex *const *u);

/* forcing.c */
leray_status ns3d_check_forcing(const ns3d *s, const leray_config *cfg, const char *section);
bool ns3d_in_shell(const ns3d *s, double k2);
void ns3d_add_forcing(const ns3d *s, const leray_column *column, double complex *const *state,
                      double complex *const *change);
double ns3d_forcing_work(const ns3d *s, const leray_column *column, double complex *const *state);
double ns3d_injection(const ns3d *s, const double *sums);
leray_status ns3d_prepare_forcing(void *self, int stage, const double *sums);

/* initial.c; one file for each family. */
leray_status ns3d_open_initial(ns3d *s, const leray_config *cfg, const char *section);
leray_status ns3d_make_initial(ns3d *s); /* fills the state */
void ns3d_close_initial(ns3d *s);

/* initial_random.c: fills xi [4] with the numbers of mode j of a column, as that file has them; [3] is
   the scalar's. Returns the sum of |xi|^2 of the first three; 0, and no numbers, where the mode
   is not kept or is the mean. */
double ns3d_draw(const ns3d *s, const leray_column *column, int j, double complex *xi);
leray_status ns3d_open_shells(ns3d *s);
void ns3d_make_random(ns3d *s);
leray_status ns3d_make_shells(ns3d *s);    /* random phases, the energies of the spectrum */
leray_status ns3d_restore_shells(ns3d *s); /* the energies alone */
void ns3d_make_random_scalar(ns3d *s);

/* initial_layer.c */
leray_status ns3d_make_mixing_layer(ns3d *s);

/* frame.c */
leray_status ns3d_open_frame(ns3d *s, const leray_config *cfg, const char *section);
void ns3d_frame(leray_solver *base, leray_frame *out);
void ns3d_close_frame(ns3d *s);

/* statistics.c */
int ns3d_statistics(leray_solver *base, const leray_statistic **out);

/* view.c */
void ns3d_make_view(ns3d *s);
const leray_spectral_view *ns3d_view(leray_solver *base);

#endif
