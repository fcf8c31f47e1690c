/* commands/refine_report.c - what leray_refine leaves: refine.csv, pictures, result.json and the table of
   before and after. */
#include "commands/refine_impl.h"

#include "commands/plot/picture.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>

const char *const leray_refine_columns[REFINE_COLUMNS] = {
    [REFINE_TRAJECTORY] = "trajectory",
    [REFINE_BEFORE_L2] = "before_rel_l2",
    [REFINE_BEFORE_H1] = "before_rel_h1",
    [REFINE_BEFORE_H_MINUS_1] = "before_rel_h_minus_1",
    [REFINE_AFTER_L2] = "after_rel_l2",
    [REFINE_AFTER_H1] = "after_rel_h1",
    [REFINE_AFTER_H_MINUS_1] = "after_rel_h_minus_1",
    [REFINE_SOLVER_L2] = "solver_rel_l2",
    [REFINE_SOLVER_H1] = "solver_rel_h1",
    [REFINE_SOLVER_H_MINUS_1] = "solver_rel_h_minus_1",
    [REFINE_BEFORE_RESIDUAL] = "before_rel_residual",
    [REFINE_AFTER_RESIDUAL] = "after_rel_residual",
    [REFINE_BEFORE_RESIDUAL_NORM] = "before_residual",
    [REFINE_AFTER_RESIDUAL_NORM] = "after_residual",
    [REFINE_TRUNCATION] = "truncation",
    [REFINE_BEFORE_ESTIMATE] = "before_estimate",
    [REFINE_AFTER_ESTIMATE] = "after_estimate",
    [REFINE_CORRECTION] = "correction",
    [REFINE_LAST] = "last_correction",
    [REFINE_STEPS] = "steps",
    [REFINE_ITERATIONS] = "iterations",
    [REFINE_MODEL_SECONDS] = "model_seconds",
    [REFINE_SECONDS] = "refine_seconds",
    [REFINE_CERTIFY_SECONDS] = "certify_seconds",
    [REFINE_SOLVER_SECONDS] = "solver_seconds",
    [REFINE_COARSE_N] = "coarse_n",
    [REFINE_COARSE_L2] = "coarse_rel_l2",
    [REFINE_COARSE_SECONDS] = "coarse_seconds",
};

#define BAND(a, b) "before_energy_" #a "_" #b, "after_energy_" #a "_" #b, "solver_energy_" #a "_" #b
const char *const leray_refine_energy_columns[REFINE_BANDS * REFINE_OF_BAND] = {
    BAND(1, 4),    BAND(4, 8),     BAND(8, 16),    BAND(16, 32),    BAND(32, 64),
    BAND(64, 128), BAND(128, 256), BAND(256, 512), BAND(512, 1024), BAND(1024, 2048)};

int leray_refine_band_begin(int band) { return band == 0 ? 1 : 2 << band; }

/* ---- pictures ---------------------------------------------------------------------------- */

static leray_status draw_spectra(const refine_work *w)
{
    static const char *const title[] = {"truth", "before", "after"};
    leray_picture_line lines[3];
    leray_picture_panel panel = {.title = "energy at the end of the window",
                                 .x_label = "wavenumber (periods over the box)",
                                 .y_label = "E",
                                 .log_x = true,
                                 .log_y = true,
                                 .n_lines = 3,
                                 .line = lines};
    double *k;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&k, (size_t)w->shells));
    for (int s = 0; s < w->shells; s++) {
        k[s] = s > 0 ? s : NAN;
        for (int line = 0; line < 3; line++) w->sum[line][s] /= w->r.reference.n;
    }
    for (int line = 0; line < 3; line++)
        lines[line] =
            (leray_picture_line){.title = title[line], .n = w->shells, .x = k, .y = w->sum[line]};
    status = leray_picture_curves(w->r.folder.path, "spectra", 1, &panel);
    leray_mem_free(k);
    return status;
}

static void column(const refine_work *w, int c, double *out)
{
    for (int i = 0; i < w->rows.rows; i++)
        out[i] = w->rows.value[(size_t)i * REFINE_COLUMNS + (size_t)c];
}

static leray_status draw_certificate(const refine_work *w)
{
    static const int columns[] = {REFINE_BEFORE_L2, REFINE_BEFORE_ESTIMATE, REFINE_AFTER_L2,
                                  REFINE_AFTER_ESTIMATE};
    static const char *const title[] = {"before", "after"};
    leray_picture_line lines[3];
    leray_picture_panel panel = {.title = "certificate",
                                 .x_label = "true error (relative L2)",
                                 .y_label = "estimate",
                                 .log_x = true,
                                 .log_y = true,
                                 .n_lines = 3,
                                 .line = lines};
    size_t n = (size_t)w->rows.rows;
    double *block, low = INFINITY, high = 0, ends[2];
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&block, 4 * n));
    for (size_t c = 0; c < 4; c++) column(w, columns[c], block + c * n);
    for (size_t c = 0; c < 3; c += 2)
        for (size_t i = 0; i < n; i++)
            low = fmin(low, block[c * n + i]), high = fmax(high, block[c * n + i]);
    ends[0] = low, ends[1] = high;
    for (int line = 0; line < 2; line++)
        lines[line] = (leray_picture_line){.title = title[line],
                                           .n = (int)n,
                                           .x = block + (size_t)(2 * line) * n,
                                           .y = block + (size_t)(2 * line + 1) * n,
                                           .points = true};
    lines[2] = (leray_picture_line){.title = "estimate = error", .n = 2, .x = ends, .y = ends};
    status = leray_picture_curves(w->r.folder.path, "certificate", 1, &panel);
    leray_mem_free(block);
    return status;
}

