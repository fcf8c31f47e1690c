/* tensor/tape.c - the tape of leray/impl/tape.h and tensor/op.h: tensors, recording, segments, walking back. Its
   tables are in tensor/tape_table.c. */
#include <leray/impl/tape.h>

#include "core/mem.h"
#include "tensor/tape_impl.h"

#include <stdint.h>
#include <string.h>

leray_status leray_tape_create(leray_dtype dtype, leray_tape **out)
{
    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->dtype = dtype;
    (*out)->keep = true;
    return LERAY_OK;
}

void leray_tape_destroy(leray_tape **tape)
{
    leray_tape *t = *tape;

    if (!t) return;
    leray_tape_forget_tables(t);
    leray_mem_free(t->loose);
    leray_mem_free(t->nodes);
    leray_pool_fini(&t->pool);
    leray_arena_fini(&t->arena);
    leray_mem_free(t);
    *tape = NULL;
}

void leray_tape_reset(leray_tape *tape)
{
    leray_pool_reset(&tape->pool);
    leray_arena_reset(&tape->arena);
    tape->n_nodes = 0;
    tape->n_loose = 0;
    tape->walked = false;
}

void leray_tape_set_gradients(leray_tape *tape, bool keep) { tape->keep = keep; }
void leray_tape_set_measuring(leray_tape *tape, bool on) { tape->pool.measuring = on; }
leray_dtype leray_tape_dtype(const leray_tape *tape) { return tape->dtype; }
size_t leray_tape_peak(const leray_tape *tape) { return tape->pool.peak; }

size_t leray_tape_bytes(const leray_tape *tape)
{
    return tape->arena.used + leray_pool_bytes(&tape->pool);
}

void leray_tape_watch(leray_tape *tape, leray_watcher watcher, void *context)
{
    tape->watcher = watcher;
    tape->watcher_context = context;
}

/* ---- tensors ---------------------------------------------------------------------------- */

static leray_status count_elements(int ndim, const int *extent, size_t *count)
{
    size_t n = 1;

    LERAY_CHECK(ndim >= 1 && ndim <= LERAY_TENSOR_DIMS, LERAY_ERR_ARG,
                "a tensor of %d dimensions is not in [1, %d]", ndim, LERAY_TENSOR_DIMS);
    for (int i = 0; i < ndim; i++) {
        LERAY_CHECK(extent[i] >= 1, LERAY_ERR_ARG, "extent %d of a tensor is %d, not positive", i,
                    extent[i]);
        LERAY_CHECK(n <= SIZE_MAX / sizeof(double) / (size_t)extent[i], LERAY_ERR_ARG,
                    "a tensor of more than %zu elements", SIZE_MAX / sizeof(double));
        n *= (size_t)extent[i];
    }
    *count = n;
    return LERAY_OK;
}

static leray_status add_tensor(leray_tape *tape, int ndim, const int *extent, leray_tensor **out)
{
    size_t count = 0;
    leray_slot *slot;
    leray_tensor *t;

    LERAY_TRY(count_elements(ndim, extent, &count));
    LERAY_TRY(leray_arena_take(&tape->arena, sizeof *slot, &slot));
    memset(slot, 0, sizeof *slot);
    slot->value_at = slot->grad_at = LERAY_POOL_NOWHERE;
    t = &slot->tensor;
    t->dtype = tape->dtype;
    t->ndim = ndim;
    for (int i = 0; i < ndim; i++) t->shape[i] = extent[i];
    t->count = count;
    *out = t;
    return LERAY_OK;
}

leray_status leray_tape_parameter(leray_tape *tape, int ndim, const int *shape, void *value,
                                  void *grad, leray_tensor **out)
{
    *out = NULL;
    LERAY_TRY(add_tensor(tape, ndim, shape, out));
    (*out)->value = value;
    (*out)->grad = tape->keep ? grad : NULL;
    (*out)->wants = (*out)->grad != NULL;
    (*out)->grad_written = true;
    return LERAY_OK;
}

