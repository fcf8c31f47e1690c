/* tests/data_dataset.c - every reader of datasets.def, and what each of them promises. */
#include "data_well_files.h"

#include "data/dataset.h"
#include "data/formats/npy.h"

#define LERAY_DATASET_OFF(id, remedy)
#define LERAY_DATASET(id) extern const leray_dataset_type leray_dataset_##id;
#include "data/datasets.def"
#undef LERAY_DATASET

static const leray_dataset_type *const types[] = {
#define LERAY_DATASET(id) &leray_dataset_##id,
#include "data/datasets.def"
#undef LERAY_DATASET
};
#undef LERAY_DATASET_OFF
enum { N_TYPES = (int)(sizeof types / sizeof types[0]), YAML_MAX = 2 * LERAY_PATH_MAX };

static leray_status open_section(const leray_dataset_type *type, const char *yaml,
                                 leray_dataset **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_config_from_section("data", yaml, type->keys, &cfg));
    status = leray_dataset_create_type(type, cfg, "data", out);
    leray_config_destroy(&cfg);
    return status;
}

/* A section that works for the reader `name`, with the files it needs. */
static const char *example(void **state, const char *name, char yaml[YAML_MAX])
{
    char path[LERAY_PATH_MAX];
    float x[3 * 2 * 4 * 5];

    if (strcmp(name, "well") == 0) {
        assert_ok(well_write_file(file_in(state, "w.h5", path)));
        snprintf(yaml, YAML_MAX, "path: %s\n", path);
    } else {
        assert_string_equal(name, "npy-pairs");
        for (int i = 0; i < 120; i++) x[i] = (float)i;
        assert_ok(leray_npy_write(file_in(state, "x.npy", path), LERAY_NPY_F4, 4,
                                  (int64_t[]){3, 2, 4, 5}, x));
        assert_ok(leray_npy_write(file_in(state, "y.npy", path), LERAY_NPY_F4, 3,
                                  (int64_t[]){3, 4, 5}, x));
        snprintf(yaml, YAML_MAX, "path: %s\ninputs: x.npy\noutputs: y.npy\n", (const char *)*state);
    }
    return yaml;
}

static void every_reader_keeps_the_contract(void **state)
{
    char yaml[YAML_MAX];

    for (int t = 0; t < N_TYPES; t++) {
        leray_dataset *ds;
        float *x, *y, *x2, parameters[16];
        size_t points;
        int before = -1, last_step = 0;

        assert_true(types[t]->summary && types[t]->keys.count > 0);
        assert_ok(open_section(types[t], example(state, types[t]->name, yaml), &ds));
        points = leray_sample_points(&ds->windows.info);
        assert_int_equal(leray_sample_inputs(&ds->windows.info),
                         ds->windows.info.history * ds->windows.info.n_state +
                             ds->windows.info.n_static);
        assert_true(ds->windows.n_samples > 0 && leray_sample_outputs(&ds->windows.info) > 0 &&
                    points > 0 && ds->trajectories->provenance);
        for (int i = 0; i < ds->trajectories->grid.ndim; i++)
            assert_true(ds->trajectories->grid.axis[i].length > 0);
        x = calloc(points * (size_t)leray_sample_inputs(&ds->windows.info), sizeof *x);
        x2 = calloc(points * (size_t)leray_sample_inputs(&ds->windows.info), sizeof *x);
        y = calloc(points * (size_t)leray_sample_outputs(&ds->windows.info), sizeof *y);
        for (int i = 0; i < ds->windows.n_samples; i++) {
            long allocations = leray_mem_total();
            int trajectory, step;

            assert_ok(leray_windows_read(&ds->windows, i, x, y, parameters, NULL));
            assert_ok(leray_windows_read(&ds->windows, i, x2, NULL, NULL, NULL));
            assert_int_equal(leray_mem_total(), allocations);
            assert_memory_equal(
                x, x2, points * (size_t)leray_sample_inputs(&ds->windows.info) * sizeof *x);
            leray_windows_locate(&ds->windows, i, &trajectory, &step);
            assert_int_equal(step, trajectory == before ? last_step + 1 : 0);
            before = trajectory, last_step = step;
        }
        assert_fails(leray_windows_read(&ds->windows, ds->windows.n_samples, x, y, NULL, NULL),
                     LERAY_ERR_ARG, "allowed");
        assert_fails(leray_windows_read(&ds->windows, -1, x, y, NULL, NULL), LERAY_ERR_ARG,
                     "sample -1");
        free(y);
        free(x2);
        free(x);
        leray_dataset_destroy(&ds);
    }
}

