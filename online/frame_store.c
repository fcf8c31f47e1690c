/* online/frame_store.c - a hash table with chains over an array of slots. */
#include "online/frame_store.h"

#include "core/mem.h"

#include <assert.h>
#include <string.h>

static int bucket_of(const leray_frame_store *s, int simulation, int step)
{
    uint64_t h = ((uint64_t)(uint32_t)simulation << 32 | (uint32_t)step) * 0x9E3779B97F4A7C15u;

    return (int)((h >> 32) % (uint64_t)s->n_buckets);
}

leray_status leray_frame_store_init(leray_frame_store *store, size_t size)
{
    memset(store, 0, sizeof *store);
    store->size = size;
    store->free_slot = -1;
    return LERAY_OK;
}

void leray_frame_store_fini(leray_frame_store *store)
{
    for (int i = 0; i < store->n_slots; i++) leray_mem_free(store->slot[i].values);
    leray_mem_free(store->slot);
    leray_mem_free(store->bucket);
    memset(store, 0, sizeof *store);
}

void leray_frame_store_clear(leray_frame_store *store)
{
    for (int i = 0; i < store->n_buckets; i++) store->bucket[i] = -1;
    store->free_slot = -1;
    for (int i = store->n_slots - 1; i >= 0; i--) {
        store->slot[i].next = store->free_slot;
        store->free_slot = i;
    }
    store->count = 0;
}

static void chain(leray_frame_store *s, int i)
{
    int b = bucket_of(s, s->slot[i].simulation, s->slot[i].step);

    s->slot[i].next = s->bucket[b];
    s->bucket[b] = i;
}

/* Doubles slots and buckets; all slots are in use when this is called. */
static leray_status grow(leray_frame_store *s)
{
    int n = s->n_slots ? 2 * s->n_slots : 64;

    LERAY_TRY(leray_mem_grow((void *)&s->slot, (size_t)s->n_slots, (size_t)n, sizeof *s->slot));
    LERAY_TRY(leray_mem_grow((void *)&s->bucket, 0, (size_t)n, sizeof *s->bucket));
    s->n_buckets = n;
    for (int i = 0; i < n; i++) s->bucket[i] = -1;
    for (int i = 0; i < s->n_slots; i++) chain(s, i);
    for (int i = n - 1; i >= s->n_slots; i--) {
        s->slot[i].next = s->free_slot;
        s->free_slot = i;
    }
    s->n_slots = n;
    return LERAY_OK;
}

leray_status leray_frame_store_add(leray_frame_store *store, int simulation, int step,
                                   float **values)
{
    leray_stored_frame *f;
    int i;

    *values = NULL;
    if (store->free_slot < 0) LERAY_TRY(grow(store));
    i = store->free_slot;
    f = &store->slot[i];
    if (!f->values) LERAY_TRY(LERAY_ALLOC(&f->values, store->size));
    store->free_slot = f->next;
    f->simulation = simulation;
    f->step = step;
    f->users = 1;
    chain(store, i);
    store->count++;
    *values = f->values;
    return LERAY_OK;
}

leray_stored_frame *leray_frame_store_find(const leray_frame_store *s, int simulation, int step)
{
    if (s->n_buckets == 0) return NULL;
    for (int i = s->bucket[bucket_of(s, simulation, step)]; i >= 0; i = s->slot[i].next)
        if (s->slot[i].simulation == simulation && s->slot[i].step == step) return &s->slot[i];
    return NULL;
}

void leray_frame_store_hold(leray_frame_store *store, int simulation, int step)
{
    leray_stored_frame *f = leray_frame_store_find(store, simulation, step);

    assert(f);
    f->users++;
}

void leray_frame_store_release(leray_frame_store *s, int simulation, int step)
{
    leray_stored_frame *f = leray_frame_store_find(s, simulation, step);
    int *link;

    assert(f);
    if (--f->users > 0) return;
    link = &s->bucket[bucket_of(s, simulation, step)];
    while (&s->slot[*link] != f) link = &s->slot[*link].next;
    *link = f->next;
    f->next = s->free_slot;
    s->free_slot = (int)(f - s->slot);
    s->count--;
}
