/* operators/layers/activation.c - see operators/layers/activation.h. */
#include "operators/layers/activation.h"

#include <leray/impl/ops.h>

const char *const leray_activations[] = {"gelu", "relu", "tanh", "silu", NULL};

leray_status leray_activate(int i, leray_tape *tape, leray_tensor *x, leray_tensor **out)
{
    static leray_status (*const functions[])(leray_tape *, leray_tensor *, leray_tensor **) = {
        leray_op_gelu, leray_op_relu, leray_op_tanh, leray_op_silu};

    return functions[i](tape, x, out);
}
