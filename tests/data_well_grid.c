/* tests/data_well_grid.c - grids, masks and clocks of files in The Well's layout come back as they were. */
#include "data_files.h"

#include "core/grid.h"
#include "data/formats/well/well.h"

#include <hdf5.h>

enum { NY = 3, NX = 4, POINTS = NY * NX, TRAJECTORIES = 3, STEPS = 4 };

/* What a file is made of: a field "u" on `grid`, with the clock `time`. */
typedef struct ensemble {
    leray_grid grid;
    int steps[TRAJECTORIES];
    double (*time)(int trajectory, int step);
} ensemble;

static double steady_clock(int trajectory, int step)
{
    (void)trajectory;
    return 0.1 + 1e-12 * step;
}

static double own_clock(int trajectory, int step)
{
    return 10.0 * trajectory + 0.1 * (1 + trajectory) * step;
}

static double value_at(int trajectory, int step, int point)
{
    return 100 * trajectory + 10 * step + point / 16.0;
}

static ensemble ensemble_on(leray_grid grid)
{
    return (ensemble){
        .grid = grid, .steps = {STEPS, STEPS, STEPS},
             .time = steady_clock
    };
}

static leray_status write_frames(const ensemble *e, leray_well_writer *w, leray_frame *frame,
                                 double values[POINTS])
{
    for (int t = 0; t < TRAJECTORIES; t++)
        for (int step = 0; step < e->steps[t]; step++) {
            for (int i = 0; i < POINTS; i++) values[i] = value_at(t, step, i);
            frame->time = e->time(t, step);
            LERAY_TRY(leray_well_write(w, t, step, frame));
        }
    return LERAY_OK;
}

static leray_status write_file(const char *path, const ensemble *e)
{
    leray_well_description d = {
        .dataset_name = "grids", .n_trajectories = TRAJECTORIES, .n_steps = STEPS};
    double values[POINTS] = {0};
    leray_frame_field field = {"u", "m/s", values};
    leray_frame frame = {
        .grid = &e->grid, .count = e->grid.axis[0].n, .nfields = 1, .field = &field};
    leray_well_writer *w;
    leray_status status;

    LERAY_TRY(leray_well_create(path, &d, &frame, &w));
    status = write_frames(e, w, &frame, values);
    if (status) leray_well_abandon(&w);
    else status = leray_well_commit(&w);
    return status;
}

static leray_well *written(void **state, const ensemble *e)
{
    char path[LERAY_PATH_MAX];
    leray_well *w;

    assert_ok(write_file(file_in(state, "g.h5", path), e));
    assert_ok(leray_well_open(path, &w));
    return w;
}

static leray_grid plain(void) { return leray_grid_periodic(2, (int[]){NY, NX}, (double[]){1, 2}); }

/* Same to the bit, unlike leray_grid_same. */
static void check_same(const leray_grid *a, const leray_grid *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->ndim, b->ndim);
    for (int axis = 0; axis < a->ndim; axis++) {
        const leray_axis *p = &a->axis[axis], *q = &b->axis[axis];

        assert_int_equal(p->n, q->n);
        assert_int_equal(p->points, q->points);
        assert_int_equal(p->boundary[0], q->boundary[0]);
        assert_int_equal(p->boundary[1], q->boundary[1]);
        assert_true(p->start == q->start && p->length == q->length);
        for (int j = 0; j < p->n; j++)
            assert_true(leray_grid_coordinate(a, axis, j) == leray_grid_coordinate(b, axis, j));
        assert_string_equal(leray_grid_axis_name(a, axis), leray_grid_axis_name(b, axis));
        assert_string_equal(leray_grid_axis_unit(a, axis), leray_grid_axis_unit(b, axis));
    }
}

/* Every pair of boundaries, for each axis. */
static void boundaries_of_each_side_come_back(void **state)
{
    for (int axis = 0; axis < 2; axis++)
        for (int first = LERAY_WALL; first <= LERAY_POLE; first++)
            for (int last = LERAY_WALL; last <= LERAY_POLE; last++)
                for (int points = LERAY_AT_VERTICES; points <= LERAY_AT_CENTRES; points++) {
                    ensemble e = ensemble_on(plain());
                    leray_well *w;

                    e.grid.axis[axis].points = (leray_points)points;
                    e.grid.axis[axis].boundary[0] = (leray_boundary)first;
                    e.grid.axis[axis].boundary[1] = (leray_boundary)last;
                    w = written(state, &e);
                    check_same(&leray_well_get_info(w)->grid, &e.grid);
                    leray_well_close(&w);
                }
}

