/* core/comm.h - groups of ranks, and what their members do together (include/leray/impl/comm.h). Private.

   A group is an MPI communicator: given by the caller, or a part of another group. Whoever works on
   several ranks is handed the group that it works on; nothing here or above knows any other, so two
   halves of a program may do different things at the same time. */
#ifndef LERAY_CORE_COMM_H
#define LERAY_CORE_COMM_H

#include "core/error.h"
#include <leray/impl/comm.h>

#include <stdbool.h>
#include <stddef.h>

/* A group of the ranks of *mpi_comm, an MPI_Comm of the caller's, which stays his. Collective; so is
   destroy. Errors: EXTERNAL (MPI is not started, or has ended), MEMORY. */
LERAY_NODISCARD leray_status leray_comm_create(const void *mpi_comm, leray_comm **out);
/* The ranks that give the same color, ordered by key, then by rank. Collective. */
LERAY_NODISCARD leray_status leray_comm_split(const leray_comm *comm, int color, int key,
                                              leray_comm **out);
void leray_comm_destroy(leray_comm **comm); /* accepts a pointer to NULL */

const leray_comm *leray_comm_self(void); /* this rank alone */
/* How many ranks of the group, this one included, may run on the cores of this one. */
int leray_comm_sharers(const leray_comm *comm);
/* Each rank's bytes to rank 0, one block after the other in the order of ranks, with a 0 behind the last:
   *all is that on rank 0 (free with leray_mem_free), NULL elsewhere. size[] of rank 0 [ranks], may be NULL. */
LERAY_NODISCARD leray_status leray_comm_gather(const leray_comm *comm, const void *bytes,
                                               size_t size, char **all, size_t *sizes);

/* Sums that run while this rank goes on computing: x [n] must not be touched until finish. Two
   runs with equal ranks give equal bits. `progress` lets the library move data. */
typedef struct leray_comm_sums leray_comm_sums;

/* Room for `most` sums at a time; the group outlives them. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_comm_sums_create(const leray_comm *comm, int most,
                                                    leray_comm_sums **out);
void leray_comm_sums_destroy(leray_comm_sums **sums); /* accepts a pointer to NULL */
LERAY_NODISCARD leray_status leray_comm_sums_start(leray_comm_sums *sums, float *x, size_t n);
LERAY_NODISCARD leray_status leray_comm_sums_progress(leray_comm_sums *sums);
LERAY_NODISCARD leray_status leray_comm_sums_finish(leray_comm_sums *sums);

/* A flag that any rank raises and all see soon, while each goes at its own pace. Rounds of a reduction that
   runs in the background carry it: a rank enters the next round when it looks and the last one is over.
   Its level is the highest that any rank has raised it to, 0 at first. One thread of a rank at a time. */
typedef struct leray_comm_flag leray_comm_flag;

LERAY_NODISCARD leray_status leray_comm_flag_create(const leray_comm *comm, leray_comm_flag **out);
/* Raises it to a level, 0 to look only: *seen is the level as far as is known here. Never waits. */
LERAY_NODISCARD leray_status leray_comm_flag_look(leray_comm_flag *flag, int raise, int *seen);
/* Collective: looks until every rank has come here. Sleeps meanwhile. */
LERAY_NODISCARD leray_status leray_comm_flag_finish(leray_comm_flag *flag, int raise, int *seen);
void leray_comm_flag_destroy(leray_comm_flag **flag); /* accepts a pointer to NULL */

#endif
