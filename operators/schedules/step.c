/* operators/schedules/step.c - a factor `decay` after each `every` of the steps:

     decay ^ floor(step / (every total)) */
#include "operators/schedule.h"

#include <math.h>

typedef struct step_schedule {
    leray_schedule base;
    double every, decay;
} step_schedule;

static const leray_key rows[] = {
    LERAY_KEY_REAL(step_schedule, every, "every", "0.2", 1e-6, 1, "1",
                   "fraction of the steps between two drops"),
    LERAY_KEY_REAL(step_schedule, decay, "decay", "0.5", 1e-6, 1, "1", "factor of each drop"),
};

static leray_status init(leray_schedule *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    return LERAY_OK;
}

/* The small shift keeps a drop that falls on a whole step there, whatever `every` rounds to. */
static double factor(const leray_schedule *self, int64_t step, int64_t total)
{
    const step_schedule *s = (const step_schedule *)self;

    return pow(s->decay, floor((double)step / (s->every * (double)total) + 1e-9));
}

const leray_schedule_type leray_schedule_step = {
    .summary = "drops by a factor after equal shares of the steps",
    .size = sizeof(step_schedule),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .factor = factor,
};
