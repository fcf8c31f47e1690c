/* core/fft.c - plans, and the transforms by them.

   M. Frigo and S. G. Johnson, The design and implementation of FFTW3, Proc. IEEE 93 (2005).
   MEASURE times several algorithms and keeps the fastest, so two plannings may differ in the
   last bits of what they compute. The wisdom file (core/wisdom.c) makes them agree: a plan that it
   knows is taken from there, and only a new one is measured, with the file locked. */
#include "core/fft.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/wisdom.h"

#include <fftw3.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

struct leray_fft {
    fftw_plan forward, inverse;
    size_t points, coefficients; /* of one array */
    int howmany;
};

struct leray_fft_lines {
    fftw_plan forward, inverse;
};

struct leray_fft_lines_f32 {
    fftwf_plan forward, inverse;
};

/* What is to be planned: exactly one of the two kinds. */
typedef struct problem {
    int ndim, howmany;
    const int *n;
    size_t points, coefficients;
    bool real, inverse;
} problem;

/* The planner's lock, and below it the wisdom file in use. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;
static char wisdom_path[LERAY_PATH_MAX]; /* "": not chosen yet, or there is none */

/* Atomically, so that a reader without the lock sees all or nothing. */
static leray_status write_wisdom(const char *path)
{
    leray_output file;
    leray_status status;

    LERAY_TRY(leray_output_begin(path, &file));
    if (!fftw_export_wisdom_to_filename(file.temp_path)) {
        leray_output_abandon(&file);
        LERAY_FAIL(LERAY_ERR_IO, "cannot write FFT plans to %s", file.temp_path);
    }
    status = leray_output_commit(&file);
    if (status) leray_output_abandon(&file);
    return status;
}

static void choose_wisdom(void)
{
    if (!wisdom_path[0] && !leray_wisdom_path(fftw_version, wisdom_path)) wisdom_path[0] = '\0';
}

static fftw_plan plan_with(const problem *p, fftw_complex *from, fftw_complex *to, unsigned flags)
{
    int points = (int)p->points, coefficients = (int)p->coefficients;

    if (!p->real)
        return fftw_plan_many_dft(p->ndim, p->n, p->howmany, from, NULL, 1, points, to, NULL, 1,
                                  points, p->inverse ? FFTW_BACKWARD : FFTW_FORWARD,
                                  flags | FFTW_PRESERVE_INPUT);
    if (p->inverse)
        return fftw_plan_many_dft_c2r(p->ndim, p->n, p->howmany, from, NULL, 1, coefficients,
                                      (double *)to, NULL, 1, points, flags | FFTW_DESTROY_INPUT);
    return fftw_plan_many_dft_r2c(p->ndim, p->n, p->howmany, (double *)from, NULL, 1, points, to,
                                  NULL, 1, coefficients, flags | FFTW_PRESERVE_INPUT);
}

/* The planner is held. What this process knows already agrees with the file. Not being able to
   read or write the file costs time and nothing else, so it is no error. */
static fftw_plan plan_held(const problem *p, fftw_complex *from, fftw_complex *to)
{
    fftw_plan plan = plan_with(p, from, to, FFTW_MEASURE | FFTW_WISDOM_ONLY);
    int lock;

    if (plan) return plan;
    choose_wisdom();
    lock = wisdom_path[0] ? leray_wisdom_lock(wisdom_path) : -1;
    if (wisdom_path[0] && fftw_import_wisdom_from_filename(wisdom_path))
        plan = plan_with(p, from, to, FFTW_MEASURE | FFTW_WISDOM_ONLY);
    if (!plan) {
        plan = plan_with(p, from, to, FFTW_MEASURE);
        if (plan && lock >= 0 && write_wisdom(wisdom_path) != LERAY_OK)
            leray_debug("FFT plans are not kept: %s", leray_error_message());
    }
    leray_wisdom_unlock(lock);
    return plan;
}

static leray_status make_plan(const problem *p, double complex *from, double complex *to,
                              fftw_plan *out)
{
    pthread_mutex_lock(&planner);
    *out = plan_held(p, (fftw_complex *)from, (fftw_complex *)to);
    pthread_mutex_unlock(&planner);
    LERAY_CHECK(*out, LERAY_ERR_EXTERNAL, "FFTW has no plan for %d transforms of %zu points",
                p->howmany, p->points);
    return LERAY_OK;
}

