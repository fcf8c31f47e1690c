/* operators/models/aff.c - adaptive frequency filters in one to three dimensions (Huang, Zhang, Lan,
   Zha, Lu and Guo, ICCV 2023, arXiv:2307.14008): masks of the modes that are made from the modes.

     v_0 = L (x, coordinates)
     u_l = N_0 v_l + C_1 gelu(C_0 N_0 v_l + c_0) + c_1               maps of the channels
     v_{l+1} = v_l + A(N_1 u_l),   l = 0 .. layers-1                 N: norm over channels and grid
     A(w) = w + inverse(m w_hat),  m = S(G_1 relu(G_0 w_hat + g_0) + g_1)
     y = P_1 gelu(P_0 N v_layers + p_0) + p_1

   w_hat are the kept modes of w (`modes` as the FNO's), m w_hat the product of complex numbers mode
   by mode and channel by channel. G_0 and G_1 are complex maps within `groups` groups of channels,
   the same for all modes; relu and the soft threshold S(z) = sign(z) max(|z| - threshold, 0) act on
   real and imaginary parts apart. The block follows AFFBlock of microsoft/TokenMixers, for which
   all modes are kept, and the channels' part is an inverted residual with a 3 x 3 convolution: here
   two pointwise maps, so that a model is not tied to a grid.

   m is nonlinear in w_hat, so their size counts: as in that source they are orthonormal on the
   training grid, on any other the same numbers (times the root of the ratio of points), and a model
   means the same on all grids that have its modes.

   Parameters, as in the state_dict of tools/parity/aff.py:
     lifting.weight, .bias and projection.<i>.weight, .bias as the FNO's
     blocks.<l>.norm.<i>.weight, .bias [width], norm.weight, norm.bias [width]
     blocks.<l>.mlp.<i>.weight, .bias as convolutions', hidden = expansion width
     blocks.<l>.mask.<i>.weight [groups, 2, width / groups, width / groups], re and im of [to, from]
     blocks.<l>.mask.<i>.bias [groups, 2, width / groups]
   Initial values: mask normal with deviation 0.02 as in that source, norms 1 and 0, maps uniform in
   +-1 / sqrt(fan in), PyTorch's default for convolutions. */
#include "operators/layers/fourier.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define EPS 1e-5            /* of the norms: PyTorch's default */
#define MASK_DEVIATION 0.02 /* of initial values */

typedef struct block {
    struct aff *model;
    int norm[2][2], mlp[2][2], mask[2][2]; /* indices of views: weight, bias */
} block;

typedef struct aff {
    leray_model base;
    leray_fourier fourier;
    int64_t groups;
    double expansion, threshold;

    int norm[2];
    void *minus_threshold; /* [2 width] of the model's dtype */
    block *blocks;         /* [layers] */
} aff;

static const leray_key rows[] = {
    LERAY_FOURIER_KEYS(aff),
    LERAY_FOURIER_MODES(aff),
    LERAY_KEY_INT(aff, groups, "groups", "8", 1, 1024, "1",
                  "groups of channels within which masks are computed; divides width"),
    LERAY_KEY_REAL(aff, expansion, "expansion", "2", 0.01, 16, "1",
                   "hidden channels of the layers' maps, divided by width"),
    LERAY_KEY_REAL(
        aff, threshold, "threshold", "0.01", 0, 1, "1",
        "soft threshold: parts of a mask below it become 0, the others are reduced by it"),
};

static leray_status declare(aff *s, const char *name, const char *part, int ndim, const int *shape,
                            leray_initial initial, int *index)
{
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.%s", name, part);
    return leray_parameters_declare(&s->base.parameters, text, false, ndim, shape, initial, index);
}

static leray_status declare_norm(aff *s, const char *name, int views[2])
{
    int w = (int)s->fourier.width;

    LERAY_TRY(declare(s, name, "weight", 1, &w, leray_initial_constant(1), &views[0]));
    return declare(s, name, "bias", 1, &w, leray_initial_constant(0), &views[1]);
}

