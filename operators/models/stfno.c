/* operators/models/stfno.c - spatiotemporal Fourier neural operator: frames to the frames that
   follow, with time as an axis of its grid (Cao, Brarda, Li and Xiong, "Spectral-Refiner",
   arXiv:2405.17211, ICLR 2025).

   From x, the `history` frames of `fields` channels and the channels that do not depend on time,
   all on [t, ny, nx]:

     z = I x                                                  width channels
     u = C (group norm of z + e) + c,                         e: the positional encoding
     v_0 = s( I newest + F_0(K_0 u) )                         on `latent` steps of the window
     v_{l+1} = s( F_l(K_l v_l) + M_l v_l + m_l ),  l = 1 .. layers-1
     y = head(newest, R v + r)                                operators/layers/time_head.h

   newest is the last frame given, with the channels of no time; I is a map that the model learns or,
   for one field and nothing else, copies it to all channels. F(w) = B s(A w + a) + b acts per point,
   with 4 width hidden channels. K multiplies kept modes over space and time, K_0 from the lattice of the
   given frames to that of the latent steps. s is `activation`.

   Times of the given frames are (j + 1) / history of their span. e has the channels x and y in
   [0, 1), t, and exp(beta t) sin(pi (k + 1) t) for k = 0, 2, .., cos for k = 1, 3, .. up to
   width - 4; x and y leave out the end of the period. Coefficients are those of the function, so
   neither the resolution nor the number of frames wanted changes what the model means. Self-conjugate
   planes are made Hermitian.

   Given frames are a period of their own, of `history` points; K_0 keeps what of the modes of time they
   have, min(mt, history / 2) per sign.

   Parameters, as in the state_dict of tools/parity/stfno.py:
     lifting.input.weight [width, fields + rest, 1, 1], not for one field alone
     lifting.norm.weight, .bias [width]
     lifting.map.weight [width, width, 1, 1], .bias
     lifting.spectral.weight [2 mt', 2 my, mx, width, width, 2], lifting.mlp.<i>.weight, .bias
     blocks.<l>.spectral.weight [2 mt, 2 my, mx, width, width, 2]
     blocks.<l>.mlp.<i>.weight, .bias, blocks.<l>.map.weight, .bias
     reduction.weight [fields, width, 1, 1], reduction.bias; head.weight, head.bias
   Initial values: spectral weights uniform in [0, 1 / (2 from to)), the bias of the head 0, maps
   uniform in +-1 / sqrt(fan in), the norm 1 and 0. */
#include "operators/layers/activation.h"
#include "operators/layers/time_head.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define PI 3.141592653589793238463
#define EPS 1e-7 /* of the norm */
#define EXPANSION 4
#define COORDINATES 3

enum { GELU }; /* in leray_activations */

typedef struct block {
    struct stfno *model;
    int spectral, mlp[2][2], map[2]; /* indices of views: weight, bias */
} block;

typedef struct stfno {
    leray_model base;
    int64_t width, layers, latent;
    leray_ints modes_list, head_modes;
    double beta;
    int activation;

    int modes[3], rest;
    int input, norm[2], reduction[2];
    block lifting, *blocks; /* [layers - 1] */
    leray_time_head head;
    /* Of the model's dtype: zero [width], ones [width], e's factors of (x, y, t) [width, 3], its
       functions of time [width, history]. */
    void *zero, *ones, *coordinates, *times;
} stfno;

static const char *const activations[] = {"gelu", "relu", NULL};

static const leray_key rows[] = {
    LERAY_KEY_INT(stfno, width, "width", "20", 4, 1024, "1", "channels of the layers"),
    LERAY_KEY_INTS(stfno, modes_list, "modes", "[5, 12, 12]", 1, 4096, "1",
                   "kept modes of the layers: per sign in time and y, kx >= 0 in x: [mt, my, mx]"),
    LERAY_TIME_HEAD_KEY(stfno),
    LERAY_KEY_INT(stfno, layers, "layers", "4", 1, 64, "1", "layers, the lifting included"),
    LERAY_KEY_INT(stfno, latent, "latent", "10", 2, 4096, "1",
                  "points in time at which the layers compute the window"),
    LERAY_KEY_REAL(stfno, beta, "beta", "0.02", -100, 100, "1",
                   "growth with time in the positional encoding; negative for flows that decay"),
    LERAY_KEY_CHOICE(stfno, activation, "activation", "gelu", activations,
                     "activation between the maps"),
};

