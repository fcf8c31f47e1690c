/* tests/data_well.c - ensembles in The Well's layout: round trip, failed trajectories, defects.
   MPI is not started here; tests/data_well_h5py.sh lets h5py read what this program's
   argument names. */
#include "data_well_files.h"

#include <hdf5.h>
#include <mpi.h>

static void check_description(const leray_well_info *info)
{
    assert_string_equal(info->dataset_name, "test_flow");
    assert_string_equal(info->provenance, "{\"seed\": 7}");
    assert_int_equal(info->n_trajectories, 3);
    assert_int_equal(info->n_steps, 5);
    assert_int_equal(info->grid.ndim, 2);
    assert_int_equal(info->grid.axis[0].n, WELL_NY);
    assert_int_equal(info->grid.axis[1].n, WELL_NX);
    assert_string_equal(leray_grid_axis_name(&info->grid, 0), "y");
    assert_string_equal(leray_grid_axis_name(&info->grid, 1), "x");
    assert_close(info->grid.axis[0].length, 2, 0);
    assert_close(info->grid.axis[1].length, 3, 0);
    assert_int_equal(info->grid.axis[0].boundary[0], LERAY_WALL);
    assert_int_equal(info->grid.axis[0].boundary[1], LERAY_OPEN);
    assert_int_equal(info->grid.axis[0].points, LERAY_AT_CENTRES);
    assert_true(leray_grid_is_periodic(&info->grid, 1));
    assert_string_equal(info->time_unit, "s");
    for (int k = 0; k < 5; k++) assert_close(info->time[k], 0.5 * k, 0);
    for (int t = 0; t < 3; t++) assert_int_equal(info->valid_steps[t], well_valid(t));
    assert_int_equal(info->n_parameters, 3);
    assert_string_equal(info->parameter[0].name, "gravity");
    assert_string_equal(info->parameter[0].unit, "m/s^2");
    assert_false(info->parameter[0].sample_varying);
    for (int t = 0; t < 3; t++) assert_close(info->parameter[0].values[t], 9.75, 0);
    assert_string_equal(info->parameter[2].name, "nu");
    assert_true(info->parameter[2].sample_varying);
    for (int t = 0; t < 3; t++) assert_close(info->parameter[2].values[t], well_nu(t), 0);
}

/* The vector's components come back in the order of the axes: y, x. */
static void round_trip_is_exact(void **state)
{
    static const int members[4][2] = {
        {0, 0},
        {3, 0},
        {4, 0},
        {2, 1}
    };
    char path[LERAY_PATH_MAX];
    leray_well *w;
    float x[2 * WELL_POINTS];
    double z[2 * WELL_POINTS];
    int initialised, f;

    file_in(state, "a.h5", path);
    assert_ok(well_write_file(path));
    assert_ok(leray_well_open(path, &w));
    check_description(leray_well_get_info(w));
    assert_int_equal(leray_well_get_info(w)->n_fields, 4);
    assert_ok(leray_well_find_field(w, "velocity", &f));
    assert_int_equal(f, 3);
    assert_int_equal(leray_well_get_info(w)->field[f].order, 1);
    assert_string_equal(leray_well_get_info(w)->field[f].unit, "m/s");
    assert_true(leray_well_get_info(w)->field[f].time_varying);
    assert_ok(leray_well_find_field(w, "a", &f));
    assert_false(leray_well_get_info(w)->field[f].time_varying);
    assert_true(leray_well_get_info(w)->field[f].sample_varying);
    for (f = 0; f < 4; f++)
        for (int t = 0; t < 3; t++)
            for (int step = 0; step < well_valid(t); step++) {
                assert_ok(leray_well_read_float(w, t, step, f, x));
                assert_ok(leray_well_read_double(w, t, step, f, z));
                for (int c = 0; c < (f == 3 ? 2 : 1); c++)
                    for (int i = 0; i < WELL_POINTS; i++) {
                        double want = well_value(t, step, members[f][c], i);

                        assert_true(x[c * WELL_POINTS + i] == (float)want);
                        assert_true(z[c * WELL_POINTS + i] == (double)(float)want);
                    }
            }
    assert_fails(leray_well_read_float(w, 1, 3, 0, x), LERAY_ERR_ARG, "step 3, allowed: 0 to 2");
    assert_fails(leray_well_read_float(w, 3, 0, 0, x), LERAY_ERR_ARG, "trajectory 3");
    assert_fails(leray_well_read_float(w, 0, 0, 4, x), LERAY_ERR_ARG, "field 4");
    assert_fails(leray_well_find_field(w, "pressure", &f), LERAY_ERR_DATA,
                 "it has vorticity, a, velocity_magnitude, velocity");
    leray_well_close(&w);
    MPI_Initialized(&initialised);
    assert_false(initialised);
}

