/* training/checkpoint.c - writing generations. Reading is in training/checkpoint_read.c. */
#include "training/checkpoint.h"

#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENERATIONS 2

leray_status leray_checkpoint_begin(const char *run, int64_t step, leray_checkpoint_writer *w)
{
    memset(w, 0, sizeof *w);
    w->step = step;
    LERAY_TRY(leray_path_join(run, "checkpoints", w->folder));
    LERAY_TRY(leray_path_join(w->folder, "writing.tmp", w->temporary));
    LERAY_TRY(leray_dir_create(w->folder));
    LERAY_TRY(leray_dir_remove(w->temporary));
    LERAY_TRY(leray_dir_create(w->temporary));
    return leray_json_object(&w->files);
}

static leray_status record(leray_checkpoint_writer *w, const char *name, const void *data,
                           size_t size)
{
    char sum[LERAY_CHECKSUM_TEXT];
    leray_json *entry;
    leray_status status;

    leray_checksum(data, size, sum);
    LERAY_TRY(leray_json_object(&entry));
    status = leray_json_set_int(entry, "bytes", (int64_t)size);
    if (!status) status = leray_json_set_text(entry, "xxh128", sum);
    if (status) leray_json_destroy(&entry);
    else status = leray_json_set(w->files, name, &entry);
    return status;
}

leray_status leray_checkpoint_add(leray_checkpoint_writer *w, const char *name, const void *data,
                                  size_t size)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(w->temporary, name, path));
    LERAY_TRY(leray_file_write(path, data, size));
    return record(w, name, data, size);
}

leray_status leray_checkpoint_add_json(leray_checkpoint_writer *w, const char *name,
                                       const leray_json *json)
{
    char *text;
    leray_status status;

    LERAY_TRY(leray_json_text(json, 0, &text));
    status = leray_checkpoint_add(w, name, text, strlen(text));
    leray_mem_free(text);
    return status;
}

static leray_status write_manifest(leray_checkpoint_writer *w)
{
    char path[LERAY_PATH_MAX], *text;
    leray_json *manifest;
    leray_status status;

    LERAY_TRY(leray_json_object(&manifest));
    status = leray_json_set_int(manifest, "format", 1);
    if (!status) status = leray_json_set_int(manifest, "step", w->step);
    if (!status) status = leray_json_set(manifest, "files", &w->files);
    if (!status) status = leray_json_text(manifest, 2, &text);
    leray_json_destroy(&manifest);
    if (status) return status;
    status = leray_path_join(w->temporary, "manifest.json", path);
    if (!status) status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    return status;
}

/* step-NUMBER, and not what was set aside. */
static bool is_generation(const char *name)
{
    return name[5 + strspn(name + 5, "0123456789")] == '\0';
}

static leray_status remove_all_but_newest(const char *folder, int n, char (*names)[LERAY_NAME_MAX])
{
    char path[LERAY_PATH_MAX];
    int newer = 0;

    for (int i = n - 1; i >= 0; i--) {
        if (!is_generation(names[i]) || newer++ < GENERATIONS) continue;
        LERAY_TRY(leray_path_join(folder, names[i], path));
        LERAY_TRY(leray_dir_remove(path));
    }
    return LERAY_OK;
}

static leray_status remove_old(const char *folder)
{
    char(*names)[LERAY_NAME_MAX];
    int n;
    leray_status status;

    LERAY_TRY(leray_dir_names(folder, "step-", &n, &names));
    status = remove_all_but_newest(folder, n, names);
    leray_mem_free(names);
    return status;
}

/* Gives the new generation its name. One of the same step (a run stopped twice in one place)
   leaves in one piece first: what a kill finds is never half removed. */
static leray_status appear(const leray_checkpoint_writer *w, const char *path)
{
    char replaced[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(w->folder, "replaced.tmp", replaced));
    LERAY_TRY(leray_dir_remove(replaced));
    LERAY_CHECK(rename(path, replaced) == 0 || errno == ENOENT, LERAY_ERR_IO,
                "cannot rename %s: %s", path, strerror(errno));
    LERAY_CHECK(rename(w->temporary, path) == 0, LERAY_ERR_IO, "cannot rename to %s: %s", path,
                strerror(errno));
    LERAY_TRY(leray_dir_sync(w->folder));
    return leray_dir_remove(replaced);
}

leray_status leray_checkpoint_commit(leray_checkpoint_writer *w)
{
    char name[64], path[LERAY_PATH_MAX];

    LERAY_TRY(write_manifest(w));
    LERAY_TRY(leray_dir_sync(w->temporary));
    snprintf(name, sizeof name, "step-%012lld", (long long)w->step);
    LERAY_TRY(leray_path_join(w->folder, name, path));
    LERAY_TRY(appear(w, path));
    return remove_old(w->folder);
}

void leray_checkpoint_abandon(leray_checkpoint_writer *w)
{
    char message[4096];

    leray_json_destroy(&w->files);
    if (!w->temporary[0]) return;
    /* The first error is the one to tell; this clean-up must not hide it. */
    snprintf(message, sizeof message, "%s", leray_error_message());
    if (leray_dir_remove(w->temporary)) leray_error_adopt(message);
}

leray_status leray_checkpoint_clear(const char *run)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(run, "checkpoints", path));
    return leray_dir_remove(path);
}
