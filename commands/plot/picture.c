/* commands/plot/picture.c - gnuplot scripts for fields and curves, and running them. */
#include "commands/plot/picture.h"

#include "commands/plot/gnuplot.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Writes the data under name.extension and the script, and draws. */
static leray_status draw(const char *folder, const char *name, const char *extension,
                         const void *data, size_t size, leray_text *script)
{
    char path[LERAY_PATH_MAX], file[LERAY_NAME_MAX], *text;
    leray_status status;

    LERAY_TRY(leray_text_finish(script, &text));
    status = leray_gnuplot_check_name(name);
    snprintf(file, sizeof file, "%s.%s", name, extension);
    if (!status) status = leray_path_join(folder, file, path);
    if (!status) status = leray_file_write(path, data, size);
    snprintf(file, sizeof file, "%s.gp", name);
    if (!status) status = leray_path_join(folder, file, path);
    if (!status) status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    if (status) return status;
    return leray_gnuplot_run(folder, name);
}

#define MOST 32000.0 /* pixels along a side, which cairo can draw */

/* The head of every script. */
static void begin(leray_text *s, const char *name, int rows, int columns, double height,
                  double width)
{
    width = fmin(width, MOST / columns), height = fmin(height, MOST / rows);
    leray_text_add(s, "set encoding utf8\nset terminal pngcairo size %d,%d font 'sans,11'\n",
                   (int)width * columns, (int)height * rows);
    leray_text_add(s, "set output ");
    leray_gnuplot_add_file(s, name, "png");
    leray_text_add(s, "\nset multiplot layout %d,%d\nset key noenhanced\n", rows, columns);
}

/* "set WHAT 'text' noenhanced" */
static void set_text(leray_text *s, const char *what, const char *text)
{
    leray_text_add(s, "set %s ", what);
    leray_gnuplot_add_text(s, text);
    leray_text_add(s, " noenhanced\n");
}

/* ---- fields ----------------------------------------------------------------------------- */

static double largest(const leray_picture_field *fields, int n, size_t points, int group)
{
    double most = 0;

    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < points && fields[k].group == group; i++)
            if (isfinite(fields[k].values[i])) most = fmax(most, fabs((double)fields[k].values[i]));
    return most > 0 ? most : 1;
}

#define PANEL 300.0  /* pixels: the root of a panel's area */
#define LONGEST 4.0  /* the longer side of a panel over the shorter one, at most */
#define ROOM_X 150.0 /* pixels beside a panel, for tics, labels and the colour box */
#define ROOM_Y 85.0  /* above and below it */
#define TIC_X 60.0   /* pixels between tics along x, at least */
#define TIC_Y 30.0
#define TICS 10.0

/* Height over width. */
static double proportion(const leray_picture_plane *plane)
{
    double ratio = plane->length[0] / plane->length[1];

    if (!(ratio > 0 && isfinite(ratio))) ratio = (double)plane->n[0] / plane->n[1];
    return fmin(fmax(ratio, 1 / LONGEST), LONGEST);
}

/* The smallest of 1, 2, 5 times a power of ten that cuts `length` into at most `most` pieces. */
static double step_of(double length, double most)
{
    double least = length / fmax(most, 1), power = pow(10, floor(log10(least)));

    for (int k = 0; k < 3; k++) {
        static const int factor[] = {1, 2, 5};

        if (factor[k] * power >= least * (1 - 1e-9)) return factor[k] * power;
    }
    return 10 * power;
}

leray_picture_plane leray_picture_plane_of(const leray_grid *grid)
{
    leray_picture_plane p = {
        .n = {1, 1},
          .spacing = {1, 1},
          .length = {1, 1}
    };

    for (int k = 0; k < 2; k++) {
        int a = grid->ndim - 2 + k;
        bool even;

        if (a < 0) continue;
        even = leray_grid_is_even(grid, a);
        p.n[k] = grid->axis[a].n;
        p.length[k] = grid->axis[a].length;
        if (even) p.first[k] = leray_grid_coordinate(grid, a, 0);
        if (even && p.n[k] > 1)
            p.spacing[k] = leray_grid_coordinate(grid, a, 1) - leray_grid_coordinate(grid, a, 0);
        snprintf(p.label[k], sizeof p.label[k], "%.40s%s", leray_grid_axis_name(grid, a),
                 even ? "" : ", index of points");
    }
    return p;
}

/* Half a cell before the first point to half a cell behind the last one. */
static void set_axis(leray_text *s, char axis, const leray_picture_plane *p, int k, double tics)
{
    double first = p->first[k], spacing = p->spacing[k];
    char label[] = "xlabel";

    label[0] = axis;
    set_text(s, label, p->label[k]);
    leray_text_add(s, "set %crange [%.9g:%.9g]\nset %ctics %.9g\n", axis, first - 0.5 * spacing,
                   first + (p->n[k] - 0.5) * spacing, axis, step_of(fabs(p->n[k] * spacing), tics));
}

