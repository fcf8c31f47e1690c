/* refine/certificate.c - the error of frames, from their residual.

   Let w* be the frames that start from the same given ones and have no residual. r is quadratic:

     0 = r(w*) = r(w) + J (w* - w) + Q(w* - w),    Q(e) = u(e) . grad e,

   so that e = w* - w solves J e = -r - Q(e). A few dozen steps of BiCGStab give d with J d = -r nearly, in
   the band that holds the frames: Newton's first step. What it leaves, of the linear problem and of Q
   alike, is seen:

     eta = |W r(w + d)| / |W r(w)|.

   Where the inverse of J does to that what it did to r, the error obeys |e| <= |d| + eta |e|^2 / |d|, and so

     |e| <= |d| K(eta),    K = (1 - sqrt(1 - 4 eta)) / (2 eta)    for eta <= 1/4,

   which is the theorem of Newton and Kantorovich (L. V. Kantorovich, G. P. Akilov, Functional Analysis,
   1982, ch. XVIII). Beyond, it promises nothing, and K goes on as 8 eta. With C = |d| / |W r|, the stability
   that d has seen,

     |e| <~ |d| K + C |W (D w - D' w)| + tail,

   where D' has two orders less than D and stands for what the spacing of the frames hides, and `tail` is the
   norm of the frames' modes beyond the band and of their rounding. If the given frame has the error e_0, the
   error is sought as e_0 in all frames plus the solution of J d = -r - (J and D of e_0 in all frames, the
   given one included), whose right-hand side is smooth in time. Nothing here knows the truth: it can fail
   where frames are too far apart, and where modes that no band holds matter. */
#include "refine/refiner_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "refine/frames.h"
#include "refine/krylov.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LEFT 0.02      /* share of the residual at which the linear problem is solved */
#define TAIL_SHARE 0.2 /* of the estimate: a larger tail calls for a wider band */

#define S leray_certify_settings
static const leray_key rows[] = {
    LERAY_KEY_INT(S, iterations, "iterations", "150", 1, 1e6, "1",
                  "largest number of iterations of BiCGStab to compute the error"),
    LERAY_KEY_REAL(S, tail, "tail", "1e-3", 1e-12, 1, "1",
                   "largest share of the frames' norm in modes outside the band in which the error "
                   "is computed"),
    LERAY_KEY_REAL(S, safety, "safety", "1.5", 1, 1e6, "1", "factor of safety of the estimate"),
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
    leray_refine_frames frames;
    leray_krylov *krylov;
    double complex *b, *d, *e; /* J d = b; of the error d + e in all frames, e is inherited */
    double *rhs, *x;           /* b and d as the problem has them */
    double left;               /* share of b that J d leaves; 1: no d was found */
} solution;

static leray_status solution_init(solution *s, leray_residual *r)
{
    size_t n = leray_residual_size(r);

    memset(s, 0, sizeof *s);
    LERAY_TRY(leray_refine_frames_init(&s->frames, r));
    LERAY_TRY(LERAY_ALLOC(&s->b, n));
    LERAY_TRY(LERAY_ALLOC(&s->d, n));
    LERAY_TRY(LERAY_ALLOC(&s->e, r->band.modes));
    LERAY_TRY(LERAY_ALLOC(&s->rhs, 2 * n));
    LERAY_TRY(LERAY_ALLOC(&s->x, 2 * n));
    return leray_krylov_create(&s->frames.problem, LERAY_KRYLOV_BICGSTAB, &s->krylov);
}

static void solution_fini(solution *s)
{
    leray_krylov_destroy(&s->krylov);
    leray_mem_free(s->x);
    leray_mem_free(s->rhs);
    leray_mem_free(s->e);
    leray_mem_free(s->d);
    leray_mem_free(s->b);
    leray_refine_frames_fini(&s->frames);
}

/* The factor K that the share eta calls for; at least 1. */
static double kantorovich(double eta)
{
    if (eta > 0.25) return 8 * eta;
    return 2 / (1 + sqrt(1 - 4 * eta));
}

/* What is asked for: the arguments of leray_refiner_certify. */
typedef struct question {
    const leray_certify_settings *settings;
    const float *inherited;
    int frames;
} question;

/* The estimate in the band of s, step by step as the head of this file says. Errors are relative to the frames
   as corrected: what is nearest to the flow that follows. */
