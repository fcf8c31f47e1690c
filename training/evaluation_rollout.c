/* training/evaluation_rollout.c - forecasts over many steps, and single steps, against held-out
   simulations. */
#include "core/log.h"
#include "core/mem.h"
#include "data/spectrum.h"
#include "training/evaluation.h"

#include <math.h>
#include <string.h>

#define STEP_BATCH 32 /* samples at a time in single steps */

/* |p - u| / |u|. */
static double relative_error(const float *p, const float *u, size_t n)
{
    double difference = 0, norm = 0;

    for (size_t i = 0; i < n; i++) {
        difference += ((double)p[i] - u[i]) * ((double)p[i] - u[i]);
        norm += (double)u[i] * u[i];
    }
    return sqrt(difference / norm);
}

static const float *mean_at(const float *mean, int mean_steps, size_t size, int step)
{
    return mean && step < mean_steps ? mean + (size_t)step * size : NULL;
}

/* ---- roll-outs -------------------------------------------------------------------------- */

static void load_start(const leray_task *task, const leray_trajectories *t, leray_batch *batch)
{
    size_t frame = t->size, h = (size_t)task->info.history;

    batch->n = t->n;
    for (int i = 0; i < t->n; i++)
        for (size_t j = 0; j < h; j++)
            memcpy(batch->x + ((size_t)i * h + j) * frame, leray_trajectories_frame(t, i, (int)j),
                   frame * sizeof(float));
    memcpy(batch->parameters, t->parameters,
           (size_t)t->n * (size_t)t->n_parameters * sizeof(float));
}

static leray_status roll(leray_predictor *p, const leray_trajectories *t, leray_batch *batch,
                         leray_rollout *r)
{
    size_t window = (size_t)p->task->info.window, leads = (size_t)r->leads;
    double began;

    load_start(p->task, t, batch);
    began = leray_clock();
    for (size_t lead = 0; lead < leads; lead += window) {
        size_t n = leads - lead < window ? leads - lead : window;

        LERAY_TRY(leray_predictor_step(p, batch, batch->y));
        leray_predictor_feed(p, batch->y, batch);
        for (size_t i = 0; i < (size_t)t->n; i++)
            memcpy(r->forecast + (i * leads + lead) * t->size, batch->y + i * window * t->size,
                   n * t->size * sizeof(float));
    }
    r->seconds = leray_clock() - began;
    return LERAY_OK;
}

static void score(const leray_trajectories *t, int history, const float *mean, int mean_steps,
                  leray_rollout *r)
{
    for (int lead = 0; lead < r->leads; lead++) {
        const float *average = mean_at(mean, mean_steps, t->size, history + lead);

        r->mean[lead] = average ? 0 : NAN;
        for (int i = 0; i < t->n; i++) {
            const float *truth = leray_trajectories_frame(t, i, history + lead);
            const float *start = leray_trajectories_frame(t, i, history - 1);
            const float *p = r->forecast + ((size_t)i * (size_t)r->leads + (size_t)lead) * t->size;

            r->error[lead] += relative_error(p, truth, t->size) / t->n;
            r->identity[lead] += relative_error(start, truth, t->size) / t->n;
            if (average) r->mean[lead] += relative_error(average, truth, t->size) / t->n;
        }
    }
}

static void add_spectrum(leray_spectrum *spectrum, const float *field, size_t points, double *work,
                         double *shell, int shells, double *sum, int n)
{
    for (size_t i = 0; i < points; i++) work[i] = field[i];
    leray_spectrum_sum(spectrum, work, shell);
    for (int s = 0; s < shells; s++) sum[s] += shell[s] / n;
}

static leray_status sum_spectra(leray_spectrum *spectrum, const leray_trajectories *t,
                                size_t points, leray_rollout *r)
{
    double *work, *shell = NULL;
    leray_status status = LERAY_ALLOC(&work, points);

    if (!status) status = LERAY_ALLOC(&shell, (size_t)r->shells);
    for (int i = 0; i < t->n && !status; i++) {
        const float *truth = leray_trajectories_frame(t, i, t->frames - 1);
        const float *last = r->forecast + ((size_t)(i + 1) * (size_t)r->leads - 1) * t->size;

        add_spectrum(spectrum, truth, points, work, shell, r->shells, r->truth_spectrum, t->n);
        add_spectrum(spectrum, last, points, work, shell, r->shells, r->forecast_spectrum, t->n);
    }
    leray_mem_free(shell);
    leray_mem_free(work);
    return status;
}

static leray_status make_spectra(const leray_task *task, const leray_trajectories *t,
                                 leray_rollout *r)
{
    leray_spectrum *spectrum;
    leray_status status;

    LERAY_TRY(leray_spectrum_create(&task->info.grid, &spectrum));
    r->shells = leray_spectrum_shells(spectrum);
    status = LERAY_ALLOC(&r->truth_spectrum, (size_t)r->shells);
    if (!status) status = LERAY_ALLOC(&r->forecast_spectrum, (size_t)r->shells);
    if (!status) status = sum_spectra(spectrum, t, leray_sample_points(&task->info), r);
    leray_spectrum_destroy(&spectrum);
    return status;
}

