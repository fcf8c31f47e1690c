/* operators/models/fno.c - Fourier neural operator in one to three dimensions, in its original form
   (Li et al., ICLR 2021) and in that of the neuraloperator library (Kossaifi et al., 2024,
   arXiv:2412.10354).

     v_0 = L (x, coordinates)                                    lifting: [width, channels_in + ndim]
     v_{l+1} = s_l( K_l v_l + M_l v_l + b_l ),  l = 0 .. layers-1
     y = P_1 gelu(P_0 v_layers + p_0) + p_1                      projection

   s_l is gelu, and the identity in the last layer. K_l multiplies the kept modes of v by complex
   matrices (tensor/algorithms/transform.h): `modes` = [mz, my, mx] keeps kz = -mz .. mz-1, ky = -my .. my-1
   and kx = 0 .. mx-1. Spectral coefficients do not depend on the resolution, so a model means
   the same on all grids that have its modes. Fields are periodic, or padded (operators/layers/fourier.h).

   form: neuralop has two maps in the lifting and, in every layer, two maps of the channels with a
   gate g_l per channel beside them (neuralop/layers/fno_block.py, not preactivated):

     u = s_l( N_0(K_l v_l + b_l) + M_l v_l )
     v_{l+1} = s_l( N_1(C_1 gelu(C_0 u + c_0) + c_1 + g_l v_l) )

   N is nothing, or group norm (one group, with gamma and beta), or instance norm (without; b_l and c_1,
   which it takes away again, are not there).

   time: true, for windows of frames in two dimensions (the FNO-3d of Li et al.): the layers work on
   [window, ny, nx], with `modes` = [mt, my, mx] and t in place of z; the input is the same at all
   points of time, t is not periodic (`padding`), and what the projection gives, `fields` channels,
   enters a last, linear layer in space and time that adds the newest frame (operators/layers/time_head.h).

   Parameters, as in the state_dict of tools/parity/fno.py:
     lifting.weight [width, ci, 1..]             lifting.bias [width]
     blocks.<l>.spectral.weight [2 mz, 2 my, mx, width, width, 2], mode-major: rows ky = 0 .. my-1,
                                                 -my .. -1, then [in, out, (re, im)]
     blocks.<l>.map.weight [width, width, 1..]   blocks.<l>.map.bias [width]
     projection.0.weight [hidden, width, 1..]    projection.0.bias [hidden]
     projection.1.weight [co, hidden, 1..]       projection.1.bias [co]
   time: head.weight, head.bias; maps as in two dimensions.
   neuralop: lifting.0 and lifting.1 in place of lifting, blocks.<l>.spectral.bias [width] of map.bias,
   and blocks.<l>.mlp.0, blocks.<l>.mlp.1, blocks.<l>.gate.weight [width], and with norm: group
   blocks.<l>.norm.0 and .1 [width].
   Initial values, init: published: spectral weights uniform in [0, 1 / width^2), as in the original
   scripts; neuralop: complex normal of variance 2 / (in + out) = 1 / width, half of it in each part,
   spectral biases real normal of that variance, gates 1. init: variance: complex normal of variance
   N / (width M), with M of the N modes of the training grid kept, so that K_l keeps the variance of
   white noise (the derivation of Poli et al., NeurIPS 2022). Maps uniform in +-1 / sqrt(fan in), PyTorch's default for
   convolutions. */
#include "operators/layers/fourier.h"
#include "operators/layers/time_head.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define EPS 1e-5 /* of the norms: PyTorch's default */

enum { ORIGINAL, NEURALOP };
enum { NONE, GROUP, INSTANCE };
enum { PUBLISHED, VARIANCE };

typedef struct block {
    struct fno *model;
    bool last;
    /* indices of views: weight, bias */
    int spectral, map[2], mlp[2][2], gate, norm[2][2];
} block;

typedef struct fno {
    leray_model base;
    leray_fourier fourier;
    int form, norm, initial;
    int64_t lifting_ratio;
    double expansion;
    bool time;
    leray_ints head_modes;

    leray_time_head head; /* with time */
    block *blocks;        /* [layers] */
} fno;

