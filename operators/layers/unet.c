/* operators/layers/unet.c - see operators/layers/unet.h. */
#include "operators/layers/unet.h"

#include "core/mem.h"

#include <stdio.h>

enum { CONV, MAX, MEAN };
enum { TRANSPOSE, RESIZE };

const char *const leray_unet_downs[] = {"conv", "max", "mean", NULL};
const char *const leray_unet_ups[] = {"transpose", "resize", NULL};

static int channels_at(const leray_unet *s, int level) { return (int)(s->width << level); }

/* The two layers of a stage. */
static leray_status declare_stage(leray_unet *s, const char *side, int level, int from,
                                  leray_unet_stage *g)
{
    int to = channels_at(s, level);
    char name[LERAY_PARAMETER_NAME];

    g->unet = s;
    snprintf(name, sizeof name, "%s%s.%d", s->prefix, side, level);
    LERAY_TRY(leray_stencil_declare(s->model, &s->stencil, name, 0, to, from, &g->layer[0]));
    return leray_stencil_declare(s->model, &s->stencil, name, 1, to, to, &g->layer[1]);
}

/* Of D or U, with a bias where no norm takes its place. */
static leray_status declare_move(leray_unet *s, const char *name, int first, int second, int kernel,
                                 int biases, leray_unet_stage *g)
{
    return leray_stencil_declare_kernel(s->model, name, first, second, kernel, biases, &g->move[0],
                                        s->stencil.norm == LERAY_STENCIL_NONE ? &g->move[1] : NULL);
}

static leray_status declare_encoder(leray_unet *s, int level)
{
    leray_unet_stage *e = &s->encoder[level];
    int from = level ? channels_at(s, level - 1) : s->channels_in;
    char name[LERAY_PARAMETER_NAME];

    e->down = level > 0;
    snprintf(name, sizeof name, "%sencoder.%d.down", s->prefix, level);
    if (e->down && s->down == CONV) LERAY_TRY(declare_move(s, name, from, from, 3, from, e));
    return declare_stage(s, "encoder", level, from, e);
}

static leray_status declare_decoder(leray_unet *s, int level)
{
    leray_unet_stage *d = &s->decoder[level];
    int c = channels_at(s, level);
    char name[LERAY_PARAMETER_NAME];

    snprintf(name, sizeof name, "%sdecoder.%d.up", s->prefix, level);
    if (s->up == TRANSPOSE) LERAY_TRY(declare_move(s, name, 2 * c, c, 2, c, d));
    else LERAY_TRY(declare_move(s, name, c, 2 * c, 1, c, d));
    return declare_stage(s, "decoder", level, 2 * c, d);
}

static leray_status check(const leray_unet *s, const leray_config *cfg, const char *section,
                          const leray_extents *grid)
{
    int64_t widest = s->width << s->levels;

    LERAY_TRY(leray_stencil_check(&s->stencil, cfg, section, s->width));
    LERAY_CHECK(widest <= 1 << 16, LERAY_ERR_CONFIG,
                "%s.levels = %d with %s.width = %d means %ld channels on the coarsest level, more "
                "than %d%s",
                section, (int)s->levels, section, (int)s->width, (long)widest, 1 << 16,
                leray_config_where(cfg, section, "levels"));
    for (int a = 0; a < grid->ndim; a++)
        LERAY_CHECK(grid->n[a] % (1 << s->levels) == 0, LERAY_ERR_CONFIG,
                    "%s.levels = %d halves the grid as often, but %d points in %s are not a "
                    "multiple of 2^%d = %d%s",
                    section, (int)s->levels, grid->n[a], leray_axis_name(grid->ndim, a),
                    (int)s->levels, 1 << s->levels, leray_config_where(cfg, section, "levels"));
    return LERAY_OK;
}

