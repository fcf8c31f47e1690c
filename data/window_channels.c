/* data/window_channels.c - which channels and parameters of trajectories make the samples, and their roles; see
   data/windows.h. */
#include "data/windows_impl.h"

#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------ */

static const char *skip(const char *at, const char *of) { return at + strspn(at, of); }

/* Splits "a, b" into *out, an array of *count texts in one block to be freed with leray_mem_free. "" has none. */
static leray_status split(const char *list, int *count, char ***out)
{
    size_t most = strlen(list) / 2 + 1, n = 0;
    char *text;

    LERAY_TRY(leray_mem_alloc(out, 1, most * sizeof(char *) + 2 * strlen(list) + 2));
    text = (char *)(*out + most);
    for (const char *at = skip(list, " ,"); *at; at = skip(at, " ,")) {
        size_t length = strcspn(at, " ,");

        (*out)[n++] = text;
        memcpy(text, at, length);
        text += length + 1;
        at += length;
    }
    *count = (int)n;
    return LERAY_OK;
}

/* ---- channels --------------------------------------------------------------------------- */

static const leray_channel *channel_of(const leray_windows *w, int c)
{
    return &w->trajectories->channels.item[c];
}

/* Numbers of channels, with room for all of them. */
typedef struct chosen {
    int n, *channel;
} chosen;

static bool has(const chosen *list, int c)
{
    for (int i = 0; i < list->n; i++)
        if (list->channel[i] == c) return true;
    return false;
}

/* A component "<field>_<axis>" or "<field>_<axis>_<axis>", a level "<field>@<level>", or a numbered channel
   "<field><number>", of a field. */
static bool belongs(const leray_windows *w, const leray_channel *channel, const char *field)
{
    const leray_grid *grid = &w->trajectories->grid;
    size_t n = strlen(field);
    const char *rest = channel->name + n;

    if (strcmp(channel->name, field) == 0) return true;
    if (!isnan(channel->level) && strcmp(channel->variable, field) == 0) return true;
    if (strncmp(channel->name, field, n) != 0) return false;
    if (rest[strspn(rest, "0123456789")] == '\0') return true;
    if (*rest++ != '_' || !*rest) return false;
    while (*rest) { /* names of axes, one or two of them */
        int a = 0;

        while (a < grid->ndim && strncmp(rest, leray_grid_axis_name(grid, a),
                                         strlen(leray_grid_axis_name(grid, a))) != 0)
            a++;
        if (a == grid->ndim) return false;
        rest += strlen(leray_grid_axis_name(grid, a));
        if (*rest == '_') rest++;
    }
    return true;
}

static leray_status add_field(const leray_windows *w, const char *field, chosen *list)
{
    const leray_channels *all = &w->trajectories->channels;
    int exact = leray_channels_find(all, field), before = list->n;
    char text[1024];

    for (int c = 0; c < all->n; c++) {
        if (exact >= 0 ? c != exact : !belongs(w, &all->item[c], field)) continue;
        LERAY_CHECK(!has(list, c), LERAY_ERR_CONFIG, "field '%s' is named twice", field);
        list->channel[list->n++] = c;
    }
    LERAY_CHECK(list->n > before, LERAY_ERR_DATA, "%s has no field '%s'; it has %s",
                w->trajectories->source, field, leray_channels_text(all, sizeof text, text));
    return LERAY_OK;
}

/* `named`, or where that is empty the list `names`. */
static leray_status add_list(const leray_windows *w, const leray_channels *named, const char *names,
                             chosen *list)
{
    char **name;
    int n;
    leray_status status = LERAY_OK;

    for (int i = 0; i < named->n; i++) LERAY_TRY(add_field(w, named->item[i].name, list));
    if (named->n > 0) return LERAY_OK;
    LERAY_TRY(split(names, &n, &name));
    for (int i = 0; i < n && !status; i++) status = add_field(w, name[i], list);
    leray_mem_free((void *)name);
    return status;
}

/* Those of `given` that do or do not depend on time, and are not in `but`. */
static void pick(const leray_windows *w, const chosen *given, bool time_varying, const chosen *but,
                 chosen *list)
{
    for (int i = 0; i < given->n; i++)
        if (channel_of(w, given->channel[i])->time_varying == time_varying &&
            !has(but, given->channel[i]))
            list->channel[list->n++] = given->channel[i];
}

typedef struct roles {
    chosen given, state, constant, forcing, output;
} roles;

static leray_status choose_inputs(leray_windows *w, roles *r)
{
    const leray_window_settings *s = &w->settings;
    int all = w->trajectories->channels.n;

    LERAY_TRY(add_list(w, &s->named_forcings, s->forcings, &r->forcing));
    if (s->mask[0]) {
        chosen mask = {0, &w->mask};

        LERAY_TRY(add_list(w, &(leray_channels){0}, s->mask, &mask));
        LERAY_CHECK(mask.n == 1, LERAY_ERR_CONFIG, "mask: '%s' names %d channels, not one", s->mask,
                    mask.n);
    }
    LERAY_TRY(add_list(w, &s->named_inputs, s->inputs, &r->given));
    for (int i = 0; i < r->given.n; i++)
        LERAY_CHECK(!has(&r->forcing, r->given.channel[i]), LERAY_ERR_CONFIG,
                    "'%s' is among the inputs and among the forcings",
                    channel_of(w, r->given.channel[i])->name);
    for (int c = 0; c < all && s->inputs[0] == '\0' && s->named_inputs.n == 0; c++)
        if (c != w->mask && !has(&r->forcing, c)) r->given.channel[r->given.n++] = c;
    pick(w, &r->given, true, &r->forcing, &r->state);
    pick(w, &r->given, false, &r->forcing, &r->constant);
    return LERAY_OK;
}

