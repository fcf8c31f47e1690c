/* commands/refine.c - leray_refine: the windows that a model predicts on the trajectories of a file, made to
   satisfy the equation; measured before and after against the file's own frames, beside the solver. */
#include "commands/refine_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"
#include "operators/finite.h"
#include <leray/impl/grid.h>

#include <math.h>
#include <string.h>

typedef struct own_settings {
    leray_ints grids;
    bool share;
} own_settings;
static const leray_key own_rows[] = {
    LERAY_KEY_INTS(own_settings, grids, "solver_grids", "[]", 4, 16384, "1",
                   "coarser grids, ascending: the solver is timed on the first whose error is not "
                   "above the refined one"),
    LERAY_KEY_BOOL(own_settings, share, "share", "false",
                   "find one last layer for all trajectories and write it as a model, instead of "
                   "correcting each trajectory"),
};

const leray_keys leray_refine_command_keys = {own_rows, sizeof own_rows / sizeof own_rows[0]};

/* ---- the solver on the same window ------------------------------------------------------- */

static leray_status run_solver(refine_work *w, leray_solver *solver, int i, float *out,
                               double *seconds)
{
    leray_refinement *r = &w->r;
    int last = r->history - 1;
    double began;

    LERAY_TRY(leray_reference_set_parameters(&r->reference, i, solver));
    began = leray_clock();
    LERAY_TRY(leray_reference_start(&r->reference, w->truth + (size_t)last * r->reference.size,
                                    leray_reference_time(&r->reference, i, last), solver));
    LERAY_TRY(leray_reference_advance(&r->reference, r->window, solver, out));
    *seconds = leray_clock() - began;
    return LERAY_OK;
}

static const float *truth_window(const refine_work *w)
{
    return w->truth + (size_t)w->r.history * w->r.reference.size;
}

static void coarse_extents(const refine_work *w, int g, int n[2])
{
    const leray_extents *grid = &w->r.reference.grid;

    n[0] = (int)w->grids.value[g];
    n[1] = (int)(w->grids.value[g] * grid->n[1] / grid->n[0]);
}

static leray_status open_coarse(refine_work *w, int g)
{
    const leray_axis *axis = w->r.reference.info->grid.axis;
    int n[2];

    if (w->coarse[g]) return LERAY_OK;
    coarse_extents(w, g, n);
    LERAY_TRY(leray_reference_solver(&w->r.reference, n, &w->coarse[g]));
    return leray_frame_norms_create(n, (double[]){axis[0].length, axis[1].length},
                                    &w->coarse_norms[g]);
}

/* The first grid that is as good as the refined frames; else the file's own. */
static leray_status run_coarse(refine_work *w, int i, double *row)
{
    const leray_extents *grid = &w->r.reference.grid;
    int window = w->r.window;

    row[REFINE_COARSE_N] = grid->n[0];
    row[REFINE_COARSE_L2] = row[REFINE_SOLVER_L2];
    row[REFINE_COARSE_SECONDS] = row[REFINE_SOLVER_SECONDS];
    for (int g = 0; g < w->grids.count; g++) {
        leray_frame_errors error;
        double seconds;
        leray_status status;

        LERAY_TRY(open_coarse(w, g));
        status = run_solver(w, w->coarse[g], i, w->coarse_frames, &seconds);
        if (status == LERAY_ERR_DIVERGED) continue;
        if (status) return status;
        leray_frame_norms_compare_on(w->r.norms, w->coarse_norms[g], window, w->coarse_frames,
                                     truth_window(w), &error);
        if (!(error.l2 <= row[REFINE_AFTER_L2])) continue;
        row[REFINE_COARSE_N] = (double)w->grids.value[g];
        row[REFINE_COARSE_L2] = error.l2;
        row[REFINE_COARSE_SECONDS] = seconds;
        return LERAY_OK;
    }
    return LERAY_OK;
}

