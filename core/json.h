/* core/json.h - JSON values; the only file over jansson. Private.

   Objects keep the order of insertion. A real that is not finite is written as null with a
   sibling "<key>_nonfinite": "nan" | "inf" | "-inf". Bytes of a key or a text that are not UTF-8 are
   stored as U+FFFD. */
#ifndef LERAY_CORE_JSON_H
#define LERAY_CORE_JSON_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct leray_json leray_json; /* an object or an array, counted by reference */

LERAY_NODISCARD leray_status leray_json_object(leray_json **out);
LERAY_NODISCARD leray_status leray_json_array(leray_json **out);
void leray_json_destroy(leray_json **json); /* accepts a pointer to NULL */

/* In an object; `key` NULL appends to an array. */
LERAY_NODISCARD leray_status leray_json_set_int(leray_json *json, const char *key, int64_t x);
LERAY_NODISCARD leray_status leray_json_set_real(leray_json *json, const char *key, double x);
LERAY_NODISCARD leray_status leray_json_set_bool(leray_json *json, const char *key, bool x);
LERAY_NODISCARD leray_status leray_json_set_text(leray_json *json, const char *key, const char *x);
/* Takes `*child` over and sets it to NULL, also on failure. */
LERAY_NODISCARD leray_status leray_json_set(leray_json *json, const char *key, leray_json **child);

/* Missing keys and wrong types are LERAY_ERR_DATA and name the key. */
LERAY_NODISCARD leray_status leray_json_get_int(const leray_json *json, const char *key,
                                                int64_t *x);
LERAY_NODISCARD leray_status leray_json_get_real(const leray_json *json, const char *key,
                                                 double *x); /* ints too; null gives NaN */
LERAY_NODISCARD leray_status leray_json_get_text(const leray_json *json, const char *key,
                                                 const char **x); /* borrowed */
/* A new reference to the child object or array. */
LERAY_NODISCARD leray_status leray_json_get(const leray_json *json, const char *key,
                                            leray_json **child);
bool leray_json_has(const leray_json *json, const char *key);

/* Walks an object's keys or an array's indices: i from 0 while i < leray_json_size. */
size_t leray_json_size(const leray_json *json);
const char *leray_json_key(const leray_json *json, size_t i); /* objects; borrowed */
LERAY_NODISCARD leray_status leray_json_at(const leray_json *json, size_t i, leray_json **child);
LERAY_NODISCARD leray_status leray_json_int_at(const leray_json *json, size_t i, int64_t *x);
LERAY_NODISCARD leray_status leray_json_real_at(const leray_json *json, size_t i, double *x);
LERAY_NODISCARD leray_status leray_json_text_at(const leray_json *json, size_t i, const char **x);

/* Errors: DATA with `source`, line and column; duplicate keys are an error. */
LERAY_NODISCARD leray_status leray_json_parse(const char *source, const char *text, size_t size,
                                              leray_json **out);
/* indent 0: one line. Free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_json_text(const leray_json *json, int indent, char **out);

#endif
