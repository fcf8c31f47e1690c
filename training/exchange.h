/* training/exchange.h - gradients of a data-parallel step, added up over ranks while backward is
   still running. Private.

   Each rank walks back over its own samples, with its loss weighted by their share of the batch,
   so that the sum over ranks is the gradient of the whole batch. The views of the parameters are
   cut into buckets; as soon as all tensors of a bucket have received all their contributions its
   sum starts. How many tensors a view has in one step is counted in a measured step before.

       leray_exchange_count(x, tape)       then one measured step on that tape
       per step: leray_exchange_begin(x, tape); backward; leray_exchange_finish(x) */
#ifndef LERAY_TRAINING_EXCHANGE_H
#define LERAY_TRAINING_EXCHANGE_H

#include "core/comm.h"
#include "operators/parameters.h"

typedef struct leray_exchange leray_exchange;

/* Over the ranks of `comm`. `parameters`, of single precision, and the group must outlive it. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_exchange_create(const leray_comm *comm,
                                                   leray_parameters *parameters,
                                                   leray_exchange **out);
void leray_exchange_destroy(leray_exchange **exchange); /* accepts a pointer to NULL */

/* From here on, backward on this tape counts the tensors of each view. */
void leray_exchange_count(leray_exchange *exchange, leray_tape *tape);

/* From here on, backward on this tape starts the sums. */
void leray_exchange_begin(leray_exchange *exchange, leray_tape *tape);

/* Starts the sums that are left (all, on a rank that had no samples), and waits: the gradient of
   every rank is that of the whole batch. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_exchange_finish(leray_exchange *exchange);

/* Share of the bytes whose sum was started by backward, and not after it, in the last step. */
double leray_exchange_overlap(const leray_exchange *exchange);

#endif