static void memory_may_run_out(void **state)
{
    char yaml[YAML_MAX];

    for (int t = 0; t < N_TYPES; t++) {
        leray_config *cfg;
        leray_dataset *ds;
        leray_status status;

        example(state, types[t]->name, yaml);
        assert_ok(leray_config_from_section("data", yaml, types[t]->keys, &cfg));
        assert_survives_failing_allocations(
            status, status = leray_dataset_create_type(types[t], cfg, "data", &ds));
        leray_dataset_destroy(&ds);
        leray_config_destroy(&cfg);
    }
}

/* Two frames of history, every second step: x holds vorticity and velocity of steps s and s + 2,
   then a; y holds them at s + 4. Trajectory 1 has 3 valid steps, too few. */
static void well_samples_are_the_right_frames(void **state)
{
    static const char *const names[] = {"vorticity@-1",
                                        "velocity_y@-1",
                                        "velocity_x@-1",
                                        "vorticity",
                                        "velocity_y",
                                        "velocity_x",
                                        "a"};
    static const int field[] = {0, 2, 1};
    char yaml[YAML_MAX], path[LERAY_PATH_MAX];
    float x[7 * WELL_POINTS], y[3 * WELL_POINTS], nu;
    char text[64];
    leray_dataset *ds;

    assert_ok(well_write_file(file_in(state, "v.h5", path)));
    snprintf(yaml, sizeof yaml, "path: %s\ninputs: vorticity, velocity, a\nhistory: 2\nevery: 2\n",
             path);
    assert_ok(open_section(&leray_dataset_well, yaml, &ds));
    assert_int_equal(ds->windows.n_samples, 2);
    assert_int_equal(ds->windows.info.n_state, 3);
    assert_int_equal(ds->windows.info.n_static, 1);
    assert_true(ds->windows.info.autoregressive);
    assert_int_equal(ds->windows.stride, 2);
    assert_close(ds->windows.info.interval, 1, 0);
    assert_true(leray_grid_is_periodic(&ds->trajectories->grid, 1) &&
                !leray_grid_is_periodic(&ds->trajectories->grid, 0));
    for (int c = 0; c < 7; c++)
        assert_string_equal(leray_sample_input_name(&ds->windows.info, c, sizeof text, text),
                            names[c]);
    assert_string_equal(ds->windows.info.output.item[2].name, "velocity_x");
    assert_string_equal(ds->windows.info.output.item[0].unit, "1/s");
    assert_int_equal(ds->windows.info.n_parameters, 1);
    assert_string_equal(ds->windows.info.parameter[0].name, "nu");
    for (int i = 0; i < 2; i++) {
        int t = 2 * i, trajectory, step;

        leray_windows_locate(&ds->windows, i, &trajectory, &step);
        assert_int_equal(trajectory, t);
        assert_int_equal(step, 0);
        assert_ok(leray_windows_read(&ds->windows, i, x, y, &nu, NULL));
        assert_true(nu == (float)well_nu(t));
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < WELL_POINTS; k++) {
                assert_true(x[c * WELL_POINTS + k] == (float)well_value(t, 0, field[c], k));
                assert_true(x[(3 + c) * WELL_POINTS + k] == (float)well_value(t, 2, field[c], k));
                assert_true(y[c * WELL_POINTS + k] == (float)well_value(t, 4, field[c], k));
            }
        for (int k = 0; k < WELL_POINTS; k++)
            assert_true(x[6 * WELL_POINTS + k] == (float)well_value(t, 0, 3, k));
    }
    leray_dataset_destroy(&ds);
}

/* Steps 0 -> 1, 1 -> 2, ..: 4 + 2 + 4 samples, and the answer of sample i is the newest frame
   of sample i + stride. */
