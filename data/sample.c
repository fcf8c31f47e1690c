/* data/sample.c - see data/sample.h. */
#include "data/sample.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

leray_status leray_sample_info_add_parameter(leray_sample_info *info, const char *name,
                                             const char *unit, bool log)
{
    size_t n = (size_t)info->n_parameters;
    leray_sample_parameter *p;

    LERAY_TRY(leray_mem_grow(&info->parameter, n, n + 1, sizeof *info->parameter));
    p = &info->parameter[info->n_parameters++];
    p->log = log;
    LERAY_TRY(leray_mem_text(name, &p->name));
    return leray_mem_text(unit, &p->unit);
}

static leray_status copy(const leray_sample_info *from, leray_sample_info *to)
{
    LERAY_TRY(leray_grid_copy(&from->grid, &to->grid));
    LERAY_TRY(leray_channels_copy(&from->input, &to->input));
    LERAY_TRY(leray_channels_copy(&from->output, &to->output));
    for (int p = 0; p < from->n_parameters; p++)
        LERAY_TRY(leray_sample_info_add_parameter(to, from->parameter[p].name,
                                                  from->parameter[p].unit, from->parameter[p].log));
    return LERAY_OK;
}

leray_status leray_sample_info_copy(const leray_sample_info *from, leray_sample_info *to)
{
    leray_status status;

    *to = (leray_sample_info){.history = from->history,
                              .window = from->window,
                              .n_state = from->n_state,
                              .n_static = from->n_static,
                              .n_forcing = from->n_forcing,
                              .autoregressive = from->autoregressive,
                              .masked = from->masked,
                              .interval = from->interval,
                              .spacing = from->spacing};
    status = copy(from, to);
    if (status) leray_sample_info_fini(to);
    return status;
}

void leray_sample_info_fini(leray_sample_info *info)
{
    for (int p = 0; p < info->n_parameters; p++) {
        leray_mem_free(info->parameter[p].unit);
        leray_mem_free(info->parameter[p].name);
    }
    leray_mem_free(info->parameter);
    leray_channels_fini(&info->output);
    leray_channels_fini(&info->input);
    leray_grid_fini(&info->grid);
    memset(info, 0, sizeof *info);
}

const char *leray_sample_input_name(const leray_sample_info *info, int c, size_t size, char *text)
{
    int states = info->history * info->n_state, back, which;

    if (info->input.n == 0) {
        snprintf(text, size, "%d", c);
        return text;
    }
    if (c < states) back = c / info->n_state - (info->history - 1), which = c % info->n_state;
    else if (c < states + info->n_static) back = 0, which = info->n_state + c - states;
    else {
        c -= states + info->n_static;
        back = c / info->n_forcing - (info->history - 1);
        which = info->n_state + info->n_static + c % info->n_forcing;
    }
    if (back) snprintf(text, size, "%s@%+d", info->input.item[which].name, back);
    else snprintf(text, size, "%s", info->input.item[which].name);
    return text;
}

leray_status leray_batch_create(const leray_sample_info *info, int n, leray_batch *batch)
{
    size_t points = leray_sample_points(info), samples = (size_t)n;
    size_t nx = samples * (size_t)leray_sample_inputs(info) * points;
    size_t ny = samples * (size_t)leray_sample_outputs(info) * points;
    size_t np = samples * (size_t)info->n_parameters;

    memset(batch, 0, sizeof *batch);
    LERAY_TRY(LERAY_ALLOC(&batch->x, nx + ny + np + (info->masked ? samples * points : 0)));
    batch->y = batch->x + nx;
    batch->parameters = batch->y + ny;
    if (info->masked) batch->mask = batch->parameters + np;
    return LERAY_OK;
}

void leray_batch_fini(leray_batch *batch)
{
    leray_mem_free(batch->x);
    memset(batch, 0, sizeof *batch);
}

/* ---- JSON ------------------------------------------------------------------------------- */

/* The integers of the struct under their names. */
#define INTEGERS(X) X(history) X(window) X(n_state) X(n_static)

static leray_status put_list(leray_json *json, const char *key, leray_json *list,
                             leray_status status)
{
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, key, &list);
}

