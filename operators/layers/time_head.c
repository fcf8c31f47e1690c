/* operators/layers/time_head.c - see operators/layers/time_head.h. */
#include "operators/layers/time_head.h"

#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define GAIN 0.5 /* of initial values: Cao, Brarda, Li and Xiong, arXiv:2405.17211 */

leray_status leray_time_check(const leray_model *model, const char *id, const char *section,
                              int *rest)
{
    const leray_problem *p = &model->problem;

    LERAY_CHECK(
        p->grid.ndim == 2, LERAY_ERR_UNSUPPORTED,
        "%s: %s predicts windows in time of fields in two dimensions, not in %d; frame by frame, "
        "in one to "
        "three dimensions, do aff, ffno, fno (time: false), ifno, mlp, resnet, t1, t1u and unet",
        section, id, p->grid.ndim);
    LERAY_CHECK(p->fields >= 1, LERAY_ERR_CONFIG,
                "%s: %s with time needs data with windows of frames: data.window", section, id);
    *rest = p->channels_in - p->history * p->fields;
    LERAY_CHECK(*rest >= 0 && p->channels_out == p->window * p->fields, LERAY_ERR_ARG,
                "%d to %d channels are not %d frames of %d and a window of %d", p->channels_in,
                p->channels_out, p->history, p->fields, p->window);
    return LERAY_OK;
}

leray_status leray_time_head_modes(leray_time_head *head, const leray_config *cfg,
                                   const char *section, const leray_ints *list, const int layers[3])
{
    bool own = list->count != 1 || list->value[0] != 0;

    if (own) LERAY_TRY(leray_model_modes(3, cfg, section, "head_modes", list, head->modes));
    for (int a = 0; a < 3; a++) {
        if (!own) head->modes[a] = layers[a];
        LERAY_CHECK(head->modes[a] > 0, LERAY_ERR_CONFIG, "%s.head_modes: 0 modes on one axis%s",
                    section, leray_config_where(cfg, section, "head_modes"));
    }
    LERAY_CHECK(head->modes[0] <= head->steps, LERAY_ERR_CONFIG,
                "%s.head_modes: %d modes per sign in time; the window has %d steps, and the last "
                "layer as many modes at most%s",
                section, head->modes[0], head->steps,
                leray_config_where(cfg, section, own ? "head_modes" : "modes"));
    return LERAY_OK;
}

leray_status leray_time_hold(leray_tape *tape, leray_tensor *x, int steps, leray_tensor **out)
{
    static const int before[3];

    LERAY_TRY(leray_op_slice(tape, x, 2, x->shape[2] - 1, 1, out));
    return leray_op_pad(tape, *out, before, (int[]){steps - 1, 0, 0}, LERAY_EDGE_REPLICATE, 0, out);
}

leray_status leray_time_declare_spectral(leray_model *model, const char *name, const int modes[3],
                                         int from, int to, int *index)
{
    leray_initial initial = leray_initial_uniform(0, GAIN / ((double)from * to));

    return leray_parameters_declare(&model->parameters, name, true, 6,
                                    (int[]){2 * modes[0], 2 * modes[1], modes[2], from, to, 2},
                                    initial, index);
}

/* x_hat [batch, channels, m.., 2] + bias [m.., channels, 2] in every sample. */
static leray_status add_bias(leray_tape *tape, leray_tensor *x_hat, leray_tensor *bias,
                             leray_tensor **out)
{
    int batch = x_hat->shape[0], each = (int)(x_hat->count / (size_t)batch);
    leray_tensor *flat;

    LERAY_TRY(leray_op_permute(tape, bias, (int[]){3, 0, 1, 2, 4}, &bias));
    LERAY_TRY(leray_tape_reshape(tape, bias, 1, &each, &bias));
    LERAY_TRY(leray_tape_reshape(tape, x_hat, 3, (int[]){batch, each, 1}, &flat));
    LERAY_TRY(leray_op_affine(tape, flat, NULL, bias, &flat));
    return leray_tape_reshape(tape, flat, x_hat->ndim, x_hat->shape, out);
}

