/* data/formats/npy.c - see data/formats/npy.h.

   The header is a Python dict literal, but only this much of the language is accepted:
   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } with the three keys in any order,
   each once, spaces between tokens, and padding of spaces and one final newline. */
#include "data/formats/npy.h"

#include "core/file.h"
#include "core/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "data/formats/npy.c reads little-endian numbers without swapping"
#endif

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
static const struct {
    const char *descr;
    size_t bytes;
} types[] = {
#define LERAY_ROW(name, descr, bytes) {descr, bytes},
    LERAY_NPY_TYPE_LIST(LERAY_ROW)
#undef LERAY_ROW
};
enum { N_TYPES = (int)(sizeof types / sizeof types[0]) };

typedef struct cursor {
    const char *source, *at, *end;
} cursor;

/* The next character that is not a space, without taking it; 0 at the end. */
static char look(cursor *c)
{
    while (c->at < c->end && *c->at == ' ') c->at++;
    return c->at < c->end ? *c->at : '\0';
}

static bool take(cursor *c, char token)
{
    if (look(c) != token) return false;
    c->at++;
    return true;
}

static leray_status expect(cursor *c, char token)
{
    LERAY_CHECK(take(c, token), LERAY_ERR_DATA, "%s: bad .npy header: '%c' expected", c->source,
                token);
    return LERAY_OK;
}

static bool take_word(cursor *c, const char *word)
{
    size_t n = strlen(word);

    look(c);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) return false;
    if ((size_t)(c->end - c->at) > n && isalnum((unsigned char)c->at[n])) return false;
    c->at += n;
    return true;
}

/* 'text' or "text" without escapes, at most size - 1 bytes. */
static leray_status parse_text(cursor *c, size_t size, char *out)
{
    char quote = look(c);
    size_t n = 0;

    LERAY_CHECK(quote == '\'' || quote == '"', LERAY_ERR_DATA,
                "%s: bad .npy header: a quoted text expected", c->source);
    for (c->at++; c->at < c->end && *c->at != quote && *c->at != '\\'; c->at++)
        if (n + 1 < size) out[n++] = *c->at;
    out[n] = '\0';
    return expect(c, quote);
}

static leray_status parse_extent(cursor *c, int64_t *out)
{
    int64_t x = 0;

    LERAY_CHECK(isdigit((unsigned char)look(c)), LERAY_ERR_DATA,
                "%s: bad .npy header: a non-negative integer expected in 'shape'", c->source);
    for (; c->at < c->end && isdigit((unsigned char)*c->at); c->at++) {
        LERAY_CHECK(x <= (INT64_MAX - 9) / 10, LERAY_ERR_DATA, "%s: 'shape' overflows", c->source);
        x = 10 * x + (*c->at - '0');
    }
    *out = x;
    return LERAY_OK;
}

/* (), (n,), (n, m) or (n, m,). */
static leray_status parse_shape(cursor *c, leray_npy *npy)
{
    bool comma = true;

    LERAY_TRY(expect(c, '('));
    for (npy->rank = 0; look(c) != ')'; npy->rank++) {
        LERAY_CHECK(comma, LERAY_ERR_DATA, "%s: bad .npy header: ',' expected in 'shape'",
                    c->source);
        LERAY_CHECK(npy->rank < LERAY_NPY_RANK_MAX, LERAY_ERR_DATA,
                    "%s: more than %d axes; reshape before saving", c->source, LERAY_NPY_RANK_MAX);
        LERAY_TRY(parse_extent(c, &npy->shape[npy->rank]));
        comma = take(c, ',');
    }
    LERAY_CHECK(npy->rank != 1 || comma, LERAY_ERR_DATA,
                "%s: bad .npy header: 'shape' is not a tuple", c->source);
    return expect(c, ')');
}

static leray_status parse_type(cursor *c, leray_npy *npy)
{
    char descr[32];

    LERAY_CHECK(look(c) != '[', LERAY_ERR_DATA,
                "%s: structured dtype; save one field per file, as float32", c->source);
    LERAY_TRY(parse_text(c, sizeof descr, descr));
    for (int i = 0; i < N_TYPES; i++) {
        if (strcmp(descr, types[i].descr) == 0) {
            npy->type = (leray_npy_type)i;
            return LERAY_OK;
        }
    }
    LERAY_CHECK(descr[0] != '>', LERAY_ERR_DATA,
                "%s: big-endian dtype '%s'; save with array.astype('<%s')", c->source, descr,
                descr + 1);
    LERAY_FAIL(LERAY_ERR_DATA,
               "%s: unsupported dtype '%s', allowed: <f4 <f8 |u1 <i4 <i8; save with "
               "array.astype('<f4')",
               c->source, descr);
}

static leray_status parse_order(cursor *c, leray_npy *npy)
{
    npy->fortran = take_word(c, "True");
    LERAY_CHECK(npy->fortran || take_word(c, "False"), LERAY_ERR_DATA,
                "%s: bad .npy header: 'fortran_order' is neither True nor False", c->source);
    return LERAY_OK;
}

