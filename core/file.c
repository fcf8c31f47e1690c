/* core/file.c - whole files, atomically: temporary name, fsync, rename, fsync of the folder. */
#include "core/file.h"

#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LERAY_FAIL_IO(what, path) \
    LERAY_FAIL(LERAY_ERR_IO, "%s %s: %s", (what), (path), strerror(errno))

static void folder_of(const char *path, char out[LERAY_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;

    if (!slash) strcpy(out, ".");
    else snprintf(out, LERAY_PATH_MAX, "%.*s", n ? (int)n : 1, path);
}

static leray_status flush_fd(int fd, const char *path)
{
    /* Some special files cannot be flushed; that is not a failure to write. */
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS) LERAY_FAIL_IO("cannot flush", path);
    return LERAY_OK;
}

leray_status leray_dir_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    leray_status status;

    if (fd < 0) LERAY_FAIL_IO("cannot open", path);
    status = flush_fd(fd, path);
    close(fd);
    return status;
}

leray_status leray_output_begin(const char *path, leray_output *out)
{
    char folder[LERAY_PATH_MAX];
    struct stat info;
    int n;

    memset(out, 0, sizeof *out);
    LERAY_CHECK(strlen(path) < LERAY_PATH_MAX - 64, LERAY_ERR_ARG, "path is too long: %.80s...",
                path);
    strcpy(out->path, path);
    n = snprintf(out->temp_path, sizeof out->temp_path, "%s.%ld.tmp", path, (long)getpid());
    LERAY_CHECK(n > 0 && n < LERAY_PATH_MAX, LERAY_ERR_ARG, "path is too long: %.80s...", path);
    folder_of(path, folder);
    if (stat(folder, &info) != 0) LERAY_FAIL_IO("cannot write in", folder);
    LERAY_CHECK(S_ISDIR(info.st_mode), LERAY_ERR_IO, "cannot write in %s: not a folder", folder);
    return LERAY_OK;
}

leray_status leray_file_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    leray_status status;

    if (fd < 0) LERAY_FAIL_IO("cannot open", path);
    status = flush_fd(fd, path);
    close(fd);
    return status;
}

leray_status leray_output_commit(leray_output *out)
{
    char folder[LERAY_PATH_MAX];

    LERAY_TRY(leray_file_sync(out->temp_path));
    if (rename(out->temp_path, out->path) != 0) LERAY_FAIL_IO("cannot rename to", out->path);
    folder_of(out->path, folder);
    return leray_dir_sync(folder);
}

void leray_output_abandon(leray_output *out)
{
    if (out->temp_path[0]) unlink(out->temp_path);
}

static leray_status write_all(int fd, const char *path, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) LERAY_FAIL_IO("cannot write", path);
        data += n;
        size -= (size_t)n;
    }
    return LERAY_OK;
}

static leray_status write_new(const char *path, int flags, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
    leray_status status;

    if (fd < 0) LERAY_FAIL_IO("cannot create", path);
    status = write_all(fd, path, data, size);
    if (close(fd) != 0 && !status) LERAY_FAIL_IO("cannot close", path);
    return status;
}

leray_status leray_file_write(const char *path, const void *data, size_t size)
{
    leray_output out;
    leray_status status;

    LERAY_TRY(leray_output_begin(path, &out));
    status = write_new(out.temp_path, O_TRUNC, data, size);
    if (!status) status = leray_output_commit(&out);
    if (status) leray_output_abandon(&out);
    return status;
}

leray_status leray_file_append(const char *path, const void *data, size_t size)
{
    return write_new(path, O_APPEND, data, size);
}

static leray_status read_all(int fd, const char *path, char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = read(fd, data, size);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) LERAY_FAIL_IO("cannot read", path);
        LERAY_CHECK(n > 0, LERAY_ERR_IO, "cannot read %s: it became shorter", path);
        data += n;
        size -= (size_t)n;
    }
    return LERAY_OK;
}

leray_status leray_file_read(const char *path, char **data, size_t *size)
{
    struct stat info;
    leray_status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *data = NULL;
    if (fd < 0) LERAY_FAIL(LERAY_ERR_DATA, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        LERAY_FAIL(LERAY_ERR_DATA, "cannot read %s: it is a folder or a device, not a file", path);
    }
    *size = (size_t)info.st_size;
    status = LERAY_ALLOC(data, *size + 1);
    if (!status) status = read_all(fd, path, *data, *size);
    close(fd);
    if (status) {
        leray_mem_free(*data);
        *data = NULL;
    }
    return status;
}

int leray_file_exists(const char *path) { return access(path, F_OK) == 0; }
