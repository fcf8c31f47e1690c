/* core/config_impl.h - the inside of a deck: what was said, and what it resolves to. Private to core/config*.c.

   A deck is made of parts, in the order in which they were said: the text of the file, then overrides
   of the command line and values set by the program. Later parts win. Each part holds entries (paths
   with texts); `given` lists the entries of all parts in order.

   An override is read before anyone knows the type of its key. It is read as YAML, and its own
   characters are kept beside that: a key of type text takes those (leray_given_text). */
#ifndef LERAY_CORE_CONFIG_IMPL_H
#define LERAY_CORE_CONFIG_IMPL_H

#include "core/config.h"
#include "core/config_value.h"
#include "core/yaml.h"

#define LERAY_ORIGIN_MAX 300

typedef enum leray_part_kind {
    LERAY_PART_DECK,    /* the text of a deck */
    LERAY_PART_COMMAND, /* key.path=value of a command line */
    LERAY_PART_PROGRAM  /* a value set by a call */
} leray_part_kind;

typedef struct leray_part {
    leray_part_kind kind;
    char *source;
    leray_yaml yaml;
    char *key, *raw; /* COMMAND: the key, and its value as it was typed; else NULL */
    char *complaint; /* COMMAND: why the value is no YAML; NULL: it is */
} leray_part;

typedef struct leray_given {
    leray_yaml_entry *entry; /* borrowed from its part */
    char *origin;            /* "file:line:column", "command line" or "program" */
    int part;
    const char *raw; /* of the entry that is a whole override: its characters; else NULL */
    bool shadow;     /* such an entry whose value is a mapping: only a key of type text sees it */
} leray_given;

/* A key of the schema with its value. */
typedef struct leray_resolved {
    char *path;
    leray_value value;
    char *text;
    int from; /* in `given`; -1: default */
} leray_resolved;

struct leray_config {
    leray_part *parts;
    int n_parts;
    leray_given *given;
    int n_given;
    leray_resolved *resolved;
    int n_resolved;
};

/* The last entry at this path, shadows left out; NULL if there is none. */
const leray_given *leray_given_find(const leray_config *cfg, const char *path);
/* The last one, shadows included. */
const leray_given *leray_given_find_text(const leray_config *cfg, const char *path);
/* The deck of a text whose paths all lie below prefix. */
LERAY_NODISCARD leray_status leray_config_parse_below(const char *source, const char *text,
                                                      const char *prefix, leray_config **out);
void leray_resolved_free(int n, leray_resolved *resolved);
/* Whether path lies below prefix ("" : everything does); *rest is then the part below it. */
bool leray_path_below(const char *path, const char *prefix, const char **rest);
/* Whether path is one of the n, or lies below one. */
bool leray_path_within(const char *path, int n, const char *const *paths);

#endif
