/* commands/reference.c - trajectories of a file: which, how far, what a frame is; see commands/reference.h. */
#include "commands/reference.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

typedef struct truth_settings {
    int64_t start;
} truth_settings;
static const leray_key rows[] = {
    LERAY_KEY_INT(truth_settings, start, "start", "0", 0, 1e9, "1",
                  "number of stored frames skipped at the beginning of each trajectory"),
};

const leray_keys leray_start_keys = {rows, 1};

static leray_status find_reader(const leray_registry_entry **entry)
{
    return leray_registry_find(leray_registry_of(LERAY_KIND_OF_DATASET), "well", "", entry);
}

leray_status leray_reference_keys(leray_section out[2])
{
    const leray_registry_entry *entry;
    const leray_dataset_type *type;

    LERAY_TRY(find_reader(&entry));
    type = entry->type;
    out[0] = (leray_section){"data", type->keys, NULL};
    out[1] = (leray_section){"data", leray_start_keys, NULL};
    return LERAY_OK;
}

/* ---- frames ----------------------------------------------------------------------------- */

leray_status leray_reference_read(leray_reference *t, int i, int first, int n, float *out)
{
    LERAY_CHECK(first >= 0 && n >= 0 && first + n <= t->frames[i], LERAY_ERR_ARG,
                "frames %d to %d of trajectory %d, which has %d", first, first + n - 1,
                t->trajectory[i], t->frames[i]);
    for (int k = first; k < first + n; k++, out += t->size)
        LERAY_TRY(leray_trajectories_read(t->dataset->trajectories, t->trajectory[i],
                                          t->start + k * t->every, t->info->n_state,
                                          t->dataset->windows.input, out));
    return LERAY_OK;
}

int leray_reference_sample(const leray_reference *t, int i)
{
    const leray_windows *w = &t->dataset->windows;

    return w->start[t->trajectory[i] - w->first_trajectory] + t->start;
}

double leray_reference_time(const leray_reference *t, int i, int frame)
{
    return leray_trajectories_time(t->file, t->trajectory[i], t->start) + frame * t->interval;
}

const double *leray_reference_scalar(const leray_reference *t, int i, const char *name)
{
    return leray_trajectories_parameter(t->file, t->trajectory[i], name);
}

leray_frame leray_reference_frame(const leray_reference *t, const double *values, double time)
{
    size_t points = leray_extents_points(&t->grid);

    for (int f = 0; f < t->info->n_state; f++) {
        const leray_channel *c = &t->info->output.item[f];

        t->field[f] = (leray_frame_field){c->name, c->unit, values + (size_t)f * points};
    }
    return (leray_frame){.time = time,
                         .grid = &t->file->grid,
                         .count = t->grid.n[0],
                         .nfields = t->info->n_state,
                         .field = t->field};
}

leray_status leray_reference_is_vorticity(const leray_reference *t, const char *what)
{
    const leray_sample_info *info = t->info;

    LERAY_CHECK(info->n_state == 1 && strcmp(info->output.item[0].name, "vorticity") == 0 &&
                    info->grid.ndim == 2,
                LERAY_ERR_DATA,
                "%s: %s needs frames of one field, the vorticity, on a periodic rectangle; these "
                "have %d, the first of them '%s', in %d dimensions",
                t->path, what, info->n_state, info->output.item[0].name, info->grid.ndim);
    return leray_grid_need_periodic(&info->grid, what);
}

/* ---- which ------------------------------------------------------------------------------ */

static leray_status check_continues(const leray_reference *t, const leray_task *task)
{
    LERAY_CHECK(t->info->autoregressive && task->info.autoregressive, LERAY_ERR_DATA,
                "%s: a roll-out needs a model whose output continues its input, and data of such "
                "fields",
                t->path);
    LERAY_CHECK(
        t->info->output.n == t->info->n_state && t->info->n_forcing == 0, LERAY_ERR_UNSUPPORTED,
        "%s: roll-outs of models with diagnostic fields or forcings are for leray eval", t->path);
    return LERAY_OK;
}

