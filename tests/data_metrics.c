/* tests/data_metrics.c - each metric against its closed form. */
#include "data_files.h"

#include "data/metrics.h"

#define TAU 6.283185307179586
enum { NY = 24, NX = 16, N = NY * NX };

static leray_metrics *make(bool periodic, double s)
{
    leray_grid grid = leray_grid_periodic(2, (int[]){NY, NX}, (double[]){3, 2});
    leray_metrics_settings settings = {.channels = 2, .grid = &grid, .s = s};
    leray_metrics *m;

    for (int a = 0; a < 2 && !periodic; a++) {
        grid.axis[a].points = LERAY_AT_CENTRES;
        grid.axis[a].boundary[0] = grid.axis[a].boundary[1] = LERAY_OPEN;
    }

    assert_ok(leray_metrics_create(&settings, &m));
    return m;
}

/* Channel 0: a cos(2 pi (j y/3 + k x/2)), channel 1: b. */
static void waves(double a, int j, int k, double b, float *out)
{
    for (int y = 0; y < NY; y++)
        for (int x = 0; x < NX; x++) {
            out[y * NX + x] = (float)(a * cos(TAU * (j * y / (double)NY + k * x / (double)NX)));
            out[N + y * NX + x] = (float)b;
        }
}

/* Truth u = cos(theta_1), 2; prediction u + e with e = a cos(theta_2) of another wave: |u|^2 =
   1/2, |e|^2 = a^2/2, and H1 multiplies each by 1 + |2 pi k/L|^2. */
static void waves_have_closed_forms(void **state)
{
    leray_metrics *m = make(true, 0);
    float u[2 * N], p[2 * N], b[2 * N];
    double sum[3] = {0}, w1 = 1 + TAU * TAU * (4.0 / 9 + 1.0 / 4),
           w2 = 1 + TAU * TAU * (1.0 / 9 + 9.0 / 4);
    leray_metrics_result r;

    (void)state;
    for (int i = 1; i <= 3; i++) {
        double a = 0.1 * i;

        waves(1, 2, 1, 2, u);
        waves(a, -1, 3, 0.5, p);
        for (int k = 0; k < 2 * N; k++) p[k] += u[k];
        waves(0, 0, 0, 1, b);
        leray_metrics_add(m, p, u, b, NULL);
        sum[0] += a, sum[1] += a * a, sum[2] += sqrt((a * a / 2 + 0.25) / 4.5);
    }
    r = leray_metrics_get(m, 0);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.n_zero, 0);
    assert_close(r.rel_l2, sum[0] / 3, 1e-7);
    assert_close(r.rel_l2_ratio_of_sums, sqrt(sum[1] / 3), 1e-7);
    assert_close(r.rel_h1, sum[0] / 3 * sqrt(w2 / w1), 1e-6);
    assert_close(r.rmse, sqrt(sum[1] / 6), 1e-7);
    assert_close(r.max_error, 0.3, 1e-7); /* reached at the origin */
    assert_close(r.baseline_rel_l2, 1, 1e-7);
    r = leray_metrics_get(m, 1);
    assert_close(r.rel_l2, 0.25, 1e-7);
    assert_close(r.rel_h1, 0.25, 1e-7); /* constants: only alpha counts */
    assert_close(r.baseline_rel_l2, 0.5, 1e-7);
    r = leray_metrics_get(m, -1);
    assert_close(r.rel_l2, sum[2] / 3, 1e-7);
    assert_close(r.rel_l2_ratio_of_sums, sqrt((sum[1] / 2 + 0.75) / 13.5), 1e-7);
    assert_close(r.rmse, sqrt((sum[1] / 2 + 0.75) / 6), 1e-7);
    assert_close(r.max_error, 0.5, 0);
    leray_metrics_destroy(&m);
}

/* By Parseval H^s with alpha + |k|^2 -> 1 is L2; s = -1 divides where s = 1 multiplies. */
static void order_of_the_norm(void **state)
{
    double w1 = 1 + TAU * TAU * (4.0 / 9 + 1.0 / 4), w2 = 1 + TAU * TAU * (1.0 / 9 + 9.0 / 4);
    const double orders[] = {-1, 1e-9, 0.5, 2};
    float u[2 * N], p[2 * N];

    (void)state;
    waves(1, 2, 1, 1, u);
    waves(0.2, -1, 3, 0, p);
    for (int k = 0; k < 2 * N; k++) p[k] += u[k];
    for (int i = 0; i < 4; i++) {
        leray_metrics *m = make(true, orders[i]);

        leray_metrics_add(m, p, u, NULL, NULL);
        assert_close(leray_metrics_get(m, 0).rel_h1, 0.2 * pow(w2 / w1, orders[i] / 2), 1e-6);
        assert_true(isnan(leray_metrics_get(m, 0).baseline_rel_l2));
        leray_metrics_destroy(&m);
    }
}