static leray_status settings(stfno *s, const leray_config *cfg, const char *section)
{
    leray_model *base = &s->base;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(leray_time_check(base, "stfno", section, &s->rest));
    LERAY_CHECK(base->problem.history >= 2, LERAY_ERR_CONFIG,
                "%s: stfno needs two or more input frames (data.history >= 2); data.history = "
                "%d",
                section, base->problem.history);
    LERAY_TRY(leray_model_modes(3, cfg, section, "modes", &s->modes_list, s->modes));
    LERAY_CHECK(2 * s->modes[0] <= s->latent, LERAY_ERR_CONFIG,
                "%s.modes: %d modes per sign in time need %s.latent >= %d, it is %d%s", section,
                s->modes[0], section, 2 * s->modes[0], (int)s->latent,
                leray_config_where(cfg, section, "modes"));
    s->head.fields = base->problem.fields, s->head.steps = (int)s->latent;
    return leray_time_head_modes(&s->head, cfg, section, &s->head_modes, s->modes);
}

static void put(const stfno *s, void *array, size_t i, double x)
{
    if (s->base.dtype == LERAY_F32) ((float *)array)[i] = (float)x;
    else ((double *)array)[i] = x;
}

/* Channel c of the encoding at time t, but for x and y. */
static double encoding(const stfno *s, int c, double t)
{
    double phase = PI * (c - 2) * t;

    if (c < 2) return 0;
    if (c == 2) return t;
    return exp(s->beta * t) * (c % 2 ? sin(phase) : cos(phase));
}

static leray_status make_constants(stfno *s)
{
    size_t w = (size_t)s->width, real = leray_dtype_size(s->base.dtype);
    int h = s->base.problem.history;

    LERAY_TRY(leray_mem_alloc(&s->zero, w, real));
    LERAY_TRY(leray_mem_alloc(&s->ones, w, real));
    LERAY_TRY(leray_mem_alloc(&s->coordinates, w * COORDINATES, real));
    LERAY_TRY(leray_mem_alloc(&s->times, w * (size_t)h, real));
    for (size_t c = 0; c < w; c++) {
        put(s, s->ones, c, 1);
        if (c < 2) put(s, s->coordinates, c * COORDINATES + c, 1);
        for (int j = 0; j < h; j++)
            put(s, s->times, c * (size_t)h + (size_t)j, encoding(s, (int)c, (j + 1.) / h));
    }
    return LERAY_OK;
}

