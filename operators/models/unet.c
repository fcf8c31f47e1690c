/* operators/models/unet.c - U-Net in one to three dimensions (Ronneberger, Fischer and Brox, MICCAI
   2015, arXiv:1505.04597), a coarse-to-fine hierarchy as PDE surrogates use it (Takamoto et al.,
   PDEBench, 2022, arXiv:2210.07182; Gupta and Brandstetter, 2022, arXiv:2209.15616): the network of
   operators/layers/unet.h between the fields of the problem. Parameters, as in the state_dict of
   tools/parity/unet.py, are named there; they have no prefix.

   Initial values are PyTorch's defaults: uniform in +-1 / sqrt(fan in), norms 1 and 0. */
#include "operators/layers/unet.h"

typedef struct unet {
    leray_model base;
    leray_stencil stencil;
    leray_unet unet;
} unet;

static const leray_key rows[] = {
    LERAY_UNET_KEYS(unet),
    LERAY_STENCIL_KEYS(unet),
};

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    unet *s = (unet *)base;
    const leray_problem *p = &base->problem;
    leray_unet_place place = {base,           &s->stencil,    "", leray_problem_extents(p),
                              p->channels_in, p->channels_out};

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    return leray_unet_declare(&s->unet, &place, cfg, section);
}

static void fini(leray_model *base) { leray_unet_fini(&((unet *)base)->unet); }

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    return leray_unet_apply(&((unet *)base)->unet, tape, x, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_model_tied("unet", base, grid,
                            "stencils of a few points stand for another operator on other grids");
}

const leray_model_type leray_model_unet = {
    .summary = "U-Net: convolutions on a hierarchy of grids",
    .size = sizeof(unet),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
