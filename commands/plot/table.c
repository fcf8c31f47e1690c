/* commands/plot/table.c - pictures of tables: one panel for each column, against time, or, where a time has
   many rows, against the first column behind it at several times. */
#include "commands/plot/plot_impl.h"

#include "core/mem.h"
#include "core/number.h"
#include "data/formats/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CURVES 6 /* times that are drawn */
#define LINES (CURVES + 2)

typedef struct table {
    const leray_plot_target *target;
    leray_csv csv;
    int time, first; /* columns */
    int rows;        /* of simulation 0 */
    int per_time;
    int n;
    leray_picture_panel *panel; /* [columns of the file] */
    leray_picture_line *line;   /* [columns, LINES] theirs */
    char title[CURVES][40];
    double *guide; /* [2, per_time] */
} table;

static const double *column(const table *t, int c) { return leray_csv_column(&t->csv, c); }

/* Rows of one time at a time, of the first simulation. */
static leray_status find_shape(table *t)
{
    const double *time;

    t->time = leray_csv_find(&t->csv, "time");
    LERAY_CHECK(t->time >= 0 && t->csv.rows > 0, LERAY_ERR_DATA,
                "%s: no column 'time', or no rows: not a table of a run", t->target->path);
    time = column(t, t->time);
    t->first = t->time + 1;
    t->rows = t->csv.rows;
    for (int r = 1; r < t->rows && t->time > 0; r++)
        if (column(t, 0)[r] != column(t, 0)[0]) t->rows = r;
    t->per_time = 1;
    while (t->per_time < t->rows && time[t->per_time] == time[0]) t->per_time++;
    LERAY_CHECK(t->rows % t->per_time == 0, LERAY_ERR_DATA, "%s: not %d rows at every time",
                t->target->path, t->per_time);
    return LERAY_OK;
}

/* A column that never changes is not worth a panel. */
static bool changes(const table *t, int c)
{
    const double *x = column(t, c);

    for (int r = t->per_time; r < t->rows; r++)
        if (isfinite(x[r]) && x[r] != x[r % t->per_time]) return true;
    return t->rows == t->per_time;
}

/* ---- against time ------------------------------------------------------------------------- */

static void add_series(table *t, int c)
{
    leray_picture_line *line = t->line + (size_t)t->n * LINES;

    *line = (leray_picture_line){"", t->rows, column(t, t->time), column(t, c), false};
    t->panel[t->n++] = (leray_picture_panel){
        .title = t->csv.name[c], .x_label = "time", .y_label = "", .n_lines = 1, .line = line};
}

/* ---- against the first column ------------------------------------------------------------- */

static bool positive(const double *x, int n)
{
    int above = 0;

    for (int i = 0; i < n; i++) {
        if (x[i] < 0) return false;
        above += x[i] > 0;
    }
    return 2 * above > n;
}

/* k^exponent from the largest value of the curve on. */
static leray_picture_line guide_of(const leray_picture_line *curve, const char *title,
                                   double exponent, double *y)
{
    int top = 1;

    for (int i = 1; i < curve->n; i++)
        if (curve->y[i] > curve->y[top]) top = i;
    for (int i = 0; i < curve->n; i++)
        y[i] = i >= top && curve->y[i] > 1e-12 * curve->y[top]
                   ? curve->y[top] * pow(curve->x[i] / curve->x[top], exponent)
                   : NAN;
    return (leray_picture_line){title, curve->n, curve->x, y, false};
}

/* Of a pdf table: p_<name> is the density, <name> only says what its bins are in units. */
static bool is_density(const char *name) { return strncmp(name, "p_", 2) == 0; }

static bool names_bins(const table *t, int c)
{
    for (int k = 0; k < t->csv.columns; k++)
        if (is_density(t->csv.name[k]) && strcmp(t->csv.name[k] + 2, t->csv.name[c]) == 0)
            return true;
    return false;
}

static void add_curves(table *t, int c)
{
    leray_picture_panel *p = &t->panel[t->n];
    leray_picture_line *line = t->line + (size_t)t->n * LINES;
    int times = t->rows / t->per_time, n = times < CURVES ? times : CURVES;
    const double *x = column(t, t->first);

    *p = (leray_picture_panel){
        .title = t->csv.name[c], .x_label = t->csv.name[t->first], .y_label = "", .line = line};
    p->log_x = positive(x, t->per_time);
    p->log_y = is_density(t->csv.name[c]) || (p->log_x && positive(column(t, c), t->rows));
    for (int k = 0; k < n; k++) {
        int at = (n > 1 ? (times - 1) * k / (n - 1) : 0) * t->per_time;

        leray_print(t->title[k], sizeof t->title[k], "t = %.4g", column(t, t->time)[at]);
        line[k] = (leray_picture_line){t->title[k], t->per_time, x + at, column(t, c) + at, false};
    }
    p->n_lines = n;
    if (strcmp(t->csv.name[c], "energy") == 0 && strcmp(t->csv.name[t->first], "k") == 0 &&
        t->per_time > 2) {
        line[n] = guide_of(&line[n - 1], "k^(-5/3)", -5.0 / 3, t->guide);
        line[n + 1] = guide_of(&line[n - 1], "k^(-3)", -3, t->guide + t->per_time);
        p->n_lines = n + 2;
    }
    t->n++;
}

static leray_status draw(table *t)
{
    bool curves;

    LERAY_TRY(find_shape(t));
    curves = t->per_time > 1;
    LERAY_TRY(LERAY_ALLOC(&t->guide, 2 * (size_t)t->per_time));
    LERAY_TRY(LERAY_ALLOC(&t->panel, (size_t)t->csv.columns));
    LERAY_TRY(LERAY_ALLOC(&t->line, (size_t)t->csv.columns * LINES));
    for (int c = t->first + curves; c < t->csv.columns; c++) {
        if (!changes(t, c) || names_bins(t, c)) continue;
        if (curves) add_curves(t, c);
        else add_series(t, c);
    }
    LERAY_CHECK(t->n > 0, LERAY_ERR_DATA, "%s: no column in it changes", t->target->path);
    LERAY_TRY(leray_picture_curves(t->target->folder, t->target->name, t->n, t->panel));
    return leray_plot_say(t->target, t->target->name);
}

leray_status leray_plot_table(const leray_plot_target *target)
{
    table *t;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&t, 1));
    t->target = target;
    status = leray_csv_read(target->path, &t->csv);
    if (!status) status = draw(t);
    leray_mem_free(t->line);
    leray_mem_free(t->panel);
    leray_mem_free(t->guide);
    leray_csv_free(&t->csv);
    leray_mem_free(t);
    return status;
}
