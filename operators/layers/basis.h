/* operators/layers/basis.h - the orthonormal bases in which a model may stay, and their low modes. Private.

     cosine    DCT-II, norm = "ortho": modes k = 0 .. m-1 per axis, real
     fourier   the half spectrum of a real field (tensor/ops/dft.c): `modes` per sign on the slower
               axes, kx = 0 .. m-1 on the last; (re, im)

   `to` and `from` are those of operators/model.h, of the full spectrum on the grid of the field; a
   Fourier spectrum has (nx / 2 + 1) 2 numbers on its last axis.

   The kept block is what the model works on, [batch, channels, m..] or [.., 2 mz, 2 my, mx, 2]:
   orthonormal coefficients times sqrt(N_train / N), which do not depend on the number of points N
   for a function that the modes can hold. So a model that acts on blocks stands for one function
   on all grids of the same kind of points: cosines of cell centres, (j + 1/2) L / n, and Fourier
   modes of periodic points, j L / n. */
#ifndef LERAY_OPERATORS_BASIS_H
#define LERAY_OPERATORS_BASIS_H

#include "operators/model.h"

typedef enum leray_basis_kind { LERAY_BASIS_COSINE, LERAY_BASIS_FOURIER } leray_basis_kind;
extern const char *const leray_basis_kinds[]; /* "dct", "dft" */

typedef struct leray_basis {
    leray_basis_kind kind;
    int modes[LERAY_AXES];
    leray_problem problem;
    const char *model; /* for texts */
} leray_basis;

/* Errors: ARG if the training grid lacks the modes, or, for fourier, has an odd number of points on
   an axis that is not the last. */
LERAY_NODISCARD leray_status leray_basis_init(leray_basis *basis, leray_basis_kind kind,
                                              const int *modes, const leray_problem *problem,
                                              const char *model);

static inline bool leray_basis_is_complex(const leray_basis *basis)
{
    return basis->kind == LERAY_BASIS_FOURIER;
}

/* Extents of the modes of a block, one per axis; the (re, im) of a complex one are not counted. */
void leray_basis_extents(const leray_basis *basis, int extent[LERAY_AXES]);

/* The share of the numbers of a field that a block has. */
double leray_basis_share(const leray_basis *basis);

/* Errors: ARG where the block would stand for another function on this grid. */
LERAY_NODISCARD leray_status leray_basis_accepts(const leray_basis *basis,
                                                 const leray_extents *grid);

LERAY_NODISCARD leray_status leray_basis_to(const leray_basis *basis, leray_tape *tape,
                                            leray_tensor *field, leray_tensor **hat);
LERAY_NODISCARD leray_status leray_basis_from(const leray_basis *basis, leray_tape *tape,
                                              leray_tensor *hat, const leray_extents *grid,
                                              leray_tensor **field);

/* Field to block, and block to the full spectrum on a grid, zero where the block has no modes. */
LERAY_NODISCARD leray_status leray_basis_keep(const leray_basis *basis, leray_tape *tape,
                                              leray_tensor *field, leray_tensor **block);
LERAY_NODISCARD leray_status leray_basis_fill(const leray_basis *basis, leray_tape *tape,
                                              leray_tensor *block, const leray_extents *grid,
                                              leray_tensor **hat);

/* Blocks [ndim, m..] of the coordinates x, y, z in [0, 1], in that order, on the training grid:
   j / n on periodic axes, else (j + 1/2) / n. *out is freed with leray_mem_free. */
LERAY_NODISCARD leray_status leray_basis_coordinates(const leray_basis *basis, leray_dtype dtype,
                                                     void **out);
/* *block with those joined to its channels, for all samples. */
LERAY_NODISCARD leray_status leray_basis_add_coordinates(const leray_basis *basis, leray_tape *tape,
                                                         const void *coordinates,
                                                         leray_tensor **block);

#endif
