/* api/plot.c - leray_plot: pictures of files that are there. */
#include "api/pictures.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/ranks.h"
#include "core/text.h"
#include "data/well/well.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct target {
    const char *path;
    char folder[LERAY_PATH_MAX], name[256]; /* of the picture */
    leray_text *text;
} target;

static void say(const target *t, const char *name)
{
    leray_text_add(t->text, "%s/%s.png\n", t->folder, name);
}

/* ---- loss ------------------------------------------------------------------------------- */

static leray_status plot_metrics(const target *t, const char *path, const char *name)
{
    leray_picture_panel panel;
    double *block;
    leray_status status;

    LERAY_TRY(leray_picture_loss(path, &block, &panel));
    status = leray_picture_curves(t->folder, name, 1, &panel);
    leray_mem_free(block);
    if (!status) say(t, name);
    return status;
}

static leray_status plot_run(const target *t)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(t->path, "metrics.jsonl", path));
    LERAY_CHECK(leray_file_exists(path), LERAY_ERR_DATA,
                "%s: no metrics.jsonl in it: not the folder of a training run", t->path);
    return plot_metrics(t, path, "loss");
}

/* ---- fields ----------------------------------------------------------------------------- */

#define TIMES 3

static size_t points_of(const leray_well_info *w)
{
    return (size_t)w->shape[0] * (w->ndim > 1 ? (size_t)w->shape[1] : 1);
}

static leray_status read_panels(const target *t, leray_well *well, float *values,
                                leray_picture_field *field)
{
    const leray_well_info *w = leray_well_get_info(well);
    size_t points = points_of(w);
    int steps = w->valid_steps[0];

    LERAY_CHECK(steps > 0, LERAY_ERR_DATA, "%s: trajectory 0 has no frames", t->path);
    for (int k = 0; k < TIMES; k++) {
        int step = (steps - 1) * k / (TIMES - 1);

        LERAY_TRY(leray_well_read_float(well, 0, step, 0, values + (size_t)k * points));
        field[k] = (leray_picture_field){.values = values + (size_t)k * points, .group = k};
        snprintf(field[k].title, sizeof field->title, "%.60s, time %.4g", w->field[0].name,
                 w->time[step]);
    }
    return LERAY_OK;
}

static leray_status plot_well_open(const target *t, leray_well *well)
{
    const leray_well_info *w = leray_well_get_info(well);
    leray_picture_field field[TIMES];
    float *values;
    leray_status status;

    LERAY_CHECK(w->ndim <= 2 && w->n_fields > 0, LERAY_ERR_UNSUPPORTED,
                "%s: %d-dimensional fields; pictures are of one or two dimensions", t->path,
                w->ndim);
    LERAY_TRY(LERAY_ALLOC(&values, (size_t)TIMES * (size_t)w->field[0].components * points_of(w)));
    status = read_panels(t, well, values, field);
    if (!status && w->ndim == 1)
        status =
            leray_picture_profiles(t->folder, t->name, 1, TIMES, w->shape[0], w->length[0], field);
    else if (!status)
        status =
            leray_picture_fields(t->folder, t->name, 1, TIMES, w->shape[0], w->shape[1], field);
    leray_mem_free(values);
    if (!status) say(t, t->name);
    return status;
}

static leray_status plot_well(const target *t)
{
    leray_well *well;
    leray_status status;

    LERAY_TRY(leray_well_open(t->path, &well));
    status = plot_well_open(t, well);
    leray_well_close(&well);
    return status;
}

/* ---- statistics ------------------------------------------------------------------------- */

#define COLUMNS 64

typedef struct csv {
    char *text;
    int columns, rows, time; /* time: its column */
    char *name[COLUMNS];
    double *value[COLUMNS]; /* [rows], of simulation 0 */
    double *block;
} csv;

static int split(char *line, char **cell)
{
    int n = 0;

    for (char *at = line; at && n < COLUMNS; n++) {
        cell[n] = at;
        at = strchr(at, ',');
        if (at) *at++ = '\0';
    }
    return n;
}

