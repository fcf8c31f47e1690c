/* operators/models/t1u.c - Transform Once with a U-Net among the modes (T1U of Poli et al., NeurIPS
   2022; their published code), in one to three dimensions:

     z   = kept cosine modes of (x, coordinates)
     z'  = z + S_0 .. S_(d-1) f(W z)                    operators/t1_layer.h
     y^  = U z'; 0 beyond the kept modes

   U is the network of operators/unet.h on the block of coefficients as if it were a field: `modes`
   points per axis, multiples of 2^levels. Beyond the edges of the block stand zeros by default:
   there are no modes below 0, and those above are dropped. y^ are the coefficients of the
   prediction (operators/basis.h), as in t1. The block does not depend on the number of points, so
   the model is one function on all grids of cell centres.

   Parameters, as in the state_dict of tools/parity/t1u.py: layer.channels, layer.axes.<a> with
   width = channels_in + ndim (operators/t1_layer.h), and those of U behind "unet.", with their
   initial values, PyTorch's defaults. */
#include "operators/selection.h"
#include "operators/t1_layer.h"
#include "operators/unet.h"

#include "core/mem.h"

typedef struct t1u {
    leray_model base;
    leray_ints modes_list;
    double tolerance;
    int function; /* of the layer */
    leray_t1_settings layer_settings;
    bool grid;
    leray_stencil stencil;
    leray_unet unet;

    leray_basis basis;
    leray_t1_layer layer;
    void *coordinates; /* [ndim, m..] */
} t1u;

static const leray_key rows[] = {
    LERAY_KEY_INTS(t1u, modes_list, "modes", "24", 1, 4096, "1",
                   "kept cosines: [mz, my, mx], or one number for all axes; multiples of 2^levels"),
    LERAY_KEY_CHOICE(t1u, layer_settings.initial, "init", "variance", leray_t1_initials,
                     "initial weights of the layer: variance keeps that of the field"),
    LERAY_KEY_CHOICE(t1u, layer_settings.activation, "layer_activation", "gelu",
                     leray_t1_activations, "of the layer before the U-Net"),
    LERAY_KEY_REAL(t1u, tolerance, "tolerance", "0", 0, 1, "1",
                   "relative L2 error of the training targets' truncation for which `modes` are "
                   "chosen, rounded up to multiples of 2^levels; 0: as they are"),
    LERAY_KEY_BOOL(t1u, grid, "grid", "true", "add the coordinates in [0, 1] to the input"),
    LERAY_UNET_KEYS(t1u),
    LERAY_STENCIL_KEYS_PADDED(t1u, "zero"),
};
