/* operators/schedule.c - see operators/schedule.h. */
#include "operators/schedule.h"

#include "core/mem.h"

#include <math.h>

static const leray_key rows[] = {
    LERAY_KEY_REAL(leray_schedule, warmup, "warmup", "0", 0, 1, "1",
                   "fraction of all steps over which the learning rate rises linearly"),
};

const leray_keys leray_schedule_keys = {rows, sizeof rows / sizeof rows[0]};

static leray_status make(leray_schedule *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, leray_schedule_keys, self));
    if (self->type->init) LERAY_TRY(self->type->init(self, cfg, section));
    return LERAY_OK;
}

leray_status leray_schedule_create_type(const leray_schedule_type *type, const leray_config *cfg,
                                        const char *section, leray_schedule **out)
{
    leray_schedule *self;
    leray_status status;
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, type->size));
    self = (leray_schedule *)(void *)block;
    self->type = type;
    status = make(self, cfg, section);
    if (status) {
        leray_schedule_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_schedule_destroy(leray_schedule **schedule)
{
    leray_mem_free(*schedule);
    *schedule = NULL;
}

void leray_schedule_observe(leray_schedule *schedule, double loss, bool epoch_ends)
{
    if (schedule->type->observe) schedule->type->observe(schedule, loss, epoch_ends);
}

double leray_schedule_factor(const leray_schedule *schedule, int64_t step, int64_t total)
{
    int64_t warm = (int64_t)floor(schedule->warmup * (double)total);

    if (step < warm) return (double)(step + 1) / (double)(warm + 1);
    return schedule->type->factor(schedule, step - warm, total - warm);
}
