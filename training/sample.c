/* training/sample.c - see training/sample.h. */
#include "training/sample.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

static void copy_name(char out[LERAY_SAMPLE_NAME], const char *text)
{
    snprintf(out, LERAY_SAMPLE_NAME, "%s", text ? text : "");
}

static leray_status check_sizes(const leray_sample_info *info)
{
    int fields = leray_sample_fields(info);

    LERAY_CHECK(fields >= 1 && fields <= LERAY_SAMPLE_OUTPUTS, LERAY_ERR_CONFIG,
                "%d output channels, allowed are 1 to %d", fields, LERAY_SAMPLE_OUTPUTS);
    LERAY_CHECK(info->n_parameters <= LERAY_ENSEMBLE_PARAMETERS, LERAY_ERR_CONFIG,
                "%d parameters, at most %d are allowed", info->n_parameters,
                LERAY_ENSEMBLE_PARAMETERS);
    return LERAY_OK;
}

leray_status leray_sample_info_of_dataset(const leray_dataset *d, leray_sample_info *out)
{
    memset(out, 0, sizeof *out);
    out->n_inputs = d->n_inputs;
    out->n_outputs = d->n_outputs;
    out->n_state = d->n_state;
    out->n_static = d->n_static;
    out->history = d->history;
    out->window = d->window;
    out->autoregressive = d->autoregressive;
    out->interval = d->interval;
    out->n_parameters = d->n_parameters;
    LERAY_TRY(check_sizes(out));
    out->grid = leray_grid_make(d->ndim, d->shape);
    for (int a = 0; a < d->ndim; a++)
        out->length[a] = d->length[a], out->periodic[a] = d->periodic[a];
    for (int c = 0; c < leray_sample_fields(out); c++) {
        copy_name(out->output_name[c], d->output_names[c]);
        copy_name(out->output_unit[c], d->output_units[c]);
    }
    for (int p = 0; p < d->n_parameters; p++) {
        copy_name(out->parameter_name[p], d->parameter_names[p]);
        out->parameter_log[p] = true;
        for (int i = 0; i < d->n_samples; i++)
            if (!(d->parameters[(size_t)i * (size_t)d->n_parameters + (size_t)p] > 0))
                out->parameter_log[p] = false;
    }
    return LERAY_OK;
}

leray_status leray_sample_info_of_frame(const leray_frame *frame, const leray_ensemble *ensemble,
                                        int history, leray_sample_info *out)
{
    memset(out, 0, sizeof *out);
    out->history = history;
    out->window = 1;
    out->n_state = out->n_outputs = frame->nfields;
    out->n_inputs = history * frame->nfields;
    out->autoregressive = true;
    out->interval = ensemble->settings.interval;
    out->n_parameters = ensemble->n_parameters;
    LERAY_TRY(check_sizes(out));
    out->grid = leray_grid_make(frame->ndim, frame->shape);
    for (int a = 0; a < frame->ndim; a++)
        out->length[a] = frame->length[a], out->periodic[a] = true;
    for (int c = 0; c < frame->nfields; c++) {
        copy_name(out->output_name[c], frame->field[c].name);
        copy_name(out->output_unit[c], frame->field[c].unit);
    }
    for (int p = 0; p < ensemble->n_parameters; p++) {
        copy_name(out->parameter_name[p], ensemble->parameter[p]->name);
        out->parameter_log[p] = ensemble->range[p].min > 0;
    }
    return LERAY_OK;
}

leray_status leray_batch_create(const leray_sample_info *info, int n, leray_batch *batch)
{
    size_t points = leray_sample_points(info), samples = (size_t)n;
    size_t nx = samples * (size_t)info->n_inputs * points;
    size_t ny = samples * (size_t)info->n_outputs * points;

    memset(batch, 0, sizeof *batch);
    LERAY_TRY(LERAY_ALLOC(&batch->x, nx + ny + samples * (size_t)info->n_parameters));
    batch->y = batch->x + nx;
    batch->parameters = batch->y + ny;
    return LERAY_OK;
}

