/* operators/loss.h - losses at work: made, chained, applied (include/leray/impl/loss.h). Private. */
#ifndef LERAY_OPERATORS_LOSS_H
#define LERAY_OPERATORS_LOSS_H

#include <leray/impl/loss.h>

/* The common keys. */
typedef struct leray_loss_settings {
    double factor;
    leray_reals channels;
    int latitude;
    char mask[LERAY_TEXT_MAX];
} leray_loss_settings;
extern const leray_keys leray_loss_keys;

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