static void writer_checks_frames(void **state)
{
    leray_well_description d = well_describe();
    char path[LERAY_PATH_MAX];
    leray_well_writer *w;
    const char *absent[] = {"b"};
    double nu = NAN;
    well_frame f;

    file_in(state, "b.h5", path);
    well_fill(0, 0, &f);
    assert_ok(leray_well_create(path, &d, &f.frame, &w));
    assert_fails(leray_well_write(w, 0, 1, &f.frame), LERAY_ERR_ARG, "step 1, expected 0");
    assert_fails(leray_well_write(w, 3, 0, &f.frame), LERAY_ERR_ARG, "trajectory 3");
    f.values[2][5] = NAN;
    assert_fails(leray_well_write(w, 0, 0, &f.frame), LERAY_ERR_DIVERGED, "field 'velocity_y'");
    f.values[2][5] = 1e39;
    assert_fails(leray_well_write(w, 0, 0, &f.frame), LERAY_ERR_DIVERGED, "1e+39");
    well_fill(0, 0, &f);
    assert_ok(leray_well_write(w, 0, 0, &f.frame));
    assert_fails(leray_well_write(w, 0, 1, &f.frame), LERAY_ERR_ARG, "the step before at 0");
    f.frame.nfields = 4;
    assert_fails(leray_well_write(w, 1, 0, &f.frame), LERAY_ERR_ARG, "other grid or fields");
    assert_fails(leray_well_write_parameters(w, 0, &nu), LERAY_ERR_ARG, "nan");
    assert_fails(leray_well_commit(&w), LERAY_ERR_ARG, "parameters of trajectory 0");
    assert_null(w);
    well_fill(0, 0, &f);
    assert_ok(leray_well_create(path, &d, &f.frame, &w));
    assert_fails(leray_well_commit(&w), LERAY_ERR_ARG, "no trajectory has a frame");
    d.static_fields = absent;
    assert_fails(leray_well_create(path, &d, &f.frame, &w), LERAY_ERR_ARG, "static field 'b'");
    assert_fails(leray_well_create("/nowhere/a.h5", &d, &f.frame, &w), LERAY_ERR_IO, "/nowhere");
    assert_false(leray_file_exists(path));
}

/* Until commit the final name keeps what it had; abandon leaves nothing else behind. */
static void the_final_name_is_never_partial(void **state)
{
    leray_well_description d = well_describe();
    char path[LERAY_PATH_MAX], *text;
    leray_well_writer *w;
    size_t size;
    well_frame f;

    file_in(state, "c.h5", path);
    assert_ok(leray_file_write(path, "old", 3));
    well_fill(0, 0, &f);
    assert_ok(leray_well_create(path, &d, &f.frame, &w));
    assert_ok(leray_well_write(w, 0, 0, &f.frame));
    leray_well_abandon(&w);
    assert_ok(leray_file_read(path, &text, &size));
    assert_string_equal(text, "old");
    leray_mem_free(text);
    assert_ok(well_write_file(path));
    assert_true(H5Fis_hdf5(path) > 0);
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0); /* nothing open */
}

