/* solvers/pseudospectral/burgers/burgers.h - what the files of the burgers solver share. Private to
   solvers/pseudospectral/burgers/ and its tests. The equations stand in burgers.c. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_BURGERS_BURGERS_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_BURGERS_BURGERS_H

#include "core/fft.h"
#include "data/formats/npy.h"
#include "solvers/solver.h"

enum { BURGERS_INITIAL_RANDOM, BURGERS_INITIAL_SINE, BURGERS_INITIAL_FILE };

typedef struct burgers_settings {
    int64_t n;
    double length, nu, dt, cfl;
    struct {
        int type;
        double gamma, tau, sigma, amplitude, mean;
        int64_t wavenumber;
        char path[LERAY_TEXT_MAX];
    } initial;
} burgers_settings;

/* Averages over the interval, from spectral coefficients. */
typedef struct burgers_sums {
    double energy, slope; /* u^2/2, u_x^2 */
} burgers_sums;

typedef struct burgers {
    leray_solver base;
    int n;   /* points */
    int top; /* largest wavenumber kept: the 2/3 rule as 3 top < n */

    double *wave;          /* [top + 1]: 2 pi k/L */
    double *decay;         /* [top + 1]: exp(-nu wave^2 dt/2) */
    double decay_dt;       /* the step it is for; 0: none */
    double complex *u_hat; /* [top + 1]: the state */
    double complex *stage; /* [top + 1]: the state of a Runge-Kutta stage */
    double complex *sum;   /* [top + 1]: the Runge-Kutta sum of the step */
    double complex *line;  /* [n/2 + 1]: into a transform, or out of it */
    double *product;       /* [n] */
    double *velocity;      /* [n] of the last frame */
    leray_frame_field frame_field;
    leray_grid grid;
    leray_fft *fft;

    leray_npy file; /* initial fields [points] or [simulations, points] */
    leray_fft *file_fft;
    double *file_field;
    double complex *file_hat;

    bool begun;     /* line holds the transform of u^2 of the state, and fastest is known */
    double fastest; /* max of |u| in that state */
    double cfl;     /* CFL number of the last step */
    double energy_residual;
    leray_statistic statistic[8];
} burgers;

/* Leaves the transform of the square of the field `u_hat` in `line`; returns max |u|. */
double burgers_square(burgers *s, const double complex *u_hat);

leray_status burgers_open_initial(burgers *s, const leray_config *cfg, const char *section);
leray_status burgers_make_initial(burgers *s); /* fills u_hat */
void burgers_close_initial(burgers *s);

#endif