void leray_batch_fini(leray_batch *batch)
{
    leray_mem_free(batch->x);
    memset(batch, 0, sizeof *batch);
}

/* ---- JSON ------------------------------------------------------------------------------- */

/* The integers of the struct under their names. */
#define INTEGERS(X) X(n_inputs) X(n_outputs) X(n_state) X(n_static) X(history)

static leray_status names_to_json(const char (*names)[LERAY_SAMPLE_NAME], int n, const char *key,
                                  leray_json *json)
{
    leray_json *list;
    leray_status status = leray_json_array(&list);

    for (int i = 0; i < n && !status; i++) status = leray_json_set_text(list, NULL, names[i]);
    if (status) leray_json_destroy(&list);
    else status = leray_json_set(json, key, &list);
    return status;
}

static leray_status logs_to_json(const leray_sample_info *info, leray_json *json)
{
    leray_json *list;
    leray_status status = leray_json_array(&list);

    for (int i = 0; i < info->n_parameters && !status; i++)
        status = leray_json_set_int(list, NULL, info->parameter_log[i]);
    if (status) leray_json_destroy(&list);
    else status = leray_json_set(json, "parameter_log", &list);
    return status;
}

/* One object per axis: points, length, periodic. */
static leray_status axis_to_json(const leray_sample_info *info, int a, leray_json *list)
{
    leray_json *axis;
    leray_status status;

    LERAY_TRY(leray_json_object(&axis));
    status = leray_json_set_int(axis, "points", info->grid.n[a]);
    if (!status) status = leray_json_set_real(axis, "length", info->length[a]);
    if (!status) status = leray_json_set_int(axis, "periodic", info->periodic[a]);
    if (status) leray_json_destroy(&axis);
    return status ? status : leray_json_set(list, NULL, &axis);
}

static leray_status grid_to_json(const leray_sample_info *info, leray_json *json)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    status = LERAY_OK;
    for (int a = 0; a < info->grid.ndim && !status; a++) status = axis_to_json(info, a, list);
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, "grid", &list);
}

static leray_status fill_json(const leray_sample_info *info, leray_json *json)
{
#define PUT(name) LERAY_TRY(leray_json_set_int(json, #name, info->name));
    INTEGERS(PUT)
    PUT(window)
#undef PUT
    LERAY_TRY(leray_json_set_int(json, "autoregressive", info->autoregressive));
    LERAY_TRY(leray_json_set_real(json, "interval", info->interval));
    LERAY_TRY(grid_to_json(info, json));
    LERAY_TRY(names_to_json(info->output_name, leray_sample_fields(info), "output_names", json));
    LERAY_TRY(names_to_json(info->output_unit, leray_sample_fields(info), "output_units", json));
    LERAY_TRY(names_to_json(info->parameter_name, info->n_parameters, "parameter_names", json));
    return logs_to_json(info, json);
}

leray_status leray_sample_info_to_json(const leray_sample_info *info, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill_json(info, *out);
    if (status) leray_json_destroy(out);
    return status;
}

static leray_status names_from_json(const leray_json *json, const char *key, int most,
                                    char (*names)[LERAY_SAMPLE_NAME], int *n)
{
    leray_json *list;
    leray_status status;
    const char *text;

    LERAY_TRY(leray_json_get(json, key, &list));
    *n = (int)leray_json_size(list);
    status = *n <= most ? LERAY_OK
                        : leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                            "'%s' has %d entries, at most %d", key, *n, most);
    for (int i = 0; i < *n && !status; i++) {
        status = leray_json_text_at(list, (size_t)i, &text);
        if (!status) copy_name(names[i], text);
    }
    leray_json_destroy(&list);
    return status;
}

