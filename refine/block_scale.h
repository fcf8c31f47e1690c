/* refine/block_scale.h - variables in which a block-diagonal matrix is the identity. Private.

   For each block u = S R^-1 x, where S makes the diagonal of a Hermitian positive semidefinite N one
   and R* R = S N S + ridge 1. Then |R S^-1 u| = |x|: where N = A* A, A S R^-1 is near an isometry,
   but for what is below the ridge. */
#ifndef LERAY_REFINE_BLOCK_SCALE_H
#define LERAY_REFINE_BLOCK_SCALE_H

#include "core/error.h"

#include <complex.h>
#include <stddef.h>

typedef struct leray_block_scale {
    size_t blocks;
    int n;                  /* size of a block */
    double *scale;          /* [blocks, n] */
    double complex *factor; /* [blocks, n (n + 1) / 2] columns of R, from the top to the diagonal */
} leray_block_scale;

/* Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_block_scale_init(leray_block_scale *s, size_t blocks, int n);
void leray_block_scale_fini(leray_block_scale *s); /* accepts a zeroed one */

/* Sets a block from N [n, n]; a column of zeros is left alone. Blocks may be set side by side. */
void leray_block_scale_set(leray_block_scale *s, size_t block, double ridge,
                           const double complex *matrix);

/* u = S R^-1 x and x = R^-* S u, [blocks, n]; also in place. */
void leray_block_scale_map(const leray_block_scale *s, const double complex *x, double complex *u);
void leray_block_scale_adjoint(const leray_block_scale *s, const double complex *u,
                               double complex *x);

#endif
