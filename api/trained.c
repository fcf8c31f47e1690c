/* api/trained.c - opens a model for include/leray/model.h and describes it. */
#include "api/trained.h"

#include "core/mem.h"

/* Channel `which` of the list; without a name where the list has none. */
static leray_trained_channel channel_of(const leray_channels *list, int which, leray_role role,
                                        int frame)
{
    leray_trained_channel channel = {"", "", role, frame};

    if (which < list->n) {
        channel.name = list->item[which].name;
        channel.unit = list->item[which].unit;
    }
    return channel;
}

static void describe_inputs(const leray_sample_info *info, leray_trained_channel *input)
{
    int frames = info->history + info->window, forcings = info->n_state + info->n_static;

    for (int k = 0; k < info->history; k++)
        for (int c = 0; c < info->n_state; c++)
            *input++ = channel_of(&info->input, c, LERAY_ROLE_STATE, k + 1 - info->history);
    for (int c = 0; c < info->n_static; c++)
        *input++ = channel_of(&info->input, info->n_state + c, LERAY_ROLE_STATIC, 0);
    for (int k = 0; k < frames; k++)
        for (int c = 0; c < info->n_forcing; c++)
            *input++ =
                channel_of(&info->input, forcings + c, LERAY_ROLE_FORCING, k + 1 - info->history);
}

static void describe_outputs(const leray_sample_info *info, leray_trained_channel *output)
{
    int states = info->autoregressive ? info->n_state : 0;

    for (int k = 0; k < info->window; k++)
        for (int c = 0; c < info->output.n; c++)
            *output++ = channel_of(&info->output, c,
                                   c < states ? LERAY_ROLE_STATE : LERAY_ROLE_DIAGNOSTIC, k + 1);
}

static leray_status describe(const leray_sample_info *info, leray_trained_info *out)
{
    leray_trained_channel *input, *output;
    leray_trained_parameter *parameter;

    *out = (leray_trained_info){.inputs = leray_sample_inputs(info),
                                .outputs = leray_sample_outputs(info),
                                .n_parameters = info->n_parameters,
                                .history = info->history,
                                .window = info->window,
                                .states = info->n_state,
                                .statics = info->n_static,
                                .forcings = info->n_forcing,
                                .autoregressive = info->autoregressive && info->n_state > 0,
                                .interval = info->interval,
                                .spacing = info->spacing,
                                .grid = &info->grid};
    LERAY_TRY(LERAY_ALLOC(&input, (size_t)out->inputs));
    out->input = input;
    LERAY_TRY(LERAY_ALLOC(&output, (size_t)out->outputs));
    out->output = output;
    LERAY_TRY(LERAY_ALLOC(&parameter, (size_t)out->n_parameters));
    out->parameter = parameter;
    describe_inputs(info, input);
    describe_outputs(info, output);
    for (int p = 0; p < out->n_parameters; p++)
        parameter[p] = (leray_trained_parameter){info->parameter[p].name, info->parameter[p].unit,
                                                 info->parameter[p].log ? 1 : 0};
    return LERAY_OK;
}

/* Nothing needs the file once the weights are the model's. */
static leray_status open_file(const char *path, leray_trained *model)
{
    LERAY_TRY(leray_mem_text(path, &model->path));
    LERAY_TRY(leray_model_open(model->path, &model->opened));
    leray_safetensors_destroy(&model->opened.file);
    return describe(&model->opened.task.info, &model->info);
}

leray_status leray_trained_open(const char *path, leray_trained **out)
{
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    pthread_mutex_init(&(*out)->lock, NULL);
    status = open_file(path, *out);
    if (!status) return LERAY_OK;
    leray_trained_close(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_trained_close(leray_trained **model)
{
    leray_trained *m = *model;

    if (!m) return;
    leray_trained_free_works(m);
    leray_mem_free((void *)m->info.parameter);
    leray_mem_free((void *)m->info.output);
    leray_mem_free((void *)m->info.input);
    leray_model_close(&m->opened);
    leray_mem_free(m->path);
    pthread_mutex_destroy(&m->lock);
    leray_mem_free(m);
    *model = NULL;
}

const leray_trained_info *leray_trained_describe(const leray_trained *model)
{
    return &model->info;
}
