/* data/formats/safetensors.c - see data/formats/safetensors.h. */
#include "data/formats/safetensors.h"

#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "data/formats/safetensors.c reads and writes little-endian numbers without swapping"
#endif

enum { PREFIX = 8 };                        /* bytes of the header's size */
#define LERAY_SAFETENSORS_TENSORS_MAX 65536 /* walking the header is quadratic in it */
#define METADATA "__metadata__"

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    {"F32", 4},
    {"F64", 8}
};

struct leray_safetensors {
    char *block;        /* owned; NULL after parse */
    char *source;       /* the name that errors give */
    leray_json *header; /* owns names and metadata */
    leray_json *metadata;
    int n;
    leray_safetensors_entry *entry; /* [n], by offset */
};

/* ---- reading ---- */

static leray_status parse_type(const char *source, const leray_json *json,
                               leray_safetensors_entry *e)
{
    const char *dtype;

    LERAY_CHECK(leray_json_get_text(json, "dtype", &dtype) == LERAY_OK, LERAY_ERR_DATA,
                "%s: tensor '%s' has no text 'dtype'", source, e->name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dtype, types[i].name) == 0) {
            e->type = (leray_safetensors_type)i;
            return LERAY_OK;
        }
    }
    LERAY_FAIL(LERAY_ERR_DATA, "%s: tensor '%s' has dtype %s, allowed: F32, F64", source, e->name,
               dtype);
}

/* The list of integers under `key`, of which at most `max` are copied; *n is their number. */
static leray_status get_integers(const char *source, const leray_json *json, const char *tensor,
                                 const char *key, size_t max, int64_t *x, size_t *n)
{
    leray_json *list;
    bool good = leray_json_get(json, key, &list) == LERAY_OK;

    *n = good ? leray_json_size(list) : 0;
    good = good && !leray_json_key(list, 0);
    for (size_t i = 0; good && i < *n && i < max; i++)
        good = leray_json_int_at(list, i, &x[i]) == LERAY_OK;
    if (list) leray_json_destroy(&list);
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: tensor '%s' has no list of integers '%s'", source,
                tensor, key);
    LERAY_CHECK(*n <= max, LERAY_ERR_DATA, "%s: tensor '%s': '%s' has %zu entries, at most %zu",
                source, tensor, key, *n, max);
    return LERAY_OK;
}

static leray_status parse_shape(const char *source, const leray_json *json,
                                leray_safetensors_entry *e)
{
    size_t rank, limit = SIZE_MAX / types[e->type].bytes, count = 1;

    LERAY_TRY(
        get_integers(source, json, e->name, "shape", LERAY_SAFETENSORS_RANK_MAX, e->shape, &rank));
    e->rank = (int)rank;
    for (size_t i = 0; i < rank; i++) {
        LERAY_CHECK(e->shape[i] >= 0, LERAY_ERR_DATA, "%s: tensor '%s' has extent %lld", source,
                    e->name, (long long)e->shape[i]);
        LERAY_CHECK(count == 0 || (uint64_t)e->shape[i] <= limit / count, LERAY_ERR_DATA,
                    "%s: the shape of tensor '%s' overflows", source, e->name);
        count *= (size_t)e->shape[i];
    }
    e->bytes = count * types[e->type].bytes;
    return LERAY_OK;
}

static leray_status parse_offsets(const char *source, const leray_json *json, const char *data,
                                  size_t size, leray_safetensors_entry *e)
{
    int64_t offset[2];
    size_t n;

    LERAY_TRY(get_integers(source, json, e->name, "data_offsets", 2, offset, &n));
    LERAY_CHECK(n == 2 && 0 <= offset[0] && offset[0] <= offset[1] && (uint64_t)offset[1] <= size,
                LERAY_ERR_DATA,
                "%s: tensor '%s' has data_offsets outside [0, %zu]; the file may be truncated",
                source, e->name, size);
    LERAY_CHECK((size_t)(offset[1] - offset[0]) == e->bytes, LERAY_ERR_DATA,
                "%s: tensor '%s' has %lld bytes, its shape needs %zu", source, e->name,
                (long long)(offset[1] - offset[0]), e->bytes);
    e->data = data + offset[0];
    return LERAY_OK;
}

