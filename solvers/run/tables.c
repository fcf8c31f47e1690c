/* solvers/run/tables.c - tables that grow while a run goes; see solvers/run/run_impl.h. The CSV files
   are the record, appended to row by row; statistics.h5 is made of them. */
#include "solvers/run/run_impl.h"

#include "core/mem.h"
#include "core/number.h"
#include "data/formats/csv.h"
#include "data/formats/well/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static leray_status path_of(const leray_output_table *t, const char *folder,
                            char out[LERAY_PATH_MAX])
{
    char name[128];

    snprintf(name, sizeof name, "%.120s.csv", t->name);
    return leray_path_join(folder, name, out);
}

/* ---- taking ------------------------------------------------------------------------------ */

static leray_status append(const char *path, const char *text)
{
    struct stat info;
    off_t before = stat(path, &info) == 0 ? info.st_size : 0;
    leray_status status = leray_file_append(path, text, strlen(text));

    /* Rows are there as a whole or not at all. */
    if (status && truncate(path, before) != 0) errno = 0;
    return status;
}

static leray_status add_rows(const leray_output_table *t, const leray_measured *table, double time,
                             const char *folder)
{
    char path[LERAY_PATH_MAX], *text;
    leray_text rows = {0};
    struct stat info;
    leray_status status;

    LERAY_TRY(path_of(t, folder, path));
    if (stat(path, &info) != 0 || info.st_size == 0) {
        leray_text_add(&rows, "time");
        for (int c = 0; c < table->columns; c++) {
            leray_text_add(&rows, ",");
            leray_csv_add(&rows, table->column[c]);
        }
        leray_text_add(&rows, "\n");
    }
    for (int r = 0; r < table->rows; r++) {
        leray_text_add(&rows, "%.17g", time);
        for (int c = 0; c < table->columns; c++)
            leray_text_add(&rows, ",%.17g", table->value[r * table->columns + c]);
        leray_text_add(&rows, "\n");
    }
    LERAY_TRY(leray_text_finish(&rows, &text));
    status = append(path, text);
    leray_mem_free(text);
    return status;
}

static leray_status take(leray_output_table *t, leray_solver *solver, const leray_measured *table,
                         const char *folder)
{
    bool writes = folder && leray_comm_rank(solver->comm) == 0;

    t->columns = table->columns, t->column = table->column, t->unit = table->unit;
    return leray_comm_agree(solver->comm,
                            writes ? add_rows(t, table, solver->time, folder) : LERAY_OK);
}

static leray_status take_statistics(leray_output_table *t, leray_solver *solver, const char *folder)
{
    const leray_statistic *row;
    int n = leray_solver_statistics(solver, &row);
    leray_measured table = {.columns = n, .rows = 1};

    if (n > t->room) {
        LERAY_TRY(leray_mem_grow(&t->names, 2 * (size_t)t->room, 2 * (size_t)n, sizeof *t->names));
        LERAY_TRY(leray_mem_grow(&t->value, (size_t)t->room, (size_t)n, sizeof *t->value));
        t->room = n;
    }
    for (int i = 0; i < n; i++)
        t->names[i] = row[i].name, t->names[n + i] = row[i].unit, t->value[i] = row[i].value;
    table.column = t->names, table.unit = t->names + n, table.value = t->value;
    return take(t, solver, &table, folder);
}

void leray_output_table_fini(leray_output_table *t)
{
    leray_mem_free(t->value);
    leray_mem_free((void *)t->names);
    leray_diagnostic_destroy(&t->diagnostic);
}

leray_status leray_output_table_take(leray_output_table *t, leray_solver *solver,
                                     const char *folder)
{
    leray_measured table;

    if (!t->diagnostic) return take_statistics(t, solver, folder);
    LERAY_TRY(leray_diagnostic_measure(t->diagnostic, &table));
    return take(t, solver, &table, folder);
}

/* ---- cutting ----------------------------------------------------------------------------- */

leray_status leray_output_table_remove(const leray_output_table *t, const char *folder)
{
    static const char *const endings[] = {"csv", "png", "gp",
                                          "dat"}; /* the pictures of leray plot */

    for (int i = 0; i < 4; i++) {
        char name[160];

        snprintf(name, sizeof name, "%.120s.%s", t->name, endings[i]);
        LERAY_TRY(leray_files_remove(folder, (const char *const[]){name, NULL}));
    }
    return LERAY_OK;
}

/* How many bytes of the table are whole lines of times up to `time`, the names included. */
static size_t whole(const char *text, double time)
{
    size_t used = 0;

    for (bool names = true;; names = false) {
        size_t n = leray_csv_record(text + used);

        if (text[used + n] != '\n') return used;
        if (!names && leray_number_read(text + used, NULL) > time + 1e-12 * fabs(time)) return used;
        used += n + 1;
    }
}

