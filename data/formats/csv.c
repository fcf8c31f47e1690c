/* data/formats/csv.c - see data/formats/csv.h. */
#include "data/formats/csv.h"

#include "core/file.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

static int count(const char *text, char what)
{
    int n = 0;

    for (; *text && *text != '\n'; text++) n += *text == what;
    return n;
}

static leray_status read_names(const char *path, leray_csv *csv)
{
    char *at = csv->text;

    csv->columns = count(at, ',') + 1;
    LERAY_CHECK(at[strcspn(at, "\n")] == '\n', LERAY_ERR_DATA, "%s: no line of names", path);
    LERAY_TRY(LERAY_ALLOC(&csv->name, (size_t)csv->columns));
    for (int c = 0; c < csv->columns; c++) {
        csv->name[c] = at;
        at += strcspn(at, ",\n");
        *at++ = '\0';
    }
    return LERAY_OK;
}

static leray_status read_rows(const char *path, const char *at, leray_csv *csv)
{
    for (int r = 0; r < csv->rows; r++) {
        LERAY_CHECK(count(at, ',') + 1 == csv->columns, LERAY_ERR_DATA,
                    "%s: row %d has %d columns, the first line names %d", path, r + 1,
                    count(at, ',') + 1, csv->columns);
        for (int c = 0; c < csv->columns; c++) {
            csv->value[(size_t)c * (size_t)csv->rows + (size_t)r] = strtod(at, NULL);
            at += strcspn(at, ",\n");
            at += *at != '\0';
        }
    }
    return LERAY_OK;
}

leray_status leray_csv_read(const char *path, leray_csv *csv)
{
    size_t size, lines = 0, first;

    memset(csv, 0, sizeof *csv);
    LERAY_TRY(leray_file_read(path, &csv->text, &size));
    for (size_t i = 0; i < size; i++) lines += csv->text[i] == '\n';
    LERAY_CHECK(lines > 0 && lines < 1 << 30, LERAY_ERR_DATA, "%s: not a table", path);
    csv->rows = (int)lines - 1;
    first = strcspn(csv->text, "\n") + 1;
    LERAY_TRY(read_names(path, csv));
    LERAY_TRY(LERAY_ALLOC(&csv->value, (size_t)csv->columns * (size_t)csv->rows + 1));
    return read_rows(path, csv->text + first, csv);
}

void leray_csv_free(leray_csv *csv)
{
    leray_mem_free(csv->value);
    leray_mem_free((void *)csv->name);
    leray_mem_free(csv->text);
    memset(csv, 0, sizeof *csv);
}

int leray_csv_find(const leray_csv *csv, const char *name)
{
    for (int c = 0; c < csv->columns; c++)
        if (strcmp(csv->name[c], name) == 0) return c;
    return -1;
}

const double *leray_csv_column(const leray_csv *csv, int column)
{
    return csv->value + (size_t)column * (size_t)csv->rows;
}
