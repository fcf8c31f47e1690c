/* core/ranks.c - starting MPI where a launcher is seen, and refusing a foreign launcher. */
#include "core/ranks.h"

#include "core/comm.h"
#include "core/mem.h"
#include "core/petsc.h"

#include <mpi.h>
#include <stdlib.h>

static int rank, size = 1;
static bool started;

/* The variables in which launchers tell a process how many there are. SLURM_NTASKS alone is
   also set in a batch script that starts one plain process, so only the step's own counts. */
static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE",
                                        "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"};

int leray_ranks_claimed(const char *(*get)(const char *), const char **variable)
{
    int most = 0;

    *variable = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *text = get(variables[i]);
        long n = text ? strtol(text, NULL, 10) : 0;

        if (n > most && n < 1 << 30) most = (int)n, *variable = variables[i];
    }
    return most;
}

static const char *environment(const char *name) { return getenv(name); }

leray_status leray_ranks_init(void)
{
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
    const char *variable;
    int claimed = leray_ranks_claimed(environment, &variable), provided, length;

    if (!variable) return LERAY_OK;
    LERAY_CHECK(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) == MPI_SUCCESS,
                LERAY_ERR_EXTERNAL, "MPI does not start");
    started = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Get_library_version(library, &length);
    LERAY_CHECK(!(claimed > 1 && size == 1), LERAY_ERR_CONFIG,
                "the launcher says %d ranks (%s) but MPI says 1: start leray with the launcher of "
                "its own MPI, which is %.40s",
                claimed, variable, library);
    return LERAY_OK;
}

void leray_ranks_fini(void)
{
    leray_petsc_fini();
    if (started) MPI_Finalize();
    started = false;
    rank = 0;
    size = 1;
}

int leray_rank(void) { return rank; }
int leray_ranks(void) { return size; }

leray_status leray_ranks_only_one(const char *what)
{
    LERAY_CHECK(size == 1, LERAY_ERR_UNSUPPORTED,
                "%s works on one rank and uses its threads, not on %d; start it without a launcher "
                "(leray train is what works on several)",
                what, size);
    return LERAY_OK;
}

/* ---- collectives ------------------------------------------------------------------------ */

#define PIECE ((size_t)1 << 28) /* MPI counts in int */

static leray_status check(int error)
{
    LERAY_CHECK(error == MPI_SUCCESS, LERAY_ERR_EXTERNAL, "MPI error %d", error);
    return LERAY_OK;
}

leray_status leray_ranks_sum(double *x, size_t n)
{
    return leray_comm_sum(leray_comm_world(), x, n);
}

leray_status leray_ranks_max(double *x, size_t n)
{
    return leray_comm_max(leray_comm_world(), x, n);
}

leray_status leray_ranks_agree(leray_status status)
{
    return leray_comm_agree(leray_comm_world(), status);
}

struct leray_ranks_sums {
    int n, most;
    MPI_Request request[];
};

leray_status leray_ranks_sums_create(int most, leray_ranks_sums **out)
{
    char *block;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&block, sizeof **out + (size_t)most * sizeof(MPI_Request)));
    *out = (leray_ranks_sums *)(void *)block;
    (*out)->most = most;
    return LERAY_OK;
}

void leray_ranks_sums_destroy(leray_ranks_sums **sums)
{
    leray_mem_free(*sums);
    *sums = NULL;
}

leray_status leray_ranks_sums_start(leray_ranks_sums *sums, float *x, size_t n)
{
    if (size == 1) return LERAY_OK;
    for (size_t first = 0; first < n; first += PIECE) {
        int count = (int)(n - first < PIECE ? n - first : PIECE);

        LERAY_CHECK(sums->n < sums->most, LERAY_ERR_INTERNAL, "more than %d sums at a time",
                    sums->most);
        LERAY_TRY(check(MPI_Iallreduce(MPI_IN_PLACE, x + first, count, MPI_FLOAT, MPI_SUM,
                                       MPI_COMM_WORLD, &sums->request[sums->n])));
        sums->n++;
    }
    return LERAY_OK;
}

leray_status leray_ranks_sums_progress(leray_ranks_sums *sums)
{
    int all;

    if (sums->n == 0) return LERAY_OK;
    return check(MPI_Testall(sums->n, sums->request, &all, MPI_STATUSES_IGNORE));
}

leray_status leray_ranks_sums_finish(leray_ranks_sums *sums)
{
    int n = sums->n;

    sums->n = 0;
    if (n == 0) return LERAY_OK;
    return check(MPI_Waitall(n, sums->request, MPI_STATUSES_IGNORE));
}
