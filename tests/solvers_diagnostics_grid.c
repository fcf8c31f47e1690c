/* tests/solvers_diagnostics_grid.c - structure functions and probability densities: known flows, and
   sums over all points by hand. */
#include "probe_flow.h"

#define ROUND 1e-14

/* u = a sin(2 x): du = 2 a sin(r) cos(2 x + r), whose even powers have known means. */
static void sine_has_known_increments(void **state)
{
    static const int k[] = {2, 0};
    leray_solver *s = make_probe("{n: [5, 24]}");
    const double a = 1.5;
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_wave(s, 0, k, -I * a / 2);
    add_wave(s, 1, k, 0.5);
    d = measure_one(&leray_diagnostic_increments, s, "{separations: all}", &t);
    assert_int_equal(t.rows, 12);
    for (int i = 0; i < t.rows; i++) {
        double r = TWO_PI * (i + 1) / 24, size = 2 * a * sin(r);

        assert_close(cell(&t, i, "r"), r, ROUND);
        assert_close(cell(&t, i, "longitudinal_2"), a * a * (1 - cos(2 * r)), ROUND);
        assert_close(cell(&t, i, "longitudinal_3"), 0, ROUND);
        assert_close(cell(&t, i, "longitudinal_4"), pow(size, 4) * 3 / 8, ROUND);
        assert_close(cell(&t, i, "longitudinal_6"), pow(size, 6) * 5 / 16, ROUND);
        assert_close(cell(&t, i, "transverse_2"), 1 - cos(2 * r), ROUND);
        if (i == 11) continue; /* half the box: no increment */
        assert_close(cell(&t, i, "longitudinal_flatness"), 1.5, 1e-13);
        assert_close(cell(&t, i, "longitudinal_skewness"), 0, 1e-13);
        assert_close(cell(&t, i, "transverse_flatness"), 1.5, 1e-13);
    }
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* The velocity on the whole grid by direct sums over all modes. */
static double *velocity_by_hand(probe *s, int component)
{
    const leray_box *b = &s->box;
    double *u = test_calloc(leray_box_points(b), sizeof *u);

    for (int i = 0; i <= b->top[2]; i++)
        for (int m = -b->top[1]; m <= b->top[1]; m++)
            for (int r = -b->top[0]; r <= b->top[0]; r++) {
                double complex c =
                    leray_modes_get(leray_integrator_state(s->integrator), component, r, m, i);
                double *at = u;

                for (int z = 0; z < b->n[0]; z++)
                    for (int y = 0; y < b->n[1]; y++)
                        for (int x = 0; x < b->n[2]; x++)
                            *at++ +=
                                (i > 0 ? 2 : 1) *
                                creal(c * cexp(I * TWO_PI *
                                               ((double)r * z / b->n[0] + (double)m * y / b->n[1] +
                                                (double)i * x / b->n[2])));
            }
    return u;
}

/* Means of the powers of increments of a field by hand, against a table's columns. */
static void check_moments(const leray_measured *t, int row, int separation, const leray_box *b,
                          int fields, double **u, const char *kind)
{
    size_t points = leray_box_points(b);
    double mean[7] = {0};

    for (int f = 0; f < fields; f++)
        for (size_t j = 0; j < points; j++) {
            size_t x = j % (size_t)b->n[2];
            size_t there = j - x + (x + (size_t)separation) % (size_t)b->n[2];

            for (int p = 2; p <= 6; p++)
                mean[p] += pow(u[f][there] - u[f][j], p) / (double)points / fields;
        }
    for (int p = 2; p <= 6; p++) {
        char name[32];

        snprintf(name, sizeof name, "%s_%d", kind, p);
        assert_at_most(fabs(cell(t, row, name) - mean[p]), 1e-12 * pow(mean[2] * 6, p / 2.));
    }
}

static void moments_are_means_over_points(void **state)
{
    static const char *const boxes[] = {
        "{n: [7, 12], length: [3, 5]}",
        "{n: [5, 9, 8], length: [4, 7, 3]}",
        "{n: [6, 4, 10], length: [4, 7, 3], dealias: phase-shift}",
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *s = make_probe(boxes[i]);
        const leray_box *b = &((probe *)s)->box;
        double *u[3] = {0};
        leray_measured t;
        leray_diagnostic *d;

        draw_modes(s, false);
        for (int a = 0; a < b->ndim; a++) u[a] = velocity_by_hand((probe *)s, a);
        d = measure_one(&leray_diagnostic_increments, s, "{}", &t);
        assert_int_equal(t.rows, 3); /* 1, 2, 4 */
        for (int r = 0; r < t.rows; r++) {
            check_moments(&t, r, 1 << r, b, 1, u, "longitudinal");
            check_moments(&t, r, 1 << r, b, b->ndim - 1, u + 1, "transverse");
        }
        leray_diagnostic_destroy(&d);
        for (int a = 0; a < b->ndim; a++) test_free(u[a]);
        leray_solver_destroy(&s);
    }
}

/* The value of sin at evenly spaced points: P(sin < y) = 1/2 + asin(y)/pi. A bin's preimage is two
   arcs, each with as many points as it has room for but for one. */
static void sine_has_the_arcsine_law(void **state)
{
    enum { N = 3000, BINS = 37 };
    static const int k[] = {1, 0};
    leray_solver *s = make_probe("{n: [4, 3000], length: [1, 6.283185307179586]}");
    const double width = 2 * 1.2 / BINS, deviation = sqrt(0.5);
    double inside = 0;
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_wave(s, 0, k, -I * 0.5);
    d = measure_one(&leray_diagnostic_pdf, s, "{bins: 37, range: 1.2, separations: 5}", &t);
    assert_int_equal(t.rows, BINS);
    for (int i = 0; i < BINS; i++) {
        double lower = (-1.2 + i * width) * deviation, upper = lower + width * deviation;

        assert_close(cell(&t, i, "centre"), -1.2 + (i + 0.5) * width, ROUND);
        assert_close(cell(&t, i, "velocity_x"), (lower + upper) / 2, ROUND);
        assert_at_most(
            fabs(cell(&t, i, "p_velocity_x") * width - (asin(upper) - asin(lower)) / (TWO_PI / 2)),
            2. / N);
        assert_at_most(fabs(cell(&t, i, "p_longitudinal_5") - cell(&t, i, "p_velocity_x")) * width,
                       4. / N);
        assert_close(cell(&t, i, "longitudinal_5"),
                     cell(&t, i, "centre") * sqrt(1 - cos(5 * TWO_PI / N)), ROUND);
        inside += cell(&t, i, "p_velocity_x") * width;
    }
    assert_at_most(fabs(inside - 2 * asin(1.2 * deviation) / (TWO_PI / 2)), 2. / N);
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* All points are in some bin of a range beyond the largest value: then the integral is 1. */
static void densities_integrate_to_one(void **state)
{
    static const char *const boxes[] = {"{n: [18, 25]}",
                                        "{n: [9, 10, 12], length: [1, 2, 3], precision: single}"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_solver *s = make_probe(boxes[i]);
        leray_measured t;
        leray_diagnostic *d;

        draw_modes(s, true);
        d = measure_one(&leray_diagnostic_pdf, s, "{bins: 64, range: 16, separations: [1, 3, 6]}",
                        &t);
        assert_int_equal(t.columns, 1 + 2 * (i ? 3 + 3 + 6 : 2 + 1 + 6));
        for (int c = 2; c < t.columns; c += 2) {
            assert_true(!strncmp(t.column[c], "p_", 2) &&
                        !strcmp(t.column[c] + 2, t.column[c - 1]));
            assert_close(column_sum(&t, t.column[c]) * 32 / 64, 1, ROUND);
        }
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s);
    }
}

/* Independent normal modes make a Gaussian field. With 31^3 modes the flatness of its increments is
   known to sqrt(24/31^3) = 0.03, the skewness to sqrt(6/31^3) = 0.014, and a bin's probability p
   to sqrt(p/31^3). */
static void gaussian_field_is_gaussian(void **state)
{
    leray_solver *s = make_probe("{n: [48, 48, 48], length: [1, 1, 1]}");
    const double modes = 31 * 31 * 31;
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    draw_modes(s, false);
    d = measure_one(&leray_diagnostic_increments, s, "{}", &t);
    for (int r = 0; r < t.rows; r++) {
        assert_at_most(fabs(cell(&t, r, "longitudinal_flatness") - 3), 4 * sqrt(24 / modes));
        assert_at_most(fabs(cell(&t, r, "transverse_flatness") - 3), 4 * sqrt(24 / modes));
        assert_at_most(fabs(cell(&t, r, "longitudinal_skewness")), 4 * sqrt(6 / modes));
    }
    leray_diagnostic_destroy(&d);
    d = measure_one(&leray_diagnostic_pdf, s, "{bins: 40, range: 5}", &t);
    for (int c = 2; c < t.columns; c += 2)
        for (int b = 0; b < t.rows; b++) {
            double low = -5 + b * 0.25, p = (erf((low + 0.25) / sqrt(2)) - erf(low / sqrt(2))) / 2;
            double measured = cell(&t, b, t.column[c]) * 0.25;

            assert_at_most(fabs(measured - p), 5 * sqrt(p / modes) + 2 / modes);
        }
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* The curl: v = sin(3 x) in a plane has the vorticity 3 cos(3 x); in space each component of the
   curl of one wave, by its deviation. */
static void vorticity_is_the_curl(void **state)
{
    static const int k[] = {3, 0, 0}, oblique[] = {1, 2, 3};
    leray_solver *s = make_probe("{n: [4, 24]}");
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_wave(s, 1, k, -I * 0.5);
    d = measure_one(&leray_diagnostic_pdf, s, "{}", &t);
    assert_close(cell(&t, 0, "vorticity") / cell(&t, 0, "centre"), 3 * sqrt(0.5), ROUND);
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);

    s = make_probe("{n: [16, 16, 16], length: [6.283185307179586, 6.283185307179586, "
                   "6.283185307179586]}");
    for (int a = 0; a < 3; a++) add_wave(s, a, oblique, 0.5 * (a + 1) * (a == 1 ? -1 : 1));
    d = measure_one(&leray_diagnostic_pdf, s, "{}", &t);
    /* (1, 2, 3) x (1, -2, 3) = (12, 0, -4) */
    assert_close(cell(&t, 0, "vorticity_x") / cell(&t, 0, "centre"), 12 * sqrt(0.5), ROUND);
    assert_close(cell(&t, 0, "vorticity_y"), 0, ROUND);
    assert_close(cell(&t, 0, "vorticity_z") / cell(&t, 0, "centre"), 4 * sqrt(0.5), ROUND);
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* The vorticity's values on the grid: those of w = sin(x) + sin(2 x)/2, as bins count them. */
static void vorticity_is_counted(void **state)
{
    enum { N = 50, BINS = 30 };
    static const int one[] = {1, 0}, two[] = {2, 0};
    leray_solver *s = make_probe("{n: [4, 50]}");
    const double deviation = sqrt(0.5 + 0.125), width = 10. / BINS;
    int count[BINS] = {0};
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_wave(s, 1, one, -0.5); /* v = -cos x - cos(2 x)/4 */
    add_wave(s, 1, two, -0.125);
    d = measure_one(&leray_diagnostic_pdf, s, "{bins: 30, range: 5}", &t);
    for (int j = 0; j < N; j++) {
        double x = TWO_PI * (j + 1e-9) / N, w = sin(x) + sin(2 * x) / 2;

        count[(int)floor((w / deviation + 5) / width)]++;
    }
    for (int b = 0; b < BINS; b++) {
        double mine = cell(&t, b, "p_vorticity") * width * N;

        if (b == BINS / 2 - 1 || b == BINS / 2) continue; /* zeros may fall on either side */
        assert_close(mine, count[b], 1e-12);
    }
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_has_known_increments),
        cmocka_unit_test(moments_are_means_over_points),
        cmocka_unit_test(sine_has_the_arcsine_law),
        cmocka_unit_test(densities_integrate_to_one),
        cmocka_unit_test(gaussian_field_is_gaussian),
        cmocka_unit_test(vorticity_is_the_curl),
        cmocka_unit_test(vorticity_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
