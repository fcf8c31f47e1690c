/* core/comm.h - groups of ranks, and what their members do together. Private.

   A solver works on the group that it is given: alone in an ensemble, with all ranks where one
   simulation is divided among them. A group of one needs no MPI. Collectives: every rank of the
   group calls them, in the same order; alone they do nothing. */
#ifndef LERAY_CORE_COMM_H
#define LERAY_CORE_COMM_H

#include "core/error.h"

#include <stddef.h>

typedef struct leray_comm leray_comm;

const leray_comm *leray_comm_self(void);  /* this rank alone */
const leray_comm *leray_comm_world(void); /* all ranks that the launcher started */
int leray_comm_rank(const leray_comm *comm);
int leray_comm_size(const leray_comm *comm);

/* In place, the same bits on all ranks. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_comm_sum(const leray_comm *comm, double *x, size_t n);
LERAY_NODISCARD leray_status leray_comm_max(const leray_comm *comm, double *x, size_t n);
/* Rank 0's bytes to all. */
LERAY_NODISCARD leray_status leray_comm_share(const leray_comm *comm, void *bytes, size_t size);

/* LERAY_OK if `status` is OK on every rank. Else the rank's own status where it is not, and PEER
   where only another's is not, naming the lowest such rank. */
LERAY_NODISCARD leray_status leray_comm_agree(const leray_comm *comm, leray_status status);

/* Every rank sends a block to every rank: the one for rank r is size[r] units at at[r], a unit being
   16 bytes. Alone, the block is copied, unless send == receive. Errors: EXTERNAL. */
typedef struct leray_comm_blocks {
    const int *at, *size; /* [ranks] */
} leray_comm_blocks;
LERAY_NODISCARD leray_status leray_comm_exchange(const leray_comm *comm, const void *send,
                                                 leray_comm_blocks out, void *receive,
                                                 leray_comm_blocks in);

/* The MPI_Comm of the group, copied to *handle, for libraries that want one; false where MPI is
   not started. */
int leray_comm_handle(const leray_comm *comm, void *handle);

#endif
