/* core/petsc.h - starting PETSc, and errors across its callbacks. Private.

   PETSc starts on the first call of leray_petsc_init, without signal handlers, option files,
   options from the environment or messages of its own; objects live on PETSC_COMM_SELF unless the caller has another communicator.
   Our code calls PETSc with LERAY_TRY_PETSC; a callback that PETSc calls answers with
   leray_petsc_error(status), and what it raised comes out of the outer LERAY_TRY_PETSC unchanged. */
#ifndef LERAY_CORE_PETSC_H
#define LERAY_CORE_PETSC_H

#include "core/error.h"

#include <petscsys.h>

/* Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_petsc_init(void);
/* Before MPI ends; nothing where PETSc never started. */
void leray_petsc_fini(void);

/* For a callback's return: remembers what it raised, for this thread. */
PetscErrorCode leray_petsc_error(leray_status status);

/* The status of a call that failed; `call` is its text. */
LERAY_NODISCARD leray_status leray_petsc_status(PetscErrorCode error, const char *call,
                                                const char *file, int line);

#define LERAY_TRY_PETSC(call)                                                                 \
    do {                                                                                      \
        PetscErrorCode petsc_error_ = (call);                                                 \
        if (petsc_error_) return leray_petsc_status(petsc_error_, #call, __FILE__, __LINE__); \
    } while (0)

#endif
