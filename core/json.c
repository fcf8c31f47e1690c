/* core/json.c - see core/json.h. A leray_json is jansson's json_t under our name. */
#include "core/json.h"

#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *raw(const leray_json *json)
{
    union {
        const leray_json *in;
        json_t *out;
    } cast = {json};

    return cast.out;
}

static leray_status wrap(json_t *value, leray_json **out)
{
    *out = (leray_json *)value;
    LERAY_CHECK(value, LERAY_ERR_MEMORY, "no memory for a JSON value");
    return LERAY_OK;
}

leray_status leray_json_object(leray_json **out) { return wrap(json_object(), out); }
leray_status leray_json_array(leray_json **out) { return wrap(json_array(), out); }

void leray_json_destroy(leray_json **json)
{
    json_decref(raw(*json));
    *json = NULL;
}

/* JSON is UTF-8; a name or a path of other bytes is stored with marks in their place. */
static leray_status make_utf8(const char *from, char **out)
{
    leray_text text = {0};

    leray_text_add_utf8(&text, from, NULL);
    return leray_text_finish(&text, out);
}

static int put_in_object(json_t *object, const char *key, json_t *value)
{
    char *made;
    int failed;

    if (json_object_set(object, key, value) == 0) {
        json_decref(value);
        return 0;
    }
    if (make_utf8(key, &made)) {
        json_decref(value);
        return -1;
    }
    failed = json_object_set_new(object, made, value);
    leray_mem_free(made);
    return failed;
}

/* Takes `value` over. */
static leray_status put(leray_json *json, const char *key, json_t *value)
{
    int failed;

    LERAY_CHECK(value, LERAY_ERR_MEMORY, "no memory for JSON value '%s'", key ? key : "[]");
    failed = key ? put_in_object(raw(json), key, value) : json_array_append_new(raw(json), value);
    LERAY_CHECK(!failed, LERAY_ERR_INTERNAL, "cannot store JSON value '%s'", key ? key : "[]");
    return LERAY_OK;
}

leray_status leray_json_set_int(leray_json *json, const char *key, int64_t x)
{
    return put(json, key, json_integer((json_int_t)x));
}

leray_status leray_json_set_real(leray_json *json, const char *key, double x)
{
    char name[256];

    if (isfinite(x)) return put(json, key, json_real(x));
    LERAY_TRY(put(json, key, json_null()));
    if (!key) return LERAY_OK;
    snprintf(name, sizeof name, "%s_nonfinite", key);
    return put(json, name, json_string(isnan(x) ? "nan" : x > 0 ? "inf" : "-inf"));
}

leray_status leray_json_set_bool(leray_json *json, const char *key, bool x)
{
    return put(json, key, json_boolean(x));
}

leray_status leray_json_set_text(leray_json *json, const char *key, const char *x)
{
    json_t *text = json_string(x);
    char *made;

    if (text) return put(json, key, text);
    LERAY_TRY(make_utf8(x, &made));
    text = json_string(made);
    leray_mem_free(made);
    return put(json, key, text);
}

leray_status leray_json_set(leray_json *json, const char *key, leray_json **child)
{
    json_t *value = raw(*child);

    *child = NULL;
    return put(json, key, value);
}

static leray_status find(const leray_json *json, const char *key, json_t **out)
{
    *out = json_object_get(raw(json), key);
    LERAY_CHECK(*out, LERAY_ERR_DATA, "JSON: '%s' is missing", key);
    return LERAY_OK;
}

leray_status leray_json_get_int(const leray_json *json, const char *key, int64_t *x)
{
    json_t *value;

    LERAY_TRY(find(json, key, &value));
    LERAY_CHECK(json_is_integer(value), LERAY_ERR_DATA, "JSON: '%s' is not an integer", key);
    *x = json_integer_value(value);
    return LERAY_OK;
}

leray_status leray_json_get_real(const leray_json *json, const char *key, double *x)
{
    json_t *value;

    LERAY_TRY(find(json, key, &value));
    LERAY_CHECK(json_is_number(value) || json_is_null(value), LERAY_ERR_DATA,
                "JSON: '%s' is not a number", key);
    *x = json_is_null(value) ? NAN : json_number_value(value);
    return LERAY_OK;
}

