/* commands/forecast.c - leray_forecast: a model rolled out window by window over the trajectories of a file.

   With a tolerance, window m of a roll-out of length T, which ends at time t, is kept if the estimated
   relative error at its end, all windows before it included, is at most tolerance t / T. Else the solver
   computes it from the newest frame that was kept. Its frames spend nothing, but the estimated error of
   that frame is carried through them. */
#include "commands/forecast_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"
#include "data/relative_error.h"
#include "operators/finite.h"
#include "solvers/solver.h"

#include <math.h>
#include <string.h>

static const leray_key own_rows[] = {
    LERAY_KEY_INT(forecast_settings, steps, "steps", "0", 0, 1e9, "frames",
                  "number of frames to forecast; 0: as many as the file has"),
    LERAY_KEY_INT(
        forecast_settings, window, "window", "0", 0, 1e6, "frames",
        "frames of a window; 0: as many as the model predicts at once, or 10 if it predicts one"),
    LERAY_KEY_BOOL(forecast_settings, compare, "compare", "true",
                   "with a tolerance: also run the model alone and the solver alone"),
};
const leray_keys leray_forecast_keys = {own_rows, (int)(sizeof own_rows / sizeof own_rows[0])};

/* ---- one roll-out ------------------------------------------------------------------------ */

typedef enum roll_kind { ROLL_MAIN, ROLL_SURROGATE, ROLL_SOLVER } roll_kind;

/* A roll-out over trajectory i, in the middle of its present window. */
typedef struct rollout {
    roll_kind kind;
    int i, total;            /* the trajectory, and how many frames of it are forecast */
    int number;              /* of the window */
    int done, end;           /* its frames are done, .., end - 1, counted after those given */
    leray_squares sum, last; /* of all frames that the file has, and of the newest one */
    double seconds;
} rollout;

/* Frame k of the window; those given end with frame -1. */
static float *frame_of(forecast_work *w, int k)
{
    return w->frames + (size_t)(w->r.history + k) * w->r.reference.size;
}

/* Frame k of the window against the file; not numbers where the file ends before it. */
static leray_status compare(forecast_work *w, const rollout *o, int k, leray_squares *out)
{
    int frame = w->r.history + o->done + k;

    *out = (leray_squares){NAN, NAN};
    if (frame >= w->r.reference.frames[o->i]) return LERAY_OK;
    LERAY_TRY(leray_reference_read(&w->r.reference, o->i, frame, 1, w->truth));
    *out = leray_squares_of(frame_of(w, k), w->truth, 1, w->r.reference.size, NULL);
    return LERAY_OK;
}

/* The relative error of the last frame of the window. */
static leray_status measure(forecast_work *w, const rollout *o, double *error)
{
    leray_squares squares;

    LERAY_TRY(compare(w, o, o->end - o->done - 1, &squares));
    *error = leray_relative_error(squares);
    return LERAY_OK;
}

/* The estimate of the same error, from the newest frame given and its own estimated error, w->inherited;
   w->left is then that of the last frame. */
static leray_status certify(forecast_work *w, const rollout *o, double *estimate)
{
    size_t window = (size_t)w->r.window * w->r.reference.size;
    const float *inherited = o->done > 0 ? w->inherited : NULL;
    leray_certificate certificate;

    *estimate = INFINITY;
    if (!leray_all_finite(LERAY_F32, window, frame_of(w, 0))) return LERAY_OK;
    LERAY_TRY(leray_refiner_load(w->r.refiner, frame_of(w, -1)));
    LERAY_TRY(leray_refiner_certify(w->r.refiner, &w->r.certify, inherited, o->end - o->done,
                                    w->left, &certificate));
    if (isfinite(certificate.end)) *estimate = certificate.end;
    return LERAY_OK;
}

/* The solver, from the newest frame given on, over `frames` frames. */
static leray_status solve(forecast_work *w, const rollout *o, bool start, int frames)
{
    leray_reference *file = &w->r.reference;
    double time = leray_reference_time(file, o->i, w->r.history - 1 + o->done);

    if (start) LERAY_TRY(leray_reference_start(file, frame_of(w, -1), time, w->r.solver));
    return leray_reference_advance(file, frames, w->r.solver, frame_of(w, 0));
}

