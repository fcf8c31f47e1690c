/* data/datasets/well.c - consecutive frames of trajectories in The Well's layout.

   With step t of a trajectory, x holds the frames t - (history - 1) every, .., t - every, t and
   then the fields without time dependence, y the frame t + lead every; or, with a window, the
   frames t + step, t + 2 step, .., t + window step, where step is `window_every`, or `every`.
   Samples run over all t for which these are valid steps, trajectory by trajectory, or over the
   first of them alone. Where no chosen field depends on time, a trajectory is one sample. Where a
   sample holds more than one frame of x or of y, frames must be evenly spaced in time. */
#include "data/formats/well/well.h"
#include "core/mem.h"
#include "data/dataset.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    char path[LERAY_TEXT_MAX], inputs[LERAY_TEXT_MAX], outputs[LERAY_TEXT_MAX],
        parameters[LERAY_TEXT_MAX];
    int64_t history, every, lead, window, window_every, first, count;
    int starts;
} settings;

enum { STARTS_ALL, STARTS_FIRST };
static const char *const starts[] = {"all", "first", NULL};

static const leray_key rows[] = {
    LERAY_KEY_TEXT(settings, path, "path", NULL, "HDF5 file in the layout of The Well"),
    LERAY_KEY_TEXT(settings, inputs, "inputs", "''", "fields of x, as 'a, b'; empty: all"),
    LERAY_KEY_TEXT(settings, outputs, "outputs", "''",
                   "fields of y, as 'a, b'; empty: the inputs that depend on time"),
    LERAY_KEY_TEXT(settings, parameters, "parameters", "''",
                   "scalars given to the model, as 'a, b'; empty: those that vary; or none"),
    LERAY_KEY_INT(settings, history, "history", "1", 1, 64, "1", "frames in x"),
    LERAY_KEY_INT(settings, every, "every", "1", 1, 1e6, "1", "stored steps from frame to frame"),
    LERAY_KEY_INT(settings, lead, "lead", "1", 0, 1e6, "1",
                  "frames from the newest in x to y; 0: the same instant"),
    LERAY_KEY_INT(settings, window, "window", "1", 1, 4096, "1", "frames in y"),
    LERAY_KEY_INT(settings, window_every, "window_every", "0", 0, 1e6, "1",
                  "stored steps from frame to frame in a window; 0: every"),
    {"starts", LERAY_KIND_CHOICE, offsetof(settings, starts), "all", 0, 0, "",
       "samples of a trajectory: all there are, or the first one", starts, false},
    LERAY_KEY_INT(settings, first, "first", "0", 0, 1e9, "1", "first trajectory that is used"),
    LERAY_KEY_INT(settings, count, "count", "0", 0, 1e9, "1",
                  "trajectories used; 0: all from first on"),
};

enum { NAME = 96, FIELDS_MAX = 64 };

typedef struct channels { /* fields in the order of the deck */
    int n, field[FIELDS_MAX];
} channels;

typedef struct well {
    leray_dataset base;
    leray_well *file;
    channels state, constant, output; /* of a frame of x; of x once; of y */
    bool depends;                     /* one of them depends on time */
    int *start;                       /* [trajectories used + 1]: first sample of each */
    int n_used;
    char (*text)[NAME];
    const char **name, **unit, **parameter_name;
    int n_named;
    double *parameters;
} well;

static const leray_well_info *info_of(const well *w) { return leray_well_get_info(w->file); }

static int components(const well *w, const channels *c)
{
    int n = 0;

    for (int i = 0; i < c->n; i++) n += info_of(w)->field[c->field[i]].components;
    return n;
}

/* ---- fields ---- */

static leray_status add(channels *c, int f, const char *name)
{
    LERAY_CHECK(c->n < FIELDS_MAX, LERAY_ERR_CONFIG, "more than %d fields", FIELDS_MAX);
    for (int i = 0; i < c->n; i++)
        LERAY_CHECK(c->field[i] != f, LERAY_ERR_CONFIG, "field '%s' is named twice", name);
    c->field[c->n++] = f;
    return LERAY_OK;
}

static leray_status add_input(well *w, int f)
{
    const leray_well_field *field = &info_of(w)->field[f];

    return add(field->time_varying ? &w->state : &w->constant, f, field->name);
}

static leray_status add_named(well *w, bool input, int n, char **names)
{
    for (int i = 0; i < n; i++) {
        int f;

        LERAY_TRY(leray_well_find_field(w->file, names[i], &f));
        if (input) LERAY_TRY(add_input(w, f));
        else LERAY_TRY(add(&w->output, f, names[i]));
    }
    return LERAY_OK;
}

