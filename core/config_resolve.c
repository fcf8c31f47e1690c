/* core/config_resolve.c - a deck against the tables of keys: what is known, what each key's value is, and
   the resolved deck as text. */
#include "core/config_impl.h"

#include "core/mem.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

static const leray_resolved *find_resolved(const leray_config *cfg, const char *path)
{
    for (int i = 0; i < cfg->n_resolved; i++)
        if (strcmp(cfg->resolved[i].path, path) == 0) return &cfg->resolved[i];
    return NULL;
}

static const char *name_of(const leray_config *cfg)
{
    return cfg->n_parts ? cfg->parts[0].source : "config";
}

static leray_status key_path(const char *section, const char *key, char out[LERAY_TEXT_MAX])
{
    int n = snprintf(out, LERAY_TEXT_MAX, "%s%s%s", section, *section ? "." : "", key);

    LERAY_CHECK(n >= 0 && n < LERAY_TEXT_MAX, LERAY_ERR_CONFIG, "key '%s' is too long", key);
    return LERAY_OK;
}

static bool of_command_line(const leray_config *cfg, const leray_given *g)
{
    return cfg->parts[g->part].kind == LERAY_PART_COMMAND;
}

/* ---- what is known ---------------------------------------------------------------------- */

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
        if (leray_path_below(p->name[i], path, &rest)) return i;
    return -1;
}

/* The key that `path` lies below as if it were a section, -1 if there is none. */
static int key_above(const paths *p, const char *path)
{
    const char *rest;

    for (int i = 0; i < p->count; i++)
        if (leray_path_below(path, p->name[i], &rest)) return i;
    return -1;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

/* A value where a section belongs: "model: fno" for "model: {type: fno}". What is to be written is told, with the
   value if it may be that of the section's first key, which names the component. */
static leray_status refuse_value(const leray_config *cfg, const leray_given *g,
                                 const leray_key *key, const char *rest)
{
    const char *value = g->entry->items == 1 && !g->entry->list ? g->entry->item[0] : "";
    const char *words = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool text = key->kind == LERAY_KIND_TEXT || key->kind == LERAY_KIND_CHOICE;
    bool names = text && *value && strspn(value, words + 12) && !value[strspn(value, words)];

    if (of_command_line(cfg, g))
        LERAY_FAIL(LERAY_ERR_CONFIG, "%s: '%s' is a section, not a value: write '%s.%s=%s'",
                   g->origin, g->entry->path, g->entry->path, rest, names ? value : "..");
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s: '%s' is a section, not a value: write '%s: {%s: %s}'",
               g->origin, g->entry->path, last_part(g->entry->path), rest, names ? value : "..");
}

static leray_status refuse_section(const leray_config *cfg, const leray_given *g, const char *path,
                                   const leray_key *key)
{
    const char *value = key->fallback && *key->fallback ? key->fallback : "..";
    bool command = of_command_line(cfg, g);

    LERAY_FAIL(LERAY_ERR_CONFIG,
               "%s: '%s' is a value, not a section with '%s': write '%s%s%s' (%s)", g->origin, path,
               g->entry->path + strlen(path) + 1, command ? path : last_part(path),
               command ? "=" : ": ", value, key->help);
}

static bool is_text(const paths *p, const char *path)
{
    int at = find_path(p, path);

    return at >= 0 && p->key[at]->kind == LERAY_KIND_TEXT;
}

