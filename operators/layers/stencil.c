/* operators/layers/stencil.c - see operators/layers/stencil.h. */
#include "operators/layers/stencil.h"

#include <math.h>
#include <stdio.h>

#define EPS 1e-5 /* of the norms: PyTorch's default */

const char *const leray_stencil_norms[] = {"none", "group", "instance", NULL};
const char *const leray_stencil_paddings[] = {"periodic", "zero", "replicate", NULL};

static const leray_edge edges[] = {LERAY_EDGE_PERIODIC, LERAY_EDGE_ZERO, LERAY_EDGE_REPLICATE};

leray_status leray_stencil_check(const leray_stencil *s, const leray_config *cfg,
                                 const char *section, int64_t width)
{
    LERAY_CHECK(s->norm != LERAY_STENCIL_GROUP || width % s->groups == 0, LERAY_ERR_CONFIG,
                "%s.groups = %d does not divide %s.width = %d%s", section, (int)s->groups, section,
                (int)width, leray_config_where(cfg, section, "groups"));
    return LERAY_OK;
}

leray_status leray_stencil_declare_kernel(leray_model *model, const char *name, int first,
                                          int second, int kernel, int biases, int *weight,
                                          int *bias)
{
    int ndim = model->problem.grid.ndim;
    double bound = 1 / sqrt(second * pow(kernel, ndim));
    leray_initial initial = leray_initial_uniform(-bound, bound);
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.weight", name);
    LERAY_TRY(leray_parameters_declare(&model->parameters, text, false, 2 + ndim,
                                       (int[]){first, second, kernel, kernel, kernel}, initial,
                                       weight));
    if (!bias) return LERAY_OK;
    snprintf(text, sizeof text, "%s.bias", name);
    return leray_parameters_declare(&model->parameters, text, false, 1, &biases, initial, bias);
}

leray_status leray_stencil_declare(leray_model *model, const leray_stencil *s, const char *prefix,
                                   int i, int to, int from, leray_stencil_layer *layer)
{
    leray_parameters *p = &model->parameters;
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.conv.%d", prefix, i);
    LERAY_TRY(leray_stencil_declare_kernel(model, text, to, from, 3, to, &layer->weight,
                                           s->norm == LERAY_STENCIL_NONE ? &layer->bias : NULL));
    if (s->norm != LERAY_STENCIL_GROUP) return LERAY_OK;
    snprintf(text, sizeof text, "%s.norm.%d.weight", prefix, i);
    LERAY_TRY(
        leray_parameters_declare(p, text, false, 1, &to, leray_initial_constant(1), &layer->gamma));
    snprintf(text, sizeof text, "%s.norm.%d.bias", prefix, i);
    return leray_parameters_declare(p, text, false, 1, &to, leray_initial_constant(0),
                                    &layer->beta);
}

leray_convolution leray_stencil_convolution(const leray_stencil *s, int stride)
{
    return (leray_convolution){
        .stride = {stride, stride, stride},
        .before = {1,      1,      1     },
        .after = {1,      1,      1     },
        .edge = edges[s->padding],
    };
}

static leray_status normalise(leray_model *model, const leray_stencil *s,
                              const leray_stencil_layer *layer, leray_tape *tape, leray_tensor *x,
                              leray_tensor **out)
{
    leray_tensor *gamma = NULL, *beta = NULL;
    int groups = (int)s->groups;

    *out = x;
    if (s->norm == LERAY_STENCIL_NONE) return LERAY_OK;
    if (s->norm == LERAY_STENCIL_INSTANCE) groups = x->shape[1];
    else {
        LERAY_TRY(leray_model_view(model, tape, layer->gamma, &gamma));
        LERAY_TRY(leray_model_view(model, tape, layer->beta, &beta));
    }
    return leray_op_group_norm(tape, x, gamma, beta, groups, EPS, out);
}

leray_status leray_stencil_apply(leray_model *model, const leray_stencil *s,
                                 const leray_stencil_layer *layer, leray_tape *tape,
                                 leray_tensor *x, leray_tensor *add, leray_tensor **out)
{
    leray_convolution c = leray_stencil_convolution(s, 1);
    leray_tensor *weight, *bias = NULL;

    LERAY_TRY(leray_model_view(model, tape, layer->weight, &weight));
    if (s->norm == LERAY_STENCIL_NONE) LERAY_TRY(leray_model_view(model, tape, layer->bias, &bias));
    LERAY_TRY(leray_op_conv(tape, x, weight, bias, &c, &x));
    LERAY_TRY(normalise(model, s, layer, tape, x, &x));
    if (add) LERAY_TRY(leray_op_add(tape, x, add, &x));
    return leray_activate(s->activation, tape, x, out);
}
