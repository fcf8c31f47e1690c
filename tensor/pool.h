/* tensor/pool.h - memory for the values and gradients of a tape, taken and given back in any
   order. Private.

   Places are chosen first-fit in an address space without end, so that they depend on the order
   of requests alone. What lies below the capacity is one block; what lies beyond has a block of
   its own; once the pool is empty, the one block is made as large as was ever needed. So a
   sequence of requests that was measured before allocates that block alone, and repeating it
   allocates nothing. */
#ifndef LERAY_TENSOR_POOL_H
#define LERAY_TENSOR_POOL_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

#define LERAY_POOL_NOWHERE ((size_t)-1)

typedef struct leray_pool_piece {
    size_t offset, size;
    void *own; /* its block, if it lies beyond the capacity */
} leray_pool_piece;

typedef struct leray_pool {
    char *block;
    size_t capacity;
    size_t peak; /* largest end of a piece, ever */
    bool measuring;
    leray_pool_piece *pieces; /* [n] of [room], by offset */
    int n, room;
} leray_pool;

/* Takes `size` bytes, aligned to 64, undefined. *offset names the piece. While the pool measures,
   *p is NULL and nothing is allocated. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_pool_take(leray_pool *pool, size_t size, size_t *offset,
                                             void *p);
/* Gives a piece back; LERAY_POOL_NOWHERE is allowed. */
void leray_pool_give(leray_pool *pool, size_t offset);

void leray_pool_reset(leray_pool *pool); /* takes everything back */
void leray_pool_fini(leray_pool *pool);  /* accepts a zeroed pool */

size_t leray_pool_bytes(const leray_pool *pool); /* in use */

#endif
