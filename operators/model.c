/* operators/model.c - see operators/model.h. */
#include "operators/model.h"

#include "core/mem.h"

static leray_status make(leray_model *self, const leray_config *cfg, const char *section,
                         uint64_t seed)
{
    LERAY_TRY(self->type->init(self, cfg, section));
    LERAY_TRY(leray_parameters_allocate(&self->parameters));
    leray_parameters_draw(&self->parameters, seed);
    return LERAY_OK;
}

leray_status leray_model_create_type(const leray_model_type *type, const leray_config *cfg,
                                     const char *section, int channels_in, int channels_out,
                                     uint64_t seed, leray_dtype dtype, leray_model **out)
{
    leray_model *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_CHECK(channels_in >= 1 && channels_out >= 1, LERAY_ERR_ARG,
                "a model from %d to %d channels: both must be positive", channels_in, channels_out);
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_model *)(void *)block;
    self->type = type;
    self->dtype = dtype;
    self->parameters.dtype = dtype;
    self->channels_in = channels_in;
    self->channels_out = channels_out;
    status = make(self, cfg, section, seed);
    if (status) {
        leray_model_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_model_destroy(leray_model **model)
{
    if (!*model) return;
    (*model)->type->fini(*model);
    leray_parameters_fini(&(*model)->parameters);
    leray_mem_free(*model);
    *model = NULL;
}

leray_status leray_model_forward(leray_model *model, leray_tape *tape, leray_tensor *x,
                                 leray_tensor **y)
{
    *y = NULL;
    LERAY_CHECK(leray_tape_dtype(tape) == model->dtype && x->dtype == model->dtype, LERAY_ERR_ARG,
                "the model, the tape and x are not all of one precision");
    LERAY_CHECK(x->ndim == 4 && x->shape[1] == model->channels_in, LERAY_ERR_ARG,
                "x has %d dimensions and %d channels, not [batch, %d, ny, nx]", x->ndim,
                x->ndim > 1 ? x->shape[1] : 0, model->channels_in);
    LERAY_TRY(leray_model_accepts(model, x->shape[2], x->shape[3]));
    LERAY_TRY(model->type->forward(model, tape, x, y));
    return LERAY_OK;
}

leray_status leray_model_accepts(const leray_model *model, int ny, int nx)
{
    LERAY_TRY(model->type->accepts(model, ny, nx));
    return LERAY_OK;
}

leray_parameters *leray_model_parameters(leray_model *model) { return &model->parameters; }
