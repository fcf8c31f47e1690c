/* refine/certificate.c - the error of frames, from their residual.

   Let w* be the frames that start from the same given ones and have no residual. Then, r being quadratic,

     0 = r(w*) = r(w) + J (w* - w) + O(|w* - w|^2),

   so that e = w* - w solves J e = -r up to its own square: the first step of Newton's method, of which
   the theorem of Newton and Kantorovich says that it is the error up to a factor that tends to 1. A few
   steps of LSQR solve it to the share `left` of |W r|, in the band that holds the frames; with d what
   they give and C = |d| / |W r| the stability that they have seen,

     |e| <~ |d| (1 + left / sqrt(1 - left^2)) + C |W (D w - D' w)| + tail,

   where D' has two orders less than D and stands for what the spacing of the frames hides, and `tail` is
   the norm of the frames' modes beyond the band. If the given frame has the error e_0, the error is sought
   as e_0 in all frames plus the solution of J d = -r - (J and D of e_0 in all frames, the given one
   included), whose right-hand side is smooth in time. Nothing here knows the truth: it can fail where the error is not small against
   the flow, where frames are too far apart, and where modes that no band holds matter. */
#include "refine/refiner_hidden.h"

#include "core/log.h"
#include "core/mem.h"
#include "refine/frames.h"
#include "refine/lsqr.h"

#include <math.h>
#include <string.h>

#define LEFT 0.02      /* share of the residual at which the linear problem is solved */
#define TAIL_SHARE 0.2 /* of the estimate: a larger tail calls for a wider band */

#define S leray_certify_settings
static const leray_key rows[] = {
    LERAY_KEY_INT(S, iterations, "iterations", "150", 1, 1e6, "1",
                  "largest number of iterations of LSQR, to solve for the error"),
    LERAY_KEY_REAL(S, tail, "tail", "1e-3", 1e-12, 1, "1",
                   "share of the frames' norm that may lie beyond the band in which it is solved"),
    LERAY_KEY_REAL(S, safety, "safety", "1.5", 1, 1e6, "1", "factor on the estimate"),
};
#undef S
const leray_keys leray_certify_keys = {rows, sizeof rows / sizeof rows[0]};

/* Share of the predicted frames' norm beyond a band, that of what no band holds included. */
static double tail_of(const leray_refiner *s, int wavenumber)
{
    double longer = fmax(s->equation.length[0], s->equation.length[1]), inside = 0, all = 0;
    size_t frames = (size_t)s->shape.frames, first = (size_t)s->shape.history * s->modes;

    for (int i = 0; i <= s->widest[1]; i++)
        for (int j = i == 0 ? 1 : -s->widest[0]; j <= s->widest[0]; j++) {
            bool in = fabs(j * longer / s->equation.length[0]) <= wavenumber &&
                      i * longer / s->equation.length[1] <= wavenumber;
            const double complex *z = s->now + first + leray_band_index(s->widest, j, i);

            for (size_t m = 0; m < frames; m++) {
                double complex w = z[m * s->modes];
                double square = 2 * (creal(w) * creal(w) + cimag(w) * cimag(w));

                all += square;
                if (in) inside += square;
            }
        }
    all += s->outside;
    return all > 0 ? sqrt(fmax(0, all - inside) / all) : 0;
}

typedef struct solution {
    double complex *b, *d, *e; /* right-hand side, error, inherited error in modes */
    double *rhs, *x;           /* b and d as LSQR sees them */
    leray_refine_frames frames;
    leray_lsqr *lsqr;
} solution;

/* b becomes J and D of e_0 in all frames. */
static leray_status inherit(leray_refiner *s, const leray_residual *r, const float *inherited,
                            solution *x)
{
    size_t n = leray_residual_size(r);
    double complex *tangent;

    LERAY_TRY(LERAY_ALLOC(&tangent, n));
    leray_refiner_modes(s, inherited, &r->band, x->e);
    for (size_t i = 0; i < n; i++) x->d[i] = x->e[i % r->band.modes];
    leray_residual_tangent(r, x->d, tangent);
    leray_residual_inherit(r, x->e, x->b);
    for (size_t i = 0; i < n; i++) x->b[i] += tangent[i];
    leray_mem_free(tangent);
    return LERAY_OK;
}

