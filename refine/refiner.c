/* refine/refiner.c - frames between the grid that they are given on and the bands that they are worked on
   in; the ladder of bands. See refine/refine.h. */
#include "refine/refiner_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "refine/frames.h"
#include "refine/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 4 /* wavenumber of the narrowest band, if there are as many */

static const char *const methods[] = {"gauss-newton", "optimizer", NULL};
static const char *const krylov[] = {"bicgstab", "lsqr", NULL};

#define S leray_refine_settings
static const leray_key refine_rows[] = {
    LERAY_KEY_INT(S, modes, "modes", "0", 0, 16384, "1",
                  "largest wavenumber that is refined; 0: all that the solver keeps after "
                  "dealiasing"),
    LERAY_KEY_INT(S, order, "order", "6", 4, 12, "1", "order of the time derivative across frames"),
    LERAY_KEY_REAL(S, alpha, "alpha", "1", 0, 1e30, "1/length^2",
                   "alpha of the norm H^-1, with weights (alpha + |2 pi k / L|^2)^-1"),
    LERAY_KEY_CHOICE(S, method, "method", "gauss-newton", methods,
                     "Gauss-Newton, or the optimizer of section optimizer"),
    LERAY_KEY_INT(S, levels, "levels", "3", 1, LERAY_REFINE_BANDS - 1, "1",
                  "bands of modes, one after the other, each twice as wide as the one before"),
    LERAY_KEY_INT(S, steps, "steps", "12", 1, 1e6, "1",
                  "largest number of steps of Gauss-Newton or the optimizer in each band"),
    LERAY_KEY_CHOICE(S, krylov, "krylov", "bicgstab", krylov,
                     "solver of the linear problem of a step; with share always lsqr"),
    LERAY_KEY_INT(S, iterations, "iterations", "100", 1, 1e6, "1",
                  "largest number of iterations of the linear solver in each step"),
    LERAY_KEY_REAL(S, tolerance, "tolerance", "0.03", 1e-14, 1, "1",
                   "a linear step is solved once its residual has fallen by this factor"),
    LERAY_KEY_REAL(S, residual, "residual", "1e-4", 0, 1, "1",
                   "a band is finished when the residual is this share of the time derivative"),
};
#undef S
const leray_keys leray_refine_keys = {refine_rows, sizeof refine_rows / sizeof refine_rows[0]};

/* ---- bands -------------------------------------------------------------------------------- */

/* Whole wavenumbers of the same length along both axes: `wavenumber` along the longer one. */
static void top_of(const leray_refiner *s, int wavenumber, int top[2])
{
    const double *length = s->equation.length, longer = fmax(length[0], length[1]);

    for (int a = 0; a < 2; a++) {
        top[a] = (int)lround(wavenumber * length[a] / longer);
        if (top[a] < 1) top[a] = 1;
        if (top[a] > s->equation.top[a]) top[a] = s->equation.top[a];
    }
}

int leray_refiner_level(const leray_refiner *s, int level)
{
    int bands = s->n_bands - 1 - ((int)s->settings.levels - 1 - level);

    return s->limit[bands < 0 ? 0 : bands];
}

/* LEAST, .., M/4, M/2, M. */
static void make_ladder(leray_refiner *s)
{
    int longer = s->equation.length[0] >= s->equation.length[1] ? 0 : 1;
    int most = s->equation.top[longer], m;

    if (s->settings.modes > 0 && s->settings.modes < most) most = (int)s->settings.modes;
    for (m = most, s->n_bands = 1; m / 2 >= LEAST && s->n_bands < LERAY_REFINE_BANDS; m /= 2)
        s->n_bands++;
    for (int i = s->n_bands - 1; i >= 0; i--, most = (most + 1) / 2) s->limit[i] = most;
    top_of(s, s->limit[s->n_bands - 1], s->widest);
    s->modes = leray_band_modes(s->widest);
}

/* Modes of one list that are in another too. */
static void copy_modes(const int from[2], const double complex *a, const int to[2],
                       double complex *b)
{
    int rows = from[0] < to[0] ? from[0] : to[0], columns = from[1] < to[1] ? from[1] : to[1];

    for (int i = 0; i <= columns; i++)
        for (int j = i == 0 ? 1 : -rows; j <= rows; j++)
            b[leray_band_index(to, j, i)] = a[leray_band_index(from, j, i)];
}