static void well_trajectories_chain(void **state)
{
    char yaml[YAML_MAX], path[LERAY_PATH_MAX];
    float x[WELL_POINTS], y[WELL_POINTS];
    leray_dataset *ds;
    int links = 0;

    assert_ok(well_write_file(file_in(state, "c.h5", path)));
    snprintf(yaml, sizeof yaml, "path: %s\ninputs: vorticity\nparameters: none\n", path);
    assert_ok(open_section(&leray_dataset_well, yaml, &ds));
    assert_int_equal(ds->windows.n_samples, 10);
    assert_int_equal(ds->windows.info.n_parameters, 0);
    for (int i = 0; i + ds->windows.stride < ds->windows.n_samples; i++) {
        int here, there, step;

        leray_windows_locate(&ds->windows, i, &here, &step);
        leray_windows_locate(&ds->windows, i + ds->windows.stride, &there, &step);
        if (here != there) continue;
        assert_ok(leray_windows_read(&ds->windows, i, x, y, NULL, NULL));
        assert_ok(leray_windows_read(&ds->windows, i + ds->windows.stride, x, NULL, NULL, NULL));
        assert_memory_equal(x, y, sizeof y);
        links++;
    }
    assert_int_equal(links, 7);
    leray_dataset_destroy(&ds);
}

static void well_pairs_of_one_instant(void **state)
{
    char yaml[YAML_MAX], path[LERAY_PATH_MAX];
    float x[WELL_POINTS], y[WELL_POINTS];
    leray_dataset *ds;

    assert_ok(well_write_file(file_in(state, "p.h5", path)));
    snprintf(yaml, sizeof yaml,
             "path: %s\ninputs: a\noutputs: vorticity\nlead: 0\nfirst: 1\ncount: 1\n"
             "parameters: nu, gravity\n",
             path);
    assert_ok(open_section(&leray_dataset_well, yaml, &ds));
    assert_int_equal(ds->windows.n_samples, 3);
    assert_int_equal(ds->windows.info.n_parameters, 2);
    assert_false(ds->windows.info.autoregressive);
    assert_ok(leray_windows_read(&ds->windows, 2, x, y, NULL, NULL));
    for (int k = 0; k < WELL_POINTS; k++) {
        assert_true(x[k] == (float)well_value(1, 0, 3, k));
        assert_true(y[k] == (float)well_value(1, 2, 0, k));
    }
    leray_dataset_destroy(&ds);
    snprintf(yaml, sizeof yaml, "path: %s\ninputs: a\noutputs: a\n", path);
    assert_ok(open_section(&leray_dataset_well, yaml, &ds));
    assert_int_equal(ds->windows.n_samples, 3); /* nothing depends on time: one per trajectory */
    assert_ok(leray_windows_read(&ds->windows, 1, x, y, NULL, NULL));
    leray_dataset_destroy(&ds);
}

static void well_sections_are_checked(void **state)
{
    static const struct {
        const char *yaml, *words;
        leray_status status;
    } cases[] = {
        {"inputs: pressure",                          "no field 'pressure'",  LERAY_ERR_DATA  },
        {"inputs: a, a",                              "named twice",          LERAY_ERR_CONFIG},
        {"inputs: a",                                 "name the outputs",     LERAY_ERR_CONFIG},
        {"inputs: a\noutputs: vorticity\nhistory: 2", "no input depends",     LERAY_ERR_CONFIG},
        {"lead: 0",                                   "lead is 0",            LERAY_ERR_CONFIG},
        {"history: 5",                                "6 frames",             LERAY_ERR_CONFIG},
        {"first: 3",                                  "first = 3, count = 0", LERAY_ERR_CONFIG},
        {"first: 1\ncount: 3",                        "first = 1, count = 3", LERAY_ERR_CONFIG},
        {"parameters: rho",                           "no scalar 'rho'",      LERAY_ERR_CONFIG},
        {"history: 0",                                "history",              LERAY_ERR_CONFIG},
        {"histori: 1",                                "history",              LERAY_ERR_CONFIG},
    };
    char yaml[YAML_MAX], path[LERAY_PATH_MAX];
    leray_dataset *ds;

    assert_ok(well_write_file(file_in(state, "s.h5", path)));
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        snprintf(yaml, sizeof yaml, "path: %s\n%s\n", path, cases[k].yaml);
        assert_fails(open_section(&leray_dataset_well, yaml, &ds), cases[k].status, cases[k].words);
        assert_null(ds);
    }
    assert_fails(open_section(&leray_dataset_well, "path: /nowhere/a.h5\n", &ds), LERAY_ERR_DATA,
                 "/nowhere/a.h5");
}