static leray_status add_list(well *w, bool input, const char *list)
{
    char **names;
    int n;
    leray_status status;

    LERAY_TRY(leray_dataset_split(list, &n, &names));
    status = add_named(w, input, n, names);
    leray_mem_free((void *)names);
    return status;
}

static leray_status choose_fields(well *w, const settings *s)
{
    LERAY_TRY(add_list(w, true, s->inputs));
    for (int f = 0; w->state.n + w->constant.n == 0 && f < info_of(w)->n_fields; f++)
        if (info_of(w)->field[f].time_varying) LERAY_TRY(add(&w->state, f, ""));
    for (int f = 0; s->inputs[0] == '\0' && f < info_of(w)->n_fields; f++)
        if (!info_of(w)->field[f].time_varying) LERAY_TRY(add(&w->constant, f, ""));
    LERAY_TRY(add_list(w, false, s->outputs));
    if (w->output.n == 0) w->output = w->state;
    LERAY_CHECK(w->output.n > 0, LERAY_ERR_CONFIG,
                "outputs: no input of %s depends on time, so name the outputs", s->path);
    w->depends = w->state.n > 0;
    for (int i = 0; i < w->output.n; i++)
        w->depends = w->depends || info_of(w)->field[w->output.field[i]].time_varying;
    return LERAY_OK;
}

/* Stored steps between frames of y, and from the newest frame of x to the first of y. */
static int64_t step_of(const settings *s) { return s->window_every ? s->window_every : s->every; }

static int64_t ahead_of(const settings *s)
{
    return s->window_every ? s->window_every : s->lead * s->every;
}

/* From the first frame of x to the last of y. */
static int64_t span_of(const settings *s)
{
    return (s->history - 1) * s->every + ahead_of(s) + (s->window - 1) * step_of(s);
}

static leray_status check_window(const well *w, const settings *s)
{
    if (s->window > 1)
        LERAY_CHECK(w->depends, LERAY_ERR_CONFIG,
                    "window is %lld, but neither inputs nor outputs depend on time",
                    (long long)s->window);
    if (s->window > 1 || s->window_every > 0)
        LERAY_CHECK(s->lead == 1, LERAY_ERR_CONFIG,
                    "lead is %lld; where a window of frames follows x it must be 1",
                    (long long)s->lead);
    return LERAY_OK;
}

/* With lead 0 a frame would be its own answer. */
static leray_status check_times(const well *w, const settings *s)
{
    bool inside = false;

    LERAY_CHECK(s->history == 1 || w->state.n > 0, LERAY_ERR_CONFIG,
                "history is %lld, but no input depends on time", (long long)s->history);
    for (int i = 0; i < w->output.n; i++)
        for (int k = 0; k < w->state.n; k++)
            inside = inside || w->output.field[i] == w->state.field[k];
    LERAY_CHECK(s->lead > 0 || !inside, LERAY_ERR_CONFIG,
                "lead is 0 and an output is also an input of the same instant");
    return LERAY_OK;
}

/* ---- names ---- */

static void name_field(well *w, int f, int back, const char *const *axis, int ndim)
{
    const leray_well_field *field = &info_of(w)->field[f];

    for (int c = 0; c < field->components; c++) {
        char *text = w->text[w->n_named];
        size_t n = (size_t)snprintf(text, NAME, "%.60s", field->name);

        if (field->order > 1) n += (size_t)snprintf(text + n, NAME - n, "_%s", axis[c / ndim]);
        if (field->order > 0) n += (size_t)snprintf(text + n, NAME - n, "_%s", axis[c % ndim]);
        if (back > 0 && n < NAME) snprintf(text + n, NAME - n, "@-%d", back);
        w->unit[w->n_named] = field->unit;
        w->name[w->n_named++] = text;
    }
}

static void name_all(well *w, const channels *c, int back)
{
    for (int i = 0; i < c->n; i++)
        name_field(w, c->field[i], back, info_of(w)->axis, info_of(w)->ndim);
}

static leray_status name_channels(well *w, int history)
{
    leray_dataset *ds = &w->base;
    size_t n = (size_t)(ds->n_inputs + ds->n_outputs / ds->window);

    LERAY_TRY(LERAY_ALLOC(&w->text, n));
    LERAY_TRY(LERAY_ALLOC(&w->name, n));
    LERAY_TRY(LERAY_ALLOC(&w->unit, n));
    for (int back = history - 1; back >= 0; back--) name_all(w, &w->state, back);
    name_all(w, &w->constant, 0);
    name_all(w, &w->output, 0);
    ds->input_names = w->name;
    ds->output_names = w->name + ds->n_inputs;
    ds->output_units = w->unit + ds->n_inputs;
    return LERAY_OK;
}

/* ---- samples ---- */

