/* core/yaml.c - YAML through libfyaml. Lists hold scalars; mappings may nest. */
#include "core/yaml.h"

#include "core/mem.h"
#include "core/text.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 512

typedef struct reader {
    const char *source;
    leray_yaml *out;
} reader;

static leray_status add_item(leray_yaml_entry *e, const char *text, size_t n)
{
    char *copy;

    LERAY_TRY(LERAY_ALLOC(&copy, n + 1));
    if (n) memcpy(copy, text, n);
    e->item[e->items++] = copy;
    return LERAY_OK;
}

static leray_status add_scalar(leray_yaml_entry *e, struct fy_node *node)
{
    size_t n;
    const char *text = fy_node_get_scalar(node, &n);

    return add_item(e, text, n);
}

static leray_status fill(const reader *r, leray_yaml_entry *e, struct fy_node *node)
{
    void *at = NULL;
    int n = 1;

    if (!node || fy_node_is_null(node)) return LERAY_OK;
    e->list = fy_node_is_sequence(node);
    if (e->list) n = fy_node_sequence_item_count(node);
    LERAY_TRY(LERAY_ALLOC(&e->item, (size_t)n));
    if (!e->list) return add_scalar(e, node);
    for (struct fy_node *child; (child = fy_node_sequence_iterate(node, &at));) {
        LERAY_CHECK(fy_node_is_scalar(child) && !fy_node_is_alias(child), LERAY_ERR_CONFIG,
                    "%s:%d:%d: %s: a list holds plain values only", r->source, e->line, e->column,
                    e->path);
        LERAY_TRY(add_scalar(e, child));
    }
    return LERAY_OK;
}

static leray_status new_entry(leray_yaml *out, const char *path, leray_yaml_entry **e)
{
    *e = NULL;
    if (out->count == out->capacity) {
        int more = out->capacity ? 2 * out->capacity : 64;

        LERAY_TRY(leray_mem_grow((void *)&out->entry, (size_t)out->capacity, (size_t)more,
                                 sizeof *out->entry));
        out->capacity = more;
    }
    *e = &out->entry[out->count++];
    (*e)->line = (*e)->column = 1;
    return leray_mem_text(path, &(*e)->path);
}

static leray_status add_entry(const reader *r, const char *path, const struct fy_mark *mark,
                              struct fy_node *node)
{
    leray_yaml_entry *e;

    LERAY_TRY(new_entry(r->out, path, &e));
    if (mark) {
        e->line = mark->line + 1;
        e->column = mark->column + 1;
    }
    return fill(r, e, node);
}

static leray_status walk(const reader *r, const char *prefix, struct fy_node *mapping)
{
    void *at = NULL;

    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(mapping, &at));) {
        struct fy_node *key = fy_node_pair_key(pair), *value = fy_node_pair_value(pair);
        char path[PATH_MAX_BYTES];
        const struct fy_mark *mark;
        const char *name = NULL;
        size_t n = 0;
        int length;

        if (key && fy_node_is_scalar(key)) name = fy_node_get_scalar(key, &n);
        LERAY_CHECK(name && n, LERAY_ERR_CONFIG, "%s: a key below '%s' is not a plain word",
                    r->source, prefix);
        mark = fy_token_start_mark(fy_node_get_scalar_token(key));
        length = snprintf(path, sizeof path, "%s%s%.*s", prefix, *prefix ? "." : "", (int)n, name);
        LERAY_CHECK(length >= 0 && (size_t)length < sizeof path && strlen(path) == (size_t)length,
                    LERAY_ERR_CONFIG, "%s:%d: a key is too long or holds a zero byte", r->source,
                    mark ? mark->line + 1 : 1);
        LERAY_CHECK(!value || !fy_node_is_alias(value), LERAY_ERR_CONFIG,
                    "%s:%d: %s: an alias; write the value out", r->source,
                    mark ? mark->line + 1 : 1, path);
        if (value && fy_node_is_mapping(value) && !fy_node_mapping_is_empty(value))
            LERAY_TRY(walk(r, path, value));
        else if (value && fy_node_is_mapping(value)) LERAY_TRY(add_entry(r, path, mark, NULL));
        else LERAY_TRY(add_entry(r, path, mark, value));
    }
    return LERAY_OK;
}

static leray_status no_document(const char *source, struct fy_diag *diag)
{
    void *at = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);

    if (!e) return LERAY_OK; /* nothing but blanks and comments */
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s:%d:%d: %s", source, e->line, e->column, e->msg);
}

static leray_status read_document(const reader *r, const char *prefix, struct fy_document *document,
                                  struct fy_diag *diag)
{
    struct fy_node *root;

    if (!document) return no_document(r->source, diag);
    root = fy_document_root(document);
    if (!root || fy_node_is_null(root)) return LERAY_OK;
    if (*prefix && !fy_node_is_mapping(root)) return add_entry(r, prefix, NULL, root);
    LERAY_CHECK(fy_node_is_mapping(root), LERAY_ERR_CONFIG,
                "%s:1:1: a deck is a mapping of sections: 'solver: {...}'", r->source);
    return walk(r, prefix, root);
}

/* "? key": a question mark and a blank where an item may begin. */
static bool is_explicit_key(const char *text, size_t i, size_t size)
{
    size_t before = i;

    if (text[i] != '?' || (i + 1 < size && !strchr(" \r\n", text[i + 1]))) return false;
    while (before > 0 && text[before - 1] == ' ') before--;
    return before == 0 || strchr("\n{[,-:?", text[before - 1]);
}