static const char *const forms[] = {"original", "neuralop", NULL};
static const char *const initials[] = {"published", "variance", NULL};
static const char *const norms[] = {"none", "group", "instance", NULL};

static const leray_key rows[] = {
    LERAY_FOURIER_KEYS(fno),
    LERAY_FOURIER_MODES(fno),
    LERAY_KEY_CHOICE(fno, form, "form", "original", forms,
                     "form of the layers: as first published, or as in the neuraloperator library"),
    LERAY_KEY_CHOICE(fno, initial, "init", "published", initials,
                     "initial spectral weights: as published for the form, or such that layers "
                     "keep the variance of white noise on the training grid"),
    LERAY_KEY_INT(fno, lifting_ratio, "lifting_ratio", "0", 0, 64, "1",
                  "form neuralop: hidden channels of the lifting, divided by width; 0: 2"),
    LERAY_KEY_REAL(fno, expansion, "expansion", "0", 0, 16, "1",
                   "form neuralop: hidden channels of the layers' maps, divided by width; 0: 0.5"),
    LERAY_KEY_CHOICE(fno, norm, "norm", "none", norms, "form neuralop: normalisation"),
    LERAY_KEY_BOOL(fno, time, "time", "false",
                   "predict windows of frames: layers over time and space, modes = [mt, my, mx]; "
                   "the newest input frame is added to the output of a last, linear layer"),
    LERAY_TIME_HEAD_KEY(fno),
};

static leray_status declare_vector(fno *s, int l, const char *what, leray_initial initial,
                                   int *index)
{
    int w = (int)s->fourier.width;
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "blocks.%d.%s", l, what);
    return leray_parameters_declare(&s->base.parameters, text, false, 1, &w, initial, index);
}

static leray_status declare_map(fno *s, int l, const char *what, int to, int from, int views[2])
{
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "blocks.%d.%s", l, what);
    return leray_model_declare_map(&s->base, text, to, from, &views[0], &views[1]);
}

/* A map without bias. */
static leray_status declare_weight(fno *s, int l, const char *what, int to, int from, int *index)
{
    double bound = 1 / sqrt((double)from);
    char text[2 * LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "blocks.%d.%s", l, what);
    return leray_parameters_declare(&s->base.parameters, text, false, 2 + s->base.problem.grid.ndim,
                                    (int[]){to, from, 1, 1, 1},
                                    leray_initial_uniform(-bound, bound), index);
}

static leray_status declare_norm(fno *s, int l, int i, block *b)
{
    char text[32];

    snprintf(text, sizeof text, "norm.%d.weight", i);
    LERAY_TRY(declare_vector(s, l, text, leray_initial_constant(1), &b->norm[i][0]));
    snprintf(text, sizeof text, "norm.%d.bias", i);
    return declare_vector(s, l, text, leray_initial_constant(0), &b->norm[i][1]);
}

static leray_status declare_neuralop(fno *s, int l, block *b)
{
    int w = (int)s->fourier.width, hidden = (int)lround(s->expansion * w);

    if (s->norm != INSTANCE)
        LERAY_TRY(declare_vector(s, l, "spectral.bias",
                                 leray_initial_normal(0, 1 / sqrt((double)w)), &b->map[1]));
    LERAY_TRY(declare_weight(s, l, "map.weight", w, w, &b->map[0]));
    LERAY_TRY(declare_map(s, l, "mlp.0", hidden, w, b->mlp[0]));
    if (s->norm == INSTANCE)
        LERAY_TRY(declare_weight(s, l, "mlp.1.weight", w, hidden, &b->mlp[1][0]));
    else LERAY_TRY(declare_map(s, l, "mlp.1", w, hidden, b->mlp[1]));
    LERAY_TRY(declare_vector(s, l, "gate.weight", leray_initial_constant(1), &b->gate));
    if (s->norm == GROUP)
        for (int i = 0; i < 2; i++) LERAY_TRY(declare_norm(s, l, i, b));
    return LERAY_OK;
}

