/* tests/operators_losses.c - every row of operators/losses.def; weights per channel, by latitude
   and by mask; sums of losses; values and gradients against PyTorch, whose numbers
   tools/parity/losses.py has written. */
#include "data_files.h"
#include "fixture.h"

#include "data/formats/npy.h"
#include "operators_make.h"

static const leray_loss_type *const losses[] = {
#define LERAY_LOSS(id) &leray_loss_##id,
#include "operators/losses.def"
#undef LERAY_LOSS
};

#define COUNT ((int)(sizeof losses / sizeof losses[0]))
#define SHAPE ((int[]){2, 3, 4, 5})
#define FIELD 120

static double loss_at(leray_loss *loss, leray_tape *tape, double *p, double *g, double *t)
{
    leray_tensor *tp, *tt, *scalar;
    double value;

    assert_ok(leray_loss_prepare(loss, 3, on(4, 5)));
    leray_tape_reset(tape);
    assert_ok(leray_tape_parameter(tape, 4, SHAPE, p, g, &tp));
    assert_ok(leray_tape_input(tape, 4, SHAPE, t, &tt));
    assert_ok(leray_loss_apply(loss, tape, tp, tt, &scalar));
    assert_int_equal(scalar->count, 1);
    value = leray_tensor_scalar(scalar);
    if (g) assert_ok(leray_tape_backward(tape, scalar));
    return value;
}

static double loss_of(const leray_loss_type *type, const char *yaml, double *p, double *t)
{
    leray_tape *tape;
    leray_loss *loss;
    double value;

    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(make_loss(type, yaml, &loss));
    value = loss_at(loss, tape, p, NULL, t);
    leray_loss_destroy(&loss);
    leray_tape_destroy(&tape);
    return value;
}

static void check_row(const leray_loss_type *type, const char *yaml)
{
    double p[FIELD], t[FIELD], g[FIELD] = {0};
    leray_tensor *a, *b, *scalar;
    leray_tape *tape;
    leray_loss *loss;

    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(make_loss(type, yaml, &loss));
    loss_at(loss, tape, p, g, t);
    for (int e = 0; e < FIELD; e += 7) {
        double at = p[e], up, down;

        p[e] = at + 1e-5, up = loss_at(loss, tape, p, NULL, t);
        p[e] = at - 1e-5, down = loss_at(loss, tape, p, NULL, t);
        p[e] = at;
        assert_at_most(fabs((up - down) / 2e-5 - g[e]), 1e-9);
    }
    assert_close(loss_at(loss, tape, t, NULL, t), 0, 0); /* the least value, at p = t */
    memset(g, 0, sizeof g);
    loss_at(loss, tape, t, g, t);
    for (int e = 0; e < FIELD; e++) assert_true(g[e] == 0);
    assert_ok(leray_tape_input(tape, 4, SHAPE, p, &a));
    assert_ok(leray_tape_input(tape, 4, (int[]){2, 3, 5, 4}, t, &b));
    assert_fails(leray_loss_apply(loss, tape, a, b, &scalar), LERAY_ERR_ARG, "shapes");
    leray_loss_destroy(&loss);
    assert_null(loss);
    leray_tape_destroy(&tape);
}

static void test_every_row(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        check_row(losses[i], "");
        check_row(losses[i], "factor: 0.5, channels: [1, 0, 2]");
        if (losses[i]->terms == LERAY_LOSS_POINTS) check_row(losses[i], "latitude: cells");
    }
}

/* A loss per sample, averaged: scaling one sample by 2 does not change the relative ones. */
static void test_per_sample(void **state)
{
    static const leray_loss_type *const relative[] = {
        &leray_loss_relative_l2, &leray_loss_relative_lp, &leray_loss_nmse, &leray_loss_sobolev};
    double p[FIELD], t[FIELD], before[4];

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    for (int i = 0; i < 4; i++) before[i] = loss_of(relative[i], "", p, t);
    for (int i = 0; i < FIELD / 2; i++) p[i] *= 2, t[i] *= 2;
    for (int i = 0; i < 4; i++) assert_close(loss_of(relative[i], "", p, t), before[i], 1e-14);
    for (int i = 0; i < FIELD; i++) p[i] = t[i] + 0.5;
    assert_close(loss_of(&leray_loss_mse, "", p, t), 0.25, 1e-14);
    assert_close(loss_of(&leray_loss_huber, "delta: 0.3", p, t), 0.3 * 0.35, 1e-14);
    assert_close(loss_of(&leray_loss_relative_lp, "p: 2", p, t),
                 loss_of(&leray_loss_relative_l2, "", p, t), 1e-14);
}