static leray_status check_given(const leray_config *cfg, const paths *p, const leray_given *g)
{
    const leray_part *part = &cfg->parts[g->part];
    const char *path = g->entry->path, *rest = "", *near;
    int section = first_below(p, path), above = key_above(p, path);

    if (g->shadow || (part->key && is_text(p, part->key))) return LERAY_OK;
    LERAY_CHECK(!part->complaint, LERAY_ERR_CONFIG, "%s", part->complaint);
    if (find_path(p, path) >= 0) return LERAY_OK;
    if (section >= 0) {
        if (g->entry->items == 0 && !g->entry->list) return LERAY_OK; /* empty: "solver:" */
        (void)leray_path_below(p->name[section], path, &rest);
        return refuse_value(cfg, g, p->key[section], rest);
    }
    if (above >= 0) return refuse_section(cfg, g, p->name[above], p->key[above]);
    near = leray_nearest_name(path, p->count, p->name);
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s: unknown key '%s'%s%s%s", g->origin, path,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Before anything else: a required key may be missing only because it is misspelled. */
static leray_status check_known(const leray_config *cfg, int n, const leray_section *sections)
{
    paths p = {0};
    leray_status status = list_paths(n, sections, &p);

    for (int i = 0; i < cfg->n_given && !status; i++) status = check_given(cfg, &p, &cfg->given[i]);
    leray_mem_free((void *)p.key);
    leray_mem_free((void *)p.name);
    leray_mem_free(p.text);
    return status;
}

/* ---- values ----------------------------------------------------------------------------- */

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

/* An override of a text is the text itself, unless it is in quotes: then it is YAML. */
static bool is_literal(const leray_config *cfg, const leray_given *g)
{
    const leray_yaml_entry *e = g->entry;
    bool scalar = e->items == 1 && !e->list && !g->shadow && !cfg->parts[g->part].complaint;

    return g->raw && !(scalar && (g->raw[0] == '"' || g->raw[0] == '\''));
}

static leray_status value_of_given(const leray_config *cfg, const leray_key *key, const char *path,
                                   const leray_given *g, leray_value *value)
{
    char *raw = (char *)(size_t)g->raw; /* is only read */
    leray_yaml_entry literal = {.item = &raw, .items = 1};
    bool text = key->kind == LERAY_KIND_TEXT && is_literal(cfg, g);

    return leray_value_parse(key, path, g->origin, text ? &literal : g->entry, value);
}

static const leray_given *find_given(const leray_config *cfg, const leray_key *key,
                                     const char *path)
{
    return key->kind == LERAY_KIND_TEXT ? leray_given_find_text(cfg, path)
                                        : leray_given_find(cfg, path);
}

static leray_status resolve_key(const leray_config *cfg, const leray_section *s,
                                const leray_key *key, leray_resolved *r)
{
    char path[LERAY_TEXT_MAX], inherited[LERAY_TEXT_MAX];
    const leray_given *g;

    LERAY_TRY(key_path(s->name, key->name, path));
    g = find_given(cfg, key, path);
    if (!g && s->inherit) {
        LERAY_TRY(key_path(s->inherit, key->name, inherited));
        g = find_given(cfg, key, inherited);
    }
    LERAY_CHECK(g || key->fallback, LERAY_ERR_CONFIG, "%s: required key '%s' is missing (%s)",
                name_of(cfg), path, key->help);
    r->from = g ? (int)(g - cfg->given) : -1;
    LERAY_TRY(leray_mem_text(path, &r->path));
    if (g) LERAY_TRY(value_of_given(cfg, key, path, g, &r->value));
    else LERAY_TRY(value_of_default(key, path, &r->value));
    return leray_value_text(key, &r->value, &r->text);
}

/* On failure the deck keeps what it had resolved to before. */
leray_status leray_config_resolve(leray_config *cfg, int n, const leray_section *sections)
{
    leray_resolved *all;
    size_t count = 0;
    int done = 0;
    leray_status status = LERAY_OK;

    LERAY_TRY(check_known(cfg, n, sections));
    for (int i = 0; i < n; i++) count += (size_t)sections[i].keys.count;
    LERAY_TRY(LERAY_ALLOC(&all, count));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < sections[i].keys.count && !status; k++)
            status = resolve_key(cfg, &sections[i], &sections[i].keys.row[k], &all[done++]);
    if (status) {
        leray_resolved_free(done, all);
        return status;
    }
    leray_resolved_free(cfg->n_resolved, cfg->resolved);
    cfg->resolved = all;
    cfg->n_resolved = done;
    return LERAY_OK;
}

