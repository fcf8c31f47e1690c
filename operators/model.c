/* operators/model.c - see operators/model.h. */
#include "operators/model.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

static leray_status make(leray_model *self, const leray_config *cfg, const char *section,
                         uint64_t seed)
{
    LERAY_TRY(self->type->init(self, cfg, section));
    LERAY_TRY(leray_parameters_allocate(&self->parameters));
    leray_parameters_draw(&self->parameters, seed);
    return LERAY_OK;
}

leray_status leray_model_create_type(const leray_model_type *type, const leray_config *cfg,
                                     const char *section, const leray_problem *problem,
                                     uint64_t seed, leray_dtype dtype, leray_model **out)
{
    leray_model *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_CHECK(problem->channels_in >= 1 && problem->channels_out >= 1, LERAY_ERR_ARG,
                "a model from %d to %d channels: both must be positive", problem->channels_in,
                problem->channels_out);
    LERAY_CHECK(problem->grid.ndim >= 1 && problem->grid.ndim <= LERAY_AXES, LERAY_ERR_ARG,
                "a model in %d dimensions, not in [1, %d]", problem->grid.ndim, LERAY_AXES);
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_model *)(void *)block;
    self->type = type;
    self->dtype = dtype;
    self->parameters.dtype = dtype;
    self->problem = *problem;
    status = leray_grid_copy(&problem->grid, &self->problem.grid);
    if (!self->problem.history) self->problem.history = 1;
    if (!self->problem.window) self->problem.window = 1;
    self->frames = self->problem.window;
    if (!status && type->transforms)
        status =
            leray_grid_need_even(&problem->grid, "a model that works on Fourier or cosine modes");
    if (!status) status = make(self, cfg, section, seed);
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
    if ((*model)->type->fini) (*model)->type->fini(*model);
    leray_parameters_fini(&(*model)->parameters);
    leray_grid_fini(&(*model)->problem.grid);
    leray_mem_free(*model);
    *model = NULL;
}

leray_extents leray_extents_of(const leray_tensor *field)
{
    return leray_extents_make(field->ndim - 2, field->shape + 2);
}

leray_status leray_model_forward(leray_model *model, leray_tape *tape, leray_tensor *x,
                                 leray_tensor **y)
{
    int ndim = model->problem.grid.ndim;
    leray_extents grid;

    *y = NULL;
    LERAY_CHECK(leray_tape_dtype(tape) == model->dtype && x->dtype == model->dtype, LERAY_ERR_ARG,
                "the model, the tape and x are not all of one precision");
    LERAY_CHECK(x->ndim == ndim + 2 && x->shape[1] == model->problem.channels_in, LERAY_ERR_ARG,
                "x has %d dimensions and %d channels, not [batch, %d, grid in %d dimensions]",
                x->ndim, x->ndim > 1 ? x->shape[1] : 0, model->problem.channels_in, ndim);
    LERAY_CHECK(model->frames == model->problem.window ||
                    (leray_model_head(model) && model->frames >= 1),
                LERAY_ERR_ARG, "the model gives its window as %d frames, not as %d",
                model->problem.window, model->frames);
    grid = leray_extents_of(x);
    LERAY_TRY(model->type->accepts(model, &grid));
    LERAY_TRY(model->type->forward(model, tape, x, y));
    return LERAY_OK;
}

leray_status leray_model_predict(leray_model *model, leray_tape *tape, leray_tensor *x,
                                 leray_tensor **y)
{
    leray_tensor *hat;
    leray_extents grid;

    LERAY_TRY(leray_model_forward(model, tape, x, y));
    if (!model->type->from) return LERAY_OK;
    grid = leray_extents_of(x);
    hat = *y;
    return model->type->from(model, tape, hat, &grid, y);
}

const struct leray_time_head *leray_model_head(const leray_model *model)
{
    return model->type->head ? model->type->head(model) : NULL;
}

leray_status leray_model_accepts(const leray_model *model, const leray_grid *grid)
{
    leray_extents extents = leray_grid_extents(grid);

    LERAY_CHECK(grid->ndim == model->problem.grid.ndim, LERAY_ERR_ARG,
                "a model for %d dimensions on a grid of %d", model->problem.grid.ndim, grid->ndim);
    if (model->type->transforms)
        LERAY_TRY(leray_grid_need_even(grid, "a model that works on Fourier or cosine modes"));
    LERAY_TRY(model->type->accepts(model, &extents));
    return LERAY_OK;
}

leray_parameters *leray_model_parameters(leray_model *model) { return &model->parameters; }

leray_status leray_model_declare_map(leray_model *model, const char *name, int to, int from,
                                     int *weight, int *bias)
{
    double bound = 1 / sqrt((double)from);
    leray_initial initial = leray_initial_uniform(-bound, bound);
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.weight", name);
    LERAY_TRY(leray_parameters_declare(&model->parameters, text, false,
                                       2 + model->problem.grid.ndim, (int[]){to, from, 1, 1, 1},
                                       initial, weight));
    snprintf(text, sizeof text, "%s.bias", name);
    return leray_parameters_declare(&model->parameters, text, false, 1, &to, initial, bias);
}

leray_status leray_model_view(leray_model *model, leray_tape *tape, int index, leray_tensor **out)
{
    return leray_parameters_tensor(&model->parameters, tape, index, out);
}

leray_status leray_model_map(leray_model *model, leray_tape *tape, const int views[2],
                             leray_tensor *x, leray_tensor *add, bool gelu, leray_tensor **out)
{
    leray_tensor *weight, *bias;

    LERAY_TRY(leray_model_view(model, tape, views[0], &weight));
    LERAY_TRY(leray_model_view(model, tape, views[1], &bias));
    return leray_op_linear(tape, x, weight, bias, add, gelu, out);
}

leray_status leray_model_modes(int ndim, const leray_config *cfg, const char *section,
                               const char *key, const leray_ints *list, int modes[LERAY_AXES])
{
    LERAY_CHECK(list->count == 1 || list->count == ndim, LERAY_ERR_CONFIG,
                "%s.%s has %d entries; one number serves all axes, or give %d, the slowest axis "
                "first%s",
                section, key, list->count, ndim, leray_config_where(cfg, section, key));
    for (int a = 0; a < ndim; a++) modes[a] = (int)list->value[list->count == 1 ? 0 : a];
    return LERAY_OK;
}

leray_status leray_modes_fit(const char *model, const int *modes, const leray_extents *grid)
{
    int last = grid->ndim - 1;

    for (int a = 0; a < last; a++)
        LERAY_CHECK(2 * modes[a] <= grid->n[a], LERAY_ERR_ARG,
                    "%s: modes = %d per sign in %s need at least %d points, the grid has %d", model,
                    modes[a], leray_axis_name(grid->ndim, a), 2 * modes[a], grid->n[a]);
    LERAY_CHECK(modes[last] <= grid->n[last] / 2 + 1, LERAY_ERR_ARG,
                "%s: modes = %d in x need at least %d points, the grid has %d", model, modes[last],
                2 * (modes[last] - 1), grid->n[last]);
    return LERAY_OK;
}

leray_status leray_model_tied(const char *id, const leray_model *model, const leray_extents *grid,
                              const char *why)
{
    char here[LERAY_EXTENTS_TEXT], there[LERAY_EXTENTS_TEXT];
    leray_extents trained = leray_problem_extents(&model->problem);

    LERAY_CHECK(leray_extents_same(grid, &trained), LERAY_ERR_ARG,
                "%s: trained on %s points, it cannot be used on %s: %s", id,
                leray_extents_text(&trained, there), leray_extents_text(grid, here), why);
    return LERAY_OK;
}
