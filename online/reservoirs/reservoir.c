/* online/reservoirs/reservoir.c - samples stay and are drawn again until room is needed.

   put: where the reservoir is full, a random sample that was seen leaves; one that was not
   seen never does. draw: uniformly over all that are held; once nothing more will be put, a
   drawn sample leaves, so that the reservoir drains. */
#include "online/reservoir.h"

/* The k-th seen sample, k uniform. */
static int random_seen(const leray_reservoir *self, leray_rng *rng)
{
    int k = (int)leray_rng_below(rng, (uint32_t)(self->count - self->unseen)), i = 0;

    for (;; i++)
        if (self->seen[i] && k-- == 0) return i;
}

static leray_status put(leray_reservoir *self, int64_t id, leray_rng *rng, int64_t *evicted)
{
    if (self->count == self->capacity) {
        int i;

        LERAY_CHECK(self->unseen < self->count, LERAY_ERR_ARG,
                    "reservoir: all %d samples are still unseen, none may leave", self->capacity);
        i = random_seen(self, rng);
        *evicted = self->id[i];
        leray_reservoir_remove(self, i, false);
    }
    self->id[self->count] = id;
    self->seen[self->count++] = false;
    self->unseen++;
    return LERAY_OK;
}

static int64_t draw(leray_reservoir *self, leray_rng *rng, bool draining, bool *removed)
{
    int i = (int)leray_rng_below(rng, (uint32_t)self->count);
    int64_t id = self->id[i];

    if (!self->seen[i]) self->unseen--;
    self->seen[i] = true;
    *removed = draining;
    if (draining) leray_reservoir_remove(self, i, false);
    return id;
}

const leray_reservoir_type leray_reservoir_reservoir = {
    .summary = "samples stay and can be drawn again; a new sample replaces one that was drawn",
    .put = put,
    .draw = draw,
};
