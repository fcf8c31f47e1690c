/* commands/plot/picture.c - gnuplot scripts for fields and curves, and running them. */
#include "commands/plot/picture.h"

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* Runs `gnuplot name.gp` in `folder`. */
static leray_status run_gnuplot(const char *folder, const char *script)
{
    posix_spawn_file_actions_t actions;
    char program[] = "gnuplot", *argv[] = {program, NULL, NULL}, *name;
    int error, state = 0;
    pid_t pid;

    LERAY_TRY(leray_mem_text(script, &name));
    argv[1] = name;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    error = posix_spawnp(&pid, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    leray_mem_free(name);
    if (error == ENOENT) {
        leray_warn(
            "gnuplot is not installed (apt-get install gnuplot-nox): %s/%s is left for later",
            folder, script);
        return LERAY_OK;
    }
    LERAY_CHECK(error == 0, LERAY_ERR_EXTERNAL, "cannot start gnuplot: %s", strerror(error));
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) continue;
    LERAY_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0, LERAY_ERR_EXTERNAL,
                "gnuplot fails on %s/%s", folder, script);
    return LERAY_OK;
}

/* Writes the data under name.extension and the script, and draws. */
static leray_status draw(const char *folder, const char *name, const char *extension,
                         const void *data, size_t size, leray_text *script)
{
    char path[LERAY_PATH_MAX], file[256], *text;
    leray_status status;

    LERAY_TRY(leray_text_finish(script, &text));
    snprintf(file, sizeof file, "%s.%s", name, extension);
    status = leray_path_join(folder, file, path);
    if (!status) status = leray_file_write(path, data, size);
    snprintf(file, sizeof file, "%s.gp", name);
    if (!status) status = leray_path_join(folder, file, path);
    if (!status) status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    if (status) return status;
    return run_gnuplot(folder, file);
}

/* ---- fields ----------------------------------------------------------------------------- */

static double largest(const leray_picture_field *fields, int n, size_t points, int group)
{
    double most = 0;

    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < points && fields[k].group == group; i++)
            most = fmax(most, fabs((double)fields[k].values[i]));
    return most > 0 && isfinite(most) ? most : 1;
}

leray_status leray_picture_fields(const char *folder, const char *name, int rows, int columns,
                                  int ny, int nx, const leray_picture_field *fields)
{
    size_t points = (size_t)ny * (size_t)nx;
    int n = rows * columns;
    leray_text s = {0};
    leray_status status;
    float *data;

    leray_text_add(&s, "set terminal pngcairo size %d,%d font 'sans,11'\nset output '%s.png'\n",
                   330 * columns + 20, 330 * rows * ny / (nx > 0 ? nx : 1) + 40, name);
    leray_text_add(&s, "set multiplot layout %d,%d\nset size ratio %g\nunset key\nunset tics\n",
                   rows, columns, (double)ny / nx);
    leray_text_add(&s, "set palette defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#f7f7f7', "
                       "0.5 '#f4a582', 1 '#b2182b')\nset colorbox\nset cbtics format '%%.2g'\n");
    leray_text_add(&s, "set xrange [-0.5:%g]\nset yrange [-0.5:%g]\n", nx - 0.5, ny - 0.5);
    for (int k = 0; k < n; k++) {
        double most =
            fields[k].largest > 0 ? fields[k].largest : largest(fields, n, points, fields[k].group);

        leray_text_add(&s, "set title '%s' noenhanced\nset cbrange [%g:%g]\n", fields[k].title,
                       -most, most);
        leray_text_add(&s,
                       "plot '%s.f32' binary skip=%zu array=(%d,%d) format='%%float' with image\n",
                       name, (size_t)k * points * sizeof(float), nx, ny);
    }
    leray_text_add(&s, "unset multiplot\n");
    status = LERAY_ALLOC(&data, (size_t)n * points);
    for (int k = 0; k < n && !status; k++)
        memcpy(data + (size_t)k * points, fields[k].values, points * sizeof *data);
    if (status) leray_mem_free(s.data);
    else status = draw(folder, name, "f32", data, (size_t)n * points * sizeof *data, &s);
    leray_mem_free(data);
    return status;
}

