/* training/task.c - see training/task.h. */
#include "training/task.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fields of 2^-COMMON to 2^COMMON are left in their own unit. */
#define COMMON 30

static const char *const targets[] = {"state", "increment", NULL};
static const char *const spaces[] = {"physical", "normalised", NULL};

static const leray_key rows[] = {
    {"target",     LERAY_KIND_CHOICE, offsetof(leray_task_settings, target),  "state",    0, 0, "",
     "what the model predicts: the new frame, or its difference from the newest input frame", targets,                false},
    {"inputs",     LERAY_KIND_CHOICE, offsetof(leray_task_settings, inputs),  "mean-std", 0, 0, "",
     "normalisation of the input channels and of parameters",                                 leray_normalizer_kinds, false},
    {"outputs",    LERAY_KIND_CHOICE, offsetof(leray_task_settings, outputs), "mean-std", 0, 0, "",
     "normalisation of the model's output",                                                   leray_normalizer_kinds, false},
    {"loss_space", LERAY_KIND_CHOICE, offsetof(leray_task_settings, space),   "physical", 0, 0, "",
     "units in which the loss compares prediction and truth",                                 spaces,                 false},
};
const leray_keys leray_task_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

static leray_status allocate(leray_task *task)
{
    const leray_grid *grid = &task->info.grid;
    size_t n = (size_t)leray_sample_outputs(&task->info), points = leray_grid_points(grid);

    LERAY_TRY(LERAY_ALLOC(&task->factor, n));
    LERAY_TRY(LERAY_ALLOC(&task->shift, n));
    LERAY_TRY(LERAY_ALLOC(&task->inverse, n));
    LERAY_TRY(LERAY_ALLOC(&task->zero, n));
    LERAY_TRY(LERAY_ALLOC(&task->numbers, (size_t)task->info.n_parameters));
    LERAY_TRY(LERAY_ALLOC(&task->unit_factor, n));
    LERAY_TRY(LERAY_ALLOC(&task->unit_shift, n));
    LERAY_TRY(LERAY_ALLOC(&task->scratch, n * points));
    if (!grid->mask) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&task->mask, points));
    for (size_t i = 0; i < points; i++) task->mask[i] = grid->mask[i] != 0;
    return LERAY_OK;
}

static void release(leray_task *task)
{
    leray_mem_free(task->mask);
    leray_mem_free(task->scratch);
    leray_mem_free(task->numbers);
    leray_mem_free(task->unit_shift);
    leray_mem_free(task->unit_factor);
    leray_mem_free(task->zero);
    leray_mem_free(task->inverse);
    leray_mem_free(task->shift);
    leray_mem_free(task->factor);
    task->scratch = task->zero = task->inverse = task->shift = task->factor = task->numbers = NULL;
    task->unit_factor = task->unit_shift = task->mask = NULL;
}

leray_status leray_task_init(leray_task *task, const leray_task_settings *settings,
                             const leray_sample_info *info)
{
    bool *logs = NULL;
    leray_status status;

    memset(task, 0, sizeof *task);
    task->settings = *settings;
    LERAY_TRY(leray_sample_info_copy(info, &task->info));
    LERAY_CHECK(settings->target == LERAY_TARGET_STATE || info->autoregressive, LERAY_ERR_CONFIG,
                "task.target: increment needs outputs that continue the inputs in time; these "
                "data have other fields on both sides, so it must be state");
    LERAY_TRY(allocate(task));
    LERAY_TRY(leray_normalizer_create((leray_normalizer_kind)settings->inputs,
                                      leray_sample_inputs(info), NULL, &task->input));
    LERAY_TRY(leray_normalizer_create((leray_normalizer_kind)settings->outputs,
                                      leray_sample_fields(info), NULL, &task->output));
    if (info->n_parameters == 0) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&logs, (size_t)info->n_parameters));
    for (int p = 0; p < info->n_parameters; p++) logs[p] = info->parameter[p].log;
    status = leray_normalizer_create((leray_normalizer_kind)settings->inputs, info->n_parameters,
                                     logs, &task->parameter);
    leray_mem_free(logs);
    return status;
}

