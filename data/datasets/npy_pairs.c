/* data/datasets/npy_pairs.c - two .npy files of the same number of samples: inputs and outputs.

   With `ndim` axes per field, a file of rank ndim + 1 is [n, axes..], one channel, and one of
   rank ndim + 2 is [n, channels, axes..]. Whole files are held in memory as they are. */
#include "core/file.h"
#include "core/mem.h"
#include "data/dataset.h"
#include "data/formats/npy.h"

#include <stdio.h>
#include <string.h>

typedef struct settings {
    char path[LERAY_TEXT_MAX], inputs[LERAY_TEXT_MAX], outputs[LERAY_TEXT_MAX];
    int64_t ndim, first, count;
    leray_reals length;
    bool periodic;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_TEXT(settings, path, "path", ".", "folder of the two files"),
    LERAY_KEY_TEXT(settings, inputs, "inputs", NULL,
                   ".npy file of the inputs: [n, ny, nx] or [n, channels, ny, nx]"),
    LERAY_KEY_TEXT(settings, outputs, "outputs", NULL, ".npy file of the outputs, likewise"),
    LERAY_KEY_INT(settings, ndim, "ndim", "2", 1, 3, "1", "axes of a field"),
    LERAY_KEY_INT(settings, first, "first", "0", 0, 1e9, "1", "first sample that is used"),
    LERAY_KEY_INT(settings, count, "count", "0", 0, 1e9, "1", "samples used; 0: all from first on"),
    LERAY_KEY_REALS(settings, length, "length", "1", 1e-300, 1e300, "1",
                    "extent of the domain per axis, or one for all"),
    LERAY_KEY_BOOL(settings, periodic, "periodic", "false", "the fields are periodic"),
};

enum { NAME = 24 };

typedef struct npy_pairs {
    leray_dataset base;
    char path[2][LERAY_PATH_MAX];
    leray_npy array[2]; /* inputs, outputs */
    int channels[2];
    int first;
    char (*text)[NAME];
    const char **name, **unit;
} npy_pairs;

static leray_status read_array(npy_pairs *p, int k, const char *file)
{
    const settings *s = p->base.settings;
    leray_npy *a = &p->array[k];
    int rank = (int)s->ndim + 2;

    LERAY_TRY(leray_path_join(s->path, file, p->path[k]));
    LERAY_TRY(leray_npy_read(p->path[k], a));
    LERAY_CHECK(
        a->rank == rank || a->rank == rank - 1, LERAY_ERR_DATA,
        "%s: rank %d, expected %d [n, axes..] or %d [n, channels, axes..]; see the key ndim",
        p->path[k], a->rank, rank - 1, rank);
    for (int i = 0; i < a->rank; i++)
        LERAY_CHECK(a->shape[i] >= 1 && a->shape[i] <= 1 << 24, LERAY_ERR_DATA,
                    "%s: axis %d has %lld entries, allowed: 1 to %d", p->path[k], i,
                    (long long)a->shape[i], 1 << 24);
    p->channels[k] = a->rank == rank ? (int)a->shape[1] : 1;
    return LERAY_OK;
}

static leray_status check_pair(const npy_pairs *p)
{
    const leray_npy *a = &p->array[0], *b = &p->array[1];
    int ndim = p->base.ndim;

    LERAY_CHECK(a->shape[0] == b->shape[0], LERAY_ERR_DATA, "%s has %lld samples, %s has %lld",
                p->path[0], (long long)a->shape[0], p->path[1], (long long)b->shape[0]);
    for (int i = 1; i <= ndim; i++)
        LERAY_CHECK(a->shape[a->rank - i] == b->shape[b->rank - i], LERAY_ERR_DATA,
                    "%s and %s are on different grids: %lld and %lld points along axis %d",
                    p->path[0], p->path[1], (long long)a->shape[a->rank - i],
                    (long long)b->shape[b->rank - i], ndim - i);
    return LERAY_OK;
}

