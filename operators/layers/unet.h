/* operators/layers/unet.h - the U-Net as a part of models: coarse-to-fine convolutions between fields of a
   model's width. Private.

     e_0 = B_0 x,  e_l = B_l D_l e_{l-1}             encoder, l = 1 .. levels
     d_levels = e_levels
     d_l = B'_l (e_l, U_l d_{l+1})                   decoder, l = levels-1 .. 0
     y = H d_0                                       pointwise

   Level l has width 2^l channels on a grid with 2^l times fewer points per axis. B are two layers of
   operators/layers/stencil.h, from the channels that come to those of the level. D halves the grid: a
   convolution of three points with stride 2, or the maximum or the mean of 2^ndim points. U doubles
   it and halves the channels: a transposed convolution with a kernel of two points and stride 2,
   or a pointwise map and then linear interpolation (of points j L / n if the padding is periodic,
   else of cells between edges); since interpolation weights add up to 1, the map on the coarse
   grid is the same function as one behind it.

   Parameters, each behind the prefix, C = width 2^l:
     encoder.<l>.conv.0.weight [C, C/2 or ci, 3..]   encoder.<l>.conv.1.weight [C, C, 3..]
     decoder.<l>.conv.0.weight [C, 2 C, 3..]         decoder.<l>.conv.1.weight [C, C, 3..]
       with .bias [C] or norm.<i>.weight and .bias [C]
     encoder.<l>.down.weight [C/2, C/2, 3..]         down: conv, l >= 1
     decoder.<l>.up.weight [2 C, C, 2..]             up: transpose; [C, 2 C, 1..] for up: resize
       with .bias [C/2] and [C] for norm: none; else that of the norms behind takes its place
     head.weight [co, width, 1..]                    head.bias [co]
   Initial values are PyTorch's defaults: uniform in +-1 / sqrt(fan in), norms 1 and 0. */
#ifndef LERAY_OPERATORS_UNET_H
#define LERAY_OPERATORS_UNET_H

#include "operators/layers/stencil.h"

#define LERAY_UNET_LEVELS 10 /* at most */

typedef struct leray_unet_stage {
    struct leray_unet *unet;
    leray_stencil_layer layer[2];
    int move[2]; /* down or up: indices of weight and bias */
    bool down;   /* halves the grid first */
} leray_unet_stage;

/* A model puts it into its struct, and LERAY_UNET_KEYS into its table. */
typedef struct leray_unet {
    int64_t width, levels; /* these four are settings */
    int down, up;

    leray_model *model;
    leray_stencil stencil;
    const char *prefix;
    int channels_in;
    leray_unet_stage *encoder; /* [levels + 1] */
    leray_unet_stage *decoder; /* [levels] */
    int head[2];
} leray_unet;

extern const char *const leray_unet_downs[], *const leray_unet_ups[];

/* Of the struct S with the member `unet`. */
#define LERAY_UNET_KEYS(S)                                                                    \
    LERAY_KEY_INT(S, unet.width, "width", "32", 1, 1024, "1",                                 \
                  "channels of the finest level; each coarser one has twice as many"),        \
        LERAY_KEY_INT(S, unet.levels, "levels", "4", 1, LERAY_UNET_LEVELS, "1",               \
                      "number of halvings of the grid; its points along each axis must be a " \
                      "multiple of 2^levels"),                                                \
        LERAY_KEY_CHOICE(                                                                     \
            S, unet.down, "down", "conv", leray_unet_downs,                                   \
            "halving: convolution with stride 2, or maximum or mean of 2 points per axis"),   \
        LERAY_KEY_CHOICE(S, unet.up, "up", "transpose", leray_unet_ups,                       \
                         "doubling: transposed convolution, or linear interpolation")

/* Where it stands: between fields of these channels on this grid. */
typedef struct leray_unet_place {
    leray_model *model;
    const leray_stencil *stencil;
    const char *prefix; /* of its parameters, "" or "unet."; stays the caller's */
    leray_extents grid;
    int channels_in, channels_out;
} leray_unet_place;

/* After its settings have been read. Errors: CONFIG (groups, channels, an extent that is not a
   multiple of 2^levels), MEMORY. */
LERAY_NODISCARD leray_status leray_unet_declare(leray_unet *unet, const leray_unet_place *place,
                                                const leray_config *cfg, const char *section);
void leray_unet_fini(leray_unet *unet);

/* x [batch, channels_in, grid..] to [batch, channels_out, grid..] */
LERAY_NODISCARD leray_status leray_unet_apply(leray_unet *unet, leray_tape *tape, leray_tensor *x,
                                              leray_tensor **y);

#endif
