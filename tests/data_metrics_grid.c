/* tests/data_metrics_grid.c - metrics on uneven grids, spheres and under masks against direct sums. */
#include "data_files.h"

#include "data/metrics.h"

enum { CHANNELS = 2, NY = 4, NX = 6, POINTS = NY * NX, N = CHANNELS * POINTS, SAMPLES = 3 };

static const double uneven[NY] = {3.5, 3, 1, 0}; /* falling */
static const unsigned char sea[POINTS] = {1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1,
                                          1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1};

static leray_grid plain(void) { return leray_grid_periodic(2, (int[]){NY, NX}, (double[]){4, 3}); }

static leray_grid uneven_grid(void)
{
    leray_grid grid = plain();

    grid.axis[0].points = LERAY_AT_COORDINATES, grid.axis[0].coordinates = uneven;
    grid.axis[0].boundary[0] = grid.axis[0].boundary[1] = LERAY_WALL;
    return grid;
}

static leray_grid sphere(void)
{
    leray_grid grid = plain();

    grid.kind = LERAY_SPHERE;
    grid.axis[0].points = LERAY_AT_CENTRES;
    grid.axis[0].boundary[0] = grid.axis[0].boundary[1] = LERAY_POLE;
    grid.axis[0].start = -90, grid.axis[0].length = 180, grid.axis[1].length = 360;
    return grid;
}

/* What a row stands for, by hand. */
static double row_of(const leray_grid *grid, int j)
{
    static const double cells[NY] = {0.75, 1.25, 1.5, 0.5};

    if (grid->kind == LERAY_SPHERE)
        return sin((-45 + 45 * j) * M_PI / 180) - sin((-90 + 45 * j) * M_PI / 180);
    return grid->axis[0].coordinates ? cells[j] : 1;
}

static float truth_at(int sample, int i) { return (float)sin(1.3 * i + sample) + 2; }
static float guess_at(int sample, int i) { return truth_at(sample, i) + (float)cos(0.7 * i) / 4; }

static leray_metrics *make(const leray_grid *grid, bool masked)
{
    leray_metrics_settings settings = {.channels = CHANNELS, .grid = grid, .masked = masked};
    leray_metrics *m;

    assert_ok(leray_metrics_create(&settings, &m));
    return m;
}

/* Under the mask lies what no sum survives. */
static void add(leray_metrics *m, int sample, const unsigned char *hidden, const float *mask)
{
    float p[N], u[N];

    for (int i = 0; i < N; i++) {
        bool there = !hidden || hidden[i % POINTS];

        p[i] = there ? guess_at(sample, i) : NAN;
        u[i] = there ? truth_at(sample, i) : 1e30f;
    }
    leray_metrics_add(m, p, u, NULL, mask);
}

/* The sums that data/metrics.h promises, for channels first .. last. */
static leray_metrics_result direct(const leray_grid *grid, const unsigned char *mask, int first,
                                   int last)
{
    leray_metrics_result r = {.n = SAMPLES};
    double error_sum = 0, truth_sum = 0;

    for (int s = 0; s < SAMPLES; s++) {
        double error = 0, truth = 0, all = 0;

        for (int i = first * POINTS; i < (last + 1) * POINTS; i++) {
            double w = mask && !mask[i % POINTS] ? 0 : row_of(grid, i % POINTS / NX);
            double u = (double)truth_at(s, i), e = (double)guess_at(s, i) - u;

            error += w * e * e, truth += w * u * u, all += w;
            if (w > 0) r.max_error = fmax(r.max_error, fabs(e));
        }
        r.rel_l2 += sqrt(error / truth) / SAMPLES;
        error_sum += error / all, truth_sum += truth / all;
    }
    r.rel_l2_ratio_of_sums = sqrt(error_sum / truth_sum);
    r.rmse = sqrt(error_sum / SAMPLES);
    return r;
}