/* Measuring overwrites the arrays, so it gets its own. */
static leray_status make_plans(problem p, fftw_plan *forward, fftw_plan *inverse)
{
    size_t n = (p.points > p.coefficients ? p.points : p.coefficients) * (size_t)p.howmany;
    double complex *from = NULL, *to = NULL;
    leray_status status = LERAY_ALLOC(&from, n);

    if (!status) status = LERAY_ALLOC(&to, n);
    if (!status) status = make_plan(&p, from, to, forward);
    p.inverse = true;
    if (!status) status = make_plan(&p, from, to, inverse);
    leray_mem_free(from);
    leray_mem_free(to);
    return status;
}

static void destroy_plans(fftw_plan forward, fftw_plan inverse)
{
    pthread_mutex_lock(&planner);
    if (forward) fftw_destroy_plan(forward);
    if (inverse) fftw_destroy_plan(inverse);
    pthread_mutex_unlock(&planner);
}

/* FFTW's distances are int, and so must the sizes of all arrays together be here. */
static leray_status count(int ndim, const int *n, int howmany, size_t *points, size_t *coefficients)
{
    LERAY_CHECK(ndim >= 1 && ndim <= 3, LERAY_ERR_ARG, "%d dimensions are not in [1, 3]", ndim);
    LERAY_CHECK(howmany >= 1, LERAY_ERR_ARG, "%d transforms are not at least 1", howmany);
    *points = *coefficients = 1;
    for (int i = 0; i < ndim; i++) {
        LERAY_CHECK(n[i] >= 1, LERAY_ERR_ARG, "extent %d of axis %d is not at least 1", n[i], i);
        *points *= (size_t)n[i];
        *coefficients *= (size_t)(i == ndim - 1 ? n[i] / 2 + 1 : n[i]);
        LERAY_CHECK(*coefficients < (size_t)1 << 30 && *points < (size_t)1 << 30, LERAY_ERR_ARG,
                    "a transform of more than 2^30 points");
    }
    return LERAY_OK;
}

