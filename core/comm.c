/* core/comm.c - groups of ranks over MPI; a group of one does without. */
#include "core/comm.h"

#include "core/mem.h"

#include <mpi.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define PIECE ((size_t)1 << 28) /* MPI counts in int */
#define UNIT 16                 /* bytes of a complex number, in which blocks are counted */

struct leray_comm {
    int rank, size, sharers;
    MPI_Comm comm; /* of a group of more than the rank itself */
};

static const leray_comm alone = {.size = 1, .sharers = 1};

const leray_comm *leray_comm_self(void) { return &alone; }

static const leray_comm *real(const leray_comm *comm) { return comm ? comm : &alone; }

int leray_comm_rank(const leray_comm *comm) { return real(comm)->rank; }
int leray_comm_size(const leray_comm *comm) { return real(comm)->size; }
int leray_comm_sharers(const leray_comm *comm) { return real(comm)->sharers; }

static leray_status check(int error)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int n = 0;

    if (error != MPI_SUCCESS) MPI_Error_string(error, text, &n);
    LERAY_CHECK(error == MPI_SUCCESS, LERAY_ERR_EXTERNAL, "MPI: %s", text);
    return LERAY_OK;
}

/* ---- groups ----------------------------------------------------------------------------- */

static bool is_running(void)
{
    int started = 0, ended = 1;

    return MPI_Initialized(&started) == MPI_SUCCESS && started &&
           MPI_Finalized(&ended) == MPI_SUCCESS && !ended;
}

/* Ranks of this node whose cores are not all others than this rank's. */
static leray_status count_sharers(leray_comm *c, MPI_Comm node)
{
    cpu_set_t own, *all, both;
    int n;
    leray_status status;

    CPU_ZERO(&own);
    sched_getaffinity(0, sizeof own, &own);
    LERAY_TRY(check(MPI_Comm_size(node, &n)));
    LERAY_TRY(LERAY_ALLOC(&all, (size_t)n));
    status =
        check(MPI_Allgather(&own, (int)sizeof own, MPI_BYTE, all, (int)sizeof own, MPI_BYTE, node));
    c->sharers = 0;
    for (int i = 0; i < n && !status; i++) {
        CPU_AND(&both, &own, &all[i]);
        c->sharers += CPU_COUNT(&both) > 0;
    }
    if (c->sharers < 1) c->sharers = 1;
    leray_mem_free(all);
    return status;
}

/* `comm` is the group's own from here on. */
static leray_status fill(leray_comm *c, MPI_Comm comm)
{
    MPI_Comm node;
    leray_status status;

    c->comm = comm;
    LERAY_TRY(check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN)));
    LERAY_TRY(check(MPI_Comm_rank(comm, &c->rank)));
    LERAY_TRY(check(MPI_Comm_size(comm, &c->size)));
    LERAY_TRY(check(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node)));
    status = count_sharers(c, node);
    MPI_Comm_free(&node);
    return status;
}

static leray_status make(MPI_Comm comm, leray_comm **out)
{
    leray_status status = LERAY_ALLOC(out, 1);

    if (status) MPI_Comm_free(&comm);
    else status = fill(*out, comm);
    if (status) leray_comm_destroy(out);
    return status;
}

leray_status leray_comm_create(const void *mpi_comm, leray_comm **out)
{
    MPI_Comm given, copy;

    *out = NULL;
    LERAY_CHECK(is_running(), LERAY_ERR_EXTERNAL,
                "a communicator was given, but MPI is not running in this program");
    memcpy(&given, mpi_comm, sizeof given);
    LERAY_TRY(check(MPI_Comm_dup(given, &copy)));
    return make(copy, out);
}

leray_status leray_comm_split(const leray_comm *comm, int color, int key, leray_comm **out)
{
    MPI_Comm part;

    *out = NULL;
    if (leray_comm_size(comm) == 1) {
        LERAY_TRY(LERAY_ALLOC(out, 1));
        **out = alone;
        return LERAY_OK;
    }
    LERAY_TRY(check(MPI_Comm_split(comm->comm, color, key, &part)));
    return make(part, out);
}

void leray_comm_destroy(leray_comm **comm)
{
    leray_comm *c = *comm;
    MPI_Comm none;

    if (!c) return;
    memset(&none, 0, sizeof none);
    if (memcmp(&c->comm, &none, sizeof none) != 0 && is_running()) MPI_Comm_free(&c->comm);
    leray_mem_free(c);
    *comm = NULL;
}