static leray_status parse_entry(const char *source, const leray_json *json, const char *data,
                                size_t size, leray_safetensors_entry *e)
{
    LERAY_CHECK(leray_json_size(json) == 3, LERAY_ERR_DATA,
                "%s: tensor '%s': expected dtype, shape and data_offsets, and nothing else", source,
                e->name);
    LERAY_TRY(parse_type(source, json, e));
    LERAY_TRY(parse_shape(source, json, e));
    return parse_offsets(source, json, data, size, e);
}

static leray_status check_metadata(const leray_safetensors *file)
{
    const char *text;

    for (size_t i = 0; i < leray_json_size(file->metadata); i++) {
        LERAY_CHECK(leray_json_key(file->metadata, i) &&
                        leray_json_text_at(file->metadata, i, &text) == LERAY_OK,
                    LERAY_ERR_DATA, "%s: " METADATA " must map text to text", file->source);
    }
    return LERAY_OK;
}

static int by_offset(const void *a, const void *b)
{
    const leray_safetensors_entry *p = a, *q = b;
    const char *x = p->data, *y = q->data;

    if (x != y) return x < y ? -1 : 1;
    return (p->bytes > q->bytes) - (p->bytes < q->bytes); /* empty tensors first */
}

/* The tensors, in the order of their data, tile the buffer. */
static leray_status check_tiling(const leray_safetensors *file, const char *data, size_t size)
{
    size_t at = 0;

    for (int i = 0; i < file->n; i++) {
        const leray_safetensors_entry *e = &file->entry[i];
        size_t begin = (size_t)((const char *)e->data - data);

        LERAY_CHECK(begin == at, LERAY_ERR_DATA, "%s: tensor '%s' begins at byte %zu, %s %zu",
                    file->source, e->name, begin,
                    begin < at ? "inside the one before it, which ends at"
                               : "after a hole that starts at",
                    at);
        at += e->bytes;
    }
    LERAY_CHECK(at == size, LERAY_ERR_DATA, "%s: %zu bytes belong to no tensor", file->source,
                size - at);
    return LERAY_OK;
}

static leray_status parse_entries(leray_safetensors *file, const char *data, size_t size)
{
    size_t n = leray_json_size(file->header);

    LERAY_CHECK(n <= LERAY_SAFETENSORS_TENSORS_MAX, LERAY_ERR_DATA,
                "%s: %zu tensors, at most %d allowed", file->source, n,
                LERAY_SAFETENSORS_TENSORS_MAX);
    if (n == 0) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&file->entry, n));
    for (size_t i = 0; i < n; i++) {
        const char *name = leray_json_key(file->header, i);
        leray_json *child;
        leray_status status;

        LERAY_CHECK(leray_json_at(file->header, i, &child) == LERAY_OK, LERAY_ERR_DATA,
                    "%s: tensor '%s' is not described by an object", file->source, name);
        if (strcmp(name, METADATA) == 0) {
            file->metadata = child;
            LERAY_TRY(check_metadata(file));
            continue;
        }
        file->entry[file->n].name = name;
        status = parse_entry(file->source, child, data, size, &file->entry[file->n++]);
        leray_json_destroy(&child);
        LERAY_TRY(status);
    }
    qsort(file->entry, (size_t)file->n, sizeof file->entry[0], by_offset);
    return LERAY_OK;
}

static leray_status init(leray_safetensors *file, const char *source, const char *bytes,
                         size_t size)
{
    uint64_t header = 0;
    const char *data;

    LERAY_TRY(leray_mem_text(source, &file->source));
    LERAY_CHECK(size >= PREFIX, LERAY_ERR_DATA, "%s: %zu bytes are too few for safetensors", source,
                size);
    for (int i = PREFIX; i > 0; i--) header = header << 8 | (unsigned char)bytes[i - 1];
    LERAY_CHECK(header <= LERAY_SAFETENSORS_HEADER_MAX, LERAY_ERR_DATA,
                "%s: not a safetensors file: its header would have %llu bytes, at most %d are "
                "allowed; a model is the file model.safetensors of a run",
                source, (unsigned long long)header, LERAY_SAFETENSORS_HEADER_MAX);
    LERAY_CHECK(header <= size - PREFIX, LERAY_ERR_DATA,
                "%s: header of %llu bytes in a file of %zu; it may be truncated", source,
                (unsigned long long)header, size);
    LERAY_CHECK(header > 0 && bytes[PREFIX] == '{', LERAY_ERR_DATA,
                "%s: not a safetensors file: its header does not begin with '{'; a model is the "
                "file model.safetensors of a run",
                source);
    LERAY_TRY(leray_json_parse(source, bytes + PREFIX, (size_t)header, &file->header));
    data = bytes + PREFIX + header;
    size -= PREFIX + (size_t)header;
    LERAY_TRY(parse_entries(file, data, size));
    return check_tiling(file, data, size);
}

