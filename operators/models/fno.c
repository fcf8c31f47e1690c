/* operators/models/fno.c - Fourier neural operator in two dimensions (Li et al., ICLR 2021).

     v_0 = L (x, coordinates)                                    lifting: [width, channels_in + 2]
     v_{l+1} = s_l( K_l v_l + M_l v_l + b_l ),  l = 0 .. layers-1
     y = P_1 gelu(P_0 v_layers + p_0) + p_1                      projection

   s_l is gelu, and the identity in the last layer. K_l multiplies the kept modes of v by complex
   matrices (tensor/transform.h): `modes` = [my, mx] keeps ky = -my .. my-1 and kx = 0 .. mx-1.
   Spectral coefficients do not depend on the resolution, so a model means the same on all grids
   that have its modes. There is no padding: fields are periodic.

   Parameters, as in the state_dict of tools/parity/fno2d.py:
     lifting.weight [width, ci, 1, 1]            lifting.bias [width]
     blocks.<l>.spectral.weight [2 my, mx, width, width, 2], mode-major: rows ky = 0 .. my-1,
                                                 -my .. -1, then [in, out, (re, im)]
     blocks.<l>.map.weight [width, width, 1, 1]  blocks.<l>.map.bias [width]
     projection.0.weight [hidden, width, 1, 1]   projection.0.bias [hidden]
     projection.1.weight [co, hidden, 1, 1]      projection.1.bias [co]
   Initial values: spectral weights uniform in [0, 1 / width^2), as in the original scripts; maps
   uniform in +-1 / sqrt(fan in), PyTorch's default for convolutions. */
#include "operators/model.h"

#include "core/mem.h"
#include "tensor/ops.h"

#include <math.h>
#include <stdio.h>

typedef struct block {
    int spectral, weight, bias; /* indices of views */
} block;

typedef struct fno {
    leray_model base;
    int64_t width, layers, projection;
    leray_ints modes;
    bool grid;

    int my, mx;
    int lifting[2], head[4]; /* indices of views: weight, bias */
    block *blocks;           /* [layers] */
} fno;

static const leray_key rows[] = {
    LERAY_KEY_INT(fno, width, "width", "32", 1, 1024, "1", "channels of the Fourier layers"),
    LERAY_KEY_INTS(fno, modes, "modes", "12", 1, 4096, "1",
                   "kept modes per sign in y and kx >= 0 in x: [my, mx], or one number for both"),
    LERAY_KEY_INT(fno, layers, "layers", "4", 1, 64, "1", "Fourier layers"),
    LERAY_KEY_INT(fno, projection, "projection", "128", 1, 4096, "1",
                  "hidden channels of the projection to the output"),
    LERAY_KEY_BOOL(fno, grid, "grid", "true", "add the coordinates x, y in [0, 1) to the input"),
};

static leray_status declare_map(fno *s, const char *name, int to, int from, int *weight, int *bias)
{
    double bound = 1 / sqrt((double)from);
    leray_initial initial = {-bound, bound};
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.weight", name);
    LERAY_TRY(leray_parameters_declare(&s->base.parameters, text, false, 4, (int[]){to, from, 1, 1},
                                       initial, weight));
    snprintf(text, sizeof text, "%s.bias", name);
    LERAY_TRY(leray_parameters_declare(&s->base.parameters, text, false, 1, &to, initial, bias));
    return LERAY_OK;
}

static leray_status declare_block(fno *s, int l)
{
    int w = (int)s->width, shape[] = {2 * s->my, s->mx, w, w, 2};
    leray_initial initial = {0, 1 / ((double)w * w)};
    char text[LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "blocks.%d.spectral.weight", l);
    LERAY_TRY(leray_parameters_declare(&s->base.parameters, text, true, 5, shape, initial,
                                       &s->blocks[l].spectral));
    snprintf(text, sizeof text, "blocks.%d.map", l);
    LERAY_TRY(declare_map(s, text, w, w, &s->blocks[l].weight, &s->blocks[l].bias));
    return LERAY_OK;
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    fno *s = (fno *)base;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_CHECK(s->modes.count == 1 || s->modes.count == 2, LERAY_ERR_CONFIG,
                "%s.modes has %d entries, not one number or [my, mx]%s", section, s->modes.count,
                leray_config_where(cfg, section, "modes"));
    s->my = (int)s->modes.value[0];
    s->mx = (int)s->modes.value[s->modes.count - 1];
    LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)s->layers));
    LERAY_TRY(declare_map(s, "lifting", (int)s->width, base->channels_in + 2 * s->grid,
                          &s->lifting[0], &s->lifting[1]));
    for (int l = 0; l < s->layers; l++) LERAY_TRY(declare_block(s, l));
    LERAY_TRY(declare_map(s, "projection.0", (int)s->projection, (int)s->width, &s->head[0],
                          &s->head[1]));
    LERAY_TRY(declare_map(s, "projection.1", base->channels_out, (int)s->projection, &s->head[2],
                          &s->head[3]));
    return LERAY_OK;
}

static void fini(leray_model *base) { leray_mem_free(((fno *)base)->blocks); }

static leray_status view(fno *s, leray_tape *tape, int index, leray_tensor **out)
{
    return leray_parameters_tensor(&s->base.parameters, tape, index, out);
}

static leray_status lift(fno *s, leray_tape *tape, leray_tensor *x, leray_tensor **v)
{
    leray_tensor *weight, *bias, *grid;

    if (s->grid) {
        LERAY_TRY(leray_op_coordinates(tape, x, &grid));
        LERAY_TRY(leray_op_concat(tape, x, grid, &x));
    }
    LERAY_TRY(view(s, tape, s->lifting[0], &weight));
    LERAY_TRY(view(s, tape, s->lifting[1], &bias));
    LERAY_TRY(leray_op_linear(tape, x, weight, bias, NULL, false, v));
    return LERAY_OK;
}

static leray_status fourier_layer(fno *s, leray_tape *tape, int l, leray_tensor **v)
{
    leray_tensor *spectral, *weight, *bias;

    LERAY_TRY(view(s, tape, s->blocks[l].spectral, &spectral));
    LERAY_TRY(view(s, tape, s->blocks[l].weight, &weight));
    LERAY_TRY(view(s, tape, s->blocks[l].bias, &bias));
    LERAY_TRY(leray_op_fourier_layer(tape, *v, spectral, weight, bias, l + 1 < s->layers, v));
    return LERAY_OK;
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    fno *s = (fno *)base;
    leray_tensor *v, *head[4];

    LERAY_TRY(lift(s, tape, x, &v));
    for (int l = 0; l < s->layers; l++) LERAY_TRY(fourier_layer(s, tape, l, &v));
    for (int i = 0; i < 4; i++) LERAY_TRY(view(s, tape, s->head[i], &head[i]));
    LERAY_TRY(leray_op_mlp(tape, v, head[0], head[1], head[2], head[3], y));
    return LERAY_OK;
}

static leray_status accepts(const leray_model *base, int ny, int nx)
{
    const fno *s = (const fno *)base;

    LERAY_CHECK(2 * s->my <= ny, LERAY_ERR_ARG,
                "fno: modes = %d per sign in y need ny >= %d, the grid has %d", s->my, 2 * s->my,
                ny);
    LERAY_CHECK(s->mx <= nx / 2 + 1, LERAY_ERR_ARG,
                "fno: modes = %d in x need nx >= %d, the grid has %d", s->mx, 2 * (s->mx - 1), nx);
    return LERAY_OK;
}

const leray_model_type leray_model_fno = {
    .summary = "Fourier neural operator, 2-D",
    .size = sizeof(fno),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
