/* tests/refine_krylov.c - the linear problems of a step, small ones whose answers are known. */
#include "check.h"

#include "refine/krylov.h"

#include <math.h>
#include <string.h>

enum { N = 6 };

typedef struct matrix {
    int rows, columns;
    double a[N][N];
    int products;
} matrix;

static void multiply(void *self, const double *d, double *out)
{
    matrix *m = self;

    m->products++;
    for (int i = 0; i < m->rows; i++) {
        out[i] = 0;
        for (int j = 0; j < m->columns; j++) out[i] += m->a[i][j] * d[j];
    }
}

static void multiply_adjoint(void *self, const double *l, double *out)
{
    const matrix *m = self;

    for (int j = 0; j < m->columns; j++) {
        out[j] = 0;
        for (int i = 0; i < m->rows; i++) out[j] += m->a[i][j] * l[i];
    }
}

static leray_refine_problem problem_of(matrix *m)
{
    return (leray_refine_problem){.self = m,
                                  .unknowns = (size_t)m->columns,
                                  .equations = (size_t)m->rows,
                                  .tangent = multiply,
                                  .adjoint = multiply_adjoint};
}

/* min |A d - b|, the share that is left. */
static double solve(matrix *m, leray_krylov_method method, const double *b, double *d)
{
    leray_refine_problem problem = problem_of(m);
    leray_krylov *k;
    double left;
    int taken;

    assert_ok(leray_krylov_create(&problem, method, &k));
    assert_ok(leray_krylov_solve(k, b, 40, 1e-12, d, &taken, &left));
    leray_krylov_destroy(&k);
    assert_true(taken >= 0 && taken <= 80);
    return left;
}

/* One and what comes after: the form that frames give, and a rotation by a right angle, which the first of
   the family, BiCG, does not solve. */
static void square_ones(void **state)
{
    matrix m[2] = {
        {.rows = N,     .columns = N          },
        { .rows = 2, .columns = 2, .a = {{0, 1}, {-1, 0}}}
    };

    (void)state;
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) m[0].a[i][j] = i == j ? 1 : 0.5 / (1 + i - j);
    for (int which = 0; which < 2; which++)
        for (int method = LERAY_KRYLOV_BICGSTAB; method <= LERAY_KRYLOV_LSQR; method++) {
            double want[N], b[N], d[N];

            for (int i = 0; i < N; i++) want[i] = cos(1 + 2 * i);
            multiply(&m[which], want, b);
            assert_at_most(solve(&m[which], (leray_krylov_method)method, b, d), 1e-11);
            for (int i = 0; i < m[which].columns; i++) assert_close(d[i], want[i], 1e-8);
        }
}

/* More equations than unknowns: the normal equations hold, and what is left is what they leave. */
static void least_squares(void **state)
{
    matrix m = {
        .rows = 3, .columns = 2, .a = {{1, 0}, {0, 1}, {1, 1}}
    };
    leray_refine_problem problem = problem_of(&m);
    const double b[3] = {1, 1, 0};
    leray_krylov *k;
    double d[2];

    (void)state;
    assert_close(solve(&m, LERAY_KRYLOV_LSQR, b, d), sqrt(2.0 / 3), 1e-10);
    assert_close(d[0], 1.0 / 3, 1e-10);
    assert_close(d[1], 1.0 / 3, 1e-10);
    assert_fails(leray_krylov_create(&problem, LERAY_KRYLOV_BICGSTAB, &k), LERAY_ERR_ARG,
                 "not for 3 and 2");
    assert_null(k);
}

/* Where BiCGStab finds nothing, LSQR does what can be done. */
static void breakdown(void **state)
{
    matrix nothing = {.rows = 2, .columns = 2}, half = {.rows = 2, .columns = 2, .a = {{1}}};
    const double b[2] = {3, 4};
    double d[2];

    (void)state;
    assert_close(solve(&nothing, LERAY_KRYLOV_BICGSTAB, b, d), 1, 1e-12);
    assert_true(d[0] == 0 && d[1] == 0);
    assert_close(solve(&half, LERAY_KRYLOV_BICGSTAB, b, d), 0.8, 1e-6);
    assert_close(d[0], 3, 1e-5);
}

static void no_right_hand_side(void **state)
{
    matrix m = {
        .rows = 2, .columns = 2, .a = {{1, 2}, {0, 1}}
    };
    const double b[2] = {0, 0};
    double d[2] = {1, 1};

    (void)state;
    assert_true(solve(&m, LERAY_KRYLOV_BICGSTAB, b, d) == 0);
    assert_true(d[0] == 0 && d[1] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(square_ones),
        cmocka_unit_test(least_squares),
        cmocka_unit_test(breakdown),
        cmocka_unit_test(no_right_hand_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
