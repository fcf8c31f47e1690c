/* operators/models/resnet.c - residual network of convolutions in one to three dimensions (He, Zhang,
   Ren and Sun, CVPR 2016, arXiv:1512.03385; for PDEs without changes of the grid, as in Gupta and
   Brandstetter, 2022, arXiv:2209.15616).

     v_0 = L x
     v_{l+1} = f( N_1 C_1 f(N_0 C_0 v_l) + v_l ),  l = 0 .. layers-1
     y = P v_layers

   L and P act at each point; C are convolutions with kernels of three points per axis that keep
   `width` channels, N norms and f the activation (operators/layers/stencil.h). A result sees 2 layers
   points to each side.

   Parameters, as in the state_dict of tools/parity/unet.py:
     lifting.weight [width, ci, 1..]                    lifting.bias [width]
     blocks.<l>.conv.<i>.weight [width, width, 3..]     i = 0, 1; with .bias [width], or
     blocks.<l>.norm.<i>.weight and .bias [width]
     projection.weight [co, width, 1..]                 projection.bias [co]
   Initial values are PyTorch's defaults: uniform in +-1 / sqrt(fan in), norms 1 and 0. */
#include "operators/layers/stencil.h"

#include "core/mem.h"

#include <stdio.h>

typedef struct block {
    struct resnet *model;
    leray_stencil_layer layer[2];
} block;

typedef struct resnet {
    leray_model base;
    leray_stencil stencil;
    int64_t width, layers;

    block *blocks; /* [layers] */
    int lifting[2], projection[2];
} resnet;

static const leray_key rows[] = {
    LERAY_KEY_INT(resnet, width, "width", "64", 1, 1024, "1", "channels of the blocks"),
    LERAY_KEY_INT(resnet, layers, "layers", "8", 1, 128, "1",
                  "residual blocks of two convolutions each"),
    LERAY_STENCIL_KEYS(resnet),
};

static leray_status declare_block(resnet *s, int l)
{
    block *b = &s->blocks[l];
    int w = (int)s->width;
    char name[LERAY_PARAMETER_NAME];

    b->model = s;
    snprintf(name, sizeof name, "blocks.%d", l);
    for (int i = 0; i < 2; i++)
        LERAY_TRY(leray_stencil_declare(&s->base, &s->stencil, name, i, w, w, &b->layer[i]));
    return LERAY_OK;
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    resnet *s = (resnet *)base;
    int w;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(leray_stencil_check(&s->stencil, cfg, section, s->width));
    LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)s->layers));
    w = (int)s->width;
    LERAY_TRY(leray_model_declare_map(base, "lifting", w, base->problem.channels_in, &s->lifting[0],
                                      &s->lifting[1]));
    for (int l = 0; l < s->layers; l++) LERAY_TRY(declare_block(s, l));
    return leray_model_declare_map(base, "projection", base->problem.channels_out, w,
                                   &s->projection[0], &s->projection[1]);
}

static void fini(leray_model *base) { leray_mem_free(((resnet *)base)->blocks); }

static leray_status run(void *context, leray_tape *tape, leray_tensor *v, leray_tensor **out)
{
    block *b = context;
    resnet *s = b->model;
    leray_tensor *u;

    LERAY_TRY(leray_stencil_apply(&s->base, &s->stencil, &b->layer[0], tape, v, NULL, &u));
    return leray_stencil_apply(&s->base, &s->stencil, &b->layer[1], tape, u, v, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    resnet *s = (resnet *)base;
    leray_tensor *v;

    LERAY_TRY(leray_model_map(base, tape, s->lifting, x, NULL, false, &v));
    for (int l = 0; l < s->layers; l++)
        LERAY_TRY(leray_tape_segment(tape, run, &s->blocks[l], base->recompute, v, &v));
    return leray_model_map(base, tape, s->projection, v, NULL, false, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_model_tied("resnet", base, grid,
                            "stencils of a few points stand for another operator on other grids");
}

const leray_model_type leray_model_resnet = {
    .summary = "residual network of convolutions",
    .size = sizeof(resnet),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
