/* core/config_value.c - checks and conversions of single values. */
#include "core/config_value.h"

#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "in [0, 10]", "at least 0", "at most 10" or "any number", as the table says. */
static const char *range_text(const leray_key *key, char out[96])
{
    bool low = key->min > -1e300, high = key->max < 1e300;

    if (low && high) leray_print(out, 96, "in [%.12g, %.12g]", key->min, key->max);
    else if (low) leray_print(out, 96, "at least %.12g", key->min);
    else if (high) leray_print(out, 96, "at most %.12g", key->max);
    else leray_print(out, 96, "any number");
    return out;
}

static leray_status parse_real(const leray_key *key, const char *path, const char *origin,
                               const char *text, double *out)
{
    char range[96], *end;
    double x;

    errno = 0;
    x = leray_number_read(text, &end);
    LERAY_CHECK(end != text && *end == '\0' && errno == 0 && isfinite(x), LERAY_ERR_CONFIG,
                "%s: %s = '%s' is not a number; it must be %s", origin, path, text,
                range_text(key, range));
    LERAY_CHECK(x >= key->min && x <= key->max, LERAY_ERR_CONFIG,
                "%s: %s = %s is out of range: it must be %s", origin, path, text,
                range_text(key, range));
    *out = x;
    return LERAY_OK;
}

/* "4096" and "4e3" are integers; "4.5" is not. */
static leray_status parse_int(const leray_key *key, const char *path, const char *origin,
                              const char *text, int64_t *out)
{
    char range[96], *end;
    long long x;
    double real;

    LERAY_TRY(parse_real(key, path, origin, text, &real));
    errno = 0;
    x = strtoll(text, &end, 10);
    if (*end != '\0' && real == floor(real) && fabs(real) < 0x1p53) {
        x = (long long)real;
        end = "";
    }
    LERAY_CHECK(*end == '\0' && errno == 0, LERAY_ERR_CONFIG,
                "%s: %s = '%s' is not an integer; it must be a whole number %s", origin, path, text,
                range_text(key, range));
    *out = x;
    return LERAY_OK;
}

static leray_status parse_bool(const char *path, const char *origin, const char *text, bool *out)
{
    *out = strcmp(text, "true") == 0;
    LERAY_CHECK(*out || strcmp(text, "false") == 0, LERAY_ERR_CONFIG,
                "%s: %s = '%s' must be true or false", origin, path, text);
    return LERAY_OK;
}

static leray_status parse_choice(const leray_key *key, const char *path, const char *origin,
                                 const char *text, int *out)
{
    char all[512] = "";
    const char *near;
    int n = 0;

    for (; key->choices[n]; n++) {
        if (strcmp(key->choices[n], text) == 0) {
            *out = n;
            return LERAY_OK;
        }
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", n ? ", " : "",
                 key->choices[n]);
    }
    near = leray_nearest_name(text, n, key->choices);
    LERAY_FAIL(LERAY_ERR_CONFIG, "%s: %s = '%s' must be one of: %s%s%s%s", origin, path, text, all,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static leray_status parse_list(const leray_key *key, const char *path, const char *origin,
                               const leray_yaml_entry *e, leray_value *out)
{
    LERAY_CHECK(e->items <= LERAY_LIST_MAX, LERAY_ERR_CONFIG,
                "%s: %s has %d entries, at most %d are allowed", origin, path, e->items,
                LERAY_LIST_MAX);
    for (int i = 0; i < e->items; i++)
        if (key->kind == LERAY_KIND_INTS)
            LERAY_TRY(parse_int(key, path, origin, e->item[i], &out->ints.value[i]));
        else LERAY_TRY(parse_real(key, path, origin, e->item[i], &out->reals.value[i]));
    if (key->kind == LERAY_KIND_INTS) out->ints.count = e->items;
    else out->reals.count = e->items;
    return LERAY_OK;
}

static leray_status parse_texts(const char *path, const char *origin, const leray_yaml_entry *e,
                                leray_texts *out)
{
    size_t used = 0;

    for (int i = 0; i < e->items; i++) {
        size_t n = strlen(e->item[i]) + 1;

        LERAY_CHECK(n <= sizeof out->text - used, LERAY_ERR_CONFIG,
                    "%s: the entries of %s are longer than %d bytes together", origin, path,
                    LERAY_TEXT_MAX);
        memcpy(out->text + used, e->item[i], n);
        used += n;
    }
    out->count = e->items;
    return LERAY_OK;
}

leray_status leray_value_parse(const leray_key *key, const char *path, const char *origin,
                               const leray_yaml_entry *e, leray_value *out)
{
    const char *text = e->items == 1 ? e->item[0] : "";

    memset(out, 0, sizeof *out);
    if (key->kind == LERAY_KIND_INTS || key->kind == LERAY_KIND_REALS)
        return parse_list(key, path, origin, e, out);
    if (key->kind == LERAY_KIND_TEXTS) return parse_texts(path, origin, e, &out->texts);
    LERAY_CHECK(!e->list, LERAY_ERR_CONFIG, "%s: %s wants one value, not a list", origin, path);
    LERAY_CHECK(e->items == 1 || key->kind == LERAY_KIND_TEXT, LERAY_ERR_CONFIG,
                "%s: %s has no value (%s)", origin, path, key->help);
    switch (key->kind) {
    case LERAY_KIND_INT: return parse_int(key, path, origin, text, &out->integer);
    case LERAY_KIND_REAL: return parse_real(key, path, origin, text, &out->real);
    case LERAY_KIND_BOOL: return parse_bool(path, origin, text, &out->boolean);
    case LERAY_KIND_CHOICE: return parse_choice(key, path, origin, text, &out->choice);
    default: break;
    }
    LERAY_CHECK(strlen(text) < sizeof out->text, LERAY_ERR_CONFIG, "%s: %s is longer than %d bytes",
                origin, path, LERAY_TEXT_MAX - 1);
    strcpy(out->text, text);
    return LERAY_OK;
}

/* Shortest decimal that reads back as the same double; without an exponent up to 999999. */
static int print_real(char *out, size_t size, double x)
{
    int n = 0, whole = 1;

    for (double a = fabs(x); a >= 10 && whole < 6; a /= 10) whole++;
    if (fabs(x) >= 1e6) whole = 1;
    for (int digits = whole; digits <= 17; digits++) {
        n = leray_print(out, size, "%.*g", digits, x);
        if (leray_number_read(out, NULL) == x) break;
    }
    return n;
}

/* Letters, digits and what else can stand in a plain scalar of any YAML without a second meaning. */
static bool is_plain(const char *text)
{
    size_t n = strlen(text);

    if (n == 0 || text[n - 1] == ' ' || strspn(text, "-.=+ ") > 0) return false;
    for (size_t i = 0; i < n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-=()^;<$ ",
                    text[i]))
            return false;
    return strcasecmp(text, "null") != 0;
}