static leray_status declare_mask(aff *s, const char *name, int views[2])
{
    int k = (int)s->groups, size = (int)(s->fourier.width / s->groups);
    leray_initial initial = leray_initial_normal(0, MASK_DEVIATION);

    LERAY_TRY(declare(s, name, "weight", 4, (int[]){k, 2, size, size}, initial, &views[0]));
    return declare(s, name, "bias", 3, (int[]){k, 2, size}, initial, &views[1]);
}

static leray_status declare_block(aff *s, int l)
{
    int w = (int)s->fourier.width, hidden = (int)lround(s->expansion * w);
    block *b = &s->blocks[l];
    char text[LERAY_PARAMETER_NAME];

    b->model = s;
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "blocks.%d.norm.%d", l, i);
        LERAY_TRY(declare_norm(s, text, b->norm[i]));
        snprintf(text, sizeof text, "blocks.%d.mlp.%d", l, i);
        LERAY_TRY(leray_model_declare_map(&s->base, text, i ? w : hidden, i ? hidden : w,
                                          &b->mlp[i][0], &b->mlp[i][1]));
        snprintf(text, sizeof text, "blocks.%d.mask.%d", l, i);
        LERAY_TRY(declare_mask(s, text, b->mask[i]));
    }
    return LERAY_OK;
}

static leray_status check(const aff *s, const leray_config *cfg, const char *section)
{
    LERAY_CHECK(s->fourier.width % s->groups == 0, LERAY_ERR_CONFIG,
                "%s.groups = %d does not divide width = %d%s", section, (int)s->groups,
                (int)s->fourier.width, leray_config_where(cfg, section, "groups"));
    LERAY_CHECK(lround(s->expansion * (double)s->fourier.width) >= 1, LERAY_ERR_CONFIG,
                "%s.expansion = %g leaves no hidden channel of width = %d%s", section, s->expansion,
                (int)s->fourier.width, leray_config_where(cfg, section, "expansion"));
    return LERAY_OK;
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    aff *s = (aff *)base;
    leray_fourier *f = &s->fourier;
    size_t parts;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(check(s, cfg, section));
    LERAY_TRY(leray_model_modes(base->problem.grid.ndim, cfg, section, "modes", &f->modes_list,
                                f->modes));
    parts = 2 * (size_t)f->width;
    LERAY_TRY(leray_mem_alloc(&s->minus_threshold, parts, leray_dtype_size(base->dtype)));
    for (size_t i = 0; i < parts; i++)
        if (base->dtype == LERAY_F32) ((float *)s->minus_threshold)[i] = (float)-s->threshold;
        else ((double *)s->minus_threshold)[i] = -s->threshold;
    LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)f->layers));
    LERAY_TRY(leray_fourier_declare_lifting(base, f, 0));
    for (int l = 0; l < f->layers; l++) LERAY_TRY(declare_block(s, l));
    LERAY_TRY(declare_norm(s, "norm", s->norm));
    return leray_fourier_declare_head(base, f);
}

static void fini(leray_model *base)
{
    aff *s = (aff *)base;

    leray_mem_free(s->minus_threshold);
    leray_mem_free(s->blocks);
}

static leray_status normalise(aff *s, leray_tape *tape, const int views[2], leray_tensor *x,
                              leray_tensor **out)
{
    leray_tensor *gamma, *beta;

    LERAY_TRY(leray_model_view(&s->base, tape, views[0], &gamma));
    LERAY_TRY(leray_model_view(&s->base, tape, views[1], &beta));
    return leray_op_group_norm(tape, x, gamma, beta, 1, EPS, out);
}

