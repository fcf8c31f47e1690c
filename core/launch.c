/* core/launch.c - starting MPI where a launcher is seen, and refusing a foreign launcher. */
#include "core/launch.h"

#include "core/log.h"
#include "core/petsc.h"
#include "core/threads.h"

#include <mpi.h>
#include <stdlib.h>

static bool started;    /* MPI, by us */
static leray_comm *all; /* its ranks */

/* The variables in which launchers tell a process how many there are. SLURM_NTASKS alone is
   also set in a batch script that starts one plain process, so only the step's own counts. */
static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE",
                                        "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"};

int leray_launch_claimed(const char *(*get)(const char *), const char **variable)
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

/* A copy of the communicator of all ranks: what goes on here meets no message of anybody else. */
static leray_status start(int claimed, const char *variable)
{
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
    MPI_Comm world = MPI_COMM_WORLD;
    int provided, length;

    LERAY_CHECK(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) == MPI_SUCCESS,
                LERAY_ERR_EXTERNAL, "MPI does not start");
    started = true;
    LERAY_TRY(leray_comm_create(&world, &all));
    leray_log_set_rank(leray_comm_rank(all));
    MPI_Get_library_version(library, &length);
    LERAY_CHECK(!(claimed > 1 && leray_comm_size(all) == 1), LERAY_ERR_CONFIG,
                "the launcher says %d ranks (%s) but MPI says 1: start leray with the launcher of "
                "its own MPI, which is %.40s",
                claimed, variable, library);
    return LERAY_OK;
}

leray_status leray_launch_begin(void)
{
    const char *variable;
    int claimed = leray_launch_claimed(environment, &variable), running = 0;

    MPI_Initialized(&running);
    return variable && !running ? start(claimed, variable) : LERAY_OK;
}

void leray_launch_end(void)
{
    leray_petsc_fini();
    leray_comm_destroy(&all);
    if (started) MPI_Finalize();
    started = false;
    leray_log_set_rank(0);
}

const leray_comm *leray_launch_comm(void) { return all ? all : leray_comm_self(); }

leray_status leray_group_open(leray_group *group, const void *mpi_comm)
{
    *group = (leray_group){.spoke_as = -1};
    if (mpi_comm) LERAY_TRY(leray_comm_create(mpi_comm, &group->own));
    group->comm = group->own ? group->own : leray_launch_comm();
    group->spoke_as = leray_log_set_rank(leray_comm_rank(group->comm));
    return LERAY_OK;
}

void leray_group_close(leray_group *group)
{
    if (group->comm) leray_log_set_rank(group->spoke_as);
    leray_comm_destroy(&group->own);
    group->comm = NULL;
}

int leray_group_threads(const leray_comm *comm, int wanted)
{
    int share = leray_threads_available() / leray_comm_sharers(comm);

    return wanted > 0 ? wanted : share > 0 ? share : 1;
}
