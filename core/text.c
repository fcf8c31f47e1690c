/* core/text.c - see core/text.h. */
#include "core/text.h"

#include "core/mem.h"

#include <stdarg.h>
#include <stdio.h>

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
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || text->status) return;
    if (text->used + (size_t)n + 1 > text->size)
        text->status = grow(text, text->used + (size_t)n + 1);
    if (text->status) return;
    va_start(args, fmt);
    vsnprintf(text->data + text->used, text->size - text->used, fmt, args);
    va_end(args);
    text->used += (size_t)n;
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