static leray_status estimate(leray_refiner *refiner, const question *q, double tail, solution *s,
                             leray_certificate *out)
{
    leray_residual *r = s->frames.residual;
    size_t n = leray_residual_size(r), modes = r->band.modes;
    size_t last = (size_t)(q->frames - 1) * modes;
    double complex *w = leray_residual_frames(r), *of_e = (double complex *)s->rhs;
    double rounding = 0.5 * FLT_EPSILON; /* of frames in single precision, by their size */
    double beyond = (tail + rounding) * leray_residual_norm(r, 0, r->frames, w);
    double safety = q->settings->safety, source, hidden, factor;
    int taken;

    /* b = -r, less J and D of e in all frames. */
    for (size_t i = 0; i < n; i++) s->b[i] = -r->r[i];
    if (q->inherited) {
        leray_refiner_modes(refiner, q->inherited, &r->band, s->e);
        for (size_t i = 0; i < n; i++) s->d[i] = s->e[i % modes];
        leray_residual_tangent(r, s->d, of_e);
        for (size_t i = 0; i < n; i++) s->b[i] -= of_e[i];
        leray_residual_inherit(r, s->e, of_e);
        for (size_t i = 0; i < n; i++) s->b[i] -= of_e[i];
    }
    /* d, and from it C. */
    leray_residual_weigh(r, 1, s->b, (double complex *)s->rhs);
    LERAY_TRY(leray_krylov_solve(s->krylov, s->rhs, (int)q->settings->iterations, LEFT, s->x,
                                 &taken, &s->left));
    leray_refine_frames_map(&s->frames, s->x, s->d);
    source = leray_residual_norm(r, 1, r->frames, s->b);
    out->constant = source > 0 ? leray_residual_norm(r, 0, r->frames, s->d) / source : 0;
    hidden = out->constant * out->residual.truncation;
    /* d becomes the whole error. The frames take it, and eta is what their residual is then. */
    for (size_t i = 0; i < n; i++) s->d[i] += s->e[i % modes];
    for (size_t k = 0; k < modes; k++) w[k - modes] += s->e[k];
    for (size_t i = 0; i < n; i++) w[i] += s->d[i];
    leray_residual_evaluate(r);
    out->left = source > 0 ? leray_residual_norm(r, 1, r->frames, r->r) / source : 0;
    factor = kantorovich(out->left);
    out->estimate = safety *
                    (factor * leray_residual_norm(r, 0, q->frames, s->d) + hidden + beyond) /
                    leray_residual_norm(r, 0, q->frames, w);
    out->end = safety * (factor * leray_residual_norm(r, 0, 1, s->d + last) + hidden + beyond) /
               leray_residual_norm(r, 0, 1, w + last);
    if (s->left >= 1) out->estimate = out->end = INFINITY;
    return LERAY_OK;
}

/* In one band; the error of the last frame that counts is then refiner->field. */
static leray_status certify_in(leray_refiner *refiner, int band, const question *q,
                               leray_certificate *out)
{
    double tail = tail_of(refiner, refiner->limit[band]);
    solution s;
    leray_residual *r;
    leray_status status;

    LERAY_TRY(leray_refiner_band(refiner, refiner->limit[band], &r));
    leray_residual_evaluate(r);
    leray_residual_measure(r, &out->residual);
    LERAY_CHECK(isfinite(out->residual.absolute), LERAY_ERR_DIVERGED,
                "the residual of the frames is not finite");
    status = solution_init(&s, r);
    if (!status) status = estimate(refiner, q, tail, &s, out);
    if (!status)
        leray_refiner_field(refiner, &r->band, s.d + (size_t)(q->frames - 1) * r->band.modes);
    solution_fini(&s);
    return status;
}

leray_status leray_refiner_certify(leray_refiner *s, const leray_certify_settings *set,
                                   const float *inherited, int frames, float *left,
                                   leray_certificate *out)
{
    question q = {set, inherited, frames};
    double began = leray_clock();
    int band = 0;

    *out = (leray_certificate){0};
    LERAY_CHECK(frames >= 1 && frames <= s->shape.frames, LERAY_ERR_ARG,
                "an error of %d frames of a window of %d is asked for", frames, s->shape.frames);
    LERAY_CHECK(!inherited || s->shape.history == 1, LERAY_ERR_ARG,
                "an inherited error goes with one given frame, not with %d", s->shape.history);
    while (band + 1 < s->n_bands && tail_of(s, s->limit[band]) > set->tail) band++;
    for (;; band++) {
        LERAY_TRY(certify_in(s, band, &q, out));
        if (band + 1 == s->n_bands ||
            set->safety * tail_of(s, s->limit[band]) <= TAIL_SHARE * out->estimate)
            break;
    }
    for (size_t i = 0; left && i < leray_fft_points(s->fft); i++) left[i] = (float)s->field[i];
    out->seconds = leray_clock() - began;
    return LERAY_OK;
}
