/* operators/models/t1.c - Transform Once (Poli et al., NeurIPS 2022; their published code) in one
   to three dimensions: one transform in, and none out while it is trained.

     z_0     = kept modes of L (x, coordinates) + l        lifting: [width, channels_in + ndim]
     z_{l+1} = z_l + S_0 .. S_(d-1) f(W z_l)               operators/layers/t1_layer.h, l = 0 .. layers-1
     y^      = H_1 sin(H_0 z_layers)                       for every mode; 0 beyond the kept ones

   y^ are the coefficients of the prediction in the orthonormal basis of operators/layers/basis.h, where
   targets are compared with them. transform: dct is the cosine transform with real weights, dft
   the complex variant: half spectrum of a real field, complex weights in W and S, f and sin act on
   real and imaginary parts by themselves, L and H are real. Since L acts alike at all points, it is
   applied to the kept modes of x instead, l then goes to the mean mode: the same function with
   transforms of a few fields in place of `width`.

   Parameters, as in the state_dict of tools/parity/t1.py:
     lifting.weight [width, ci, 1..]      lifting.bias [width]
     layers.<l>.channels, layers.<l>.axes.<a>                 operators/layers/t1_layer.h
     head.0 [head, width]                 head.1 [co, head]   without biases
   Initial values: lifting uniform in +-1 / sqrt(fan in), PyTorch's default; layers as `init` says;
   head normal with the deviation `head_scale`, 1e-8 in the source, so that training starts from
   the prediction 0. */
#include "operators/layers/selection.h"
#include "operators/layers/t1_layer.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

typedef struct t1 {
    leray_model base;
    int64_t width, layers, hidden;
    leray_ints modes_list;
    int transform;
    leray_t1_settings layer;
    double head_scale, tolerance;
    bool grid;

    leray_basis basis;
    int lifting[2], head[2];  /* indices of views */
    leray_t1_layer *layer_at; /* [layers] */
    void *coordinates;        /* [ndim, m..] */
    void *zero;               /* [width] */
} t1;

static const leray_key rows[] = {
    LERAY_KEY_CHOICE(t1, transform, "transform", "dct", leray_basis_kinds,
                     "basis of the model: cosines with real weights, or Fourier modes with complex "
                     "ones"),
    LERAY_KEY_INT(t1, width, "width", "48", 1, 1024, "1", "channels of the layers"),
    LERAY_KEY_INTS(t1, modes_list, "modes", "24", 1, 4096, "1",
                   "kept modes: [mz, my, mx], or one number for all axes; dft: per sign along "
                   "slower axes, kx >= 0 in x"),
    LERAY_KEY_INT(t1, layers, "layers", "8", 1, 64, "1", "layers"),
    LERAY_KEY_CHOICE(
        t1, layer.activation, "activation", "gelu", leray_t1_activations,
        "activation of the layers; the published code has gelu for dct, tanh or sin for dft"),
    LERAY_KEY_CHOICE(
        t1, layer.initial, "init", "variance", leray_t1_initials,
        "initial weights of the layers; variance: all layers keep the variance of the field"),
    LERAY_KEY_BOOL(t1, layer.first_layer_only, "first_layer_only", "false",
                   "init: published in the first layer alone, kaiming in the others"),
    LERAY_KEY_INT(t1, hidden, "head", "128", 1, 4096, "1", "hidden channels of the head"),
    LERAY_KEY_REAL(t1, head_scale, "head_scale", "1e-8", 1e-30, 1e3, "1",
                   "standard deviation of the head's initial weights"),
    LERAY_KEY_REAL(t1, tolerance, "tolerance", "0", 0, 1, "1",
                   "if > 0, modes are chosen such that the truncation error (relative L2) of the "
                   "training targets is at most this"),
    LERAY_KEY_BOOL(t1, grid, "grid", "true", "add the coordinates in [0, 1] to the input"),
};

static leray_status fit_settings(const leray_problem *problem, leray_config *deck,
                                 const char *section, const leray_targets *targets)
{
    t1 s = {0};
    leray_selection selection = {.model = "t1", .multiple = 1};

    LERAY_TRY(leray_config_read(deck, section, LERAY_KEYS(rows), &s));
    LERAY_TRY(leray_model_modes(problem->grid.ndim, deck, section, "modes", &s.modes_list,
                                selection.modes));
    selection.kind = (leray_basis_kind)s.transform;
    selection.tolerance = s.tolerance;
    return leray_selection_fit_settings(&selection, problem, targets, deck, section);
}

static leray_status declare_head(t1 *s, int index, int to, int from)
{
    char text[LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "head.%d", index);
    return leray_parameters_declare(&s->base.parameters, text, false, 2, (int[]){to, from},
                                    leray_initial_normal(0, s->head_scale), &s->head[index]);
}

