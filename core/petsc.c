/* core/petsc.c - see core/petsc.h. */
#include "core/petsc.h"

#include "core/descriptors.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* MPI's plugins, unloaded again, leave blocks behind that a leak checker cannot name. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable() ((void)0)
#define __lsan_enable() ((void)0)
#endif

#define MPI_FILES \
    40 /* descriptors that Open MPI 4.1 takes in a process without a launcher, some to spare */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static PetscErrorCode start_error;
static _Thread_local leray_status pending; /* raised in a callback, not yet returned */

/* PETSc starts MPI where no launcher has made us do so; then it also ends it. Option files are forbidden by arguments:
   a value set before has no effect (3.18). What the environment has put into the database of options goes before any
   solver can look there. Of a host program that has started PETSc, nothing is changed. */
static PetscErrorCode start(void)
{
    static char name[] = "leray", no_handler[] = "-no_signal_handler", no_file[] = "-skip_petscrc";
    static char *made_up[] = {name, no_handler, no_file, NULL};
    char **arguments = made_up;
    int count = 3, with_mpi = 0;
    PetscBool running;
    PetscErrorCode error = PetscInitialized(&running);

    MPI_Initialized(&with_mpi);
    if (with_mpi && !error && !running)
        PETSC_COMM_WORLD = MPI_COMM_SELF; /* no collective on ranks that know nothing of it */
    if (!error && !running) error = PetscInitialize(&count, &arguments, NULL, NULL);
    if (!error && !running) error = PetscOptionsClear(NULL);
    return error ? error : PetscPushErrorHandler(PetscReturnErrorHandler, NULL);
}

static void start_once(void)
{
    __lsan_disable();
    start_error = start();
    __lsan_enable();
    if (!start_error && atexit(leray_petsc_fini)) start_error = PETSC_ERR_LIB;
}

leray_status leray_petsc_init(void)
{
    PetscBool running, finalized;
    int mpi = 0;

    LERAY_TRY_PETSC(PetscInitialized(&running));
    if (!running && MPI_Initialized(&mpi) == MPI_SUCCESS && !mpi)
        LERAY_TRY(leray_descriptors_need(MPI_FILES, "MPI, which PETSc starts,"));
    pthread_once(&once, start_once);
    LERAY_CHECK(!start_error, LERAY_ERR_EXTERNAL, "PETSc does not start: its error %d",
                (int)start_error);
    LERAY_TRY_PETSC(PetscFinalized(&finalized));
    LERAY_CHECK(!finalized, LERAY_ERR_EXTERNAL, "PETSc has ended with MPI, and cannot start again");
    return LERAY_OK;
}

void leray_petsc_fini(void)
{
    static bool tried; /* an end that failed half-way would abort the process the second time */
    PetscBool running = PETSC_FALSE, ended = PETSC_TRUE;
    int mpi_ended = 1;

    if (tried || PetscInitialized(&running) || !running || PetscFinalized(&ended) || ended) return;
    tried = true;
    __lsan_disable();
    if (MPI_Finalized(&mpi_ended) == MPI_SUCCESS && !mpi_ended) (void)!PetscFinalize();
    __lsan_enable();
}

PetscErrorCode leray_petsc_error(leray_status status)
{
    pending = status;
    return status ? PETSC_ERR_LIB : 0;
}

leray_status leray_petsc_status(PetscErrorCode error, const char *call, const char *file, int line)
{
    const char *text = NULL;
    leray_status status = pending;

    pending = LERAY_OK;
    if (status) return leray_error_trace(status, file, line);
    if (PetscErrorMessage(error, &text, NULL) || !text) text = "no text";
    return leray_error_raise(LERAY_ERR_EXTERNAL, file, line, "%s: PETSc error %d: %s", call,
                             (int)error, text);
}
