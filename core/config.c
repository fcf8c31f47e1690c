/* core/config.c - decks: entries from YAML and overrides, resolved against tables of keys. */
#include "core/config.h"

#include "core/config_value.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/yaml.h"

#include <stdio.h>
#include <string.h>

#define ORIGIN_MAX 300

/* What the deck or the command line said. Later entries win over earlier ones. */
typedef struct given {
    leray_yaml_entry *entry; /* borrowed from a part's yaml */
    char *origin;            /* "file:line:column" or "command line" */
    bool from_override;
} given;

typedef struct part {
    leray_yaml yaml;
    char *source;
    bool override;
} part;

/* A key of the schema with its value. */
typedef struct resolved {
    char *path;
    leray_value value;
    char *text;
    const given *from; /* NULL: default */
} resolved;

struct leray_config {
    part *parts;
    int n_parts;
    given *given;
    int n_given;
    resolved *resolved;
    int n_resolved;
};

/* ---- parsing and overriding ------------------------------------------------------------- */

static given *find_given(const leray_config *cfg, const char *path)
{
    for (int i = cfg->n_given - 1; i >= 0; i--)
        if (strcmp(cfg->given[i].entry->path, path) == 0) return &cfg->given[i];
    return NULL;
}

/* Within one part a path may come once: the dotted and the nested spelling of one key would
   otherwise hide each other. */
static leray_status add_given(leray_config *cfg, const part *p, leray_yaml_entry *entry)
{
    char origin[ORIGIN_MAX];
    given *g = find_given(cfg, entry->path);

    LERAY_CHECK(!g || p->override, LERAY_ERR_CONFIG,
                "%s:%d:%d: duplicate key '%s', first given at %s", p->source, entry->line,
                entry->column, entry->path, g ? g->origin : "");
    if (p->override) snprintf(origin, sizeof origin, "command line");
    else snprintf(origin, sizeof origin, "%s:%d:%d", p->source, entry->line, entry->column);
    LERAY_TRY(leray_mem_grow((void *)&cfg->given, (size_t)cfg->n_given, (size_t)cfg->n_given + 1,
                             sizeof *cfg->given));
    g = &cfg->given[cfg->n_given++];
    g->entry = entry;
    g->from_override = p->override;
    return leray_mem_text(origin, &g->origin);
}

static leray_status add_part(leray_config *cfg, const char *source, const char *text, size_t size,
                             const char *prefix, bool override)
{
    part *p;

    LERAY_TRY(leray_mem_grow((void *)&cfg->parts, (size_t)cfg->n_parts, (size_t)cfg->n_parts + 1,
                             sizeof *cfg->parts));
    p = &cfg->parts[cfg->n_parts++];
    p->override = override;
    LERAY_TRY(leray_mem_text(source, &p->source));
    LERAY_TRY(leray_yaml_parse(source, text, size, prefix, &p->yaml));
    for (int i = 0; i < p->yaml.count; i++) LERAY_TRY(add_given(cfg, p, &p->yaml.entry[i]));
    return LERAY_OK;
}

leray_status leray_config_parse_text(const char *source, const char *text, leray_config **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&cfg, 1));
    status = add_part(cfg, source, text, strlen(text), "", false);
    if (status) leray_config_destroy(&cfg);
    *out = cfg;
    return status;
}

leray_status leray_config_parse_file(const char *path, leray_config **out)
{
    char *text;
    size_t size;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_file_read(path, &text, &size));
    status = strlen(text) == size ? leray_config_parse_text(path, text, out)
                                  : leray_error_raise(LERAY_ERR_CONFIG, __FILE__, __LINE__,
                                                      "%s: holds a zero byte", path);
    leray_mem_free(text);
    return status;
}

leray_status leray_config_override(leray_config *cfg, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    char path[LERAY_TEXT_MAX], source[LERAY_TEXT_MAX + 20];
    size_t n = equals ? (size_t)(equals - assignment) : 0;

    LERAY_CHECK(equals && n > 0, LERAY_ERR_CONFIG,
                "override '%s': write key.path=value, for instance solver.n=128", assignment);
    LERAY_CHECK(n < sizeof path, LERAY_ERR_CONFIG, "override: the key is too long");
    memcpy(path, assignment, n);
    path[n] = '\0';
    snprintf(source, sizeof source, "command line (%s)", path);
    return add_part(cfg, source, equals + 1, strlen(equals + 1), path, true);
}