static leray_status put_channels(const leray_channels *channels, const char *names,
                                 const char *units, leray_json *json)
{
    leray_json *list;
    leray_status status = leray_json_array(&list);

    for (int i = 0; i < channels->n && !status; i++)
        status = leray_json_set_text(list, NULL, channels->item[i].name);
    LERAY_TRY(put_list(json, names, list, status));
    status = leray_json_array(&list);
    for (int i = 0; i < channels->n && !status; i++)
        status = leray_json_set_text(list, NULL, channels->item[i].unit);
    return put_list(json, units, list, status);
}

static leray_status put_parameters(const leray_sample_info *info, leray_json *json)
{
    leray_json *list;
    leray_status status = leray_json_array(&list);

    for (int p = 0; p < info->n_parameters && !status; p++)
        status = leray_json_set_text(list, NULL, info->parameter[p].name);
    LERAY_TRY(put_list(json, "parameter_names", list, status));
    status = leray_json_array(&list);
    for (int p = 0; p < info->n_parameters && !status; p++)
        status = leray_json_set_text(list, NULL, info->parameter[p].unit);
    LERAY_TRY(put_list(json, "parameter_units", list, status));
    status = leray_json_array(&list);
    for (int p = 0; p < info->n_parameters && !status; p++)
        status = leray_json_set_int(list, NULL, info->parameter[p].log);
    return put_list(json, "parameter_log", list, status);
}

static leray_status fill_json(const leray_sample_info *info, leray_json *json)
{
    leray_json *grid;

#define PUT(name) LERAY_TRY(leray_json_set_int(json, #name, info->name));
    INTEGERS(PUT)
    PUT(n_forcing)
#undef PUT
    LERAY_TRY(leray_json_set_int(json, "n_inputs", leray_sample_inputs(info)));
    LERAY_TRY(leray_json_set_int(json, "n_outputs", leray_sample_outputs(info)));
    LERAY_TRY(leray_json_set_int(json, "autoregressive", info->autoregressive));
    LERAY_TRY(leray_json_set_int(json, "masked", info->masked));
    LERAY_TRY(leray_json_set_real(json, "interval", info->interval));
    LERAY_TRY(leray_json_set_real(json, "spacing", info->spacing));
    LERAY_TRY(leray_grid_to_json(&info->grid, &grid));
    LERAY_TRY(leray_json_set(json, "grid", &grid));
    LERAY_TRY(put_channels(&info->input, "input_names", "input_units", json));
    LERAY_TRY(put_channels(&info->output, "output_names", "output_units", json));
    return put_parameters(info, json);
}

leray_status leray_sample_info_to_json(const leray_sample_info *info, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill_json(info, *out);
    if (status) leray_json_destroy(out);
    return status;
}

/* Two lists of the same length, of names and of something that belongs to each. */
typedef leray_status (*pair_taker)(leray_sample_info *info, const leray_json *names,
                                   const leray_json *others, size_t i);

static leray_status get_pairs(const leray_json *json, const char *names, const char *others,
                              leray_sample_info *info, pair_taker take)
{
    leray_json *a = NULL, *b = NULL;
    leray_status status = leray_json_get(json, names, &a);

    if (!status) status = leray_json_get(json, others, &b);
    if (!status && leray_json_size(a) != leray_json_size(b))
        status = leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__, "'%s' does not fit '%s'",
                                   others, names);
    for (size_t i = 0; !status && i < leray_json_size(a); i++) status = take(info, a, b, i);
    leray_json_destroy(&b);
    leray_json_destroy(&a);
    return status;
}

static leray_status take_channel(leray_channels *list, const leray_json *names,
                                 const leray_json *units, size_t i)
{
    const char *name, *unit;

    LERAY_TRY(leray_json_text_at(names, i, &name));
    LERAY_TRY(leray_json_text_at(units, i, &unit));
    return leray_channels_add(list, name, unit, true);
}

static leray_status take_input(leray_sample_info *info, const leray_json *names,
                               const leray_json *units, size_t i)
{
    return take_channel(&info->input, names, units, i);
}

static leray_status take_output(leray_sample_info *info, const leray_json *names,
                                const leray_json *units, size_t i)
{
    return take_channel(&info->output, names, units, i);
}