leray_status leray_comm_only_one(const leray_comm *comm, const char *what)
{
    LERAY_CHECK(leray_comm_size(comm) == 1, LERAY_ERR_UNSUPPORTED,
                "%s works on one rank and uses its threads, not on %d; start it without a launcher "
                "(leray solve, gen and train are what works on several)",
                what, leray_comm_size(comm));
    return LERAY_OK;
}

bool leray_comm_handle(const leray_comm *comm, void *handle)
{
    MPI_Comm self = MPI_COMM_SELF;

    if (!is_running()) return false;
    memcpy(handle, leray_comm_size(comm) > 1 ? &comm->comm : &self, sizeof self);
    return true;
}

/* ---- collectives ------------------------------------------------------------------------ */

static leray_status reduce(const leray_comm *comm, double *x, size_t n, MPI_Op op)
{
    if (leray_comm_size(comm) == 1) return LERAY_OK;
    for (size_t first = 0; first < n; first += PIECE) {
        int count = (int)(n - first < PIECE ? n - first : PIECE);

        LERAY_TRY(check(MPI_Allreduce(MPI_IN_PLACE, x + first, count, MPI_DOUBLE, op, comm->comm)));
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

        LERAY_TRY(check(MPI_Bcast(at + first, count, MPI_BYTE, 0, comm->comm)));
    }
    return LERAY_OK;
}

static leray_status send_block(const leray_comm *comm, const char *bytes, size_t size)
{
    for (size_t first = 0; first < size; first += PIECE) {
        int count = (int)(size - first < PIECE ? size - first : PIECE);

        LERAY_TRY(check(MPI_Send(bytes + first, count, MPI_BYTE, 0, 0, comm->comm)));
    }
    return LERAY_OK;
}

static leray_status receive_block(const leray_comm *comm, int from, char *bytes, size_t size)
{
    for (size_t first = 0; first < size; first += PIECE) {
        int count = (int)(size - first < PIECE ? size - first : PIECE);

        LERAY_TRY(check(
            MPI_Recv(bytes + first, count, MPI_BYTE, from, 0, comm->comm, MPI_STATUS_IGNORE)));
    }
    return LERAY_OK;
}

static leray_status receive_all(const leray_comm *comm, const uint64_t *size, const void *own,
                                char *all)
{
    if (size[0]) memcpy(all, own, size[0]);
    for (int r = 1; r < leray_comm_size(comm); r++) {
        all += size[r - 1];
        LERAY_TRY(receive_block(comm, r, all, size[r]));
    }
    return LERAY_OK;
}

leray_status leray_comm_gather(const leray_comm *comm, const void *bytes, size_t size, char **all,
                               size_t *sizes)
{
    int n = leray_comm_size(comm), rank = leray_comm_rank(comm);
    uint64_t *each, own = size;
    size_t total = 0;
    leray_status status = LERAY_OK;

    *all = NULL;
    LERAY_TRY(leray_comm_agree(comm, LERAY_ALLOC(&each, (size_t)n)));
    each[rank] = own;
    if (n > 1)
        status = check(MPI_Gather(&own, 1, MPI_UINT64_T, each, 1, MPI_UINT64_T, 0, comm->comm));
    for (int r = 0; r < n && rank == 0; r++) total += each[r];
    for (int r = 0; r < n && rank == 0 && sizes; r++) sizes[r] = each[r];
    if (!status && rank == 0) status = LERAY_ALLOC(all, total + 1);
    status = leray_comm_agree(comm, status);
    if (!status)
        status = rank == 0 ? receive_all(comm, each, bytes, *all) : send_block(comm, bytes, size);
    leray_mem_free(each);
    if (!status) return LERAY_OK;
    leray_mem_free(*all);
    *all = NULL;
    return status;
}

leray_status leray_comm_agree(const leray_comm *comm, leray_status status)
{
    int size = leray_comm_size(comm), failed = status ? leray_comm_rank(comm) : size, first = size;

    if (size == 1) return status;
    LERAY_TRY(check(MPI_Allreduce(&failed, &first, 1, MPI_INT, MPI_MIN, comm->comm)));
    if (status) return status;
    LERAY_CHECK(first == size, LERAY_ERR_PEER, "rank %d has failed; see its message", first);
    return LERAY_OK;
}

leray_status leray_comm_exchange(const leray_comm *comm, const void *send, leray_comm_blocks out,
                                 void *receive, leray_comm_blocks in)
{
    if (leray_comm_size(comm) > 1)
        return check(MPI_Alltoallv(send, out.size, out.at, MPI_C_DOUBLE_COMPLEX, receive, in.size,
                                   in.at, MPI_C_DOUBLE_COMPLEX, comm->comm));
    if (send != receive)
        memcpy((char *)receive + UNIT * (size_t)in.at[0],
               (const char *)send + UNIT * (size_t)out.at[0], UNIT * (size_t)out.size[0]);
    return LERAY_OK;
}

