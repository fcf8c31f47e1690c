/* operators/loss.c - see operators/loss.h. */
#include "operators/loss.h"

#include "core/mem.h"
#include "operators/losses/latitude.h"
#include "operators/losses/weight.h"
#include "tensor/op.h"
#include <leray/impl/ops.h>

static const leray_key rows[] = {
    LERAY_KEY_REAL(leray_loss_settings, factor, "factor", "1", 0, 1e30, "1",
                   "factor of this loss in the sum of all losses"),
    LERAY_KEY_REALS(leray_loss_settings, channels, "channels", "1", 0, 1e30, "1",
                    "weight of each channel; one number serves all"),
    LERAY_KEY_CHOICE(
        leray_loss_settings, latitude, "latitude", "none", leray_latitudes,
        "for data without latitudes: weights cos(latitude), with y from pole to pole; cells: "
        "points at centres of cells; nodes: the first and the last point are the poles"),
    LERAY_KEY_TEXT(leray_loss_settings, mask, "mask", "",
                   "a .npy file [grid..] with the weight, at least 0, of each point"),
};
const leray_keys leray_loss_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

static leray_status make(leray_loss *self, const leray_config *cfg, const char *section)
{
    leray_loss_settings settings;

    LERAY_TRY(leray_config_read(cfg, section, leray_loss_keys, &settings));
    self->factor = settings.factor;
    self->relative = self->type->relative;
    LERAY_TRY(leray_loss_weight_create(&settings, self->type->terms, section, &self->weight));
    if (self->type->init) LERAY_TRY(self->type->init(self, cfg, section));
    return LERAY_OK;
}

leray_status leray_loss_create_type(const leray_loss_type *type, const leray_config *cfg,
                                    const char *section, leray_loss **out)
{
    leray_loss *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_loss *)(void *)block;
    self->type = type;
    status = make(self, cfg, section);
    if (status) {
        leray_loss_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_loss_destroy(leray_loss **loss)
{
    leray_loss *self = *loss;

    while (self) {
        leray_loss *next = self->next;

        if (self->type->fini) self->type->fini(self);
        leray_loss_weight_destroy(&self->weight);
        leray_mem_free(self);
        self = next;
    }
    *loss = NULL;
}

void leray_loss_append(leray_loss *loss, leray_loss **term)
{
    while (loss->next) loss = loss->next;
    loss->next = *term;
    *term = NULL;
}

leray_status leray_loss_prepare(leray_loss *loss, int channels, const leray_grid *grid)
{
    for (; loss; loss = loss->next) {
        LERAY_TRY(leray_loss_weight_prepare(&loss->weight, loss->type->terms, channels, grid));
        if (loss->type->prepare) LERAY_TRY(loss->type->prepare(loss, grid));
    }
    return LERAY_OK;
}

bool leray_loss_in_any_basis(const leray_loss *loss)
{
    bool any = true;

    for (; any && loss; loss = loss->next)
        any = loss->type->any_basis && !leray_loss_weighs_points(loss->weight);
    return any;
}

bool leray_loss_is_relative(const leray_loss *loss)
{
    bool relative = true;

    for (; relative && loss; loss = loss->next) relative = loss->relative;
    return relative;
}

/* factor * loss of one member of the chain. */
static leray_status term_of(const leray_loss *loss, leray_tape *tape, leray_tensor *prediction,
                            leray_tensor *target, leray_tensor **scalar)
{
    leray_tensor *weight = NULL, *raw;

    if (loss->weight) LERAY_TRY(leray_loss_weight_tensor(loss->weight, tape, prediction, &weight));
    LERAY_TRY(loss->type->apply(loss, tape, prediction, target, weight, scalar));
    if (loss->factor == 1) return LERAY_OK;
    raw = *scalar;
    return leray_op_scale(tape, raw, loss->factor, scalar);
}

static leray_status sum_of(const leray_loss *loss, leray_tape *tape, leray_tensor *prediction,
                           leray_tensor *target, leray_tensor **scalar)
{
    LERAY_TRY(term_of(loss, tape, prediction, target, scalar));
    while ((loss = loss->next)) {
        leray_tensor *term, *sum = *scalar;

        LERAY_TRY(term_of(loss, tape, prediction, target, &term));
        LERAY_TRY(leray_op_add(tape, sum, term, scalar));
    }
    return LERAY_OK;
}

leray_status leray_loss_apply(const leray_loss *loss, leray_tape *tape, leray_tensor *prediction,
                              leray_tensor *target, leray_tensor **scalar)
{
    leray_status status;

    *scalar = NULL;
    LERAY_CHECK(leray_same_shape(prediction, target), LERAY_ERR_ARG,
                "prediction and target have different shapes");
    status = sum_of(loss, tape, prediction, target, scalar);
    if (status) *scalar = NULL;
    return status;
}
