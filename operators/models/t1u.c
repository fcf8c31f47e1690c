/* operators/models/t1u.c - Transform Once with a U-Net among the modes (T1U of Poli et al., NeurIPS
   2022; their published code), in one to three dimensions:

     z   = kept cosine modes of (x, coordinates)
     z'  = z + S_0 .. S_(d-1) f(W z)                    operators/layers/t1_layer.h
     y^  = U z'; 0 beyond the kept modes

   U is the network of operators/layers/unet.h on the block of coefficients as if it were a field: `modes`
   points per axis, multiples of 2^levels. Beyond the edges of the block stand zeros by default:
   there are no modes below 0, and those above are dropped. y^ are the coefficients of the
   prediction (operators/layers/basis.h), as in t1. The block does not depend on the number of points, so
   the model is one function on all grids of cell centres.

   Parameters, as in the state_dict of tools/parity/t1u.py: layer.channels, layer.axes.<a> with
   width = channels_in + ndim (operators/layers/t1_layer.h), and those of U behind "unet.", with their
   initial values, PyTorch's defaults. */
#include "operators/layers/selection.h"
#include "operators/layers/t1_layer.h"
#include "operators/layers/unet.h"

#include "core/mem.h"

typedef struct t1u {
    leray_model base;
    leray_ints modes_list;
    double tolerance;
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
                     "initial weights of the layer; variance: it keeps the variance of the field"),
    LERAY_KEY_CHOICE(t1u, layer_settings.activation, "layer_activation", "gelu",
                     leray_t1_activations, "activation of the layer before the U-Net"),
    LERAY_KEY_REAL(t1u, tolerance, "tolerance", "0", 0, 1, "1",
                   "if > 0, modes (multiples of 2^levels) are chosen such that the truncation "
                   "error (relative L2) of the training targets is at most this"),
    LERAY_KEY_BOOL(t1u, grid, "grid", "true", "add the coordinates in [0, 1] to the input"),
    LERAY_UNET_KEYS(t1u),
    LERAY_STENCIL_KEYS_PADDED(t1u, "zero"),
};

static leray_status fit_settings(const leray_problem *problem, leray_config *deck,
                                 const char *section, const leray_targets *targets)
{
    t1u s = {0};
    leray_selection selection = {.model = "t1u", .kind = LERAY_BASIS_COSINE};

    LERAY_TRY(leray_config_read(deck, section, LERAY_KEYS(rows), &s));
    LERAY_TRY(leray_model_modes(problem->grid.ndim, deck, section, "modes", &s.modes_list,
                                selection.modes));
    selection.tolerance = s.tolerance;
    selection.multiple = 1 << s.unet.levels;
    return leray_selection_fit_settings(&selection, problem, targets, deck, section);
}

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    t1u *s = (t1u *)base;
    int modes[LERAY_AXES], ndim = base->problem.grid.ndim, width = base->problem.channels_in;
    leray_unet_place place = {.model = base,
                              .stencil = &s->stencil,
                              .prefix = "unet.",
                              .channels_out = base->problem.channels_out};

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    LERAY_TRY(leray_model_modes(ndim, cfg, section, "modes", &s->modes_list, modes));
    LERAY_TRY(leray_basis_init(&s->basis, LERAY_BASIS_COSINE, modes, &base->problem, "t1u"));
    if (s->grid) {
        width += ndim;
        LERAY_TRY(leray_basis_coordinates(&s->basis, base->dtype, &s->coordinates));
    }
    LERAY_TRY(leray_t1_layer_declare(&s->layer, base, &s->basis, &s->layer_settings, "layer", width,
                                     0, 1));
    place.grid = leray_extents_make(ndim, modes);
    place.channels_in = width;
    return leray_unet_declare(&s->unet, &place, cfg, section);
}

static void fini(leray_model *base)
{
    t1u *s = (t1u *)base;

    leray_unet_fini(&s->unet);
    leray_mem_free(s->coordinates);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    t1u *s = (t1u *)base;
    leray_extents grid = leray_extents_of(x);
    leray_tensor *z;

    LERAY_TRY(leray_basis_keep(&s->basis, tape, x, &z));
    if (s->grid) LERAY_TRY(leray_basis_add_coordinates(&s->basis, tape, s->coordinates, &z));
    LERAY_TRY(leray_op_mode_major(tape, z, false, &z));
    LERAY_TRY(leray_tape_segment(tape, leray_t1_layer_apply, &s->layer, base->recompute, z, &z));
    LERAY_TRY(leray_op_mode_major(tape, z, true, &z));
    LERAY_TRY(leray_unet_apply(&s->unet, tape, z, &z));
    return leray_basis_fill(&s->basis, tape, z, &grid, y);
}

static leray_status to(const leray_model *base, leray_tape *tape, leray_tensor *field,
                       leray_tensor **hat)
{
    return leray_basis_to(&((const t1u *)base)->basis, tape, field, hat);
}

static leray_status from(const leray_model *base, leray_tape *tape, leray_tensor *hat,
                         const leray_extents *grid, leray_tensor **field)
{
    return leray_basis_from(&((const t1u *)base)->basis, tape, hat, grid, field);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    return leray_basis_accepts(&((const t1u *)base)->basis, grid);
}

const leray_model_type leray_model_t1u = {
    .summary = "Transform Once with a U-Net on the coefficients, 1-D to 3-D",
    .size = sizeof(t1u),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .transforms = true,
    .init = init,
    .forward = forward,
    .accepts = accepts,
    .fini = fini,
    .to = to,
    .from = from,
    .fit_settings = fit_settings,
};
