/* core/descriptors.h - whether so many more files can be opened. Private.

   Some libraries end the process where they cannot open what they need (ZeroMQ, MPI); so it is asked before. */
#ifndef LERAY_CORE_DESCRIPTORS_H
#define LERAY_CORE_DESCRIPTORS_H

#include "core/error.h"

/* `what` needs n more files. Errors: IO, with the limit of the process and how to raise it. */
LERAY_NODISCARD leray_status leray_descriptors_need(int n, const char *what);

#endif
