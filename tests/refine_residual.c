/* tests/refine_residual.c - the residual of frames: its terms against the solver, its order in time, its
   derivative and adjoint, its norm, and what must not pass. */
#include "refine_tools.h"

#include "core/threads.h"
#include "refine/residual.h"
#include "refine/stencil.h"

#define TWO_PI 6.283185307179586477

static const char forced[] = "{n: 32, nu: 2e-3, forcing: {type: fno, amplitude: 0.1}, "
                             "initial: {alpha: 2.5, tau: 7}, dt: 0.02, cfl: 0.5}";
static const char full[] =
    "{n: [24, 36], length: [1, 1.5], nu: 3e-3, drag: 0.1, beta: 2, mean_flow: [0.2, -0.1], "
    "hyperviscosity: {coefficient: 1e-9, order: 3}, forcing: {type: kolmogorov, amplitude: 0.2, "
    "wavenumber: 2}, initial: {alpha: 2.5, tau: 7}, dt: 0.01, cfl: 0.5}";

static leray_residual make_residual(const flow *f, int given, int order, int shuffle)
{
    leray_refine_shape shape = {
        {f->n[0], f->n[1]},
        given, f->frames - given, f->interval
    };
    leray_residual r;

    assert_ok(leray_residual_init(&r, &shape, f->equation.top, &f->equation, order, 1));
    for (int m = 0; m < f->frames; m++) {
        int from = shuffle && m >= given ? given + (m - given) * shuffle % (f->frames - given) : m;

        frame_modes(f, from, r.band.top, r.w + (size_t)m * r.band.modes);
    }
    leray_residual_evaluate(&r);
    return r;
}

static leray_residual_norms norms_of(const leray_residual *r)
{
    leray_residual_norms n;

    leray_residual_measure(r, &n);
    return n;
}

/* Stencils are exact for polynomials of their degree wherever they stand. */
static void stencils_are_exact(void **state)
{
    double w[LERAY_STENCIL_ORDER + 1], h = 0.3;

    (void)state;
    for (int order = 2; order <= LERAY_STENCIL_ORDER; order += 2)
        for (int at = 0; at < 14; at++) {
            int first;

            leray_stencil(14, at, order, h, &first, w);
            assert_in_range(first, 0, 13 - order);
            for (int p = 0; p <= order; p++) {
                double sum = 0, scale = 0, x = (at - 7) * h, want = p ? p * pow(x, p - 1) : 0;

                for (int i = 0; i <= order; i++) {
                    double term = w[i] * pow((first + i - 7) * h, p);

                    sum += term, scale += fabs(term);
                }
                assert_at_most(fabs(sum - want), 1e-13 * scale);
            }
        }
}

/* On the solver's own frames only the time derivative is not exact. */
/* h for order 4; order 6 needs a wider spacing to stay above rounding. */
static void order_in_time(const char *yaml, double unit)
{
    for (int order = 4; order <= 6; order += 2) {
        double last = 0, rate = 0, h = unit * pow(1.55, order / 2 - 2);

        for (int i = 0; i < 2; i++) {
            int n = i == 0 ? 24 : 47;
            flow f = make_flow(yaml, 1, i == 0 ? h : h / 2, n, 40);
            leray_residual r = make_residual(&f, 1, order, 0);
            double now = norms_of(&r).absolute;

            if (i) rate = log2(last / now);
            last = now;
            leray_residual_fini(&r);
            free_flow(&f);
        }
        print_message("order %d: residual %.3g at the finer spacing, rate %.2f\n", order, last,
                      rate);
        assert_true(rate > order - 0.5);
    }
}

static void solver_has_no_residual(void **state)
{
    (void)state;
    order_in_time(forced, 0.05);
    order_in_time(full, 0.01);
}

/* Mode by mode: what the solver says its tendency is, at a frame. */
static double complex random_mode(leray_rng *rng)
{
    return leray_rng_normal(rng) + I * leray_rng_normal(rng);
}

static double inner(const leray_residual *r, const double complex *a, const double complex *b)
{
    double sum = 0;

    for (size_t i = 0; i < leray_residual_size(r); i++) sum += creal(conj(a[i]) * b[i]);
    return sum;
}

static double complex *random_frames(const leray_residual *r, uint32_t stream)
{
    leray_rng rng = leray_rng_make(3, LERAY_PURPOSE_TEST, stream, 0);
    double complex *x;

    assert_ok(LERAY_ALLOC(&x, leray_residual_size(r)));
    for (size_t i = 0; i < leray_residual_size(r); i++) x[i] = random_mode(&rng);
    return x;
}

static double complex *room(const leray_residual *r)
{
    double complex *x;

    assert_ok(LERAY_ALLOC(&x, leray_residual_size(r)));
    return x;
}