/* A line of handed_back.csv: what the solver is made with, the trajectory, and when. */
static leray_status note_handed_back(forecast_work *w, const rollout *o)
{
    const leray_reference *file = &w->r.reference;
    int n = w->handed.n;
    double *row;

    LERAY_TRY(leray_table_add(&w->handed, &row));
    for (int p = 0; p + 2 < n; p++)
        LERAY_TRY(leray_solver_get_parameter(w->r.solver, w->parameter[p], &row[p]));
    row[n - 2] = file->trajectory[o->i];
    row[n - 1] = leray_reference_time(file, o->i, w->r.history - 1 + o->done);
    return LERAY_OK;
}

/* The next window of the model, with a line of windows.csv. With a tolerance it is the solver's where the model's
   is estimated to be too far off. */
static leray_status next_window(forecast_work *w, const rollout *o)
{
    const leray_reference *file = &w->r.reference;
    double *row, began = leray_clock(), before = w->r.predictor.seconds;

    LERAY_TRY(leray_table_add(&w->windows, &row));
    row[WINDOW_TRAJECTORY] = file->trajectory[o->i];
    row[WINDOW_NUMBER] = o->number;
    row[WINDOW_TIME] = leray_reference_time(file, o->i, w->r.history - 1 + o->end);
    LERAY_TRY(leray_refinement_predict(&w->r, w->frames));
    row[WINDOW_SECONDS] = w->r.predictor.seconds - before;
    LERAY_TRY(measure(w, o, &row[WINDOW_ERROR]));
    row[WINDOW_KEPT_ERROR] = row[WINDOW_ERROR];
    if (!(w->tolerance > 0)) return LERAY_OK;

    LERAY_TRY(certify(w, o, &row[WINDOW_ESTIMATE]));
    if (row[WINDOW_ERROR] > 0) row[WINDOW_EFFECTIVITY] = row[WINDOW_ESTIMATE] / row[WINDOW_ERROR];
    row[WINDOW_KEPT_ESTIMATE] = row[WINDOW_ESTIMATE];
    row[WINDOW_HANDED_BACK] = row[WINDOW_ESTIMATE] > w->tolerance * o->end / o->total;
    if (row[WINDOW_HANDED_BACK] > 0) {
        LERAY_TRY(note_handed_back(w, o));
        LERAY_TRY(solve(w, o, true, w->r.window));
        LERAY_TRY(certify(w, o, &row[WINDOW_KEPT_ESTIMATE]));
    }
    memcpy(w->inherited, w->left, w->r.reference.size * sizeof *w->left);
    row[WINDOW_SECONDS] = leray_clock() - began;
    return measure(w, o, &row[WINDOW_KEPT_ERROR]);
}

/* Adds the window to the sums and to the file. Its last frames are the given ones of the next. */
static leray_status keep_window(forecast_work *w, rollout *o)
{
    int history = w->r.history;

    for (int k = 0; k < o->end - o->done; k++) {
        leray_squares squares;

        LERAY_TRY(compare(w, o, k, &squares));
        if (!isnan(squares.truth)) {
            o->sum.error += squares.error, o->sum.truth += squares.truth;
            o->last = squares;
        }
        if (o->kind == ROLL_MAIN)
            LERAY_TRY(leray_refinement_write_frame(&w->r, w->writer, o->i, o->done + k,
                                                   history + o->done + k, frame_of(w, k)));
    }
    memmove(w->frames, frame_of(w, w->r.window - history),
            (size_t)history * w->r.reference.size * sizeof *w->frames);
    return LERAY_OK;
}

static leray_status roll_on(forecast_work *w, rollout *o)
{
    int window = w->r.window;

    memcpy(w->frames, w->given, (size_t)w->r.history * w->r.reference.size * sizeof *w->frames);
    for (; o->done < o->total; o->done += window, o->number++) {
        double began = leray_clock();

        o->end = o->done + window < o->total ? o->done + window : o->total;
        LERAY_TRY(leray_refinement_go_on(&w->r));
        switch (o->kind) {
        case ROLL_MAIN: LERAY_TRY(next_window(w, o)); break;
        case ROLL_SURROGATE: LERAY_TRY(leray_refinement_predict(&w->r, w->frames)); break;
        case ROLL_SOLVER: LERAY_TRY(solve(w, o, o->done == 0, o->end - o->done)); break;
        }
        o->seconds += leray_clock() - began;
        LERAY_TRY(keep_window(w, o));
    }
    return LERAY_OK;
}

