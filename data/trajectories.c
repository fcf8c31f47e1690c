/* data/trajectories.c - see data/trajectories.h. */
#include "data/trajectories.h"

#include "core/mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

void leray_trajectories_destroy(leray_trajectories **trajectories)
{
    leray_trajectories *t = *trajectories;

    if (!t) return;
    if (t->type->fini) t->type->fini(t);
    leray_channels_fini(&t->channels);
    leray_grid_fini(&t->grid);
    leray_mem_free(t->values);
    leray_mem_free(t->parameter);
    leray_mem_free(t->frames);
    leray_mem_free(t);
    *trajectories = NULL;
}

static leray_status check_values(const leray_trajectories *t, int trajectory, int frame, int n,
                                 const int *channel, float *out)
{
    size_t points = leray_grid_points(&t->grid);

    for (int c = 0; c < n; c++, out += points) {
        float zero = 0;

        if (t->grid.mask)
            for (size_t i = 0; i < points; i++)
                if (!t->grid.mask[i]) out[i] = 0;
        for (size_t i = 0; i < points; i++) zero += 0 * out[i]; /* NaN if one is not finite */
        LERAY_CHECK(zero == 0, LERAY_ERR_DATA,
                    "%s: trajectory %d, frame %d: '%s' has a value that is not finite", t->source,
                    trajectory, frame, t->channels.item[channel[c]].name);
    }
    return LERAY_OK;
}

leray_status leray_trajectories_read(leray_trajectories *t, int trajectory, int frame, int n,
                                     const int *channel, float *out)
{
    LERAY_CHECK(trajectory >= 0 && trajectory < t->n, LERAY_ERR_ARG,
                "%s: trajectory %d, allowed: 0 to %d", t->source, trajectory, t->n - 1);
    LERAY_CHECK(frame >= 0 && frame < t->frames[trajectory], LERAY_ERR_ARG,
                "%s: frame %d of trajectory %d, allowed: 0 to %d", t->source, frame, trajectory,
                t->frames[trajectory] - 1);
    LERAY_TRY(t->type->read(t, trajectory, frame, n, channel, out));
    return check_values(t, trajectory, frame, n, channel, out);
}

double leray_trajectories_time(const leray_trajectories *t, int trajectory, int frame)
{
    return t->type->time(t, trajectory, frame);
}

const double *leray_trajectories_parameter(const leray_trajectories *t, int trajectory,
                                           const char *name)
{
    for (int p = 0; p < t->n_parameters; p++)
        if (strcmp(t->parameter[p].name, name) == 0)
            return &t->values[(size_t)trajectory * (size_t)t->n_parameters + (size_t)p];
    return NULL;
}

leray_status leray_trajectories_interval(const leray_trajectories *t, int trajectory, int first,
                                         int every, int n, const char *what, double *interval)
{
    double begin = leray_trajectories_time(t, trajectory, first), largest = fabs(begin);
    double end = leray_trajectories_time(t, trajectory, first + (n - 1) * every), mean;

    *interval = 0;
    if (n < 2) return LERAY_OK;
    mean = (end - begin) / (n - 1);
    largest = fmax(largest, fabs(end));
    LERAY_CHECK(mean > 0, LERAY_ERR_DATA,
                "%s: trajectory %d: time does not increase: %.9g at frame %d, %.9g at %d",
                t->source, trajectory, begin, first, end, first + (n - 1) * every);
    for (int k = 0; k + 1 < n; k++) {
        int a = first + k * every, b = a + every;
        double gap =
            leray_trajectories_time(t, trajectory, b) - leray_trajectories_time(t, trajectory, a);

        LERAY_CHECK(
            fabs(gap - mean) <= 1e-4 * mean + fmin(4 * FLT_EPSILON * largest, mean / 2),
            LERAY_ERR_DATA,
            "%s: trajectory %d is not evenly spaced in time: %.9g between frames %d and %d, "
            "%.9g on average; %s",
            t->source, trajectory, gap, a, b, mean, what);
    }
    *interval = mean;
    return LERAY_OK;
}