leray_status leray_config_peek(const leray_config *cfg, const char *path, const char *fallback,
                               char out[LERAY_TEXT_MAX])
{
    const given *g = find_given(cfg, path);
    const char *text = g && g->entry->items == 1 && !g->entry->list ? g->entry->item[0] : fallback;

    LERAY_CHECK(!g || (g->entry->items == 1 && !g->entry->list), LERAY_ERR_CONFIG,
                "%s: %s wants one value", g->origin, path);
    LERAY_CHECK(strlen(text) < LERAY_TEXT_MAX, LERAY_ERR_CONFIG, "%s is too long", path);
    strcpy(out, text);
    return LERAY_OK;
}

static bool below(const char *path, const char *prefix, const char **rest)
{
    size_t n = strlen(prefix);

    if (strncmp(path, prefix, n) != 0 || (n && path[n] != '.')) return false;
    *rest = path + n + (n ? 1 : 0);
    return true;
}

leray_status leray_config_names(const leray_config *cfg, const char *path, int *count, char ***out)
{
    size_t bytes = ((size_t)cfg->n_given + 1) * sizeof(char *), used = bytes;
    const char *rest;
    char *block;

    *count = 0;
    for (int i = 0; i < cfg->n_given; i++) bytes += strlen(cfg->given[i].entry->path) + 1;
    LERAY_TRY(LERAY_ALLOC(&block, bytes));
    *out = (char **)(void *)block;
    for (int i = 0; i < cfg->n_given; i++) {
        bool seen = false;
        size_t n;

        if (!below(cfg->given[i].entry->path, path, &rest)) continue;
        n = strcspn(rest, ".");
        for (int k = 0; k < *count; k++)
            seen |= strlen((*out)[k]) == n && strncmp((*out)[k], rest, n) == 0;
        if (seen) continue;
        (*out)[(*count)++] = memcpy(block + used, rest, n);
        used += n + 1;
    }
    return LERAY_OK;
}

/* ---- resolving -------------------------------------------------------------------------- */

static resolved *find_resolved(const leray_config *cfg, const char *path)
{
    for (int i = 0; i < cfg->n_resolved; i++)
        if (strcmp(cfg->resolved[i].path, path) == 0) return &cfg->resolved[i];
    return NULL;
}

bool leray_config_has(const leray_config *cfg, const char *section)
{
    const char *rest;

    for (int i = 0; i < cfg->n_given; i++)
        if (strcmp(cfg->given[i].entry->path, section) == 0 ||
            below(cfg->given[i].entry->path, section, &rest))
            return true;
    return false;
}

static leray_status key_path(const char *section, const char *key, char out[LERAY_TEXT_MAX])
{
    int n = snprintf(out, LERAY_TEXT_MAX, "%s%s%s", section, *section ? "." : "", key);

    LERAY_CHECK(n >= 0 && n < LERAY_TEXT_MAX, LERAY_ERR_CONFIG, "key '%s' is too long", key);
    return LERAY_OK;
}

static leray_status value_of_default(const leray_key *key, const char *path, leray_value *value)
{
    leray_yaml yaml;
    leray_status status;

    LERAY_TRY(leray_yaml_parse("default", key->fallback, strlen(key->fallback), "value", &yaml));
    if (yaml.count == 1) status = leray_value_parse(key, path, "default", &yaml.entry[0], value);
    else status = leray_value_parse(key, path, "default", &(leray_yaml_entry){.path = NULL}, value);
    leray_yaml_fini(&yaml);
    return status;
}

static leray_status resolve_key(leray_config *cfg, const leray_section *s, const leray_key *key)
{
    char path[LERAY_TEXT_MAX], inherited[LERAY_TEXT_MAX];
    const given *g;
    resolved *r;

    LERAY_TRY(key_path(s->name, key->name, path));
    g = find_given(cfg, path);
    if (!g && s->inherit) {
        LERAY_TRY(key_path(s->inherit, key->name, inherited));
        g = find_given(cfg, inherited);
    }
    LERAY_CHECK(g || key->fallback, LERAY_ERR_CONFIG, "%s: required key '%s' is missing (%s)",
                cfg->n_parts ? cfg->parts[0].source : "config", path, key->help);
    LERAY_TRY(leray_mem_grow((void *)&cfg->resolved, (size_t)cfg->n_resolved,
                             (size_t)cfg->n_resolved + 1, sizeof *cfg->resolved));
    r = &cfg->resolved[cfg->n_resolved++];
    r->from = g;
    LERAY_TRY(leray_mem_text(path, &r->path));
    if (g) LERAY_TRY(leray_value_parse(key, path, g->origin, g->entry, &r->value));
    else LERAY_TRY(value_of_default(key, path, &r->value));
    return leray_value_text(key, &r->value, &r->text);
}

