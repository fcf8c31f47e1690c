/* operators/schedules/one_cycle.c - up from 1 / div_factor to 1 and down to almost nothing, each along
   half a cosine (Smith & Topin 2019), in the form of torch.optim.lr_scheduler.OneCycleLR. With
   e = pct_start total - 1 and c(a, b, s) = b + (a - b) (1 + cos(pi s)) / 2,

     step <= e    c(1 / div_factor, 1, step / e)
     else         c(1, 1 / (div_factor final_div_factor), (step - e) / (total - 1 - e))

   The optimizer's lr is the largest rate. */
#include "operators/schedule.h"

#include <math.h>

typedef struct one_cycle {
    leray_schedule base;
    double pct_start, div_factor, final_div_factor;
} one_cycle;

static const leray_key rows[] = {
    LERAY_KEY_REAL(one_cycle, pct_start, "pct_start", "0.3", 0, 1, "1",
                   "fraction of the steps over which the learning rate rises"),
    LERAY_KEY_REAL(one_cycle, div_factor, "div_factor", "25", 1, 1e12, "1",
                   "the first learning rate is lr / div_factor"),
    LERAY_KEY_REAL(one_cycle, final_div_factor, "final_div_factor", "1e4", 1, 1e12, "1",
                   "the last learning rate is lr / (div_factor final_div_factor)"),
};

static leray_status init(leray_schedule *self, const leray_config *cfg, const char *section)
{
    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    return LERAY_OK;
}

static double between(double a, double b, double s)
{
    return b + (a - b) * (1 + cos(3.141592653589793238 * s)) / 2;
}

/* A rise shorter than one step is left out. */
static double factor(const leray_schedule *self, int64_t step, int64_t total)
{
    const one_cycle *s = (const one_cycle *)self;
    double peak = s->pct_start * (double)total - 1, last = (double)total - 1, first;

    first = 1 / s->div_factor;
    if (peak > 0 && (double)step <= peak) return between(first, 1, (double)step / peak);
    peak = fmax(peak, 0);
    return between(1, first / s->final_div_factor,
                   last > peak ? ((double)step - peak) / (last - peak) : 1);
}

const leray_schedule_type leray_schedule_one_cycle = {
    .summary = "up and down once along half cosines",
    .size = sizeof(one_cycle),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .factor = factor,
};
