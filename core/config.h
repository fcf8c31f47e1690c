/* core/config.h - tables of keys, and reading them into structs. Private.

   Every component declares one table of its keys. From that table come validation, the
   resolved config stored in every output, `leray list`, the reference page and completion.
   A deck is a YAML mapping of sections; a section holds the keys of one table. Keys may be
   dotted: "forcing.amplitude" in section "solver" is, in YAML,

       solver:
         forcing:
           amplitude: 0.1

   Life of a config: parse, override and put, resolve against a schema (the list of sections with
   their tables; api/ makes it from the registries), read. resolve() reports the first key
   that is unknown, duplicated, missing, of the wrong type or out of range with
   file:line:column, the allowed range and the nearest known key. After it, read() copies one
   section into the component's settings struct and only fails if the section was not part
   of the schema. */
#ifndef LERAY_CORE_CONFIG_H
#define LERAY_CORE_CONFIG_H

#include "core/error.h"
#include <leray/config.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LERAY_TEXT_MAX 4096 /* bytes of a text value, its final 0 included */
#define LERAY_LIST_MAX 512  /* entries of a list value */

typedef enum leray_key_kind {                    /* the member's type */
                              LERAY_KIND_INT,    /* int64_t */
                              LERAY_KIND_REAL,   /* double */
                              LERAY_KIND_BOOL,   /* bool */
                              LERAY_KIND_TEXT,   /* char [LERAY_TEXT_MAX] */
                              LERAY_KIND_CHOICE, /* int, index into choices */
                              LERAY_KIND_INTS,   /* leray_ints; a single number is a list of one */
                              LERAY_KIND_REALS   /* leray_reals; likewise */
} leray_key_kind;

typedef struct leray_ints {
    int count;
    int64_t value[LERAY_LIST_MAX];
} leray_ints;

typedef struct leray_reals {
    int count;
    double value[LERAY_LIST_MAX];
} leray_reals;

typedef struct leray_key {
    const char *name; /* below its section, dotted */
    leray_key_kind kind;
    size_t offset;              /* of the member in the settings struct */
    const char *fallback;       /* the default as YAML text; NULL: the key is required */
    double min, max;            /* INT, REAL and each entry of INTS, REALS; both included */
    const char *unit;           /* "1" for numbers without one, "" for the rest */
    const char *help;           /* one line */
    const char *const *choices; /* CHOICE: ends with NULL */
    bool parameter;             /* may be varied over an ensemble: a REAL physical parameter */
} leray_key;

typedef struct leray_keys {
    const leray_key *row;
    int count;
} leray_keys;

/* One table: LERAY_KEYS(rows) makes a leray_keys from a static array. Rows are written with
   these, S being the settings struct and `member` its member. */
#define LERAY_KEYS(rows) ((leray_keys){(rows), (int)(sizeof(rows) / sizeof((rows)[0]))})
#define LERAY_KEY_INT(S, member, name, fallback, min, max, unit, help)                         \
    {                                                                                          \
        name, LERAY_KIND_INT, offsetof(S, member), fallback, min, max, unit, help, NULL, false \
    }
#define LERAY_KEY_REAL(S, member, name, fallback, min, max, unit, help)                         \
    {                                                                                           \
        name, LERAY_KIND_REAL, offsetof(S, member), fallback, min, max, unit, help, NULL, false \
    }
#define LERAY_KEY_PARAMETER(S, member, name, fallback, min, max, unit, help)                   \
    {                                                                                          \
        name, LERAY_KIND_REAL, offsetof(S, member), fallback, min, max, unit, help, NULL, true \
    }
#define LERAY_KEY_BOOL(S, member, name, fallback, help)                                   \
    {                                                                                     \
        name, LERAY_KIND_BOOL, offsetof(S, member), fallback, 0, 0, "", help, NULL, false \
    }
#define LERAY_KEY_TEXT(S, member, name, fallback, help)                                   \
    {                                                                                     \
        name, LERAY_KIND_TEXT, offsetof(S, member), fallback, 0, 0, "", help, NULL, false \
    }
#define LERAY_KEY_CHOICE(S, member, name, fallback, choices, help)                             \
    {                                                                                          \
        name, LERAY_KIND_CHOICE, offsetof(S, member), fallback, 0, 0, "", help, choices, false \
    }
#define LERAY_KEY_INTS(S, member, name, fallback, min, max, unit, help)                         \
    {                                                                                           \
        name, LERAY_KIND_INTS, offsetof(S, member), fallback, min, max, unit, help, NULL, false \
    }
#define LERAY_KEY_REALS(S, member, name, fallback, min, max, unit, help)                         \
    {                                                                                            \
        name, LERAY_KIND_REALS, offsetof(S, member), fallback, min, max, unit, help, NULL, false \
    }

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

/* Sets one key, over whatever the deck and the command line said of it. The value holds from the next
   resolve() on, which also checks it. A text may hold any characters of UTF-8. Errors: CONFIG, MEMORY. */
LERAY_NODISCARD leray_status leray_config_put_text(leray_config *cfg, const char *key,
                                                   const char *value);
LERAY_NODISCARD leray_status leray_config_put_int(leray_config *cfg, const char *key,
                                                  int64_t value);
LERAY_NODISCARD leray_status leray_config_put_real(leray_config *cfg, const char *key,
                                                   double value);
LERAY_NODISCARD leray_status leray_config_put_bool(leray_config *cfg, const char *key, bool value);
LERAY_NODISCARD leray_status leray_config_put_ints(leray_config *cfg, const char *key, int n,
                                                   const int *values);
/* Takes back what was put last; what the deck had resolved to before stays. */
void leray_config_drop_part(leray_config *cfg);

/* Forgets what was said of all but the n paths and what lies below them. */
void leray_config_keep(leray_config *cfg, int n, const char *const *paths);

/* The raw scalar at a dotted path, before or after resolve(); `fallback` where it is absent.
   This is how api/ finds out which component a section names. */
LERAY_NODISCARD leray_status leray_config_peek(const leray_config *cfg, const char *path,
                                               const char *fallback, char out[LERAY_TEXT_MAX]);

/* Names of the keys below `path` in the deck, in order; *out is one block of count pointers
   and their text, to be freed with leray_mem_free. */
LERAY_NODISCARD leray_status leray_config_names(const leray_config *cfg, const char *path,
                                                int *count, char ***out);

/* The tables need not outlive the call. On failure the deck keeps what it had resolved to before. */
LERAY_NODISCARD leray_status leray_config_resolve(leray_config *cfg, int n,
                                                  const leray_section *sections);

/* Whether the deck says anything in or below this section or key. */
bool leray_config_has(const leray_config *cfg, const char *section);

/* Fills *settings from the section. */
LERAY_NODISCARD leray_status leray_config_read(const leray_config *cfg, const char *section,
                                               leray_keys keys, void *settings);

/* Of a deck as leray_config_text gives it the wanted keys, a line "path: value" for each. */
LERAY_NODISCARD leray_status leray_config_part(const char *deck, bool (*wanted)(const char *path),
                                               char **out);

/* " (FILE:LINE:COL)" of a key, or "" if it has its default: for the errors of components
   whose checks go beyond a range. The text is valid until the next call on this thread. */
const char *leray_config_where(const leray_config *cfg, const char *section, const char *key);

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
