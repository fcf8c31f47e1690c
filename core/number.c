/* core/number.c - see core/number.h. */
#include "core/number.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t plain; /* for the life of the process */

static void make_plain(void) { plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

locale_t leray_locale_enter(void)
{
    pthread_once(&once, make_plain);
    return uselocale(plain);
}

void leray_locale_leave(locale_t entered) { uselocale(entered); }

int leray_vprint(char *out, size_t size, const char *fmt, va_list args)
{
    locale_t before = leray_locale_enter();
    int n = vsnprintf(out, size, fmt, args);

    leray_locale_leave(before);
    return n;
}

int leray_print(char *out, size_t size, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = leray_vprint(out, size, fmt, args);
    va_end(args);
    return n;
}

double leray_number_read(const char *text, char **end)
{
    locale_t before = leray_locale_enter();
    double x = strtod(text, end);

    leray_locale_leave(before);
    return x;
}

const char *leray_digits(double x, int decimals, char out[LERAY_DIGITS])
{
    int needed = x != 0 && isfinite(x) ? 2 - (int)floor(log10(fabs(x))) : 0;

    if (x == 0 || !isfinite(x)) leray_print(out, LERAY_DIGITS, "%g", x);
    else if (needed > 6 || needed < -5) leray_print(out, LERAY_DIGITS, "%.2e", x);
    else leray_print(out, LERAY_DIGITS, "%.*f", needed > decimals ? needed : decimals, x);
    return out;
}