leray_status leray_safetensors_parse(const char *source, const void *bytes, size_t size,
                                     leray_safetensors **out)
{
    leray_safetensors *file;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&file, 1));
    status = init(file, source, bytes, size);
    if (status) leray_safetensors_destroy(&file);
    *out = file;
    return status;
}

leray_status leray_safetensors_read(const char *path, leray_safetensors **out)
{
    char *block;
    size_t size;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_file_read(path, &block, &size));
    status = leray_safetensors_parse(path, block, size, out);
    if (status) leray_mem_free(block);
    else (*out)->block = block;
    return status;
}

void leray_safetensors_destroy(leray_safetensors **file)
{
    if (!*file) return;
    if ((*file)->metadata) leray_json_destroy(&(*file)->metadata);
    if ((*file)->header) leray_json_destroy(&(*file)->header);
    leray_mem_free((*file)->entry);
    leray_mem_free((*file)->source);
    leray_mem_free((*file)->block);
    leray_mem_free(*file);
    *file = NULL;
}

int leray_safetensors_count(const leray_safetensors *file) { return file->n; }

const leray_safetensors_entry *leray_safetensors_at(const leray_safetensors *file, int i)
{
    return &file->entry[i];
}

const leray_safetensors_entry *leray_safetensors_find(const leray_safetensors *file,
                                                      const char *name)
{
    for (int i = 0; i < file->n; i++)
        if (strcmp(file->entry[i].name, name) == 0) return &file->entry[i];
    return NULL;
}

static void shape_text(leray_safetensors_type type, int rank, const int64_t *shape, size_t size,
                       char *out)
{
    size_t n = (size_t)snprintf(out, size, "%s [", types[type].name);

    for (int i = 0; i < rank && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%lld", i ? ", " : "", (long long)shape[i]);
    if (n < size) snprintf(out + n, size - n, "]");
}

leray_status leray_safetensors_require(const leray_safetensors *file, const char *name,
                                       leray_safetensors_type type, int rank, const int64_t *shape,
                                       const leray_safetensors_entry **out)
{
    const leray_safetensors_entry *e = leray_safetensors_find(file, name);
    char have[200], want[200];
    bool same;

    *out = NULL;
    LERAY_CHECK(e, LERAY_ERR_DATA, "%s: tensor '%s' is missing", file->source, name);
    same = e->type == type && e->rank == rank;
    for (int i = 0; same && i < rank; i++) same = e->shape[i] == shape[i];
    shape_text(e->type, e->rank, e->shape, sizeof have, have);
    shape_text(type, rank, shape, sizeof want, want);
    LERAY_CHECK(same, LERAY_ERR_DATA, "%s: tensor '%s' is %s, expected %s", file->source, name,
                have, want);
    *out = e;
    return LERAY_OK;
}

int leray_safetensors_metadata_count(const leray_safetensors *file)
{
    return file->metadata ? (int)leray_json_size(file->metadata) : 0;
}

leray_safetensors_text leray_safetensors_metadata_at(const leray_safetensors *file, int i)
{
    const char *key = leray_json_key(file->metadata, (size_t)i);

    return (leray_safetensors_text){key, leray_safetensors_metadata(file, key)};
}

const char *leray_safetensors_metadata(const leray_safetensors *file, const char *key)
{
    const char *value;

    if (!file->metadata || !leray_json_has(file->metadata, key)) return NULL;
    return leray_json_get_text(file->metadata, key, &value) == LERAY_OK ? value : NULL;
}
