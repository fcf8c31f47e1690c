/* operators/optimizer.h - what an optimizer provides. Private.

   To add one: operators/optimizers/<id>.c exporting leray_optimizer_<id>, and one line in
   operators/optimizers.def. Its section holds its own keys and the common ones. In step t = 1, 2,
   .., with the gradient g of all weights w:

     g <- g min(1, clip / |g|)
     g <- g + normal numbers of variance noise / (1 + t)^noise_decay      (Neelakantan et al. 2015)
     w <- the optimizer's own rule
     a <- w in the first step, then average a + (1 - average) w

   The mean a is what is evaluated and written in the end; training goes on with w. */
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

/* What is made small: writes the loss at the present weights, and its gradient into
   parameters->grad. */
typedef struct leray_objective {
    leray_status (*evaluate)(void *context, double *loss);
    void *context;
} leray_objective;

typedef struct leray_optimizer_type {
    const char *summary;
    size_t size; /* sizeof the struct whose first member is leray_optimizer */
    leray_keys keys;
    bool evaluates; /* a step calls the objective; else it may be NULL */

    /* REQUIRED */
    /* Reads settings and makes its state with leray_optimizer_array. */
    leray_status (*init)(leray_optimizer *self, const leray_config *cfg, const char *section);
    /* One update of self->parameters with gradient_scale * gradient; self->steps has already
       been counted up to this step's number, 1 for the first. On failure the weights are as they
       were. */
    leray_status (*step)(leray_optimizer *self, const leray_objective *objective,
                         double learning_rate_factor, double gradient_scale);

    /* OPTIONAL: NULL means nothing to do */
    void (*fini)(leray_optimizer *self);
} leray_optimizer_type;

#define LERAY_OPTIMIZER_ARRAYS 4

struct leray_optimizer {
    const leray_optimizer_type *type;
    leray_parameters *parameters; /* borrowed */
    double clip, noise, noise_decay, average;
    uint64_t seed; /* of the noise */
    int64_t steps; /* taken so far; part of a checkpoint */
    int n_arrays;
    leray_named_array arrays[LERAY_OPTIMIZER_ARRAYS];
    void *averaged;  /* data of the array "average"; NULL: there is none */
    double *partial; /* one per block, for the norm */
};

/* Common to all optimizers; a schema lists this table beside the optimizer's own. */
extern const leray_keys leray_optimizer_keys;

/* For init: state [parameters->count], zero, under this name (static text). */
LERAY_NODISCARD leray_status leray_optimizer_array(leray_optimizer *self, const char *name);

/* `parameters` must outlive the optimizer. Errors: CONFIG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_optimizer_create_type(const leray_optimizer_type *type,
                                                         const leray_config *cfg,
                                                         const char *section, uint64_t seed,
                                                         leray_parameters *parameters,
                                                         leray_optimizer **out);
void leray_optimizer_destroy(leray_optimizer **optimizer); /* accepts a pointer to NULL */

/* One step from the gradient in the parameters. `objective` may be NULL unless the type evaluates
   it. *gradient_norm (may be NULL) is the norm before clipping. What is left in the gradient is
   undefined: zero it before the next backward. Errors: DIVERGED if the norm is not finite, naming
   the first parameter whose gradient is not; what the objective raises. Weights and state are as
   they were then. */
LERAY_NODISCARD leray_status leray_optimizer_step(leray_optimizer *optimizer,
                                                  const leray_objective *objective,
                                                  double learning_rate_factor,
                                                  double *gradient_norm);

/* Whether steps call the objective. */
bool leray_optimizer_evaluates(const leray_optimizer *optimizer);

/* Exchanges the weights and their mean; nothing where no mean is kept, or before the first step.
   Twice restores both. */
void leray_optimizer_exchange_average(leray_optimizer *optimizer);

/* The state beside the parameters: n arrays and the number of steps taken. Writing into the
   arrays and setting the steps restores an optimizer exactly. */
leray_named_array *leray_optimizer_state(leray_optimizer *optimizer, int *n);
int64_t leray_optimizer_steps(const leray_optimizer *optimizer);
void leray_optimizer_set_steps(leray_optimizer *optimizer, int64_t steps);

#endif
