/* tensor/arena.c - see tensor/arena.h. */
#include "tensor/arena.h"

#include "core/mem.h"

#include <string.h>

#define ALIGNMENT 64
#define SMALLEST_BLOCK ((size_t)1 << 20)

static leray_status add_block(leray_arena *arena, size_t size)
{
    leray_arena_block *block;

    if (arena->n == arena->capacity) {
        int capacity = arena->capacity ? 2 * arena->capacity : 16;

        LERAY_TRY(leray_mem_grow(&arena->blocks, (size_t)arena->n, (size_t)capacity,
                                 sizeof *arena->blocks));
        arena->capacity = capacity;
    }
    if (size < SMALLEST_BLOCK) size = SMALLEST_BLOCK;
    block = &arena->blocks[arena->n];
    LERAY_TRY(LERAY_ALLOC(&block->data, size));
    block->size = size;
    block->used = 0;
    arena->n++;
    return LERAY_OK;
}

leray_status leray_arena_take(leray_arena *arena, size_t size, void *p)
{
    leray_arena_block *block;
    char *data;

    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    while (arena->current < arena->n) {
        block = &arena->blocks[arena->current];
        if (block->size - block->used >= size) break;
        arena->current++;
    }
    if (arena->current == arena->n) LERAY_TRY(add_block(arena, size));
    block = &arena->blocks[arena->current];
    data = block->data + block->used;
    block->used += size;
    arena->used += size;
    memcpy(p, &data, sizeof data);
    return LERAY_OK;
}

void leray_arena_reset(leray_arena *arena)
{
    for (int i = 0; i < arena->n; i++) arena->blocks[i].used = 0;
    arena->current = 0;
    arena->used = 0;
}

void leray_arena_fini(leray_arena *arena)
{
    for (int i = 0; i < arena->n; i++) leray_mem_free(arena->blocks[i].data);
    leray_mem_free(arena->blocks);
    memset(arena, 0, sizeof *arena);
}
