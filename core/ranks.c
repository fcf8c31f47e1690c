/* core/ranks.c - starting MPI where a launcher is seen, and refusing a foreign launcher. */
#include "core/ranks.h"

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
    if (started) MPI_Finalize();
    started = false;
    rank = 0;
    size = 1;
}

int leray_rank(void) { return rank; }
int leray_ranks(void) { return size; }
