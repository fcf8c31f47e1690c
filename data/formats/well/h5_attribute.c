/* data/formats/well/h5_attribute.c - attributes; see data/formats/well/h5.h. */
#include "data/formats/well/h5_impl.h"

#include "core/mem.h"

#include <string.h>

static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);

    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/* n < 0: a scalar. */
static leray_status put(leray_h5 object, const char *name, hid_t file_type, hid_t memory_type,
                        int n, const void *data)
{
    hsize_t extent = n < 0 ? 1 : (hsize_t)n;
    hid_t space = n < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
    hid_t attribute = H5Acreate2((hid_t)object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && (extent == 0 || H5Awrite(attribute, memory_type, data) >= 0);
    char label[LERAY_H5_LABEL];

    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    LERAY_CHECK(good, LERAY_ERR_IO, "%s: cannot write attribute '%s'",
                leray_h5_label(object, sizeof label, label), name);
    return LERAY_OK;
}

static leray_status put_texts(leray_h5 object, const char *name, int n, const char *const *x)
{
    hid_t type = text_type();
    leray_status status = put(object, name, type, type, n, x);

    H5Tclose(type);
    return status;
}

leray_status leray_h5_put_text(leray_h5 object, const char *name, const char *x)
{
    return put_texts(object, name, -1, &x);
}

leray_status leray_h5_put_texts(leray_h5 object, const char *name, int n, const char *const *x)
{
    return put_texts(object, name, n, x);
}

static leray_status put_bools(leray_h5 object, const char *name, int n, const bool *x)
{
    hid_t type = leray_h5_bool_type();
    leray_status status = put(object, name, type, type, n, x);

    H5Tclose(type);
    return status;
}

leray_status leray_h5_put_bool(leray_h5 object, const char *name, bool x)
{
    return put_bools(object, name, -1, &x);
}

leray_status leray_h5_put_bools(leray_h5 object, const char *name, int n, const bool *x)
{
    return put_bools(object, name, n, x);
}

leray_status leray_h5_put_int(leray_h5 object, const char *name, int64_t x)
{
    return put(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, -1, &x);
}

leray_status leray_h5_put_real(leray_h5 object, const char *name, double x)
{
    return put(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, -1, &x);
}

/* An open attribute with its type and number of entries. */
typedef struct opened {
    hid_t id, type;
    H5T_class_t kind;
    size_t n;
} opened;

static void close_attribute(opened *a)
{
    H5Tclose(a->type);
    H5Aclose(a->id);
}

static leray_status open_attribute(leray_h5 object, const char *name, opened *a)
{
    char label[LERAY_H5_LABEL];
    hssize_t n;
    hid_t space;

    a->id = H5Aexists((hid_t)object, name) > 0 ? H5Aopen((hid_t)object, name, H5P_DEFAULT) : -1;
    LERAY_CHECK(a->id >= 0, LERAY_ERR_DATA, "%s: attribute '%s' is missing",
                leray_h5_label(object, sizeof label, label), name);
    a->type = H5Aget_type(a->id);
    a->kind = H5Tget_class(a->type);
    space = H5Aget_space(a->id);
    n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    a->n = n < 0 ? 0 : (size_t)n;
    return LERAY_OK;
}

bool leray_h5_has_attribute(leray_h5 object, const char *name)
{
    return H5Aexists((hid_t)object, name) > 0;
}

/* n pointers and, behind them, the texts, of which text i has at most length[i] bytes. */
static leray_status pack(size_t n, const char *const *text, const size_t *length, char ***out)
{
    size_t bytes = 0;
    char *at;

    *out = NULL;
    for (size_t i = 0; i < n; i++) bytes += length[i] + 1;
    LERAY_TRY(LERAY_ALLOC((char **)out, (n + 1) * sizeof(char *) + bytes));
    at = (char *)(*out + n + 1);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = at;
        memcpy(at, text[i] ? text[i] : "", length[i]);
        at += length[i] + 1;
    }
    return LERAY_OK;
}

/* Points text[i] at entry i inside `raw`, the attribute's bytes. */
static void locate(const opened *a, char *raw, const char **text, size_t *length)
{
    size_t size = H5Tget_size(a->type);
    bool variable = H5Tis_variable_str(a->type) > 0;

    for (size_t i = 0; i < a->n; i++) {
        text[i] = variable ? ((char **)(void *)raw)[i] : raw + i * size;
        length[i] = !text[i] ? 0 : variable ? strlen(text[i]) : strnlen(text[i], size);
    }
}