leray_status leray_fft_create(int ndim, const int *n, int howmany, leray_fft **out)
{
    problem p = {.ndim = ndim, .n = n, .howmany = howmany, .real = true};
    leray_status status;

    *out = NULL;
    LERAY_TRY(count(ndim, n, howmany, &p.points, &p.coefficients));
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->points = p.points;
    (*out)->coefficients = p.coefficients;
    (*out)->howmany = howmany;
    status = make_plans(p, &(*out)->forward, &(*out)->inverse);
    if (!status) return LERAY_OK;
    leray_fft_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_fft_destroy(leray_fft **fft)
{
    if (!*fft) return;
    destroy_plans((*fft)->forward, (*fft)->inverse);
    leray_mem_free(*fft);
    *fft = NULL;
}

/* FFTW takes the input as not const, though PRESERVE_INPUT keeps it. */
void leray_fft_forward_raw(const leray_fft *fft, const double *x, double complex *x_hat)
{
    fftw_execute_dft_r2c(fft->forward, (double *)x, (fftw_complex *)x_hat);
}

void leray_fft_forward(const leray_fft *fft, const double *x, double complex *x_hat)
{
    size_t n = 2 * fft->coefficients * (size_t)fft->howmany;
    double scale = 1 / (double)fft->points, *part = (double *)x_hat;

    leray_fft_forward_raw(fft, x, x_hat);
    for (size_t i = 0; i < n; i++) part[i] *= scale;
}

void leray_fft_inverse(const leray_fft *fft, double complex *x_hat, double *x)
{
    fftw_execute_dft_c2r(fft->inverse, (fftw_complex *)x_hat, x);
}

size_t leray_fft_points(const leray_fft *fft) { return fft->points; }
size_t leray_fft_coefficients(const leray_fft *fft) { return fft->coefficients; }

static leray_status create_complex(int ndim, const int *n, int howmany, leray_fft_lines **out)
{
    problem p = {.ndim = ndim, .n = n, .howmany = howmany};
    leray_status status;

    *out = NULL;
    LERAY_TRY(count(ndim, n, howmany, &p.points, &p.coefficients));
    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = make_plans(p, &(*out)->forward, &(*out)->inverse);
    if (!status) return LERAY_OK;
    leray_fft_lines_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

leray_status leray_fft_lines_create(int n, int howmany, leray_fft_lines **out)
{
    return create_complex(1, &n, howmany, out);
}

leray_status leray_fft_plane_create(const int n[2], leray_fft_lines **out)
{
    return create_complex(2, n, 1, out);
}

void leray_fft_lines_destroy(leray_fft_lines **lines)
{
    if (!*lines) return;
    destroy_plans((*lines)->forward, (*lines)->inverse);
    leray_mem_free(*lines);
    *lines = NULL;
}

void leray_fft_lines_forward_raw(const leray_fft_lines *lines, const double complex *x,
                                 double complex *x_hat)
{
    fftw_execute_dft(lines->forward, (fftw_complex *)x, (fftw_complex *)x_hat);
}

void leray_fft_lines_inverse(const leray_fft_lines *lines, const double complex *x_hat,
                             double complex *x)
{
    fftw_execute_dft(lines->inverse, (fftw_complex *)x_hat, (fftw_complex *)x);
}

static fftwf_plan plan_f32(int n, int howmany, float complex *from, float complex *to, int sign)
{
    return fftwf_plan_many_dft(1, &n, howmany, (fftwf_complex *)from, NULL, 1, n,
                               (fftwf_complex *)to, NULL, 1, n, sign,
                               FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
}

/* The arrays tell the planner how those of the transforms are aligned. */
static leray_status make_plans_f32(int n, int howmany, leray_fft_lines_f32 *lines)
{
    float complex *from = NULL, *to = NULL;
    leray_status status = LERAY_ALLOC(&from, (size_t)n * (size_t)howmany);

    if (!status) status = LERAY_ALLOC(&to, (size_t)n * (size_t)howmany);
    if (!status) {
        pthread_mutex_lock(&planner);
        lines->forward = plan_f32(n, howmany, from, to, FFTW_FORWARD);
        lines->inverse = plan_f32(n, howmany, from, to, FFTW_BACKWARD);
        pthread_mutex_unlock(&planner);
    }
    leray_mem_free(from);
    leray_mem_free(to);
    if (status) return status;
    LERAY_CHECK(lines->forward && lines->inverse, LERAY_ERR_EXTERNAL,
                "FFTW has no plan for %d transforms of %d points", howmany, n);
    return LERAY_OK;
}

leray_status leray_fft_lines_f32_create(int n, int howmany, leray_fft_lines_f32 **out)
{
    size_t points, coefficients;
    leray_status status;

    *out = NULL;
    LERAY_TRY(count(1, &n, howmany, &points, &coefficients));
    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = make_plans_f32(n, howmany, *out);
    if (!status) return LERAY_OK;
    leray_fft_lines_f32_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_fft_lines_f32_destroy(leray_fft_lines_f32 **lines)
{
    if (!*lines) return;
    pthread_mutex_lock(&planner);
    if ((*lines)->forward) fftwf_destroy_plan((*lines)->forward);
    if ((*lines)->inverse) fftwf_destroy_plan((*lines)->inverse);
    pthread_mutex_unlock(&planner);
    leray_mem_free(*lines);
    *lines = NULL;
}

void leray_fft_lines_f32_forward_raw(const leray_fft_lines_f32 *lines, const float complex *x,
                                     float complex *x_hat)
{
    fftwf_execute_dft(lines->forward, (fftwf_complex *)x, (fftwf_complex *)x_hat);
}

void leray_fft_lines_f32_inverse(const leray_fft_lines_f32 *lines, const float complex *x_hat,
                                 float complex *x)
{
    fftwf_execute_dft(lines->inverse, (fftwf_complex *)x_hat, (fftwf_complex *)x);
}

/* A new file begins with the plans of the machine, so that the run need not measure them again. */
static leray_status use_wisdom(const char *path)
{
    LERAY_CHECK(*path && strlen(path) < LERAY_PATH_MAX - 64, LERAY_ERR_ARG,
                "'%.80s' cannot be a wisdom file", path);
    if (leray_file_exists(path)) {
        fftw_forget_wisdom();
        LERAY_CHECK(fftw_import_wisdom_from_filename(path), LERAY_ERR_DATA,
                    "%s does not hold plans of %s; remove it to plan afresh", path, fftw_version);
    } else {
        choose_wisdom();
        if (wisdom_path[0]) (void)fftw_import_wisdom_from_filename(wisdom_path);
        LERAY_TRY(write_wisdom(path));
    }
    strcpy(wisdom_path, path);
    return LERAY_OK;
}

leray_status leray_fft_use_wisdom(const char *path)
{
    leray_status status;

    pthread_mutex_lock(&planner);
    status = use_wisdom(path);
    pthread_mutex_unlock(&planner);
    return status;
}

leray_status leray_fft_keep_wisdom(const char *path)
{
    leray_status status;

    pthread_mutex_lock(&planner);
    status = write_wisdom(path);
    pthread_mutex_unlock(&planner);
    return status;
}