leray_status leray_tape_input(leray_tape *tape, int ndim, const int *shape, const void *value,
                              leray_tensor **out)
{
    void *borrowed;

    memcpy(&borrowed, &value, sizeof borrowed); /* no op writes to a tensor without a node */
    LERAY_TRY(leray_tape_parameter(tape, ndim, shape, borrowed, NULL, out));
    return LERAY_OK;
}

leray_status leray_tape_reshape(leray_tape *tape, leray_tensor *x, int ndim, const int *shape,
                                leray_tensor **out)
{
    leray_tensor *t = NULL;

    *out = NULL;
    LERAY_TRY(add_tensor(tape, ndim, shape, &t));
    LERAY_CHECK(t->count == x->count, LERAY_ERR_ARG, "%zu elements in the shape of %zu", x->count,
                t->count);
    t->value = x->value;
    t->wants = x->wants;
    t->base = x;
    t->tag = x->tag;
    *out = t;
    return LERAY_OK;
}

static leray_tensor *root_of(leray_tensor *t)
{
    while (t->base) t = t->base;
    return t;
}

static void release_value(leray_tape *tape, leray_tensor *t)
{
    leray_pool_give(&tape->pool, leray_slot_of(t)->value_at);
    leray_slot_of(t)->value_at = LERAY_POOL_NOWHERE;
    t->value = NULL;
}

/* Value and gradient. */
static void release(leray_tape *tape, leray_tensor *t)
{
    release_value(tape, t);
    leray_pool_give(&tape->pool, leray_slot_of(t)->grad_at);
    leray_slot_of(t)->grad_at = LERAY_POOL_NOWHERE;
    t->grad = NULL;
}

/* ---- recording -------------------------------------------------------------------------- */

static leray_status add_to_list(void *list, int n, int *room, size_t size)
{
    int more = *room ? 2 * *room : 64;

    if (n < *room) return LERAY_OK;
    LERAY_TRY(leray_mem_grow(list, (size_t)*room, (size_t)more, size));
    *room = more;
    return LERAY_OK;
}

/* Where gradients are wanted a node owns what it makes; elsewhere its value is loose. */
static leray_status keep_node(leray_tape *tape, leray_node *node)
{
    LERAY_TRY(add_to_list(&tape->nodes, tape->n_nodes, &tape->nodes_room, sizeof *tape->nodes));
    tape->nodes[tape->n_nodes++] = node;
    node->out->wants = true;
    for (int i = 0; i < node->n_inputs; i++) leray_slot_of(node->in[i])->uses++;
    return LERAY_OK;
}

static leray_status keep_loose(leray_tape *tape, leray_tensor *t)
{
    LERAY_TRY(add_to_list(&tape->loose, tape->n_loose, &tape->loose_room, sizeof *tape->loose));
    tape->loose[tape->n_loose++] = t;
    return LERAY_OK;
}

static leray_status add_node(leray_tape *tape, const leray_op *op, int n_inputs,
                             leray_tensor *const *inputs, leray_node **out)
{
    leray_node *node;

    LERAY_TRY(leray_arena_take(&tape->arena, sizeof *node, &node));
    memset(node, 0, sizeof *node);
    node->op = op;
    node->kernels = leray_kernels_cpu(tape->dtype);
    node->tape = tape;
    node->n_inputs = n_inputs;
    node->saved_at = LERAY_POOL_NOWHERE;
    for (int i = 0; i < n_inputs; i++) node->in[i] = inputs[i];
    *out = node;
    return LERAY_OK;
}

