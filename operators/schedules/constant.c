/* operators/schedules/constant.c - the learning rate itself. */
#include "operators/schedule.h"

static double factor(const leray_schedule *self, int64_t step, int64_t total)
{
    (void)self, (void)step, (void)total;
    return 1;
}

const leray_schedule_type leray_schedule_constant = {
    .summary = "the learning rate unchanged",
    .size = sizeof(leray_schedule),
    .factor = factor,
};