static leray_status measure_solver(refine_work *w, int i, double *row)
{
    leray_frame_errors error;
    leray_status status = run_solver(w, w->r.solver, i, w->solver, &row[REFINE_SOLVER_SECONDS]);

    if (status == LERAY_ERR_DIVERGED) {
        leray_warn("trajectory %d: the solver diverges", w->r.reference.trajectory[i]);
        for (size_t k = 0; k < (size_t)w->r.window * w->r.reference.size; k++) w->solver[k] = NAN;
        row[REFINE_SOLVER_SECONDS] = NAN;
        return LERAY_OK;
    }
    if (status) return status;
    leray_frame_norms_compare(w->r.norms, w->r.window, w->solver, truth_window(w), &error);
    row[REFINE_SOLVER_L2] = error.l2;
    row[REFINE_SOLVER_H1] = error.h1;
    row[REFINE_SOLVER_H_MINUS_1] = error.h_minus_1;
    return LERAY_OK;
}

/* ---- one trajectory ---------------------------------------------------------------------- */

static float *window_of(refine_work *w)
{
    return w->frames + (size_t)w->r.history * w->r.reference.size;
}

static void measure(refine_work *w, double *errors)
{
    leray_frame_errors error;

    leray_frame_norms_compare(w->r.norms, w->r.window, window_of(w), truth_window(w), &error);
    errors[0] = error.l2, errors[1] = error.h1, errors[2] = error.h_minus_1;
}

static void measure_energy(refine_work *w, int which, const float *window)
{
    leray_frame_norms_energy(w->r.norms, window + (size_t)(w->r.window - 1) * w->r.reference.size,
                             w->shell[which]);
    for (int s = 0; s < w->shells; s++) w->sum[which][s] += w->shell[which][s];
}

static leray_status certify(refine_work *w, double *estimate, double *row)
{
    leray_certificate certificate;

    LERAY_TRY(
        leray_refiner_certify(w->r.refiner, &w->r.certify, NULL, w->r.window, NULL, &certificate));
    *estimate = certificate.estimate;
    row[REFINE_CERTIFY_SECONDS] = certificate.seconds; /* of the one that comes last */
    return LERAY_OK;
}

static void note(double *row, const leray_refine_report *report)
{
    row[REFINE_BEFORE_RESIDUAL] = report->before.relative;
    row[REFINE_AFTER_RESIDUAL] = report->after.relative;
    row[REFINE_BEFORE_RESIDUAL_NORM] = report->before.absolute;
    row[REFINE_AFTER_RESIDUAL_NORM] = report->after.absolute;
    row[REFINE_TRUNCATION] = report->after.truncation;
    row[REFINE_CORRECTION] = report->correction;
    row[REFINE_LAST] = report->last;
    row[REFINE_STEPS] = report->steps;
    row[REFINE_ITERATIONS] = report->iterations;
    row[REFINE_SECONDS] = report->seconds;
}

/* The predicted frames in w->frames are refined in place; they stay as they are where that fails. */
static leray_status refine_window(refine_work *w, int i, double *row)
{
    leray_refinement *r = &w->r;
    leray_refine_report report;
    leray_status status;

    LERAY_TRY(leray_refiner_load(r->refiner, w->frames));
    LERAY_TRY(certify(w, &row[REFINE_BEFORE_ESTIMATE], row));
    status = w->shared ? LERAY_OK : leray_refiner_run(r->refiner, r->optimizer, r->cfg, &report);
    if (status == LERAY_ERR_DIVERGED) {
        leray_warn("trajectory %d is left as the model predicts it: %.*s",
                   r->reference.trajectory[i], (int)strcspn(leray_error_message(), "\n"),
                   leray_error_message());
        w->failed++;
        return LERAY_OK;
    }
    if (status) return status;
    if (w->shared) {
        report = w->share.report[i];
        leray_refiner_store(w->share.refiner[i], window_of(w));
        LERAY_TRY(leray_refiner_load(r->refiner, w->frames));
    } else leray_refiner_store(r->refiner, window_of(w));
    note(row, &report);
    return certify(w, &row[REFINE_AFTER_ESTIMATE], row);
}

/* w->truth, and w->frames as the model predicts them; its seconds. */
static leray_status predict(refine_work *w, int i, double *seconds)
{
    leray_refinement *r = &w->r;
    int frames = r->history + r->window;
    double before = r->predictor.seconds;

    LERAY_TRY(leray_reference_read(&r->reference, i, 0, frames, w->truth));
    memcpy(w->frames, w->truth, (size_t)r->history * r->reference.size * sizeof *w->frames);
    LERAY_TRY(leray_refinement_predict(r, w->frames));
    *seconds = r->predictor.seconds - before;
    LERAY_CHECK(leray_all_finite(LERAY_F32, (size_t)frames * r->reference.size, w->frames),
                LERAY_ERR_DIVERGED, "the model's prediction on trajectory %d is not finite",
                r->reference.trajectory[i]);
    return LERAY_OK;
}

