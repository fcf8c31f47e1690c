/* core/yaml.h - a YAML mapping flattened to dotted paths; core/yaml.c is the only file over
   libfyaml. Private.

       solver: {type: ns2d, forcing: {amplitude: 0.1}}   gives   solver.type, solver.forcing.amplitude */
#ifndef LERAY_CORE_YAML_H
#define LERAY_CORE_YAML_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct leray_yaml_entry {
    char *path;
    char **item; /* [items] texts of the scalar, or of the list's scalars */
    int items;   /* 0: an empty value */
    bool list;
    int line, column; /* of the key, from 1 */
} leray_yaml_entry;

typedef struct leray_yaml {
    leray_yaml_entry *entry;
    int count, capacity;
} leray_yaml;

/* `prefix` ("" for none) is put before every path. Errors: CONFIG with source:line:column. */
LERAY_NODISCARD leray_status leray_yaml_parse(const char *source, const char *text, size_t size,
                                              const char *prefix, leray_yaml *out);
/* Appends an entry of n texts. */
LERAY_NODISCARD leray_status leray_yaml_add(leray_yaml *yaml, const char *path, int n,
                                            const char *const *items, bool list);
/* `out` is overwritten. */
LERAY_NODISCARD leray_status leray_yaml_copy(const leray_yaml *yaml, leray_yaml *out);
/* Errors: CONFIG, naming `source`, if the text is not UTF-8. */
LERAY_NODISCARD leray_status leray_yaml_check_utf8(const char *source, const char *text);
void leray_yaml_fini(leray_yaml *yaml);

#endif