leray_status leray_config_from_section(const char *section, const char *yaml, leray_keys keys,
                                       leray_config **out)
{
    leray_section s = {section, keys, NULL};
    leray_status status;

    LERAY_TRY(leray_config_parse_below(section, yaml, section, out));
    status = leray_config_resolve(*out, 1, &s);
    if (status) leray_config_destroy(out);
    return status;
}

leray_status leray_config_read(const leray_config *cfg, const char *section, leray_keys keys,
                               void *settings)
{
    char path[LERAY_TEXT_MAX];

    for (int k = 0; k < keys.count; k++) {
        const leray_resolved *r;

        LERAY_TRY(key_path(section, keys.row[k].name, path));
        r = find_resolved(cfg, path);
        LERAY_CHECK(r, LERAY_ERR_CONFIG, "%s: required key '%s' is missing (%s)", name_of(cfg),
                    path, keys.row[k].help);
        leray_value_store(&keys.row[k], &r->value, (char *)settings + keys.row[k].offset);
    }
    return LERAY_OK;
}

const char *leray_config_where(const leray_config *cfg, const char *section, const char *key)
{
    static _Thread_local char text[LERAY_ORIGIN_MAX + 4];
    char path[LERAY_TEXT_MAX];
    const leray_given *g;

    text[0] = '\0';
    if (key_path(section, key, path)) return text;
    g = leray_given_find(cfg, path);
    if (g) snprintf(text, sizeof text, " (%s)", g->origin);
    return text;
}

/* ---- the resolved deck as text ---------------------------------------------------------- */

/* One word of a path, as a key of YAML. */
static void add_name(leray_text *out, const char *path, int n)
{
    char word[LERAY_TEXT_MAX], name[LERAY_VALUE_TEXT];

    snprintf(word, sizeof word, "%.*s", n, path);
    leray_value_quote(name, word);
    leray_text_add(out, "%s", name);
}

/* "a:\n  b: value" lines, opening the mappings that differ from the previous path. */
static void add_entry(leray_text *out, const char *previous, const leray_resolved *r)
{
    const char *path = r->path;
    size_t shared = 0;
    int depth = 0;

    for (size_t i = 0; path[i] && path[i] == previous[i]; i++)
        if (path[i] == '.') shared = i + 1;
    for (size_t i = 0; i < shared; i++) depth += path[i] == '.';
    for (path += shared; strchr(path, '.'); depth++) {
        int n = (int)strcspn(path, ".");

        leray_text_add(out, "%*s", 2 * depth, "");
        add_name(out, path, n);
        leray_text_add(out, ":\n");
        path += n + 1;
    }
    leray_text_add(out, "%*s", 2 * depth, "");
    add_name(out, path, (int)strlen(path));
    leray_text_add(out, ": %s", r->text);
}

static leray_status print(const leray_config *cfg, int n, const char *const *only, bool origins,
                          char **out)
{
    leray_text text = {0};
    const char *previous = "";

    for (int i = 0; i < cfg->n_resolved; i++) {
        const leray_resolved *r = &cfg->resolved[i];

        if (only && !leray_path_within(r->path, n, only)) continue;
        add_entry(&text, previous, r);
        previous = r->path;
        if (origins)
            leray_text_add(&text, "  # %s", r->from < 0 ? "default" : cfg->given[r->from].origin);
        leray_text_add(&text, "\n");
    }
    return leray_text_finish(&text, out);
}

leray_status leray_config_text(const leray_config *cfg, int origins, char **out)
{
    return print(cfg, 0, NULL, origins != 0, out);
}

leray_status leray_config_text_of(const leray_config *cfg, int n, const char *const *only,
                                  char **out)
{
    return print(cfg, n, only, false, out);
}
