/* tensor/tape_table.c - constant tables, and objects, that a tape makes once and keeps. */
#include "core/mem.h"
#include "tensor/tape_impl.h"

#include <string.h>

/* The entry of (kind, key); a new one has no data, and counts once n_tables is raised. */
static leray_status find(leray_tape *tape, const char *kind, const int key[4],
                         leray_tape_entry **out)
{
    int i = 0;

    while (i < tape->n_tables && (tape->tables[i].kind != kind ||
                                  memcmp(tape->tables[i].key, key, sizeof tape->tables[i].key)))
        i++;
    if (i == tape->tables_room) {
        int room = tape->tables_room ? 2 * tape->tables_room : 8;

        LERAY_TRY(leray_mem_grow(&tape->tables, (size_t)tape->tables_room, (size_t)room,
                                 sizeof *tape->tables));
        tape->tables_room = room;
    }
    *out = &tape->tables[i];
    if (i < tape->n_tables) return LERAY_OK;
    (*out)->kind = kind;
    memcpy((*out)->key, key, sizeof(*out)->key);
    (*out)->data = NULL;
    return LERAY_OK;
}

leray_status leray_tape_table(leray_tape *tape, const char *kind, const int key[4], size_t size,
                              void (*fill)(leray_dtype, const int key[4], void *), const void **out)
{
    leray_tape_entry *t;

    LERAY_TRY(find(tape, kind, key, &t));
    if (!t->data) {
        LERAY_TRY(leray_mem_alloc(&t->data, size, 1));
        t->destroy = leray_mem_free;
        fill(tape->dtype, key, t->data);
        tape->n_tables++;
    }
    *out = t->data;
    return LERAY_OK;
}

leray_status leray_tape_object(leray_tape *tape, const char *kind, const int key[4],
                               leray_status (*create)(const int key[4], void **),
                               void (*destroy)(void *), void **out)
{
    leray_tape_entry *t;

    LERAY_TRY(find(tape, kind, key, &t));
    if (!t->data) {
        LERAY_TRY(create(key, &t->data));
        t->destroy = destroy;
        tape->n_tables++;
    }
    *out = t->data;
    return LERAY_OK;
}

void leray_tape_forget_tables(leray_tape *tape)
{
    for (int i = 0; i < tape->n_tables; i++) tape->tables[i].destroy(tape->tables[i].data);
    leray_mem_free(tape->tables);
}