/* Trajectories with `need` frames from the start on; evenly spaced ones, all alike. */
static leray_status choose(leray_reference *t, int need)
{
    const leray_windows *w = &t->dataset->windows;
    int longest = 0;

    LERAY_TRY(LERAY_ALLOC(&t->trajectory, (size_t)w->n_used));
    LERAY_TRY(LERAY_ALLOC(&t->frames, (size_t)w->n_used));
    for (int i = 0; i < w->n_used; i++) {
        int trajectory = w->first_trajectory + i, stored = t->file->frames[trajectory] - t->start;
        int frames = stored > 0 ? (stored - 1) / t->every + 1 : 0;
        double interval;

        longest = frames > longest ? frames : longest;
        if (frames < need) continue;
        LERAY_TRY(leray_trajectories_interval(t->file, trajectory, t->start, t->every, frames,
                                              "time derivatives and roll-outs need even spacing",
                                              &interval));
        if (t->n == 0) t->interval = interval;
        LERAY_CHECK(fabs(interval - t->interval) <= 1e-3 * t->interval, LERAY_ERR_DATA,
                    "%s: frames are %.9g apart in trajectory %d and %.9g in %d", t->path,
                    t->interval, t->trajectory[0], interval, trajectory);
        t->trajectory[t->n] = trajectory;
        t->frames[t->n++] = frames;
    }
    LERAY_CHECK(t->n > 0, LERAY_ERR_DATA,
                "%s: too few frames: %d from data.start = %d on in the longest trajectory, %d are "
                "needed (those given to the model and those it predicts)",
                t->path, longest, t->start, need);
    return LERAY_OK;
}

/* A model knows one step of time. */
static leray_status check_interval(const leray_reference *t, const leray_task *task)
{
    double want = task->info.interval;

    LERAY_CHECK(
        !(want > 0) || fabs(t->interval - want) <= 1e-3 * want, LERAY_ERR_DATA,
        "%s: frames are %g apart, the model was trained on %g; data.every=N takes every N-th",
        t->path, t->interval, want);
    return LERAY_OK;
}

static leray_status check_parameters(const leray_reference *t, const leray_task *task)
{
    for (int p = 0; p < task->info.n_parameters; p++)
        LERAY_CHECK(leray_reference_scalar(t, 0, task->info.parameter[p].name), LERAY_ERR_DATA,
                    "%s: the model takes the parameter '%s', which is not among the file's scalars",
                    t->path, task->info.parameter[p].name);
    return LERAY_OK;
}

/* Frames are read one by one, from samples that begin at every step. */
static leray_status check_samples(const leray_config *cfg)
{
    static const struct {
        const char *key, *value;
    } fixed[] = {
        {"data.lead",         "1"  },
        {"data.window",       "1"  },
        {"data.window_every", "0"  },
        {"data.starts",       "all"}
    };
    char text[LERAY_TEXT_MAX];

    for (int i = 0; i < 4; i++) {
        LERAY_TRY(leray_config_peek(cfg, fixed[i].key, fixed[i].value, text));
        LERAY_CHECK(strcmp(text, fixed[i].value) == 0, LERAY_ERR_CONFIG,
                    "%s = %s%s: here the model file gives the windows, leave it at %s",
                    fixed[i].key, text, leray_config_where(cfg, "data", fixed[i].key + 5),
                    fixed[i].value);
    }
    return LERAY_OK;
}

/* Samples of one step: a roll-out makes its windows itself. */
static leray_status open_dataset(leray_reference *t, const leray_config *cfg,
                                 const leray_task *task)
{
    const leray_registry_entry *entry;
    leray_task view = *task; /* whose samples are one step */

    view.info.window = 1;
    LERAY_TRY(check_samples(cfg));
    LERAY_TRY(find_reader(&entry));
    LERAY_TRY(leray_match_open(&view, entry->type, cfg, "data", &t->dataset));
    t->file = t->dataset->trajectories;
    t->info = &t->dataset->windows.info;
    t->grid = leray_grid_extents(&t->file->grid);
    t->every = t->dataset->windows.stride > 0 ? t->dataset->windows.stride : 1;
    t->size = (size_t)t->info->n_state * leray_sample_points(t->info);
    LERAY_TRY(LERAY_ALLOC(&t->field, (size_t)t->info->n_state));
    return LERAY_ALLOC(&t->values, t->size);
}

leray_status leray_reference_open(const leray_config *cfg, const char *path, const leray_task *task,
                                  int need, int n, const char *const *overrides, leray_reference *t)
{
    truth_settings settings;

    memset(t, 0, sizeof *t);
    t->path = path, t->n_overrides = n, t->overrides = overrides;
    LERAY_TRY(leray_config_read(cfg, "data", leray_start_keys, &settings));
    t->start = (int)settings.start;
    LERAY_TRY(open_dataset(t, cfg, task));
    LERAY_TRY(check_continues(t, task));
    LERAY_TRY(leray_match_samples(task, &t->dataset->windows));
    LERAY_TRY(choose(t, need));
    LERAY_TRY(check_parameters(t, task));
    return check_interval(t, task);
}

void leray_reference_close(leray_reference *t)
{
    leray_mem_free(t->values);
    leray_mem_free(t->field);
    leray_mem_free(t->frames);
    leray_mem_free(t->trajectory);
    leray_config_destroy(&t->solver);
    leray_dataset_destroy(&t->dataset);
}
