/* online/source_file.c - samples of a dataset, epoch by epoch. Everything is read into memory
   once: the files that fit a node's memory are the ones that one trainer reads. The batch is the
   same for any number of ranks, and each takes a run of its samples. Outputs that are wanted in
   another form are transformed once, before the first batch, and kept in place of the fields. */
#include "core/mem.h"
#include "core/ranks.h"
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

    leray_sample_transform apply; /* NULL: none, or done */
    void *context;
    size_t size_y, size_after; /* of one sample of y: as it is kept, and as it will be */
    float *batch_y;            /* [batch, size_after]; NULL: fields */
} file_source;

static void copy_sample(const file_source *s, int from, int to)
{
    size_t points = leray_sample_points(&s->base.info);
    size_t nx = (size_t)s->base.info.n_inputs * points, ny = s->size_y;
    size_t np = (size_t)s->base.info.n_parameters, i = (size_t)from, k = (size_t)to;

    memcpy(s->batch.x + k * nx, s->x + i * nx, nx * sizeof(float));
    memcpy((s->batch_y ? s->batch_y : s->batch.y) + k * ny, s->y + i * ny, ny * sizeof(float));
    if (np) memcpy(s->batch.parameters + k * np, s->parameters + i * np, np * sizeof(float));
}

static void shuffle(file_source *s, int epoch)
{
    leray_rng rng = leray_rng_make(s->seed, LERAY_PURPOSE_SHUFFLE, 0, (uint32_t)epoch);

    for (int i = 0; i < s->dataset->n_samples; i++) s->order[i] = i;
    leray_rng_shuffle(&rng, (size_t)s->dataset->n_samples, s->order);
    s->epoch = epoch;
}

/* Where the share of a rank begins. */
static int share(int total, int rank) { return (int)((int64_t)total * rank / leray_ranks()); }

static leray_status transform(leray_source *base, size_t size, leray_sample_transform apply,
                              void *context)
{
    file_source *s = (file_source *)base;

    s->apply = apply;
    s->context = context;
    s->size_after = size;
    return LERAY_ALLOC(&s->batch_y, (size_t)base->batch * size);
}

/* All samples, a batch at a time through batch_y and in place: from the last one where they grow. */
static leray_status transform_all(file_source *s)
{
    int n = s->dataset->n_samples, batch = s->base.batch, chunks = (n + batch - 1) / batch;
    size_t before = s->size_y, after = s->size_after;

    if (after > before)
        LERAY_TRY(leray_mem_grow(&s->y, (size_t)n * before, (size_t)n * after, sizeof *s->y));
    for (int i = 0; i < chunks; i++) {
        int first = (after > before ? chunks - 1 - i : i) * batch;
        int count = n - first < batch ? n - first : batch;

        LERAY_TRY(s->apply(s->context, count, s->y + (size_t)first * before, s->batch_y));
        memcpy(s->y + (size_t)first * after, s->batch_y, (size_t)count * after * sizeof *s->y);
    }
    s->size_y = after;
    s->apply = NULL;
    return LERAY_OK;
}

static leray_status next(leray_source *base, int64_t b, leray_batch *batch)
{
    file_source *s = (file_source *)base;
    int epoch = (int)(b / s->per_epoch), first = (int)(b % s->per_epoch) * base->batch;
    int total = s->dataset->n_samples - first, begin;

    if (s->apply) LERAY_TRY(transform_all(s));
    if (s->epoch != epoch) shuffle(s, epoch);
    if (total > base->batch) total = base->batch;
    begin = share(total, leray_rank());
    s->batch.total = total;
    s->batch.n = share(total, leray_rank() + 1) - begin;
    for (int k = 0; k < s->batch.n; k++) copy_sample(s, s->order[first + begin + k], k);
    *batch = s->batch;
    if (s->batch_y) batch->y = s->batch_y;
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
    s->size_y = ny;
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
    leray_mem_free(s->batch_y);
    leray_mem_free(s->order);
    leray_mem_free(s->parameters);
    leray_mem_free(s->y);
    leray_mem_free(s->x);
    leray_dataset_destroy(&s->dataset);
}

static const leray_source_type type = {
    .next = next, .fit = fit, .fini = fini, .transform = transform, .report = report};

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