/* Twice: the first run warms caches and the tape's arena, the second is timed. */
static leray_status forecast(leray_task *task, leray_model *model, const leray_trajectories *t,
                             leray_rollout *r)
{
    leray_predictor p;
    leray_batch batch = {0};
    leray_status status = leray_predictor_init(&p, task, model, &task->info.grid, t->n);

    if (!status) status = leray_batch_create(&task->info, t->n, &batch);
    if (!status) status = roll(&p, t, &batch, r);
    if (!status) status = roll(&p, t, &batch, r);
    leray_batch_fini(&batch);
    leray_predictor_fini(&p);
    return status;
}

static leray_status run(leray_task *task, leray_model *model, const leray_trajectories *t,
                        const float *mean, int mean_steps, leray_rollout *r)
{
    size_t leads = (size_t)r->leads;

    LERAY_TRY(LERAY_ALLOC(&r->error, leads));
    LERAY_TRY(LERAY_ALLOC(&r->identity, leads));
    LERAY_TRY(LERAY_ALLOC(&r->mean, leads));
    LERAY_TRY(LERAY_ALLOC(&r->forecast, (size_t)t->n * leads * t->size));
    LERAY_TRY(forecast(task, model, t, r));
    score(t, task->info.history, mean, mean_steps, r);
    return make_spectra(task, t, r);
}

leray_status leray_rollout_run(leray_task *task, leray_model *model, const leray_trajectories *t,
                               const float *mean, int mean_steps, leray_rollout *out)
{
    leray_status status;

    memset(out, 0, sizeof *out);
    out->leads = t->frames - task->info.history;
    LERAY_CHECK(out->leads > 0, LERAY_ERR_ARG, "%d frames are too few for a history of %d",
                t->frames, task->info.history);
    status = run(task, model, t, mean, mean_steps, out);
    if (status) leray_rollout_fini(out);
    return status;
}

void leray_rollout_fini(leray_rollout *r)
{
    leray_mem_free(r->forecast_spectrum);
    leray_mem_free(r->truth_spectrum);
    leray_mem_free(r->forecast);
    leray_mem_free(r->mean);
    leray_mem_free(r->identity);
    leray_mem_free(r->error);
    memset(r, 0, sizeof *r);
}

/* ---- single steps ----------------------------------------------------------------------- */

static int pairs_of(const leray_task *task, const leray_trajectories *t)
{
    return t->frames - task->info.history - task->info.window + 1;
}

/* Pair i, of a history and the window that follows, is step i mod spp of trajectory i div spp. */
static void load_pairs(const leray_task *task, const leray_trajectories *t, int first, int n,
                       leray_batch *batch)
{
    int h = task->info.history, spp = pairs_of(task, t);
    size_t np = (size_t)t->n_parameters;

    batch->n = n;
    for (int i = 0; i < n; i++) {
        int simulation = (first + i) / spp, step = (first + i) % spp;

        for (int j = 0; j < h; j++)
            memcpy(batch->x + (size_t)(i * h + j) * t->size,
                   leray_trajectories_frame(t, simulation, step + j), t->size * sizeof(float));
        memcpy(batch->parameters + (size_t)i * np, t->parameters + (size_t)simulation * np,
               np * sizeof(float));
    }
}

static leray_status step_all(leray_predictor *p, const leray_trajectories *t, leray_batch *batch,
                             const float *mean, int mean_steps, leray_one_step *out)
{
    int h = p->task->info.history, w = p->task->info.window, spp = pairs_of(p->task, t);
    int pairs = t->n * spp;
    size_t size = (size_t)w * t->size;

    LERAY_CHECK(spp > 0, LERAY_ERR_ARG, "%d frames are too few for %d that give %d more", t->frames,
                h, w);
    out->mean = mean_at(mean, mean_steps, t->size, t->frames - 1) ? 0 : NAN;
    for (int first = 0; first < pairs; first += STEP_BATCH) {
        int n = pairs - first < STEP_BATCH ? pairs - first : STEP_BATCH;

        load_pairs(p->task, t, first, n, batch);
        LERAY_TRY(leray_predictor_step(p, batch, batch->y));
        for (int i = 0; i < n; i++) {
            int simulation = (first + i) / spp, step = (first + i) % spp + h;
            const float *truth = leray_trajectories_frame(t, simulation, step);
            const float *average = mean_at(mean, mean_steps - (w - 1), t->size, step);

            out->error += relative_error(batch->y + (size_t)i * size, truth, size) / pairs;
            out->identity += relative_error(p->last + (size_t)i * size, truth, size) / pairs;
            if (average) out->mean += relative_error(average, truth, size) / pairs;
        }
    }
    return LERAY_OK;
}

leray_status leray_one_step_run(leray_task *task, leray_model *model, const leray_trajectories *t,
                                const float *mean, int mean_steps, leray_one_step *out)
{
    leray_predictor p;
    leray_batch batch = {0};
    leray_status status = leray_predictor_init(&p, task, model, &task->info.grid, STEP_BATCH);

    memset(out, 0, sizeof *out);
    if (!status) status = leray_batch_create(&task->info, STEP_BATCH, &batch);
    if (!status) status = step_all(&p, t, &batch, mean, mean_steps, out);
    leray_batch_fini(&batch);
    leray_predictor_fini(&p);
    return status;
}
