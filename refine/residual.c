/* refine/residual.c - see refine/residual.h. Frames are worked on side by side, and what is a sum over
   frames or modes is one of fixed pieces, so that the number of threads changes no bit. */
#include "refine/residual.h"

#include "core/mem.h"
#include "core/threads.h"
#include "refine/stencil.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#define PIECE 256 /* modes at a time in recurrences */

/* ---- memory ------------------------------------------------------------------------------- */

static size_t bytes(size_t n) { return (n * sizeof(double complex) + 63) / 64 * 64; }

static leray_status allocate(leray_residual *s)
{
    size_t n = (size_t)s->frames, all = n + (size_t)s->given, modes = s->band.modes;

    s->work_size = 3 * bytes(s->band.points) + 2 * bytes(modes);
    LERAY_TRY(LERAY_ALLOC(&s->first, 2 * n));
    LERAY_TRY(LERAY_ALLOC(&s->stencil, 2 * n * (size_t)(s->order + 1)));
    LERAY_TRY(LERAY_ALLOC(&s->w, all * modes));
    LERAY_TRY(LERAY_ALLOC(&s->r, n * modes));
    LERAY_TRY(LERAY_ALLOC(&s->derivative, n * modes));
    LERAY_TRY(LERAY_ALLOC(&s->velocity, n * s->band.points));
    LERAY_TRY(LERAY_ALLOC(&s->pivot, modes));
    return LERAY_ALLOC(&s->work, (size_t)leray_threads() * s->work_size);
}

static void set_pivots(leray_residual *s)
{
    for (size_t k = 0; k < s->band.modes; k++)
        s->pivot[k] = 1 / (1.5 / s->interval - s->band.linear[k]);
}

leray_status leray_residual_init(leray_residual *s, const leray_refine_shape *shape,
                                 const int top[2], const leray_vorticity_equation *equation,
                                 int order, double alpha)
{
    int all = shape->history + shape->frames;

    *s = (leray_residual){.given = shape->history,
                          .frames = shape->frames,
                          .order = order,
                          .interval = shape->interval};
    LERAY_CHECK(shape->history >= 1 && shape->frames >= 1 && shape->interval > 0, LERAY_ERR_ARG,
                "%d frames after %d given ones, %g apart: all must be positive", shape->frames,
                shape->history, shape->interval);
    LERAY_CHECK(all > order, LERAY_ERR_CONFIG,
                "a time derivative of order %d needs %d frames, there are %d: take more, or a "
                "smaller refine.order",
                order, order + 1, all);
    LERAY_TRY(leray_band_init(&s->band, top, equation, alpha));
    LERAY_TRY(allocate(s));
    for (int m = 0; m < s->frames; m++) {
        int lower = s->frames + m;

        leray_stencil(all, s->given + m, order, s->interval, &s->first[m],
                      s->stencil + (size_t)m * (size_t)(order + 1));
        leray_stencil(all, s->given + m, order - 2, s->interval, &s->first[lower],
                      s->stencil + (size_t)lower * (size_t)(order + 1));
    }
    set_pivots(s);
    return LERAY_OK;
}

leray_status leray_residual_set_equation(leray_residual *s,
                                         const leray_vorticity_equation *equation)
{
    LERAY_TRY(leray_band_set_equation(&s->band, equation));
    set_pivots(s);
    return LERAY_OK;
}

void leray_residual_fini(leray_residual *s)
{
    leray_mem_free(s->work);
    leray_mem_free(s->pivot);
    leray_mem_free(s->velocity);
    leray_mem_free(s->derivative);
    leray_mem_free(s->r);
    leray_mem_free(s->w);
    leray_mem_free(s->stencil);
    leray_mem_free(s->first);
    leray_band_fini(&s->band);
}

size_t leray_residual_size(const leray_residual *s) { return (size_t)s->frames * s->band.modes; }

double complex *leray_residual_frames(leray_residual *s)
{
    return s->w + (size_t)s->given * s->band.modes;
}

/* Work space of the running thread. */
typedef struct space {
    leray_planes planes;
    double complex *values, *a, *b;
} space;

static space space_of(const leray_residual *s)
{
    char *p = s->work + (size_t)omp_get_thread_num() * s->work_size;
    size_t plane = bytes(s->band.points), line = bytes(s->band.modes);
    space x = {
        .planes = {.spectrum = (void *)p, .values = (void *)(p + plane)}
    };

    x.values = (void *)(p + 2 * plane);
    x.a = (void *)(p + 3 * plane);
    x.b = (void *)(p + 3 * plane + line);
    return x;
}