leray_status leray_unet_declare(leray_unet *s, const leray_unet_place *place,
                                const leray_config *cfg, const char *section)
{
    char name[LERAY_PARAMETER_NAME];

    s->model = place->model;
    s->stencil = *place->stencil;
    s->prefix = place->prefix;
    s->channels_in = place->channels_in;
    LERAY_TRY(check(s, cfg, section, &place->grid));
    LERAY_TRY(LERAY_ALLOC(&s->encoder, (size_t)s->levels + 1));
    LERAY_TRY(LERAY_ALLOC(&s->decoder, (size_t)s->levels));
    for (int l = 0; l <= s->levels; l++) LERAY_TRY(declare_encoder(s, l));
    for (int l = (int)s->levels - 1; l >= 0; l--) LERAY_TRY(declare_decoder(s, l));
    snprintf(name, sizeof name, "%shead", s->prefix);
    return leray_model_declare_map(s->model, name, place->channels_out, (int)s->width, &s->head[0],
                                   &s->head[1]);
}

void leray_unet_fini(leray_unet *s)
{
    leray_mem_free(s->encoder);
    leray_mem_free(s->decoder);
}

static leray_status views_of_move(const leray_unet_stage *g, leray_tape *tape,
                                  leray_tensor **weight, leray_tensor **bias)
{
    leray_model *base = g->unet->model;

    *bias = NULL;
    LERAY_TRY(leray_model_view(base, tape, g->move[0], weight));
    if (g->unet->stencil.norm != LERAY_STENCIL_NONE) return LERAY_OK;
    return leray_model_view(base, tape, g->move[1], bias);
}

/* D */
static leray_status halve(const leray_unet_stage *e, leray_tape *tape, leray_tensor *x,
                          leray_tensor **out)
{
    static const int two[LERAY_AXES] = {2, 2, 2};
    const leray_unet *s = e->unet;
    leray_convolution c = leray_stencil_convolution(&s->stencil, 2);
    leray_tensor *weight, *bias;

    if (s->down == MAX) return leray_op_max_pool(tape, x, two, two, out);
    if (s->down == MEAN) return leray_op_mean_pool(tape, x, two, two, out);
    LERAY_TRY(views_of_move(e, tape, &weight, &bias));
    return leray_op_conv(tape, x, weight, bias, &c, out);
}

/* U, onto the grid of `like` */
static leray_status twice(const leray_unet_stage *d, leray_tape *tape, leray_tensor *x,
                          const leray_tensor *like, leray_tensor **out)
{
    static const leray_convolution pointwise, apart = {
                                                  .stride = {2, 2, 2}
    };
    bool periodic = d->unet->stencil.padding == LERAY_STENCIL_PERIODIC;
    leray_tensor *weight, *bias;

    LERAY_TRY(views_of_move(d, tape, &weight, &bias));
    if (d->unet->up == TRANSPOSE)
        return leray_op_conv_transpose(tape, x, weight, bias, &apart, out);
    LERAY_TRY(leray_op_conv(tape, x, weight, bias, &pointwise, &x));
    return leray_op_resize(tape, x, periodic ? LERAY_RESIZE_PERIODIC : LERAY_RESIZE_LINEAR,
                           like->shape + 2, out);
}

/* D, if it is one of the encoder's, and B */
static leray_status run(void *context, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    leray_unet_stage *g = context;
    leray_unet *s = g->unet;

    if (g->down) LERAY_TRY(halve(g, tape, x, &x));
    LERAY_TRY(leray_stencil_apply(s->model, &s->stencil, &g->layer[0], tape, x, NULL, &x));
    return leray_stencil_apply(s->model, &s->stencil, &g->layer[1], tape, x, NULL, out);
}

leray_status leray_unet_apply(leray_unet *s, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    leray_tensor *e[LERAY_UNET_LEVELS + 1] = {NULL}, *d;
    int levels = (int)s->levels;

    for (int l = 0; l <= levels; l++)
        LERAY_TRY(leray_tape_segment(tape, run, &s->encoder[l], s->model->recompute,
                                     l ? e[l - 1] : x, &e[l]));
    d = e[levels];
    for (int l = levels - 1; l >= 0; l--) {
        LERAY_TRY(twice(&s->decoder[l], tape, d, e[l], &d));
        LERAY_TRY(leray_op_concat(tape, 1, e[l], d, &d));
        LERAY_TRY(leray_tape_segment(tape, run, &s->decoder[l], s->model->recompute, d, &d));
    }
    return leray_model_map(s->model, tape, s->head, d, NULL, false, y);
}