/* The node's output and, where a gradient is wanted, memory for what backward needs. */
static leray_status prepare(leray_tape *tape, leray_node *node)
{
    leray_shape shape = {0};
    bool wanted = false;
    size_t size;

    for (int i = 0; i < node->n_inputs; i++) {
        LERAY_CHECK(node->in[i] && node->in[i]->dtype == tape->dtype, LERAY_ERR_ARG,
                    "%s: input %d is missing or not of the tape's precision", node->op->name, i);
        wanted |= node->in[i]->wants;
    }
    LERAY_TRY(node->op->shapes(node, &shape));
    LERAY_TRY(add_tensor(tape, shape.ndim, shape.extent, &node->out));
    size = node->out->count * leray_dtype_size(tape->dtype);
    LERAY_TRY(
        leray_pool_take(&tape->pool, size, &leray_slot_of(node->out)->value_at, &node->out->value));
    if (!wanted || !tape->keep) return keep_loose(tape, node->out);
    if (node->saved_size)
        LERAY_TRY(leray_pool_take(&tape->pool, node->saved_size, &node->saved_at, &node->saved));
    return keep_node(tape, node);
}

/* Runs one of the node's functions with the work space that it asked for. */
static leray_status run_node(leray_tape *tape, leray_node *node,
                             leray_status (*function)(leray_node *))
{
    size_t at = LERAY_POOL_NOWHERE;
    leray_status status = LERAY_OK;

    tape->scratch = NULL;
    tape->scratch_size = node->scratch_size;
    if (node->scratch_size)
        LERAY_TRY(leray_pool_take(&tape->pool, node->scratch_size, &at, &tape->scratch));
    if (!tape->pool.measuring) status = function(node);
    leray_pool_give(&tape->pool, at);
    tape->scratch_size = 0;
    return status;
}

leray_status leray_tape_record(leray_tape *tape, const leray_op *op, int n_inputs,
                               leray_tensor *const *inputs, const leray_op_settings *settings,
                               leray_tensor **out)
{
    leray_node *node = NULL;

    *out = NULL;
    LERAY_CHECK(n_inputs >= op->inputs_min && n_inputs <= op->inputs_max, LERAY_ERR_ARG,
                "%s: %d inputs, not in [%d, %d]", op->name, n_inputs, op->inputs_min,
                op->inputs_max);
    LERAY_TRY(add_node(tape, op, n_inputs, inputs, &node));
    if (settings) node->settings = *settings;
    LERAY_TRY(prepare(tape, node));
    LERAY_TRY(run_node(tape, node, op->forward));
    *out = node->out;
    return LERAY_OK;
}

leray_status leray_tape_scratch(leray_tape *tape, size_t size, void *p)
{
    LERAY_CHECK(size <= tape->scratch_size, LERAY_ERR_INTERNAL,
                "an op asks for %zu bytes of work space and had announced %zu", size,
                tape->scratch_size);
    memcpy(p, &tape->scratch, sizeof tape->scratch);
    return LERAY_OK;
}

/* ---- segments --------------------------------------------------------------------------- */

/* Parts of a graph whose insides are not kept. Forward runs the body without gradients and gives back all
   it made but y. With gradients to come, one node stands for the body; backward then runs it again, now
   keeping what is needed, hands over the gradient of y, and walks back over the nodes that the body has
   added. */
typedef struct body {
    leray_segment run;
    void *context;
} body;

static const leray_op segment = {.name = "segment", .inputs_min = 1, .inputs_max = 1};

/* Gives back the loose values from number `first` on, but for y, which stays loose. */
static void drop_loose(leray_tape *tape, int first, leray_tensor *y)
{
    leray_tensor *root = root_of(y);
    int kept = first;

    for (int i = first; i < tape->n_loose; i++)
        if (tape->loose[i] == root) tape->loose[kept++] = root;
        else release(tape, tape->loose[i]);
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
    LERAY_TRY(add_node(tape, &segment, 1, &x, &node));
    node->out = y;
    LERAY_TRY(leray_arena_take(&tape->arena, sizeof(body), &node->saved));
    *(body *)node->saved = (body){run, context};
    tape->n_loose--;
    return keep_node(tape, node);
}

leray_status leray_tape_segment(leray_tape *tape, leray_segment run, void *context, bool recompute,
                                leray_tensor *x, leray_tensor **y)
{
    *y = NULL;
    if (tape->keep && !recompute) return run(context, tape, x, y);
    LERAY_TRY(run_without_gradients(tape, run, context, x, y));
    return tape->keep ? stand_in(tape, run, context, x, *y) : LERAY_OK;
}