static leray_status write_window(refine_work *w, int i)
{
    leray_refinement *r = &w->r;

    for (int k = 0; k < r->window; k++)
        LERAY_TRY(leray_refinement_write_frame(r, w->writer, i, k, r->history + k,
                                               window_of(w) + (size_t)k * r->reference.size));
    return LERAY_OK;
}

static double band_error(const refine_work *w, int which, int band)
{
    int end = leray_refine_band_begin(band + 1);
    double difference = 0, sum = 0;

    for (int s = leray_refine_band_begin(band); s < end && s < w->shells; s++) {
        difference += fabs(w->shell[which][s] - w->shell[REFINE_TRUTH][s]);
        sum += w->shell[REFINE_TRUTH][s];
    }
    return difference / sum;
}

static leray_status note_energy(refine_work *w)
{
    double *row;

    LERAY_TRY(leray_table_add(&w->energy, &row));
    for (int band = 0; band < w->bands; band++)
        for (int k = 0; k < REFINE_OF_BAND; k++)
            row[band * REFINE_OF_BAND + k] = band_error(w, REFINE_BEFORE + k, band);
    return LERAY_OK;
}

static leray_status run_trajectory(refine_work *w, int i)
{
    double *row;

    LERAY_TRY(leray_refinement_go_on(&w->r));
    LERAY_TRY(leray_table_add(&w->rows, &row));
    row[REFINE_TRAJECTORY] = w->r.reference.trajectory[i];
    LERAY_TRY(leray_refinement_begin(&w->r, i));
    LERAY_TRY(predict(w, i, &row[REFINE_MODEL_SECONDS]));
    measure(w, &row[REFINE_BEFORE_L2]);
    measure_energy(w, REFINE_TRUTH, truth_window(w));
    measure_energy(w, REFINE_BEFORE, window_of(w));
    LERAY_TRY(refine_window(w, i, row));
    measure(w, &row[REFINE_AFTER_L2]);
    measure_energy(w, REFINE_AFTER, window_of(w));
    LERAY_TRY(measure_solver(w, i, row));
    measure_energy(w, REFINE_SOLVER, w->solver);
    LERAY_TRY(run_coarse(w, i, row));
    LERAY_TRY(note_energy(w));
    return write_window(w, i);
}

/* ---- the run ----------------------------------------------------------------------------- */

/* One layer from the predictions on all trajectories. */
static leray_status share(refine_work *w)
{
    LERAY_TRY(leray_refine_share_open(w));
    for (int i = 0; i < w->r.reference.n; i++) {
        double seconds;

        LERAY_TRY(leray_refinement_go_on(&w->r));
        LERAY_TRY(leray_refinement_begin(&w->r, i));
        LERAY_TRY(predict(w, i, &seconds));
        LERAY_TRY(leray_refine_share_enter(w, i));
    }
    return leray_refine_share_run(w);
}

static leray_status check_grids(const refine_work *w)
{
    for (int g = 0; g < w->grids.count; g++)
        LERAY_CHECK(w->grids.value[g] < w->r.reference.grid.n[0] &&
                        (g == 0 || w->grids.value[g] > w->grids.value[g - 1]),
                    LERAY_ERR_CONFIG,
                    "refine.solver_grids: %lld, allowed: ascending, below %d, the file's grid",
                    (long long)w->grids.value[g], w->r.reference.grid.n[0]);
    return LERAY_OK;
}

