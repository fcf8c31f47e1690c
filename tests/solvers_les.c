/* tests/solvers_les.c - sub-grid models at points whose gradients are given: exact values, flows where
   theory has no stress, symmetries, and the least squares of the dynamic model. */
#include "les_tools.h"

#include "solvers/pseudospectral/les/eddy.h"

#define POINTS 7 /* no multiple of any vector's length */

/* g[i][j] = d u_i / d x_j */
typedef double tensor[3][3];

static const char *const pointwise[] = {"smagorinsky", "wale", "vreman"};

static void random_gradient(unsigned seed, tensor g)
{
    uint64_t x = 88172645463325252u + seed * 7919u;

    for (int a = 0; a < 9; a++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        g[a / 3][a % 3] = (double)(x >> 11) / 4503599627370496.0 - 1;
    }
    g[2][2] = -(g[0][0] + g[1][1]);
}

/* ---- one gradient at all points ---------------------------------------------------------- */

/* tau without its trace, and -tau_ij S_ij, of a model with Delta = 1 at points of gradient g. */
static double stress_of(const char *model, double constant, tensor g, tensor tau)
{
    leray_les_settings settings = les_settings(model);
    leray_box box = cube();
    leray_les *les;
    double rows[8 + 5][POINTS] = {{0}}, *gradient[8], *product[5], sum;

    settings.constant = constant, settings.width = 1;
    les = make_les(&settings, &box);
    for (int f = 0; f < 8; f++) gradient[f] = rows[f];
    for (int f = 0; f < 5; f++) product[f] = rows[8 + f];
    for (int i = 0; i < POINTS; i++) {
        const double all[] = {g[0][0], g[1][1], g[0][1], g[1][0],
                              g[0][2], g[2][0], g[1][2], g[2][1]};
        const double strain[] = {g[0][0], g[1][1], (g[0][1] + g[1][0]) / 2, (g[0][2] + g[2][0]) / 2,
                                 (g[1][2] + g[2][1]) / 2};

        for (int f = 0; f < leray_les_gradient_fields(les->type); f++)
            rows[f][i] = les->type->gradients == LERAY_LES_STRAIN ? strain[f] : all[f];
    }
    sum = les->type->stress(les, POINTS, NULL, gradient, NULL, product);
    /* Points beyond the last whole vector may round otherwise, and no further than its root. */
    for (int f = 0; f < 5; f++)
        for (int i = 1; i < POINTS; i++) assert_close(product[f][i], product[f][0], 1e-8);
    tau[0][0] = (2 * product[0][0] - product[1][0]) / 3;
    tau[1][1] = (2 * product[1][0] - product[0][0]) / 3;
    tau[2][2] = -(product[0][0] + product[1][0]) / 3;
    tau[0][1] = tau[1][0] = product[2][0];
    tau[0][2] = tau[2][0] = product[3][0];
    tau[1][2] = tau[2][1] = product[4][0];
    leray_les_destroy(&les);
    leray_box_fini(&box);
    return sum / POINTS;
}

/* u_1 = 3 y: |S| = 3, and the shear stress is -nu_t 3. In all six directions. */
static void smagorinsky_of_a_pure_shear(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            tensor g = {{0}}, tau;
            double nu_t = 0.17 * 0.17 * 3;

            if (i == j) continue;
            g[i][j] = -3;
            assert_close(stress_of("smagorinsky", 0, g, tau), nu_t * 9, 1e-15);
            assert_close(tau[i][j], nu_t * 3, 1e-15);
            assert_close(stress_of("smagorinsky", 0.1, g, tau), 0.01 * 27, 1e-15);
            for (int a = 0; a < 9; a++)
                if (a != 3 * i + j && a != 3 * j + i) assert_true(tau[a / 3][a % 3] == 0);
        }
}

/* nu_t of plane strain diag(a, -a, 0) and of axisymmetric strain diag(a, -a/2, -a/2), by hand. */
static void viscosities_of_strain(void **state)
{
    const double wale_plane = pow(2.0 / 3, 1.5) / (pow(2, 2.5) + pow(2.0 / 3, 1.25));
    const double wale_axisymmetric = pow(0.375, 1.5) / (pow(1.5, 2.5) + pow(0.375, 1.25));
    const struct {
        const char *model;
        double constant, plane, axisymmetric;
    } row[] = {
        {"smagorinsky", 0.2,  0.04 * 2,          0.04 * sqrt(3)          },
        {"wale",        0.5,  0.25 * wale_plane, 0.25 * wale_axisymmetric},
        {"vreman",      0.07, 0.07 / sqrt(2),    0.07 * sqrt(0.375)      },
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        const double a = 1.7;
        tensor plane = {
            {a, 0,  0},
            {0, -a, 0},
            {0, 0,  0}
        };
        tensor axisymmetric = {
            {a, 0,      0     },
            {0, -a / 2, 0     },
            {0, 0,      -a / 2}
        };
        tensor tau;

        assert_close(stress_of(row[i].model, row[i].constant, plane, tau),
                     row[i].plane * a * 4 * a * a, 1e-14);
        assert_close(tau[0][0], -2 * row[i].plane * a * a, 1e-14);
        assert_close(tau[1][1], 2 * row[i].plane * a * a, 1e-14);
        assert_close(stress_of(row[i].model, row[i].constant, axisymmetric, tau),
                     row[i].axisymmetric * a * 3 * a * a, 1e-14);
        assert_close(tau[0][0], -2 * row[i].axisymmetric * a * a, 1e-14);
        assert_close(tau[2][2], row[i].axisymmetric * a * a, 1e-14);
    }
}

