/* data/dataset.c - see data/dataset.h. */
#include "data/dataset.h"

#include "core/mem.h"

#include <string.h>

static leray_status open(leray_dataset *ds, const leray_config *cfg, const char *section)
{
    void *settings;
    leray_status status;

    LERAY_TRY(leray_mem_alloc(&settings, 1, ds->type->settings_size));
    status = leray_config_read(cfg, section, ds->type->keys, settings);
    if (!status) status = ds->type->open(settings, cfg, section, &ds->trajectories);
    if (!status) ds->type->windows(settings, ds->trajectories, &ds->settings);
    leray_mem_free(settings);
    return status;
}

leray_status leray_dataset_open(const leray_dataset_type *type, const leray_config *cfg,
                                const char *section, leray_dataset **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->type = type;
    status = open(*out, cfg, section);
    if (status) leray_dataset_destroy(out);
    return status;
}

leray_status leray_dataset_create_type(const leray_dataset_type *type, const leray_config *cfg,
                                       const char *section, leray_dataset **out)
{
    leray_status status;

    LERAY_TRY(leray_dataset_open(type, cfg, section, out));
    status = leray_windows_init(&(*out)->windows, (*out)->trajectories, &(*out)->settings);
    if (status) leray_dataset_destroy(out);
    return status;
}

void leray_dataset_destroy(leray_dataset **dataset)
{
    if (!*dataset) return;
    leray_windows_fini(&(*dataset)->windows);
    leray_trajectories_destroy(&(*dataset)->trajectories);
    leray_mem_free(*dataset);
    *dataset = NULL;
}

static const char *skip(const char *at, const char *of) { return at + strspn(at, of); }

leray_status leray_dataset_split(const char *list, int *count, char ***out)
{
    size_t most = strlen(list) / 2 + 1, n = 0;
    char *text;

    LERAY_TRY(leray_mem_alloc(out, 1, most * sizeof(char *) + 2 * strlen(list) + 2));
    text = (char *)(*out + most);
    for (const char *at = skip(list, " ,"); *at; at = skip(at, " ,")) {
        size_t length = strcspn(at, " ,");

        (*out)[n++] = text;
        memcpy(text, at, length);
        text += length + 1;
        at += length;
    }
    *count = (int)n;
    return LERAY_OK;
}