static leray_status logs_from_json(const leray_json *json, leray_sample_info *info)
{
    leray_json *list;
    leray_status status;
    int64_t flag;

    LERAY_TRY(leray_json_get(json, "parameter_log", &list));
    status = leray_json_size(list) == (size_t)info->n_parameters
                 ? LERAY_OK
                 : leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                     "'parameter_log' does not fit 'parameter_names'");
    for (int i = 0; i < info->n_parameters && !status; i++) {
        status = leray_json_int_at(list, (size_t)i, &flag);
        if (!status) info->parameter_log[i] = flag != 0;
    }
    leray_json_destroy(&list);
    return status;
}

static leray_status axis_from_json(const leray_json *axis, leray_sample_info *info, int a)
{
    int64_t points, periodic;

    LERAY_TRY(leray_json_get_int(axis, "points", &points));
    LERAY_CHECK(points > 0 && points < 1 << 24, LERAY_ERR_DATA, "'points' = %lld",
                (long long)points);
    LERAY_TRY(leray_json_get_real(axis, "length", &info->length[a]));
    LERAY_TRY(leray_json_get_int(axis, "periodic", &periodic));
    info->grid.n[a] = (int)points;
    info->periodic[a] = periodic != 0;
    return LERAY_OK;
}

static leray_status grid_from_json(const leray_json *json, leray_sample_info *info)
{
    leray_json *list, *axis;
    leray_status status;
    size_t n;

    LERAY_TRY(leray_json_get(json, "grid", &list));
    n = leray_json_size(list);
    status = n >= 1 && n <= LERAY_GRID_DIMS
                 ? LERAY_OK
                 : leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                     "'grid' has %zu axes, not 1 to %d", n, LERAY_GRID_DIMS);
    info->grid.ndim = (int)n;
    for (size_t a = 0; a < n && !status; a++) {
        status = leray_json_at(list, a, &axis);
        if (!status) status = axis_from_json(axis, info, (int)a);
        leray_json_destroy(&axis);
    }
    leray_json_destroy(&list);
    return status;
}

leray_status leray_sample_info_from_json(const leray_json *json, leray_sample_info *out)
{
    int64_t value;
    int n;

    memset(out, 0, sizeof *out);
#define GET(name)                                                                    \
    LERAY_TRY(leray_json_get_int(json, #name, &value));                              \
    LERAY_CHECK(value >= 0 && value < 1 << 24, LERAY_ERR_DATA, "'%s' = %lld", #name, \
                (long long)value);                                                   \
    out->name = (int)value;
    INTEGERS(GET)
    out->window = 1;
    if (leray_json_has(json, "window")) {
        GET(window)
    }
#undef GET
    LERAY_CHECK(out->window > 0 && out->n_outputs % out->window == 0, LERAY_ERR_DATA,
                "a window of %d frames with %d output channels", out->window, out->n_outputs);
    LERAY_TRY(leray_json_get_int(json, "autoregressive", &value));
    out->autoregressive = value != 0;
    LERAY_TRY(leray_json_get_real(json, "interval", &out->interval));
    LERAY_TRY(grid_from_json(json, out));
    LERAY_TRY(names_from_json(json, "output_names", LERAY_SAMPLE_OUTPUTS, out->output_name, &n));
    LERAY_CHECK(n == leray_sample_fields(out) && n > 0, LERAY_ERR_DATA,
                "'output_names' does not fit");
    LERAY_TRY(names_from_json(json, "output_units", LERAY_SAMPLE_OUTPUTS, out->output_unit, &n));
    LERAY_TRY(names_from_json(json, "parameter_names", LERAY_ENSEMBLE_PARAMETERS,
                              out->parameter_name, &out->n_parameters));
    LERAY_CHECK(out->n_inputs == out->history * out->n_state + out->n_static, LERAY_ERR_DATA,
                "the numbers of input channels do not fit together");
    return logs_from_json(json, out);
}
