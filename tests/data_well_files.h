/* tests/data_well_files.h - a small ensemble whose every value is a known function of its place. */
#ifndef LERAY_TESTS_DATA_WELL_FILES_H
#define LERAY_TESTS_DATA_WELL_FILES_H

#include "data_files.h"

#include "data/formats/well/well.h"

enum {
    WELL_NY = 4,
    WELL_NX = 6,
    WELL_POINTS = WELL_NY * WELL_NX,
    WELL_TRAJECTORIES = 3,
    WELL_STEPS = 5
};

/* Fields: 0 vorticity, 1 velocity_x, 2 velocity_y, 3 a (static), 4 velocity_magnitude. */
static inline double well_value(int trajectory, int step, int field, int point)
{
    return 1000 * trajectory + 100 * (field == 3 ? 0 : step) + 20 * field + point / 32.0;
}

static inline double well_nu(int trajectory) { return 0.125 / (1 + trajectory); }

/* Trajectory 1 stops after 3 steps, as if its simulation had failed. */
static inline int well_valid(int trajectory) { return trajectory == 1 ? 3 : WELL_STEPS; }

typedef struct well_frame {
    leray_frame frame;
    leray_frame_field field[5];
    leray_grid grid;
    double values[5][WELL_POINTS];
} well_frame;

static inline void well_fill(int trajectory, int step, well_frame *f)
{
    static const char *const names[] = {"vorticity", "velocity_x", "velocity_y", "a",
                                        "velocity_magnitude"};
    static const char *const units[] = {"1/s", "m/s", "m/s", "1", "m/s"};

    f->grid = (leray_grid){
        .ndim = 2,
        .axis = {{.unit = "m",
                  .n = WELL_NY,
                  .points = LERAY_AT_CENTRES,
                  .boundary = {LERAY_WALL, LERAY_OPEN},
                  .length = 2},
                 {.unit = "m", .n = WELL_NX, .length = 3}}
    };
    f->frame = (leray_frame){
        .time = 0.5 * step, .grid = &f->grid, .count = WELL_NY, .nfields = 5, .field = f->field};
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < WELL_POINTS; i++) f->values[k][i] = well_value(trajectory, step, k, i);
        f->field[k] = (leray_frame_field){names[k], units[k], f->values[k]};
    }
}

static inline leray_well_description well_describe(void)
{
    static const leray_well_constant constants[] = {
        {"gravity",           "m/s^2", 9.75},
        {"forcing.amplitude", "1",     0   }
    };
    static const leray_well_sampled sampled[] = {
        {"nu", "m^2/s"}
    };
    static const char *const static_fields[] = {"a"};

    return (leray_well_description){.dataset_name = "test_flow",
                                    .n_trajectories = WELL_TRAJECTORIES,
                                    .n_steps = WELL_STEPS,
                                    .time_unit = "s",
                                    .n_constants = 2,
                                    .constants = constants,
                                    .n_sampled = 1,
                                    .sampled = sampled,
                                    .n_static = 1,
                                    .static_fields = static_fields,
                                    .provenance = "{\"seed\": 7}"};
}

/* Trajectories are interleaved, as running simulations would deliver them. */
static inline leray_status well_write_frames(leray_well_writer *w)
{
    well_frame f;

    for (int step = 0; step < WELL_STEPS; step++)
        for (int t = WELL_TRAJECTORIES - 1; t >= 0; t--) {
            double nu = well_nu(t);

            if (step >= well_valid(t)) continue;
            well_fill(t, step, &f);
            LERAY_TRY(leray_well_write(w, t, step, &f.frame));
            if (step == 1) LERAY_TRY(leray_well_write_parameters(w, t, &nu));
        }
    return LERAY_OK;
}

static inline leray_status well_write_file(const char *path)
{
    leray_well_description d = well_describe();
    leray_well_writer *w;
    leray_status status;
    well_frame f;

    well_fill(0, 0, &f);
    LERAY_TRY(leray_well_create(path, &d, &f.frame, &w));
    status = well_write_frames(w);
    if (status) leray_well_abandon(&w);
    else status = leray_well_commit(&w);
    return status;
}

#endif