static leray_status prepare(refine_work *w)
{
    const leray_refinement *r = &w->r;
    size_t window = (size_t)r->window * r->reference.size;
    size_t all = (size_t)r->history * r->reference.size + window;

    LERAY_TRY(LERAY_ALLOC(&w->frames, all));
    LERAY_TRY(LERAY_ALLOC(&w->truth, all));
    LERAY_TRY(LERAY_ALLOC(&w->solver, window));
    LERAY_TRY(LERAY_ALLOC(&w->coarse_frames, window));
    w->shells = leray_frame_norms_shells(w->r.norms);
    for (int k = 0; k < REFINE_SPECTRA; k++) {
        LERAY_TRY(LERAY_ALLOC(&w->shell[k], (size_t)w->shells));
        LERAY_TRY(LERAY_ALLOC(&w->sum[k], (size_t)w->shells));
    }
    while (w->bands < REFINE_BANDS && leray_refine_band_begin(w->bands) < w->shells) w->bands++;
    w->rows = (leray_table){.n = REFINE_COLUMNS, .name = leray_refine_columns};
    w->energy = (leray_table){.n = w->bands * REFINE_OF_BAND, .name = leray_refine_energy_columns};
    return LERAY_OK;
}

static leray_status open(refine_work *w, int n, const char *const *overrides)
{
    leray_refinement *r = &w->r;
    own_settings own;

    LERAY_TRY(leray_refinement_open(r, "refine", leray_refine_command_keys, false, n, overrides));
    LERAY_CHECK(leray_model_head(r->opened.model), LERAY_ERR_ARG,
                "%s: model type %s does not end in a linear spectral layer over the window, which "
                "leray refine needs: train a stfno, or a fno with time: true",
                r->model_path, r->opened.trained.model_name);
    LERAY_TRY(leray_config_read(r->cfg, "refine", leray_refine_command_keys, &own));
    w->grids = own.grids, w->shared = own.share;
    LERAY_TRY(leray_refinement_open_data(r, r->opened.task.info.window, 0));
    LERAY_TRY(leray_refinement_open_refiner(r, r->history, "refining"));
    LERAY_TRY(check_grids(w));
    return prepare(w);
}

static leray_status dry_run(const refine_work *w, leray_report *report)
{
    leray_text text = {0};

    leray_text_add(&text,
                   "dry run: model, data and solver fit; nothing was written\n  %d windows of %d "
                   "frames\n",
                   w->r.reference.n, w->r.window);
    LERAY_TRY(leray_text_finish(&text, &report->text));
    return leray_mem_text("{\"dry_run\": true}", &report->json);
}

static leray_status run(refine_work *w, int n, const char *const *overrides, leray_report *report)
{
    LERAY_TRY(open(w, n, overrides));
    if (w->r.options->dry_run) return dry_run(w, report);
    LERAY_TRY(leray_refinement_open_folder(&w->r, LERAY_FOLDER_REFINE));
    if (w->shared) LERAY_TRY(share(w));
    LERAY_TRY(leray_refinement_create_file(&w->r, "refined.h5", w->r.window, &w->writer));
    for (int i = 0; i < w->r.reference.n; i++) {
        LERAY_TRY(run_trajectory(w, i));
        leray_info("trajectory %d: relative L2 %.3g -> %.3g", w->r.reference.trajectory[i],
                   w->rows.value[(size_t)i * REFINE_COLUMNS + REFINE_BEFORE_L2],
                   w->rows.value[(size_t)i * REFINE_COLUMNS + REFINE_AFTER_L2]);
    }
    LERAY_TRY(leray_well_commit(&w->writer));
    return leray_refine_report_all(w, report);
}

static void close_all(refine_work *w)
{
    leray_well_abandon(&w->writer);
    leray_refine_share_close(w);
    leray_table_fini(&w->energy);
    leray_table_fini(&w->rows);
    for (int k = 0; k < REFINE_SPECTRA; k++) leray_mem_free(w->sum[k]), leray_mem_free(w->shell[k]);
    leray_mem_free(w->coarse_frames);
    leray_mem_free(w->solver);
    leray_mem_free(w->truth);
    leray_mem_free(w->frames);
    for (int g = 0; g < w->grids.count; g++) {
        leray_frame_norms_destroy(&w->coarse_norms[g]);
        leray_solver_destroy(&w->coarse[g]);
    }
    leray_refinement_close(&w->r);
}

leray_status leray_refine(const char *model, const char *data, int n, const char *const *overrides,
                          const leray_run_options *options, leray_report *report)
{
    refine_work *w;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(LERAY_ALLOC(&w, 1));
    w->r.command = "leray refine";
    w->r.model_path = model, w->r.data_path = data, w->r.options = options;
    status = run(w, n, overrides, report);
    close_all(w);
    leray_mem_free(w);
    if (status) leray_report_free(report);
    return status;
}