/* Modes of the grid that are kept, those counted that stand for two. */
static double kept_modes(const leray_extents *grid, const int *modes)
{
    int last = grid->ndim - 1, n = grid->n[last];
    double kept = 2 * modes[last] - 1 - (2 * (modes[last] - 1) == n);

    for (int a = 0; a < last; a++) kept *= 2 * modes[a];
    return kept;
}

static leray_initial initial_of(const fno *s)
{
    double w = (double)s->fourier.width;
    const leray_problem *p = leray_fourier_problem(&s->base, &s->fourier);
    leray_extents given = leray_problem_extents(p);
    leray_extents grid = leray_fourier_padded(&s->base, &s->fourier, &given);

    if (s->initial == VARIANCE)
        return leray_initial_normal(0, sqrt(0.5 * (double)leray_extents_points(&grid) /
                                            (w * kept_modes(&grid, s->fourier.modes))));
    return s->form == ORIGINAL ? leray_initial_uniform(0, 1 / (w * w))
                               : leray_initial_normal(0, sqrt(0.5 / w));
}

static leray_status declare_block(fno *s, int l)
{
    int w = (int)s->fourier.width;
    block *b = &s->blocks[l];
    char text[2 * LERAY_PARAMETER_NAME];

    b->model = s;
    b->last = l + 1 == s->fourier.layers;
    snprintf(text, sizeof text, "blocks.%d.spectral.weight", l);
    LERAY_TRY(
        leray_fourier_declare_spectral(&s->base, &s->fourier, text, initial_of(s), &b->spectral));
    if (s->form == NEURALOP) return declare_neuralop(s, l, b);
    return declare_map(s, l, "map", w, w, b->map);
}

static leray_status check(const fno *s, const leray_config *cfg, const char *section)
{
    LERAY_CHECK(s->form == NEURALOP || s->norm == NONE, LERAY_ERR_CONFIG,
                "%s.norm = %s needs form = neuralop: the original form has no normalisation%s",
                section, norms[s->norm], leray_config_where(cfg, section, "norm"));
    LERAY_CHECK(s->form == NEURALOP || (s->lifting_ratio == 0 && s->expansion == 0),
                LERAY_ERR_CONFIG,
                "%s: lifting_ratio and expansion are for form = neuralop; the original form has "
                "one map in the lifting and one in each layer%s",
                section,
                leray_config_where(cfg, section, s->expansion > 0 ? "expansion" : "lifting_ratio"));
    LERAY_CHECK(s->form == ORIGINAL || lround(s->expansion * (double)s->fourier.width) >= 1,
                LERAY_ERR_CONFIG, "%s.expansion = %g leaves no hidden channel of width = %d%s",
                section, s->expansion, (int)s->fourier.width,
                leray_config_where(cfg, section, "expansion"));
    LERAY_CHECK(s->time || (s->head_modes.count == 1 && s->head_modes.value[0] == 0),
                LERAY_ERR_CONFIG,
                "%s.head_modes needs time: true: only then there is a last layer in time%s",
                section, leray_config_where(cfg, section, "head_modes"));
    return LERAY_OK;
}

/* Time as the slowest axis: `grid` with it. */
static leray_extents with_time(const fno *s, const leray_extents *grid)
{
    return leray_extents_make(3, (int[]){s->base.problem.window, grid->n[0], grid->n[1]});
}

