/* leray/impl/model.h - what a model (a neural operator) must implement.

   To add one: write operators/models/<id>.c exporting one leray_model_type called
   leray_model_<id>, and add one line to operators/models.def; or put it into a plugin
   (leray/impl/plugin.h). Fields are [batch, channels, grid..] with one, two or three extents of the
   grid, slowest first. */
#ifndef LERAY_IMPL_MODEL_H
#define LERAY_IMPL_MODEL_H

#include <leray/impl/config.h>
#include <leray/impl/grid.h>
#include <leray/impl/parameters.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_model leray_model;

/* What a model is made for: its channels, and the grid of the training data. Where the output
   continues the input in time, the first history * fields channels of the input are the frames
   given, the oldest first, with the channels of each together, and the output is `window` frames in
   the same order; what comes after the frames in the input does not depend on time. */
typedef struct leray_problem {
    int channels_in, channels_out;
    leray_grid
        grid;   /* of the training data; borrowed by those who make a model, which has a copy */
    int fields; /* channels of a frame; 0: the output continues nothing */
    int history, window; /* frames given, and wanted */
} leray_problem;

static inline leray_extents leray_problem_extents(const leray_problem *problem)
{
    return leray_grid_extents(&problem->grid);
}

struct leray_time_head;

/* What the model's output stands for in the samples of the training, in physical units: `target`,
   and y, the truth of which errors are shares; both [channels_out, grid..]. They differ where the
   target is an increment. */
typedef leray_status (*leray_target_visitor)(void *context, const float *target, const float *y);
typedef struct leray_targets {
    void *source;
    leray_status (*show)(void *source, leray_target_visitor visit, void *context);
} leray_targets;

typedef struct leray_model_type {
    const char *summary; /* one line for `leray list` */
    size_t size;         /* sizeof the struct whose first member is leray_model */
    leray_keys keys;     /* of its section */
    bool transforms;     /* works on Fourier or cosine modes: points must be evenly spaced */

    /* REQUIRED */
    /* Reads its settings from the section and declares its parameters; self is zeroed but for
       the members of leray_model. The block is allocated and drawn after it. UNSUPPORTED if it
       is not for this number of dimensions. */
    leray_status (*init)(leray_model *self, const leray_config *cfg, const char *section);
    /* x [batch, channels_in, grid..] -> *y [batch, channels_out, grid..]. The grid has been
       accepted before. */
    leray_status (*forward)(leray_model *self, leray_tape *tape, leray_tensor *x, leray_tensor **y);
    /* OK, or ARG with the reason why this grid, of the problem's dimensions, will not do. */
    leray_status (*accepts)(const leray_model *self, const leray_extents *grid);

    /* OPTIONAL: NULL means nothing to do */
    void (*fini)(leray_model *self); /* of what init made; accepts a half-made self */

    /* OPTIONAL, together: a model whose forward gives coefficients of an orthonormal basis in
       place of values at points, so that training needs no inverse transform. `to` takes fields
       [batch, channels_out, grid..] to such coefficients [batch, channels_out, ..], as many extents,
       and keeps the mean square of each sample and channel; the first of M coefficients is sqrt(M)
       times the mean. `from` takes them back. NULL: forward gives fields. */
    leray_status (*to)(const leray_model *self, leray_tape *tape, leray_tensor *field,
                       leray_tensor **hat);
    leray_status (*from)(const leray_model *self, leray_tape *tape, leray_tensor *hat,
                         const leray_extents *grid, leray_tensor **field);

    /* OPTIONAL, together: a model that ends in a linear spectral layer over space and the window of
       time (operators/layers/time_head.h), which the refiner enlarges. `latent` is all before that
       layer: the fields that enter its transform. head is NULL with settings that end otherwise;
       where it is not, the model can sample its window at any number of frames. */
    const struct leray_time_head *(*head)(const leray_model *self);
    leray_status (*latent)(leray_model *self, leray_tape *tape, leray_tensor *x,
                           leray_tensor **latent);

    /* OPTIONAL: for settings that depend on the data. Before a model is made for training, looks at
       the targets (NULL: there are none yet) and puts keys of its section into the deck that the
       run keeps (leray_config_put_..), which is resolved again afterwards. */
    leray_status (*fit_settings)(const leray_problem *problem, leray_config *deck,
                                 const char *section, const leray_targets *targets);
} leray_model_type;

struct leray_model {
    const leray_model_type *type;
    leray_dtype dtype;
    leray_problem problem;
    int frames;     /* of the next output: problem.window frames, or as many as the same span of
                       time is to be sampled at where the model has a head; frame j of n is at
                       (j + 1) / n of the span. Set between steps */
    bool recompute; /* layers run again in backward (leray_tape_segment) in place of keeping what
                       they made; set between steps */
    leray_parameters parameters;
};

/* ---- for implementations ---- */

/* The grid of a field [batch, channels, grid..]. */
LERAY_API leray_extents leray_extents_of(const leray_tensor *field);

/* Declares <name>.weight [to, from, 1..] (as a convolution's, one extent per grid axis) and
   <name>.bias [to], drawn uniformly in +-1 / sqrt(from), PyTorch's default for convolutions. */
LERAY_API LERAY_NODISCARD leray_status leray_model_declare_map(leray_model *model, const char *name,
                                                               int to, int from, int *weight,
                                                               int *bias);

/* View `index` on the tape. */
LERAY_API LERAY_NODISCARD leray_status leray_model_view(leray_model *model, leray_tape *tape,
                                                        int index, leray_tensor **out);

/* map x + bias per point with the two views; `add` (may be NULL) is added, gelu applied. */
LERAY_API LERAY_NODISCARD leray_status leray_model_map(leray_model *model, leray_tape *tape,
                                                       const int views[2], leray_tensor *x,
                                                       leray_tensor *add, bool gelu,
                                                       leray_tensor **out);

/* Reads a key of modes into one number for each of `ndim` axes: the list has one entry, which stands
   for all axes, or as many as there are axes. Errors: CONFIG. */
LERAY_API LERAY_NODISCARD leray_status leray_model_modes(int ndim, const leray_config *cfg,
                                                         const char *section, const char *key,
                                                         const leray_ints *list,
                                                         int modes[LERAY_AXES]);

/* Whether a grid has these modes: 2 modes <= n on all axes but the last, modes <= n / 2 + 1 on
   the last. Errors: ARG with model, axis and both numbers. */
LERAY_API LERAY_NODISCARD leray_status leray_modes_fit(const char *model, const int *modes,
                                                       const leray_extents *grid);

/* OK on the grid of the training data alone; `why` says why others will not do. Errors: ARG. */
LERAY_API LERAY_NODISCARD leray_status leray_model_tied(const char *id, const leray_model *model,
                                                        const leray_extents *grid, const char *why);

#ifdef __cplusplus
}
#endif
#endif
