/* core/config.c - what a deck says: its text, overrides, values set by the program. How it resolves
   against tables of keys is in core/config_resolve.c. */
#include "core/config_impl.h"

#include "core/file.h"
#include "core/mem.h"
#include "core/number.h"

#include <stdio.h>
#include <string.h>

/* ---- entries ---------------------------------------------------------------------------- */

static const leray_given *find(const leray_config *cfg, const char *path, bool shadows)
{
    for (int i = cfg->n_given - 1; i >= 0; i--)
        if ((shadows || !cfg->given[i].shadow) && strcmp(cfg->given[i].entry->path, path) == 0)
            return &cfg->given[i];
    return NULL;
}

const leray_given *leray_given_find(const leray_config *cfg, const char *path)
{
    return find(cfg, path, false);
}

const leray_given *leray_given_find_text(const leray_config *cfg, const char *path)
{
    return find(cfg, path, true);
}

static void describe_origin(const leray_part *p, const leray_yaml_entry *entry,
                            char out[LERAY_ORIGIN_MAX])
{
    if (p->kind == LERAY_PART_COMMAND) snprintf(out, LERAY_ORIGIN_MAX, "command line");
    else if (p->kind == LERAY_PART_PROGRAM) snprintf(out, LERAY_ORIGIN_MAX, "program");
    else snprintf(out, LERAY_ORIGIN_MAX, "%s:%d:%d", p->source, entry->line, entry->column);
    for (char *c = out; *c; c++) /* it becomes a comment of a deck: one line */
        if ((unsigned char)*c < ' ') *c = '?';
}

/* Within one part a path may come once: the dotted and the nested spelling of one key would
   otherwise hide each other. */
static leray_status add_given(leray_config *cfg, int part, leray_yaml_entry *entry)
{
    const leray_part *p = &cfg->parts[part];
    bool whole = p->key && strcmp(entry->path, p->key) == 0;
    const leray_given *before = leray_given_find(cfg, entry->path);
    char origin[LERAY_ORIGIN_MAX];
    leray_given *g;

    LERAY_CHECK(!before || before->part != part, LERAY_ERR_CONFIG,
                "%s:%d:%d: duplicate key '%s', first given at %s", p->source, entry->line,
                entry->column, entry->path, before ? before->origin : "");
    describe_origin(p, entry, origin);
    LERAY_TRY(leray_mem_grow((void *)&cfg->given, (size_t)cfg->n_given, (size_t)cfg->n_given + 1,
                             sizeof *cfg->given));
    g = &cfg->given[cfg->n_given++];
    g->entry = entry;
    g->part = part;
    g->raw = whole ? p->raw : NULL;
    g->shadow = whole && p->yaml.count > 1;
    return leray_mem_text(origin, &g->origin);
}

static leray_status add_part(leray_config *cfg, leray_part_kind kind, const char *source,
                             leray_part **out)
{
    *out = NULL;
    LERAY_TRY(leray_mem_grow((void *)&cfg->parts, (size_t)cfg->n_parts, (size_t)cfg->n_parts + 1,
                             sizeof *cfg->parts));
    *out = &cfg->parts[cfg->n_parts++];
    (*out)->kind = kind;
    return leray_mem_text(source, &(*out)->source);
}

/* All entries of the newest part. */
static leray_status give_part(leray_config *cfg)
{
    int part = cfg->n_parts - 1;
    leray_part *p = &cfg->parts[part];

    for (int i = 0; i < p->yaml.count; i++) LERAY_TRY(add_given(cfg, part, &p->yaml.entry[i]));
    return LERAY_OK;
}

static leray_status add_text(leray_config *cfg, const char *source, const char *text, size_t size,
                             const char *prefix)
{
    leray_part *p;

    LERAY_TRY(add_part(cfg, LERAY_PART_DECK, source, &p));
    LERAY_TRY(leray_yaml_parse(source, text, size, prefix, &p->yaml));
    return give_part(cfg);
}

/* As if it had not been said. */
void leray_config_drop_part(leray_config *cfg)
{
    leray_part *p = &cfg->parts[cfg->n_parts - 1];

    while (cfg->n_given > 0 && cfg->given[cfg->n_given - 1].part == cfg->n_parts - 1)
        leray_mem_free(cfg->given[--cfg->n_given].origin);
    leray_yaml_fini(&p->yaml);
    leray_mem_free(p->source);
    leray_mem_free(p->key);
    leray_mem_free(p->raw);
    leray_mem_free(p->complaint);
    memset(p, 0, sizeof *p);
    cfg->n_parts--;
}

/* ---- decks ------------------------------------------------------------------------------ */

leray_status leray_config_parse_below(const char *source, const char *text, const char *prefix,
                                      leray_config **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&cfg, 1));
    status = add_text(cfg, source, text, strlen(text), prefix);
    if (status) leray_config_destroy(&cfg);
    *out = cfg;
    return status;
}