/* Where it diverges, a warning, and errors that are not numbers. out: error at the end, over all
   frames, seconds. */
static leray_status roll(forecast_work *w, roll_kind kind, int i, int total, double out[3])
{
    static const char *const name[] = {"the roll-out", "the pure surrogate", "the solver"};
    rollout o = {
        .kind = kind, .i = i, .total = total, .last = {NAN, NAN}
    };
    leray_status status = roll_on(w, &o);

    if (status && status != LERAY_ERR_DIVERGED) return status;
    if (status)
        leray_warn("trajectory %d: %s ends: %.*s", w->r.reference.trajectory[i], name[kind],
                   (int)strcspn(leray_error_message(), "\n"), leray_error_message());
    out[0] = status ? NAN : leray_relative_error(o.last);
    out[1] = status ? NAN : sqrt(o.sum.error / o.sum.truth);
    out[2] = o.seconds;
    return LERAY_OK;
}

/* ---- one trajectory ---------------------------------------------------------------------- */

static int frames_to_forecast(const forecast_work *w, int i)
{
    int there = w->r.reference.frames[i] - w->r.history;

    return w->settings.steps > 0 ? (int)w->settings.steps : there;
}

static void sum_up(forecast_work *w, int from, double *row)
{
    double handed = 0;

    for (int k = from; k < w->windows.rows; k++) {
        const double *window = w->windows.value + (size_t)k * WINDOW_COLUMNS;

        handed += window[WINDOW_HANDED_BACK];
        row[FORECAST_ESTIMATE] = window[WINDOW_KEPT_ESTIMATE];
    }
    row[FORECAST_SHARE] = handed / (w->windows.rows - from);
}

static leray_status run_trajectory(forecast_work *w, int i)
{
    int total = frames_to_forecast(w, i), from = w->windows.rows;
    double *row;

    LERAY_TRY(leray_table_add(&w->rows, &row));
    row[FORECAST_TRAJECTORY] = w->r.reference.trajectory[i];
    row[FORECAST_FRAMES] = total;
    LERAY_TRY(leray_refinement_begin(&w->r, i));
    LERAY_TRY(leray_reference_read(&w->r.reference, i, 0, w->r.history, w->given));
    LERAY_TRY(roll(w, ROLL_MAIN, i, total, &row[FORECAST_END]));
    if (!(w->tolerance > 0)) return LERAY_OK;
    sum_up(w, from, row);
    if (!w->settings.compare) return LERAY_OK;
    LERAY_TRY(roll(w, ROLL_SURROGATE, i, total, &row[FORECAST_SURROGATE_END]));
    return roll(w, ROLL_SOLVER, i, total, &row[FORECAST_SOLVER_END]);
}

/* ---- the run ----------------------------------------------------------------------------- */

static leray_status read_settings(forecast_work *w)
{
    leray_tolerance_settings tolerance;

    LERAY_TRY(leray_config_read(w->r.cfg, "forecast", leray_forecast_keys, &w->settings));
    LERAY_TRY(leray_config_read(w->r.cfg, "certify", leray_tolerance_keys, &tolerance));
    w->tolerance = tolerance.tolerance;
    return LERAY_OK;
}

static leray_status open_certificate(forecast_work *w)
{
    leray_keys keys;
    int n = 0;

    if (!(w->tolerance > 0)) return LERAY_OK;
    LERAY_TRY(leray_refinement_open_refiner(&w->r, 1, "a certificate"));
    keys = w->r.solver->type->keys;
    LERAY_TRY(LERAY_ALLOC(&w->parameter, (size_t)keys.count + 2));
    for (int k = 0; k < keys.count; k++)
        if (keys.row[k].parameter) w->parameter[n++] = keys.row[k].name;
    w->parameter[n++] = "trajectory";
    w->parameter[n++] = "time";
    w->handed = (leray_table){.n = n, .name = w->parameter};
    return LERAY_OK;
}