static void boundaries_of_all_axes_come_back(void **state)
{
    ensemble e = ensemble_on(plain());
    leray_well *w;

    e.grid.axis[0].points = e.grid.axis[1].points = LERAY_AT_CENTRES;
    e.grid.axis[0].boundary[0] = LERAY_WALL, e.grid.axis[0].boundary[1] = LERAY_OPEN;
    e.grid.axis[1].boundary[0] = LERAY_OPEN, e.grid.axis[1].boundary[1] = LERAY_WALL;
    w = written(state, &e);
    check_same(&leray_well_get_info(w)->grid, &e.grid);
    leray_well_close(&w);
    e.grid = plain(); /* periodic centres, from another place than 0 */
    e.grid.axis[0].points = LERAY_AT_CENTRES, e.grid.axis[0].start = -0.1;
    w = written(state, &e);
    check_same(&leray_well_get_info(w)->grid, &e.grid);
    leray_well_close(&w);
}

static void a_sphere_comes_back(void **state)
{
    ensemble e = ensemble_on(plain());
    leray_well *w;

    e.grid.kind = LERAY_SPHERE;
    e.grid.axis[0] = (leray_axis){
        .unit = "degree",
        .n = NY,
        .points = LERAY_AT_CENTRES,
        .boundary = {LERAY_POLE, LERAY_POLE},
        .start = -90,
        .length = 180
    };
    e.grid.axis[1] = (leray_axis){.unit = "degree", .n = NX, .length = 360};
    w = written(state, &e);
    check_same(&leray_well_get_info(w)->grid, &e.grid);
    leray_well_close(&w);
}

/* Coordinates that single precision would lose; growing and falling, named by the user. */
static void uneven_points_come_back_to_the_bit(void **state)
{
    static const double y[] = {0.1, 0.1 + 1e-9, 1.0 / 3}, x[] = {3, 1 + 1e-12, 0.5, 0.1};
    ensemble e = ensemble_on(plain());
    leray_well *w;

    e.grid.axis[0] = (leray_axis){
        .name = "height",
        .unit = "km",
        .n = NY,
        .points = LERAY_AT_COORDINATES,
        .boundary = {LERAY_WALL, LERAY_OPEN},
        .length = M_PI,
        .coordinates = y
    };
    e.grid.axis[1].points = LERAY_AT_COORDINATES, e.grid.axis[1].coordinates = x;
    e.grid.axis[1].length = 3 + 1e-13;
    w = written(state, &e);
    check_same(&leray_well_get_info(w)->grid, &e.grid);
    leray_well_close(&w);
}

static void a_mask_comes_back(void **state)
{
    static const unsigned char mask[POINTS] = {1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0};
    ensemble e = ensemble_on(plain());
    float u[POINTS];
    leray_well *w;

    w = written(state, &e);
    assert_null(leray_well_get_info(w)->grid.mask);
    leray_well_close(&w);
    e.grid.mask = mask;
    w = written(state, &e);
    assert_memory_equal(leray_well_get_info(w)->grid.mask, mask, sizeof mask);
    assert_true(leray_grid_same(&leray_well_get_info(w)->grid, &e.grid));
    assert_ok(leray_well_read_float(w, 2, 1, 0, u));
    for (int i = 0; i < POINTS; i++) assert_true(!mask[i] || u[i] == (float)value_at(2, 1, i));
    leray_well_close(&w);
}

/* Under the mask any value may be written, and comes back as it was; elsewhere it is an error. Also where a rank
   holds the planes from 1 on. */
static void hidden_values_may_be_anything(void **state)
{
    static const unsigned char mask[POINTS] = {1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0};
    leray_well_description d = {.dataset_name = "hidden", .n_trajectories = 1, .n_steps = 2};
    ensemble e = ensemble_on(plain());
    double values[POINTS];
    leray_frame_field field = {"u", "m/s", values};
    leray_frame frame = {.grid = &e.grid, .count = NY, .nfields = 1, .field = &field};
    char path[LERAY_PATH_MAX];
    leray_well_writer *writer;
    leray_well *w;
    float u[POINTS];

    e.grid.mask = mask;
    for (int i = 0; i < POINTS; i++) values[i] = mask[i] ? i : i % 2 ? NAN : 1e300;
    assert_ok(leray_well_create(file_in(state, "g.h5", path), &d, &frame, &writer));
    assert_ok(leray_well_write(writer, 0, 0, &frame));
    frame.time = 1, values[6] = NAN;
    assert_fails(leray_well_write(writer, 0, 1, &frame), LERAY_ERR_DIVERGED, "'u' has the value");
    assert_ok(leray_well_commit(&writer));
    assert_ok(leray_well_open(path, &w));
    assert_ok(leray_well_read_float(w, 0, 0, 0, u));
    for (int i = 0; i < POINTS; i++) assert_true(mask[i] ? u[i] == (float)i : !isfinite(u[i]));
    leray_well_close(&w);
    assert_ok(leray_well_series_create(path, &d, (double[]){0, 1}, &frame));
    frame.first = 1, frame.count = NY - 1, field.values = values + NX, values[6] = 6;
    assert_ok(leray_well_series_write(path, leray_comm_self(), 0, &frame));
    values[NX + 2] = NAN;
    assert_fails(leray_well_series_write(path, leray_comm_self(), 0, &frame), LERAY_ERR_DIVERGED,
                 "'u' has the value");
}

/* ---- times ------------------------------------------------------------------------------ */