static leray_status take_parameter(leray_sample_info *info, const leray_json *names,
                                   const leray_json *logs, size_t i)
{
    const char *name;
    int64_t flag;

    LERAY_TRY(leray_json_text_at(names, i, &name));
    LERAY_TRY(leray_json_int_at(logs, i, &flag));
    return leray_sample_info_add_parameter(info, name, "", flag != 0);
}

static leray_status take_unit(leray_sample_info *info, const leray_json *names,
                              const leray_json *units, size_t i)
{
    const char *unit;

    (void)names;
    LERAY_TRY(leray_json_text_at(units, i, &unit));
    leray_mem_free(info->parameter[i].unit);
    return leray_mem_text(unit, &info->parameter[i].unit);
}

static leray_status get_flag(const leray_json *json, const char *key, bool *out)
{
    int64_t value;

    LERAY_TRY(leray_json_get_int(json, key, &value));
    *out = value != 0;
    return LERAY_OK;
}

static leray_status get_grid(const leray_json *json, leray_sample_info *out)
{
    leray_json *grid;
    leray_status status;

    LERAY_TRY(leray_json_get(json, "grid", &grid));
    status = leray_grid_from_json(grid, &out->grid);
    leray_json_destroy(&grid);
    return status;
}

static leray_status check_numbers(const leray_json *json, const leray_sample_info *info)
{
    int64_t inputs, outputs;

    LERAY_TRY(leray_json_get_int(json, "n_inputs", &inputs));
    LERAY_TRY(leray_json_get_int(json, "n_outputs", &outputs));
    LERAY_CHECK(info->window > 0 && info->history > 0 && info->output.n > 0 &&
                    inputs == leray_sample_inputs(info) && outputs == leray_sample_outputs(info),
                LERAY_ERR_DATA, "the numbers of channels do not fit together");
    LERAY_CHECK(info->input.n == 0 ||
                    info->input.n == info->n_state + info->n_static + info->n_forcing,
                LERAY_ERR_DATA, "'input_names' does not fit");
    return LERAY_OK;
}

/* Format 1 had no window (1 then), forcings, masks and names of inputs, files of earlier versions no units of
   parameters. */
static leray_status get_all(const leray_json *json, leray_sample_info *out)
{
    int64_t value;

#define GET(name)                                                                    \
    LERAY_TRY(leray_json_get_int(json, #name, &value));                              \
    LERAY_CHECK(value >= 0 && value < 1 << 24, LERAY_ERR_DATA, "'%s' = %lld", #name, \
                (long long)value);                                                   \
    out->name = (int)value;
    GET(history)
    GET(n_state)
    GET(n_static)
    out->window = 1;
    if (leray_json_has(json, "window")) {
        GET(window)
    }
    if (leray_json_has(json, "n_forcing")) {
        GET(n_forcing)
    }
#undef GET
    LERAY_TRY(get_flag(json, "autoregressive", &out->autoregressive));
    if (leray_json_has(json, "masked")) LERAY_TRY(get_flag(json, "masked", &out->masked));
    LERAY_TRY(leray_json_get_real(json, "interval", &out->interval));
    if (leray_json_has(json, "spacing"))
        LERAY_TRY(leray_json_get_real(json, "spacing", &out->spacing));
    LERAY_TRY(get_grid(json, out));
    if (leray_json_has(json, "input_names"))
        LERAY_TRY(get_pairs(json, "input_names", "input_units", out, take_input));
    LERAY_TRY(get_pairs(json, "output_names", "output_units", out, take_output));
    LERAY_TRY(get_pairs(json, "parameter_names", "parameter_log", out, take_parameter));
    if (leray_json_has(json, "parameter_units"))
        LERAY_TRY(get_pairs(json, "parameter_names", "parameter_units", out, take_unit));
    return check_numbers(json, out);
}

leray_status leray_sample_info_from_json(const leray_json *json, leray_sample_info *out)
{
    leray_status status;

    memset(out, 0, sizeof *out);
    status = get_all(json, out);
    if (status) leray_sample_info_fini(out);
    return status;
}
