/* training/checkpoint_read.c - finding the newest generation that is whole. */
#include "training/checkpoint.h"

#include "core/log.h"
#include "core/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static leray_status read_manifest(leray_checkpoint *c)
{
    char path[LERAY_PATH_MAX], *text;
    leray_json *manifest = NULL;
    int64_t format = 0;
    size_t size;
    leray_status status;

    LERAY_TRY(leray_path_join(c->folder, "manifest.json", path));
    LERAY_TRY(leray_file_read(path, &text, &size));
    status = leray_json_parse(path, text, size, &manifest);
    leray_mem_free(text);
    if (!status) status = leray_json_get_int(manifest, "format", &format);
    if (!status) status = leray_json_get_int(manifest, "step", &c->step);
    if (!status) status = leray_json_get(manifest, "files", &c->files);
    leray_json_destroy(&manifest);
    if (status) return status;
    LERAY_CHECK(format == 1, LERAY_ERR_DATA, "%s: format %lld is not known to this version", path,
                (long long)format);
    LERAY_CHECK(c->step == strtoll(strrchr(c->folder, '-') + 1, NULL, 10), LERAY_ERR_DATA,
                "%s: step %lld is not the one in the folder's name", path, (long long)c->step);
    return LERAY_OK;
}

leray_status leray_checkpoint_read(const leray_checkpoint *c, const char *name, size_t expected,
                                   char **data, size_t *size)
{
    char path[LERAY_PATH_MAX], sum[LERAY_CHECKSUM_TEXT];
    const char *recorded;
    leray_json *entry;
    int64_t bytes = 0;
    bool whole;
    leray_status status;

    *data = NULL;
    LERAY_TRY(leray_path_join(c->folder, name, path));
    LERAY_TRY(leray_json_get(c->files, name, &entry));
    status = leray_json_get_int(entry, "bytes", &bytes);
    if (!status) status = leray_json_get_text(entry, "xxh128", &recorded);
    if (!status) status = leray_file_read(path, data, size);
    if (!status) leray_checksum(*data, *size, sum);
    whole = !status && (int64_t)*size == bytes && strcmp(sum, recorded) == 0;
    leray_json_destroy(&entry);
    if (!status && whole && (expected == SIZE_MAX || *size == expected)) return LERAY_OK;
    leray_mem_free(*data);
    *data = NULL;
    if (status) return status;
    LERAY_CHECK(whole, LERAY_ERR_DATA, "%s: its checksum is not the one in the manifest", path);
    LERAY_FAIL(LERAY_ERR_DATA, "%s: %zu bytes, not %zu: it belongs to another deck", path, *size,
               expected);
}

leray_status leray_checkpoint_load(const leray_checkpoint *c, const char *name, void *data,
                                   size_t size)
{
    char *block;
    size_t got;

    LERAY_TRY(leray_checkpoint_read(c, name, size, &block, &got));
    memcpy(data, block, size);
    leray_mem_free(block);
    return LERAY_OK;
}

leray_status leray_checkpoint_read_json(const leray_checkpoint *c, const char *name,
                                        leray_json **out)
{
    char *text;
    size_t size;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_checkpoint_read(c, name, SIZE_MAX, &text, &size));
    status = leray_json_parse(name, text, size, out);
    leray_mem_free(text);
    return status;
}

static leray_status verify(leray_checkpoint *c)
{
    LERAY_TRY(read_manifest(c));
    for (size_t i = 0; i < leray_json_size(c->files); i++) {
        char *data;
        size_t size;

        LERAY_TRY(leray_checkpoint_read(c, leray_json_key(c->files, i), SIZE_MAX, &data, &size));
        leray_mem_free(data);
    }
    return LERAY_OK;
}

static void set_aside(const char *folder)
{
    char aside[LERAY_PATH_MAX], why[1024];

    snprintf(why, sizeof why, "%s", leray_error_message());
    why[strcspn(why, "\n")] = '\0';
    snprintf(aside, sizeof aside, "%.*s.damaged", LERAY_PATH_MAX - 16, folder);
    if (leray_dir_remove(aside) || rename(folder, aside) != 0) strcpy(aside, "(still in place)");
    leray_warn("checkpoint %s is damaged: %s; it is set aside as %s and the one before is used",
               folder, why, aside);
}

/* The newest first. Damaged ones count too: where there is nothing else, the run does not begin anew
   unasked. */
static leray_status find_whole(const char *folder, char (*names)[LERAY_NAME_MAX], int n,
                               leray_checkpoint *c, bool *found)
{
    for (int i = n - 1; i >= 0; i--) {
        leray_status status;

        if (strchr(names[i], '.')) continue; /* set aside */
        LERAY_TRY(leray_path_join(folder, names[i], c->folder));
        status = verify(c);
        *found = status == LERAY_OK;
        if (*found) return LERAY_OK;
        leray_json_destroy(&c->files);
        if (status == LERAY_ERR_MEMORY) return leray_error_trace(status, __FILE__, __LINE__);
        set_aside(c->folder);
    }
    return LERAY_OK;
}

leray_status leray_checkpoint_open(const char *run, leray_checkpoint *c, bool *found)
{
    char folder[LERAY_PATH_MAX];
    char(*names)[LERAY_NAME_MAX];
    leray_status status;
    int n;

    memset(c, 0, sizeof *c);
    *found = false;
    LERAY_TRY(leray_path_join(run, "checkpoints", folder));
    LERAY_TRY(leray_dir_names(folder, "step-", &n, &names));
    status = find_whole(folder, names, n, c, found);
    leray_mem_free(names);
    if (status || *found || n == 0) return status;
    LERAY_FAIL(LERAY_ERR_DATA, "no checkpoint in %s is whole; start over with --fresh", folder);
}

void leray_checkpoint_close(leray_checkpoint *c) { leray_json_destroy(&c->files); }
