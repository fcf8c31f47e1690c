/* tensor/tape.h - records ops as they are computed, and walks back over them. Private.

   One step of training:

       leray_tape_reset(tape);
       leray_tape_input(tape, 4, shape, batch, &x);       values stay the caller's
       leray_model_forward(model, tape, x, &y);           ops from tensor/ops.h
       leray_loss_apply(loss, tape, y, target, &scalar);
       leray_tape_backward(tape, scalar);                 adds into the parameters' gradients

   All tensors and work space come from an arena that the tape owns. It grows while a step asks
   for more than any step before; a step that repeats an earlier one allocates nothing. */
#ifndef LERAY_TENSOR_TAPE_H
#define LERAY_TENSOR_TAPE_H

#include "core/error.h"
#include "tensor/tensor.h"

typedef struct leray_tape leray_tape;

/* Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_tape_create(leray_dtype dtype, leray_tape **out);
void leray_tape_destroy(leray_tape **tape); /* accepts a pointer to NULL */

/* Forgets all tensors; keeps the memory. */
void leray_tape_reset(leray_tape *tape);

/* False: record nothing for backward and keep no gradients (inference). Starts true. May be
   changed right after a reset only. */
void leray_tape_set_gradients(leray_tape *tape, bool keep);

/* Constant data that the caller keeps alive and unchanged until the next reset.
   Errors: ARG (a bad extent), MEMORY. */
LERAY_NODISCARD leray_status leray_tape_input(leray_tape *tape, int ndim, const int *shape,
                                              const void *value, leray_tensor **out);

/* Data of the caller whose gradient is wanted: backward ADDS into grad (so several backward
   passes accumulate, and the caller zeroes it before the first). grad may be NULL. */
LERAY_NODISCARD leray_status leray_tape_parameter(leray_tape *tape, int ndim, const int *shape,
                                                  void *value, void *grad, leray_tensor **out);

/* d scalar / d everything. `scalar` has one element. At most once between resets.
   Errors: ARG, EXTERNAL (a product was refused). */
LERAY_NODISCARD leray_status leray_tape_backward(leray_tape *tape, leray_tensor *scalar);

leray_dtype leray_tape_dtype(const leray_tape *tape);
size_t leray_tape_bytes(const leray_tape *tape); /* of the arena, in use since the last reset */

#endif