leray_status leray_config_parse_text(const char *source, const char *text, leray_config **out)
{
    return leray_config_parse_below(source, text, "", out);
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

static leray_status copy_part(leray_config *to, const leray_part *from)
{
    leray_part *p;

    LERAY_TRY(add_part(to, from->kind, from->source, &p));
    if (from->key) LERAY_TRY(leray_mem_text(from->key, &p->key));
    if (from->raw) LERAY_TRY(leray_mem_text(from->raw, &p->raw));
    if (from->complaint) LERAY_TRY(leray_mem_text(from->complaint, &p->complaint));
    LERAY_TRY(leray_yaml_copy(&from->yaml, &p->yaml));
    return give_part(to);
}

/* Of a deck from which entries were left out (leray_config_keep), what the copy has too many. */
static void keep_as(leray_config *copy, const leray_config *cfg)
{
    int kept = 0;

    for (int i = 0; i < copy->n_given; i++) {
        const leray_given *g = kept < cfg->n_given ? &cfg->given[kept] : NULL;

        if (g && g->part == copy->given[i].part &&
            strcmp(g->entry->path, copy->given[i].entry->path) == 0)
            copy->given[kept++] = copy->given[i];
        else leray_mem_free(copy->given[i].origin);
    }
    copy->n_given = kept;
}

leray_status leray_config_copy(const leray_config *cfg, leray_config **out)
{
    leray_config *copy;
    leray_status status = LERAY_OK;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&copy, 1));
    for (int i = 0; i < cfg->n_parts && !status; i++) status = copy_part(copy, &cfg->parts[i]);
    if (status) leray_config_destroy(&copy);
    else keep_as(copy, cfg);
    *out = copy;
    return status;
}

/* ---- overrides -------------------------------------------------------------------------- */

/* The value as YAML, or where it is none, why: it may still be the value of a text. */
static leray_status read_override(leray_part *p, const char *key, const char *value)
{
    leray_status status;

    LERAY_TRY(leray_mem_text(key, &p->key));
    LERAY_TRY(leray_mem_text(value, &p->raw));
    status = leray_yaml_parse(p->source, value, strlen(value), key, &p->yaml);
    if (status == LERAY_ERR_CONFIG) LERAY_TRY(leray_mem_text(leray_error_message(), &p->complaint));
    else LERAY_TRY(status);
    if (p->complaint) p->complaint[strcspn(p->complaint, "\n")] = '\0';
    for (int i = 0; i < p->yaml.count; i++)
        if (strcmp(p->yaml.entry[i].path, key) == 0) return LERAY_OK;
    return leray_yaml_add(&p->yaml, key, *value ? 1 : 0, &value, false);
}

static leray_status override(leray_config *cfg, const char *key, const char *value)
{
    char source[LERAY_TEXT_MAX + 20];
    leray_part *p;

    snprintf(source, sizeof source, "command line (%s)", key);
    LERAY_TRY(leray_yaml_check_utf8(source, value));
    LERAY_TRY(add_part(cfg, LERAY_PART_COMMAND, source, &p));
    LERAY_TRY(read_override(p, key, value));
    return give_part(cfg);
}

leray_status leray_config_override_key(leray_config *cfg, const char *key, const char *value)
{
    int parts = cfg->n_parts;
    leray_status status;

    LERAY_CHECK(*key && strlen(key) < LERAY_TEXT_MAX, LERAY_ERR_CONFIG,
                "override '%.60s': write key.path=value, for instance solver.n=128", key);
    status = override(cfg, key, value);
    if (status && cfg->n_parts > parts) leray_config_drop_part(cfg);
    return status;
}

leray_status leray_config_override(leray_config *cfg, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    size_t n = equals ? (size_t)(equals - assignment) : 0;
    char key[LERAY_TEXT_MAX];

    LERAY_CHECK(equals && n > 0, LERAY_ERR_CONFIG,
                "override '%s': write key.path=value, for instance solver.n=128", assignment);
    LERAY_CHECK(n < sizeof key, LERAY_ERR_CONFIG, "override: the key is too long");
    memcpy(key, assignment, n);
    key[n] = '\0';
    return leray_config_override_key(cfg, key, equals + 1);
}

/* ---- values set by the program ---------------------------------------------------------- */

static leray_status put(leray_config *cfg, const char *key, int n, const char *const *items,
                        bool list)
{
    leray_part *p;

    LERAY_TRY(add_part(cfg, LERAY_PART_PROGRAM, "program", &p));
    LERAY_TRY(leray_yaml_add(&p->yaml, key, n, items, list));
    return give_part(cfg);
}

static leray_status put_items(leray_config *cfg, const char *key, int n, const char *const *items,
                              bool list)
{
    int parts = cfg->n_parts;
    leray_status status;

    LERAY_CHECK(*key && strlen(key) < LERAY_TEXT_MAX, LERAY_ERR_CONFIG,
                "'%.60s' is not the name of a key", key);
    status = put(cfg, key, n, items, list);
    if (status && cfg->n_parts > parts) leray_config_drop_part(cfg);
    return status;
}

