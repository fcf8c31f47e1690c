/* operators/model.h - neural operators at work: made, run, asked (include/leray/impl/model.h). Private. */
#ifndef LERAY_OPERATORS_MODEL_H
#define LERAY_OPERATORS_MODEL_H

#include "operators/parameters.h"
#include <leray/impl/model.h>

/* The config must have been resolved against a schema with this section.
   Errors: CONFIG, ARG, UNSUPPORTED, MEMORY; *out is NULL then. */
LERAY_NODISCARD leray_status leray_model_create_type(const leray_model_type *type,
                                                     const leray_config *cfg, const char *section,
                                                     const leray_problem *problem, uint64_t seed,
                                                     leray_dtype dtype, leray_model **out);
void leray_model_destroy(leray_model **model); /* accepts a pointer to NULL */

/* x [batch, channels_in, grid..] of the model's dtype on a tape of the same dtype. For a model
   with `to`, *y holds coefficients.
   Errors: ARG (channels, dtype, grid), MEMORY (first step only), EXTERNAL. */
LERAY_NODISCARD leray_status leray_model_forward(leray_model *model, leray_tape *tape,
                                                 leray_tensor *x, leray_tensor **y);

/* The same, as values at points for every model. */
LERAY_NODISCARD leray_status leray_model_predict(leray_model *model, leray_tape *tape,
                                                 leray_tensor *x, leray_tensor **y);

/* The spectral layer over space and time that ends the model, or NULL. */
const struct leray_time_head *leray_model_head(const leray_model *model);

/* Whether the model can predict on this grid. Errors: ARG with the reason why not; UNSUPPORTED (uneven
   points, which a model of modes cannot transform). */
LERAY_NODISCARD leray_status leray_model_accepts(const leray_model *model, const leray_grid *grid);

/* Borrowed; lives as long as the model. */
leray_parameters *leray_model_parameters(leray_model *model);

#endif
