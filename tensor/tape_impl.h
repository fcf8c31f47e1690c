/* tensor/tape_impl.h - the inside of a tape. Private to tensor/tape*.c. */
#ifndef LERAY_TENSOR_TAPE_IMPL_H
#define LERAY_TENSOR_TAPE_IMPL_H

#include "tensor/arena.h"
#include "tensor/op.h"
#include "tensor/pool.h"

/* A tensor and its places in the pool. */
typedef struct leray_slot {
    leray_tensor tensor; /* first, so that a tensor leads to its slot */
    size_t value_at, grad_at;
    int uses; /* nodes that take it and have not been walked over */
} leray_slot;

typedef struct leray_tape_entry {
    const char *kind;
    int key[4];
    void *data;
    void (*destroy)(void *);
} leray_tape_entry;

struct leray_tape {
    leray_dtype dtype;
    bool keep, walked;
    leray_arena arena;    /* nodes and tensors */
    leray_pool pool;      /* their numbers */
    leray_node **nodes;   /* [n_nodes] of [nodes_room] */
    leray_tensor **loose; /* [n_loose] of [loose_room]: values that no node owns */
    int n_nodes, nodes_room, n_loose, loose_room;
    void *scratch; /* of the op that is running */
    size_t scratch_size;
    leray_tape_entry *tables; /* [n_tables] of [tables_room] */
    int n_tables, tables_room;
    leray_watcher watcher;
    void *watcher_context;
};

static inline leray_slot *leray_slot_of(leray_tensor *t) { return (leray_slot *)(void *)t; }

void leray_tape_forget_tables(leray_tape *tape);

#endif