void leray_task_fini(leray_task *task)
{
    leray_normalizer_destroy(&task->parameter);
    leray_normalizer_destroy(&task->output);
    leray_normalizer_destroy(&task->input);
    release(task);
    leray_sample_info_fini(&task->info);
    memset(task, 0, sizeof *task);
}

/* First channel of the newest frame in x. */
static size_t newest(const leray_sample_info *info)
{
    return (size_t)(info->history - 1) * (size_t)info->n_state;
}

/* y is a frame of the targets; `last` are the states that an increment is counted from. */
static leray_status observe_frame(leray_task *task, const float *last, const float *y,
                                  const float *mask)
{
    size_t points = leray_sample_points(&task->info);
    size_t n = (size_t)leray_sample_fields(&task->info) * points;
    size_t states = (size_t)task->info.n_state * points;

    if (task->settings.target == LERAY_TARGET_STATE)
        return leray_normalizer_observe(task->output, y, points, mask);
    for (size_t i = 0; i < n; i++) task->scratch[i] = i < states ? y[i] - last[i] : y[i];
    return leray_normalizer_observe(task->output, task->scratch, points, mask);
}

/* Under the grid's mask a sample's own is 0 too (data/windows.h). */
leray_status leray_task_observe(void *context, const leray_batch *sample)
{
    leray_task *task = context;
    const float *mask = sample->mask ? sample->mask : task->mask;
    size_t points = leray_sample_points(&task->info);
    size_t frame = (size_t)leray_sample_fields(&task->info) * points;

    LERAY_TRY(leray_normalizer_observe(task->input, sample->x, points, mask));
    for (size_t w = 0; w < (size_t)task->info.window; w++)
        LERAY_TRY(observe_frame(task, sample->x + newest(&task->info) * points,
                                sample->y + w * frame, mask));
    if (!task->parameter) return LERAY_OK;
    return leray_normalizer_observe(task->parameter, sample->parameters, 1, NULL);
}

static void take_constants(leray_task *task)
{
    if (task->unit == 0) task->unit = 1;
    for (int c = 0; c < leray_sample_outputs(&task->info); c++) {
        int field = c % task->output->channels;
        double scale = task->output->scale[field], shift = task->output->shift[field];

        task->factor[c] = (float)scale;
        task->shift[c] = (float)shift;
        task->unit_factor[c] = (float)(scale / task->unit);
        task->unit_shift[c] = (float)(shift / task->unit);
        task->inverse[c] = 1 / task->unit_factor[c];
    }
    task->fitted = true;
}

void leray_task_choose_unit(leray_task *task, const leray_loss *loss)
{
    double size = 0;

    task->unit = 1;
    if (task->settings.space == LERAY_LOSS_NORMALISED || leray_loss_is_relative(loss))
        for (int c = 0; c < task->output->channels; c++)
            size = fmax(size, fmax(fabs(task->output->shift[c]), task->output->scale[c]));
    /* No power of two that float would round, nor one that brings nothing. */
    if (size > 0 && abs(ilogb(size)) > COMMON)
        task->unit = ldexp(1, ilogb(size) < -126 ? -126 : ilogb(size));
    take_constants(task);
}

leray_status leray_task_finish(leray_task *task)
{
    const leray_sample_info *info = &task->info;

    if (info->window > 1) leray_normalizer_pool(task->input, 0, info->history, info->n_state);
    LERAY_TRY(leray_normalizer_finish(task->input));
    LERAY_TRY(leray_normalizer_finish(task->output));
    if (task->parameter) LERAY_TRY(leray_normalizer_finish(task->parameter));
    take_constants(task);
    return LERAY_OK;
}

leray_status leray_task_set_window(leray_task *task, leray_model *model, int window)
{
    leray_sample_info *info = &task->info;

    if (window == info->window) return LERAY_OK;
    LERAY_CHECK(leray_model_head(model), LERAY_ERR_UNSUPPORTED,
                "the model was trained on windows of %d frames and cannot give %d", info->window,
                window);
    info->interval *= (double)info->window / window;
    info->window = window;
    model->frames = window;
    release(task);
    LERAY_TRY(allocate(task));
    if (task->fitted) take_constants(task);
    return LERAY_OK;
}