static leray_status make_band(leray_refiner *s, int index)
{
    int top[2];
    leray_status status;

    if (s->band[index]) return LERAY_OK;
    top_of(s, s->limit[index], top);
    LERAY_TRY(LERAY_ALLOC(&s->band[index], 1));
    status = leray_residual_init(s->band[index], &s->shape, top, &s->equation,
                                 (int)s->settings.order, s->settings.alpha);
    if (!status) return LERAY_OK;
    leray_residual_fini(s->band[index]);
    leray_mem_free(s->band[index]);
    s->band[index] = NULL;
    return status;
}

leray_status leray_refiner_band(leray_refiner *s, int wavenumber, leray_residual **out)
{
    int index = 0;
    leray_residual *r;

    while (index + 1 < s->n_bands && s->limit[index] < wavenumber) index++;
    LERAY_TRY(make_band(s, index));
    r = s->band[index];
    for (int m = 0; m < s->shape.history + s->shape.frames; m++)
        copy_modes(s->widest, s->now + (size_t)m * s->modes, r->band.top,
                   r->w + (size_t)m * r->band.modes);
    *out = r;
    return LERAY_OK;
}

leray_status leray_refiner_prepare(leray_refiner *s)
{
    for (int i = 0; i < s->n_bands; i++) LERAY_TRY(make_band(s, i));
    return LERAY_OK;
}

void leray_refiner_take(leray_refiner *s, const leray_residual *r)
{
    for (int m = s->shape.history; m < s->shape.history + s->shape.frames; m++)
        copy_modes(r->band.top, r->w + (size_t)m * r->band.modes, s->widest,
                   s->now + (size_t)m * s->modes);
}

/* ---- life --------------------------------------------------------------------------------- */

static leray_status make(leray_refiner *s)
{
    size_t all = (size_t)(s->shape.history + s->shape.frames);
    const int *n = s->shape.n;

    make_ladder(s);
    for (int a = 0; a < 2; a++)
        LERAY_CHECK(
            n[a] > 2 * s->widest[a], LERAY_ERR_CONFIG,
            "refine.modes: wavenumbers up to %d along axis %d need more than %d points, the "
            "frames have %d",
            s->widest[a], a, 2 * s->widest[a], n[a]);
    LERAY_TRY(leray_fft_create(2, n, 1, &s->fft));
    LERAY_TRY(LERAY_ALLOC(&s->field, leray_fft_points(s->fft)));
    LERAY_TRY(LERAY_ALLOC(&s->spectrum, leray_fft_coefficients(s->fft)));
    LERAY_TRY(LERAY_ALLOC(&s->loaded, all * s->modes));
    LERAY_TRY(LERAY_ALLOC(&s->now, all * s->modes));
    LERAY_TRY(LERAY_ALLOC(&s->values, (size_t)s->shape.frames * leray_fft_points(s->fft)));
    return make_band(s, 0); /* so that what is wrong with the frames is said at once */
}

leray_status leray_refiner_create(const leray_vorticity_equation *equation,
                                  const leray_refine_settings *settings,
                                  const leray_refine_shape *shape, leray_refiner **out)
{
    leray_refiner *s;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&s, 1));
    s->equation = *equation;
    s->settings = *settings;
    s->shape = *shape;
    status = make(s);
    if (status) {
        leray_refiner_destroy(&s);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = s;
    return LERAY_OK;
}

void leray_refiner_destroy(leray_refiner **refiner)
{
    leray_refiner *s = *refiner;

    if (!s) return;
    for (int i = 0; i < LERAY_REFINE_BANDS; i++)
        if (s->band[i]) {
            leray_residual_fini(s->band[i]);
            leray_mem_free(s->band[i]);
        }
    leray_mem_free(s->values);
    leray_mem_free(s->now);
    leray_mem_free(s->loaded);
    leray_mem_free(s->spectrum);
    leray_mem_free(s->field);
    leray_fft_destroy(&s->fft);
    leray_mem_free(s);
    *refiner = NULL;
}

