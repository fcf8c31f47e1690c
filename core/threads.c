/* core/threads.c - the team size of the calling thread's parallel regions. */
#include "core/threads.h"

#include <omp.h>

void leray_threads_set(int n)
{
    omp_set_dynamic(0);
    omp_set_num_threads(n > 0 ? n : 1);
}

int leray_threads(void) { return omp_get_max_threads(); }

int leray_threads_available(void) { return omp_get_num_procs(); }