/* ---- walking back ----------------------------------------------------------------------- */

bool leray_node_adds(leray_node *node, int i)
{
    leray_tensor *t = root_of(node->in[i]);
    bool adds = t->grad_written;

    t->grad_written = true;
    return adds;
}

/* Memory for the gradient of t where it is wanted and not there yet. */
static leray_status give_gradient(leray_tape *tape, leray_tensor *t)
{
    leray_tensor *root = root_of(t);
    size_t size = root->count * leray_dtype_size(tape->dtype);

    if (!root->wants) return LERAY_OK;
    if (leray_slot_of(root)->grad_at == LERAY_POOL_NOWHERE && !root->grad)
        LERAY_TRY(leray_pool_take(&tape->pool, size, &leray_slot_of(root)->grad_at, &root->grad));
    t->grad = root->grad;
    return LERAY_OK;
}

/* What only this node and those behind it needed. */
static void release_node(leray_tape *tape, leray_node *node)
{
    release(tape, node->out);
    leray_pool_give(&tape->pool, node->saved_at);
    node->saved_at = LERAY_POOL_NOWHERE;
}

/* Tells the watcher of parameters that this node was the first to use. */
static leray_status tell(leray_tape *tape, const leray_node *node)
{
    for (int i = 0; i < node->n_inputs; i++) {
        leray_tensor *t = node->in[i];

        if (--leray_slot_of(t)->uses > 0 || !t->tag || !tape->watcher) continue;
        LERAY_TRY(tape->watcher(tape->watcher_context, t->tag));
    }
    return LERAY_OK;
}

/* Walks back over the nodes from the last one down to number `first`, and forgets them. */
static leray_status walk(leray_tape *tape, int first);

static leray_status segment_back(leray_node *node)
{
    leray_tape *tape = node->tape;
    const body *b = node->saved;
    int first = tape->n_nodes;
    leray_tensor *y = NULL;

    LERAY_TRY(b->run(b->context, tape, node->in[0], &y));
    release_value(tape, node->out);
    y->grad = node->out->grad;
    leray_slot_of(y)->grad_at = leray_slot_of(node->out)->grad_at;
    leray_slot_of(node->out)->grad_at = LERAY_POOL_NOWHERE;
    y->grad_written = true;
    return walk(tape, first);
}

static leray_status step_back(leray_tape *tape, leray_node *node)
{
    if (node->out->grad_written) {
        for (int i = 0; i < node->n_inputs; i++) LERAY_TRY(give_gradient(tape, node->in[i]));
        LERAY_TRY(node->op == &segment ? segment_back(node)
                                       : run_node(tape, node, node->op->backward));
        /* While measuring nobody has written, but somebody would have. */
        for (int i = 0; i < node->n_inputs; i++)
            if (node->in[i]->wants) root_of(node->in[i])->grad_written = true;
    }
    LERAY_TRY(tell(tape, node));
    release_node(tape, node);
    return LERAY_OK;
}

static leray_status walk(leray_tape *tape, int first)
{
    while (tape->n_nodes > first) LERAY_TRY(step_back(tape, tape->nodes[--tape->n_nodes]));
    return LERAY_OK;
}

leray_status leray_tape_backward(leray_tape *tape, leray_tensor *scalar)
{
    LERAY_CHECK(scalar->count == 1 && scalar->wants, LERAY_ERR_ARG,
                "backward starts from one number that depends on a parameter");
    LERAY_CHECK(!tape->walked, LERAY_ERR_ARG, "backward a second time without a reset");
    tape->walked = true;
    LERAY_TRY(give_gradient(tape, scalar));
    if (!tape->pool.measuring) {
        if (tape->dtype == LERAY_F32) *(float *)scalar->grad = 1;
        else *(double *)scalar->grad = 1;
    }
    root_of(scalar)->grad_written = true;
    return walk(tape, 0);
}
