/* commands/plot/fields.c - pictures of fields: three times, one frame, or all of them as the pictures of a
   film. Of three dimensions the plane through the middle is drawn; of a velocity also vorticity and Q
   (commands/plot/slices.h). */
#include "commands/plot/plot_impl.h"

#include "commands/plot/slices.h"
#include "core/mem.h"
#include "core/number.h"
#include "data/formats/well/well.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMES 3

/* One row of panels: component c of field f, or what is made of the velocity. */
typedef struct row {
    char title[64];
    int field, component; /* component -1: vorticity, -2: Q */
    float largest;        /* over the frames of a film */
} row;

typedef struct film {
    const leray_plot_target *target;
    leray_well *well;
    const leray_well_info *info;
    int ny, nx, plane; /* of the picture; the plane of three dimensions */
    leray_picture_plane picture;
    size_t points, all; /* of the plane, of the grid */
    int n;
    row *row;                   /* [n] */
    leray_picture_field *panel; /* [n, TIMES] */
    double *block;              /* one frame of a field */
    float *values;              /* [TIMES, n, points] */
} film;

/* ---- what is drawn ------------------------------------------------------------------------ */

static void add_row(film *f, int field, int component, const char *title)
{
    row *r = &f->row[f->n];

    snprintf(r->title, sizeof r->title, "%s", title);
    r->field = field, r->component = component;
    f->n++;
}

static void add_field(film *f, int k)
{
    const leray_well_field *field = &f->info->field[k];
    char title[64];

    for (int c = 0; c < field->components; c++) {
        if (field->components == 1) snprintf(title, sizeof title, "%.40s", field->name);
        else
            snprintf(title, sizeof title, "%.40s_%.8s", field->name,
                     field->order == 1 ? leray_grid_axis_name(&f->info->grid, c) : "");
        add_row(f, k, c, title);
    }
    if (strcmp(field->name, "velocity") != 0 || field->order != 1) return;
    for (int a = 0; a < f->info->grid.ndim; a++) /* derivatives are the spectral ones */
        if (!leray_grid_is_periodic(&f->info->grid, a) || !leray_grid_is_even(&f->info->grid, a))
            return;
    add_row(f, k, -1, f->info->grid.ndim == 2 ? "vorticity of velocity" : "|vorticity|");
    add_row(f, k, -2, "Q");
}

static leray_status init(film *f)
{
    const leray_well_info *w = f->info;
    int last = w->grid.ndim - 1, most = 0;

    LERAY_CHECK(w->grid.ndim >= 1 && w->grid.ndim <= 3 && w->n_fields > 0 && w->valid_steps[0] > 0,
                LERAY_ERR_DATA, "%s: trajectory 0 has no frames", f->target->path);
    f->nx = w->grid.axis[last].n;
    f->ny = last > 0 ? w->grid.axis[last - 1].n : 1;
    f->plane = last > 1 ? w->grid.axis[0].n / 2 : 0;
    f->picture = leray_picture_plane_of(&w->grid);
    f->points = (size_t)f->nx * (size_t)f->ny;
    f->all = f->points * (w->grid.ndim > 2 ? (size_t)w->grid.axis[0].n : 1);
    for (int k = 0; k < w->n_fields; k++) most += w->field[k].components + 2;
    LERAY_TRY(LERAY_ALLOC(&f->row, (size_t)most));
    for (int k = 0; k < w->n_fields; k++)
        if (w->field[k].time_varying) add_field(f, k);
    LERAY_CHECK(f->n > 0, LERAY_ERR_DATA, "%s: no field varies in time", f->target->path);
    LERAY_TRY(LERAY_ALLOC(&f->panel, (size_t)(TIMES * f->n)));
    LERAY_TRY(LERAY_ALLOC(&f->values, (size_t)(TIMES * f->n) * f->points));
    return LERAY_ALLOC(&f->block, (size_t)(w->grid.ndim * w->grid.ndim) * f->all + 1);
}

/* ---- reading ------------------------------------------------------------------------------ */

static leray_status make_derived(const film *f, float *vorticity, float *q)
{
    return leray_velocity_slices(&f->info->grid, f->block, f->plane, vorticity, q);
}

/* All rows of a frame: values [rows, points]. */
static leray_status read_frame(film *f, int step, float *values)
{
    int held = -1;

    for (int r = 0; r < f->n; r++) {
        float *to = values + (size_t)r * f->points;
        const double *from;

        if (f->row[r].field != held)
            LERAY_TRY(leray_well_read_double(f->well, 0, step, f->row[r].field, f->block));
        held = f->row[r].field;
        if (f->row[r].component == -1) LERAY_TRY(make_derived(f, to, to + f->points));
        if (f->row[r].component < 0) continue;
        from = f->block + (size_t)f->row[r].component * f->all + (size_t)f->plane * f->points;
        for (size_t i = 0; i < f->points; i++) to[i] = (float)from[i];
    }
    return LERAY_OK;
}

