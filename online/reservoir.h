/* online/reservoir.h - which samples of a stream a trainer may draw. Private.

   A reservoir holds numbers of samples, never data, and is a function of the sequence of its
   calls: put and draw in the same order give the same batches, whoever computes them. That is
   why a run can be rehearsed before it starts and resumed to the same bits.

   To add one: online/reservoirs/<id>.c exporting leray_reservoir_<id>, and one line in
   online/reservoirs.def.

   FIFO, FIRO and Reservoir follow Meyer et al., "Training deep surrogate models with large
   scale online learning", ICML 2023, and "High throughput training of deep surrogates from
   large ensemble runs", SC 2023; here on a logical clock (online/plan.h) instead of wall time. */
#ifndef LERAY_ONLINE_RESERVOIR_H
#define LERAY_ONLINE_RESERVOIR_H

#include "core/config.h"
#include "core/json.h"
#include <leray/impl/rng.h>

typedef struct leray_reservoir leray_reservoir;

typedef struct leray_reservoir_type {
    const char *summary;
    bool once; /* every sample is drawn exactly once: the ratio of draws to samples is 1 */

    /* REQUIRED. Adds `id`; `*evicted` is the sample that had to leave, or -1. Errors: ARG if
       there is no room and nothing may leave. */
    leray_status (*put)(leray_reservoir *self, int64_t id, leray_rng *rng, int64_t *evicted);
    /* Draws one sample out of count > 0; sets *removed if it leaves. `draining`: nothing more
       will be put. */
    int64_t (*draw)(leray_reservoir *self, leray_rng *rng, bool draining, bool *removed);
} leray_reservoir_type;

struct leray_reservoir {
    const leray_reservoir_type *type;
    int capacity, threshold; /* nothing is drawn before `threshold` samples are there */
    int count;
    int64_t *id; /* [capacity], the first `count` are held */
    bool *seen;  /* [capacity], drawn before */
    int unseen;  /* how many are not */
};

typedef struct leray_reservoir_settings {
    int64_t capacity, threshold;
} leray_reservoir_settings;

extern const leray_keys leray_reservoir_keys; /* common to all types */

LERAY_NODISCARD leray_status leray_reservoir_create_type(const leray_reservoir_type *type,
                                                         const leray_config *cfg,
                                                         const char *section,
                                                         leray_reservoir **out);
void leray_reservoir_destroy(leray_reservoir **reservoir);

LERAY_NODISCARD leray_status leray_reservoir_put(leray_reservoir *self, int64_t id, leray_rng *rng,
                                                 int64_t *evicted);

/* At most n samples: fewer if the reservoir runs empty. id [n]; removed [n]. Returns how many. */
int leray_reservoir_draw(leray_reservoir *self, leray_rng *rng, int n, bool draining, int64_t *id,
                         bool *removed);

void leray_reservoir_clear(leray_reservoir *self);

/* The content, for checkpoints. Errors of from_json: DATA. */
LERAY_NODISCARD leray_status leray_reservoir_to_json(const leray_reservoir *self, leray_json **out);
LERAY_NODISCARD leray_status leray_reservoir_from_json(leray_reservoir *self,
                                                       const leray_json *json);

/* For types: remove entry i, keeping the order of the others or not. */
void leray_reservoir_remove(leray_reservoir *self, int i, bool keep_order);

#endif
