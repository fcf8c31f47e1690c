/* core/config.h - decks: parsed, overridden, resolved against a schema of tables of keys
   (include/leray/impl/config.h). Private.

   Life of a config: parse, override and put, resolve against a schema (the list of sections with
   their tables; api/ makes it from the registries), read. resolve() reports the first key
   that is unknown, duplicated, missing, of the wrong type or out of range with
   file:line:column, the allowed range and the nearest known key. After it, read() copies one
   section into the component's settings struct and only fails if the section was not part
   of the schema. */
#ifndef LERAY_CORE_CONFIG_H
#define LERAY_CORE_CONFIG_H

#include "core/error.h"
#include <leray/impl/config.h>

/* One section of a schema. Several tables may share a section (a solver's common keys and its
   own). A key that the deck does not give in this section is looked for in section `inherit`,
   if there is one, before its default is taken. */
typedef struct leray_section {
    const char *name; /* "solver"; "" for keys at the top of the deck */
    leray_keys keys;
    const char *inherit; /* NULL: none */
} leray_section;

/* Parses a deck. `source` is the name that errors give. Errors: CONFIG (syntax, duplicate
   key, not a mapping), IO, MEMORY. */
LERAY_NODISCARD leray_status leray_config_parse_file(const char *path, leray_config **out);
LERAY_NODISCARD leray_status leray_config_parse_text(const char *source, const char *text,
                                                     leray_config **out);

/* A copy of what was said; it is yet to be resolved. */
LERAY_NODISCARD leray_status leray_config_copy(const leray_config *cfg, leray_config **out);

/* Applies one "key.path=value" of a command line. The value is YAML, but for a key of type text: that
   takes the characters as they are, unless they are a scalar in quotes, which is YAML again. So any path
   can be given. The second has key and value apart. Both before resolve(). */
LERAY_NODISCARD leray_status leray_config_override(leray_config *cfg, const char *assignment);
LERAY_NODISCARD leray_status leray_config_override_key(leray_config *cfg, const char *key,
                                                       const char *value);

/* Takes back what was put last; what the deck had resolved to before stays. */
void leray_config_drop_part(leray_config *cfg);

/* Forgets what was said of all but the n paths and what lies below them. */
void leray_config_keep(leray_config *cfg, int n, const char *const *paths);

/* The raw scalar at a dotted path, before or after resolve(); `fallback` where it is absent.
   This is how api/ finds out which component a section names. */
LERAY_NODISCARD leray_status leray_config_peek(const leray_config *cfg, const char *path,
                                               const char *fallback, char out[LERAY_TEXT_MAX]);

/* The raw entries of the list at a dotted path, one for a scalar; *count is 0 where it is absent. Borrowed. */
char *const *leray_config_peek_list(const leray_config *cfg, const char *path, int *count);

/* Names of the keys below `path` in the deck, in order; *out is one block of count pointers
   and their text, to be freed with leray_mem_free. */
LERAY_NODISCARD leray_status leray_config_names(const leray_config *cfg, const char *path,
                                                int *count, char ***out);

/* The tables need not outlive the call. On failure the deck keeps what it had resolved to before. */
LERAY_NODISCARD leray_status leray_config_resolve(leray_config *cfg, int n,
                                                  const leray_section *sections);

/* Whether the deck says anything in or below this section or key. */
bool leray_config_has(const leray_config *cfg, const char *section);

/* Of a deck as leray_config_text gives it the wanted keys, a line "path: value" for each. */
LERAY_NODISCARD leray_status leray_config_part(const char *deck, bool (*wanted)(const char *path),
                                               char **out);
/* Whether two such texts differ; then `then` and `now` are at the first lines that do, of `a` and `b` bytes. Numbers
   are compared by their values: 60 was written as 6e+01 once. */
bool leray_config_differ(const char **then, const char **now, int *a, int *b);

/* The resolved deck as YAML, of the n paths and what lies below them only. Free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_config_text_of(const leray_config *cfg, int n,
                                                  const char *const *paths, char **out);

/* For tests and for components made in code: one section from YAML text, resolved against
   `keys`. The section's name is `section`. */
LERAY_NODISCARD leray_status leray_config_from_section(const char *section, const char *yaml,
                                                       leray_keys keys, leray_config **out);

/* Closest of the n names to `word`, or NULL if none is close: "did you mean". */
const char *leray_nearest_name(const char *word, int n, const char *const *names);

#endif
