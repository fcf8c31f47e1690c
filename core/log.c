/* core/log.c - messages, and the progress line. The level, and as which rank this process
   speaks, are the only state. */
#include "core/log.h"

#include "core/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static leray_log_level level = LERAY_LOG_INFO;
static int speaker;

void leray_log_set_level(leray_log_level to) { level = to; }

int leray_log_set_rank(int rank)
{
    int before = speaker;

    speaker = rank;
    return before;
}

double leray_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void say(leray_log_level at, const char *label, const char *fmt, va_list args)
{
    char text[4096], rank[32] = "";

    if (at > level || (speaker > 0 && at > LERAY_LOG_WARN)) return;
    leray_vprint(text, sizeof text, fmt, args);
    if (speaker > 0) snprintf(rank, sizeof rank, "[%d] ", speaker);
    fprintf(stderr, "%s%s%s\n", rank, label, text);
}

void leray_warn(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(LERAY_LOG_WARN, "leray: warning: ", fmt, args);
    va_end(args);
}

void leray_info(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(LERAY_LOG_INFO, "", fmt, args);
    va_end(args);
}

void leray_debug(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(LERAY_LOG_DEBUG, "", fmt, args);
    va_end(args);
}

/* ---- progress --------------------------------------------------------------------------- */

#define LINE_PERIOD 30.0 /* seconds between lines where there is no terminal */
#define BAR_PERIOD 0.1   /* and between redraws where there is one */
#define BAR_WIDTH 24

static bool on_terminal(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

leray_progress leray_progress_begin(const char *what, long done, long total)
{
    double now = leray_clock();

    return (leray_progress){what, done, total, now, now, done, false};
}

static void duration(double seconds, char out[32])
{
    long s = isfinite(seconds) && seconds < 1e7 ? lround(seconds) : -1;

    if (s < 0) snprintf(out, 32, "?");
    else if (s < 3600) snprintf(out, 32, "%ld:%02ld", s / 60, s % 60);
    else snprintf(out, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

static void draw(const leray_progress *p, const char *detail)
{
    double elapsed = leray_clock() - p->start,
           share = p->total ? (double)p->done / (double)p->total : 1;
    double rate = elapsed > 0 ? (double)(p->done - p->done_at_start) / elapsed : 0;
    int filled = (int)(share * BAR_WIDTH);
    char eta[32], bar[BAR_WIDTH + 1];
    locale_t before = leray_locale_enter();

    duration((double)(p->total - p->done) / rate, eta);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
    if (on_terminal())
        fprintf(stderr, "\r%s [%s] %ld/%ld  %.3g/s  ETA %s  %s\033[K", p->what, bar, p->done,
                p->total, rate, eta, detail);
    else
        fprintf(stderr, "%s %ld/%ld (%.0f %%)  %.3g/s  ETA %s  %s\n", p->what, p->done, p->total,
                100 * share, rate, eta, detail);
    leray_locale_leave(before);
    fflush(stderr);
}

void leray_progress_update(leray_progress *p, long done, const char *detail)
{
    double now = leray_clock(), period = on_terminal() ? BAR_PERIOD : LINE_PERIOD;

    p->done = done;
    if (level < LERAY_LOG_INFO || speaker > 0) return;
    if (now - p->shown < period && done < p->total) return;
    p->shown = now;
    p->drawn = true;
    draw(p, detail);
}

void leray_progress_end(leray_progress *p)
{
    if (p->drawn && on_terminal()) fputc('\n', stderr);
    p->drawn = false;
}
