/* operators/model.h - what a neural operator provides. Private.

   To add one: write operators/models/<id>.c exporting one leray_model_type called
   leray_model_<id>, and add one line to operators/models.def. */
#ifndef LERAY_OPERATORS_MODEL_H
#define LERAY_OPERATORS_MODEL_H

#include "core/config.h"
#include "operators/parameters.h"

typedef struct leray_model leray_model;

typedef struct leray_model_type {
    const char *summary; /* one line for `leray list` */
    size_t size;         /* sizeof the struct whose first member is leray_model */
    leray_keys keys;     /* of its section */

    /* REQUIRED */
    /* Reads its settings from the section and declares its parameters; self is zeroed but for
       the members of leray_model. The block is allocated and drawn after it. */
    leray_status (*init)(leray_model *self, const leray_config *cfg, const char *section);
    /* x [batch, channels_in, ny, nx] -> *y [batch, channels_out, ny, nx]. The grid has been
       accepted before. */
    leray_status (*forward)(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y);
    /* OK, or ARG with the reason why this grid will not do. */
    leray_status (*accepts)(const leray_model *self, int ny, int nx);
    void (*fini)(leray_model *self); /* of what init made; accepts a half-made self */
} leray_model_type;

struct leray_model {
    const leray_model_type *type;
    leray_dtype dtype;
    int channels_in, channels_out;
    leray_parameters parameters;
};

/* The config must have been resolved against a schema with this section.
   Errors: CONFIG, ARG, MEMORY; *out is NULL then. */
LERAY_NODISCARD leray_status leray_model_create_type(const leray_model_type *type,
                                                     const leray_config *cfg, const char *section,
                                                     int channels_in, int channels_out,
                                                     uint64_t seed, leray_dtype dtype,
                                                     leray_model **out);
void leray_model_destroy(leray_model **model); /* accepts a pointer to NULL */

/* x [batch, channels_in, ny, nx] of the model's dtype on a tape of the same dtype.
   Errors: ARG (channels, dtype, grid), MEMORY (first step only), EXTERNAL. */
LERAY_NODISCARD leray_status leray_model_forward(leray_model *model, leray_tape *tape,
                                                 leray_tensor *x, leray_tensor **y);

LERAY_NODISCARD leray_status leray_model_accepts(const leray_model *model, int ny, int nx);

/* Borrowed; lives as long as the model. */
leray_parameters *leray_model_parameters(leray_model *model);

#endif
