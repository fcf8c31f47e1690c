/* core/number.h - numbers as texts, the same in every locale: a host program may have called setlocale, under which
   printf and strtod can mean a comma where files and decks have a point. Private.

   Whatever prints or reads numbers that are not whole goes through these; leray_text_add, errors and messages do. */
#ifndef LERAY_CORE_NUMBER_H
#define LERAY_CORE_NUMBER_H

#include "core/error.h"

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>

/* As snprintf, vsnprintf and strtod in the locale "C". */
int leray_print(char *out, size_t size, const char *fmt, ...) LERAY_PRINTF(3, 4);
int leray_vprint(char *out, size_t size, const char *fmt, va_list args) LERAY_PRINTF(3, 0);
double leray_number_read(const char *text, char **end);

/* A number of a table: `decimals` of them, or as many more as it takes to show three digits that count. */
#define LERAY_DIGITS 32
const char *leray_digits(double x, int decimals, char out[LERAY_DIGITS]);

/* Between the two, this thread is in the locale "C": for calls of libraries that print or read. */
locale_t leray_locale_enter(void);
void leray_locale_leave(locale_t entered);

#endif