static const struct {
    const leray_loss_type *type;
    const char *yaml;
} relative_losses[] = {
    {&leray_loss_relative_l2, ""                                           },
    {&leray_loss_relative_l2, "channels: [1, 0, 2]"                        },
    {&leray_loss_nmse,        ""                                           },
    {&leray_loss_relative_lp, "p: 1"                                       },
    {&leray_loss_relative_lp, "p: 3, latitude: cells"                      },
    {&leray_loss_relative_lp, "p: 64"                                      },
    {&leray_loss_sobolev,     "s: 1, lengths: [1, 1]"                      },
    {&leray_loss_sobolev,     "s: -1, lengths: [1, 1], channels: [1, 0, 2]"},
};
#define RELATIVE ((int)(sizeof relative_losses / sizeof relative_losses[0]))

/* Value and gradients of a loss in single precision, of fields times 2^power. */
static double in_floats(int i, int power, const double *p, const double *t, float *g, float *h)
{
    static float fp[FIELD], ft[FIELD];
    leray_tensor *tp, *tt, *scalar;
    leray_tape *tape;
    leray_loss *loss;
    double value;

    for (int k = 0; k < FIELD; k++)
        fp[k] = ldexpf((float)p[k], power), ft[k] = ldexpf((float)t[k], power);
    memset(g, 0, FIELD * sizeof *g);
    memset(h, 0, FIELD * sizeof *h);
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    assert_ok(make_loss(relative_losses[i].type, relative_losses[i].yaml, &loss));
    assert_true(leray_loss_is_relative(loss));
    assert_ok(leray_tape_parameter(tape, 4, SHAPE, fp, g, &tp));
    assert_ok(leray_tape_parameter(tape, 4, SHAPE, ft, h, &tt));
    assert_ok(leray_loss_apply(loss, tape, tp, tt, &scalar));
    value = leray_tensor_scalar(scalar);
    assert_ok(leray_tape_backward(tape, scalar));
    leray_loss_destroy(&loss);
    leray_tape_destroy(&tape);
    return value;
}

static double largest(const float *x)
{
    double top = 0;

    for (int i = 0; i < FIELD; i++) top = fmax(top, fabs((double)x[i]));
    return top;
}

/* Relative losses are the same at every scale that float can hold, and so are their gradients in
   units of the fields: also those whose squares, products and powers it cannot hold. */
static void test_scales(void **state)
{
    static const int powers[] = {73, -70, 100, -100, 115, -120};
    double p[FIELD], t[FIELD];
    float g[2][FIELD], h[2][FIELD];

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    for (int i = 0; i < RELATIVE; i++) {
        double value = in_floats(i, 0, p, t, g[0], h[0]);

        assert_true(value > 0.5 && value < 10);
        for (int j = 0; j < 6; j++) {
            assert_close(in_floats(i, powers[j], p, t, g[1], h[1]), value, 1e-6);
            for (int k = 0; k < FIELD; k++) {
                float least = ldexpf(1, powers[j] - 126); /* smaller ones lose digits */

                if (fabsf(g[0][k]) >= least)
                    assert_close(ldexpf(g[1][k], powers[j]), g[0][k], 1e-6 * largest(g[0]));
                if (fabsf(h[0][k]) >= least)
                    assert_close(ldexpf(h[1][k], powers[j]), h[0][k], 1e-6 * largest(h[0]));
            }
        }
    }
}

/* A sample whose target is 0 everywhere has no relative error: it adds nothing to the sum, has no
   gradient and changes nothing for the others. */