/* On half-integer points x_j = (j + 1/2) L/n, cos(pi k x/L) is its own even continuation: a
   wave of length 2L/k, so |.|_1^2 = (1 + |pi k/L|^2)/2 per axis that varies. The highest mode
   k = n of that grid vanishes; all others are exact. */
static void mirrored_axes_have_closed_forms(void **state)
{
    leray_metrics *m = make(false, 0);
    float u[2 * N], p[2 * N];
    double wu = 1 + TAU * TAU / 4 * (25.0 / 9), we = 1 + TAU * TAU / 4 * (9.0 / 9 + 49.0 / 4);

    (void)state;
    for (int y = 0; y < NY; y++)
        for (int x = 0; x < NX; x++) {
            double at_y = (y + 0.5) / NY, at_x = (x + 0.5) / NX;
            float e = (float)(0.1 * cos(TAU / 2 * 3 * at_y) * cos(TAU / 2 * 7 * at_x));

            u[y * NX + x] = u[N + y * NX + x] = (float)cos(TAU / 2 * 5 * at_y);
            p[y * NX + x] = p[N + y * NX + x] = u[y * NX + x] + e;
        }
    leray_metrics_add(m, p, u, NULL, NULL);
    assert_close(leray_metrics_get(m, 0).rel_l2, 0.1 * sqrt(0.5), 1e-6);
    assert_close(leray_metrics_get(m, 0).rel_h1, 0.1 * sqrt(0.5 * we / wu), 1e-6);
    leray_metrics_destroy(&m);
}

static void zero_truth_and_bad_predictions(void **state)
{
    leray_metrics *m = make(true, 0);
    float u[2 * N], p[2 * N];
    leray_metrics_result r = leray_metrics_get(m, -1);

    (void)state;
    assert_int_equal(r.n, 0);
    assert_true(isnan(r.rel_l2) && isnan(r.rmse) && isnan(r.max_error) && isnan(r.rel_h1));
    waves(0, 0, 0, 3, u);
    waves(1, 1, 0, 0, p);
    leray_metrics_add(m, p, u, u, NULL);
    waves(2, 1, 0, 3, u);
    leray_metrics_add(m, p, u, u, NULL);
    r = leray_metrics_get(m, 0);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.n_zero, 1);
    assert_close(r.rel_l2, 0.5, 1e-7);
    assert_close(r.rel_l2_ratio_of_sums, sqrt((0.5 + 0.5) / 2), 1e-7);
    assert_close(r.baseline_rel_l2, 0, 0);
    assert_int_equal(leray_metrics_get(m, 1).n_zero, 0);
    p[7] = NAN;
    leray_metrics_add(m, p, u, u, NULL);
    r = leray_metrics_get(m, 0);
    assert_true(isnan(r.rel_l2) && isnan(r.rmse) && isnan(r.max_error) && isnan(r.rel_h1));
    assert_false(isnan(leray_metrics_get(m, 1).rmse));
    leray_metrics_destroy(&m);
}

/* One axis, an odd number of points: sin(2 pi 3 x/L) against its amplitude. */
static void odd_lines(void **state)
{
    leray_grid grid = leray_grid_periodic(1, (int[]){15}, (double[]){0.5});
    leray_metrics_settings s = {.channels = 1, .grid = &grid, .alpha = 4};
    float u[15], p[15];
    leray_metrics *m;

    (void)state;
    assert_ok(leray_metrics_create(&s, &m));
    for (int i = 0; i < 15; i++) {
        u[i] = (float)sin(TAU * 3 * i / 15);
        p[i] = u[i] + 0.5f;
    }
    leray_metrics_add(m, p, u, NULL, NULL);
    assert_close(leray_metrics_get(m, -1).rel_h1, 0.5 * sqrt(4 / ((4 + pow(TAU * 3 / 0.5, 2)) / 2)),
                 1e-6);
    leray_metrics_destroy(&m);
}

static void bad_settings_and_memory(void **state)
{
    leray_grid grid = leray_grid_periodic(1, (int[]){8}, (double[]){1});
    leray_metrics_settings s = {.channels = 1, .grid = &grid}, bad = s;
    leray_metrics *m;
    leray_status status;

    (void)state;
    bad.channels = 0;
    assert_fails(leray_metrics_create(&bad, &m), LERAY_ERR_ARG, "0 channels");
    grid.axis[0].length = 0;
    assert_fails(leray_metrics_create(&s, &m), LERAY_ERR_ARG, "over 0, allowed");
    grid.axis[0].length = 1;
    assert_survives_failing_allocations(status, status = leray_metrics_create(&s, &m));
    leray_metrics_destroy(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_have_closed_forms),
        cmocka_unit_test(order_of_the_norm),
        cmocka_unit_test(mirrored_axes_have_closed_forms),
        cmocka_unit_test(zero_truth_and_bad_predictions),
        cmocka_unit_test(odd_lines),
        cmocka_unit_test(bad_settings_and_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
