/* training/match.c - see training/match.h. */
#include "training/match.h"

#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOLERANCE \
    1e-3 /* relative, of times and lengths: they may have been stored in single precision */

static bool same(double a, double b) { return fabs(a - b) <= TOLERANCE * fabs(b); }

/* ---- settings --------------------------------------------------------------------------- */

/* Entries from..to of a list, as a view. */
static leray_channels part(const leray_channels *list, int from, int to)
{
    return (leray_channels){.n = to - from, .item = list->item + from};
}

static void name_fields(const leray_sample_info *info, const leray_match_keys *given,
                        leray_window_settings *s)
{
    int inputs = info->n_state + info->n_static;

    if (info->input.n > 0) {
        if (!given->inputs) s->named_inputs = part(&info->input, 0, inputs);
        if (!given->forcings) s->named_forcings = part(&info->input, inputs, info->input.n);
        if (!given->outputs) s->named_outputs = info->output;
    } else if (info->autoregressive) { /* format 1 lost the names of statics alone */
        if (!given->outputs) s->named_outputs = info->output;
        if (!given->inputs && info->n_static == 0)
            s->named_inputs = part(&info->output, 0, info->n_state);
    }
    if (!given->parameters) snprintf(s->parameters, LERAY_TEXT_MAX, "none");
}

/* How many stored frames `want` is, from the first two of the first trajectory that has them. */
static leray_status count_frames(const leray_trajectories *t, double want, const char *what,
                                 int64_t *out)
{
    double step = 0, count;

    for (int i = 0; i < t->n && step == 0; i++)
        if (t->frames[i] > 1)
            step = (leray_trajectories_time(t, i, t->frames[i] - 1) -
                    leray_trajectories_time(t, i, 0)) /
                   (t->frames[i] - 1);
    if (!(step > 0) || !(want > 0)) return LERAY_OK;
    count = rint(want / step);
    LERAY_CHECK(
        count >= 1 && same(count * step, want), LERAY_ERR_DATA,
        "%s: frames are %.6g apart on average; the model's %s of %.6g is not a multiple of that",
        t->source, step, what, want);
    *out = (int64_t)count;
    return LERAY_OK;
}

leray_status leray_match_settings(const leray_task *task, const leray_trajectories *trajectories,
                                  const leray_match_keys *given, leray_window_settings *s)
{
    const leray_sample_info *info = &task->info;
    int64_t ahead;

    name_fields(info, given, s);
    if (!given->history) s->history = info->history;
    if (!given->window) s->window = info->window;
    if (given->every || given->lead || given->window_every || !(info->interval > 0))
        return LERAY_OK;
    ahead = s->every;
    LERAY_TRY(count_frames(trajectories, info->interval, "time step", &ahead));
    s->every = ahead;
    if (info->history == 1 || !(info->spacing > 0)) return LERAY_OK;
    LERAY_TRY(
        count_frames(trajectories, info->spacing, "interval between input frames", &s->every));
    if (s->window > 1 || ahead % s->every) s->window_every = ahead == s->every ? 0 : ahead;
    else s->lead = ahead / s->every;
    return LERAY_OK;
}

/* ---- opening ---------------------------------------------------------------------------- */

static bool is_given(const leray_config *cfg, const char *section, const char *key)
{
    return leray_config_where(cfg, section, key)[0] != '\0';
}

static leray_match_keys given_in(const leray_config *cfg, const char *section)
{
#define KEY(name) .name = is_given(cfg, section, #name)
    return (leray_match_keys){KEY(inputs),     KEY(outputs), KEY(forcings),
                              KEY(parameters), KEY(history), KEY(every),
                              KEY(lead),       KEY(window),  KEY(window_every)};
#undef KEY
}

/* Arrays of numbers have no lengths and boundaries but those that a deck gives them. */
static void adopt_domain(const leray_grid *model, bool length, bool periodic, leray_grid *grid)
{
    for (int a = 0; a < grid->ndim && grid->ndim == model->ndim; a++) {
        if (!length) grid->axis[a].length = model->axis[a].length;
        if (periodic || model->axis[a].points == LERAY_AT_COORDINATES) continue;
        grid->axis[a].points = model->axis[a].points;
        grid->axis[a].boundary[0] = model->axis[a].boundary[0];
        grid->axis[a].boundary[1] = model->axis[a].boundary[1];
    }
}

leray_status leray_match_open(const leray_task *task, const leray_dataset_type *type,
                              const leray_config *cfg, const char *section, leray_dataset **out)
{
    leray_match_keys given = given_in(cfg, section);
    leray_window_settings *settings = NULL;
    leray_status status;

    LERAY_TRY(leray_dataset_open(type, cfg, section, out));
    if ((*out)->trajectories->bare)
        adopt_domain(&task->info.grid, is_given(cfg, section, "length"),
                     is_given(cfg, section, "periodic"), &(*out)->trajectories->grid);
    status = LERAY_ALLOC(&settings, 1);
    if (!status) *settings = (*out)->settings;
    if (!status && !(*out)->trajectories->bare)
        status = leray_match_settings(task, (*out)->trajectories, &given, settings);
    if (!status) status = leray_windows_init(&(*out)->windows, (*out)->trajectories, settings);
    leray_mem_free(settings);
    if (status) leray_dataset_destroy(out);
    return status;
}

/* ---- comparing -------------------------------------------------------------------------- */

static leray_status match_channels(const char *source, const char *what, const leray_channels *have,
                                   const leray_channels *want)
{
    for (int c = 0; c < want->n; c++)
        LERAY_CHECK(strcmp(have->item[c].name, want->item[c].name) == 0, LERAY_ERR_DATA,
                    "%s: channel %d of the %s is '%s', the model was trained on '%s'", source, c,
                    what, have->item[c].name, want->item[c].name);
    return LERAY_OK;
}

