/* operators/loss.h - what a training loss provides. Private.

   To add one: operators/losses/<id>.c exporting leray_loss_<id>, and one line in
   operators/losses.def. */
#ifndef LERAY_OPERATORS_LOSS_H
#define LERAY_OPERATORS_LOSS_H

#include "core/config.h"
#include "tensor/tape.h"

typedef struct leray_loss leray_loss;

typedef struct leray_loss_type {
    const char *summary;
    size_t size; /* sizeof the struct whose first member is leray_loss */
    leray_keys keys;

    /* REQUIRED */
    /* prediction and target [batch, channels, ny, nx] -> *scalar [1], a mean over samples. */
    leray_status (*apply)(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor **scalar);

    /* OPTIONAL: NULL means nothing to do */
    leray_status (*init)(leray_loss *self, const leray_config *cfg, const char *section);
    void (*fini)(leray_loss *self);
} leray_loss_type;

struct leray_loss {
    const leray_loss_type *type;
};

LERAY_NODISCARD leray_status leray_loss_create_type(const leray_loss_type *type,
                                                    const leray_config *cfg, const char *section,
                                                    leray_loss **out);
void leray_loss_destroy(leray_loss **loss); /* accepts a pointer to NULL */

/* Errors: ARG (shapes differ), MEMORY (first step only). */
LERAY_NODISCARD leray_status leray_loss_apply(const leray_loss *loss, leray_tape *tape,
                                              leray_tensor *prediction, leray_tensor *target,
                                              leray_tensor **scalar);

#endif
