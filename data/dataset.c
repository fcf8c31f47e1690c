/* data/dataset.c - see data/dataset.h. */
#include "data/dataset.h"

#include "core/mem.h"

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
