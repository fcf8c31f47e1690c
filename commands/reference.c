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
                  "stored frames of each trajectory that are passed over"),
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

/* Frame k < history is the k-th of the first sample's input, all others are the outputs of samples. */
leray_status leray_reference_read(leray_reference *t, int i, int first, int n, float *out)
{
    int history = t->info.history;

    LERAY_CHECK(first >= 0 && n >= 0 && first + n <= t->frames[i], LERAY_ERR_ARG,
                "frames %d to %d of trajectory %d, which has %d", first, first + n - 1,
                t->trajectory[i], t->frames[i]);
    for (int k = first; k < first + n; k++, out += t->size) {
        int step = k < history ? 0 : (k - history) * t->every;

        LERAY_TRY(leray_dataset_read(t->dataset, t->sample[i] + t->start + step, t->x,
                                     k < history ? NULL : out, NULL));
        if (k < history) memcpy(out, t->x + (size_t)k * t->size, t->size * sizeof *out);
    }
    return LERAY_OK;
}

leray_status leray_reference_input(leray_reference *t, int i, float *x)
{
    return leray_dataset_read(t->dataset, t->sample[i] + t->start, x, NULL, NULL);
}

double leray_reference_time(const leray_reference *t, int frame)
{
    return t->time + frame * t->interval;
}

const double *leray_reference_scalar(const leray_reference *t, int i, const char *name)
{
    const leray_well_info *file = leray_well_get_info(t->file);

    for (int p = 0; p < file->n_parameters; p++)
        if (strcmp(file->parameter[p].name, name) == 0)
            return &file->parameter[p].values[t->trajectory[i]];
    return NULL;
}

leray_frame leray_reference_frame(const leray_reference *t, const double *values, double time)
{
    const leray_grid *grid = &t->info.grid;
    leray_frame frame = {
        .time = time,
        .ndim = grid->ndim,
        .shape = {1, 1, 1},
        .count = grid->n[0],
        .nfields = t->info.n_state
    };

    for (int a = 0; a < grid->ndim; a++)
        frame.shape[a] = grid->n[a], frame.length[a] = t->info.length[a];
    for (int f = 0; f < frame.nfields; f++)
        frame.field[f] = (leray_frame_field){t->info.output_name[f], t->info.output_unit[f],
                                             values + (size_t)f * leray_grid_points(grid)};
    return frame;
}

leray_status leray_reference_is_vorticity(const leray_reference *t, const char *what)
{
    const leray_sample_info *info = &t->info;

    LERAY_CHECK(
        info->n_state == 1 && strcmp(info->output_name[0], "vorticity") == 0 &&
            info->grid.ndim == 2 && info->periodic[0] && info->periodic[1],
        LERAY_ERR_DATA,
        "%s: %s needs frames of one field, the vorticity, on a periodic rectangle; these have "
        "%d, the first of them '%s', in %d dimensions",
        t->path, what, info->n_state, info->output_name[0], info->grid.ndim);
    return LERAY_OK;
}

/* ---- which ------------------------------------------------------------------------------ */

/* Times are stored in single precision. */
static leray_status check_times(leray_reference *t, int last)
{
    const leray_well_info *file = leray_well_get_info(t->file);
    const double *time = file->time + t->start;
    int every = t->every;
    double largest = 0;

    t->time = time[0];
    t->interval = (time[last * every] - time[0]) / last;
    for (int k = 0; k <= last; k++) largest = fmax(largest, fabs(time[k * every]));
    LERAY_CHECK(t->interval > 0, LERAY_ERR_DATA, "%s: time does not grow: %g at step %d, %g at %d",
                t->path, time[0], t->start, time[last * every], t->start + last * every);
    for (int k = 0; k < last; k++) {
        double gap = time[(k + 1) * every] - time[k * every];

        LERAY_CHECK(fabs(gap - t->interval) <= 1e-3 * t->interval + 1e-6 * largest, LERAY_ERR_DATA,
                    "%s: frames are not evenly spaced: %g between steps %d and %d, %g on average; "
                    "time derivatives and roll-outs need even ones",
                    t->path, gap, t->start + k * every, t->start + (k + 1) * every, t->interval);
    }
    return LERAY_OK;
}

/* A model knows one step of time. */
static leray_status check_interval(const leray_reference *t, const leray_task *task)
{
    double want = task->info.interval;

    LERAY_CHECK(
        !(want > 0) || fabs(t->interval - want) <= 1e-2 * want, LERAY_ERR_DATA,
        "%s: frames are %g apart, the model was trained on %g; data.every=N takes every N-th",
        t->path, t->interval, want);
    return LERAY_OK;
}

