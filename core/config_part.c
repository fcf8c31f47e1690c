/* core/config_part.c - some keys of a resolved deck, one a line: what must agree for two decks to mean the same. */
#include "core/config.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"

#include <ctype.h>
#include <string.h>

/* One line of the deck, `path` being that of the mapping it is in. */
static void add_line(const char *line, size_t n, bool (*wanted)(const char *path),
                     char path[LERAY_TEXT_MAX], leray_text *out)
{
    size_t indent = strspn(line, " "), colon = indent, at = 0, name;

    while (colon < n && line[colon] != ':') colon++;
    for (size_t depth = 0; depth < indent / 2; depth++) at += strcspn(path + at, ".") + 1;
    name = colon - indent;
    if (at + name + 2 > LERAY_TEXT_MAX) return;
    memcpy(path + at, line + indent, name);
    path[at + name] = '\0';
    if (colon + 1 >= n) strcat(path, "."); /* a mapping */
    else if (wanted(path)) leray_text_add(out, "%s%.*s\n", path, (int)(n - colon), line + colon);
}

leray_status leray_config_part(const char *deck, bool (*wanted)(const char *path), char **out)
{
    char path[LERAY_TEXT_MAX] = "";
    leray_text lines = {0};

    for (const char *at = deck; *at;) {
        size_t n = strcspn(at, "\n");

        add_line(at, n, wanted, path, &lines);
        at += n + (at[n] != '\0');
    }
    return leray_text_finish(&lines, out);
}

/* A number begins here, and not in the middle of a word. */
static bool begins_number(const char *line, const char *at)
{
    unsigned char before = at > line ? (unsigned char)at[-1] : ' ';

    return !isalnum(before) && before != '_' && before != '.' && before != '/' &&
           (isdigit((unsigned char)*at) || *at == '-' || *at == '.');
}

static bool same_line(const char *a, size_t n, const char *b, size_t m)
{
    const char *x = a, *y = b;

    while (x < a + n && y < b + m) {
        char *end_x, *end_y;

        if (begins_number(a, x) && begins_number(b, y)) {
            double p = leray_number_read(x, &end_x), q = leray_number_read(y, &end_y);

            if (end_x > x && end_y > y) {
                if (p != q) return false;
                x = end_x, y = end_y;
                continue;
            }
        }
        if (*x++ != *y++) return false;
    }
    return x == a + n && y == b + m;
}

bool leray_config_differ(const char **then, const char **now, int *a, int *b)
{
    while (**then || **now) {
        size_t n = strcspn(*then, "\n"), m = strcspn(*now, "\n");

        *a = (int)n, *b = (int)m;
        if (!same_line(*then, n, *now, m)) return true;
        *then += n + ((*then)[n] != '\0');
        *now += m + ((*now)[m] != '\0');
    }
    return false;
}