/* Characters that are line ends, or not to be printed, in YAML: U+0080 .. U+009F, U+2028, U+2029, U+FEFF,
   U+FFFE, U+FFFF. Returns the bytes of such a one at p, 0 if there is none. */
static size_t special(const unsigned char *p, unsigned *code)
{
    if (p[0] == 0xC2 && p[1] < 0xA0) *code = p[1];
    else if (p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9)) *code = 0x1F80u + p[2];
    else if (p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) *code = 0xFEFF;
    else if (p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE) *code = 0xFF40u + p[2];
    else return 0;
    return p[0] == 0xC2 ? 2 : 3;
}

/* A question mark is written by its number because the reader refuses what looks like an explicit key. */
void leray_value_quote(char out[LERAY_VALUE_TEXT], const char *text)
{
    size_t n = 0;

    if (is_plain(text)) {
        snprintf(out, LERAY_VALUE_TEXT, "%s", text);
        return;
    }
    out[n++] = '"';
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        unsigned code = *p;
        size_t bytes = special(p, &code);

        if (bytes) n += (size_t)snprintf(out + n, 8, "\\u%04x", code);
        else if (*p == '"' || *p == '\\') out[n++] = '\\', out[n++] = (char)*p;
        else if (*p < 32 || *p == 127 || *p == '?')
            n += (size_t)snprintf(out + n, 8, "\\x%02x", *p);
        else out[n++] = (char)*p;
        p += bytes ? bytes : 1;
    }
    out[n++] = '"';
    out[n] = '\0';
}

static void print_list(const leray_key *key, const leray_value *v, char *out, size_t size)
{
    int count = key->kind == LERAY_KIND_INTS ? v->ints.count : v->reals.count;
    size_t n = (size_t)snprintf(out, size, "[");

    for (int i = 0; i < count; i++) {
        n += (size_t)snprintf(out + n, size - n, i ? ", " : "");
        if (key->kind == LERAY_KIND_INTS)
            n += (size_t)snprintf(out + n, size - n, "%lld", (long long)v->ints.value[i]);
        else n += (size_t)print_real(out + n, size - n, v->reals.value[i]);
    }
    snprintf(out + n, size - n, "]");
}

static leray_status print_texts(const leray_texts *list, char **out)
{
    char word[LERAY_VALUE_TEXT];
    const char *item = NULL;
    leray_text text = {0};

    leray_text_add(&text, "[");
    for (int i = 0; i < list->count; i++) {
        item = leray_texts_next(list, item);
        leray_value_quote(word, item);
        leray_text_add(&text, "%s%s", i ? ", " : "", word);
    }
    leray_text_add(&text, "]");
    return leray_text_finish(&text, out);
}

leray_status leray_value_text(const leray_key *key, const leray_value *v, char **out)
{
    char text[LERAY_VALUE_TEXT];

    switch (key->kind) {
    case LERAY_KIND_INT: snprintf(text, sizeof text, "%lld", (long long)v->integer); break;
    case LERAY_KIND_REAL: print_real(text, sizeof text, v->real); break;
    case LERAY_KIND_BOOL: snprintf(text, sizeof text, v->boolean ? "true" : "false"); break;
    case LERAY_KIND_CHOICE: snprintf(text, sizeof text, "%s", key->choices[v->choice]); break;
    case LERAY_KIND_TEXT: leray_value_quote(text, v->text); break;
    case LERAY_KIND_INTS:
    case LERAY_KIND_REALS: print_list(key, v, text, sizeof text); break;
    case LERAY_KIND_TEXTS: return print_texts(&v->texts, out);
    }
    return leray_mem_text(text, out);
}

void leray_value_store(const leray_key *key, const leray_value *v, void *member)
{
    switch (key->kind) {
    case LERAY_KIND_INT: memcpy(member, &v->integer, sizeof v->integer); break;
    case LERAY_KIND_REAL: memcpy(member, &v->real, sizeof v->real); break;
    case LERAY_KIND_BOOL: memcpy(member, &v->boolean, sizeof v->boolean); break;
    case LERAY_KIND_TEXT: memcpy(member, v->text, sizeof v->text); break;
    case LERAY_KIND_CHOICE: memcpy(member, &v->choice, sizeof v->choice); break;
    case LERAY_KIND_INTS: memcpy(member, &v->ints, sizeof v->ints); break;
    case LERAY_KIND_REALS: memcpy(member, &v->reals, sizeof v->reals); break;
    case LERAY_KIND_TEXTS: memcpy(member, &v->texts, sizeof v->texts); break;
    }
}
