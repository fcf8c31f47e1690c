/* leray/impl/tape.h - records ops as they are computed, and walks back over them.

   One step of training:

       leray_tape_reset(tape);
       leray_tape_input(tape, 4, shape, batch, &x);       values stay the caller's
       leray_model_forward(model, tape, x, &y);           ops from leray/impl/ops.h
       leray_loss_apply(loss, tape, y, target, &scalar);
       leray_tape_backward(tape, scalar);                 adds into the parameters' gradients

   Values, gradients and work space come from a pool that the tape owns (tensor/pool.h in the source). A value
   is kept until the backward pass has passed the op that made it, a gradient from its first contribution
   until then, so that the backward pass needs little more memory than the forward pass has kept. A step that
   was measured before, or is the same as the one before, allocates nothing. */
#ifndef LERAY_IMPL_TAPE_H
#define LERAY_IMPL_TAPE_H

#include <leray/impl/error.h>
#include <leray/impl/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_tape leray_tape;

/* Errors: MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_tape_create(leray_dtype dtype, leray_tape **out);
LERAY_API void leray_tape_destroy(leray_tape **tape); /* accepts a pointer to NULL */

/* Forgets all tensors; keeps the memory. */
LERAY_API void leray_tape_reset(leray_tape *tape);

/* False: record nothing for backward and keep no gradients (inference). Starts true. May be
   changed right after a reset only. */
LERAY_API void leray_tape_set_gradients(leray_tape *tape, bool keep);

/* True: ops record their extents and compute nothing, backward likewise, and no memory is taken:
   leray_tape_peak then says what the same step would take. Changes right after a reset only. */
LERAY_API void leray_tape_set_measuring(leray_tape *tape, bool measuring);

/* Constant data that the caller keeps alive and unchanged until the next reset.
   Errors: ARG (a bad extent), MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_tape_input(leray_tape *tape, int ndim,
                                                        const int *shape, const void *value,
                                                        leray_tensor **out);

/* Data of the caller whose gradient is wanted: backward ADDS into grad (so several backward
   passes accumulate, and the caller zeroes it before the first). grad may be NULL. */
LERAY_API LERAY_NODISCARD leray_status leray_tape_parameter(leray_tape *tape, int ndim,
                                                            const int *shape, void *value,
                                                            void *grad, leray_tensor **out);

/* The elements of x in another shape of as many; nothing is copied. Errors: ARG, MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_tape_reshape(leray_tape *tape, leray_tensor *x,
                                                          int ndim, const int *shape,
                                                          leray_tensor **out);

/* y = body(context, x). With `recompute`, nothing that the body makes is kept but y, and backward
   runs the body again: it must do the same both times, and context must live as long. Without
   gradients, too, nothing but y is kept. */
typedef leray_status (*leray_segment)(void *context, leray_tape *tape, leray_tensor *x,
                                      leray_tensor **y);
LERAY_API LERAY_NODISCARD leray_status leray_tape_segment(leray_tape *tape, leray_segment body,
                                                          void *context, bool recompute,
                                                          leray_tensor *x, leray_tensor **y);

/* Called in backward each time a parameter's tensor has received all its contributions. A
   parameter that is put on the tape several times is reported as often. NULL: nobody. */
typedef leray_status (*leray_watcher)(void *context, int tag);
LERAY_API void leray_tape_watch(leray_tape *tape, leray_watcher watcher, void *context);

/* d scalar / d everything. `scalar` has one element. At most once between resets.
   Errors: ARG, EXTERNAL (a product was refused). */
LERAY_API LERAY_NODISCARD leray_status leray_tape_backward(leray_tape *tape, leray_tensor *scalar);

LERAY_API leray_dtype leray_tape_dtype(const leray_tape *tape);
LERAY_API size_t leray_tape_bytes(const leray_tape *tape); /* in use now */
LERAY_API size_t
leray_tape_peak(const leray_tape *tape); /* largest need of any step so far, or measured */

#ifdef __cplusplus
}
#endif
#endif
