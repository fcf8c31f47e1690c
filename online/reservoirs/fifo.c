/* online/reservoirs/fifo.c - first in, first out: a bounded queue; every sample is drawn once,
   in the order of the simulations. */
#include "online/reservoir.h"

static leray_status put(leray_reservoir *self, int64_t id, leray_rng *rng, int64_t *evicted)
{
    (void)rng, (void)evicted;
    LERAY_CHECK(self->count < self->capacity, LERAY_ERR_ARG, "fifo: no room beyond %d samples",
                self->capacity);
    self->id[self->count] = id;
    self->seen[self->count++] = false;
    self->unseen++;
    return LERAY_OK;
}

static int64_t draw(leray_reservoir *self, leray_rng *rng, bool draining, bool *removed)
{
    int64_t id = self->id[0];

    (void)rng, (void)draining;
    *removed = true;
    leray_reservoir_remove(self, 0, true);
    return id;
}

const leray_reservoir_type leray_reservoir_fifo = {
    .summary = "first in, first out: every sample once, in order",
    .once = true,
    .put = put,
    .draw = draw,
};
