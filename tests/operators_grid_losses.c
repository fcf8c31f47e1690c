/* tests/operators_grid_losses.c - losses that know the grid of their fields: areas of points, masks, lengths. */
#include "data_files.h"
#include "operators_make.h"

static const leray_loss_type *const over_points[] = {
    &leray_loss_relative_l2, &leray_loss_mse,   &leray_loss_nmse,
    &leray_loss_relative_lp, &leray_loss_huber,
};

enum { BATCH = 2, CHANNELS = 2, NY = 4, NX = 6, POINTS = NY * NX };
enum { SIZE = BATCH * CHANNELS * POINTS };

static const double uneven[NY] = {0, 1, 3, 3.5};
static const unsigned char sea[POINTS] = {1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1,
                                          1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1};

static leray_grid uneven_grid(void)
{
    leray_grid grid = grid_2d(NY, NX, true);

    grid.axis[0].points = LERAY_AT_COORDINATES;
    grid.axis[0].boundary[0] = grid.axis[0].boundary[1] = LERAY_WALL;
    grid.axis[0].length = 4, grid.axis[0].coordinates = uneven;
    return grid;
}

static leray_grid sphere(void)
{
    leray_grid grid = grid_2d(NY, NX, true);

    grid.kind = LERAY_SPHERE;
    grid.axis[0].points = LERAY_AT_CENTRES;
    grid.axis[0].boundary[0] = grid.axis[0].boundary[1] = LERAY_POLE;
    grid.axis[0].start = -90, grid.axis[0].length = 180, grid.axis[1].length = 360;
    return grid;
}

static double loss_at(leray_loss *loss, double *p, double *g, double *t)
{
    static const int shape[] = {BATCH, CHANNELS, NY, NX};
    leray_tensor *tp, *tt, *scalar;
    leray_tape *tape;
    double value;

    if (g) memset(g, 0, SIZE * sizeof *g);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(leray_tape_parameter(tape, 4, shape, p, g, &tp));
    assert_ok(leray_tape_input(tape, 4, shape, t, &tt));
    assert_ok(leray_loss_apply(loss, tape, tp, tt, &scalar));
    value = leray_tensor_scalar(scalar);
    if (g) assert_ok(leray_tape_backward(tape, scalar));
    leray_tape_destroy(&tape);
    return value;
}

static double loss_on(const leray_grid *grid, const leray_loss_type *type, const char *yaml,
                      double *p, double *g, double *t)
{
    leray_loss *loss;
    double value;

    assert_ok(make_loss(type, yaml, &loss));
    assert_ok(leray_loss_prepare(loss, CHANNELS, grid));
    value = loss_at(loss, p, g, t);
    leray_loss_destroy(&loss);
    return value;
}

static void draw_both(double *p, double *t)
{
    draw(0, SIZE, LERAY_F64, p);
    draw(1, SIZE, LERAY_F64, t);
}

/* Widths of the rows by hand: up to half way, walls at 0 and 4. */
static void rows_of(bool ball, double *row)
{
    static const double cells[NY] = {0.5, 1.5, 1.25, 0.75};

    for (int j = 0; j < NY; j++)
        row[j] =
            ball ? sin((-45 + 45 * j) * M_PI / 180) - sin((-90 + 45 * j) * M_PI / 180) : cells[j];
}

static void check_sums(const leray_grid *grid, bool ball)
{
    double p[SIZE], t[SIZE], g[SIZE], row[NY], all = 0, relative = 0, mean = 0, value;

    draw_both(p, t);
    rows_of(ball, row);
    for (int j = 0; j < NY; j++) all += row[j];
    for (int b = 0; b < BATCH; b++) {
        double error = 0, norm = 0;

        for (int i = 0; i < CHANNELS * POINTS; i++) {
            int at = b * CHANNELS * POINTS + i;
            double w = row[i / NX % NY];

            error += w * (p[at] - t[at]) * (p[at] - t[at]), norm += w * t[at] * t[at];
        }
        relative += sqrt(error / norm) / BATCH;
        mean += error / (all * NX * CHANNELS) / BATCH;
    }
    assert_close(loss_on(grid, &leray_loss_relative_l2, "", p, NULL, t), relative, 1e-13);
    value = loss_on(grid, &leray_loss_mse, "", p, g, t);
    assert_close(value, mean, 1e-13);
    for (int i = 0; i < SIZE; i++)
        assert_close(g[i], 2 * (p[i] - t[i]) * row[i / NX % NY] / (all * NX * CHANNELS * BATCH),
                     1e-13);
}

static void points_count_by_what_they_stand_for(void **state)
{
    leray_grid grid = uneven_grid(), ball = sphere();

    (void)state;
    check_sums(&grid, false);
    check_sums(&ball, true);
}

