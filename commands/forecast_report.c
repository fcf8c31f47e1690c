/* commands/forecast_report.c - what leray_forecast leaves: tables, result.json, the text. */
#include "commands/forecast_impl.h"

#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>

const char *const leray_forecast_window_columns[WINDOW_COLUMNS] = {
    [WINDOW_TRAJECTORY] = "trajectory",
    [WINDOW_NUMBER] = "window",
    [WINDOW_TIME] = "time",
    [WINDOW_ESTIMATE] = "estimate",
    [WINDOW_ERROR] = "error",
    [WINDOW_EFFECTIVITY] = "effectivity",
    [WINDOW_HANDED_BACK] = "handed_back",
    [WINDOW_KEPT_ESTIMATE] = "kept_estimate",
    [WINDOW_KEPT_ERROR] = "kept_error",
    [WINDOW_SECONDS] = "seconds",
};

const char *const leray_forecast_columns[FORECAST_COLUMNS] = {
    [FORECAST_TRAJECTORY] = "trajectory",
    [FORECAST_FRAMES] = "frames",
    [FORECAST_END] = "end_rel_l2",
    [FORECAST_ALL] = "rel_l2",
    [FORECAST_SECONDS] = "seconds",
    [FORECAST_SHARE] = "handed_back_share",
    [FORECAST_ESTIMATE] = "end_estimate",
    [FORECAST_SURROGATE_END] = "surrogate_end_rel_l2",
    [FORECAST_SURROGATE_ALL] = "surrogate_rel_l2",
    [FORECAST_SURROGATE_SECONDS] = "surrogate_seconds",
    [FORECAST_SOLVER_END] = "solver_end_rel_l2",
    [FORECAST_SOLVER_ALL] = "solver_rel_l2",
    [FORECAST_SOLVER_SECONDS] = "solver_seconds",
};

/* Share of the rows in which column `high` is above column `low` (below 0: above `bound`). Rows that
   are not known do not count, but an error that is not a number is above everything where `bad`. */
static double share_above(const leray_table *t, int high, int low, double bound, bool bad)
{
    int above = 0, known = 0;

    for (int i = 0; i < t->rows; i++) {
        const double *row = t->value + (size_t)i * (size_t)t->n;
        double limit = low >= 0 ? row[low] : bound;

        if (isnan(limit) || (isnan(row[high]) && !bad)) continue;
        known++;
        above += !(row[high] <= limit);
    }
    return known ? (double)above / known : NAN;
}

static int failed(const forecast_work *w)
{
    const leray_table *t = &w->rows;
    int n = 0;

    for (int i = 0; i < t->rows; i++) {
        bool truth = w->r.reference.frames[i] > w->r.history;

        n += truth && isnan(t->value[(size_t)i * (size_t)t->n + FORECAST_END]);
    }
    return n;
}

static leray_status fill_certificate(const forecast_work *w, leray_json *metrics)
{
    static const struct {
        double q;
        const char *key;
    } quantile[] = {
        {0.05, "effectivity_q05"},
        {0.25, "effectivity_q25"},
        {0.5,  "effectivity_q50"},
        {0.75, "effectivity_q75"},
        {0.95, "effectivity_q95"}
    };
    const leray_table *t = &w->windows;
    double value;

    LERAY_TRY(leray_json_set_real(metrics, "tolerance", w->tolerance));
    LERAY_TRY(leray_json_set_int(metrics, "windows_handed_back", w->handed.rows));
    LERAY_TRY(leray_json_set_real(metrics, "windows_handed_back_share",
                                  (double)w->handed.rows / t->rows));
    LERAY_TRY(
        leray_json_set_real(metrics, "violations_of_estimate",
                            share_above(t, WINDOW_KEPT_ERROR, WINDOW_KEPT_ESTIMATE, 0, false)));
    LERAY_TRY(leray_json_set_real(metrics, "violations_of_tolerance",
                                  share_above(&w->rows, FORECAST_END, -1, w->tolerance, true)));
    for (int k = 0; k < 5; k++) {
        LERAY_TRY(leray_table_quantile(t, WINDOW_EFFECTIVITY, quantile[k].q, &value));
        LERAY_TRY(leray_json_set_real(metrics, quantile[k].key, value));
    }
    LERAY_TRY(leray_table_rank_correlation(t, WINDOW_ESTIMATE, WINDOW_ERROR, &value));
    return leray_json_set_real(metrics, "rank_correlation", value);
}

