/* refine/layer.c - the problem of refine/layer.h: residuals of all trajectories, of one layer. */
#include "refine/layer_impl.h"

#include <math.h>
#include <string.h>

#define PI 3.141592653589793238463

/* ---- what enters -------------------------------------------------------------------------- */

/* Sums over time: v^(kt) = 1 / 2L sum_i v(i) exp(-pi i kt i / L). */
void leray_layer_enter(leray_layer *s, int k, const float *entered, double scale)
{
    leray_refiner *r = s->refiner[k];
    leray_band widest = {
        .top = {s->widest[0], s->widest[1]}
    };
    double complex *out = s->entering + (size_t)k * s->modes * (size_t)s->times;
    size_t points = (size_t)r->shape.n[0] * (size_t)r->shape.n[1];

    memset(out, 0, s->modes * (size_t)s->times * sizeof *out);
    for (int i = 0; i < s->times; i++) {
        leray_refiner_modes(r, entered + (size_t)i * points, &widest, s->mode);
        for (int a = 0; a < s->times; a++) {
            double phase = -PI * leray_layer_time(s, a) * i / s->steps;
            double complex w = scale / s->times * (cos(phase) + I * sin(phase));

            for (size_t q = 0; q < s->modes; q++)
                out[q * (size_t)s->times + (size_t)a] += w * s->mode[q];
        }
    }
}

/* ---- the problem -------------------------------------------------------------------------- */

const double complex *leray_layer_entering(const leray_layer *s, int k, size_t q)
{
    const leray_band *b = &s->band[0]->band;
    size_t at = leray_band_index(s->widest, b->row[q], b->column[q]);

    return s->entering + ((size_t)k * s->modes + at) * (size_t)s->times;
}

/* frames = what (V, c) [level modes, 2, times] adds on trajectory k. */
static void synthesize(leray_layer *s, int k, const double complex *layer, double complex *frames)
{
    int n = s->band[0]->frames, times = s->times;

#pragma omp parallel for schedule(static)
    for (size_t q = 0; q < s->level_modes; q++) {
        const double complex *v = leray_layer_entering(s, k, q),
                             *weight = layer + q * 2 * (size_t)times;
        const double complex *bias = weight + times;

        for (int m = 0; m < n; m++) {
            const double complex *wave = s->wave + (size_t)m * (size_t)times;
            double complex sum = 0;

            for (int a = 0; a < times; a++) sum += wave[a] * (weight[a] * v[a] + bias[a]);
            frames[(size_t)m * s->level_modes + q] = sum;
        }
    }
}

/* Its adjoint, added to layer. */
static void analyse(leray_layer *s, int k, const double complex *frames, double complex *layer)
{
    int n = s->band[0]->frames, times = s->times;

#pragma omp parallel for schedule(static)
    for (size_t q = 0; q < s->level_modes; q++) {
        const double complex *v = leray_layer_entering(s, k, q);
        double complex *weight = layer + q * 2 * (size_t)times, *bias = weight + times;

        for (int m = 0; m < n; m++) {
            const double complex *wave = s->wave + (size_t)m * (size_t)times;
            double complex w = frames[(size_t)m * s->level_modes + q];

            for (int a = 0; a < times; a++) {
                double complex c = conj(wave[a]) * w;

                weight[a] += conj(v[a]) * c;
                bias[a] += c;
            }
        }
    }
}

static void move(void *self, const double *x)
{
    leray_layer *s = self;

    leray_block_scale_map(&s->scale, (const double complex *)x, s->point);
    for (int k = 0; k < s->n; k++) {
        leray_residual *r;
        double complex *w;

        /* The band is there: this cannot fail. */
        if (leray_refiner_band(s->refiner[k], s->wavenumber, &r)) continue;
        synthesize(s, k, s->point, s->frames);
        w = leray_residual_frames(r);
        for (size_t i = 0; i < leray_residual_size(r); i++) w[i] += s->frames[i];
        leray_residual_evaluate(r);
    }
}

static size_t equations(const leray_layer *s) { return leray_residual_size(s->band[0]); }

static void residual(void *self, double *r)
{
    const leray_layer *s = self;

    for (int k = 0; k < s->n; k++)
        leray_residual_weigh(s->band[k], 1, s->band[k]->r,
                             (double complex *)r + (size_t)k * equations(s));
}

static void measure(void *self, leray_residual_norms *out)
{
    const leray_layer *s = self;
    double derivative = 0;

    *out = (leray_residual_norms){0};
    for (int k = 0; k < s->n; k++) {
        leray_residual_norms one;

        leray_residual_measure(s->band[k], &one);
        out->absolute += one.absolute * one.absolute;
        out->l2 += one.l2 * one.l2;
        out->truncation += one.truncation * one.truncation;
        derivative += one.absolute * one.absolute / (one.relative * one.relative);
    }
    out->relative = sqrt(out->absolute / derivative);
    out->absolute = sqrt(out->absolute / s->n);
    out->l2 = sqrt(out->l2 / s->n);
    out->truncation = sqrt(out->truncation / s->n);
}

static void tangent(void *self, const double *d, double *out)
{
    leray_layer *s = self;

    leray_block_scale_map(&s->scale, (const double complex *)d, s->other);
    for (int k = 0; k < s->n; k++) {
        synthesize(s, k, s->other, s->frames);
        leray_residual_tangent(s->band[k], s->frames, s->pull);
        leray_residual_weigh(s->band[k], 1, s->pull,
                             (double complex *)out + (size_t)k * equations(s));
    }
}

static void adjoint(void *self, const double *l, double *out)
{
    leray_layer *s = self;

    memset(s->other, 0, 2 * s->level_modes * (size_t)s->times * sizeof *s->other);
    for (int k = 0; k < s->n; k++) {
        leray_residual_weigh(s->band[k], 1, (const double complex *)l + (size_t)k * equations(s),
                             s->pull);
        leray_residual_adjoint(s->band[k], s->pull, s->frames);
        analyse(s, k, s->frames, s->other);
    }
    leray_block_scale_adjoint(&s->scale, s->other, (double complex *)out);
}

static double change(void *self, const double *d)
{
    leray_layer *s = self;
    double moved = 0, all = 0;

    leray_block_scale_map(&s->scale, (const double complex *)d, s->other);
    for (int k = 0; k < s->n; k++) {
        int frames = s->band[k]->frames;
        double w = leray_residual_norm(s->band[k], 0, frames, leray_residual_frames(s->band[k])), c;

        synthesize(s, k, s->other, s->frames);
        c = leray_residual_norm(s->band[k], 0, frames, s->frames);
        moved += c * c, all += w * w;
    }
    return sqrt(moved / all);
}

leray_refine_problem leray_layer_problem(leray_layer *s)
{
    return (leray_refine_problem){.self = s,
                                  .unknowns = 4 * s->level_modes * (size_t)s->times,
                                  .equations = 2 * (size_t)s->n * equations(s),
                                  .move = move,
                                  .residual = residual,
                                  .measure = measure,
                                  .tangent = tangent,
                                  .adjoint = adjoint,
                                  .change = change};
}