static leray_status read_table(const target *t, csv *table)
{
    size_t size, lines = 1;
    char *at, *cell[COLUMNS], *line;

    LERAY_TRY(leray_file_read(t->path, &table->text, &size));
    for (size_t i = 0; i < size; i++) lines += table->text[i] == '\n';
    LERAY_TRY(LERAY_ALLOC(&table->block, COLUMNS * lines));
    line = strtok_r(table->text, "\n", &at);
    table->columns = line ? split(line, table->name) : 0;
    table->time = -1;
    for (int c = 0; c < table->columns; c++) {
        table->value[c] = table->block + (size_t)c * lines;
        if (strcmp(table->name[c], "time") == 0) table->time = c;
    }
    LERAY_CHECK(table->time > 0, LERAY_ERR_DATA, "%s: no column 'time': not a statistics file",
                t->path);
    while ((line = strtok_r(NULL, "\n", &at))) {
        LERAY_CHECK(split(line, cell) == table->columns, LERAY_ERR_DATA,
                    "%s: a row has not %d columns", t->path, table->columns);
        if (strtod(cell[0], NULL) > 0) break;
        for (int c = 0; c < table->columns; c++)
            table->value[c][table->rows] = strtod(cell[c], NULL);
        table->rows++;
    }
    return LERAY_OK;
}

/* One panel for each of the first statistics. */
static leray_status plot_table(const target *t, const csv *table)
{
    leray_picture_panel panel[4] = {0};
    int n = 0;

    for (int c = table->time + 1; c < table->columns && n < 4; c++)
        panel[n++] = (leray_picture_panel){
            .title = table->name[c],
            .x_label = "time",
            .y_label = "",
            .n_lines = 1,
            .line[0] = {table->name[c], table->rows, table->value[table->time], table->value[c]}
        };
    LERAY_CHECK(n > 0 && table->rows > 0, LERAY_ERR_DATA, "%s: no statistics in it", t->path);
    LERAY_TRY(leray_picture_curves(t->folder, t->name, n, panel));
    say(t, t->name);
    return LERAY_OK;
}

static leray_status plot_statistics(const target *t)
{
    csv table = {0};
    leray_status status = read_table(t, &table);

    if (!status) status = plot_table(t, &table);
    leray_mem_free(table.block);
    leray_mem_free(table.text);
    return status;
}

/* ---- which ------------------------------------------------------------------------------ */

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static leray_status plot(const target *t, bool folder)
{
    if (folder) return plot_run(t);
    if (ends_in(t->path, ".jsonl")) return plot_metrics(t, t->path, t->name);
    if (ends_in(t->path, ".csv")) return plot_statistics(t);
    if (ends_in(t->path, ".h5") || ends_in(t->path, ".hdf5")) return plot_well(t);
    LERAY_FAIL(LERAY_ERR_DATA,
               "%s: pictures are made of a run's folder, *.jsonl, *.csv and *.h5 files", t->path);
}

static leray_status find_target(const char *path, const char *folder, bool *is_folder, target *t)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    struct stat info;

    LERAY_CHECK(stat(path, &info) == 0, LERAY_ERR_DATA, "cannot open %s: no such file", path);
    *is_folder = S_ISDIR(info.st_mode);
    snprintf(t->name, sizeof t->name, "%.*s", (int)strcspn(file, "."), file);
    if (folder) LERAY_TRY(leray_dir_create(folder));
    if (folder) return leray_path_join(folder, "", t->folder);
    if (*is_folder) return leray_path_join(path, "", t->folder);
    snprintf(t->folder, sizeof t->folder, "%.*s", slash ? (int)(slash - path) : 1,
             slash ? path : ".");
    return LERAY_OK;
}

/* {"pictures": [..]}, one for each line of `lines`. */
static leray_status pictures_to_json(const char *lines, char **out)
{
    leray_json *json, *list = NULL;
    char name[LERAY_PATH_MAX];
    leray_status status;

    LERAY_TRY(leray_json_object(&json));
    status = leray_json_array(&list);
    for (const char *at = lines; !status && *at; at += strcspn(at, "\n") + 1) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\n"), at);
        status = leray_json_set_text(list, NULL, name);
    }
    if (!status) status = leray_json_set(json, "pictures", &list);
    if (!status) status = leray_json_text(json, 2, out);
    leray_json_destroy(&list);
    leray_json_destroy(&json);
    return status;
}

leray_status leray_plot(const char *path, const char *folder, leray_report *report)
{
    leray_text text = {0};
    target t = {.path = path, .text = &text};
    bool is_folder = false;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(leray_ranks_only_one("leray plot"));
    LERAY_TRY(find_target(path, folder, &is_folder, &t));
    for (size_t n = strlen(t.folder); n > 1 && t.folder[n - 1] == '/';) t.folder[--n] = '\0';
    status = plot(&t, is_folder);
    if (status) {
        leray_mem_free(text.data);
        return status;
    }
    LERAY_TRY(leray_text_finish(&text, &report->text));
    status = pictures_to_json(report->text, &report->json);
    if (status) leray_report_free(report);
    return status;
}