static void test_zero_target(void **state)
{
    double p[FIELD], t[FIELD];
    float g[2][FIELD], h[2][FIELD];

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    for (int i = 0; i < RELATIVE; i++) {
        double both, one, first[FIELD], second[FIELD];

        memcpy(first, t, sizeof first), memcpy(second, t, sizeof second);
        memset(first, 0, FIELD / 2 * sizeof *first);
        memset(second + FIELD / 2, 0, FIELD / 2 * sizeof *second);
        both = in_floats(i, 0, p, t, g[0], h[0]);
        one = in_floats(i, 0, p, first, g[1], h[1]);
        for (int k = 0; k < FIELD; k++) {
            assert_true(g[1][k] == (k < FIELD / 2 ? 0 : g[0][k]));
            assert_true(h[1][k] == (k < FIELD / 2 ? 0 : h[0][k]));
        }
        assert_close(one + in_floats(i, 0, p, second, g[1], h[1]), both, 1e-6);
        memset(first, 0, sizeof first);
        assert_true(in_floats(i, 0, p, first, g[1], h[1]) == 0);
    }
}

/* s = 0 is L2, relative as the loss of that name, absolute as the root of the mean square. */
static void test_sobolev_zero(void **state)
{
    double p[FIELD], t[FIELD], exact = 0;

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    assert_close(loss_of(&leray_loss_sobolev, "s: 0, alpha: 0", p, t),
                 loss_of(&leray_loss_relative_l2, "", p, t), 1e-14);
    for (int b = 0; b < 2; b++) {
        double square = 0;

        for (int i = 60 * b; i < 60 * (b + 1); i++) square += pow(p[i] - t[i], 2) / 20;
        exact += sqrt(square) / 2;
    }
    assert_close(loss_of(&leray_loss_sobolev, "s: 0, relative: false", p, t), exact, 1e-14);
}

/* |f| of one mode, as the distance from 0: also in the Nyquist column and row, and with lengths. */
static void test_sobolev_modes(void **state)
{
    double f[FIELD], zero[FIELD] = {0};

    (void)state;
    for (int ky = 0; ky <= 2; ky++)
        for (int kx = 0; kx <= 2; kx++) {
            bool alone = kx == 0 && (ky == 0 || ky == 2); /* its own conjugate: n = 4, 5 */
            double wave2 = pow(M_PI * 2 * ky / 3, 2) + pow(M_PI * 2 * kx / 2, 2);

            for (int i = 0; i < FIELD; i++)
                f[i] = cos(2 * M_PI * (ky * (i / 5 % 4) / 4. + kx * (i % 5) / 5.));
            assert_close(loss_of(&leray_loss_sobolev,
                                 "s: 0.5, alpha: 0.7, lengths: [3, 2], relative: false", f, zero),
                         sqrt(3 * (alone ? 1 : 0.5) * sqrt(0.7 + wave2)), 1e-13);
        }
}

/* |<f, g>| <= |f|_s |g|_-s, with equality for g = (alpha - Laplace)^s f. */
static void test_sobolev_duality(void **state)
{
    double f[FIELD], g[FIELD], d[FIELD], zero[FIELD] = {0}, pairing = 0, f_norm, g_norm;

    (void)state;
    memset(f, 0, sizeof f);
    memset(g, 0, sizeof g);
    draw(0, 60, LERAY_F64, f);
    draw(1, 60, LERAY_F64, g);
    for (int i = 0; i < 60; i++) pairing += f[i] * g[i] / 20;
    f_norm = 2 * loss_of(&leray_loss_sobolev, "s: 1, relative: false", f, zero);
    g_norm = 2 * loss_of(&leray_loss_sobolev, "s: -1, relative: false", g, zero);
    assert_at_most(fabs(pairing), f_norm * g_norm * (1 - 1e-3));
    /* f = cos(2 pi (y + 2 x)): g = (1 + 4 pi^2 (1 + 4)) f. */
    for (int i = 0; i < 60; i++) {
        f[i] = cos(2 * M_PI * ((i / 5 % 4) / 4. + 2 * (i % 5) / 5.)) + (i / 20);
        d[i] = f[i] - (i / 20);
        g[i] = (i / 20) + (1 + 20 * M_PI * M_PI) * d[i];
    }
    pairing = 0;
    for (int i = 0; i < 60; i++) pairing += f[i] * g[i] / 20;
    f_norm = 2 * loss_of(&leray_loss_sobolev, "s: 1, relative: false", f, zero);
    g_norm = 2 * loss_of(&leray_loss_sobolev, "s: -1, relative: false", g, zero);
    assert_close(pairing, f_norm * g_norm, 1e-12);
}

