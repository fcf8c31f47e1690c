/* leray/impl/loss.h - what a training loss must implement.

   To add one: operators/losses/<id>.c exporting leray_loss_<id>, and one line in
   operators/losses.def; or put it into a plugin (leray/impl/plugin.h). Its section holds its own keys and the common ones.

   A loss is a mean over samples, so that the mean over ranks is that of all samples. Terms may be
   weighted per channel, by latitude and by a mask,

     w[c, i] = channels[c] * share[i] * latitude[i] * mask[i],

   with share[i] the area or volume that point i of the grid stands for (1 on even grids, 0 under the grid's
   mask),

   and several losses form a chain, whose sum is minimised:

     sum over the chain of factor * loss. */
#ifndef LERAY_IMPL_LOSS_H
#define LERAY_IMPL_LOSS_H

#include <leray/impl/config.h>
#include <leray/impl/grid.h>
#include <leray/impl/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

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

struct leray_loss {
    const leray_loss_type *type;
    double factor;
    bool relative;
    struct leray_loss_weight *weight; /* NULL: all 1 */
    leray_loss *next;                 /* of the chain; owned */
};

#ifdef __cplusplus
}
#endif
#endif
