/* leray/impl/parameters.h - the weights of a model: one block of reals, and named views of it.

   The block is contiguous, so that optimizers, checkpoints and all-reduce treat it as one
   array. Views follow each other without gaps in the order of declaration. A complex array
   has a trailing extent 2 and is_complex set. */
#ifndef LERAY_IMPL_PARAMETERS_H
#define LERAY_IMPL_PARAMETERS_H

#include <leray/impl/error.h>
#include <leray/impl/tape.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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
    leray_initial initial = {low, high, false, false};

    return initial;
}

static inline leray_initial leray_initial_normal(double mean, double deviation)
{
    leray_initial initial = {mean, deviation, true, false};

    return initial;
}

static inline leray_initial leray_initial_constant(double x)
{
    leray_initial initial = {x, x, false, false};

    return initial;
}

static inline leray_initial leray_initial_row_norms(void)
{
    leray_initial initial = {0, 0, false, true};

    return initial;
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
LERAY_API LERAY_NODISCARD leray_status leray_parameters_declare(leray_parameters *p,
                                                                const char *name, bool is_complex,
                                                                int ndim, const int *shape,
                                                                leray_initial initial, int *index);

/* View `index` as a tensor on the tape. */
LERAY_API LERAY_NODISCARD leray_status leray_parameters_tensor(const leray_parameters *p,
                                                               leray_tape *tape, int index,
                                                               leray_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