/* Modes [batch, width, m.., 2] as [batch, groups, re | im, width / groups, all modes]. */
static leray_status to_groups(const aff *s, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    int k = (int)s->groups, size = (int)(s->fourier.width / s->groups), batch = x->shape[0];
    int modes = (int)(x->count / ((size_t)batch * (size_t)s->fourier.width * 2));

    LERAY_TRY(leray_tape_reshape(tape, x, 5, (int[]){batch, k, size, modes, 2}, &x));
    return leray_op_permute(tape, x, (int[]){0, 1, 4, 2, 3}, out);
}

static leray_status from_groups(leray_tape *tape, leray_tensor *x, const leray_tensor *like,
                                leray_tensor **out)
{
    LERAY_TRY(leray_op_permute(tape, x, (int[]){0, 1, 3, 4, 2}, &x));
    return leray_tape_reshape(tape, x, like->ndim, like->shape, out);
}

/* The complex map w [groups, 2, to, from] of every group as the real one [groups, (re, im) to,
   (re, im) from] = ((w_re, -w_im), (w_im, w_re)), as the weight of a pointwise convolution. */
static leray_status as_real(leray_tape *tape, leray_tensor *w, leray_tensor **out)
{
    int k = w->shape[0], size = w->shape[2];
    leray_tensor *re, *im, *minus, *upper, *lower;

    LERAY_TRY(leray_op_slice(tape, w, 1, 0, 1, &re));
    LERAY_TRY(leray_op_slice(tape, w, 1, 1, 1, &im));
    LERAY_TRY(leray_op_scale(tape, im, -1, &minus));
    LERAY_TRY(leray_op_concat(tape, 3, re, minus, &upper));
    LERAY_TRY(leray_op_concat(tape, 3, im, re, &lower));
    LERAY_TRY(leray_op_concat(tape, 1, upper, lower, &w));
    return leray_tape_reshape(tape, w, 3, (int[]){2 * k * size, 2 * size, 1}, out);
}

/* G x + g, x [batch, 2 width, modes] */
static leray_status map_groups(aff *s, leray_tape *tape, const int views[2], leray_tensor *x,
                               leray_tensor **out)
{
    leray_convolution pointwise = {.groups = (int)s->groups};
    leray_tensor *w, *bias;

    LERAY_TRY(leray_model_view(&s->base, tape, views[0], &w));
    LERAY_TRY(leray_model_view(&s->base, tape, views[1], &bias));
    LERAY_TRY(as_real(tape, w, &w));
    LERAY_TRY(leray_tape_reshape(tape, bias, 1, (int[]){x->shape[1]}, &bias));
    return leray_op_conv(tape, x, w, bias, &pointwise, out);
}

/* S(x) = relu(x - threshold) - relu(-x - threshold) */
static leray_status shrink(aff *s, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    leray_tensor *shift, *minus;

    *out = x;
    if (s->threshold == 0) return LERAY_OK;
    LERAY_TRY(leray_tape_input(tape, 1, (int[]){x->shape[1]}, s->minus_threshold, &shift));
    LERAY_TRY(leray_op_scale(tape, x, -1, &minus));
    LERAY_TRY(leray_op_affine(tape, x, NULL, shift, &x));
    LERAY_TRY(leray_op_relu(tape, x, &x));
    LERAY_TRY(leray_op_affine(tape, minus, NULL, shift, &minus));
    LERAY_TRY(leray_op_relu(tape, minus, &minus));
    return leray_op_sub(tape, x, minus, out);
}

/* m of w_hat [batch, groups, 2, width / groups, modes], of the same shape; `scale` makes w_hat
   those of the training grid. */
static leray_status mask(const block *b, leray_tape *tape, leray_tensor *w_hat, double scale,
                         leray_tensor **out)
{
    aff *s = b->model;
    leray_tensor *z = w_hat;

    if (scale != 1) LERAY_TRY(leray_op_scale(tape, z, scale, &z));
    LERAY_TRY(leray_tape_reshape(tape, z, 3,
                                 (int[]){z->shape[0], 2 * (int)s->fourier.width, z->shape[4]}, &z));
    LERAY_TRY(map_groups(s, tape, b->mask[0], z, &z));
    LERAY_TRY(leray_op_relu(tape, z, &z));
    LERAY_TRY(map_groups(s, tape, b->mask[1], z, &z));
    LERAY_TRY(shrink(s, tape, z, &z));
    return leray_tape_reshape(tape, z, w_hat->ndim, w_hat->shape, out);
}