/* ---- sums in the background -------------------------------------------------------------- */

struct leray_comm_sums {
    const leray_comm *comm;
    int n, most;
    MPI_Request request[];
};

leray_status leray_comm_sums_create(const leray_comm *comm, int most, leray_comm_sums **out)
{
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, sizeof **out + (size_t)most * sizeof(MPI_Request)));
    *out = (leray_comm_sums *)(void *)block;
    (*out)->comm = comm;
    (*out)->most = most;
    return LERAY_OK;
}

void leray_comm_sums_destroy(leray_comm_sums **sums)
{
    leray_mem_free(*sums);
    *sums = NULL;
}

leray_status leray_comm_sums_start(leray_comm_sums *sums, float *x, size_t n)
{
    if (leray_comm_size(sums->comm) == 1) return LERAY_OK;
    for (size_t first = 0; first < n; first += PIECE) {
        int count = (int)(n - first < PIECE ? n - first : PIECE);

        LERAY_CHECK(sums->n < sums->most, LERAY_ERR_INTERNAL, "more than %d sums at a time",
                    sums->most);
        LERAY_TRY(check(MPI_Iallreduce(MPI_IN_PLACE, x + first, count, MPI_FLOAT, MPI_SUM,
                                       sums->comm->comm, &sums->request[sums->n])));
        sums->n++;
    }
    return LERAY_OK;
}

leray_status leray_comm_sums_progress(leray_comm_sums *sums)
{
    int all;

    if (sums->n == 0) return LERAY_OK;
    return check(MPI_Testall(sums->n, sums->request, &all, MPI_STATUSES_IGNORE));
}

leray_status leray_comm_sums_finish(leray_comm_sums *sums)
{
    int n = sums->n;

    sums->n = 0;
    if (n == 0) return LERAY_OK;
    return check(MPI_Waitall(n, sums->request, MPI_STATUSES_IGNORE));
}

/* ---- a flag ----------------------------------------------------------------------------- */

enum { RAISED, AT_WORK, WORDS }; /* what a round finds the largest of */

struct leray_comm_flag {
    const leray_comm *comm;
    MPI_Request request;
    bool running; /* a round is */
    int seen;
    int mine[WORDS], all[WORDS]; /* of the round */
};

leray_status leray_comm_flag_create(const leray_comm *comm, leray_comm_flag **out)
{
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->comm = comm;
    return LERAY_OK;
}

static leray_status begin_round(leray_comm_flag *f, bool at_work)
{
    f->mine[RAISED] = f->seen;
    f->mine[AT_WORK] = at_work;
    LERAY_TRY(check(
        MPI_Iallreduce(f->mine, f->all, WORDS, MPI_INT, MPI_MAX, f->comm->comm, &f->request)));
    f->running = true;
    return LERAY_OK;
}

/* Whether the round is over. */
static leray_status test_round(leray_comm_flag *f, bool *over)
{
    int done = 0;

    *over = false;
    LERAY_TRY(check(MPI_Test(&f->request, &done, MPI_STATUS_IGNORE)));
    if (!done) return LERAY_OK;
    f->running = false;
    if (f->all[RAISED] > f->seen) f->seen = f->all[RAISED];
    *over = true;
    return LERAY_OK;
}

leray_status leray_comm_flag_look(leray_comm_flag *f, int raise, int *seen)
{
    bool over;

    if (raise > f->seen) f->seen = raise;
    if (leray_comm_size(f->comm) > 1) {
        if (f->running) LERAY_TRY(test_round(f, &over));
        if (!f->running) LERAY_TRY(begin_round(f, true));
    }
    *seen = f->seen;
    return LERAY_OK;
}

leray_status leray_comm_flag_finish(leray_comm_flag *f, int raise, int *seen)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    bool over, last = leray_comm_size(f->comm) == 1;

    if (raise > f->seen) f->seen = raise;
    while (!last) {
        bool mine = !f->running;

        if (mine) LERAY_TRY(begin_round(f, false));
        for (over = false; !over;) {
            LERAY_TRY(test_round(f, &over));
            if (!over) nanosleep(&pause, NULL);
        }
        last = mine && !f->all[AT_WORK];
    }
    *seen = f->seen;
    return LERAY_OK;
}

void leray_comm_flag_destroy(leray_comm_flag **flag)
{
    leray_mem_free(*flag);
    *flag = NULL;
}