static leray_status name_channels(npy_pairs *p)
{
    int n = p->channels[0] + p->channels[1];

    LERAY_TRY(LERAY_ALLOC(&p->text, (size_t)n));
    LERAY_TRY(LERAY_ALLOC(&p->name, (size_t)n));
    LERAY_TRY(LERAY_ALLOC(&p->unit, (size_t)n));
    for (int i = 0; i < n; i++) {
        bool out = i >= p->channels[0];

        snprintf(p->text[i], NAME, "%s%d", out ? "output" : "input", out ? i - p->channels[0] : i);
        p->name[i] = p->text[i];
        p->unit[i] = "";
    }
    p->base.input_names = p->name;
    p->base.output_names = p->name + p->channels[0];
    p->base.output_units = p->unit + p->channels[0];
    return LERAY_OK;
}

static leray_status set_grid(npy_pairs *p, const settings *s)
{
    leray_dataset *ds = &p->base;
    const leray_npy *a = &p->array[0];

    LERAY_CHECK(s->length.count == 1 || s->length.count == ds->ndim, LERAY_ERR_CONFIG,
                "length has %d entries, allowed: 1 or ndim = %d", s->length.count, ds->ndim);
    for (int i = 0; i < ds->ndim; i++) {
        ds->shape[i] = (int)a->shape[a->rank - ds->ndim + i];
        ds->length[i] = s->length.value[s->length.count == 1 ? 0 : i];
        ds->periodic[i] = s->periodic;
    }
    return LERAY_OK;
}

static leray_status select_samples(npy_pairs *p, const settings *s)
{
    int64_t all = p->array[0].shape[0], count = s->count > 0 ? s->count : all - s->first;

    LERAY_CHECK(s->first < all && count <= all - s->first, LERAY_ERR_CONFIG,
                "samples %lld to %lld asked for, %s has %lld", (long long)s->first,
                (long long)(s->first + count - 1), p->path[0], (long long)all);
    p->first = (int)s->first;
    p->base.n_samples = (int)count;
    return LERAY_OK;
}

static leray_status init(leray_dataset *ds)
{
    npy_pairs *p = (npy_pairs *)ds;
    const settings *s = ds->settings;

    ds->ndim = (int)s->ndim;
    LERAY_TRY(read_array(p, 0, s->inputs));
    LERAY_TRY(read_array(p, 1, s->outputs));
    LERAY_TRY(check_pair(p));
    LERAY_TRY(name_channels(p));
    LERAY_TRY(set_grid(p, s));
    LERAY_TRY(select_samples(p, s));
    ds->n_inputs = ds->n_state = p->channels[0];
    ds->n_outputs = p->channels[1];
    ds->history = ds->window = 1;
    ds->provenance = "";
    return LERAY_OK;
}

static void copy(const npy_pairs *p, int k, int i, float *out)
{
    size_t n = (size_t)p->channels[k] * leray_dataset_points(&p->base);

    leray_npy_get_float(&p->array[k], (size_t)(p->first + i) * n, n, out);
}

static leray_status read(leray_dataset *ds, int i, float *x, float *y)
{
    const npy_pairs *p = (const npy_pairs *)ds;

    copy(p, 0, i, x);
    if (y) copy(p, 1, i, y);
    return LERAY_OK;
}

static void fini(leray_dataset *ds)
{
    npy_pairs *p = (npy_pairs *)ds;

    leray_mem_free((void *)p->unit);
    leray_mem_free((void *)p->name);
    leray_mem_free(p->text);
    leray_npy_fini(&p->array[1]);
    leray_npy_fini(&p->array[0]);
}

const leray_dataset_type leray_dataset_npy_pairs = {
    .name = "npy-pairs",
    .summary = "inputs and outputs in two .npy files",
    .size = sizeof(npy_pairs),
    .keys = {rows, (int)(sizeof rows / sizeof rows[0])},
    .settings_size = sizeof(settings),
    .init = init,
    .read = read,
    .fini = fini,
};
