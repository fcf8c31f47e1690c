/* online/plan.h - the logical clock of online training. Private.

   A stream brings `samples` samples in one logical order (simulation by simulation, step by
   step), whatever the order of arrival. Batch b of size B is drawn as soon as

       puts(b) = min(samples, max(threshold, B) + ceil(b B / ratio))

   samples have been put, so the number of batches, floor(samples * ratio / B), and with it the
   learning-rate schedule is known before the run, and batch b is a function of (seed, b) alone.
   A simulation that fails leaves holes: they advance the clock and put nothing, and a batch
   that finds fewer than B samples is smaller. */
#ifndef LERAY_ONLINE_PLAN_H
#define LERAY_ONLINE_PLAN_H

#include "online/reservoir.h"

typedef struct leray_plan {
    uint64_t seed;
    int64_t samples; /* of the whole stream */
    int batch;       /* B */
    double ratio;    /* draws per sample received */
    int threshold;
} leray_plan;

int64_t leray_plan_batches(const leray_plan *plan);
int64_t leray_plan_puts(const leray_plan *plan, int64_t b); /* clock at which batch b is drawn */

/* The streams of random numbers for batch b, and for the put at clock `put`. */
leray_rng leray_plan_batch_rng(const leray_plan *plan, int64_t b);
leray_rng leray_plan_put_rng(const leray_plan *plan, int64_t put);

typedef struct leray_rehearsal {
    int64_t batches;
    int64_t never_drawn; /* samples that no batch shows */
    int64_t most_draws;  /* of one sample */
    double mean_draws;   /* over samples */
} leray_rehearsal;

/* Runs the reservoir over the whole stream on numbers alone. Leaves it empty.
   Errors: CONFIG if a put finds no room, or a batch too few samples; names the keys and what
   to change. MEMORY. */
LERAY_NODISCARD leray_status leray_plan_rehearse(const leray_plan *plan, leray_reservoir *reservoir,
                                                 leray_rehearsal *out);

#endif
