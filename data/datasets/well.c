/* data/datasets/well.c - trajectories in The Well's layout, and consecutive frames of them as samples. A field
   of several components is as many channels, "<field>_<axis>". */
#include "data/formats/well/well.h"
#include "core/mem.h"
#include "core/text.h"
#include "data/dataset.h"

#include <string.h>

typedef struct settings {
    char path[LERAY_TEXT_MAX];
    leray_window_settings windows;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_TEXT(settings, path, "path", NULL, "HDF5 file in the layout of The Well"),
    LERAY_WINDOW_KEYS(settings, windows),
};

typedef struct place { /* of a channel */
    int field, component;
} place;

typedef struct well {
    leray_trajectories base;
    char *path;
    leray_well *file;
    place *place; /* [channels] */
    float *block; /* a frame of a field of several components */
} well;

static leray_status add_channel(well *w, const leray_well_info *info, int f, int c)
{
    const leray_well_field *field = &info->field[f];
    const leray_grid *grid = &info->grid;
    leray_text text = {0};
    char *name;
    leray_status status;

    leray_text_add(&text, "%s", field->name);
    if (field->order > 1) leray_text_add(&text, "_%s", leray_grid_axis_name(grid, c / grid->ndim));
    if (field->order > 0) leray_text_add(&text, "_%s", leray_grid_axis_name(grid, c % grid->ndim));
    LERAY_TRY(leray_text_finish(&text, &name));
    w->place[w->base.channels.n] = (place){f, c};
    status = leray_channels_add(&w->base.channels, name, field->unit, field->time_varying);
    leray_mem_free(name);
    return status;
}

static leray_status add_channels(well *w, const leray_well_info *info)
{
    size_t n = 0, most = 1;

    for (int f = 0; f < info->n_fields; f++) {
        n += (size_t)info->field[f].components;
        if ((size_t)info->field[f].components > most) most = (size_t)info->field[f].components;
    }
    LERAY_TRY(LERAY_ALLOC(&w->place, n));
    LERAY_TRY(LERAY_ALLOC(&w->block, most * leray_grid_points(&info->grid)));
    for (int f = 0; f < info->n_fields; f++)
        for (int c = 0; c < info->field[f].components; c++) LERAY_TRY(add_channel(w, info, f, c));
    return LERAY_OK;
}

static leray_status add_parameters(well *w, const leray_well_info *info)
{
    leray_trajectories *t = &w->base;
    size_t n = (size_t)info->n_parameters;

    t->n_parameters = info->n_parameters;
    LERAY_TRY(LERAY_ALLOC(&t->parameter, n + 1));
    LERAY_TRY(LERAY_ALLOC(&t->values, n * (size_t)t->n + 1));
    for (size_t p = 0; p < n; p++) {
        const leray_well_parameter *from = &info->parameter[p];

        t->parameter[p] =
            (leray_trajectory_parameter){from->name, from->unit, from->sample_varying};
        for (size_t i = 0; i < (size_t)t->n; i++) t->values[i * n + p] = from->values[i];
    }
    return LERAY_OK;
}

/* The channels of one field are read together. */
static leray_status read(leray_trajectories *self, int trajectory, int frame, int n,
                         const int *channel, float *out)
{
    well *w = (well *)self;
    const leray_well_info *info = leray_well_get_info(w->file);
    size_t points = leray_grid_points(&self->grid);
    int held = -1;

    for (int i = 0; i < n; i++, out += points) {
        place p = w->place[channel[i]];
        bool whole = info->field[p.field].components == 1;

        if (p.field != held)
            LERAY_TRY(
                leray_well_read_float(w->file, trajectory, frame, p.field, whole ? out : w->block));
        held = whole ? -1 : p.field;
        if (!whole) memcpy(out, w->block + (size_t)p.component * points, points * sizeof *out);
    }
    return LERAY_OK;
}

static double time_of(const leray_trajectories *self, int trajectory, int frame)
{
    return leray_well_time(leray_well_get_info(((const well *)self)->file), trajectory, frame);
}

static void fini(leray_trajectories *self)
{
    well *w = (well *)self;

    leray_well_close(&w->file);
    leray_mem_free(w->block);
    leray_mem_free(w->place);
    leray_mem_free(w->path);
}

static const leray_trajectories_type type = {read, time_of, fini};

static leray_status init(well *w, const char *path)
{
    const leray_well_info *info;

    w->base.type = &type;
    LERAY_TRY(leray_mem_text(path, &w->path));
    w->base.source = w->path;
    LERAY_TRY(leray_well_open(path, &w->file));
    info = leray_well_get_info(w->file);
    w->base.provenance = info->provenance;
    w->base.n = info->n_trajectories;
    LERAY_TRY(leray_grid_copy(&info->grid, &w->base.grid));
    LERAY_TRY(LERAY_ALLOC(&w->base.frames, (size_t)w->base.n));
    memcpy(w->base.frames, info->valid_steps, (size_t)w->base.n * sizeof *w->base.frames);
    LERAY_TRY(add_channels(w, info));
    return add_parameters(w, info);
}

static leray_status open(const void *from, const leray_config *cfg, const char *section,
                         leray_trajectories **out)
{
    well *w;
    leray_status status;

    (void)cfg, (void)section;
    LERAY_TRY(LERAY_ALLOC(&w, 1));
    *out = &w->base;
    status = init(w, ((const settings *)from)->path);
    if (status) leray_trajectories_destroy(out);
    return status;
}

static void windows(const void *from, const leray_trajectories *trajectories,
                    leray_window_settings *out)
{
    (void)trajectories;
    *out = ((const settings *)from)->windows;
}

const leray_dataset_type leray_dataset_well = {
    .name = "well",
    .summary = "consecutive frames of an ensemble in The Well's HDF5 layout",
    .keys = {rows, (int)(sizeof rows / sizeof rows[0])},
    .settings_size = sizeof(settings),
    .open = open,
    .windows = windows,
};