static int samples_of(const well *w, const settings *s, int trajectory)
{
    int64_t valid = info_of(w)->valid_steps[trajectory];

    if (!w->depends) return valid > 0;
    valid -= span_of(s);
    if (s->starts == STARTS_FIRST) return valid > 0;
    return valid > 0 ? (int)valid : 0;
}

static leray_status count_samples(well *w, const settings *s)
{
    int64_t all = info_of(w)->n_trajectories, count = s->count > 0 ? s->count : all - s->first;
    int64_t total = 0;

    LERAY_CHECK(s->first < all && count <= all - s->first, LERAY_ERR_CONFIG,
                "trajectories %lld to %lld asked for, %s has %lld", (long long)s->first,
                (long long)(s->first + count - 1), s->path, (long long)all);
    w->n_used = (int)count;
    LERAY_TRY(LERAY_ALLOC(&w->start, (size_t)count + 1));
    for (int i = 0; i < w->n_used; i++) {
        total += samples_of(w, s, (int)s->first + i);
        LERAY_CHECK(total <= INT32_MAX, LERAY_ERR_CONFIG, "%s: more than 2^31 samples", s->path);
        w->start[i + 1] = (int)total;
    }
    LERAY_CHECK(total > 0, LERAY_ERR_CONFIG,
                "%s: no trajectory has %lld valid steps, which history, every, lead and window "
                "need",
                s->path, (long long)(span_of(s) + 1));
    w->base.n_samples = (int)total;
    return LERAY_OK;
}

static void locate(const leray_dataset *ds, int i, int *trajectory, int *step)
{
    const well *w = (const well *)ds;
    int low = 0, high = w->n_used; /* start[low] <= i < start[high] */

    while (high - low > 1) {
        int middle = low + (high - low) / 2;

        if (w->start[middle] <= i) low = middle;
        else high = middle;
    }
    *trajectory = low + (int)((const settings *)ds->settings)->first;
    *step = i - w->start[low];
}

/* ---- parameters ---- */

static bool chosen(const leray_well_parameter *p, bool automatic, int n, char **names, bool *used)
{
    bool found = automatic && p->sample_varying;

    for (int i = 0; i < n; i++)
        if (strcmp(names[i], p->name) == 0) found = used[i] = true;
    return found;
}

static leray_status gather(well *w, int n, char **names, bool automatic, bool *used)
{
    const leray_well_info *info = info_of(w);
    leray_dataset *ds = &w->base;
    int index[FIELDS_MAX];

    for (int p = 0; p < info->n_parameters; p++) {
        if (!chosen(&info->parameter[p], automatic, n, names, used)) continue;
        LERAY_CHECK(ds->n_parameters < FIELDS_MAX, LERAY_ERR_CONFIG, "more than %d parameters",
                    FIELDS_MAX);
        index[ds->n_parameters] = p;
        w->parameter_name[ds->n_parameters++] = info->parameter[p].name;
    }
    for (int i = 0; i < n; i++)
        LERAY_CHECK(used[i], LERAY_ERR_CONFIG, "parameters: the file has no scalar '%s'", names[i]);
    LERAY_TRY(LERAY_ALLOC(&w->parameters, (size_t)ds->n_samples * (size_t)ds->n_parameters + 1));
    for (int i = 0; i < ds->n_samples; i++) {
        int trajectory, step;

        locate(ds, i, &trajectory, &step);
        for (int p = 0; p < ds->n_parameters; p++)
            w->parameters[(size_t)i * (size_t)ds->n_parameters + (size_t)p] =
                info->parameter[index[p]].values[trajectory];
    }
    return LERAY_OK;
}

static leray_status choose_parameters(well *w, const settings *s)
{
    char **names = NULL;
    bool *used = NULL, none = strcmp(s->parameters, "none") == 0;
    int n = 0;
    leray_status status;

    status = LERAY_ALLOC(&w->parameter_name, (size_t)info_of(w)->n_parameters + 1);
    if (!status) status = leray_dataset_split(none ? "" : s->parameters, &n, &names);
    if (!status) status = LERAY_ALLOC(&used, (size_t)n + 1);
    if (!status) status = gather(w, n, names, !none && n == 0, used);
    leray_mem_free(used);
    leray_mem_free((void *)names);
    w->base.parameter_names = w->parameter_name;
    w->base.parameters = w->parameters;
    return status;
}

/* ---- the contract ---- */

/* The largest number of valid steps of the trajectories used. */
static int steps_used(const well *w, const settings *s)
{
    int most = 0;

    for (int i = 0; i < w->n_used; i++) {
        int valid = info_of(w)->valid_steps[(int)s->first + i];

        most = valid > most ? valid : most;
    }
    return most;
}

/* Frames `step` apart must be so in time, too, from wherever they start. Times may be stored in single
   precision. */