leray_status leray_refiner_set_equation(leray_refiner *s, const leray_vorticity_equation *equation)
{
    for (int a = 0; a < 2; a++)
        LERAY_CHECK(equation->top[a] == s->equation.top[a] &&
                        equation->length[a] == s->equation.length[a],
                    LERAY_ERR_ARG, "the equation is not on the box and modes of the refiner's");
    s->equation = *equation;
    for (int i = 0; i < s->n_bands; i++)
        if (s->band[i]) LERAY_TRY(leray_residual_set_equation(s->band[i], equation));
    return LERAY_OK;
}

/* ---- frames ------------------------------------------------------------------------------- */

/* Of the half spectrum [ny, nx / 2 + 1]. */
static size_t spectrum_at(const leray_refiner *s, int j, int i)
{
    return (size_t)(j < 0 ? j + s->shape.n[0] : j) * ((size_t)s->shape.n[1] / 2 + 1) + (size_t)i;
}

static void transform(leray_refiner *s, const float *values)
{
    size_t points = leray_fft_points(s->fft);

    for (size_t i = 0; i < points; i++) s->field[i] = values[i];
    leray_fft_forward(s->fft, s->field, s->spectrum);
}

static void gather(const leray_refiner *s, const int top[2], double complex *modes)
{
    for (int i = 0; i <= top[1]; i++)
        for (int j = i == 0 ? 1 : -top[0]; j <= top[0]; j++)
            modes[leray_band_index(top, j, i)] = s->spectrum[spectrum_at(s, j, i)];
}

static void scatter(leray_refiner *s, const int top[2], const double complex *modes)
{
    for (int i = 0; i <= top[1]; i++)
        for (int j = i == 0 ? 1 : -top[0]; j <= top[0]; j++) {
            double complex z = modes[leray_band_index(top, j, i)];

            s->spectrum[spectrum_at(s, j, i)] = z;
            if (i == 0) s->spectrum[spectrum_at(s, -j, i)] = conj(z);
        }
}

/* Sum of the squares of the modes up to `top` but for the mean, mirror images included; the rest is
   cleared where `clear`. Wavenumbers of the given grid's own limit have no sign and count as beyond. */
static double kept_square(leray_refiner *s, const int top[2], bool clear)
{
    const int *n = s->shape.n;
    double sum = 0;

    for (int row = 0; row < n[0]; row++)
        for (int i = 0; i <= n[1] / 2; i++) {
            int j = row <= n[0] / 2 ? row : row - n[0];
            double complex *z = &s->spectrum[spectrum_at(s, j, i)];
            bool inside =
                abs(j) <= top[0] && i <= top[1] && (i > 0 || j != 0) && 2 * abs(j) != n[0];

            if (inside) sum += (i > 0 ? 2 : 1) * (creal(*z) * creal(*z) + cimag(*z) * cimag(*z));
            else if (clear) *z = 0;
        }
    return sum;
}

void leray_refiner_modes(leray_refiner *s, const float *values, const leray_band *band,
                         double complex *modes)
{
    transform(s, values);
    gather(s, band->top, modes);
}

void leray_refiner_field(leray_refiner *s, const leray_band *band, const double complex *modes)
{
    memset(s->spectrum, 0, leray_fft_coefficients(s->fft) * sizeof *s->spectrum);
    scatter(s, band->top, modes);
    leray_fft_inverse(s->fft, s->spectrum, s->field);
}

/* What of a predicted frame, which has just been transformed, `now` does not hold. */
static void count_outside(leray_refiner *s, const float *values)
{
    size_t points = leray_fft_points(s->fft);
    double total = 0, kept = kept_square(s, s->widest, false);

    for (size_t i = 0; i < points; i++) total += (double)values[i] * values[i];
    s->outside += fmax(0, total / (double)points - kept);
    s->between += fmax(0, kept_square(s, s->equation.top, false) - kept);
}

leray_status leray_refiner_load(leray_refiner *s, const float *values)
{
    size_t points = leray_fft_points(s->fft), given = (size_t)s->shape.history;
    size_t all = given + (size_t)s->shape.frames;

    for (size_t i = 0; i < all * points; i++)
        LERAY_CHECK(isfinite(values[i]), LERAY_ERR_DATA, "frame %zu of the window is not finite",
                    i / points);
    s->outside = s->between = 0;
    for (size_t m = 0; m < all; m++) {
        transform(s, values + m * points);
        gather(s, s->widest, s->loaded + m * s->modes);
        if (m >= given) count_outside(s, values + m * points);
    }
    memcpy(s->now, s->loaded, all * s->modes * sizeof *s->now);
    memcpy(s->values, values + given * points, (all - given) * points * sizeof *s->values);
    return LERAY_OK;
}

