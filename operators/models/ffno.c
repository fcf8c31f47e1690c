/* operators/models/ffno.c - factorised Fourier neural operator in one to three dimensions (Tran,
   Mathews, Xie and Ong, ICLR 2023, arXiv:2111.13802).

     v_0 = A (x, coordinates)
     b_l = F_l( sum_a K_{l,a} v_l ),   v_{l+1} = v_l + b_l,    l = 0 .. layers-1
     F u = C_1 relu(C_0 u + c_0) + c_1                           hidden channels: factor * width
     y = P_1 (P_0 b_{layers-1} + p_0) + p_1                      of the last b alone

   K_{l,a} acts along the axis a alone: it multiplies the modes k = 0 .. m_a-1 of every line by
   complex matrices (tensor/ops/spectral_axis.c). `modes` = [mz, my, mx]. With `share` all layers
   have the same K (F-FNO-WS); the F are their own. With `weight_norm` every real map is
   g v / |v|, row by row. This follows modules/factorized_fno/grid_2d.py of the authors' fourierflow,
   without its optional dropout, layer norm and forks; `padding` stands for the 8 points of its
   mesh_2d.py.

   Parameters, as in the state_dict of tools/parity/ffno.py, [to, from, 1..] for each <map>:
     <map>.weight_v [to, from, 1..], <map>.weight_g [to, 1, 1..]; without weight_norm <map>.weight
     <map>.bias [to]
   with <map> one of lifting, blocks.<l>.feed.0, blocks.<l>.feed.1, projection.0, projection.1, and
     blocks.<l>.spectral.<a> [m_a, width, width, 2], [in, out, (re, im)], a = 0 the slowest axis;
                             with share spectral.<a>
   Initial values: K normal with deviation gain sqrt(1 / (2 m_a width)) in each part, Xavier's for
   [in, out, m, 2] as the authors call it (gain 1, or 0.1 where they share); maps uniform in
   +-1 / sqrt(fan in), PyTorch's default for linear layers, g = |v|. */
#include "operators/layers/fourier.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

/* Indices of views; length is that of g, or -1. */
typedef struct map {
    int weight, length, bias;
} map;

typedef struct block {
    struct ffno *model;
    int spectral[LERAY_AXES];
    map feed[2];
} block;

typedef struct ffno {
    leray_model base;
    leray_fourier fourier;
    int64_t factor;
    double gain;
    bool share, weight_norm;

    map lifting, head[2];
    block *blocks; /* [layers] */
} ffno;

static const leray_key rows[] = {
    LERAY_FOURIER_KEYS(ffno),
    LERAY_KEY_INTS(ffno, fourier.modes_list, "modes", "16", 1, 4096, "1",
                   "kept modes k = 0 .. m-1 along each axis: [mz, my, mx], or one number for all"),
    LERAY_KEY_INT(ffno, factor, "factor", "4", 1, 64, "1",
                  "hidden channels of the feed-forward part, divided by width"),
    LERAY_KEY_BOOL(ffno, share, "share", "false", "one set of spectral weights for all layers"),
    LERAY_KEY_BOOL(
        ffno, weight_norm, "weight_norm", "true",
        "weight normalisation: direction and length of each row of a map are learned separately"),
    LERAY_KEY_REAL(ffno, gain, "gain", "1", 0, 100, "1",
                   "factor of the initial spectral weights; the authors use 0.1 with share"),
};

static leray_status declare(ffno *s, const char *name, const char *part, int to, int from,
                            leray_initial initial, int *index)
{
    int ndim = 2 + s->base.problem.grid.ndim;
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.%s", name, part);
    return leray_parameters_declare(&s->base.parameters, text, false, from ? ndim : 1,
                                    (int[]){to, from, 1, 1, 1}, initial, index);
}

static leray_status declare_map(ffno *s, const char *name, int to, int from, map *m)
{
    double bound = 1 / sqrt((double)from);
    leray_initial initial = leray_initial_uniform(-bound, bound);

    if (!s->weight_norm) {
        LERAY_TRY(leray_model_declare_map(&s->base, name, to, from, &m->weight, &m->bias));
        return LERAY_OK;
    }
    LERAY_TRY(declare(s, name, "weight_v", to, from, initial, &m->weight));
    LERAY_TRY(declare(s, name, "weight_g", to, 1, leray_initial_row_norms(), &m->length));
    return declare(s, name, "bias", to, 0, initial, &m->bias);
}

/* K of every axis: <prefix>spectral.<a>. */
static leray_status declare_spectral(ffno *s, const char *prefix, int index[LERAY_AXES])
{
    int w = (int)s->fourier.width;
    char text[2 * LERAY_PARAMETER_NAME];

    for (int a = 0; a < s->base.problem.grid.ndim; a++) {
        int m = s->fourier.modes[a];
        leray_initial initial = leray_initial_normal(0, s->gain * sqrt(0.5 / ((double)m * w)));

        snprintf(text, sizeof text, "%sspectral.%d", prefix, a);
        LERAY_TRY(leray_parameters_declare(&s->base.parameters, text, true, 4, (int[]){m, w, w, 2},
                                           initial, &index[a]));
    }
    return LERAY_OK;
}

