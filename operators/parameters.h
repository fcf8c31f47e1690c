/* operators/parameters.h - the weights of a model: one block of reals, and named views of it.
   Private.

   The block is contiguous, so that optimizers, checkpoints and all-reduce treat it as one
   array. Views follow each other without gaps in the order of declaration. A complex array
   has a trailing extent 2 and is_complex set. */
#ifndef LERAY_OPERATORS_PARAMETERS_H
#define LERAY_OPERATORS_PARAMETERS_H

#include "core/error.h"
#include "tensor/tape.h"
#include "tensor/tensor.h"

#include <stdint.h>

#define LERAY_PARAMETER_NAME 64

/* The distribution of initial values: uniform in [a, b), or normal with mean a and standard
   deviation b. */
typedef struct leray_initial {
    double a, b;
    bool normal;
    bool row_norms; /* in place of both: element i is the 2-norm of row i of the view before */
} leray_initial;

static inline leray_initial leray_initial_uniform(double low, double high)
{
    return (leray_initial){low, high, false, false};
}

static inline leray_initial leray_initial_normal(double mean, double deviation)
{
    return (leray_initial){mean, deviation, true, false};
}

static inline leray_initial leray_initial_constant(double x)
{
    return (leray_initial){x, x, false, false};
}

static inline leray_initial leray_initial_row_norms(void)
{
    return (leray_initial){0, 0, false, true};
}

typedef struct leray_parameter_view {
    char name[LERAY_PARAMETER_NAME]; /* as in a PyTorch state_dict: "blocks.0.map.weight" */
    int ndim, shape[LERAY_TENSOR_DIMS];
    bool is_complex;
    size_t offset, count; /* in reals */
    leray_initial initial;
} leray_parameter_view;

typedef struct leray_parameters {
    leray_dtype dtype;
    size_t count;       /* reals */
    void *value, *grad; /* [count] of dtype */
    int n_views;
    leray_parameter_view *views; /* [n_views] */
    int capacity;
} leray_parameters;

/* While a model is made: adds a view; *index is its number. Errors: ARG, MEMORY. */
LERAY_NODISCARD leray_status leray_parameters_declare(leray_parameters *p, const char *name,
                                                      bool is_complex, int ndim, const int *shape,
                                                      leray_initial initial, int *index);

/* After the last view: allocates the block. */
LERAY_NODISCARD leray_status leray_parameters_allocate(leray_parameters *p);

/* Draws the initial values: view i from the stream (seed, WEIGHTS, i, 0). */
void leray_parameters_draw(leray_parameters *p, uint64_t seed);

void leray_parameters_zero_gradients(leray_parameters *p);
void leray_parameters_fini(leray_parameters *p);

/* View `index` as a tensor on the tape. */
LERAY_NODISCARD leray_status leray_parameters_tensor(const leray_parameters *p, leray_tape *tape,
                                                     int index, leray_tensor **out);

#endif