static leray_status prepare(forecast_work *w)
{
    const leray_refinement *r = &w->r;
    size_t size = r->reference.size;

    LERAY_TRY(LERAY_ALLOC(&w->frames, (size_t)(r->history + r->window) * size));
    LERAY_TRY(LERAY_ALLOC(&w->given, (size_t)r->history * size));
    LERAY_TRY(LERAY_ALLOC(&w->truth, size));
    LERAY_TRY(LERAY_ALLOC(&w->inherited, size));
    LERAY_TRY(LERAY_ALLOC(&w->left, size));
    w->windows = (leray_table){.n = WINDOW_COLUMNS, .name = leray_forecast_window_columns};
    w->rows = (leray_table){.n = w->tolerance > 0 ? FORECAST_COLUMNS : FORECAST_PLAIN_COLUMNS,
                            .name = leray_forecast_columns};
    return LERAY_OK;
}

static leray_status open(forecast_work *w, int n, const char *const *overrides)
{
    leray_refinement *r = &w->r;
    int window, step;

    LERAY_TRY(leray_refinement_open(r, "forecast", leray_forecast_keys, true, n, overrides));
    LERAY_TRY(read_settings(w));
    LERAY_CHECK(r->opened.task.info.autoregressive && r->opened.task.info.n_state > 0,
                LERAY_ERR_ARG, "%s does not continue its input in time: it cannot be rolled out",
                r->model_path);
    step = r->opened.task.info.window;
    window = w->settings.window > 0 ? (int)w->settings.window : step > 1 ? step : 10;
    LERAY_TRY(leray_refinement_open_data(r, 1, window));
    LERAY_TRY(open_certificate(w));
    return prepare(w);
}

static leray_status dry_run(const forecast_work *w, leray_report *report)
{
    leray_text text = {0};

    leray_text_add(
        &text,
        "dry run: model and data fit; nothing was written\n  %d roll-outs of %d frames in "
        "windows of %d\n",
        w->r.reference.n, frames_to_forecast(w, 0), w->r.window);
    LERAY_TRY(leray_text_finish(&text, &report->text));
    return leray_mem_text("{\"dry_run\": true}", &report->json);
}

static leray_status run(forecast_work *w, int n, const char *const *overrides, leray_report *report)
{
    int most = 0;

    LERAY_TRY(open(w, n, overrides));
    if (w->r.options->dry_run) return dry_run(w, report);
    for (int i = 0; i < w->r.reference.n; i++)
        most = frames_to_forecast(w, i) > most ? frames_to_forecast(w, i) : most;
    LERAY_TRY(leray_refinement_open_folder(&w->r, LERAY_FOLDER_FORECAST));
    LERAY_TRY(leray_refinement_create_file(&w->r, "forecast.h5", most, &w->writer));
    for (int i = 0; i < w->r.reference.n; i++) {
        LERAY_TRY(run_trajectory(w, i));
        leray_info("trajectory %d: relative L2 %.3g at the end", w->r.reference.trajectory[i],
                   w->rows.value[(size_t)(i * w->rows.n) + FORECAST_END]);
    }
    LERAY_TRY(leray_well_commit(&w->writer));
    return leray_forecast_report(w, report);
}

static void close_all(forecast_work *w)
{
    leray_well_abandon(&w->writer);
    leray_table_fini(&w->handed);
    leray_table_fini(&w->rows);
    leray_table_fini(&w->windows);
    leray_mem_free((void *)w->parameter);
    leray_mem_free(w->left);
    leray_mem_free(w->inherited);
    leray_mem_free(w->truth);
    leray_mem_free(w->given);
    leray_mem_free(w->frames);
    leray_refinement_close(&w->r);
}

leray_status leray_forecast(const char *model, const char *data, int n,
                            const char *const *overrides, const leray_run_options *options,
                            leray_report *report)
{
    forecast_work *w;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(LERAY_ALLOC(&w, 1));
    w->r.command = "leray forecast";
    w->r.model_path = model, w->r.data_path = data, w->r.options = options;
    status = run(w, n, overrides, report);
    close_all(w);
    leray_mem_free(w);
    if (status) leray_report_free(report);
    return status;
}