int leray_task_channels_in(const leray_task *task)
{
    return leray_sample_inputs(&task->info) + task->info.n_parameters;
}

void leray_task_input(const leray_task *task, const leray_batch *batch, size_t points, float *out)
{
    size_t nx = (size_t)leray_sample_inputs(&task->info) * points,
           np = (size_t)task->info.n_parameters;
    float *z = task->numbers;

    for (size_t b = 0; b < (size_t)batch->n; b++, out += nx + np * points) {
        leray_normalizer_apply(task->input, batch->x + b * nx, points, out);
        if (np) leray_normalizer_apply(task->parameter, batch->parameters + b * np, 1, z);
        for (size_t p = 0; p < np; p++)
            for (size_t i = 0; i < points; i++) out[nx + p * points + i] = z[p];
    }
}

void leray_task_last_frame(const leray_task *task, const leray_batch *batch, size_t points,
                           float *out)
{
    const leray_sample_info *info = &task->info;
    size_t nx = (size_t)leray_sample_inputs(info) * points;
    size_t frame = (size_t)leray_sample_fields(info) * points;
    size_t states = (size_t)info->n_state * points, window = (size_t)info->window;

    if (!info->autoregressive) return; /* x need not even have such channels */
    for (size_t b = 0; b < (size_t)batch->n; b++)
        for (size_t w = 0; w < window; w++, out += frame) {
            memcpy(out, batch->x + b * nx + newest(info) * points, states * sizeof *out);
            memset(out + states, 0, (frame - states) * sizeof *out);
        }
}

leray_problem leray_task_problem(const leray_task *task)
{
    const leray_sample_info *info = &task->info;
    leray_problem p = {.channels_in = leray_task_channels_in(task),
                       .channels_out = leray_sample_outputs(info),
                       .grid = info->grid,
                       .fields = info->autoregressive ? info->n_state : 0,
                       .history = info->history,
                       .window = info->window};

    return p;
}

leray_status leray_task_tensor(leray_tape *tape, int n, int channels, const leray_extents *grid,
                               const float *value, leray_tensor **out)
{
    int shape[LERAY_TENSOR_DIMS] = {n, channels};

    for (int a = 0; a < grid->ndim; a++) shape[2 + a] = grid->n[a];
    return leray_tape_input(tape, 2 + grid->ndim, shape, value, out);
}

/* What a graph is for. */
typedef struct purpose {
    bool trains;       /* in the task's unit, else in that of the data */
    bool coefficients; /* else values at points */
} purpose;

/* v / unit. */
static leray_status to_unit(const leray_task *task, leray_tape *tape, leray_tensor *v,
                            leray_tensor **out)
{
    *out = v;
    if (task->unit == 1 || task->unit == 0) return LERAY_OK; /* 0: memory is being measured */
    return leray_op_scale(tape, v, 1 / task->unit, out);
}

/* scale o + shift per channel; of M coefficients, only the mean mode is shifted, by sqrt(M). */
static leray_status denormalise(const leray_task *task, leray_tape *tape, leray_tensor *o,
                                const purpose *p, leray_tensor **y)
{
    double size = (double)(o->count / ((size_t)o->shape[0] * (size_t)o->shape[1]));
    int outputs = leray_sample_outputs(&task->info);
    float *scales = p->trains ? task->unit_factor : task->factor,
          *shifts = p->trains ? task->unit_shift : task->shift;
    leray_tensor *factor, *shift, *zero;

    LERAY_TRY(leray_tape_input(tape, 1, &outputs, scales, &factor));
    LERAY_TRY(leray_tape_input(tape, 1, &outputs, shifts, &shift));
    if (!p->coefficients) return leray_op_affine(tape, o, factor, shift, y);
    LERAY_TRY(leray_tape_input(tape, 1, &outputs, task->zero, &zero));
    LERAY_TRY(leray_op_affine(tape, o, factor, zero, y));
    o = *y;
    return leray_op_add_mean(tape, o, shift, sqrt(size), y);
}

