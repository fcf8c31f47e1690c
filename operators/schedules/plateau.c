/* operators/schedules/plateau.c - lower by `decay` whenever the training loss no longer falls, in the
   form of torch.optim.lr_scheduler.ReduceLROnPlateau (threshold_mode "rel").

   The mean loss of each epoch, or of every `every` steps, is checked. It is better than the
   best so far if it is below best (1 - threshold). After more than `patience` checks in a row that
   are not better, the factor is multiplied by `decay`, down to `least`; for `cooldown` checks after
   that none counts as bad. */
#include "operators/schedule.h"

#include <math.h>

enum { FACTOR, BEST, LOOKS, BAD, COOLING, SUM, COUNT, N_STATE };

typedef struct plateau {
    leray_schedule base;
    double decay, threshold, least;
    int64_t patience, cooldown, every;
    double memory[N_STATE]; /* BEST counts once LOOKS is above 0 */
} plateau;

static const leray_key rows[] = {
    LERAY_KEY_REAL(plateau, decay, "decay", "0.1", 1e-6, 1, "1", "factor of each drop"),
    LERAY_KEY_INT(plateau, patience, "patience", "10", 0, 1e9, "checks",
                  "checks in a row without a better loss that cause no drop"),
    LERAY_KEY_REAL(plateau, threshold, "threshold", "1e-4", 0, 1, "1",
                   "smallest relative decrease that counts as a better loss"),
    LERAY_KEY_INT(plateau, cooldown, "cooldown", "0", 0, 1e9, "checks",
                  "checks after a drop that are not counted"),
    LERAY_KEY_REAL(plateau, least, "least", "0", 0, 1, "1", "smallest factor of the learning rate"),
    LERAY_KEY_INT(plateau, every, "every", "0", 0, 1e12, "steps",
                  "steps per check, which takes their mean loss; 0: an epoch (leray train)"),
};

static leray_status init(leray_schedule *self, const leray_config *cfg, const char *section)
{
    plateau *p = (plateau *)self;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    p->memory[FACTOR] = 1;
    self->by_epoch = p->every == 0;
    self->n_state = N_STATE;
    self->state = p->memory;
    return LERAY_OK;
}

static void look(plateau *p, double loss)
{
    double *m = p->memory;
    bool better = m[LOOKS] == 0 || loss < m[BEST] * (1 - p->threshold);

    m[LOOKS]++;
    m[BAD] = better ? 0 : m[BAD] + 1;
    if (better) m[BEST] = loss;
    if (m[COOLING] > 0) {
        m[COOLING]--;
        m[BAD] = 0;
    }
    if (m[BAD] <= (double)p->patience) return;
    m[FACTOR] = fmax(m[FACTOR] * p->decay, p->least);
    m[COOLING] = (double)p->cooldown;
    m[BAD] = 0;
}

static void observe(leray_schedule *self, double loss, bool epoch_ends)
{
    plateau *p = (plateau *)self;
    double *m = p->memory;

    m[SUM] += loss;
    m[COUNT]++;
    if (p->every > 0 ? m[COUNT] < (double)p->every : !epoch_ends) return;
    look(p, m[SUM] / m[COUNT]);
    m[SUM] = 0;
    m[COUNT] = 0;
}

static double factor(const leray_schedule *self, int64_t step, int64_t total)
{
    (void)step, (void)total;
    return ((const plateau *)self)->memory[FACTOR];
}

const leray_schedule_type leray_schedule_plateau = {
    .summary = "drops by a factor when the training loss no longer falls",
    .size = sizeof(plateau),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .factor = factor,
    .observe = observe,
};
