/* tests/grids.h - small grids, and trajectories whose frames are an array of the test's. */
#ifndef LERAY_TESTS_GRIDS_H
#define LERAY_TESTS_GRIDS_H

#include "core/grid.h"
#include "core/mem.h"
#include "data/trajectories.h"

#include <stdio.h>
#include <string.h>

/* Of length 1 along each axis: periodic vertices, or else the centres of cells. */
static inline leray_grid unit_grid(int ndim, const int *n, bool periodic)
{
    static const double one[LERAY_AXES] = {1, 1, 1};
    leray_grid grid = leray_grid_periodic(ndim, n, one);

    for (int a = 0; a < ndim && !periodic; a++) {
        grid.axis[a].points = LERAY_AT_CENTRES;
        grid.axis[a].boundary[0] = grid.axis[a].boundary[1] = LERAY_OPEN;
    }
    return grid;
}

static inline leray_grid grid_2d(int ny, int nx, bool periodic)
{
    return unit_grid(2, (int[]){ny, nx}, periodic);
}

/* A periodic one that holds until the next call. */
static inline const leray_grid *on(int ny, int nx)
{
    static leray_grid grid;

    grid = grid_2d(ny, nx, true);
    return &grid;
}

typedef struct memory_trajectories {
    leray_trajectories base;
    const float *values; /* [frames of all trajectories, channels, points] */
    double interval;
} memory_trajectories;

static inline leray_status memory_read(leray_trajectories *self, int trajectory, int frame, int n,
                                       const int *channel, float *out)
{
    const memory_trajectories *m = (const memory_trajectories *)self;
    size_t points = leray_grid_points(&self->grid), at = (size_t)frame;

    for (int t = 0; t < trajectory; t++) at += (size_t)self->frames[t];
    for (int i = 0; i < n; i++, out += points)
        memcpy(out, m->values + (at * (size_t)self->channels.n + (size_t)channel[i]) * points,
               points * sizeof *out);
    return LERAY_OK;
}

static inline double memory_time(const leray_trajectories *self, int trajectory, int frame)
{
    (void)trajectory;
    return frame * ((const memory_trajectories *)self)->interval;
}

static inline leray_status memory_fill(leray_trajectories *t, const leray_grid *grid,
                                       const char *names, int n, const int *frames)
{
    char text[256], *save = NULL;

    t->n = n;
    LERAY_TRY(leray_grid_copy(grid, &t->grid));
    LERAY_TRY(LERAY_ALLOC(&t->frames, (size_t)n));
    LERAY_TRY(LERAY_ALLOC(&t->parameter, 1));
    LERAY_TRY(LERAY_ALLOC(&t->values, 1));
    memcpy(t->frames, frames, (size_t)n * sizeof *frames);
    snprintf(text, sizeof text, "%s", names);
    for (char *name = strtok_r(text, " ", &save); name; name = strtok_r(NULL, " ", &save))
        LERAY_TRY(leray_channels_add(&t->channels, name, "1", true));
    return LERAY_OK;
}

/* Channels named by "a b c", all depending on time. */
static inline leray_status memory_of(const leray_grid *grid, const char *names, int n,
                                     const int *frames, const float *values,
                                     leray_trajectories **out)
{
    static const leray_trajectories_type type = {memory_read, memory_time, NULL};
    memory_trajectories *m;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&m, 1));
    m->base.type = &type, m->base.source = "memory", m->base.provenance = "";
    m->values = values, m->interval = 1;
    *out = &m->base;
    status = memory_fill(&m->base, grid, names, n, frames);
    if (status) leray_trajectories_destroy(out);
    return status;
}

#endif