leray_status leray_config_put_text(leray_config *cfg, const char *key, const char *value)
{
    LERAY_TRY(leray_yaml_check_utf8(key, value));
    return put_items(cfg, key, 1, &value, false);
}

leray_status leray_config_put_int(leray_config *cfg, const char *key, int64_t value)
{
    char text[32];
    const char *item = text;

    snprintf(text, sizeof text, "%lld", (long long)value);
    return put_items(cfg, key, 1, &item, false);
}

leray_status leray_config_put_real(leray_config *cfg, const char *key, double value)
{
    char text[40];
    const char *item = text;

    leray_print(text, sizeof text, "%.17g", value);
    return put_items(cfg, key, 1, &item, false);
}

leray_status leray_config_put_bool(leray_config *cfg, const char *key, bool value)
{
    const char *item = value ? "true" : "false";

    return put_items(cfg, key, 1, &item, false);
}

leray_status leray_config_put_ints(leray_config *cfg, const char *key, int n, const int *values)
{
    char text[LERAY_LIST_MAX][16];
    const char *items[LERAY_LIST_MAX];

    LERAY_CHECK(n >= 0 && n <= LERAY_LIST_MAX, LERAY_ERR_CONFIG,
                "%s: %d entries, at most %d are allowed", key, n, LERAY_LIST_MAX);
    for (int i = 0; i < n; i++) {
        snprintf(text[i], sizeof text[i], "%d", values[i]);
        items[i] = text[i];
    }
    return put_items(cfg, key, n, items, true);
}

/* ---- questions -------------------------------------------------------------------------- */

leray_status leray_config_peek(const leray_config *cfg, const char *path, const char *fallback,
                               char out[LERAY_TEXT_MAX])
{
    const leray_given *g = leray_given_find(cfg, path);
    const char *text = g && g->entry->items == 1 && !g->entry->list ? g->entry->item[0] : fallback;

    LERAY_CHECK(!g || (g->entry->items == 1 && !g->entry->list), LERAY_ERR_CONFIG,
                "%s: %s wants one value", g->origin, path);
    LERAY_CHECK(strlen(text) < LERAY_TEXT_MAX, LERAY_ERR_CONFIG, "%s is too long", path);
    strcpy(out, text);
    return LERAY_OK;
}

bool leray_path_below(const char *path, const char *prefix, const char **rest)
{
    size_t n = strlen(prefix);

    if (strncmp(path, prefix, n) != 0 || (n && path[n] != '.')) return false;
    *rest = path + n + (n ? 1 : 0);
    return true;
}

bool leray_path_within(const char *path, int n, const char *const *paths)
{
    const char *rest;

    for (int i = 0; i < n; i++)
        if (strcmp(path, paths[i]) == 0 || leray_path_below(path, paths[i], &rest)) return true;
    return false;
}

void leray_config_keep(leray_config *cfg, int n, const char *const *paths)
{
    int kept = 0;

    for (int i = 0; i < cfg->n_given; i++)
        if (leray_path_within(cfg->given[i].entry->path, n, paths))
            cfg->given[kept++] = cfg->given[i];
        else leray_mem_free(cfg->given[i].origin);
    memset(cfg->given + kept, 0, (size_t)(cfg->n_given - kept) * sizeof *cfg->given);
    cfg->n_given = kept;
}

char *const *leray_config_peek_list(const leray_config *cfg, const char *path, int *count)
{
    const leray_given *g = leray_given_find(cfg, path);

    *count = g ? g->entry->items : 0;
    return g ? g->entry->item : NULL;
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

        if (!leray_path_below(cfg->given[i].entry->path, path, &rest)) continue;
        n = strcspn(rest, ".");
        for (int k = 0; k < *count; k++)
            seen |= strlen((*out)[k]) == n && strncmp((*out)[k], rest, n) == 0;
        if (seen) continue;
        (*out)[(*count)++] = memcpy(block + used, rest, n);
        used += n + 1;
    }
    return LERAY_OK;
}

bool leray_config_has(const leray_config *cfg, const char *section)
{
    const char *rest;

    for (int i = 0; i < cfg->n_given; i++)
        if (strcmp(cfg->given[i].entry->path, section) == 0 ||
            leray_path_below(cfg->given[i].entry->path, section, &rest))
            return true;
    return false;
}

void leray_resolved_free(int n, leray_resolved *resolved)
{
    for (int i = 0; i < n; i++) {
        leray_mem_free(resolved[i].path);
        leray_mem_free(resolved[i].text);
    }
    leray_mem_free(resolved);
}

void leray_config_destroy(leray_config **cfg_at)
{
    leray_config *cfg = *cfg_at;

    if (!cfg) return;
    leray_resolved_free(cfg->n_resolved, cfg->resolved);
    while (cfg->n_parts > 0) leray_config_drop_part(cfg);
    leray_mem_free(cfg->given);
    leray_mem_free(cfg->parts);
    leray_mem_free(cfg);
    *cfg_at = NULL;
}