/* ---- numbers ----------------------------------------------------------------------------- */

static leray_status fill(const void *work, leray_json *metrics)
{
    const refine_work *w = work;

    LERAY_TRY(leray_table_to_json(&w->rows, 1, metrics));
    LERAY_TRY(leray_table_to_json(&w->energy, 0, metrics));
    LERAY_TRY(leray_json_set_int(metrics, "trajectories", w->rows.rows));
    return leray_json_set_int(metrics, "trajectories_failed", w->failed);
}

static void line(leray_text *text, const char *name, double before, double after, double solver)
{
    char x[LERAY_DIGITS], y[LERAY_DIGITS];

    leray_text_add(text, "  %-22s %11s %11s", name, leray_digits(before, 4, x),
                   leray_digits(after, 4, y));
    if (isfinite(solver)) leray_text_add(text, " %11s", leray_digits(solver, 4, x));
    leray_text_add(text, "\n");
}

static double mean(const refine_work *w, int c) { return leray_table_mean(&w->rows, c); }

static void add_errors(const refine_work *w, leray_text *text)
{
    line(text, "relative L2", mean(w, REFINE_BEFORE_L2), mean(w, REFINE_AFTER_L2),
         mean(w, REFINE_SOLVER_L2));
    line(text, "relative H1", mean(w, REFINE_BEFORE_H1), mean(w, REFINE_AFTER_H1),
         mean(w, REFINE_SOLVER_H1));
    line(text, "relative H^-1", mean(w, REFINE_BEFORE_H_MINUS_1), mean(w, REFINE_AFTER_H_MINUS_1),
         mean(w, REFINE_SOLVER_H_MINUS_1));
    for (int b = 0; b < w->bands; b++) {
        char name[64];
        double value[REFINE_OF_BAND];

        snprintf(name, sizeof name, "energy, %d <= k < %d", leray_refine_band_begin(b),
                 leray_refine_band_begin(b + 1));
        for (int k = 0; k < REFINE_OF_BAND; k++)
            value[k] = leray_table_mean(&w->energy, b * REFINE_OF_BAND + k);
        line(text, name, value[0], value[1], value[2]);
    }
    line(text, "relative residual", mean(w, REFINE_BEFORE_RESIDUAL), mean(w, REFINE_AFTER_RESIDUAL),
         NAN);
    line(text, "estimated error", mean(w, REFINE_BEFORE_ESTIMATE), mean(w, REFINE_AFTER_ESTIMATE),
         NAN);
}

static leray_status print(const refine_work *w, char **out)
{
    const leray_reference *truth = &w->r.reference;
    char size[LERAY_EXTENTS_TEXT], x[LERAY_DIGITS], y[LERAY_DIGITS], z[LERAY_DIGITS];
    leray_text text = {0};

    leray_text_add(&text, "%s on %s: windows of %d frames on %s, %d trajector%s\n\n",
                   w->r.model_path, w->r.data_path, w->r.window,
                   leray_extents_text(&truth->grid, size), truth->n, truth->n == 1 ? "y" : "ies");
    leray_text_add(&text, "  %-22s %11s %11s %11s\n", "", "before", "after", "solver");
    add_errors(w, &text);
    leray_text_add(&text, "  %-22s %11s %11s %11s  (model; refining; solver)\n", "seconds",
                   leray_digits(mean(w, REFINE_MODEL_SECONDS), 4, x),
                   leray_digits(mean(w, REFINE_SECONDS), 4, y),
                   leray_digits(mean(w, REFINE_SOLVER_SECONDS), 4, z));
    leray_text_add(&text, "  %-22s %11s\n", "seconds of certificate",
                   leray_digits(mean(w, REFINE_CERTIFY_SECONDS), 4, x));
    if (w->grids.count)
        leray_text_add(&text,
                       "  solver on the cheapest grid that is as good: n = %.4g, %s s, relative "
                       "L2 %s\n",
                       mean(w, REFINE_COARSE_N), leray_digits(mean(w, REFINE_COARSE_SECONDS), 4, x),
                       leray_digits(mean(w, REFINE_COARSE_L2), 4, y));
    if (w->failed) leray_text_add(&text, "  %d left as predicted: see the warnings\n", w->failed);
    leray_text_add(&text,
                   "\nframes in %s/refined.h5, a line for each trajectory in %s/refine.csv\n",
                   w->r.folder.path, w->r.folder.path);
    return leray_text_finish(&text, out);
}

leray_status leray_refine_report_all(refine_work *w, leray_report *report)
{
    LERAY_TRY(leray_table_write(&w->rows, w->r.folder.path, "refine.csv"));
    LERAY_TRY(leray_refinement_result(&w->r, fill, w,
                                      "relative errors over the window per trajectory, then mean "
                                      "and median over trajectories",
                                      report));
    LERAY_TRY(print(w, &report->text));
    leray_picture_try(draw_spectra(w));
    leray_picture_try(draw_certificate(w));
    return LERAY_OK;
}
