/* core/log.h - messages and progress, both on stderr. Private.

   A message is one line. Rank 0 of the group that is at work speaks; the others only warn, with
   their rank. Progress is a
   bar rewritten in place on a terminal, and one whole line every 30 s elsewhere. */
#ifndef LERAY_CORE_LOG_H
#define LERAY_CORE_LOG_H

#include "core/error.h"

#include <stdbool.h>

typedef enum leray_log_level {
    LERAY_LOG_QUIET,
    LERAY_LOG_WARN,
    LERAY_LOG_INFO,
    LERAY_LOG_DEBUG
} leray_log_level;

void leray_log_set_level(leray_log_level level); /* starts at INFO */
int leray_log_set_rank(int rank);                /* starts at 0; returns what it was */
void leray_warn(const char *fmt, ...) LERAY_PRINTF(1, 2);
void leray_info(const char *fmt, ...) LERAY_PRINTF(1, 2);
void leray_debug(const char *fmt, ...) LERAY_PRINTF(1, 2);

typedef struct leray_progress {
    const char *what; /* "train" */
    long done, total;
    double start, shown; /* seconds of leray_clock */
    long done_at_start;  /* a resumed run does not count what it did before */
    bool drawn;
} leray_progress;

leray_progress leray_progress_begin(const char *what, long done, long total);
/* `detail` follows rate and ETA: "loss 0.0123  idle 4 %". */
void leray_progress_update(leray_progress *p, long done, const char *detail);
void leray_progress_end(leray_progress *p); /* leaves the last line standing */

double leray_clock(void); /* seconds, monotonic */

#endif
