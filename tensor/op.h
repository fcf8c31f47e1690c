/* tensor/op.h - one differentiable operation: what a row of tensor/ops.def provides. Private.

   To add one: define a leray_op called leray_op_row_<id> in the file of its family, one line in
   tensor/ops.def, and a function that records it in leray/impl/ops.h. The gradient check and the
   check of failing allocations run over every row of the list. */
#ifndef LERAY_TENSOR_OP_H
#define LERAY_TENSOR_OP_H

#include "core/error.h"
#include "tensor/kernels/kernels.h"
#include <leray/impl/tape.h>

#define LERAY_OP_INPUTS 6
#define LERAY_OP_REALS 8
#define LERAY_OP_INTEGERS 20

typedef struct leray_op leray_op;

/* Settings of an op beside its inputs; each op says what they mean. */
typedef struct leray_op_settings {
    double real[LERAY_OP_REALS];
    int integer[LERAY_OP_INTEGERS];
} leray_op_settings;

typedef struct leray_node {
    const leray_op *op;
    const leray_kernels *kernels; /* of the tape's dtype */
    leray_tape *tape;
    int n_inputs;
    leray_tensor *in[LERAY_OP_INPUTS];
    leray_tensor *out;
    leray_op_settings settings;
    /* Bytes; set by shapes, 0 where nothing is needed. */
    size_t saved_size;   /* from forward to backward */
    size_t scratch_size; /* work space: the larger of what forward and backward request */
    void *saved;         /* NULL if no gradient is wanted */
    size_t saved_at;     /* the tape's */
} leray_node;

typedef struct leray_shape {
    int ndim, extent[LERAY_TENSOR_DIMS];
} leray_shape;

/* A small problem for the tests: inputs uniform in [low, high). */
typedef struct leray_op_sample {
    int n_inputs;
    leray_shape input[LERAY_OP_INPUTS];
    leray_op_settings settings;
    double low, high;
} leray_op_sample;

struct leray_op {
    const char *name;
    int inputs_min, inputs_max;

    /* REQUIRED */
    /* Checks the inputs and says what comes out; sets saved_size and scratch_size of the node.
       Sees extents alone: on a tape that only measures there are no values. Errors: ARG. */
    leray_status (*shapes)(leray_node *node, leray_shape *out);
    leray_status (*forward)(leray_node *node); /* writes out->value */
    /* For every input that has a grad: adds d scalar / d input, or overwrites if
       leray_node_adds says so. out->grad is complete. */
    leray_status (*backward)(leray_node *node);
    int n_samples;
    void (*sample)(int i, leray_op_sample *sample); /* 0 <= i < n_samples; zeroed before */
};

/* Computes and records. Errors: ARG, MEMORY, EXTERNAL; *out is NULL then. */
LERAY_NODISCARD leray_status leray_tape_record(leray_tape *tape, const leray_op *op, int n_inputs,
                                               leray_tensor *const *inputs,
                                               const leray_op_settings *settings,
                                               leray_tensor **out);

/* Work space for the op that is running; the next request takes it back. */
LERAY_NODISCARD leray_status leray_tape_scratch(leray_tape *tape, size_t size, void *p);

/* A constant table that outlives resets, made once per (kind, key): `fill` is called the first
   time. `kind` is static text compared by address. */
LERAY_NODISCARD leray_status leray_tape_table(leray_tape *tape, const char *kind, const int key[4],
                                              size_t size,
                                              void (*fill)(leray_dtype, const int key[4], void *),
                                              const void **out);

/* Likewise something made by `create` (a plan of a transform), freed by `destroy` with the tape. */
LERAY_NODISCARD leray_status leray_tape_object(leray_tape *tape, const char *kind, const int key[4],
                                               leray_status (*create)(const int key[4], void **),
                                               void (*destroy)(void *), void **out);

/* Whether the contribution to input i adds (true) or overwrites; from now on the next adds. */
bool leray_node_adds(leray_node *node, int i);

/* Element i of an array of this dtype. */
static inline void *leray_at(leray_dtype dtype, const void *p, size_t i)
{
    return (char *)(size_t)p + i * leray_dtype_size(dtype);
}

static inline leray_shape leray_shape_of(const leray_tensor *t)
{
    leray_shape s = {t->ndim, {0}};

    for (int i = 0; i < t->ndim; i++) s.extent[i] = t->shape[i];
    return s;
}

static inline bool leray_same_shape(const leray_tensor *a, const leray_tensor *b)
{
    bool same = a->ndim == b->ndim;

    for (int i = 0; same && i < a->ndim; i++) same = a->shape[i] == b->shape[i];
    return same;
}

#endif