static leray_status solve(leray_refiner *s, leray_residual *r, const float *inherited,
                          const leray_certify_settings *set, solution *x, leray_certificate *out)
{
    size_t n = leray_residual_size(r);
    int taken;

    LERAY_TRY(LERAY_ALLOC(&x->b, n));
    LERAY_TRY(LERAY_ALLOC(&x->d, n));
    LERAY_TRY(LERAY_ALLOC(&x->e, r->band.modes));
    LERAY_TRY(leray_refine_frames_init(&x->frames, r));
    LERAY_TRY(LERAY_ALLOC(&x->rhs, 2 * n));
    LERAY_TRY(LERAY_ALLOC(&x->x, 2 * n));
    LERAY_TRY(leray_lsqr_create(&x->frames.problem, &x->lsqr));
    if (inherited) LERAY_TRY(inherit(s, r, inherited, x));
    for (size_t i = 0; i < n; i++) x->b[i] = -r->r[i] - x->b[i];
    leray_residual_weigh(r, 1, x->b, (double complex *)x->rhs);
    LERAY_TRY(
        leray_lsqr_solve(x->lsqr, x->rhs, (int)set->iterations, LEFT, x->x, &taken, &out->left));
    leray_refine_frames_map(&x->frames, x->x, x->d);
    for (size_t i = 0; i < n; i++) x->d[i] += x->e[i % r->band.modes];
    return LERAY_OK;
}

static void solution_fini(solution *x)
{
    leray_lsqr_destroy(&x->lsqr);
    leray_mem_free(x->x);
    leray_mem_free(x->rhs);
    leray_refine_frames_fini(&x->frames);
    leray_mem_free(x->e);
    leray_mem_free(x->d);
    leray_mem_free(x->b);
}

static void conclude(leray_residual *r, const leray_certify_settings *set, double tail,
                     const solution *x, leray_certificate *out)
{
    size_t last = (size_t)(r->frames - 1) * r->band.modes;
    const double complex *w = leray_residual_frames(r);
    double error = leray_residual_norm(r, 0, r->frames, x->d);
    double size = leray_residual_norm(r, 0, r->frames, w);
    double end = leray_residual_norm(r, 0, 1, x->d + last);
    double end_size = leray_residual_norm(r, 0, 1, w + last);
    double source = leray_residual_norm(r, 1, r->frames, x->b);
    double hidden, unsolved = fmin(out->left, 0.999);

    out->constant = source > 0 ? error / source : 0;
    hidden = out->constant * out->residual.truncation;
    unsolved = 1 + unsolved / sqrt(1 - unsolved * unsolved);
    out->estimate = set->safety * ((error * unsolved + hidden) / size + tail);
    out->end = set->safety * ((end * unsolved + hidden) / end_size + tail);
}

/* In one band. */
static leray_status certify_in(leray_refiner *s, int band, const leray_certify_settings *set,
                               const float *inherited, float *left, leray_certificate *out)
{
    double tail = tail_of(s, s->limit[band]);
    solution x = {0};
    leray_residual *r;
    leray_status status;

    LERAY_TRY(leray_refiner_band(s, s->limit[band], &r));
    leray_residual_evaluate(r);
    leray_residual_measure(r, &out->residual);
    LERAY_CHECK(isfinite(out->residual.absolute), LERAY_ERR_DIVERGED,
                "the residual of the frames is not finite");
    status = solve(s, r, inherited, set, &x, out);
    if (!status) {
        conclude(r, set, tail, &x, out);
        leray_refiner_field(s, &r->band, x.d + (size_t)(r->frames - 1) * r->band.modes);
        for (size_t i = 0; left && i < leray_fft_points(s->fft); i++) left[i] = (float)s->field[i];
    }
    solution_fini(&x);
    return status;
}

leray_status leray_refiner_certify(leray_refiner *s, const leray_certify_settings *set,
                                   const float *inherited, float *left, leray_certificate *out)
{
    double began = leray_clock();
    int band = 0;

    *out = (leray_certificate){0};
    LERAY_CHECK(!inherited || s->shape.history == 1, LERAY_ERR_ARG,
                "an inherited error goes with one given frame, not with %d", s->shape.history);
    while (band + 1 < s->n_bands && tail_of(s, s->limit[band]) > set->tail) band++;
    for (;; band++) {
        LERAY_TRY(certify_in(s, band, set, inherited, left, out));
        if (band + 1 == s->n_bands ||
            set->safety * tail_of(s, s->limit[band]) <= TAIL_SHARE * out->estimate)
            break;
    }
    out->seconds = leray_clock() - began;
    return LERAY_OK;
}
