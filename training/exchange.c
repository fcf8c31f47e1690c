/* training/exchange.c - see training/exchange.h.

   Buckets are runs of views in the order of declaration, of at least BUCKET reals each, so that
   small views share a message. Backward completes views about in reverse. All ranks must start
   their sums in the same order: they record the same graph, so they complete the buckets in the
   same order; a rank without samples follows the order that was counted. */
#include "training/exchange.h"

#include "core/mem.h"

#define BUCKET ((size_t)1 << 18) /* reals: 1 MiB */

typedef struct bucket {
    size_t first, count; /* reals of the block */
    int expected, seen;  /* tensors of its views in a step; completed so far */
    bool started;
} bucket;

struct leray_exchange {
    leray_parameters *parameters;
    int n_buckets;
    bucket *buckets; /* [n_buckets] */
    int *bucket_of;  /* [n_views] */
    int *order;      /* [n_buckets], as a measured step completed them */
    int n_order;
    leray_comm_sums *sums;
    size_t early; /* reals whose sum started during backward */
};

static void cut(leray_exchange *x)
{
    const leray_parameters *p = x->parameters;

    for (int v = 0; v < p->n_views; v++) {
        bool full = x->n_buckets > 0 && x->buckets[x->n_buckets - 1].count >= BUCKET;

        if (x->n_buckets == 0 || full) x->buckets[x->n_buckets++].first = p->views[v].offset;
        x->buckets[x->n_buckets - 1].count += p->views[v].count;
        x->bucket_of[v] = x->n_buckets - 1;
    }
}

static leray_status init(leray_exchange *x, const leray_comm *comm, leray_parameters *p)
{
    size_t views = (size_t)p->n_views;

    x->parameters = p;
    LERAY_TRY(LERAY_ALLOC(&x->buckets, views));
    LERAY_TRY(LERAY_ALLOC(&x->bucket_of, views));
    LERAY_TRY(LERAY_ALLOC(&x->order, views));
    cut(x);
    return leray_comm_sums_create(comm, x->n_buckets + (int)(p->count >> 28), &x->sums);
}

leray_status leray_exchange_create(const leray_comm *comm, leray_parameters *parameters,
                                   leray_exchange **out)
{
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = init(*out, comm, parameters);
    if (status) leray_exchange_destroy(out);
    return status;
}

void leray_exchange_destroy(leray_exchange **exchange)
{
    leray_exchange *x = *exchange;

    if (!x) return;
    leray_comm_sums_destroy(&x->sums);
    leray_mem_free(x->order);
    leray_mem_free(x->bucket_of);
    leray_mem_free(x->buckets);
    leray_mem_free(x);
    *exchange = NULL;
}

/* A tensor is complete in a measured step. A bucket's place in the order is that of its last one,
   so an earlier entry moves back. */
static leray_status count_tensor(void *context, int tag)
{
    leray_exchange *x = context;
    int b = x->bucket_of[tag - 1], kept = 0;

    x->buckets[b].expected++;
    for (int i = 0; i < x->n_order; i++)
        if (x->order[i] != b) x->order[kept++] = x->order[i];
    x->order[kept++] = b;
    x->n_order = kept;
    return LERAY_OK;
}

void leray_exchange_count(leray_exchange *exchange, leray_tape *tape)
{
    for (int b = 0; b < exchange->n_buckets; b++) exchange->buckets[b].expected = 0;
    exchange->n_order = 0;
    leray_tape_watch(tape, count_tensor, exchange);
}

static leray_status start(leray_exchange *x, bucket *b)
{
    b->started = true;
    return leray_comm_sums_start(x->sums, (float *)x->parameters->grad + b->first, b->count);
}

static leray_status complete_tensor(void *context, int tag)
{
    leray_exchange *x = context;
    bucket *b = &x->buckets[x->bucket_of[tag - 1]];

    LERAY_TRY(leray_comm_sums_progress(x->sums));
    if (++b->seen < b->expected) return LERAY_OK;
    x->early += b->count;
    return start(x, b);
}

void leray_exchange_begin(leray_exchange *exchange, leray_tape *tape)
{
    exchange->early = 0;
    for (int b = 0; b < exchange->n_buckets; b++) {
        exchange->buckets[b].seen = 0;
        exchange->buckets[b].started = false;
    }
    leray_tape_watch(tape, complete_tensor, exchange);
}

leray_status leray_exchange_finish(leray_exchange *x)
{
    for (int i = 0; i < x->n_order; i++)
        if (!x->buckets[x->order[i]].started) LERAY_TRY(start(x, &x->buckets[x->order[i]]));
    return leray_comm_sums_finish(x->sums);
}

double leray_exchange_overlap(const leray_exchange *exchange)
{
    return (double)exchange->early / (double)exchange->parameters->count;
}