static void tangent_and_adjoint(void **state)
{
    flow f = make_flow(full, 0.5, 0.02, 9, 1);
    leray_residual r = make_residual(&f, 2, 4, 0);
    size_t n = leray_residual_size(&r), first = 2 * r.band.modes;
    double complex *d = random_frames(&r, 1), *l = random_frames(&r, 2), *jd = room(&r),
                   *jl = room(&r), *plus = room(&r), *before = room(&r);
    double a, b, worst = 0, scale = 0;

    (void)state;
    leray_residual_tangent(&r, d, jd);
    leray_residual_adjoint(&r, l, jl);
    a = inner(&r, l, jd), b = inner(&r, jl, d);
    assert_close(a / b, 1, 1e-11);
    leray_residual_invert(&r, d, plus);
    leray_residual_invert_adjoint(&r, l, before);
    assert_close(inner(&r, l, plus) / inner(&r, before, d), 1, 1e-11);
    /* r is quadratic, so that its central difference is its derivative. */
    memcpy(before, r.w + first, n * sizeof *before);
    for (size_t i = 0; i < n; i++) r.w[first + i] = before[i] + d[i];
    leray_residual_evaluate(&r);
    memcpy(plus, r.r, n * sizeof *plus);
    for (size_t i = 0; i < n; i++) r.w[first + i] = before[i] - d[i];
    leray_residual_evaluate(&r);
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, cabs((plus[i] - r.r[i]) / 2 - jd[i]));
        scale = fmax(scale, cabs(jd[i]));
    }
    assert_at_most(worst, 1e-12 * scale);
    leray_mem_free(before);
    leray_mem_free(plus);
    leray_mem_free(jl);
    leray_mem_free(jd);
    leray_mem_free(l);
    leray_mem_free(d);
    leray_residual_fini(&r);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

/* A frame that is one mode of amplitude a, at rest: r = -L w - f, whose norm in H^s is known. */
static void norm_of_one_mode(void **state)
{
    flow f = make_flow("{n: 24, length: 2, nu: 0.01, initial: {type: taylor-green}, dt: 0.1}", 0,
                       0.1, 6, 1);
    leray_residual r = make_residual(&f, 1, 4, 0);
    double a = 0.7, k = TWO_PI * 5 / 2, square = 2 * a * a * pow(0.01 * k * k, 2);
    leray_residual_norms n;

    (void)state;
    memset(r.w, 0, 6 * r.band.modes * sizeof *r.w);
    for (int m = 0; m < 6; m++)
        r.w[(size_t)m * r.band.modes + leray_band_index(r.band.top, -3, 4)] = a;
    leray_residual_evaluate(&r);
    n = norms_of(&r);
    assert_close(n.l2, sqrt(square), 1e-13);
    assert_close(n.absolute, sqrt(square / (1 + k * k)), 1e-13);
    leray_residual_fini(&r);
    free_flow(&f);
}

/* Frames in another order, a frame of another simulation, and fields that are no flow at all. */
static void negative_controls(void **state)
{
    flow f = make_flow(forced, 4, 0.1, 25, 2), other = make_flow(forced, 9, 0.1, 25, 2);
    leray_residual r = make_residual(&f, 1, 6, 0), shuffled = make_residual(&f, 1, 6, 7);
    double own = norms_of(&r).relative, bad, foreign, noise;
    leray_rng rng = leray_rng_make(5, LERAY_PURPOSE_TEST, 0, 0);

    (void)state;
    bad = norms_of(&shuffled).relative;
    frame_modes(&other, 12, r.band.top, r.w + 12 * r.band.modes);
    leray_residual_evaluate(&r);
    foreign = norms_of(&r).relative;
    for (size_t m = 1; m < 25; m++)
        for (size_t k = 0; k < r.band.modes; k++)
            r.w[m * r.band.modes + k] = cabs(r.w[m * r.band.modes + k]) * random_mode(&rng);
    leray_residual_evaluate(&r);
    noise = norms_of(&r).relative;
    print_message("residual by |dw/dt|: own frames %.2g, shuffled %.2g, one foreign frame %.2g, "
                  "random fields of the same spectrum %.2g\n",
                  own, bad, foreign, noise);
    assert_true(bad > 100 * own && foreign > 100 * own);
    assert_true(bad > 0.3 && foreign > 0.1 && noise > 0.3);
    leray_residual_fini(&shuffled);
    leray_residual_fini(&r);
    free_flow(&other);
    free_flow(&f);
}

static void refusals(void **state)
{
    flow f = make_flow(forced, 0, 0.1, 6, 1);
    leray_refine_shape shape = {
        {32, 32},
        1, 5, 0.1
    };
    leray_vorticity_equation e;
    leray_residual r = {0};
    leray_solver *s;

    (void)state;
    assert_fails(leray_residual_init(&r, &shape, f.equation.top, &f.equation, 6, 1),
                 LERAY_ERR_CONFIG, "order 6 needs 7 frames, there are 6");
    leray_residual_fini(&r);
    assert_fails(leray_residual_init(&r, &shape, (int[]){11, 10}, &f.equation, 4, 1), LERAY_ERR_ARG,
                 "[1, 10]");
    leray_residual_fini(&r);
    free_flow(&f);
    s = make_solver(&leray_solver_ns2d, "{n: 32, forcing: {type: ring, power: 1, k_min: 12, k_max: "
                                        "26}, dt: 0.1}");
    assert_fails(leray_solver_equation(s, &e), LERAY_ERR_UNSUPPORTED, "random in time");
    leray_solver_destroy(&s);
    s = make_solver(&leray_solver_burgers, "{n: 32, dt: 0.1}");
    assert_fails(leray_solver_equation(s, &e), LERAY_ERR_UNSUPPORTED, "ns2d does");
    leray_solver_destroy(&s);
    assert_int_equal(leray_mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stencils_are_exact),  cmocka_unit_test(solver_has_no_residual),
        cmocka_unit_test(tangent_and_adjoint), cmocka_unit_test(norm_of_one_mode),
        cmocka_unit_test(negative_controls),   cmocka_unit_test(refusals),
    };

    leray_threads_set(1); /* small problems, run beside other tests */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