static leray_status fill(const void *work, leray_json *metrics)
{
    const forecast_work *w = work;

    LERAY_TRY(leray_json_set_int(metrics, "trajectories", w->rows.rows));
    LERAY_TRY(leray_json_set_int(metrics, "trajectories_failed", failed(w)));
    LERAY_TRY(leray_json_set_int(metrics, "windows", w->windows.rows));
    LERAY_TRY(leray_table_to_json(&w->rows, FORECAST_FRAMES, metrics));
    return w->tolerance > 0 ? fill_certificate(w, metrics) : LERAY_OK;
}

static void line(const forecast_work *w, leray_text *text, const char *name, int first)
{
    double end = leray_table_mean(&w->rows, first);
    char x[LERAY_DIGITS], y[LERAY_DIGITS], z[LERAY_DIGITS];

    if (isnan(leray_table_mean(&w->rows, first + 2))) return;
    leray_text_add(text, "  %-22s %11s %11s %11s\n", name, leray_digits(end, 4, x),
                   leray_digits(leray_table_mean(&w->rows, first + 1), 4, y),
                   leray_digits(leray_table_mean(&w->rows, first + 2), 4, z));
}

static leray_status add_certificate(const forecast_work *w, leray_text *text)
{
    double low, middle, high, rank;

    LERAY_TRY(leray_table_quantile(&w->windows, WINDOW_EFFECTIVITY, 0.05, &low));
    LERAY_TRY(leray_table_quantile(&w->windows, WINDOW_EFFECTIVITY, 0.5, &middle));
    LERAY_TRY(leray_table_quantile(&w->windows, WINDOW_EFFECTIVITY, 0.95, &high));
    LERAY_TRY(leray_table_rank_correlation(&w->windows, WINDOW_ESTIMATE, WINDOW_ERROR, &rank));
    leray_text_add(text, "\n  handed back            %d of %d windows\n", w->handed.rows,
                   w->windows.rows);
    leray_text_add(text,
                   "  estimate / error       %.3g (5 %% %.3g, 95 %% %.3g), rank correlation %.3g\n",
                   middle, low, high, rank);
    leray_text_add(text, "  above the tolerance    %.3g of the trajectories\n",
                   share_above(&w->rows, FORECAST_END, -1, w->tolerance, true));
    return LERAY_OK;
}

static leray_status print(const forecast_work *w, char **out)
{
    const leray_reference *truth = &w->r.reference;
    char size[LERAY_EXTENTS_TEXT];
    leray_text text = {0};
    leray_status status = LERAY_OK;

    leray_text_add(&text, "%s on %s: %d roll-outs on %s in windows of %d frames\n\n",
                   w->r.model_path, w->r.data_path, truth->n,
                   leray_extents_text(&truth->grid, size), w->r.window);
    leray_text_add(&text, "  %-22s %11s %11s %11s\n", "relative L2", "at the end", "all frames",
                   "seconds");
    line(w, &text, w->tolerance > 0 ? "certified" : "surrogate", FORECAST_END);
    if (w->tolerance > 0) {
        line(w, &text, "pure surrogate", FORECAST_SURROGATE_END);
        line(w, &text, "pure solver", FORECAST_SOLVER_END);
        status = add_certificate(w, &text);
    }
    leray_text_add(&text, "\nframes in %s/forecast.h5, a line for each window in %s/windows.csv\n",
                   w->r.folder.path, w->r.folder.path);
    if (!status) return leray_text_finish(&text, out);
    leray_mem_free(text.data);
    return status;
}

leray_status leray_forecast_report(forecast_work *w, leray_report *report)
{
    LERAY_TRY(leray_table_write(&w->windows, w->r.folder.path, "windows.csv"));
    LERAY_TRY(leray_table_write(&w->rows, w->r.folder.path, "forecast.csv"));
    if (w->tolerance > 0)
        LERAY_TRY(leray_table_write(&w->handed, w->r.folder.path, "handed_back.csv"));
    else
        LERAY_TRY(
            leray_files_remove(w->r.folder.path, (const char *const[]){"handed_back.csv", NULL}));
    LERAY_TRY(leray_refinement_result(&w->r, fill, w,
                                      "relative L2 per trajectory, then mean and median over "
                                      "trajectories; estimates and effectivity over windows",
                                      report));
    return print(w, &report->text);
}
