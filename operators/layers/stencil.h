/* operators/layers/stencil.h - what convolutional networks share: a convolution with a kernel of three
   points per axis, a norm and an activation, and its settings. Private.

     layer x = f(N(C x + c) + add)

   The convolution keeps the grid; `padding` says what stands beyond its edges. N is nothing, or
   group norm with gamma and beta, or instance norm without. Where there is a norm there is no c:
   beta takes its place, and instance norm would take it away. f is gelu, relu, tanh or silu.

   A stencil means something on one grid only, so these models are tied to that of the training
   data. A model puts leray_stencil into its struct and LERAY_STENCIL_KEYS into its table. */
#ifndef LERAY_OPERATORS_STENCIL_H
#define LERAY_OPERATORS_STENCIL_H

#include "operators/layers/activation.h"
#include "operators/model.h"
#include <leray/impl/ops.h>

enum { LERAY_STENCIL_PERIODIC, LERAY_STENCIL_ZERO, LERAY_STENCIL_REPLICATE };
enum { LERAY_STENCIL_NONE, LERAY_STENCIL_GROUP, LERAY_STENCIL_INSTANCE };

typedef struct leray_stencil {
    int norm, activation, padding;
    int64_t groups;
} leray_stencil;

extern const char *const leray_stencil_norms[], *const leray_stencil_paddings[];

/* Of the struct S with the member `stencil`; the default of padding. */
#define LERAY_STENCIL_KEYS(S) LERAY_STENCIL_KEYS_PADDED(S, "periodic")
#define LERAY_STENCIL_KEYS_PADDED(S, fallback)                                            \
    LERAY_KEY_CHOICE(S, stencil.norm, "norm", "group", leray_stencil_norms,               \
                     "normalisation after every convolution of three points"),            \
        LERAY_KEY_INT(S, stencil.groups, "groups", "1", 1, 1024, "1",                     \
                      "norm: group: groups of channels; divides width"),                  \
        LERAY_KEY_CHOICE(S, stencil.activation, "activation", "gelu", leray_activations,  \
                         "activation after every convolution of three points"),           \
        LERAY_KEY_CHOICE(S, stencil.padding, "padding", fallback, leray_stencil_paddings, \
                         "values beyond the edges of the grid")

/* One layer: indices of views; those that it does not have are not used. */
typedef struct leray_stencil_layer {
    int weight, bias, gamma, beta;
} leray_stencil_layer;

/* Errors: CONFIG if the groups do not divide `width`. */
LERAY_NODISCARD leray_status leray_stencil_check(const leray_stencil *s, const leray_config *cfg,
                                                 const char *section, int64_t width);

/* A convolution's <name>.weight [first, second, kernel..], and, if `bias` is not NULL, <name>.bias
   [biases], uniform in +-1 / sqrt(second kernel^ndim): PyTorch's default for convolutions (second
   is the fan in) and for transposed ones. */
LERAY_NODISCARD leray_status leray_stencil_declare_kernel(leray_model *model, const char *name,
                                                          int first, int second, int kernel,
                                                          int biases, int *weight, int *bias);

/* <prefix>.conv.<i>.weight [to, from, 3..], then .bias or <prefix>.norm.<i>.weight and .bias [to],
   1 and 0. */
LERAY_NODISCARD leray_status leray_stencil_declare(leray_model *model, const leray_stencil *s,
                                                   const char *prefix, int i, int to, int from,
                                                   leray_stencil_layer *layer);

/* `add` may be NULL. */
LERAY_NODISCARD leray_status leray_stencil_apply(leray_model *model, const leray_stencil *s,
                                                 const leray_stencil_layer *layer, leray_tape *tape,
                                                 leray_tensor *x, leray_tensor *add,
                                                 leray_tensor **out);

/* A convolution of three points with this stride (of the windows at points 0, stride, ..). */
leray_convolution leray_stencil_convolution(const leray_stencil *s, int stride);

#endif
