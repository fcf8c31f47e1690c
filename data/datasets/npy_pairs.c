/* data/datasets/npy_pairs.c - two .npy files of the same number of samples: inputs and outputs.

   With `ndim` axes per field, a file of rank ndim + 1 is [n, axes..], one channel, and one of
   rank ndim + 2 is [n, channels, axes..]. Whole files are held in memory as they are. A sample is a
   trajectory of one frame, whose channels are input0, .., output0, ..; points are the vertices of a periodic
   grid, or else the centres of cells. */
#include "core/file.h"
#include "core/mem.h"
#include "data/dataset.h"
#include "data/formats/npy.h"

#include <stdio.h>
#include <string.h>

typedef struct settings {
    char path[LERAY_TEXT_MAX], inputs[LERAY_TEXT_MAX], outputs[LERAY_TEXT_MAX];
    int64_t ndim, first, count;
    leray_reals length;
    bool periodic;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_TEXT(settings, path, "path", ".", "folder of the two files"),
    LERAY_KEY_TEXT(settings, inputs, "inputs", NULL,
                   ".npy file of the inputs: [n, ny, nx] or [n, channels, ny, nx]"),
    LERAY_KEY_TEXT(settings, outputs, "outputs", NULL, ".npy file of the outputs, likewise"),
    LERAY_KEY_INT(settings, ndim, "ndim", "2", 1, 3, "1", "axes of a field"),
    LERAY_KEY_INT(settings, first, "first", "0", 0, 1e9, "1", "first sample that is used"),
    LERAY_KEY_INT(settings, count, "count", "0", 0, 1e9, "1", "samples used; 0: all from first on"),
    LERAY_KEY_REALS(settings, length, "length", "1", 1e-300, 1e300, "1",
                    "length of the domain along each axis, or one number for all"),
    LERAY_KEY_BOOL(settings, periodic, "periodic", "false", "the fields are periodic"),
};

typedef struct npy_pairs {
    leray_trajectories base;
    const settings *settings;
    char path[2][LERAY_PATH_MAX];
    leray_npy array[2]; /* inputs, outputs */
    int channels[2];
    int first; /* sample of the files that is trajectory 0 */
} npy_pairs;

static leray_status read_array(npy_pairs *p, int k, const char *file)
{
    const settings *s = p->settings;
    leray_npy *a = &p->array[k];
    int rank = (int)s->ndim + 2;

    LERAY_TRY(leray_path_join(s->path, file, p->path[k]));
    LERAY_TRY(leray_npy_read(p->path[k], a));
    LERAY_CHECK(
        a->rank == rank || a->rank == rank - 1, LERAY_ERR_DATA,
        "%s: rank %d, expected %d [n, axes..] or %d [n, channels, axes..]; see the key ndim",
        p->path[k], a->rank, rank - 1, rank);
    for (int i = 0; i < a->rank; i++)
        LERAY_CHECK(a->shape[i] >= 1 && a->shape[i] <= 1 << 24, LERAY_ERR_DATA,
                    "%s: axis %d has %lld entries, allowed: 1 to %d", p->path[k], i,
                    (long long)a->shape[i], 1 << 24);
    p->channels[k] = a->rank == rank ? (int)a->shape[1] : 1;
    return LERAY_OK;
}

static leray_status check_pair(const npy_pairs *p)
{
    const leray_npy *a = &p->array[0], *b = &p->array[1];
    int ndim = (int)p->settings->ndim;

    LERAY_CHECK(a->shape[0] == b->shape[0], LERAY_ERR_DATA, "%s has %lld samples, %s has %lld",
                p->path[0], (long long)a->shape[0], p->path[1], (long long)b->shape[0]);
    for (int i = 1; i <= ndim; i++)
        LERAY_CHECK(a->shape[a->rank - i] == b->shape[b->rank - i], LERAY_ERR_DATA,
                    "%s and %s are on different grids: %lld and %lld points along axis %d",
                    p->path[0], p->path[1], (long long)a->shape[a->rank - i],
                    (long long)b->shape[b->rank - i], ndim - i);
    return LERAY_OK;
}

static leray_status add_channels(npy_pairs *p)
{
    for (int k = 0; k < 2; k++)
        for (int c = 0; c < p->channels[k]; c++) {
            char name[32];

            snprintf(name, sizeof name, "%s%d", k ? "output" : "input", c);
            LERAY_TRY(leray_channels_add(&p->base.channels, name, "", true));
        }
    return LERAY_OK;
}