/* Each loss of the sum, with its factor. */
static void test_sum(void **state)
{
    double p[FIELD], t[FIELD], g[FIELD] = {0}, g1[FIELD] = {0}, g2[FIELD] = {0}, one, two;
    leray_loss *sum, *first, *second, *term;
    leray_tape *tape;

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(make_loss(&leray_loss_mse, "factor: 3", &first));
    assert_ok(make_loss(&leray_loss_sobolev, "factor: 0.1", &second));
    assert_ok(make_loss(&leray_loss_mse, "factor: 3", &sum));
    assert_ok(make_loss(&leray_loss_sobolev, "factor: 0.1", &term));
    leray_loss_append(sum, &term);
    assert_null(term);
    one = loss_at(first, tape, p, g1, t);
    two = loss_at(second, tape, p, g2, t);
    assert_close(one, 3 * loss_of(&leray_loss_mse, "", p, t), 1e-15);
    assert_close(loss_at(sum, tape, p, g, t), one + two, 1e-15);
    for (int i = 0; i < FIELD; i++) assert_close(g[i], g1[i] + g2[i], 1e-15);
    leray_loss_destroy(&sum);
    leray_loss_destroy(&second);
    leray_loss_destroy(&first);
    leray_tape_destroy(&tape);
}

/* Which losses may be given coefficients. */
static void test_any_basis(void **state)
{
    leray_loss *loss, *term;

    (void)state;
    assert_ok(make_loss(&leray_loss_relative_l2, "channels: [1, 2]", &loss));
    assert_true(leray_loss_in_any_basis(loss));
    assert_ok(make_loss(&leray_loss_nmse, "latitude: nodes", &term));
    assert_false(leray_loss_in_any_basis(term));
    leray_loss_append(loss, &term);
    assert_false(leray_loss_in_any_basis(loss));
    leray_loss_destroy(&loss);
    assert_ok(make_loss(&leray_loss_huber, "", &loss));
    assert_false(leray_loss_in_any_basis(loss));
    leray_loss_destroy(&loss);
}

static void write_mask(void **state, const char *name, int rank, const int64_t *shape,
                       const double *mask, char yaml[])
{
    char path[LERAY_PATH_MAX];

    assert_ok(leray_npy_write(file_in(state, name, path), LERAY_NPY_F8, rank, shape, mask));
    snprintf(yaml, 400, "channels: [1, 3], mask: '%.300s'", path);
}

/* What cannot be weighted, or has not the shape, is refused before training. */
static void test_refusals(void **state)
{
    leray_grid grid = grid_2d(4, 5, true), line = unit_grid(1, (int[]){5}, true);
    double mask[20] = {0};
    char yaml[400];
    leray_loss *loss;

    write_mask(state, "m.npy", 2, (int64_t[]){5, 4}, mask, yaml);
    assert_ok(make_loss(&leray_loss_mse, yaml, &loss));
    assert_fails(leray_loss_prepare(loss, 2, &grid), LERAY_ERR_CONFIG, "5 x 4");
    assert_fails(leray_loss_prepare(loss, 2, &grid), LERAY_ERR_CONFIG, "of 4 x 5");
    assert_fails(leray_loss_prepare(loss, 3, &grid), LERAY_ERR_CONFIG, "3 channels");
    leray_loss_destroy(&loss);
    assert_fails(make_loss(&leray_loss_sobolev, yaml, &loss), LERAY_ERR_CONFIG, "Fourier modes");
    mask[7] = -1;
    write_mask(state, "m.npy", 2, (int64_t[]){5, 4}, mask, yaml);
    assert_fails(make_loss(&leray_loss_mse, yaml, &loss), LERAY_ERR_DATA, "at least 0");
    assert_fails(make_loss(&leray_loss_sobolev, "latitude: cells", &loss), LERAY_ERR_CONFIG,
                 "Fourier modes");
    assert_fails(make_loss(&leray_loss_sobolev, "s: -1, alpha: 0", &loss), LERAY_ERR_CONFIG,
                 "must be positive");
    assert_ok(make_loss(&leray_loss_mse, "latitude: cells", &loss));
    assert_ok(leray_loss_prepare(loss, 2, &grid));
    assert_fails(leray_loss_prepare(loss, 2, &line), LERAY_ERR_CONFIG, "y axis");
    leray_loss_destroy(&loss);
    assert_ok(make_loss(&leray_loss_sobolev, "lengths: [1, 2, 3]", &loss));
    assert_fails(leray_loss_prepare(loss, 2, &grid), LERAY_ERR_CONFIG, "3 lengths");
    leray_loss_destroy(&loss);
}

