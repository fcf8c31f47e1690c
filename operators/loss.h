/* operators/loss.h - what a training loss provides. Private.

   To add one: operators/losses/<id>.c exporting leray_loss_<id>, and one line in
   operators/losses.def. Its section holds its own keys and the common ones.

   A loss is a mean over samples, so that the mean over ranks is that of all samples. Terms may be
   weighted per channel, by latitude and by a mask,

     w[c, i] = channels[c] * share[i] * latitude[i] * mask[i],

   with share[i] the area or volume that point i of the grid stands for (1 on even grids, 0 under the grid's
   mask),

   and several losses form a chain, whose sum is what training makes small:

     sum over the chain of factor * loss. */
#ifndef LERAY_OPERATORS_LOSS_H
#define LERAY_OPERATORS_LOSS_H

#include "core/config.h"
#include "core/grid.h"
#include "tensor/tape.h"

typedef struct leray_loss leray_loss;

/* What a weight can be given to. */
typedef enum leray_loss_terms { LERAY_LOSS_POINTS, LERAY_LOSS_CHANNELS } leray_loss_terms;

typedef struct leray_loss_type {
    const char *summary;
    size_t size; /* sizeof the struct whose first member is leray_loss */
    leray_keys keys;
    /* POINTS: weights [channels, grid..]. CHANNELS: weights [channels] alone; latitude and mask
       are refused. */
    leray_loss_terms terms;
    /* Depends on means of squares over samples alone, or on their ratios, so that coefficients in an
       orthonormal basis, scaled to the mean square of the values at points, do as well as these. */
    bool any_basis;
    /* The same number when prediction and target are multiplied by one factor; a type whose deck
       decides sets leray_loss.relative in init. */
    bool relative;

    /* REQUIRED */
    /* prediction and target [batch, channels, grid..] -> *scalar [1], a mean over samples. weight
       is NULL where all terms have the weight 1. */
    leray_status (*apply)(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar);

    /* OPTIONAL: NULL means nothing to do */
    leray_status (*init)(leray_loss *self, const leray_config *cfg, const char *section);
    void (*fini)(leray_loss *self);
    /* From here on it compares fields of this grid. Errors: CONFIG, UNSUPPORTED with the reason why not. */
    leray_status (*prepare)(leray_loss *self, const leray_grid *grid);
} leray_loss_type;

/* The common keys. */
typedef struct leray_loss_settings {
    double factor;
    leray_reals channels;
    int latitude;
    char mask[LERAY_TEXT_MAX];
} leray_loss_settings;
extern const leray_keys leray_loss_keys;

struct leray_loss {
    const leray_loss_type *type;
    double factor;
    bool relative;
    struct leray_loss_weight *weight; /* NULL: all 1 */
    leray_loss *next;                 /* of the chain; owned */
};

LERAY_NODISCARD leray_status leray_loss_create_type(const leray_loss_type *type,
                                                    const leray_config *cfg, const char *section,
                                                    leray_loss **out);
void leray_loss_destroy(leray_loss **loss); /* the whole chain; accepts a pointer to NULL */

/* Puts *term at the end of the chain, which owns it from now on. */
void leray_loss_append(leray_loss *loss, leray_loss **term);

/* From here on all losses of the chain compare fields of these channels on this grid: points have the
   weights of the grid (leray_grid_fill_weights), lengths are its own. Without this call points weigh the
   same and there are no lengths. Errors: CONFIG (a list of channel weights of another length, latitudes of
   a grid without a y axis or with latitudes of its own, a mask of another grid), or what the implementation
   refuses; UNSUPPORTED (modes of a grid that is not periodic). */
LERAY_NODISCARD leray_status leray_loss_prepare(leray_loss *loss, int channels,
                                                const leray_grid *grid);

/* Whether all losses of the chain may be given coefficients in an orthonormal basis,
   [batch, channels, ..], instead of values. */
bool leray_loss_in_any_basis(const leray_loss *loss);

/* Whether the sum of the chain does not depend on the unit of the fields. A relative loss leaves out
   samples whose target is 0 everywhere (in its own norm): they have no relative error, add 0 to
   the sum and no gradient, and are counted by the mean, which ranks share. */
bool leray_loss_is_relative(const leray_loss *loss);

/* The sum of the chain. A loss with weights makes them for the first grid that it sees and again
   for each other one; between two resets of a tape they must stay, so the grid must.
   Errors: ARG (shapes differ), those of leray_loss_prepare, MEMORY (first step only). */
LERAY_NODISCARD leray_status leray_loss_apply(const leray_loss *loss, leray_tape *tape,
                                              leray_tensor *prediction, leray_tensor *target,
                                              leray_tensor **scalar);

#endif