leray_status leray_json_get_text(const leray_json *json, const char *key, const char **x)
{
    json_t *value;

    LERAY_TRY(find(json, key, &value));
    LERAY_CHECK(json_is_string(value), LERAY_ERR_DATA, "JSON: '%s' is not a text", key);
    *x = json_string_value(value);
    return LERAY_OK;
}

leray_status leray_json_get(const leray_json *json, const char *key, leray_json **child)
{
    json_t *value;

    *child = NULL;
    LERAY_TRY(find(json, key, &value));
    LERAY_CHECK(json_is_object(value) || json_is_array(value), LERAY_ERR_DATA,
                "JSON: '%s' is not an object or a list", key);
    *child = (leray_json *)json_incref(value);
    return LERAY_OK;
}

bool leray_json_has(const leray_json *json, const char *key)
{
    return json_object_get(raw(json), key) != NULL;
}

size_t leray_json_size(const leray_json *json)
{
    return json_is_array(raw(json)) ? json_array_size(raw(json)) : json_object_size(raw(json));
}

static void *iterator(const leray_json *json, size_t i)
{
    void *at = json_object_iter(raw(json));

    while (at && i-- > 0) at = json_object_iter_next(raw(json), at);
    return at;
}

const char *leray_json_key(const leray_json *json, size_t i)
{
    return json_object_iter_key(iterator(json, i));
}

static json_t *at_index(const leray_json *json, size_t i)
{
    return json_is_array(raw(json)) ? json_array_get(raw(json), i)
                                    : json_object_iter_value(iterator(json, i));
}

leray_status leray_json_at(const leray_json *json, size_t i, leray_json **child)
{
    json_t *value = at_index(json, i);

    *child = NULL;
    LERAY_CHECK(json_is_object(value) || json_is_array(value), LERAY_ERR_DATA,
                "JSON: entry %zu is not an object or a list", i);
    *child = (leray_json *)json_incref(value);
    return LERAY_OK;
}

leray_status leray_json_int_at(const leray_json *json, size_t i, int64_t *x)
{
    json_t *value = at_index(json, i);

    LERAY_CHECK(json_is_integer(value), LERAY_ERR_DATA, "JSON: entry %zu is not an integer", i);
    *x = json_integer_value(value);
    return LERAY_OK;
}

leray_status leray_json_real_at(const leray_json *json, size_t i, double *x)
{
    json_t *value = at_index(json, i);

    LERAY_CHECK(json_is_number(value) || json_is_null(value), LERAY_ERR_DATA,
                "JSON: entry %zu is not a number", i);
    *x = json_is_null(value) ? NAN : json_number_value(value);
    return LERAY_OK;
}

leray_status leray_json_text_at(const leray_json *json, size_t i, const char **x)
{
    json_t *value = at_index(json, i);

    LERAY_CHECK(json_is_string(value), LERAY_ERR_DATA, "JSON: entry %zu is not a text", i);
    *x = json_string_value(value);
    return LERAY_OK;
}

leray_status leray_json_parse(const char *source, const char *text, size_t size, leray_json **out)
{
    json_error_t error;
    locale_t before = leray_locale_enter();
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

    leray_locale_leave(before);

    *out = (leray_json *)value;
    LERAY_CHECK(value, LERAY_ERR_DATA, "%s:%d:%d: %s", source, error.line, error.column,
                error.text);
    return LERAY_OK;
}

static leray_status dump(const leray_json *json, int indent, char **out)
{
    size_t flags = JSON_PRESERVE_ORDER | (indent ? JSON_INDENT(indent) : 0);
    size_t n = json_dumpb(raw(json), NULL, 0, flags);

    *out = NULL;
    LERAY_CHECK(n > 0, LERAY_ERR_MEMORY, "no memory for a JSON text");
    LERAY_TRY(LERAY_ALLOC(out, n + 1));
    if (json_dumpb(raw(json), *out, n, flags) == n) return LERAY_OK;
    leray_mem_free(*out);
    *out = NULL;
    LERAY_FAIL(LERAY_ERR_MEMORY, "no memory for a JSON text");
}

leray_status leray_json_text(const leray_json *json, int indent, char **out)
{
    locale_t before = leray_locale_enter();
    leray_status status = dump(json, indent, out);

    leray_locale_leave(before);
    return status;
}
