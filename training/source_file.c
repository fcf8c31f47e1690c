/* training/source_file.c - samples of a dataset, epoch by epoch. They are read into memory once if they
   fit there, else when they are drawn. The batch is the same either way and for any number of
   ranks, and each rank takes a run of its samples. Outputs that are wanted in another form are
   transformed once, before the first batch, and kept in place of the fields, or else batch by
   batch. */
#include "core/mem.h"
#include "training/source.h"
#include <leray/impl/rng.h>

#include <string.h>

typedef struct file_source {
    leray_source base;
    leray_dataset *dataset;
    leray_file_settings settings;
    int per_epoch;
    int n_trajectories; /* that have samples */
    int *first;         /* [n_trajectories + 1]: first sample of each */
    bool held;          /* all samples are in memory: */
    leray_batch all;    /* [n_samples, ..], each array a block */
    int *order;         /* [drawn] of `epoch` */
    int drawn;          /* samples in an epoch */
    int epoch;
    leray_batch batch;

    leray_sample_transform apply; /* NULL: none, or done */
    void *context;
    size_t size_x, size_y, size_after; /* of one sample; of y as it is, and as it will be */
    float *batch_y;                    /* [batch, size_after]; NULL: fields */
} file_source;

static size_t parameters_of(const file_source *s) { return (size_t)s->base.info.n_parameters; }

/* ---- what is drawn ---- */

/* One sample of each trajectory. */
static void draw_one_each(file_source *s, int epoch)
{
    for (int k = 0; k < s->n_trajectories; k++) {
        leray_rng rng =
            leray_rng_make(s->settings.seed, LERAY_PURPOSE_WINDOW, (uint32_t)k, (uint32_t)epoch);
        uint32_t count = (uint32_t)(s->first[k + 1] - s->first[k]);

        s->order[k] = s->first[k] + (int)leray_rng_below(&rng, count);
    }
}

static void shuffle(file_source *s, int epoch)
{
    leray_rng rng = leray_rng_make(s->settings.seed, LERAY_PURPOSE_SHUFFLE, 0, (uint32_t)epoch);

    if (s->settings.windows == LERAY_WINDOWS_ONE) draw_one_each(s, epoch);
    else
        for (int i = 0; i < s->drawn; i++) s->order[i] = i;
    leray_rng_shuffle(&rng, (size_t)s->drawn, s->order);
    s->epoch = epoch;
}

/* Where the share of a rank begins. */
static int share(const file_source *s, int total, int rank)
{
    return (int)((int64_t)total * rank / leray_comm_size(s->settings.comm));
}

/* ---- another form of the outputs ---- */

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
    int n = s->dataset->windows.n_samples, batch = s->base.batch, chunks = (n + batch - 1) / batch;
    size_t before = s->size_y, after = s->size_after;

    if (after > before)
        LERAY_TRY(
            leray_mem_grow(&s->all.y, (size_t)n * before, (size_t)n * after, sizeof *s->all.y));
    for (int i = 0; i < chunks; i++) {
        int first = (after > before ? chunks - 1 - i : i) * batch;
        int count = n - first < batch ? n - first : batch;

        LERAY_TRY(s->apply(s->context, count, s->all.y + (size_t)first * before, s->batch_y));
        memcpy(s->all.y + (size_t)first * after, s->batch_y,
               (size_t)count * after * sizeof *s->all.y);
    }
    s->size_y = after;
    s->apply = NULL;
    return LERAY_OK;
}

/* ---- batches ---- */

/* Sample i to place k of the batch. */
static leray_status fetch(file_source *s, int sample, int place)
{
    size_t nx = s->size_x, ny = s->size_y, np = parameters_of(s);
    size_t i = (size_t)sample, k = (size_t)place;
    size_t points = leray_sample_points(&s->base.info);
    float *p = s->batch.parameters + k * np;
    float *mask = s->batch.mask ? s->batch.mask + k * points : NULL;

    if (!s->held)
        return leray_windows_read(&s->dataset->windows, sample, s->batch.x + k * nx,
                                  s->batch.y + k * ny, p, mask);
    memcpy(s->batch.x + k * nx, s->all.x + i * nx, nx * sizeof(float));
    memcpy((s->batch_y ? s->batch_y : s->batch.y) + k * ny, s->all.y + i * ny, ny * sizeof(float));
    if (np) memcpy(p, s->all.parameters + i * np, np * sizeof(float));
    if (mask) memcpy(mask, s->all.mask + i * points, points * sizeof(float));
    return LERAY_OK;
}