static void check(const leray_metrics *m, const leray_grid *grid, const unsigned char *mask)
{
    for (int c = -1; c < CHANNELS; c++) {
        leray_metrics_result r = leray_metrics_get(m, c);
        leray_metrics_result want = direct(grid, mask, c < 0 ? 0 : c, c < 0 ? CHANNELS - 1 : c);

        assert_int_equal(r.n, SAMPLES);
        assert_int_equal(r.n_zero, 0);
        assert_close(r.rel_l2, want.rel_l2, 1e-12);
        assert_close(r.rel_l2_ratio_of_sums, want.rel_l2_ratio_of_sums, 1e-12);
        assert_close(r.rmse, want.rmse, 1e-12);
        assert_close(r.max_error, want.max_error, 0);
        assert_true(leray_metrics_has_h1(m) == !isnan(r.rel_h1));
    }
}

static void points_count_by_what_they_stand_for(void **state)
{
    leray_grid grids[] = {plain(), uneven_grid(), sphere()};

    (void)state;
    for (int k = 0; k < 3; k++) {
        leray_metrics *m = make(&grids[k], false);

        assert_true(leray_metrics_has_h1(m) == (k == 0));
        for (int s = 0; s < SAMPLES; s++) add(m, s, NULL, NULL);
        check(m, &grids[k], NULL);
        leray_metrics_destroy(&m);
    }
}

static void masked_points_do_not_count(void **state)
{
    leray_grid grids[] = {plain(), uneven_grid(), sphere()};

    (void)state;
    for (int k = 0; k < 3; k++) {
        leray_metrics *m;

        grids[k].mask = sea;
        m = make(&grids[k], false);
        assert_false(leray_metrics_has_h1(m));
        for (int s = 0; s < SAMPLES; s++) add(m, s, sea, NULL);
        check(m, &grids[k], sea);
        leray_metrics_destroy(&m);
    }
}

/* The same of masks that come with the samples. */
static void masks_of_samples_do_the_same(void **state)
{
    leray_grid grids[] = {plain(), uneven_grid(), sphere()};
    float mask[POINTS];

    (void)state;
    for (int i = 0; i < POINTS; i++) mask[i] = sea[i];
    for (int k = 0; k < 3; k++) {
        leray_metrics *m = make(&grids[k], true);

        assert_false(leray_metrics_has_h1(m));
        for (int s = 0; s < SAMPLES; s++) add(m, s, sea, mask);
        check(m, &grids[k], sea);
        leray_metrics_destroy(&m);
    }
}

/* Cosines between walls: half waves at the ends of the axis, |2 pi k / 2 L|^2 with L its length. */
static void h1_between_walls(void **state)
{
    static const double even[NY] = {0, 1, 2, 3};

    (void)state;
    for (int points = LERAY_AT_VERTICES; points <= LERAY_AT_COORDINATES; points++) {
        leray_grid grid = plain();
        leray_metrics *m;
        float p[N], u[N];
        double length = points == LERAY_AT_VERTICES ? 3 : 4, one = M_PI / length;

        grid.axis[0].points = (leray_points)points;
        grid.axis[0].boundary[0] = LERAY_WALL, grid.axis[0].boundary[1] = LERAY_OPEN;
        grid.axis[0].length = points == LERAY_AT_CENTRES ? 4 : 3;
        grid.axis[0].coordinates = points == LERAY_AT_COORDINATES ? even : NULL;
        m = make(&grid, false);
        assert_true(leray_metrics_has_h1(m));
        for (int i = 0; i < N; i++) {
            double y = i % POINTS / NX + (points == LERAY_AT_VERTICES ? 0 : 0.5);

            u[i] = (float)cos(one * y);
            p[i] = u[i] + (float)cos(2 * one * y);
        }
        leray_metrics_add(m, p, u, NULL, NULL);
        assert_close(leray_metrics_get(m, -1).rel_h1, sqrt((1 + 4 * one * one) / (1 + one * one)),
                     1e-6);
        leray_metrics_destroy(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_count_by_what_they_stand_for),
        cmocka_unit_test(masked_points_do_not_count),
        cmocka_unit_test(masks_of_samples_do_the_same),
        cmocka_unit_test(h1_between_walls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
