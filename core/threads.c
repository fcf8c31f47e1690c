/* core/threads.c - the team size of the calling thread's parallel regions. */
#include "core/threads.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

void leray_threads_set(int n)
{
    omp_set_dynamic(0);
    omp_set_num_threads(n > 0 ? n : 1);
}

int leray_threads(void) { return omp_get_max_threads(); }

/* The number that OMP_NUM_THREADS begins with ("8", or "8,2" for nested regions); 0 where it says none. */
static long asked_for(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    char *end;
    long n = text ? strtol(text, &end, 10) : 0;

    return n > 0 && strchr(", \t", *end) ? n : 0;
}

int leray_threads_available(void)
{
    long n = asked_for(), most = omp_get_thread_limit();

    if (n == 0) n = omp_get_num_procs(); /* which heeds the affinity of the process */
    return (int)(n < most ? n : most);
}