static leray_status make_time(fno *s, const leray_config *cfg, const char *section)
{
    const leray_problem *p = &s->base.problem;
    leray_fourier *f = &s->fourier;
    leray_axis time = {
        .name = "t",
        .n = p->window,
        .points = LERAY_AT_CENTRES,
        .length = 1,
        .boundary = {LERAY_OPEN, LERAY_OPEN}
    };
    leray_extents given, padded;
    int rest;

    LERAY_TRY(leray_time_check(&s->base, "fno", section, &rest));
    f->apart = true;
    f->body = (leray_problem){
        .channels_in = p->channels_in,
        .channels_out = p->fields,
        .grid = {.ndim = 3, .axis = {time, p->grid.axis[0], p->grid.axis[1]}},
    };
    LERAY_TRY(leray_model_modes(3, cfg, section, "modes", &f->modes_list, f->modes));
    given = leray_problem_extents(&f->body);
    padded = leray_fourier_padded(&s->base, f, &given);
    LERAY_CHECK(2 * f->modes[0] <= padded.n[0], LERAY_ERR_CONFIG,
                "%s.modes: %d modes per sign in time need as many points twice; the window and its "
                "padding have %d%s",
                section, f->modes[0], padded.n[0], leray_config_where(cfg, section, "modes"));
    s->head.fields = p->fields, s->head.steps = p->window;
    return leray_time_head_modes(&s->head, cfg, section, &s->head_modes, f->modes);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    fno *s = (fno *)base;
    leray_fourier *f = &s->fourier;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    if (s->form == NEURALOP && s->lifting_ratio == 0) s->lifting_ratio = 2;
    if (s->form == NEURALOP && s->expansion == 0) s->expansion = 0.5;
    LERAY_TRY(check(s, cfg, section));
    if (s->time) LERAY_TRY(make_time(s, cfg, section));
    else
        LERAY_TRY(leray_model_modes(base->problem.grid.ndim, cfg, section, "modes", &f->modes_list,
                                    f->modes));
    LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)f->layers));
    LERAY_TRY(leray_fourier_declare_lifting(
        base, f, s->form == NEURALOP ? (int)(s->lifting_ratio * f->width) : 0));
    for (int l = 0; l < f->layers; l++) LERAY_TRY(declare_block(s, l));
    LERAY_TRY(leray_fourier_declare_head(base, f));
    return s->time ? leray_time_head_declare(base, "head", &s->head) : LERAY_OK;
}

static void fini(leray_model *base) { leray_mem_free(((fno *)base)->blocks); }

/* gelu where s_l is not the identity */
static leray_status activate(const block *b, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    *out = x;
    return b->last ? LERAY_OK : leray_op_gelu(tape, x, out);
}

/* s_l(K v + M v + b) */
static leray_status fourier_layer(void *context, leray_tape *tape, leray_tensor *v,
                                  leray_tensor **out)
{
    const block *b = context;
    leray_model *base = &b->model->base;
    leray_tensor *spectral, *weight, *bias;

    LERAY_TRY(leray_model_view(base, tape, b->spectral, &spectral));
    LERAY_TRY(leray_model_view(base, tape, b->map[0], &weight));
    LERAY_TRY(leray_model_view(base, tape, b->map[1], &bias));
    return leray_op_fourier_layer(tape, v, spectral, weight, bias, !b->last, out);
}

static leray_status normalise(const block *b, leray_tape *tape, int i, leray_tensor *x,
                              leray_tensor **out)
{
    leray_model *base = &b->model->base;
    leray_tensor *gamma = NULL, *beta = NULL;

    if (b->model->norm == GROUP) {
        LERAY_TRY(leray_model_view(base, tape, b->norm[i][0], &gamma));
        LERAY_TRY(leray_model_view(base, tape, b->norm[i][1], &beta));
    }
    return leray_op_group_norm(tape, x, gamma, beta, gamma ? 1 : x->shape[1], EPS, out);
}

/* map x + add without a bias */
static leray_status unbiased(const block *b, leray_tape *tape, int view, leray_tensor *x,
                             leray_tensor *add, leray_tensor **out)
{
    static const leray_convolution pointwise;
    leray_tensor *weight;

    LERAY_TRY(leray_model_view(&b->model->base, tape, view, &weight));
    LERAY_TRY(leray_tape_reshape(tape, weight, x->ndim,
                                 (int[]){weight->shape[0], weight->shape[1], 1, 1, 1}, &weight));
    LERAY_TRY(leray_op_conv(tape, x, weight, NULL, &pointwise, &x));
    return leray_op_add(tape, x, add, out);
}

