/* commands/plot/training_pictures.c - see commands/plot/training_pictures.h. */
#include "commands/plot/training_pictures.h"

#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- loss ------------------------------------------------------------------------------- */

static leray_status read_line(const char *source, const char *line, size_t n, double *step,
                              double *loss)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_json_parse(source, line, n, &json));
    status = leray_json_get_real(json, "step", step);
    if (!status) status = leray_json_get_real(json, "loss", loss);
    leray_json_destroy(&json);
    return status;
}

static leray_status read_lines(const char *path, const char *text, double *x, double *y, int *n)
{
    *n = 0;
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, "\n");

        if (length) {
            LERAY_TRY(read_line(path, at, length, &x[*n], &y[*n]));
            ++*n;
        }
        at += length + (at[length] != '\0');
    }
    return LERAY_OK;
}

leray_status leray_picture_loss(const char *path, double **block, leray_picture_line *line)
{
    char *text;
    size_t size, lines = 1;
    int n = 0;
    leray_status status;

    *block = NULL;
    LERAY_TRY(leray_file_read(path, &text, &size));
    for (size_t i = 0; i < size; i++) lines += text[i] == '\n';
    status = LERAY_ALLOC(block, 2 * lines);
    if (!status) status = read_lines(path, text, *block, *block + lines, &n);
    leray_mem_free(text);
    *line = (leray_picture_line){"loss", n, *block, *block + lines, false};
    if (!status) return LERAY_OK;
    leray_mem_free(*block);
    *block = NULL;
    return status;
}

leray_picture_panel leray_picture_loss_panel(const leray_picture_line *line)
{
    return (leray_picture_panel){.title = "training",
                                 .x_label = "step",
                                 .y_label = "loss",
                                 .log_y = true,
                                 .n_lines = 1,
                                 .line = line};
}

/* ---- forecast --------------------------------------------------------------------------- */

#define TIMES 3

/* The plane that is drawn: the middle one of three dimensions, all of a field in fewer. */
static size_t plane_of(const leray_extents *grid, int *ny, int *nx)
{
    *nx = grid->n[grid->ndim - 1];
    *ny = grid->ndim > 1 ? grid->n[grid->ndim - 2] : 1;
    return grid->ndim > 2 ? (size_t)(grid->n[0] / 2) * (size_t)*ny * (size_t)*nx : 0;
}

static leray_status draw_fields(leray_training *s, const leray_rollout *r)
{
    const leray_sample_info *info = &s->task.info;
    leray_extents grid = leray_grid_extents(&info->grid);
    size_t size = (size_t)info->n_state * leray_sample_points(info);
    int ny, nx;
    size_t plane = plane_of(&grid, &ny, &nx), points = (size_t)ny * (size_t)nx;
    leray_picture_plane picture = leray_picture_plane_of(&info->grid);
    leray_picture_field field[3 * TIMES];
    int lead[TIMES] = {0, (r->leads - 1) / 2, r->leads - 1};
    float *error;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&error, TIMES * points));
    for (int k = 0; k < TIMES; k++) {
        const float *truth = r->truth + (size_t)lead[k] * size + plane;
        const float *forecast = r->forecast + (size_t)lead[k] * size + plane;
        const char *name = info->output.item[0].name;

        for (size_t i = 0; i < points; i++) error[(size_t)k * points + i] = forecast[i] - truth[i];
        field[3 * k] = (leray_picture_field){.values = truth, .group = k};
        field[3 * k + 1] = (leray_picture_field){.values = forecast, .group = k};
        field[3 * k + 2] =
            (leray_picture_field){.values = error + (size_t)k * points, .group = TIMES + k};
        snprintf(field[3 * k].title, sizeof field->title, "%.40s, solver, frame %d", name,
                 lead[k] + 1);
        snprintf(field[3 * k + 1].title, sizeof field->title, "%.40s, frame %d",
                 s->experiment.model_name, lead[k] + 1);
        snprintf(field[3 * k + 2].title, sizeof field->title, "error, frame %d", lead[k] + 1);
    }
    if (grid.ndim == 1)
        status = leray_picture_profiles(s->folder.path, "forecast", TIMES, 3, &picture, field);
    else status = leray_picture_fields(s->folder.path, "forecast", TIMES, 3, &picture, field);
    leray_mem_free(error);
    return status;
}

