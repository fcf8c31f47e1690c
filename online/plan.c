/* online/plan.c - see online/plan.h. */
#include "online/plan.h"

#include "core/mem.h"

#include <math.h>

int64_t leray_plan_batches(const leray_plan *plan)
{
    return (int64_t)floor((double)plan->samples * plan->ratio / plan->batch + 1e-9);
}

int64_t leray_plan_puts(const leray_plan *plan, int64_t b)
{
    int64_t first = plan->threshold > plan->batch ? plan->threshold : plan->batch;
    int64_t puts = first + (int64_t)ceil((double)b * plan->batch / plan->ratio - 1e-9);

    return puts < plan->samples ? puts : plan->samples;
}

leray_rng leray_plan_batch_rng(const leray_plan *plan, int64_t b)
{
    return leray_rng_make(plan->seed, LERAY_PURPOSE_BATCH, (uint32_t)(b >> 32), (uint32_t)b);
}

leray_rng leray_plan_put_rng(const leray_plan *plan, int64_t put)
{
    return leray_rng_make(plan->seed, LERAY_PURPOSE_EVICT, (uint32_t)(put >> 32), (uint32_t)put);
}

typedef struct rehearsal {
    const leray_plan *plan;
    leray_reservoir *reservoir;
    uint32_t *draws; /* [samples] */
    int64_t *id;     /* [batch] */
    bool *removed;   /* [batch] */
} rehearsal;

static leray_status rehearse_batch(rehearsal *r, int64_t b, int64_t put)
{
    const leray_plan *plan = r->plan;
    leray_rng rng = leray_plan_batch_rng(plan, b);
    int n = leray_reservoir_draw(r->reservoir, &rng, plan->batch, put == plan->samples, r->id,
                                 r->removed);

    LERAY_CHECK(n == plan->batch, LERAY_ERR_CONFIG,
                "batch %lld of %lld would find only %d samples (train.batch = %d): the reservoir "
                "drains before the schedule ends; lower reservoir.threshold or train.ratio, or "
                "raise reservoir.capacity",
                (long long)b, (long long)leray_plan_batches(plan), n, plan->batch);
    for (int i = 0; i < n; i++) r->draws[r->id[i]]++;
    return LERAY_OK;
}

static leray_status rehearse_put(rehearsal *r, int64_t put)
{
    leray_rng rng = leray_plan_put_rng(r->plan, put);
    int64_t evicted;
    leray_status status = leray_reservoir_put(r->reservoir, put, &rng, &evicted);

    LERAY_CHECK(!status, LERAY_ERR_CONFIG,
                "sample %lld of the stream finds no room: reservoir.capacity = %d holds only "
                "samples that no batch has shown yet; raise reservoir.capacity or train.ratio "
                "(= %g), or lower reservoir.threshold (= %d)",
                (long long)put, r->reservoir->capacity, r->plan->ratio, r->plan->threshold);
    return LERAY_OK;
}

static leray_status run(rehearsal *r, leray_rehearsal *out)
{
    const leray_plan *plan = r->plan;
    int64_t put = 0;

    out->batches = leray_plan_batches(plan);
    for (int64_t b = 0; b < out->batches; b++) {
        for (; put < leray_plan_puts(plan, b); put++) LERAY_TRY(rehearse_put(r, put));
        LERAY_TRY(rehearse_batch(r, b, put));
    }
    for (int64_t i = 0; i < plan->samples; i++) {
        if (r->draws[i] == 0) out->never_drawn++;
        if (r->draws[i] > out->most_draws) out->most_draws = r->draws[i];
    }
    out->mean_draws = (double)out->batches * plan->batch / (double)plan->samples;
    return LERAY_OK;
}

leray_status leray_plan_rehearse(const leray_plan *plan, leray_reservoir *reservoir,
                                 leray_rehearsal *out)
{
    rehearsal r = {.plan = plan, .reservoir = reservoir};
    leray_status status;

    *out = (leray_rehearsal){0};
    LERAY_CHECK(plan->samples >= plan->batch, LERAY_ERR_CONFIG,
                "train.batch = %d is more than the %lld samples of the whole stream", plan->batch,
                (long long)plan->samples);
    LERAY_CHECK(!reservoir->type->once || plan->ratio == 1, LERAY_ERR_CONFIG,
                "train.ratio = %g: this reservoir draws every sample once, so it must be 1",
                plan->ratio);
    leray_reservoir_clear(reservoir);
    status = LERAY_ALLOC(&r.draws, (size_t)plan->samples);
    if (!status) status = LERAY_ALLOC(&r.id, (size_t)plan->batch);
    if (!status) status = LERAY_ALLOC(&r.removed, (size_t)plan->batch);
    if (!status) status = run(&r, out);
    leray_mem_free(r.removed);
    leray_mem_free(r.id);
    leray_mem_free(r.draws);
    leray_reservoir_clear(reservoir);
    return status;
}