static leray_status set_grid(npy_pairs *p)
{
    const settings *s = p->settings;
    const leray_npy *a = &p->array[0];
    leray_grid view = {.ndim = (int)s->ndim};

    LERAY_CHECK(s->length.count == 1 || s->length.count == view.ndim, LERAY_ERR_CONFIG,
                "length has %d entries, allowed: 1 or ndim = %d", s->length.count, view.ndim);
    for (int i = 0; i < view.ndim; i++) {
        leray_axis *axis = &view.axis[i];

        axis->n = (int)a->shape[a->rank - view.ndim + i];
        axis->length = s->length.value[s->length.count == 1 ? 0 : i];
        if (s->periodic) continue;
        axis->points = LERAY_AT_CENTRES;
        axis->boundary[0] = axis->boundary[1] = LERAY_OPEN;
    }
    return leray_grid_copy(&view, &p->base.grid);
}

static leray_status select_samples(npy_pairs *p)
{
    const settings *s = p->settings;
    int64_t all = p->array[0].shape[0], count = s->count > 0 ? s->count : all - s->first;

    LERAY_CHECK(s->first < all && count <= all - s->first, LERAY_ERR_CONFIG,
                "first = %lld, count = %lld: %s has %lld samples, counted from 0",
                (long long)s->first, (long long)s->count, p->path[0], (long long)all);
    p->first = (int)s->first;
    p->base.n = (int)count;
    LERAY_TRY(LERAY_ALLOC(&p->base.frames, (size_t)count));
    for (int i = 0; i < p->base.n; i++) p->base.frames[i] = 1;
    return LERAY_OK;
}

static leray_status read(leray_trajectories *self, int trajectory, int frame, int n,
                         const int *channel, float *out)
{
    const npy_pairs *p = (const npy_pairs *)self;
    size_t points = leray_grid_points(&self->grid), at = (size_t)(p->first + trajectory);

    (void)frame;
    for (int i = 0; i < n; i++, out += points) {
        int k = channel[i] >= p->channels[0], c = channel[i] - k * p->channels[0];

        leray_npy_get_float(&p->array[k], (at * (size_t)p->channels[k] + (size_t)c) * points,
                            points, out);
    }
    return LERAY_OK;
}

static double time_of(const leray_trajectories *self, int trajectory, int frame)
{
    (void)self, (void)trajectory, (void)frame;
    return 0;
}

static void fini(leray_trajectories *self)
{
    npy_pairs *p = (npy_pairs *)self;

    leray_npy_fini(&p->array[1]);
    leray_npy_fini(&p->array[0]);
}

static const leray_trajectories_type type = {read, time_of, fini};

static leray_status init(npy_pairs *p)
{
    p->base.type = &type;
    p->base.source = p->path[0];
    p->base.provenance = "";
    p->base.bare = true;
    LERAY_TRY(read_array(p, 0, p->settings->inputs));
    LERAY_TRY(read_array(p, 1, p->settings->outputs));
    LERAY_TRY(check_pair(p));
    LERAY_TRY(set_grid(p));
    LERAY_TRY(select_samples(p));
    return add_channels(p);
}

static leray_status open(const void *from, const leray_config *cfg, const char *section,
                         leray_trajectories **out)
{
    npy_pairs *p;
    leray_status status;

    (void)cfg, (void)section;
    LERAY_TRY(LERAY_ALLOC(&p, 1));
    *out = &p->base;
    p->settings = from;
    status = init(p);
    p->settings = NULL; /* the caller's */
    if (status) leray_trajectories_destroy(out);
    return status;
}

/* Inputs and outputs are of one instant. */
static void windows(const void *from, const leray_trajectories *trajectories,
                    leray_window_settings *out)
{
    (void)from, (void)trajectories;
    *out = (leray_window_settings){
        .inputs = "input", .outputs = "output", .history = 1, .every = 1, .window = 1};
}

const leray_dataset_type leray_dataset_npy_pairs = {
    .name = "npy-pairs",
    .summary = "inputs and outputs in two .npy files",
    .keys = {rows, (int)(sizeof rows / sizeof rows[0])},
    .settings_size = sizeof(settings),
    .open = open,
    .windows = windows,
};
