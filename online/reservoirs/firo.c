/* online/reservoirs/firo.c - first in, random out: every sample is drawn once, at a random time
   after `threshold` others have arrived. */
#include "online/reservoir.h"

static leray_status put(leray_reservoir *self, int64_t id, leray_rng *rng, int64_t *evicted)
{
    (void)rng, (void)evicted;
    LERAY_CHECK(self->count < self->capacity, LERAY_ERR_ARG, "firo: no room beyond %d samples",
                self->capacity);
    self->id[self->count] = id;
    self->seen[self->count++] = false;
    self->unseen++;
    return LERAY_OK;
}

static int64_t draw(leray_reservoir *self, leray_rng *rng, bool draining, bool *removed)
{
    int i = (int)leray_rng_below(rng, (uint32_t)self->count);
    int64_t id = self->id[i];

    (void)draining;
    *removed = true;
    leray_reservoir_remove(self, i, false);
    return id;
}

const leray_reservoir_type leray_reservoir_firo = {
    .summary = "first in, random out: every sample once, in random order",
    .once = true,
    .put = put,
    .draw = draw,
};