/* ---- PyTorch ---------------------------------------------------------------------------- */

/* Fields of one dimension of the fixture, rounded to the tape's precision. */
typedef struct problem {
    const fixture *f;
    leray_dtype dtype;
    int d, ndim, shape[LERAY_TENSOR_DIMS];
    size_t count;
    double p[512], t[512], g[512], h[512]; /* large enough for both precisions */
} problem;

static const double *numbers(const fixture *f, const char *name, int d, const char *tail,
                             size_t *count)
{
    char full[64];
    const double *x;

    snprintf(full, sizeof full, "%s%d%s", name, d, tail);
    x = fixture_find(f, full, count);
    if (!x) fail_msg("the fixture lacks '%s'", full);
    return x;
}

static void load(problem *q, const char *name, double *to)
{
    const double *x = numbers(q->f, name, q->d, "", &q->count);

    assert_true(q->count <= 512);
    for (size_t i = 0; i < q->count; i++)
        if (q->dtype == LERAY_F32) ((float *)(void *)to)[i] = (float)x[i];
        else to[i] = x[i];
}

static double distance(const problem *q, const double *x, const double *exact)
{
    double worst = 0, top = 0;

    for (size_t i = 0; i < q->count; i++) {
        double v = q->dtype == LERAY_F32 ? (double)((const float *)(const void *)x)[i] : x[i];

        worst = fmax(worst, fabs(v - exact[i]));
        top = fmax(top, fabs(exact[i]));
    }
    return worst / top;
}

static void check_torch(problem *q, const char *name, const leray_loss_type *type, const char *yaml,
                        double tolerance)
{
    leray_tensor *p, *t, *scalar;
    leray_tape *tape;
    leray_loss *loss;
    size_t n;
    double off;

    memset(q->g, 0, sizeof q->g);
    memset(q->h, 0, sizeof q->h);
    assert_ok(leray_tape_create(q->dtype, &tape));
    assert_ok(make_loss(type, yaml, &loss));
    assert_ok(leray_tape_parameter(tape, q->ndim, q->shape, q->p, q->g, &p));
    assert_ok(leray_tape_parameter(tape, q->ndim, q->shape, q->t, q->h, &t));
    assert_ok(leray_loss_apply(loss, tape, p, t, &scalar));
    off = fabs(leray_tensor_scalar(scalar) - numbers(q->f, name, q->d, "", &n)[0]);
    if (!(off <= tolerance)) fail_msg("%s in %d-D: value off by %.3g", name, q->d, off);
    assert_ok(leray_tape_backward(tape, scalar));
    off = fmax(distance(q, q->g, numbers(q->f, name, q->d, ".g", &n)),
               distance(q, q->h, numbers(q->f, name, q->d, ".h", &n)));
    if (!(off <= tolerance)) fail_msg("%s in %d-D: gradient off by %.3g", name, q->d, off);
    leray_loss_destroy(&loss);
    leray_tape_destroy(&tape);
}

