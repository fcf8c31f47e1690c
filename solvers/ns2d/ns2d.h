/* solvers/ns2d/ns2d.h - what the files of the ns2d solver share. Private to solvers/ns2d/ and its
   tests. The equations stand in ns2d.c. */
#ifndef LERAY_SOLVERS_NS2D_NS2D_H
#define LERAY_SOLVERS_NS2D_NS2D_H

#include "core/fft.h"
#include "data/npy.h"
#include "solvers/solver.h"

enum { NS2D_FORCING_NONE, NS2D_FORCING_FNO, NS2D_FORCING_KOLMOGOROV };
enum { NS2D_INITIAL_RANDOM, NS2D_INITIAL_TAYLOR_GREEN, NS2D_INITIAL_FILE };

typedef struct ns2d_settings {
    leray_ints n;
    leray_reals length, mean_flow;
    double nu, drag, dt, cfl;
    struct {
        int type;
        double amplitude;
        int64_t wavenumber;
    } forcing;
    struct {
        int type;
        double alpha, tau, sigma, amplitude;
        int64_t wavenumber;
        char path[LERAY_TEXT_MAX];
    } initial;
} ns2d_settings;

/* One coefficient of a sparse field. */
typedef struct ns2d_mode {
    int column, row; /* kx, and the row of ky */
    double re, im;
} ns2d_mode;

#define NS2D_FORCING_MODES 2

/* Box averages, from spectral coefficients. */
typedef struct ns2d_sums {
    double energy, enstrophy, palinstrophy;       /* |u|^2/2, w^2/2, |grad w|^2/2 */
    double energy_injection, enstrophy_injection; /* psi f, w f */
} ns2d_sums;

/* What a column pass makes of the columns. */
typedef enum ns2d_stage {
    NS2D_BEGIN, /* velocity of w */
    NS2D_FIRST, /* the four stages: tendency, Runge-Kutta update, velocity of the next state */
    NS2D_SECOND,
    NS2D_THIRD,
    NS2D_LAST,     /* makes the new w, and no velocity */
    NS2D_TENDENCY, /* stores the tendency in `sum` */
    NS2D_FIELD     /* w itself in place of a velocity */
} ns2d_stage;

/* What a row pass makes of the rows. */
typedef enum ns2d_product {
    NS2D_SQUARE,           /* z^2 */
    NS2D_SQUARE_AND_SPEED, /* and `speed`, for the CFL number */
    NS2D_REAL_PART         /* into `vorticity` */
} ns2d_product;

typedef struct ns2d {
    leray_solver base;
    int ny, nx;       /* points */
    int top_y, top_x; /* largest wavenumbers kept: the 2/3 rule as 3 top < n */
    int rows;         /* 2 top_y + 1; row r holds ky = r, then ky = r - rows */
    int pitch;        /* complex numbers from one column of w to the next; >= rows */
    int zero;         /* in a row of z, kx >= 0 stands at kx, kx <= 0 at zero + kx */
    int z_pitch;      /* complex numbers from one row of z to the next */
    int line;         /* and from one gathered column to the next */
    double length_y, length_x;
    double complex mean_flow; /* U + i V */

    double *ky;                     /* [pitch], physical */
    double *inverse_k2;             /* [top_x + 1, pitch]; 0 for k = 0 */
    double *decay_y, *decay_x;      /* [2 pitch], each twice; [top_x + 1]: over half a step */
    double decay_dt;                /* the step they are for; 0: none */
    double complex *w;              /* [top_x + 1, pitch], column by column */
    double complex *sum;            /* likewise: the Runge-Kutta sum of the step */
    double complex *z;              /* [ny, z_pitch]: velocity or its square, between the passes */
    double *vorticity;              /* [ny, nx] */
    double *speed;                  /* [ny]: max over x of |u|/dx + |v|/dy at the step's begin */
    ns2d_sums *columns;             /* [top_x + 1] of the last column pass */
    leray_fft_lines *fft_y, *fft_x; /* one line each */

    int threads; /* that scratch was made for */
    size_t scratch_size;
    double complex *scratch; /* [threads, scratch_size] */

    ns2d_mode forcing[NS2D_FORCING_MODES];
    int forcing_modes;

    leray_npy file; /* initial fields [ny, nx] or [simulations, ny, nx] */
    leray_fft *file_fft;
    double *file_field;
    double complex *file_hat;

    bool begun; /* z holds z^2 of w, and speed is known */
    double cfl; /* CFL number of the last step */
    double energy_residual, enstrophy_residual;
    leray_statistic statistic[16];
} ns2d;

/* The row of ky, |ky| <= top_y. */
static inline int ns2d_row(const ns2d *s, int ky) { return ky < 0 ? ky + s->rows : ky; }

/* Threads to be used now; scratch space of one of them. */
int ns2d_threads(const ns2d *s);
double complex *ns2d_scratch(const ns2d *s, int thread);
size_t ns2d_columns_scratch(const ns2d *s); /* complex numbers that a column pass needs */
size_t ns2d_rows_scratch(const ns2d *s);

void ns2d_column_pass(ns2d *s, ns2d_stage stage, double dt); /* transforms along y, and all of
                                                                wavenumber space in between */
void ns2d_row_pass(ns2d *s, ns2d_product product);           /* along x, and physical space */

/* Makes z^2 of w, and the speed, unless they are there. */
void ns2d_begin(ns2d *s);
double ns2d_fastest(const ns2d *s); /* max of |u|/dx + |v|/dy in the state of ns2d_begin */
leray_status ns2d_step(leray_solver *base, double dt);
void ns2d_make_decay(ns2d *s, double dt);

leray_status ns2d_check_forcing(const ns2d *s, const leray_config *cfg, const char *section);
void ns2d_make_forcing(ns2d *s); /* from the settings */

leray_status ns2d_open_initial(ns2d *s, const leray_config *cfg, const char *section);
leray_status ns2d_make_initial(ns2d *s); /* fills w */
void ns2d_close_initial(ns2d *s);

ns2d_sums ns2d_total(const ns2d *s); /* of the last column pass */
/* What column kx of a state contributes; `state` is [2 rows]. */
ns2d_sums ns2d_column_sums(const ns2d *s, int kx, const double *state);
/* Rates of change of energy and enstrophy by dissipation, drag and forcing. */
double ns2d_energy_rate(const ns2d *s, const ns2d_sums *x);
double ns2d_enstrophy_rate(const ns2d *s, const ns2d_sums *x);
int ns2d_statistics(leray_solver *base, const leray_statistic **out);

#endif
