/* refine/frames.c - see refine/frames.h. */
#include "refine/frames.h"

#include "core/mem.h"

#include <string.h>

void leray_refine_frames_map(const leray_refine_frames *f, const double *x, double complex *d)
{
    leray_residual_weigh(f->residual, -1, (const double complex *)x, f->work);
    leray_residual_invert(f->residual, f->work, d);
}

static void move(void *self, const double *x)
{
    leray_refine_frames *f = self;
    double complex *w = leray_residual_frames(f->residual);

    leray_refine_frames_map(f, x, w);
    for (size_t i = 0; i < leray_residual_size(f->residual); i++) w[i] += f->begin[i];
    leray_residual_evaluate(f->residual);
}

static void residual(void *self, double *r)
{
    const leray_refine_frames *f = self;

    leray_residual_weigh(f->residual, 1, f->residual->r, (double complex *)r);
}

static void measure(void *self, leray_residual_norms *out)
{
    leray_residual_measure(((leray_refine_frames *)self)->residual, out);
}

static void tangent(void *self, const double *d, double *out)
{
    leray_refine_frames *f = self;
    double complex *to = (double complex *)out;

    leray_refine_frames_map(f, d, to);
    leray_residual_tangent(f->residual, to, f->work);
    leray_residual_weigh(f->residual, 1, f->work, to);
}

static void adjoint(void *self, const double *l, double *out)
{
    leray_refine_frames *f = self;
    double complex *to = (double complex *)out;

    leray_residual_weigh(f->residual, 1, (const double complex *)l, f->work);
    leray_residual_adjoint(f->residual, f->work, to);
    leray_residual_invert_adjoint(f->residual, to, f->work);
    leray_residual_weigh(f->residual, -1, f->work, to);
}

static double change(void *self, const double *d)
{
    leray_refine_frames *f = self;
    leray_residual *r = f->residual;

    leray_refine_frames_map(f, d, f->change);
    return leray_residual_norm(r, 0, r->frames, f->change) /
           leray_residual_norm(r, 0, r->frames, leray_residual_frames(r));
}

leray_status leray_refine_frames_init(leray_refine_frames *f, leray_residual *r)
{
    size_t size = leray_residual_size(r);

    *f = (leray_refine_frames){
        .residual = r,
        .problem = {.self = f,
                    .unknowns = 2 * size,
                    .equations = 2 * size,
                    .move = move,
                    .residual = residual,
                    .measure = measure,
                    .tangent = tangent,
                    .adjoint = adjoint,
                    .change = change}
    };
    LERAY_TRY(LERAY_ALLOC(&f->begin, size));
    LERAY_TRY(LERAY_ALLOC(&f->work, size));
    LERAY_TRY(LERAY_ALLOC(&f->change, size));
    memcpy(f->begin, leray_residual_frames(r), size * sizeof *f->begin);
    return LERAY_OK;
}

void leray_refine_frames_fini(leray_refine_frames *f)
{
    leray_mem_free(f->change);
    leray_mem_free(f->work);
    leray_mem_free(f->begin);
}