/* s_l(N(K v + b) + M v) */
static leray_status normal_layer(const block *b, leray_tape *tape, leray_tensor *v,
                                 leray_tensor **out)
{
    leray_model *base = &b->model->base;
    leray_tensor *weight, *bias, *k;

    LERAY_TRY(leray_model_view(base, tape, b->spectral, &weight));
    LERAY_TRY(leray_op_spectral(tape, v, weight, &k));
    if (b->model->norm == GROUP) {
        LERAY_TRY(leray_model_view(base, tape, b->map[1], &bias));
        LERAY_TRY(leray_op_affine(tape, k, NULL, bias, &k));
    }
    LERAY_TRY(normalise(b, tape, 0, k, &k));
    LERAY_TRY(unbiased(b, tape, b->map[0], v, k, &k));
    return activate(b, tape, k, out);
}

static leray_status neuralop_block(void *context, leray_tape *tape, leray_tensor *v,
                                   leray_tensor **out)
{
    const block *b = context;
    leray_model *base = &b->model->base;
    bool norm = b->model->norm != NONE;
    leray_tensor *u, *gate;

    if (norm) LERAY_TRY(normal_layer(b, tape, v, &u));
    else LERAY_TRY(fourier_layer(context, tape, v, &u));
    LERAY_TRY(leray_model_view(base, tape, b->gate, &gate));
    LERAY_TRY(leray_op_affine(tape, v, gate, NULL, &v));
    LERAY_TRY(leray_model_map(base, tape, b->mlp[0], u, NULL, true, &u));
    if (b->model->norm == INSTANCE) LERAY_TRY(unbiased(b, tape, b->mlp[1][0], u, v, out));
    else LERAY_TRY(leray_model_map(base, tape, b->mlp[1], u, v, !norm && !b->last, out));
    if (!norm) return LERAY_OK;
    LERAY_TRY(normalise(b, tape, 1, *out, out));
    return activate(b, tape, *out, out);
}

/* From the lifting to the projection. */
static leray_status body(fno *s, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    leray_model *base = &s->base;
    leray_extents grid = leray_extents_of(x);
    leray_segment layer = s->form == NEURALOP ? neuralop_block : fourier_layer;
    leray_tensor *v;

    LERAY_TRY(leray_fourier_lift(base, &s->fourier, tape, x, &v));
    for (int l = 0; l < s->fourier.layers; l++)
        LERAY_TRY(leray_tape_segment(tape, layer, &s->blocks[l], base->recompute, v, &v));
    return leray_fourier_project(base, &s->fourier, tape, v, &grid, y);
}

static leray_status latent(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    fno *s = (fno *)base;
    const leray_problem *p = &base->problem;
    int batch = x->shape[0], ny = x->shape[2], nx = x->shape[3];
    leray_tensor *newest, *v;

    LERAY_TRY(leray_op_slice(tape, x, 1, (p->history - 1) * p->fields, p->fields, &newest));
    LERAY_TRY(leray_tape_reshape(tape, newest, 5, (int[]){batch, p->fields, 1, ny, nx}, &newest));
    LERAY_TRY(leray_tape_reshape(tape, x, 5, (int[]){batch, p->channels_in, 1, ny, nx}, &x));
    LERAY_TRY(leray_time_hold(tape, x, p->window, &x));
    LERAY_TRY(body(s, tape, x, &v));
    return leray_time_head_enter(&s->head, tape, newest, v, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    fno *s = (fno *)base;

    if (!s->time) return body(s, tape, x, y);
    LERAY_TRY(latent(base, tape, x, &x));
    return leray_time_head_apply(base, &s->head, tape, x, base->frames, y);
}

static const leray_time_head *head(const leray_model *base)
{
    const fno *s = (const fno *)base;

    return s->time ? &s->head : NULL;
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    const fno *s = (const fno *)base;
    leray_extents three;

    if (!s->time) return leray_fourier_accepts("fno", base, &s->fourier, grid);
    three = with_time(s, grid);
    LERAY_TRY(leray_fourier_accepts("fno", base, &s->fourier, &three));
    return leray_modes_fit("fno", s->head.modes + 1, grid);
}

const leray_model_type leray_model_fno = {
    .summary = "Fourier neural operator, 1-D to 3-D",
    .size = sizeof(fno),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
    .head = head,
    .latent = latent,
};