static leray_status declare_map(stfno *s, const char *name, const char *part, int to, int from,
                                int views[2])
{
    char text[LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.%s", name, part);
    return leray_model_declare_map(&s->base, text, to, from, &views[0], &views[1]);
}

/* What the lifting and the layers have in common: K, F and a map. */
static leray_status declare_block(stfno *s, const char *name, const int modes[3], block *b)
{
    int w = (int)s->width;
    char text[LERAY_PARAMETER_NAME];

    b->model = s;
    snprintf(text, sizeof text, "%s.spectral.weight", name);
    LERAY_TRY(leray_time_declare_spectral(&s->base, text, modes, w, w, &b->spectral));
    LERAY_TRY(declare_map(s, name, "mlp.0", EXPANSION * w, w, b->mlp[0]));
    LERAY_TRY(declare_map(s, name, "mlp.1", w, EXPANSION * w, b->mlp[1]));
    return declare_map(s, name, "map", w, w, b->map);
}

static bool copies(const stfno *s) { return s->base.problem.fields + s->rest == 1; }

static leray_status declare_lifting(stfno *s)
{
    leray_parameters *p = &s->base.parameters;
    int w = (int)s->width, from = s->base.problem.fields + s->rest, h = s->base.problem.history;
    int modes[3] = {s->modes[0] < h / 2 ? s->modes[0] : h / 2, s->modes[1], s->modes[2]};
    double bound = 1 / sqrt((double)from);

    if (!copies(s))
        LERAY_TRY(leray_parameters_declare(p, "lifting.input.weight", false, 4,
                                           (int[]){w, from, 1, 1},
                                           leray_initial_uniform(-bound, bound), &s->input));
    LERAY_TRY(leray_parameters_declare(p, "lifting.norm.weight", false, 1, &w,
                                       leray_initial_constant(1), &s->norm[0]));
    LERAY_TRY(leray_parameters_declare(p, "lifting.norm.bias", false, 1, &w,
                                       leray_initial_constant(0), &s->norm[1]));
    return declare_block(s, "lifting", modes, &s->lifting);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    stfno *s = (stfno *)base;
    int fields = base->problem.fields;
    char name[32];

    LERAY_TRY(settings(s, cfg, section));
    LERAY_TRY(make_constants(s));
    if (s->layers > 1) LERAY_TRY(LERAY_ALLOC(&s->blocks, (size_t)s->layers - 1));
    LERAY_TRY(declare_lifting(s));
    for (int l = 0; l < s->layers - 1; l++) {
        snprintf(name, sizeof name, "blocks.%d", l);
        LERAY_TRY(declare_block(s, name, s->modes, &s->blocks[l]));
    }
    LERAY_TRY(leray_model_declare_map(base, "reduction", fields, (int)s->width, &s->reduction[0],
                                      &s->reduction[1]));
    return leray_time_head_declare(base, "head", &s->head);
}

static void fini(leray_model *base)
{
    stfno *s = (stfno *)base;

    leray_mem_free(s->blocks);
    leray_mem_free(s->times);
    leray_mem_free(s->coordinates);
    leray_mem_free(s->ones);
    leray_mem_free(s->zero);
}

/* x [batch, history fields + rest, ny, nx] with time as an axis:
   [batch, fields + rest, history, ny, nx]. */
static leray_status with_time(const stfno *s, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    int f = s->base.problem.fields, h = s->base.problem.history;
    int batch = x->shape[0], ny = x->shape[2], nx = x->shape[3];
    leray_tensor *rest;

    LERAY_TRY(leray_op_slice(tape, x, 1, 0, h * f, out));
    LERAY_TRY(leray_tape_reshape(tape, *out, 5, (int[]){batch, h, f, ny, nx}, out));
    LERAY_TRY(leray_op_permute(tape, *out, (int[]){0, 2, 1, 3, 4}, out));
    if (!s->rest) return LERAY_OK;
    LERAY_TRY(leray_op_slice(tape, x, 1, h * f, s->rest, &rest));
    LERAY_TRY(leray_tape_reshape(tape, rest, 5, (int[]){batch, s->rest, 1, ny, nx}, &rest));
    LERAY_TRY(leray_time_hold(tape, rest, h, &rest));
    return leray_op_concat(tape, 1, *out, rest, out);
}

/* [width, fields + rest] */
static leray_status input_map(stfno *s, leray_tape *tape, leray_tensor **weight)
{
    int shape[2] = {(int)s->width, s->base.problem.fields + s->rest};

    if (copies(s)) return leray_tape_input(tape, 2, shape, s->ones, weight);
    LERAY_TRY(leray_model_view(&s->base, tape, s->input, weight));
    return leray_tape_reshape(tape, *weight, 2, shape, weight);
}

/* I x + e */
static leray_status encode(stfno *s, leray_tape *tape, leray_tensor *x, leray_tensor *map,
                           leray_tensor **out)
{
    int w = (int)s->width, batch = x->shape[0], h = x->shape[2], ny = x->shape[3], nx = x->shape[4];
    leray_tensor *where, *factors, *zero, *times;

    LERAY_TRY(leray_op_coordinates(tape, x, &where));
    LERAY_TRY(leray_tape_input(tape, 2, (int[]){w, COORDINATES}, s->coordinates, &factors));
    LERAY_TRY(leray_tape_input(tape, 1, &w, s->zero, &zero));
    LERAY_TRY(leray_tape_input(tape, 1, (int[]){w * h}, s->times, &times));
    LERAY_TRY(leray_op_concat(tape, 1, x, where, &x));
    LERAY_TRY(leray_op_concat(tape, 1, map, factors, &map));
    LERAY_TRY(leray_op_linear(tape, x, map, zero, NULL, false, &x));
    LERAY_TRY(leray_tape_reshape(tape, x, 4, (int[]){batch, w * h, ny, nx}, &x));
    LERAY_TRY(leray_op_affine(tape, x, NULL, times, &x));
    return leray_tape_reshape(tape, x, 5, (int[]){batch, w, h, ny, nx}, out);
}

/* F */
static leray_status feed(const block *b, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    stfno *s = b->model;
    leray_tensor *w[4];

    for (int i = 0; i < 4; i++)
        LERAY_TRY(leray_model_view(&s->base, tape, b->mlp[i / 2][i % 2], &w[i]));
    if (s->activation == GELU) return leray_op_mlp(tape, x, w[0], w[1], w[2], w[3], out);
    LERAY_TRY(leray_op_linear(tape, x, w[0], w[1], NULL, false, &x));
    LERAY_TRY(leray_activate(s->activation, tape, x, &x));
    return leray_op_linear(tape, x, w[2], w[3], NULL, false, out);
}

/* s(map x + bias + add) */
static leray_status join(const stfno *s, leray_tape *tape, leray_tensor *x, leray_tensor *map,
                         leray_tensor *bias, leray_tensor *add, leray_tensor **out)
{
    LERAY_TRY(leray_op_linear(tape, x, map, bias, add, s->activation == GELU, out));
    if (s->activation == GELU) return LERAY_OK;
    return leray_activate(s->activation, tape, *out, out);
}

static leray_status lift(stfno *s, leray_tape *tape, leray_tensor *x, leray_tensor **v)
{
    leray_model *base = &s->base;
    leray_tensor *gamma, *beta, *spectral, *map, *newest, *zero;

    LERAY_TRY(input_map(s, tape, &map));
    LERAY_TRY(leray_time_hold(tape, x, (int)s->latent, &newest));
    LERAY_TRY(encode(s, tape, x, map, v));
    LERAY_TRY(leray_model_view(base, tape, s->norm[0], &gamma));
    LERAY_TRY(leray_model_view(base, tape, s->norm[1], &beta));
    LERAY_TRY(leray_op_group_norm(tape, *v, gamma, beta, 1, EPS, v));
    LERAY_TRY(leray_model_map(base, tape, s->lifting.map, *v, NULL, false, v));
    LERAY_TRY(leray_model_view(base, tape, s->lifting.spectral, &spectral));
    LERAY_TRY(leray_time_spectral(tape, *v, spectral, NULL, (int)s->latent, v));
    LERAY_TRY(feed(&s->lifting, tape, *v, v));
    LERAY_TRY(leray_tape_input(tape, 1, (int[]){(int)s->width}, s->zero, &zero));
    return join(s, tape, newest, map, zero, *v, v);
}

/* s(F(K v) + M v + m) */
static leray_status layer(void *context, leray_tape *tape, leray_tensor *v, leray_tensor **out)
{
    const block *b = context;
    leray_model *base = &b->model->base;
    leray_tensor *spectral, *map, *bias, *k;

    LERAY_TRY(leray_model_view(base, tape, b->spectral, &spectral));
    LERAY_TRY(leray_op_spectral(tape, v, spectral, &k));
    LERAY_TRY(feed(b, tape, k, &k));
    LERAY_TRY(leray_model_view(base, tape, b->map[0], &map));
    LERAY_TRY(leray_model_view(base, tape, b->map[1], &bias));
    return join(b->model, tape, v, map, bias, k, out);
}

static leray_status latent(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    stfno *s = (stfno *)base;
    int history = base->problem.history;
    leray_tensor *v, *newest;

    LERAY_TRY(with_time(s, tape, x, &x));
    LERAY_TRY(lift(s, tape, x, &v));
    for (int l = 0; l < s->layers - 1; l++)
        LERAY_TRY(leray_tape_segment(tape, layer, &s->blocks[l], base->recompute, v, &v));
    LERAY_TRY(leray_model_map(base, tape, s->reduction, v, NULL, false, &v));
    LERAY_TRY(leray_op_slice(tape, x, 2, history - 1, 1, &newest));
    LERAY_TRY(leray_op_slice(tape, newest, 1, 0, base->problem.fields, &newest));
    return leray_time_head_enter(&s->head, tape, newest, v, out);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    LERAY_TRY(latent(base, tape, x, &x));
    return leray_time_head_apply(base, &((stfno *)base)->head, tape, x, base->frames, y);
}

static const leray_time_head *head(const leray_model *base) { return &((const stfno *)base)->head; }

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    const stfno *s = (const stfno *)base;

    LERAY_TRY(leray_modes_fit("stfno", s->modes + 1, grid));
    return leray_modes_fit("stfno", s->head.modes + 1, grid);
}

const leray_model_type leray_model_stfno = {
    .summary = "spatiotemporal Fourier neural operator: predicts a window of frames",
    .size = sizeof(stfno),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
    .head = head,
    .latent = latent,
};