/* ---- one frame ---------------------------------------------------------------------------- */

static void to_velocity(const leray_band *b, const double complex *w, double complex *u,
                        double complex *v)
{
    for (size_t m = 0; m < b->modes; m++) {
        double re = b->inverse_k2[m] * creal(w[m]), im = b->inverse_k2[m] * cimag(w[m]);

        u[m] = b->ky[m] * -im + I * (b->ky[m] * re);
        v[m] = b->kx[m] * im - I * (b->kx[m] * re);
    }
}

/* uv + i (v^2 - u^2) of u + i v. */
static void square(size_t n, const double *restrict z, double *restrict out)
{
    for (size_t i = 0; i < 2 * n; i += 2) {
        out[i] = z[i] * z[i + 1];
        out[i + 1] = (z[i + 1] - z[i]) * (z[i + 1] + z[i]);
    }
}

/* The derivative of that: u dv + v du + 2 i (v dv - u du). */
static void square_tangent(size_t n, const double *restrict z, const double *restrict d,
                           double *restrict out)
{
    for (size_t i = 0; i < 2 * n; i += 2) {
        out[i] = z[i] * d[i + 1] + z[i + 1] * d[i];
        out[i + 1] = 2 * (z[i + 1] * d[i + 1] - z[i] * d[i]);
    }
}

/* Its transpose, by q + i p: v q - 2 u p + i (u q + 2 v p). */
static void square_adjoint(size_t n, const double *restrict z, const double *restrict l,
                           double *restrict out)
{
    for (size_t i = 0; i < 2 * n; i += 2) {
        out[i] = z[i + 1] * l[i] - 2 * z[i] * l[i + 1];
        out[i + 1] = z[i] * l[i] + 2 * z[i + 1] * l[i + 1];
    }
}

/* sum_c stencil[c] x[first + c], of frames 1 .. frames; given ones count as 0 where !all. */
static void differentiate(const leray_residual *s, int row, int order, const double complex *x,
                          bool all, double complex *out)
{
    const double *c = s->stencil + (size_t)row * (size_t)(s->order + 1);
    size_t n = 2 * s->band.modes;
    double *restrict to = (double *)out;

    memset(out, 0, s->band.modes * sizeof *out);
    for (int i = 0; i <= order; i++) {
        int frame = s->first[row] + i - (all ? 0 : s->given);
        const double *restrict from =
            (const double *)(x + (ptrdiff_t)frame * (ptrdiff_t)s->band.modes);

        if (frame >= 0)
            for (size_t k = 0; k < n; k++) to[k] += c[i] * from[k];
    }
}

/* out -= shear a + normal b + L x (+ f) */
static void subtract(const leray_band *b, const double complex *uv, const double complex *normal,
                     const double complex *x, bool force, double complex *out)
{
    for (size_t m = 0; m < b->modes; m++) {
        double lr = creal(b->linear[m]), li = cimag(b->linear[m]), xr = creal(x[m]),
               xi = cimag(x[m]);

        out[m] -=
            (b->shear[m] * creal(uv[m]) + b->normal[m] * creal(normal[m]) + lr * xr - li * xi) +
            I * (b->shear[m] * cimag(uv[m]) + b->normal[m] * cimag(normal[m]) + lr * xi + li * xr);
        if (force) out[m] -= b->force[m];
    }
}

static void evaluate_frame(leray_residual *s, int m)
{
    const leray_band *b = &s->band;
    const double complex *w = s->w + (size_t)(s->given + m) * b->modes;
    double complex *r = s->r + (size_t)m * b->modes,
                   *velocity = s->velocity + (size_t)m * b->points;
    space x = space_of(s);

    differentiate(s, m, s->order, s->w, true, r);
    memcpy(s->derivative + (size_t)m * b->modes, r, b->modes * sizeof *r);
    to_velocity(b, w, x.a, x.b);
    leray_band_to_values(b, x.a, x.b, &x.planes, velocity);
    square(b->points, (const double *)velocity, (double *)x.values);
    leray_band_to_modes(b, x.values, &x.planes, x.a, x.b);
    subtract(b, x.a, x.b, w, true, r);
}