/* ---- drawing ------------------------------------------------------------------------------ */

/* Rows of panels, `columns` times of them. */
static leray_status draw(film *f, const char *name, int columns, const int *step, bool fixed)
{
    for (int k = 0; k < columns; k++)
        LERAY_TRY(read_frame(f, step[k], f->values + (size_t)(k * f->n) * f->points));
    for (int r = 0; r < f->n; r++)
        for (int k = 0; k < columns; k++) {
            leray_picture_field *p = &f->panel[r * columns + k];

            *p = (leray_picture_field){.values = f->values + (size_t)(k * f->n + r) * f->points,
                                       .group = r * columns + k,
                                       .largest = fixed ? f->row[r].largest : 0};
            leray_print(p->title, sizeof p->title, "%s, time %.4g", f->row[r].title,
                        leray_well_time(f->info, 0, step[k]));
        }
    if (f->info->grid.ndim == 1)
        LERAY_TRY(
            leray_picture_profiles(f->target->folder, name, f->n, columns, &f->picture, f->panel));
    else
        LERAY_TRY(
            leray_picture_fields(f->target->folder, name, f->n, columns, &f->picture, f->panel));
    return leray_plot_say(f->target, name);
}

static leray_status draw_three(film *f)
{
    int last = f->info->valid_steps[0] - 1;
    int step[TIMES] = {0, last / 2, last};

    return draw(f, f->target->name, TIMES, step, false);
}

/* The largest values over all frames, so that colours mean the same in each. */
static leray_status find_largest(film *f)
{
    for (int step = 0; step < f->info->valid_steps[0]; step++) {
        LERAY_TRY(read_frame(f, step, f->values));
        for (int r = 0; r < f->n; r++)
            for (size_t i = 0; i < f->points; i++)
                f->row[r].largest =
                    fmaxf(f->row[r].largest, fabsf(f->values[(size_t)r * f->points + i]));
    }
    return LERAY_OK;
}

/* How the pictures become a film, as one line for a shell. In ffmpeg's pattern % is written twice. */
static leray_status say_film(const leray_plot_target *t)
{
    leray_text pattern = {0};
    char path[LERAY_PATH_MAX], name[LERAY_NAME_MAX], *text;
    leray_status status;

    snprintf(name, sizeof name, "%s.mp4", t->name);
    LERAY_TRY(leray_path_join(t->folder, name, path));
    for (const char *at = t->folder; *at; at++)
        leray_text_add(&pattern, *at == '%' ? "%%%%" : "%c", *at);
    leray_text_add(&pattern, "/");
    for (const char *at = t->name; *at; at++)
        leray_text_add(&pattern, *at == '%' ? "%%%%" : "%c", *at);
    leray_text_add(&pattern, "-%%04d.png");
    status = leray_text_finish(&pattern, &text);
    if (status) return status;
    leray_text_add(t->text, "a film: ffmpeg -framerate 12 -i ");
    leray_text_add_word(t->text, text);
    leray_text_add(t->text, " -vf 'pad=ceil(iw/2)*2:ceil(ih/2)*2' -pix_fmt yuv420p ");
    leray_text_add_word(t->text, path);
    leray_text_add(t->text, "\n");
    leray_mem_free(text);
    return LERAY_OK;
}

static leray_status draw_all(film *f)
{
    char name[256];

    LERAY_TRY(find_largest(f));
    for (int step = 0; step < f->info->valid_steps[0]; step++) {
        snprintf(name, sizeof name, "%s-%04d", f->target->name, step);
        LERAY_TRY(draw(f, name, 1, &step, true));
    }
    return say_film(f->target);
}

static leray_status draw_one(film *f, const char *word)
{
    char name[256], *end;
    long step = strtol(word, &end, 10);
    int at = (int)step;

    LERAY_CHECK(*end == '\0' && step >= 0 && step < f->info->valid_steps[0], LERAY_ERR_CONFIG,
                "frames = %s: allowed are three, all, and 0 to %d", word,
                f->info->valid_steps[0] - 1);
    snprintf(name, sizeof name, "%s-%04d", f->target->name, at);
    return draw(f, name, 1, &at, false);
}

static leray_status plot(film *f)
{
    const char *frames = f->target->settings.frames;

    LERAY_TRY(init(f));
    if (strcmp(frames, "three") == 0) return draw_three(f);
    if (strcmp(frames, "all") == 0) return draw_all(f);
    return draw_one(f, frames);
}

leray_status leray_plot_fields(const leray_plot_target *target)
{
    film f = {.target = target};
    leray_status status;

    LERAY_TRY(leray_well_open(target->path, &f.well));
    f.info = leray_well_get_info(f.well);
    status = plot(&f);
    leray_mem_free(f.values);
    leray_mem_free(f.panel);
    leray_mem_free(f.row);
    leray_mem_free(f.block);
    leray_well_close(&f.well);
    return status;
}
