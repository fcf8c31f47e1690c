/* online/frame_store.h - frames that samples in a reservoir refer to, each kept once. Private.

   A sample of history h is frames k .. k+h-1 and the target k+h of one simulation; neighbouring
   samples share frames, so a frame counts its users and leaves with the last one. Slots are
   reused: once the store has grown to its largest size it no longer allocates. */
#ifndef LERAY_ONLINE_FRAME_STORE_H
#define LERAY_ONLINE_FRAME_STORE_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct leray_stored_frame {
    int simulation, step;
    int users;
    float *values; /* [size] */
    int next;      /* in the chain of its bucket, or of free slots; -1 ends it */
} leray_stored_frame;

typedef struct leray_frame_store {
    size_t size; /* reals per frame */
    leray_stored_frame *slot;
    int n_slots, free_slot;
    int *bucket; /* [n_buckets], first slot of the chain or -1 */
    int n_buckets;
    int count; /* frames held */
} leray_frame_store;

LERAY_NODISCARD leray_status leray_frame_store_init(leray_frame_store *store, size_t size);
void leray_frame_store_fini(leray_frame_store *store);
void leray_frame_store_clear(leray_frame_store *store);

/* A new frame with one user; its values are for the caller to fill. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_frame_store_add(leray_frame_store *store, int simulation,
                                                   int step, float **values);
/* NULL if it is not held. */
leray_stored_frame *leray_frame_store_find(const leray_frame_store *store, int simulation,
                                           int step);
void leray_frame_store_hold(leray_frame_store *store, int simulation, int step);
void leray_frame_store_release(leray_frame_store *store, int simulation, int step);

#endif