static void provenance_may_be_long(void **state)
{
    leray_well_description d = well_describe();
    char path[LERAY_PATH_MAX];
    leray_well_writer *w;
    leray_well *r;
    well_frame f;
    double nu = 1;
    static char text[300000];

    memset(text, 'p', sizeof text - 1);
    d.provenance = text;
    file_in(state, "d.h5", path);
    well_fill(0, 0, &f);
    assert_ok(leray_well_create(path, &d, &f.frame, &w));
    assert_ok(leray_well_write(w, 0, 0, &f.frame));
    assert_ok(leray_well_write_parameters(w, 0, &nu));
    assert_ok(leray_well_commit(&w));
    assert_ok(leray_well_open(path, &r));
    assert_string_equal(leray_well_get_info(r)->provenance, text);
    assert_int_equal(leray_well_get_info(r)->valid_steps[0], 1);
    assert_int_equal(leray_well_get_info(r)->valid_steps[1], 0);
    leray_well_close(&r);
}

static void truncated_and_foreign_files_are_refused(void **state)
{
    char path[LERAY_PATH_MAX], cut[LERAY_PATH_MAX], *text;
    size_t size;
    leray_well *w;
    hid_t file;

    file_in(state, "e.h5", path);
    file_in(state, "cut.h5", cut);
    assert_ok(well_write_file(path));
    assert_ok(leray_file_read(path, &text, &size));
    for (size_t n = 0; n < size; n += 97) {
        assert_ok(leray_file_write(cut, text, n));
        assert_fails(leray_well_open(cut, &w), LERAY_ERR_DATA, "cut.h5");
        assert_null(w);
    }
    leray_mem_free(text);
    assert_fails(leray_well_open("/nowhere/a.h5", &w), LERAY_ERR_DATA, "No such file");
    assert_fails(leray_well_open(FIXTURES "numpy_f4.npy", &w), LERAY_ERR_DATA, "not HDF5");
    file = H5Fcreate(cut, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_fails(leray_well_open(cut, &w), LERAY_ERR_DATA, "attribute 'dataset_name' is missing");
}

/* Removes one part of a good file at a time; the error names it. */
static void missing_parts_are_named(void **state)
{
    static const struct {
        const char *object, *attribute, *words;
    } parts[] = {
        {"dimensions",                     NULL,             "group 'dimensions' is missing"               },
        {"dimensions/time",                NULL,             "dataset 'time' is missing"                   },
        {"dimensions/x",                   NULL,             "dataset 'x' is missing"                      },
        {"boundary_conditions",            NULL,             "'boundary_conditions' is missing"            },
        {"scalars",                        NULL,             "'scalars' is missing"                        },
        {"scalars/nu",                     NULL,             "/scalars: dataset 'nu' is missing"           },
        {"t0_fields",                      NULL,             "'t0_fields' is missing"                      },
        {"t0_fields/vorticity",            NULL,             "dataset 'vorticity' is missing"              },
        {"t2_fields",                      NULL,             "'t2_fields' is missing"                      },
        {".",                              "n_spatial_dims", "attribute 'n_spatial_dims' is missing"       },
        {".",                              "n_trajectories", "attribute 'n_trajectories' is missing"       },
        {"dimensions",                     "spatial_dims",   "/dimensions: attribute 'spatial_dims'"       },
        {"boundary_conditions/x_PERIODIC", "bc_type",        "x_PERIODIC: attribute 'bc_type'"             },
        {"t1_fields",                      "field_names",    "/t1_fields: attribute 'field_names'"         },
        {"t1_fields/velocity",             "dim_varying",    "/t1_fields/velocity: attribute 'dim_varying'"},
        {"scalars/nu",                     "sample_varying", "/scalars/nu: attribute 'sample_varying'"     },
    };
    char path[LERAY_PATH_MAX];
    leray_well *w;

    file_in(state, "f.h5", path);
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        hid_t file;

        assert_ok(well_write_file(path));
        file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
        if (parts[k].attribute)
            assert_true(H5Adelete_by_name(file, parts[k].object, parts[k].attribute, H5P_DEFAULT) >=
                        0);
        else assert_true(H5Ldelete(file, parts[k].object, H5P_DEFAULT) >= 0);
        H5Fclose(file);
        assert_fails(leray_well_open(path, &w), LERAY_ERR_DATA, parts[k].words);
        assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
    }
}

