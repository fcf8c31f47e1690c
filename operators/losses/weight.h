/* operators/losses/weight.h - the factors that a loss gives its terms. Private to operators/loss.c.

   The mask is taken as it is; for latitudes see operators/losses/latitude.h. */
#ifndef LERAY_OPERATORS_LOSS_WEIGHT_H
#define LERAY_OPERATORS_LOSS_WEIGHT_H

#include "operators/loss.h"

typedef struct leray_loss_weight {
    leray_reals channels; /* one entry stands for all */
    int latitude;
    double *mask; /* [mask_grid]; NULL: 1 */
    leray_extents mask_grid;
    char *mask_path;
    leray_loss_terms terms;
    double *share; /* [grid..] of the grid that was prepared; NULL: 1 */
    leray_extents share_grid;

    /* The factors as they were last made: [channels, grid..] or [channels]. */
    void *value;
    leray_dtype dtype;
    int made_channels;
    leray_extents made_grid;
} leray_loss_weight;

/* *out is NULL where all factors are 1. Errors: CONFIG, IO and DATA (the mask), MEMORY. */
LERAY_NODISCARD leray_status leray_loss_weight_create(const leray_loss_settings *settings,
                                                      leray_loss_terms terms, const char *where,
                                                      leray_loss_weight **out);
void leray_loss_weight_destroy(leray_loss_weight **weight); /* accepts a pointer to NULL */

/* Whether factors differ from point to point; accepts NULL. */
bool leray_loss_weighs_points(const leray_loss_weight *weight);

/* Takes the shares of a grid's points; makes *weight where it is NULL and they are not all 1. Errors: as
   leray_loss_prepare. */
LERAY_NODISCARD leray_status leray_loss_weight_prepare(leray_loss_weight **weight,
                                                       leray_loss_terms terms, int channels,
                                                       const leray_grid *grid);

/* As a tensor on the tape, for fields like this one. */
LERAY_NODISCARD leray_status leray_loss_weight_tensor(leray_loss_weight *weight, leray_tape *tape,
                                                      const leray_tensor *field,
                                                      leray_tensor **out);

#endif
