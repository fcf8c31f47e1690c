/* solvers/pseudospectral/diagnostics/mode_sums.h - sums over all modes of a flow: quadratic quantities by Parseval,
   without a transform. Private.

   The columns of a rank are cut into pieces that depend on the box alone; each piece has its own
   sums, which are added in order. So the number of threads does not change a bit. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_MODE_SUMS_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_DIAGNOSTICS_MODE_SUMS_H

#include "solvers/pseudospectral/engine/view.h"

/* Vectors of a column that are made of fields of the flow: the velocity of a state, the
   acceleration of a tendency. `lines` is a member of the view. */
typedef struct leray_mode_vector {
    const leray_modes *fields;
    void (*lines)(void *self, const leray_column *column, double complex *const *fields,
                  double complex *const *vector);
} leray_mode_vector;

/* What one column shows. */
typedef struct leray_mode_lines {
    const leray_column *column;
    int ndim;
    double complex *const *vector; /* [vectors, ndim] lines [n], components x, y(, z) */
    const double *viscous;         /* [n], of the view */
} leray_mode_lines;

/* Adds the column's part to sums, its weight included. Runs on many threads at once. */
typedef void leray_mode_work(void *self, const leray_mode_lines *lines, double *sums);

typedef struct leray_mode_sums {
    const leray_spectral_view *view;
    const leray_box *box;
    int vectors, count, pieces;
    size_t lines;           /* complex numbers of one piece */
    double complex *line;   /* [pieces, fields + vectors ndim + 1, pitch]; the last is viscous */
    double complex **table; /* [pieces, fields + vectors ndim] */
    double *partial;        /* [pieces, count] */
} leray_mode_sums;

/* For `count` sums over `vectors` vectors. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_mode_sums_init(leray_mode_sums *sums,
                                                  const leray_spectral_view *view, int vectors,
                                                  int count);
void leray_mode_sums_fini(leray_mode_sums *sums); /* accepts a zeroed one */

/* out [count], the same on all ranks of the box. vector [vectors]. Does not allocate. Errors:
   EXTERNAL. */
LERAY_NODISCARD leray_status leray_mode_sums_run(leray_mode_sums *sums,
                                                 const leray_mode_vector *vector,
                                                 leray_mode_work *work, void *self, double *out);

/* Whether row r of a column is a mode that is kept. */
static inline bool leray_mode_kept(const leray_column *column, int r)
{
    return r <= column->top || r >= column->n - column->top;
}

/* |k|^2 of row r. */
static inline double leray_mode_k2(const leray_column *column, int r)
{
    return column->kx * column->kx + column->km * column->km + column->ks[r] * column->ks[r];
}

/* Re(u* . v) of row r of two vectors. */
static inline double leray_mode_product(int ndim, double complex *const *u,
                                        double complex *const *v, int r)
{
    double sum = 0;

    for (int a = 0; a < ndim; a++)
        sum += creal(u[a][r]) * creal(v[a][r]) + cimag(u[a][r]) * cimag(v[a][r]);
    return sum;
}

/* curl u of row r: one component in two dimensions, three in three. */
void leray_mode_curl(int ndim, const leray_column *column, double complex *const *u, int r,
                     double complex *curl);

#endif
