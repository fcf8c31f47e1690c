/* operators/layers/fourier.h - what Fourier neural operators share: coordinates and the lifting to
   `width` channels, the padded domain, weights of the kept modes, the projection. Private.

   A model puts leray_fourier into its struct and LERAY_FOURIER_KEYS into its table of keys. With
   `padding` = f, zeros stand behind the end of each axis that is not periodic, on
   round(f n) points: a fraction of the domain, so that grids agree but for the rounding, and
   exactly where f n is a whole number. Modes are then those of the domain of length 1 + f. */
#ifndef LERAY_OPERATORS_FOURIER_H
#define LERAY_OPERATORS_FOURIER_H

#include "operators/model.h"

typedef struct leray_fourier {
    int64_t width, layers, projection;
    leray_ints modes_list;
    bool grid;
    double padding;

    int modes[LERAY_AXES];         /* slowest axis first */
    int lifting[2][2], head[2][2]; /* indices of views: weight, bias */
    bool deep;                     /* the lifting is two maps with gelu between */
    /* Channels and grid of the layers where they are not the model's: with time as an axis. */
    bool apart;
    leray_problem body;
} leray_fourier;

/* Of the struct S with the member `fourier`. */
#define LERAY_FOURIER_KEYS(S)                                                               \
    LERAY_KEY_INT(S, fourier.width, "width", "32", 1, 1024, "1", "channels of the layers"), \
        LERAY_KEY_INT(S, fourier.layers, "layers", "4", 1, 64, "1", "layers"),              \
        LERAY_KEY_INT(S, fourier.projection, "projection", "128", 1, 4096, "1",             \
                      "hidden channels of the projection to the output"),                   \
        LERAY_KEY_BOOL(S, fourier.grid, "grid", "true",                                     \
                       "add the coordinates in [0, 1) to the input"),                       \
        LERAY_KEY_REAL(S, fourier.padding, "padding", "0", 0, 1, "1",                       \
                       "zeros appended at the end of each axis that is not periodic, as a " \
                       "fraction of its length, rounded to points")

/* Modes of the half spectrum (tensor/algorithms/transform.h). */
#define LERAY_FOURIER_MODES(S)                                                                   \
    LERAY_KEY_INTS(S, fourier.modes_list, "modes", "12", 1, 4096, "1",                           \
                   "kept modes: per sign along slower axes, kx >= 0 in x: [mz, my, mx], or one " \
                   "number for all axes")

/* lifting: [width, channels_in (+ ndim)], or with hidden > 0 lifting.0 and lifting.1 with so many
   channels between; projection.0 and projection.1. */
LERAY_NODISCARD leray_status leray_fourier_declare_lifting(leray_model *model, leray_fourier *f,
                                                           int hidden);
LERAY_NODISCARD leray_status leray_fourier_declare_head(leray_model *model, leray_fourier *f);

/* <name> [2 mz, 2 my, mx, width, width, 2]: rows k = 0 .. m-1, -m .. -1; [in, out, (re, im)]. */
LERAY_NODISCARD leray_status leray_fourier_declare_spectral(leray_model *model,
                                                            const leray_fourier *f,
                                                            const char *name, leray_initial initial,
                                                            int *index);

/* x and, with `grid`, its coordinates. */
LERAY_NODISCARD leray_status leray_fourier_inputs(const leray_fourier *f, leray_tape *tape,
                                                  leray_tensor *x, leray_tensor **out);

/* v on the padded grid, and back on `grid`. */
LERAY_NODISCARD leray_status leray_fourier_pad(const leray_model *model, const leray_fourier *f,
                                               leray_tape *tape, leray_tensor *v,
                                               leray_tensor **out);
LERAY_NODISCARD leray_status leray_fourier_crop(const leray_model *model, const leray_fourier *f,
                                                leray_tape *tape, leray_tensor *v,
                                                const leray_extents *grid, leray_tensor **out);

/* Field to padded layers, and from there to the output on `grid`. */
LERAY_NODISCARD leray_status leray_fourier_lift(leray_model *model, const leray_fourier *f,
                                                leray_tape *tape, leray_tensor *x,
                                                leray_tensor **v);
LERAY_NODISCARD leray_status leray_fourier_project(leray_model *model, const leray_fourier *f,
                                                   leray_tape *tape, leray_tensor *v,
                                                   const leray_extents *grid, leray_tensor **y);

/* f->body where it stands apart, or the model's problem. */
const leray_problem *leray_fourier_problem(const leray_model *model, const leray_fourier *f);

/* `grid` with its padding. */
leray_extents leray_fourier_padded(const leray_model *model, const leray_fourier *f,
                                   const leray_extents *grid);

/* Whether the padded grid has the modes of the half spectrum. Errors: ARG. */
LERAY_NODISCARD leray_status leray_fourier_accepts(const char *id, const leray_model *model,
                                                   const leray_fourier *f,
                                                   const leray_extents *grid);

#endif
