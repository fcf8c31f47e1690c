/* data/table.h - rows of named numbers, gathered one by one: as CSV, as means and medians. Private to
   api/. */
#ifndef LERAY_DATA_TABLE_H
#define LERAY_DATA_TABLE_H

#include "core/json.h"

typedef struct leray_table {
    int n;                   /* columns */
    const char *const *name; /* [n], the caller's */
    int rows, room;
    double *value; /* [rows, n] */
} leray_table;

/* Zero it but for n and name. One more row, all NaN; *row stays valid until the next call. */
LERAY_NODISCARD leray_status leray_table_add(leray_table *columns, double **row);
void leray_table_fini(leray_table *columns);

int leray_table_find(const leray_table *columns, const char *name); /* -1: none */

/* Over the rows where column c is finite; NaN where it never is. */
double leray_table_mean(const leray_table *columns, int c);
double leray_table_sum(const leray_table *columns, int c);
/* The quantile q in [0, 1], between neighbours linearly. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_table_quantile(const leray_table *columns, int c, double q,
                                                  double *out);

/* A line of names and one for each row; a number that is not finite is left empty. Atomically. */
LERAY_NODISCARD leray_status leray_table_write(const leray_table *columns, const char *folder,
                                               const char *file);
/* Adds "<name>" (the mean) and "<name>_median" of columns first .. n - 1. */
LERAY_NODISCARD leray_status leray_table_to_json(const leray_table *columns, int first,
                                                 leray_json *json);

/* Spearman's rank correlation of two columns over the rows where both are finite; equal values have
   their mean rank. NaN below three rows. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_table_rank_correlation(const leray_table *columns, int a, int b,
                                                          double *out);

#endif
