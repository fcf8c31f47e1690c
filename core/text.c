/* core/text.c - see core/text.h. */
#include "core/text.h"

#include "core/mem.h"
#include "core/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static leray_status grow(leray_text *text, size_t need)
{
    size_t size = text->size ? 2 * text->size : 256;

    while (size < need) size *= 2;
    LERAY_TRY(leray_mem_grow((void *)&text->data, text->size, size, 1));
    text->size = size;
    return LERAY_OK;
}

void leray_text_add(leray_text *text, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = leray_vprint(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || text->status) return;
    if (text->used + (size_t)n + 1 > text->size)
        text->status = grow(text, text->used + (size_t)n + 1);
    if (text->status) return;
    va_start(args, fmt);
    leray_vprint(text->data + text->used, text->size - text->used, fmt, args);
    va_end(args);
    text->used += (size_t)n;
}

bool leray_is_control(char c) { return (unsigned char)c < ' ' || c == 127; }

size_t leray_utf8_length(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : (p[0] & 0xF0) == 0xE0 ? 3 : 0;

    if (p[0] >= 0xF0 && p[0] < 0xF5) n = 4;
    if (n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return n;
}

void leray_text_add_utf8(leray_text *text, const char *from, leray_escape *escape)
{
    size_t left = strlen(from);

    while (left > 0) {
        size_t n = leray_utf8_length(from, left), used = n ? n : 1;
        const char *escaped = escape && n == 1 ? escape(*from) : NULL;

        if (escaped) leray_text_add(text, "%s", escaped);
        else if (n) leray_text_add(text, "%.*s", (int)n, from);
        else leray_text_add(text, "\xEF\xBF\xBD");
        from += used, left -= used;
    }
}

static const char *blank(char c) { return leray_is_control(c) ? " " : NULL; }

void leray_text_add_line(leray_text *text, const char *from)
{
    leray_text_add_utf8(text, from, blank);
}

void leray_text_add_word(leray_text *text, const char *from)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";

    if (*from && from[strspn(from, plain)] == '\0') {
        leray_text_add(text, "%s", from);
        return;
    }
    leray_text_add(text, "'");
    for (; *from; from++)
        if (*from == '\'') leray_text_add(text, "'\\''");
        else leray_text_add(text, "%c", *from);
    leray_text_add(text, "'");
}

leray_status leray_text_finish(leray_text *text, char **out)
{
    leray_text_add(text, "%s", "");
    *out = NULL;
    if (text->status) {
        leray_mem_free(text->data);
        return leray_error_trace(text->status, __FILE__, __LINE__);
    }
    *out = text->data;
    return LERAY_OK;
}
