/* tensor/tape_segment.c - parts of a graph whose insides are not kept (leray/impl/tape.h).

   Forward runs the body without gradients and gives back all it made but y. With gradients to
   come, one node stands for the body; backward then runs it again, now keeping what is needed,
   hands over the gradient of y, and walks back over the nodes that the body has added. */
#include "tensor/tape_impl.h"

#include <string.h>

typedef struct body {
    leray_segment run;
    void *context;
} body;

/* Gives back the loose values from number `first` on, but for y, which stays loose. */
static void drop_loose(leray_tape *tape, int first, leray_tensor *y)
{
    leray_tensor *root = y;
    int kept = first;

    while (root->base) root = root->base;
    for (int i = first; i < tape->n_loose; i++)
        if (tape->loose[i] == root) tape->loose[kept++] = root;
        else leray_tape_release(tape, tape->loose[i]);
    tape->n_loose = kept;
}

static leray_status run_without_gradients(leray_tape *tape, leray_segment run, void *context,
                                          leray_tensor *x, leray_tensor **y)
{
    int first = tape->n_loose;
    bool keep = tape->keep;
    leray_status status;

    tape->keep = false;
    status = run(context, tape, x, y);
    tape->keep = keep;
    if (!status) drop_loose(tape, first, *y);
    return status;
}

/* The node that stands for the body: it owns y from now on. */
static leray_status stand_in(leray_tape *tape, leray_segment run, void *context, leray_tensor *x,
                             leray_tensor *y)
{
    leray_node *node = NULL;

    LERAY_CHECK(!y->base && tape->n_loose > 0 && tape->loose[tape->n_loose - 1] == y,
                LERAY_ERR_INTERNAL, "a segment must give a tensor that it made by an op");
    LERAY_TRY(leray_tape_add_node(tape, &leray_op_segment, 1, &x, &node));
    node->out = y;
    LERAY_TRY(leray_arena_take(&tape->arena, sizeof(body), &node->saved));
    *(body *)node->saved = (body){run, context};
    tape->n_loose--;
    return leray_tape_keep_node(tape, node);
}

leray_status leray_tape_segment(leray_tape *tape, leray_segment run, void *context, bool recompute,
                                leray_tensor *x, leray_tensor **y)
{
    *y = NULL;
    if (tape->keep && !recompute) return run(context, tape, x, y);
    LERAY_TRY(run_without_gradients(tape, run, context, x, y));
    return tape->keep ? stand_in(tape, run, context, x, *y) : LERAY_OK;
}

leray_status leray_tape_segment_back(leray_node *node)
{
    leray_tape *tape = node->tape;
    const body *b = node->saved;
    int first = tape->n_nodes;
    leray_tensor *y = NULL;

    LERAY_TRY(b->run(b->context, tape, node->in[0], &y));
    leray_tape_release_value(tape, node->out);
    y->grad = node->out->grad;
    leray_slot_of(y)->grad_at = leray_slot_of(node->out)->grad_at;
    leray_slot_of(node->out)->grad_at = LERAY_POOL_NOWHERE;
    y->grad_written = true;
    return leray_tape_walk(tape, first);
}

const leray_op leray_op_segment = {.name = "segment", .inputs_min = 1, .inputs_max = 1};
