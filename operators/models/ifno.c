/* operators/models/ifno.c - implicit Fourier neural operator in one to three dimensions (You, Zhang,
   Ross, Lee and Yu, Comput. Methods Appl. Mech. Engrg. 398, 2022, 115296, arXiv:2203.08205).

     v_0 = L (x, coordinates)
     v_{l+1} = v_l + (1 / layers) gelu(K v_l + M v_l + b),  l = 0 .. layers-1
     y = P_1 gelu(P_0 v_layers + p_0) + p_1

   One set of weights serves all layers: explicit Euler steps of dv/dt = gelu(K v + M v + b) over
   the unit of time, so that the number of parameters does not depend on the number of layers, and
   a model can go on with more of them. Lifting, K, padding and projection are those of the FNO
   (operators/models/fno.c).

   Parameters, as in the state_dict of tools/parity/ifno.py:
     lifting.weight [width, ci, 1..]              lifting.bias [width]
     layer.spectral.weight [2 mz, 2 my, mx, width, width, 2]
     layer.map.weight [width, width, 1..]         layer.map.bias [width]
     projection.0.weight [hidden, width, 1..]     projection.0.bias [hidden]
     projection.1.weight [co, hidden, 1..]        projection.1.bias [co]
   Initial values as the FNO's. */
#include "operators/layers/fourier.h"

#include <leray/impl/ops.h>

typedef struct ifno {
    leray_model base;
    leray_fourier fourier;

    int spectral, map[2]; /* indices of views */
} ifno;

static const leray_key rows[] = {
    LERAY_FOURIER_KEYS(ifno),
    LERAY_FOURIER_MODES(ifno),
};

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    ifno *s = (ifno *)base;
    leray_fourier *f = &s->fourier;
    double w;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(leray_model_modes(base->problem.grid.ndim, cfg, section, "modes", &f->modes_list,
                                f->modes));
    LERAY_TRY(leray_fourier_declare_lifting(base, f, 0));
    w = (double)f->width;
    LERAY_TRY(leray_fourier_declare_spectral(base, f, "layer.spectral.weight",
                                             leray_initial_uniform(0, 1 / (w * w)), &s->spectral));
    LERAY_TRY(leray_model_declare_map(base, "layer.map", (int)f->width, (int)f->width, &s->map[0],
                                      &s->map[1]));
    return leray_fourier_declare_head(base, f);
}

/* One step of 1 / layers. */
static leray_status step(void *context, leray_tape *tape, leray_tensor *v, leray_tensor **out)
{
    ifno *s = context;
    leray_tensor *spectral, *weight, *bias, *slope;

    LERAY_TRY(leray_model_view(&s->base, tape, s->spectral, &spectral));
    LERAY_TRY(leray_model_view(&s->base, tape, s->map[0], &weight));
    LERAY_TRY(leray_model_view(&s->base, tape, s->map[1], &bias));
    LERAY_TRY(leray_op_fourier_layer(tape, v, spectral, weight, bias, true, &slope));
    LERAY_TRY(leray_op_scale(tape, slope, 1 / (double)s->fourier.layers, &slope));
    return leray_op_add(tape, v, slope, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    ifno *s = (ifno *)base;
    leray_extents grid = leray_extents_of(x);
    leray_tensor *v;

    LERAY_TRY(leray_fourier_lift(base, &s->fourier, tape, x, &v));
    for (int l = 0; l < s->fourier.layers; l++)
        LERAY_TRY(leray_tape_segment(tape, step, s, base->recompute, v, &v));
    return leray_fourier_project(base, &s->fourier, tape, v, &grid, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_fourier_accepts("ifno", base, &((const ifno *)base)->fourier, grid);
}

const leray_model_type leray_model_ifno = {
    .summary = "implicit Fourier neural operator: one layer, applied many times",
    .size = sizeof(ifno),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
};
