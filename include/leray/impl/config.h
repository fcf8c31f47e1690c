/* leray/impl/config.h - the table of a component's keys, and reading them into its settings.

   Every component declares one table of its keys. From that table come validation, the resolved
   config stored in every output, `leray list`, the reference page and completion. A deck is a YAML
   mapping of sections; a section holds the keys of one table. Keys may be dotted:
   "forcing.amplitude" in section "solver" is, in YAML,

       solver:
         forcing:
           amplitude: 0.1

   A component is made after the deck has been checked against the tables. Types, ranges and names
   are then right, and leray_config_read fails only if the table is not the one that was declared. */
#ifndef LERAY_IMPL_CONFIG_H
#define LERAY_IMPL_CONFIG_H

#include <leray/config.h>
#include <leray/impl/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LERAY_TEXT_MAX 4096 /* bytes of a text value, its final 0 included */
#define LERAY_LIST_MAX 512  /* entries of a list value */

typedef enum leray_key_kind {                    /* the member's type */
                              LERAY_KIND_INT,    /* int64_t */
                              LERAY_KIND_REAL,   /* double */
                              LERAY_KIND_BOOL,   /* bool */
                              LERAY_KIND_TEXT,   /* char [LERAY_TEXT_MAX] */
                              LERAY_KIND_CHOICE, /* int, index into choices */
                              LERAY_KIND_INTS,   /* leray_ints; a single number is a list of one */
                              LERAY_KIND_REALS,  /* leray_reals; likewise */
                              LERAY_KIND_TEXTS   /* leray_texts; likewise */
} leray_key_kind;

typedef struct leray_ints {
    int count;
    int64_t value[LERAY_LIST_MAX];
} leray_ints;

typedef struct leray_reals {
    int count;
    double value[LERAY_LIST_MAX];
} leray_reals;

/* Texts one after the other, each with its final 0. */
typedef struct leray_texts {
    int count;
    char text[LERAY_TEXT_MAX];
} leray_texts;

/* The next of them; NULL for `text` gives the first. In C: for (t = NULL, i = 0; i < list.count; i++) .. */
static inline const char *leray_texts_next(const leray_texts *list, const char *text)
{
    while (text && *text) text++;
    return text ? text + 1 : list->text;
}

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
#define LERAY_KEY_TEXTS(S, member, name, fallback, help)                                   \
    {                                                                                      \
        name, LERAY_KIND_TEXTS, offsetof(S, member), fallback, 0, 0, "", help, NULL, false \
    }
#define LERAY_KEY_REALS(S, member, name, fallback, min, max, unit, help)                         \
    {                                                                                            \
        name, LERAY_KIND_REALS, offsetof(S, member), fallback, min, max, unit, help, NULL, false \
    }

/* Fills *settings from the section. */
LERAY_API LERAY_NODISCARD leray_status leray_config_read(const leray_config *cfg,
                                                         const char *section, leray_keys keys,
                                                         void *settings);

/* " (FILE:LINE:COL)" of a key, or "" if it has its default: for the errors of components
   whose checks go beyond a range. The text is valid until the next call on this thread. */
LERAY_API const char *leray_config_where(const leray_config *cfg, const char *section,
                                         const char *key);

/* Sets one key, over whatever the deck and the command line said of it. The value holds from the next
   resolve() on, which also checks it. A text may hold any characters of UTF-8. Errors: CONFIG, MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_config_put_text(leray_config *cfg, const char *key,
                                                             const char *value);
LERAY_API LERAY_NODISCARD leray_status leray_config_put_int(leray_config *cfg, const char *key,
                                                            int64_t value);
LERAY_API LERAY_NODISCARD leray_status leray_config_put_real(leray_config *cfg, const char *key,
                                                             double value);
LERAY_API LERAY_NODISCARD leray_status leray_config_put_bool(leray_config *cfg, const char *key,
                                                             bool value);
LERAY_API LERAY_NODISCARD leray_status leray_config_put_ints(leray_config *cfg, const char *key,
                                                             int n, const int *values);

#ifdef __cplusplus
}
#endif
#endif
