/* data/windows.c - see data/windows.h. */
#include "data/windows_impl.h"

#include "core/mem.h"
#include "data/dataset.h"

#include <limits.h>
#include <math.h>
#include <string.h>

const char *const leray_starts_names[] = {"all", "first", NULL};

/* ---- frames ----------------------------------------------------------------------------- */

/* Stored frames from the newest frame of x to the first of y, 0 with lead 0. */
static int64_t ahead_of(const leray_window_settings *s)
{
    return s->window_every ? s->window_every : s->lead * s->every;
}

/* Between frames of y, and of what is predicted from a prediction. */
static int64_t step_of(const leray_window_settings *s)
{
    return ahead_of(s) > 0 ? ahead_of(s) : s->every;
}

/* From the first frame of x to the last of y. */
static int64_t span_of(const leray_window_settings *s)
{
    return (s->history - 1) * s->every + ahead_of(s) + (s->window - 1) * step_of(s);
}

/* ---- what does not fit together --------------------------------------------------------- */

static leray_status check_window(const leray_windows *w)
{
    const leray_window_settings *s = &w->settings;

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
static leray_status check_lead(const leray_windows *w)
{
    const leray_window_settings *s = &w->settings;
    bool inside = false;

    LERAY_CHECK(s->history == 1 || w->info.n_state > 0, LERAY_ERR_CONFIG,
                "history is %lld, but no input depends on time", (long long)s->history);
    for (int i = 0; i < w->info.output.n; i++)
        for (int k = 0; k < w->info.n_state; k++) inside = inside || w->output[i] == w->input[k];
    LERAY_CHECK(s->lead > 0 || !inside, LERAY_ERR_CONFIG,
                "lead is 0 and an output is also an input of the same instant");
    return LERAY_OK;
}

/* ---- samples ---------------------------------------------------------------------------- */

static int64_t samples_of(const leray_windows *w, int trajectory)
{
    int64_t valid = w->trajectories->frames[trajectory];

    if (!w->depends) return valid > 0;
    valid -= span_of(&w->settings);
    if (w->settings.starts == LERAY_STARTS_FIRST) return valid > 0;
    return valid > 0 ? valid : 0;
}

static leray_status count_samples(leray_windows *w)
{
    const leray_window_settings *s = &w->settings;
    const char *source = w->trajectories->source;
    int64_t all = w->trajectories->n, count = s->count > 0 ? s->count : all - s->first, total = 0;

    LERAY_CHECK(s->first < all && count <= all - s->first, LERAY_ERR_CONFIG,
                "first = %lld, count = %lld: %s has %lld trajectories, counted from 0",
                (long long)s->first, (long long)s->count, source, (long long)all);
    w->n_used = (int)count, w->first_trajectory = (int)s->first;
    LERAY_TRY(LERAY_ALLOC(&w->start, (size_t)count + 1));
    for (int i = 0; i < w->n_used; i++) {
        total += samples_of(w, w->first_trajectory + i);
        LERAY_CHECK(total <= INT32_MAX, LERAY_ERR_CONFIG, "%s: more than 2^31 samples", source);
        w->start[i + 1] = (int)total;
    }
    LERAY_CHECK(total > 0, LERAY_ERR_CONFIG,
                "%s: no trajectory has %lld frames, which history, every, lead and window need",
                source, (long long)(span_of(s) + 1));
    w->n_samples = (int)total;
    return LERAY_OK;
}

void leray_windows_locate(const leray_windows *w, int i, int *trajectory, int *step)
{
    int low = 0, high = w->n_used; /* start[low] <= i < start[high] */

    while (high - low > 1) {
        int middle = low + (high - low) / 2;

        if (w->start[middle] <= i) low = middle;
        else high = middle;
    }
    *trajectory = low + w->first_trajectory;
    *step = i - w->start[low];
}

/* ---- times ------------------------------------------------------------------------------ */

/* The distance of frames `step` apart, the same in all trajectories that have samples and, where `even`,
   from wherever they start. */
static leray_status distance(const leray_windows *w, int64_t step, bool even, double *out)
{
    const leray_trajectories *t = w->trajectories;
    int from = -1;

    *out = 0;
    for (int i = 0; i < w->n_used; i++) {
        int trajectory = w->first_trajectory + i, n = t->frames[trajectory];
        double interval;

        if (w->start[i + 1] == w->start[i] || n <= step) continue;
        interval = leray_trajectories_time(t, trajectory, (int)step) -
                   leray_trajectories_time(t, trajectory, 0);
        for (int first = 0; first < step && first + step < n && even; first++)
            LERAY_TRY(leray_trajectories_interval(
                t, trajectory, first, (int)step, (n - 1 - first) / (int)step + 1,
                "samples of several frames need even spacing", &interval));
        if (from < 0) *out = interval, from = trajectory;
        LERAY_CHECK(fabs(interval - *out) <= 1e-3 * fabs(*out), LERAY_ERR_DATA,
                    "%s: frames are %.9g apart in trajectory %d and %.9g in trajectory %d: samples "
                    "need one interval; train on them apart",
                    t->source, *out, from, interval, trajectory);
    }
    return LERAY_OK;
}

static leray_status set_times(leray_windows *w)
{
    const leray_window_settings *s = &w->settings;

    if (!w->depends) return LERAY_OK;
    if (w->info.history > 1) LERAY_TRY(distance(w, s->every, true, &w->info.spacing));
    if (ahead_of(s) > 0) LERAY_TRY(distance(w, ahead_of(s), s->window > 1, &w->info.interval));
    w->stride = w->info.autoregressive && step_of(s) == s->every ? (int)ahead_of(s) : 0;
    return LERAY_OK;
}

/* ---- making one ------------------------------------------------------------------------- */

leray_status leray_windows_init(leray_windows *w, leray_trajectories *trajectories,
                                const leray_window_settings *settings)
{
    *w = (leray_windows){.trajectories = trajectories, .settings = *settings, .mask = -1};
    LERAY_TRY(leray_grid_copy(&trajectories->grid, &w->info.grid));
    LERAY_TRY(leray_windows_choose_channels(w));
    LERAY_TRY(check_lead(w));
    LERAY_TRY(check_window(w));
    LERAY_TRY(count_samples(w));
    LERAY_TRY(set_times(w));
    return leray_windows_choose_parameters(w);
}

void leray_windows_fini(leray_windows *w)
{
    leray_mem_free(w->parameter);
    leray_mem_free(w->output);
    leray_mem_free(w->input);
    leray_mem_free(w->start);
    leray_sample_info_fini(&w->info);
    memset(w, 0, sizeof *w);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* `n` channels of each of `frames` frames, `every` apart from `first` on; moves *out on. */
static leray_status read_frames(leray_windows *w, int trajectory, int first, int every, int frames,
                                int n, const int *channel, float **out)
{
    size_t size = (size_t)n * leray_sample_points(&w->info);

    for (int k = 0; k < frames && n > 0; k++, *out += size)
        LERAY_TRY(leray_trajectories_read(w->trajectories, trajectory, first + k * every, n,
                                          channel, *out));
    return LERAY_OK;
}

static leray_status read_x(leray_windows *w, int trajectory, int t, int ahead, float *x)
{
    const leray_sample_info *info = &w->info;
    const int *constant = w->input + info->n_state, *forcing = constant + info->n_static;
    int every = (int)w->settings.every, step = (int)step_of(&w->settings);

    LERAY_TRY(read_frames(w, trajectory, t, every, info->history, info->n_state, w->input, &x));
    LERAY_TRY(read_frames(w, trajectory, t, every, 1, info->n_static, constant, &x));
    LERAY_TRY(read_frames(w, trajectory, t, every, info->history, info->n_forcing, forcing, &x));
    return read_frames(w, trajectory, t + ahead, step, info->window, info->n_forcing, forcing, &x);
}

static leray_status read_mask(leray_windows *w, int trajectory, int frame, float *mask)
{
    size_t points = leray_sample_points(&w->info);

    LERAY_TRY(leray_trajectories_read(w->trajectories, trajectory, frame, 1, &w->mask, mask));
    for (size_t i = 0; i < points; i++) mask[i] = mask[i] != 0;
    return LERAY_OK;
}

leray_status leray_windows_read(leray_windows *w, int i, float *x, float *y, float *parameters,
                                float *mask)
{
    const leray_sample_info *info = &w->info;
    int trajectory, t, ahead;

    LERAY_CHECK(i >= 0 && i < w->n_samples, LERAY_ERR_ARG, "sample %d, allowed: 0 to %d", i,
                w->n_samples - 1);
    leray_windows_locate(w, i, &trajectory, &t);
    ahead =
        w->depends ? (info->history - 1) * (int)w->settings.every + (int)ahead_of(&w->settings) : 0;
    LERAY_TRY(read_x(w, trajectory, t, ahead, x));
    for (int p = 0; parameters && p < info->n_parameters; p++)
        parameters[p] = (float)leray_windows_value(w, trajectory, w->parameter[p]);
    if (mask && w->mask >= 0) LERAY_TRY(read_mask(w, trajectory, t, mask));
    if (!y) return LERAY_OK;
    return read_frames(w, trajectory, t + ahead, (int)step_of(&w->settings), info->window,
                       info->output.n, w->output, &y);
}

int leray_windows_step(const leray_windows *w) { return (int)step_of(&w->settings); }

/* Stored frame `lead` of those that follow the first ones of x. */
static int frame_at(const leray_windows *w, int lead)
{
    const leray_window_settings *s = &w->settings;

    return (w->info.history - 1) * (int)s->every + (int)ahead_of(s) + lead * (int)step_of(s);
}

leray_status leray_windows_read_frame(leray_windows *w, int trajectory, int lead, float *out)
{
    return leray_trajectories_read(w->trajectories, trajectory, frame_at(w, lead), w->info.output.n,
                                   w->output, out);
}

leray_status leray_windows_read_forcings(leray_windows *w, int trajectory, int lead, float *out)
{
    const leray_sample_info *info = &w->info;

    return read_frames(w, trajectory, frame_at(w, lead), (int)step_of(&w->settings), info->window,
                       info->n_forcing, w->input + info->n_state + info->n_static, &out);
}
