/* solvers/pseudospectral/engine/box.h - a periodic box, the modes that are kept of it, and who holds which.
   Private.

   Axes are called slow, middle and x: y, -, x in two dimensions (the middle one has one point) and
   z, y, x in three. Point j of an axis lies at j L/n. A mode is a triple of whole wavenumbers
   (s, m, i); the physical ones are 2 pi s/L. A real field is held by its modes i >= 0; those with
   i > 0 stand for their mirror images too.

   In physical space a rank holds the planes first .. first + count - 1 of the slow axis; in
   wavenumber space all modes with first_x <= i < first_x + count_x. They come in columns: all s of
   one (m, i), in the order 0, 1, .., top, -top, .., -1. Column (i - first_x) * rows[1] + row of m.

   Truncation (dealiasing of quadratic products):
     two-thirds   3 |s| < n on each axis: products are exact on the grid
     phase-shift  (s/n0)^2 + (m/n1)^2 + (i/n2)^2 < 2/9: products averaged over the grid and the grid
                  moved by half a cell along every axis are exact, because aliases by one period
                  cancel and those by two or three lie outside (G. S. Patterson, S. A. Orszag, Phys.
                  Fluids 14 (1971) 2538; R. S. Rogallo, NASA TM 81315 (1981))
     none         |s| < n/2: for looking at fields on a grid, not for solving  */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_BOX_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_BOX_H

#include "core/comm.h"
#include "core/error.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#define LERAY_BOX_SLOW 0
#define LERAY_BOX_MIDDLE 1
#define LERAY_BOX_X 2

typedef enum leray_truncation {
    LERAY_TWO_THIRDS,
    LERAY_PHASE_SHIFT,
    LERAY_NO_TRUNCATION
} leray_truncation;

typedef struct leray_box {
    int ndim;         /* 2 or 3 */
    int n[3];         /* points: slow, middle, x; n[1] = 1 in two dimensions */
    double length[3]; /* of the axes; length[1] is 1 in two dimensions */
    leray_truncation truncation;
    int top[3];  /* largest wavenumber kept along each axis */
    int rows[3]; /* 2 top + 1 for slow and middle; top + 1 for x */
    int pitch;   /* complex numbers from one column to the next, >= rows[0] */
    const leray_comm *comm;
    int first, count; /* planes of the slow axis on this rank */
    int first_x, count_x;
    int columns;     /* count_x * rows[1]: on this rank */
    double *k[3];    /* [rows[a]] physical wavenumbers, in the order of the rows */
    int *column_top; /* [columns]: largest s kept in it; -1: none */
} leray_box;

/* One column, as work gets it. */
typedef struct leray_column {
    int index;        /* of this rank's columns */
    int i, m;         /* whole wavenumbers along x and the middle axis */
    double kx, km;    /* the same, physical; km = 0 in two dimensions */
    int top, n;       /* s in [-top, top]; n = rows[0] values in a line, 0 beyond top */
    const double *ks; /* [n] physical wavenumbers along the slow axis */
    double weight;    /* 1 for i = 0, else 2: how often it counts in sums over all modes */
    int thread;       /* in [0, leray_threads()) */
} leray_column;

/* n and length: [ndim], slowest axis first. Errors: ARG (ndim, n), CONFIG (more ranks than planes
   or than columns can be divided among: says how many ranks at most), MEMORY. */
LERAY_NODISCARD leray_status leray_box_init(leray_box *box, int ndim, const int *n,
                                            const double *length, leray_truncation truncation,
                                            const leray_comm *comm);
/* A box of the same lengths on n points, whose modes are divided among the ranks as those of
   `like` are, so that a mode of both is on the same rank: fields on a coarser or finer grid. Slabs
   may be empty on some ranks. */
LERAY_NODISCARD leray_status leray_box_init_like(leray_box *box, const leray_box *like,
                                                 const int *n, leray_truncation truncation);
void leray_box_fini(leray_box *box); /* accepts a zeroed box */

size_t leray_box_points(const leray_box *box); /* of the whole grid */
leray_column leray_box_column(const leray_box *box, int index, int thread);
/* The row of wavenumber k on `axis` (slow or middle), |k| <= top. */
int leray_box_row(const leray_box *box, int axis, int k);
/* The whole wavenumber of a row. */
int leray_box_wavenumber(const leray_box *box, int axis, int row);
/* The index of column (m, i) here; -1 if it is another rank's or not kept. */
int leray_box_find(const leray_box *box, int m, int i);

/* ---- coefficients ------------------------------------------------------------------------ */

/* Fields by their modes: [fields, columns, pitch], in double or single precision. Work sees double
   only: lines are converted on their way in and out. */
typedef struct leray_modes {
    const leray_box *box;
    int fields;
    bool single;
    void *data;
} leray_modes;

LERAY_NODISCARD leray_status leray_modes_init(leray_modes *modes, const leray_box *box, int fields,
                                              bool single); /* all 0; errors: MEMORY */
void leray_modes_fini(leray_modes *modes);
void leray_modes_clear(leray_modes *modes);
void leray_modes_copy(leray_modes *to, const leray_modes *from);

/* The line of a column, [pitch]: in place for double precision, where store has nothing to do; in
   `buffer` [pitch] for single. */
double complex *leray_modes_load(const leray_modes *modes, int field, int column,
                                 double complex *buffer);
void leray_modes_store(leray_modes *modes, int field, int column, const double complex *line);

/* One coefficient, for what is not hot. set also sets the mirror image of a mode with i = 0; both
   do nothing, and get gives 0, where the mode is not kept or not here. */
double complex leray_modes_get(const leray_modes *modes, int field, int s, int m, int i);
void leray_modes_set(leray_modes *modes, int field, int s, int m, int i, double complex value);

/* On i = 0, replaces u(k) by (u(k) + conj u(-k))/2: round-off must not grow where a linear term is
   unstable. */
void leray_modes_make_real(leray_modes *modes);

#endif
