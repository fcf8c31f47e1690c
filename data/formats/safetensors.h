/* data/formats/safetensors.h - named tensors and string metadata in a safetensors file. Private.

   Format: https://huggingface.co/docs/safetensors (format section). 8 bytes, the header's size N
   as u64 little-endian; N bytes of JSON that starts with '{' and may be padded with spaces; then
   the data, which the tensors' data_offsets [begin, end) cover without hole or overlap. Types
   F32 and F64; values row-major, little-endian. "__metadata__" maps text to text. A header above
   100 MB is refused. */
#ifndef LERAY_DATA_FORMATS_SAFETENSORS_H
#define LERAY_DATA_FORMATS_SAFETENSORS_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

#define LERAY_SAFETENSORS_RANK_MAX 8
#define LERAY_SAFETENSORS_HEADER_MAX 100000000

typedef enum leray_safetensors_type {
    LERAY_SAFETENSORS_F32,
    LERAY_SAFETENSORS_F64
} leray_safetensors_type;

typedef struct leray_safetensors_entry {
    const char *name;
    leray_safetensors_type type;
    int rank; /* 0 for a scalar */
    int64_t shape[LERAY_SAFETENSORS_RANK_MAX];
    const void *data; /* when read: inside the file's block, maybe unaligned: copy with memcpy */
    size_t bytes;     /* set by the reader; the writer computes it */
} leray_safetensors_entry;

typedef struct leray_safetensors_text {
    const char *key, *value;
} leray_safetensors_text;

/* Writes atomically, the tensors in the order given, which is also the order of the data.
   Errors: ARG (duplicate or empty name, negative extent), IO, MEMORY. */
LERAY_NODISCARD leray_status leray_safetensors_write(const char *path, int n,
                                                     const leray_safetensors_entry *tensors,
                                                     int n_metadata,
                                                     const leray_safetensors_text *metadata);

typedef struct leray_safetensors leray_safetensors; /* a file that was read */

/* Errors: IO, DATA (names the file, the tensor and the defect), MEMORY. On failure *out is NULL. */
LERAY_NODISCARD leray_status leray_safetensors_read(const char *path, leray_safetensors **out);
/* From memory, which must outlive *out. */
LERAY_NODISCARD leray_status leray_safetensors_parse(const char *source, const void *bytes,
                                                     size_t size, leray_safetensors **out);
void leray_safetensors_destroy(leray_safetensors **file); /* accepts a pointer to NULL */

/* Borrowed until destroy; in the order of the data. */
int leray_safetensors_count(const leray_safetensors *file);
const leray_safetensors_entry *leray_safetensors_at(const leray_safetensors *file, int i);
const leray_safetensors_entry *leray_safetensors_find(const leray_safetensors *file,
                                                      const char *name); /* NULL if absent */
/* The tensor `name` with this type, rank and shape. Errors: DATA, with what the file has. */
LERAY_NODISCARD leray_status leray_safetensors_require(const leray_safetensors *file,
                                                       const char *name,
                                                       leray_safetensors_type type, int rank,
                                                       const int64_t *shape,
                                                       const leray_safetensors_entry **out);

int leray_safetensors_metadata_count(const leray_safetensors *file);
leray_safetensors_text leray_safetensors_metadata_at(const leray_safetensors *file, int i);
/* The value of `key`, or NULL. */
const char *leray_safetensors_metadata(const leray_safetensors *file, const char *key);

#endif