static void set_attribute(const char *path, const char *object, const char *name, int value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR), at;

    H5Adelete_by_name(file, object, name, H5P_DEFAULT);
    at = H5Acreate_by_name(file, object, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT,
                           H5P_DEFAULT);
    assert_true(H5Awrite(at, H5T_NATIVE_INT, &value) >= 0);
    H5Aclose(at);
    H5Sclose(space);
    H5Fclose(file);
}

static void contradictions_are_named(void **state)
{
    static const struct {
        const char *object, *attribute, *words;
        int value;
    } cases[] = {
        {"scalars/gravity",     "sample_varying", "scalars/gravity has 1 values, expected 3", 1},
        {"scalars/nu",          "sample_varying", "scalars/nu has 3 values, expected 1",      0},
        {"t0_fields/vorticity", "time_varying",   "t0_fields/vorticity: its shape",           0},
        {"t1_fields/velocity",  "sample_varying", "t1_fields/velocity: its shape",            0},
        {".",                   "n_spatial_dims", "2 spatial_dims, n_spatial_dims is 3",      3},
        {".",                   "n_spatial_dims", "'n_spatial_dims' is 4, allowed: 1 to 3",   4},
        {".",                   "n_trajectories", "'n_trajectories' is 0",                    0},
        {".",                   "n_trajectories", "expected 4",                               4},
        {".",                   "dataset_name",   "'dataset_name' is not text",               4},
    };
    char path[LERAY_PATH_MAX];
    leray_well *w;

    file_in(state, "h.h5", path);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        assert_ok(well_write_file(path));
        set_attribute(path, cases[k].object, cases[k].attribute, cases[k].value);
        assert_fails(leray_well_open(path, &w), LERAY_ERR_DATA, cases[k].words);
    }
}

/* A file made by h5py with what ours do not have: other axes, a steady scalar field that varies
   along one axis only, a tensor, empty lists as float64, texts of fixed length. */
static void reads_what_h5py_wrote(void **state)
{
    leray_well *w;
    const leray_well_info *info;
    double x[4 * 6];
    int f;

    (void)state;
    assert_ok(leray_well_open(FIXTURES "h5py_well.h5", &w));
    info = leray_well_get_info(w);
    assert_string_equal(leray_grid_axis_name(&info->grid, 0), "x");
    assert_int_equal(info->grid.axis[0].n, 2);
    assert_int_equal(info->grid.axis[1].n, 3);
    assert_int_equal(info->grid.axis[0].boundary[0], LERAY_PERIODIC);
    assert_int_equal(info->grid.axis[1].boundary[0], LERAY_OPEN);
    assert_int_equal(info->n_parameters, 1);
    assert_close(info->parameter[0].values[1], 0.25, 0);
    assert_ok(leray_well_find_field(w, "profile", &f));
    assert_ok(leray_well_read_double(w, 1, 2, f, x));
    for (int i = 0; i < 6; i++) assert_close(x[i], 10 * (i % 3), 0);
    assert_ok(leray_well_find_field(w, "stress", &f));
    assert_int_equal(info->field[f].components, 4);
    assert_ok(leray_well_read_double(w, 1, 2, f, x));
    for (int c = 0; c < 4; c++) /* arange(2 * 4 * 2 * 3 * 2 * 2) in C order */
        for (int i = 0; i < 6; i++) assert_close(x[6 * c + i], ((1 * 4 + 2) * 6 + i) * 4 + c, 0);
    leray_well_close(&w);
}

static void memory_may_run_out(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_well *w;
    leray_status status;

    file_in(state, "g.h5", path);
    assert_survives_failing_allocations(status, status = well_write_file(path));
    assert_survives_failing_allocations(status, status = leray_well_open(path, &w));
    leray_well_close(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_is_exact),
        cmocka_unit_test(writer_checks_frames),
        cmocka_unit_test(the_final_name_is_never_partial),
        cmocka_unit_test(provenance_may_be_long),
        cmocka_unit_test(truncated_and_foreign_files_are_refused),
        cmocka_unit_test(missing_parts_are_named),
        cmocka_unit_test(contradictions_are_named),
        cmocka_unit_test(reads_what_h5py_wrote),
        cmocka_unit_test(memory_may_run_out),
    };

    if (argc == 2) return well_write_file(argv[1]) == LERAY_OK ? 0 : 1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
