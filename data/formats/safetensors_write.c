/* data/formats/safetensors_write.c - writing; see data/formats/safetensors.h. */
#include "data/formats/safetensors.h"

#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"

#include <string.h>

#define PREFIX 8 /* bytes of the header's size */
#define ALIGN 8  /* of the first tensor, for readers that map the file */

static size_t element(leray_safetensors_type type) { return type == LERAY_SAFETENSORS_F32 ? 4 : 8; }

static leray_status check_tensor(const leray_safetensors_entry *t)
{
    size_t bytes = element(t->type);

    LERAY_CHECK(t->name && t->name[0], LERAY_ERR_ARG, "a tensor has no name");
    LERAY_CHECK(t->rank >= 0 && t->rank <= LERAY_SAFETENSORS_RANK_MAX, LERAY_ERR_ARG,
                "tensor '%s' has rank %d, allowed: 0 to %d", t->name, t->rank,
                LERAY_SAFETENSORS_RANK_MAX);
    for (int i = 0; i < t->rank; i++) {
        LERAY_CHECK(t->shape[i] >= 0 &&
                        (bytes == 0 || (uint64_t)t->shape[i] <= SIZE_MAX / 4 / bytes),
                    LERAY_ERR_ARG, "tensor '%s' has extent %lld", t->name, (long long)t->shape[i]);
        bytes *= (size_t)t->shape[i];
    }
    return LERAY_OK;
}

static size_t bytes_of(const leray_safetensors_entry *t)
{
    size_t bytes = element(t->type);

    for (int i = 0; i < t->rank; i++) bytes *= (size_t)t->shape[i];
    return bytes;
}

static leray_status put_list(leray_json *tensor, const char *key, int n, const int64_t *x)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_array(&list));
    for (int i = 0; i < n; i++) {
        status = leray_json_set_int(list, NULL, x[i]);
        if (status) {
            leray_json_destroy(&list);
            return status;
        }
    }
    return leray_json_set(tensor, key, &list);
}

static leray_status fill_tensor(leray_json *json, const leray_safetensors_entry *t, size_t begin,
                                size_t end)
{
    int64_t offsets[2] = {(int64_t)begin, (int64_t)end};

    LERAY_TRY(leray_json_set_text(json, "dtype", t->type == LERAY_SAFETENSORS_F32 ? "F32" : "F64"));
    LERAY_TRY(put_list(json, "shape", t->rank, t->shape));
    return put_list(json, "data_offsets", 2, offsets);
}

static leray_status put_tensor(leray_json *header, const leray_safetensors_entry *t, size_t begin,
                               size_t end)
{
    leray_json *json;
    leray_status status;

    LERAY_CHECK(!leray_json_has(header, t->name), LERAY_ERR_ARG, "tensor name '%s' is used twice",
                t->name);
    LERAY_TRY(leray_json_object(&json));
    status = fill_tensor(json, t, begin, end);
    if (status) leray_json_destroy(&json);
    else status = leray_json_set(header, t->name, &json);
    return status;
}

static leray_status put_metadata(leray_json *header, int n, const leray_safetensors_text *metadata)
{
    leray_json *json;

    LERAY_TRY(leray_json_object(&json));
    for (int i = 0; i < n; i++) {
        leray_status status = leray_json_set_text(json, metadata[i].key, metadata[i].value);

        if (status) {
            leray_json_destroy(&json);
            return status;
        }
    }
    return leray_json_set(header, "__metadata__", &json);
}

static leray_status fill_header(leray_json *header, int n, const leray_safetensors_entry *tensors,
                                int n_metadata, const leray_safetensors_text *metadata,
                                size_t *size)
{
    *size = 0;
    LERAY_TRY(put_metadata(header, n_metadata, metadata));
    for (int i = 0; i < n; i++) {
        size_t bytes;

        LERAY_TRY(check_tensor(&tensors[i]));
        bytes = bytes_of(&tensors[i]);
        LERAY_CHECK(bytes <= SIZE_MAX / 4 - *size, LERAY_ERR_ARG, "tensors are too large together");
        LERAY_TRY(put_tensor(header, &tensors[i], *size, *size + bytes));
        *size += bytes;
    }
    return LERAY_OK;
}

/* The header as text, and the size of the data that follow it. */
static leray_status make_header(int n, const leray_safetensors_entry *tensors, int n_metadata,
                                const leray_safetensors_text *metadata, char **text, size_t *size)
{
    leray_json *header;
    leray_status status;

    *text = NULL;
    LERAY_TRY(leray_json_object(&header));
    status = fill_header(header, n, tensors, n_metadata, metadata, size);
    if (!status) status = leray_json_text(header, 0, text);
    leray_json_destroy(&header);
    return status;
}

static leray_status write_with_header(const char *path, int n,
                                      const leray_safetensors_entry *tensors, const char *text,
                                      size_t size)
{
    size_t length = strlen(text), padded = (length + ALIGN - 1) / ALIGN * ALIGN, at;
    leray_status status;
    char *file;

    LERAY_CHECK(padded <= LERAY_SAFETENSORS_HEADER_MAX, LERAY_ERR_ARG,
                "%s: metadata make a header of %zu bytes, at most %d allowed", path, padded,
                LERAY_SAFETENSORS_HEADER_MAX);
    LERAY_TRY(LERAY_ALLOC(&file, PREFIX + padded + size));
    for (int i = 0; i < PREFIX; i++) file[i] = (char)(padded >> (8 * i) & 0xff);
    memcpy(file + PREFIX, text, length);
    memset(file + PREFIX + length, ' ', padded - length);
    at = PREFIX + padded;
    for (int i = 0; i < n; i++) {
        size_t bytes = bytes_of(&tensors[i]);

        if (bytes) memcpy(file + at, tensors[i].data, bytes);
        at += bytes;
    }
    status = leray_file_write(path, file, PREFIX + padded + size);
    leray_mem_free(file);
    return status;
}

leray_status leray_safetensors_write(const char *path, int n,
                                     const leray_safetensors_entry *tensors, int n_metadata,
                                     const leray_safetensors_text *metadata)
{
    char *text;
    size_t size = 0;
    leray_status status;

    LERAY_TRY(make_header(n, tensors, n_metadata, metadata, &text, &size));
    status = write_with_header(path, n, tensors, text, size);
    leray_mem_free(text);
    return status;
}