/* What was loaded with the modes that were refined in place of its own, and without those that the solver
   does not keep. */
void leray_refiner_store(leray_refiner *s, float *values)
{
    size_t points = leray_fft_points(s->fft), given = (size_t)s->shape.history;

    for (size_t m = 0; m < (size_t)s->shape.frames; m++) {
        transform(s, s->values + m * points);
        (void)kept_square(s, s->equation.top, true);
        scatter(s, s->widest, s->now + (given + m) * s->modes);
        leray_fft_inverse(s->fft, s->spectrum, s->field);
        for (size_t i = 0; i < points; i++) values[m * points + i] = (float)s->field[i];
    }
}

/* ---- work --------------------------------------------------------------------------------- */

leray_status leray_refiner_residual(leray_refiner *s, leray_residual_norms *out)
{
    leray_residual *r;

    LERAY_TRY(leray_refiner_band(s, s->limit[s->n_bands - 1], &r));
    leray_residual_evaluate(r);
    leray_residual_measure(r, out);
    return LERAY_OK;
}

static leray_status run_level(leray_refiner *s, int level, const leray_optimizer_type *optimizer,
                              const leray_config *cfg, leray_refine_report *out)
{
    leray_refine_frames frames;
    leray_residual *r;
    leray_status status;

    LERAY_TRY(leray_refiner_band(s, leray_refiner_level(s, level), &r));
    status = leray_refine_frames_init(&frames, r);
    if (!status) status = leray_refine_reduce(&frames.problem, &s->settings, optimizer, cfg, out);
    leray_refine_frames_fini(&frames);
    if (!status) leray_refiner_take(s, r);
    return status;
}

/* |now - loaded| / |now| of the predicted frames. */
static double correction(const leray_refiner *s)
{
    size_t first = (size_t)s->shape.history * s->modes, n = (size_t)s->shape.frames * s->modes;
    double change = 0, size = 0;

    for (size_t i = first; i < first + n; i++) {
        double complex d = s->now[i] - s->loaded[i];

        change += creal(d) * creal(d) + cimag(d) * cimag(d);
        size += creal(s->now[i]) * creal(s->now[i]) + cimag(s->now[i]) * cimag(s->now[i]);
    }
    return sqrt(change / size);
}

leray_status leray_refiner_begin(leray_refiner *s, leray_refine_report *report)
{
    *report = (leray_refine_report){0};
    return leray_refiner_residual(s, &report->before);
}

leray_status leray_refiner_finish(leray_refiner *s, leray_refine_report *report)
{
    LERAY_TRY(leray_refiner_residual(s, &report->after));
    report->correction = correction(s);
    s->outside = s->between;
    return LERAY_OK;
}

void leray_refiner_undo(leray_refiner *s)
{
    size_t all = (size_t)(s->shape.history + s->shape.frames) * s->modes;

    memcpy(s->now, s->loaded, all * sizeof *s->now);
}

leray_status leray_refiner_run(leray_refiner *s, const leray_optimizer_type *optimizer,
                               const leray_config *cfg, leray_refine_report *out)
{
    double began = leray_clock();
    leray_status status = LERAY_OK;

    LERAY_CHECK(s->settings.method == LERAY_REFINE_GAUSS_NEWTON || optimizer, LERAY_ERR_ARG,
                "refine.method = optimizer needs an optimizer");
    LERAY_TRY(leray_refiner_begin(s, out));
    for (int level = 0; level < s->settings.levels && !status; level++)
        if (level == 0 || leray_refiner_level(s, level) != leray_refiner_level(s, level - 1))
            status = run_level(s, level, optimizer, cfg, out);
    if (!status) status = leray_refiner_finish(s, out);
    if (status) {
        leray_refiner_undo(s);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    out->seconds = leray_clock() - began;
    return LERAY_OK;
}
