/* tensor/pool.c - see tensor/pool.h. */
#include "tensor/pool.h"

#include "core/mem.h"

#include <string.h>

#define ALIGNMENT 64

static leray_status make_room(leray_pool *pool)
{
    int room = pool->room ? 2 * pool->room : 256;

    if (pool->n < pool->room) return LERAY_OK;
    LERAY_TRY(
        leray_mem_grow(&pool->pieces, (size_t)pool->room, (size_t)room, sizeof *pool->pieces));
    pool->room = room;
    return LERAY_OK;
}

/* The block as large as was ever needed; nothing is in it now. */
static leray_status grow(leray_pool *pool)
{
    if (pool->measuring || pool->n > 0 || pool->peak <= pool->capacity) return LERAY_OK;
    leray_mem_free(pool->block);
    pool->block = NULL;
    pool->capacity = 0;
    LERAY_TRY(LERAY_ALLOC(&pool->block, pool->peak));
    pool->capacity = pool->peak;
    return LERAY_OK;
}

/* The first gap that is large enough: its place in the list, and its offset. */
static int find_gap(const leray_pool *pool, size_t size, size_t *offset)
{
    int i = 0;

    *offset = 0;
    while (i < pool->n && pool->pieces[i].offset - *offset < size) {
        *offset = pool->pieces[i].offset + pool->pieces[i].size;
        i++;
    }
    return i;
}

leray_status leray_pool_take(leray_pool *pool, size_t size, size_t *offset, void *p)
{
    leray_pool_piece piece = {.size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT};
    char *data = NULL;
    int i;

    LERAY_TRY(grow(pool));
    LERAY_TRY(make_room(pool));
    if (piece.size == 0) piece.size = ALIGNMENT;
    i = find_gap(pool, piece.size, &piece.offset);
    if (pool->measuring) data = NULL;
    else if (piece.offset + piece.size <= pool->capacity) data = pool->block + piece.offset;
    else {
        LERAY_TRY(LERAY_ALLOC(&data, piece.size));
        piece.own = data;
    }
    memmove(&pool->pieces[i + 1], &pool->pieces[i], (size_t)(pool->n - i) * sizeof piece);
    pool->pieces[i] = piece;
    pool->n++;
    if (piece.offset + piece.size > pool->peak) pool->peak = piece.offset + piece.size;
    *offset = piece.offset;
    memcpy(p, &data, sizeof data);
    return LERAY_OK;
}

void leray_pool_give(leray_pool *pool, size_t offset)
{
    int low = 0, high = pool->n - 1;

    if (offset == LERAY_POOL_NOWHERE) return;
    while (low < high) {
        int middle = (low + high) / 2;

        if (pool->pieces[middle].offset < offset) low = middle + 1;
        else high = middle;
    }
    leray_mem_free(pool->pieces[low].own);
    pool->n--;
    memmove(&pool->pieces[low], &pool->pieces[low + 1],
            (size_t)(pool->n - low) * sizeof *pool->pieces);
}

void leray_pool_reset(leray_pool *pool)
{
    for (int i = 0; i < pool->n; i++) leray_mem_free(pool->pieces[i].own);
    pool->n = 0;
}

void leray_pool_fini(leray_pool *pool)
{
    for (int i = 0; i < pool->n; i++) leray_mem_free(pool->pieces[i].own);
    leray_mem_free(pool->pieces);
    leray_mem_free(pool->block);
    memset(pool, 0, sizeof *pool);
}

size_t leray_pool_bytes(const leray_pool *pool)
{
    size_t bytes = 0;

    for (int i = 0; i < pool->n; i++) bytes += pool->pieces[i].size;
    return bytes;
}