static void forget_resolved(leray_config *cfg)
{
    for (int i = 0; i < cfg->n_resolved; i++) {
        leray_mem_free(cfg->resolved[i].path);
        leray_mem_free(cfg->resolved[i].text);
    }
    leray_mem_free(cfg->resolved);
    cfg->resolved = NULL;
    cfg->n_resolved = 0;
}

/* The paths of all keys of a schema. */
typedef struct paths {
    int count;
    char (*text)[LERAY_TEXT_MAX];
    const char **name;     /* [count], of text */
    const leray_key **key; /* [count] */
} paths;

static leray_status list_paths(int n, const leray_section *sections, paths *p)
{
    size_t count = 0;

    for (int i = 0; i < n; i++) count += (size_t)sections[i].keys.count;
    LERAY_TRY(LERAY_ALLOC(&p->text, count));
    LERAY_TRY(LERAY_ALLOC(&p->name, count));
    LERAY_TRY(LERAY_ALLOC(&p->key, count));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < sections[i].keys.count; k++, p->count++) {
            p->key[p->count] = &sections[i].keys.row[k];
            LERAY_TRY(key_path(sections[i].name, p->key[p->count]->name, p->text[p->count]));
            p->name[p->count] = p->text[p->count];
        }
    return LERAY_OK;
}

static void free_paths(paths *p)
{
    leray_mem_free((void *)p->key);
    leray_mem_free((void *)p->name);
    leray_mem_free(p->text);
}

static int find_path(const paths *p, const char *path)
{
    for (int i = 0; i < p->count; i++)
        if (strcmp(p->name[i], path) == 0) return i;
    return -1;
}

/* The first key below a section, -1 if `path` is none. */
static int first_below(const paths *p, const char *path)
{
    const char *rest;

    for (int i = 0; i < p->count; i++)
        if (below(p->name[i], path, &rest)) return i;
    return -1;
}

/* The key that `path` lies below as if it were a section, -1 if there is none. */
static int key_above(const paths *p, const char *path)
{
    const char *rest;

    for (int i = 0; i < p->count; i++)
        if (below(path, p->name[i], &rest)) return i;
    return -1;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

/* A value where a section belongs: "model: fno" for "model: {type: fno}". What is to be written is told, with the
   value if it may be that of the section's first key, which names the component. */
static leray_status refuse_value(const given *g, const leray_key *key, const char *rest)
{
    const char *value = g->entry->items == 1 && !g->entry->list ? g->entry->item[0] : "";
    const char *words = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool text = key->kind == LERAY_KIND_TEXT || key->kind == LERAY_KIND_CHOICE;
    bool names = text && *value && strspn(value, words + 12) && !value[strspn(value, words)];

    if (g->from_override)
        LERAY_FAIL(LERAY_ERR_CONFIG, "%s: '%s' is a section, not a value: write '%s.%s=%s'",
                   g->origin, g->entry->path, g->entry->path, rest, names ? value : "..");
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s: '%s' is a section, not a value: write '%s: {%s: %s}'",
               g->origin, g->entry->path, last_part(g->entry->path), rest, names ? value : "..");
}

static leray_status refuse_section(const given *g, const char *path, const leray_key *key)
{
    const char *value = key->fallback && *key->fallback ? key->fallback : "..";

    LERAY_FAIL(LERAY_ERR_CONFIG,
               "%s: '%s' is a value, not a section with '%s': write '%s%s%s' (%s)", g->origin, path,
               g->entry->path + strlen(path) + 1, g->from_override ? path : last_part(path),
               g->from_override ? "=" : ": ", value, key->help);
}

/* Before anything else: a required key may be missing only because it is misspelled. */
static leray_status check_one(const given *g, const paths *p)
{
    const char *path = g->entry->path, *rest = "", *near;
    int section = first_below(p, path), above = key_above(p, path);

    if (find_path(p, path) >= 0) return LERAY_OK;
    if (section >= 0) {
        if (g->entry->items == 0 && !g->entry->list) return LERAY_OK; /* empty: "solver:" */
        (void)below(p->name[section], path, &rest);
        return refuse_value(g, p->key[section], rest);
    }
    if (above >= 0) return refuse_section(g, p->name[above], p->key[above]);
    near = leray_nearest_name(path, p->count, p->name);
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s: unknown key '%s'%s%s%s", g->origin, path,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static leray_status check_known(const leray_config *cfg, const paths *p)
{
    for (int i = 0; i < cfg->n_given; i++) LERAY_TRY(check_one(&cfg->given[i], p));
    return LERAY_OK;
}

leray_status leray_config_resolve(leray_config *cfg, int n, const leray_section *sections)
{
    paths p = {0};
    leray_status status;

    forget_resolved(cfg);
    status = list_paths(n, sections, &p);
    if (!status) status = check_known(cfg, &p);
    free_paths(&p);
    if (status) return status;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < sections[i].keys.count; k++)
            LERAY_TRY(resolve_key(cfg, &sections[i], &sections[i].keys.row[k]));
    return LERAY_OK;
}