static leray_status parse_header(cursor *c, leray_npy *npy)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool seen[3] = {false, false, false};
    char key[32];

    LERAY_TRY(expect(c, '{'));
    while (look(c) != '}') {
        int k = 0;

        LERAY_TRY(parse_text(c, sizeof key, key));
        while (k < 3 && strcmp(key, keys[k]) != 0) k++;
        LERAY_CHECK(k < 3 && !seen[k], LERAY_ERR_DATA, "%s: bad .npy header: %s key '%s'",
                    c->source, k < 3 ? "repeated" : "unknown", key);
        seen[k] = true;
        LERAY_TRY(expect(c, ':'));
        if (k == 0) LERAY_TRY(parse_type(c, npy));
        else if (k == 1) LERAY_TRY(parse_order(c, npy));
        else LERAY_TRY(parse_shape(c, npy));
        if (!take(c, ',')) break;
    }
    LERAY_TRY(expect(c, '}'));
    for (int k = 0; k < 3; k++)
        LERAY_CHECK(seen[k], LERAY_ERR_DATA, "%s: bad .npy header: '%s' is missing", c->source,
                    keys[k]);
    look(c);
    LERAY_CHECK(c->at == c->end || (c->at + 1 == c->end && *c->at == '\n'), LERAY_ERR_DATA,
                "%s: bad .npy header: text after the closing '}'", c->source);
    return LERAY_OK;
}

/* The number of elements, with their bytes within size_t. */
static leray_status count_elements(const char *source, leray_npy *npy)
{
    size_t limit = SIZE_MAX / types[npy->type].bytes;
    bool empty = false;

    npy->count = 1;
    for (int i = 0; i < npy->rank; i++) empty = empty || npy->shape[i] == 0;
    for (int i = 0; i < npy->rank && !empty; i++) {
        LERAY_CHECK((uint64_t)npy->shape[i] <= limit / npy->count, LERAY_ERR_DATA,
                    "%s: the product of 'shape' overflows", source);
        npy->count *= (size_t)npy->shape[i];
    }
    if (empty) npy->count = 0;
    return LERAY_OK;
}

static void multi_index(const leray_npy *npy, size_t at, size_t size, char *out)
{
    size_t stride = npy->count, n = 0;

    out[0] = '\0';
    for (int i = 0; i < npy->rank && n < size; i++) {
        stride /= (size_t)npy->shape[i];
        n += (size_t)snprintf(out + n, size - n, "%s%zu", i ? ", " : "", at / stride);
        at %= stride;
    }
}

static leray_status check_finite(const char *source, const leray_npy *npy)
{
    enum { CHUNK = 512 };
    double x[CHUNK];
    char where[200];

    if (npy->type != LERAY_NPY_F4 && npy->type != LERAY_NPY_F8) return LERAY_OK;
    for (size_t first = 0; first < npy->count; first += CHUNK) {
        size_t n = npy->count - first < CHUNK ? npy->count - first : CHUNK;

        leray_npy_get_double(npy, first, n, x);
        for (size_t i = 0; i < n; i++) {
            if (isfinite(x[i])) continue;
            multi_index(npy, first + i, sizeof where, where);
            LERAY_FAIL(LERAY_ERR_DATA, "%s: value %g at index [%s]; remove such samples", source,
                       x[i], where);
        }
    }
    return LERAY_OK;
}

/* Magic, version and the size of the header; leaves the cursor on the header. */
static leray_status parse_preamble(const char *source, const char *bytes, size_t size, cursor *c)
{
    size_t fields, header = 0;
    int version;

    LERAY_CHECK(size >= 8 && memcmp(bytes, magic, sizeof magic) == 0, LERAY_ERR_DATA,
                "%s: not a .npy file (bad magic); write it with numpy.save", source);
    version = (unsigned char)bytes[6];
    LERAY_CHECK(version >= 1 && version <= 3 && bytes[7] == 0, LERAY_ERR_DATA,
                "%s: .npy version %d.%d, allowed: 1.0, 2.0, 3.0", source, version,
                (unsigned char)bytes[7]);
    fields = version == 1 ? 2 : 4;
    LERAY_CHECK(size - 8 >= fields, LERAY_ERR_DATA, "%s: truncated: %zu bytes", source, size);
    for (size_t i = fields; i > 0; i--) header = header << 8 | (unsigned char)bytes[8 + i - 1];
    LERAY_CHECK(header <= size - 8 - fields, LERAY_ERR_DATA,
                "%s: truncated: the header has %zu bytes, the file %zu; copy it again", source,
                header, size);
    *c = (cursor){source, bytes + 8 + fields, bytes + 8 + fields + header};
    return LERAY_OK;
}

