/* tensor/arena.h - memory handed out in order and taken back all at once. Private.

   A list of blocks is filled from the front; a request that no block can take adds one. After
   a reset the same requests find the same places, so a repeated step allocates nothing. */
#ifndef LERAY_TENSOR_ARENA_H
#define LERAY_TENSOR_ARENA_H

#include "core/error.h"

#include <stddef.h>

typedef struct leray_arena_block {
    char *data;
    size_t size, used;
} leray_arena_block;

typedef struct leray_arena {
    leray_arena_block *blocks; /* [n] of [capacity] */
    int n, capacity;
    int current;
    size_t used; /* bytes handed out since the last reset */
} leray_arena;

/* `size` bytes aligned to 64; contents are undefined. */
LERAY_NODISCARD leray_status leray_arena_take(leray_arena *arena, size_t size, void *p);
void leray_arena_reset(leray_arena *arena);
void leray_arena_fini(leray_arena *arena); /* accepts a zeroed arena */

#endif