/* Whatever is under the mask: the same value, and no gradient there. */
static void masked_points_have_no_influence(void **state)
{
    leray_grid grids[3] = {grid_2d(NY, NX, true), uneven_grid(), sphere()};

    (void)state;
    for (int k = 0; k < 3; k++)
        for (size_t l = 0; l < sizeof over_points / sizeof *over_points; l++) {
            double p[SIZE], t[SIZE], g[SIZE], h[SIZE], before, after;

            grids[k].mask = sea;
            draw_both(p, t);
            before = loss_on(&grids[k], over_points[l], "", p, g, t);
            for (int i = 0; i < SIZE; i++)
                if (!sea[i % POINTS]) p[i] = 100 + i, t[i] = -7 * i;
            after = loss_on(&grids[k], over_points[l], "", p, h, t);
            assert_true(before == after && before > 0);
            for (int i = 0; i < SIZE; i++) {
                assert_true(g[i] == h[i]);
                assert_true(sea[i % POINTS] ? g[i] != 0 : g[i] == 0);
            }
        }
}

/* What was known of one grid does not stay with the next of as many points. */
static void losses_forget_the_grid_before(void **state)
{
    leray_grid grid = uneven_grid(), even = grid_2d(NY, NX, true);
    double p[SIZE], t[SIZE], fresh;
    leray_loss *loss;

    (void)state;
    draw_both(p, t);
    fresh = loss_on(&even, &leray_loss_mse, "", p, NULL, t);
    assert_ok(make_loss(&leray_loss_mse, "", &loss));
    assert_ok(leray_loss_prepare(loss, CHANNELS, &grid));
    assert_true(fabs(loss_at(loss, p, NULL, t) - fresh) > 1e-3);
    assert_ok(leray_loss_prepare(loss, CHANNELS, &even));
    assert_close(loss_at(loss, p, NULL, t), fresh, 1e-14);
    leray_loss_destroy(&loss);
}

/* ---- the Sobolev loss ---- */

static leray_grid box(double length)
{
    leray_grid grid = grid_2d(NY, NX, true);

    grid.axis[0].length = grid.axis[1].length = length;
    return grid;
}

static void sobolev_takes_the_lengths_of_the_data(void **state)
{
    leray_grid tau = box(2 * M_PI), one = box(1), oblong = box(1);
    double p[SIZE], t[SIZE], g[SIZE], h[SIZE], of_data, given;

    (void)state;
    draw_both(p, t);
    of_data = loss_on(&tau, &leray_loss_sobolev, "", p, g, t);
    given = loss_on(&one, &leray_loss_sobolev, "lengths: [6.283185307179586, 6.283185307179586]", p,
                    h, t);
    assert_true(of_data == given);
    for (int i = 0; i < SIZE; i++) assert_true(g[i] == h[i]);
    given = loss_on(&tau, &leray_loss_sobolev, "lengths: [1, 1]", p, NULL, t);
    assert_true(fabs(of_data - given) > 1e-3);
    assert_true(loss_on(&one, &leray_loss_sobolev, "", p, NULL, t) == given);
    oblong.axis[1].length = 3; /* each axis has its own */
    assert_true(loss_on(&oblong, &leray_loss_sobolev, "", p, NULL, t) ==
                loss_on(&one, &leray_loss_sobolev, "lengths: [1, 3]", p, NULL, t));
    assert_true(loss_on(&oblong, &leray_loss_sobolev, "", p, NULL, t) !=
                loss_on(&one, &leray_loss_sobolev, "lengths: [3, 1]", p, NULL, t));
}

static void refuse(const leray_grid *grid, const leray_loss_type *type, const char *yaml,
                   leray_status code, const char *words)
{
    leray_loss *loss;

    assert_ok(make_loss(type, yaml, &loss));
    assert_fails(leray_loss_prepare(loss, CHANNELS, grid), code, words);
    leray_loss_destroy(&loss);
}

static void grids_without_modes_are_refused(void **state)
{
    leray_grid grid = grid_2d(NY, NX, false), ball = sphere(), even = grid_2d(NY, NX, true);

    (void)state;
    refuse(&grid, &leray_loss_sobolev, "", LERAY_ERR_UNSUPPORTED,
           "the loss sobolev needs a periodic grid, and the boundary along y is open");
    grid = uneven_grid();
    refuse(&grid, &leray_loss_sobolev, "", LERAY_ERR_UNSUPPORTED,
           "the loss sobolev needs evenly spaced points");
    even.mask = sea;
    refuse(&even, &leray_loss_sobolev, "", LERAY_ERR_UNSUPPORTED, "a grid with a mask");
    refuse(&ball, &leray_loss_mse, "latitude: cells", LERAY_ERR_CONFIG,
           "the data carry their own latitudes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_count_by_what_they_stand_for),
        cmocka_unit_test(masked_points_have_no_influence),
        cmocka_unit_test(losses_forget_the_grid_before),
        cmocka_unit_test(sobolev_takes_the_lengths_of_the_data),
        cmocka_unit_test(grids_without_modes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
