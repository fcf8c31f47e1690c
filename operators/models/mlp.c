/* operators/models/mlp.c - dense network of a whole field, or of every point.

     h_0 = x,  h_{l+1} = f(W_l h_l + b_l),  l = 0 .. layers-1
     y = W_layers h_layers + b_layers

   Here x is the field with all its channels and points as one vector, y likewise: every output
   depends on every input, and the network is tied to the grid of the training data. It is the
   plainest baseline there is (a multilayer perceptron; Hornik, Stinchcombe and White, Neural
   Networks 2, 1989).

   pointwise: true: x are the channels at one point and its coordinates in [0, 1), and the same
   network serves all points. It knows nothing of a point's neighbours and takes every grid.

   Parameters, as in the state_dict of tools/parity/mlp.py:
     maps.<l>.weight [to, from]   maps.<l>.bias [to],  l = 0 .. layers
   Initial values: uniform in +-1 / sqrt(from), PyTorch's default. */
#include "operators/layers/activation.h"
#include "operators/model.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define LARGEST ((double)INT32_MAX) /* parameters */

typedef struct mlp {
    leray_model base;
    int64_t width, layers;
    int activation;
    bool pointwise;

    int (*maps)[2]; /* [layers + 1] weight, bias */
} mlp;

static const leray_key rows[] = {
    LERAY_KEY_INT(mlp, width, "width", "128", 1, 65536, "1", "units of a hidden layer"),
    LERAY_KEY_INT(mlp, layers, "layers", "2", 1, 64, "1", "hidden layers"),
    LERAY_KEY_CHOICE(mlp, activation, "activation", "gelu", leray_activations,
                     "activation of the hidden layers"),
    LERAY_KEY_BOOL(mlp, pointwise, "pointwise", "false",
                   "the same network at each point, on its channels and coordinates; false: one on "
                   "the whole field"),
};

/* Numbers that go into map l, or come out of map l - 1. */
static size_t extent(const mlp *s, int l)
{
    const leray_problem *p = &s->base.problem;
    size_t points = s->pointwise ? 1 : leray_grid_points(&p->grid);

    if (l == 0) return points * (size_t)p->channels_in + (size_t)(s->pointwise ? p->grid.ndim : 0);
    return l <= s->layers ? (size_t)s->width : points * (size_t)p->channels_out;
}

static leray_status check(const mlp *s, const leray_config *cfg, const char *section)
{
    char text[LERAY_EXTENTS_TEXT];
    leray_extents grid = leray_problem_extents(&s->base.problem);
    double count = 0;

    for (int l = 0; l <= s->layers; l++)
        count += ((double)extent(s, l) + 1) * (double)extent(s, l + 1);
    LERAY_CHECK(count <= LARGEST, LERAY_ERR_CONFIG,
                "%s.width = %d on a grid of %s needs %.4g parameters, more than 2^31 - 1; take "
                "fewer, or %s.pointwise = true%s",
                section, (int)s->width, leray_extents_text(&grid, text), count, section,
                leray_config_where(cfg, section, "width"));
    return LERAY_OK;
}

static leray_status declare(mlp *s, int l)
{
    int from = (int)extent(s, l), to = (int)extent(s, l + 1);
    double bound = 1 / sqrt(from);
    leray_initial initial = leray_initial_uniform(-bound, bound);
    char name[LERAY_PARAMETER_NAME];

    snprintf(name, sizeof name, "maps.%d.weight", l);
    LERAY_TRY(leray_parameters_declare(&s->base.parameters, name, false, 2, (int[]){to, from},
                                       initial, &s->maps[l][0]));
    snprintf(name, sizeof name, "maps.%d.bias", l);
    return leray_parameters_declare(&s->base.parameters, name, false, 1, &to, initial,
                                    &s->maps[l][1]);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    mlp *s = (mlp *)base;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(check(s, cfg, section));
    LERAY_TRY(LERAY_ALLOC(&s->maps, (size_t)s->layers + 1));
    for (int l = 0; l <= s->layers; l++) LERAY_TRY(declare(s, l));
    return LERAY_OK;
}

static void fini(leray_model *base) { leray_mem_free(((mlp *)base)->maps); }

/* W_l h + b_l of h [batch, from] */
static leray_status dense(mlp *s, leray_tape *tape, int l, leray_tensor *h, leray_tensor **out)
{
    leray_tensor *weight, *bias;

    LERAY_TRY(leray_model_view(&s->base, tape, s->maps[l][0], &weight));
    LERAY_TRY(leray_model_view(&s->base, tape, s->maps[l][1], &bias));
    LERAY_TRY(leray_op_matmul(tape, h, false, weight, true, &h));
    return leray_op_affine(tape, h, NULL, bias, out);
}

/* The coordinates join the channels, or all becomes one vector. */
static leray_status inputs(const mlp *s, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    int batch = x->shape[0];
    leray_tensor *grid;

    if (!s->pointwise)
        return leray_tape_reshape(tape, x, 2, (int[]){batch, (int)extent(s, 0)}, out);
    LERAY_TRY(leray_op_coordinates(tape, x, &grid));
    return leray_op_concat(tape, 1, x, grid, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    mlp *s = (mlp *)base;
    int ndim = x->ndim, shape[LERAY_TENSOR_DIMS];
    leray_tensor *h;

    for (int d = 0; d < ndim; d++) shape[d] = x->shape[d];
    shape[1] = base->problem.channels_out;
    LERAY_TRY(inputs(s, tape, x, &h));
    for (int l = 0; l <= s->layers; l++) {
        if (s->pointwise) LERAY_TRY(leray_model_map(base, tape, s->maps[l], h, NULL, false, &h));
        else LERAY_TRY(dense(s, tape, l, h, &h));
        if (l < s->layers) LERAY_TRY(leray_activate(s->activation, tape, h, &h));
    }
    *y = h;
    return s->pointwise ? LERAY_OK : leray_tape_reshape(tape, h, ndim, shape, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    if (((const mlp *)base)->pointwise) return LERAY_OK;
    return leray_model_tied("mlp", base, grid, "its maps hold one number per point of that grid");
}

const leray_model_type leray_model_mlp = {
    .summary = "dense network on the whole field, or at each point",
    .size = sizeof(mlp),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