leray_status leray_time_spectral(leray_tape *tape, leray_tensor *x, leray_tensor *weight,
                                 leray_tensor *bias, int steps, leray_tensor **out)
{
    int modes[3] = {weight->shape[0] / 2, weight->shape[1] / 2, weight->shape[2]};
    int grid[3] = {steps, x->shape[3], x->shape[4]};
    double plane = (double)grid[1] * grid[2];
    double from = sqrt(x->shape[2] * plane), to = sqrt(steps * plane); /* dft is orthonormal */
    leray_tensor *hat;

    LERAY_TRY(leray_op_dft(tape, x, modes, &hat));
    LERAY_TRY(leray_op_mode_major(tape, hat, false, &hat));
    LERAY_TRY(leray_op_mode_channels(tape, hat, weight, true, &hat));
    LERAY_TRY(leray_op_mode_major(tape, hat, true, &hat));
    if (bias) {
        LERAY_TRY(leray_op_scale(tape, hat, 1 / from, &hat));
        LERAY_TRY(add_bias(tape, hat, bias, &hat));
        from = 1;
    }
    if (from != to) LERAY_TRY(leray_op_scale(tape, hat, to / from, &hat));
    return leray_op_idft(tape, hat, grid, out);
}

leray_status leray_time_head_declare(leray_model *model, const char *name, leray_time_head *head)
{
    const int *m = head->modes;
    char text[LERAY_PARAMETER_NAME];

    snprintf(text, sizeof text, "%s.weight", name);
    LERAY_TRY(
        leray_time_declare_spectral(model, text, m, head->fields, head->fields, &head->weight));
    snprintf(text, sizeof text, "%s.bias", name);
    return leray_parameters_declare(&model->parameters, text, true, 5,
                                    (int[]){2 * m[0], 2 * m[1], m[2], head->fields, 2},
                                    leray_initial_constant(0), &head->bias);
}

leray_status leray_time_head_enter(const leray_time_head *head, leray_tape *tape,
                                   leray_tensor *newest, leray_tensor *latent, leray_tensor **out)
{
    static const int before[3];

    LERAY_TRY(leray_op_concat(tape, 2, newest, latent, out));
    return leray_op_pad(tape, *out, before, (int[]){head->steps - 1, 0, 0}, LERAY_EDGE_ZERO, 0,
                        out);
}

/* Every stride-th of the points of time. */
static leray_status every(leray_tape *tape, leray_tensor *x, int stride, leray_tensor **out)
{
    const int *n = x->shape;
    int images = n[0] * n[1], steps = n[2] / stride;
    int shape[5] = {n[0], n[1], steps, n[3], n[4]};

    *out = x;
    if (stride == 1) return LERAY_OK;
    LERAY_TRY(leray_tape_reshape(tape, x, 4, (int[]){images, steps, stride, n[3] * n[4]}, &x));
    LERAY_TRY(leray_op_slice(tape, x, 2, 0, 1, &x));
    return leray_tape_reshape(tape, x, 5, shape, out);
}

leray_status leray_time_head_apply(leray_model *model, const leray_time_head *head,
                                   leray_tape *tape, leray_tensor *entered, int frames,
                                   leray_tensor **y)
{
    const int *n = entered->shape;
    /* The lattice must have the modes of time; frames may be fewer. */
    int stride = (head->modes[0] + frames - 1) / frames;
    leray_tensor *weight, *bias, *newest;

    LERAY_TRY(leray_model_view(model, tape, head->weight, &weight));
    LERAY_TRY(leray_model_view(model, tape, head->bias, &bias));
    LERAY_TRY(leray_op_scale(tape, bias, LERAY_TIME_HEAD_DELTA, &bias));
    LERAY_TRY(leray_op_slice(tape, entered, 2, 0, 1, &newest));
    LERAY_TRY(leray_time_hold(tape, newest, frames, &newest));
    LERAY_TRY(leray_time_spectral(tape, entered, weight, bias, 2 * stride * frames, y));
    LERAY_TRY(every(tape, *y, stride, y));
    LERAY_TRY(leray_op_slice(tape, *y, 2, 1, frames, y));
    LERAY_TRY(leray_op_add(tape, *y, newest, y));
    if (head->fields > 1) LERAY_TRY(leray_op_permute(tape, *y, (int[]){0, 2, 1, 3, 4}, y));
    return leray_tape_reshape(tape, *y, 4, (int[]){n[0], frames * head->fields, n[3], n[4]}, y);
}
