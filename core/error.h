/* core/error.h - failures (include/leray/impl/error.h), and what the library alone does with them. Private. */
#ifndef LERAY_CORE_ERROR_H
#define LERAY_CORE_ERROR_H

#include <leray/impl/error.h>

/* Puts another thread's message in place of this thread's; the frames come with it. */
void leray_error_adopt(const char *message);

#endif
