/* data/formats/csv.h - tables of numbers as CSV: a line of names, then a line for each row. Private. */
#ifndef LERAY_DATA_FORMATS_CSV_H
#define LERAY_DATA_FORMATS_CSV_H

#include "core/error.h"

#include <stddef.h>

typedef struct leray_csv {
    int columns, rows;
    char **name;   /* [columns] */
    double *value; /* [columns, rows] */
    char *text;    /* of the names */
} leray_csv;

/* Errors: DATA (missing, no names, a row with another number of columns), MEMORY. `csv` is zeroed;
   call free whatever comes back. */
LERAY_NODISCARD leray_status leray_csv_read(const char *path, leray_csv *csv);
void leray_csv_free(leray_csv *csv);
int leray_csv_find(const leray_csv *csv, const char *name); /* -1: not there */
const double *leray_csv_column(const leray_csv *csv, int column);

#endif