static leray_status next(leray_source *base, int64_t b, leray_batch *batch)
{
    file_source *s = (file_source *)base;
    int epoch = (int)(b / s->per_epoch), first = (int)(b % s->per_epoch) * base->batch;
    int total = s->drawn - first, begin;

    if (s->apply && s->held) LERAY_TRY(transform_all(s));
    if (s->epoch != epoch) shuffle(s, epoch);
    if (total > base->batch) total = base->batch;
    begin = share(s, total, leray_comm_rank(s->settings.comm));
    s->batch.total = total;
    s->batch.n = share(s, total, leray_comm_rank(s->settings.comm) + 1) - begin;
    for (int k = 0; k < s->batch.n; k++) LERAY_TRY(fetch(s, s->order[first + begin + k], k));
    if (s->apply && s->batch.n > 0)
        LERAY_TRY(s->apply(s->context, s->batch.n, s->batch.y, s->batch_y));
    *batch = s->batch;
    if (s->batch_y) batch->y = s->batch_y;
    return LERAY_OK;
}

/* ---- what is known of them all ---- */

/* Of a window only samples that share no frame: every (history + window)-th of a trajectory. */
static leray_status fit(leray_source *base, leray_sample_visitor visit, void *context)
{
    file_source *s = (file_source *)base;
    const leray_sample_info *info = &base->info;
    size_t nx = s->size_x, ny = s->size_y, np = parameters_of(s);
    size_t points = leray_sample_points(info);
    int stride = info->window > 1 ? info->history + info->window : 1;

    for (int t = 0; t < s->n_trajectories; t++)
        for (int i = s->first[t]; i < s->first[t + 1]; i += stride) {
            size_t k = s->held ? (size_t)i : 0;
            const leray_batch *from = s->held ? &s->all : &s->batch;
            leray_batch one = {.n = 1,
                               .total = 1,
                               .x = from->x + k * nx,
                               .y = from->y + k * ny,
                               .parameters = from->parameters + k * np,
                               .mask = from->mask ? from->mask + k * points : NULL};

            if (!s->held)
                LERAY_TRY(leray_windows_read(&s->dataset->windows, i, one.x, one.y, one.parameters,
                                             one.mask));
            LERAY_TRY(visit(context, &one));
        }
    return LERAY_OK;
}

static leray_status report(leray_source *base, leray_json *json)
{
    const file_source *s = (const file_source *)base;

    LERAY_TRY(leray_json_set_int(json, "samples", s->dataset->windows.n_samples));
    LERAY_TRY(leray_json_set_int(json, "samples_per_epoch", s->drawn));
    LERAY_TRY(leray_json_set_bool(json, "samples_in_memory", s->held));
    return leray_json_set_int(json, "epochs", s->settings.epochs);
}

/* In one walk over the samples, the checksum of the data and the mean output: one "step", since samples of a file know no common clock. */
typedef struct mean {
    leray_source *source;
    size_t nx, n, np;
    int64_t samples;
    double *sum; /* [n] */
} mean;

/* The checksum of what it was and of n numbers more. */
static void add_to_checksum(char sum[LERAY_CHECKSUM_TEXT], size_t n, const float *x)
{
    char both[2 * LERAY_CHECKSUM_TEXT];

    memcpy(both, sum, LERAY_CHECKSUM_TEXT);
    leray_checksum(x, n * sizeof *x, both + LERAY_CHECKSUM_TEXT);
    leray_checksum(both, sizeof both, sum);
}

static leray_status add_to_mean(void *context, const leray_batch *sample)
{
    mean *m = context;

    add_to_checksum(m->source->checksum, m->nx, sample->x);
    add_to_checksum(m->source->checksum, m->n, sample->y);
    add_to_checksum(m->source->checksum, m->np, sample->parameters);
    for (size_t i = 0; i < m->n; i++) m->sum[i] += sample->y[i];
    m->samples++;
    return LERAY_OK;
}