/* Inputs [3, 2, 4, 5] hold 0, 1, ..; outputs [3, 4, 5] likewise. */
static void npy_samples_are_the_right_rows(void **state)
{
    char yaml[YAML_MAX], more[2 * YAML_MAX];
    float x[40], y[20];
    leray_dataset *ds;

    example(state, "npy-pairs", yaml);
    snprintf(more, sizeof more, "%sfirst: 1\nlength: [2, 3]\nperiodic: true\n", yaml);
    assert_ok(open_section(&leray_dataset_npy_pairs, more, &ds));
    assert_int_equal(ds->windows.n_samples, 2);
    assert_int_equal(leray_sample_inputs(&ds->windows.info), 2);
    assert_int_equal(leray_sample_outputs(&ds->windows.info), 1);
    assert_int_equal(ds->trajectories->grid.axis[0].n, 4);
    assert_int_equal(ds->trajectories->grid.axis[1].n, 5);
    assert_true(ds->trajectories->grid.axis[0].length == 2 &&
                ds->trajectories->grid.axis[1].length == 3 &&
                leray_grid_is_periodic(&ds->trajectories->grid, 0));
    for (int i = 0; i < 2; i++) {
        assert_ok(leray_windows_read(&ds->windows, i, x, y, NULL, NULL));
        for (int k = 0; k < 40; k++) assert_true(x[k] == (float)(40 * (i + 1) + k));
        for (int k = 0; k < 20; k++) assert_true(y[k] == (float)(20 * (i + 1) + k));
    }
    leray_dataset_destroy(&ds);
}

static void npy_sections_are_checked(void **state)
{
    static const struct {
        const char *yaml, *words;
        leray_status status;
    } cases[] = {
        {"first: 3",          "first = 3, count = 0", LERAY_ERR_CONFIG},
        {"count: 4",          "first = 0, count = 4", LERAY_ERR_CONFIG},
        {"ndim: 1",           "rank 4, expected 2",   LERAY_ERR_DATA  },
        {"length: [1, 1, 1]", "length has 3 entries", LERAY_ERR_CONFIG},
        {"length: 0",         "length",               LERAY_ERR_CONFIG},
    };
    char yaml[YAML_MAX], more[2 * YAML_MAX], path[LERAY_PATH_MAX];
    double x[20] = {0};
    leray_dataset *ds;

    example(state, "npy-pairs", yaml);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        snprintf(more, sizeof more, "%s%s\n", yaml, cases[k].yaml);
        assert_fails(open_section(&leray_dataset_npy_pairs, more, &ds), cases[k].status,
                     cases[k].words);
    }
    file_in(state, "y.npy", path);
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 3, (int64_t[]){3, 2, 3}, x));
    assert_fails(open_section(&leray_dataset_npy_pairs, yaml, &ds), LERAY_ERR_DATA,
                 "different grids");
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 3, (int64_t[]){1, 4, 5}, x));
    assert_fails(open_section(&leray_dataset_npy_pairs, yaml, &ds), LERAY_ERR_DATA,
                 "x.npy has 3 samples");
    assert_fails(open_section(&leray_dataset_npy_pairs, "inputs: x.npy\n", &ds), LERAY_ERR_CONFIG,
                 "outputs");
}

static void values_that_overflow_float_are_found(void **state)
{
    char yaml[YAML_MAX], path[LERAY_PATH_MAX];
    double y[60] = {0};
    float x[40], z[20];
    leray_dataset *ds;

    example(state, "npy-pairs", yaml);
    y[25] = 1e300;
    file_in(state, "y.npy", path);
    assert_ok(leray_npy_write(path, LERAY_NPY_F8, 3, (int64_t[]){3, 4, 5}, y));
    assert_ok(open_section(&leray_dataset_npy_pairs, yaml, &ds));
    assert_ok(leray_windows_read(&ds->windows, 0, x, z, NULL, NULL));
    assert_fails(leray_windows_read(&ds->windows, 1, x, z, NULL, NULL), LERAY_ERR_DATA,
                 "trajectory 1, frame 0: 'output0'");
    leray_dataset_destroy(&ds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_keeps_the_contract),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(well_samples_are_the_right_frames),
        cmocka_unit_test(well_trajectories_chain),
        cmocka_unit_test(well_pairs_of_one_instant),
        cmocka_unit_test(well_sections_are_checked),
        cmocka_unit_test(npy_samples_are_the_right_rows),
        cmocka_unit_test(npy_sections_are_checked),
        cmocka_unit_test(values_that_overflow_float_are_found),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