/* The product of complex numbers whose parts are along axis 2. */
static leray_status multiply(leray_tape *tape, leray_tensor *a, leray_tensor *b, leray_tensor **out)
{
    leray_tensor *p[2], *q[2], *re, *im, *t;

    for (int i = 0; i < 2; i++) {
        LERAY_TRY(leray_op_slice(tape, a, 2, i, 1, &p[i]));
        LERAY_TRY(leray_op_slice(tape, b, 2, i, 1, &q[i]));
    }
    LERAY_TRY(leray_op_mul(tape, p[0], q[0], &re));
    LERAY_TRY(leray_op_mul(tape, p[1], q[1], &t));
    LERAY_TRY(leray_op_sub(tape, re, t, &re));
    LERAY_TRY(leray_op_mul(tape, p[0], q[1], &im));
    LERAY_TRY(leray_op_mul(tape, p[1], q[0], &t));
    LERAY_TRY(leray_op_add(tape, im, t, &im));
    return leray_op_concat(tape, 2, re, im, out);
}

/* A(w) */
static leray_status filter(const block *b, leray_tape *tape, leray_tensor *w, leray_tensor **out)
{
    aff *s = b->model;
    leray_extents given = leray_problem_extents(&s->base.problem);
    leray_extents trained = leray_fourier_padded(&s->base, &s->fourier, &given);
    leray_extents grid = leray_extents_of(w);
    double ratio = (double)leray_extents_points(&trained) / (double)leray_extents_points(&grid);
    leray_tensor *hat, *grouped, *m;

    LERAY_TRY(leray_op_dft(tape, w, s->fourier.modes, &hat));
    LERAY_TRY(to_groups(s, tape, hat, &grouped));
    LERAY_TRY(mask(b, tape, grouped, sqrt(ratio), &m));
    LERAY_TRY(multiply(tape, m, grouped, &m));
    LERAY_TRY(from_groups(tape, m, hat, &m));
    LERAY_TRY(leray_op_idft(tape, m, grid.n, &m));
    return leray_op_add(tape, w, m, out);
}

static leray_status layer(void *context, leray_tape *tape, leray_tensor *v, leray_tensor **out)
{
    const block *b = context;
    aff *s = b->model;
    leray_tensor *u, *hidden;

    LERAY_TRY(normalise(s, tape, b->norm[0], v, &u));
    LERAY_TRY(leray_model_map(&s->base, tape, b->mlp[0], u, NULL, true, &hidden));
    LERAY_TRY(leray_model_map(&s->base, tape, b->mlp[1], hidden, u, false, &u));
    LERAY_TRY(normalise(s, tape, b->norm[1], u, &u));
    LERAY_TRY(filter(b, tape, u, &u));
    return leray_op_add(tape, v, u, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    aff *s = (aff *)base;
    leray_extents grid = leray_extents_of(x);
    leray_tensor *v;

    LERAY_TRY(leray_fourier_lift(base, &s->fourier, tape, x, &v));
    for (int l = 0; l < s->fourier.layers; l++)
        LERAY_TRY(leray_tape_segment(tape, layer, &s->blocks[l], base->recompute, v, &v));
    LERAY_TRY(normalise(s, tape, s->norm, v, &v));
    return leray_fourier_project(base, &s->fourier, tape, v, &grid, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_fourier_accepts("aff", base, &((const aff *)base)->fourier, grid);
}

const leray_model_type leray_model_aff = {
    .summary = "adaptive frequency filters: modes are multiplied by masks computed from the modes",
    .size = sizeof(aff),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
