/* operators/schedules/cosine.c - half a cosine from 1 down to `final`:

     final + (1 - final) (1 + cos(pi step / total)) / 2   (Loshchilov & Hutter 2017, eq. 5) */
#include "operators/schedule.h"

#include <math.h>

typedef struct cosine {
    leray_schedule base;
    double final;
} cosine;

static const leray_key rows[] = {
    LERAY_KEY_REAL(cosine, final, "final", "0", 0, 1, "1",
                   "factor of the learning rate at the end"),
};

static leray_status init(leray_schedule *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    return LERAY_OK;
}

static double factor(const leray_schedule *self, int64_t step, int64_t total)
{
    double final = ((const cosine *)self)->final;

    return final + (1 - final) * (1 + cos(3.141592653589793238 * (double)step / (double)total)) / 2;
}

const leray_schedule_type leray_schedule_cosine = {
    .summary = "half a cosine down to a final factor",
    .size = sizeof(cosine),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .factor = factor,
};
