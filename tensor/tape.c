/* tensor/tape.c - see tensor/tape.h and tensor/op.h. */
#include "tensor/tape.h"

#include "core/mem.h"
#include "tensor/arena.h"
#include "tensor/op.h"

#include <stdint.h>
#include <string.h>

typedef struct table {
    const char *kind;
    int key[4];
    void *data;
} table;

struct leray_tape {
    leray_dtype dtype;
    bool keep, walked;
    leray_arena arena;
    leray_node **nodes; /* [n_nodes] of [capacity] */
    int n_nodes, capacity;
    char *scratch;
    size_t scratch_size;
    table *tables; /* [n_tables] of [tables_capacity] */
    int n_tables, tables_capacity;
};

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
    for (int i = 0; i < t->n_tables; i++) leray_mem_free(t->tables[i].data);
    leray_mem_free(t->tables);
    leray_mem_free(t->scratch);
    leray_mem_free(t->nodes);
    leray_arena_fini(&t->arena);
    leray_mem_free(t);
    *tape = NULL;
}

void leray_tape_reset(leray_tape *tape)
{
    leray_arena_reset(&tape->arena);
    tape->n_nodes = 0;
    tape->walked = false;
}

void leray_tape_set_gradients(leray_tape *tape, bool keep) { tape->keep = keep; }
leray_dtype leray_tape_dtype(const leray_tape *tape) { return tape->dtype; }
size_t leray_tape_bytes(const leray_tape *tape) { return tape->arena.used + tape->scratch_size; }

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
    leray_tensor *t;

    LERAY_TRY(count_elements(ndim, extent, &count));
    LERAY_TRY(leray_arena_take(&tape->arena, sizeof *t, &t));
    memset(t, 0, sizeof *t);
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

static leray_status add_node(leray_tape *tape, leray_node *node)
{
    if (tape->n_nodes == tape->capacity) {
        int capacity = tape->capacity ? 2 * tape->capacity : 64;

        LERAY_TRY(leray_mem_grow(&tape->nodes, (size_t)tape->capacity, (size_t)capacity,
                                 sizeof *tape->nodes));
        tape->capacity = capacity;
    }
    tape->nodes[tape->n_nodes++] = node;
    return LERAY_OK;
}

/* The node, its output and, where a gradient is wanted, the memory for it. */
static leray_status prepare(leray_tape *tape, leray_node *node)
{
    leray_shape shape = {0};
    bool wanted = false;
    size_t size;

    for (int i = 0; i < node->n_inputs; i++) {
        LERAY_CHECK(node->in[i] && node->in[i]->dtype == tape->dtype, LERAY_ERR_ARG,
                    "%s: input %d is missing or not of the tape's precision", node->op->name, i);
        wanted |= node->in[i]->grad != NULL;
    }
    LERAY_TRY(node->op->shapes(node, &shape));
    LERAY_TRY(add_tensor(tape, shape.ndim, shape.extent, &node->out));
    size = node->out->count * leray_dtype_size(tape->dtype);
    LERAY_TRY(leray_arena_take(&tape->arena, size, &node->out->value));
    if (!wanted || !tape->keep) return LERAY_OK;
    LERAY_TRY(leray_arena_take(&tape->arena, size, &node->out->grad));
    if (node->saved_size) LERAY_TRY(leray_arena_take(&tape->arena, node->saved_size, &node->saved));
    LERAY_TRY(add_node(tape, node));
    return LERAY_OK;
}

leray_status leray_tape_record(leray_tape *tape, const leray_op *op, int n_inputs,
                               leray_tensor *const *inputs, const leray_op_settings *settings,
                               leray_tensor **out)
{
    leray_node *node;

    *out = NULL;
    LERAY_CHECK(n_inputs >= op->inputs_min && n_inputs <= op->inputs_max, LERAY_ERR_ARG,
                "%s: %d inputs, not in [%d, %d]", op->name, n_inputs, op->inputs_min,
                op->inputs_max);
    LERAY_TRY(leray_arena_take(&tape->arena, sizeof *node, &node));
    memset(node, 0, sizeof *node);
    node->op = op;
    node->kernels = leray_kernels_cpu(tape->dtype);
    node->tape = tape;
    node->n_inputs = n_inputs;
    for (int i = 0; i < n_inputs; i++) node->in[i] = inputs[i];
    if (settings) node->settings = *settings;
    LERAY_TRY(prepare(tape, node));
    LERAY_TRY(op->forward(node));
    *out = node->out;
    return LERAY_OK;
}

bool leray_node_adds(leray_node *node, int i)
{
    bool adds = node->in[i]->grad_written;

    node->in[i]->grad_written = true;
    return adds;
}

leray_status leray_tape_backward(leray_tape *tape, leray_tensor *scalar)
{
    LERAY_CHECK(scalar->count == 1 && scalar->grad, LERAY_ERR_ARG,
                "backward starts from one number that depends on a parameter");
    LERAY_CHECK(!tape->walked, LERAY_ERR_ARG, "backward a second time without a reset");
    tape->walked = true;
    if (tape->dtype == LERAY_F32) *(float *)scalar->grad = 1;
    else *(double *)scalar->grad = 1;
    scalar->grad_written = true;
    for (int i = tape->n_nodes - 1; i >= 0; i--)
        if (tape->nodes[i]->out->grad_written)
            LERAY_TRY(tape->nodes[i]->op->backward(tape->nodes[i]));
    return LERAY_OK;
}

leray_status leray_tape_scratch(leray_tape *tape, size_t size, void *p)
{
    if (size > tape->scratch_size) {
        leray_mem_free(tape->scratch);
        tape->scratch = NULL;
        tape->scratch_size = 0;
        LERAY_TRY(LERAY_ALLOC(&tape->scratch, size));
        tape->scratch_size = size;
    }
    memcpy(p, &tape->scratch, sizeof tape->scratch);
    return LERAY_OK;
}

static leray_status add_table(leray_tape *tape, const char *kind, const int key[4], size_t size,
                              void (*fill)(leray_dtype, const int key[4], void *))
{
    table *t;

    if (tape->n_tables == tape->tables_capacity) {
        int capacity = tape->tables_capacity ? 2 * tape->tables_capacity : 8;

        LERAY_TRY(leray_mem_grow(&tape->tables, (size_t)tape->tables_capacity, (size_t)capacity,
                                 sizeof *tape->tables));
        tape->tables_capacity = capacity;
    }
    t = &tape->tables[tape->n_tables];
    LERAY_TRY(leray_mem_alloc(&t->data, size, 1));
    t->kind = kind;
    memcpy(t->key, key, sizeof t->key);
    fill(tape->dtype, key, t->data);
    tape->n_tables++;
    return LERAY_OK;
}

leray_status leray_tape_table(leray_tape *tape, const char *kind, const int key[4], size_t size,
                              void (*fill)(leray_dtype, const int key[4], void *), const void **out)
{
    int i = 0;

    while (i < tape->n_tables && (tape->tables[i].kind != kind ||
                                  memcmp(tape->tables[i].key, key, sizeof tape->tables[i].key)))
        i++;
    if (i == tape->n_tables) LERAY_TRY(add_table(tape, kind, key, size, fill));
    *out = tape->tables[i].data;
    return LERAY_OK;
}
