/* core/launch.h - how this process was started. Private.

   MPI is started only where a launcher did start this process, so that a plain command needs
   no MPI runtime. If the launcher's environment says more than one rank and MPI says one, the
   launcher belongs to another MPI: N copies would race on one output, so begin refuses.

   In a program that has started MPI itself, begin and end leave MPI alone, and such a program says on
   which communicator to work; where it does not, that is this rank alone. */
#ifndef LERAY_CORE_LAUNCH_H
#define LERAY_CORE_LAUNCH_H

#include "core/comm.h"

LERAY_NODISCARD leray_status leray_launch_begin(void);
void leray_launch_end(void);

/* All ranks of a launch that begin has started MPI for; else this rank alone. Only commands and the
   programs of tests start from here. */
const leray_comm *leray_launch_comm(void);

/* What one call of the library works on: the caller's communicator (a pointer to an MPI_Comm), or with NULL
   the launch's. While it is open, messages speak as its rank. Collective, as is close. */
typedef struct leray_group {
    const leray_comm *comm;
    leray_comm *own; /* NULL: the launch's */
    int spoke_as;
} leray_group;
LERAY_NODISCARD leray_status leray_group_open(leray_group *group, const void *mpi_comm);
void leray_group_close(leray_group *group); /* accepts a zeroed one, and one that did not open */

/* Threads for each rank of the group: `wanted`, or if that is 0 its share of the cores that it may use. */
int leray_group_threads(const leray_comm *comm, int wanted);

/* The largest number of ranks that the environment of known launchers claims, and the variable
   that said so (NULL if none did). `get` is getenv, or a test's stand-in. */
int leray_launch_claimed(const char *(*get)(const char *), const char **variable);

#endif
