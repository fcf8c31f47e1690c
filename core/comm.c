/* core/comm.c - groups of ranks over MPI; a group of one does without. */
#include "core/comm.h"

#include "core/ranks.h"

#include <mpi.h>
#include <stdbool.h>
#include <string.h>

#define PIECE ((size_t)1 << 28) /* MPI counts in int */
#define UNIT 16                 /* bytes of a complex number, in which blocks are counted */

struct leray_comm {
    bool world;
};

static const leray_comm self_comm = {false}, world_comm = {true};

const leray_comm *leray_comm_self(void) { return &self_comm; }
const leray_comm *leray_comm_world(void) { return &world_comm; }
int leray_comm_rank(const leray_comm *comm) { return comm->world ? leray_rank() : 0; }
int leray_comm_size(const leray_comm *comm) { return comm->world ? leray_ranks() : 1; }

static leray_status check(int error)
{
    LERAY_CHECK(error == MPI_SUCCESS, LERAY_ERR_EXTERNAL, "MPI error %d", error);
    return LERAY_OK;
}

static leray_status reduce(const leray_comm *comm, double *x, size_t n, MPI_Op op)
{
    if (leray_comm_size(comm) == 1) return LERAY_OK;
    for (size_t first = 0; first < n; first += PIECE) {
        int count = (int)(n - first < PIECE ? n - first : PIECE);

        LERAY_TRY(
            check(MPI_Allreduce(MPI_IN_PLACE, x + first, count, MPI_DOUBLE, op, MPI_COMM_WORLD)));
    }
    return LERAY_OK;
}

leray_status leray_comm_sum(const leray_comm *comm, double *x, size_t n)
{
    return reduce(comm, x, n, MPI_SUM);
}

leray_status leray_comm_max(const leray_comm *comm, double *x, size_t n)
{
    return reduce(comm, x, n, MPI_MAX);
}

leray_status leray_comm_share(const leray_comm *comm, void *bytes, size_t size)
{
    char *at = bytes;

    if (leray_comm_size(comm) == 1) return LERAY_OK;
    for (size_t first = 0; first < size; first += PIECE) {
        int count = (int)(size - first < PIECE ? size - first : PIECE);

        LERAY_TRY(check(MPI_Bcast(at + first, count, MPI_BYTE, 0, MPI_COMM_WORLD)));
    }
    return LERAY_OK;
}

leray_status leray_comm_agree(const leray_comm *comm, leray_status status)
{
    int size = leray_comm_size(comm), failed = status ? leray_comm_rank(comm) : size, first = size;

    if (size == 1) return status;
    LERAY_TRY(check(MPI_Allreduce(&failed, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD)));
    if (status) return status;
    LERAY_CHECK(first == size, LERAY_ERR_PEER, "rank %d has failed; see its message", first);
    return LERAY_OK;
}

leray_status leray_comm_exchange(const leray_comm *comm, const void *send, leray_comm_blocks out,
                                 void *receive, leray_comm_blocks in)
{
    if (leray_comm_size(comm) > 1)
        return check(MPI_Alltoallv(send, out.size, out.at, MPI_C_DOUBLE_COMPLEX, receive, in.size,
                                   in.at, MPI_C_DOUBLE_COMPLEX, MPI_COMM_WORLD));
    if (send != receive)
        memcpy((char *)receive + UNIT * (size_t)in.at[0],
               (const char *)send + UNIT * (size_t)out.at[0], UNIT * (size_t)out.size[0]);
    return LERAY_OK;
}

int leray_comm_handle(const leray_comm *comm, void *handle)
{
    MPI_Comm world = MPI_COMM_WORLD, alone = MPI_COMM_SELF;
    int started = 0;

    MPI_Initialized(&started);
    if (!started) return 0;
    memcpy(handle, comm->world ? &world : &alone, sizeof world);
    return 1;
}