static leray_status check_channels(const leray_reference *t, const leray_task *task)
{
    const leray_sample_info *have = &t->info, *want = &task->info;

    LERAY_CHECK(have->autoregressive && want->autoregressive, LERAY_ERR_DATA,
                "%s: a roll-out needs a model whose output continues its input, and data of such "
                "fields",
                t->path);
    LERAY_CHECK(have->n_state == want->n_state && have->n_static == want->n_static &&
                    have->history == want->history,
                LERAY_ERR_DATA,
                "%s: frames of %d channels and %d constant ones, the model wants %d and %d",
                t->path, have->n_state, have->n_static, want->n_state, want->n_static);
    for (int c = 0; c < want->n_state; c++)
        LERAY_CHECK(strcmp(have->output_name[c], want->output_name[c]) == 0, LERAY_ERR_DATA,
                    "%s: channel %d is '%s', the model was trained on '%s'", t->path, c,
                    have->output_name[c], want->output_name[c]);
    return LERAY_OK;
}

static leray_status check_parameters(const leray_reference *t, const leray_task *task)
{
    for (int p = 0; p < task->info.n_parameters; p++)
        LERAY_CHECK(leray_reference_scalar(t, 0, task->info.parameter_name[p]), LERAY_ERR_DATA,
                    "%s: the model takes the parameter '%s', which is not among the file's scalars",
                    t->path, task->info.parameter_name[p]);
    return LERAY_OK;
}

/* Sample s of a trajectory goes from stored step s to s + history every. */
static void gather(leray_reference *t, int need, int *longest)
{
    int i = 0, n = t->dataset->n_samples;

    *longest = 0;
    while (i < n) {
        int trajectory, other, step, begin = i, stored, frames;

        leray_dataset_locate(t->dataset, begin, &trajectory, &step);
        for (i++, other = trajectory; i < n; i++) {
            leray_dataset_locate(t->dataset, i, &other, &step);
            if (other != trajectory) break;
        }
        stored = i - begin + t->info.history * t->every - t->start;
        frames = stored > 0 ? (stored - 1) / t->every + 1 : 0;
        if (frames > *longest) *longest = frames;
        if (frames < need) continue;
        t->trajectory[t->n] = trajectory;
        t->sample[t->n] = begin;
        t->frames[t->n++] = frames;
    }
}

static leray_status choose(leray_reference *t, int need)
{
    size_t most = (size_t)leray_well_get_info(t->file)->n_trajectories;
    int longest;

    LERAY_TRY(LERAY_ALLOC(&t->trajectory, most));
    LERAY_TRY(LERAY_ALLOC(&t->sample, most));
    LERAY_TRY(LERAY_ALLOC(&t->frames, most));
    gather(t, need, &longest);
    LERAY_CHECK(t->n > 0, LERAY_ERR_DATA,
                "%s: too few frames: %d from data.start = %d on in the longest trajectory, %d are "
                "needed (those given to the model and those it predicts)",
                t->path, longest, t->start, need);
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
                    "%s = %s%s: the model's own windows decide here, leave it at %s", fixed[i].key,
                    text, leray_config_where(cfg, "data", fixed[i].key + 5), fixed[i].value);
    }
    return LERAY_OK;
}

static leray_status open_dataset(leray_reference *t, const leray_config *cfg)
{
    const leray_registry_entry *entry;

    LERAY_TRY(check_samples(cfg));
    LERAY_TRY(find_reader(&entry));
    LERAY_TRY(leray_dataset_create_type(entry->type, cfg, "data", &t->dataset));
    LERAY_TRY(leray_sample_info_of_dataset(t->dataset, &t->info));
    t->every = t->dataset->stride > 0 ? t->dataset->stride : 1;
    t->size = (size_t)t->info.n_state * leray_sample_points(&t->info);
    return leray_well_open(t->path, &t->file);
}

leray_status leray_reference_open(const leray_config *cfg, const char *path, const leray_task *task,
                                  int need, int n, const char *const *overrides, leray_reference *t)
{
    truth_settings settings;
    int last = 0;

    memset(t, 0, sizeof *t);
    t->path = path, t->n_overrides = n, t->overrides = overrides;
    LERAY_TRY(leray_config_read(cfg, "data", leray_start_keys, &settings));
    t->start = (int)settings.start;
    LERAY_TRY(open_dataset(t, cfg));
    LERAY_TRY(check_channels(t, task));
    LERAY_TRY(choose(t, need));
    LERAY_TRY(check_parameters(t, task));
    for (int i = 0; i < t->n; i++) last = t->frames[i] - 1 > last ? t->frames[i] - 1 : last;
    LERAY_TRY(check_times(t, last));
    LERAY_TRY(check_interval(t, task));
    LERAY_TRY(LERAY_ALLOC(&t->x, (size_t)t->info.n_inputs * leray_sample_points(&t->info)));
    return LERAY_ALLOC(&t->values, t->size);
}

void leray_reference_close(leray_reference *t)
{
    leray_mem_free(t->values);
    leray_mem_free(t->x);
    leray_mem_free(t->frames);
    leray_mem_free(t->sample);
    leray_mem_free(t->trajectory);
    leray_config_destroy(&t->solver);
    leray_well_close(&t->file);
    leray_dataset_destroy(&t->dataset);
}
