/* data/formats/npy_write.c - writing .npy files; see data/formats/npy.h. */
#include "data/formats/npy.h"

#include "core/file.h"
#include "core/mem.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *descr;
    size_t bytes;
} types[] = {
#define LERAY_ROW(name, descr, bytes) {descr, bytes},
    LERAY_NPY_TYPE_LIST(LERAY_ROW)
#undef LERAY_ROW
};

/* The whole of version 1.0's preamble and header, padded so that the data start at a multiple of
   64 bytes; returns its size. */
static size_t make_header(leray_npy_type type, int rank, const int64_t *shape, size_t size,
                          char *out)
{
    size_t n = 10, end;

    n += (size_t)snprintf(out + n, size - n, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                          types[type].descr);
    for (int i = 0; i < rank; i++)
        n += (size_t)snprintf(out + n, size - n, "%lld,%s", (long long)shape[i],
                              i + 1 < rank ? " " : "");
    n += (size_t)snprintf(out + n, size - n, "), }");
    end = (n + 1 + 63) / 64 * 64;
    memset(out + n, ' ', end - n - 1);
    out[end - 1] = '\n';
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)((end - 10) & 0xff), out[9] = (char)((end - 10) >> 8);
    return end;
}

static leray_status check_shape(const char *path, int rank, const int64_t *shape, size_t *bytes)
{
    LERAY_CHECK(rank >= 0 && rank <= LERAY_NPY_RANK_MAX, LERAY_ERR_ARG,
                "%s: rank %d, allowed: 0 to %d", path, rank, LERAY_NPY_RANK_MAX);
    for (int i = 0; i < rank; i++) {
        LERAY_CHECK(shape[i] >= 0 && (*bytes == 0 || (uint64_t)shape[i] <= SIZE_MAX / 2 / *bytes),
                    LERAY_ERR_ARG, "%s: extent %lld of axis %d", path, (long long)shape[i], i);
        *bytes *= (size_t)shape[i];
    }
    return LERAY_OK;
}

leray_status leray_npy_write(const char *path, leray_npy_type type, int rank, const int64_t *shape,
                             const void *data)
{
    enum { HEADER_MAX = 1024 };
    leray_status status;
    char *file;
    size_t header, bytes = types[type].bytes;

    LERAY_TRY(check_shape(path, rank, shape, &bytes));
    LERAY_TRY(LERAY_ALLOC(&file, HEADER_MAX + bytes));
    header = make_header(type, rank, shape, HEADER_MAX, file);
    if (bytes) memcpy(file + header, data, bytes);
    status = leray_file_write(path, file, header + bytes);
    leray_mem_free(file);
    return status;
}