static void assert_no_stress(const char *model, tensor g, double tol)
{
    tensor tau;

    assert_at_most(fabs(stress_of(model, 0, g, tau)), tol);
    for (int a = 0; a < 9; a++) assert_at_most(fabs(tau[a / 3][a % 3]), tol);
}

static void no_stress_where_theory_has_none(void **state)
{
    /* Velocities along one direction that vary across it, and in two directions that vary along the
       third: the rank is one, and g g = 0. */
    tensor shears[] = {
        {{0, 2, 0}, {0, 0, 0},  {0, 0, 0} },
        {{0, 0, 0}, {0, 0, -3}, {0, 0, 0} },
        {{0, 2, 5}, {0, 0, 0},  {0, 0, 0} },
        {{0, 2, 0}, {0, 0, 0},  {0, -1, 0}},
    };
    tensor rest = {
        {0, 0, 0}
    };
    tensor rotation = {
        {0,  2,    -1 },
        {-2, 0,    0.5},
        {1,  -0.5, 0  }
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_no_stress(pointwise[i], rotation, 0);
        assert_no_stress(pointwise[i], rest, 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_no_stress("wale", shears[i], 0);
        assert_no_stress("vreman", shears[i], 0);
    }
}

/* u = a (b . x) with a across b: the same, but for rounding, whose root Vreman's model takes. */
static void no_stress_in_oblique_shears(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        tensor r, g;
        double *a = r[0], *b = r[1], dot, square;

        random_gradient(seed, r);
        dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        square = a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
        for (int i = 0; i < 3; i++) b[i] -= dot / square * a[i];
        for (int i = 0; i < 9; i++) g[i / 3][i % 3] = a[i / 3] * b[i % 3];
        assert_no_stress("wale", g, 1e-12);
        assert_no_stress("vreman", g, 1e-8);
    }
}

/* ---- random gradients -------------------------------------------------------------------- */

/* Full tensors, no symmetry used. */
static double viscosity_by_definition(const char *model, tensor g)
{
    double ss = 0, aa = 0, dd = 0, trace = 0, minors = 0, b[3][3] = {{0}}, d[3][3];

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double s = (g[i][j] + g[j][i]) / 2;

            ss += s * s;
            aa += g[i][j] * g[i][j];
            d[i][j] = 0;
            for (int k = 0; k < 3; k++) {
                d[i][j] += (g[i][k] * g[k][j] + g[j][k] * g[k][i]) / 2;
                b[i][j] += g[i][k] * g[j][k];
            }
        }
    for (int i = 0; i < 3; i++) trace += d[i][i];
    for (int i = 0; i < 3; i++) d[i][i] -= trace / 3;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            dd += d[i][j] * d[i][j];
            minors += (b[i][i] * b[j][j] - b[i][j] * b[i][j]) / 2;
        }
    if (!strcmp(model, "smagorinsky")) return 0.17 * 0.17 * sqrt(2 * ss);
    if (!strcmp(model, "wale")) return 0.25 * pow(dd, 1.5) / (pow(ss, 2.5) + pow(dd, 1.25));
    return 0.07 * sqrt(minors / aa);
}

static void stress_is_that_of_the_definition(void **state)
{
    (void)state;
    for (int m = 0; m < 3; m++)
        for (unsigned seed = 0; seed < 20; seed++) {
            tensor g, tau;
            double nu_t, sum, expected = 0;

            random_gradient(seed, g);
            nu_t = viscosity_by_definition(pointwise[m], g);
            sum = stress_of(pointwise[m], 0, g, tau);
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++) {
                    double s = (g[i][j] + g[j][i]) / 2;

                    assert_close(tau[i][j], -2 * nu_t * s, 1e-14);
                    expected += 2 * nu_t * s * s;
                }
            assert_close(sum, expected, 1e-14);
            assert_true(sum > 0);
        }
}

