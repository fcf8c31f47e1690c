/* core/descriptors.c - see core/descriptors.h. */
#include "core/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST 1024

/* How many descriptors can be had, n at most: by taking them, as the limit says nothing of those in use. */
static int count_free(int n)
{
    int fd[MOST], got = 0, first = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (first < 0) return 0;
    for (fd[got++] = first; got < n && got < MOST; got++)
        if ((fd[got] = fcntl(first, F_DUPFD_CLOEXEC, 0)) < 0) break;
    for (int i = 0; i < got; i++) close(fd[i]);
    return got;
}

leray_status leray_descriptors_need(int n, const char *what)
{
    struct rlimit limit = {0};
    int most = n < MOST ? n : MOST, got = count_free(most);

    if (got >= most) return LERAY_OK;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    LERAY_FAIL(LERAY_ERR_IO,
               "%s needs %d open files, and this process may open %d more, of %llu in all: raise "
               "the limit (ulimit -n "
               "1024)",
               what, n, got, (unsigned long long)limit.rlim_cur);
}
