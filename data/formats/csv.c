/* data/formats/csv.c - see data/formats/csv.h. */
#include "data/formats/csv.h"

#include "core/file.h"
#include "core/mem.h"
#include "core/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void leray_csv_add(leray_text *text, const char *entry)
{
    if (!entry[strcspn(entry, ",\"\r\n")]) {
        leray_text_add(text, "%s", entry);
        return;
    }
    leray_text_add(text, "\"");
    for (; *entry; entry++) leray_text_add(text, *entry == '"' ? "\"\"" : "%c", *entry);
    leray_text_add(text, "\"");
}

/* Bytes up to the first of `ends` that stands outside of quotes. */
static size_t span(const char *text, const char *ends)
{
    bool quoted = false;
    size_t n = 0;

    for (; text[n] && (quoted || !strchr(ends, text[n])); n++) quoted ^= text[n] == '"';
    return n;
}

size_t leray_csv_record(const char *text) { return span(text, "\n"); }

/* The entries of the record at `text`. */
static int count(const char *text)
{
    int n = 1;

    for (text += span(text, ",\n"); *text == ','; text += span(text, ",\n")) n++, text++;
    return n;
}

/* The entry of `size` bytes as a text, in place: without its quotes. */
static char *unquote(char *at, size_t size)
{
    char *to = at;

    if (size > 0 && at[size - 1] == '\r') size--;
    at[size] = '\0';
    if (*at != '"') return at;
    for (const char *from = at + 1; *from; from++) {
        if (*from == '"' && *++from != '"') break;
        *to++ = *from;
    }
    *to = '\0';
    return at;
}

/* Ends the entry at *at, and goes to the next one. */
static char *take(char **at)
{
    size_t size = span(*at, ",\n");
    char *entry = *at, end = entry[size];

    *at += size + (end != '\0');
    return unquote(entry, size);
}

static leray_status read_names(const char *path, char **at, leray_csv *csv)
{
    csv->columns = count(*at);
    LERAY_CHECK((*at)[leray_csv_record(*at)] == '\n', LERAY_ERR_DATA, "%s: no line of names", path);
    LERAY_TRY(LERAY_ALLOC(&csv->name, (size_t)csv->columns));
    for (int c = 0; c < csv->columns; c++) csv->name[c] = take(at);
    return LERAY_OK;
}

/* An empty entry stands for a number that is not known. */
static leray_status read_number(const char *path, const leray_csv *csv, int r, int c,
                                const char *entry, double *out)
{
    char *end;

    *out = *entry ? leray_number_read(entry, &end) : NAN;
    LERAY_CHECK(!*entry || *end == '\0', LERAY_ERR_DATA,
                "%s: row %d, column '%s': '%.40s' is no number", path, r + 1, csv->name[c], entry);
    return LERAY_OK;
}

static leray_status read_rows(const char *path, char *at, leray_csv *csv)
{
    for (int r = 0; r < csv->rows; r++) {
        int n = count(at);

        LERAY_CHECK(n == csv->columns, LERAY_ERR_DATA,
                    "%s: row %d has %d columns, the first line names %d", path, r + 1, n,
                    csv->columns);
        for (int c = 0; c < n; c++)
            LERAY_TRY(read_number(path, csv, r, c, take(&at),
                                  &csv->value[(size_t)c * (size_t)csv->rows + (size_t)r]));
    }
    return LERAY_OK;
}

/* Records that are there as a whole, the names among them. */
static size_t count_records(const char *text)
{
    size_t n = 0;

    for (size_t used = leray_csv_record(text); text[used] == '\n';
         used += leray_csv_record(text + used))
        n++, used++;
    return n;
}

leray_status leray_csv_read(const char *path, leray_csv *csv)
{
    size_t size, records;
    char *at;

    memset(csv, 0, sizeof *csv);
    LERAY_TRY(leray_file_read(path, &csv->text, &size));
    records = count_records(csv->text);
    LERAY_CHECK(records > 0 && records < 1 << 30, LERAY_ERR_DATA, "%s: not a table", path);
    csv->rows = (int)records - 1;
    at = csv->text;
    LERAY_TRY(read_names(path, &at, csv));
    LERAY_TRY(LERAY_ALLOC(&csv->value, (size_t)csv->columns * (size_t)csv->rows + 1));
    return read_rows(path, at, csv);
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
