/* data/formats/well/h5.h - HDF5 with our errors, texts and booleans; h5.c is the only file over hdf5.h.
   Private.

   Every call but lock and unlock is made between those two: the HDF5 of MPI builds is not
   thread-safe. While locked, HDF5's own printing of errors is off. Booleans are h5py's: an
   enumeration FALSE, TRUE of int8. Texts are UTF-8 of variable length; fixed-length ones are
   read too. Failures to write are IO and failures to read DATA, with file and object. */
#ifndef LERAY_DATA_FORMATS_WELL_H5_H
#define LERAY_DATA_FORMATS_WELL_H5_H

#include "core/comm.h"
#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LERAY_H5_RANK_MAX 8

typedef int64_t leray_h5; /* a file, group or dataset; 0: none */

void leray_h5_lock(void);
void leray_h5_unlock(void);

LERAY_NODISCARD leray_status leray_h5_create(const char *path, leray_h5 *file);
LERAY_NODISCARD leray_status leray_h5_open(const char *path, leray_h5 *file); /* to read */
/* A file that is there, to write values into: every rank of `comm` calls it and close; blocks are
   then written by each rank for itself. Errors: IO. */
LERAY_NODISCARD leray_status leray_h5_open_on(const leray_comm *comm, const char *path,
                                              leray_h5 *file);
/* Closes any object, writing what is pending; accepts a pointer to 0 and leaves 0. */
LERAY_NODISCARD leray_status leray_h5_close(leray_h5 *object);
void leray_h5_drop(leray_h5 *object); /* the same without an error */
/* After writing: values may wait in memory until the object is closed. `status` if that is a failure,
   else the status of closing. */
LERAY_NODISCARD leray_status leray_h5_end(leray_h5 *object, leray_status status);

LERAY_NODISCARD leray_status leray_h5_group_create(leray_h5 parent, const char *name,
                                                   leray_h5 *out);
LERAY_NODISCARD leray_status leray_h5_group_open(leray_h5 parent, const char *name, leray_h5 *out);
bool leray_h5_has(leray_h5 parent, const char *name); /* a group or dataset */
int leray_h5_child_count(leray_h5 group);
LERAY_NODISCARD leray_status leray_h5_child_name(leray_h5 group, int i, size_t size, char *out);

/* Attributes. */
LERAY_NODISCARD leray_status leray_h5_put_text(leray_h5 object, const char *name, const char *x);
LERAY_NODISCARD leray_status leray_h5_put_texts(leray_h5 object, const char *name, int n,
                                                const char *const *x);
LERAY_NODISCARD leray_status leray_h5_put_bool(leray_h5 object, const char *name, bool x);
LERAY_NODISCARD leray_status leray_h5_put_bools(leray_h5 object, const char *name, int n,
                                                const bool *x);
LERAY_NODISCARD leray_status leray_h5_put_int(leray_h5 object, const char *name, int64_t x);
LERAY_NODISCARD leray_status leray_h5_put_real(leray_h5 object, const char *name, double x);

bool leray_h5_has_attribute(leray_h5 object, const char *name);
/* One block; free with leray_mem_free. A list of one is a text, and the other way round. */
LERAY_NODISCARD leray_status leray_h5_get_text(leray_h5 object, const char *name, char **x);
LERAY_NODISCARD leray_status leray_h5_get_texts(leray_h5 object, const char *name, int *n,
                                                char ***x);
LERAY_NODISCARD leray_status leray_h5_get_bool(leray_h5 object, const char *name, bool *x);
LERAY_NODISCARD leray_status leray_h5_get_bools(leray_h5 object, const char *name, int n, bool *x);
LERAY_NODISCARD leray_status leray_h5_get_int(leray_h5 object, const char *name, int64_t *x);
LERAY_NODISCARD leray_status leray_h5_get_real(leray_h5 object, const char *name, double *x);

/* Datasets. Values are converted between the file's type and the caller's. */
typedef enum leray_h5_type {
    LERAY_H5_FLOAT,
    LERAY_H5_DOUBLE,
    LERAY_H5_INT, /* 32 bits */
    LERAY_H5_BYTE
} leray_h5_type;

/* With `chunk`, stored in blocks of that shape, only those written, the rest reading as NaN (or
   0 for INT). */
LERAY_NODISCARD leray_status leray_h5_dataset_create(leray_h5 parent, const char *name,
                                                     leray_h5_type type, int rank,
                                                     const size_t *shape, const size_t *chunk,
                                                     leray_h5 *out);
/* In one piece whose place in the file is settled here: values written into it later change nothing
   else of the file. Values that are never written are undefined. */
LERAY_NODISCARD leray_status leray_h5_dataset_reserve(leray_h5 parent, const char *name,
                                                      leray_h5_type type, int rank,
                                                      const size_t *shape, leray_h5 *out);
LERAY_NODISCARD leray_status leray_h5_dataset_open(leray_h5 parent, const char *name,
                                                   leray_h5 *out);
LERAY_NODISCARD leray_status leray_h5_dataset_shape(leray_h5 dataset, int *rank,
                                                    size_t shape[LERAY_H5_RANK_MAX]);
bool leray_h5_is_number(leray_h5 dataset); /* integers or reals; no texts, booleans or records */
/* The block at `start` of extent `count`; with start NULL the whole dataset. */
LERAY_NODISCARD leray_status leray_h5_write(leray_h5 dataset, leray_h5_type type, int rank,
                                            const size_t *start, const size_t *count,
                                            const void *data);
LERAY_NODISCARD leray_status leray_h5_read(leray_h5 dataset, leray_h5_type type, int rank,
                                           const size_t *start, const size_t *count, void *data);
/* n booleans, as h5py's or as any integers. */
LERAY_NODISCARD leray_status leray_h5_read_bools(leray_h5 dataset, size_t n, bool *out);
LERAY_NODISCARD leray_status leray_h5_put_bool_dataset(leray_h5 parent, const char *name, int n,
                                                       const bool *x);

#endif
