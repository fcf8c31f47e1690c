/* solvers/pseudospectral/engine/field_file.h - fields of a .npy file as modes of a box, on a grid of any size over the
   same lengths: the modes that the box keeps are taken; the others, and those at the file's own
   Nyquist wavenumbers, which have no sign, are dropped. So is the mean of vorticity, forces and
   velocity, which flows on periodic boxes do not have or are given elsewhere; that of a scalar is
   taken. Private.

   The array is [grid..], or [components, grid..] where there are several; with an axis of simulations
   in front of it where `many` are allowed. Every rank reads the whole of it and transforms one
   component at a time. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_FIELD_FILE_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_ENGINE_FIELD_FILE_H

#include "core/fft.h"
#include "data/formats/npy.h"
#include "solvers/pseudospectral/engine/box.h"

/* What becomes of the mode k = 0. */
typedef enum leray_field_mean { LERAY_MEAN_DROPPED, LERAY_MEAN_TAKEN } leray_field_mean;

typedef struct leray_field_file {
    const char *path; /* the caller's */
    int ndim, components;
    leray_npy npy;
    leray_fft *fft;
    double *values;
    double complex *hat;
} leray_field_file;

/* Errors: DATA (no such file, another shape, extents outside [1, 32768]), MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_field_file_open(leray_field_file *file, const char *path,
                                                   int ndim, int components, bool many);
void leray_field_file_close(leray_field_file *file); /* accepts a zeroed struct */

/* Sets the modes of field `first` + c from component c of a simulation. Errors: DATA where the file
   has no such simulation. */
LERAY_NODISCARD leray_status leray_field_file_get(const leray_field_file *file, uint32_t simulation,
                                                  leray_field_mean mean, leray_modes *modes,
                                                  int first);

/* The same of values in memory, [n[0], ..]. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_modes_from_values(leray_modes *modes, int field,
                                                     leray_field_mean mean, int ndim, const int *n,
                                                     const double *values);

#endif
