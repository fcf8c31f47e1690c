/* online/source_file.c - samples of a dataset, epoch by epoch. Everything is read into memory
   once: the files that fit a node's memory are the ones that one trainer reads. */
#include "core/mem.h"
#include "core/rng.h"
#include "online/source.h"

#include <string.h>

typedef struct file_source {
    leray_source base;
    leray_dataset *dataset;
    uint64_t seed;
    int epochs, per_epoch;
    float *x, *y, *parameters; /* [n_samples, ..] */
    int *order;                /* [n_samples] of `epoch` */
    int epoch;
    leray_batch batch;
} file_source;

static void copy_sample(const file_source *s, int from, int to)
{
    size_t points = leray_sample_points(&s->base.info);
    size_t nx = (size_t)s->base.info.n_inputs * points,
           ny = (size_t)s->base.info.n_outputs * points;
    size_t np = (size_t)s->base.info.n_parameters, i = (size_t)from, k = (size_t)to;

    memcpy(s->batch.x + k * nx, s->x + i * nx, nx * sizeof(float));
    memcpy(s->batch.y + k * ny, s->y + i * ny, ny * sizeof(float));
    if (np) memcpy(s->batch.parameters + k * np, s->parameters + i * np, np * sizeof(float));
}

static void shuffle(file_source *s, int epoch)
{
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SHUFFLE, 0, (uint32_t)epoch);

    for (int i = 0; i < s->dataset->n_samples; i++) s->order[i] = i;
    leray_rng_shuffle(&rng, (size_t)s->dataset->n_samples, s->order);
    s->epoch = epoch;
}

static leray_status next(leray_source *base, int64_t b, leray_batch *batch)
{
    file_source *s = (file_source *)base;
    int epoch = (int)(b / s->per_epoch), first = (int)(b % s->per_epoch) * base->batch;

    if (s->epoch != epoch) shuffle(s, epoch);
    s->batch.n = s->dataset->n_samples - first;
    if (s->batch.n > base->batch) s->batch.n = base->batch;
    for (int k = 0; k < s->batch.n; k++) copy_sample(s, s->order[first + k], k);
    *batch = s->batch;
    return LERAY_OK;
}

static leray_status fit(leray_source *base, leray_sample_visitor visit, void *context)
{
    const file_source *s = (const file_source *)base;
    size_t points = leray_sample_points(&base->info);
    size_t nx = (size_t)base->info.n_inputs * points, ny = (size_t)base->info.n_outputs * points;
    size_t np = (size_t)base->info.n_parameters;

    for (size_t i = 0; i < (size_t)s->dataset->n_samples; i++)
        LERAY_TRY(visit(context, s->x + i * nx, s->y + i * ny, s->parameters + i * np));
    return LERAY_OK;
}

static leray_status report(leray_source *base, leray_json *json)
{
    const file_source *s = (const file_source *)base;

    LERAY_TRY(leray_json_set_int(json, "samples", s->dataset->n_samples));
    return leray_json_set_int(json, "epochs", s->epochs);
}

/* The mean output: one "step", since samples of a file know no common clock. */
static leray_status make_mean(file_source *s)
{
    size_t n = (size_t)s->base.info.n_outputs * leray_sample_points(&s->base.info);
    size_t samples = (size_t)s->dataset->n_samples;

    LERAY_TRY(LERAY_ALLOC(&s->base.mean, n));
    s->base.mean_steps = 1;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;

        for (size_t k = 0; k < samples; k++) sum += s->y[k * n + i];
        s->base.mean[i] = (float)(sum / (double)samples);
    }
    return LERAY_OK;
}

static leray_status init(file_source *s)
{
    leray_dataset *d = s->dataset;
    size_t n = (size_t)d->n_samples, points, nx, ny, np;

    LERAY_TRY(leray_sample_info_of_dataset(d, &s->base.info));
    LERAY_CHECK(d->n_samples > 0, LERAY_ERR_DATA, "the dataset has no samples");
    points = leray_sample_points(&s->base.info);
    nx = (size_t)d->n_inputs * points, ny = (size_t)d->n_outputs * points;
    np = (size_t)d->n_parameters;
    s->per_epoch = (d->n_samples + s->base.batch - 1) / s->base.batch;
    s->base.batches = (int64_t)s->per_epoch * s->epochs;
    s->epoch = -1;
    LERAY_TRY(LERAY_ALLOC(&s->x, n * nx));
    LERAY_TRY(LERAY_ALLOC(&s->y, n * ny));
    LERAY_TRY(LERAY_ALLOC(&s->parameters, n * np));
    LERAY_TRY(LERAY_ALLOC(&s->order, n));
    LERAY_TRY(leray_batch_create(&s->base.info, s->base.batch, &s->batch));
    for (size_t i = 0; i < n; i++)
        LERAY_TRY(leray_dataset_read(d, (int)i, s->x + i * nx, s->y + i * ny,
                                     np ? s->parameters + i * np : NULL));
    return make_mean(s);
}

static void fini(leray_source *base)
{
    file_source *s = (file_source *)base;

    leray_batch_fini(&s->batch);
    leray_mem_free(s->order);
    leray_mem_free(s->parameters);
    leray_mem_free(s->y);
    leray_mem_free(s->x);
    leray_dataset_destroy(&s->dataset);
}

static const leray_source_type type = {.next = next, .fit = fit, .fini = fini, .report = report};

leray_status leray_source_from_dataset(leray_dataset **dataset, uint64_t seed, int batch,
                                       int epochs, leray_source **out)
{
    file_source *s;
    leray_status status = LERAY_ALLOC(&s, 1);

    *out = NULL;
    if (status) {
        leray_dataset_destroy(dataset);
        return status;
    }
    s->base.type = &type;
    s->base.batch = batch;
    s->dataset = *dataset;
    s->seed = seed;
    s->epochs = epochs;
    *dataset = NULL;
    *out = &s->base;
    status = init(s);
    if (status) leray_source_destroy(out);
    return status;
}
