/* core/error.c - the error text of each thread, and the texts of the codes. */
#include "core/error.h"
#include "core/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[4096];

const char *leray_status_text(leray_status status)
{
    static const char *const text[] = {
#define LERAY_ROW(name, exit_code, text) text,
        LERAY_STATUS_LIST(LERAY_ROW)
#undef LERAY_ROW
    };
    size_t i = (size_t)status;

    return i < sizeof text / sizeof text[0] ? text[i] : "unknown status";
}

int leray_status_exit_code(leray_status status)
{
    static const int code[] = {
#define LERAY_ROW(name, exit_code, text) exit_code,
        LERAY_STATUS_LIST(LERAY_ROW)
#undef LERAY_ROW
    };
    size_t i = (size_t)status;

    return i < sizeof code / sizeof code[0] ? code[i] : 1;
}

const char *leray_error_message(void) { return message; }

void leray_error_adopt(const char *text)
{
    if (text != message) snprintf(message, sizeof message, "%s", text);
}

leray_status leray_error_raise(leray_status status, const char *file, int line, const char *fmt,
                               ...)
{
    char text[sizeof message]; /* the arguments may point into the old message */
    va_list args;
    int n;

    va_start(args, fmt);
    n = leray_vprint(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0) text[0] = '\0';
    /* What a message quotes may come from a file, and must not steer a terminal. */
    for (char *at = text; *at; at++)
        if (*at != '\n' && ((unsigned char)*at < ' ' || *at == 127)) *at = ' ';
    leray_error_adopt(text);
    return leray_error_trace(status, file, line);
}

leray_status leray_error_trace(leray_status status, const char *file, int line)
{
    size_t used = strlen(message);

    snprintf(message + used, sizeof message - used, "\n  at %s:%d", file, line);
    return status;
}
