/* data/table.c - see data/table.h. */
#include "data/table.h"

#include "core/file.h"
#include "core/mem.h"
#include "data/formats/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

leray_status leray_table_add(leray_table *t, double **row)
{
    size_t n = (size_t)t->n;

    if (t->rows == t->room) {
        int room = t->room ? 2 * t->room : 16;

        LERAY_TRY(
            leray_mem_grow(&t->value, (size_t)t->room * n, (size_t)room * n, sizeof *t->value));
        t->room = room;
    }
    *row = t->value + (size_t)t->rows++ * n;
    for (size_t c = 0; c < n; c++) (*row)[c] = NAN;
    return LERAY_OK;
}

void leray_table_fini(leray_table *t)
{
    leray_mem_free(t->value);
    t->value = NULL;
    t->rows = t->room = 0;
}

int leray_table_find(const leray_table *t, const char *name)
{
    for (int c = 0; c < t->n; c++)
        if (strcmp(t->name[c], name) == 0) return c;
    return -1;
}

static double at(const leray_table *t, int row, int c)
{
    return t->value[(size_t)row * (size_t)t->n + (size_t)c];
}

static int count(const leray_table *t, int c)
{
    int n = 0;

    for (int r = 0; r < t->rows; r++) n += isfinite(at(t, r, c)) != 0;
    return n;
}

double leray_table_sum(const leray_table *t, int c)
{
    double sum = 0;

    for (int r = 0; r < t->rows; r++)
        if (isfinite(at(t, r, c))) sum += at(t, r, c);
    return count(t, c) ? sum : NAN;
}

double leray_table_mean(const leray_table *t, int c) { return leray_table_sum(t, c) / count(t, c); }

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

leray_status leray_table_quantile(const leray_table *t, int c, double q, double *out)
{
    double *sorted, place;
    int n = 0, low;

    *out = NAN;
    LERAY_TRY(LERAY_ALLOC(&sorted, (size_t)t->rows + 1));
    for (int r = 0; r < t->rows; r++)
        if (isfinite(at(t, r, c))) sorted[n++] = at(t, r, c);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    place = q * (n - 1), low = (int)place;
    if (n > 0)
        *out = low + 1 < n ? sorted[low] + (place - low) * (sorted[low + 1] - sorted[low])
                           : sorted[n - 1];
    leray_mem_free(sorted);
    return LERAY_OK;
}

leray_status leray_table_write(const leray_table *t, const char *folder, const char *file)
{
    char path[LERAY_PATH_MAX], *csv;
    leray_text text = {0};
    leray_status status;

    LERAY_TRY(leray_path_join(folder, file, path));
    for (int c = 0; c < t->n; c++) {
        if (c) leray_text_add(&text, ",");
        leray_csv_add(&text, t->name[c]);
    }
    leray_text_add(&text, "\n");
    for (int r = 0; r < t->rows; r++) {
        for (int c = 0; c < t->n; c++) {
            leray_text_add(&text, "%s", c ? "," : "");
            if (isfinite(at(t, r, c))) leray_text_add(&text, "%.10g", at(t, r, c));
        }
        leray_text_add(&text, "\n");
    }
    LERAY_TRY(leray_text_finish(&text, &csv));
    status = leray_file_write(path, csv, strlen(csv));
    leray_mem_free(csv);
    return status;
}

leray_status leray_table_to_json(const leray_table *t, int first, leray_json *json)
{
    for (int c = first; c < t->n; c++) {
        char key[128];
        double median;

        LERAY_TRY(leray_table_quantile(t, c, 0.5, &median));
        LERAY_TRY(leray_json_set_real(json, t->name[c], leray_table_mean(t, c)));
        snprintf(key, sizeof key, "%s_median", t->name[c]);
        LERAY_TRY(leray_json_set_real(json, key, median));
    }
    return LERAY_OK;
}

/* ---- ranks ------------------------------------------------------------------------------ */

/* By counting: n is a number of windows. */
static void rank(int n, const double *x, double *out)
{
    for (int i = 0; i < n; i++) {
        int below = 0, equal = 0;

        for (int j = 0; j < n; j++) below += x[j] < x[i], equal += x[j] == x[i];
        out[i] = below + 0.5 * (equal - 1);
    }
}

static double correlation(int n, const double *x, const double *y)
{
    double mean = 0.5 * (n - 1), xy = 0, xx = 0, yy = 0;

    for (int i = 0; i < n; i++) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    return n > 2 ? xy / sqrt(xx * yy) : NAN;
}

leray_status leray_table_rank_correlation(const leray_table *t, int a, int b, double *out)
{
    size_t room = (size_t)t->rows + 1;
    double *work;
    int n = 0;

    LERAY_TRY(LERAY_ALLOC(&work, 4 * room));
    for (int r = 0; r < t->rows; r++) {
        if (!isfinite(at(t, r, a)) || !isfinite(at(t, r, b))) continue;
        work[n] = at(t, r, a);
        work[room + (size_t)n++] = at(t, r, b);
    }
    rank(n, work, work + 2 * room);
    rank(n, work + room, work + 3 * room);
    *out = correlation(n, work + 2 * room, work + 3 * room);
    leray_mem_free(work);
    return LERAY_OK;
}
