/* tests/tensor_spectral.c - the spectral convolution against the definition: a full spectrum,
   made Hermitian, and a double sum over it; and what a grid with too few modes is told. */
#include "check.h"

#include "core/rng.h"
#include "tensor/op.h"
#include "tensor/ops.h"

#include <complex.h>

#define TWO_PI 6.283185307179586476925
#define MAX 4096

typedef struct grid {
    int ny, nx, my, mx;
} grid;

static double normal(leray_rng *rng) { return leray_rng_normal(rng); }

/* x_hat(ky, kx) = 1 / N sum x exp(-i theta), for any signs. */
static double complex coefficient(const grid *g, const double *x, int ky, int kx)
{
    double complex s = 0;

    for (int y = 0; y < g->ny; y++)
        for (int i = 0; i < g->nx; i++) {
            double theta = TWO_PI * ((double)ky * y / g->ny + (double)kx * i / g->nx);

            s += x[y * g->nx + i] * cexp(-I * theta);
        }
    return s / (g->ny * g->nx);
}

/* w of mode (ky, kx >= 0); 0 outside the kept ones. ky is any representative. */
static double complex weight(const grid *g, const double *w, int ky, int kx)
{
    int k = ((ky % g->ny) + g->ny) % g->ny, row = -1;

    if (k < g->my) row = k;
    else if (k >= g->ny - g->my) row = k - (g->ny - 2 * g->my);
    if (row < 0 || kx >= g->mx) return 0;
    return w[(row * g->mx + kx) * 2] + I * w[(row * g->mx + kx) * 2 + 1];
}

/* The spectrum that irfft2 sees, extended to all kx by symmetry; columns that are their own
   conjugate are projected. */
static double complex hermitian(const grid *g, const double *x, const double *w, int ky, int kx)
{
    double complex here, there;

    if (kx > g->nx / 2) return conj(hermitian(g, x, w, -ky, g->nx - kx));
    here = weight(g, w, ky, kx) * coefficient(g, x, ky, kx);
    if (kx != 0 && 2 * kx != g->nx) return here;
    there = weight(g, w, -ky, kx) * coefficient(g, x, -ky, kx);
    return (here + conj(there)) / 2;
}

static void check_definition(const grid *g)
{
    static double x[MAX], w[MAX];
    leray_rng rng = leray_rng_make(3, LERAY_PURPOSE_TEST, 0, 0);
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    for (int i = 0; i < g->ny * g->nx; i++) x[i] = normal(&rng);
    for (int i = 0; i < 2 * g->my * g->mx * 2; i++) w[i] = normal(&rng);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, g->ny, g->nx}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){2 * g->my, g->mx, 1, 1, 2}, w, &tw));
    assert_ok(leray_op_spectral(tape, tx, tw, &ty));
    for (int y = 0; y < g->ny; y++)
        for (int i = 0; i < g->nx; i++) {
            double complex s = 0;

            for (int ky = 0; ky < g->ny; ky++)
                for (int kx = 0; kx < g->nx; kx++) {
                    double theta = TWO_PI * ((double)ky * y / g->ny + (double)kx * i / g->nx);

                    s += hermitian(g, x, w, ky, kx) * cexp(I * theta);
                }
            assert_at_most(fabs(cimag(s)), 1e-12);
            assert_close(((double *)ty->value)[y * g->nx + i], creal(s), 1e-12);
        }
    leray_tape_destroy(&tape);
}

static void test_definition(void **state)
{
    static const grid grids[] = {
        {6, 8, 2, 3},
        {6, 8, 3, 5},
        {7, 6, 3, 4},
        {5, 9, 1, 1},
        {8, 5, 2, 3}
    };

    (void)state;
    for (int i = 0; i < 5; i++) check_definition(&grids[i]);
}

/* All modes with weight 1 give the field back: both directions are inverse to each other. */
static void test_identity(void **state)
{
    static double x[MAX], w[MAX];
    leray_rng rng = leray_rng_make(4, LERAY_PURPOSE_TEST, 0, 0);
    int ny = 12, nx = 10, channels = 2, mx = nx / 2 + 1, modes = ny * mx;
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    (void)state;
    for (int i = 0; i < 3 * channels * ny * nx; i++) x[i] = normal(&rng);
    for (int m = 0; m < modes; m++)
        for (int c = 0; c < channels; c++) w[((m * channels + c) * channels + c) * 2] = 1;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){3, channels, ny, nx}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){ny, mx, channels, channels, 2}, w, &tw));
    assert_ok(leray_op_spectral(tape, tx, tw, &ty));
    for (size_t i = 0; i < ty->count; i++) assert_close(((double *)ty->value)[i], x[i], 1e-13);
    leray_tape_destroy(&tape);
}

static void test_too_many_modes(void **state)
{
    static double x[MAX], w[MAX];
    leray_tensor *tx, *tw, *ty;
    leray_tape *tape;

    (void)state;
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, 8, 6}, x, &tx));
    assert_ok(leray_tape_input(tape, 5, (int[]){10, 2, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "modes = 5");
    assert_non_null(strstr(leray_error_message(), "at least 10 points, this one has 8"));
    assert_null(ty);
    assert_ok(leray_tape_input(tape, 5, (int[]){4, 5, 1, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "modes = 5 in x");
    assert_ok(leray_tape_input(tape, 5, (int[]){4, 2, 3, 1, 2}, w, &tw));
    assert_fails(leray_op_spectral(tape, tx, tw, &ty), LERAY_ERR_ARG, "ci = 1");
    leray_tape_destroy(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_too_many_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
