/* core/text.h - a text that grows. Private. */
#ifndef LERAY_CORE_TEXT_H
#define LERAY_CORE_TEXT_H

#include "core/error.h"

#include <stddef.h>

/* Starts as zero. An error sticks: later additions do nothing, and finish reports it. */
typedef struct leray_text {
    char *data;
    size_t used, size;
    leray_status status;
} leray_text;

void leray_text_add(leray_text *text, const char *fmt, ...) LERAY_PRINTF(2, 3);
/* Hands the text over (free with leray_mem_free), or returns the first error. */
LERAY_NODISCARD leray_status leray_text_finish(leray_text *text, char **out);

#endif