static void tangent_frame(const leray_residual *s, int m, const double complex *d,
                          double complex *out)
{
    const leray_band *b = &s->band;
    const double complex *own = d + (size_t)m * b->modes;
    const double complex *velocity = s->velocity + (size_t)m * b->points;
    space x = space_of(s);

    differentiate(s, m, s->order, d, false, out);
    to_velocity(b, own, x.a, x.b);
    leray_band_to_values(b, x.a, x.b, &x.planes, x.planes.values);
    square_tangent(b->points, (const double *)velocity, (const double *)x.planes.values,
                   (double *)x.values);
    leray_band_to_modes(b, x.values, &x.planes, x.a, x.b);
    subtract(b, x.a, x.b, own, false, out);
}

/* Column m of D against l. */
static void differentiate_adjoint(const leray_residual *s, int m, const double complex *l,
                                  double complex *out)
{
    size_t n = 2 * s->band.modes;
    double *restrict to = (double *)out;

    memset(out, 0, s->band.modes * sizeof *out);
    for (int row = 0; row < s->frames; row++) {
        int i = s->given + m - s->first[row];
        const double *restrict from = (const double *)(l + (size_t)row * s->band.modes);

        if (i < 0 || i > s->order) continue;
        double c = s->stencil[(size_t)row * (size_t)(s->order + 1) + (size_t)i];

        for (size_t k = 0; k < n; k++) to[k] += c * from[k];
    }
}

/* out -= u*(a) + v*(b) + conj L l, where u* and v* are the transposes of to_velocity. */
static void subtract_adjoint(const leray_band *b, const double complex *du,
                             const double complex *dv, const double complex *l, double complex *out)
{
    for (size_t m = 0; m < b->modes; m++) {
        double y = b->ky[m] * b->inverse_k2[m], x = b->kx[m] * b->inverse_k2[m];
        double lr = creal(b->linear[m]), li = -cimag(b->linear[m]), re = creal(l[m]),
               im = cimag(l[m]);

        out[m] -= (y * cimag(du[m]) - x * cimag(dv[m]) + lr * re - li * im) +
                  I * (x * creal(dv[m]) - y * creal(du[m]) + lr * im + li * re);
    }
}

static void adjoint_frame(const leray_residual *s, int m, const double complex *l,
                          double complex *out)
{
    const leray_band *b = &s->band;
    const double complex *own = l + (size_t)m * b->modes;
    const double complex *velocity = s->velocity + (size_t)m * b->points;
    space x = space_of(s);

    differentiate_adjoint(s, m, l, out);
    for (size_t k = 0; k < b->modes; k++) {
        x.a[k] = b->shear[k] * creal(own[k]) + I * (b->shear[k] * cimag(own[k]));
        x.b[k] = b->normal[k] * creal(own[k]) + I * (b->normal[k] * cimag(own[k]));
    }
    leray_band_to_values(b, x.a, x.b, &x.planes, x.planes.values);
    square_adjoint(b->points, (const double *)velocity, (const double *)x.planes.values,
                   (double *)x.values);
    leray_band_to_modes(b, x.values, &x.planes, x.a, x.b);
    subtract_adjoint(b, x.a, x.b, own, out);
}

/* ---- all frames --------------------------------------------------------------------------- */

void leray_residual_evaluate(leray_residual *s)
{
#pragma omp parallel for schedule(static)
    for (int m = 0; m < s->frames; m++) evaluate_frame(s, m);
}

void leray_residual_tangent(const leray_residual *s, const double complex *d, double complex *out)
{
#pragma omp parallel for schedule(static)
    for (int m = 0; m < s->frames; m++) tangent_frame(s, m, d, out + (size_t)m * s->band.modes);
}

void leray_residual_adjoint(const leray_residual *s, const double complex *l, double complex *out)
{
#pragma omp parallel for schedule(static)
    for (int m = 0; m < s->frames; m++) adjoint_frame(s, m, l, out + (size_t)m * s->band.modes);
}

void leray_residual_inherit(const leray_residual *s, const double complex *e, double complex *out)
{
    size_t modes = s->band.modes;

    for (int m = 0; m < s->frames; m++) {
        int i = s->given - 1 - s->first[m];
        double c =
            i < 0 || i > s->order ? 0 : s->stencil[(size_t)m * (size_t)(s->order + 1) + (size_t)i];

        for (size_t k = 0; k < modes; k++) out[(size_t)m * modes + k] = c * e[k];
    }
}