static leray_status parse(const char *source, const char *bytes, size_t size, leray_npy *npy)
{
    size_t need, have;
    cursor c = {source, NULL, NULL};

    LERAY_TRY(parse_preamble(source, bytes, size, &c));
    npy->data = c.end;
    LERAY_TRY(parse_header(&c, npy));
    LERAY_TRY(count_elements(source, npy));
    need = npy->count * types[npy->type].bytes;
    have = size - (size_t)((const char *)npy->data - bytes);
    LERAY_CHECK(have >= need, LERAY_ERR_DATA,
                "%s: truncated: the header promises %zu bytes of data, the file has %zu; copy it "
                "again",
                source, need, have);
    LERAY_CHECK(have == need, LERAY_ERR_DATA,
                "%s: %zu bytes after the array; keep one array per file", source, have - need);
    return check_finite(source, npy);
}

leray_status leray_npy_parse(const char *source, const void *bytes, size_t size, leray_npy *npy)
{
    leray_status status;

    memset(npy, 0, sizeof *npy);
    status = parse(source, bytes, size, npy);
    if (status) memset(npy, 0, sizeof *npy);
    return status;
}

void leray_npy_fini(leray_npy *npy)
{
    leray_mem_free(npy->block);
    memset(npy, 0, sizeof *npy);
}

/* "[2, 3]", with "any" for -1. */
static void shape_text(int rank, const int64_t *shape, size_t size, char *out)
{
    size_t n = (size_t)snprintf(out, size, "[");

    for (int i = 0; i < rank && n < size; i++) {
        const char *comma = i ? ", " : "";

        if (shape[i] < 0) n += (size_t)snprintf(out + n, size - n, "%sany", comma);
        else n += (size_t)snprintf(out + n, size - n, "%s%lld", comma, (long long)shape[i]);
    }
    if (n < size) snprintf(out + n, size - n, "]");
}

leray_status leray_npy_expect(const leray_npy *npy, const char *source, int rank,
                              const int64_t *shape)
{
    bool same = npy->rank == rank;
    char have[200], want[200];

    for (int i = 0; same && i < rank; i++) same = shape[i] < 0 || shape[i] == npy->shape[i];
    shape_text(npy->rank, npy->shape, sizeof have, have);
    shape_text(rank, shape, sizeof want, want);
    LERAY_CHECK(same, LERAY_ERR_DATA, "%s: shape %s, expected %s", source, have, want);
    return LERAY_OK;
}

/* Where element i in C order is stored. */
static size_t place(const leray_npy *npy, size_t i)
{
    size_t at = 0, stride = npy->count;

    if (!npy->fortran) return i;
    for (int axis = npy->rank - 1; axis >= 0; axis--) {
        size_t n = (size_t)npy->shape[axis];

        stride /= n;
        at += i % n * stride;
        i /= n;
    }
    return at;
}

/* One loop per type; memcpy because the data may be unaligned. */
#define GET(type, out_type)                                                           \
    for (size_t i = 0; i < n; i++) {                                                  \
        type value_;                                                                  \
        memcpy(&value_, from + place(npy, first + i) * sizeof value_, sizeof value_); \
        out[i] = (out_type)value_;                                                    \
    }                                                                                 \
    break

#define GET_ALL(out_type)                      \
    switch (npy->type) {                       \
    case LERAY_NPY_F4: GET(float, out_type);   \
    case LERAY_NPY_F8: GET(double, out_type);  \
    case LERAY_NPY_U1: GET(uint8_t, out_type); \
    case LERAY_NPY_I4: GET(int32_t, out_type); \
    case LERAY_NPY_I8: GET(int64_t, out_type); \
    }

void leray_npy_get_float(const leray_npy *npy, size_t first, size_t n, float *out)
{
    const char *from = npy->data;

    GET_ALL(float)
}

void leray_npy_get_double(const leray_npy *npy, size_t first, size_t n, double *out)
{
    const char *from = npy->data;

    GET_ALL(double)
}

/* Rearranges a whole file's data. */
static leray_status to_c_order(leray_npy *npy)
{
    size_t bytes = types[npy->type].bytes;
    const char *from = npy->data;
    char *block;

    LERAY_TRY(LERAY_ALLOC(&block, npy->count * bytes + 1));
    for (size_t i = 0; i < npy->count; i++)
        memcpy(block + i * bytes, from + place(npy, i) * bytes, bytes);
    leray_mem_free(npy->block);
    npy->block = block;
    npy->data = block;
    npy->fortran = false;
    return LERAY_OK;
}

leray_status leray_npy_read(const char *path, leray_npy *npy)
{
    char *block;
    size_t size;
    leray_status status;

    memset(npy, 0, sizeof *npy);
    LERAY_TRY(leray_file_read(path, &block, &size));
    status = leray_npy_parse(path, block, size, npy);
    npy->block = block;
    if (!status && npy->fortran) status = to_c_order(npy);
    if (status) leray_npy_fini(npy);
    return status;
}
