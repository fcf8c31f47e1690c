/* core/folder.c - folders, and the lock by which a run owns one. */
#include "core/file.h"

#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

leray_status leray_path_join(const char *folder, const char *name, char out[LERAY_PATH_MAX])
{
    size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] != '/' ? "/" : "";
    int length = snprintf(out, LERAY_PATH_MAX, "%s%s%s", folder, slash, name);

    LERAY_CHECK(length >= 0 && length < LERAY_PATH_MAX, LERAY_ERR_ARG, "path is too long: %.80s...",
                folder);
    return LERAY_OK;
}

leray_status leray_dir_create(const char *path)
{
    char part[LERAY_PATH_MAX];
    struct stat info;

    LERAY_CHECK(*path && strlen(path) < sizeof part, LERAY_ERR_ARG, "'%.80s' is no folder name",
                path);
    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            LERAY_FAIL(LERAY_ERR_IO, "cannot create folder %s: %s", part, strerror(errno));
    }
    LERAY_CHECK(stat(path, &info) == 0 && S_ISDIR(info.st_mode), LERAY_ERR_IO,
                "cannot create folder %s: a file of that name is there", path);
    return LERAY_OK;
}

leray_status leray_dir_remove(const char *path)
{
    char child[LERAY_PATH_MAX];
    struct dirent *entry;
    leray_status status = LERAY_OK;
    DIR *dir = opendir(path);

    if (!dir && errno == ENOENT) return LERAY_OK;
    if (!dir) LERAY_FAIL(LERAY_ERR_IO, "cannot open folder %s: %s", path, strerror(errno));
    while (!status && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        status = leray_path_join(path, entry->d_name, child);
        if (!status && unlink(child) != 0)
            status = errno == EISDIR || errno == EPERM ? leray_dir_remove(child) : LERAY_ERR_IO;
    }
    closedir(dir);
    if (!status && rmdir(path) == 0) return LERAY_OK;
    LERAY_FAIL(LERAY_ERR_IO, "cannot remove folder %s: %s", path, strerror(errno));
}

leray_status leray_dir_tidy(const char *path)
{
    char child[LERAY_PATH_MAX];
    struct dirent *entry;
    leray_status status = LERAY_OK;
    DIR *dir = opendir(path);

    if (!dir) LERAY_FAIL(LERAY_ERR_IO, "cannot open folder %s: %s", path, strerror(errno));
    while (!status && (entry = readdir(dir))) {
        size_t n = strlen(entry->d_name);

        if (n < 4 || strcmp(entry->d_name + n - 4, ".tmp") != 0) continue;
        status = leray_path_join(path, entry->d_name, child);
        if (!status && unlink(child) != 0 && errno != ENOENT)
            status = leray_error_raise(LERAY_ERR_IO, __FILE__, __LINE__, "cannot remove %s: %s",
                                       child, strerror(errno));
    }
    closedir(dir);
    return status;
}

leray_status leray_files_remove(const char *folder, const char *const *names)
{
    char path[LERAY_PATH_MAX];

    for (; *names; names++) {
        LERAY_TRY(leray_path_join(folder, *names, path));
        LERAY_CHECK(unlink(path) == 0 || errno == ENOENT, LERAY_ERR_IO, "cannot remove %s: %s",
                    path, strerror(errno));
    }
    return LERAY_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static leray_status add_name(const char *name, int *count, char (**names)[LERAY_NAME_MAX])
{
    size_t n = (size_t)*count;

    if ((n & (n - 1)) == 0) /* full: 0, 1, 2, 4, .. */
        LERAY_TRY(leray_mem_grow((void *)names, n, n ? 2 * n : 1, LERAY_NAME_MAX));
    snprintf((*names)[n], LERAY_NAME_MAX, "%s", name);
    ++*count;
    return LERAY_OK;
}

leray_status leray_dir_names(const char *path, const char *prefix, int *count,
                             char (**names)[LERAY_NAME_MAX])
{
    struct dirent *entry;
    leray_status status = LERAY_OK;
    DIR *dir = opendir(path);

    *count = 0, *names = NULL;
    if (!dir && errno == ENOENT) return LERAY_OK;
    if (!dir) LERAY_FAIL(LERAY_ERR_IO, "cannot list %s: %s", path, strerror(errno));
    while (!status && (entry = readdir(dir)))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            status = add_name(entry->d_name, count, names);
    closedir(dir);
    if (status) {
        leray_mem_free(*names);
        *names = NULL;
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    if (*count > 1) qsort(*names, (size_t)*count, LERAY_NAME_MAX, by_name);
    return LERAY_OK;
}

static leray_status busy(int fd, const char *folder)
{
    char owner[256] = "";
    ssize_t n = read(fd, owner, sizeof owner - 1);

    owner[n > 0 ? n : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
    LERAY_FAIL(LERAY_ERR_BUSY,
               "folder %s belongs to a live run (%s): wait for it, or give another folder with -o",
               folder, *owner ? owner : "owner unknown");
}

leray_status leray_lock_take(const char *folder, leray_lock *lock)
{
    char path[LERAY_PATH_MAX], owner[256], host[128] = "";
    leray_status status;
    int fd, n;

    lock->fd = -1;
    LERAY_TRY(leray_path_join(folder, "lock", path));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) LERAY_FAIL(LERAY_ERR_IO, "cannot create %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = busy(fd, folder);
        close(fd);
        return status;
    }
    gethostname(host, sizeof host - 1);
    n = snprintf(owner, sizeof owner, "pid %ld on %s\n", (long)getpid(), host);
    /* The text only helps the reader of an error; the lock itself is the kernel's. */
    if (ftruncate(fd, 0) != 0 || write(fd, owner, (size_t)n) != n) errno = 0;
    lock->fd = fd;
    return LERAY_OK;
}

void leray_lock_drop(leray_lock *lock)
{
    if (lock->fd >= 0) close(lock->fd);
    lock->fd = -1;
}