static void add_field(leray_text *s, const char *name, const leray_picture_plane *plane,
                      size_t skip, const leray_picture_field *field, double most, double tics)
{
    set_text(s, "title", field->title);
    leray_text_add(s, "set cbrange [%.9g:%.9g]\nset cbtics %.9g\nplot ", -most, most,
                   step_of(2 * most, tics));
    leray_gnuplot_add_file(s, name, "f32");
    leray_text_add(s,
                   " binary skip=%zu array=(%d,%d) dx=%.17g dy=%.17g origin=(%.17g,%.17g) "
                   "format='%%float' with image notitle\n",
                   skip, plane->n[1], plane->n[0], plane->spacing[1], plane->spacing[0],
                   plane->first[1], plane->first[0]);
}

leray_status leray_picture_fields(const char *folder, const char *name, int rows, int columns,
                                  const leray_picture_plane *plane,
                                  const leray_picture_field *fields)
{
    size_t points = (size_t)plane->n[0] * (size_t)plane->n[1];
    double ratio = proportion(plane), width = PANEL / sqrt(ratio), height = width * ratio;
    int n = rows * columns;
    leray_text s = {0};
    leray_status status;
    float *data;

    begin(&s, name, rows, columns, height + ROOM_Y, width + ROOM_X);
    leray_text_add(&s, "set size ratio %.4g\nset tics out nomirror\n", ratio);
    leray_text_add(&s, "set palette defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#f7f7f7', "
                       "0.5 '#f4a582', 1 '#b2182b')\nset colorbox\nset cbtics format '%%.3g'\n");
    set_axis(&s, 'x', plane, 1, width / TIC_X);
    set_axis(&s, 'y', plane, 0, fmin(height / TIC_Y, TICS));
    for (int k = 0; k < n; k++)
        add_field(&s, name, plane, (size_t)k * points * sizeof(float), &fields[k],
                  fields[k].largest > 0 ? fields[k].largest
                                        : largest(fields, n, points, fields[k].group),
                  fmin(height / TIC_Y, TICS));
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

static bool is_shown(const leray_picture_panel *p, const leray_picture_line *line, int i)
{
    return isfinite(line->x[i]) && isfinite(line->y[i]) && !(p->log_x && line->x[i] <= 0) &&
           !(p->log_y && line->y[i] <= 0);
}

static bool has_points(const leray_picture_panel *p, const leray_picture_line *line)
{
    for (int i = 0; i < line->n; i++)
        if (is_shown(p, line, i)) return true;
    return false;
}

static void add_line_data(leray_text *data, const leray_picture_panel *p,
                          const leray_picture_line *line)
{
    leray_text_add(data, "# ");
    leray_text_add_line(data, p->title);
    leray_text_add(data, ": ");
    leray_text_add_line(data, line->title);
    leray_text_add(data, "\n");
    for (int i = 0; i < line->n; i++)
        if (is_shown(p, line, i)) leray_text_add(data, "%.9g %.9g\n", line->x[i], line->y[i]);
    leray_text_add(data, "\n\n");
}

/* A logarithmic axis ends this far below its largest value: what lies below is round-off, or nothing. */
#define DECADES 1e-12

/* The values that are shown along one axis: x or y of all lines. */
static void find_range(const leray_picture_panel *p, bool of_y, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (int k = 0; k < p->n_lines; k++)
        for (int i = 0; i < p->line[k].n; i++) {
            double value = of_y ? p->line[k].y[i] : p->line[k].x[i];

            if (!is_shown(p, &p->line[k], i)) continue;
            *low = fmin(*low, value), *high = fmax(*high, value);
        }
}

/* gnuplot finds the ends itself, but where all values are one it would complain. */
static void add_range(leray_text *s, const leray_picture_panel *p, bool of_y)
{
    bool log = of_y ? p->log_y : p->log_x;
    double low, high;

    find_range(p, of_y, &low, &high);
    leray_text_add(s, "set %crange ", of_y ? 'y' : 'x');
    if (!(high - low > 8 * DBL_EPSILON * fmax(fabs(low), fabs(high)))) {
        double more = fmax(fabs(low), fabs(high));

        more = more > 0 ? 0.1 * more : 1;
        if (log) leray_text_add(s, "[%.9g:%.9g]\n", low / 2, 2 * high);
        else leray_text_add(s, "[%.9g:%.9g]\n", low - more, high + more);
    } else if (of_y && log && low < DECADES * high) leray_text_add(s, "[%.9g:*]\n", DECADES * high);
    else leray_text_add(s, "[*:*]\n");
}

static void add_panel(leray_text *s, const char *name, const leray_picture_panel *p, int *index)
{
    const char *separator = "plot";

    set_text(s, "title", p->title);
    set_text(s, "xlabel", p->x_label);
    set_text(s, "ylabel", p->y_label);
    leray_text_add(s, "unset logscale\nset format x '%%g'\nset xtics rotate by %d\n",
                   p->log_x ? -45 : 0);
    if (p->log_x) leray_text_add(s, "set logscale x\n");
    if (p->log_y) leray_text_add(s, "set logscale y\nset format y '10^{%%L}'\n");
    else leray_text_add(s, "set format y '%%g'\n");
    add_range(s, p, false);
    add_range(s, p, true);
    for (int k = 0; k < p->n_lines; k++, ++*index) {
        if (!has_points(p, &p->line[k])) continue;
        leray_text_add(s, "%s ", separator);
        leray_gnuplot_add_file(s, name, "dat");
        leray_text_add(s, " index %d title ", *index);
        leray_gnuplot_add_text(s, p->line[k].title);
        leray_text_add(s, " noenhanced with %s", p->line[k].points ? "points pt 7" : "lines lw 2");
        separator = ",";
    }
    leray_text_add(s, "\n");
}

/* A panel where nothing can be drawn says so. */
static void add_empty_panel(leray_text *s, const leray_picture_panel *p, int *index)
{
    leray_text_add(s, "unset logscale\nset xrange [0:1]\nset yrange [0:1]\n");
    set_text(s, "title", p->title);
    leray_text_add(s, "set label 1 'no finite values' at 0.5,0.5 center\nplot -1 notitle\n"
                      "unset label 1\n");
    *index += p->n_lines;
}

static bool is_empty(const leray_picture_panel *p)
{
    for (int k = 0; k < p->n_lines; k++)
        if (has_points(p, &p->line[k])) return false;
    return true;
}

/* Lines of the key, of which each takes a place below the panel. */
static int key_lines(int n, const leray_picture_panel *panels)
{
    int most = 0;

    for (int p = 0; p < n; p++)
        for (int k = 0, lines = 0; k < panels[p].n_lines; k++) {
            lines += *panels[p].line[k].title != '\0';
            most = lines > most ? lines : most;
        }
    return most;
}

leray_status leray_picture_curves(const char *folder, const char *name, int n,
                                  const leray_picture_panel *panels)
{
    leray_text s = {0}, data = {0};
    leray_status status;
    char *text;
    int index = 0, columns = n < 4 ? n : 4, rows = (n + columns - 1) / columns;
    int lines = key_lines(n, panels);

    begin(&s, name, rows, columns, 360 + 18 * lines, 420);
    leray_text_add(&s, "set grid\nset key below left vertical maxrows %d Left reverse samplen 2\n",
                   lines > 0 ? lines : 1);
    for (int p = 0; p < n; p++) {
        if (is_empty(&panels[p])) add_empty_panel(&s, &panels[p], &index);
        else add_panel(&s, name, &panels[p], &index);
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

leray_status leray_picture_profiles(const char *folder, const char *name, int panels, int lines,
                                    const leray_picture_plane *plane,
                                    const leray_picture_field *fields)
{
    size_t points = (size_t)plane->n[1], n = (size_t)panels * (size_t)lines;
    leray_picture_panel *panel;
    leray_picture_line *line = NULL;
    double *x = NULL;
    leray_status status = LERAY_ALLOC(&panel, (size_t)panels);

    if (!status) status = LERAY_ALLOC(&line, n);
    if (!status) status = LERAY_ALLOC(&x, (n + 1) * points);
    for (size_t i = 0; i < points && !status; i++)
        x[i] = plane->first[1] + (double)i * plane->spacing[1];
    for (size_t k = 0; k < n && !status; k++) {
        double *y = x + (k + 1) * points;

        for (size_t i = 0; i < points; i++) y[i] = fields[k].values[i];
        line[k] = (leray_picture_line){fields[k].title, (int)points, x, y, false};
    }
    for (int p = 0; p < panels && !status; p++)
        panel[p] = (leray_picture_panel){.title = "",
                                         .x_label = plane->label[1],
                                         .y_label = "",
                                         .n_lines = lines,
                                         .line = line + (size_t)p * (size_t)lines};
    if (!status) status = leray_picture_curves(folder, name, panels, panel);
    leray_mem_free(x);
    leray_mem_free(line);
    leray_mem_free(panel);
    return status;
}

void leray_picture_try(leray_status status)
{
    if (!status) return;
    leray_warn("a picture is missing: %.*s", (int)strcspn(leray_error_message(), "\n"),
               leray_error_message());
}
