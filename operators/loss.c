/* operators/loss.c - see operators/loss.h. */
#include "operators/loss.h"

#include "core/mem.h"
#include "tensor/op.h"

leray_status leray_loss_create_type(const leray_loss_type *type, const leray_config *cfg,
                                    const char *section, leray_loss **out)
{
    leray_loss *self;
    leray_status status = LERAY_OK;
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_loss *)(void *)block;
    self->type = type;
    if (type->init) status = type->init(self, cfg, section);
    if (status) {
        leray_loss_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_loss_destroy(leray_loss **loss)
{
    if (!*loss) return;
    if ((*loss)->type->fini) (*loss)->type->fini(*loss);
    leray_mem_free(*loss);
    *loss = NULL;
}

leray_status leray_loss_apply(const leray_loss *loss, leray_tape *tape, leray_tensor *prediction,
                              leray_tensor *target, leray_tensor **scalar)
{
    *scalar = NULL;
    LERAY_CHECK(leray_same_shape(prediction, target), LERAY_ERR_ARG,
                "prediction and target have different shapes");
    LERAY_TRY(loss->type->apply(loss, tape, prediction, target, scalar));
    return LERAY_OK;
}
