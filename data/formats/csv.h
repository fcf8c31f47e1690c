/* data/formats/csv.h - tables of numbers as CSV (RFC 4180): a line of names, then a line for each row. A name
   with commas, quotes or line breaks stands in quotes, its own quotes doubled. Private. */
#ifndef LERAY_DATA_FORMATS_CSV_H
#define LERAY_DATA_FORMATS_CSV_H

#include "core/text.h"

#include <stddef.h>

typedef struct leray_csv {
    int columns, rows;
    char **name;   /* [columns] */
    double *value; /* [columns, rows] */
    char *text;    /* of the names */
} leray_csv;

/* Adds one entry of a line, in quotes where it needs them. */
void leray_csv_add(leray_text *text, const char *entry);

/* Bytes up to the line break that ends the record at `text`, without it; line breaks in quotes end none. */
size_t leray_csv_record(const char *text);

/* Errors: DATA (missing, no names, a row with another number of columns), MEMORY. `csv` is zeroed;
   call free whatever comes back. */
LERAY_NODISCARD leray_status leray_csv_read(const char *path, leray_csv *csv);
void leray_csv_free(leray_csv *csv);
int leray_csv_find(const leray_csv *csv, const char *name); /* -1: not there */
const double *leray_csv_column(const leray_csv *csv, int column);

#endif