static leray_status declare(t1 *s)
{
    leray_model *base = &s->base;
    int w = (int)s->width, in = base->problem.channels_in;
    char text[LERAY_PARAMETER_NAME];

    if (s->grid) in += base->problem.grid.ndim;
    LERAY_TRY(leray_model_declare_map(base, "lifting", w, in, &s->lifting[0], &s->lifting[1]));
    for (int l = 0; l < s->layers; l++) {
        snprintf(text, sizeof text, "layers.%d", l);
        LERAY_TRY(leray_t1_layer_declare(&s->layer_at[l], base, &s->basis, &s->layer, text, w, l,
                                         (int)s->layers));
    }
    LERAY_TRY(declare_head(s, 0, (int)s->hidden, w));
    return declare_head(s, 1, base->problem.channels_out, (int)s->hidden);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    t1 *s = (t1 *)base;
    int modes[LERAY_AXES];

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_CHECK(!s->layer.first_layer_only || s->layer.initial == LERAY_T1_PUBLISHED,
                LERAY_ERR_CONFIG, "%s.first_layer_only belongs to init: published%s", section,
                leray_config_where(cfg, section, "first_layer_only"));
    LERAY_TRY(
        leray_model_modes(base->problem.grid.ndim, cfg, section, "modes", &s->modes_list, modes));
    LERAY_TRY(
        leray_basis_init(&s->basis, (leray_basis_kind)s->transform, modes, &base->problem, "t1"));
    LERAY_TRY(LERAY_ALLOC(&s->layer_at, (size_t)s->layers));
    LERAY_TRY(leray_mem_alloc(&s->zero, (size_t)s->width, leray_dtype_size(base->dtype)));
    if (s->grid) LERAY_TRY(leray_basis_coordinates(&s->basis, base->dtype, &s->coordinates));
    return declare(s);
}

static void fini(leray_model *base)
{
    t1 *s = (t1 *)base;

    leray_mem_free(s->coordinates);
    leray_mem_free(s->zero);
    leray_mem_free(s->layer_at);
}

static leray_status lift(t1 *s, leray_tape *tape, leray_tensor *x, leray_tensor **z)
{
    int width = (int)s->width;
    double root = sqrt((double)leray_grid_points(&s->base.problem.grid));
    leray_tensor *weight, *bias, *zero;

    LERAY_TRY(leray_basis_keep(&s->basis, tape, x, &x));
    if (s->grid) LERAY_TRY(leray_basis_add_coordinates(&s->basis, tape, s->coordinates, &x));
    LERAY_TRY(leray_model_view(&s->base, tape, s->lifting[0], &weight));
    LERAY_TRY(leray_model_view(&s->base, tape, s->lifting[1], &bias));
    LERAY_TRY(leray_tape_input(tape, 1, &width, s->zero, &zero));
    LERAY_TRY(leray_op_linear(tape, x, weight, zero, NULL, false, &x));
    LERAY_TRY(leray_op_add_mean(tape, x, bias, root, &x));
    return leray_op_mode_major(tape, x, false, z);
}

/* z [m.., batch, width] to blocks [batch, co, m..]. */
static leray_status head(t1 *s, leray_tape *tape, leray_tensor *z, leray_tensor **block)
{
    int shape[LERAY_TENSOR_DIMS], ndim = z->ndim, width = z->shape[ndim - 1];
    int count = (int)(z->count / (size_t)width);
    leray_tensor *weight, *v;

    for (int i = 0; i < ndim; i++) shape[i] = z->shape[i];
    shape[ndim - 1] = s->base.problem.channels_out;
    LERAY_TRY(leray_tape_reshape(tape, z, 2, (int[]){count, width}, &v));
    LERAY_TRY(leray_model_view(&s->base, tape, s->head[0], &weight));
    LERAY_TRY(leray_op_matmul(tape, v, false, weight, true, &v));
    LERAY_TRY(leray_op_sin(tape, v, &v));
    LERAY_TRY(leray_model_view(&s->base, tape, s->head[1], &weight));
    LERAY_TRY(leray_op_matmul(tape, v, false, weight, true, &v));
    LERAY_TRY(leray_tape_reshape(tape, v, ndim, shape, &v));
    return leray_op_mode_major(tape, v, true, block);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    t1 *s = (t1 *)base;
    leray_extents grid = leray_extents_of(x);
    leray_tensor *z;

    LERAY_TRY(lift(s, tape, x, &z));
    for (int l = 0; l < s->layers; l++)
        LERAY_TRY(leray_tape_segment(tape, leray_t1_layer_apply, &s->layer_at[l], base->recompute,
                                     z, &z));
    LERAY_TRY(head(s, tape, z, &z));
    return leray_basis_fill(&s->basis, tape, z, &grid, y);
}

static leray_status to(const leray_model *base, leray_tape *tape, leray_tensor *field,
                       leray_tensor **hat)
{
    return leray_basis_to(&((const t1 *)base)->basis, tape, field, hat);
}

static leray_status from(const leray_model *base, leray_tape *tape, leray_tensor *hat,
                         const leray_extents *grid, leray_tensor **field)
{
    return leray_basis_from(&((const t1 *)base)->basis, tape, hat, grid, field);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_basis_accepts(&((const t1 *)base)->basis, grid);
}

const leray_model_type leray_model_t1 = {
    .summary = "Transform Once: a network on the coefficients of one transform, 1-D to 3-D",
    .size = sizeof(t1),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
    .to = to,
    .from = from,
    .fit_settings = fit_settings,
};