static leray_status match_roles(const char *source, bool bare, const leray_sample_info *have,
                                const leray_sample_info *want)
{
    bool names = want->input.n > 0 && !bare;

    LERAY_CHECK(have->history == want->history, LERAY_ERR_DATA,
                "%s: samples of %d frames, the model was trained on %d", source, have->history,
                want->history);
    LERAY_CHECK(names ? have->n_state == want->n_state && have->n_static == want->n_static &&
                            have->n_forcing == want->n_forcing
                      : leray_sample_inputs(have) == leray_sample_inputs(want),
                LERAY_ERR_DATA,
                "%s: %d fields of state, %d constant ones and %d forcings go in; the model was "
                "trained on %d, %d and %d",
                source, have->n_state, have->n_static, have->n_forcing, want->n_state,
                want->n_static, want->n_forcing);
    LERAY_CHECK(leray_sample_fields(have) == leray_sample_fields(want), LERAY_ERR_DATA,
                "%s: %d fields come out, the model was trained on %d", source,
                leray_sample_fields(have), leray_sample_fields(want));
    LERAY_CHECK(
        have->masked || !want->masked, LERAY_ERR_DATA,
        "%s: the model was trained under a mask: name the field of the mask, data.mask=FIELD",
        source);
    if (names) LERAY_TRY(match_channels(source, "input", &have->input, &want->input));
    return bare ? LERAY_OK : match_channels(source, "output", &have->output, &want->output);
}

leray_status leray_match_domain(const char *source, const leray_grid *have, const leray_grid *want)
{
    LERAY_CHECK(have->ndim == want->ndim, LERAY_ERR_DATA,
                "%s has %d dimensions, the model was trained in %d", source, have->ndim,
                want->ndim);
    LERAY_CHECK(have->kind == want->kind, LERAY_ERR_DATA,
                "%s is on a %s, the model was trained on a %s", source,
                have->kind == LERAY_SPHERE ? "sphere" : "box",
                want->kind == LERAY_SPHERE ? "sphere" : "box");
    for (int a = 0; a < want->ndim; a++) {
        const leray_axis *h = &have->axis[a], *w = &want->axis[a];

        for (int s = 0; s < 2; s++)
            LERAY_CHECK((h->boundary[s] == LERAY_PERIODIC) == (w->boundary[s] == LERAY_PERIODIC),
                        LERAY_ERR_DATA,
                        "%s: the boundary along %s is %s, the model was trained with %s", source,
                        leray_grid_axis_name(have, a), leray_boundary_names[h->boundary[s]],
                        leray_boundary_names[w->boundary[s]]);
        LERAY_CHECK(same(h->length, w->length), LERAY_ERR_DATA,
                    "%s: the domain is %.9g long along %s, the model was trained on %.9g", source,
                    h->length, leray_grid_axis_name(have, a), w->length);
    }
    return LERAY_OK;
}

/* Windows of the data last as long as those of the training; they may have other frames if the model
   can give them. */
static leray_status match_window(leray_task *task, leray_model *model, const char *source,
                                 const leray_sample_info *data)
{
    const leray_sample_info *info = &task->info;
    double span = info->window * info->interval, other = data->window * data->interval;

    LERAY_CHECK(
        data->window == info->window || leray_model_head(model), LERAY_ERR_DATA,
        "%s: windows of %d frames; the model was trained on %d and can give no other number",
        source, data->window, info->window);
    LERAY_CHECK(
        !(span > 0 && other > 0) || same(other, span), LERAY_ERR_DATA,
        "%s: the predicted frames span %.9g (%d frames %.9g apart), in the training %.9g (%d "
        "frames %.9g apart); data.every=N takes every N-th frame",
        source, other, data->window, data->interval, span, info->window, info->interval);
    LERAY_CHECK(!(info->spacing > 0 && data->spacing > 0) || same(data->spacing, info->spacing),
                LERAY_ERR_DATA,
                "%s: input frames are %.9g apart, in the training they were %.9g apart; "
                "data.every=N takes every N-th frame",
                source, data->spacing, info->spacing);
    return leray_task_set_window(task, model, data->window);
}

leray_status leray_match_samples(const leray_task *task, const leray_windows *data)
{
    const leray_trajectories *t = data->trajectories;

    LERAY_TRY(match_roles(t->source, t->bare, &data->info, &task->info));
    return leray_match_domain(t->source, &data->info.grid, &task->info.grid);
}

leray_status leray_match(leray_task *task, leray_model *model, const leray_windows *data)
{
    LERAY_TRY(leray_match_samples(task, data));
    return match_window(task, model, data->trajectories->source, &data->info);
}

leray_status leray_match_parameters(const leray_task *task, const leray_trajectories *trajectories,
                                    int trajectory, float *out)
{
    for (int p = 0; p < task->info.n_parameters; p++) {
        const char *name = task->info.parameter[p].name;
        const double *value = leray_trajectories_parameter(trajectories, trajectory, name);

        LERAY_CHECK(value, LERAY_ERR_DATA,
                    "%s: the model takes the parameter '%s', which is not among the scalars",
                    trajectories->source, name);
        LERAY_CHECK(
            *value > 0 || !task->info.parameter[p].log, LERAY_ERR_DIVERGED,
            "%s: the parameter '%s' of trajectory %d is %g, and the model takes its logarithm, "
            "as all values of its training were positive",
            trajectories->source, name, trajectory, *value);
        out[p] = (float)*value;
    }
    return LERAY_OK;
}