static leray_status graph(const leray_task *task, leray_model *model, leray_tape *tape,
                          leray_tensor *input, const float *last, purpose p, leray_tensor **y)
{
    leray_extents grid = leray_extents_of(input);
    leray_tensor *o, *u;

    if (p.coefficients) LERAY_TRY(leray_model_forward(model, tape, input, &o));
    else LERAY_TRY(leray_model_predict(model, tape, input, &o));
    LERAY_TRY(denormalise(task, tape, o, &p, y));
    if (task->settings.target == LERAY_TARGET_STATE) return LERAY_OK;
    LERAY_TRY(leray_task_tensor(tape, input->shape[0], leray_sample_outputs(&task->info), &grid,
                                last, &u));
    if (p.coefficients) LERAY_TRY(model->type->to(model, tape, u, &u));
    if (p.trains) LERAY_TRY(to_unit(task, tape, u, &u));
    o = *y;
    return leray_op_add(tape, o, u, y);
}

leray_status leray_task_predict(const leray_task *task, leray_model *model, leray_tape *tape,
                                leray_tensor *input, const float *last, leray_tensor **prediction)
{
    return graph(task, model, tape, input, last, (purpose){false, false}, prediction);
}

leray_status leray_task_forward(const leray_task *task, leray_model *model, leray_tape *tape,
                                leray_tensor *input, const float *last, leray_tensor **prediction)
{
    return graph(task, model, tape, input, last, (purpose){true, model->type->to != NULL},
                 prediction);
}

leray_status leray_task_truth(const leray_task *task, const leray_model *model, leray_tape *tape,
                              int n, const float *y, leray_tensor **truth)
{
    leray_extents points = leray_grid_extents(&task->info.grid);
    bool ready = task->coefficients.ndim > 0; /* y holds coefficients already */

    LERAY_TRY(leray_task_tensor(tape, n, leray_sample_outputs(&task->info),
                                ready ? &task->coefficients : &points, y, truth));
    if (model->type->to && !ready) LERAY_TRY(model->type->to(model, tape, *truth, truth));
    return to_unit(task, tape, *truth, truth);
}

/* y [n, n_outputs, grid..] to coefficients, or only their extents. */
static leray_status to_coefficients(const leray_task *task, leray_tape *tape, int n, const float *y,
                                    leray_tensor **hat)
{
    leray_extents grid = leray_grid_extents(&task->info.grid);

    LERAY_TRY(leray_task_tensor(tape, n, leray_sample_outputs(&task->info), &grid, y, hat));
    return task->model->type->to(task->model, tape, *hat, hat);
}

leray_status leray_task_expect_coefficients(leray_task *task, leray_model *model, size_t *size)
{
    leray_tensor *hat;
    leray_tape *tape;
    leray_status status;

    task->model = model;
    LERAY_TRY(leray_tape_create(LERAY_F32, &tape));
    leray_tape_set_measuring(tape, true);
    status = to_coefficients(task, tape, 1, NULL, &hat);
    if (!status) {
        task->coefficients = leray_extents_of(hat);
        *size = hat->count;
    }
    leray_tape_destroy(&tape);
    return status;
}

leray_status leray_task_transform(void *context, int n, const float *y, float *out)
{
    leray_tensor *hat;
    leray_tape *tape;
    leray_status status;

    LERAY_TRY(leray_tape_create(LERAY_F32, &tape));
    leray_tape_set_gradients(tape, false);
    status = to_coefficients(context, tape, n, y, &hat);
    if (!status) memcpy(out, hat->value, hat->count * sizeof *out);
    leray_tape_destroy(&tape);
    return status;
}

/* v unit / scale per channel, on the tape. */
static leray_status normalise(const leray_task *task, leray_tape *tape, leray_tensor *v,
                              leray_tensor **out)
{
    int outputs = leray_sample_outputs(&task->info);
    leray_tensor *factor, *shift;

    LERAY_TRY(leray_tape_input(tape, 1, &outputs, task->inverse, &factor));
    LERAY_TRY(leray_tape_input(tape, 1, &outputs, task->zero, &shift));
    return leray_op_affine(tape, v, factor, shift, out);
}