static void one_clock_in_double(void **state)
{
    ensemble e = ensemble_on(plain());
    const leray_well_info *info;
    leray_well *w;

    w = written(state, &e);
    info = leray_well_get_info(w);
    assert_int_equal(info->n_clocks, 1);
    for (int t = 0; t < TRAJECTORIES; t++)
        for (int k = 0; k < STEPS; k++)
            assert_true(leray_well_time(info, t, k) == steady_clock(t, k));
    assert_true(leray_well_time(info, 0, 1) != leray_well_time(info, 0, 2));
    leray_well_close(&w);
}

/* What a trajectory does not reach has no time. */
static void clocks_of_their_own(void **state)
{
    ensemble e = ensemble_on(plain());
    const leray_well_info *info;
    leray_well *w;

    e.time = own_clock;
    e.steps[1] = 2;
    w = written(state, &e);
    info = leray_well_get_info(w);
    assert_int_equal(info->n_clocks, TRAJECTORIES);
    for (int t = 0; t < TRAJECTORIES; t++) {
        assert_int_equal(info->valid_steps[t], e.steps[t]);
        for (int k = 0; k < e.steps[t]; k++)
            assert_true(leray_well_time(info, t, k) == own_clock(t, k));
    }
    for (int k = 2; k < STEPS; k++) assert_true(isnan(info->time[STEPS + k]));
    leray_well_close(&w);
}

/* A trajectory that stops early has no clock of its own for that, even if it is the first. */
static void shorter_ones_share_the_clock(void **state)
{
    ensemble e = ensemble_on(plain());
    const leray_well_info *info;
    leray_well *w;

    e.steps[0] = 1, e.steps[1] = 3;
    w = written(state, &e);
    info = leray_well_get_info(w);
    assert_int_equal(info->n_clocks, 1);
    for (int k = 0; k < STEPS; k++) assert_true(leray_well_time(info, 2, k) == steady_clock(2, k));
    leray_well_close(&w);
}

/* ---- defects ---------------------------------------------------------------------------- */

static void remove_link(const char *path, const char *name)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);

    assert_true(file >= 0);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    assert_true(H5Fclose(file) >= 0);
}

static void set_text(const char *path, const char *object, const char *name, const char *text)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
    hid_t space = H5Screate(H5S_SCALAR), at;

    assert_true(file >= 0);
    assert_true(H5Tset_size(type, strlen(text) + 1) >= 0);
    assert_true(H5Adelete_by_name(file, object, name, H5P_DEFAULT) >= 0);
    at = H5Acreate_by_name(file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(at >= 0 && H5Awrite(at, type, text) >= 0);
    H5Aclose(at), H5Sclose(space), H5Tclose(type), H5Fclose(file);
}

static void a_mask_of_another_grid_is_refused(void **state)
{
    static const unsigned char mask[POINTS] = {1, 0};
    hsize_t shape[] = {2, NX};
    ensemble e = ensemble_on(plain());
    char path[LERAY_PATH_MAX];
    hid_t file, space, set;
    leray_well *w;

    e.grid.mask = mask;
    assert_ok(write_file(file_in(state, "m.h5", path), &e));
    remove_link(path, "mask");
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    space = H5Screate_simple(2, shape, NULL);
    set = H5Dcreate2(file, "mask", H5T_NATIVE_UCHAR, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set), H5Sclose(space), H5Fclose(file);
    assert_fails(leray_well_open(path, &w), LERAY_ERR_DATA,
                 "mask has 8 values, the grid 12 points");
}

static void words_for_points_are_checked(void **state)
{
    ensemble e = ensemble_on(plain());
    char path[LERAY_PATH_MAX];
    leray_well *w;

    assert_ok(write_file(file_in(state, "p.h5", path), &e));
    set_text(path, "dimensions/x", "points", "edges");
    assert_fails(leray_well_open(path, &w), LERAY_ERR_DATA,
                 "none of vertices, centres, coordinates");
}

static void the_writer_checks_the_grid(void **state)
{
    char path[LERAY_PATH_MAX];
    ensemble e = ensemble_on(plain());

    e.grid.axis[1].boundary[0] = LERAY_WALL;
    assert_fails(write_file(file_in(state, "bad.h5", path), &e), LERAY_ERR_ARG,
                 "periodic on one side only");
    assert_false(leray_file_exists(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_of_each_side_come_back),
        cmocka_unit_test(boundaries_of_all_axes_come_back),
        cmocka_unit_test(a_sphere_comes_back),
        cmocka_unit_test(uneven_points_come_back_to_the_bit),
        cmocka_unit_test(a_mask_comes_back),
        cmocka_unit_test(hidden_values_may_be_anything),
        cmocka_unit_test(one_clock_in_double),
        cmocka_unit_test(clocks_of_their_own),
        cmocka_unit_test(shorter_ones_share_the_clock),
        cmocka_unit_test(a_mask_of_another_grid_is_refused),
        cmocka_unit_test(words_for_points_are_checked),
        cmocka_unit_test(the_writer_checks_the_grid),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