static void check_all(void **state, problem *q, double tolerance)
{
    static const char *const lengths[] = {"2", "[2, 3]", "[2, 3, 1.5]"};
    char weights[400], yaml[600];
    int64_t grid[3];
    size_t n;

    for (int a = 0; a < q->d; a++) grid[a] = q->shape[2 + a];
    write_mask(state, "mask.npy", q->d, grid, numbers(q->f, "mask", q->d, "", &n), weights);
    check_torch(q, "relative_l1", &leray_loss_relative_lp, "p: 1", tolerance);
    check_torch(q, "relative_l3", &leray_loss_relative_lp, "p: 3", tolerance);
    snprintf(yaml, sizeof yaml, "p: 1.5, %s", weights);
    check_torch(q, "relative_l15", &leray_loss_relative_lp, yaml, tolerance);
    check_torch(q, "relative_l2", &leray_loss_relative_l2, "", tolerance);
    check_torch(q, "relative_l2w", &leray_loss_relative_l2, weights, tolerance);
    check_torch(q, "nmse", &leray_loss_nmse, "", tolerance);
    check_torch(q, "nmse_w", &leray_loss_nmse, weights, tolerance);
    check_torch(q, "mse", &leray_loss_mse, "", tolerance);
    check_torch(q, "mse_w", &leray_loss_mse, weights, tolerance);
    check_torch(q, "huber", &leray_loss_huber, "delta: 0.7", tolerance);
    snprintf(yaml, sizeof yaml, "delta: 0.7, %s", weights);
    check_torch(q, "huber_w", &leray_loss_huber, yaml, tolerance);
    snprintf(yaml, sizeof yaml, "s: 1, lengths: %s", lengths[q->d - 1]);
    check_torch(q, "h1", &leray_loss_sobolev, yaml, tolerance);
    snprintf(yaml, sizeof yaml, "s: -1, alpha: 2, channels: [1, 3], lengths: %s",
             lengths[q->d - 1]);
    check_torch(q, "h1_minus", &leray_loss_sobolev, yaml, tolerance);
    snprintf(yaml, sizeof yaml, "s: 0.5, alpha: 0, relative: false, channels: [1, 3], lengths: %s",
             lengths[q->d - 1]);
    check_torch(q, "h_half", &leray_loss_sobolev, yaml, tolerance);
    if (q->d == 1) return;
    check_torch(q, "cells", &leray_loss_mse, "latitude: cells", tolerance);
    check_torch(q, "nodes", &leray_loss_mse, "latitude: nodes", tolerance);
}

static void test_torch(void **state)
{
    static problem q;
    fixture f;

    fixture_open(&f, LERAY_SOURCE_DIR "/tests/fixtures/operators/losses.bin");
    for (int i = 0; i < 6; i++) {
        size_t n;
        const double *shape;

        q = (problem){.f = &f, .d = 1 + i / 2, .dtype = i % 2 ? LERAY_F32 : LERAY_F64};
        shape = numbers(&f, "p", q.d, ".shape", &n);
        q.ndim = (int)n;
        for (size_t a = 0; a < n; a++) q.shape[a] = (int)shape[a];
        load(&q, "p", q.p);
        load(&q, "t", q.t);
        check_all(state, &q, i % 2 ? 2e-6 : 1e-13);
    }
    fixture_close(&f);
}

static leray_status make_and_apply(const leray_loss_type *type, const char *yaml, leray_loss **loss,
                                   leray_tape **tape)
{
    static double p[16];
    leray_tensor *a, *b, *scalar;

    LERAY_TRY(make_loss(type, yaml, loss));
    LERAY_TRY(leray_loss_prepare(*loss, 2, on(4, 2)));
    LERAY_TRY(leray_tape_create(LERAY_F64, tape));
    LERAY_TRY(leray_tape_input(*tape, 4, (int[]){1, 2, 4, 2}, p, &a));
    LERAY_TRY(leray_tape_input(*tape, 4, (int[]){1, 2, 4, 2}, p, &b));
    LERAY_TRY(leray_loss_apply(*loss, *tape, a, b, &scalar));
    return LERAY_OK;
}

static void test_failing_allocations(void **state)
{
    long live;
    double mask[8] = {1, 1, 1, 1};
    char yaml[400];

    write_mask(state, "m.npy", 2, (int64_t[]){4, 2}, mask, yaml);
    live = leray_mem_live();
    for (int i = 0; i < 2 * COUNT; i++) {
        const leray_loss_type *type = losses[i / 2];
        leray_status status = LERAY_ERR_MEMORY;

        for (long k = 1; status; k++) {
            leray_loss *loss = NULL;
            leray_tape *tape = NULL;

            leray_mem_fail_at(k);
            status = make_and_apply(type,
                                    i % 2 == 0                         ? ""
                                    : type->terms == LERAY_LOSS_POINTS ? yaml
                                                                       : "channels: [1, 2]",
                                    &loss, &tape);
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            leray_tape_destroy(&tape);
            leray_loss_destroy(&loss);
            assert_int_equal(leray_mem_live(), live);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),       cmocka_unit_test(test_per_sample),
        cmocka_unit_test(test_scales),          cmocka_unit_test(test_zero_target),
        cmocka_unit_test(test_sobolev_zero),    cmocka_unit_test(test_sobolev_modes),
        cmocka_unit_test(test_sobolev_duality), cmocka_unit_test(test_sum),
        cmocka_unit_test(test_any_basis),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_torch),           cmocka_unit_test(test_failing_allocations),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