/* ---- curves ----------------------------------------------------------------------------- */

static void add_line_data(leray_text *data, const leray_picture_panel *p,
                          const leray_picture_line *line)
{
    leray_text_add(data, "# %s: %s\n", p->title, line->title);
    for (int i = 0; i < line->n; i++) {
        bool shown = isfinite(line->x[i]) && isfinite(line->y[i]) &&
                     !(p->log_x && line->x[i] <= 0) && !(p->log_y && line->y[i] <= 0);

        if (shown) leray_text_add(data, "%.9g %.9g\n", line->x[i], line->y[i]);
    }
    leray_text_add(data, "\n\n");
}

static bool has_points(const leray_picture_line *line)
{
    for (int i = 0; i < line->n; i++)
        if (isfinite(line->x[i]) && isfinite(line->y[i])) return true;
    return false;
}

/* A logarithmic axis ends this far below its largest value: what lies below is round-off, or nothing. */
#define DECADES 1e-12

static double lowest_shown(const leray_picture_panel *p)
{
    double most = 0;

    for (int k = 0; k < p->n_lines; k++)
        for (int i = 0; i < p->line[k].n; i++)
            if (isfinite(p->line[k].y[i])) most = fmax(most, p->line[k].y[i]);
    return DECADES * most;
}

static double least(const leray_picture_panel *p)
{
    double low = INFINITY;

    for (int k = 0; k < p->n_lines; k++)
        for (int i = 0; i < p->line[k].n; i++)
            if (p->line[k].y[i] > 0) low = fmin(low, p->line[k].y[i]);
    return low;
}

static void add_panel(leray_text *s, const char *name, const leray_picture_panel *p, int *index)
{
    const char *separator = "plot";

    leray_text_add(s,
                   "set title '%s' noenhanced\nset xlabel '%s'\nset ylabel '%s'\nunset logscale\n",
                   p->title, p->x_label, p->y_label);
    leray_text_add(s, "set yrange [*:*]\nset key %s\n",
                   p->line[0].points      ? "top left"
                   : p->log_x && p->log_y ? "bottom left"
                                          : "top right");
    leray_text_add(s, "set format x '%%g'\nset xtics rotate by %d\n", p->log_x ? -45 : 0);
    if (p->log_x) leray_text_add(s, "set logscale x\n");
    if (p->log_y && least(p) < lowest_shown(p))
        leray_text_add(s, "set yrange [%g:*]\n", lowest_shown(p));
    if (p->log_y) leray_text_add(s, "set logscale y\nset format y '10^{%%L}'\n");
    else leray_text_add(s, "set format y '%%g'\n");
    for (int k = 0; k < p->n_lines; k++, ++*index) {
        if (!has_points(&p->line[k])) continue;
        leray_text_add(s, "%s '%s.dat' index %d title '%s' with %s", separator, name, *index,
                       p->line[k].title, p->line[k].points ? "points pt 7" : "lines lw 2");
        separator = ",";
    }
    leray_text_add(s, "\n");
}

leray_status leray_picture_curves(const char *folder, const char *name, int n,
                                  const leray_picture_panel *panels)
{
    leray_text s = {0}, data = {0};
    leray_status status;
    char *text;
    int index = 0, columns = n < 4 ? n : 4, rows = (n + columns - 1) / columns;

    leray_text_add(&s, "set terminal pngcairo size %d,%d font 'sans,11'\nset output '%s.png'\n",
                   420 * columns, 360 * rows, name);
    leray_text_add(&s, "set multiplot layout %d,%d\nset grid\n", rows, columns);
    for (int p = 0; p < n; p++) {
        add_panel(&s, name, &panels[p], &index);
        for (int k = 0; k < panels[p].n_lines; k++)
            add_line_data(&data, &panels[p], &panels[p].line[k]);
    }
    leray_text_add(&s, "unset multiplot\n");
    status = leray_text_finish(&data, &text);
    if (status) leray_mem_free(s.data);
    else status = draw(folder, name, "dat", text, strlen(text), &s);
    if (!status || text) leray_mem_free(text);
    return status;
}
