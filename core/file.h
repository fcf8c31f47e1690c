/* core/file.h - whole files, atomically: the final name holds either the old content or the
   complete new one, never a part. Private. */
#ifndef LERAY_CORE_FILE_H
#define LERAY_CORE_FILE_H

#include "core/error.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define LERAY_PATH_MAX 4096
#define LERAY_CHECKSUM_TEXT 33 /* 32 hexadecimal digits and the final 0 */

/* A new file under a temporary name beside the final one. commit() flushes it to disk and
   renames; abandon() removes it. Writers that open files themselves (HDF5) use temp_path. */
typedef struct leray_output {
    char path[LERAY_PATH_MAX], temp_path[LERAY_PATH_MAX];
} leray_output;

/* Errors: IO (names the file and the reason), also if the folder does not exist. */
LERAY_NODISCARD leray_status leray_output_begin(const char *path, leray_output *out);
LERAY_NODISCARD leray_status leray_output_commit(leray_output *out);
void leray_output_abandon(leray_output *out);

LERAY_NODISCARD leray_status leray_file_write(const char *path, const void *data, size_t size);
/* The whole file and a final 0 byte that *size does not count; free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_file_read(const char *path, char **data, size_t *size);
LERAY_NODISCARD leray_status leray_file_append(const char *path, const void *data, size_t size);
LERAY_NODISCARD leray_status
leray_file_sync(const char *path); /* what was written is on the disk */
int leray_file_exists(const char *path);

LERAY_NODISCARD leray_status leray_dir_create(const char *path); /* with its parents */
LERAY_NODISCARD leray_status leray_dir_sync(const char *path);
LERAY_NODISCARD leray_status leray_dir_remove(const char *path); /* and what is in it */

/* Removes files of a folder, `names` up to a NULL; those that are not there are none. */
LERAY_NODISCARD leray_status leray_files_remove(const char *folder, const char *const *names);

/* Removes what a writer that was killed has left in a folder under temporary names. */
LERAY_NODISCARD leray_status leray_dir_tidy(const char *path);

/* Names in a folder that begin with `prefix`, ascending; none where there is no such folder. Free
   with leray_mem_free. Errors: IO, MEMORY. */
#define LERAY_NAME_MAX 256
LERAY_NODISCARD leray_status leray_dir_names(const char *path, const char *prefix, int *count,
                                             char (**names)[LERAY_NAME_MAX]);

/* Joins with '/'. Errors: ARG if the result is too long. */
LERAY_NODISCARD leray_status leray_path_join(const char *folder, const char *name,
                                             char out[LERAY_PATH_MAX]);

/* XXH3, 128 bits. */
void leray_checksum(const void *data, size_t size, char out[LERAY_CHECKSUM_TEXT]);
LERAY_NODISCARD leray_status leray_checksum_file(const char *path, char out[LERAY_CHECKSUM_TEXT]);

/* An exclusive claim on a folder: a lock that the kernel drops when the process ends, however
   it ends. Errors: BUSY (names the owner's pid and host), IO. */
typedef struct leray_lock {
    int fd; /* -1: not held */
} leray_lock;
LERAY_NODISCARD leray_status leray_lock_take(const char *folder, leray_lock *lock);
void leray_lock_drop(leray_lock *lock);

#endif