/* ---- curves ----------------------------------------------------------------------------- */

/* E(k) = |w_k|^2 / (2 |2 pi k / L|^2) where the field is the vorticity of a square box; else the
   shell sums themselves. */
static bool to_energy(const leray_sample_info *info, int shells, const double *sum, double *out)
{
    bool vorticity = strcmp(info->output.item[0].name, "vorticity") == 0 && info->grid.ndim == 2 &&
                     info->grid.axis[0].length == info->grid.axis[1].length;

    for (int k = 0; k < shells; k++) {
        double wave = 2 * 3.14159265358979323846 * k / info->grid.axis[0].length;

        out[k] = vorticity ? sum[k] / (2 * wave * wave) : sum[k];
    }
    if (shells > 0 && vorticity) out[0] = NAN;
    return vorticity;
}

static leray_status draw_curves(leray_training *s, const leray_rollout *r,
                                const leray_picture_line *loss, double *x, double *truth,
                                double *forecast)
{
    int n = r->shells > r->leads ? r->shells : r->leads;
    const char *model = s->experiment.model_name;
    leray_picture_line errors[] = {
        {model,           r->leads, x + 1, r->error,    false},
        {"identity",      r->leads, x + 1, r->identity, false},
        {"ensemble mean", r->leads, x + 1, r->mean,     false}
    };
    leray_picture_line spectra[] = {
        {"solver", r->shells, x, truth,    false},
        {model,    r->shells, x, forecast, false}
    };
    leray_picture_panel panel[3] = {[0] = leray_picture_loss_panel(loss)};
    bool energy;

    for (int i = 0; i <= n; i++) x[i] = i;
    energy = to_energy(&s->task.info, r->shells, r->truth_spectrum, truth);
    to_energy(&s->task.info, r->shells, r->forecast_spectrum, forecast);
    panel[1] = (leray_picture_panel){.title = "held-out simulations",
                                     .x_label = "frames ahead",
                                     .y_label = "relative L2",
                                     .log_y = true,
                                     .n_lines = 3,
                                     .line = errors};
    panel[2] = (leray_picture_panel){.title = "last frame",
                                     .x_label = "wavenumber",
                                     .y_label = energy ? "energy" : "mean square",
                                     .log_x = true,
                                     .log_y = true,
                                     .n_lines = 2,
                                     .line = spectra};
    return leray_picture_curves(s->folder.path, "curves", r->shells ? 3 : 2, panel);
}

static leray_status draw_all_curves(leray_training *s, const leray_rollout *r,
                                    const leray_picture_line *loss)
{
    size_t n = (size_t)(r->shells > r->leads ? r->shells : r->leads) + 1;
    double *x;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&x, 3 * n));
    status = draw_curves(s, r, loss, x, x + n, x + 2 * n);
    leray_mem_free(x);
    return status;
}

static leray_status read_loss(leray_training *s, double **block, leray_picture_line *line)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(s->folder.path, "metrics.jsonl", path));
    return leray_picture_loss(path, block, line);
}

leray_status leray_pictures_online(leray_training *s, const leray_rollout *rollout)
{
    leray_picture_line loss;
    double *block;
    leray_status status;

    LERAY_TRY(draw_fields(s, rollout));
    LERAY_TRY(read_loss(s, &block, &loss));
    status = draw_all_curves(s, rollout, &loss);
    leray_mem_free(block);
    return status;
}

leray_status leray_pictures_file(leray_training *s)
{
    leray_picture_line loss;
    leray_picture_panel panel;
    double *block;
    leray_status status;

    LERAY_TRY(read_loss(s, &block, &loss));
    panel = leray_picture_loss_panel(&loss);
    status = leray_picture_curves(s->folder.path, "curves", 1, &panel);
    leray_mem_free(block);
    return status;
}