/* ---- reading ---------------------------------------------------------------------------- */

leray_status leray_config_read(const leray_config *cfg, const char *section, leray_keys keys,
                               void *settings)
{
    char path[LERAY_TEXT_MAX];

    for (int k = 0; k < keys.count; k++) {
        const resolved *r;

        LERAY_TRY(key_path(section, keys.row[k].name, path));
        r = find_resolved(cfg, path);
        LERAY_CHECK(r, LERAY_ERR_CONFIG, "%s: required key '%s' is missing (%s)",
                    cfg->n_parts ? cfg->parts[0].source : "config", path, keys.row[k].help);
        leray_value_store(&keys.row[k], &r->value, (char *)settings + keys.row[k].offset);
    }
    return LERAY_OK;
}

const char *leray_config_where(const leray_config *cfg, const char *section, const char *key)
{
    static _Thread_local char text[ORIGIN_MAX + 4];
    char path[LERAY_TEXT_MAX];
    const given *g;

    text[0] = '\0';
    if (key_path(section, key, path)) return text;
    g = find_given(cfg, path);
    if (g) snprintf(text, sizeof text, " (%s)", g->origin);
    return text;
}

leray_status leray_config_from_section(const char *section, const char *yaml, leray_keys keys,
                                       leray_config **out)
{
    leray_section s = {section, keys, NULL};
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&cfg, 1));
    status = add_part(cfg, section, yaml, strlen(yaml), section, false);
    if (!status) status = leray_config_resolve(cfg, 1, &s);
    if (status) leray_config_destroy(&cfg);
    *out = cfg;
    return status;
}

void leray_config_destroy(leray_config **cfg_at)
{
    leray_config *cfg = *cfg_at;

    if (!cfg) return;
    forget_resolved(cfg);
    for (int i = 0; i < cfg->n_given; i++) leray_mem_free(cfg->given[i].origin);
    leray_mem_free(cfg->given);
    for (int i = 0; i < cfg->n_parts; i++) {
        leray_yaml_fini(&cfg->parts[i].yaml);
        leray_mem_free(cfg->parts[i].source);
    }
    leray_mem_free(cfg->parts);
    leray_mem_free(cfg);
    *cfg_at = NULL;
}

/* ---- the resolved deck as text ---------------------------------------------------------- */

/* Writes "a:\n  b: value" lines, opening the mappings that differ from the previous path. */
static int print_entry(char *out, size_t size, const char *previous, const resolved *r, int origins)
{
    const char *path = r->path;
    size_t shared = 0, used = 0;
    int depth = 0;

    for (size_t i = 0; path[i] && path[i] == previous[i]; i++)
        if (path[i] == '.') shared = i + 1;
    for (size_t i = 0; i < shared; i++) depth += path[i] == '.';
    for (path += shared; strchr(path, '.'); depth++) {
        int n = (int)strcspn(path, ".");

        used += (size_t)snprintf(out ? out + used : NULL, out ? size - used : 0, "%*s%.*s:\n",
                                 2 * depth, "", n, path);
        path += n + 1;
    }
    used += (size_t)snprintf(out ? out + used : NULL, out ? size - used : 0, "%*s%s: %s%s%s\n",
                             2 * depth, "", path, r->text, origins ? "  # " : "",
                             !origins  ? ""
                             : r->from ? r->from->origin
                                       : "default");
    return (int)used;
}

leray_status leray_config_text(const leray_config *cfg, int origins, char **out)
{
    size_t size = 1, used = 0;
    const char *previous = "";

    for (int i = 0; i < cfg->n_resolved; previous = cfg->resolved[i++].path)
        size += (size_t)print_entry(NULL, 0, previous, &cfg->resolved[i], origins);
    LERAY_TRY(LERAY_ALLOC(out, size));
    previous = "";
    for (int i = 0; i < cfg->n_resolved; previous = cfg->resolved[i++].path)
        used += (size_t)print_entry(*out + used, size - used, previous, &cfg->resolved[i], origins);
    return LERAY_OK;
}
