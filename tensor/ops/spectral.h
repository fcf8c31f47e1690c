/* tensor/ops/spectral.h - what both directions of the spectral convolution share. Private to
   tensor/ops/spectral*.c; the equations are in tensor/ops/spectral.c.

   Modes are stored mode-major, [mode, re | im, batch, channels]. Work is cut into items that
   depend on the shapes alone: blocks of channels of a sample for the transforms, modes for the
   mixing, tiles of rows for what happens at the points. */
#ifndef LERAY_TENSOR_OPS_SPECTRAL_H
#define LERAY_TENSOR_OPS_SPECTRAL_H

#include "tensor/algorithms/transform.h"
#include "tensor/ops/common.h"

#define X(n) ((n)->in[0])
#define W(n) ((n)->in[1])
#define M(n) ((n)->n_inputs > 2 ? (n)->in[2] : NULL)
#define BIAS(n) ((n)->in[3])

typedef struct leray_spectral {
    leray_transform t;
    leray_node *node;
    int batch, ci, co, widest, modes;
    bool gelu;
    size_t points, real;
    int tile_rows, tiles; /* rows of a tile, tiles of a sample */
    int block, group;     /* channels in one item of a transform; of those, at a time along x */
    void *x_hat;          /* [modes, 2, batch, ci], kept for backward */
    void *y_hat;          /* [modes, 2, batch, co] */
    void *columns;        /* [batch, max(ci, co), nz, ny, 2 mx]: between products along x and y */
    void *partial_map;    /* [batch * tiles, co, ci], backward */
    void *partial_bias;   /* [batch * tiles, co], backward */
    void *local;          /* [threads, local_size]: room of the transform, then work space */
    size_t local_size;
} leray_spectral;

/* One tile: rows y0 .. y0 + rows - 1, of all nz ny, of sample b. */
typedef struct leray_spectral_tile {
    int b, y0, rows, size; /* size = rows nx */
} leray_spectral_tile;

/* Sizes alone: everything but tables and memory. */
LERAY_NODISCARD leray_status leray_spectral_plan(leray_spectral *l, leray_node *n);
/* Bytes of scratch that the arrays need. */
size_t leray_spectral_scratch(const leray_spectral *l, bool backward);
/* Sizes, tables, and scratch cut into the arrays. */
LERAY_NODISCARD leray_status leray_spectral_init(leray_spectral *l, leray_node *n, bool backward);

/* Reals of x_hat. */
size_t leray_spectral_modes_size(const leray_node *n);

/* Between l->columns [batch, channels, nz, ny, 2 mx] and modes, along y and z, on all threads. `f`, if not
   NULL, is a field that is first transformed along x. Not 0 if a product was refused. */
int leray_spectral_into_modes(const leray_spectral *l, const void *f, int channels, void *hat);
int leray_spectral_out_of_modes(const leray_spectral *l, int channels, void *hat);

/* The inverse transform along x of one tile of l->columns into f [channels, rows nx], whose
   channels are ld apart; of whole images in one product. */
int leray_spectral_x_inverse(const leray_spectral *l, const void *table, int channels,
                             const leray_spectral_tile *tile, void *f, size_t ld, bool adds);

leray_spectral_tile leray_spectral_tile_of(const leray_spectral *l, int item);

static inline void *leray_spectral_at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_at(l->t.dtype, p, i);
}

/* Room of this thread for leray_transform_x and the like, and its work space. */
static inline void *leray_spectral_room(const leray_spectral *l)
{
    return leray_spectral_at(l, l->local, (size_t)omp_get_thread_num() * l->local_size);
}

static inline void *leray_spectral_local(const leray_spectral *l)
{
    return leray_spectral_at(l, leray_spectral_room(l), leray_transform_room(&l->t));
}

/* Where a tile starts in channel 0 of a field, and in channel c of l->columns. */
static inline size_t leray_spectral_field(const leray_spectral *l, int channels,
                                          const leray_spectral_tile *tile)
{
    return (size_t)tile->b * (size_t)channels * l->points + (size_t)tile->y0 * (size_t)l->t.n[2];
}

static inline void *leray_spectral_columns(const leray_spectral *l, int channels,
                                           const leray_spectral_tile *tile, int c)
{
    size_t image = (size_t)tile->b * (size_t)channels + (size_t)c;

    return leray_spectral_at(l, l->columns,
                             image * leray_transform_columns(&l->t) +
                                 (size_t)tile->y0 * 2 * (size_t)l->t.m[2]);
}

#endif
