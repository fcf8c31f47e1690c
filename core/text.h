/* core/text.h - a text that grows, and what is put into it from outside. Private. */
#ifndef LERAY_CORE_TEXT_H
#define LERAY_CORE_TEXT_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Starts as zero. An error sticks: later additions do nothing, and finish reports it. */
typedef struct leray_text {
    char *data;
    size_t used, size;
    leray_status status;
} leray_text;

void leray_text_add(leray_text *text, const char *fmt, ...) LERAY_PRINTF(2, 3);

/* What `escape` gives stands for a character of ASCII, the character itself where it gives NULL. */
typedef const char *leray_escape(char c);
/* `from`, whatever its bytes are, as UTF-8: U+FFFD stands for bytes that are no character. escape NULL: none. */
void leray_text_add_utf8(leray_text *text, const char *from, leray_escape *escape);
/* The same on one line: blanks stand for control characters. */
void leray_text_add_line(leray_text *text, const char *from);
/* `from` as one word of a shell's command line. */
void leray_text_add_word(leray_text *text, const char *from);

/* Bytes of the UTF-8 sequence at `text`, 0 if there is none (RFC 3629: no overlong forms, no surrogates). */
size_t leray_utf8_length(const char *text, size_t left);
bool leray_is_control(char c); /* of ASCII */

/* Hands the text over (free with leray_mem_free), or returns the first error. */
LERAY_NODISCARD leray_status leray_text_finish(leray_text *text, char **out);

#endif
