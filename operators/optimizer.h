/* operators/optimizer.h - what an optimizer provides. Private.

   To add one: operators/optimizers/<id>.c exporting leray_optimizer_<id>, and one line in
   operators/optimizers.def. Its section holds its own keys and the common ones. */
#ifndef LERAY_OPERATORS_OPTIMIZER_H
#define LERAY_OPERATORS_OPTIMIZER_H

#include "core/config.h"
#include "operators/parameters.h"

typedef struct leray_optimizer leray_optimizer;

/* One array of state, of the parameters' dtype: what a checkpoint saves and restores, bit by
   bit. Borrowed; lives as long as the optimizer. */
typedef struct leray_named_array {
    const char *name;
    leray_dtype dtype;
    size_t count;
    void *data;
} leray_named_array;

typedef struct leray_optimizer_type {
    const char *summary;
    size_t size; /* sizeof the struct whose first member is leray_optimizer */
    leray_keys keys;

    /* REQUIRED */
    /* Reads settings and makes its state with leray_optimizer_array. */
    leray_status (*init)(leray_optimizer *self, const leray_config *cfg, const char *section);
    /* One update of self->parameters with gradient_scale * gradient; self->steps has already
       been counted up to this step's number, 1 for the first. */
    void (*step)(leray_optimizer *self, double learning_rate_factor, double gradient_scale);

    /* OPTIONAL: NULL means nothing to do */
    void (*fini)(leray_optimizer *self);
} leray_optimizer_type;

#define LERAY_OPTIMIZER_ARRAYS 4

struct leray_optimizer {
    const leray_optimizer_type *type;
    leray_parameters *parameters; /* borrowed */
    double clip;                  /* largest norm of the gradient; 0: no clipping */
    int64_t steps;                /* taken so far; part of a checkpoint */
    int n_arrays;
    leray_named_array arrays[LERAY_OPTIMIZER_ARRAYS];
    double *partial; /* one per block, for the norm */
};

/* clip: common to all optimizers; a schema lists this table beside the optimizer's own. */
extern const leray_keys leray_optimizer_keys;

/* For init: state [parameters->count], zero, under this name (static text). */
LERAY_NODISCARD leray_status leray_optimizer_array(leray_optimizer *self, const char *name);

/* `parameters` must outlive the optimizer. Errors: CONFIG, MEMORY. */
LERAY_NODISCARD leray_status leray_optimizer_create_type(const leray_optimizer_type *type,
                                                         const leray_config *cfg,
                                                         const char *section,
                                                         leray_parameters *parameters,
                                                         leray_optimizer **out);
void leray_optimizer_destroy(leray_optimizer **optimizer); /* accepts a pointer to NULL */

/* Clips by the global norm, then updates. *gradient_norm (may be NULL) is the norm before
   clipping. The gradient is left as it is: zero it before the next backward.
   Errors: DIVERGED if the norm is not finite; nothing is changed then. */
LERAY_NODISCARD leray_status leray_optimizer_step(leray_optimizer *optimizer,
                                                  double learning_rate_factor,
                                                  double *gradient_norm);

/* The state beside the parameters: n arrays and the number of steps taken. Writing into the
   arrays and setting the steps restores an optimizer exactly. */
leray_named_array *leray_optimizer_state(leray_optimizer *optimizer, int *n);
int64_t leray_optimizer_steps(const leray_optimizer *optimizer);
void leray_optimizer_set_steps(leray_optimizer *optimizer, int64_t steps);

#endif
