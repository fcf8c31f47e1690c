/* data/dataset.c - the calls of data/dataset.h that all readers share. */
#include "data/dataset.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

static leray_status init(leray_dataset *ds, const leray_dataset_type *type, const leray_config *cfg,
                         const char *section)
{
    ds->type = type;
    LERAY_TRY(leray_mem_alloc(&ds->settings, 1, type->settings_size));
    LERAY_TRY(leray_config_read(cfg, section, type->keys, ds->settings));
    return type->init(ds);
}

leray_status leray_dataset_create_type(const leray_dataset_type *type, const leray_config *cfg,
                                       const char *section, leray_dataset **out)
{
    leray_status status;

    LERAY_TRY(leray_mem_alloc(out, 1, type->size));
    status = init(*out, type, cfg, section);
    if (status) leray_dataset_destroy(out);
    return status;
}

void leray_dataset_destroy(leray_dataset **dataset)
{
    if (!*dataset) return;
    (*dataset)->type->fini(*dataset);
    leray_mem_free((*dataset)->settings);
    leray_mem_free(*dataset);
    *dataset = NULL;
}

size_t leray_dataset_points(const leray_dataset *ds)
{
    size_t n = 1;

    for (int i = 0; i < ds->ndim; i++) n *= (size_t)ds->shape[i];
    return n;
}

static leray_status check_finite(const leray_dataset *ds, int i, const char *what,
                                 const char *const *names, int named, int channels, const float *x)
{
    size_t points = leray_dataset_points(ds);

    for (int c = 0; c < channels; c++) {
        const float *at = x + (size_t)c * points;
        float zero = 0;

        for (size_t k = 0; k < points; k++) zero += 0 * at[k]; /* NaN if one is not finite */
        LERAY_CHECK(zero == 0, LERAY_ERR_DATA, "sample %d: %s '%s' has a value that is not finite",
                    i, what, names[c % named]);
    }
    return LERAY_OK;
}

leray_status leray_dataset_read(leray_dataset *ds, int i, float *x, float *y, float *parameters)
{
    LERAY_CHECK(i >= 0 && i < ds->n_samples, LERAY_ERR_ARG, "sample %d, allowed: 0 to %d", i,
                ds->n_samples - 1);
    LERAY_TRY(ds->type->read(ds, i, x, y));
    LERAY_TRY(check_finite(ds, i, "input", ds->input_names, ds->n_inputs, ds->n_inputs, x));
    if (y)
        LERAY_TRY(check_finite(ds, i, "output", ds->output_names, ds->n_outputs / ds->window,
                               ds->n_outputs, y));
    for (int p = 0; parameters && p < ds->n_parameters; p++)
        parameters[p] = (float)ds->parameters[(size_t)i * (size_t)ds->n_parameters + (size_t)p];
    return LERAY_OK;
}

void leray_dataset_locate(const leray_dataset *ds, int i, int *trajectory, int *step)
{
    *trajectory = i, *step = 0;
    if (ds->type->locate) ds->type->locate(ds, i, trajectory, step);
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