/* Where the states go on in time they are the first channels of y. */
static leray_status choose_outputs(leray_windows *w, roles *r)
{
    const leray_window_settings *s = &w->settings;
    chosen *out = &r->given; /* is free now */
    bool continues = r->state.n > 0 && s->lead > 0;

    out->n = 0;
    LERAY_TRY(add_list(w, &s->named_outputs, s->outputs, out));
    if (out->n == 0)
        for (int i = 0; i < r->state.n; i++) out->channel[out->n++] = r->state.channel[i];
    LERAY_CHECK(out->n > 0, LERAY_ERR_CONFIG,
                "outputs: no input of %s depends on time, so name the outputs",
                w->trajectories->source);
    for (int i = 0; i < r->state.n; i++) continues = continues && has(out, r->state.channel[i]);
    for (int i = 0; i < r->state.n && continues; i++)
        r->output.channel[r->output.n++] = r->state.channel[i];
    for (int i = 0; i < out->n; i++) {
        LERAY_CHECK(!has(&r->forcing, out->channel[i]), LERAY_ERR_CONFIG,
                    "'%s' is among the outputs and among the forcings, which are known beforehand",
                    channel_of(w, out->channel[i])->name);
        if (!has(&r->output, out->channel[i])) r->output.channel[r->output.n++] = out->channel[i];
    }
    w->info.autoregressive = continues;
    return LERAY_OK;
}

static leray_status add_channels(leray_windows *w, const chosen *list, leray_channels *to, int *at)
{
    for (int i = 0; i < list->n; i++) {
        const leray_channel *c = channel_of(w, list->channel[i]);

        at[i] = list->channel[i];
        w->depends = w->depends || c->time_varying;
        LERAY_TRY(leray_channels_add(to, c->name, c->unit, c->time_varying));
    }
    return LERAY_OK;
}

static leray_status keep_roles(leray_windows *w, const roles *r)
{
    leray_sample_info *info = &w->info;

    info->n_state = r->state.n, info->n_static = r->constant.n, info->n_forcing = r->forcing.n;
    info->history = r->state.n > 0 || r->forcing.n > 0 ? (int)w->settings.history : 1;
    info->window = (int)w->settings.window;
    info->masked = w->mask >= 0;
    LERAY_TRY(add_channels(w, &r->state, &info->input, w->input));
    LERAY_TRY(add_channels(w, &r->constant, &info->input, w->input + r->state.n));
    LERAY_TRY(add_channels(w, &r->forcing, &info->input, w->input + r->state.n + r->constant.n));
    LERAY_CHECK(info->input.n > 0, LERAY_ERR_CONFIG, "inputs: %s has no field left for x",
                w->trajectories->source);
    return add_channels(w, &r->output, &info->output, w->output);
}

leray_status leray_windows_choose_channels(leray_windows *w)
{
    size_t all = (size_t)w->trajectories->channels.n + 1;
    int *block;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&w->input, all));
    LERAY_TRY(LERAY_ALLOC(&w->output, all));
    LERAY_TRY(LERAY_ALLOC(&block, 5 * all));
    roles r = {
        {0, block          },
        {0, block + all    },
        {0, block + 2 * all},
        {0, block + 3 * all},
        {0, block + 4 * all}
    };
    status = choose_inputs(w, &r);
    if (!status) status = choose_outputs(w, &r);
    if (!status) status = keep_roles(w, &r);
    leray_mem_free(block);
    return status;
}

/* ---- parameters ------------------------------------------------------------------------- */

double leray_windows_value(const leray_windows *w, int trajectory, int p)
{
    const leray_trajectories *t = w->trajectories;

    return t->values[(size_t)trajectory * (size_t)t->n_parameters + (size_t)p];
}

static leray_status add_parameter(leray_windows *w, int p)
{
    bool positive = true;

    for (int i = 0; i < w->n_used; i++)
        if (w->start[i + 1] > w->start[i])
            positive = positive && leray_windows_value(w, w->first_trajectory + i, p) > 0;
    w->parameter[w->info.n_parameters] = p;
    return leray_sample_info_add_parameter(&w->info, w->trajectories->parameter[p].name,
                                           w->trajectories->parameter[p].unit, positive);
}

static bool is_named(int n, char **names, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static leray_status add_parameters(leray_windows *w, bool automatic, int n, char **names)
{
    const leray_trajectories *t = w->trajectories;

    for (int p = 0; p < t->n_parameters; p++)
        if (automatic ? t->parameter[p].varies : is_named(n, names, t->parameter[p].name))
            LERAY_TRY(add_parameter(w, p));
    for (int i = 0; i < n; i++) {
        bool found = false;
        char text[512] = "none";
        size_t used = 0;

        for (int p = 0; p < t->n_parameters; p++) {
            found = found || strcmp(names[i], t->parameter[p].name) == 0;
            if (used < sizeof text)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", p ? ", " : "",
                                         t->parameter[p].name);
        }
        LERAY_CHECK(found, LERAY_ERR_CONFIG, "parameters: %s has no scalar '%s'; it has %s",
                    t->source, names[i], text);
    }
    return LERAY_OK;
}

leray_status leray_windows_choose_parameters(leray_windows *w)
{
    const char *text = w->settings.parameters;
    bool none = strcmp(text, "none") == 0;
    char **names;
    int n;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&w->parameter, (size_t)w->trajectories->n_parameters + 1));
    LERAY_TRY(split(none ? "" : text, &n, &names));
    status = add_parameters(w, !none && n == 0, n, names);
    leray_mem_free((void *)names);
    return status;
}