static leray_status check_even(const well *w, const settings *s, int64_t step)
{
    const double *time = info_of(w)->time;
    int n = steps_used(w, s);

    for (int64_t t = 0; t + step < n; t++) {
        double here = time[t + step] - time[t], first = time[step] - time[0];

        LERAY_CHECK(fabs(here - first) <=
                        1e-4 * fabs(first) + 4 * FLT_EPSILON * fabs(time[t + step]),
                    LERAY_ERR_DATA,
                    "%s: from step %lld to %lld time goes on by %.9g, from step 0 to %lld by %.9g; "
                    "samples of several frames need even spacing",
                    s->path, (long long)t, (long long)(t + step), here, (long long)step, first);
    }
    return LERAY_OK;
}

static leray_status check_spacing(const well *w, const settings *s)
{
    if (!w->depends) return LERAY_OK;
    if (s->history > 1) LERAY_TRY(check_even(w, s, s->every));
    return s->window > 1 ? check_even(w, s, step_of(s)) : LERAY_OK;
}

static void set_grid(well *w, const settings *s)
{
    const leray_well_info *info = info_of(w);
    leray_dataset *ds = &w->base;
    int ahead = (int)ahead_of(s);

    ds->ndim = info->ndim;
    for (int i = 0; i < ds->ndim; i++) {
        ds->shape[i] = info->shape[i];
        ds->length[i] = info->length[i];
        ds->periodic[i] = info->boundary[i] == LERAY_WELL_PERIODIC;
    }
    ds->interval = ahead < info->n_steps ? info->time[ahead] - info->time[0] : 0;
    ds->provenance = info->provenance;
    ds->autoregressive =
        s->lead > 0 && w->output.n == w->state.n &&
        memcmp(w->output.field, w->state.field, (size_t)w->state.n * sizeof w->state.field[0]) == 0;
    ds->stride = ds->autoregressive && step_of(s) == s->every ? ahead : 0;
}

static leray_status init(leray_dataset *ds)
{
    well *w = (well *)ds;
    const settings *s = ds->settings;

    LERAY_TRY(leray_well_open(s->path, &w->file));
    LERAY_TRY(choose_fields(w, s));
    LERAY_TRY(check_times(w, s));
    LERAY_TRY(check_window(w, s));
    ds->history = w->state.n > 0 ? (int)s->history : 1;
    ds->n_state = components(w, &w->state);
    ds->n_static = components(w, &w->constant);
    ds->n_inputs = ds->history * ds->n_state + ds->n_static;
    ds->window = (int)s->window;
    ds->n_outputs = ds->window * components(w, &w->output);
    LERAY_TRY(name_channels(w, ds->history));
    LERAY_TRY(count_samples(w, s));
    LERAY_TRY(check_spacing(w, s));
    set_grid(w, s);
    return choose_parameters(w, s);
}

/* The fields of one step, one after the other; returns where the next ones go. */
static leray_status read_fields(well *w, const channels *c, int trajectory, int step, float **out)
{
    size_t points = leray_dataset_points(&w->base);

    for (int i = 0; i < c->n; i++) {
        LERAY_TRY(leray_well_read_float(w->file, trajectory, step, c->field[i], *out));
        *out += (size_t)info_of(w)->field[c->field[i]].components * points;
    }
    return LERAY_OK;
}

static leray_status read(leray_dataset *ds, int i, float *x, float *y)
{
    well *w = (well *)ds;
    const settings *s = ds->settings;
    int trajectory, step, every = (int)s->every;

    locate(ds, i, &trajectory, &step);
    for (int h = 0; h < ds->history; h++)
        LERAY_TRY(read_fields(w, &w->state, trajectory, step + h * every, &x));
    LERAY_TRY(read_fields(w, &w->constant, trajectory, step, &x));
    if (!y) return LERAY_OK;
    if (w->depends) step += (ds->history - 1) * every + (int)ahead_of(s);
    for (int k = 0; k < ds->window; k++)
        LERAY_TRY(read_fields(w, &w->output, trajectory, step + k * (int)step_of(s), &y));
    return LERAY_OK;
}

static void fini(leray_dataset *ds)
{
    well *w = (well *)ds;

    leray_mem_free(w->parameters);
    leray_mem_free((void *)w->parameter_name);
    leray_mem_free((void *)w->unit);
    leray_mem_free((void *)w->name);
    leray_mem_free(w->text);
    leray_mem_free(w->start);
    leray_well_close(&w->file);
}

const leray_dataset_type leray_dataset_well = {
    .name = "well",
    .summary = "consecutive frames of an ensemble in The Well's HDF5 layout",
    .size = sizeof(well),
    .keys = {rows, (int)(sizeof rows / sizeof rows[0])},
    .settings_size = sizeof(settings),
    .init = init,
    .read = read,
    .fini = fini,
    .locate = locate,
};