static leray_status make_mean(file_source *s)
{
    mean m = {.source = &s->base, .nx = s->size_x, .n = s->size_y, .np = parameters_of(s)};
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&s->base.mean, m.n));
    s->base.mean_steps = 1;
    LERAY_TRY(LERAY_ALLOC(&m.sum, m.n));
    status = fit(&s->base, add_to_mean, &m);
    for (size_t i = 0; i < m.n && !status; i++)
        s->base.mean[i] = (float)(m.sum[i] / (double)m.samples);
    leray_mem_free(m.sum);
    return status;
}

/* ---- making one ---- */

static leray_status find_trajectories(file_source *s)
{
    int n = s->dataset->windows.n_samples;

    LERAY_TRY(LERAY_ALLOC(&s->first, (size_t)n + 1));
    for (int i = 0; i < n; i++) {
        int trajectory, step;

        leray_windows_locate(&s->dataset->windows, i, &trajectory, &step);
        if (step == 0) s->first[s->n_trajectories++] = i;
    }
    s->first[s->n_trajectories] = n;
    return LERAY_OK;
}

static leray_status read_all(file_source *s)
{
    size_t n = (size_t)s->dataset->windows.n_samples, nx = s->size_x, ny = s->size_y;
    size_t np = parameters_of(s), points = leray_sample_points(&s->base.info);

    LERAY_TRY(LERAY_ALLOC(&s->all.x, n * nx));
    LERAY_TRY(LERAY_ALLOC(&s->all.y, n * ny));
    LERAY_TRY(LERAY_ALLOC(&s->all.parameters, n * np));
    if (s->base.info.masked) LERAY_TRY(LERAY_ALLOC(&s->all.mask, n * points));
    for (size_t i = 0; i < n; i++)
        LERAY_TRY(leray_windows_read(&s->dataset->windows, (int)i, s->all.x + i * nx,
                                     s->all.y + i * ny, s->all.parameters + i * np,
                                     s->all.mask ? s->all.mask + i * points : NULL));
    return LERAY_OK;
}

static leray_status init(file_source *s)
{
    const leray_windows *d = &s->dataset->windows;
    const leray_sample_info *info = &s->base.info;
    size_t points = leray_sample_points(&d->info), sample;

    LERAY_TRY(leray_sample_info_copy(&d->info, &s->base.info));
    s->size_x = (size_t)leray_sample_inputs(info) * points;
    s->size_y = (size_t)leray_sample_outputs(info) * points;
    sample =
        (s->size_x + s->size_y + parameters_of(s) + (info->masked ? points : 0)) * sizeof(float);
    s->held = (double)sample * d->n_samples <= s->settings.memory;
    LERAY_TRY(find_trajectories(s));
    s->drawn = s->settings.windows == LERAY_WINDOWS_ONE ? s->n_trajectories : d->n_samples;
    s->per_epoch = (s->drawn + s->base.batch - 1) / s->base.batch;
    s->base.batches = (int64_t)s->per_epoch * s->settings.epochs;
    s->epoch = -1;
    LERAY_TRY(LERAY_ALLOC(&s->order, (size_t)s->drawn));
    LERAY_TRY(leray_batch_create(&s->base.info, s->base.batch, &s->batch));
    if (s->held) LERAY_TRY(read_all(s));
    return make_mean(s);
}

static void fini(leray_source *base)
{
    file_source *s = (file_source *)base;

    leray_batch_fini(&s->batch);
    leray_mem_free(s->batch_y);
    leray_mem_free(s->order);
    leray_mem_free(s->first);
    leray_mem_free(s->all.mask);
    leray_mem_free(s->all.parameters);
    leray_mem_free(s->all.y);
    leray_mem_free(s->all.x);
    leray_dataset_destroy(&s->dataset);
}

static const leray_source_type type = {
    .next = next, .fit = fit, .fini = fini, .transform = transform, .report = report};

leray_status leray_source_from_dataset(leray_dataset **dataset, const leray_file_settings *settings,
                                       leray_source **out)
{
    file_source *s;
    leray_status status = LERAY_ALLOC(&s, 1);

    *out = NULL;
    if (status) {
        leray_dataset_destroy(dataset);
        return status;
    }
    s->base.type = &type;
    s->base.batch = settings->batch;
    s->dataset = *dataset;
    s->settings = *settings;
    *dataset = NULL;
    *out = &s->base;
    status = init(s);
    if (status) leray_source_destroy(out);
    return status;
}