static leray_status declare_block(ffno *s, int l)
{
    int w = (int)s->fourier.width, hidden = (int)(s->factor * w);
    block *b = &s->blocks[l];
    char text[LERAY_PARAMETER_NAME];

    b->model = s;
    snprintf(text, sizeof text, "blocks.%d.", l);
    if (!s->share) LERAY_TRY(declare_spectral(s, text, b->spectral));
    else if (l == 0) LERAY_TRY(declare_spectral(s, "", b->spectral));
    else
        for (int a = 0; a < LERAY_AXES; a++) b->spectral[a] = s->blocks[0].spectral[a];
    snprintf(text, sizeof text, "blocks.%d.feed.0", l);
    LERAY_TRY(declare_map(s, text, hidden, w, &b->feed[0]));
    snprintf(text, sizeof text, "blocks.%d.feed.1", l);
    return declare_map(s, text, w, hidden, &b->feed[1]);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    ffno *s = (ffno *)base;
    leray_fourier *f = &s->fourier;
    int in = base->problem.channels_in, width, hidden;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(leray_model_modes(base->problem.grid.ndim, cfg, section, "modes", &f->modes_list,
                                f->modes));
    LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)f->layers));
    if (f->grid) in += base->problem.grid.ndim;
    width = (int)f->width, hidden = (int)f->projection;
    LERAY_TRY(declare_map(s, "lifting", width, in, &s->lifting));
    for (int l = 0; l < f->layers; l++) LERAY_TRY(declare_block(s, l));
    LERAY_TRY(declare_map(s, "projection.0", hidden, width, &s->head[0]));
    return declare_map(s, "projection.1", base->problem.channels_out, hidden, &s->head[1]);
}

static void fini(leray_model *base) { leray_mem_free(((ffno *)base)->blocks); }

static leray_status apply(ffno *s, leray_tape *tape, const map *m, leray_tensor *x,
                          leray_tensor **out)
{
    leray_tensor *weight, *length, *bias;

    LERAY_TRY(leray_model_view(&s->base, tape, m->weight, &weight));
    LERAY_TRY(leray_model_view(&s->base, tape, m->bias, &bias));
    if (s->weight_norm) {
        LERAY_TRY(leray_model_view(&s->base, tape, m->length, &length));
        LERAY_TRY(leray_op_weight_norm(tape, weight, length, &weight));
    }
    return leray_op_linear(tape, x, weight, bias, NULL, false, out);
}

/* b_l */
static leray_status branch(void *context, leray_tape *tape, leray_tensor *v, leray_tensor **out)
{
    const block *b = context;
    ffno *s = b->model;
    leray_tensor *w, *part, *u = NULL;

    for (int a = 0; a < s->base.problem.grid.ndim; a++) {
        LERAY_TRY(leray_model_view(&s->base, tape, b->spectral[a], &w));
        LERAY_TRY(leray_op_spectral_axis(tape, v, w, a, &part));
        if (u) LERAY_TRY(leray_op_add(tape, u, part, &u));
        else u = part;
    }
    LERAY_TRY(apply(s, tape, &b->feed[0], u, &u));
    LERAY_TRY(leray_op_relu(tape, u, &u));
    return apply(s, tape, &b->feed[1], u, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    ffno *s = (ffno *)base;
    leray_fourier *f = &s->fourier;
    leray_extents grid = leray_extents_of(x);
    leray_tensor *v, *b = NULL;

    LERAY_TRY(leray_fourier_inputs(f, tape, x, &x));
    LERAY_TRY(apply(s, tape, &s->lifting, x, &x));
    LERAY_TRY(leray_fourier_pad(base, f, tape, x, &v));
    for (int l = 0; l < f->layers; l++) {
        if (b) LERAY_TRY(leray_op_add(tape, v, b, &v));
        LERAY_TRY(leray_tape_segment(tape, branch, &s->blocks[l], base->recompute, v, &b));
    }
    LERAY_TRY(leray_fourier_crop(base, f, tape, b, &grid, &b));
    LERAY_TRY(apply(s, tape, &s->head[0], b, &b));
    return apply(s, tape, &s->head[1], b, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    const ffno *s = (const ffno *)base;
    leray_extents padded = leray_fourier_padded(base, &s->fourier, grid);

    for (int a = 0; a < grid->ndim; a++)
        LERAY_CHECK(s->fourier.modes[a] <= padded.n[a] / 2 + 1, LERAY_ERR_ARG,
                    "ffno: modes = %d in %s need at least %d points, the grid has %d",
                    s->fourier.modes[a], leray_axis_name(grid->ndim, a),
                    2 * (s->fourier.modes[a] - 1), padded.n[a]);
    return LERAY_OK;
}

const leray_model_type leray_model_ffno = {
    .summary = "factorised Fourier neural operator: one axis at a time",
    .size = sizeof(ffno),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
};
