/* operators/layers/activation.h - the functions between the layers of a network, by a key. Private. */
#ifndef LERAY_OPERATORS_ACTIVATION_H
#define LERAY_OPERATORS_ACTIVATION_H

#include "core/error.h"
#include <leray/impl/tape.h>

/* gelu, relu, tanh, silu: for LERAY_KEY_CHOICE. */
extern const char *const leray_activations[];

/* Function `i` of the list. */
LERAY_NODISCARD leray_status leray_activate(int i, leray_tape *tape, leray_tensor *x,
                                            leray_tensor **out);

#endif
