/* core/fft.h - Fourier transforms, in double precision but for lines of training; the only file
   over FFTW. Private.

   Conventions: row-major, last index fastest and, in spectra, halved (n/2 + 1). Forward
   transforms divide by the number of points, so that a coefficient does not depend on the
   resolution; the _raw form leaves that factor to the caller's own sweep. Inverse ones do
   not scale and destroy their input.

   Plans are MEASURE. They are made under one process-wide lock, and wisdom is loaded before
   the first plan and saved after each new one under $XDG_CACHE_HOME/leray (never an error if
   that cannot be written), under a file lock, so that all processes of a machine use the
   same plans and a restarted run gets the same bits. Executing is thread-safe; arrays
   must be aligned to 64 bytes (core/mem.h does that). */
#ifndef LERAY_CORE_FFT_H
#define LERAY_CORE_FFT_H

#include "core/error.h"

#include <complex.h>
#include <stddef.h>

typedef struct leray_fft leray_fft;

/* Transforms of `howmany` real arrays [n[0], .., n[ndim-1]], one after the other, into
   [n[0], .., n[ndim-1]/2 + 1]. 1 <= ndim <= 3, every n >= 1. Errors: ARG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_fft_create(int ndim, const int *n, int howmany, leray_fft **out);
void leray_fft_destroy(leray_fft **fft); /* accepts a pointer to NULL */

void leray_fft_forward(const leray_fft *fft, const double *x, double complex *x_hat);
void leray_fft_forward_raw(const leray_fft *fft, const double *x, double complex *x_hat);
void leray_fft_inverse(const leray_fft *fft, double complex *x_hat, double *x); /* destroys x_hat */

size_t leray_fft_points(const leray_fft *fft);       /* reals per array */
size_t leray_fft_coefficients(const leray_fft *fft); /* complex numbers per array */

/* Complex transforms of `howmany` lines of n points, one after the other; both directions out
   of place, keeping x, and neither scaled. They are the parts of pruned transforms, which skip
   the lines and the columns that dealiasing leaves empty. Errors: ARG, MEMORY, EXTERNAL. */
typedef struct leray_fft_lines leray_fft_lines;

LERAY_NODISCARD leray_status leray_fft_lines_create(int n, int howmany, leray_fft_lines **out);
/* One complex plane of n[0] x n[1] points in place of lines. */
LERAY_NODISCARD leray_status leray_fft_plane_create(const int n[2], leray_fft_lines **out);
void leray_fft_lines_destroy(leray_fft_lines **lines); /* accepts a pointer to NULL */
void leray_fft_lines_forward_raw(const leray_fft_lines *lines, const double complex *x,
                                 double complex *x_hat);
void leray_fft_lines_inverse(const leray_fft_lines *lines, const double complex *x_hat,
                             double complex *x);

/* Likewise in single precision. Its plans are FFTW's estimate, which times nothing: they need no
   wisdom and are the same in every process on machines of one kind, so that the steps of a
   training run keep their bits whenever their plans are made. MEASURE was mostly up to a third
   faster. */
typedef struct leray_fft_lines_f32 leray_fft_lines_f32;

LERAY_NODISCARD leray_status leray_fft_lines_f32_create(int n, int howmany,
                                                        leray_fft_lines_f32 **out);
void leray_fft_lines_f32_destroy(leray_fft_lines_f32 **lines); /* accepts a pointer to NULL */
void leray_fft_lines_f32_forward_raw(const leray_fft_lines_f32 *lines, const float complex *x,
                                     float complex *x_hat);
void leray_fft_lines_f32_inverse(const leray_fft_lines_f32 *lines, const float complex *x_hat,
                                 float complex *x);

/* Makes this process use the wisdom in `path` instead of the cache, or, where the file does
   not exist yet, writes there every plan that is made from now on: a run folder that carries
   its plans resumes to the same bits on another machine of the same kind. */
LERAY_NODISCARD leray_status leray_fft_use_wisdom(const char *path);

/* Writes the plans that this process knows to `path`. A run does so once its plans are made, and
   begins with leray_fft_use_wisdom where the file is there: so runs share the machine's plans,
   and a run that goes on elsewhere keeps its own. Errors: IO. */
LERAY_NODISCARD leray_status leray_fft_keep_wisdom(const char *path);

#endif