leray_status leray_output_table_trim(const leray_output_table *t, const char *folder, double time)
{
    char path[LERAY_PATH_MAX], *text;
    size_t size, good;

    LERAY_TRY(path_of(t, folder, path));
    if (!leray_file_exists(path)) return LERAY_OK;
    LERAY_TRY(leray_file_read(path, &text, &size));
    good = whole(text, time);
    leray_mem_free(text);
    if (good == size) return LERAY_OK;
    LERAY_CHECK(truncate(path, (off_t)good) == 0, LERAY_ERR_IO, "cannot shorten %s: %s", path,
                strerror(errno));
    return LERAY_OK;
}

leray_status leray_output_table_sync(const leray_output_table *t, const char *folder)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(path_of(t, folder, path));
    return leray_file_exists(path) ? leray_file_sync(path) : LERAY_OK;
}

/* ---- statistics.h5 ----------------------------------------------------------------------- */

/* Rows that share a time, the same number at every one. */
static leray_status rows_per_time(const char *path, const leray_csv *csv, int *out)
{
    const double *time = leray_csv_column(csv, 0);
    int n = 1;

    while (n < csv->rows && time[n] == time[0]) n++;
    for (int r = 0; r < csv->rows; r++)
        LERAY_CHECK(csv->rows % n == 0 && time[r] == time[r - r % n], LERAY_ERR_DATA,
                    "%s: not %d rows at every time", path, n);
    *out = n;
    return LERAY_OK;
}

static leray_status put_column(leray_h5 group, const char *name, const char *unit, int times,
                               int rows, const double *x)
{
    size_t shape[] = {(size_t)times, (size_t)rows};
    leray_h5 dataset = 0;
    leray_status status =
        leray_h5_dataset_reserve(group, name, LERAY_H5_DOUBLE, rows > 1 ? 2 : 1, shape, &dataset);

    if (!status && unit) status = leray_h5_put_text(dataset, "units", unit);
    if (!status) status = leray_h5_write(dataset, LERAY_H5_DOUBLE, 0, NULL, NULL, x);
    return leray_h5_end(&dataset, status);
}

static leray_status put_time(leray_h5 group, const leray_csv *csv, int n)
{
    const double *column = leray_csv_column(csv, 0);
    double *time;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&time, (size_t)(csv->rows / n)));
    for (int i = 0; i < csv->rows / n; i++) time[i] = column[i * n];
    status = put_column(group, "time", "time", csv->rows / n, 1, time);
    leray_mem_free(time);
    return status;
}

static leray_status fill_group(leray_h5 group, const char *path, const leray_output_table *t,
                               const leray_csv *csv)
{
    int n = 1;

    LERAY_TRY(rows_per_time(path, csv, &n));
    LERAY_TRY(leray_h5_put_texts(group, "columns", csv->columns, (const char *const *)csv->name));
    LERAY_TRY(put_time(group, csv, n));
    for (int c = 1; c < csv->columns; c++) {
        const char *unit = NULL;

        for (int k = 0; k < t->columns; k++)
            if (strcmp(t->column[k], csv->name[c]) == 0) unit = t->unit[k];
        LERAY_TRY(
            put_column(group, csv->name[c], unit, csv->rows / n, n, leray_csv_column(csv, c)));
    }
    return LERAY_OK;
}

static leray_status put_table(leray_h5 file, const leray_output_table *t, const char *path)
{
    leray_csv csv;
    leray_h5 group = 0;
    leray_status status = leray_csv_read(path, &csv);

    if (!status && csv.rows > 0) {
        status = leray_h5_group_create(file, t->name, &group);
        if (!status) status = fill_group(group, path, t, &csv);
        leray_h5_drop(&group);
    }
    leray_csv_free(&csv);
    return status;
}

static leray_status put_tables(leray_h5 file, int n, const leray_output_table *t,
                               const char *folder, const char *provenance)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_h5_put_text(file, "format", "leray-statistics"));
    LERAY_TRY(leray_h5_put_text(file, "provenance", provenance));
    for (int i = 0; i < n; i++) {
        LERAY_TRY(path_of(&t[i], folder, path));
        if (leray_file_exists(path)) LERAY_TRY(put_table(file, &t[i], path));
    }
    return LERAY_OK;
}

leray_status leray_tables_collect(int n, const leray_output_table *t, const char *folder,
                                  const char *provenance)
{
    char path[LERAY_PATH_MAX];
    leray_output output;
    leray_h5 file = 0;
    leray_status status;

    LERAY_TRY(leray_path_join(folder, "statistics.h5", path));
    LERAY_TRY(leray_output_begin(path, &output));
    leray_h5_lock();
    status = leray_h5_create(output.temp_path, &file);
    if (!status) status = put_tables(file, n, t, folder, provenance);
    if (!status) status = leray_h5_close(&file);
    leray_h5_drop(&file);
    leray_h5_unlock();
    if (!status) status = leray_output_commit(&output);
    if (status) leray_output_abandon(&output);
    return status;
}
