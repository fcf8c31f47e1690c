/* data/spectrum_file.h - an energy spectrum E(k) from a text file of two columns. Private.

   One row for each wavenumber: k > 0, ascending, and E >= 0, apart by blanks or a comma; the integral
   of E over k is the energy. Names above the first row and what follows a # are skipped. */
#ifndef LERAY_DATA_SPECTRUM_FILE_H
#define LERAY_DATA_SPECTRUM_FILE_H

#include "core/error.h"

typedef struct leray_spectrum_file {
    int count;
    double *k, *energy; /* [count] */
} leray_spectrum_file;

/* Errors: IO, MEMORY, DATA: no such file, or with file and line: not two numbers, k that does not
   grow, E < 0, fewer than two rows. On failure *out is zero. */
LERAY_NODISCARD leray_status leray_spectrum_file_read(const char *path, leray_spectrum_file *out);
void leray_spectrum_file_fini(leray_spectrum_file *spectrum); /* accepts a zeroed struct */

/* E at k: between rows a power law, so that power laws are exact, or a straight line where an end is
   0; 0 outside the rows. */
double leray_spectrum_file_at(const leray_spectrum_file *spectrum, double k);

#endif