/* field times the mask [n, grid..] of its samples, in every channel. */
static leray_status under_mask(leray_tape *tape, leray_tensor *mask, leray_tensor **field)
{
    leray_tensor *raw = *field;

    return leray_op_mul(tape, raw, mask, field);
}

leray_status leray_task_loss(const leray_task *task, const leray_loss *loss, leray_tape *tape,
                             const float *mask, leray_tensor *prediction, leray_tensor *truth,
                             leray_tensor **scalar)
{
    if (mask) {
        leray_tensor *m;

        LERAY_TRY(leray_tape_input(tape, prediction->ndim, prediction->shape, mask, &m));
        LERAY_TRY(under_mask(tape, m, &prediction));
        LERAY_TRY(under_mask(tape, m, &truth));
    }
    if (task->settings.space == LERAY_LOSS_NORMALISED) {
        LERAY_TRY(normalise(task, tape, truth, &truth));
        LERAY_TRY(normalise(task, tape, prediction, &prediction));
    }
    return leray_loss_apply(loss, tape, prediction, truth, scalar);
}

void leray_task_mask(const leray_task *task, const leray_batch *batch, size_t points, float *out)
{
    size_t channels = (size_t)leray_sample_outputs(&task->info);

    for (size_t b = 0; b < (size_t)batch->n; b++)
        for (size_t c = 0; c < channels; c++, out += points)
            memcpy(out, batch->mask + b * points, points * sizeof *out);
}

/* ---- JSON ------------------------------------------------------------------------------- */

static leray_status put_normalizer(leray_json *json, const char *key, const leray_normalizer *n)
{
    leray_json *child;

    LERAY_TRY(leray_normalizer_to_json(n, &child));
    return leray_json_set(json, key, &child);
}

static leray_status fill_json(const leray_task *task, leray_json *json)
{
    leray_json *info;

    LERAY_TRY(leray_sample_info_to_json(&task->info, &info));
    LERAY_TRY(leray_json_set(json, "samples", &info));
    LERAY_TRY(put_normalizer(json, "input", task->input));
    LERAY_TRY(put_normalizer(json, "output", task->output));
    if (!task->parameter) return LERAY_OK;
    return put_normalizer(json, "parameter", task->parameter);
}

leray_status leray_task_to_json(const leray_task *task, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill_json(task, *out);
    if (status) leray_json_destroy(out);
    return status;
}

static leray_status get_normalizer(const leray_json *json, const char *key, int channels,
                                   leray_normalizer **out)
{
    leray_json *child;
    leray_status status;

    LERAY_TRY(leray_json_get(json, key, &child));
    status = leray_normalizer_from_json(child, out);
    leray_json_destroy(&child);
    if (status) return status;
    LERAY_CHECK((*out)->channels == channels, LERAY_ERR_DATA,
                "the normaliser '%s' has %d channels, not %d", key, (*out)->channels, channels);
    return LERAY_OK;
}

leray_status leray_task_from_json(leray_task *task, const leray_task_settings *settings,
                                  const leray_json *json)
{
    leray_json *child;
    leray_status status;

    memset(task, 0, sizeof *task);
    task->settings = *settings;
    LERAY_TRY(leray_json_get(json, "samples", &child));
    status = leray_sample_info_from_json(child, &task->info);
    leray_json_destroy(&child);
    if (status) return status;
    LERAY_TRY(allocate(task));
    LERAY_TRY(get_normalizer(json, "input", leray_sample_inputs(&task->info), &task->input));
    LERAY_TRY(get_normalizer(json, "output", leray_sample_fields(&task->info), &task->output));
    if (task->info.n_parameters > 0)
        LERAY_TRY(get_normalizer(json, "parameter", task->info.n_parameters, &task->parameter));
    take_constants(task);
    return LERAY_OK;
}