/* What libfyaml 0.7.12 cannot be trusted with never reaches it: it loops for ever on some texts
   that are not UTF-8, and crashes on some with explicit keys and tabs. A deck needs neither. */
static leray_status check_text(const char *source, const char *text, size_t size)
{
    int line = 1;

    for (size_t i = 0, n; i < size; i += n) {
        unsigned char c = (unsigned char)text[i];

        n = leray_utf8_length(text + i, size - i);
        LERAY_CHECK(n, LERAY_ERR_CONFIG, "%s:%d: byte 0x%02x is not UTF-8", source, line, c);
        LERAY_CHECK(c != '\t', LERAY_ERR_CONFIG, "%s:%d: a tab; use spaces", source, line);
        LERAY_CHECK((c >= ' ' && c != 127) || c == '\n' || c == '\r', LERAY_ERR_CONFIG,
                    "%s:%d: control character 0x%02x", source, line, c);
        LERAY_CHECK(!is_explicit_key(text, i, size), LERAY_ERR_CONFIG,
                    "%s:%d: an explicit key ('? '); write 'key: value'", source, line);
        line += c == '\n';
    }
    return LERAY_OK;
}

/* "---" or "..." at the beginning of a line, alone or before a blank. */
static bool is_marker(const char *line, size_t size, const char *marker)
{
    return size >= 3 && strncmp(line, marker, 3) == 0 && (size == 3 || strchr(" \r", line[3]));
}

/* A deck is one document: of a second one libfyaml would tell nothing. Markers stand at the beginning of a line, and
   no value may have them there. */
static leray_status check_documents(const char *source, const char *text, size_t size)
{
    bool begun = false, ended = false;
    int line = 1;

    for (size_t i = 0; i < size; line++) {
        const char *at = text + i, *end = memchr(at, '\n', size - i);
        size_t n = end ? (size_t)(end - at) : size - i, blank = strspn(at, " \r");
        bool empty = blank >= n || at[blank] == '#';

        if (is_marker(at, n, "...")) ended = begun;
        else if (is_marker(at, n, "---") || !empty) {
            LERAY_CHECK(!ended && !(begun && is_marker(at, n, "---")), LERAY_ERR_CONFIG,
                        "%s:%d:1: a second document begins here; a deck is one: write another "
                        "deck into a file of its own",
                        source, line);
            begun |= at[0] != '%'; /* a directive stands before the first document */
        }
        i += n + 1;
    }
    return LERAY_OK;
}

leray_status leray_yaml_parse(const char *source, const char *text, size_t size, const char *prefix,
                              leray_yaml *out)
{
    reader r = {source, out};
    struct fy_diag_cfg diag_cfg;
    struct fy_parse_cfg cfg = {.flags = FYPCF_DEFAULT_PARSE | FYPCF_QUIET | FYPCF_COLLECT_DIAG};
    struct fy_document *document;
    leray_status status;

    memset(out, 0, sizeof *out);
    LERAY_TRY(check_text(source, text, size));
    LERAY_TRY(check_documents(source, text, size));
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    cfg.diag = fy_diag_create(&diag_cfg);
    LERAY_CHECK(cfg.diag, LERAY_ERR_MEMORY, "libfyaml cannot make its diagnostics");
    fy_diag_set_collect_errors(cfg.diag, true);
    document = fy_document_build_from_string(&cfg, text, size);
    status = read_document(&r, prefix, document, cfg.diag);
    fy_document_destroy(document);
    fy_diag_destroy(cfg.diag);
    if (status) leray_yaml_fini(out);
    return status;
}

leray_status leray_yaml_add(leray_yaml *yaml, const char *path, int n, const char *const *items,
                            bool list)
{
    leray_yaml_entry *e;

    LERAY_TRY(new_entry(yaml, path, &e));
    e->list = list;
    LERAY_TRY(LERAY_ALLOC(&e->item, (size_t)n));
    for (int i = 0; i < n; i++) LERAY_TRY(add_item(e, items[i], strlen(items[i])));
    return LERAY_OK;
}

leray_status leray_yaml_copy(const leray_yaml *yaml, leray_yaml *out)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < yaml->count; i++) {
        const leray_yaml_entry *e = &yaml->entry[i];

        LERAY_TRY(leray_yaml_add(out, e->path, e->items, (const char *const *)e->item, e->list));
        out->entry[i].line = e->line;
        out->entry[i].column = e->column;
    }
    return LERAY_OK;
}

leray_status leray_yaml_check_utf8(const char *source, const char *text)
{
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        n = leray_utf8_length(text, left);
        LERAY_CHECK(n, LERAY_ERR_CONFIG, "%s: byte 0x%02x is not UTF-8", source,
                    (unsigned char)*text);
    }
    return LERAY_OK;
}

void leray_yaml_fini(leray_yaml *yaml)
{
    for (int i = 0; i < yaml->count; i++) {
        for (int k = 0; k < yaml->entry[i].items; k++) leray_mem_free(yaml->entry[i].item[k]);
        leray_mem_free(yaml->entry[i].item);
        leray_mem_free(yaml->entry[i].path);
    }
    leray_mem_free(yaml->entry);
    memset(yaml, 0, sizeof *yaml);
}
