/* api/columns.h - rows of named numbers, gathered one by one: as CSV, as means and medians. Private to
   api/. */
#ifndef LERAY_API_COLUMNS_H
#define LERAY_API_COLUMNS_H

#include "core/json.h"

typedef struct leray_columns {
    int n;                   /* columns */
    const char *const *name; /* [n], the caller's */
    int rows, room;
    double *value; /* [rows, n] */
} leray_columns;

/* Zero it but for n and name. One more row, all NaN; *row stays valid until the next call. */
LERAY_NODISCARD leray_status leray_columns_add(leray_columns *columns, double **row);
void leray_columns_fini(leray_columns *columns);

int leray_columns_find(const leray_columns *columns, const char *name); /* -1: none */

/* Over the rows where column c is finite; NaN where it never is. */
double leray_columns_mean(const leray_columns *columns, int c);
double leray_columns_sum(const leray_columns *columns, int c);
/* The quantile q in [0, 1], between neighbours linearly. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_columns_quantile(const leray_columns *columns, int c, double q,
                                                    double *out);

/* A line of names and one for each row; a number that is not finite is left empty. Atomically. */
LERAY_NODISCARD leray_status leray_columns_write(const leray_columns *columns, const char *folder,
                                                 const char *file);
/* Adds "<name>" (the mean) and "<name>_median" of columns first .. n - 1. */
LERAY_NODISCARD leray_status leray_columns_to_json(const leray_columns *columns, int first,
                                                   leray_json *json);

/* Spearman's rank correlation of two columns over the rows where both are finite; equal values have
   their mean rank. NaN below three rows. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_columns_rank_correlation(const leray_columns *columns, int a,
                                                            int b, double *out);

#endif
