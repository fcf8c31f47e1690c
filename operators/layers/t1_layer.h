/* operators/layers/t1_layer.h - the layer of transform-once models, and its initial values. Private.

   z [m.., batch, width], complex [m.., 2, batch, width], a block of operators/layers/basis.h mode by mode:

     out = z + S_0 .. S_(d-1) f(W z)

   W mixes the channels of every mode, f acts on every number (on real and imaginary parts alike),
   S_a mixes the modes along axis a in every channel: since f alone does not couple frequencies,
   the dense S do. Parameters of layer <name>:

     <name>.channels [m.., width, width], complex [m.., width, width, 2]: mode, from, to
     <name>.axes.<a> [m_a, m_a, width], complex [m_a, m_a, 2, width]: from, to; a = 0 the slowest

   Initial values, normal with mean 0; C the width, N the points of the training grid, M the kept
   modes, m_a those of an axis; complex: E |w|^2 is twice the square of a part's deviation.

     published  W: sqrt(N / (C M)), S_a: 1 / sqrt(m_a), both halved where complex; with
                first_layer_only the later W have 1 / sqrt(C)
     kaiming    W: 1 / sqrt(C), S_a as above
     naive      W: 1 / C^2, S_a as above
     variance   so that the variance of the field is the same before the transform and after the
                last layer (below)

   variance. White noise of variance 1 has coefficients of variance 1; M of N are kept, so the
   variances of the L layers must grow by N / M in all. The published deviation makes the first
   layer do that if nothing but W and S acts, but every later layer again, and the sum with z and f
   change it. Here each layer lets them grow by r = (N / M)^(1 / L), at least 1.05^(1 / L) so that
   no weight is 0 where all modes are kept: with the variance s = r^l at the entrance of layer l,

     E |W|^2   = 1 / (C s)                      parts of W z have the variance 1 (complex: 2 / (C s))
     E |S_a|^2 = ((r - 1) s / q)^(1 / d) / m_a  q = E f(u)^2, u standard normal (complex: 2 q)

   so that the branch has the variance (r - 1) s and the sum r s. Weights being independent of z,
   the two do not correlate. */
#ifndef LERAY_OPERATORS_T1_LAYER_H
#define LERAY_OPERATORS_T1_LAYER_H

#include "operators/layers/basis.h"

typedef enum leray_t1_initial {
    LERAY_T1_VARIANCE,
    LERAY_T1_PUBLISHED,
    LERAY_T1_KAIMING,
    LERAY_T1_NAIVE
} leray_t1_initial;
extern const char *const leray_t1_initials[];
extern const char *const leray_t1_activations[]; /* "gelu", "tanh", "sin" */

typedef struct leray_t1_settings {
    int activation, initial; /* of the lists above */
    bool first_layer_only;
} leray_t1_settings;

/* Lives as long as the model that it is part of. */
typedef struct leray_t1_layer {
    leray_model *model;
    const leray_basis *basis;
    int activation;
    int channels, axes[LERAY_AXES]; /* indices of views */
} leray_t1_layer;

/* Declares layer `index` of `count`. */
LERAY_NODISCARD leray_status leray_t1_layer_declare(leray_t1_layer *layer, leray_model *model,
                                                    const leray_basis *basis,
                                                    const leray_t1_settings *settings,
                                                    const char *name, int width, int index,
                                                    int count);

/* A leray_segment; context: the layer. */
LERAY_NODISCARD leray_status leray_t1_layer_apply(void *layer, leray_tape *tape, leray_tensor *z,
                                                  leray_tensor **out);

#endif
