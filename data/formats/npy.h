/* data/formats/npy.h - arrays in NumPy's .npy files, versions 1.0, 2.0 and 3.0. Private.

   Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. What is read:
   little-endian '<f4', '<f8', '<i4', '<i8', '|u1', in C or Fortran order. Everything else, and
   every defect of a file (bad magic, truncation, trailing bytes, a shape whose product overflows,
   a value that is not finite), is LERAY_ERR_DATA with the file, what is wrong and what to do. */
#ifndef LERAY_DATA_FORMATS_NPY_H
#define LERAY_DATA_FORMATS_NPY_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LERAY_NPY_RANK_MAX 8

/* X(enum, descr, bytes per element) */
#define LERAY_NPY_TYPE_LIST(X) \
    X(LERAY_NPY_F4, "<f4", 4)  \
    X(LERAY_NPY_F8, "<f8", 8)  \
    X(LERAY_NPY_U1, "|u1", 1)  \
    X(LERAY_NPY_I4, "<i4", 4)  \
    X(LERAY_NPY_I8, "<i8", 8)

typedef enum leray_npy_type {
#define LERAY_ROW(name, descr, bytes) name,
    LERAY_NPY_TYPE_LIST(LERAY_ROW)
#undef LERAY_ROW
} leray_npy_type;

typedef struct leray_npy {
    leray_npy_type type;
    int rank; /* 0 for a scalar */
    int64_t shape[LERAY_NPY_RANK_MAX];
    size_t count;     /* elements: the product of shape */
    bool fortran;     /* stored with the first index fastest: only after leray_npy_parse */
    const void *data; /* [count], unaligned, inside `block` or the caller's buffer */
    char *block;      /* owned; NULL after leray_npy_parse */
} leray_npy;

/* Reads the whole file and puts it in C order. Errors: IO, DATA, MEMORY. On failure *npy is zero. */
LERAY_NODISCARD leray_status leray_npy_read(const char *path, leray_npy *npy);
void leray_npy_fini(leray_npy *npy); /* accepts a zeroed struct */

/* The same from memory, which must outlive *npy; allocates nothing. `source` is the name that
   errors give. */
LERAY_NODISCARD leray_status leray_npy_parse(const char *source, const void *bytes, size_t size,
                                             leray_npy *npy);

/* The array has this rank and shape; -1 in `shape` accepts any extent. Errors: DATA. */
LERAY_NODISCARD leray_status leray_npy_expect(const leray_npy *npy, const char *source, int rank,
                                              const int64_t *shape);

/* Elements first .. first + n - 1 in C order, rounded to the nearest float or double. The range
   must lie in the array. */
void leray_npy_get_float(const leray_npy *npy, size_t first, size_t n, float *out);
void leray_npy_get_double(const leray_npy *npy, size_t first, size_t n, double *out);

/* Writes version 1.0, atomically. Errors: IO, ARG (rank or extent out of range), MEMORY. */
LERAY_NODISCARD leray_status leray_npy_write(const char *path, leray_npy_type type, int rank,
                                             const int64_t *shape, const void *data);

#endif