/* The stress of turned axes is the turned stress, for all 48 ways in which axes can be exchanged and
   reversed: tau_ij (R g R^T) = R tau R^T. */
static void stress_turns_with_the_axes(void **state)
{
    static const int order[6][3] = {
        {0, 1, 2},
        {1, 2, 0},
        {2, 0, 1},
        {1, 0, 2},
        {0, 2, 1},
        {2, 1, 0}
    };
    tensor g;

    (void)state;
    random_gradient(5, g);
    for (int m = 0; m < 3; m++)
        for (int turn = 0; turn < 48; turn++) {
            const int *p = order[turn / 8];
            double sign[3] = {turn & 1 ? -1 : 1, turn & 2 ? -1 : 1, turn & 4 ? -1 : 1};
            tensor turned, tau, tau_turned;

            for (int a = 0; a < 9; a++)
                turned[a / 3][a % 3] = sign[a / 3] * sign[a % 3] * g[p[a / 3]][p[a % 3]];
            assert_close(stress_of(pointwise[m], 0, turned, tau_turned),
                         stress_of(pointwise[m], 0, g, tau), 1e-14);
            for (int a = 0; a < 9; a++)
                assert_close(tau_turned[a / 3][a % 3],
                             sign[a / 3] * sign[a % 3] * tau[p[a / 3]][p[a % 3]], 1e-14);
        }
}

/* nu_t is of degree one in the gradient, so tau is of degree two, over many orders of magnitude. */
static void stress_scales(void **state)
{
    tensor g, tau, scaled;

    (void)state;
    random_gradient(9, g);
    for (int m = 0; m < 3; m++)
        for (double f = 1e-30; f < 1e31; f *= 1e10) {
            tensor h;

            for (int a = 0; a < 9; a++) h[a / 3][a % 3] = f * g[a / 3][a % 3];
            stress_of(pointwise[m], 0, g, tau);
            stress_of(pointwise[m], 0, h, scaled);
            for (int a = 0; a < 9; a++)
                assert_close(scaled[a / 3][a % 3] / f / f, tau[a / 3][a % 3], 1e-14);
        }
}

/* ---- the dynamic procedure --------------------------------------------------------------- */

/* Products that are made as u^_i u^_j + C M_ij give C, to rounding, whatever C's sign. */
static void least_squares_recover_the_coefficient(void **state)
{
    const double exact = -0.023, ratio = 1.7;
    double rows[LERAY_DYNAMIC_ROWS][POINTS], *row[LERAY_DYNAMIC_ROWS];
    leray_dynamic_sums sums;

    (void)state;
    for (int f = 0; f < LERAY_DYNAMIC_ROWS; f++) row[f] = rows[f];
    for (int i = 0; i < POINTS; i++) {
        tensor s, flux;
        double norm = 0, u[3], m[3][3];
        static const int at[5][2] = {
            {0, 0},
            {1, 1},
            {0, 1},
            {0, 2},
            {1, 2}
        };

        random_gradient(10 + (unsigned)i, s);
        random_gradient(50 + (unsigned)i, flux);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < a; b++) s[a][b] = s[b][a], flux[a][b] = flux[b][a];
        for (int a = 0; a < 9; a++) norm += 2 * s[a / 3][a % 3] * s[a / 3][a % 3];
        for (int a = 0; a < 9; a++)
            m[a / 3][a % 3] = flux[a / 3][a % 3] - ratio * ratio * sqrt(norm) * s[a / 3][a % 3];
        for (int a = 0; a < 3; a++) rows[LERAY_DYNAMIC_U + a][i] = u[a] = flux[a][1] + 0.3;
        for (int f = 0; f < 5; f++) {
            int p = at[f][0], q = at[f][1];
            double less = f < 2 ? u[2] * u[2] + exact * m[2][2] : 0;

            rows[LERAY_DYNAMIC_FLUX + f][i] = flux[p][q];
            rows[LERAY_DYNAMIC_STRAIN + f][i] = s[p][q];
            rows[LERAY_DYNAMIC_PRODUCT + f][i] = u[p] * u[q] + exact * m[p][q] - less;
        }
    }
    sums = leray_dynamic_compare(ratio, POINTS, row);
    assert_close(sums.lm / sums.mm, exact, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smagorinsky_of_a_pure_shear),
        cmocka_unit_test(viscosities_of_strain),
        cmocka_unit_test(no_stress_where_theory_has_none),
        cmocka_unit_test(no_stress_in_oblique_shears),
        cmocka_unit_test(stress_is_that_of_the_definition),
        cmocka_unit_test(stress_turns_with_the_axes),
        cmocka_unit_test(stress_scales),
        cmocka_unit_test(least_squares_recover_the_coefficient),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