/* to = pivot (from + 2 / h near - 1 / 2h far), of n modes; the pivot's conjugate where transposed. */
static void recur_step(size_t n, double h, double sign, const double *restrict pivot,
                       const double *restrict from, const double *restrict near,
                       const double *restrict far, double *restrict to)
{
    for (size_t k = 0; k < 2 * n; k += 2) {
        double re = from[k], im = from[k + 1], pi = sign * pivot[k + 1];

        if (near) re += 2 / h * near[k], im += 2 / h * near[k + 1];
        if (far) re -= 0.5 / h * far[k], im -= 0.5 / h * far[k + 1];
        to[k] = pivot[k] * re - pi * im;
        to[k + 1] = pivot[k] * im + pi * re;
    }
}

/* Forward in time, or its transpose backward, on the modes at .. at + n. */
static void recur(const leray_residual *s, size_t at, size_t n, bool transposed,
                  const double complex *from, double complex *to)
{
    ptrdiff_t modes = (ptrdiff_t)s->band.modes, back = transposed ? modes : -modes;

    for (int step = 0; step < s->frames; step++) {
        ptrdiff_t here = (transposed ? s->frames - 1 - step : step) * modes + (ptrdiff_t)at;

        recur_step(n, s->interval, transposed ? -1 : 1, (const double *)(s->pivot + at),
                   (const double *)(from + here),
                   step > 0 ? (const double *)(to + here + back) : NULL,
                   step > 1 ? (const double *)(to + here + 2 * back) : NULL, (double *)(to + here));
    }
}

static void recur_all(const leray_residual *s, bool transposed, const double complex *from,
                      double complex *to)
{
    int pieces = (int)((s->band.modes + PIECE - 1) / PIECE);

#pragma omp parallel for schedule(static)
    for (int i = 0; i < pieces; i++) {
        size_t at = (size_t)i * PIECE, rest = s->band.modes - at;

        recur(s, at, rest < PIECE ? rest : PIECE, transposed, from, to);
    }
}

void leray_residual_invert(const leray_residual *s, const double complex *y, double complex *d)
{
    recur_all(s, false, y, d);
}

void leray_residual_invert_adjoint(const leray_residual *s, const double complex *d,
                                   double complex *y)
{
    recur_all(s, true, d, y);
}

/* ---- norms -------------------------------------------------------------------------------- */

static double weight(const leray_band *b, int power, size_t k)
{
    double w = b->weight[k];

    return power == 0 ? 1 : power == 1 ? w : power == 2 ? w * w : 1 / w;
}

void leray_residual_weigh(const leray_residual *s, int power, const double complex *x,
                          double complex *out)
{
    const leray_band *b = &s->band;

#pragma omp parallel for schedule(static)
    for (int m = 0; m < s->frames; m++)
        for (size_t k = 0; k < b->modes; k++) {
            size_t i = (size_t)m * b->modes + k;

            out[i] = x[i] * weight(b, power, k);
        }
}

/* Mean square of W^power z, one frame. */
static double square_of(const leray_band *b, int power, const double complex *z)
{
    double sum = 0;

    for (size_t k = 0; k < b->modes; k++) {
        double w = weight(b, power, k);

        sum += w * w * (creal(z[k]) * creal(z[k]) + cimag(z[k]) * cimag(z[k]));
    }
    return 2 * sum;
}

double leray_residual_norm(const leray_residual *s, int power, int frames, const double complex *x)
{
    double total = 0;

    for (int m = 0; m < frames; m++)
        total += square_of(&s->band, power, x + (size_t)m * s->band.modes);
    return sqrt(total / frames);
}

/* |W (D w - D' w)|, frame by frame. */
static double truncation(const leray_residual *s)
{
    space x = space_of(s);
    double total = 0;

    for (int m = 0; m < s->frames; m++) {
        const double complex *d = s->derivative + (size_t)m * s->band.modes;

        differentiate(s, s->frames + m, s->order - 2, s->w, true, x.a);
        for (size_t k = 0; k < s->band.modes; k++) x.a[k] -= d[k];
        total += square_of(&s->band, 1, x.a);
    }
    return sqrt(total / s->frames);
}

void leray_residual_measure(const leray_residual *s, leray_residual_norms *out)
{
    double derivative = leray_residual_norm(s, 1, s->frames, s->derivative);

    out->absolute = leray_residual_norm(s, 1, s->frames, s->r);
    out->relative = derivative > 0 ? out->absolute / derivative : NAN;
    out->l2 = leray_residual_norm(s, 0, s->frames, s->r);
    out->truncation = truncation(s);
}
