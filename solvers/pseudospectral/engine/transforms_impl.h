/* solvers/pseudospectral/engine/transforms_impl.h - what the files of solvers/pseudospectral/engine/transforms.h share.

   Fields between the two passes stand in blocks, one for each rank that holds wavenumbers along x (on
   the side of rows) or planes (on the side of columns):

       rows     [rank of x][field, as many as there is room for][plane here][row of m][x wavenumbers of that rank, padded]
       columns  [rank of planes][field][plane of that rank][row of m][x wavenumbers here, padded]

   A block is one message for all fields; one rank has a single block that both sides use. The
   padding makes the distance between planes an odd number of cache lines, so that a column does
   not fall on a few sets of the cache. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_TRANSFORMS_IMPL_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_TRANSFORMS_IMPL_H

#include "core/fft.h"
#include "solvers/pseudospectral/engine/transforms.h"

#define LERAY_PASS_FIELDS 32

/* What the sweeps do in one precision. */
typedef struct leray_sweeps {
    size_t size; /* of a complex number */
    leray_status (*fft_create)(int n, void **out);
    void (*fft_destroy)(void *fft);
    void (*columns)(leray_transforms *p, const leray_column_pass *pass, int block, int thread);
    void (*rows)(leray_transforms *p, const leray_row_pass *pass, int part, int thread);
    size_t (*columns_scratch)(const leray_transforms *p); /* bytes of a thread */
    size_t (*rows_scratch)(const leray_transforms *p);
} leray_sweeps;

extern const leray_sweeps leray_sweeps_f64, leray_sweeps_f32;

struct leray_transforms {
    const leray_box *box;
    const leray_sweeps *sweeps;
    int fields, threads, ranks, rank;
    int *width;              /* [ranks]: padded number of x wavenumbers of a rank */
    int *x_first;            /* [ranks + 1]: its first x wavenumber */
    int *x_at;               /* [ranks + 1]: where its piece of a padded row begins */
    int *plane;              /* [ranks + 1]: its first plane */
    int pitch;               /* from row to row of a thread's planes, >= x_at[ranks] */
    int line[3];             /* padded length of a line along each axis */
    int *at[2], *size[2];    /* [ranks] for the messages of the rows' and the columns' side */
    int parts;               /* of a row pass: planes in three dimensions, pairs of them in two */
    void *here, *there;      /* the blocks of the rows' and of the columns' side */
    void *fft[3];            /* one line along each axis; NULL along an axis of one point */
    double complex *move[3]; /* exp(i pi k/n) of the rows of each axis: half a cell */
    size_t scratch_size;
    char *scratch; /* [threads, scratch_size] */
    long count;
};

#endif