static leray_status read_texts(const opened *a, char *raw, const char **text, size_t *length,
                               char ***out)
{
    hid_t space;
    leray_status status;

    LERAY_CHECK(H5Aread(a->id, a->type, raw) >= 0, LERAY_ERR_DATA, "cannot read a text attribute");
    locate(a, raw, text, length);
    status = pack(a->n, text, length, out);
    if (H5Tis_variable_str(a->type) > 0) {
        space = H5Aget_space(a->id);
        H5Dvlen_reclaim(a->type, space, H5P_DEFAULT, raw);
        H5Sclose(space);
    }
    return status;
}

static leray_status copy_texts(const opened *a, char ***out)
{
    char *raw = NULL;
    const char **text = NULL;
    size_t *length = NULL;
    leray_status status = LERAY_ALLOC(&raw, a->n * H5Tget_size(a->type) + 1);

    *out = NULL;
    if (!status) status = LERAY_ALLOC(&text, a->n + 1);
    if (!status) status = LERAY_ALLOC(&length, a->n + 1);
    if (!status) status = read_texts(a, raw, text, length, out);
    leray_mem_free(length);
    leray_mem_free((void *)text);
    leray_mem_free(raw);
    return status;
}

/* An empty list has whatever type its writer gave it: h5py's is float64. */
leray_status leray_h5_get_texts(leray_h5 object, const char *name, int *n, char ***x)
{
    char label[LERAY_H5_LABEL];
    leray_status status = LERAY_ERR_DATA;
    bool is_text;
    opened a;

    *x = NULL, *n = 0;
    LERAY_TRY(open_attribute(object, name, &a));
    is_text = a.kind == H5T_STRING && a.n < 1 << 20;
    if (is_text || a.n == 0) {
        *n = (int)a.n;
        status = is_text ? copy_texts(&a, x) : pack(0, NULL, NULL, x);
    }
    close_attribute(&a);
    LERAY_CHECK(is_text || a.n == 0, LERAY_ERR_DATA, "%s: attribute '%s' is not text",
                leray_h5_label(object, sizeof label, label), name);
    LERAY_TRY(status);
    return LERAY_OK;
}

leray_status leray_h5_get_text(leray_h5 object, const char *name, char **x)
{
    char label[LERAY_H5_LABEL], **list;
    int n;
    leray_status status = LERAY_OK;

    *x = NULL;
    LERAY_TRY(leray_h5_get_texts(object, name, &n, &list));
    if (n == 1) status = leray_mem_text(list[0], x);
    leray_mem_free((void *)list);
    LERAY_TRY(status);
    LERAY_CHECK(n == 1, LERAY_ERR_DATA, "%s: attribute '%s' has %d texts, expected one",
                leray_h5_label(object, sizeof label, label), name, n);
    return LERAY_OK;
}

/* As int8: an enumeration's own bytes, or an integer converted. */
leray_status leray_h5_get_bools(leray_h5 object, const char *name, int n, bool *x)
{
    char label[LERAY_H5_LABEL];
    int8_t value[LERAY_H5_RANK_MAX];
    bool good;
    opened a;

    LERAY_TRY(open_attribute(object, name, &a));
    good = a.n == (size_t)n && n <= LERAY_H5_RANK_MAX;
    if (good && a.kind == H5T_ENUM)
        good = H5Tget_size(a.type) == 1 && H5Aread(a.id, a.type, value) >= 0;
    else if (good) good = a.kind == H5T_INTEGER && H5Aread(a.id, H5T_NATIVE_INT8, value) >= 0;
    close_attribute(&a);
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: attribute '%s' is not %d boolean%s",
                leray_h5_label(object, sizeof label, label), name, n, n == 1 ? "" : "s");
    for (int i = 0; i < n; i++) x[i] = value[i] != 0;
    return LERAY_OK;
}

leray_status leray_h5_get_bool(leray_h5 object, const char *name, bool *x)
{
    return leray_h5_get_bools(object, name, 1, x);
}

leray_status leray_h5_get_real(leray_h5 object, const char *name, double *x)
{
    char label[LERAY_H5_LABEL];
    bool good;
    opened a;

    LERAY_TRY(open_attribute(object, name, &a));
    good = a.n == 1 && a.kind == H5T_FLOAT && H5Aread(a.id, H5T_NATIVE_DOUBLE, x) >= 0;
    close_attribute(&a);
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: attribute '%s' is not a number",
                leray_h5_label(object, sizeof label, label), name);
    return LERAY_OK;
}

leray_status leray_h5_get_int(leray_h5 object, const char *name, int64_t *x)
{
    char label[LERAY_H5_LABEL];
    bool good;
    opened a;

    LERAY_TRY(open_attribute(object, name, &a));
    good = a.n == 1 && a.kind == H5T_INTEGER && H5Aread(a.id, H5T_NATIVE_INT64, x) >= 0;
    close_attribute(&a);
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: attribute '%s' is not an integer",
                leray_h5_label(object, sizeof label, label), name);
    return LERAY_OK;
}
