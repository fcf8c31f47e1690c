/* core/wisdom.c - the name of the machine's wisdom file, and its lock. */
#include "core/wisdom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Model and instruction sets: virtual machines of one model may differ in the latter. */
static void processor(char out[LERAY_CHECKSUM_TEXT])
{
    char text[16384], line[8192];
    size_t used = 0;
    bool model = false, flags = false;
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && !(model && flags) && fgets(line, sizeof line, file)) {
        bool *seen = strncmp(line, "model name", 10) == 0 ? &model
                     : strncmp(line, "flags", 5) == 0     ? &flags
                                                          : NULL;
        size_t n = strlen(line);

        if (!seen || *seen || used + n > sizeof text) continue;
        memcpy(text + used, line, n);
        used += n;
        *seen = true;
    }
    if (file) fclose(file);
    leray_checksum(text, used, out);
}

/* Paths in XDG_CACHE_HOME must be absolute (XDG Base Directory Specification 0.8). */
static bool cache_folder(char out[LERAY_PATH_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n;

    if (cache && cache[0] == '/') n = snprintf(out, LERAY_PATH_MAX, "%s/leray", cache);
    else if (home && home[0] == '/') n = snprintf(out, LERAY_PATH_MAX, "%s/.cache/leray", home);
    else return false;
    return n > 0 && n < LERAY_PATH_MAX && leray_dir_create(out) == LERAY_OK;
}

bool leray_wisdom_path(const char *fftw_version, char out[LERAY_PATH_MAX])
{
    char folder[LERAY_PATH_MAX], cpu[LERAY_CHECKSUM_TEXT], name[256];

    if (!cache_folder(folder)) return false;
    processor(cpu);
    snprintf(name, sizeof name, "%.128s-%.16s.wisdom", fftw_version, cpu);
    return leray_path_join(folder, name, out) == LERAY_OK;
}

int leray_wisdom_lock(const char *path)
{
    char name[LERAY_PATH_MAX];
    int n = snprintf(name, sizeof name, "%s.lock", path), lock, rc;

    if (n < 0 || n >= LERAY_PATH_MAX) return -1;
    lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0) return -1;
    do rc = flock(lock, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    if (rc == 0) return lock;
    close(lock);
    return -1;
}

void leray_wisdom_unlock(int lock)
{
    if (lock >= 0) close(lock);
}
