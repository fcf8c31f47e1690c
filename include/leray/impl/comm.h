/* leray/impl/comm.h - the group of ranks that a component works on.

   A group is an MPI communicator; a component uses only the group that it is given. A group of one
   needs no MPI: NULL as a group means this rank alone.

   Collectives: every rank of the group calls them, in the same order; on one rank they do nothing. Errors
   of MPI are returned as EXTERNAL; MPI does not abort. */
#ifndef LERAY_IMPL_COMM_H
#define LERAY_IMPL_COMM_H

#include <leray/impl/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_comm leray_comm;

LERAY_API int leray_comm_rank(const leray_comm *comm);
LERAY_API int leray_comm_size(const leray_comm *comm);
/* UNSUPPORTED on more than one rank: `what` works on one and uses its threads. */
LERAY_API LERAY_NODISCARD leray_status leray_comm_only_one(const leray_comm *comm,
                                                           const char *what);

/* In place, the same bits on all ranks. */
LERAY_API LERAY_NODISCARD leray_status leray_comm_sum(const leray_comm *comm, double *x, size_t n);
LERAY_API LERAY_NODISCARD leray_status leray_comm_max(const leray_comm *comm, double *x, size_t n);
/* Rank 0's bytes to all. */
LERAY_API LERAY_NODISCARD leray_status leray_comm_share(const leray_comm *comm, void *bytes,
                                                        size_t size);
/* LERAY_OK if `status` is OK on every rank. Else the rank's own status where it is not, and PEER
   where only another's is not, naming the lowest such rank. */
LERAY_API LERAY_NODISCARD leray_status leray_comm_agree(const leray_comm *comm,
                                                        leray_status status);

/* Every rank sends a block to every rank: the one for rank r is size[r] units at at[r], a unit being
   16 bytes. Alone, the block is copied, unless send == receive. */
typedef struct leray_comm_blocks {
    const int *at, *size; /* [ranks] */
} leray_comm_blocks;
LERAY_API LERAY_NODISCARD leray_status leray_comm_exchange(const leray_comm *comm, const void *send,
                                                           leray_comm_blocks out, void *receive,
                                                           leray_comm_blocks in);

/* The MPI_Comm of the group, copied to *handle, for libraries that want one; false where MPI is
   not started. */
LERAY_API bool leray_comm_handle(const leray_comm *comm, void *handle);

#ifdef __cplusplus
}
#endif
#endif
