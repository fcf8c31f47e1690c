/* solvers/pseudospectral/engine/transforms.h - the two sweeps that a pseudo-spectral right-hand side is made of.
   Private.

   A column pass ends the forward transform along the slow axis, hands column by column to `work`,
   and begins the inverse transform of what work leaves. A row pass does the rest: inverse along the
   middle axis and x, work on all values of a pair of rows, forward back. Between the two, ranks
   exchange their blocks, all fields in one message. Only modes of the box are carried, so that
   transforms skip what dealiasing leaves empty, and exchanges are as small.

   So a pass is: columns (out fields of wavenumber space) -> rows -> columns (in products) .. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_TRANSFORMS_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_TRANSFORMS_H

#include "solvers/pseudospectral/engine/box.h"

typedef struct leray_transforms leray_transforms;

/* Room for up to `fields` fields at a time on `box`, which must outlive it. `single`: transforms and
   exchanges in single precision. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_transforms_create(const leray_box *box, int fields, bool single,
                                                     leray_transforms **out);
void leray_transforms_destroy(leray_transforms **transforms); /* accepts a pointer to NULL */

/* Fills the `out` lines of the column from the `in` lines, [n] each, coefficients of the forward
   transform scaled by 1/points. Lines hold `n` values, those beyond `top` 0 on the way in; what is
   left there on the way out is ignored. Runs on many threads at once, once for each column. */
typedef void leray_column_work(void *self, const leray_column *column, double complex *const *in,
                               double complex *const *out);

/* `in` = the `out` of the row pass before, or 0 if there was none. `moved`: in comes from, or out
   goes to, the grid moved by half a cell along every axis. */
typedef struct leray_column_pass {
    leray_column_work *work;
    void *self;
    int in, out;
    bool in_moved, out_moved;
} leray_column_pass;

/* A pair of rows along x with the same values of the other index: the points of both, interleaved:
   value of point x of row r at [rows * x + r]. */
typedef struct leray_rows {
    int index;        /* of this rank's pairs, in [0, leray_transforms_pairs()) */
    int points, rows; /* points = rows * nx; rows is 1 for a last odd one, else 2 */
    int slow,
        middle; /* first row: plane on this rank from 0 on; middle index. The second row is the
                         next plane in two dimensions, the next middle index in three */
    int thread;
} leray_rows;

/* Fills `out` [points] from `in` [points]; may destroy in. */
typedef void leray_row_work(void *self, const leray_rows *rows, double *const *in,
                            double *const *out);

typedef struct leray_row_pass {
    leray_row_work *work;
    void *self;
    int in, out;
} leray_row_pass;

/* Errors: EXTERNAL (MPI). in and out are at most `fields`. */
LERAY_NODISCARD leray_status leray_transforms_columns(leray_transforms *transforms,
                                                      const leray_column_pass *pass);
LERAY_NODISCARD leray_status leray_transforms_rows(leray_transforms *transforms,
                                                   const leray_row_pass *pass);

int leray_transforms_pairs(const leray_transforms *transforms);
int leray_transforms_threads(
    const leray_transforms *transforms); /* most that work runs on at once */
long leray_transforms_count(
    const leray_transforms *transforms); /* passes so far that wrote to its fields */

/* ---- whole fields ------------------------------------------------------------------------ */

/* Fields on the grid from their modes: `work` fills its `out` lines (in is empty); field f goes to
   values[f] [count, n1, nx], this rank's slab. */
LERAY_NODISCARD leray_status leray_transforms_to_grid(leray_transforms *transforms, int fields,
                                                      leray_column_work *work, void *self,
                                                      double *const *values);
/* The same for frames, which cannot fail: NaN everywhere where it does. */
void leray_transforms_show(leray_transforms *transforms, int fields, leray_column_work *work,
                           void *self, double *const *values);
/* The other way: work gets the lines of the fields as `in` (out is empty). */
LERAY_NODISCARD leray_status leray_transforms_from_grid(leray_transforms *transforms, int fields,
                                                        const double *const *values,
                                                        leray_column_work *work, void *self);

#endif
